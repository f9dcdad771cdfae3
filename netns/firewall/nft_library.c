/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: only a run with faults writes firewall rules (fault.c). Its process loads
 * libnftables at the first of them (base/load.h). It stays loaded until the process ends. If
 * loading fails, the next call tries again.
 */
#include "netns/firewall/nft_library.h"

const struct nft_functions *nft_library(char *error, size_t size)
{
	static const char *const files[] = {"libnftables.so.1", NULL};
	static const char *const names[] = {NFT_FUNCTIONS(LOAD_NAME) NULL};
	static struct nft_functions functions;
	static bool loaded;

	loaded = loaded || load_library(files, names, &functions, error, size);
	return loaded ? &functions : NULL;
}
