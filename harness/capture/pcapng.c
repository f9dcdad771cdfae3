/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each block is its type, its length, a fixed part, perhaps bytes, a list of options, and the
 * length again, so that a file can be read backwards, too. Everything begins at a multiple of four
 * bytes. So one function writes any block, from its parts.
 */
#include "harness/capture/pcapng.h"

#include <string.h>

#include "harness/base/array.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_PACKET = 6,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINK_ETHERNET	 1

/* Bytes of a block, which may follow each other without a gap. */
struct part {
	const void *bytes;
	size_t size;
};

#define HEAD_SIZE 4 /* of an option */

static size_t padding(size_t size)
{
	return (4 - size % 4) % 4;
}

static void put_padding(FILE *out, size_t size)
{
	static const char zeros[4];

	fwrite(zeros, 1, padding(size), out);
}

/* No options at all are written as none, not as an empty list. */
static size_t options_size(const struct pcapng_option *options)
{
	size_t size = 0;

	for (; options && options->code != PCAPNG_END; options++)
		size += HEAD_SIZE + options->length + padding(options->length);
	return size ? size + HEAD_SIZE : 0;
}

static void put_option(FILE *out, const struct pcapng_option *o)
{
	const uint16_t head[2] = {o->code, o->length};

	fwrite(head, sizeof(head), 1, out);
	fwrite(o->value, 1, o->length, out);
	put_padding(out, o->length);
}

static void put_options(FILE *out, const struct pcapng_option *options)
{
	static const struct pcapng_option end = {PCAPNG_END, 0, ""};

	if (!options_size(options))
		return;
	for (; options->code != PCAPNG_END; options++)
		put_option(out, options);
	put_option(out, &end);
}

static void put_block(FILE *out, uint32_t type, const struct part *parts, size_t count,
		      const struct pcapng_option *options)
{
	uint32_t head[2] = {type, 0};
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += parts[i].size;
	head[1] = (uint32_t)(sizeof(head) + size + padding(size) + options_size(options) +
			     sizeof(head[1]));
	fwrite(head, sizeof(head), 1, out);
	for (size_t i = 0; i < count; i++)
		fwrite(parts[i].bytes, 1, parts[i].size, out);
	put_padding(out, size);
	put_options(out, options);
	fwrite(&head[1], sizeof(head[1]), 1, out);
}

struct pcapng_option pcapng_text(uint16_t code, const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);

	if (length > most)
		for (length = most; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	return (struct pcapng_option){code, (uint16_t)length, text};
}

void pcapng_section(FILE *out, const struct pcapng_option *options)
{
	static const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t length[2]; /* of the section: not known */
	} fixed = {BYTE_ORDER_MAGIC, 1, 0, {UINT32_MAX, UINT32_MAX}};

	put_block(out, BLOCK_SECTION, &(struct part){&fixed, sizeof(fixed)}, 1, options);
}

void pcapng_interface(FILE *out, uint32_t longest, const struct pcapng_option *options)
{
	const struct {
		uint16_t link_type, reserved;
		uint32_t longest;
	} fixed = {LINK_ETHERNET, 0, longest};

	put_block(out, BLOCK_INTERFACE, &(struct part){&fixed, sizeof(fixed)}, 1, options);
}

void pcapng_names(FILE *out, const struct pcapng_option *records)
{
	put_block(out, BLOCK_NAMES, NULL, 0, records);
}

void pcapng_packet(FILE *out, const struct pcapng_packet *p, const struct pcapng_option *options)
{
	const struct {
		uint32_t interface, high, low, captured, length;
	} fixed = {
	    .interface = p->interface,
	    .high = (uint32_t)(p->stamp >> 32),
	    .low = (uint32_t)p->stamp,
	    .captured = (uint32_t)(p->header_size + p->size),
	    .length = p->length,
	};
	const struct part parts[] = {
	    {&fixed, sizeof(fixed)}, {p->header, p->header_size}, {p->bytes, p->size}};

	put_block(out, BLOCK_PACKET, parts, ARRAY_SIZE(parts), options);
}
