/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sums of gcov's output over all runs, and what one scenario alone reaches.
 */
#include "kernels/coverage/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_OF_TCP                                                                                \
	"F net/ipv4/tcp.c\n"                                                                       \
	"U 10 12 1 tcp_poll\n"                                                                     \
	"U 20 22 %c tcp_close\n"                                                                   \
	"L 10 1 \n"                                                                                \
	"L 11 1 %s\n"                                                                              \
	"L 21 %c \n"

static void add(struct tally *t, int scenario, bool closes, const char *branches)
{
	char text[256];

	snprintf(text, sizeof(text), FILE_OF_TCP, closes ? '1' : '0', branches, closes ? '1' : '0');
	tally_add(t, scenario, text);
}

/* Two scenarios poll; the second one, in one of its two runs, closes, too. */
static struct tally two_scenarios(struct arena *a)
{
	struct tally t = {.arena = a};

	add(&t, 0, false, "100");
	add(&t, 1, false, "100");
	add(&t, 1, true, "010");
	return t;
}

static void expect(struct tally *t, void (*report)(FILE *, const struct tally *), const char *part)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report(out, t);
	fclose(out);
	if (!strstr(text, part))
		fail_msg("expected '%s' in:\n%s", part, text);
	free(text);
}

static void report_all_alone(FILE *out, const struct tally *t)
{
	static const char *const names[] = {"polls", "closes"};

	report_alone(out, t, names, 2);
}

static void report_info(FILE *out, const struct tally *t)
{
	report_tracefile(out, t, "/linux");
}

static void test_sums(void **state)
{
	struct arena a = {0};
	struct tally t = two_scenarios(&a);

	(void)state;
	expect(&t, report_files, "100.0 % of     3 |  66.7 % of     3 | 100.0 % of     2 |");
	arena_free(&a);
}

static void test_what_nobody_reaches(void **state)
{
	struct arena a = {0};
	struct tally t = {.arena = &a};

	(void)state;
	add(&t, 0, false, "11");
	expect(&t, report_files, " 66.7 % of     3 | 100.0 % of     2 |  50.0 % of     2 |");
	expect(&t, report_missing, "\n| 1 | 1 | tcp_close | net/ipv4/tcp.c:20 |\n");
	expect(&t, report_info, "FN:20,tcp_close\nFNDA:0,tcp_close\n");
	expect(&t, report_info, "DA:21,0\n");
	arena_free(&a);
}

/* What several runs of one scenario reach is still that scenario's alone. */
static void test_alone(void **state)
{
	struct arena a = {0};
	struct tally t = two_scenarios(&a);

	(void)state;
	add(&t, 1, true, "010");
	expect(&t, report_all_alone, "---|\n| closes | 1 | 1 | tcp_close |\n");
	arena_free(&a);
}

static void test_tracefile(void **state)
{
	struct arena a = {0};
	struct tally t = two_scenarios(&a);

	(void)state;
	expect(&t, report_info, "SF:/linux/net/ipv4/tcp.c\n");
	expect(&t, report_info, "BRDA:11,0,0,1\nBRDA:11,0,1,1\nBRDA:11,0,2,0\nDA:11,1\n");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sums),
	    cmocka_unit_test(test_what_nobody_reaches),
	    cmocka_unit_test(test_alone),
	    cmocka_unit_test(test_tracefile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
