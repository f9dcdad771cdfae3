/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that have no name, and vanish when nobody has them open any more.
 */
#ifndef BASE_UNNAMED_H
#define BASE_UNNAMED_H

/*
 * An empty one to read and write, closed on exec: in memory, or, where memfd_create() is forbidden,
 * in the first directory that allows one. `name` is what /proc shows. -1: there is none, errno says
 * why.
 */
int unnamed_file(const char *name);

/* For a message: what was tried. */
#define UNNAMED_TRIED "memfd_create(), nor a file in TMPDIR, /dev/shm or /tmp"

#endif
