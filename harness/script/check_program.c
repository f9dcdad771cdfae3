/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: `H program`. What is started is not in the script.
 */
#include "harness/script/check.h"

void check_program_line(struct checker *k, struct line *line)
{
	if (line->actor.id == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router runs no program; expected client or server");
}
