/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture: packets on the router's links, read in one of two ways.
 *
 * A ring (capture_ring.c) costs a grace period of RCU to open and two to close, each of some 10 ms
 * on a quiet machine and of hundreds on a busy one: half the time of a short run. A plain socket
 * (capture_socket.c) costs one, to close. But it holds each packet until that is read, and shares
 * its memory with the packet that goes on. As long as it does, a receiver cannot merge that packet
 * with the next one (skb_try_coalesce(), skb_cloned()). So unread data takes more memory, and the
 * window shrinks sooner, by chance: of 100 segments of 200 bytes, 100 were merged with a ring, 29
 * to 75 with a plain socket, and the window was 47000 or 39368. A ring gets copies.
 *
 * So a run with little data, like most runs, is captured by a plain socket, and one with more data
 * by a ring. This does not depend on the size of buffer that the user may have; but if that is too
 * small even for little data, a ring is used, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/capture/capture_internal.h"

bool capture_fail(struct capture *c, const char *what, const char *why)
{
	snprintf(c->error, sizeof(c->error), "cannot capture on the router: %s: %s", what, why);
	return false;
}

bool capture_open(struct capture *c, struct arena *a, bool bulk)
{
	*c = (struct capture){.arena = a, .fd = -1};
	return (!bulk && capture_socket_open(c)) || capture_ring_open(c, true);
}

bool capture_open_headers(struct capture *c, struct arena *a, const char *directory, bool pieces)
{
	int fd = directory ? open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

	/* In a guest no directory but that of the run's own results can be written to. */
	if (fd < 0)
		fd = memfd_create("capture", MFD_CLOEXEC);
	*c = (struct capture){.arena = a, .fd = -1};
	c->spool = fd >= 0 ? fdopen(fd, "w+") : NULL;
	if (!c->spool)
		return capture_fail(c, "a file for it", strerror(errno));
	return capture_ring_open(c, pieces);
}

void capture_link(struct capture *c, enum host host, int ifindex)
{
	c->link_index[host] = ifindex;
}

void capture_close(struct capture *c)
{
	if (c->spool)
		fclose(c->spool);
	c->spool = NULL;
	arena_free(&c->loose);
	capture_dropped(c);
	capture_forget(c);
}

/* A plain socket is only a descriptor; a ring is memory that both processes share. */
void capture_forget(struct capture *c)
{
	if (c->fd < 0)
		return;
	if (c->ring)
		capture_ring_close(c);
	else
		capture_socket_close(c);
}

static enum host link_host(const struct capture *c, int ifindex)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (c->link_index[h] && c->link_index[h] == ifindex)
			return (enum host)h;
	}
	return HOST_NONE;
}

/* TCP's data is at the end; of all other packets everything captured is kept. */
static uint32_t without_data(const struct packet *p, uint32_t captured, uint32_t length)
{
	bool is_whole = p->kind == PACKET_TCP && !p->fragment && p->length < length;
	uint32_t headers = is_whole ? length - p->length : captured;

	return headers < captured ? headers : captured;
}

/* Errors are found when it is read again. */
static void spool(struct capture *c, struct frame f, const struct packet *p)
{
	f.captured = without_data(p, f.captured, f.length);
	c->bytes += f.captured;
	fwrite(&f, sizeof(f), 1, c->spool);
	fwrite(f.bytes, 1, f.captured, c->spool);
}

/* What is kept of a packet when there are enough data. Its headers say how long those are. */
static uint32_t without_more_data(struct capture *c, const struct frame *f,
				  const unsigned char *seen)
{
	uint32_t captured = f->captured < CAPTURE_HEADERS ? f->captured : CAPTURE_HEADERS;

	arena_clear(&c->loose);
	return without_data(packet_decode(&c->loose, f->ethertype, seen, captured), f->captured,
			    f->length);
}

/* A packet that perhaps merely passes. */
static void keep_header(struct capture *c, struct timeline *t, struct frame f,
			const unsigned char *seen)
{
	const struct packet *p;

	arena_clear(&c->loose);
	f.bytes = memcpy(arena_alloc(&c->loose, f.captured + 1), seen, f.captured);
	p = packet_decode(&c->loose, f.ethertype, f.bytes, f.captured);
	spool(c, f, p);
	if (timeline_passes(t, p, f.stamp, f.link, f.in))
		return;
	if (f.in || p->fragment || p->kind == PACKET_ARP || !p->bytes) {
		f.bytes = memcpy(arena_alloc(c->arena, f.captured + 1), seen, f.captured);
		p = packet_decode(c->arena, f.ethertype, f.bytes, f.captured);
	}
	timeline_packet(t, p, f.stamp, f.link, f.in);
}

void capture_keep(struct capture *c, struct timeline *t, const struct sighting *seen)
{
	enum host host = link_host(c, seen->ifindex);
	struct frame frame = {
	    .stamp = seen->stamp,
	    .link = host,
	    .in = !seen->outgoing,
	    .ethertype = seen->ethertype,
	    .captured = seen->captured,
	    .length = seen->length,
	};
	struct frame *f;

	if (host == HOST_NONE)
		return;
	if (c->before)
		c->before(c->context, seen->stamp);
	t->frame = ++c->seen;
	*arena_push(c->arena, c->places, c->place_count) =
	    (struct capture_place){host, ++c->seen_at[host]};
	if (c->spool) {
		keep_header(c, t, frame, seen->bytes);
		t->frame = 0;
		return;
	}
	if (c->enough && c->bytes >= c->enough)
		frame.captured = without_more_data(c, &frame, seen->bytes);
	c->bytes += frame.captured;
	f = arena_push(c->arena, c->frames, c->frame_count);
	*f = frame;
	f->bytes = memcpy(arena_alloc(c->arena, f->captured), seen->bytes, f->captured);
	timeline_packet(t, packet_decode(c->arena, f->ethertype, f->bytes, f->captured), f->stamp,
			f->link, f->in);
	t->frame = 0;
}

int capture_read(struct capture *c, struct timeline *t)
{
	return c->ring ? capture_ring_read(c, t) : capture_socket_read(c, t);
}

unsigned capture_dropped(struct capture *c)
{
	if (c->fd >= 0)
		c->dropped += c->ring ? capture_ring_dropped(c) : capture_socket_dropped(c);
	return c->dropped;
}
