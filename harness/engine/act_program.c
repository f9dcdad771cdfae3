/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test.
 */
#include "harness/engine/state.h"

bool do_program(struct engine *e, size_t index)
{
	return broken_at(e, &e->run->lines[index], "no program can be started yet");
}
