/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `report`: pages about all results that there are, of all kernels: results/report/index.html. It
 * runs nothing.
 */
#include "harness/cli/commands.h"

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/web/site.h"

static int cmd_report(const struct options *o, struct library *l)
{
	const char *root = o->results ? o->results : home_results(l->arena), *error = NULL;
	struct web_model model;

	if (o->word_count) {
		say("'report' is about all results; --results DIR says where they are");
		return EXIT_USAGE;
	}
	if (!model_read(l->arena, root, &model, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	if (!site_write(l->arena, &model, &error)) {
		say("the report could not be written: %s", error);
		return EXIT_BROKEN;
	}
	printf("%s/" SITE_NAME "/index.html\n", shown(l->arena, root));
	return EXIT_PASSED;
}

static const struct operand operands[] = {{.is_last = true}};

const struct command command_report = {
    .name = "report",
    .arguments = "",
    .help = "pages about all results: results/report/index.html",
    .run = cmd_report,
    .operands = operands,
    .knows = WITH_RESULTS,
};
