/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The story of each packet: what a packet capture alone does not tell about it.
 *
 * A pure function of run, time line and judgement. Notes belong to events, EVENT_SENT and
 * EVENT_ARRIVED, so to a packet at one place; they are found by the order of events and by what
 * belongs to what, never by times: in virtual time many neighbours have the same.
 */
#ifndef STORY_H
#define STORY_H

#include "harness/judge/judge.h"

enum note_kind {
	NOTE_LINE,   /* the line of the script that asked for it, or what differs from it */
	NOTE_BEFORE, /* what its host has done since that host's packet before */
	NOTE_ORIGIN, /* who made it, if it was not the host whose address it has */
	NOTE_FATE,   /* what became of it, and by what fault */
	NOTE_COURSE, /* what it is in its connection: sent again, a probe */
	NOTE_LABEL,  /* how Wireshark calls it, where that means something else */
	NOTE_AFTER,  /* the state or the timer that a socket was seen in next */
};

struct note {
	enum note_kind kind;
	int event; /* of the time line: what the note is about; -1: none */
	int line;  /* of the run: likewise */
	const char *text;
};

struct notes {
	struct note *list;
	size_t count;
};

struct story {
	const struct notes *of; /* of each event */
	/*
	 * The events of each captured packet, by its number; -1: none. A packet that begins on the
	 * link on which it ends (made or answered by the router) has two.
	 */
	const int (*shown)[2];
	int frames; /* no packet of the time line has a higher number */
};

struct story story_tell(struct arena *a, const struct run *run, const struct timeline *t,
			const struct judgement *j);

#endif
