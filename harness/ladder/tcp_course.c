/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the diagram of RFC 9293 3.3.2 as rows. Where Linux differs from it, the rows
 * are Linux's: it leaves ESTAB as soon as the process has closed, though the FIN may have to wait
 * (net/ipv4/tcp.c, __tcp_close()), and an ICMP error ends an attempt to connect (tcp_v4_err()).
 */
#include "harness/ladder/tcp_course.h"

#include "harness/base/array.h"

static const struct transition {
	enum ss_state from;
	enum tcp_step step;
	enum ss_state to;
} transitions[] = {
    {SS_NONE, STEP_LISTEN, SS_LISTEN},
    {SS_NONE, STEP_SYN, SS_SYN_SENT},
    {SS_NONE, STEP_SYN_ACK, SS_SYN_RECV},

    {SS_LISTEN, STEP_CLOSE, SS_NONE},
    {SS_LISTEN, STEP_STOP, SS_NONE},

    {SS_SYN_SENT, STEP_SYN_ACK, SS_SYN_RECV}, /* both have sent a SYN */
    {SS_SYN_SENT, STEP_GOT_SYN, SS_SYN_RECV},
    {SS_SYN_SENT, STEP_GOT_SYN_ACK, SS_ESTAB},
    {SS_SYN_SENT, STEP_GOT_RST, SS_NONE},
    {SS_SYN_SENT, STEP_GOT_ICMP, SS_NONE},
    {SS_SYN_SENT, STEP_CLOSE, SS_NONE},
    {SS_SYN_SENT, STEP_STOP, SS_NONE},
    {SS_SYN_SENT, STEP_FAIL, SS_NONE},

    {SS_SYN_RECV, STEP_SYN_ACKED, SS_ESTAB},
    {SS_SYN_RECV, STEP_END, SS_FIN_WAIT_1},
    {SS_SYN_RECV, STEP_GOT_RST, SS_NONE},
    {SS_SYN_RECV, STEP_FAIL, SS_NONE},

    {SS_ESTAB, STEP_END, SS_FIN_WAIT_1},
    {SS_ESTAB, STEP_GOT_FIN, SS_CLOSE_WAIT},

    {SS_FIN_WAIT_1, STEP_FIN_ACKED, SS_FIN_WAIT_2},
    {SS_FIN_WAIT_1, STEP_GOT_FIN, SS_CLOSING},

    {SS_FIN_WAIT_2, STEP_GOT_FIN, SS_TIME_WAIT},
    {SS_FIN_WAIT_2, STEP_TIMER, SS_NONE},

    {SS_CLOSING, STEP_FIN_ACKED, SS_TIME_WAIT},

    {SS_CLOSE_WAIT, STEP_END, SS_LAST_ACK},

    {SS_LAST_ACK, STEP_FIN_ACKED, SS_NONE},

    {SS_TIME_WAIT, STEP_GOT_RST, SS_NONE},
    {SS_TIME_WAIT, STEP_TIMER, SS_NONE},
};

/* A connection ends with a RST of either end, and with an error. */
static bool is_end(enum ss_state from, enum tcp_step step)
{
	bool connected = from == SS_ESTAB || from == SS_FIN_WAIT_1 || from == SS_FIN_WAIT_2 ||
			 from == SS_CLOSING || from == SS_CLOSE_WAIT || from == SS_LAST_ACK;

	return step == STEP_CRASH ||
	       (connected && (step == STEP_RST || step == STEP_GOT_RST || step == STEP_FAIL));
}

enum ss_state tcp_course(enum ss_state from, enum tcp_step step)
{
	if (is_end(from, step))
		return SS_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++)
		if (transitions[i].from == from && transitions[i].step == step)
			return transitions[i].to;
	return from;
}
