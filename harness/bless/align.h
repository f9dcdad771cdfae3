/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which events of a stretch belong to which of its lines: internal to bless/.
 */
#ifndef BLESS_ALIGN_H
#define BLESS_ALIGN_H

#include "harness/bless/bless.h"
#include "harness/judge/questions.h"

/* The fate of a written line of the stretch. */
struct counterpart {
	bool kept;	  /* it stays: it has a counterpart, or needs none */
	bool differs;	  /* of a packet: it differs only in its numbers */
	bool riding;	  /* a plain ACK that came inside another segment: nothing to compare */
	int event;	  /* -1: none */
	int segment;	  /* likewise, of a packet */
	int64_t absorbed; /* `data`: how many bytes */
};

/* An event without a line. */
struct addition {
	int event;
	/*
	 * The line below which it belongs: one that is kept, or the first one; or one above the
	 * stretch, if that begins with a reading that was answered only after this had come.
	 */
	size_t after;
	int moved;  /* its line, if that is in the wrong place; -1: none */
	bool plain; /* a plain ACK: it is written without a time */
};

struct alignment {
	size_t begin, end;
	struct counterpart *of; /* of line `begin + i` */
	struct addition *added; /* in order */
	size_t added_count;
};

/*
 * Events from `left_off` on do not belong to
 * the stretch, whatever has begun; 0: all may belong to it. With `acks`, plain ACKs are additions,
 * too.
 */
struct alignment align_stretch(struct judged *t, size_t begin, size_t end, ns_t left_off,
			       bool acks);

/* The line's event is not at the line's place (judge/order.c has found that). */
bool line_is_inverted(const struct judged *t, size_t index);

/*
 * The final answer to the reading in that line, an event; -1: none. It is the one that is as
 * written. An answer that came after the script had gone on does not count; then the last one
 * before that counts. If none is as written, the last answer.
 */
int reading_answer(const struct judged *t, size_t index);

/* How far the sender's numbers had come when that segment was sent: the next one, in sequence. */
int64_t segment_next(const struct timeline *t, const struct segment *segment);

#endif
