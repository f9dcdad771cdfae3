/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files of the format pcapng (draft-ietf-opsawg-pcapng), as far as they are written here:
 * the blocks and their options, in the byte order of this machine. What they say is the caller's
 * matter, and so are write errors (ferror).
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What may stand behind the fixed part of a block, in any order; a record of names has the same
 * form. A list of them ends with `code` PCAPNG_END.
 */
struct pcapng_option {
	uint16_t code, length;
	const void *value;
};

enum {
	PCAPNG_END = 0,
	PCAPNG_COMMENT = 1, /* of any block; as often as needed */

	PCAPNG_SECTION_OS = 3,
	PCAPNG_SECTION_PROGRAM = 4,

	PCAPNG_INTERFACE_NAME = 2,
	PCAPNG_INTERFACE_DESCRIPTION = 3,
	PCAPNG_INTERFACE_RESOLUTION = 9, /* one byte: 9 for nanoseconds */

	PCAPNG_PACKET_FLAGS = 2, /* 4 bytes: PCAPNG_INBOUND, .. */

	PCAPNG_NAME_IPV4 = 1, /* the address, the name, a 0 */
	PCAPNG_NAME_IPV6 = 2,
};

#define PCAPNG_INBOUND	   1u
#define PCAPNG_OUTBOUND	   2u
#define PCAPNG_NANOSECONDS 9

/* A text as an option; what is longer than `most` bytes is cut off behind a whole character. */
struct pcapng_option pcapng_text(uint16_t code, const char *text, size_t most);

/* The file begins with this one. */
void pcapng_section(FILE *out, const struct pcapng_option *options);

/* Interfaces are numbered from 0, in the order of these. */
void pcapng_interface(FILE *out, uint32_t longest, const struct pcapng_option *options);

void pcapng_names(FILE *out, const struct pcapng_option *records);

/* A packet of Ethernet in two parts, of which `length` bytes were on the wire. */
struct pcapng_packet {
	uint32_t interface;
	uint64_t stamp; /* in the interface's resolution */
	const void *header, *bytes;
	size_t header_size, size;
	uint32_t length;
};
void pcapng_packet(FILE *out, const struct pcapng_packet *p, const struct pcapng_option *options);

#endif
