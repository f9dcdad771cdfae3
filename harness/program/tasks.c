/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plain list: to search a hundred threads takes less time than to stop one. */
#include "harness/program/tasks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/memory.h"

struct task *task_find(struct tasks *tasks, pid_t tid)
{
	for (size_t i = tasks->count; i-- > 0;)
		if (tasks->list[i].tid == tid)
			return &tasks->list[i];
	return NULL;
}

int task_status(pid_t tid, const char *name, int unknown)
{
	char path[32], *line = NULL;
	size_t room = 0, length = strlen(name);
	int found = unknown;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	in = fopen(path, "re");
	while (in && getline(&line, &room, in) > 0)
		if (!strncmp(line, name, length) && sscanf(line + length, ": %d", &found) == 1)
			break;
	free(line);
	if (in)
		fclose(in);
	return found;
}

int task_schedstat(int *file, pid_t tid)
{
	char path[64];

	if (*file < 0) {
		snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
		*file = open(path, O_RDONLY | O_CLOEXEC);
	}
	return *file;
}

struct task *task_add(struct tasks *tasks, pid_t tid)
{
	struct task *task;

	if (tasks->count == tasks->room) {
		tasks->room = tasks->room ? 2 * tasks->room : 16;
		tasks->list = memory_resize(tasks->list, tasks->room * sizeof(*tasks->list));
	}
	task = &tasks->list[tasks->count++];
	memset(task, 0, sizeof(*task));
	task->tid = tid;
	task->tgid = task_status(tid, "Tgid", tid);
	task->schedstat = -1;
	for (size_t i = 0; i + 1 < tasks->count; i++)
		if (tasks->list[i].tgid == task->tgid)
			task->seen = tasks->list[i].seen;
	task->seen.wanted = NO_NUMBER;
	if (++tasks->named > 1)
		snprintf(task->name, sizeof(task->name), "t%d", tasks->named);
	return task;
}

void task_remove(struct tasks *tasks, struct task *task)
{
	arena_free(&task->call.arena);
	arena_free(&task->outer.arena);
	if (task->schedstat >= 0)
		close(task->schedstat);
	*task = tasks->list[--tasks->count];
}
