/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: whoever runs scenarios (run, try) plans them, then lets the pool make them
 * between the beginning and the end of the reports. Guests get a directory for as long as that
 * takes. What became of it all is the program's exit status.
 */
#include "harness/cli/all_runs.h"

#include <signal.h>
#include <stdio.h>

#include "harness/base/exit_status.h"
#include "harness/base/shown.h"
#include "harness/guest/guest.h"
#include "harness/run/results.h"

bool all_runs_plan(struct plan *plan, struct library *l, const struct selection *chosen,
		   const struct facts *facts, unsigned families)
{
	bool planned = true;

	for (size_t i = 0; i < chosen->count; i++) {
		struct diagnostics c = {.arena = l->arena};
		const char *error = NULL;

		if (plan_add(plan, l, chosen->list[i], facts, families, &c, &error))
			continue;
		if (error)
			say("%s", error);
		diagnostics_print(stderr, &c);
		planned = false;
	}
	return planned;
}

static int cannot_print(const struct tally *t)
{
	say("cannot write to standard output");
	return t->failed ? EXIT_FAILED : EXIT_BROKEN;
}

static int end_early(struct tally *t, int sig)
{
	if (!t->ended)
		reports_cut_off(&t->reports);
	if (t->muted)
		return EXIT_BROKEN;
	return sig == SIGPIPE ? 128 + SIGPIPE : EXIT_INTERRUPTED;
}

static int make(struct tally *t, size_t total, int (*run)(struct tally *t))
{
	int sig;

	tally_begin(t);
	fflush(stdout);
	if (!reports_begin(&t->reports, &t->inv, total)) {
		reports_cut_off(&t->reports);
		return cannot_print(t);
	}
	progress_begin(&t->progress);
	sig = run(t);
	progress_clear(&t->progress);
	if ((sig || t->stopped) && t->inv.results)
		results_sweep(t->inv.results);
	if (sig)
		return end_early(t, sig);
	if (!reports_end(&t->reports))
		return cannot_print(t);
	t->unwritten |= t->reports.unwritten;
	if (t->failed)
		return EXIT_FAILED;
	return t->broken || t->unwritten ? EXIT_BROKEN : EXIT_PASSED;
}

int all_runs_make(struct tally *t, struct arena *a, struct guest_kernel *guest, size_t total,
		  int (*run)(struct tally *t))
{
	struct scratch guests = {.fd = -1};
	const char *error = NULL;
	int status = EXIT_BROKEN;

	if (t->inv.guest)
		t->inv.work = guest_open(a, guest, &guests, &error);
	if (t->inv.guest && !t->inv.work) {
		say("%s", error);
		reports_cut_off(&t->reports);
	} else {
		status = make(t, total, run);
		scratch_remove(&guests);
	}
	reports_close(&t->reports);
	return status;
}
