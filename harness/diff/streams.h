/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as in result.json, in streams: the packets that one host sends on one connection, in the
 * order of sending.
 */
#ifndef DIFF_STREAMS_H
#define DIFF_STREAMS_H

#include "harness/diff/json.h"
#include "harness/diff/pair.h"

struct stream {
	const char *key;  /* the connection's role, and who sends */
	const char *role; /* NULL: of no connection */
	const json_t **packets;
	size_t count;
	bool counts;	  /* its sequence numbers count from something known */
	bool peers_count; /* and so do its acknowledgement numbers */
	const struct half *half;
};

struct streams {
	struct stream *list;
	size_t count;
};

struct streams streams_read(struct arena *a, const struct half *half);

/* NULL: there is none with that key. */
const struct stream *streams_find(const struct streams *streams, const char *key);

/* For each packet of `old` its counterpart's index in `new`, UNPAIRED where it has none. */
int *streams_pair(struct arena *a, const struct stream *old, const struct stream *new);

/* The kind of a packet: S., P., icmp host-unreachable, udp */
const char *packet_sort(struct arena *a, const json_t *packet);
bool packet_is_tcp(const json_t *packet);

/* ---- packet_fields.c ---- */

/* The differences of two paired packets: each to `differ`. */
typedef void difference_fn(struct pair *p, const json_t *packet, const struct field *field,
			   const json_t *old, const json_t *new);
void packet_compare(struct pair *p, const struct stream *old, size_t old_index,
		    const struct stream *new, size_t new_index, difference_fn *differs);

#endif
