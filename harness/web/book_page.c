/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a chapter for each topic, a section for each scenario: what it is about, the
 * ladder, the transcript. Of its runs one is shown, the first on the kernel that the book is about.
 * What could not be run there is shown as it is on another one, which is named.
 */
#include <string.h>
#include <unistd.h>

#include "harness/run/left_files.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"
#include "harness/web/picture.h"

#define LARGEST_TEXT	(256 * 1024)
#define LARGEST_PICTURE (4 * 1024 * 1024)

/* Of a scenario's runs; NULL: none has happened. */
static const struct web_run *choose(const struct web_run *runs, size_t count, const char *kernel)
{
	const struct web_run *chosen = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct web_run *run = &runs[i];
		bool is_there = !strcmp(run->left->kernel, kernel);

		if (!run->has_happened)
			continue;
		if (is_there)
			return run;
		if (!chosen)
			chosen = run;
	}
	return chosen;
}

/* The transcript without the comment at its head, which is the prose. */
static const char *without_head(const char *text)
{
	while (*text == '#' || *text == '\n') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

static void put_text_file(FILE *out, int directory, const char *name, const char *label)
{
	struct arena a = {0};
	const char *text = directory < 0 ? NULL : left_text(&a, directory, name, LARGEST_TEXT);

	if (text) {
		page_put(out, "<pre aria-label=\"%h\">", label);
		page_put_lines(out, without_head(text));
		fputs("</pre>\n", out);
	}
	arena_free(&a);
}

/* Over all runs of a scenario with parameters. */
static void put_table(FILE *out, const struct web_model *m, const struct web_run *run)
{
	int directory = left_open(m->root, run->left->kernel, run->scenario);

	put_text_file(out, directory, left_files[LEFT_TABLE].name, "Table");
	if (directory >= 0)
		close(directory);
}

static void put_picture(FILE *out, const struct web_run *run, int directory)
{
	struct arena a = {0};
	const char *text = left_text(&a, directory, left_files[LEFT_LADDER].name, LARGEST_PICTURE);

	if (text && !picture_put(out, text, run->title))
		fputs("<p>Its picture is not one that this program draws, and is not shown "
		      "here.</p>\n",
		      out);
	arena_free(&a);
}

static void put_happened(FILE *out, const struct web_model *m, const struct web_run *run,
			 const char *kernel)
{
	int directory = left_open(m->root, run->left->kernel, run->entry);

	page_put(out, "<p class=\"facts\">%h, %h", run->left->run, run->variant);
	if (strcmp(run->left->kernel, kernel) != 0)
		page_put(out, ", on Linux %h", run->left->kernel);
	page_put(out, ": <b class=\"%h\">%h</b></p>\n", verdict_names[run->left->verdict],
		 verdict_names[run->left->verdict]);
	if (directory < 0)
		return;
	fputs("<div class=\"wide\">\n", out);
	put_picture(out, run, directory);
	fputs("</div>\n", out);
	put_text_file(out, directory, left_files[LEFT_TRANSCRIPT].name, "Transcript");
	close(directory);
	put_table(out, m, run);
}

static void put_section(FILE *out, const struct web_model *m, const struct web_run *runs,
			size_t count, const char *kernel)
{
	const struct web_run *run = choose(runs, count, kernel);

	page_put(out, "<section class=\"part\" id=\"%u\"><h3>%h</h3>\n", runs->scenario,
		 runs->title);
	if (run) {
		put_prose(out, run->prose);
		put_happened(out, m, run, kernel);
	} else {
		page_put(out, "<p>It was not run: %h</p>\n", runs->left->reason);
	}
	fputs("</section>\n", out);
}

static bool is_new_topic(const struct web_model *m, size_t i)
{
	return !i || strcmp(m->runs[i].topic, m->runs[i - 1].topic) != 0;
}

static void put_contents(FILE *out, const struct web_model *m)
{
	fputs("<nav class=\"contents\" aria-label=\"Contents\">\n", out);
	for (size_t i = 0; i < m->run_count; i += scenario_length(m, i)) {
		if (is_new_topic(m, i))
			page_put(out, "<p><b>%h</b>\n", m->runs[i].topic);
		page_put(out, "<br><a href=\"#%u\">%h</a>\n", m->runs[i].scenario,
			 m->runs[i].title);
	}
	fputs("</nav>\n", out);
}

void put_book(FILE *out, const struct web_model *m, const char *kernel)
{
	page_begin(out, "How TCP fails", "");
	page_main(out, "How TCP fails");
	page_put(out,
		 "<p>As it is on Linux %h. Each picture and each transcript is of a run.</p>\n",
		 kernel);
	put_contents(out, m);
	for (size_t i = 0, n; i < m->run_count; i += n) {
		n = scenario_length(m, i);
		if (is_new_topic(m, i))
			page_put(out, "<h2 class=\"chapter\">%h</h2>\n", m->runs[i].topic);
		put_section(out, m, &m->runs[i], n, kernel);
	}
	page_end(out);
}
