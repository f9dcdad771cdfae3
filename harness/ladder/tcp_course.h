/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of TCP and what leads from one to the next.
 */
#ifndef TCP_COURSE_H
#define TCP_COURSE_H

#include "harness/packet/socket_state.h"

/* What happens to a socket. */
enum tcp_step {
	STEP_LISTEN,
	STEP_CLOSE,   /* its last descriptor is closed */
	STEP_END,     /* it will send no more: shutdown(), close(), or its FIN is seen */
	STEP_STOP,    /* shutdown() of what is no connection yet */
	STEP_FAIL,    /* a call has got an error that ends the socket */
	STEP_CRASH,   /* of its host */
	STEP_TIMER,   /* it has waited as long as it does */
	STEP_SYN,     /* it sends a SYN .. */
	STEP_SYN_ACK, /* .. or a SYN with ACK */
	STEP_RST,     /* .. or a RST */
	STEP_GOT_SYN,
	STEP_GOT_SYN_ACK,
	STEP_GOT_FIN,
	STEP_GOT_RST,
	STEP_GOT_ICMP, /* an error about its packet */
	STEP_SYN_ACKED,
	STEP_FIN_ACKED,
};

/* The state after that; the same one if it does not lead to another. */
enum ss_state tcp_course(enum ss_state from, enum tcp_step step);

#endif
