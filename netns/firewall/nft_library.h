/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions used from libnftables, which is loaded when it is first needed. Internal to netns/.
 */
#ifndef NETNS_NFT_LIBRARY_H
#define NETNS_NFT_LIBRARY_H

#include <nftables/libnftables.h>

#include "harness/base/load.h"

/* clang-format off */
#define NFT_FUNCTIONS(f) \
	f(nft_ctx_buffer_error) \
	f(nft_ctx_free) \
	f(nft_ctx_get_error_buffer) \
	f(nft_ctx_new) \
	f(nft_run_cmd_from_buffer)
/* clang-format on */

struct nft_functions {
	NFT_FUNCTIONS(LOAD_MEMBER)
};

/* NULL: error says why. */
const struct nft_functions *nft_library(char *error, size_t size);

#endif
