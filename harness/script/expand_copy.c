/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copying a line with its names replaced. Everything that can contain a $name is copied deeply,
 * since the same parsed line is expanded once for each iteration and each combination of
 * parameters.
 *
 * $n as a value becomes its number or, among arguments, its word; where a word of the language
 * stands (a state, an errno), and within a name (c$i), it becomes that word or part of it, and must
 * be known. A value that is not known before the run stays, to be bound by what is seen.
 */
#include "harness/script/expand.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/icmp.h"

/* ---- names ---- */

/* Far below what an actor can tell of a call (actor_wire.h): a name that is cut is another one. */
#define LONGEST_SPLICED 2000

static const char *splice(struct scope *s, const char *text, struct place at)
{
	const char *dollar = text ? strchr(text, '$') : NULL, *out;

	if (!dollar)
		return text;
	out = arena_strndup(s->arena, text, (size_t)(dollar - text));
	while (*dollar) {
		const struct binding *b;
		const char *name = dollar + 1, *end = name, *next;

		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
		name = arena_strndup(s->arena, name, (size_t)(end - name));
		b = scope_find(s, name);
		if (!b) {
			diagnose(
			    s->diagnostics, at,
			    "$%s in '%s' has no value here; it must be a param, or the counter of "
			    "a repeat%s",
			    name, text, scope_meant(s, name));
			return out;
		}
		next = end + strcspn(end, "$");
		out = arena_printf(s->arena, "%s%s%.*s", out, b->text, (int)(next - end), end);
		dollar = next;
	}
	if (strlen(out) > LONGEST_SPLICED)
		diagnose(s->diagnostics, at, "'%s' becomes a word of more than %d characters", text,
			 LONGEST_SPLICED);
	return out;
}

/*
 * A word that is a whole parameter: then its place is where the parameter has its value, and
 * diagnostics point there.
 */
static const char *splice_word(struct scope *s, const char *text, struct place *at)
{
	const struct binding *b = text && *text == '$' ? scope_find(s, text + 1) : NULL;

	text = splice(s, text, *at);
	if (b && b->place.source)
		*at = b->place;
	return text;
}

/* ---- values ---- */

bool value_compute(char op, int64_t a, int64_t b, int64_t *result)
{
	if (op == '+')
		return !__builtin_add_overflow(a, b, result);
	if (op == '-')
		return !__builtin_sub_overflow(a, b, result);
	return !__builtin_mul_overflow(a, b, result);
}

static void fold(struct scope *s, struct value *v)
{
	if (v->kind != VALUE_SUM || v->left->kind != VALUE_INT || v->right->kind != VALUE_INT)
		return;
	if (!value_compute(v->op, v->left->number, v->right->number, &v->number))
		diagnose(s->diagnostics, v->place, "the result is too large a number");
	v->kind = VALUE_INT;
	v->left = v->right = NULL;
}

struct value *value_substitute(struct scope *s, const struct value *v)
{
	struct value *copy;

	if (!v)
		return NULL;
	copy = arena_new(s->arena, struct value);
	*copy = *v;
	if (v->kind == VALUE_VARIABLE) {
		const struct binding *b = scope_find(s, v->name);

		if (b && b->place.source)
			copy->place = b->place;
		if (b && b->is_number) {
			copy->kind = VALUE_INT;
			copy->number = b->number;
		} else if (b) {
			diagnose(s->diagnostics, copy->place, "$%s is %s, and should be a number",
				 v->name, b->text);
		}
		return copy;
	}
	copy->left = value_substitute(s, v->left);
	copy->right = value_substitute(s, v->right);
	fold(s, copy);
	return copy;
}

/* ---- arguments, calls ---- */

static struct arg **copy_args(struct scope *s, struct arg *const *args, size_t count);

static void copy_address(struct scope *s, struct address *a)
{
	a->host = splice_word(s, a->host, &a->place);
	a->port = value_substitute(s, a->port);
}

static void copy_value_arg(struct scope *s, struct arg *arg)
{
	const struct binding *b =
	    arg->value->kind == VALUE_VARIABLE ? scope_find(s, arg->value->name) : NULL;

	if (!b || b->is_number) {
		arg->value = value_substitute(s, arg->value);
		return;
	}
	arg->kind = ARG_NAMES;
	arg->value = NULL;
	arg->place = b->place;
	*arena_push(s->arena, arg->names, arg->name_count) = b->text;
}

static struct arg *copy_arg(struct scope *s, const struct arg *from)
{
	struct arg *arg = arena_new(s->arena, struct arg);

	*arg = *from;
	if (arg->kind == ARG_VALUE)
		copy_value_arg(s, arg);
	copy_address(s, &arg->address);
	if (from->name_count) {
		arg->names = arena_alloc(s->arena, from->name_count * sizeof(*arg->names));
		for (size_t i = 0; i < from->name_count; i++)
			arg->names[i] = splice_word(s, from->names[i], &arg->place);
	}
	arg->items = copy_args(s, from->items, from->item_count);
	return arg;
}

static struct arg **copy_args(struct scope *s, struct arg *const *args, size_t count)
{
	struct arg **copy = count ? arena_alloc(s->arena, count * sizeof(*copy)) : NULL;

	for (size_t i = 0; i < count; i++)
		copy[i] = copy_arg(s, args[i]);
	return copy;
}

static void copy_result(struct scope *s, struct result *r)
{
	const struct binding *b = r->kind == RESULT_VALUE && r->value->kind == VALUE_VARIABLE
				      ? scope_find(s, r->value->name)
				      : NULL;

	if (b && !b->is_number) {
		r->kind = RESULT_NAME;
		r->name = b->text;
		r->place = b->place;
		r->value = NULL;
	}
	r->value = value_substitute(s, r->value);
	r->name = splice_word(s, r->name, &r->place);
	r->error = splice_word(s, r->error, &r->error_place);
	r->seen = copy_args(s, r->seen, r->seen_count);
}

static void copy_call(struct scope *s, struct line *line)
{
	line->call.args = copy_args(s, line->call.args, line->call.arg_count);
	copy_result(s, &line->call.result);
}

/* ---- segments, faults ---- */

/* Its row, and the word that messages show; NULL: a number in it is not known. */
static const struct icmp_row *copy_icmp(struct scope *s, struct icmp_number *n, const char **word)
{
	struct icmp_row *row;
	bool any;

	n->type = value_substitute(s, n->type);
	n->code = value_substitute(s, n->code);
	any = !n->code || n->code->kind == VALUE_ANY;
	*word = "of a number";
	if (!any && n->code->kind != VALUE_INT)
		return NULL;
	row = arena_new(s->arena, struct icmp_row);
	row->v4_type = row->v6_type = (int)n->type->number;
	row->v4_code = row->v6_code = any ? -1 : (int)n->code->number;
	row->is_numbered = true;
	row->word = any ? arena_printf(s->arena, "%d", row->v4_type)
			: arena_printf(s->arena, "%d/%d", row->v4_type, row->v4_code);
	*word = row->word;
	return row;
}

static void copy_pattern(struct scope *s, struct segment_pattern *p)
{
	struct value **values[] = {&p->seq,	  &p->end,	   &p->length, &p->ack,
				   &p->window,	  &p->urgent,	   &p->mtu,    &p->inner_seq,
				   &p->inner_end, &p->inner_length};
	const struct option_pattern *options = p->options;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		*values[i] = value_substitute(s, *values[i]);
	for (int i = 0; i < IP_FIELDS; i++)
		p->ip[i] = value_substitute(s, p->ip[i]);
	if (p->option_count)
		p->options = arena_alloc(s->arena, p->option_count * sizeof(*options));
	for (size_t i = 0; i < p->option_count; i++) {
		p->options[i] = options[i];
		for (size_t j = 0; j < options[i].value_count; j++)
			p->options[i].values[j] = value_substitute(s, options[i].values[j]);
	}
	copy_address(s, &p->to);
	p->word = splice_word(s, p->word, &p->word_place);
	if (p->icmp_number.type)
		p->icmp = copy_icmp(s, &p->icmp_number, &p->word);
	p->inner_word = splice_word(s, p->inner_word, &p->inner_word_place);
	p->fate_at = splice_word(s, p->fate_at, &p->fate_place);
}

static void copy_segment(struct scope *s, struct line *line)
{
	copy_pattern(s, &line->segment);
}

static void copy_fault(struct scope *s, struct line *line)
{
	struct fault *f = &line->fault;

	f->pattern.from = splice_word(s, f->pattern.from, &f->pattern.place);
	f->with = splice_word(s, f->with, &f->with_place);
	if (f->with_number.type)
		f->answer = copy_icmp(s, &f->with_number, &f->with);
	copy_pattern(s, &f->pattern.segment);
	f->every = value_substitute(s, f->every);
	f->skip = value_substitute(s, f->skip);
	f->times = value_substitute(s, f->times);
}

/* ---- the other lines ---- */

static void copy_use(struct scope *s, struct line *line)
{
	struct place at = line->place;

	line->use = splice_word(s, line->use, &at);
}

static void copy_ss(struct scope *s, struct line *line)
{
	struct ss_reading *ss = &line->ss;

	ss->what = splice_word(s, ss->what, &ss->what_place);
	ss->state = splice_word(s, ss->state, &ss->state_place);
	ss->recv_q = value_substitute(s, ss->recv_q);
	ss->send_q = value_substitute(s, ss->send_q);
	ss->timer_count = value_substitute(s, ss->timer_count);
}

static void copy_ps(struct scope *s, struct line *line)
{
	line->ps.what = splice_word(s, line->ps.what, &line->ps.what_place);
	line->ps.state = splice_word(s, line->ps.state, &line->ps.state_place);
}

static void copy_nstat(struct scope *s, struct line *line)
{
	const struct counter *from = line->nstat.list;

	line->nstat.list = arena_alloc(s->arena, line->nstat.count * sizeof(*from));
	for (size_t i = 0; i < line->nstat.count; i++) {
		line->nstat.list[i] = from[i];
		line->nstat.list[i].delta = value_substitute(s, from[i].delta);
	}
}

static void copy_sysctl(struct scope *s, struct line *line)
{
	struct place at = line->sysctl.name_place;

	line->sysctl.name = splice_word(s, line->sysctl.name, &line->sysctl.name_place);
	line->sysctl.value = splice(s, line->sysctl.value, at);
}

static void copy_ip(struct scope *s, struct line *line)
{
	const char **words = arena_alloc(s->arena, line->ip.count * sizeof(*words));
	struct place *places = arena_alloc(s->arena, line->ip.count * sizeof(*places));

	memcpy(places, line->ip.places, line->ip.count * sizeof(*places));
	for (size_t i = 0; i < line->ip.count; i++)
		words[i] = splice_word(s, line->ip.words[i], &places[i]);
	line->ip.words = words;
	line->ip.places = places;
}

static void copy_signal(struct scope *s, struct line *line)
{
	line->signal.name = splice_word(s, line->signal.name, &line->signal.place);
}

static void copy_table(struct scope *s, struct line *line)
{
	const struct assignment *from = line->table.list;

	line->table.list = arena_alloc(s->arena, line->table.count * sizeof(*from));
	for (size_t i = 0; i < line->table.count; i++) {
		struct assignment *to = &line->table.list[i];
		const struct value *value = from[i].values[0];
		const struct binding *b =
		    value && value->kind == VALUE_VARIABLE ? scope_find(s, value->name) : NULL;

		*to = from[i];
		to->words = arena_new(s->arena, const char *);
		to->values = arena_new(s->arena, struct value *);
		if (b && !b->is_number)
			to->words[0] = b->text;
		else
			to->values[0] = value_substitute(s, value);
		if (!value)
			to->words[0] = from[i].words[0];
	}
}

static void copy_nothing(struct scope *s, struct line *line)
{
	(void)s;
	(void)line;
}

static void (*const copies[LINE_KINDS])(struct scope *s, struct line *line) = {
#define LINE(kind, word, role, by, parse, copy, ...) [LINE_##kind] = copy_##copy,
#include "harness/ast/line_rows.h"
};

static void copy_actor(struct scope *s, struct actor *a)
{
	a->host = splice(s, a->host, a->place);
	a->part = splice(s, a->part, a->place);
	a->connection = splice(s, a->connection, a->place);
}

struct line line_substitute(struct scope *s, const struct line *line)
{
	struct line copy = *line;
	size_t diagnostics = s->diagnostics->count;

	copy_actor(s, &copy.actor);
	copy_actor(s, &copy.forged);
	copy.label = splice(s, line->label, line->place);
	copy.gap.from = splice(s, line->gap.from, line->gap.place);
	copies[line->kind](s, &copy);
	line_resolve(&copy);
	diagnostics_use(s->diagnostics, diagnostics, line->place, line_last(line));
	return copy;
}
