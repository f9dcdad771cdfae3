/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line for each run, kept until all have ended. A run that the machine has prevented is left out:
 * nobody knows what it comes to.
 */
#include "harness/reporters/reporter_baseline.h"

#include "harness/reporters/reporter.h"

static struct {
	bool asked, complete;
	struct arena arena;
	struct baseline lines;
	char *text;
	size_t length, left_out;
} made;

void reporter_baseline_ask(void)
{
	made.asked = true;
}

const char *reporter_baseline_text(size_t *length, size_t *left_out)
{
	*length = made.length;
	*left_out = made.left_out;
	return made.complete ? made.text : NULL;
}

static bool wanted(const struct options *o)
{
	(void)o;
	return made.asked;
}

static FILE *open_it(struct arena *a, const char **error)
{
	(void)a;
	*error = "out of memory";
	return open_memstream(&made.text, &made.length);
}

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	(void)out, (void)r;
	if (e->account.verdict == VERDICT_BROKEN && !e->account.by_kernel) {
		made.left_out++;
		return;
	}
	*arena_push(&made.arena, made.lines.lines, made.lines.count) = (struct baseline_line){
	    .run = arena_strdup(&made.arena, e->name),
	    .verdict = e->account.verdict,
	};
}

static void end(FILE *out, const struct reporting *r)
{
	made.complete = r->done == r->total;
	if (made.complete)
		baseline_print(out, &made.arena, &made.lines, r->inv->release);
	arena_free(&made.arena);
}

const struct reporter reporter_baseline = {
    .name = "baseline",
    .wanted = wanted,
    .open = open_it,
    .ended = ended,
    .end = end,
};
