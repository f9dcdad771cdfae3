/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The descriptors of one process by the names that a script gives them; shared by its threads.
 */
#ifndef CALLS_DESCRIPTORS_H
#define CALLS_DESCRIPTORS_H

#include <pthread.h>
#include <stddef.h>

#include "harness/base/arena.h"

/* What an unknown or closed name stands for: a number that no process can have open, so EBADF. */
#define NO_DESCRIPTOR 0x7fffffff

struct descriptors {
	pthread_mutex_t mutex;
	struct descriptor {
		char *name;
		int fd;
	} * list;
	size_t count, room;
};

void descriptors_init(struct descriptors *d);

/* Give `fd` that name; one that had it before loses it (and stays open: it may have others). */
void descriptor_bind(struct descriptors *d, const char *name, int fd);
void descriptor_forget(struct descriptors *d, int fd); /* all names of it */

int descriptor_find(struct descriptors *d, const char *name); /* NO_DESCRIPTOR: none */
/* The first name that `fd` was given, NULL: none. */
const char *descriptor_name(struct descriptors *d, struct arena *a, int fd);

#endif
