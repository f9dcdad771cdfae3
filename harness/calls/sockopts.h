/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket options: each with its level, its number and the form of its value.
 */
#ifndef CALLS_SOCKOPTS_H
#define CALLS_SOCKOPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "harness/base/arena.h"
#include "harness/calls/constants.h"
#include "harness/calls/structs.h"

enum sockopt_form {
	FORM_INT,      /* 1, [1]: a number of 32 bits, with a sign */
	FORM_UNSIGNED, /* likewise, without one: [4294967295] */
	FORM_LONG,     /* of 64 bits; the kernel also takes and gives one of 32, without a sign */
	FORM_CONSTANT, /* [SOCK_STREAM], [ECONNREFUSED]: one of `group`, or a number */
	FORM_STRUCT,   /* {l_onoff=1, l_linger=0}: `structure` */
	FORM_STRING,   /* "reno", ["reno"] */
};

struct sockopt_row {
	const char *name;
	int level, number;
	enum sockopt_form form;
	enum constant_group group;	    /* of a FORM_CONSTANT */
	const struct struct_row *structure; /* of a FORM_STRUCT */
};

extern const struct sockopt_row sockopt_table[];	  /* ends with name NULL */
const struct sockopt_row *sockopt_find(const char *name); /* NULL: none */

/* SOL_TCP, as strace prints it; NULL for a level that no option here has. */
const char *sockopt_level_name(int level);

size_t sockopt_size(const struct sockopt_row *row); /* of the value in bytes */
/* Whether a number can be its value, be that written with a sign or without one. */
bool sockopt_fits(const struct sockopt_row *row, int64_t number);

/* A value of `length` bytes, in the language's notation. */
const char *sockopt_text(struct arena *a, const struct sockopt_row *row, const void *value,
			 size_t length);

#endif
