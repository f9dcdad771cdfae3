/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system call's registers, and the memory of its process, become the call in the language's
 * notation. Pure: a function that it is given reads the memory.
 */
#ifndef CALL_WORDS_H
#define CALL_WORDS_H

#include "harness/program/traced.h"
#include "harness/timeline/timeline.h"

struct registers {
	long number;
	uint64_t args[6];
};

/* `length` bytes at an address of the process; false: not all of them can be read. */
struct memory {
	bool (*read)(void *context, uint64_t address, void *to, size_t length);
	void *context;
};

#define SHOWN_ARGS 8

struct decoding {
	/* given */
	struct arena *arena;
	const struct traced *row;
	const struct registers *registers;
	const struct memory *memory;
	bool returned;	/* false: it is about to begin, and nothing is filled in yet */
	int64_t result; /* if it has returned; -1: it failed */

	/* made */
	const char *name;	      /* of the call */
	const char *text;	      /* the call as made: connect(3, server:8080) */
	const char *seen[SEEN_COUNT]; /* what argument i was filled with, or NULL */
	bool has_peer;		      /* one of its arguments is an address of the lab's families */
	struct ip peer;
	uint16_t peer_port;

	/*
	 * Each argument's words. When the call has returned, `before` has the words from its
	 * beginning, for arguments that the kernel has overwritten.
	 */
	const char *args[SHOWN_ARGS];
	size_t arg_count;
	const char *const *before; /* SHOWN_ARGS of them, or NULL */
};

void decode_call(struct decoding *d);

/* Whether argument `at` is NULL, or 0. */
bool decode_is_null(const struct decoding *d, int at);

#endif
