/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the router does to packets beyond dropping them: hold, delay, dup, corrupt.
 *
 * Their rule drops the packets that it picks (dup lets them pass) and reports them, like any other
 * rule. The engine has the packet in its capture. It injects the packet on the link to its target
 * as the router would have sent it, with one hop less: when it is released, when its delay is over,
 * corrupted, or for the second time. So a packet is held without a queue in the kernel, and other
 * packets are not slowed down. A packet that is injected on a link does not meet the router's rules
 * again.
 *
 * Held packets keep their order when the hold is lifted. First the rule is removed, so that it does
 * not catch the answers to the released packets. Then the engine reads what the rule has caught
 * until then, and releases all packets in the order in which they came. If a report comes even
 * later (its packet was in the rule when that was removed), its fault is already lifted.
 */
#include <netinet/in.h>
#include <string.h>

#include "harness/engine/state.h"

#define IPV6_HEADER 40

/* A packet that is held or delayed. */
struct kept {
	int segment;
	int fault;
	ns_t until; /* 0: until it is released */
	bool gone;
	ns_t gone_at; /* the moment since when the engine had not looked: see e->known */
};

const struct applied_fault *fault_of(const struct engine *e, enum host host, int id)
{
	for (size_t i = 0; i < e->applied_count; i++)
		if (e->applied[i].host == host && e->applied[i].id == id)
			return &e->applied[i];
	return NULL;
}

bool hold_report(struct engine *e, const struct packet *p, ns_t stamp,
		 const struct applied_fault *fault)
{
	if (!fault_rows[fault->verb].on_the_way)
		return false;
	timeline_taken(e->timeline, p, stamp, fault_rows[fault->verb].fate, fault->id, fault->line);
	return true;
}

/* ---- putting a packet on the link to its target ---- */

/*
 * One hop less, and IPv4's checksum, which covers the field: RFC 1624, for a field that is one
 * less.
 */
static void forward(unsigned char *bytes)
{
	unsigned int sum;

	if (bytes[0] >> 4 == 6) {
		bytes[7]--;
		return;
	}
	bytes[8]--;
	sum = (unsigned int)(bytes[10] << 8 | bytes[11]) + 0x100;
	sum = (sum & 0xffff) + (sum >> 16);
	bytes[10] = (unsigned char)(sum >> 8);
	bytes[11] = (unsigned char)sum;
}

/* Where the checksum is in a header of that protocol. */
static size_t checksum_at(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	default:
		return 2; /* ICMP */
	}
}

/* Another checksum for what IP carries; never 0, which in UDP means that there is none. */
static void spoil(unsigned char *bytes, size_t size)
{
	bool is_ipv6 = bytes[0] >> 4 == 6;
	size_t header = is_ipv6 ? IPV6_HEADER : (bytes[0] & 0xf) * 4u;
	size_t at = header + checksum_at(bytes[is_ipv6 ? 6 : 9]);

	if (at + 2 > size)
		return;
	bytes[at] ^= 0x55;
	if (!bytes[at] && !bytes[at + 1])
		bytes[at] = 0xaa;
}

static bool put(struct engine *e, int segment, bool spoiled)
{
	const struct segment *s = &e->timeline->segments[segment];
	const struct packet *p = s->packet;
	unsigned char *bytes;

	if (!p->bytes)
		return broken(e, "a datagram that came in fragments cannot be held, delayed, "
				 "duplicated or corrupted");
	bytes = memcpy(arena_alloc(e->arena, p->size), p->bytes, p->size);
	forward(bytes);
	if (spoiled)
		spoil(bytes, p->size);
	if (!lab_inject(&e->lab, s->to, bytes, p->size))
		return broken(e, "%s", e->lab.error);
	return true;
}

static bool let_go(struct engine *e, struct kept *k)
{
	k->gone = true;
	k->gone_at = e->known;
	if (k->until)
		note_late_packet(e, now() - k->until);
	timeline_release(e->timeline, k->segment);
	return put(e, k->segment, false);
}

/* ---- what is done to a packet: one function for each verb ---- */

typedef bool hold_fn(struct engine *e, const struct taken *taken, const struct applied_fault *f);

static bool hold_twice(struct engine *e, const struct taken *taken, const struct applied_fault *f)
{
	(void)f;
	return put(e, taken->segment, false);
}

static bool hold_spoiled(struct engine *e, const struct taken *taken, const struct applied_fault *f)
{
	(void)f;
	timeline_release(e->timeline, taken->segment);
	return put(e, taken->segment, true);
}

/* Until it is released, or until its time has come. */
static bool hold_back(struct engine *e, const struct taken *taken, const struct applied_fault *f)
{
	const struct segment *s = &e->timeline->segments[taken->segment];

	*arena_push(e->arena, e->kept, e->kept_count) = (struct kept){
	    .segment = taken->segment,
	    .fault = taken->fault,
	    .until = fault_rows[f->verb].takes_time ? s->sent + f->delay : 0,
	};
	return true;
}

/* The firewall has done everything. */
#define hold_nothing NULL

static hold_fn *const holds[VERB_COUNT] = {
#define FAULT(verb, word, hold, ...) [VERB_##verb] = hold_##hold,
#include "harness/ast/line_rows.h"
};

/* ---- when ---- */

/* Its time has come, or the fault that holds it is lifted. */
static bool is_free(const struct engine *e, const struct kept *k)
{
	return k->until ? now() >= k->until : fault_of(e, HOST_ROUTER, k->fault)->lifted;
}

bool hold_serve(struct engine *e)
{
	for (; e->taken_seen < e->timeline->taken_count; e->taken_seen++) {
		const struct taken *taken = &e->timeline->taken[e->taken_seen];
		const struct applied_fault *fault = fault_of(e, HOST_ROUTER, taken->fault);

		if (!holds[fault->verb](e, taken, fault))
			return false;
	}
	for (size_t i = 0; i < e->kept_count; i++) {
		struct kept *k = &e->kept[i];

		if (!k->gone && is_free(e, k) && !let_go(e, k))
			return false;
	}
	return true;
}

ns_t hold_next(const struct engine *e)
{
	ns_t next = INT64_MAX;

	for (size_t i = 0; i < e->kept_count; i++)
		if (!e->kept[i].gone && e->kept[i].until && e->kept[i].until < next)
			next = e->kept[i].until;
	return next;
}

int hold_on_its_way(const struct engine *e, size_t *at)
{
	while (*at < e->kept_count) {
		const struct kept *k = &e->kept[(*at)++];

		if (k->until && (!k->gone || k->gone_at == e->known))
			return k->segment;
	}
	return -1;
}

/* ---- release ---- */

static bool same_number(const struct engine *e, const struct value *v, int64_t number)
{
	int64_t expected;

	return !v || v->kind == VALUE_ANY ||
	       (judge_value(&e->judgement, v, &expected) && expected == number);
}

static bool fits(const struct engine *e, const struct fault_pattern *pattern,
		 const struct segment *s)
{
	const struct segment_pattern *p = &pattern->segment;
	const struct packet *packet = s->packet;

	if (pattern->sender && pattern->sender->host != s->from)
		return false;
	if (!pattern->has_segment)
		return true;
	if (p->kind == SEGMENT_ICMP)
		return packet_is_message(packet, p->icmp);
	if (p->kind == SEGMENT_UDP)
		return packet->kind == PACKET_UDP && same_number(e, p->length, packet->length);
	return packet->kind == PACKET_TCP && (!pattern->carries || packet->length) &&
	       (p->kind != SEGMENT_TCP || packet->flags == p->flags) &&
	       same_number(e, p->seq, s->seq) && same_number(e, p->end, s->seq + packet->length) &&
	       same_number(e, p->length, packet->length);
}

bool hold_release(struct engine *e, const struct fault_pattern *pattern, bool *any)
{
	*any = false;
	for (size_t i = 0; i < e->kept_count; i++) {
		struct kept *k = &e->kept[i];

		if (k->gone || k->until || !fits(e, pattern, &e->timeline->segments[k->segment]))
			continue;
		*any = true;
		if (!let_go(e, k))
			return false;
	}
	return true;
}
