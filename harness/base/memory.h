/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory, or the end of the process. No caller could go on without it, and the scenario has not
 * failed: the exit status is EXIT_BROKEN.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* To be freed with free(). */
void *memory_get(size_t size);
/* realloc(3) */
void *memory_resize(void *memory, size_t size);
char *memory_copy(const char *text);

_Noreturn void out_of_memory(void);

#endif
