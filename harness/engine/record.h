/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a run has what its time line lacks, because no script asks for it: how every
 * counter has changed in each step, and what the kernel knows of every TCP socket after it. It is
 * made on request (--record). The judge does not use it; `diff --deep` compares records.
 */
#ifndef RECORD_H
#define RECORD_H

#include "harness/packet/socket_state.h"

/*
 * The state at the end of a step, when its lines are met and nothing more is to be done at that
 * time.
 */
struct record_step {
	int line; /* of the run: the action that began it; -1: nothing had been done yet */
	ns_t at;
	struct counters moved[LAB_HOSTS]; /* since the step before; only those that have changed */
	struct socket_list sockets[LAB_HOSTS];
};

struct record {
	bool wanted;
	struct record_step *steps;
	size_t count;
	struct counters counters; /* the newest reading of the client's: for the names */
};

#endif
