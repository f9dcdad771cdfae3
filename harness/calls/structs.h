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
#include "harness/calls/constants.h"
#include "harness/calls/fields.h"

struct struct_field {
	enum field_id id;
	size_t offset, size; /* a number of 1, 2, 4 or 8 bytes */
	bool is_signed;
	enum constant_group group; /* printed as a constant of it */
	bool is_flags;		   /* as constants of it joined by | */
	unsigned shift, bits;	   /* a part of it, which is only read; bits 0: all of it */
};

struct struct_row {
	size_t size;
	const struct struct_field *fields; /* ends with NO_FIELD */
	const char *example;		   /* as a script has it */
};

/* capset's, in one piece: a mask of CAP_NET_RAW and its like each. */
struct capability_sets {
	uint64_t effective, permitted, inheritable;
};

#define MAX_STRUCT 512 /* bytes of the largest */

extern const struct struct_row struct_linger, struct_timeval, struct_timespec, struct_rlimit,
    struct_capabilities, struct_capability_header, struct_tcp_info;

/* How many bits it has, and whether it can have that value. */
unsigned struct_field_bits(const struct struct_field *field);
bool struct_field_fits(const struct struct_field *field, int64_t number);

/* Puts a number into that field of a structure. */
void struct_field_put(const struct struct_field *field, int64_t number, void *structure);

/* The first `length` bytes of one, in the language's notation. */
const char *struct_text(struct arena *a, const struct struct_row *row, const void *bytes,
			size_t length);

#endif
