/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket options: each with its level, its number and the form of its value.
 */
#ifndef CALLS_SOCKOPTS_H
#define CALLS_SOCKOPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "harness/base/arena.h"

enum sockopt_form {
	FORM_INT,      /* 1, [1] */
	FORM_CONSTANT, /* [SOCK_STREAM], [ECONNREFUSED]: one of `group`, or a number */
	FORM_LINGER,   /* {l_onoff=1, l_linger=0} */
	FORM_TIMEVAL,  /* {tv_sec=1, tv_usec=0} */
	FORM_STRING,   /* "reno" */
	FORM_INFO,     /* {tcpi_state=TCP_ESTABLISHED, ..}; only read */
};

struct sockopt_row {
	const char *name;
	int level, number;
	enum sockopt_form form;
	const char *group; /* of a FORM_CONSTANT */
};

extern const struct sockopt_row sockopt_table[];	  /* ends with name NULL */
const struct sockopt_row *sockopt_find(const char *name); /* NULL: none */
const char *const *sockopt_names(void);			  /* for nearest() */

/* SOL_TCP, as strace prints it; NULL for a level that no option here has. */
const char *sockopt_level_name(int level);

/* A field of a structure that an option is: named, so that a script can write only those it cares
 * for. */
struct sockopt_field {
	const char *name;
	size_t offset, size; /* an unsigned (linger, timeval: signed) number of 1, 4 or 8 bytes */
	const char *group;   /* printed as a constant of it, or NULL */
};

/* The fields of a form that is a structure, ending with name NULL; NULL: not a structure. */
const struct sockopt_field *sockopt_fields(enum sockopt_form form);
size_t sockopt_size(enum sockopt_form form); /* of the value in bytes */

/* A value of `length` bytes, in the language's notation. */
const char *sockopt_text(struct arena *a, const struct sockopt_row *row, const void *value,
			 size_t length);

#endif
