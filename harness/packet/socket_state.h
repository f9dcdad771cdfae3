/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host's kernel says of itself: sockets as ss shows them, with their states and timers as
 * numbers, and the names of these; counters as nstat shows them.
 */
#ifndef PACKET_SOCKET_STATE_H
#define PACKET_SOCKET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/packet/hosts.h"

/* The kernel's numbers: TCP_ESTABLISHED .. TCP_CLOSING. */
enum ss_state {
	SS_NONE,
	SS_ESTAB,
	SS_SYN_SENT,
	SS_SYN_RECV,
	SS_FIN_WAIT_1,
	SS_FIN_WAIT_2,
	SS_TIME_WAIT,
	SS_UNCONN,
	SS_CLOSE_WAIT,
	SS_LAST_ACK,
	SS_LISTEN,
	SS_CLOSING,
	SS_UNKNOWN,
	SS_STATES
};
/* ESTAB, SYN-SENT ..; "none" for a socket that does not exist. */
extern const char *const ss_state_names[SS_STATES];
enum ss_state ss_state_find(const char *name); /* SS_STATES: there is none of that name */

/* The kernel's numbers of them (idiag_timer). */
enum ss_timer {
	SS_TIMER_NONE,
	SS_TIMER_ON,
	SS_TIMER_KEEPALIVE,
	SS_TIMER_TIMEWAIT,
	SS_TIMER_PERSIST,
	SS_TIMER_UNKNOWN,
	SS_TIMERS,
};
extern const char *const ss_timer_names[SS_TIMERS];
enum ss_timer ss_timer_find(const char *name); /* SS_TIMERS: there is none of that name */

/* One line of `ss -tanpo`, from sock_diag. */
struct socket_state {
	bool found;
	enum ss_state state;
	uint32_t recv_q, send_q;
	enum ss_timer timer;
	ns_t timer_left;
	uint32_t timer_count;
};

/* A TCP socket as ss -i shows it. */
struct socket_entry {
	struct ip local, remote;
	uint16_t local_port, remote_port;
	struct socket_state state;
	const unsigned char *info; /* a struct tcp_info, as long as this kernel has it; or NULL */
	size_t info_size;
};

struct socket_list {
	struct socket_entry *list;
	size_t count;
};

/* Counters as nstat -az prints them: TcpActiveOpens, TcpExtListenDrops .. */
struct counters {
	struct counter_value {
		const char *name;
		int64_t value;
		bool found; /* this kernel has one of that name */
	} * list;
	size_t count;
};

#endif
