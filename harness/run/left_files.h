/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that one run may leave in its directory. Whoever copies a run's results takes these, and
 * nothing else that somebody has put there.
 */
#ifndef LEFT_FILES_H
#define LEFT_FILES_H

#include <stdbool.h>

enum left_file {
	LEFT_TRANSCRIPT,
	LEFT_VERBOSE,
	LEFT_CLIENT_CAPTURE,
	LEFT_SERVER_CAPTURE,
	LEFT_TRACE,
	LEFT_HOSTS,
	LEFT_LADDER,
	LEFT_SEQUENCE, /* plots, of runs that have what they show */
	LEFT_TIMERS,
	LEFT_RESULT,
	LEFT_TABLE,
	LEFT_CLIENT_OUTPUT,
	LEFT_CLIENT_ERRORS,
	LEFT_SERVER_OUTPUT,
	LEFT_SERVER_ERRORS,
	LEFT_CLIENT_FILES, /* what its program has written (kept_files.h), .. */
	LEFT_CLIENT_LIST,  /* .. and what of that is not there, and why */
	LEFT_SERVER_FILES,
	LEFT_SERVER_LIST,
	LEFT_CONSOLE, /* of a guest, when it is worth reading */
	LEFT_COUNT
};

struct left_name {
	const char *name;
	bool is_directory;
};
extern const struct left_name left_files[LEFT_COUNT];

#endif
