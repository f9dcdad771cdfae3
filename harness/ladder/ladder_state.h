/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one end of a connection, as far as segments tell it.
 */
#ifndef LADDER_STATE_H
#define LADDER_STATE_H

#include "harness/timeline/timeline.h"

struct end_state {
	enum ss_state state;
	int64_t next;		      /* what it has got, up to here */
	int64_t later_from, later_to; /* and this, behind a hole; 0: nothing */
	int64_t fin, peer_fin;	      /* where they end; 0: none yet */
};

void end_sends(struct end_state *e, const struct segment *s);
void end_gets(struct end_state *e, const struct segment *s);

#endif
