/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The yardstick of tests/bench.sh: a lab, and a connect() through it that is refused, and nothing
 * else: no script, no capture, no judge, no results. No run can be cheaper on this machine.
 */
#include <stdio.h>

#include "tests/labs.h"

int main(void)
{
	struct lab lab;
	int error, fd;

	if (!lab_open(&lab, labs_idle, NULL) || !lab_wire(&lab, 4)) {
		fprintf(stderr, "%s\n", lab.error);
		return 3;
	}
	fd = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, 4, 8080, &error);
	error = labs_outcome(fd, 5000);
	lab_close(&lab);
	return error == ECONNREFUSED ? 0 : 1;
}
