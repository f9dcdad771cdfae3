/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams that come in pieces (RFC 791 3.2, RFC 8200 4.5).
 *
 * The time line knows whole packets only. A datagram that is larger than the MTU is put together
 * again on each side of the router, from the pieces that were seen there: it was sent with its
 * first piece, and has arrived with the last one to leave. A datagram that lacks a piece is never
 * complete again, so it stays in the router: lost, as for the receiver, whose kernel waits for the
 * piece in vain. The datagram's identification shows whether a fault has taken a piece.
 */
#include <string.h>

#include "harness/packet/decode.h"
#include "harness/timeline/timeline_parts.h"

static bool same_datagram(const struct pieces *d, const struct packet *p, enum host link, bool in)
{
	const struct packet *other = d->list[0];

	return d->link == link && d->in == in && other->fragment->id == p->fragment->id &&
	       other->fragment->protocol == p->fragment->protocol &&
	       ip_equal(&other->source, &p->source) && ip_equal(&other->target, &p->target);
}

static struct pieces *pieces_of(struct timeline *t, const struct packet *p, enum host link, bool in)
{
	struct pieces *d;

	for (size_t i = 0; i < t->pieces_count; i++) {
		if (same_datagram(&t->pieces[i], p, link, in))
			return &t->pieces[i];
	}
	d = arena_push(t->arena, t->pieces, t->pieces_count);
	*d = (struct pieces){.link = link, .in = in};
	return d;
}

/* All its bytes together, NULL: a piece is missing, or was cut off. The pieces may have come in any
 * order. */
static const unsigned char *join(struct arena *a, const struct pieces *d, size_t *length)
{
	unsigned char *bytes;
	size_t end = 0;
	bool found = true, last = false;

	for (*length = 0; found && !last;) {
		found = false;
		for (size_t i = 0; i < d->count && !found; i++) {
			const struct fragment *f = d->list[i]->fragment;

			if (f->offset > end || f->offset + f->length <= end || !f->bytes)
				continue;
			found = true;
			last = !f->more;
			end = f->offset + f->length;
		}
	}
	if (!last)
		return NULL;
	bytes = arena_alloc(a, end + 1);
	for (size_t i = 0; i < d->count; i++) {
		const struct fragment *f = d->list[i]->fragment;

		if (f->bytes && f->offset + f->length <= end)
			memcpy(bytes + f->offset, f->bytes, f->length);
	}
	*length = end;
	return bytes;
}

struct pieces *fragment_add(struct timeline *t, const struct packet *p, enum host link, bool in)
{
	struct pieces *d = pieces_of(t, p, link, in);

	*arena_push(t->arena, d->list, d->count) = p;
	return d;
}

const struct packet *fragment_join(struct timeline *t, struct pieces *d)
{
	size_t length;
	const unsigned char *bytes = join(t->arena, d, &length);
	const struct packet *p;

	if (!bytes)
		return NULL;
	p = packet_whole(t->arena, d->list[0], bytes, length);
	*d = t->pieces[--t->pieces_count];
	return p;
}
