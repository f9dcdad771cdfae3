/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of descriptors.
 *
 * A process has a handful of them, so this is an array that is searched. The mutex is held for a
 * search, never during a system call: a thread that is blocked in recv() must not keep another from
 * closing.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/actor/descriptors.h"
#include "harness/base/memory.h"

void descriptors_init(struct descriptors *d)
{
	memset(d, 0, sizeof(*d));
	pthread_mutex_init(&d->mutex, NULL);
}

static void append(struct descriptors *d, const char *name, int fd)
{
	if (d->count == d->room) {
		d->room = d->room ? 2 * d->room : 16;
		d->list = memory_resize(d->list, d->room * sizeof(*d->list));
	}
	d->list[d->count].name = memory_copy(name);
	d->list[d->count++].fd = fd;
}

void descriptor_bind(struct descriptors *d, const char *name, int fd)
{
	pthread_mutex_lock(&d->mutex);
	for (size_t i = 0; i < d->count; i++) {
		if (!strcmp(d->list[i].name, name)) {
			d->list[i].fd = fd;
			goto out;
		}
	}
	append(d, name, fd);
out:
	pthread_mutex_unlock(&d->mutex);
}

void descriptor_forget(struct descriptors *d, int fd)
{
	size_t kept = 0;

	pthread_mutex_lock(&d->mutex);
	for (size_t i = 0; i < d->count; i++) {
		if (d->list[i].fd == fd)
			free(d->list[i].name);
		else
			d->list[kept++] = d->list[i];
	}
	d->count = kept;
	pthread_mutex_unlock(&d->mutex);
}

int descriptor_find(struct descriptors *d, const char *name)
{
	int fd = NO_DESCRIPTOR;

	pthread_mutex_lock(&d->mutex);
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->list[i].name, name))
			fd = d->list[i].fd;
	pthread_mutex_unlock(&d->mutex);
	return fd;
}

const char *descriptor_name(struct descriptors *d, struct arena *a, int fd)
{
	const char *name = NULL;

	pthread_mutex_lock(&d->mutex);
	for (size_t i = 0; i < d->count && !name; i++)
		if (d->list[i].fd == fd)
			name = arena_strdup(a, d->list[i].name);
	pthread_mutex_unlock(&d->mutex);
	return name;
}
