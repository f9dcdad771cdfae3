/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: nftables rules (libnftables, in process) that pick packets and drop or reject them, and
 * the log (nfnetlink_log) in which each rule names its victims, so that a loss is known, not
 * inferred.
 *
 * On the router a fault stands in the forward path, and in its output for what the router itself
 * says (icmp errors); on an end it stands in that host's own firewall: in its output for its own
 * packets, in its input for others'. Each fault is a chain of its own in the table `inet tcplab` of
 * that host, so that lifting one leaves the others' counts alone; they are asked in the order in
 * which they were applied, and the first that takes a packet is the only one that sees it. A fault
 * without a pattern leaves IPv6's search for neighbours alone, as it does ARP.
 */
#ifndef NETNS_FAULT_H
#define NETNS_FAULT_H

#include <stdint.h>

#include "harness/base/clock.h"
#include "netns/lab.h"

#define FAULT_EVER (-1)

struct fault_rule {
	bool reject;	     /* else drop */
	bool pass;	     /* neither: tell of it, and let it go on */
	bool forwarded;	     /* at the router: only what it forwards, not what it says itself */
	enum host from;	     /* HOST_NONE: from anyone */
	const char *address; /* from this one of its addresses (client2); NULL: from all */
	bool has_flags;	     /* TCP flags exactly */
	uint8_t flags;
	bool udp;	  /* UDP datagrams; of `length` only, if that is given */
	const char *icmp; /* an icmp message of that name, or NULL */
	bool has_seq;	  /* TCP segments but SYNs, whose (raw) sequence number is */
	uint32_t seq;
	bool from_zero;	 /* or that begin at 0 by themselves: SYNs, and resets with a raw 0 */
	bool has_length; /* and that carry data of this length */
	uint32_t length;
	int64_t skip;  /* let so many matches pass first */
	int64_t times; /* then take so many; FAULT_EVER */
	const char
	    *with; /* reject with: tcp-reset or an icmp word of the language; NULL: the default */
};

struct faults {
	struct lab *lab;
	struct fault_host *host[LAB_HOSTS]; /* what is open in each namespace, made on first use */
	int next_id;
	char error[512];
};

/*
 * `ghost`: something may be sent there, and what the router swallows is to be logged; without it,
 * no firewall is opened before the first fault. False: error is set.
 */
bool faults_open(struct faults *f, struct lab *lab, bool ghost);
void faults_close(struct faults *f);

/* Apply; on return the kernel has it. Returns an id > 0, or 0 with error set. */
int fault_apply(struct faults *f, enum host at, const struct fault_rule *rule);
/* Lift one; false with error set. */
bool fault_lift(struct faults *f, enum host at, int id);

/*
 * From now on the host's TCP neither hears nor speaks (but on lo): what comes for it has arrived,
 * and is dropped before its TCP and before its faults; what it says goes nowhere. Nothing of it is
 * logged. For good. False with error set.
 */
bool fault_mute(struct faults *f, enum host at);

/*
 * The host is dead: what comes for it is a victim, with id 0, before anything of the host sees it;
 * what it says goes nowhere, and is not logged. Until fault_revive. False with error set.
 */
bool fault_kill(struct faults *f, enum host at);
bool fault_revive(struct faults *f, enum host at);

/* The file descriptor of that host's fault log, to poll; -1 while it has no faults. */
int fault_log_fd(const struct faults *f, enum host at);

/*
 * Read what is there without blocking and hand each victim to `victim`: its bytes from the IP
 * header on, the ethertype, the kernel's stamp (or the time of reading, where it gives none), the
 * rule's id. The router's log also carries what `ghost` swallowed, with id 0.
 */
typedef void fault_victim_fn(void *context, enum host at, int id, bool rejected, uint16_t ethertype,
			     const unsigned char *bytes, size_t length, ns_t stamp);
bool fault_log_read(struct faults *f, enum host at, fault_victim_fn *victim, void *context);

#endif
