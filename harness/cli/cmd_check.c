/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: checking is planning without running. A condition hides a part of a script
 * from any single plan, so plans are made for both families and for six kernels: this one, one
 * older than any condition names, and a newer one; and the same three in a guest, which has virtual
 * time and all else that a script can need. What a guest's kernel knows (its sysctls) can only be
 * asked there.
 */
#include "harness/base/array.h"
#include "harness/cli/commands.h"

#include <string.h>

#include "harness/base/shown.h"
#include "harness/plan/facts.h"
#include "harness/plan/plan.h"

static bool check_one(struct library *l, const struct scenario *s)
{
	struct facts facts[6];
	char release[RELEASE_SIZE];

	facts_gather(&facts[0], release);
	facts[1] = facts[2] = facts[0];
	memset(facts[1].kernel, 0, sizeof(facts[1].kernel));
	facts[2].kernel[0] = 1000000;
	for (size_t i = 0; i < 3; i++) {
		facts[3 + i] = facts[i];
		facts_of_guest(&facts[3 + i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		struct plan plan = {.arena = l->arena};
		struct diagnostics c = {.arena = l->arena};
		const char *error = NULL;

		if (plan_add(&plan, l, s, &facts[i], FAMILY_4 | FAMILY_6, &c, &error))
			continue;
		if (error)
			say("%s", error);
		diagnostics_print(stderr, &c);
		return false;
	}
	return true;
}

static int cmd_check(const struct options *o, struct library *l)
{
	struct selection chosen = {0};
	size_t wrong = 0;

	if (!o->word_count && l->problem) {
		say("%s", l->problem);
		return EXIT_USAGE;
	}
	if (!o->word_count)
		library_list(l);
	for (size_t i = 0; !o->word_count && i < l->count; i++)
		*arena_push(l->arena, chosen.list, chosen.count) = &l->list[i];
	wrong += !select_words(o, l, &chosen);
	for (size_t i = 0; i < chosen.count; i++)
		wrong += !check_one(l, chosen.list[i]);
	if (wrong)
		return EXIT_USAGE;
	printf("%zu %s, nothing wrong\n", chosen.count, chosen.count == 1 ? "script" : "scripts");
	return EXIT_PASSED;
}

const struct command command_check = {
    .name = "check",
    .arguments = "[NAME...]",
    .help = "read the scripts (all of them) and run nothing",
    .run = cmd_check,
    .needs_proc = true,
};
