/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expansion: a script, one value for each of its parameters and the facts of a machine become the
 * list of lines that take place.
 *
 * A walk over the lines. `repeat` walks its body again with its counter in scope, `when` walks one
 * of its branches, `use` walks another script. The walk always ends: every line that is passed
 * counts against MAX_LINES, also one that leaves nothing behind, so that nested empty repeats end
 * too.
 */
#include "harness/script/expand.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/numbering.h"

#define MAX_LINES	 10000
#define MAX_COMBINATIONS 10000
#define MAX_USES	 8 /* nested */

/* ---- names in scope ---- */

const struct binding *scope_find(const struct scope *s, const char *name)
{
	for (size_t i = s->count; i-- > 0;) {
		if (strcmp(s->bindings[i].name, name) == 0)
			return &s->bindings[i];
	}
	return NULL;
}

const char *scope_meant(const struct scope *s, const char *name)
{
	const char **names = arena_alloc(s->arena, (s->count + 1) * sizeof(*names));
	const char *meant;

	for (size_t i = 0; i < s->count; i++)
		names[i] = s->bindings[i].name;
	meant = nearest(name, names);
	return meant ? arena_printf(s->arena, "; did you mean $%s?", meant) : "";
}

/* ---- parameters ---- */

static struct binding number_binding(struct arena *a, const char *name, int64_t number,
				     struct place at)
{
	return (struct binding){.name = name,
				.text = arena_printf(a, "%lld", (long long)number),
				.number = number,
				.is_number = true,
				.place = at};
}

/* The values of a `param` line, each for as many names, name after name. */
struct choices {
	struct binding *list;
	size_t names, count; /* count values in the list, count / names of which are first ones */
};

static const char *param_name(const struct assignment *param, size_t i)
{
	return i ? param->more[i - 1] : param->name;
}

/* The value of the i-th name in (0 1 SA_RESTART). */
static bool add_member(struct arena *a, const struct assignment *param, size_t i,
		       struct choices *to, struct diagnostics *c)
{
	const struct value *v = param->values[i];
	const char *name = param_name(param, i % to->names);
	struct binding b = {.name = name, .text = param->words[i], .place = param->places[i]};

	if (v && v->kind != VALUE_INT) {
		diagnose(c, v->place, "expected a number or a word");
		return false;
	}
	if (v)
		b = number_binding(a, name, v->number, param->places[i]);
	b.follows = i % to->names > 0;
	*arena_push(a, to->list, to->count) = b;
	return true;
}

static bool add_value(struct arena *a, const struct assignment *param, size_t i, struct choices *to,
		      struct diagnostics *c)
{
	const struct value *v = param->values[i];
	int64_t first, last;

	if (!v || to->names > 1)
		return add_member(a, param, i, to, c);
	if (v->kind == VALUE_RANGE && v->left->kind == VALUE_INT && v->right->kind == VALUE_INT) {
		first = v->left->number;
		last = v->right->number;
	} else if (v->kind == VALUE_INT) {
		first = last = v->number;
	} else {
		diagnose(c, v->place, "expected a number, a range of numbers or a word");
		return false;
	}
	if (first > last || (uint64_t)last - (uint64_t)first >= MAX_COMBINATIONS) {
		diagnose(c, v->place, "this range is empty or too long");
		return false;
	}
	/* Counted from 0, since `last` may be the largest number there is. */
	for (int64_t n = 0; n <= last - first; n++)
		*arena_push(a, to->list, to->count) =
		    number_binding(a, param->name, first + n, param->places[i]);
	return true;
}

/* `param family = 4 6` chooses the family of the run. */
static bool are_families(const struct choices *choices, size_t from, struct diagnostics *c)
{
	for (size_t i = from; i < choices->count; i++) {
		const struct binding *b = &choices->list[i];

		if (strcmp(b->name, "family") != 0 ||
		    (b->is_number && (b->number == 4 || b->number == 6)))
			continue;
		diagnose(c, b->place, "a family is 4 or 6, not %s", b->text);
		return false;
	}
	return true;
}

/* No other param, and no other name of this one, has that name. */
static bool are_new(struct arena *a, struct numbering *names, const struct assignment *param,
		    struct diagnostics *c)
{
	for (size_t i = 0; i <= param->more_count; i++) {
		const char *name = param_name(param, i);

		if (number_find(names, name) >= 0) {
			diagnose(c, param->place, "there is a param '%s' already", name);
			return false;
		}
		number_give(a, names, name);
	}
	return true;
}

/* A run is named after the first name's value. */
static bool are_distinct(struct arena *a, const struct choices *choices,
			 const struct assignment *param, struct diagnostics *c)
{
	struct numbering values = {0};

	for (size_t i = 0; i < choices->count; i += choices->names) {
		const char *value = choices->list[i].text;

		if (number_find(&values, value) >= 0) {
			diagnose(c, choices->list[i].place, "%s = %s is written twice", param->name,
				 value);
			return false;
		}
		number_give(a, &values, value);
	}
	return true;
}

static bool collect(struct arena *a, const struct script *s, struct choices **params, size_t *count,
		    struct diagnostics *c)
{
	size_t depth = 0, combinations = 1;
	struct numbering names = {0};

	for (size_t i = 0; i < s->line_count; i++) {
		const struct line *line = &s->lines[i];
		const struct assignment *param = &line->assignment;
		struct choices *choices;

		depth += line->kind == LINE_REPEAT || line->kind == LINE_WHEN;
		depth -= line->kind == LINE_END;
		if (line->kind != LINE_PARAM)
			continue;
		if (depth) {
			diagnose(c, line->place, "a param cannot be within a repeat or a when");
			return false;
		}
		choices = arena_push(a, *params, *count);
		choices->names = 1 + param->more_count;
		for (size_t j = 0; j < param->count; j++) {
			size_t from = choices->count;

			if (!add_value(a, param, j, choices, c) || !are_families(choices, from, c))
				return false;
		}
		if (!are_new(a, &names, param, c) || !are_distinct(a, choices, param, c))
			return false;
		combinations *= choices->count / choices->names;
		if (combinations > MAX_COMBINATIONS) {
			diagnose(c, line->place, "the params make more than %d combinations",
				 MAX_COMBINATIONS);
			return false;
		}
	}
	return true;
}

size_t script_combinations(struct arena *a, const struct script *s, struct binding ***sets,
			   size_t *binding_count, struct diagnostics *c)
{
	struct choices *params = NULL;
	size_t count = 0, combinations = 1;

	*binding_count = 0;
	*sets = NULL;
	if (!collect(a, s, &params, &count, c))
		return 0;
	for (size_t i = 0; i < count; i++) {
		combinations *= params[i].count / params[i].names;
		*binding_count += params[i].names;
	}
	*sets = arena_alloc(a, combinations * sizeof(**sets));
	for (size_t i = 0; i < combinations; i++) {
		size_t rest = i, at = *binding_count;

		(*sets)[i] = arena_alloc(a, (*binding_count + 1) * sizeof(***sets));
		for (size_t j = count; j-- > 0;) {
			size_t names = params[j].names, choices = params[j].count / names;

			at -= names;
			memcpy(&(*sets)[i][at], &params[j].list[rest % choices * names],
			       names * sizeof(***sets));
			rest /= choices;
		}
	}
	return combinations;
}

/* ---- the walk ---- */

struct expansion {
	struct scope scope;
	use_fn *use;
	void *use_context;
	struct run *run;
	bool counting; /* only that: no line is made */
	size_t passed; /* lines, against MAX_LINES */
	const char *used[MAX_USES];
	int use_depth;
	struct place used_at;	/* the line of the run's own script that is being walked into */
	struct place repeat_at; /* the innermost repeat */
	int iteration;
	bool stopped;
	bool has_program[LAB_HOSTS]; /* what is written of that host's calls is observed */
};

static void walk(struct expansion *x, const struct script *s, size_t from, size_t to);

static bool is_opener(enum line_kind kind)
{
	return kind == LINE_REPEAT || kind == LINE_WHEN;
}

/* The `end` of the block that line `i` opens; `*other` its `else`, or the end. */
static size_t block_end(const struct script *s, size_t i, size_t *other)
{
	size_t depth = 0;

	*other = 0;
	for (; i < s->line_count; i++) {
		depth += is_opener(s->lines[i].kind);
		if (s->lines[i].kind == LINE_ELSE && depth == 1)
			*other = i;
		if (s->lines[i].kind == LINE_END && --depth == 0)
			break;
	}
	if (!*other)
		*other = i;
	return i;
}

static bool pass(struct expansion *x, struct place at)
{
	if (x->stopped)
		return false;
	if (++x->passed <= MAX_LINES)
		return true;
	diagnose(x->scope.diagnostics, x->repeat_at.source ? x->repeat_at : at,
		 "the script has more than %d lines here", MAX_LINES);
	x->stopped = true;
	return false;
}

static void walk_repeat(struct expansion *x, const struct script *s, size_t from, size_t to)
{
	const struct line *line = &s->lines[from];
	const struct value *count = value_substitute(&x->scope, line->repeat.count);
	struct place outer_at = x->repeat_at;
	int outer_iteration = x->iteration;
	size_t bindings = x->scope.count, diagnostics = x->scope.diagnostics->count;

	if (count->kind != VALUE_INT || count->number < 0) {
		diagnose(x->scope.diagnostics, count->place,
			 "how often must be known before the run, and at least 0");
		return;
	}
	x->repeat_at = line->place;
	/* A round with a mistake is the last: the others would only have the same one. */
	for (int64_t i = 0;
	     i < count->number && !x->stopped && x->scope.diagnostics->count == diagnostics; i++) {
		size_t passed = x->passed;

		x->iteration = (int)i + 1;
		if (line->repeat.as) {
			struct binding counter =
			    number_binding(x->scope.arena, line->repeat.as, i, (struct place){0});

			*arena_push(x->scope.arena, x->scope.bindings, x->scope.count) = counter;
		}
		walk(x, s, from + 1, to);
		if (x->passed == passed)
			pass(x, line->place); /* also a round without any line */
		x->scope.count = bindings;
	}
	x->repeat_at = outer_at;
	x->iteration = outer_iteration;
}

/*
 * Lines from the first that is more than a comment: a beginning's title is not part of who uses it.
 */
static size_t after_head(const struct script *s)
{
	size_t i = 0;

	while (i < s->line_count && s->lines[i].kind == LINE_NOTE)
		i++;
	return i;
}

static void walk_use(struct expansion *x, const struct line *written)
{
	const struct line named = line_substitute(&x->scope, written), *line = &named;
	struct place outer = x->used_at, outer_repeat = x->repeat_at;
	int outer_iteration = x->iteration;
	struct script *used;

	for (int i = 0; i < x->use_depth; i++) {
		if (strcmp(x->used[i], line->use) == 0) {
			diagnose(x->scope.diagnostics, line->place, "'%s' uses itself", line->use);
			return;
		}
	}
	if (x->use_depth == MAX_USES) {
		diagnose(x->scope.diagnostics, line->place, "uses are nested more than %d deep",
			 MAX_USES);
		return;
	}
	used = x->use(x->use_context, line->use, line->place, x->scope.diagnostics);
	if (!used) {
		x->stopped = true;
		return;
	}
	x->used[x->use_depth++] = line->use;
	if (!outer.source)
		x->used_at = x->scope.diagnostics->used_at = line->place;
	x->repeat_at = (struct place){0};
	x->iteration = 0;
	walk(x, used, after_head(used), used->line_count);
	x->iteration = outer_iteration;
	x->repeat_at = outer_repeat;
	x->used_at = x->scope.diagnostics->used_at = outer;
	x->use_depth--;
}

/* From `H program` on, the lines of H's calls are about the program. */
static void observe(struct expansion *x, struct line *line)
{
	enum host host = line->actor.id;

	if (!line->actor.host || host < 0 || host >= LAB_HOSTS)
		return;
	if (line->kind == LINE_PROGRAM || line->kind == LINE_CRASH)
		x->has_program[host] = line->kind == LINE_PROGRAM && host != HOST_ROUTER;
	if (!x->has_program[host])
		return;
	if (line->kind == LINE_CALL)
		line->kind = LINE_OBSERVED;
	else if (line->kind == LINE_RESUME)
		line->kind = LINE_RETURNED;
}

static void emit(struct expansion *x, const struct line *line)
{
	struct line copy;

	if (x->counting)
		return;
	copy = line_substitute(&x->scope, line);
	observe(x, &copy);
	copy.used_at = x->used_at;
	copy.repeat_at = x->repeat_at;
	copy.iteration = x->iteration;
	*arena_push(x->scope.arena, x->run->lines, x->run->line_count) = copy;
}

static void walk_needs(struct expansion *x, const struct line *line)
{
	size_t diagnostics_before = x->scope.diagnostics->count;

	if (!condition_holds(&x->scope, &line->condition) && !x->run->skip &&
	    x->scope.diagnostics->count == diagnostics_before)
		x->run->skip = condition_unmet(&x->scope, &line->condition);
}

static void walk(struct expansion *x, const struct script *s, size_t from, size_t to)
{
	for (size_t i = from; i < to && pass(x, s->lines[i].place); i++) {
		const struct line *line = &s->lines[i];
		size_t other, end;

		switch (line->kind) {
		case LINE_REPEAT:
			end = block_end(s, i, &other);
			walk_repeat(x, s, i, end);
			i = end;
			break;
		case LINE_WHEN:
			end = block_end(s, i, &other);
			if (condition_holds(&x->scope, &line->condition))
				walk(x, s, i + 1, other);
			else
				walk(x, s, other + 1, end);
			i = end;
			break;
		case LINE_USE:
			walk_use(x, line);
			break;
		case LINE_NEEDS:
			walk_needs(x, line);
			break;
		case LINE_PARAM:
			if (x->use_depth)
				diagnose(x->scope.diagnostics, line->place,
					 "a script with a param cannot be used by another");
			break;
		case LINE_FAILURE:
			if (x->use_depth)
				diagnose(x->scope.diagnostics, line->place,
					 "a failure cannot be used by another script");
			emit(x, line);
			break;
		case LINE_ACKS:
			x->run->acks_exact = true;
			emit(x, line);
			break;
		case LINE_CAPTURE:
			x->run->headers = true;
			emit(x, line);
			break;
		default:
			emit(x, line);
			break;
		}
	}
}

/*
 * $port, and the lengths of what is sent, in scripts about programs; unless the script has a param
 * of that name.
 */
static void predefine(struct expansion *x, const struct script *s)
{
	struct arena *a = x->scope.arena;
	bool has_program = false;

	for (size_t i = 0; i < s->line_count; i++)
		has_program = has_program || s->lines[i].kind == LINE_PROGRAM ||
			      s->lines[i].kind == LINE_FAILURE;
	if (!has_program)
		return;
	*arena_push(a, x->scope.bindings, x->scope.count) =
	    number_binding(a, "port", facts_port(&x->scope.facts), (struct place){0});
	*arena_push(a, x->scope.bindings, x->scope.count) = number_binding(
	    a, "answer", (int64_t)content_answer(a, &x->scope.facts).length, (struct place){0});
	*arena_push(a, x->scope.bindings, x->scope.count) = number_binding(
	    a, "ask", (int64_t)content_ask(a, &x->scope.facts).length, (struct place){0});
}

/* With the values of one combination in scope. */
static void begin(struct expansion *x, const struct script *s, const struct binding *bindings,
		  size_t count)
{
	const struct binding *family;

	predefine(x, s);
	for (size_t i = 0; i < count; i++)
		*arena_push(x->scope.arena, x->scope.bindings, x->scope.count) = bindings[i];
	family = scope_find(&x->scope, "family");
	if (family)
		x->scope.facts.family = (int)family->number;
}

bool script_count(struct arena *a, const struct script *s, const struct facts *facts,
		  const struct binding *bindings, size_t binding_count, use_fn *use,
		  void *use_context, size_t *lines, struct diagnostics *c)
{
	struct run none = {0};
	struct expansion x = {
	    .scope = {.arena = a, .diagnostics = c, .facts = *facts},
	    .use = use,
	    .use_context = use_context,
	    .run = &none,
	    .counting = true,
	};
	size_t diagnostics_before = c->count;

	begin(&x, s, bindings, binding_count);
	walk(&x, s, 0, s->line_count);
	*lines = x.passed;
	return c->count == diagnostics_before;
}

bool script_expand(struct arena *a, const struct script *s, const struct facts *facts,
		   const struct binding *bindings, size_t binding_count, use_fn *use,
		   void *use_context, struct run *run, struct diagnostics *c)
{
	struct expansion x = {
	    .scope = {.arena = a, .diagnostics = c, .facts = *facts},
	    .use = use,
	    .use_context = use_context,
	    .run = run,
	};
	size_t diagnostics_before = c->count;

	*run = (struct run){.script = s, .bindings = bindings, .binding_count = binding_count};
	begin(&x, s, bindings, binding_count);
	run->facts = x.scope.facts;
	walk(&x, s, 0, s->line_count);

	run->first_own = run->line_count;
	for (size_t i = run->line_count; i-- > 0;) {
		if (!run->lines[i].used_at.source && line_role(&run->lines[i]) != ROLE_NOTE)
			run->first_own = i;
	}
	return c->count == diagnostics_before;
}
