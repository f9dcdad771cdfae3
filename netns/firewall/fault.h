/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: nftables rules (libnftables, in process) that pick packets and drop or reject them, and
 * the log (nfnetlink_log) in which each rule names its victims, so that a loss is observed, not
 * inferred.
 *
 * On the router a fault is in the forward path, and in the output path for the router's own packets
 * (icmp errors); on an end it is in that host's own firewall: in its output for its own packets, in
 * its input for others'. Each fault is a chain of its own in the table `inet tcplab` of that host,
 * so that lifting one does not change the others' counts. Packets pass them in the order in which
 * they were applied, and after the first that takes a packet no other sees it. A fault without a
 * pattern leaves IPv6's search for neighbours alone, as it does ARP.
 */
#ifndef NETNS_FAULT_H
#define NETNS_FAULT_H

#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/packet/icmp.h"
#include "netns/lab.h"

#define FAULT_EVER (-1)

struct fault_rule {
	bool reject;	/* else drop */
	bool pass;	/* neither: report it, and let it go on */
	bool forwarded; /* at the router: only forwarded packets, not its own */
	ns_t idle;	/* not 0: only TCP of connections that it has forgotten, after so long */
	bool carries;	/* only TCP segments with data */
	enum host from; /* HOST_NONE: from anyone */
	const struct address_row *address; /* this one of its addresses (client2); NULL: all */
	bool has_flags;			   /* TCP flags exactly */
	uint16_t flags;
	bool udp;		     /* UDP datagrams; of `length` only, if that is given */
	const struct icmp_row *icmp; /* this ICMP message, or NULL */
	bool has_seq;		     /* TCP segments but SYNs, whose (raw) sequence number is */
	uint32_t seq;
	bool from_zero;	 /* or that begin at 0 by themselves: SYNs, and resets with a raw 0 */
	bool has_length; /* and that carry data of this length */
	uint32_t length;
	int64_t every;		     /* of so many matches only the last is one; 0, 1: each */
	int64_t skip;		     /* how many matches pass first */
	int64_t times;		     /* how many it then takes; FAULT_EVER */
	bool reset;		     /* reject with a RST */
	const struct icmp_row *with; /* else with this one; NULL: the default */
};

struct faults {
	struct lab *lab;
	struct fault_host *host[LAB_HOSTS]; /* open files of each namespace, made on first use */
	int next_id;
	char error[512];
};

/*
 * `ghost`: something may be sent there, and the packets that the router discards must be logged;
 * without it, no firewall is opened before the first fault. False: error is set.
 */
bool faults_open(struct faults *f, struct lab *lab, bool ghost);
void faults_close(struct faults *f);

/* Apply; on return the kernel has it. Returns an id > 0, or 0 with error set. */
int fault_apply(struct faults *f, enum host at, const struct fault_rule *rule);
/* Lift one; false with error set. */
bool fault_lift(struct faults *f, enum host at, int id);

/* FIREWALL_MUTE ..: fault_states.h says what each is. */
enum firewall_state {
#define STATE(state, ...) FIREWALL_##state,
#include "netns/firewall/fault_states.h"
	FIREWALL_STATES
};

/* Bring the host's whole firewall into that state; its faults stay. False with error set. */
bool fault_firewall(struct faults *f, enum host at, enum firewall_state state);

/* The file descriptor of that host's fault log, to poll; -1 while it has no faults. */
int fault_log_fd(const struct faults *f, enum host at);

/*
 * Read what is there without blocking and hand each victim to `victim`: its bytes from the IP
 * header on, the ethertype, the kernel's stamp (or the time of reading, where it gives none), the
 * rule's id. The router's log also has the packets that `ghost` discarded, with id 0.
 */
typedef void fault_victim_fn(void *context, enum host at, int id, bool rejected, uint16_t ethertype,
			     const unsigned char *bytes, size_t length, ns_t stamp);
bool fault_log_read(struct faults *f, enum host at, fault_victim_fn *victim, void *context);

#endif
