/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a file that exists and takes a text in one piece, such as one of /proc.
 */
#ifndef PUTFILE_H
#define PUTFILE_H

#include <stdbool.h>

/* False: errno says why not. */
bool file_put(const char *path, const char *text);

#endif
