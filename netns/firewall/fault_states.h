/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host's firewall is brought to as a whole: one row each, with what is being done (for an
 * error) and the nft commands, which are one transaction. FIREWALL_.. of fault.h are made of these.
 *
 * This file has no guard: whoever includes it defines STATE.
 */
/* clang-format off */

#define TABLE	   FAULT_TABLE " "
#define BASE(hook) " { type filter hook " hook "; policy accept; }\n"
#define LOG	   "log prefix \"" FAULT_TEXT(FAULT_GHOST) " drop\" group " FAULT_TEXT(FAULT_GROUP) \
		   " snaplen " FAULT_TEXT(FAULT_SNAPLEN) " queue-threshold 1 drop\n"

/* The router's. Before routing, since the route to ghost ends in a black hole. */
STATE(GHOST, "logging the packets to ghost",
      "add table " TABLE "\n"
      "add chain " TABLE "ghost" BASE("prerouting priority -300")
      "add rule " TABLE "ghost ip daddr != 10.0.3.1 return\n"
      "add rule " TABLE "ghost ip6 daddr != fd00:3::1 return\n"
      "add rule " TABLE "ghost " LOG)

/*
 * Its TCP neither receives nor sends (except on lo): packets for it have arrived, and are dropped
 * before its TCP and before its faults, whose priority is their id; its own packets go nowhere.
 * Nothing of this is logged. 6 is TCP. It cannot be undone.
 */
STATE(MUTE, "muting its TCP",
      "add table " TABLE "\n"
      "add chain " TABLE "mute_in" BASE("input priority -200")
      "add chain " TABLE "mute_out" BASE("output priority -200")
      "add rule " TABLE "mute_in iif != \"lo\" meta l4proto 6 drop\n"
      "add rule " TABLE "mute_out oif != \"lo\" meta l4proto 6 drop\n")

/*
 * Until ALIVE: packets for it are victims, with id 0, before anything of the host sees them; its own
 * packets go nowhere, and are not logged. IPv6's search for the host is not reported, as ARP's is
 * not.
 */
STATE(DEAD, "cutting it off",
      "add table " TABLE "\n"
      "add chain " TABLE "dead_in" BASE("prerouting priority -450")
      "add chain " TABLE "dead_out" BASE("output priority -450")
      "add rule " TABLE "dead_in iif \"lo\" return\n"
      "add rule " TABLE "dead_in icmpv6 type 133-137 drop\n"
      "add rule " TABLE "dead_in " LOG
      "add rule " TABLE "dead_out oif != \"lo\" drop\n")

STATE(ALIVE, "bringing it back",
      "flush chain " TABLE "dead_in\n"
      "delete chain " TABLE "dead_in\n"
      "flush chain " TABLE "dead_out\n"
      "delete chain " TABLE "dead_out\n")

/* clang-format on */
#undef STATE
#undef TABLE
#undef BASE
#undef LOG
