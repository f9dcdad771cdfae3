/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the document of a run is usable.
 */
#ifndef DIFF_SOUND_H
#define DIFF_SOUND_H

#include <jansson.h>
#include <stdbool.h>

/* NULL: it is; else what is wrong with it, in a few words. */
const char *run_unsound(const json_t *run);

#endif
