/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has gone by in one stream, that is of what one end sends on one connection: as much of it as
 * is needed to say what the next segment is.
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

/* The segment goes by. True: it begins a new incarnation, whose numbers begin anew. */
bool passage_note(struct passage *p, const struct segment *segment);

/* Only ACK, and no data. */
bool segment_is_bare_ack(const struct segment *segment);

/*
 * A segment that only acknowledges something new (docs/language.md, "Plain ACKs"). Not plain:
 * duplicates and probes (ack does not move), SACKs, the handshake's third, what closes or opens the
 * window, what was lost.
 */
bool is_plain_ack(const struct passage *p, const struct segment *segment);

#endif
