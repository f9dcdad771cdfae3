/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, as data: which options were given, which words are left.
 *
 * An option is a row: its names, what sets it, its line of help. Options of several commands are
 * rows of command_line.c; a command's own are in its file, a reporter's in the reporter's.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/clock.h"
#include "harness/base/exit_status.h"
#include "harness/packet/hosts.h"

enum {
	FAMILY_4 = 1,
	FAMILY_6 = 2,
};

/* AUTO: on a terminal. */
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

#define MAX_AT_ONCE 1000
#define MAX_OPTIONS 100 /* of all commands together */

struct options {
	int at_once; /* 0: as many as the machine bears */
	bool verbose, quiet, ladder, explain, pause, json, keep, slow, acks, keep_written, dry_run,
	    deep, record, keep_files, help, version;
	unsigned families; /* FAMILY_4 | FAMILY_6; 0: not said */
	const char *results, *library, *kernel;
	const char *program[LAB_HOSTS], *input; /* what `H program` starts; its input */
	const char *answer, *ask;		/* files: what a scripted server and client say */
	int64_t port;				/* where; 0: not said */
	int64_t stamps; /* enum when: whether the lines of a transcript have times */
	ns_t timeout, limit, until;
	int64_t memory, captured; /* bytes; 0: not said */
	const struct option_row *given[MAX_OPTIONS];
	size_t given_count;
	char **words; /* what is not an option, in order */
	size_t word_count;
};

/* ---- rows ---- */

/* Set a field from the option's argument (NULL: it takes none); false: the argument is not one. */
typedef bool option_set(void *field, const char *text, unsigned value);

/* What a word of the command line is, for completing it. */
enum operand_kind {
	OPERAND_FILE, /* whatever the shell knows: files, directories */
	OPERAND_SCENARIO,
	OPERAND_FAILURE,
	OPERAND_KERNEL,
	OPERAND_TOPIC,
};

struct option_row {
	const char *name; /* NULL ends a list of rows */
	char letter;	  /* 0: none */
	const char *argument;
	const char *expected;	   /* what the argument must be */
	enum operand_kind operand; /* .. and what it is */
	option_set *set;
	size_t field;	/* of struct options; or .. */
	void *own;	/* .. what else is to be set; NULL: that field */
	unsigned value; /* for `set` */
	const char *help;
	unsigned known_to; /* of a shared option: which commands know it, as WITH_*; 0: all */
	bool to_guest;	   /* is also passed to a run on another kernel */
};

#define OPTION_FIELD(name) offsetof(struct options, name)

option_set option_flag;	    /* bool */
option_set option_bit;	    /* unsigned: `value` is added to it */
option_set option_count;    /* int: from 1 to `value` */
option_set option_text;	    /* const char *: not empty */
option_set option_duration; /* ns_t: 200ms 1s 1.5s 1500us 2min */
option_set option_size;	    /* int64_t, bytes: 300M */
option_set option_port;	    /* int64_t: a port that is not 0 */
option_set option_when;	    /* int64_t: auto, always, never (enum when) */

/*
 * Which of the shared options a command knows; every command knows `library`, `help` and `version`.
 */
enum {
	WITH_RUNS = 1,	    /* how many at once, over which families */
	WITH_KERNEL = 2,    /* on which, and what a run may take */
	WITH_RESULTS = 4,   /* where they are left */
	WITH_VERBOSE = 8,   /* more is told */
	WITH_JSON = 16,	    /* as one document */
	WITH_TELLING = 32,  /* of a run: how much is told of it, and kept */
	WITH_PROGRAMS = 64, /* the programs under test */
	WITH_LADDER = 128,  /* a run is drawn, or told in words */
};

/* ---- all of them ---- */

struct command;

/* Read them. False: `error` says in one line what is wrong. The words point into argv, which is
 * permuted. */
bool options_read(struct options *o, int argc, char **argv, char *error, size_t size);

/* Whether that command knows all options that were given. */
bool options_fit(const struct options *o, const struct command *command, char *error, size_t size);

/* Whether that option means something to the command. */
bool option_known(const struct command *command, const struct option_row *row);

/* One line for each option that has help, for the help. */
void options_print(FILE *out);

/* All rows, NULL-terminated: the shared ones, and those of each command in between. */
const struct option_row *const *options_all(void);

#endif
