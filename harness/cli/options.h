/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, as data: which options were given, which words are left.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/clock.h"
#include "harness/base/exit_status.h"

/* Which commands an option means something to. */
enum {
	FOR_RUN = 1,
	FOR_LIST = 2,
	FOR_SHOW = 4,
	FOR_CHECK = 8,
	FOR_DIFF = 16,
	FOR_BLESS = 32,
	FOR_ALL = 63,
};

enum {
	FAMILY_4 = 1,
	FAMILY_6 = 2,
};

#define MAX_AT_ONCE 1000

struct options {
	int at_once; /* 0: as many as the machine bears */
	bool verbose, quiet, json, keep, slow, acks, keep_written, dry_run, deep, record, help,
	    version;
	unsigned families; /* FAMILY_4 | FAMILY_6; 0: not said */
	const char *results, *library, *kernel;
	ns_t patience, limit, until;
	int64_t memory, captured;   /* bytes; 0: not said */
	const char *option_for[32]; /* as given, for options_fit */
	unsigned option_mask[32];
	size_t option_count;
	char **words; /* what is not an option, in order */
	size_t word_count;
};

/* Read them. False: `error` says in one line what is wrong. The words point into argv, which is
 * permuted. */
bool options_read(struct options *o, int argc, char **argv, char *error, size_t size);

/* Whether all options that were given mean something to the command of that mask. */
bool options_fit(const struct options *o, unsigned mask, const char *command, char *error,
		 size_t size);

/* One line for each option, for the help. */
void options_print(FILE *out);

/* 200ms 1s 1.5s 1500us 2min; false: not a duration. */
bool duration_parse(const char *text, ns_t *value);

#endif
