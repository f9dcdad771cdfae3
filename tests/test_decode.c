/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decoder against packets whose bytes are known: every field of the good ones, and the bad ones
 * (cut off anywhere, with wrong lengths) for their kind and, under a sanitizer, for reads beyond
 * them. And the encoder against the decoder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <net/ethernet.h>

#include "harness/base/array.h"
#include "harness/packet/encode.h"
#include "harness/packet/ip_fields.h"
#include "tests/packet_bytes.h"

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static uint16_t type_of(const unsigned char *bytes)
{
	if (bytes[0] == 0)
		return ETHERTYPE_ARP;
	return bytes[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
}

/* Decode the first `captured` bytes, from memory that ends there. */
static struct packet *decode_part(const unsigned char *bytes, size_t captured, uint16_t ethertype)
{
	unsigned char *part = malloc(captured ? captured : 1);
	struct packet *p;

	assert_non_null(part);
	memcpy(part, bytes, captured);
	p = packet_decode(&arena, ethertype, part, captured);
	free(part);
	return p;
}

static struct packet *decode(const char *hex)
{
	size_t size;
	unsigned char *bytes = unhex(hex, &size);
	struct packet *p;

	assert_non_null(bytes);
	p = decode_part(bytes, size, type_of(bytes));
	free(bytes);
	return p;
}

/* Decode with the bytes at `at` replaced. */
static struct packet *decode_changed(const char *hex, size_t at, const char *change)
{
	char *copy = strdup(hex);
	struct packet *p;

	assert_non_null(copy);
	memcpy(copy + 2 * at, change, strlen(change));
	p = decode(copy);
	free(copy);
	return p;
}

static void assert_path(const struct packet *p, enum host source, enum host target, int family)
{
	struct ip from = host_ip(source, family), to = host_ip(target, family);

	assert_true(ip_equal(&p->source, &from));
	assert_true(ip_equal(&p->target, &to));
}

static void test_syn(void **state)
{
	const struct packet *p = decode(SYN4);

	(void)state;
	assert_int_equal(p->kind, PACKET_TCP);
	assert_path(p, HOST_CLIENT, HOST_SERVER, 4);
	assert_int_equal(p->source_port, 40000);
	assert_int_equal(p->target_port, 8080);
	assert_int_equal(p->ttl, 64);
	assert_int_equal(p->ip_id, 0x1234);
	assert_int_equal(p->flags, FLAG_SYN);
	assert_int_equal(p->seq, 1000);
	assert_int_equal(p->ack, 0);
	assert_int_equal(p->window, 64240);
	assert_int_equal(p->length, 0);
	assert_non_null(p->data);
	assert_false(p->bad_checksum);
	assert_true(p->options.has_mss);
	assert_int_equal(p->options.mss, 1460);
	assert_true(p->options.sack_ok);
	assert_true(p->options.has_ts);
	assert_int_equal(p->options.ts_value, 100);
	assert_int_equal(p->options.ts_echo, 0);
	assert_true(p->options.has_wscale);
	assert_int_equal(p->options.wscale, 10);
	assert_true(p->options.has_tfo);
	assert_int_equal(p->options.tfo_length, 8);
	assert_false(p->options.has_md5);
	assert_int_equal(p->options.sack_count, 0);
	assert_int_equal(packet_space(p), 1);
}

static void test_syn_ipv6(void **state)
{
	const struct packet *p = decode(SYN6);

	(void)state;
	assert_int_equal(p->kind, PACKET_TCP);
	assert_path(p, HOST_CLIENT, HOST_SERVER, 6);
	assert_int_equal(p->seq, 1000);
	assert_int_equal(p->ttl, 64);
	assert_int_equal(p->ip_id, 0);
	assert_int_equal(p->options.mss, 1440);
	assert_int_equal(p->options.wscale, 10);
	assert_false(p->options.has_tfo);
	assert_false(p->bad_checksum);
}

static void test_syn_ack(void **state)
{
	const struct packet *p = decode(SYNACK4);

	(void)state;
	assert_path(p, HOST_SERVER, HOST_CLIENT, 4);
	assert_int_equal(p->flags, FLAG_SYN | FLAG_ACK);
	assert_int_equal(p->seq, 5000);
	assert_int_equal(p->ack, 1001);
	assert_int_equal(p->options.ts_value, 200);
	assert_int_equal(p->options.ts_echo, 100);
	assert_int_equal(p->options.wscale, 7);
}

static void test_data(void **state)
{
	const struct packet *p = decode(DATA4);

	(void)state;
	assert_int_equal(p->flags, FLAG_PSH | FLAG_ACK);
	assert_int_equal(p->length, 5);
	assert_memory_equal(p->data, "hello", 5);
	assert_int_equal(packet_space(p), 5);
	assert_true(p->options.has_ts);
	assert_false(p->bad_checksum);
}

static void test_sack(void **state)
{
	const struct packet *p = decode(SACK6);

	(void)state;
	assert_int_equal(p->options.sack_count, 3);
	assert_int_equal(p->options.sack[0][0], 2001);
	assert_int_equal(p->options.sack[0][1], 3001);
	assert_int_equal(p->options.sack[2][0], 6001);
	assert_int_equal(p->options.sack[2][1], 7001);
	assert_false(p->bad_checksum);
}

static void test_reset(void **state)
{
	const struct packet *p = decode(RST4);

	(void)state;
	assert_int_equal(p->kind, PACKET_TCP);
	assert_int_equal(p->flags, FLAG_RST | FLAG_ACK);
	assert_int_equal(p->seq, 0);
	assert_int_equal(p->ack, 1001);
	assert_int_equal(p->window, 0);
	assert_int_equal(packet_space(p), 0);
}

static void test_urgent(void **state)
{
	const struct packet *p = decode(URGENT4);

	(void)state;
	assert_int_equal(p->flags, FLAG_PSH | FLAG_ACK | FLAG_URG);
	assert_int_equal(p->urgent, 1);
	assert_int_equal(p->length, 1);
	assert_memory_equal(p->data, "X", 1);
}

static void test_unreachable(void **state)
{
	const struct packet *p = decode(UNREACH4);

	(void)state;
	assert_int_equal(p->kind, PACKET_ICMP);
	assert_path(p, HOST_ROUTER, HOST_CLIENT, 4);
	assert_string_equal(p->icmp_word, "host-unreachable");
	assert_int_equal(p->icmp_type, 3);
	assert_int_equal(p->icmp_code, 1);
	assert_int_equal(p->icmp_mtu, 0);
	assert_false(p->bad_checksum);
	assert_non_null(p->quoted);
	assert_int_equal(p->quoted->kind, PACKET_TCP);
	assert_path(p->quoted, HOST_CLIENT, HOST_SERVER, 4);
	assert_int_equal(p->quoted->source_port, 40000);
	assert_int_equal(p->quoted->flags, FLAG_SYN);
	assert_int_equal(p->quoted->seq, 1000);
	assert_int_equal(p->quoted->ip_id, 0x1234);
	assert_int_equal(p->quoted->options.ts_value, 100);
	assert_false(p->quoted->bad_checksum);
}

/* A message without a name goes by its numbers: an error quotes a packet, any other is of no kind.
 */
static void test_icmp_without_a_name(void **state)
{
	static const struct {
		const char *hex;
		size_t at; /* of the type */
		const char *change;
		enum packet_kind kind;
		const char *word;
	} rows[] = {
	    {UNREACH4, 20, "0307", PACKET_ICMP, "3/7"},
	    {UNREACH4, 20, "0c00", PACKET_ICMP, "12/0"},
	    {UNREACH4, 20, "0d00", PACKET_OTHER, "13/0"},
	    {UNREACH4, 20, "ffff", PACKET_OTHER, "255/255"},
	    {UNREACH6, 40, "0106", PACKET_ICMP, "1/6"},
	    {UNREACH6, 40, "7f00", PACKET_ICMP, "127/0"},
	    {UNREACH6, 40, "8f00", PACKET_OTHER, "143/0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct packet *p = decode_changed(rows[i].hex, rows[i].at, rows[i].change);

		assert_int_equal(p->kind, rows[i].kind);
		assert_string_equal(p->icmp_word, rows[i].word);
		assert_int_equal(p->quoted != NULL, rows[i].kind == PACKET_ICMP);
	}
}

static void test_quoted_eight_bytes(void **state)
{
	const struct packet *p = decode(UNREACH4_SHORT);

	(void)state;
	assert_int_equal(p->kind, PACKET_ICMP);
	assert_int_equal(p->quoted->kind, PACKET_TCP);
	assert_int_equal(p->quoted->source_port, 40000);
	assert_int_equal(p->quoted->target_port, 8080);
	assert_int_equal(p->quoted->seq, 1000);
	assert_int_equal(p->quoted->flags, 0);
}

static void test_frag_needed(void **state)
{
	const struct packet *p = decode(FRAG_NEEDED4);

	(void)state;
	assert_string_equal(p->icmp_word, "frag-needed");
	assert_int_equal(p->icmp_mtu, 1300);
	/* The quotation is cut off; the length is what its IP header says. */
	assert_int_equal(p->quoted->length, 1448);
	assert_null(p->quoted->data);
	assert_int_equal(p->quoted->seq, 1458);
}

static void test_icmpv6(void **state)
{
	const struct packet *p = decode(UNREACH6);

	(void)state;
	assert_int_equal(p->kind, PACKET_ICMP);
	assert_string_equal(p->icmp_word, "host-unreachable");
	assert_false(p->bad_checksum);
	assert_path(p->quoted, HOST_CLIENT, HOST_SERVER, 6);
	assert_int_equal(p->quoted->seq, 1000);

	p = decode(TOO_BIG6);
	assert_string_equal(p->icmp_word, "frag-needed");
	assert_int_equal(p->icmp_mtu, 1300);
}

static void test_neighbour_requests(void **state)
{
	const struct packet *p = decode(ARP_REQUEST);

	(void)state;
	assert_int_equal(p->kind, PACKET_ARP);
	assert_path(p, HOST_CLIENT, HOST_NOBODY, 4);
	p = decode(SOLICITATION);
	assert_int_equal(p->kind, PACKET_ARP);
	assert_path(p, HOST_CLIENT, HOST_NOBODY, 6);
	assert_false(p->bad_checksum);
}

static void test_udp(void **state)
{
	static const char *const both[] = {UDP4, UDP6};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		const struct packet *p = decode(both[i]);

		assert_int_equal(p->kind, PACKET_UDP);
		assert_path(p, HOST_CLIENT, HOST_SERVER, i ? 6 : 4);
		assert_int_equal(p->source_port, 40000);
		assert_int_equal(p->target_port, 5000);
		assert_int_equal(p->length, 5);
		assert_memory_equal(p->data, "hello", 5);
		assert_false(p->bad_checksum);
	}
	/* The header's length counts, not the packet's; none at all is 8. */
	assert_int_equal(decode_changed(UDP4, 24, "000b")->length, 3);
	assert_int_equal(decode_changed(UDP4, 24, "0008")->length, 0);
	assert_true(decode_changed(UDP4, 24, "0008")->bad_checksum);
	assert_true(decode_changed(UDP4, 28, "49")->bad_checksum);
	/* IPv4 may do without a checksum. */
	assert_false(decode_changed(UDP4, 26, "0000")->bad_checksum);
}

static void test_echo(void **state)
{
	const struct packet *p = decode(ECHO4);

	(void)state;
	assert_int_equal(p->kind, PACKET_ECHO);
	assert_path(p, HOST_CLIENT, HOST_SERVER, 4);
	assert_string_equal(p->icmp_word, "echo-request");
	assert_int_equal(p->echo_id, 7);
	assert_int_equal(p->echo_seq, 2);
	assert_int_equal(p->length, 4);
	assert_memory_equal(p->data, "ping", 4);
	assert_false(p->bad_checksum);
	assert_true(decode_changed(ECHO4, 28, "71")->bad_checksum);

	p = decode(ECHO_REPLY6);
	assert_int_equal(p->kind, PACKET_ECHO);
	assert_path(p, HOST_SERVER, HOST_CLIENT, 6);
	assert_string_equal(p->icmp_word, "echo-reply");
	assert_int_equal(p->echo_id, 7);
	assert_int_equal(p->length, 4);
	assert_false(p->bad_checksum);
}

static void test_quoted_datagrams(void **state)
{
	const struct packet *p = decode(UNREACH4_UDP);

	(void)state;
	assert_int_equal(p->kind, PACKET_ICMP);
	assert_path(p, HOST_SERVER, HOST_CLIENT, 4);
	assert_string_equal(p->icmp_word, "port-unreachable");
	assert_int_equal(p->quoted->kind, PACKET_UDP);
	assert_int_equal(p->quoted->target_port, 5000);
	assert_int_equal(p->quoted->length, 5);

	p = decode(EXCEEDED4_ECHO);
	assert_string_equal(p->icmp_word, "ttl-exceeded");
	assert_int_equal(p->quoted->kind, PACKET_ECHO);
	assert_string_equal(p->quoted->icmp_word, "echo-request");
	assert_int_equal(p->quoted->echo_id, 7);
	assert_int_equal(p->quoted->length, 4);
	/* An error that quotes an error does not exist: the quoted packet is not one of ours. */
	assert_int_equal(decode_changed(EXCEEDED4_ECHO, 48, "0300")->quoted->kind, PACKET_OTHER);
}

static void test_pieces(void **state)
{
	const struct packet *first = decode(FRAGMENT_FIRST4), *rest = decode(FRAGMENT_LAST4), *p;
	unsigned char bytes[48];

	(void)state;
	assert_int_equal(first->fragment->id, 0x1234);
	assert_int_equal(first->fragment->protocol, 6);
	assert_true(first->fragment->more);
	assert_int_equal(first->fragment->offset, 0);
	assert_int_equal(first->fragment->length, 24);
	assert_false(rest->fragment->more);
	assert_int_equal(rest->fragment->offset, 24);
	assert_int_equal(rest->fragment->length, 24);
	memcpy(bytes, first->fragment->bytes, 24);
	memcpy(bytes + 24, rest->fragment->bytes, 24);
	p = packet_whole(&arena, rest, bytes, sizeof(bytes));
	assert_int_equal(p->kind, PACKET_TCP);
	assert_path(p, HOST_CLIENT, HOST_SERVER, 4);
	assert_int_equal(p->seq, 1001);
	assert_int_equal(p->length, 28);
	assert_true(p->in_pieces && !p->fragment && !p->partial);
	assert_int_equal(p->fragment_id, 0x1234);

	p = packet_partial(&arena, first);
	assert_int_equal(p->kind, PACKET_TCP);
	assert_true(p->partial);
	assert_null(p->data);
	assert_int_equal(packet_partial(&arena, rest)->kind, PACKET_OTHER);

	p = decode(PIECE6);
	assert_int_equal(p->kind, PACKET_OTHER);
	assert_int_equal(p->fragment->id, 0x01020304);
	assert_int_equal(p->fragment->protocol, 17);
	assert_true(p->fragment->more);
	assert_int_equal(p->fragment->offset, 0);
	assert_int_equal(p->fragment->length, 16);
	assert_int_equal(packet_partial(&arena, p)->kind, PACKET_UDP);
	assert_int_equal(packet_partial(&arena, p)->length, 3000);
	assert_null(decode(HOPOPTS6)->fragment);
}

static void test_others(void **state)
{
	static const char *const others[] = {
	    ARP_REPLY, ARP_PROBE, SOLICITATION_DAD, FRAGMENT_FIRST4, FRAGMENT_LAST4, HOPOPTS6,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(decode(others[i])->kind, PACKET_OTHER);
	/* An ethertype that is none of ours, whatever stands there. */
	assert_int_equal(packet_decode(&arena, 0x8100, (const unsigned char *)"E", 1)->kind,
			 PACKET_OTHER);
	/* IPv4's own options are skipped. */
	assert_int_equal(decode(IP_OPTIONS4)->kind, PACKET_TCP);
	assert_int_equal(decode(IP_OPTIONS4)->seq, 1001);
}

static void test_bad_lengths(void **state)
{
	static const struct {
		const char *hex;
		size_t at;
		const char *change;
	} bad[] = {
	    {SYN4, 0, "44"},   /* IPv4 header of 16 bytes */
	    {SYN4, 0, "4f"},   /* longer than the header and what TCP needs */
	    {SYN4, 0, "55"},   /* IP version 5 */
	    {SYN4, 2, "0010"}, /* total length shorter than the header */
	    {SYN4, 2, "0027"}, /* leaves 19 bytes for TCP */
	    {SYN4, 32, "40"},  /* TCP header of 16 bytes */
	    {SYN4, 32, "f0"},  /* TCP header longer than the packet */
	    {SYN6, 4, "0013"}, /* leaves 19 bytes for TCP */
	    {SYN6, 4, "0000"}, /* a jumbogram, without saying so */
	    {SYN6, 52, "f0"},	  {UNREACH4, 2, "0018"}, /* leaves 4 bytes for ICMP */
	    {UNREACH4, 20, "fe"},			 /* a type without a name */
	    {UDP4, 24, "0007"},				 /* shorter than its own header */
	    {UDP4, 24, "000e"},				 /* longer than the packet */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct packet *p = decode_changed(bad[i].hex, bad[i].at, bad[i].change);

		if (p->kind != PACKET_OTHER)
			fail_msg("case %zu: kind %d", i, p->kind);
	}
	/* A bad quotation does not make the error another one. */
	assert_int_equal(decode_changed(UNREACH4, 28, "44")->kind, PACKET_ICMP);
	assert_null(decode_changed(UNREACH4, 28, "44")->quoted);
	assert_int_equal(decode_changed(UNREACH4, 60, "10")->quoted->kind, PACKET_OTHER);
}

static void test_bad_options(void **state)
{
	const struct packet *p;

	(void)state;
	/* MSS of length 0, 1, and beyond the header: nothing after it counts. */
	static const char *const lengths[] = {"00", "01", "21", "ff"};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		p = decode_changed(SYN4, 41, lengths[i]);
		assert_int_equal(p->kind, PACKET_TCP);
		assert_false(p->options.has_mss);
		assert_false(p->options.sack_ok);
		assert_false(p->options.has_ts);
	}
	/*
	 * MSS of length 3 is skipped; what then stands there is read: b4, the length of which is 4.
	 */
	p = decode_changed(SYN4, 41, "03");
	assert_int_equal(p->kind, PACKET_TCP);
	assert_false(p->options.has_mss);
	/* An unknown kind is skipped by its length. */
	p = decode_changed(SYN4, 40, "fd");
	assert_false(p->options.has_mss);
	assert_true(p->options.sack_ok);
	/* SACK whose length is no whole number of blocks. */
	p = decode_changed(SACK6, 63, "19");
	assert_int_equal(p->options.sack_count, 0);
	/* A kind that is the header's last byte, without a length. */
	p = decode_changed(SYN4, 70, "0102");
	assert_true(p->options.has_tfo);
	assert_int_equal(p->options.mss, 1460);
	/* Fast Open's option before it had a number of its own; and MD5's. */
	p = decode_changed(SYN4, 60, "fe0cf989000102030405");
	assert_true(p->options.has_tfo);
	assert_int_equal(p->options.tfo_length, 8);
	p = decode_changed(SACK6, 60, "1312");
	assert_true(p->options.has_md5);
	/* END hides what follows. */
	p = decode_changed(SYN4, 40, "00");
	assert_false(p->options.has_ts);
}

static void test_bad_checksums(void **state)
{
	(void)state;
	assert_true(decode_changed(DATA4, 52, "ff")->bad_checksum); /* payload */
	assert_true(decode_changed(SYN4, 8, "3f")->bad_checksum);   /* TTL, so IPv4's own */
	assert_true(
	    decode_changed(SYN6, 8, "fe")->bad_checksum); /* address, so the pseudo-header */
	assert_true(decode_changed(UNREACH4, 40, "0b")->bad_checksum);
	assert_true(decode_changed(UNREACH6, 24, "fe")->bad_checksum);
	assert_int_equal(decode_changed(DATA4, 52, "ff")->kind, PACKET_TCP);
}

/* Everything at every length: nothing is read beyond, and a shorter piece never knows more. */
static void test_cut_off(void **state)
{
	static const char *const all[] = {
	    SYN4,	 SYN6,	       SYNACK4,	     DATA4,	      SACK6,
	    RST4,	 URGENT4,      UNREACH4,     UNREACH4_SHORT,  FRAG_NEEDED4,
	    UNREACH6,	 TOO_BIG6,     ECHO4,	     ARP_REQUEST,     ARP_REPLY,
	    ARP_PROBE,	 SOLICITATION, HOPOPTS6,     FRAGMENT_FIRST4, FRAGMENT_LAST4,
	    UDP4,	 UDP6,	       UNREACH4_UDP, EXCEEDED4_ECHO,  ECHO_REPLY6,
	    IP_OPTIONS4, PIECE6,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		size_t size;
		unsigned char *bytes = unhex(all[i], &size);
		enum packet_kind kind = decode_part(bytes, size, type_of(bytes))->kind;

		for (size_t n = 0; n < size; n++) {
			const struct packet *p = decode_part(bytes, n, type_of(bytes));

			assert_true(p->kind == PACKET_OTHER || p->kind == kind);
			if (p->kind != PACKET_TCP)
				continue;
			assert_true(n >= 40);
			assert_true(p->length == 0 || p->data == NULL);
			assert_false(p->bad_checksum); /* not known */
		}
		free(bytes);
	}
}

/* Any byte may have any value: the decoder ends, and data lies within the packet. */
static void test_any_byte(void **state)
{
	static const char *const seeds[] = {SYN4,	  SYN6,		SACK6, UNREACH4,
					    UNREACH6,	  SOLICITATION, UDP4,  UDP6,
					    UNREACH4_UDP, ECHO_REPLY6,	PIECE6};

	(void)state;
	srandom(1);
	for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
		size_t size;
		unsigned char *bytes = unhex(seeds[i], &size);

		for (int round = 0; round < 5000; round++) {
			size_t at = (size_t)random() % size;
			unsigned char before = bytes[at];
			const struct packet *p;

			bytes[at] = (unsigned char)random();
			p = decode_part(bytes, (size_t)random() % (size + 1), type_of(bytes));
			assert_true(!p->data || p->length <= size);
			if (random() % 4) /* let some changes pile up */
				bytes[at] = before;
		}
		free(bytes);
		arena_free(&arena);
	}
}

/* ---- the other way round ---- */

static const struct packet *encode_and_decode(const struct packet *p)
{
	size_t size;
	unsigned char *bytes = packet_encode(&arena, p, &size);

	assert_non_null(bytes);
	assert_true(options_size(&p->options) % 4 == 0);
	return decode_part(bytes, size, type_of(bytes));
}

/* The decoded fields have the meaning of the bytes; so have the encoded bytes. */
static void test_encode(void **state)
{
	static const char *const all[] = {SYN6, SYNACK4, DATA4, SACK6, RST4, URGENT4};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct packet *p = decode(all[i]);
		const struct packet *q = encode_and_decode(p);

		assert_int_equal(q->kind, PACKET_TCP);
		assert_false(q->bad_checksum);
		assert_true(ip_equal(&p->source, &q->source));
		assert_true(ip_equal(&p->target, &q->target));
		assert_int_equal(q->source_port, p->source_port);
		assert_int_equal(q->target_port, p->target_port);
		assert_int_equal(q->ttl, p->ttl);
		assert_int_equal(q->tos, p->tos);
		assert_int_equal(q->flow_label, p->flow_label);
		assert_int_equal(q->ip_id, p->ip_id);
		assert_int_equal(q->flags, p->flags);
		assert_int_equal(q->seq, p->seq);
		assert_int_equal(q->ack, p->ack);
		assert_int_equal(q->window, p->window);
		assert_int_equal(q->urgent, p->urgent);
		assert_memory_equal(&q->options, &p->options, sizeof(p->options));
		assert_int_equal(q->length, p->length);
		assert_memory_equal(q->data, p->data, p->length);
	}
}

/* Each field of the IP header is written where it is read, and leaves the others as they are. */
static void test_encode_ip_fields(void **state)
{
	static const char *const families[] = {DATA4, SYN6};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct packet p = *decode(families[i]);
		uint32_t set[IP_FIELDS];

		p.flags |= FLAG_AE;
		for (int field = 0; field < IP_FIELDS; field++) {
			if (field == HEADER_TOS || (!i && ip_field_rows[field].only_ipv6))
				continue;
			ip_field_set(&p, (enum ip_field)field, ip_field_rows[field].most - 1);
		}
		for (int field = 0; field < IP_FIELDS; field++)
			set[field] = ip_field_get(&p, (enum ip_field)field);
		assert_int_equal(set[HEADER_ECN], 2);
		assert_int_equal(set[HEADER_TTL], 254);
		p = *encode_and_decode(&p);
		assert_int_equal(p.kind, PACKET_TCP);
		assert_false(p.bad_checksum);
		assert_int_equal(p.flags & FLAG_AE, FLAG_AE);
		for (int field = 0; field < IP_FIELDS; field++)
			assert_int_equal(ip_field_get(&p, (enum ip_field)field), set[field]);
		ip_field_set(&p, HEADER_TOS, 0x11);
		assert_int_equal(ip_field_get(encode_and_decode(&p), HEADER_ECN), 1);
	}
}

/* An error quotes the headers of a segment, and tells its length. */
static void test_encode_icmp(void **state)
{
	static const char *const quoted[] = {DATA4, SYN6};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(quoted); i++) {
		struct packet p = *decode(quoted[i]), error = p;
		const struct packet *q;
		bool is_ipv6 = p.source.family == 6;

		error.kind = PACKET_ICMP;
		error.source = p.target;
		error.target = p.source;
		error.icmp_type = is_ipv6 ? 2 : 3;
		error.icmp_code = is_ipv6 ? 0 : 4;
		error.icmp_mtu = 1300;
		error.quoted = &p;
		error.tos = 3;
		q = encode_and_decode(&error);
		assert_int_equal(q->kind, PACKET_ICMP);
		assert_false(q->bad_checksum);
		assert_string_equal(q->icmp_word, "frag-needed");
		assert_int_equal(q->icmp_mtu, 1300);
		assert_int_equal(q->tos, 3);
		assert_true(packet_quoted(q->quoted, &p));
		assert_int_equal(q->quoted->length, p.length);
		assert_memory_equal(&q->quoted->options, &p.options, sizeof(p.options));
		error.icmp_code = 1;
		error.icmp_type = is_ipv6 ? 1 : 3;
		assert_int_equal(encode_and_decode(&error)->icmp_mtu, 0);
	}
}

static void test_encode_too_large(void **state)
{
	struct packet p = *decode(SACK6);
	size_t size;

	(void)state;
	p.options.sack_ok = p.options.has_ts = true;
	p.options.sack_count = 3;
	assert_int_equal(options_size(&p.options), 40);
	assert_non_null(packet_encode(&arena, &p, &size));
	p.options.sack_count = 4;
	assert_int_equal(options_size(&p.options), 48);
	assert_null(packet_encode(&arena, &p, &size));
	p.options = (struct tcp_options){.has_tfo = true};
	assert_int_equal(encode_and_decode(&p)->options.tfo_length, 0);
	assert_true(encode_and_decode(&p)->options.has_tfo);
	p.length = PACKET_MAX;
	assert_null(packet_encode(&arena, &p, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_encode, tear_down),
	    cmocka_unit_test_teardown(test_encode_ip_fields, tear_down),
	    cmocka_unit_test_teardown(test_encode_icmp, tear_down),
	    cmocka_unit_test_teardown(test_encode_too_large, tear_down),
	    cmocka_unit_test_teardown(test_syn, tear_down),
	    cmocka_unit_test_teardown(test_syn_ipv6, tear_down),
	    cmocka_unit_test_teardown(test_syn_ack, tear_down),
	    cmocka_unit_test_teardown(test_data, tear_down),
	    cmocka_unit_test_teardown(test_sack, tear_down),
	    cmocka_unit_test_teardown(test_reset, tear_down),
	    cmocka_unit_test_teardown(test_urgent, tear_down),
	    cmocka_unit_test_teardown(test_unreachable, tear_down),
	    cmocka_unit_test_teardown(test_quoted_eight_bytes, tear_down),
	    cmocka_unit_test_teardown(test_frag_needed, tear_down),
	    cmocka_unit_test_teardown(test_icmpv6, tear_down),
	    cmocka_unit_test_teardown(test_icmp_without_a_name, tear_down),
	    cmocka_unit_test_teardown(test_neighbour_requests, tear_down),
	    cmocka_unit_test_teardown(test_udp, tear_down),
	    cmocka_unit_test_teardown(test_echo, tear_down),
	    cmocka_unit_test_teardown(test_quoted_datagrams, tear_down),
	    cmocka_unit_test_teardown(test_pieces, tear_down),
	    cmocka_unit_test_teardown(test_others, tear_down),
	    cmocka_unit_test_teardown(test_bad_lengths, tear_down),
	    cmocka_unit_test_teardown(test_bad_options, tear_down),
	    cmocka_unit_test_teardown(test_bad_checksums, tear_down),
	    cmocka_unit_test_teardown(test_cut_off, tear_down),
	    cmocka_unit_test_teardown(test_any_byte, tear_down),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
