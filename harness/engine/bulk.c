/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much data a run may send: the sum of what its calls are given to send. Amounts that are not
 * known beforehand count as a lot. Other numbers in such a call (a flag as a number) are also
 * counted, since too high a sum does no harm.
 */
#include <stdint.h>

#include "harness/calls/calls.h"
#include "harness/engine/state.h"

/* Two segments of the largest size are more; a handful of "hello" is less. */
#define BULK 1000

static int64_t sent_by(const struct call *call)
{
	int64_t sum = 0;

	if (!call_sends(call))
		return 0;
	for (size_t i = 1; i < call->arg_count; i++)
		sum = later(sum, amount_of(call->args[i], BULK + 1));
	return sum;
}

bool run_is_bulk(const struct run *run)
{
	int64_t sum = 0;

	if (run->mentions.program) /* nobody knows what it will send */
		return true;
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == LINE_CALL)
			sum = later(sum, sent_by(&run->lines[i].call));
	return sum > BULK;
}
