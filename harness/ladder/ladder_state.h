/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of the hosts' TCP sockets, as far as they are known, while a run goes on.
 */
#ifndef LADDER_STATE_H
#define LADDER_STATE_H

#include "harness/engine/engine.h"

struct tcp_sockets;

/* The state that a life line shows. */
struct life_state {
	enum ss_state state; /* SS_NONE: there is no socket; SS_UNKNOWN: it is not known */
	const char *name;    /* of its connection, if there are several; or NULL */
	ns_t timer;	     /* TIME-WAIT, FIN-WAIT-2: how long it stays, from here on; 0: .. */
};			     /* .. not known, or without an end */

struct tcp_sockets *tcp_sockets_begin(struct arena *a, const struct observation *o);

/* In the order of time. A call has two moments if it has taken time: `is_end` is the second. */
void tcp_sockets_see(struct tcp_sockets *all, const struct event *e, ns_t at, bool is_end);

/* Of the socket that changed last, of those that the host has. */
struct life_state tcp_sockets_shown(const struct tcp_sockets *all, enum host host);

/*
 * Whether the event is a reading of a TCP socket; then also what is known of that one, and what the
 * reading says. SS_NONE is a socket without a connection, too.
 */
bool tcp_sockets_compare(const struct tcp_sockets *all, const struct event *e,
			 enum ss_state *expected, enum ss_state *seen);

#endif
