/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a row for each run, a column for each kernel, in the order of their
 * versions. What is not the same on all of them comes first, so that nobody has to search for it.
 */
#include <string.h>

#include "harness/web/page.h"
#include "harness/web/pages.h"

/* One run on all kernels that have it. */
struct row {
	const struct web_run *runs;
	size_t count;
};

/* What was skipped says nothing of its kernel's behaviour. */
static const struct web_run *compared(const struct row *row, size_t i)
{
	while (i-- > 0)
		if (row->runs[i].left->verdict != VERDICT_SKIP)
			return &row->runs[i];
	return NULL;
}

static bool has_changed(const struct row *row, size_t i)
{
	const struct web_run *run = &row->runs[i], *before = compared(row, i);

	if (run->left->verdict == VERDICT_SKIP || !before)
		return false;
	return run->change || before->left->verdict != run->left->verdict;
}

static bool row_differs(const struct row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (has_changed(row, i))
			return true;
	return false;
}

static void put_row(FILE *out, const struct web_model *m, const struct row *row)
{
	size_t i = 0;

	page_put(out, "<tr><th scope=\"row\">%h", row->runs->left->run);
	for (size_t k = 0; k < m->kernel_count; k++) {
		const struct web_run *run = i < row->count ? &row->runs[i] : NULL;

		if (!run || strcmp(run->left->kernel, m->kernels[k]) != 0) {
			fputs("<td>-", out);
			continue;
		}
		fputs("<td>", out);
		put_run_link(out, run, "", false);
		if (has_changed(row, i))
			page_put(out,
				 " <a href=\"runs/%u/%u#kernels\"><strong>differs</strong></a>",
				 run->left->kernel, run->page);
		i++;
	}
	fputs("\n", out);
}

static void put_table(FILE *out, const struct web_model *m, const char *title, bool differs)
{
	page_put(
	    out,
	    "<h2>%h</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%h\">"
	    "<table class=\"kernels\">\n<thead><tr><th scope=\"col\">Run",
	    title, title);
	for (size_t k = 0; k < m->kernel_count; k++)
		page_put(out, "<th scope=\"col\">%h", m->kernels[k]);
	fputs("</thead>\n<tbody>\n", out);
	for (size_t i = 0, n; i < m->run_count; i += n) {
		const struct row row = {&m->runs[i], n = variant_length(m, i)};

		if (row_differs(&row) == differs)
			put_row(out, m, &row);
	}
	fputs("</tbody></table></div>\n", out);
}

/* How many of each verdict. */
static void put_counts(FILE *out, const struct web_model *m, const char *kernel)
{
	long long counts[VERDICT_COUNT] = {0};

	for (size_t i = 0; i < m->run_count; i++)
		if (!strcmp(m->runs[i].left->kernel, kernel))
			counts[m->runs[i].left->verdict]++;
	page_put(out, "<li>%h:", kernel);
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		if (counts[v])
			page_put(out, " %d %h", counts[v], verdict_names[v]);
	fputs("</li>\n", out);
}

void put_matrix(FILE *out, const struct web_model *m)
{
	put_head(out, "Behaviour on kernels", "");
	fputs("<ul>\n", out);
	for (size_t k = 0; k < m->kernel_count; k++)
		put_counts(out, m, m->kernels[k]);
	fputs("</ul>\n<p>What differs does so from the kernel to its left that has run it.</p>\n",
	      out);
	put_table(out, m, "What differs", true);
	put_charts(out, m);
	put_table(out, m, "What is the same wherever it was run", false);
	page_end(out);
}
