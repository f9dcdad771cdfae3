/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library of scenarios: DIRECTORY/TOPIC/NAME.tcp. The topic `beginnings` has fixtures for other
 * scenarios (`use established`); they are not run alone.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "harness/script/script.h"

struct scenario {
	const char *name;  /* of the file, without .tcp, as it is shown (base/shown.h) */
	const char *topic; /* of its directory; NULL: a file from anywhere, named by its path */
	const char *path;
	const char *text;   /* to be read instead of the file; NULL: the file */
	const char *within; /* the directory, with a slash, that the file must be in; NULL: any */
	bool is_beginning;
	bool is_failure; /* of the topic `failures`: it says nothing without a program */
};

struct library {
	struct arena *arena;
	const char *directory;
	const char **topics; /* the directories in there, and whatever else; sorted */
	size_t topic_count;
	bool is_listed;
	struct scenario *list; /* by topic, then by name; once library_list() has made it */
	size_t count;
	const char *const *also; /* what a word could be besides, ends with NULL; NULL: nothing */
	const char *problem;	 /* why it could not be read, or NULL */
	struct used_script {
		const char *directory,
		    *name; /* of the files beside such a script; the library: NULL */
		struct script *script;
	} * used; /* files that have been read for a `use`: each is read once, even if it changes
		   */
	size_t used_count;
};

/* A directory that cannot be read is an empty library with a problem: a path can still be run. */
void library_open(struct library *l, struct arena *a, const char *directory);

/* Read all names of scenarios, unless that is done. */
void library_list(struct library *l);

/* A list that select and others add to. */
struct selection {
	const struct scenario **list;
	size_t count;
};

/*
 * Add the scenarios of a word of the command line: a name, TOPIC/NAME, a glob over these, `all`, or
 * a path to a file. Beginnings only by name. False: `error` says why not, with a suggestion.
 */
bool library_select(struct library *l, const char *word, struct selection *s, const char **error);

/*
 * Add the scenarios of the topic of that name, or else those whose text contains the word, in any
 * case: an errno, a call, an option. False: there are none.
 */
bool library_search(struct library *l, const char *word, struct selection *s);

/* The scenario's text. NULL: `error` says why it cannot be read. */
const struct source *library_read(struct library *l, const struct scenario *s, const char **error);

/*
 * Read and parse. NULL: `error` says why it cannot be read, or is NULL and the diagnostics say why
 * it cannot be parsed.
 */
struct script *library_load(struct library *l, const struct scenario *s, struct diagnostics *c,
			    const char **error);

/* A file has been written: files are read again at the next use. */
void library_forget_used(struct library *l);

/*
 * A use_fn, whose context is this: looks beside the scenario when that was named by its path, then
 * in the library's beginnings, then among its scenarios. The result must be a file there, not a
 * link that leads elsewhere: the scenario's author chose the name, and messages quote the text.
 */
struct library_use {
	struct library *library;
	const struct scenario *by;
};
struct script *library_use(void *context, const char *name, struct place at, struct diagnostics *c);

#endif
