/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a scenario is read once, its combinations are listed once, and each is
 * expanded and checked for each family. At the first combination with diagnostics it stops: the
 * others would only repeat them. So all faults of a script are known before anything runs. What
 * stays is small: the text, and a run's name, values and times.
 *
 * One combination is expanded at a time, in memory that the next one reuses. That still takes time:
 * 10000 lines for each of 10000 combinations fit into a hundred bytes of script. So the lines of
 * all of them are counted first, and planning stops if they are too many.
 */
#include "harness/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/engine/engine.h"
#include "harness/options/options.h"
#include "harness/script/labels.h"

#define MAX_TOTAL	  200000  /* lines, of all combinations; the library's largest has 1080 */
#define MAX_CELLS	  1000000 /* of a table, over all combinations */
#define LIMIT_BEYOND_GAPS (60 * NS_PER_S) /* the most that a run can need for itself */
#define DAY		  (24 * 3600 * NS_PER_S)
#define OVERHEAD	  (50 * NS_PER_MS) /* what it needs in addition to the times in its script */
#define SLOW		  (30 * NS_PER_S) /* longer than anybody would wait without asking for it */

static bool does_something(const struct script *script)
{
	for (size_t i = 0; i < script->line_count; i++) {
		if (script->lines[i].kind == LINE_USE || line_role(&script->lines[i]) != ROLE_NOTE)
			return true;
	}
	return false;
}

/* How long the written times are: gaps, with the possible delay of timers, and silences. */
static ns_t written_time(struct arena *a, const struct run *run)
{
	ns_t *when = arena_alloc(a, (run->line_count + 1) * sizeof(*when)), latest = 0;
	struct labels labels = {0};

	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		const struct gap *gap = &line->gap;
		int labelled = gap->from ? label_find(&labels, gap->from) : -1;

		when[i] = latest;
		if (labelled >= 0)
			when[i] = when[labelled];
		if (gap->present)
			when[i] = later(when[i], gap_longest(gap));
		if (line->kind == LINE_QUIET)
			when[i] = later(when[i], line->quiet);
		latest = when[i] > latest ? when[i] : latest;
		label_mark(a, &labels, line->label, i);
	}
	return latest;
}

ns_t planned_time(const struct planned *planned)
{
	return planned->skip ? 0 : planned->written + OVERHEAD;
}

/* A run that takes minutes to hours here, and moments in virtual time. */
static void skip_if_slow(const struct plan *p, struct arena *a, struct run *run)
{
	ns_t time = written_time(a, run);

	if (run->skip || run->facts.is_virtual || p->slow || time <= SLOW)
		return;
	run->skip = arena_printf(a,
				 "takes %lld s here; --slow runs it all the same, --kernel in "
				 "virtual time",
				 (long long)(time / NS_PER_S));
}

/* Long enough for all timers of TCP; where nobody wants to wait for it, as long as a slow run. */
static ns_t hang_of(const struct plan *p, const struct run *run)
{
	ns_t least = run->facts.is_virtual || p->slow ? DAY : SLOW;

	return p->patience > least ? p->patience : least;
}

static const struct binding *family_of(const struct binding *bindings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(bindings[i].name, "family") == 0)
			return &bindings[i];
	}
	return NULL;
}

static const char *name_of(struct arena *a, const struct scenario *s, int family,
			   const struct binding *bindings, size_t count)
{
	const struct binding *said = family_of(bindings, count);
	struct text name;
	FILE *out = text_open(&name);

	/* A leading dot would hide the results. */
	fprintf(out, "%s%s%s", s->name[0] == '.' ? "_" : "", s->name, family == 6 ? ",ipv6" : "");
	for (size_t i = 0; i < count; i++)
		if (&bindings[i] != said && !bindings[i].follows)
			fprintf(out, ",%s=%s", bindings[i].name, bindings[i].text);
	return text_close(&name, a);
}

/* Two files of one name must not share their results. */
static const char *distinct(const struct plan *p, const struct scenario *s, const char *name)
{
	for (int n = 2;; n++) {
		const char *candidate =
		    n == 2 ? name : arena_printf(p->arena, "%s,%d", name, n - 1);
		bool taken = false;

		for (size_t i = 0; i < p->count && !taken; i++)
			taken = p->list[i].scenario != s &&
				strcmp(p->list[i].name, candidate) == 0 &&
				strcmp(p->list[i].scenario->path, s->path) != 0;
		if (!taken)
			return candidate;
	}
}

/* Results are named after a run, and the length of a file name is limited. */
static bool is_short(struct plan *p, const struct planned *planned, const char **error)
{
	if (strlen(planned->name) <= RUN_NAME_MAX)
		return true;
	*error = arena_printf(
	    p->arena,
	    "%s: the name of a run is also that of a directory, so it may have at "
	    "most %d bytes; this one has %zu: %.40s...",
	    planned->scenario->path, RUN_NAME_MAX, strlen(planned->name), planned->name);
	return false;
}

/* Its script has been checked all the same: that needs no program. */
static void skip_without_program(struct arena *a, struct run *run)
{
	for (size_t i = 0; i < run->line_count && !run->skip; i++) {
		const struct line *line = &run->lines[i];

		if (line->kind == LINE_PROGRAM && !run->facts.has_program[line->actor.id])
			run->skip = arena_printf(a, "needs --%s 'COMMAND': the program under test",
						 line->actor.host);
	}
}

/* Its lines, made and checked, in the arena's memory. */
static bool expand(const struct plan *p, struct arena *a, const struct script *script,
		   const struct planned *planned, struct run *run, struct diagnostics *c)
{
	struct library_use use = {p->library, planned->scenario};
	size_t before = c->count;

	if (!script_expand(a, script, &planned->facts, planned->bindings, planned->binding_count,
			   library_use, &use, run, c))
		return false;
	run->to_bless = p->to_bless;
	if ((!run->skip && (!script_check(a, run, c) || !engine_accepts(run, c))) ||
	    c->count > before)
		return false;
	skip_without_program(a, run);
	skip_if_slow(p, a, run);
	return true;
}

const struct run *plan_run(const struct plan *p, struct planned *planned)
{
	struct diagnostics c = {.arena = p->arena};
	const struct script *script;

	if (planned->run)
		return planned->run;
	planned->run = arena_new(p->arena, struct run);
	script = script_parse(p->arena, planned->source, &c);
	if (c.count || !expand(p, p->arena, script, planned, planned->run, &c)) {
		/* They were, from the same text, when it was planned. */
		diagnostics_print(stderr, &c);
		abort();
	}
	return planned->run;
}

/* Add a table's columns, each with a cell for each run, to the count. */
static bool has_room(const struct run *run, size_t *cells, struct diagnostics *c)
{
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];

		*cells += line->kind == LINE_TABLE ? line->table.count : 0;
		if (*cells <= MAX_CELLS)
			continue;
		diagnose(c, line->place, "the table has more than %d cells over all combinations",
			 MAX_CELLS);
		return false;
	}
	return true;
}

/* The values that a run has, in the plan's own memory. */
static const struct binding *keep_bindings(struct arena *a, const struct binding *from,
					   size_t count)
{
	struct binding *list = arena_alloc(a, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[i] = from[i];
		list[i].name = arena_strdup(a, from[i].name);
		list[i].text = arena_strdup(a, from[i].text);
	}
	return list;
}

static bool add_run(struct plan *p, struct arena *work, const struct script *script,
		    const struct planned *what, size_t *cells, struct diagnostics *c,
		    const char **error)
{
	struct planned planned = *what;
	struct run run;
	bool added;

	arena_clear(work);
	if (!expand(p, work, script, &planned, &run, c) || !has_room(&run, cells, c))
		return false;
	planned.bindings = keep_bindings(p->arena, what->bindings, what->binding_count);
	planned.facts = run.facts;
	planned.line_count = run.line_count;
	planned.skip = run.skip ? arena_strdup(p->arena, run.skip) : NULL;
	for (size_t i = 0; i < run.line_count; i++)
		if (run.lines[i].kind == LINE_PROGRAM)
			planned.starts_program[run.lines[i].actor.id] = true;
	planned.written = written_time(work, &run);
	/* Once until the failure, once more after it. */
	planned.hang = run.failure ? hang_of(p, &run) : 0;
	planned.limit = planned.written + 2 * planned.hang + LIMIT_BEYOND_GAPS;
	planned.name = distinct(p, planned.scenario,
				name_of(p->arena, planned.scenario, what->facts.family,
					planned.bindings, planned.binding_count));
	planned.group = distinct(p, planned.scenario,
				 name_of(p->arena, planned.scenario, what->facts.family, NULL, 0));
	added = is_short(p, &planned, error);
	if (added)
		*arena_push(p->arena, p->list, p->count) = planned;
	return added;
}

/* A script's combinations of values. */
struct combinations {
	const struct script *script;
	struct binding **sets;
	size_t count, bindings; /* in each */
};

/* A combination that sets another family itself does not belong to this one. */
static bool is_of_family(const struct combinations *all, size_t i, int family)
{
	const struct binding *said = family_of(all->sets[i], all->bindings);

	return !said || said->number == family;
}

/* The place of most values. */
static struct place longest_param(const struct script *script)
{
	const struct line *longest = &script->lines[0];

	for (size_t i = 0; i < script->line_count; i++)
		if (script->lines[i].kind == LINE_PARAM &&
		    (longest->kind != LINE_PARAM ||
		     script->lines[i].assignment.count > longest->assignment.count))
			longest = &script->lines[i];
	return longest->place;
}

static bool is_bearable(const struct plan *p, struct arena *work, const struct planned *what,
			const struct combinations *all, struct diagnostics *c)
{
	struct library_use use = {p->library, what->scenario};
	size_t total = 0, lines;

	for (size_t i = 0; i < all->count; i++) {
		if (!is_of_family(all, i, what->facts.family))
			continue;
		arena_clear(work);
		if (!script_count(work, all->script, &what->facts, all->sets[i], all->bindings,
				  library_use, &use, &lines, c))
			return false;
		total += lines;
		if (total <= MAX_TOTAL)
			continue;
		diagnose(
		    c, longest_param(all->script),
		    "%zu combinations, of %zu lines (repeats unrolled), are more than %d lines "
		    "in all",
		    all->count, lines, MAX_TOTAL);
		return false;
	}
	return true;
}

/* The runs over one family. */
static bool add_family(struct plan *p, struct planned what, const struct combinations *all,
		       int family, struct diagnostics *c, const char **error)
{
	struct arena work = {0};
	size_t cells = 0;
	bool added;

	what.facts.family = family;
	added = is_bearable(p, &work, &what, all, c);
	for (size_t i = 0; added && i < all->count; i++) {
		if (!is_of_family(all, i, family))
			continue;
		what.bindings = all->sets[i];
		added = add_run(p, &work, all->script, &what, &cells, c, error);
		what.index++;
	}
	arena_free(&work);
	return added;
}

/* All runs of a scenario whose parsed script, and what follows from it, is kept in `work`. */
static bool add_scenario(struct plan *p, struct arena *work, struct planned what, unsigned families,
			 struct diagnostics *c, const char **error)
{
	size_t before = p->count, diagnostics = c->count;
	const struct script *script = script_parse(work, what.source, c);
	struct combinations all = {.script = script};

	if (c->count > diagnostics)
		return false;
	if (!does_something(script)) {
		*error =
		    arena_printf(p->arena, "%s has nothing to run: only comments and conditions",
				 what.scenario->path);
		return false;
	}
	what.title = arena_strdup(p->arena, script->title);
	all.count = script_combinations(work, script, &all.sets, &all.bindings, c);
	if (c->count > diagnostics)
		return false;
	what.binding_count = all.bindings;
	if (!families)
		families = all.count && family_of(all.sets[0], all.bindings) ? FAMILY_4 | FAMILY_6
									     : FAMILY_4;
	if ((!(families & FAMILY_4) || add_family(p, what, &all, 4, c, error)) &&
	    (!(families & FAMILY_6) || add_family(p, what, &all, 6, c, error)))
		return true;
	p->count = before;
	return false;
}

bool plan_add(struct plan *p, struct library *l, const struct scenario *s,
	      const struct facts *facts, unsigned families, struct diagnostics *c,
	      const char **error)
{
	struct planned what = {.scenario = s, .facts = *facts};
	struct arena work = {0};
	bool added;

	if (!is_utf8(s->path + (strrchr(s->path, '/') ? strrchr(s->path, '/') - s->path : 0))) {
		*error = arena_printf(p->arena, "%s: its name is not UTF-8", s->path);
		return false;
	}
	p->library = l;
	what.source = library_read(l, s, error);
	if (!what.source)
		return false;
	added = add_scenario(p, &work, what, families, c, error);
	arena_free(&work);
	return added;
}
