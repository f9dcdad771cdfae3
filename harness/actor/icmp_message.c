/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP messages as programs make and read them on raw and ping sockets (icmp(7), raw(7)), written
 * field by field instead of byte by byte:
 *
 *     sendto(c, {id=1, sequence=1, data="ping"}, ..., 0, server:0) = 12
 *     recv(c, {type=ICMP_ECHOREPLY, sequence=1, data="ping"}) = 12
 *
 * A message without a type is an echo request of the run's family. Its checksum, if it is not
 * written, is the right one where the program has to compute it: in IPv4; ICMPv6's, which covers
 * addresses too, the kernel computes (RFC 3542 3.1).
 */
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/actor/making.h"

#define HEADER	    8
#define IPV4_HEADER 20

static void put16(unsigned char *bytes, int64_t number)
{
	bytes[0] = (unsigned char)(number >> 8);
	bytes[1] = (unsigned char)number;
}

static int get16(const unsigned char *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/* RFC 1071 */
static int checksum(const unsigned char *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (int)(~sum & 0xffff);
}

const char *icmp_bytes(struct making *m, const struct arg *message, size_t *length)
{
	const struct arg *data = arg_field(message, FIELD_data, 5);
	const struct arg *sum = arg_field(message, FIELD_checksum, 2);
	size_t data_length = data && data->kind == ARG_STRING ? data->length : 0;
	unsigned char *bytes;

	*length = HEADER + data_length;
	bytes = arena_alloc(m->arena, *length + 1);
	bytes[0] = (unsigned char)arg_number(m, arg_field(message, FIELD_type, 0),
					     m->family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO);
	bytes[1] = (unsigned char)arg_number(m, arg_field(message, FIELD_code, 1), 0);
	put16(bytes + 4, arg_number(m, arg_field(message, FIELD_id, 3), 0));
	put16(bytes + 6, arg_number(m, arg_field(message, FIELD_sequence, 4), 0));
	if (data_length)
		memcpy(bytes + HEADER, data->bytes, data_length);
	if (sum)
		put16(bytes + 2, arg_number(m, sum, 0));
	else if (m->family == 4)
		put16(bytes + 2, checksum(bytes, *length));
	return (const char *)bytes;
}

const char *icmp_text(struct arena *a, const char *message, size_t length, bool has_ip)
{
	const unsigned char *bytes = (const unsigned char *)message;
	size_t ip = has_ip && length >= IPV4_HEADER ? (bytes[0] & 15) * 4u : 0;
	const char *type;

	if (length < ip + HEADER)
		return "{}";
	bytes += ip;
	length -= ip;
	type = constant_name(GROUP_icmp, bytes[0]);
	return arena_printf(a, "{type=%s, code=%d, checksum=%d, id=%d, sequence=%d, data=%s}",
			    type ? type : arena_printf(a, "%d", bytes[0]), bytes[1],
			    get16(bytes + 2), get16(bytes + 4), get16(bytes + 6),
			    quoted_text(a, (const char *)bytes + HEADER, length - HEADER));
}
