/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker: one pass down the lines of a run, with what is known at each of them. It finds every
 * error that the text alone shows, so that a run that starts can only fail because of what happens
 * in it.
 *
 * This file goes through the lines and checks what every kind of line may have (a gap, a label, an
 * actor); the rest is one function for each kind.
 */
#include "harness/script/check.h"

#include <string.h>

/* ---- kinds of lines ---- */

void check_signalled_line(struct checker *k, struct line *line)
{
	check_signal(k, line->signal.name, line->signal.place);
	if (program_is_whole(k, &line->actor, "and which signals that handles is not observed"))
		actor_need(k, &line->actor);
}

void check_signal_line(struct checker *k, struct line *line)
{
	const struct check_actor *actor = actor_need(k, &line->actor);

	check_signal(k, line->signal.name, line->signal.place);
	if (!actor)
		return;
	if (actor->host == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router has no process; expected client or server");
	else if (actor->gone)
		diagnose(k->diagnostics, line->actor.place, "%s has ended, no signal reaches it",
			 actor_name(k, actor));
}

static const char *process_name(struct checker *k, int process)
{
	for (size_t i = 0; i < k->actor_count; i++)
		if (k->actors[i].process == process && !k->actors[i].is_thread)
			return actor_name(k, &k->actors[i]);
	return "its process";
}

void check_death_line(struct checker *k, struct line *line)
{
	const struct check_actor *actor = actor_need(k, &line->actor);

	if (line->signal.name)
		check_signal(k, line->signal.name, line->signal.place);
	else if (line->signal.status < 0 || line->signal.status > UINT8_MAX)
		diagnose(k->diagnostics, line->signal.place, "an exit status is 0 to 255, not %lld",
			 (long long)line->signal.status);
	if (actor && actor->is_thread)
		diagnose(k->diagnostics, line->actor.place,
			 "'%s' is a thread, and a process ends as a whole; expected %s",
			 line->actor.part, process_name(k, actor->process));
	/* Which of the program's tasks are threads of a child is not known. */
	if (actor && !(line->actor.part && k->program[line->actor.id]))
		process_end(k, actor->process);
}

/* nstat shows counters, which only grow, except the number of connections there are. */
static bool may_fall(const char *counter)
{
	static const char gauge[] = "CurrEstab";
	size_t length = strlen(counter), end = strlen(gauge);

	return length >= end && strcmp(counter + length - end, gauge) == 0;
}

void check_nstat_line(struct checker *k, struct line *line)
{
	for (size_t i = 0; i < line->nstat.count; i++) {
		const struct counter *counter = &line->nstat.list[i];

		check_counter(k, counter->name, counter->place);
		for (size_t j = 0; j < i; j++)
			if (strcmp(line->nstat.list[j].name, counter->name) == 0)
				diagnose(k->diagnostics, counter->place, "%s is written twice",
					 counter->name);
		if (!may_fall(counter->name))
			check_limit(k, counter->delta, 0, INT64_MAX, "what a counter grows by");
		value_see(k, counter->delta);
	}
}

void check_ps_line(struct checker *k, struct line *line)
{
	if (program_is_whole(k, &line->actor, "whose state is not read by this version"))
		process_need(k, line->ps.what, line->ps.what_place, line->actor.id);
	check_process_state(k, line->ps.state, line->ps.state_place);
}

void check_sysctl_line(struct checker *k, struct line *line)
{
	check_sysctl(k, line->sysctl.name, line->sysctl.name_place);
}

void check_crash_line(struct checker *k, struct line *line)
{
	enum host host = line->actor.id;

	if (host == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router cannot crash; expected client or server");
	else if (host_is_down(k, host))
		diagnose(k->diagnostics, line->place, "%s has crashed already", host_name(host));
	host_crash(k, host);
}

void check_boot_line(struct checker *k, struct line *line)
{
	enum host host = line->actor.id;

	if (host == HOST_ROUTER)
		diagnose(k->diagnostics, line->place,
			 "the router cannot crash, so it needs no boot; expected client or server");
	else if (!host_is_down(k, host))
		diagnose(k->diagnostics, line->place,
			 "%s is running; expected '%s crash' above this", host_name(host),
			 host_name(host));
	host_boot(k, host);
}

/* All `table` lines of a script make one row, which has each column once. */
static void check_column(struct checker *k, const struct assignment *column)
{
	if (number_find(&k->columns, column->name) >= 0)
		diagnose(k->diagnostics, column->place, "the table has a column '%s' already",
			 column->name);
	number_give(k->arena, &k->columns, column->name);
}

void check_table_line(struct checker *k, struct line *line)
{
	for (size_t i = 0; i < line->table.count; i++) {
		const struct assignment *column = &line->table.list[i];

		if (column->values[0] && column->values[0]->kind == VALUE_ANY)
			diagnose(k->diagnostics, column->values[0]->place,
				 "expected a number, $name or a word");
		if (column->bare && variable_exists(k, column->words[0]))
			diagnose(k->diagnostics, column->places[0],
				 "'%s' is a word here; did you mean $%s? In quotes it is that word",
				 column->words[0], column->words[0]);
		value_need(k, column->values[0]);
		check_column(k, column);
	}
}

/* A silence of no length is always true. */
void check_quiet_line(struct checker *k, struct line *line)
{
	if (line->quiet == 0)
		diagnose(k->diagnostics, line->place,
			 "a silence of no length asserts nothing; 'quiet 100ms'");
}

void check_nothing_line(struct checker *k, struct line *line)
{
	(void)k;
	(void)line;
}

static void (*const checks[LINE_KINDS])(struct checker *k, struct line *line) = {
#define LINE(kind, word, role, by, parse, copy, check, ...) [LINE_##kind] = check_##check##_line,
#include "harness/ast/line_rows.h"
};

int line_last(const struct line *line)
{
	const struct source *source = line->place.source;
	int last = line->place.line;

	for (size_t at = line->extent.from; source && source->text && at < line->extent.to; at++)
		last += source->text[at] == '\n';
	return last;
}

/* ---- gaps and labels ---- */

ns_t gap_longest(const struct gap *gap)
{
	return gap->is_range ? gap->max : gap->min + gap->min / 8;
}

/* The line above with that label; NULL: there is none. */
static const struct line *labelled(const struct checker *k, const char *label)
{
	int at = label_find(&k->labels, label);

	return at < 0 ? NULL : &k->run->lines[at];
}

static void check_gap(struct checker *k, const struct line *line)
{
	const char **labels;

	if (!line->gap.from || labelled(k, line->gap.from))
		return;
	labels = arena_alloc(k->arena, (k->labels.count + 1) * sizeof(*labels));
	for (size_t i = 0; i < k->labels.count; i++)
		labels[i] = arena_printf(k->arena, "@%s", k->labels.names.names[i]);
	diagnose(k->diagnostics, line->gap.place, "no line above is marked @%s%s", line->gap.from,
		 check_meant(k, arena_printf(k->arena, "@%s", line->gap.from), labels, ""));
}

static void check_label(struct checker *k, const struct line *line)
{
	const struct line *other = line->label ? labelled(k, line->label) : NULL;

	if (!line->label)
		return;
	/* The same line again, in a repeat, marks its latest event; that is intended. */
	if (other &&
	    (other->place.source != line->place.source || other->place.line != line->place.line))
		diagnose(k->diagnostics, line->place, "%s is marked @%s already",
			 place_text(k->arena, other->place, line->place.source), line->label);
	if (!other)
		label_mark(k->arena, &k->labels, line->label, (size_t)(line - k->run->lines));
}

/* ---- the pass ---- */

static void check_line(struct checker *k, struct line *line)
{
	const struct actor *actor = &line->actor;

	k->diagnostics->used_at = line->used_at;
	check_gap(k, line);
	if (actor->host && check_host(k, actor->host, actor->place) == HOST_NONE)
		return;
	if (actor->part && line_rows[line->kind].by != BY_PART) {
		diagnose(k->diagnostics, actor->place,
			 "this concerns the host, not one process; expected %s", actor->host);
		return;
	}
	checks[line->kind](k, line);
	check_label(k, line);
}

/*
 * The rounds of a repeat have the same mistakes: of the diagnostics from `first` on keep each once.
 */
static void keep_once(struct diagnostics *c, size_t first, size_t newest)
{
	size_t kept = newest;

	for (size_t i = newest; i < c->count; i++) {
		const struct diagnostic *new = &c->list[i];
		size_t j = first;

		while (j < kept && (c->list[j].place.source != new->place.source ||
				    c->list[j].place.line != new->place.line ||
				    strcmp(c->list[j].message, new->message) != 0))
			j++;
		if (j == kept)
			c->list[kept++] = *new;
	}
	c->count = kept;
}

bool script_check(struct arena *a, struct run *run, struct diagnostics *c)
{
	struct checker k = {.arena = a, .diagnostics = c, .run = run};
	size_t diagnostics_before = c->count;

	variables_begin(&k);
	for (int host = 0; host < LAB_HOSTS; host++)
		host_boot(&k, (enum host)host);
	for (size_t i = 0; i < run->line_count; i++) {
		size_t diagnostics_here = c->count;

		check_line(&k, &run->lines[i]);
		diagnostics_use(c, diagnostics_here, run->lines[i].place,
				line_last(&run->lines[i]));
		run->lines[i].about = k.current;
		run->lines[i].about_count = k.current_count;
		keep_once(c, diagnostics_before, diagnostics_here);
	}
	c->used_at = (struct place){0};
	check_programs(&k);
	run->index = script_index(a, run);
	run->mentions = script_mentions(run);
	return c->count == diagnostics_before;
}
