/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the check of a call's arguments: what each function of a type is given, and what
 * they share.
 */
#ifndef CALLS_CHECK_H
#define CALLS_CHECK_H

#include "harness/calls/calls.h"

struct check {
	const struct call *call;
	const struct call_param *param;
	size_t index; /* of the argument */
	struct diagnostics *c;
	const struct numbering *variables; /* those that have a value there; may be NULL */
	bool observed;			   /* it is the program's call, not the script's */
};

/* True, or a diagnostic at the argument. Never called for `...`. */
typedef bool check_fn(const struct check *k, const struct arg *arg);

/* By the argument's type: check_argument.c. */
bool check_argument(const struct check *k, const struct arg *arg);

/* False, and a diagnostic: the call takes `form` here. */
bool check_wrong(const struct check *k, const struct arg *arg, const char *form);
/* Names joined by | must be constants of that group. */
bool check_names(struct diagnostics *c, const struct arg *arg, enum constant_group group);
/* Diagnoses, at `at`, the first name that is written a second time. */
bool check_twice(struct diagnostics *c, struct place at, const char *const *names, size_t count);
/* Likewise, for single names in a list. */
bool check_once(const struct check *k, const struct arg *list);
/* A value that a call can be given: no *, no range. */
bool check_given(const struct value *v);
/* Diagnoses a known number outside these limits; `what` completes ".. is 0 to 9". */
bool check_limits(const struct check *k, const struct value *v, const char *what, int64_t least,
		  int64_t most);
/* Of an argument that is an address. */
bool check_port(const struct check *k, const struct arg *arg);

/* Structures, and the values of options, which may be such: check_struct.c. */
check_fn check_pollfds, check_pollfds_in, check_events_out, check_event, check_message,
    check_struct, check_pieces, check_status_out, check_action, check_signals;
/* Of sockets and addresses: check_family.c. */
check_fn check_family;
/* ICMP messages: {id=1, sequence=1, data="ping"}. */
check_fn check_icmp_message;
/* Of an address whose family is written: {sa_family=AF_UNSPEC}. */
check_fn check_raw_address;
check_fn check_option_in, check_option_out;

#endif
