/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that the program makes itself, injected on one of the router's links.
 *
 * A packet socket sends below IP, so its packets pass no firewall of the router and need no route,
 * and their source address may be anybody's (packet(7)). The kernel's taps see them like all
 * outgoing packets, the capture too. The socket stays open, since closing one takes milliseconds
 * (it waits for RCU); of protocol 0, it receives nothing.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>

#include "netns/internal.h"

static bool open_socket(struct lab *lab)
{
	if (lab->packets > 0)
		return true;
	lab->packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (lab->packets < 0)
		return lab_fail(lab, "opening a packet socket: %s%s", strerror(errno),
				errno == EAFNOSUPPORT ? " (as root: modprobe af_packet)" : "");
	return true;
}

static const struct lab_end *end_towards(enum host host)
{
	for (const struct lab_end *e = lab_ends; e < lab_ends + LAB_ENDS; e++)
		if (e->at == HOST_ROUTER && e->link == host)
			return e;
	return NULL;
}

bool lab_inject(struct lab *lab, enum host host, const void *bytes, size_t length)
{
	const struct lab_end *end = end_towards(host);
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN};
	bool is_ipv6 = length && *(const unsigned char *)bytes >> 4 == 6;
	const char *why = "";

	if (!end)
		return lab_fail(lab, "the router has no link to %s", host_name(host));
	if (!open_socket(lab))
		return false;
	to.sll_ifindex = end->index;
	to.sll_protocol = htons(is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	memcpy(to.sll_addr, lab_end_peer(end)->mac, ETH_ALEN);
	if (sendto(lab->packets, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)) ==
	    (ssize_t)length)
		return true;
	if (errno == EMSGSIZE)
		why = "; the packet is larger than the link's MTU";
	return lab_fail(lab, "putting a packet of %zu bytes on the link to %s: %s%s", length,
			host_name(host), strerror(errno), why);
}
