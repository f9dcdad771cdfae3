/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions used from libnl-nf-3, which is loaded when it is first needed. Internal to netns/.
 */
#ifndef NETNS_NF_LIBRARY_H
#define NETNS_NF_LIBRARY_H

#include <netlink/netfilter/log.h>
#include <netlink/netfilter/log_msg.h>
#include <netlink/netfilter/nfnl.h>

#include "harness/base/load.h"

/* clang-format off */
#define NF_FUNCTIONS(f) \
	f(nfnl_connect) \
	f(nfnl_log_alloc) \
	f(nfnl_log_create) \
	f(nfnl_log_msg_get_hwproto) \
	f(nfnl_log_msg_get_payload) \
	f(nfnl_log_msg_get_prefix) \
	f(nfnl_log_msg_get_timestamp) \
	f(nfnl_log_msg_put) \
	f(nfnl_log_put) \
	f(nfnl_log_set_alloc_size) \
	f(nfnl_log_set_copy_mode) \
	f(nfnl_log_set_copy_range) \
	f(nfnl_log_set_group) \
	f(nfnl_log_set_queue_threshold) \
	f(nfnlmsg_log_msg_parse)
/* clang-format on */

struct nf_functions {
	NF_FUNCTIONS(LOAD_MEMBER)
};

/* NULL: error says why. */
const struct nf_functions *nf_library(char *error, size_t size);

#endif
