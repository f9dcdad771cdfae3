/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removing a directory with all that is in it, or what is not to be there.
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

/*
 * Remove `name`, a file or a directory and all that is in it, from the open directory `at`
 * (AT_FDCWD: the current one). Symbolic links are removed and never followed, other file systems
 * are left alone. What cannot be removed stays.
 */
void tree_remove(int at, const char *name);

/*
 * Of a directory in which somebody else has written, and does not any more: keep files and
 * directories, and remove all else that is in it, and in those: links, whether symbolic or to a
 * file that has another name, too, pipes, sockets, devices. So whatever is opened there is there,
 * and opening it waits for nobody.
 */
void tree_keep_files(int at, const char *name);

#endif
