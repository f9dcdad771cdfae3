/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that hangs may wake 25 times a second, as Java's does, without any call that is
 * seen (it waits on a futex). In virtual time that makes a day long: each time costs about as much
 * as a look for new data. So the tracer looks each minute how often the tasks have slept, apart
 * from the stops that tracing costs.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#include "harness/program/keeper.h"
#include "harness/program/tasks.h"

#define INTERVAL 60 /* s */

static volatile sig_atomic_t is_time;

static void on_alarm(int signal)
{
	(void)signal;
	is_time = 1;
}

void wakes_watch(void)
{
	const struct itimerval each = {{INTERVAL, 0}, {INTERVAL, 0}};

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
	setitimer(ITIMER_REAL, &each, NULL);
}

uint64_t wakes_since(struct tasks *tasks)
{
	uint64_t more = 0;

	if (!is_time)
		return 0;
	is_time = 0;
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = &tasks->list[i];
		uint64_t slept = (uint64_t)task_status(task->tid, "voluntary_ctxt_switches", 0);
		uint64_t wakes = slept > task->stops ? slept - task->stops : 0;

		more += wakes > task->wakes ? wakes - task->wakes : 0;
		task->wakes = wakes > task->wakes ? wakes : task->wakes;
	}
	return more;
}
