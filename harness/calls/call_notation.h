/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What calls take and give, in the language's notation.
 */
#ifndef CALL_NOTATION_H
#define CALL_NOTATION_H

#include <sys/socket.h>

#include "harness/base/arena.h"
#include "harness/calls/constants.h"
#include "harness/packet/hosts.h"

/* The longest text of an argument that is reported; a longer one is cut: "abc"... */
#define LONGEST_SEEN 8192

const char *quoted_text(struct arena *a, const char *bytes, size_t length);
/* 0, POLLIN|POLLHUP */
const char *flags_text(struct arena *a, enum constant_group group, int64_t value);
const char *address_text(struct arena *a, const struct sockaddr_storage *address);
const char *joined_text(struct arena *a, const char *list, const char *item); /* list, item */
/* Whose address it is; false: not an IP address. */
bool address_ip(const struct sockaddr_storage *address, struct ip *ip, uint16_t *port);

#endif
