/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the page has all scenarios, and is complete without JavaScript. What a
 * scenario can be found by stands in attributes of its entry: page.js hides those that do not fit.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/web/page.h"
#include "harness/web/pages.h"

const struct web_page web_pages[] = {
    {"index.html", "Scenarios", put_index},
    {"kernels.html", "Kernels", put_matrix},
    {"errno.html", "Errnos", put_errnos},
    {"state.html", "Socket states", put_states},
    {"counter.html", "Counters", put_counters},
    {"option.html", "Socket options", put_options},
    {"flag.html", "Flags", put_flags},
    {"files.html", "Files", put_file_names},
    {NULL, NULL, NULL},
};

void put_head(FILE *out, const char *title, const char *up)
{
	page_begin(out, title, up);
	fputs("<nav aria-label=\"Report\">", out);
	for (const struct web_page *p = web_pages; p->file; p++)
		page_put(out, "<a href=\"%h%u\">%h</a>\n", up, p->file, p->title);
	fputs("</nav>\n", out);
	page_main(out, title);
}

/* ---- filters ---- */

struct names {
	struct arena a;
	const char **list;
	size_t count;
};

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void add(struct names *names, const char *name)
{
	*arena_push(&names->a, names->list, names->count) = name;
}

/* Sorted, each once. */
static void sort(struct names *names)
{
	size_t kept = 0;

	if (names->count)
		qsort(names->list, names->count, sizeof(*names->list), by_text);
	for (size_t i = 0; i < names->count; i++)
		if (!kept || strcmp(names->list[kept - 1], names->list[i]) != 0)
			names->list[kept++] = names->list[i];
	names->count = kept;
}

/* What an entry can be filtered by: of each run its values. */
static void add_mentions(struct names *names, const struct web_run *run, enum subject subject)
{
	for (size_t i = 0; i < run->mention_count; i++)
		if (run->mentions[i].subject == subject)
			add(names, run->mentions[i].name);
}

static void add_errnos(struct names *names, const struct web_run *run)
{
	add_mentions(names, run, SUBJECT_ERRNO);
}

static void add_flags(struct names *names, const struct web_run *run)
{
	add_mentions(names, run, SUBJECT_FLAG);
}

static void add_states(struct names *names, const struct web_run *run)
{
	add_mentions(names, run, SUBJECT_STATE);
}

static void add_counters(struct names *names, const struct web_run *run)
{
	add_mentions(names, run, SUBJECT_COUNTER);
}

static void add_options(struct names *names, const struct web_run *run)
{
	add_mentions(names, run, SUBJECT_OPTION);
}

static void add_topic(struct names *names, const struct web_run *run)
{
	add(names, run->topic);
}

static void add_kernel(struct names *names, const struct web_run *run)
{
	add(names, run->left->kernel);
}

static void add_verdict(struct names *names, const struct web_run *run)
{
	add(names, verdict_names[run->left->verdict]);
}

static const struct {
	const char *key, *label;
	void (*add)(struct names *names, const struct web_run *run);
} filters[] = {
    {"topic", "Topic", add_topic},	  {"errno", "Errno", add_errnos},
    {"flag", "TCP flag", add_flags},	  {"state", "Socket state", add_states},
    {"counter", "Counter", add_counters}, {"option", "Socket option", add_options},
    {"kernel", "Kernel", add_kernel},	  {"verdict", "Verdict", add_verdict},
};

#define FILTERS (sizeof(filters) / sizeof(filters[0]))

static void collect(struct names *names, const struct web_run *runs, size_t count, size_t filter)
{
	arena_free(&names->a);
	*names = (struct names){0};
	for (size_t i = 0; i < count; i++)
		filters[filter].add(names, &runs[i]);
	sort(names);
}

static void put_filters(FILE *out, const struct web_model *m)
{
	struct names names = {0};

	fputs("<form id=\"find\" role=\"search\" hidden>\n<label>Search <input id=\"words\" "
	      "type=\"search\" placeholder=\"words, names, errnos\"></label>\n",
	      out);
	for (size_t i = 0; i < FILTERS; i++) {
		collect(&names, m->runs, m->run_count, i);
		page_put(out, "<label>%h <select name=\"%h\"><option value=\"\">any</option>",
			 filters[i].label, filters[i].key);
		for (size_t k = 0; k < names.count; k++)
			page_put(out, "<option>%h</option>", names.list[k]);
		fputs("</select></label>\n", out);
	}
	fputs("<button type=\"reset\">Clear</button>\n</form>\n", out);
	page_put(out, "<p id=\"found\" role=\"status\"></p>\n");
	arena_free(&names.a);
}

/* ---- scenarios ---- */

/* Values have no newline: they are shown text. */
static void put_values(FILE *out, const struct web_run *runs, size_t count)
{
	struct names names = {0};

	for (size_t i = 0; i < FILTERS; i++) {
		collect(&names, runs, count, i);
		if (names.count)
			page_put(out, " data-%h=\"", filters[i].key);
		for (size_t k = 0; k < names.count; k++)
			page_put(out, k ? "\n%h" : "%h", names.list[k]);
		if (names.count)
			fputs("\"", out);
	}
	arena_free(&names.a);
}

static const char *prose_of(const struct web_run *runs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*runs[i].prose)
			return runs[i].prose;
	return "";
}

/* A scenario's runs, in a line for each kernel. */
static void put_runs(FILE *out, const struct web_model *m, const struct web_run *runs, size_t count)
{
	for (size_t k = 0; k < m->kernel_count; k++) {
		bool any = false;

		for (size_t i = 0; i < count; i++) {
			if (strcmp(runs[i].left->kernel, m->kernels[k]) != 0)
				continue;
			if (!any)
				page_put(out, "<li>%h ", m->kernels[k]);
			any = true;
			fputs(" ", out);
			put_run_link(out, &runs[i], "", true);
		}
		if (any)
			fputs("</li>\n", out);
	}
}

void put_run_link(FILE *out, const struct web_run *run, const char *up, bool with_variant)
{
	const char *verdict = verdict_names[run->left->verdict];

	page_put(out, "<a class=\"run %h\" href=\"%hruns/%u/%u\">%h%h%h</a>", verdict, up,
		 run->left->kernel, run->page, with_variant ? run->variant : "",
		 with_variant ? ": " : "", verdict);
}

static void put_scenario(FILE *out, const struct web_model *m, const struct web_run *runs,
			 size_t count)
{
	page_put(out, "<li class=\"scenario\"");
	put_values(out, runs, count);
	page_put(
	    out,
	    "><h3><a href=\"runs/%u/%u\">%h</a></h3>\n<code>%h</code>\n<details><summary>What it "
	    "shows</summary><p class=\"prose\">%h</p></details>\n<ul class=\"runs\">\n",
	    runs->left->kernel, runs->page, runs->title, runs->scenario, prose_of(runs, count));
	put_runs(out, m, runs, count);
	fputs("</ul></li>\n", out);
}

void put_index(FILE *out, const struct web_model *m)
{
	const char *topic = NULL;

	put_head(out, "tcplab: what TCP did", "");
	page_put(out, "<p>%d runs on %d kernels.</p>\n", (long long)m->run_count,
		 (long long)m->kernel_count);
	put_filters(out, m);
	for (size_t i = 0, n; i < m->run_count; i += n) {
		n = scenario_length(m, i);
		if (!topic || strcmp(topic, m->runs[i].topic) != 0)
			page_put(out, "<section><h2>%h</h2>\n<ul class=\"scenarios\">\n",
				 m->runs[i].topic);
		topic = m->runs[i].topic;
		put_scenario(out, m, &m->runs[i], n);
		if (i + n == m->run_count || strcmp(topic, m->runs[i + n].topic) != 0)
			fputs("</ul></section>\n", out);
	}
	page_end(out);
}
