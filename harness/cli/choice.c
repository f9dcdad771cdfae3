/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: scenarios are chosen before there is a plan, runs are taken out of it
 * afterwards.
 *
 * A share must be the same whichever of the machines asks, so that together they run everything
 * once: it follows from the plan, from what the scripts themselves say of their time, and from what
 * was measured, if all machines are given the same results of an earlier run (--times). What this
 * machine happens to have in its results is no such thing. The runs of one table stay together.
 * They are dealt out as parcels, the longest first, each to the share that has the least so far.
 */
#include "harness/cli/choice.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/complain.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"

#define MOST_SHARDS 1000
/* What a run takes beside what is written, of which nothing is known. */
#define OVERHEAD (50 * NS_PER_MS)

struct shard {
	int nth, of; /* of == 0: there are none */
};

static struct shard shard;
static const char *topic, *times;
static bool failed_only, listed;

static bool set_shard(void *field, const char *text, unsigned value)
{
	struct shard *s = field;
	char *end;
	long nth = strtol(text, &end, 10), of;

	(void)value;
	if (*text < '0' || *text > '9' || *end != '/' || end[1] < '0' || end[1] > '9')
		return false;
	of = strtol(end + 1, &end, 10);
	if (*end || nth < 1 || nth > of || of > MOST_SHARDS)
		return false;
	*s = (struct shard){(int)nth, (int)of};
	return true;
}

const struct option_row choice_options[] = {
    {
	.name = "tag",
	.argument = "TOPIC",
	.expected = "a topic",
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
	.set = set_shard,
	.own = &shard,
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
	if (chosen->count)
		return true;
	say("none of these is of the topic %s", topic);
	return false;
}

unsigned choose_families(const struct options *o)
{
	return !o->families && failed_only ? FAMILY_4 | FAMILY_6 : o->families;
}

/* ---- what earlier runs have left ---- */

/* NULL: nothing that can be read. */
static json_t *result_of(struct arena *a, const char *results, const char *name)
{
	return json_load_file(arena_printf(a, "%s/%s/result.json", results, name), 0, NULL);
}

static bool has_failed(struct arena *a, const char *results, const char *name)
{
	json_t *json = result_of(a, results, name);
	const char *verdict = json_string_value(json_object_get(json, "verdict"));
	bool failed = verdict && (!strcmp(verdict, "fail") || !strcmp(verdict, "broken"));

	json_decref(json);
	return failed;
}

static void keep_failed(struct plan *plan, const char *results)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (has_failed(plan->arena, results, plan->list[i].name))
			plan->list[kept++] = plan->list[i];
	plan->count = kept;
}

/* ---- shares ---- */

/* Runs that stay together: neighbours in the plan. */
struct parcel {
	size_t first, count;
	ns_t time;
	bool is_mine;
};

static ns_t time_of(const struct plan *plan, const struct planned *planned)
{
	json_t *json;
	json_int_t took;

	if (planned->skip)
		return 0;
	json = times ? result_of(plan->arena, times, planned->name) : NULL;
	took = json_integer_value(json_object_get(json, "duration"));
	json_decref(json);
	return took > 0 ? took : planned->written + OVERHEAD;
}

static struct parcel *parcels_of(const struct plan *plan, size_t *count)
{
	struct parcel *list = NULL, *last = NULL;

	*count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		if (!last || strcmp(plan->list[i].group, plan->list[i - 1].group) != 0) {
			last = arena_push(plan->arena, list, *count);
			*last = (struct parcel){.first = i};
		}
		last->count++;
		last->time += time_of(plan, &plan->list[i]);
	}
	return list;
}

/* The longest first; else in their order. */
static int by_time(const void *left, const void *right)
{
	const struct parcel *a = *(struct parcel *const *)left, *b = *(struct parcel *const *)right;

	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return a->first < b->first ? -1 : 1;
}

static void deal(struct arena *a, struct parcel *list, size_t count)
{
	struct parcel **order = arena_alloc(a, (count + 1) * sizeof(struct parcel *));
	ns_t *loads = arena_alloc(a, (size_t)shard.of * sizeof(*loads));

	for (size_t i = 0; i < count; i++)
		order[i] = &list[i];
	qsort(order, count, sizeof(struct parcel *), by_time);
	for (size_t i = 0; i < count; i++) {
		int least = 0;

		for (int k = 1; k < shard.of; k++)
			if (loads[k] < loads[least])
				least = k;
		loads[least] += order[i]->time;
		order[i]->is_mine = least == shard.nth - 1;
	}
}

static void keep_share(struct plan *plan)
{
	size_t count, kept = 0;
	struct parcel *list = parcels_of(plan, &count);

	deal(plan->arena, list, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; list[i].is_mine && k < list[i].count; k++)
			plan->list[kept++] = plan->list[list[i].first + k];
	plan->count = kept;
}

bool choose_runs(struct plan *plan, const char *results, const char **error)
{
	struct stat st;

	if (times && !shard.of) {
		*error = "--times is for --shard";
		return false;
	}
	if (times && (stat(times, &st) < 0 || !S_ISDIR(st.st_mode))) {
		*error = arena_printf(plan->arena, "cannot read the times in %s: %s", times,
				      strerror(stat(times, &st) < 0 ? errno : ENOTDIR));
		return false;
	}
	if (failed_only)
		keep_failed(plan, results);
	if (shard.of && plan->count)
		keep_share(plan);
	return true;
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
