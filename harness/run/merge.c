/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the results are sorted by run and kernel, so that all of one cell are
 * neighbours; the names of rows and columns are sorted, too, and each is there once. A row is
 * filled by one walk along the results. The rosters then say why a cell is empty.
 */
#include "harness/run/merge.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/exit_status.h"
#include "harness/base/shown.h"

/* ---- sorted names ---- */

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int by_version(const void *left, const void *right)
{
	return strverscmp(*(const char *const *)left, *(const char *const *)right);
}

struct names {
	const char **list;
	size_t count;
};

static void add_name(struct arena *a, struct names *names, const char *name)
{
	*arena_push(a, names->list, names->count) = name;
}

static void sort_names(struct names *names, int (*order)(const void *, const void *))
{
	size_t kept = 0;

	if (names->count)
		qsort(names->list, names->count, sizeof(*names->list), order);
	for (size_t i = 0; i < names->count; i++)
		if (!kept || strcmp(names->list[kept - 1], names->list[i]) != 0)
			names->list[kept++] = names->list[i];
	names->count = kept;
}

static bool has_name(const char *const *sorted, size_t count, const char *name)
{
	return count && bsearch(&name, sorted, count, sizeof(*sorted), by_text);
}

/* ---- cells ---- */

/* Those of one directory stay in the order in which they were read. */
static int by_cell(const void *left, const void *right)
{
	const struct left *a = left, *b = right;
	int order = strcmp(a->run, b->run);

	if (!order)
		order = strverscmp(a->kernel, b->kernel);
	if (!order)
		order = strcmp(a->place, b->place);
	return order;
}

static struct cell cell_of(const struct left *first, const struct left *end)
{
	struct cell cell = {.first = first, .worst = first};

	while (first < end && !strcmp(first->run, cell.first->run) &&
	       !strcmp(first->kernel, cell.first->kernel)) {
		if (first->verdict != cell.first->verdict)
			cell.state = CELL_DIFFERS;
		if (verdict_weight(first->verdict) > verdict_weight(cell.worst->verdict))
			cell.worst = first;
		first++;
		cell.count++;
	}
	return cell;
}

/* What is known of the shares of one kernel. */
struct shares {
	const struct remains *remains;
	const char *kernel;
	const char *silent; /* those that never reported, as a text; NULL: none */
};

/* Whether an earlier one is of the same kernel and of as many shares. */
static bool is_told(const struct remains *remains, size_t index)
{
	const struct roster *rosters = remains->rosters;

	for (size_t i = 0; i < index; i++)
		if (rosters[i].of == rosters[index].of &&
		    !strcmp(rosters[i].kernel, rosters[index].kernel))
			return true;
	return false;
}

/* Of all shares that this one is of, those that never reported. */
static void add_silent(struct arena *a, const struct remains *remains, const struct roster *one,
		       struct names *silent)
{
	bool *reported = arena_alloc(a, ((size_t)one->of + 1) * sizeof(*reported));

	for (size_t i = 0; i < remains->roster_count; i++) {
		const struct roster *r = &remains->rosters[i];

		if (r->of == one->of && !strcmp(r->kernel, one->kernel))
			reported[r->nth] = true;
	}
	for (int nth = 1; nth <= one->of; nth++)
		if (!reported[nth])
			add_name(a, silent, arena_printf(a, "%d/%d", nth, one->of));
}

#define FEW 6 /* are named */

static const char *silent_text(struct arena *a, const struct names *silent)
{
	const char *text = arena_printf(a, "shard %s", silent->list[0]);
	size_t named = silent->count > FEW ? FEW - 1 : silent->count;

	for (size_t i = 1; i < named; i++)
		text = arena_printf(a, "%s%s%s", text, i + 1 == silent->count ? " or " : ", ",
				    silent->list[i]);
	return named == silent->count
		   ? text
		   : arena_printf(a, "%s or one of %zu others", text, silent->count - named);
}

static struct shares shares_of(struct arena *a, const struct remains *remains, const char *kernel)
{
	struct shares s = {.remains = remains, .kernel = kernel};
	struct names silent = {0};

	for (size_t i = 0; i < remains->roster_count; i++)
		if (!strcmp(remains->rosters[i].kernel, kernel) && !is_told(remains, i))
			add_silent(a, remains, &remains->rosters[i], &silent);
	sort_names(&silent, by_version);
	if (silent.count)
		s.silent = silent_text(a, &silent);
	return s;
}

static const char *why_missing(struct arena *a, const struct shares *s, const char *run)
{
	bool is_expected = false;

	for (size_t i = 0; i < s->remains->roster_count; i++) {
		const struct roster *r = &s->remains->rosters[i];

		if (strcmp(r->kernel, s->kernel) != 0)
			continue;
		if (has_name(r->own, r->own_count, run))
			return arena_printf(a, "shard %d/%d ended before it was run", r->nth,
					    r->of);
		is_expected |= has_name(r->all, r->all_count, run);
	}
	if (is_expected && s->silent)
		return arena_printf(a, "%s never reported", s->silent);
	return "only other kernels have it";
}

static void fill_column(struct arena *a, struct matrix *m, const struct remains *remains,
			size_t column)
{
	const char *kernel = m->kernels[column];
	const struct left *at = remains->runs, *end = at + remains->run_count;
	const struct shares shares = shares_of(a, remains, kernel);

	for (size_t row = 0; row < m->run_count; row++) {
		struct cell *cell = &m->cells[row * m->kernel_count + column];

		while (at < end &&
		       (strcmp(at->run, m->runs[row]) < 0 ||
			(!strcmp(at->run, m->runs[row]) && strverscmp(at->kernel, kernel) < 0)))
			at++;
		if (at < end && !strcmp(at->run, m->runs[row]) && !strcmp(at->kernel, kernel))
			*cell = cell_of(at, end);
		else
			*cell = (struct cell){
			    .state = CELL_MISSING,
			    .why = why_missing(a, &shares, m->runs[row]),
			};
	}
}

struct matrix *merge(struct arena *a, struct remains *remains)
{
	struct matrix *m = arena_new(a, struct matrix);
	struct names runs = {0}, kernels = {0};

	for (size_t i = 0; i < remains->run_count; i++) {
		add_name(a, &runs, remains->runs[i].run);
		add_name(a, &kernels, remains->runs[i].kernel);
	}
	for (size_t i = 0; i < remains->roster_count; i++) {
		struct roster *r = &remains->rosters[i];
		struct names own = {r->own, r->own_count}, all = {r->all, r->all_count};

		sort_names(&own, by_text);
		sort_names(&all, by_text);
		r->own_count = own.count;
		r->all_count = all.count;
		add_name(a, &kernels, r->kernel);
		for (size_t k = 0; k < all.count; k++)
			add_name(a, &runs, all.list[k]);
	}
	sort_names(&runs, by_text);
	sort_names(&kernels, by_version);
	if (remains->run_count)
		qsort(remains->runs, remains->run_count, sizeof(*remains->runs), by_cell);
	*m = (struct matrix){
	    .kernels = kernels.list,
	    .kernel_count = kernels.count,
	    .runs = runs.list,
	    .run_count = runs.count,
	    .cells = arena_alloc(a, (runs.count * kernels.count + 1) * sizeof(*m->cells)),
	};
	for (size_t i = 0; i < m->kernel_count; i++)
		fill_column(a, m, remains, i);
	return m;
}

/* ---- what is known ---- */

static enum standing standing_of(struct arena *a, const struct baseline *b, const char *run,
				 const struct cell *cell)
{
	const struct left *left = cell->worst;
	enum standing standing;

	if (!left)
		return STANDS_ALONE;
	run = shown(a, run); /* as it is in a baseline */
	if (!baseline_find(b, run))
		run = first_round(a, run);
	standing = baseline_standing(b, run, left->verdict, left->by_kernel);
	return standing == STANDS_VANISHED && cell->state != CELL_SETTLED ? STANDS_ALONE : standing;
}

void matrix_compare(struct arena *a, struct matrix *m, const struct baseline **against)
{
	m->against = against;
	for (size_t i = 0; i < m->run_count; i++)
		for (size_t k = 0; k < m->kernel_count; k++) {
			struct cell *cell = &m->cells[i * m->kernel_count + k];

			cell->standing = standing_of(a, against[k], m->runs[i], cell);
		}
}

/* ---- asking ---- */

const struct cell *matrix_cell(const struct matrix *m, size_t run, size_t kernel)
{
	return &m->cells[run * m->kernel_count + kernel];
}

const char *cell_name(const struct cell *cell)
{
	static const char *const names[CELL_STATES] = {
	    [CELL_DIFFERS] = "differ",
	    [CELL_MISSING] = "missing",
	};

	return names[cell->state] ? names[cell->state] : verdict_names[cell->worst->verdict];
}

const char *cell_word(const struct cell *cell)
{
	const char *standing = standing_names[cell->standing];

	return cell->state == CELL_SETTLED && standing ? standing : cell_name(cell);
}

/* A run that counts as a failure. */
static bool has_failed(const struct cell *cell)
{
	if (cell->standing != STANDS_ALONE)
		return cell->standing != STANDS_KNOWN;
	return cell->worst && cell->worst->verdict == VERDICT_FAIL;
}

static bool is_doubtful(const struct cell *cell)
{
	return cell->state != CELL_SETTLED ||
	       (cell->standing == STANDS_ALONE && cell->worst->verdict == VERDICT_BROKEN);
}

int matrix_status(const struct matrix *m)
{
	int status = EXIT_PASSED;

	for (size_t i = 0; i < m->run_count * m->kernel_count; i++) {
		if (has_failed(&m->cells[i]))
			return EXIT_FAILED;
		if (is_doubtful(&m->cells[i]))
			status = EXIT_BROKEN;
	}
	return status;
}
