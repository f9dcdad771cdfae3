/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.pcapng: the packets of both links in one file, each with its story; and the names of the
 * lab's addresses, for the other captures.
 */
#ifndef TRACE_FILE_H
#define TRACE_FILE_H

#include "harness/engine/engine.h"
#include "harness/plan/plan.h"
#include "harness/story/story.h"

/* `release`: of the kernel that it was. False: errno says why not. */
bool trace_write(FILE *out, const struct planned *planned, const char *release,
		 struct observation *o, const struct story *story);

/* In the form of /etc/hosts. */
bool hosts_write(FILE *out);

#endif
