/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `book [KERNEL]`: the library as one document, from the results of that kernel, or else of the
 * running one, or the newest: results/book/index.html. It runs nothing.
 */
#include "harness/cli/commands.h"

#include <string.h>
#include <sys/utsname.h>

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/web/site.h"

/* A release, or its beginning up to a dot or a dash: 6.12. The newest of several; NULL: none. */
static const char *kernel_of(const struct web_model *m, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = m->kernel_count; i-- > 0;) {
		const char *kernel = m->kernels[i];

		if (!strncmp(kernel, word, n) && strchr(".-", kernel[n]))
			return kernel;
	}
	return NULL;
}

static const char *default_kernel(const struct web_model *m)
{
	const char *kernel = NULL;
	struct utsname running;

	if (uname(&running) == 0)
		kernel = kernel_of(m, running.release);
	return kernel ? kernel : m->kernels[m->kernel_count - 1];
}

static int cmd_book(const struct options *o, struct library *l)
{
	const char *root = o->results ? o->results : home_results(l->arena);
	const char *kernel, *error = NULL;
	struct web_model model;

	if (o->word_count > 1) {
		say("'book' is about one kernel");
		return EXIT_USAGE;
	}
	if (!model_read(l->arena, root, &model, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	kernel = o->word_count ? kernel_of(&model, o->words[0]) : default_kernel(&model);
	if (!kernel) {
		say("%s: no results of a kernel '%s' are in it", root, o->words[0]);
		return EXIT_USAGE;
	}
	if (!book_write(l->arena, &model, kernel, &error)) {
		say("the book could not be written: %s", error);
		return EXIT_BROKEN;
	}
	printf("%s/" BOOK_NAME "/index.html\n", shown(l->arena, root));
	return EXIT_PASSED;
}

static const struct operand operands[] = {{.kind = OPERAND_KERNEL, .is_last = true}};

const struct command command_book = {
    .name = "book",
    .arguments = "[KERNEL]",
    .help = "the library as one document: results/book/index.html",
    .run = cmd_book,
    .operands = operands,
    .knows = WITH_RESULTS,
};
