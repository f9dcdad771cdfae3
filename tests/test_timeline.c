/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time line, fed with packets made by hand: fates, incarnations, relative numbers, names, and
 * the properties that hold for any input at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/packet/icmp.h"
#include "harness/timeline/timeline.h"

#define S FLAG_SYN
#define A FLAG_ACK
#define R FLAG_RST
#define F FLAG_FIN
#define P FLAG_PSH

#define CLIENT_ISN 4294967000u /* numbers wrap soon */
#define SERVER_ISN 5000u

static struct arena arena;
static struct timeline t;
static ns_t stamp; /* of the packet before */

static void fresh_timeline(void)
{
	timeline_init(&t, &arena);
	stamp = now();
}

static int set_up(void **state)
{
	(void)state;
	fresh_timeline();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct packet *segment_from(enum host from, uint16_t source_port, enum host to,
				   uint16_t target_port, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct packet *p = arena_new(&arena, struct packet);

	p->kind = PACKET_TCP;
	p->source = host_ip(from, 4);
	p->target = host_ip(to, 4);
	p->source_port = source_port;
	p->target_port = target_port;
	p->flags = flags;
	p->seq = seq;
	p->ack = ack;
	p->ttl = 64;
	p->window = 1000;
	return p;
}

/* Numbers relative to the ISNs, as a script has them. */
static struct packet *from_client(uint8_t flags, uint32_t seq, uint32_t ack)
{
	return segment_from(HOST_CLIENT, 40000, HOST_SERVER, 8080, flags, CLIENT_ISN + seq,
			    flags & A ? SERVER_ISN + ack : 0);
}

static struct packet *from_server(uint8_t flags, uint32_t seq, uint32_t ack)
{
	return segment_from(HOST_SERVER, 8080, HOST_CLIENT, 40000, flags, SERVER_ISN + seq,
			    flags & A ? CLIENT_ISN + ack : 0);
}

static struct packet *error_about(const struct packet *quoted)
{
	struct packet *p = arena_new(&arena, struct packet),
		      *copy = arena_new(&arena, struct packet);

	*copy = *quoted;
	p->kind = PACKET_ICMP;
	p->source = host_ip(HOST_ROUTER, 4);
	p->target = quoted->source;
	p->icmp_word = "host-unreachable";
	p->icmp = icmp_find(p->icmp_word);
	p->icmp_type = 3;
	p->icmp_code = 1;
	p->quoted = copy;
	return p;
}

static const struct segment *last(void)
{
	assert_true(t.segment_count > 0);
	return &t.segments[t.segment_count - 1];
}

static const struct event *last_event(void)
{
	assert_true(t.event_count > 0);
	return &t.events[t.event_count - 1];
}

static void in(const struct packet *p)
{
	stamp += NS_PER_US;
	timeline_packet(&t, p, stamp, host_of_ip(&p->source), true);
}

/* The same packet, behind the router: a copy, one hop on. */
static void out(const struct packet *p)
{
	struct packet *copy = arena_new(&arena, struct packet);

	*copy = *p;
	copy->ttl--;
	stamp += NS_PER_US;
	timeline_packet(&t, copy, stamp, host_of_ip(&p->target), false);
}

static const struct segment *through(const struct packet *p)
{
	in(p);
	out(p);
	return last();
}

static void victim(const struct packet *p, enum host at, bool rejected)
{
	struct packet *copy = arena_new(&arena, struct packet);

	*copy = *p;
	timeline_victim(&t, copy, stamp, at, rejected, -1);
}

static void handshake(void)
{
	through(from_client(S, 0, 0));
	through(from_server(S | A, 0, 1));
	through(from_client(A, 1, 1));
}

/* ---- fates ---- */

static void test_crosses(void **state)
{
	const struct segment *s;

	(void)state;
	in(from_client(S, 0, 0));
	assert_false(last()->decided);
	assert_true(timeline_unsettled(&t));
	out(last()->packet);
	s = last();
	assert_int_equal(t.segment_count, 1);
	assert_true(s->decided);
	assert_int_equal(s->fate, FATE_ARRIVED);
	assert_int_equal(s->from, HOST_CLIENT);
	assert_int_equal(s->to, HOST_SERVER);
	assert_true(s->sent > 0 && s->arrived > s->sent);
	assert_int_equal(s->sent_order, 1);
	assert_int_equal(s->arrived_order, 2);
	assert_int_equal(t.events[0].kind, EVENT_SENT);
	assert_int_equal(t.events[0].host, HOST_CLIENT);
	assert_int_equal(t.events[1].kind, EVENT_ARRIVED);
	assert_int_equal(t.events[1].host, HOST_SERVER);
	assert_int_equal(t.events[1].from, s->arrived);
	assert_false(timeline_unsettled(&t));
}

static void test_pairs_the_oldest(void **state)
{
	struct packet *p = from_client(S, 0, 0), *q = from_client(S, 0, 0), *r;

	(void)state;
	in(p);
	in(q);
	out(p);
	assert_true(t.segments[0].decided);
	assert_false(t.segments[1].decided);
	out(q);
	assert_true(t.segments[1].decided);
	assert_int_equal(t.segment_count, 2);
	/* An identification tells them apart. */
	p = from_client(A, 1, 1);
	q = from_client(A, 1, 1);
	p->ip_id = 1;
	q->ip_id = 2;
	in(p);
	in(q);
	out(q);
	assert_false(t.segments[2].decided);
	assert_true(t.segments[3].decided);
	/* And so does anything else that a router leaves alone. */
	for (int i = 0; i < 6; i++) {
		r = arena_new(&arena, struct packet);
		*r = *p;
		r->window += i == 0;
		r->options.ts_value += i == 1;
		r->options.ts_echo += i == 2;
		r->length += i == 3;
		r->urgent += i == 4;
		r->options.sack[0][0] += i == 5;
		in(r);
		out(r);
		assert_false(t.segments[2].decided);
		assert_true(last()->decided);
	}
}

/* A packet that goes back is not the one that came. */
static void test_not_back(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	in(p);
	timeline_packet(&t, p, ++stamp, HOST_CLIENT, false);
	assert_int_equal(t.segment_count, 2);
	assert_false(t.segments[0].decided);
	assert_int_equal(last()->from, HOST_ROUTER);
}

/* A loss that an error told of is reported once; a second report is about a second packet. */
static void test_error_and_two_reports(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	in(p);
	out(error_about(p));
	victim(p, HOST_ROUTER, true);
	victim(p, HOST_ROUTER, false);
	assert_int_equal(t.segments[0].fate, FATE_REJECTED);
	assert_true(timeline_unsettled(&t));
}

static void test_router_makes(void **state)
{
	const struct segment *s;

	(void)state;
	in(from_client(S, 0, 0));
	out(from_server(R | A, -SERVER_ISN, 1)); /* a rule's answer, in the server's name */
	s = last();
	assert_int_equal(t.segment_count, 2);
	assert_int_equal(s->from, HOST_ROUTER);
	assert_int_equal(s->to, HOST_CLIENT);
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->end, 1);
	assert_int_equal(s->seq, 0);
	assert_int_equal(s->ack, 1);
	assert_true(s->decided);
	assert_true(s->arrived_order > s->sent_order);
	assert_false(t.segments[0].decided);
}

static void test_error_decides(void **state)
{
	struct packet *p = from_client(S, 0, 0);
	const struct segment *syn, *error;

	(void)state;
	in(p);
	out(error_about(p));
	syn = &t.segments[0];
	error = &t.segments[1];
	assert_int_equal(syn->fate, FATE_LOST);
	assert_int_equal(syn->lost_at, HOST_ROUTER);
	assert_true(syn->decided);
	assert_int_equal(t.events[1].kind, EVENT_LOST);
	assert_int_equal(t.events[1].host, HOST_ROUTER);
	assert_int_equal(t.events[1].from, error->sent);
	assert_null(t.events[1].note);
	assert_int_equal(error->from, HOST_ROUTER);
	assert_int_equal(error->to, HOST_CLIENT);
	assert_int_equal(error->connection, 0);
	assert_int_equal(error->end, 0);
	assert_int_equal(error->seq, 0);
	assert_int_equal(error->fate, FATE_ARRIVED);
	/* A rule then reports the same loss: it is not a second one. */
	victim(p, HOST_ROUTER, true);
	assert_int_equal(t.segments[0].fate, FATE_REJECTED);
	assert_int_equal(last_event()->kind, EVENT_ARRIVED);
	assert_false(timeline_unsettled(&t));
}

static void test_error_without_flags(void **state)
{
	struct packet *p = from_client(A | P, 1, 1), *error;

	(void)state;
	handshake();
	in(p);
	error = error_about(p);
	error->quoted->flags = 0; /* the quotation ended before them */
	error->quoted->ack = 0;
	out(error);
	assert_int_equal(t.segments[3].fate, FATE_LOST);
	assert_int_equal(last()->connection, 0);
	assert_int_equal(last()->seq, 1);
}

static void test_error_of_an_end(void **state)
{
	struct packet *p = from_client(S, 0, 0), *error;

	(void)state;
	through(p);
	error = error_about(p);
	error->source = host_ip(HOST_SERVER, 4);
	through(error);
	assert_int_equal(t.segments[0].fate, FATE_ARRIVED);
	assert_int_equal(last()->from, HOST_SERVER);
	assert_int_equal(last()->connection, 0);
	assert_int_equal(t.segment_count, 2);
}

static void test_victim_after(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	in(p);
	victim(p, HOST_ROUTER, false);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->lost_at, HOST_ROUTER);
	assert_true(last()->decided);
	assert_int_equal(last_event()->kind, EVENT_LOST);
	assert_int_equal(t.event_count, 2);
	assert_true(last_event()->from >= last()->sent);
}

static void test_victim_before(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	stamp += NS_PER_MS;
	victim(p, HOST_ROUTER, true);
	assert_int_equal(t.segment_count, 0);
	assert_true(timeline_unsettled(&t));
	stamp -= NS_PER_MS;
	in(p);
	assert_int_equal(last()->fate, FATE_REJECTED);
	assert_int_equal(t.events[0].kind, EVENT_SENT);
	assert_int_equal(t.events[1].kind, EVENT_LOST);
	assert_false(timeline_unsettled(&t));
}

/* The report's stamp has microseconds; the packet's was in the same one. */
static void test_victim_cut_stamp(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	stamp = stamp / NS_PER_US * NS_PER_US + 999;
	timeline_packet(&t, p, stamp, HOST_CLIENT, true);
	stamp -= 999;
	victim(p, HOST_ROUTER, false);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_true(last_event()->from >= last()->sent);
}

/* Two that are alike: the report is about the one that came no later than it says. */
static void test_victim_of_two(void **state)
{
	struct packet *p = from_client(A, 1, 1);
	ns_t first;

	(void)state;
	handshake();
	in(p);
	first = stamp;
	stamp += NS_PER_MS;
	in(p);
	timeline_victim(&t, p, first, HOST_ROUTER, false, -1);
	assert_int_equal(t.segments[3].fate, FATE_LOST);
	assert_false(t.segments[4].decided);
	out(p);
	assert_int_equal(t.segments[4].fate, FATE_ARRIVED);
	assert_true(t.segments[4].decided);
	assert_int_equal(t.segment_count, 5);
}

static void test_victim_at_receiver(void **state)
{
	struct packet *p = from_client(S, 0, 0), *q = from_client(S, 0, 0);

	(void)state;
	through(p);
	assert_int_equal(last()->fate, FATE_ARRIVED);
	victim(p, HOST_SERVER, false);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->lost_at, HOST_SERVER);
	assert_true(last()->arrived > 0); /* it did leave the router */
	assert_int_equal(last_event()->kind, EVENT_LOST);
	assert_int_equal(last_event()->host, HOST_SERVER);
	/* The next one, reported before the capture shows it on either link, and then on one. */
	stamp += NS_PER_MS;
	victim(q, HOST_SERVER, true);
	stamp -= NS_PER_MS / 2;
	in(q);
	assert_false(last()->decided);
	out(q);
	assert_int_equal(last()->fate, FATE_REJECTED);
	assert_int_equal(last()->lost_at, HOST_SERVER);
	assert_int_equal(t.segment_count, 2);
	assert_false(timeline_unsettled(&t));
}

static void test_victim_at_sender(void **state)
{
	struct packet *p = from_client(S, 0, 0);
	struct ip server = host_ip(HOST_SERVER, 4);

	(void)state;
	p->bad_checksum = true; /* as it is before its device has filled it in */
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 8080);
	stamp = now() + NS_PER_MS;
	victim(p, HOST_CLIENT, false);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->from, HOST_CLIENT);
	assert_int_equal(last()->lost_at, HOST_CLIENT);
	assert_false(last()->packet->bad_checksum);
	assert_int_equal(last()->arrived, 0);
	assert_int_equal(t.events[0].kind, EVENT_SENT);
	assert_int_equal(t.events[1].kind, EVENT_LOST);
	assert_int_equal(timeline_find(&t, "c"), 0);
	/* Its repetition passes: the same connection. */
	through(from_client(S, 0, 0));
	assert_int_equal(last()->connection, 0);
	assert_int_equal(t.connection_count, 1);
}

/* The router's own error, taken by the router's own firewall, still shows its subject. */
static void test_victim_of_router(void **state)
{
	struct packet *p = from_client(A | P, 1, 1);

	(void)state;
	handshake();
	in(p);
	victim(error_about(p), HOST_ROUTER, false);
	assert_int_equal(t.segments[3].fate, FATE_LOST);
	assert_int_equal(t.segments[4].fate, FATE_LOST);
	assert_int_equal(t.segments[4].from, HOST_ROUTER);
	assert_int_equal(t.segments[4].lost_at, HOST_ROUTER);
	assert_int_equal(t.segments[4].connection, 0);
}

static void test_settle(void **state)
{
	(void)state;
	in(from_client(S, 0, 0));
	timeline_settle(&t, stamp);
	assert_true(timeline_unsettled(&t)); /* not before */
	timeline_settle(&t, stamp + 5);
	assert_false(timeline_unsettled(&t));
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->lost_at, HOST_ROUTER);
	assert_string_equal(last_event()->note, "vanished");
	assert_int_equal(last_event()->from, stamp);
	assert_int_equal(last_event()->to, stamp + 5);
	/* It was only late. */
	out(last()->packet);
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(last()->fate, FATE_ARRIVED);
	assert_true(last()->arrived_order > last()->sent_order);
}

static void test_settle_report(void **state)
{
	(void)state;
	victim(from_client(S, 0, 0), HOST_ROUTER, false); /* the capture lost it */
	timeline_settle(&t, stamp + 1);
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(last()->from, HOST_CLIENT);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_false(timeline_unsettled(&t));
}

static void test_to_the_router(void **state)
{
	struct packet *arp = arena_new(&arena, struct packet);

	(void)state;
	in(segment_from(HOST_CLIENT, 40000, HOST_ROUTER, 22, S, 1, 0));
	assert_int_equal(last()->fate, FATE_ARRIVED);
	assert_true(last()->decided);
	assert_int_equal(last_event()->kind, EVENT_ARRIVED);
	assert_int_equal(last_event()->host, HOST_ROUTER);

	arp->kind = PACKET_ARP;
	arp->source = host_ip(HOST_CLIENT, 4);
	arp->target = host_ip(HOST_NOBODY, 4);
	in(arp);
	assert_int_equal(last()->from, HOST_CLIENT);
	assert_int_equal(last()->to, HOST_NOBODY);
	assert_true(last()->decided);
	assert_int_equal(last()->connection, -1);

	arp = arena_new(&arena, struct packet);
	arp->kind = PACKET_ARP;
	arp->source = router_ip(HOST_SERVER, 4);
	arp->target = host_ip(HOST_NOWHERE, 4);
	timeline_packet(&t, arp, ++stamp, HOST_SERVER, false);
	assert_int_equal(last()->from, HOST_ROUTER);
	assert_int_equal(last()->to, HOST_NOWHERE);
	assert_false(timeline_unsettled(&t));
}

static void test_housekeeping(void **state)
{
	struct packet *p = arena_new(&arena, struct packet);

	(void)state;
	p->kind = PACKET_OTHER; /* an ARP answer, say: no addresses */
	timeline_packet(&t, p, ++stamp, HOST_CLIENT, true);
	timeline_packet(&t, p, ++stamp, HOST_CLIENT, false);
	assert_int_equal(t.event_count, 0);
	/* Between hosts it is something. */
	p->source = host_ip(HOST_CLIENT, 4);
	p->target = host_ip(HOST_SERVER, 4);
	through(p);
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(t.event_count, 2);
	assert_int_equal(last()->connection, -1);
}

/* The router cuts a segment in pieces: it arrives once. */
/* ---- connections and numbers ---- */

static void test_handshake_numbers(void **state)
{
	struct packet *p = from_client(S, 0, 0);
	const struct segment *s;

	(void)state;
	p->options =
	    (struct tcp_options){.has_wscale = true, .wscale = 7, .has_ts = true, .ts_value = 900};
	s = through(p);
	assert_int_equal(s->seq, 0);
	assert_int_equal(s->ack, 0);
	assert_int_equal(s->window, 1000);
	assert_int_equal(s->ts_value, 0);
	assert_int_equal(s->ts_echo, 0);

	p = from_server(S | A, 0, 1);
	p->options = (struct tcp_options){
	    .has_wscale = true, .wscale = 2, .has_ts = true, .ts_value = 70, .ts_echo = 900};
	s = through(p);
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->end, 1);
	assert_int_equal(s->seq, 0);
	assert_int_equal(s->ack, 1);
	assert_int_equal(s->window, 1000);
	assert_int_equal(s->ts_value, 0);
	assert_int_equal(s->ts_echo, 0);

	p = from_client(A | P, 1, 1);
	p->length = 400; /* wraps */
	p->options = (struct tcp_options){.has_ts = true, .ts_value = 905, .ts_echo = 72};
	s = through(p);
	assert_int_equal(s->window, 1000 << 7);
	assert_int_equal(s->ts_value, 5);
	assert_int_equal(s->ts_echo, 2);

	p = from_server(A, 1, 401);
	p->options.sack_count = 1;
	p->options.sack[0][0] = CLIENT_ISN + 501;
	p->options.sack[0][1] = CLIENT_ISN + 601;
	s = through(p);
	assert_int_equal(s->seq, 1);
	assert_int_equal(s->ack, 401);
	assert_int_equal(s->window, 1000 << 2);
	assert_int_equal(s->sack[0][0], 501);
	assert_int_equal(s->sack[0][1], 601);

	p = from_client(A | FLAG_URG, 401, 1);
	p->urgent = 3;
	assert_int_equal(through(p)->urgent, 3);
	p = from_client(A, 401, 1);
	p->urgent = 3;
	assert_int_equal(through(p)->urgent, 0);
	/* A keepalive probe or a forger may send this. */
	assert_int_equal(through(from_client(A, 0, 1))->seq, 0);
	assert_int_equal(through(from_client(A, -5u, 1))->seq, -5);
	assert_int_equal(t.connection_count, 1);
}

static void test_window_needs_both(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	p->options = (struct tcp_options){.has_wscale = true, .wscale = 7};
	through(p);
	through(from_server(S | A, 0, 1));
	assert_int_equal(through(from_client(A, 1, 1))->window, 1000);
}

static void test_refusal(void **state)
{
	const struct segment *s;

	(void)state;
	through(from_client(S, 0, 0));
	s = through(from_server(R | A, -SERVER_ISN, 1));
	assert_int_equal(s->seq, 0);
	assert_int_equal(s->ack, 1);
	assert_int_equal(s->connection, 0);
	assert_false(t.connections[0].end[1].has_isn);
	/* Raw, where no SYN has been: not relative to anything. */
	assert_int_equal(through(from_server(R, 77, 0))->seq, SERVER_ISN + 77);
}

static void test_stranger(void **state)
{
	const struct segment *s = through(from_client(A, 10, 20));

	(void)state;
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->end, 0);
	assert_int_equal(s->seq, (CLIENT_ISN + 10));
	assert_int_equal(s->ack, SERVER_ISN + 20);
	/* A SYN on it is another one. */
	assert_int_equal(through(from_client(S, 0, 0))->connection, 1);
}

static void test_incarnations(void **state)
{
	struct packet *p;

	(void)state;
	handshake();
	assert_int_equal(through(from_client(S, 0, 0))->connection, 0); /* again: the same ISN */
	p = from_client(S, 0, 0);
	p->seq += 1000000;
	assert_int_equal(through(p)->connection, 1);
	assert_int_equal(last()->seq, 0);
	/* The end that remembers answers in the old numbers, and is reset in them. */
	assert_int_equal(through(from_server(A, 1, 1))->connection, 0);
	assert_int_equal(last()->seq, 1);
	assert_int_equal(last()->ack, 1);
	assert_int_equal(through(from_client(R, 1, 0))->connection, 0);
	/* The new one comes about. */
	p = from_server(S | A, 2000000, 1000001);
	assert_int_equal(through(p)->connection, 1);
	assert_int_equal(last()->seq, 0);
	assert_int_equal(last()->ack, 1);
	p = from_client(A, 1000001, 2000001);
	assert_int_equal(through(p)->connection, 1);
	assert_int_equal(last()->seq, 1);
	assert_int_equal(t.connection_count, 2);
}

static void test_refused_again(void **state)
{
	struct packet *p;

	(void)state;
	through(from_client(S, 0, 0));
	through(from_server(R | A, -SERVER_ISN, 1));
	p = from_client(S, 100000, 0);
	assert_int_equal(through(p)->connection, 1);
	assert_int_equal(through(from_server(R | A, -SERVER_ISN, 100001))->connection, 1);
	assert_int_equal(last()->ack, 1);
	/* A SYN in the other direction is not a simultaneous open: that connection is over. */
	assert_int_equal(through(from_server(S, 0, 0))->connection, 2);
	assert_int_equal(last()->end, 0);
}

static void test_simultaneous_open(void **state)
{
	struct packet *c = from_client(S, 0, 0), *s = from_server(S, 0, 0);
	struct ip server = host_ip(HOST_SERVER, 4), client = host_ip(HOST_CLIENT, 4);

	(void)state;
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 8080);
	timeline_connecting(&t, "x", HOST_SERVER, &client, 40000);
	stamp = now() + NS_PER_MS;
	in(c);
	in(s);
	out(c);
	out(s);
	assert_int_equal(t.connection_count, 1);
	assert_int_equal(t.segments[1].end, 1);
	assert_int_equal(t.segments[1].seq, 0);
	assert_int_equal(timeline_find(&t, "c"), 0);
	assert_int_equal(timeline_find(&t, "x"), 0);
	assert_string_equal(t.connections[0].names[0], "c");
	through(from_server(S | A, 0, 1));
	assert_int_equal(last()->connection, 0);
	assert_int_equal(last()->ack, 1);
	through(from_client(S | A, 0, 1));
	assert_int_equal(last()->connection, 0);
	assert_int_equal(last()->ack, 1);
}

/* A listener that dropped the first handshake answers the next SYN anew. */
static void test_second_syn_ack(void **state)
{
	(void)state;
	through(from_client(S, 0, 0));
	through(from_server(S | A, 0, 1));
	through(from_client(S, 0, 0));
	through(from_server(S | A, 5000, 1));
	assert_int_equal(last()->seq, 0);
	through(from_client(A, 1, 5001));
	assert_int_equal(last()->ack, 1);
	/* Once acknowledged it is established, whatever somebody forges. */
	through(from_server(S | A, 9000, 1));
	assert_int_equal(last()->seq, 4000);
	assert_int_equal(t.connection_count, 1);
}

/*
 * A reset of a host without the connection has number 0, and belongs to the incarnation whose
 * numbers it acknowledges.
 */
static void test_reset_from_nowhere(void **state)
{
	struct packet *p;

	(void)state;
	handshake();
	p = from_server(R | A, 0, 6);
	p->seq = 0;
	through(p);
	assert_int_equal(last()->connection, 0);
	assert_int_equal(last()->seq, 0);
	assert_int_equal(last()->ack, 6);
	/* Any other number is one of its direction, and so is that of a reset without ACK. */
	through(from_server(R | A, 3, 6));
	assert_int_equal(last()->seq, 3);
	p = from_server(R, 0, 0);
	p->seq = 0;
	through(p);
	assert_int_equal(last()->seq, -(int64_t)SERVER_ISN);
	/* Of two incarnations, the newer one. */
	through(segment_from(HOST_CLIENT, 40000, HOST_SERVER, 8080, S, 77000, 0));
	assert_int_equal(last()->connection, 1);
	p = from_server(R | A, 0, 0);
	p->seq = 0;
	p->ack = 77001;
	through(p);
	assert_int_equal(last()->connection, 1);
	assert_int_equal(last()->seq, 0);
	assert_int_equal(last()->ack, 1);
}

/* ---- names ---- */

static void test_names(void **state)
{
	struct ip server = host_ip(HOST_SERVER, 4), client = host_ip(HOST_CLIENT, 4);

	(void)state;
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 8080);
	stamp = now() + NS_PER_MS;
	handshake();
	assert_int_equal(timeline_find(&t, "c"), 0);
	timeline_accepted(&t, "x", HOST_SERVER, &client, 40000);
	assert_int_equal(timeline_find(&t, "x"), 0);
	assert_int_equal(t.connections[0].name_count, 2);
	assert_string_equal(t.connections[0].names[0], "c");
	assert_int_equal(connection_end(&t.connections[0], HOST_CLIENT), 0);
	assert_int_equal(connection_end(&t.connections[0], HOST_SERVER), 1);
	assert_int_equal(connection_end(&t.connections[0], HOST_ROUTER), -1);
	assert_int_equal(timeline_find(&t, "y"), -1);
	for (int i = 0; i < 9; i++)
		timeline_duplicated(&t, arena_printf(&arena, "d%d", i), "x");
	assert_int_equal(timeline_find(&t, "d8"), 0);
	assert_int_equal(t.connections[0].name_count, 11);
}

/* A refused connection will not be accepted any more; but a RST may be lost, or forged. */
static void test_refused(void **state)
{
	struct packet *reset = from_server(R | A, 0, 1);

	(void)state;
	reset->seq = 0;
	through(from_client(S, 0, 0));
	in(reset);
	assert_true(connection_is_unaccepted(&t.connections[0], HOST_SERVER));
	victim(reset, HOST_ROUTER, false);
	assert_true(connection_is_unaccepted(&t.connections[0], HOST_SERVER));
	through(from_client(S, 0, 0));
	through(reset);
	assert_false(connection_is_unaccepted(&t.connections[0], HOST_SERVER));
	/* A RST that comes later than its own SYN ends the connection, but accept() still returns
	 * it. */
	fresh_timeline();
	handshake();
	through(from_server(R, 1, 0));
	through(from_client(R, 1, 0));
	assert_true(connection_is_unaccepted(&t.connections[0], HOST_SERVER));
}

/* accept() has returned before the capture is read. */
static void test_accepted_early(void **state)
{
	struct ip server = host_ip(HOST_SERVER, 4), client = host_ip(HOST_CLIENT, 4);

	(void)state;
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 8080);
	stamp = now() + NS_PER_MS;
	timeline_accepted(&t, "x", HOST_SERVER, &client, 40000);
	handshake();
	assert_int_equal(timeline_find(&t, "x"), 0);
	assert_string_equal(t.connections[0].names[0], "c");
	assert_string_equal(t.connections[0].names[1], "x");
	/* The same port again: the old connection has its name, so this waits for the new one. */
	timeline_accepted(&t, "y", HOST_SERVER, &client, 40000);
	assert_int_equal(timeline_find(&t, "y"), -1);
	through(from_client(S, 1000000, 0));
	assert_int_equal(timeline_find(&t, "y"), 1);
}

/* Fifteen clients of one listener, and one whose connect() sends nothing. */
static void test_names_in_turn(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct ip server = host_ip(HOST_SERVER, 4);
	ns_t told[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		while (now() <= stamp) /* a clock has ticks */
			;
		timeline_connecting(&t, names[i], HOST_CLIENT, &server, 8080);
		told[i] = stamp = now() + 2 * NS_PER_US;
	}
	for (int i = 0; i < 4; i++) {
		stamp = told[i] - 2 * NS_PER_US; /* in() adds one */
		if (i == 1)
			continue;
		in(segment_from(HOST_CLIENT, (uint16_t)(40000 + i), HOST_SERVER, 8080, S, 1, 0));
	}
	assert_int_equal(timeline_find(&t, "a"), 0);
	assert_int_equal(timeline_find(&t, "b"), -1);
	assert_int_equal(timeline_find(&t, "c"), 1);
	assert_int_equal(timeline_find(&t, "d"), 2);
}

static void test_name_of_another(void **state)
{
	struct ip server = host_ip(HOST_SERVER, 4);

	(void)state;
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 9);
	stamp = now() + NS_PER_MS;
	handshake(); /* to another port */
	assert_int_equal(timeline_find(&t, "c"), -1);
	in(segment_from(HOST_SERVER, 40001, HOST_SERVER, 9, S, 1, 0)); /* from another host */
	assert_int_equal(timeline_find(&t, "c"), -1);
	in(segment_from(HOST_CLIENT, 40001, HOST_SERVER, 9, S, 1, 0));
	assert_int_equal(timeline_find(&t, "c"), (int)t.connection_count - 1);
	/* The name again: it now means the newer one. */
	timeline_connecting(&t, "c", HOST_CLIENT, &server, 9);
	stamp = now() + NS_PER_MS;
	in(segment_from(HOST_CLIENT, 40002, HOST_SERVER, 9, S, 1, 0));
	assert_int_equal(timeline_find(&t, "c"), (int)t.connection_count - 1);
}

/* ---- flows ---- */

static struct packet *datagram(enum host from, uint16_t source_port, enum host to,
			       uint16_t target_port, const char *data)
{
	struct packet *p = segment_from(from, source_port, to, target_port, 0, 0, 0);

	p->kind = PACKET_UDP;
	p->window = 0;
	p->length = (uint32_t)strlen(data);
	p->data = (const unsigned char *)data;
	return p;
}

static struct packet *echo(enum host from, enum host to, const char *word, uint16_t seq)
{
	struct packet *p = datagram(from, 0, to, 0, "ping");

	p->kind = PACKET_ECHO;
	p->icmp_word = word;
	p->icmp = word ? icmp_find(word) : NULL;
	p->icmp_type = strcmp(word, "echo-reply") ? 8 : 0;
	p->echo_id = 7;
	p->echo_seq = seq;
	return p;
}

/* The socket of this name is about to send; then its packet passes the router. */
static const struct segment *sent(const char *name, const struct packet *p)
{
	timeline_sending(&t, name, host_of_ip(&p->source));
	stamp = now();
	return through(p);
}

static const char *name_of(const struct segment *s)
{
	const struct connection *c = s->connection < 0 ? NULL : &t.connections[s->connection];

	return c && c->name_count ? c->names[0] : "none";
}

/* The datagrams of one socket are one flow, whatever their destination; the answers are another. */
static void test_flows(void **state)
{
	const struct segment *s;

	(void)state;
	s = sent("c", datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "one"));
	assert_string_equal(name_of(s), "c");
	assert_int_equal(s->end, 0);
	s = sent("c", datagram(HOST_CLIENT, 40000, HOST_SERVER, 5001, "two"));
	assert_string_equal(name_of(s), "c");
	assert_int_equal(t.connection_count, 1);
	assert_string_equal(
	    name_of(sent("s", datagram(HOST_SERVER, 5000, HOST_CLIENT, 40000, "three"))), "s");
	assert_string_equal(
	    name_of(sent("d", datagram(HOST_CLIENT, 40001, HOST_SERVER, 5000, "four"))), "d");
	/* The port of c, taken over by d; and c's again. */
	s = sent("d", datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "five"));
	assert_string_equal(name_of(s), "d");
	assert_int_equal(t.connection_count, 4);
	s = sent("c", datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "six"));
	assert_string_equal(name_of(s), "c");
	assert_int_equal(t.connection_count, 4);
	/* A TCP connection of the same addresses and ports is another matter. */
	through(segment_from(HOST_CLIENT, 40000, HOST_SERVER, 5000, S, 1, 0));
	assert_int_equal(t.connection_count, 5);
	assert_string_equal(name_of(last()), "none");
}

/* A name that becomes known later does not take earlier datagrams. */
static void test_flow_of_an_earlier_call(void **state)
{
	(void)state;
	timeline_sending(&t, "c", HOST_CLIENT);
	stamp = now();
	while (now() / NS_PER_US <= stamp / NS_PER_US + 2)
		;
	timeline_sending(&t, "d", HOST_CLIENT);
	assert_string_equal(
	    name_of(through(datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "one"))), "c");
	/* Nor is it anybody else's. */
	assert_string_equal(
	    name_of(through(datagram(HOST_SERVER, 5000, HOST_CLIENT, 40000, "two"))), "none");
}

static void test_flow_of_an_error(void **state)
{
	struct packet *p = datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "one"), *error;

	(void)state;
	sent("c", p);
	sent("d", datagram(HOST_CLIENT, 40001, HOST_SERVER, 5000, "two"));
	error = error_about(p);
	error->source = p->target;
	through(error);
	assert_string_equal(name_of(last()), "c");
	assert_int_equal(last()->from, HOST_SERVER);
	/* It had arrived. */
	assert_int_equal(t.segments[0].fate, FATE_ARRIVED);

	/* One from the router is about a datagram that did not. */
	p = datagram(HOST_CLIENT, 40001, HOST_SERVER, 5000, "three");
	timeline_sending(&t, "d", HOST_CLIENT);
	stamp = now();
	in(p);
	out(error_about(p));
	assert_string_equal(name_of(last()), "d");
	assert_int_equal(t.segments[t.segment_count - 2].fate, FATE_LOST);
}

static void test_flow_of_an_echo(void **state)
{
	const struct segment *s;

	(void)state;
	s = sent("p", echo(HOST_CLIENT, HOST_SERVER, "echo-request", 1));
	assert_string_equal(name_of(s), "p");
	s = through(echo(HOST_SERVER, HOST_CLIENT, "echo-reply", 1));
	assert_string_equal(name_of(s), "p");
	assert_int_equal(s->end, 1);
	assert_int_equal(t.segment_count, 2);
	/* A reply that nobody asked for. */
	through(echo(HOST_CLIENT, HOST_SERVER, "echo-reply", 1));
	assert_int_equal(last()->connection, -1);
}

/* Datagrams are told apart by what is in them. */
static void test_datagrams_that_differ(void **state)
{
	(void)state;
	in(datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "one"));
	out(datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "two"));
	assert_false(t.segments[0].decided);
	out(datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "ones"));
	assert_false(t.segments[0].decided);
	out(datagram(HOST_CLIENT, 40000, HOST_SERVER, 5000, "one"));
	assert_true(t.segments[0].decided);
	in(echo(HOST_CLIENT, HOST_SERVER, "echo-request", 1));
	out(echo(HOST_CLIENT, HOST_SERVER, "echo-request", 2));
	assert_false(t.segments[3].decided);
}

/* ---- datagrams in pieces ---- */

#define PIECE 16 /* bytes in each but the last */

/* Piece `n` of a datagram of `size` bytes with its header, from 40000 to port 5000. */
static struct packet *piece(uint32_t id, size_t size, size_t n)
{
	unsigned char *whole = arena_alloc(&arena, size);
	struct packet *p = arena_new(&arena, struct packet);
	struct fragment *f = arena_new(&arena, struct fragment);
	static const unsigned char header[] = {40000 >> 8, 40000 & 0xff, 5000 >> 8, 5000 & 0xff};

	memset(whole, 'x', size);
	memcpy(whole, header, sizeof(header));
	whole[4] = 0;
	whole[5] = (unsigned char)size;
	whole[6] = whole[7] = 0;
	f->id = id;
	f->protocol = 17;
	f->offset = n * PIECE;
	f->more = (n + 1) * PIECE < size;
	f->length = f->more ? PIECE : size - f->offset;
	f->bytes = whole + f->offset;
	p->kind = PACKET_OTHER;
	p->source = host_ip(HOST_CLIENT, 4);
	p->target = host_ip(HOST_SERVER, 4);
	p->ip_id = (uint16_t)id;
	p->fragment = f;
	return p;
}

/* Sent with its first piece, as a whole when the last one is seen, there when the last one leaves.
 */
static void test_pieces(void **state)
{
	ns_t first;

	(void)state;
	in(piece(7, 40, 0));
	first = stamp;
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(last()->packet->kind, PACKET_UDP);
	assert_true(last()->packet->partial);
	assert_int_equal(last()->packet->length, 32);
	out(piece(7, 40, 0));
	in(piece(7, 40, 2)); /* in any order */
	assert_true(last()->packet->partial);
	in(piece(7, 40, 1));
	assert_false(last()->packet->partial);
	assert_int_equal(last()->packet->length, 32);
	assert_memory_equal(last()->packet->data, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 32);
	assert_int_equal(last()->sent, first);
	out(piece(7, 40, 1));
	assert_false(last()->decided);
	out(piece(7, 40, 2));
	assert_int_equal(last()->fate, FATE_ARRIVED);
	assert_int_equal(last()->arrived, stamp);
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(t.event_count, 2);
	assert_int_equal(t.pieces_count, 0);
}

/* One that lacks a piece behind the router does not arrive, whatever comes of another. */
static void test_piece_missing(void **state)
{
	(void)state;
	for (size_t n = 0; n < 3; n++)
		in(piece(7, 40, n));
	for (size_t n = 0; n < 3; n++)
		in(piece(8, 40, n));
	out(piece(7, 40, 0));
	out(piece(8, 40, 1));
	out(piece(7, 40, 2));
	assert_false(t.segments[0].decided);
	out(piece(8, 40, 0));
	out(piece(8, 40, 2));
	assert_int_equal(t.segments[1].fate, FATE_ARRIVED);
	timeline_settle(&t, stamp + 1);
	assert_int_equal(t.segments[0].fate, FATE_LOST);
}

/* A fault that took a piece has taken the datagram, and reports it once. */
static void test_piece_reported(void **state)
{
	(void)state;
	in(piece(7, 40, 0));
	victim(piece(7, 40, 0), HOST_ROUTER, true);
	assert_int_equal(last()->fate, FATE_REJECTED);
	in(piece(7, 40, 1));
	victim(piece(7, 40, 1), HOST_ROUTER, true);
	in(piece(7, 40, 2));
	assert_false(timeline_unsettled(&t));
	assert_int_equal(t.segment_count, 1);
	/* A report that comes before the capture's sight of it. */
	stamp += NS_PER_MS;
	victim(piece(8, 40, 1), HOST_ROUTER, false);
	stamp -= NS_PER_MS;
	in(piece(8, 40, 0));
	in(piece(8, 40, 1));
	in(piece(8, 40, 2));
	assert_int_equal(last()->fate, FATE_LOST);
	/* A report of a datagram that is never seen is ignored. */
	victim(piece(9, 40, 1), HOST_ROUTER, false);
	timeline_settle(&t, now() + NS_PER_S);
	assert_int_equal(t.segment_count, 2);
	assert_false(timeline_unsettled(&t));
}

/* An error may quote any piece. */
static void test_piece_quoted(void **state)
{
	(void)state;
	in(piece(7, 40, 0));
	out(error_about(piece(7, 40, 1)));
	assert_int_equal(last()->connection, t.segments[0].connection);
	assert_int_equal(t.segments[0].fate, FATE_LOST);
}

/* ---- properties ---- */

static void assert_consistent(void)
{
	int order = 0;

	for (size_t i = 0; i < t.event_count; i++) {
		const struct event *e = &t.events[i];
		const struct segment *s;

		assert_true(e->order > order);
		order = e->order;
		assert_true(e->from <= e->to);
		assert_true(e->segment >= 0 && e->segment < (int)t.segment_count);
		s = &t.segments[e->segment];
		assert_true(e->from >= s->sent);
		if (e->kind == EVENT_SENT)
			assert_int_equal(s->sent_order, e->order);
		else
			assert_true(e->order > s->sent_order);
		if (e->kind == EVENT_ARRIVED)
			assert_int_equal(s->arrived_order, e->order);
	}
	assert_int_equal(order, t.last_order);
	for (size_t i = 0; i < t.segment_count; i++) {
		const struct segment *s = &t.segments[i];

		assert_int_equal(s->id, i);
		assert_true(s->sent_order > 0);
		if (s->decided && s->fate == FATE_ARRIVED)
			assert_true(s->arrived_order > s->sent_order && s->arrived >= s->sent);
		if (s->fate == FATE_LOST || s->fate == FATE_REJECTED)
			assert_true(s->decided && s->lost_at != HOST_NONE);
		if (s->packet->kind == PACKET_TCP)
			assert_true(s->connection >= 0 && (s->end == 0 || s->end == 1));
	}
}

static struct packet *any_packet(void)
{
	static const uint8_t flags[] = {S, S | A, A, A | P, F | A, R, R | A};
	uint8_t f = flags[random() % 7];
	uint32_t seq = (uint32_t)(random() % 4), ack = (uint32_t)(random() % 4);
	struct packet *p = random() % 2 ? from_client(f, seq, ack) : from_server(f, seq, ack);

	p->source_port ^= random() % 2;
	return p;
}

static void test_any_order(void **state)
{
	struct packet *recent[8];

	(void)state;
	srandom(7);
	for (int i = 0; i < 8; i++)
		recent[i] = any_packet();
	for (int i = 0; i < 4000; i++) {
		struct packet **p = &recent[random() % 8];
		static const enum host hosts[] = {HOST_CLIENT, HOST_ROUTER, HOST_SERVER};

		switch (random() % 7) {
		case 0:
		case 1:
			*p = any_packet();
			in(*p);
			break;
		case 2:
		case 3:
			out(*p);
			break;
		case 4:
			victim(*p, hosts[random() % 3], random() % 2);
			break;
		case 5:
			out(error_about(*p));
			break;
		default:
			timeline_settle(&t, stamp - random() % (20 * NS_PER_US));
		}
	}
	assert_consistent();
	timeline_settle(&t, stamp + 1);
	assert_false(timeline_unsettled(&t));
	assert_consistent();
	for (size_t i = 0; i < t.segment_count; i++)
		assert_true(t.segments[i].decided);
}

/* ---- forged ---- */

static const struct segment *forge(int connection, int end, const struct packet *p)
{
	const struct forging f = {.packet = p, .connection = connection, .end = end, .line = 7};

	timeline_forging(&t, &f);
	out(p);
	return last();
}

/* It is its connection's, and arrives at once. */
static void test_forged(void **state)
{
	const struct segment *s;

	(void)state;
	handshake();
	s = forge(0, 1, from_server(R, 2, 0));
	assert_true(s->forged);
	assert_int_equal(t.events[s->sent_order - 1].line, 7);
	assert_int_equal(s->from, HOST_SERVER);
	assert_int_equal(s->to, HOST_CLIENT);
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->end, 1);
	assert_int_equal(s->seq, 2);
	assert_true(s->decided);
	assert_int_equal(s->fate, FATE_ARRIVED);
	assert_true(s->arrived_order > s->sent_order);
	assert_int_equal(t.events[t.event_count - 2].line, 7);
	assert_int_equal(last_event()->kind, EVENT_ARRIVED);
	assert_int_equal(last_event()->host, HOST_CLIENT);
	assert_false(timeline_unsettled(&t));
	/* Only once: the next one like it is the router's. */
	out(from_server(R, 2, 0));
	assert_false(last()->forged);
	assert_int_equal(last()->from, HOST_ROUTER);
	/* A report of the receiver's firewall finds it. */
	s = forge(0, 1, from_server(R, 3, 0));
	victim(s->packet, HOST_CLIENT, false);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->lost_at, HOST_CLIENT);
}

/* A SYN in a connection that stands begins nothing, and changes nothing. */
/*
 * An error of our own is that of its connection, from whoever it names; it says nothing about the
 * fate of what it quotes.
 */
static void test_forged_error(void **state)
{
	const struct segment *s;
	struct packet *sent = from_client(P | A, 1, 1), *error = error_about(sent);
	int id;

	(void)state;
	handshake();
	in(sent);
	id = last()->id;
	error->source = host_ip(HOST_GHOST, 4);
	error->quoted->seq += 4;
	s = forge(0, 0, error);
	assert_true(s->forged);
	assert_int_equal(s->from, HOST_GHOST);
	assert_int_equal(s->to, HOST_CLIENT);
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->end, 0);
	assert_int_equal(s->seq, 5);
	error->quoted->seq -= 4;
	s = forge(0, 0, error);
	assert_int_equal(s->seq, 1);
	assert_false(t.segments[id].decided);
}

static void test_forged_blind_syn(void **state)
{
	const struct segment *s;

	(void)state;
	handshake();
	s = forge(0, 0, from_client(S, 5000, 0));
	assert_int_equal(s->connection, 0);
	assert_int_equal(s->seq, 5000);
	assert_int_equal(t.connection_count, 1);
	through(from_server(A, 1, 1));
	assert_int_equal(last()->ack, 1);
	assert_int_equal(direction_next(&t, 0, 0), 1);
}

/* A second incarnation under the same name: its numbers are its own. */
static void test_forged_again(void **state)
{
	const uint32_t other_isn = SERVER_ISN + 65539;
	struct packet *syn = from_client(S, 1000, 0), *answer = from_server(S | A, 65539, 1001);
	struct ip server = host_ip(HOST_SERVER, 4);

	(void)state;
	syn->options.has_ts = syn->options.has_wscale = true;
	syn->options.wscale = 3;
	answer->options.has_wscale = true;
	for (int ended = 0; ended < 2; ended++) { /* or nobody has seen that */
		timeline_connecting(&t, "c", HOST_CLIENT, &server, 8080);
		handshake();
		if (ended) {
			through(from_server(F | A, 1, 1));
			through(from_client(F | A, 1, 2));
			through(from_server(A, 2, 2));
		}
		syn->options.ts_value = wire_time(&t, 0, 0, true, 50);
		assert_int_equal(forge(0, 0, syn)->seq, 1000); /* as its line says */
		assert_int_equal(last()->connection, 0);
		assert_int_equal(t.connection_count, 1);
		through(answer);
		assert_int_equal(t.connection_count, 2);
		assert_int_equal(last()->connection, 1);
		assert_int_equal(last()->seq, 0);
		assert_int_equal(last()->ack, 1);
		assert_int_equal(timeline_find(&t, "c"), 1);
		assert_string_equal(t.connections[1].names[0], "c");
		assert_int_equal(connection_end(&t.connections[1], HOST_CLIENT), 0);
		/* What the forger would say next */
		assert_int_equal(direction_next(&t, 1, 0), 1);
		assert_int_equal(direction_next(&t, 1, 1), 1);
		assert_int_equal(wire_seq(&t, 1, 0, false, 1), CLIENT_ISN + 1001);
		assert_int_equal(wire_seq(&t, 1, 1, false, 1), other_isn + 1);
		assert_int_equal(wire_time(&t, 1, 0, false, 51), syn->options.ts_value + 1);
		assert_int_equal(wire_window(&t, 1, 0, false, 800), 100);
		assert_int_equal(direction_newest(&t, 1, 0)->window, 1000);
		assert_int_equal(direction_newest(&t, 1, 0)->ts_value, 50);
		/* The answer again; and an old segment. */
		through(answer);
		assert_int_equal(last()->connection, 1);
		through(from_server(A, 2, 2));
		assert_int_equal(last()->connection, 0);
		assert_int_equal(last()->seq, 2);
		assert_int_equal(t.connection_count, 2);
		fresh_timeline();
	}
}

/* The same SYN again: by a listener that has forgotten an incarnation, or only that it was asked.
 */
static void test_forged_repeated(void **state)
{
	struct ip ghost = host_ip(HOST_GHOST, 4), server = host_ip(HOST_SERVER, 4);

	(void)state;
	for (int64_t first = 0; first <= 9; first += 9)
		for (int acked = 0; acked < 2; acked++) {
			struct packet *syn;
			int c;

			fresh_timeline();
			c = timeline_begin(&t, "g", &ghost, 20000, &server, 8080);
			syn = segment_from(HOST_GHOST, 20000, HOST_SERVER, 8080, S,
					   wire_seq(&t, c, 0, true, first), 0);
			forge(c, 0, syn);
			in(segment_from(HOST_SERVER, 8080, HOST_GHOST, 20000, S | A, SERVER_ISN,
					syn->seq + 1));
			if (acked)
				forge(c, 0,
				      segment_from(HOST_GHOST, 20000, HOST_SERVER, 8080, A,
						   syn->seq + 1, SERVER_ISN + 1));
			forge(c, 0, syn);
			in(segment_from(HOST_SERVER, 8080, HOST_GHOST, 20000, S | A, 77777,
					syn->seq + 1));
			assert_int_equal(last()->seq, 0);
			assert_int_equal(last()->ack, acked ? 1 : first + 1);
			assert_int_equal(t.connection_count, acked ? 2 : 1);
		}
}

/* It begins a connection: numbers count from ours, whatever the SYN itself says. */
static void test_forged_beginning(void **state)
{
	struct ip ghost = host_ip(HOST_GHOST, 4), server = host_ip(HOST_SERVER, 4);
	const struct segment *s;
	uint32_t isn;
	int c;

	(void)state;
	c = timeline_begin(&t, "g", &ghost, 20000, &server, 8080);
	assert_int_equal(timeline_find(&t, "g"), c);
	isn = wire_seq(&t, c, 0, true, 0);
	assert_int_equal(wire_seq(&t, c, 0, false, 9), 9); /* raw, as long as there is no SYN */
	assert_int_equal(wire_seq(&t, c, 0, true, 9), isn + 9);
	assert_int_not_equal(wire_seq(&t, c, 1, true, 0), isn);
	s = forge(c, 0, segment_from(HOST_GHOST, 20000, HOST_SERVER, 8080, S, isn + 9, 0));
	assert_int_equal(s->seq, 9);
	assert_int_equal(s->from, HOST_GHOST);
	assert_int_equal(t.connections[c].end[0].isn, isn);
	in(segment_from(HOST_SERVER, 8080, HOST_GHOST, 20000, S | A, SERVER_ISN, isn + 10));
	assert_int_equal(last()->connection, c);
	assert_int_equal(last()->ack, 10);
	assert_int_equal(last()->seq, 0);
	assert_int_equal(wire_seq(&t, c, 1, true, 1), SERVER_ISN + 1);
	assert_int_equal(t.connection_count, 1);
}

/* Time stamps: the first one is what it says, so that the next one can be said, too. */
static void test_forged_time(void **state)
{
	struct packet *p;

	(void)state;
	handshake();
	p = from_server(A, 1, 1);
	p->options.has_ts = true;
	p->options.ts_value = wire_time(&t, 0, 1, true, 100);
	p->options.ts_echo = wire_time(&t, 0, 0, false, 0);
	assert_int_equal(p->options.ts_echo, 0);
	assert_int_equal(forge(0, 1, p)->ts_value, 100);
	assert_int_equal(wire_time(&t, 0, 1, false, 100), p->options.ts_value);
}

static void test_what_comes_next(void **state)
{
	struct packet *data = from_client(P | A, 1, 1);

	(void)state;
	in(from_client(S, 0, 0));
	assert_int_equal(direction_next(&t, 0, 0), 1);
	assert_int_equal(direction_next(&t, 0, 1), 0);
	assert_null(direction_newest(&t, 0, 1));
	fresh_timeline();
	handshake();
	data->length = 10;
	in(data); /* lost or not */
	assert_int_equal(direction_next(&t, 0, 0), 11);
	data = from_client(P | A, 11, 1);
	data->length = 5;
	forge(0, 0, data);
	assert_int_equal(direction_next(&t, 0, 0), 16);
	data = from_client(P | A, 100, 1); /* leaves a hole */
	data->length = 5;
	forge(0, 0, data);
	forge(0, 0, from_client(R, 16, 0));
	forge(0, 0, from_client(S, 3, 0));
	assert_int_equal(direction_next(&t, 0, 0), 16);
	forge(0, 0, from_client(R, 16, 0));
	assert_int_equal(direction_newest(&t, 0, 0)->seq, 3);
	through(from_client(F | A, 16, 1));
	assert_int_equal(direction_next(&t, 0, 0), 17);
	assert_int_equal(direction_next(&t, 0, 1), 1);
}

static void test_wire_window(void **state)
{
	struct packet *syn = from_client(S, 0, 0), *answer = from_server(S | A, 0, 1);

	(void)state;
	syn->options.has_wscale = answer->options.has_wscale = true;
	answer->options.wscale = 7;
	through(syn);
	assert_int_equal(wire_window(&t, 0, 1, false, 1280), 1280);
	through(answer);
	assert_int_equal(wire_window(&t, 0, 1, false, 1280), 10);
	assert_int_equal(wire_window(&t, 0, 0, false, 1280), 1280);
	assert_int_equal(wire_window(&t, 0, 1, true, 1280), 1280);
}

/* ---- held, delayed, duplicated, corrupted ---- */

static void taken(const struct packet *p, enum fate fate)
{
	struct packet *copy = arena_new(&arena, struct packet);

	*copy = *p;
	timeline_taken(&t, copy, stamp, fate, 5, 9);
}

static void test_held(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	for (int early = 0; early < 2; early++) {
		fresh_timeline();
		if (early)
			stamp += NS_PER_US, taken(p, FATE_HELD), stamp -= NS_PER_US;
		in(p);
		if (!early)
			taken(p, FATE_HELD);
		assert_int_equal(t.taken_count, 1);
		assert_int_equal(t.taken[0].segment, 0);
		assert_int_equal(t.taken[0].fault, 5);
		assert_int_equal(segment_fate(last()), FATE_HELD);
		assert_true(last()->decided);
		assert_int_equal(last_event()->kind, EVENT_HELD);
		timeline_settle(&t, stamp + NS_PER_S);
		assert_int_equal(segment_fate(last()), FATE_HELD);
		assert_int_equal(last()->arrived_order, 0);
		timeline_release(&t, 0);
		out(p);
		assert_int_equal(t.segment_count, 1);
		assert_true(last()->arrived_order > last()->sent_order);
		assert_int_equal(last()->fate, FATE_ARRIVED);
		assert_int_equal(segment_fate(last()), FATE_HELD);
		/* A similar packet that follows is another one. */
		through(p);
		assert_int_equal(t.segment_count, 2);
		assert_int_equal(segment_fate(last()), FATE_ARRIVED);
	}
}

static void test_delayed(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	in(p);
	taken(p, FATE_ARRIVED);
	assert_false(last()->decided);
	assert_true(timeline_unsettled(&t));
	timeline_settle(&t, stamp + NS_PER_S); /* it has not vanished */
	assert_false(last()->decided);
	timeline_release(&t, 0);
	out(p);
	assert_true(last()->decided);
	assert_int_equal(segment_fate(last()), FATE_ARRIVED);
	assert_false(timeline_unsettled(&t));
}

static void test_doubled(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	for (int late = 0; late < 2; late++) {
		fresh_timeline();
		in(p);
		if (!late)
			taken(p, FATE_TWICE);
		out(p);
		if (late)
			taken(p, FATE_TWICE);
		assert_false(last()->decided);
		assert_true(timeline_unsettled(&t));
		out(p);
		assert_int_equal(t.segment_count, 1);
		assert_true(last()->decided);
		assert_int_equal(last()->fate, FATE_TWICE);
		assert_int_equal(last()->arrived_order, t.events[1].order);
		assert_int_equal(last_event()->kind, EVENT_ARRIVED);
		assert_int_equal(t.event_count, 3);
	}
}

static void test_spoiled(void **state)
{
	struct packet *p = from_client(S, 0, 0);

	(void)state;
	in(p);
	taken(p, FATE_CORRUPT);
	assert_true(last()->decided);
	assert_int_equal(last()->fate, FATE_CORRUPT);
	timeline_release(&t, 0);
	out(p);
	assert_int_equal(t.segment_count, 1);
	assert_int_equal(last()->fate, FATE_CORRUPT);
	assert_true(last()->arrived_order);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ---- segments that merely pass ---- */

/* Bytes from the kept data of a packet: TCP without options, no checksum. */
static struct packet *with_bytes(struct packet *p, uint32_t length)
{
	unsigned char *b = arena_alloc(&arena, 40);

	b[0] = 0x45;
	b[2] = (unsigned char)((40 + length) >> 8);
	b[3] = (unsigned char)(40 + length);
	b[8] = p->ttl;
	b[9] = 6;
	memcpy(b + 12, p->source.bytes, 4);
	memcpy(b + 16, p->target.bytes, 4);
	b[20] = (unsigned char)(p->source_port >> 8);
	b[21] = (unsigned char)p->source_port;
	b[22] = (unsigned char)(p->target_port >> 8);
	b[23] = (unsigned char)p->target_port;
	for (int i = 0; i < 4; i++) {
		b[24 + i] = (unsigned char)(p->seq >> (24 - 8 * i));
		b[28 + i] = (unsigned char)(p->ack >> (24 - 8 * i));
	}
	b[32] = 0x50;
	b[33] = p->flags;
	b[34] = (unsigned char)(p->window >> 8);
	b[35] = (unsigned char)p->window;
	p->bytes = b;
	p->size = 40;
	p->length = length;
	return p;
}

static bool passes(const struct packet *p, bool in)
{
	enum host link = host_of_ip(in ? &p->source : &p->target);

	stamp += NS_PER_US;
	return timeline_passes(&t, p, stamp, link, in);
}

static void test_passes(void **state)
{
	size_t events;

	(void)state;
	t.headers = true;
	handshake();
	events = t.event_count;
	assert_int_equal(t.segment_count, 3); /* the handshake is told, its ACK, too */
	for (uint32_t i = 0; i < 1000; i++) {
		struct packet *p = with_bytes(from_client(A, 1 + 1000 * i, 1), 1000);
		struct packet *ack = with_bytes(from_server(A, 1, 1001 + 1000 * i), 0);

		assert_true(passes(p, true));
		assert_true(timeline_unsettled(&t));
		assert_true(passes(p, false));
		assert_true(passes(ack, true));
		assert_true(passes(ack, false));
	}
	assert_false(timeline_unsettled(&t));
	assert_int_equal(t.event_count, events);
	assert_int_equal(t.passed, 2000);
}

static void test_does_not_pass(void **state)
{
	struct packet *p;

	(void)state;
	t.headers = true;
	handshake();
	assert_true(passes(with_bytes(from_client(A, 1, 1), 1000), true));
	assert_false(passes(with_bytes(from_client(A, 1, 1), 1000), true));	/* again */
	assert_false(passes(with_bytes(from_client(A | F, 1001, 1), 0), true)); /* the end */
	assert_false(passes(with_bytes(from_client(A | R, 1001, 1), 0), true));
	p = with_bytes(from_server(A, 1, 1001), 0);
	p->window = 0;
	assert_false(passes(p, true)); /* a closed window */
	assert_true(passes(with_bytes(from_server(A, 1, 1001), 0), true));
	assert_false(passes(with_bytes(from_server(A, 1, 1001), 0), true)); /* the same again */
	assert_false(passes(with_bytes(from_server(A, 1, 1002), 0), true)); /* of a FIN */
}

/* Reordered segments are not sent again; repeated ones are reported. */
static void test_passes_in_another_order(void **state)
{
	static const uint32_t order[] = {0, 2, 3, 1, 6, 5, 4};

	(void)state;
	t.headers = true;
	handshake();
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct packet *p = with_bytes(from_client(A, 1 + 1000 * order[i], 1), 1000);

		assert_true(passes(p, true));
		assert_true(passes(p, false));
	}
	for (uint32_t i = 0; i < 7; i++)
		assert_false(passes(with_bytes(from_client(A, 1 + 1000 * i, 1), 1000), true));
}

/* A loss is placed where the packet entered, although it is known later. */
static void test_revealed_in_its_place(void **state)
{
	struct packet *lost, *next, *second;
	int order;

	(void)state;
	t.headers = true;
	handshake();
	order = t.last_order;
	lost = with_bytes(from_client(A, 1, 1), 1000);
	next = with_bytes(from_client(A, 1001, 1), 1000);
	second = with_bytes(from_server(A, 1, 1), 0);
	assert_true(passes(lost, true));
	assert_true(passes(next, true));
	assert_true(passes(next, false));
	through(second); /* the ACK of the same, which is told */
	assert_int_equal(t.last_order, order + 2);
	victim(lost, HOST_ROUTER, false);
	assert_int_equal(t.segment_count, 5);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_int_equal(last()->seq, 1);
	assert_int_equal(last()->packet->length, 1000);
	assert_int_equal(last()->sent_order, order + 1);
	assert_int_equal(t.segments[3].sent_order, order + 2);
	assert_int_equal(t.segments[3].arrived_order, order + 3);
	assert_int_equal(last_event()->kind, EVENT_LOST);
	for (size_t i = 0; i < t.event_count; i++)
		assert_int_equal(t.events[i].order, (int)i + 1);
	assert_false(timeline_unsettled(&t));
}

/* A segment that vanishes, or is quoted in an error, is reported, too. */
static void test_vanishes_in_passing(void **state)
{
	struct packet *p;

	(void)state;
	t.headers = true;
	handshake();
	assert_true(passes(with_bytes(from_client(A, 1, 1), 1000), true));
	timeline_settle(&t, stamp + 5);
	assert_int_equal(last()->fate, FATE_LOST);
	assert_string_equal(last_event()->note, "vanished");
	p = with_bytes(from_client(A, 1001, 1), 1000);
	assert_true(passes(p, true));
	out(error_about(p));
	assert_int_equal(t.segments[t.segment_count - 2].fate, FATE_LOST);
	assert_int_equal(t.segments[t.segment_count - 2].seq, 1001);
	assert_false(timeline_unsettled(&t));
}

/*
 * The engine's delay in reading is measured by new events: not by a segment that entered long ago
 * and is inserted only now, nor by the event that was last before.
 */
static void test_longest_waiting(void **state)
{
	struct packet *p;
	size_t seen, told_late;

	(void)state;
	t.headers = true;
	handshake();
	p = with_bytes(from_client(A, 1, 1), 1000);
	assert_true(passes(p, true));
	through(from_server(F | A, 1, 1));
	seen = t.event_count;
	told_late = t.told_late;
	stamp += 150 * NS_PER_MS;
	out(error_about(p));
	/* The event of that number was there before. */
	assert_true(t.events[seen].to < stamp - 100 * NS_PER_MS);
	assert_int_equal(timeline_longest_waiting(&t, seen, told_late)->to, stamp);
	/* If nothing is inserted late it is the first of the new ones. */
	seen = t.event_count;
	told_late = t.told_late;
	in(from_server(R, 2, 0));
	assert_ptr_equal(timeline_longest_waiting(&t, seen, told_late), &t.events[seen]);
}

/* Silence is no place to pass by. */
static void test_passes_no_silence(void **state)
{
	struct packet *early, *late;

	(void)state;
	t.headers = true;
	handshake();
	early = with_bytes(from_client(A, 1, 1), 1000);
	late = with_bytes(from_client(A, 1001, 1), 1000);
	assert_true(passes(early, true));
	assert_int_equal(t.passed_at, stamp);
	assert_true(passes(early, false));
	assert_int_equal(t.passed_at, stamp);
	t.silent_until = stamp + NS_PER_US;
	assert_false(passes(late, true)); /* it was in there */
	in(late);
	stamp -= NS_PER_US;
	assert_int_equal(t.passed_at, stamp - NS_PER_US);
	assert_false(passes(late, false));
	out(late);
	assert_int_equal(segment_fate(last()), FATE_ARRIVED);
	assert_false(timeline_unsettled(&t));
	assert_true(passes(with_bytes(from_client(A, 2001, 1), 1000), true));
}

/* A segment on the time line arrives there, even if a later one, which looks new, has passed. */
static void test_told_to_the_end(void **state)
{
	struct packet *kept, *next, *data;

	(void)state;
	for (int by_error = 0; by_error < 2; by_error++) {
		fresh_timeline();
		t.headers = true;
		handshake();
		data = with_bytes(from_client(A, 1, 1), 1000);
		kept = with_bytes(from_server(A, 1, 501), 0);
		next = with_bytes(from_server(A, 1, 1001), 0);
		assert_true(passes(data, true));
		assert_true(passes(data, false));
		assert_true(passes(kept, true));
		assert_true(passes(next, true));
		if (by_error) {
			out(error_about(with_bytes(from_client(A, 9001, 1), 10)));
		} else {
			taken(kept, FATE_ARRIVED);
			timeline_release(&t, (int)t.segment_count - 1);
			assert_true(passes(next, false));
		}
		assert_false(passes(kept, false));
		out(kept);
		if (by_error) {
			assert_false(passes(next, false));
			out(next);
		}
		for (size_t i = 3; i < t.segment_count; i++) {
			assert_int_equal(segment_fate(&t.segments[i]), FATE_ARRIVED);
			assert_int_not_equal(t.segments[i].arrived_order, 0);
		}
		assert_false(timeline_unsettled(&t));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_passes),
	    TEST(test_told_to_the_end),
	    TEST(test_passes_no_silence),
	    TEST(test_does_not_pass),
	    TEST(test_passes_in_another_order),
	    TEST(test_revealed_in_its_place),
	    TEST(test_vanishes_in_passing),
	    TEST(test_longest_waiting),
	    TEST(test_crosses),
	    TEST(test_pairs_the_oldest),
	    TEST(test_not_back),
	    TEST(test_error_and_two_reports),
	    TEST(test_router_makes),
	    TEST(test_error_decides),
	    TEST(test_error_without_flags),
	    TEST(test_error_of_an_end),
	    TEST(test_victim_after),
	    TEST(test_victim_before),
	    TEST(test_victim_cut_stamp),
	    TEST(test_victim_of_two),
	    TEST(test_victim_at_receiver),
	    TEST(test_victim_at_sender),
	    TEST(test_victim_of_router),
	    TEST(test_settle),
	    TEST(test_settle_report),
	    TEST(test_to_the_router),
	    TEST(test_housekeeping),
	    TEST(test_handshake_numbers),
	    TEST(test_window_needs_both),
	    TEST(test_refusal),
	    TEST(test_stranger),
	    TEST(test_incarnations),
	    TEST(test_refused_again),
	    TEST(test_simultaneous_open),
	    TEST(test_second_syn_ack),
	    TEST(test_reset_from_nowhere),
	    TEST(test_names),
	    TEST(test_refused),
	    TEST(test_accepted_early),
	    TEST(test_names_in_turn),
	    TEST(test_name_of_another),
	    TEST(test_flows),
	    TEST(test_flow_of_an_earlier_call),
	    TEST(test_flow_of_an_error),
	    TEST(test_flow_of_an_echo),
	    TEST(test_datagrams_that_differ),
	    TEST(test_forged),
	    TEST(test_forged_error),
	    TEST(test_forged_blind_syn),
	    TEST(test_forged_again),
	    TEST(test_forged_repeated),
	    TEST(test_forged_beginning),
	    TEST(test_forged_time),
	    TEST(test_what_comes_next),
	    TEST(test_wire_window),
	    TEST(test_pieces),
	    TEST(test_piece_missing),
	    TEST(test_piece_reported),
	    TEST(test_piece_quoted),
	    TEST(test_held),
	    TEST(test_delayed),
	    TEST(test_doubled),
	    TEST(test_spoiled),
	    TEST(test_any_order),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
