/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: an index is made from events, so it says who gets an errno, and when, not
 * what a manual says about it. All mentions of one subject are sorted by name, then in the order of
 * the runs; of a scenario's runs, over both families and on all kernels, each text stands once.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

struct entry {
	const struct mention *mention;
	const struct web_run *run;
	size_t scenario; /* its first run */
};

struct entries {
	struct arena a;
	struct entry *list;
	size_t count;
};

static int by_name(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->mention->name, b->mention->name);

	if (!order)
		order = (a->scenario > b->scenario) - (a->scenario < b->scenario);
	if (!order)
		order = strcmp(a->mention->text, b->mention->text);
	return order ? order : (a->run > b->run) - (a->run < b->run);
}

static void collect(struct entries *e, const struct web_model *m, enum subject subject)
{
	for (size_t first = 0, n; first < m->run_count; first += n) {
		n = scenario_length(m, first);
		for (size_t i = first; i < first + n; i++)
			for (size_t k = 0; k < m->runs[i].mention_count; k++) {
				const struct mention *mention = &m->runs[i].mentions[k];

				if (mention->subject == subject && mention->text)
					*arena_push(&e->a, e->list, e->count) =
					    (struct entry){mention, &m->runs[i], first};
			}
	}
	if (e->count)
		qsort(e->list, e->count, sizeof(*e->list), by_name);
}

static bool is_told(const struct entries *e, size_t i)
{
	const struct entry *now = &e->list[i], *before = now - 1;

	return i && !strcmp(now->mention->name, before->mention->name) &&
	       now->scenario == before->scenario &&
	       text_same(now->mention->text, before->mention->text);
}

static void put_entry(FILE *out, const struct entry *entry, bool is_new)
{
	const struct web_run *run = entry->run;
	const struct mention *mention = entry->mention;

	if (is_new)
		page_put(out, "<li><b>%h</b>\n", run->title);
	page_put(out, "<br><a href=\"runs/%u/%u#e%d\"><code>%h</code></a>", run->left->kernel,
		 run->page, (long long)mention->event, mention->text);
	if (mention->after)
		page_put(out, " after <code>%h</code>", mention->after);
	fputs("\n", out);
}

static void put_contents(FILE *out, const struct entries *e)
{
	fputs("<ul class=\"names\">\n", out);
	for (size_t i = 0; i < e->count; i++)
		if (!i || strcmp(e->list[i].mention->name, e->list[i - 1].mention->name) != 0)
			page_put(out, "<li><a href=\"#%u\">%h</a>\n", e->list[i].mention->name,
				 e->list[i].mention->name);
	fputs("</ul>\n", out);
}

static void put_subject(FILE *out, const struct web_model *m, enum subject subject,
			const char *title, const char *about)
{
	struct entries e = {0};
	const char *name = NULL;
	size_t scenario = 0;

	collect(&e, m, subject);
	put_head(out, title, "");
	page_put(out, "<p>%h</p>\n", about);
	put_contents(out, &e);
	for (size_t i = 0; i < e.count; i++) {
		const struct entry *entry = &e.list[i];
		bool is_new = !name || strcmp(name, entry->mention->name) != 0;

		if (is_new)
			page_put(
			    out,
			    "<section><h2 id=\"%u\">%h</h2>\n<p><a "
			    "href=\"index.html#%h=%u\">Its scenarios</a>\n<ul class=\"entries\">\n",
			    entry->mention->name, entry->mention->name, subject_words[subject],
			    entry->mention->name);
		if (!is_told(&e, i))
			put_entry(out, entry, is_new || scenario != entry->scenario);
		name = entry->mention->name;
		scenario = entry->scenario;
		if (i + 1 == e.count || strcmp(name, e.list[i + 1].mention->name) != 0)
			fputs("</ul></section>\n", out);
	}
	page_end(out);
	arena_free(&e.a);
}

void put_errnos(FILE *out, const struct web_model *m)
{
	put_subject(out, m, SUBJECT_ERRNO, "Errnos: who gets them, and when",
		    "Each call that got an error, and what had arrived last at its host.");
}

void put_states(FILE *out, const struct web_model *m)
{
	put_subject(out, m, SUBJECT_STATE, "Socket states",
		    "As ss shows them, and what had arrived last at that host.");
}

void put_counters(FILE *out, const struct web_model *m)
{
	put_subject(out, m, SUBJECT_COUNTER, "Counters that have moved",
		    "As nstat shows them, and what had arrived last at that host.");
}

void put_options(FILE *out, const struct web_model *m)
{
	put_subject(out, m, SUBJECT_OPTION, "Socket options",
		    "Where a program sets them, or asks for them.");
}

void put_flags(FILE *out, const struct web_model *m)
{
	put_subject(out, m, SUBJECT_FLAG, "TCP flags",
		    "The first packet of a run with each of them, and what had arrived last at its "
		    "sender.");
}
