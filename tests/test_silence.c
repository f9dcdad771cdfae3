/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's links are silent: nothing but what a scenario causes is ever sent. Most of this is
 * waiting, so it is a program of its own, which runs beside the other tests of the lab.
 */
#include "tests/labs.h"
#include "tests/links.h"

static void test_silence(void **state)
{
	(void)state;
	labs_need();
	/* Over IPv4 also without IPv6 addresses. */
	for (int round = 0; round < 3; round++) {
		int family = round < 2 ? 4 : 6;
		struct lab lab;
		struct seen seen;
		pcap_t *p;
		int c, s;

		assert_true(lab_open(&lab, labs_idle, NULL));
		lab.only_ipv4 = round == 0;
		p = watch();
		if (!lab_wire(&lab, family))
			fail_msg("%s", lab.error);
		/* The first router solicitation would come after some 4 s, reports of groups
		 * sooner. */
		seen = watch_for(p, 8000);
		assert_int_equal(seen.packets, 0);

		/* Nor when a connection is made: the hosts know each other. */
		labs_establish(&lab, family, 8080, &c, &s);
		close(c);
		close(s);
		seen = watch_for(p, 200);
		assert_int_equal(seen.neighbour_requests, 0);
		assert_true(seen.packets >= 6);
		pcap_close(p);
		lab_close(&lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_silence)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
