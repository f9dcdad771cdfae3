/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of socket options, and how their values are printed.
 *
 * An option's name determines its level, so a script need not write that. Constants that this
 * machine's headers may not have yet are written as numbers: they are the kernel's ABI. An option
 * that the running kernel lacks fails with ENOPROTOOPT, which the script sees.
 *
 * The kernel returns its values as an int, whatever they are. Here a row says what a value is: that
 * of an unsigned member (sk_mark, notsent_lowat ..) is printed as unsigned, so that ranges and sums
 * are right. The same 32 bits may be written either way (calls/match.c).
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>

#include "harness/actor/frame.h"
#include "harness/calls/calls.h"
#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"

#define LONGEST_STRING 64 /* bytes of a name that an option gives back */

#define SOCKET(name)                                                                               \
	{                                                                                          \
#name, SOL_SOCKET, name, FORM_INT, NULL                                            \
	}
#define SOCKET_AS(name, f)                                                                         \
	{                                                                                          \
#name, SOL_SOCKET, name, f, NULL                                                   \
	}
#define SOCKET_OF(name, g)                                                                         \
	{                                                                                          \
#name, SOL_SOCKET, name, FORM_CONSTANT, g                                          \
	}
#define SOCKET_STRUCT(name, s)                                                                     \
	{                                                                                          \
#name, SOL_SOCKET, name, FORM_STRUCT, s                                            \
	}
#define TCP(name)                                                                                  \
	{                                                                                          \
#name, SOL_TCP, name, FORM_INT, NULL                                               \
	}
#define TCP_AS(name, f)                                                                            \
	{                                                                                          \
#name, SOL_TCP, name, f, NULL                                                      \
	}
#define TCP_NEW(name, n, f)                                                                        \
	{                                                                                          \
		name, SOL_TCP, n, f, NULL                                                          \
	}
#define IP(name)                                                                                   \
	{                                                                                          \
#name, SOL_IP, name, FORM_INT, NULL                                                \
	}
#define IP_OF(name, g)                                                                             \
	{                                                                                          \
#name, SOL_IP, name, FORM_CONSTANT, g                                              \
	}
#define V6(name)                                                                                   \
	{                                                                                          \
#name, SOL_IPV6, name, FORM_INT, NULL                                              \
	}

const struct sockopt_row sockopt_table[] = {
    SOCKET(SO_DEBUG),
    SOCKET(SO_REUSEADDR),
    SOCKET_OF(SO_TYPE, "type"),
    SOCKET_OF(SO_ERROR, "errno"),
    SOCKET(SO_DONTROUTE),
    SOCKET(SO_BROADCAST),
    SOCKET(SO_SNDBUF),
    SOCKET(SO_RCVBUF),
    SOCKET(SO_SNDBUFFORCE),
    SOCKET(SO_RCVBUFFORCE),
    SOCKET(SO_KEEPALIVE),
    SOCKET(SO_OOBINLINE),
    SOCKET_AS(SO_PRIORITY, FORM_UNSIGNED),
    SOCKET_STRUCT(SO_LINGER, "linger"),
    SOCKET(SO_REUSEPORT),
    SOCKET(SO_RCVLOWAT),
    SOCKET(SO_SNDLOWAT),
    SOCKET_STRUCT(SO_RCVTIMEO, "timeval"),
    SOCKET_STRUCT(SO_SNDTIMEO, "timeval"),
    SOCKET_AS(SO_BINDTODEVICE, FORM_STRING),
    SOCKET(SO_TIMESTAMP),
    SOCKET(SO_TIMESTAMPNS),
    SOCKET(SO_ACCEPTCONN),
    SOCKET_AS(SO_MARK, FORM_UNSIGNED),
    SOCKET_OF(SO_PROTOCOL, "protocol"),
    SOCKET_OF(SO_DOMAIN, "domain"),
    SOCKET(SO_PEEK_OFF),
    SOCKET_AS(SO_BUSY_POLL, FORM_UNSIGNED),
    SOCKET_AS(SO_MAX_PACING_RATE, FORM_LONG),
    SOCKET(SO_INCOMING_CPU),
    SOCKET(SO_ZEROCOPY),
    SOCKET(SO_BINDTOIFINDEX),
    SOCKET(SO_TXREHASH),
    TCP(TCP_NODELAY),
    TCP(TCP_MAXSEG),
    TCP(TCP_CORK),
    TCP(TCP_KEEPIDLE),
    TCP(TCP_KEEPINTVL),
    TCP(TCP_KEEPCNT),
    TCP(TCP_SYNCNT),
    TCP(TCP_LINGER2),
    TCP(TCP_DEFER_ACCEPT),
    TCP_AS(TCP_WINDOW_CLAMP, FORM_UNSIGNED),
    {"TCP_INFO", SOL_TCP, TCP_INFO, FORM_STRUCT, "tcp_info"},
    TCP(TCP_QUICKACK),
    TCP_AS(TCP_CONGESTION, FORM_STRING),
    TCP(TCP_THIN_LINEAR_TIMEOUTS),
    TCP(TCP_THIN_DUPACK),
    TCP_AS(TCP_USER_TIMEOUT, FORM_UNSIGNED),
    TCP(TCP_REPAIR),
    TCP(TCP_REPAIR_QUEUE),
    TCP_AS(TCP_QUEUE_SEQ, FORM_UNSIGNED),
    TCP(TCP_FASTOPEN),
    TCP_AS(TCP_TIMESTAMP, FORM_UNSIGNED),
    TCP_AS(TCP_NOTSENT_LOWAT, FORM_UNSIGNED),
    TCP(TCP_SAVE_SYN),
    TCP(TCP_FASTOPEN_CONNECT),
    TCP_AS(TCP_ULP, FORM_STRING),
    TCP(TCP_FASTOPEN_NO_COOKIE),
    TCP(TCP_INQ),
    TCP_AS(TCP_TX_DELAY, FORM_UNSIGNED),
    TCP_NEW("TCP_IS_MPTCP", 43, FORM_INT),
    TCP_NEW("TCP_RTO_MAX_MS", 44, FORM_UNSIGNED),
    TCP_NEW("TCP_RTO_MIN_US", 45, FORM_UNSIGNED),
    TCP_NEW("TCP_DELACK_MAX_US", 46, FORM_UNSIGNED),
    IP(IP_HDRINCL),
    IP(IP_TOS),
    IP(IP_TTL),
    IP(IP_RECVTTL),
    IP(IP_RECVTOS),
    IP_OF(IP_MTU_DISCOVER, "pmtudisc"),
    IP(IP_RECVERR),
    IP(IP_MTU),
    IP(IP_FREEBIND),
    IP(IP_TRANSPARENT),
    IP(IP_MINTTL),
    IP(IP_BIND_ADDRESS_NO_PORT),
    {"IP_LOCAL_PORT_RANGE", SOL_IP, 51, FORM_UNSIGNED, NULL},
    V6(IPV6_UNICAST_HOPS),
    {"IPV6_MTU_DISCOVER", SOL_IPV6, IPV6_MTU_DISCOVER, FORM_CONSTANT, "pmtudisc"},
    V6(IPV6_MTU),
    V6(IPV6_RECVERR),
    V6(IPV6_V6ONLY),
    V6(IPV6_TCLASS),
    V6(IPV6_MINHOPCOUNT),
    V6(IPV6_FREEBIND),
    V6(IPV6_TRANSPARENT),
    V6(IPV6_AUTOFLOWLABEL),
    {NULL, 0, 0, 0, NULL},
};

#define COUNT (sizeof(sockopt_table) / sizeof(sockopt_table[0]))

const struct sockopt_row *sockopt_find(const char *name)
{
	for (const struct sockopt_row *row = sockopt_table; row->name; row++)
		if (!strcmp(name, row->name))
			return row;
	return NULL;
}

static const char *names[COUNT];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static void make_names(void)
{
	for (size_t i = 0; i < COUNT; i++)
		names[i] = sockopt_table[i].name;
}

const char *const *sockopt_names(void)
{
	pthread_once(&names_once, make_names);
	return names;
}

const char *sockopt_level_name(int level)
{
	return constant_name("level", level);
}

/* ---- values ---- */

size_t sockopt_size(const struct sockopt_row *row)
{
	switch (row->form) {
	case FORM_STRUCT:
		return struct_find(row->group)->size;
	case FORM_STRING:
		return LONGEST_STRING;
	case FORM_LONG:
		return sizeof(int64_t);
	default:
		return sizeof(int32_t);
	}
}

bool sockopt_fits(const struct sockopt_row *row, int64_t number)
{
	return row->form == FORM_LONG || (number >= INT32_MIN && number <= UINT32_MAX);
}

/*
 * As many bytes as the kernel has given: some IP options answer with one when asked for less than
 * four, and only what has 64 bits comes in eight.
 */
static int64_t number_of(const struct sockopt_row *row, const void *value, size_t length)
{
	uint32_t word = 0;
	int64_t wide;

	if (length >= sizeof(wide)) {
		memcpy(&wide, value, sizeof(wide));
		return wide;
	}
	memcpy(&word, value, length < sizeof(word) ? length : sizeof(word));
	return row->form == FORM_UNSIGNED || row->form == FORM_LONG ? (int64_t)word : (int32_t)word;
}

const char *sockopt_text(struct arena *a, const struct sockopt_row *row, const void *value,
			 size_t length)
{
	int64_t number;

	if (row->form == FORM_STRING)
		return quoted_text(a, value, strnlen(value, length));
	if (row->form == FORM_STRUCT)
		return struct_text(a, struct_find(row->group), value, length);
	if (length == 0)
		return "[]";
	number = number_of(row, value, length);
	if (row->form == FORM_CONSTANT && number) {
		const char *name = constant_name(row->group, number);

		if (name)
			return arena_printf(a, "[%s]", name);
	}
	return arena_printf(a, "[%lld]", (long long)number);
}
