/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's report about a socket.
 */
#ifndef SOCKET_STATE_H
#define SOCKET_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/clock.h"

/* One line of `ss -tanpo`, from sock_diag. */
struct socket_state {
	bool found;
	const char *state; /* ESTAB, SYN-SENT .. as ss prints it */
	uint32_t recv_q, send_q;
	const char *timer; /* none, on, keepalive, timewait, persist */
	ns_t timer_left;
	uint32_t timer_count;
};

#endif
