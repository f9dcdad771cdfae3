/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of states and timers, as ss prints them. */
#include "harness/packet/socket_state.h"

#include <netinet/tcp.h>
#include <string.h>

const char *const ss_state_names[SS_STATES] = {
    [SS_NONE] = "none",
    [TCP_ESTABLISHED] = "ESTAB",
    [TCP_SYN_SENT] = "SYN-SENT",
    [TCP_SYN_RECV] = "SYN-RECV",
    [TCP_FIN_WAIT1] = "FIN-WAIT-1",
    [TCP_FIN_WAIT2] = "FIN-WAIT-2",
    [TCP_TIME_WAIT] = "TIME-WAIT",
    [TCP_CLOSE] = "UNCONN",
    [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
    [TCP_LAST_ACK] = "LAST-ACK",
    [TCP_LISTEN] = "LISTEN",
    [TCP_CLOSING] = "CLOSING",
    [SS_UNKNOWN] = "unknown",
};

const char *const ss_timer_names[SS_TIMERS] = {
    [SS_TIMER_NONE] = "none",		[SS_TIMER_ON] = "on",
    [SS_TIMER_KEEPALIVE] = "keepalive", [SS_TIMER_TIMEWAIT] = "timewait",
    [SS_TIMER_PERSIST] = "persist",	[SS_TIMER_UNKNOWN] = "unknown",
};

static int find(const char *const *names, int count, const char *name)
{
	int i = 0;

	while (i < count && strcmp(name, names[i]) != 0)
		i++;
	return i;
}

enum ss_state ss_state_find(const char *name)
{
	return (enum ss_state)find(ss_state_names, SS_STATES, name);
}

enum ss_timer ss_timer_find(const char *name)
{
	return (enum ss_timer)find(ss_timer_names, SS_TIMERS, name);
}
