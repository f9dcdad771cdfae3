/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: only a process that reads the firewall's log (nft_log.c) needs libnl-nf-3,
 * and loads it at the first call (base/load.h). It stays loaded until the process ends. If loading
 * fails, the next call tries again.
 */
#include "netns/firewall/nf_library.h"

const struct nf_functions *nf_library(char *error, size_t size)
{
	static const char *const files[] = {"libnl-nf-3.so.200", NULL};
	static const char *const names[] = {NF_FUNCTIONS(LOAD_NAME) NULL};
	static struct nf_functions functions;
	static bool loaded;

	loaded = loaded || load_library(files, names, &functions, error, size);
	return loaded ? &functions : NULL;
}
