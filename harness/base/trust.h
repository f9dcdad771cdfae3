/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories and symbolic links that somebody else may have made, to lead this program elsewhere.
 */
#ifndef BASE_TRUST_H
#define BASE_TRUST_H

#include <stdbool.h>
#include <sys/types.h>

#include "harness/base/arena.h"

/* Whether it is this user or root. */
bool trust_owner(uid_t owner);

/*
 * Open what the path leads to, if all links on the way have such owners. With O_CREAT a file is
 * made (mode 0666) if nothing has its name. -1: errno says why not; EXDEV: a link has another
 * owner.
 */
int trust_open(const char *path, int flags);

/* Likewise the directory (O_PATH) in which the path's last name is. */
int trust_open_parent(struct arena *a, const char *path, const char **name);

/* Why one of them has failed. */
const char *trust_why(int error);

#endif
