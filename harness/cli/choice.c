/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: scenarios are chosen before the plan is made, runs are removed from it
 * afterwards.
 */
#include "harness/cli/choice.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/diagnostic.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"
#include "harness/cli/share.h"
#include "harness/run/results_read.h"

static struct share share; /* of == 0: there are none */
static const char *topic, *times;
static bool failed_only, listed;

static bool set_share(void *field, const char *text, unsigned value)
{
	struct share *s = field;
	char *end;
	long nth = strtol(text, &end, 10), of;

	(void)value;
	if (*text < '0' || *text > '9' || *end != '/' || end[1] < '0' || end[1] > '9')
		return false;
	of = strtol(end + 1, &end, 10);
	if (*end || nth < 1 || nth > of || of > MOST_SHARES)
		return false;
	*s = (struct share){(int)nth, (int)of};
	return true;
}

const struct option_row choice_options[] = {
    {
	.name = "tag",
	.argument = "TOPIC",
	.expected = "a topic",
	.operand = OPERAND_TOPIC,
	.set = option_text,
	.own = &topic,
	.help = "only scenarios of that topic",
    },
    {
	.name = "rerun-failed",
	.set = option_flag,
	.own = &failed_only,
	.value = true,
	.help = "only runs that failed the last time, as their results say",
    },
    {
	.name = "shard",
	.argument = "I/N",
	.expected = "a share such as 2/5",
	.set = set_share,
	.own = &share,
	.help = "only the I-th of N shares, which together are everything",
    },
    {
	.name = "times",
	.argument = "DIR",
	.expected = "a directory",
	.set = option_text,
	.own = &times,
	.help = "shares of equal time, as measured in these results",
    },
    {
	.name = "list",
	.set = option_flag,
	.own = &listed,
	.value = true,
	.help = "print what would be run, and run nothing",
    },
    {.name = NULL},
};

/* ---- scenarios ---- */

static bool is_topic(struct library *l, const char *name)
{
	library_list(l);
	for (size_t i = 0; i < l->count; i++)
		if (!l->list[i].is_beginning && !strcmp(l->list[i].topic, name))
			return true;
	return false;
}

static void say_unknown_topic(struct library *l)
{
	const char **names = arena_alloc(l->arena, (l->topic_count + 1) * sizeof(*names));
	const char *near;
	size_t count = 0;

	for (size_t i = 0; i < l->topic_count; i++)
		if (is_topic(l, l->topics[i]))
			names[count++] = l->topics[i];
	near = nearest(topic, names);
	if (l->problem)
		say("%s", l->problem);
	else if (near)
		say("no topic is called '%s'; did you mean %s?", topic, near);
	else
		say("no topic is called '%s'; 'list' shows them all", topic);
}

static bool is_of_topic(const struct scenario *s)
{
	return s->topic && !strcmp(s->topic, topic);
}

static void keep_topic(struct selection *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (is_of_topic(s->list[i]))
			s->list[kept++] = s->list[i];
	s->count = kept;
}

/* Whether `all` is asked for, by that word or by none. */
static bool is_for_all(const struct options *o)
{
	for (size_t i = 0; i < o->word_count; i++)
		if (strcmp(o->words[i], "all"))
			return false;
	return !topic;
}

/* Failures are about a program. `all` does not mean them where there is none. */
static void drop_failures(const struct options *o, struct selection *s)
{
	size_t kept = 0;

	if (!is_for_all(o) || o->program[HOST_CLIENT] || o->program[HOST_SERVER])
		return;
	for (size_t i = 0; i < s->count; i++)
		if (!s->list[i]->is_failure)
			s->list[kept++] = s->list[i];
	s->count = kept;
}

bool choose_scenarios(const struct options *o, struct library *l, struct selection *chosen)
{
	const char *error = NULL;

	if (!o->word_count && !topic && !failed_only) {
		say("run which scenario? 'list' shows them all, 'all' runs them");
		return false;
	}
	if (topic && !is_topic(l, topic)) {
		say_unknown_topic(l);
		return false;
	}
	if (o->word_count && !select_words(o, l, chosen))
		return false;
	if (!o->word_count && !library_select(l, "all", chosen, &error)) {
		say("%s", error);
		return false;
	}
	if (topic)
		keep_topic(chosen);
	drop_failures(o, chosen);
	if (chosen->count)
		return true;
	say("none of these is of the topic %s", topic);
	return false;
}

bool choice_is_whole(const struct options *o)
{
	bool whole = !o->word_count && !topic;

	for (size_t i = 0; i < o->word_count && !topic; i++)
		whole |= !strcmp(o->words[i], "all");
	return whole;
}

unsigned choose_families(const struct options *o)
{
	return !o->families && failed_only ? FAMILY_4 | FAMILY_6 : o->families;
}

/* ---- what earlier runs have left ---- */

static bool keep_failed(struct plan *plan, const char *results, const char **error)
{
	struct result_entries listed;
	size_t kept = 0;

	if (!result_entries(plan->arena, results, &listed, error))
		return false;
	for (size_t i = 0; i < plan->count && !*error; i++)
		if (result_failed(plan->arena, results, &listed, plan->list[i].name, error))
			plan->list[kept++] = plan->list[i];
	plan->count = kept;
	return !*error;
}

/* ---- a share ---- */

static const char **names_of(const struct plan *plan)
{
	const char **names = arena_alloc(plan->arena, (plan->count + 1) * sizeof(*names));

	for (size_t i = 0; i < plan->count; i++)
		names[i] = plan->list[i].name;
	return names;
}

/* What all shares are. */
static struct roster roster;

bool choice_leave_roster(const struct plan *plan, const char *results, const char *release,
			 const char **error)
{
	if (!share.of)
		return true;
	roster.kernel = release;
	roster.nth = share.nth;
	roster.of = share.of;
	roster.own = names_of(plan);
	roster.own_count = plan->count;
	return roster_leave(plan->arena, results, &roster, error);
}

bool choose_runs(struct plan *plan, const char *results, const char **error)
{
	struct stat st;

	if (times && !share.of) {
		*error = "--times is for --shard";
		return false;
	}
	if (times && (stat(times, &st) < 0 || !S_ISDIR(st.st_mode))) {
		*error = arena_printf(plan->arena, "cannot read the times in %s: %s", times,
				      strerror(stat(times, &st) < 0 ? errno : ENOTDIR));
		return false;
	}
	if (failed_only && !keep_failed(plan, results, error))
		return false;
	if (!share.of)
		return true;
	roster.all = names_of(plan);
	roster.all_count = plan->count;
	return !plan->count || share_keep(plan, &share, times, error);
}

/* ---- listing ---- */

bool choice_is_listed(void)
{
	return listed;
}

void choice_list(FILE *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned *planned = &plan->list[i];

		fputs(planned->name, out);
		if (planned->skip)
			fprintf(out, "  (skip: %s)", planned->skip);
		putc('\n', out);
	}
}
