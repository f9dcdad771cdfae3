/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts known before a run: which hosts hand down one segment at a time, because a fault of theirs
 * picks among segments; and whether there is so much data that it is captured through a ring.
 */
#include "tests/scripts.h"

#include "harness/engine/state.h"

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
	    /* Packets that are not its own, or not TCP's. */
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
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run *run = expand_nth(parse_good(rows[i].text), &facts_6_18, 0);

		if (run_picks_own(run, HOST_CLIENT) != rows[i].client ||
		    run_picks_own(run, HOST_SERVER) != rows[i].server)
			fail_msg("%s", rows[i].text);
		assert_false(run_picks_own(run, HOST_ROUTER));
	}
}

static void test_run_is_bulk(void **state)
{
	static const struct {
		const char *text;
		bool bulk;
	} rows[] = {
	    {"client socket() = c\n", false},
	    {"use established\nclient send(c, \"hello\") = 5\n", false},
	    {"use established\nclient send(c, ..., 1000) = 1000\n", false},
	    {"use established\nclient send(c, ..., 1001) = 1001\n", true},
	    {"use established\nrepeat 200\nclient send(c, \"hello\") = 5\nend\n", false},
	    {"use established\nrepeat 201\nclient send(c, \"hello\") = 5\nend\n", true},
	    {"use established\nclient write(c, ..., 500) = 500\nserver write(x, ..., 501) = 501\n",
	     true},
	    /* In pieces, and in messages. */
	    {"use established\nclient writev(c, [{iov_base=..., iov_len=2000}]) = 2000\n", true},
	    {"use established\nclient sendmsg(c, {msg_iov=[{iov_base=\"d\"}]}) = 1\n", false},
	    {"use established\nclient sendmsg(c, {msg_iov=[{iov_base=..., iov_len=1500}]}) = 1\n",
	     true},
	    /* An unknown amount counts as much. */
	    {"use established\nclient ioctl(c, SIOCOUTQ, [$n]) = 0\nclient send(c, ..., $n) = 0\n",
	     true},
	    /* Received data has been sent. */
	    {"use established\nclient recv(c, ..., 100000) ...\n", false},
	    {"client socket(..., SOCK_DGRAM) = c\n"
	     "client sendto(c, ..., 3000, 0, server:5000) = 3000\n",
	     true},
	    {"client socket(..., SOCK_DGRAM) = c\n"
	     "client sendto(c, \"a\", 1, 0, server:5000) = 1\n",
	     false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run *run = expand_nth(parse_good(rows[i].text), &facts_6_18, 0);

		if (run_is_bulk(run) != rows[i].bulk)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_run_picks_own),
	    script_test(test_run_is_bulk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
