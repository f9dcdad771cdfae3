/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has caused a death or a handler's run. Pure functions of run and time line. */
#ifndef ENGINE_CAUSE_H
#define ENGINE_CAUSE_H

#include "harness/judge/judge.h"

/*
 * The latest event by the time `at` that can have caused signal `number` (0: an exit) in that
 * thread, or in the process that begins with it; -1: none is known.
 */
int cause_find(const struct run *run, const struct timeline *t, const struct judgement *j,
	       int64_t number, enum host host, const char *part, ns_t at);

/* Whether that event sends signal `number`; false for -1. */
bool cause_sends(const struct run *run, const struct timeline *t, const struct judgement *j,
		 int cause, int64_t number);

/* `event` followed directly from that one; -1: its cause is not known. */
void cause_set(const struct timeline *t, struct event *event, int cause);

/*
 * The time when the call of event `call` began has just become known. No event that this call has
 * caused can be older, so their intervals are cut.
 */
void cause_dated(struct timeline *t, int call);

#endif
