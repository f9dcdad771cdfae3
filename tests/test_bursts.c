/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which hosts hand down one segment at a time, since a fault of theirs picks among them.
 */
#include "tests/scripts.h"

static void test_run_picks_own(void **state)
{
	static const struct {
		const char *text;
		bool client, server;
	} rows[] = {
	    {"client socket() = c\n", false, false},
	    {"client drop client> P.\n", true, false},
	    {"client drop client> 1:6(5) times 1\n", true, false},
	    {"client drop client> skip 1 times 1\n", true, false},
	    {"client drop client>\n", true, false},
	    {"client drop client2> P.\n", true, false},
	    {"server reject server> with tcp-reset\n", false, true},
	    {"client drop\nserver drop .\n", true, true},
	    /* What is not its own, or not TCP's. */
	    {"client drop server> P.\n", false, false},
	    {"client drop router> icmp frag-needed\n", false, false},
	    {"client drop client> udp (5)\n", false, false},
	    {"client drop icmp echo-request\n", false, false},
	    {"client drop ghost>\n", false, false},
	    /* On the way they are cut. */
	    {"router drop client> P.\nrouter hold\nrouter drop\n", false, false},
	    {"client mute\n", false, false},
	    /* Only what takes place. */
	    {"when family = 6\nclient drop client> P.\nend\n", false, false},
	    {"repeat 0\nclient drop client> P.\nend\n", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run *run = expand_nth(parse_good(rows[i].text), &facts_6_18, 0);

		if (run_picks_own(run, HOST_CLIENT) != rows[i].client ||
		    run_picks_own(run, HOST_SERVER) != rows[i].server)
			fail_msg("%s", rows[i].text);
		assert_false(run_picks_own(run, HOST_ROUTER));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_run_picks_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
