/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has brought about a death or a handler's run. Pure functions of run and time line.
 */
#ifndef ENGINE_CAUSE_H
#define ENGINE_CAUSE_H

#include "harness/judge/judge.h"

/*
 * The latest event by the time `at` that can have brought about signal `number` (0: an exit) in
 * that thread, or in the process that begins with it; -1: none is known.
 */
int cause_find(const struct run *run, const struct timeline *t, const struct judgement *j,
	       int64_t number, enum host host, const char *part, ns_t at);

/* `event` has followed that one at once; -1: nothing is known of it. */
void cause_set(const struct timeline *t, struct event *event, int cause);

/* It is known now when the call of that event began; what it has brought about is not older. */
void cause_dated(struct timeline *t, int call);

#endif
