/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a scenario file, which may be anything that a path can name.
 */
#ifndef READFILE_H
#define READFILE_H

#include "harness/base/diagnostic.h"

#define MAX_SCRIPT_SIZE (1024 * 1024)

/*
 * The text of the file, or NULL: `error` is one line that names the path and says what is wrong
 * with it. Never blocks, never reads more than MAX_SCRIPT_SIZE. `within`: the beginning of the
 * path, up to a slash, or "": a directory that no link on the rest of the path may leave; NULL:
 * links may lead anywhere.
 */
struct source *source_read_within(struct arena *a, const char *within, const char *path,
				  const char **error);
struct source *source_read(struct arena *a, const char *path, const char **error);

/* The same for another kind of text, which messages call so: "a baseline". */
struct source *source_read_other(struct arena *a, const char *path, const char *kind,
				 const char **error);

#endif
