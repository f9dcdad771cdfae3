/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the tests of the lab: a capture of both of its links, as the harness makes it.
 */
#ifndef TESTS_LINKS_H
#define TESTS_LINKS_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>

#include "tests/labs.h"

#define LOOPBACK 1 /* lo's index in every namespace */

struct seen {
	int packets, neighbour_requests, icmp, biggest;
};

static inline pcap_t *watch(void)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create("any", why);

	assert_non_null(p);
	assert_int_equal(pcap_set_snaplen(p, 200), 0);
	assert_int_equal(pcap_set_immediate_mode(p, 1), 0);
	assert_true(pcap_activate(p) >= 0);
	assert_int_equal(pcap_set_datalink(p, DLT_LINUX_SLL2), 0);
	assert_int_equal(pcap_setnonblock(p, 1, why), 0);
	return p;
}

static inline void look(unsigned char *context, const struct pcap_pkthdr *h,
			const unsigned char *bytes)
{
	const struct sll2_header *sll = (const struct sll2_header *)bytes;
	const unsigned char *ip = bytes + sizeof(*sll);
	struct seen *seen = (struct seen *)context;
	int protocol = ntohs(sll->sll2_protocol);

	/* Everything on the links counts, however short or strange; only lo is no link. */
	if (ntohl(sll->sll2_if_index) == LOOPBACK)
		return;
	seen->packets++;
	if ((int)(h->len - sizeof(*sll)) > seen->biggest)
		seen->biggest = (int)(h->len - sizeof(*sll));
	if (protocol == ETHERTYPE_ARP)
		seen->neighbour_requests++;
	else if (protocol == ETHERTYPE_IPV6 && h->caplen > sizeof(*sll) + 40 && ip[6] == 58)
		ip[40] == 135 ? seen->neighbour_requests++ : seen->icmp++;
	else if (protocol == ETHERTYPE_IP && h->caplen >= sizeof(*sll) + 20 && ip[9] == 1)
		seen->icmp++;
}

static inline struct seen watch_for(pcap_t *p, int milliseconds)
{
	struct seen seen = {0};
	ns_t end = now() + milliseconds * NS_PER_MS;

	while (now() < end) {
		labs_ready(pcap_get_selectable_fd(p), POLLIN, 20);
		pcap_dispatch(p, -1, look, (unsigned char *)&seen);
	}
	return seen;
}

#endif
