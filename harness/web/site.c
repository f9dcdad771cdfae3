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
	const char *error; /* a result that cannot be used */
};

static bool write_index(FILE *out, void *context)
{
	const struct writing *w = context;

	put_index(out, w->m);
	return !ferror(out);
}

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

static FILE *open_page(int directory, const char *name)
{
	int fd =
	    openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !out)
		close(fd);
	return out;
}

static bool write_run(struct writing *w, const struct web_run *run, int directory)
{
	json_t *result = model_result(w->a, w->m, run, &w->error);
	int left = result ? left_open(w->m->root, run->left->kernel, run->entry) : -1;
	FILE *out = left < 0 ? NULL : open_page(directory, run->page);
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

bool site_write(struct arena *a, const struct web_model *m, const char **error)
{
	static const struct result_file files[] = {
	    {"index.html", write_index, NULL},
	    {"report.css", write_style, NULL},
	    {"report.js", write_script, NULL},
	    {"runs", NULL, make_runs},
	    {NULL, NULL, NULL},
	};
	struct writing w = {.a = a, .m = m};

	results_sweep(m->root);
	if (results_write(a, m->root, SITE_NAME, false, files, &w, error))
		return true;
	if (w.error)
		*error = w.error;
	return false;
}
