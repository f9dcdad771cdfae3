/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what runs have left, here or on another machine: ROOT/KERNEL/NAME/result.json. Somebody
 * else may have written it, so it is a stranger's data: no link below ROOT is followed, only
 * regular files of a bounded size are read, and what is wrong is said in one line that names the
 * file, and in JSON the line and the column.
 */
#ifndef RESULTS_READ_H
#define RESULTS_READ_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/arena.h"
#include "harness/judge/judge.h"
#include "harness/run/roster.h"

/* What one run has left. */
struct left {
	const char *run, *kernel;
	const char *root;  /* as it was named .. */
	const char *place; /* .. and the directory below it */
	enum verdict verdict;
	const char *reason; /* why it failed, was skipped or broken, in one line; NULL: not known */
	bool by_kernel;	    /* it is broken because its kernel panicked, hung or crashed */
};

/* Of a directory. */
struct result_entries {
	const char **names;
	size_t count;
};

/* Of all directories that have been read. */
struct remains {
	struct left *runs;
	size_t run_count;
	struct roster *rosters;
	size_t roster_count;
};

/*
 * Add everything below that root; with `kernel`, of that kernel only. False: `error` is one line
 * that says what is wrong. It is no error if there is nothing.
 */
bool remains_read(struct arena *a, const char *root, const char *kernel, struct remains *remains,
		  const char **error);

/*
 * The result.json of the run in that directory of a kernel; to be released with json_decref().
 * NULL, and `error`, if there is one that cannot be used, or NULL: there is none.
 */
json_t *result_read(struct arena *a, const char *directory, const char *name, const char **error);

/*
 * Whether the run failed or was broken in the last invocation that made it, also in a later round
 * of it (",round=2"), or with a time in the directory's name (--keep). `listed`: the entries of the
 * directory, from result_entries().
 */
bool result_failed(struct arena *a, const char *directory, const struct result_entries *listed,
		   const char *name, const char **error);

/* What is in a directory of a kernel, sorted. False, and `error`: it cannot be read. */
bool result_entries(struct arena *a, const char *directory, struct result_entries *entries,
		    const char **error);

/* The name of the first round of a run; the name itself, if it is that. */
const char *first_round(struct arena *a, const char *name);

/* Open a directory in ROOT/KERNEL, or that one itself (name NULL), without following a link. */
int left_open(const char *root, const char *kernel, const char *name);

/* Open a directory in an open one, likewise. */
int left_open_directory(int directory, const char *name);

/* Open a file in an open directory for reading. -1: errno says why; ELOOP: it is a link, EINVAL: it
 * is no regular file. */
int left_open_file(int directory, const char *name);

/* The text of a file in an open directory. NULL: there is none, or it is no regular file, or larger
 * than `most` bytes. */
const char *left_text(struct arena *a, int directory, const char *name, size_t most);

/* Which of two verdicts is worse: as a number, the largest is the worst. */
int verdict_weight(enum verdict v);

#endif
