/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the events of a stretch is which of its lines: inner to bless/.
 */
#ifndef BLESS_ALIGN_H
#define BLESS_ALIGN_H

#include "harness/bless/bless.h"
#include "harness/judge/trial.h"

/* What has become of a line that is written in the stretch. */
struct counterpart {
	bool kept;	  /* it stays: it has a counterpart, or needs none */
	bool differs;	  /* of a packet: it is another one only in its numbers */
	bool riding;	  /* a plain ACK that came along with something else: nothing to compare */
	int event;	  /* -1: none */
	int segment;	  /* likewise, of a packet */
	int64_t absorbed; /* `data`: so many bytes */
};

/* An event that no line speaks of. */
struct addition {
	int event;
	/*
	 * The line below which it belongs: one that is kept, or the first one; or one above the
	 * stretch, if that begins with a reading that was answered only after this had come.
	 */
	size_t after;
	int moved;  /* the line that speaks of it, but stands in the wrong place; -1: none */
	bool plain; /* a plain ACK: it is written without a time */
};

struct alignment {
	size_t begin, end;
	struct counterpart *of; /* of line `begin + i` */
	struct addition *added; /* in order */
	size_t added_count;
};

/*
 * `t` has judged all that was seen, and looked up (lookup_all). What came from `left_off` on is not
 * of the stretch, whatever has been begun; 0: that is not so of anything. With `acks`, plain ACKs
 * are additions, too.
 */
struct alignment align_stretch(struct trial *t, size_t begin, size_t end, ns_t left_off, bool acks);

/* The line's event does not stand where the line does (judge/order.c has found that). */
bool line_is_inverted(const struct trial *t, size_t index);

/*
 * Which answer to the reading in that line counts, an event; -1: none. The one that is as written;
 * but one that came when the script had gone on already does not count, but what was so before
 * that. Where none is as written, what it was at last.
 */
int reading_answer(const struct trial *t, size_t index);

/* How far the sender's numbers had come when that segment was sent: the next one, in sequence. */
int64_t segment_next(const struct timeline *t, const struct segment *segment);

#endif
