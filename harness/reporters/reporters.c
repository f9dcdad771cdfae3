/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of reporters, and the functions that call them. A new one is a file reporter_NAME.c
 * with its `reporter_NAME`, and its name here.
 *
 * The voice's stream is standard output through pool_write(), so that waiting for a slow reader can
 * still be interrupted. It is flushed each time, and the reason for a failed write is kept, since
 * stdio does not promise to leave errno alone.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/reporters/reporter.h"
#include "harness/run/pool.h"

#define REPORTERS(X) X(text) X(json) X(tap) X(junit) X(github) X(baseline) X(try) X(try_json)

#define DECLARED(name) extern const struct reporter reporter_##name;
#define LISTED(name)   &reporter_##name,

REPORTERS(DECLARED)

/* The first one is the voice by default. */
static const struct reporter *const reporters[] = {REPORTERS(LISTED) NULL};

const struct reporter *reporter_find(const char *name)
{
	for (size_t i = 0; name && reporters[i]; i++)
		if (strcmp(reporters[i]->name, name) == 0)
			return reporters[i];
	return reporters[0];
}

struct voice reporter_voice(const struct reporter *reporter)
{
	return (struct voice){reporter->name, reporter->body};
}

const struct option_row *reporter_option(size_t i)
{
	for (size_t k = 0; reporters[k]; k++)
		if (reporters[k]->option && i-- == 0)
			return reporters[k]->option;
	return NULL;
}

bool ended_badly(const struct ended *e)
{
	enum verdict v = e->account.verdict;

	return e->standing == STANDS_VANISHED ||
	       (e->standing != STANDS_KNOWN && v != VERDICT_PASS && v != VERDICT_SKIP);
}

const char *ended_vanished(const struct ended *e)
{
	return e->standing == STANDS_VANISHED ? "it is known to fail, and has passed" : NULL;
}

/* ---- streams ---- */

static ssize_t write_voice(void *context, const char *bytes, size_t length)
{
	struct reports *r = context;

	if (r->error)
		return 0;
	if (pool_write(STDOUT_FILENO, bytes, length))
		return (ssize_t)length;
	r->error = errno ? errno : EIO;
	return 0;
}

static bool add(struct reports *r, const struct reporter *reporter, FILE *out)
{
	struct speaking *s = arena_push(r->arena, r->list, r->count);

	*s = (struct speaking){reporter, out};
	return out != NULL;
}

static bool choose_voice(struct reports *r, const struct options *o, const char **error)
{
	r->voice = reporters[0];
	for (size_t i = 1; reporters[i]; i++) {
		if (!reporters[i]->is_voice || !reporters[i]->wanted(o))
			continue;
		if (r->voice != reporters[0]) {
			*error = arena_printf(
			    r->arena, "--%s and --%s contradict each other: both are printed",
			    r->voice->name, reporters[i]->name);
			return false;
		}
		r->voice = reporters[i];
	}
	return true;
}

bool reports_open(struct reports *r, struct arena *a, const struct options *o, const char **error)
{
	*r = (struct reports){.arena = a};
	if (!choose_voice(r, o, error))
		return false;
	*error = "out of memory";
	if (!add(r, r->voice, fopencookie(r, "w", (cookie_io_functions_t){.write = write_voice})))
		return false;
	for (size_t i = 1; reporters[i]; i++)
		if (!reporters[i]->is_voice && reporters[i]->wanted(o) &&
		    !add(r, reporters[i], reporters[i]->open(a, error)))
			return false;
	return true;
}

void reports_close(struct reports *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].out)
			fclose(r->list[i].out);
	json_decref(r->so_far.rows);
	r->count = 0;
}

/* ---- asking ---- */

/*
 * Flush what they have just written. If nobody reads a report any more, that is reported like any
 * other error; only the voice's SIGPIPE ends the program.
 */
static bool flush(struct reports *r)
{
	struct sigaction before, ignoring = {.sa_handler = SIG_IGN};

	sigaction(SIGPIPE, &ignoring, &before);
	for (size_t i = 1; i < r->count; i++) {
		if (r->unwritten || (!fflush(r->list[i].out) && !ferror(r->list[i].out)))
			continue;
		say("the report of --%s could not be written: %s", r->list[i].reporter->name,
		    strerror(errno));
		r->unwritten = true;
	}
	sigaction(SIGPIPE, &before, NULL);
	fflush(r->list[0].out);
	errno = r->error;
	return !r->error;
}

bool reports_begin(struct reports *r, const struct invocation *inv, size_t total)
{
	r->so_far.total = total;
	r->so_far.inv = inv;
	r->so_far.rows = json_array();
	for (const struct speaking *s = r->list; s < r->list + r->count; s++)
		if (s->reporter->begin)
			s->reporter->begin(s->out, &r->so_far);
	return flush(r);
}

bool reports_ended(struct reports *r, const struct ended *e)
{
	for (const struct speaking *s = r->list; s < r->list + r->count; s++)
		if (s->reporter->ended)
			s->reporter->ended(s->out, &r->so_far, e);
	r->so_far.done++;
	return flush(r);
}

bool reports_table(struct reports *r, const char *group)
{
	for (const struct speaking *s = r->list; s < r->list + r->count; s++)
		if (s->reporter->table)
			s->reporter->table(s->out, &r->so_far, group);
	return flush(r);
}

bool reports_end(struct reports *r)
{
	for (const struct speaking *s = r->list; s < r->list + r->count; s++)
		if (s->reporter->end)
			s->reporter->end(s->out, &r->so_far);
	return flush(r);
}

void reports_cut_off(struct reports *r)
{
	for (size_t i = 1; i < r->count; i++)
		if (r->list[i].reporter->end)
			r->list[i].reporter->end(r->list[i].out, &r->so_far);
	flush(r);
}

void put_labelled(FILE *out, const char *before, const char *what, const char *text,
		  void (*put)(FILE *, const char *))
{
	if (!text)
		return;
	fprintf(out, "%s%s: ", before, what);
	put(out, text);
	putc('\n', out);
}
