/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a scenario is loaded once, its combinations are listed once, and each is
 * expanded and checked for each family. Complaints end it at the first combination that has any:
 * the others would only repeat them. Whatever a script can be blamed for is therefore known before
 * anything runs.
 */
#include "harness/plan.h"

#include <string.h>

#include "harness/engine.h"
#include "harness/options.h"

#define LIMIT_BEYOND_GAPS (60 * NS_PER_S) /* whatever a run can need for itself */
#define SLOW		  (30 * NS_PER_S) /* longer than anyone waits without having asked for it */

static bool does_something(const struct script *script)
{
	for (size_t i = 0; i < script->line_count; i++) {
		if (script->lines[i].kind == LINE_USE || line_role(&script->lines[i]) != ROLE_NOTE)
			return true;
	}
	return false;
}

/* When the nearest line above `index` with that label happens, by what is written. */
static ns_t labelled(const struct run *run, const ns_t *when, size_t index)
{
	for (size_t i = index; i-- > 0;) {
		const char *label = run->lines[i].label;

		if (label && !strcmp(label, run->lines[index].gap.from))
			return when[i];
	}
	return 0;
}

/* What is written takes so long: its gaps, with what timers may be late, and its silences. */
static ns_t written_time(struct arena *a, const struct run *run)
{
	ns_t *when = arena_alloc(a, (run->line_count + 1) * sizeof(*when)), latest = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		const struct gap *gap = &line->gap;

		when[i] = latest;
		if (gap->present)
			when[i] =
			    later(gap->from ? labelled(run, when, i) : latest, gap_longest(gap));
		if (line->kind == LINE_QUIET)
			when[i] = later(when[i], line->quiet);
		latest = when[i] > latest ? when[i] : latest;
	}
	return latest;
}

/* What minutes to hours would be spent on here, and moments in virtual time. */
static void skip_if_slow(struct plan *p, struct run *run)
{
	ns_t time = written_time(p->arena, run);

	if (run->skip || run->facts.is_virtual || p->slow || time <= SLOW)
		return;
	run->skip = arena_printf(p->arena,
				 "takes %lld s here; --slow runs it all the same, --kernel in "
				 "virtual time",
				 (long long)(time / NS_PER_S));
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
	/* A leading dot would hide the results. */
	char *name = arena_printf(a, "%s%s%s", s->name[0] == '.' ? "_" : "", s->name,
				  family == 6 ? ",ipv6" : "");

	for (size_t i = 0; i < count; i++) {
		if (&bindings[i] != said && !bindings[i].follows)
			name =
			    arena_printf(a, "%s,%s=%s", name, bindings[i].name, bindings[i].text);
	}
	return name;
}

/* Two files of one name must not share their results. */
static const char *distinct(const struct plan *p, const struct scenario *s, const char *name)
{
	for (int n = 2;; n++) {
		const char *candidate =
		    n == 2 ? name : arena_printf(p->arena, "%s,%d", name, n - 1);
		bool taken = false;

		for (size_t i = 0; i < p->count && !taken; i++)
			taken = strcmp(p->list[i].name, candidate) == 0 &&
				strcmp(p->list[i].scenario->path, s->path) != 0;
		if (!taken)
			return candidate;
	}
}

static bool add_run(struct plan *p, const struct scenario *s, const struct script *script,
		    struct library *l, const struct facts *facts, const struct binding *bindings,
		    size_t count, struct complaints *c)
{
	struct library_use use = {l, s};
	struct run *run = arena_new(p->arena, struct run);
	size_t before = c->count;
	struct planned *planned;

	if (!script_expand(p->arena, script, facts, bindings, count, library_use, &use, run, c))
		return false;
	run->to_bless = p->to_bless;
	if ((!run->skip && (!script_check(p->arena, run, c) || !engine_accepts(run, c))) ||
	    c->count > before)
		return false;
	skip_if_slow(p, run);
	planned = arena_push(p->arena, p->list, p->count);
	planned->scenario = s;
	planned->run = run;
	planned->limit = written_time(p->arena, run) + LIMIT_BEYOND_GAPS;
	p->count--; /* not among those that it must be distinct from */
	planned->name = distinct(p, s, name_of(p->arena, s, facts->family, bindings, count));
	planned->group = distinct(p, s, name_of(p->arena, s, facts->family, NULL, 0));
	p->count++;
	return true;
}

/* The runs over one family. A combination that says another family itself is none of them. */
static bool add_family(struct plan *p, const struct scenario *s, const struct script *script,
		       struct library *l, const struct facts *facts, int family,
		       struct binding **sets, size_t set_count, size_t binding_count,
		       struct complaints *c)
{
	struct facts these = *facts;

	these.family = family;
	for (size_t i = 0; i < set_count; i++) {
		const struct binding *said = family_of(sets[i], binding_count);

		if ((!said || said->number == family) &&
		    !add_run(p, s, script, l, &these, sets[i], binding_count, c))
			return false;
	}
	return true;
}

bool plan_add(struct plan *p, struct library *l, const struct scenario *s,
	      const struct facts *facts, unsigned families, struct complaints *c,
	      const char **error)
{
	size_t before = p->count, set_count, binding_count = 0, complaints = c->count;
	struct script *script = library_load(l, s, c, error);
	struct binding **sets = NULL;

	if (!script)
		return false;
	if (!does_something(script)) {
		*error = arena_printf(
		    p->arena, "%s has nothing to run: only comments and conditions", s->path);
		return false;
	}
	set_count = script_combinations(p->arena, script, &sets, &binding_count, c);
	if (c->count > complaints)
		return false;
	if (!families)
		families =
		    set_count && family_of(sets[0], binding_count) ? FAMILY_4 | FAMILY_6 : FAMILY_4;
	if ((!(families & FAMILY_4) ||
	     add_family(p, s, script, l, facts, 4, sets, set_count, binding_count, c)) &&
	    (!(families & FAMILY_6) ||
	     add_family(p, s, script, l, facts, 6, sets, set_count, binding_count, c)))
		return true;
	p->count = before;
	return false;
}
