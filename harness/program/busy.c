/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a program computes. What it does between two calls is not seen, and neither is a call
 * that is not about the network. But the kernel counts for how long each task has had a CPU, or has
 * waited for one. So a program that computes is noticed on a busy machine, too.
 */
#include "harness/actor/making.h"
#include "harness/program/keeper.h"
#include "harness/program/tasks.h"

#define EACH (500 * NS_PER_MS)

static ns_t ready_since(struct task *task)
{
	ns_t before = task->ready;

	task->ready = run_ready(task_schedstat(&task->schedstat, task->tid));
	return task->ready > before ? task->ready - before : 0;
}

bool tasks_are_busy(struct tasks *tasks, ns_t at)
{
	ns_t took = at - tasks->looked, ready = 0;
	bool is_first = !tasks->looked;

	if (took < EACH)
		return false;
	tasks->looked = at;
	for (size_t i = 0; i < tasks->count; i++)
		ready += ready_since(&tasks->list[i]);
	return !is_first && ready >= took / 2;
}
