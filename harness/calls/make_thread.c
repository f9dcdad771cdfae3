/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread() = t2: not a system call but the actor's own doing; the result is the new thread's id.
 */
#include <errno.h>

#include "harness/calls/frame.h"

void make_thread(struct call_frame *f)
{
	struct actor_reply *r = f->reply;

	r->entered = now();
	r->result = f->spawn(f, f->bind);
	r->error = r->result < 0 ? errno : 0;
	r->returned = now();
}
