/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each function either returns memory or ends the process with EXIT_BROKEN. So
 * no caller has to check, and missing memory never counts as a scenario that failed. A size of 0 is
 * allowed, and then realloc(3) may return NULL.
 */
#include "harness/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/exit_status.h"

void out_of_memory(void)
{
	fputs("tcplab: out of memory\n", stderr);
	exit(EXIT_BROKEN);
}

void *memory_get(size_t size)
{
	return memory_resize(NULL, size);
}

void *memory_resize(void *memory, size_t size)
{
	void *more = realloc(memory, size);

	if (!more && size)
		out_of_memory();
	return more;
}

char *memory_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		out_of_memory();
	return copy;
}
