/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: nothing is in the page that a file beside it has. Pictures are shown from
 * the run's results; of the ladder the page says which of its lines tell of which event, and
 * page.js lets people point at them. All that is known of the events is in the script's rows
 * (run_script.c), so without JavaScript all of it can be read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/ladder/ladder.h"
#include "harness/run/left_files.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

#define LARGEST_PICTURE (4 * 1024 * 1024)

/* ---- the head ---- */

static void put_files(FILE *out, const struct web_run *run, int directory)
{
	fputs("<h2 id=files>Files</h2>\n<ul class=files>\n", out);
	for (enum left_file i = 0; i < LEFT_COUNT; i++) {
		const char *name = left_files[i].name;

		if (!faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW))
			page_put(out, "<li><a href=../../../%u/%u/%u>%h</a>\n", run->left->kernel,
				 run->entry, name, name);
	}
	fputs("</ul>\n", out);
}

/* A word of a shell's command. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789./_,=+-";

	if (*word && !word[strspn(word, plain)]) {
		page_put(out, " %h", word);
		return;
	}
	fputs(" '", out);
	for (size_t n; *word; word += n) {
		struct arena a = {0};

		n = strcspn(word, "'");
		page_put(out, "%h", arena_strndup(&a, word, n));
		arena_free(&a);
		if (!n) {
			fputs("'\\''", out);
			n = 1;
		}
	}
	fputs("'", out);
}

/*
 * By the name that the kernel had on the command line. Results that do not know it yet: the first
 * two numbers of the release.
 */
static const char *kernel_name(struct arena *a, const struct web_run *run, const json_t *result)
{
	const char *name = json_string_value(json_object_get(result, "kernel_name"));
	const char *release = run->left->kernel, *dot = strchr(release, '.');
	size_t length = dot ? (size_t)(dot - release) + 1 + strspn(dot + 1, "0123456789") : 0;

	if (name || !json_is_true(json_object_get(result, "virtual")))
		return name;
	return length ? arena_strndup(a, release, length) : release;
}

static void put_command(FILE *out, const struct web_run *run, const json_t *result)
{
	const char *path = json_string_value(json_object_get(result, "path"));
	struct arena a = {0};
	const char *name = kernel_name(&a, run, result);

	fputs("<h2>The same again</h2>\n<pre class=command>./run.sh", out);
	if (name) {
		fputs(" --kernel", out);
		put_word(out, name);
	}
	if (json_integer_value(json_object_get(result, "family")) == 6)
		fputs(" -6", out);
	put_word(out, strcmp(run->topic, "files") != 0 || !path ? run->scenario : path);
	fputs("</pre>\n", out);
	arena_free(&a);
}

/* ---- other runs ---- */

/* The same on other kernels, and with the other address family. */
static bool is_near(const struct web_run *run, const struct web_run *other)
{
	return !strcmp(run->left->run, other->left->run) ||
	       (!strcmp(run->left->kernel, other->left->kernel) &&
		text_same(strchr(run->variant, ','), strchr(other->variant, ',')));
}

static void put_siblings(FILE *out, const struct web_model *m, const struct web_run *run)
{
	size_t first = scenario_first(m, (size_t)(run - m->runs));
	size_t end = first + scenario_length(m, first), count = 1;

	fputs("<h2 id=kernels>Other runs</h2>\n<ul class=runs>\n", out);
	for (size_t i = first; i < end; i++) {
		const struct web_run *other = &m->runs[i];

		if (other == run || !is_near(run, other))
			continue;
		page_put(out, "<li>%h ", other->left->kernel);
		put_run_link(out, other, "../../", true);
		fputs("\n", out);
		count++;
	}
	if (count < end - first)
		page_put(out, "<li><a href=\"../../index.html#words=%u\">All %d</a>\n",
			 run->scenario, (long long)(end - first));
	fputs("</ul>\n", out);
	if (run->change) {
		page_put(out, "<h3>What is different from %h</h3>\n<pre>", run->since);
		page_put_lines(out, run->change);
		fputs("</pre>\n", out);
	}
}

void put_prose(FILE *out, const char *prose)
{
	struct arena a = {0};

	while (*(prose += strspn(prose, "\n"))) {
		size_t length = strcspn(prose, "\n");

		page_put(out, "<p class=prose>%h</p>\n", arena_strndup(&a, prose, length));
		prose += length;
	}
	arena_free(&a);
}

/* ---- pictures ---- */

/* A picture's size, from its first line; false: it has not the form of ours. */
static bool picture_size(const char *text, int size[2])
{
	return sscanf(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %5d %6d\"",
		      &size[0], &size[1]) == 2 &&
	       size[0] > 0 && size[1] > 0;
}

/*
 * The events of a ladder's lines, from top to bottom: ",3,,4" is that of the second line, and of
 * the fourth one.
 */
static void put_rows(FILE *out, const char *text, int height)
{
	static const char group[] = "<g data-event=\"", place[] = " y=\"";
	int last = 0;

	while ((text = strstr(text, group))) {
		long event = strtol(text += strlen(group), NULL, 10), y;

		text = strstr(text, place);
		y = text ? strtol(text + strlen(place), NULL, 10) - LADDER_HEAD : -1;
		if (event < 0 || y < 0 || y >= height || y / LADDER_LINE < last)
			return;
		for (; last < y / LADDER_LINE; last++)
			fputs(",", out);
		fprintf(out, "%ld", event);
	}
}

static bool put_image(FILE *out, const struct web_run *run, int directory, enum left_file file,
		      const char *about)
{
	const char *name = left_files[file].name;
	struct arena a = {0};
	const char *text = left_text(&a, directory, name, LARGEST_PICTURE);
	int size[2];
	bool is_ours = text && picture_size(text, size);

	if (is_ours) {
		fputs("<div class=wide tabindex=0><div class=picture", out);
		if (file == LEFT_LADDER) {
			fputs(" data-rows=\"", out);
			put_rows(out, text, size[1]);
			fputs("\"", out);
		}
		page_put(out,
			 "><img src=../../../%u/%u/%u width=%d height=%d alt=\"%h\">"
			 "</div></div>\n",
			 run->left->kernel, run->entry, name, (long long)size[0],
			 (long long)size[1], about);
	}
	arena_free(&a);
	return is_ours;
}

static void put_pictures(FILE *out, const struct web_run *run, int directory)
{
	if (!run->has_happened)
		return;
	fputs("<h2 id=ladder>Ladder</h2>\n", out);
	if (!put_image(out, run, directory, LEFT_LADDER,
		       "A picture of what the transcript below says"))
		fputs("<p>It has left no picture.</p>\n", out);
	fputs("<div id=told role=status hidden></div>\n", out);
	put_image(out, run, directory, LEFT_SEQUENCE, "Plot: time against sequence number");
	put_image(out, run, directory, LEFT_TIMERS, "Plot: how long timers ran");
}

/* ---- the whole ---- */

void put_run(FILE *out, const struct web_model *m, const struct web_run *run, const json_t *result,
	     int directory)
{
	const char *verdict = verdict_names[run->left->verdict];

	put_head(out, run->title, "../../");
	page_put(out,
		 "<p class=facts><b class=%h>%h</b> <code>%h</code> on Linux %h, %h; topic "
		 "%h</p>\n",
		 verdict, verdict, run->left->run, run->left->kernel, run->variant, run->topic);
	if (run->left->reason)
		page_put(out, "<p class=reason>%h</p>\n", run->left->reason);
	put_prose(out, run->prose);
	put_pictures(out, run, directory);
	put_script(out, result);
	put_files(out, run, directory);
	put_command(out, run, result);
	put_siblings(out, m, run);
	page_end(out);
}
