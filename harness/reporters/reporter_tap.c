/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP, version 14, as the kernel's own tests print it: what is reported of a run is in comments
 * directly above its line, and the counts are in one at the end (the kernel's
 * Documentation/dev-tools/ktap.rst).
 */
#include "harness/base/shown.h"
#include "harness/reporters/reporter.h"

static bool asked;

static const struct option_row option = {
    .name = "tap",
    .set = option_flag,
    .own = &asked,
    .value = true,
    .help = "TAP 14 instead of text, as the kernel's selftests print it",
};

static bool wanted(const struct options *o)
{
	(void)o;
	return asked;
}

static void begin(FILE *out, const struct reporting *r)
{
	fprintf(out, "TAP version 14\n# tcplab on Linux %s\n", r->inv->release);
	if (r->total != NOT_KNOWN)
		fprintf(out, "1..%zu\n", r->total);
}

/* A # would begin a directive. */
static void put_description(FILE *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '#' || *name == '\\')
			putc('\\', out);
		putc(*name, out);
	}
}

static void put_failure(FILE *out, const struct ended *e)
{
	const struct account *a = &e->account;

	if (a->file) {
		fputs("# at: ", out);
		shown_put(out, a->file);
		fprintf(out, ":%d\n", a->line);
	}
	put_labelled(out, "# ", "expected", a->expected, shown_put);
	put_labelled(out, "# ", "got", a->got, shown_put);
	put_labelled(out, "# ", "differ", a->differ, shown_put);
	put_labelled(out, "# ", "broken", a->why, shown_put);
	put_labelled(out, "# ", "kernel", a->instead ? NULL : a->diagnostic, shown_put);
	put_labelled(out, "# ", "trace", e->trace, shown_put);
}

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	enum verdict v = e->account.verdict;
	bool passed = v == VERDICT_PASS || v == VERDICT_SKIP;
	bool good = passed && e->standing != STANDS_VANISHED;

	if (!passed)
		put_failure(out, e);
	put_labelled(out, "# ", "vanished", ended_vanished(e), shown_put);
	fprintf(out, "%sok %zu - ", good ? "" : "not ", r->done + 1);
	put_description(out, e->name);
	if (v == VERDICT_SKIP) {
		fputs(" # SKIP ", out);
		shown_put(out, e->account.why ? e->account.why : "");
	}
	if (e->standing == STANDS_KNOWN)
		fputs(" # TODO known", out);
	putc('\n', out);
}

static void end(FILE *out, const struct reporting *r)
{
	size_t known = r->standing[STANDS_KNOWN], vanished = r->standing[STANDS_VANISHED];
	size_t failed = r->count[VERDICT_FAIL], broken = r->count[VERDICT_BROKEN];

	if (r->against) { /* a kernel that panics has failed */
		failed = known + r->standing[STANDS_NEW];
		broken = r->count[VERDICT_FAIL] + r->count[VERDICT_BROKEN] - failed;
	}
	if (r->total == NOT_KNOWN)
		fprintf(out, "1..%zu\n", r->done);
	else if (r->done < r->total)
		fputs("Bail out! The first failure ends it.\n", out);
	fprintf(out, "# Totals: pass:%zu fail:%zu xfail:%zu xpass:%zu skip:%zu error:%zu\n",
		r->count[VERDICT_PASS] - vanished, failed - known, known, vanished,
		r->count[VERDICT_SKIP], broken);
}

const struct reporter reporter_tap = {
    .name = "tap",
    .is_voice = true,
    .wanted = wanted,
    .option = &option,
    .begin = begin,
    .ended = ended,
    .end = end,
};
