/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `try`: the programs of the command line in every failure that applies to them.
 *
 * It is `run` of these failures, with another report and a measurement: whatever a program does is
 * right, unless --expect says otherwise. By default they are run on the newest built kernel, in
 * virtual time, because failures take minutes to hours.
 */
#include <dirent.h>
#include <string.h>

#include "harness/base/home.h"
#include "harness/base/readfile.h"
#include "harness/base/shown.h"
#include "harness/cli/all_runs.h"
#include "harness/cli/commands.h"
#include "harness/cli/tally.h"
#include "harness/diff/side.h"
#include "harness/guest/guest.h"
#include "harness/run/results.h"
#include "harness/try/try.h"

static const char *expected_path;

static const struct option_row own[] = {
    {
	.name = "expect",
	.argument = "FILE",
	.expected = "a file",
	.set = option_text,
	.own = &expected_path,
	.help = "what must hold, a line for each: any failure: ends within 60s",
    },
    {.name = NULL},
};

/* ---- where ---- */

static int compare_versions(const char *a, const char *b)
{
	int x[3] = {0}, y[3] = {0};

	sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2]);
	sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2]);
	for (int i = 0; i < 3; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* The newest built kernel whose name is a version; false: there is none. */
static bool find_newest(struct arena *a, struct guest_kernel *newest)
{
	DIR *d = opendir(home_kernels(a));
	struct dirent *entry;
	bool found = false;

	while (d && (entry = readdir(d))) {
		struct guest_kernel one;
		const char *error;

		if (*entry->d_name < '0' || *entry->d_name > '9' ||
		    !guest_find(a, arena_strdup(a, entry->d_name), &one, &error))
			continue;
		if (!found || compare_versions(one.release, newest->release) > 0)
			*newest = one;
		found = true;
	}
	if (d)
		closedir(d);
	return found;
}

/* Choose the kernel; *guest NULL: the running one. */
static bool choose_kernel(struct arena *a, const struct options *o, struct guest_kernel *room,
			  const struct guest_kernel **guest)
{
	const char *error;

	*guest = NULL;
	if (o->kernel && !strcmp(o->kernel, HOST_KERNEL))
		return true;
	if (o->kernel && !guest_find(a, o->kernel, room, &error)) {
		say("%s", error);
		return false;
	}
	if (o->kernel || (!o->slow && find_newest(a, room)))
		*guest = room;
	return true;
}

/* When a program that does not end is given up, on the running kernel without --slow. */
static const char *left_alone_text(struct arena *a, const struct plan *plan)
{
	return plan->patience > 30 * NS_PER_S ? table_time(a, plan->patience) : "30 s";
}

static const char *where_text(struct arena *a, const struct options *o,
			      const struct invocation *inv)
{
	if (inv->guest)
		return arena_printf(a, "on Linux %s, in virtual time", inv->release);
	if (o->slow)
		return arena_printf(a, "on Linux %s, which is running here, in real time",
				    inv->release);
	return arena_printf(a,
			    "on Linux %s, which is running here, in real time\n\n"
			    "A program is given up %s after a failure, and failures that take "
			    "longer are skipped.\n--slow gives them their time. `%s kernel build "
			    "6.12` makes a kernel on which all of them\ntake moments, in virtual "
			    "time.",
			    inv->release, left_alone_text(a, inv->plan), home_command());
}

/* ---- what is expected ---- */

static const char **failure_names(struct library *l)
{
	const char **names;
	size_t count = 0;

	library_list(l);
	names = arena_alloc(l->arena, (l->count + 1) * sizeof(*names));
	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].is_failure)
			names[count++] = l->list[i].name;
	return names;
}

static bool read_expectations(const struct options *o, struct library *l, struct session *s)
{
	bool has[LAB_HOSTS];
	struct diagnostics c = {.arena = l->arena};
	const char *error = NULL;
	const struct source *source;

	if (!expected_path)
		return true;
	for (int h = 0; h < LAB_HOSTS; h++)
		has[h] = o->program[h] != NULL;
	source = source_read_other(l->arena, expected_path, "a file of expectations", &error);
	if (source)
		s->expected = expectations_parse(l->arena, source, failure_names(l), has, &c);
	if (error)
		say("--expect: %s", error);
	diagnostics_print(stderr, &c);
	return s->expected != NULL;
}

/* ---- doing it ---- */

static bool plan_failures(const struct options *o, struct library *l, const struct facts *facts,
			  struct plan *plan)
{
	struct selection chosen = {0};
	bool found = try_choose(o, l, &chosen);
	bool planned = all_runs_plan(plan, l, &chosen, facts, o->families) && found;

	if (planned && !plan->count)
		say("none of these runs over that family");
	return planned && plan->count;
}

static int run_once(struct tally *t)
{
	return pool_run(&t->pool);
}

/* Everything that can be wrong with the command line, before anything is run. */
static bool prepare(const struct options *o, struct library *l, struct tally *t,
		    struct session *session, struct plan *plan, struct guest_kernel *room)
{
	const struct guest_kernel *guest;
	const char *error = NULL;
	struct facts facts;

	if (!o->program[HOST_CLIENT] && !o->program[HOST_SERVER]) {
		say("try what? --client 'COMMAND' or --server 'COMMAND' names the program");
		return false;
	}
	facts_gather(&facts, t->inv.release);
	if (!choose_kernel(l->arena, o, room, &guest))
		return false;
	if (guest)
		run_on_guest(&t->inv, guest, &facts);
	if (!facts_of_programs(&facts, l->arena, o, &error)) {
		say("%s", error);
		return false;
	}
	if (!files_can_be_kept(o, guest) || !programs_exist(l->arena, o) ||
	    !read_expectations(o, l, session))
		return false;
	if (session->expected)
		plan->patience = expectations_patience(session->expected);
	return plan_failures(o, l, &facts, plan);
}

static int cmd_try(const struct options *o, struct library *l)
{
	struct arena *a = l->arena;
	struct options options = *o; /* this report makes JSON itself */
	struct plan plan = {.arena = a, .slow = o->slow};
	struct tally t = {.inv = {.options = &options, .plan = &plan}};
	struct session session = {.inv = &t.inv, .is_json = o->json};
	struct guest_kernel room;
	const char *error = NULL;

	options.json = false;
	if (!prepare(o, l, &t, &session, &plan, &room))
		return EXIT_USAGE;
	session.is_colored = report_is_colored();
	session.where = where_text(a, o, &t.inv);
	session_begin(&session);
	if (!reports_open(&t.reports, a, &options, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	t.take = session_take;
	t.take_context = &session;
	t.inv.user = program_user(o->input);
	t.inv.voice = reporter_voice(t.reports.voice);
	t.inv.library = l->directory;
	t.inv.results =
	    results_open(a, o->results ? o->results : home_results(a), t.inv.release, &error);
	if (!t.inv.results) {
		say("%s", error);
		t.unwritten = true;
	}
	return all_runs_make(&t, a, &room, plan.count, run_once);
}

/* The options of reports: a file for CI beside this one, and colors. */
static const struct option_row *further(size_t i)
{
	static const char *const names[] = {"junit", "color"};
	const struct option_row *row;

	for (size_t k = 0; (row = reporter_option(k)); k++)
		if ((!strcmp(row->name, names[0]) || !strcmp(row->name, names[1])) && i-- == 0)
			return row;
	return NULL;
}

static const struct operand operands[] = {{.kind = OPERAND_FAILURE, .is_last = true}};

const struct command command_try = {
    .name = "try",
    .arguments = "[FAILURE...]",
    .help = "what a program does in every failure",
    .run = cmd_try,
    .operands = operands,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_JSON | WITH_PROGRAMS,
    .own = own,
    .more = further,
    .needs_proc = true,
};
