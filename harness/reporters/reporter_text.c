/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for people. For a single run: its transcript, then what went wrong, the verdict last.
 * For several: a line for each, and an account of those that failed below it; then the counts.
 *
 * What the run's process writes is printed above the verdict or below it; the verdict itself is
 * written by the process that reports, since it may be altered in between.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/explain/explain.h"
#include "harness/ladder/ladder.h"
#include "harness/report/report_table.h"
#include "harness/report/transcript.h"
#include "harness/reporters/key.h"
#include "harness/reporters/reporter.h"
#include "harness/run/pool.h"

/* ---- in the run's process ---- */

static bool has_stamps(const struct outcome *o)
{
	return o->inv->options->stamps == WHEN_ALWAYS;
}

static void print_ladder(FILE *out, const struct observation *seen)
{
	struct arena a = {0};
	struct ladder_layout layout;

	ladder_lay_out_run(&a, seen, &layout);
	ladder_print(out, &layout);
	fputc('\n', out);
	arena_free(&a);
}

/* What happened, as far as it should be shown. */
static void print_transcript(FILE *out, const struct outcome *o)
{
	const struct observation *seen = o->seen;

	if (o->inv->options->ladder) {
		print_ladder(out, seen);
		return;
	}
	if (o->inv->options->explain) {
		explain_print(out, seen);
		return;
	}
	if (o->inv->options->verbose)
		transcript_print_verbose(out, seen);
	else if (has_stamps(o))
		transcript_print_stamped(out, seen);
	else
		transcript_print(out, seen);
	/* The file in the results has them only if there is something to find out. */
	if (!o->inv->options->verbose && !seen->judgement.problem_count)
		values_print(out, seen);
	fputc('\n', out);
}

static void print_row(FILE *out, json_t *row)
{
	json_t *rows = json_pack("[O]", row);

	report_table_print(out, rows, NULL);
	json_decref(rows);
	fputc('\n', out);
}

static void print_failure(FILE *out, const struct outcome *o)
{
	bool happened = has_happened(o->seen);

	if (happened && !o->inv->options->quiet && o->seen->judgement.problem_count) {
		failure_print(out, o->seen, has_stamps(o));
		fputc('\n', out);
	} else if (happened) {
		reason_print(out, o->seen);
	}
}

static void body(FILE *out, struct outcome *o)
{
	const struct options *options = o->inv->options;
	bool single = o->inv->single;
	bool loud = !options->quiet && has_happened(o->seen);
	long above;

	if (loud && (single || options->verbose || options->ladder || options->explain))
		print_transcript(out, o);
	if (loud && single && o->account.row)
		print_row(out, o->account.row);
	if (single)
		print_failure(out, o);
	above = ftell(out);
	o->account.before = above > 0 ? (size_t)above : 0;
	if (!single)
		print_failure(out, o);
}

/* ---- in the one that reports ---- */

static int64_t when;

static const struct option_row option = {
    .name = "color",
    .argument = "WHEN",
    .expected = "auto, always or never",
    .set = option_when,
    .own = &when,
    .help = "verdicts in color: auto (on a terminal), always, never",
};

/* NO_COLOR is a common convention (no-color.org); the command line takes precedence. */
bool report_is_colored(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return !(no && *no) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void print_word(FILE *out, enum verdict v)
{
	static const char *const colors[VERDICT_COUNT] = {
	    [VERDICT_PASS] = "\033[32m",
	    [VERDICT_FAIL] = "\033[31m",
	    [VERDICT_SKIP] = "\033[33m",
	    [VERDICT_BROKEN] = "\033[35m",
	};
	bool colored = colors[v] && report_is_colored();

	fprintf(out, "%s%-4s%s", colored ? colors[v] : "", verdict_names[v],
		colored ? "\033[m" : "");
}

/* pass  connect-refused  (3 ms) */
static void print_verdict(FILE *out, const struct ended *e)
{
	const struct account *a = &e->account;

	print_word(out, a->verdict);
	fprintf(out, "  %s  (", e->name);
	if (a->why)
		shown_put(out, a->why);
	else if (a->took < NS_PER_S)
		fprintf(out, "%d ms", (int)((a->took + NS_PER_MS / 2) / NS_PER_MS));
	else
		fprintf(out, "%.1f s", (double)a->took / NS_PER_S);
	if (standing_names[e->standing])
		fprintf(out, "; %s", standing_names[e->standing]);
	fputs(")\n", out);
}

/* ---- those that failed, once more ---- */

/* With this many runs or fewer, all that was printed is still on the screen. */
#define FEW 20

static struct {
	struct arena arena;
	struct ended *list;
	size_t count;
} failures;

static void note_failure(const struct ended *e)
{
	struct ended *kept;

	if (!ended_badly(e))
		return;
	kept = arena_push(&failures.arena, failures.list, failures.count);
	*kept = *e;
}

static void print_failures(FILE *out)
{
	fputs("\nfailed:\n", out);
	for (size_t i = 0; i < failures.count; i++) {
		const struct account *a = &failures.list[i].account;
		const char *vanished = ended_vanished(&failures.list[i]);
		const char *why = vanished ? vanished : account_why(a);

		print_word(out, a->verdict);
		fprintf(out, "  %s  (", failures.list[i].name);
		shown_put(out, why ? why : "");
		fputs(")\n", out);
	}
	putc('\n', out);
}

/* What the locale says; its other effects are not wanted, so it is not made the program's. */
static bool is_utf8_shown(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", NULL);
	bool utf8 = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return utf8;
}

/* What the run's process has written. */
static void print_body(FILE *out, const struct reporting *r, const char *bytes, size_t length)
{
	const struct options *o = r->inv->options;

	if (o->ladder)
		ladder_adapt(out, bytes, length, report_is_colored(), is_utf8_shown());
	else if (o->explain)
		explain_turn(out, bytes, length, o->pause && key_is_there() ? key_wait : NULL);
	else
		fwrite(bytes, 1, length, out);
}

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	const struct account *a = &e->account;
	const char *diagnostic = a->instead ? NULL : a->diagnostic;
	const char *space = r->inv->options->quiet ? "" : "\n";
	size_t above = a->before < e->length ? a->before : e->length;

	if (above)
		print_body(out, r, e->body, above);
	if (diagnostic && r->inv->single)
		fprintf(out, "%s\n%s", diagnostic, space);
	print_verdict(out, e);
	if (e->length > above)
		print_body(out, r, e->body + above, e->length - above);
	note_failure(e);
	if (diagnostic && !r->inv->single)
		fprintf(out, "%s\n%s", diagnostic, space);
}

static bool is_only_scenario(const struct plan *plan)
{
	return plan->list[0].scenario == plan->list[plan->count - 1].scenario;
}

/*
 * A table of several runs is printed in place of the transcripts; a single run has printed its own.
 */
static void table(FILE *out, const struct reporting *r, const char *group)
{
	const struct options *o = r->inv->options;

	if (o->quiet || r->inv->single || !(is_only_scenario(r->inv->plan) || o->verbose))
		return;
	fprintf(out, "\n%s\n\n", group);
	report_table_print(out, r->rows, pool_interrupted);
	putc('\n', out);
}

static void end(FILE *out, const struct reporting *r)
{
	size_t broken = r->count[VERDICT_BROKEN], failed = r->count[VERDICT_FAIL] + broken;

	if (r->inv->single) /* its verdict is the last line */
		return;
	if (failures.count && r->done > FEW)
		print_failures(out);
	if (r->against)
		fprintf(out, "against %s: %zu known, %zu new, %zu vanished\n", r->against->path,
			r->standing[STANDS_KNOWN], r->standing[STANDS_NEW],
			r->standing[STANDS_VANISHED]);
	if (broken)
		fprintf(out, "%zu of the failed could not be run\n", broken);
	if (r->unsure)
		fprintf(out, "%zu unsure, repeated\n", r->unsure);
	fprintf(out, "%zu passed, %zu failed, %zu skipped\n", r->count[VERDICT_PASS], failed,
		r->count[VERDICT_SKIP]);
	arena_free(&failures.arena);
}

const struct reporter reporter_text = {
    .name = "text",
    .is_voice = true,
    .option = &option,
    .body = body,
    .ended = ended,
    .table = table,
    .end = end,
};
