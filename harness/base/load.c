/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: dlopen(3) tries the files in turn, then dlsym(3) looks each function up. The
 * caller's structure has one pointer for each name, in the same order (LOAD_MEMBER and LOAD_NAME
 * make both from one list). So it is filled as an array. The library is never closed, because the
 * pointers stay in use.
 */
#include "harness/base/load.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static bool fail(char *error, size_t size)
{
	const char *why = dlerror();

	snprintf(error, size, "%s", why ? why : "it cannot be loaded");
	return false;
}

bool load_library(const char *const *files, const char *const *names, void *functions, char *error,
		  size_t size)
{
	void *library = NULL;

	/* A name that the build has not found is empty, and would mean the program itself. */
	for (size_t i = 0; files[i] && !library; i++)
		if (*files[i])
			library = dlopen(files[i], RTLD_LAZY | RTLD_LOCAL);
	if (!library)
		return fail(error, size);
	for (size_t i = 0; names[i]; i++) {
		void *function = dlsym(library, names[i]);

		if (!function)
			return fail(error, size);
		/* As dlsym(3) recommends: a pointer to an object becomes one to a function. */
		memcpy((void **)functions + i, &function, sizeof(function));
	}
	return true;
}
