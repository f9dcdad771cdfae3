/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removing a directory with everything in it, or entries that must not be in it.
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

/*
 * Remove `name`, a file or a directory and all that is in it, from the open directory `at`
 * (AT_FDCWD: the current one). Symbolic links are removed and never followed, other file systems
 * are left alone. Entries that cannot be removed stay.
 */
void tree_remove(int at, const char *name);

/*
 * For a directory in which somebody else has written, but no longer writes: keep files and
 * directories, and remove everything else in it and below it: symbolic links, files that have
 * another name, too, pipes, sockets, devices. So every file that is opened there is really there,
 * and opening it does not block.
 */
void tree_keep_files(int at, const char *name);

#endif
