/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of options, commands and reporters as a whole, and what is read with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base/array.h"
#include "harness/cli/commands.h"

/* No two rows are taken for each other, and each says what it needs to be explained. */
static void test_rows(void **state)
{
	const struct option_row *const *all = options_all();

	(void)state;
	assert_non_null(all[0]);
	for (size_t i = 0; all[i]; i++) {
		assert_non_null(all[i]->set);
		assert_int_equal(!all[i]->argument, !all[i]->expected);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(all[i]->name, all[k]->name);
			assert_true(!all[i]->letter || all[i]->letter != all[k]->letter);
		}
		/* job.c writes these kinds. */
		if (all[i]->to_guest) {
			assert_null(all[i]->own);
			assert_true(all[i]->set == option_flag || all[i]->set == option_duration ||
				    all[i]->set == option_size || all[i]->set == option_text ||
				    all[i]->set == option_port || all[i]->set == option_when);
		}
	}
}

static void test_commands(void **state)
{
	(void)state;
	assert_string_equal(commands[0]->name, "run"); /* the word that may be left out */
	for (size_t i = 0; commands[i]; i++) {
		assert_ptr_equal(command_find(commands[i]->name), commands[i]);
		assert_non_null(commands[i]->run);
		/* Programs use `complete`; the help does not show it. */
		assert_true(commands[i]->help || strcmp(commands[i]->name, "complete") == 0);
	}
	assert_null(command_find("runs"));
}

/* Command lines, and the message about each; NULL: it is right. */
static void test_reading(void **state)
{
	static const struct {
		const char *argv[5];
		const char *error;
	} rows[] = {
	    {{"run", "-q", "x"}, NULL},
	    {{"-q", "x"}, NULL},
	    {{"x", "-v", "-q"}, "-v and -q contradict each other"},
	    {{"diff", "a", "b", "--deep"}, NULL},
	    {{"run", "--deep", "x"}, "--deep means nothing to 'run'"},
	    {{"check", "--json"}, "--json means nothing to 'check'"},
	    {{"list", "--json"}, NULL},
	    {{"bless", "--acks", "-n", "x"}, NULL},
	    {{"bless", "--keep"}, "--keep means nothing to 'bless'"},
	    {{"help", "--acks", "--keep"}, NULL},
	    {{"check", "--library", "d"}, NULL},
	    {{"-j", "0"}, "--jobs: expected a number from 1 to 1000, not '0'"},
	    {{"--shard", "2/5", "all"}, NULL},
	    {{"--shard", "5/5"}, NULL},
	    {{"--shard", "6/5"}, "--shard: expected a share such as 2/5, not '6/5'"},
	    {{"--shard", "0/5"}, "--shard: expected a share such as 2/5, not '0/5'"},
	    {{"--shard", "1/"}, "--shard: expected a share such as 2/5, not '1/'"},
	    {{"--shard", "1/2x"}, "--shard: expected a share such as 2/5, not '1/2x'"},
	    {{"--shard", "1/1001"}, "--shard: expected a share such as 2/5, not '1/1001'"},
	    {{"--shard", "-1/2"}, "--shard: expected a share such as 2/5, not '-1/2'"},
	    {{"--color=always"}, NULL},
	    {{"--color=red"}, "--color: expected auto, always or never, not 'red'"},
	    {{"--repeat", "0"}, "--repeat: expected a number from 1 to 1000000, not '0'"},
	    {{"--tag="}, "--tag: expected a topic, not ''"},
	    {{"list", "--tap"}, "--tap means nothing to 'list'"},
	    {{"bless", "--fail-fast", "x"}, "--fail-fast means nothing to 'bless'"},
	    {{"-j"}, "--jobs: expected a number from 1 to 1000"},
	    {{"--json=3"}, "--json takes no argument"},
	    {{"--jsn"}, "unknown option --jsn; did you mean --json?"},
	    {{"-x"}, "unknown option -x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *argv[7] = {"tcplab"}, error[512] = "";
		const struct command *command;
		struct options o;
		int argc = 1;
		bool good;

		for (size_t k = 0; k < ARRAY_SIZE(rows[i].argv) && rows[i].argv[k]; k++)
			argv[argc++] = (char *)rows[i].argv[k];
		good = options_read(&o, argc, argv, error, sizeof(error));
		if (good) {
			command = o.word_count ? command_find(o.words[0]) : NULL;
			good =
			    options_fit(&o, command ? command : commands[0], error, sizeof(error));
		}
		assert_int_equal(good, !rows[i].error);
		assert_string_equal(error, rows[i].error ? rows[i].error : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
