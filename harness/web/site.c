/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the report is written like a result (run/results.c), one file after the
 * other. A run's page lies as its results lie: runs/KERNEL/NAME.html, and ../../../KERNEL/NAME/ are
 * the files that it leads to. So the whole directory of results can be taken elsewhere.
 */
#include "harness/web/site.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/run/results.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

struct writing {
	struct arena *a;
	const struct web_model *m;
	const char *kernel; /* of a book */
	const char *error;  /* a result that cannot be used */
};

static bool write_style(FILE *out, void *context)
{
	(void)context;
	page_put_style(out);
	return !ferror(out);
}

static bool write_script(FILE *out, void *context)
{
	(void)context;
	page_put_script(out);
	return !ferror(out);
}

/* ---- the pages of runs ---- */

static bool write_run(struct writing *w, const struct web_run *run, int directory)
{
	json_t *result = model_result(w->a, w->m, run, &w->error);
	int left = result ? left_open(w->m->root, run->left->kernel, run->entry) : -1;
	FILE *out = left < 0 ? NULL : results_new_file(directory, run->page);
	bool written = false;

	if (out) {
		put_run(out, w->m, run, result, left);
		written = !ferror(out);
		written &= fclose(out) == 0;
	}
	if (left >= 0)
		close(left);
	json_decref(result);
	return written;
}

static int make_directory(int parent, const char *name)
{
	if (mkdirat(parent, name, 0777) < 0)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool write_kernel(struct writing *w, const char *kernel, int parent)
{
	int directory = make_directory(parent, kernel);
	bool written = directory >= 0;

	for (size_t i = 0; written && i < w->m->run_count; i++)
		if (!strcmp(w->m->runs[i].left->kernel, kernel))
			written = write_run(w, &w->m->runs[i], directory);
	if (directory >= 0)
		close(directory);
	return written;
}

static bool make_runs(int parent, const char *name, void *context)
{
	struct writing *w = context;
	int directory = make_directory(parent, name);
	bool made = directory >= 0;

	for (size_t i = 0; made && i < w->m->kernel_count; i++)
		made = write_kernel(w, w->m->kernels[i], directory);
	if (directory >= 0)
		close(directory);
	return made;
}

/* ---- the pages about all of them ---- */

static bool make_page(int directory, const char *name, void *context)
{
	const struct writing *w = context;
	const struct web_page *page = web_pages;
	FILE *out = results_new_file(directory, name);
	bool written;

	if (!out)
		return false;
	while (strcmp(page->file, name) != 0)
		page++;
	page->put(out, w->m);
	written = !ferror(out);
	return fclose(out) == 0 && written;
}

static bool write_book(FILE *out, void *context)
{
	const struct writing *w = context;

	put_book(out, w->m, w->kernel);
	return !ferror(out);
}

static bool write_pages(struct writing *w, const char *name, const struct result_file *files,
			const char **error)
{
	results_sweep(w->m->root);
	if (results_write(w->a, w->m->root, name, false, files, w, error))
		return true;
	if (w->error)
		*error = w->error;
	return false;
}

static const struct result_file shared_style = {"report.css", write_style, NULL};
static const struct result_file shared_script = {"report.js", write_script, NULL};

bool site_write(struct arena *a, const struct web_model *m, const char **error)
{
	struct writing w = {.a = a, .m = m};
	struct result_file *files = NULL;
	size_t count = 0;

	for (const struct web_page *page = web_pages; page->file; page++)
		*arena_push(a, files, count) = (struct result_file){page->file, NULL, make_page};
	*arena_push(a, files, count) = shared_style;
	*arena_push(a, files, count) = shared_script;
	*arena_push(a, files, count) = (struct result_file){"runs", NULL, make_runs};
	*arena_push(a, files, count) = (struct result_file){NULL, NULL, NULL};
	return write_pages(&w, SITE_NAME, files, error);
}

bool book_write(struct arena *a, const struct web_model *m, const char *kernel, const char **error)
{
	const struct result_file files[] = {
	    {"index.html", write_book, NULL}, shared_style, shared_script, {NULL, NULL, NULL}};
	struct writing w = {.a = a, .m = m, .kernel = kernel};

	return write_pages(&w, BOOK_NAME, files, error);
}
