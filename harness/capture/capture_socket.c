/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain packet socket on all interfaces, read packet by packet (packet(7)).
 *
 * It is bound only after everything is set: changing the binding costs a grace period of RCU, like
 * a ring, and the purpose of a plain socket is to avoid that. The interface and the direction are
 * in the address of each packet; the length of one that did not fit is in the result (MSG_TRUNC).
 *
 * It uses SO_TIMESTAMPING, because SO_TIMESTAMPNS hides a missing stamp of the kernel and gives the
 * time of reading instead: the kernel begins to stamp packets only when a work queue has run
 * (net_enable_timestamp()), some microseconds after the request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/capture/capture_internal.h"

#define LARGEST 65535
/*
 * Bytes of buffer, including the kernel's overhead: the requested size, some hundred packets, and
 * the minimum. An ordinary user gets twice net.core.rmem_max at most.
 */
#define ROOM  (512 << 10)
#define LEAST (256 << 10)

static bool has_room(int fd)
{
	const int half = ROOM / 2; /* the kernel doubles it, for its overhead */
	socklen_t size = sizeof(int);
	int given;

	return (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof(half)) == 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof(half)) == 0) &&
	       getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &size) == 0 && given >= LEAST;
}

static bool set_up(int fd)
{
	const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	const struct sockaddr_ll all = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	};

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)) == 0 &&
	       has_room(fd) && bind(fd, (const struct sockaddr *)&all, sizeof(all)) == 0;
}

bool capture_socket_open(struct capture *c)
{
	/* With protocol 0 it receives nothing yet. */
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && set_up(fd)) {
		c->fd = fd;
		return true;
	}
	if (fd >= 0)
		close(fd);
	return false;
}

void capture_socket_close(struct capture *c)
{
	close(c->fd);
	c->fd = -1;
}

static ns_t stamp_of(struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		struct scm_timestamping stamps;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SO_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(h), sizeof(stamps));
		return ns_of(stamps.ts[0]);
	}
	return 0;
}

static void take(struct capture *c, struct timeline *t, struct msghdr *m, size_t length)
{
	const struct sockaddr_ll *from = m->msg_name;
	ns_t stamp = stamp_of(m);

	c->unstamped += !stamp;
	capture_keep(c, t,
		     &(struct sighting){
			 .ifindex = from->sll_ifindex,
			 .outgoing = from->sll_pkttype == PACKET_OUTGOING,
			 .ethertype = ntohs(from->sll_protocol),
			 .stamp = stamp ? stamp : now(),
			 .bytes = m->msg_iov->iov_base,
			 .captured = (uint32_t)(length < LARGEST ? length : LARGEST),
			 .length = (uint32_t)length,
		     });
}

int capture_socket_read(struct capture *c, struct timeline *t)
{
	static unsigned char bytes[LARGEST];
	int count = 0;

	while (count < CAPTURE_BATCH) {
		union {
			struct cmsghdr align;
			char bytes[CMSG_SPACE(sizeof(struct scm_timestamping))];
		} control;
		struct sockaddr_ll from;
		struct iovec room = {bytes, sizeof(bytes)};
		struct msghdr m = {
		    .msg_name = &from,
		    .msg_namelen = sizeof(from),
		    .msg_iov = &room,
		    .msg_iovlen = 1,
		    .msg_control = &control,
		    .msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(c->fd, &m, MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		take(c, t, &m, (size_t)n);
		count++;
	}
	if (count == CAPTURE_BATCH || errno == EAGAIN)
		return count;
	capture_fail(c, "reading", strerror(errno));
	return -1;
}

unsigned capture_socket_dropped(struct capture *c)
{
	struct tpacket_stats s;
	socklen_t size = sizeof(s);

	return getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &s, &size) == 0 ? s.tp_drops : 0;
}
