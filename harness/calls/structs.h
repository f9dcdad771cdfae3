/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures that calls and socket options take and return, with named fields, so that a script can
 * write only those that matter to it.
 *
 *     setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=5})
 *     getsockopt(c, TCP_INFO, {tcpi_state=TCP_ESTABLISHED})
 */
#ifndef CALLS_STRUCTS_H
#define CALLS_STRUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"

struct call_frame;
struct arg;

struct struct_field {
	const char *name;
	size_t offset, size; /* a number of 1, 4 or 8 bytes */
	bool is_signed;
	const char *group; /* printed as a constant of it, or NULL */
	bool is_flags;	   /* as constants of it joined by | */
};

struct struct_row {
	const char *name;
	size_t size;
	const struct struct_field *fields; /* ends with name NULL */
	const char *example;		   /* as a script has it */
};

#define MAX_STRUCT 512 /* bytes of the largest */

const struct struct_row *struct_find(const char *name); /* NULL: none */

/* Whether the field can have that value. */
bool struct_field_fits(const struct struct_field *field, int64_t number);

/* Puts the fields that are written into the bytes of one; those that are not stay as they are. */
void struct_put(struct call_frame *f, const struct struct_row *row, const struct arg *arg,
		void *bytes);

/* The first `length` bytes of one, in the language's notation. */
const char *struct_text(struct arena *a, const struct struct_row *row, const void *bytes,
			size_t length);

#endif
