/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removing a directory with all that is in it.
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

/*
 * Remove `name`, a file or a directory and all that is in it, from the open directory `at`
 * (AT_FDCWD: the current one). Symbolic links are removed and never followed, other file systems
 * are left alone. What cannot be removed stays.
 */
void tree_remove(int at, const char *name);

#endif
