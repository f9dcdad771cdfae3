/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a file that exists and takes a text in one piece, such as one of /proc; and making a file
 * that does not exist yet.
 */
#ifndef PUTFILE_H
#define PUTFILE_H

#include <stdbool.h>

/* False: errno says why not. */
bool file_put(const char *path, const char *text);

/*
 * A new file with that text. False: errno says why not, EEXIST: something of that name is there,
 * which stays as it is; nothing is left that was begun.
 */
bool file_make(const char *path, const char *text);

#endif
