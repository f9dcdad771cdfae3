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
 * are right. The same 32 bits may be written either way (call_match.c).
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "harness/calls/call_notation.h"
#include "harness/calls/calls.h"
#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"

#define LONGEST_STRING 64 /* bytes of a name that an option gives back */

#define OPTION(name, level, number, form, group, structure)                                        \
	{                                                                                          \
		name, level, number, form, group, structure                                        \
	}
#define SOCKET(name)	       OPTION(#name, SOL_SOCKET, name, FORM_INT, NO_GROUP, NULL)
#define SOCKET_AS(name, f)     OPTION(#name, SOL_SOCKET, name, f, NO_GROUP, NULL)
#define SOCKET_OF(name, g)     OPTION(#name, SOL_SOCKET, name, FORM_CONSTANT, GROUP_##g, NULL)
#define SOCKET_STRUCT(name, s) OPTION(#name, SOL_SOCKET, name, FORM_STRUCT, NO_GROUP, &struct_##s)
#define TCP(name)	       OPTION(#name, SOL_TCP, name, FORM_INT, NO_GROUP, NULL)
#define TCP_AS(name, f)	       OPTION(#name, SOL_TCP, name, f, NO_GROUP, NULL)
#define TCP_STRUCT(name, s)    OPTION(#name, SOL_TCP, name, FORM_STRUCT, NO_GROUP, &struct_##s)
#define IP(name)	       OPTION(#name, SOL_IP, name, FORM_INT, NO_GROUP, NULL)
#define IP_OF(name, g)	       OPTION(#name, SOL_IP, name, FORM_CONSTANT, GROUP_##g, NULL)
#define V6(name)	       OPTION(#name, SOL_IPV6, name, FORM_INT, NO_GROUP, NULL)
#define V6_OF(name, g)	       OPTION(#name, SOL_IPV6, name, FORM_CONSTANT, GROUP_##g, NULL)
/* Its number may be in no header yet. */
#define NEW(name, level, number, f) OPTION(#name, level, number, f, NO_GROUP, NULL)

const struct sockopt_row sockopt_table[] = {
    SOCKET(SO_DEBUG),
    SOCKET(SO_REUSEADDR),
    SOCKET_OF(SO_TYPE, type),
    SOCKET_OF(SO_ERROR, errno),
    SOCKET(SO_DONTROUTE),
    SOCKET(SO_BROADCAST),
    SOCKET(SO_SNDBUF),
    SOCKET(SO_RCVBUF),
    SOCKET(SO_SNDBUFFORCE),
    SOCKET(SO_RCVBUFFORCE),
    SOCKET(SO_KEEPALIVE),
    SOCKET(SO_OOBINLINE),
    SOCKET_AS(SO_PRIORITY, FORM_UNSIGNED),
    SOCKET_STRUCT(SO_LINGER, linger),
    SOCKET(SO_REUSEPORT),
    SOCKET(SO_RCVLOWAT),
    SOCKET(SO_SNDLOWAT),
    SOCKET_STRUCT(SO_RCVTIMEO, timeval),
    SOCKET_STRUCT(SO_SNDTIMEO, timeval),
    SOCKET_AS(SO_BINDTODEVICE, FORM_STRING),
    SOCKET(SO_TIMESTAMP),
    SOCKET(SO_TIMESTAMPNS),
    SOCKET(SO_ACCEPTCONN),
    SOCKET_AS(SO_MARK, FORM_UNSIGNED),
    SOCKET_OF(SO_PROTOCOL, protocol),
    SOCKET_OF(SO_DOMAIN, domain),
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
    TCP_STRUCT(TCP_INFO, tcp_info),
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
    NEW(TCP_IS_MPTCP, SOL_TCP, 43, FORM_INT),
    NEW(TCP_RTO_MAX_MS, SOL_TCP, 44, FORM_UNSIGNED),
    NEW(TCP_RTO_MIN_US, SOL_TCP, 45, FORM_UNSIGNED),
    NEW(TCP_DELACK_MAX_US, SOL_TCP, 46, FORM_UNSIGNED),
    IP(IP_HDRINCL),
    IP(IP_TOS),
    IP(IP_TTL),
    IP(IP_RECVTTL),
    IP(IP_RECVTOS),
    IP_OF(IP_MTU_DISCOVER, pmtudisc),
    IP(IP_RECVERR),
    IP(IP_MTU),
    IP(IP_FREEBIND),
    IP(IP_TRANSPARENT),
    IP(IP_MINTTL),
    IP(IP_BIND_ADDRESS_NO_PORT),
    NEW(IP_LOCAL_PORT_RANGE, SOL_IP, 51, FORM_UNSIGNED),
    V6(IPV6_UNICAST_HOPS),
    V6_OF(IPV6_MTU_DISCOVER, pmtudisc),
    V6(IPV6_MTU),
    V6(IPV6_RECVERR),
    V6(IPV6_V6ONLY),
    V6(IPV6_TCLASS),
    V6(IPV6_MINHOPCOUNT),
    V6(IPV6_FREEBIND),
    V6(IPV6_TRANSPARENT),
    V6(IPV6_AUTOFLOWLABEL),
    {NULL, 0, 0, 0, NO_GROUP, NULL},
};

const char *sockopt_level_name(int level)
{
	return constant_name(GROUP_level, level);
}

/* ---- values ---- */

size_t sockopt_size(const struct sockopt_row *row)
{
	switch (row->form) {
	case FORM_STRUCT:
		return row->structure->size;
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
 * The number in the bytes that the kernel has written. It writes one byte for some IP options if
 * the caller has room for fewer than four. It writes eight bytes only for a number of 64 bits.
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
		return struct_text(a, row->structure, value, length);
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
