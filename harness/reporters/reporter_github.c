/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Annotations, for reviews of a change on GitHub: for each run that failed, a command of its
 * runner, which shows it at the line of the scenario. The runner reads them wherever they are
 * printed; on standard error they are part of no report. Nothing else that is printed can be such a
 * command (base/outlet.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/outlet.h"
#include "harness/base/shown.h"
#include "harness/reporters/reporter.h"

static bool wanted(const struct options *o)
{
	const char *inside = getenv("GITHUB_ACTIONS");

	(void)o;
	return inside && !strcmp(inside, "true");
}

static FILE *open_it(struct arena *a, const char **error)
{
	FILE *out = outlet_commands();

	if (!out)
		*error = arena_printf(a, "annotations cannot be printed: %s", strerror(errno));
	return out;
}

/* `special`: the characters that must be escaped, besides the percent sign. */
static void put(FILE *out, const char *text, const char *special)
{
	size_t left = strlen(text), length = 1;

	for (; left; text += length, left -= length) {
		length = 1;
		if (*text == '%' || strchr(special, *text))
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			length = shown_one(out, text, left);
	}
}

#define IN_MESSAGE  "\r\n"
#define IN_PROPERTY "\r\n:,"

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	const struct account *a = &e->account;
	const char *why = a->why ? a->why : a->diagnostic;

	if (!ended_badly(e))
		return;
	fputs("::error file=", out);
	put(out, a->file ? a->file : e->planned->scenario->path, IN_PROPERTY);
	fprintf(out, ",line=%d,title=", a->file ? a->line : 1);
	put(out, e->name, IN_PROPERTY);
	fputs(" on Linux ", out);
	put(out, r->inv->release, IN_PROPERTY);
	fputs("::", out);
	if (ended_vanished(e)) {
		fputs(ended_vanished(e), out);
	} else if (a->verdict == VERDICT_FAIL && a->expected && a->got) {
		fputs("expected ", out);
		put(out, a->expected, IN_MESSAGE);
		fputs("; got ", out);
		put(out, a->got, IN_MESSAGE);
	} else {
		put(out, why ? why : "no reason is known", IN_MESSAGE);
	}
	if (e->trace) {
		fputs("; trace: ", out);
		put(out, e->trace, IN_MESSAGE);
	}
	putc('\n', out);
}

const struct reporter reporter_github = {
    .name = "github",
    .wanted = wanted,
    .open = open_it,
    .ended = ended,
};
