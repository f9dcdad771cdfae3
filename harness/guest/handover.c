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
#include "harness/run/results_read.h"

/* Of a console that repeats itself for a minute, the beginning is enough. */
#define CONSOLE_READ (1024 * 1024)
#define ACCOUNT_READ (16 * 1024 * 1024)
#define RESULT_READ  (64 * 1024 * 1024)
/* What the longest run of the library prints with -v is a hundredth of that. */
#define OUTPUT_READ (128 * 1024 * 1024)
#define LEFT_OUT    "\n.. and more than that: what a guest prints ends after 128 MB\n"
#define ERRORS_READ (1024 * 1024)

/* The verdict, once it is known. */
struct handover {
	struct boot *boot;
	enum verdict verdict;
	const char *why; /* in addition to the guest's message; NULL: none */
	bool instead;	 /* .. or instead of it */
	bool by_kernel;	 /* the kernel itself ended it */
	struct console console;
};

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
	int fd = boot_open(h->boot, "console.log");
	bool written = fd >= 0 && text_copy(out, fd);

	if (fd >= 0)
		close(fd);
	return written;
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

/* In place of what the guest has left there. */
static FILE *renew(int directory, enum left_file file)
{
	unlinkat(directory, left_files[file].name, 0);
	return results_new_file(directory, left_files[file].name);
}

static bool rewrite_json(struct handover *h, int directory)
{
	const char *text =
	    left_text(&h->boot->arena, directory, left_files[LEFT_RESULT].name, RESULT_READ);
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	FILE *out = json ? renew(directory, LEFT_RESULT) : NULL;
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

static bool add_console(struct handover *h, int directory)
{
	FILE *out = renew(directory, LEFT_CONSOLE);
	bool written = out && write_console(out, h);

	if (out)
		written = !fclose(out) && written;
	return written;
}

static bool keep_what_it_wrote(struct handover *h, const char **error)
{
	struct boot *b = h->boot;
	int all = boot_open_directory(b, "results");
	int from = all < 0 ? -1 : left_open_directory(all, b->planned->name);
	bool kept = false;

	if (from < 0 || (h->why && !rewrite_json(h, from)) ||
	    (!h->console.is_empty && !add_console(h, from)))
		*error = arena_printf(&b->arena, "%s/%s: %s", boot_path(b, "results"),
				      b->planned->name, strerror(errno ? errno : EIO));
	else
		kept = results_copy(&b->arena, b->inv->results, b->planned->name,
				    b->inv->options->keep, from, INT64_MAX, error);
	if (from >= 0)
		close(from);
	if (all >= 0)
		close(all);
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
	text = boot_text(b, "output", OUTPUT_READ, &length);
	if (b->inv->options->json)
		guest_put_json(out, text, length);
	else
		guest_put(out, text, length);
	if (length == OUTPUT_READ)
		fputs(LEFT_OUT, out);
	text = boot_text(b, "aside", ACCOUNT_READ, &length);
	if (!account_read(&b->arena, text, length, &account) && !h->why)
		return; /* whoever reads it says so */
	guest_account(&b->arena, &account);
	if (h->why) {
		account.verdict = h->verdict;
		account.diagnostic = h->why;
		account.instead = h->instead;
		account.by_kernel = h->by_kernel;
		if (h->instead)
			account.why = h->why;
	}
	account_write(aside, &account);
	json_decref(account.row);
}

static void print_errors(struct boot *b)
{
	size_t length;
	const char *text = boot_text(b, "errors", ERRORS_READ, &length);

	guest_put(stderr, text, length);
}

/* Blessing: a faulty kernel teaches nothing. */
static int hand_over_answer(struct handover *h, int unwritten, FILE *out)
{
	const char *text;
	size_t length;

	if (h->why) {
		bless_answer_write(out, &(struct bless_answer){.message = h->why});
		return VERDICT_BROKEN;
	}
	text = boot_text(h->boot, "output", OUTPUT_READ, &length);
	fwrite(text, 1, length, out); /* whoever reads it checks it */
	return (int)h->verdict | unwritten;
}

int guest_hand_over(struct boot *b, FILE *out, FILE *aside)
{
	struct handover h = {.boot = b};
	int unwritten = b->status == NO_STATUS ? 0 : b->status & RESULTS_UNWRITTEN;
	int own = b->status - unwritten;
	size_t length;

	console_read(&b->arena, boot_text(b, "console.log", CONSOLE_READ, &length), &h.console);
	h.verdict = guest_verdict(b, &h.console, &h.why);
	if (h.why)
		h.why = shown(&b->arena, h.why);
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
