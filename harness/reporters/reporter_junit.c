/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit's XML, as Ant writes it and Jenkins, GitLab and others read it: a suite for each topic on
 * that kernel. It has only what all their schemas allow, in the order that the strictest one
 * requires (tests/data/junit.xsd). A suite begins with its counts, so everything is written at the
 * end.
 *
 * libxml2 could write it, but that is one more library, for what takes some twenty lines here:
 * characters with a meaning in XML are escaped, and those that XML does not allow are shown as
 * everywhere else (base/shown.h), or as U+FFFD.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/trust.h"
#include "harness/reporters/reporter.h"

static const char *path;

static const struct option_row option = {
    .name = "junit",
    .argument = "FILE",
    .expected = "a file",
    .set = option_text,
    .own = &path,
    .help = "write a report there, too, in JUnit's XML",
};

static struct {
	struct arena *arena;
	time_t began;
	struct ended *runs;
	size_t count;
} seen;

static bool wanted(const struct options *o)
{
	(void)o;
	return path != NULL;
}

static FILE *open_it(struct arena *a, const char **error)
{
	int fd = trust_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		*error = arena_printf(a, "cannot write to %s: %s", path, trust_why(errno));
	seen.arena = a;
	seen.began = time(NULL);
	return out;
}

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	struct ended *kept = arena_push(seen.arena, seen.runs, seen.count);

	(void)out, (void)r;
	*kept = *e;
	kept->account.row = NULL;
	kept->body = NULL;
}

/* ---- XML ---- */

/* U+FFFE and U+FFFF are the only characters that are shown elsewhere but not allowed in XML. */
static void put(FILE *out, const char *text)
{
	static const struct {
		const char *character, *escaped;
	} special[] = {
	    {"&", "&amp;"},
	    {"<", "&lt;"},
	    {">", "&gt;"},
	    {"\"", "&quot;"},
	    {"\xef\xbf\xbe", "\xef\xbf\xbd"},
	    {"\xef\xbf\xbf", "\xef\xbf\xbd"},
	};

	for (text = shown(seen.arena, text); *text;) {
		size_t i = 0;

		while (i < ARRAY_SIZE(special) &&
		       strncmp(text, special[i].character, strlen(special[i].character)) != 0)
			i++;
		if (i < ARRAY_SIZE(special)) {
			fputs(special[i].escaped, out);
			text += strlen(special[i].character);
		} else {
			putc(*text++, out);
		}
	}
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put(out, text);
	putc('"', out);
}

static double seconds(ns_t took)
{
	return (double)took / NS_PER_S;
}

/* ---- a run ---- */

/* What viewers know. A known failure is like a skipped test there. */
enum kind { PASSED, FAILED, ERROR, SKIPPED, KINDS };

static enum kind kind_of(const struct ended *e)
{
	static const enum kind kinds[VERDICT_COUNT] = {
	    [VERDICT_PASS] = PASSED,   [VERDICT_FAIL] = FAILED,	 [VERDICT_SKIP] = SKIPPED,
	    [VERDICT_UNSURE] = FAILED, [VERDICT_BROKEN] = ERROR,
	};
	static const enum kind stands[STANDING_COUNT] = {
	    [STANDS_KNOWN] = SKIPPED,
	    [STANDS_NEW] = FAILED,
	    [STANDS_VANISHED] = FAILED,
	};

	return e->standing == STANDS_ALONE ? kinds[e->account.verdict] : stands[e->standing];
}

static const char *why_skipped(const struct ended *e)
{
	const struct account *a = &e->account;
	const char *why = account_why(a);

	if (e->standing == STANDS_KNOWN)
		return arena_printf(seen.arena, "known failure: %s", why ? why : "");
	return why ? why : "";
}

static void put_failure(FILE *out, const struct ended *e)
{
	const struct account *a = &e->account;
	bool broken = kind_of(e) == ERROR;
	const char *message = a->verdict == VERDICT_BROKEN || !a->reason ? a->why : a->reason;

	if (ended_vanished(e))
		message = ended_vanished(e);
	fprintf(out, "<%s type=\"%s\"", broken ? "error" : "failure",
		ended_vanished(e) ? standing_names[e->standing] : verdict_names[a->verdict]);
	if (!message)
		message = a->diagnostic;
	put_attribute(out, "message", message ? message : "no reason is known");
	fputs(">\n", out);
	if (a->file) {
		put(out, a->file);
		fprintf(out, ":%d\n", a->line);
	}
	put_labelled(out, "", "expected", a->expected, put);
	put_labelled(out, "", "got", a->got, put);
	put_labelled(out, "", "differ", a->differ, put);
	put_labelled(out, "", "kernel", a->diagnostic, put);
	put_labelled(out, "", "trace", e->trace, put);
	fprintf(out, "</%s>", broken ? "error" : "failure");
}

static const char *topic_of(const struct ended *e)
{
	return e->planned->scenario->topic ? e->planned->scenario->topic : "files";
}

/* Viewers take dots for packages. */
static const char *class_of(const char *release, const char *topic)
{
	char *name = arena_printf(seen.arena, "Linux_%s.%s", release, topic);
	char *end = name + strlen("Linux_") + strlen(release);

	for (char *c = name; c < end; c++)
		if (*c == '.')
			*c = '_';
	return name;
}

static void put_run(FILE *out, const struct reporting *r, const struct ended *e)
{
	fputs("  <testcase", out);
	put_attribute(out, "name", e->name);
	put_attribute(out, "classname", class_of(r->inv->release, topic_of(e)));
	fprintf(out, " time=\"%.3f\">", seconds(e->account.took));
	if (kind_of(e) == SKIPPED) {
		fputs("<skipped", out);
		put_attribute(out, "message", why_skipped(e));
		fputs("/>", out);
	} else if (kind_of(e) != PASSED) {
		put_failure(out, e);
	}
	fputs("</testcase>\n", out);
}

/* ---- all of them ---- */

static bool is_first_of_topic(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(topic_of(&seen.runs[k]), topic_of(&seen.runs[i])))
			return false;
	return true;
}

static void put_head(FILE *out, const struct reporting *r, const char *topic, size_t id)
{
	size_t count[KINDS] = {0}, all = 0;
	struct utsname machine;
	struct tm tm;
	ns_t took = 0;
	char began[32];

	for (size_t i = 0; i < seen.count; i++) {
		if (strcmp(topic_of(&seen.runs[i]), topic) != 0)
			continue;
		all++;
		count[kind_of(&seen.runs[i])]++;
		took += seen.runs[i].account.took;
	}
	uname(&machine);
	strftime(began, sizeof(began), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seen.began, &tm));
	fprintf(out, " <testsuite id=\"%zu\"", id);
	put_attribute(out, "package", arena_printf(seen.arena, "Linux %s", r->inv->release));
	put_attribute(out, "name", topic);
	put_attribute(out, "hostname", *machine.nodename ? machine.nodename : "localhost");
	fprintf(out,
		" timestamp=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
		"time=\"%.3f\">\n  <properties>\n   <property name=\"kernel\"",
		began, all, count[FAILED], count[ERROR], count[SKIPPED], seconds(took));
	put_attribute(out, "value", r->inv->release);
	fputs("/>\n  </properties>\n", out);
}

/* What came of each run of that topic, if that is known in a line. */
static void put_summaries(FILE *out, const char *topic)
{
	bool any = false;

	for (size_t i = 0; i < seen.count; i++) {
		const struct ended *e = &seen.runs[i];

		if (!e->account.summary || strcmp(topic_of(e), topic) != 0)
			continue;
		fputs(any ? "" : "  <system-out>\n", out);
		put(out, e->name);
		fputs(": ", out);
		put(out, e->account.summary);
		putc('\n', out);
		any = true;
	}
	fputs(any ? "  </system-out>\n" : "  <system-out/>\n", out);
}

static void end(FILE *out, const struct reporting *r)
{
	size_t id = 0;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	for (size_t i = 0; i < seen.count; i++) {
		const char *topic = topic_of(&seen.runs[i]);

		if (!is_first_of_topic(i))
			continue;
		put_head(out, r, topic, id++);
		for (size_t k = i; k < seen.count; k++)
			if (!strcmp(topic_of(&seen.runs[k]), topic))
				put_run(out, r, &seen.runs[k]);
		put_summaries(out, topic_of(&seen.runs[i]));
		fputs("  <system-err/>\n </testsuite>\n", out);
	}
	fputs("</testsuites>\n", out);
}

const struct reporter reporter_junit = {
    .name = "junit",
    .wanted = wanted,
    .option = &option,
    .open = open_it,
    .ended = ended,
    .end = end,
};
