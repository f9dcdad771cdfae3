/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets count as plain ACKs (docs/language.md, "Plain ACKs").
 *
 * Whether a segment is one depends on what the same end has sent before on its connection. A
 * passage is what must be known of that.
 */
#ifndef JUDGE_PLAIN_ACK_H
#define JUDGE_PLAIN_ACK_H

#include "harness/timeline/timeline.h"

struct passage {
	int incarnation;  /* the connection of the last segment; -1: none yet */
	int64_t next;	  /* one past the highest sequence number */
	int64_t acked;	  /* the highest acknowledgement number */
	bool after_syn;	  /* the last segment was a SYN: the next ACK is the handshake's third */
	bool window_shut; /* the last segment advertised no window */
};

/* Adds a segment. True: it begins a new incarnation, with new numbers. */
bool passage_note(struct passage *p, const struct segment *segment);

/* Only ACK, and no data. */
bool segment_is_bare_ack(const struct segment *segment);

/*
 * Whether it only acknowledges something new. Not plain are duplicates and probes (their ack does
 * not move), SACKs, the third of a handshake, what closes or opens the window, and what was lost.
 */
bool is_plain_ack(const struct passage *p, const struct segment *segment);

#endif
