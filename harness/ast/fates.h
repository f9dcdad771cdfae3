/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can become of a packet besides that it arrives: one row for each fate.
 */
#ifndef AST_FATES_H
#define AST_FATES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Its name (FATE_..); its word, in a script, in a transcript and in JSON; what the packet was, in a
 * message ("it was .. at the router"); whether its line may say at which host.
 */
/* clang-format off */
#define FATES(FATE) \
	FATE(LOST,     "lost",     "lost",          true) \
	FATE(REJECTED, "rejected", "rejected",      true) \
	FATE(HELD,     "held",     "held back",     false) \
	FATE(TWICE,    "twice",    "sent on twice", false) \
	FATE(CORRUPT,  "corrupt",  "changed",       false)
/* clang-format on */

enum fate {
	FATE_ARRIVED, /* none is written */
#define FATE(name, ...) FATE_##name,
	FATES(FATE)
#undef FATE
	    FATE_COUNT
};

struct fate_row {
	const char *word, *was;
	bool has_place;
};
extern const struct fate_row fate_rows[FATE_COUNT];

#endif
