/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the story.
 */
#ifndef STORY_PARTS_H
#define STORY_PARTS_H

#include "harness/story/story.h"

#define NONE (-1)

struct telling {
	struct arena *a;
	const struct run *run;
	const struct timeline *t;
	const struct judgement *j;
	struct notes *of;
	/* Of each segment, -1: none. */
	struct met {
		int sent, arrived; /* the line that asked for it to be sent, to arrive */
		int out, in;	   /* the event of its being sent, of its (first) arrival */
	} * met;
};

void story_note(struct telling *s, int event, struct note note);

/* ---- before.c ---- */

/* What hosts do, put at their next packet. */
void story_before(struct telling *s);

/* ---- course.c ---- */

/* What segments are in their connections. */
void story_course(struct telling *s);

/* ---- after.c ---- */

/* What readings show, put at the last packet before them. */
void story_after(struct telling *s);

#endif
