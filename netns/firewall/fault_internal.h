/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the faults; nothing outside netns/ needs it.
 */
#ifndef NETNS_FAULT_INTERNAL_H
#define NETNS_FAULT_INTERNAL_H

#include <stddef.h>

#include "netns/firewall/fault.h"

#define FAULT_TABLE "inet tcplab"
#define FAULT_GROUP 1 /* of nfnetlink_log, in each namespace */
#define FAULT_SNAPLEN                                                                              \
	256	      /* bytes of each victim: its headers, with all options, and those it quotes */
#define FAULT_GHOST 0 /* the id of packets that ghost discards, and of packets for a dead host */

/* The paths of a fault, as bits; and whether it has sets of the connections that it knows. */
enum fault_hook {
	HOOK_FORWARD = 1,
	HOOK_INPUT = 2,
	HOOK_OUTPUT = 4,
	FAULT_KNOWS = 8,
};

struct nft_ctx;
struct nl_sock;

struct fault_host {
	struct nft_ctx *nft;
	struct nl_sock *log;
	struct fault_applied {
		int id;
		int hooks;
	} * applied;
	size_t applied_count;
};

/* The paths that a rule of `at` needs. */
int fault_hooks(enum host at, const struct fault_rule *rule);

/*
 * The commands that make the fault, or that lift it, for libnftables; malloced. NULL: error is set
 * (this rule is impossible; or no memory).
 */
char *fault_rule_text(enum host at, int family, int id, const struct fault_rule *rule, char *error,
		      size_t size);
char *fault_lift_text(int id, int hooks);

/* A log socket in the caller's namespace; NULL: error is set. */
struct nl_sock *fault_log_open(char *error, size_t size);

#endif
