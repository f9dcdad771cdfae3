/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to a struct packet: TCP's header and options (RFC 9293 3.1).
 *
 * Options are read as in Linux: if the length of one cannot be right, it and the rest are ignored,
 * and the segment remains a segment. An option of known kind but with a wrong length is skipped.
 * The table has, for each kind, the allowed lengths.
 */
#include <netinet/in.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/decode.h"

#define TCP_HEADER	  20
#define TCP_HEADER_QUOTED 8 /* RFC 792: an error quotes at least so much of it */

enum option_kind { OPTION_END = 0, OPTION_NOP = 1 };

#define FAST_OPEN_EXPERIMENT                                                                       \
	0xf989 /* RFC 6994's shared option, used for Fast Open before RFC 7413 */

static void read_mss(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)length;
	o->has_mss = true;
	o->mss = read16(b);
}

static void read_wscale(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)length;
	o->has_wscale = true;
	o->wscale = b[0];
}

static void read_sack_ok(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)b;
	(void)length;
	o->sack_ok = true;
}

static void read_sack(struct tcp_options *o, const unsigned char *b, size_t length)
{
	if (length % 8)
		return;
	for (o->sack_count = 0; length && o->sack_count < MAX_SACK_BLOCKS; length -= 8, b += 8) {
		o->sack[o->sack_count][0] = read32(b);
		o->sack[o->sack_count][1] = read32(b + 4);
		o->sack_count++;
	}
}

static void read_timestamp(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)length;
	o->has_ts = true;
	o->ts_value = read32(b);
	o->ts_echo = read32(b + 4);
}

static void read_md5(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)b;
	(void)length;
	o->has_md5 = true;
}

static void read_fast_open(struct tcp_options *o, const unsigned char *b, size_t length)
{
	(void)b;
	o->has_tfo = true;
	o->tfo_length = (uint8_t)length;
}

static void read_experiment(struct tcp_options *o, const unsigned char *b, size_t length)
{
	if (read16(b) == FAST_OPEN_EXPERIMENT)
		read_fast_open(o, b + 2, length - 2);
}

static const struct option_row {
	uint8_t kind;
	uint8_t shortest, longest; /* of its value, without kind and length */
	void (*read)(struct tcp_options *o, const unsigned char *b, size_t length);
} option_table[] = {
    {2, 2, 2, read_mss},	 /* RFC 9293 */
    {3, 1, 1, read_wscale},	 /* RFC 7323 */
    {4, 0, 0, read_sack_ok},	 /* RFC 2018 */
    {5, 8, 32, read_sack},	 /* RFC 2018 */
    {8, 8, 8, read_timestamp},	 /* RFC 7323 */
    {19, 16, 16, read_md5},	 /* RFC 2385 */
    {34, 0, 18, read_fast_open}, /* RFC 7413 */
    {254, 2, 18, read_experiment},
};

static void decode_option(struct tcp_options *o, uint8_t kind, const unsigned char *b,
			  size_t length)
{
	const struct option_row *end = option_table + ARRAY_SIZE(option_table);

	for (const struct option_row *row = option_table; row < end; row++) {
		if (row->kind == kind && length >= row->shortest && length <= row->longest)
			row->read(o, b, length);
	}
}

static void decode_options(struct tcp_options *o, const unsigned char *b, size_t left)
{
	while (left && b[0] != OPTION_END) {
		size_t size = 1;

		if (b[0] != OPTION_NOP) {
			if (left < 2 || b[1] < 2 || b[1] > left)
				return;
			size = b[1];
			decode_option(o, b[0], b + 2, size - 2);
		}
		b += size;
		left -= size;
	}
}

/* An error that quotes only what RFC 792 requires: ports and sequence number. */
static bool decode_start(struct packet *p, const unsigned char *b)
{
	p->kind = PACKET_TCP;
	p->source_port = read16(b);
	p->target_port = read16(b + 2);
	p->seq = read32(b + 4);
	return true;
}

bool decode_tcp(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;
	struct slice options, data;
	size_t header;

	if (quoted && s.captured >= TCP_HEADER_QUOTED && s.captured < TCP_HEADER)
		return decode_start(p, b);
	if (s.captured < TCP_HEADER)
		return false;
	header = (b[12] >> 4) * 4u;
	if (header < TCP_HEADER || header > s.length)
		return false;

	decode_start(p, b);
	p->ack = read32(b + 8);
	p->flags = (uint16_t)((b[12] << 8 | b[13]) & (FLAG_AE | UINT8_MAX));
	p->window = read16(b + 14);
	p->urgent = read16(b + 18);
	options = slice_after(s, TCP_HEADER);
	if (options.captured > header - TCP_HEADER)
		options.captured = header - TCP_HEADER;
	decode_options(&p->options, options.bytes, options.captured);

	data = slice_after(s, header);
	p->length = (uint32_t)data.length;
	if (s.captured >= header)
		decode_data(a, p, data);
	if (!quoted && s.captured == s.length) {
		uint32_t sum = checksum_pseudo(p, IPPROTO_TCP, s.length);

		if (!checksum_good(checksum_add(sum, b, s.length)))
			p->bad_checksum = true;
	}
	return true;
}

uint32_t packet_space(const struct packet *p)
{
	return p->length + !!(p->flags & FLAG_SYN) + !!(p->flags & FLAG_FIN);
}
