/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP's flags by their letters and names.
 */
#ifndef FLAGS_H
#define FLAGS_H

#include <stdint.h>

#include "harness/packet/packet.h"

struct tcp_flag {
	uint16_t bit;
	char letter;	  /* tcpdump's */
	const char *name; /* RFC 9293 3.1, RFC 9768 2.2 */
};

/* In tcpdump's order: the dot stands after the letters that go with it. */
extern const struct tcp_flag tcp_flags[];

enum { TCP_FLAGS = sizeof(FLAG_LETTERS) - 1 };

#endif
