/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: rows are printed as runs end, so the columns have fixed widths, except the
 * first. The table has 100 columns. What the program itself said last stands below its row, because
 * the length of this text is not known.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/wrap.h"
#include "harness/try/try.h"

#define WIDTH	  100
#define MOST_NAME 25

const char *table_time(struct arena *a, ns_t time)
{
	int64_t s = (time + NS_PER_S / 2) / NS_PER_S;

	if (time < NS_PER_MS)
		return arena_printf(a, "%" PRId64 " us", (int64_t)(time / NS_PER_US));
	if (time < NS_PER_S)
		return arena_printf(a, "%" PRId64 " ms", (int64_t)(time / NS_PER_MS));
	if (s < 60)
		return arena_printf(a, "%.1f s", (double)time / NS_PER_S);
	if (s < 3600)
		return arena_printf(a, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	return arena_printf(a, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
}

const char *table_end(struct arena *a, const struct measured *m)
{
	switch (m->how) {
	case ENDED_EXITED:
		return arena_printf(a, "exited with %d", m->status);
	case ENDED_KILLED:
		return arena_printf(a, "killed by %s", m->signal);
	case ENDED_CRASHED:
		return "its host crashed";
	default:
		if (!m->is_needed)
			return "still there";
		return m->at_work ? "still at work" : "still hanging";
	}
}

/* A number of bytes in at most 7 characters. */
static const char *size_text(struct arena *a, int64_t bytes)
{
	if (bytes < 10000)
		return arena_printf(a, "%" PRId64, bytes);
	if (bytes < 10000000)
		return arena_printf(a, "%" PRId64 "k", bytes / 1000);
	return arena_printf(a, "%" PRId64 "M", bytes / 1000000);
}

/* ---- columns ---- */

enum column { FAILURE, ERROR, ERROR_AFTER, HOW, END_AFTER, TRIES, BYTES, COLUMNS };

static const struct {
	const char *head;
	int width;	/* 0: that of the names */
	bool is_number; /* aligned to the right */
} columns[COLUMNS] = {
    [FAILURE] = {"failure", 0, false},	 [ERROR] = {"first error", 13, false},
    [ERROR_AFTER] = {"after", 11, true}, [HOW] = {"how it ended", 17, false},
    [END_AFTER] = {"after", 11, true},	 [TRIES] = {"tries", 5, true},
    [BYTES] = {"bytes", 5, true},
};

const char *table_name(struct arena *a, const struct planned *planned)
{
	static const char moment[] = "moment=";
	const char *name = planned->name, *text = "";

	while (*name) {
		size_t length = strcspn(name, ",");
		size_t skipped = strncmp(name, moment, strlen(moment)) ? 0 : strlen(moment);

		text = arena_printf(a, "%s%s%.*s", text, *text ? ", " : "", (int)(length - skipped),
				    name + skipped);
		name += length + (name[length] == ',');
	}
	return text;
}

struct table_style table_style_of(const struct plan *plan, bool is_colored)
{
	struct table_style style = {.name_width = 7, .is_colored = is_colored};
	struct arena a = {0};

	for (size_t i = 0; i < plan->count; i++) {
		int width = shown_width(table_name(&a, &plan->list[i]));

		if (width > style.name_width && width <= MOST_NAME)
			style.name_width = width;
	}
	arena_free(&a);
	return style;
}

static void put_line(FILE *out, const struct table_style *style, const char *const *cells)
{
	int last = COLUMNS - 1;

	while (last > 0 && !*cells[last])
		last--;
	for (int i = 0; i <= last; i++) {
		int width = columns[i].width ? columns[i].width : style->name_width;
		int padding = width - shown_width(cells[i]);

		if (!i && padding < 0) { /* the rest comes on its own line */
			fprintf(out, "%s\n%*s  ", cells[i], width, "");
			continue;
		}
		padding = padding < 0 ? 0 : padding;
		if (columns[i].is_number)
			fprintf(out, "%*s%s", padding, "", cells[i]);
		else
			fprintf(out, "%s%*s", cells[i], i == last ? 0 : padding, "");
		fputs(i == last ? "" : "  ", out);
	}
	putc('\n', out);
}

void table_head(FILE *out, const struct table_style *style)
{
	const char *cells[COLUMNS];

	for (int i = 0; i < COLUMNS; i++)
		cells[i] = columns[i].head;
	put_line(out, style, cells);
}

/* ---- rows ---- */

/* As much of a text as fits. */
static void put_cut(FILE *out, struct arena *a, const char *text, int width)
{
	const char *whole = shown(a, text);

	if (shown_width(whole) <= width) {
		fputs(whole, out);
		return;
	}
	for (int n = 0; n < width - 3; n++) {
		size_t length = shown_plain(whole, strlen(whole));

		fwrite(whole, 1, length ? length : 1, out);
		whole += length ? length : 1;
	}
	fputs("...", out);
}

static void put_colored(FILE *out, const struct table_style *style, const char *color,
			const char *text)
{
	fprintf(out, "%s%s%s", style->is_colored ? color : "", text,
		style->is_colored ? "\033[m" : "");
}

static void put_below(FILE *out, struct arena *a, const char *text)
{
	fputs("    ", out);
	put_cut(out, a, text, WIDTH - 4);
	putc('\n', out);
}

static const char *error_text(const struct measured *m)
{
	if (!m->happened)
		return "not reached";
	if (m->is_unseen && !m->error)
		return "not seen";
	return m->error ? m->error : "-";
}

const char *table_summary(struct arena *a, const struct row *row)
{
	const struct measured *m[] = {&row->m, &row->server};
	const char *text = "";

	for (size_t i = 0; i < (row->has_server ? 2 : 1); i++)
		text =
		    arena_printf(a, "%s%s%s: %s%s%s, %s after %s", text, i ? "; " : "", m[i]->whose,
				 m[i]->error || m[i]->is_unseen ? error_text(m[i]) : "no error",
				 m[i]->error ? " after " : "",
				 m[i]->error ? table_time(a, m[i]->error_after) : "",
				 table_end(a, m[i]), table_time(a, m[i]->end));
	return row->m.happened ? text : arena_printf(a, "not reached; %s", text);
}

static void put_measured(FILE *out, struct arena *a, const struct table_style *style,
			 const char *name, const struct measured *m)
{
	const char *cells[COLUMNS] = {
	    [FAILURE] = name,
	    [ERROR] = error_text(m),
	    [ERROR_AFTER] = m->error ? table_time(a, m->error_after) : "",
	    [HOW] = table_end(a, m),
	    [END_AFTER] = table_time(a, m->end),
	    [TRIES] = m->connections ? arena_printf(a, "%" PRId64, m->connections) : "-",
	    [BYTES] = m->bytes ? size_text(a, m->bytes) : "-",
	};

	put_line(out, style, cells);
	if (m->last)
		put_below(out, a, m->last);
}

static void put_unmeasured(FILE *out, struct arena *a, const struct table_style *style,
			   const struct row *row)
{
	const char *verdict = verdict_names[row->verdict];
	int name = shown_width(row->shown);

	name = name < style->name_width ? style->name_width : name;
	fprintf(out, "%-*s  ", style->name_width, row->shown);
	put_colored(out, style, row->verdict == VERDICT_BROKEN ? "\033[35m" : "\033[33m", verdict);
	fputs(": ", out);
	words_wrap(out, a, row->why ? row->why : "no reason is known",
		   name + 2 + (int)strlen(verdict) + 2, 4);
}

void table_row(FILE *out, const struct table_style *style, const struct row *row)
{
	struct arena a = {0};

	if (row->verdict == VERDICT_BROKEN || row->verdict == VERDICT_SKIP) {
		put_unmeasured(out, &a, style, row);
	} else {
		put_measured(out, &a, style, row->shown, &row->m);
		if (row->has_server && row->m.happened)
			put_measured(out, &a, style, "  server", &row->server);
	}
	for (size_t i = 0; i < row->miss_count; i++) {
		const struct miss *miss = &row->misses[i];

		fputs("    ", out);
		put_colored(out, style, "\033[31m", "fail");
		fprintf(out, "  %s:%d: expected: %s; got: %s\n", miss->at.source->path,
			miss->at.line, miss->expected, miss->got);
	}
	arena_free(&a);
}
