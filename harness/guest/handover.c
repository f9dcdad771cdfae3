/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's files become the run's: its output, its row of a table, its results.
 *
 * The guest prints and writes as if it were alone, into the directory that both see. Only when it
 * has ended is it known whether this is complete: its kernel may have warned, or panicked while it
 * powered off. Then the verdict is changed, in the output and in result.json; and the console is
 * put beside the results. Only then the results are put in their place, as a whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/bless/bless_answer.h"
#include "harness/guest/guest.h"
#include "harness/report/account.h"
#include "harness/report/report_json.h"
#include "harness/run/left_files.h"
#include "harness/run/results.h"

/* Of a console that repeats itself for a minute, the beginning is enough. */
#define CONSOLE_READ (1024 * 1024)
#define ACCOUNT_READ (1024 * 1024)
#define ERRORS_READ  (1024 * 1024)

/* The verdict, once it is known. */
struct handover {
	struct boot *boot;
	enum verdict verdict;
	const char *why; /* in addition to the guest's message; NULL: none */
	bool instead;	 /* .. or instead of it */
	bool by_kernel;	 /* the kernel itself ended it */
	struct console console;
};

/* ---- files ---- */

/* The beginning of it, with a 0 behind it; "": there is none. */
static const char *read_beginning(struct boot *b, const char *name, size_t most, size_t *length)
{
	FILE *in = fopen(boot_path(b, name), "re");
	char *text = arena_alloc(&b->arena, most + 1);

	*length = in ? fread(text, 1, most, in) : 0;
	if (in)
		fclose(in);
	return text;
}

/* ---- results ---- */

static json_t *broken_json(struct handover *h)
{
	json_t *json = report_json_broken(h->boot->planned, h->boot->inv->release, h->why);

	if (h->by_kernel)
		report_json_by_kernel(json);
	return json;
}

static bool write_console(FILE *out, void *context)
{
	struct handover *h = context;

	return text_copy(out, boot_path(h->boot, "console.log"));
}

static bool write_broken(FILE *out, void *context)
{
	json_t *json = broken_json(context);
	bool written = report_json_write(out, json);

	json_decref(json);
	return written;
}

/* The guest has no results: write why, and its console. */
static bool keep_nothing_else(struct handover *h, const char **error)
{
	const struct result_file files[] = {
	    {left_files[LEFT_RESULT].name, write_broken, NULL},
	    {h->boot->why_not ? NULL : left_files[LEFT_CONSOLE].name, write_console, NULL},
	    {NULL, NULL, NULL},
	};
	const struct invocation *inv = h->boot->inv;

	return results_write(&h->boot->arena, inv->results, h->boot->planned->name,
			     inv->options->keep, files, h, error);
}

static bool rewrite_json(struct handover *h, const char *path)
{
	json_t *json = json_load_file(path, 0, NULL);
	FILE *out = json ? fopen(path, "we") : NULL;
	bool written = false;

	if (out) {
		report_json_alter(json, h->verdict, h->why);
		if (h->by_kernel)
			report_json_by_kernel(json);
		written = report_json_write(out, json);
		written = !fclose(out) && written;
	}
	json_decref(json);
	return written;
}

static bool add_console(struct handover *h, const char *path)
{
	FILE *out = fopen(path, "we");
	bool written = out && write_console(out, h);

	if (out)
		written = !fclose(out) && written;
	return written;
}

static const char *left_path(struct handover *h, const char *directory, enum left_file file)
{
	return arena_printf(&h->boot->arena, "%s/%s", directory, left_files[file].name);
}

static bool keep_what_it_wrote(struct handover *h, const char **error)
{
	struct boot *b = h->boot;
	const char *made =
	    arena_printf(&b->arena, "%s/%s", boot_path(b, "results"), b->planned->name);
	int from = -1;
	bool kept;

	errno = 0;
	if ((h->why && !rewrite_json(h, left_path(h, made, LEFT_RESULT))) ||
	    (!h->console.is_empty && !add_console(h, left_path(h, made, LEFT_CONSOLE))) ||
	    (from = open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
		*error = arena_printf(&b->arena, "%s: %s", made, strerror(errno ? errno : EIO));
		return false;
	}
	kept = results_copy(&b->arena, b->inv->results, b->planned->name, b->inv->options->keep,
			    from, INT64_MAX, error);
	close(from);
	return kept;
}

/* False: they could not be kept, and standard error has a message. */
static bool keep(struct handover *h)
{
	struct boot *b = h->boot;
	const char *error = NULL;

	if (!b->inv->results)
		return true;
	if (b->status == NO_STATUS ? keep_nothing_else(h, &error) : keep_what_it_wrote(h, &error))
		return true;
	say("the results could not be written: %s", error);
	return false;
}

/* ---- output ---- */

/* What was printed, and the account: as it is, or with another verdict, and why. */
static void print(struct handover *h, FILE *out, FILE *aside)
{
	struct boot *b = h->boot;
	struct account account;
	const char *text;
	size_t length;

	if (b->status == NO_STATUS) {
		account = account_broken(h->why);
		account.by_kernel = h->by_kernel;
		return account_write(aside, &account);
	}
	text_copy(out, boot_path(b, "output"));
	if (!h->why) {
		text_copy(aside, boot_path(b, "aside"));
		return;
	}
	text = read_beginning(b, "aside", ACCOUNT_READ, &length);
	account_read(&b->arena, text, length, &account);
	account.verdict = h->verdict;
	account.diagnostic = h->why;
	account.instead = h->instead;
	account.by_kernel = h->by_kernel;
	if (h->instead)
		account.why = h->why;
	account_write(aside, &account);
	json_decref(account.row);
}

/*
 * What the guest has written to standard error. Whoever is root there, as a program under test can
 * be, may have written it, too: it gives no command to a terminal.
 */
static void print_errors(struct boot *b)
{
	size_t length;
	const char *text = read_beginning(b, "errors", ERRORS_READ, &length);

	for (size_t i = 0; i < length;)
		if (text[i] == '\n' || text[i] == '\t')
			putc(text[i++], stderr);
		else
			i += shown_one(stderr, text + i, length - i);
}

/* Blessing: a faulty kernel teaches nothing. */
static int hand_over_answer(struct handover *h, int unwritten, FILE *out)
{
	if (h->why) {
		bless_answer_write(out, &(struct bless_answer){.message = h->why});
		return VERDICT_BROKEN;
	}
	text_copy(out, boot_path(h->boot, "output"));
	return (int)h->verdict | unwritten;
}

int guest_hand_over(struct boot *b, FILE *out, FILE *aside)
{
	struct handover h = {.boot = b};
	int unwritten = b->status == NO_STATUS ? 0 : b->status & RESULTS_UNWRITTEN;
	int own = b->status - unwritten;
	size_t length;

	console_read(&b->arena, read_beginning(b, "console.log", CONSOLE_READ, &length),
		     &h.console);
	h.verdict = guest_verdict(b, &h.console, &h.why);
	if (h.verdict == VERDICT_UNSURE)
		return h.verdict;
	h.by_kernel = h.verdict == VERDICT_BROKEN && guest_was_fault(b, &h.console);
	/* A skipped run has no other reason; a broken one may have a better one already. */
	h.instead = own == VERDICT_SKIP || (h.verdict == VERDICT_BROKEN && own != VERDICT_BROKEN);
	print_errors(b);
	if (b->inv->order)
		return hand_over_answer(&h, unwritten, out);
	if (!unwritten && !keep(&h))
		unwritten = RESULTS_UNWRITTEN;
	print(&h, out, aside);
	return (int)h.verdict | unwritten;
}
