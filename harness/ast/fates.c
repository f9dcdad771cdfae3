/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fates' words. */
#include "harness/ast/fates.h"

const struct fate_row fate_rows[FATE_COUNT] = {[FATE_ARRIVED] = {"arrived", NULL, false},
#define FATE(name, word, was, has_place) [FATE_##name] = {word, was, has_place},
					       FATES(FATE)
#undef FATE
};
