/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program under test has written below its working directory becomes a part of the results
 * (--keep-files): FILES.client/, and FILES.client.txt, which names what is not in it, and why.
 */
#ifndef KEPT_FILES_H
#define KEPT_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From `upper`, the root of what the program has written, take what is below `directory` (absolute)
 * and put it into the open directory `to`, as `name`. The program must have ended. *left: so many
 * things are not handed back, except files that it has removed. False: errno says why it could not
 * be written.
 */
bool kept_take(int upper, const char *directory, int to, const char *name, size_t *left);

/*
 * Copy the directory `name` that kept_take() has made, perhaps in a guest or on another machine,
 * which is not trusted, between two open directories. False: errno says why; EFBIG, EINVAL: it is
 * none that kept_take() makes.
 */
bool kept_copy(int from, int to, const char *name);

#endif
