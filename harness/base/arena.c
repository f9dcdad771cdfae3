/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas: a list of blocks, the newest of which is filled from its start. A piece that does not fit
 * begins a new block, at least BLOCK bytes large, so that small pieces cost an addition each and
 * the end of a run costs a handful of free() calls. Each piece is cleared when it is handed out,
 * not each block when it begins: most blocks are never filled, and a page that nobody touches costs
 * nothing.
 *
 * The address sanitizer does not know the pieces, so the arena tells it: memory outside pieces must
 * not be touched, and between two pieces there is a gap.
 */
#include "harness/base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/memory.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define PIECE_GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define PIECE_GAP			      0
#endif

#define BLOCK	   (64 * 1024 - 64)
#define FIRST_ROOM 4 /* an array's first capacity; a power of two, as every later one */

struct arena_block {
	struct arena_block *older;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

/* The first spare block that is large enough; NULL: none. */
static struct arena_block *spare_block(struct arena *a, size_t size)
{
	for (struct arena_block **at = &a->spare; *at; at = &(*at)->older) {
		struct arena_block *block = *at;

		if (block->size < size)
			continue;
		*at = block->older;
		return block;
	}
	return NULL;
}

static struct arena_block *new_block(struct arena *a, size_t size)
{
	struct arena_block *block = spare_block(a, size);

	if (block) {
		block->older = a->blocks;
		a->blocks = block;
		return block;
	}
	if (size < BLOCK)
		size = BLOCK;
	if (size > SIZE_MAX / 2)
		out_of_memory();
	block = memory_get(sizeof(*block) + size);
	*block = (struct arena_block){.older = a->blocks, .size = size};
	a->blocks = block;
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	return block;
}

/* What a piece takes of its block. */
static size_t piece_size(size_t size)
{
	const size_t unit = alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (size + PIECE_GAP + unit - 1) / unit * unit;
	return size ? size : unit;
}

/* Not cleared. */
static void *new_piece(struct arena *a, size_t size)
{
	struct arena_block *block = a->blocks;
	size_t wanted = size;
	void *piece;

	size = piece_size(size);
	if (!block || block->size - block->used < size)
		block = new_block(a, size);
	piece = block->bytes + block->used;
	block->used += size;
	ASAN_UNPOISON_MEMORY_REGION(piece, wanted);
	return piece;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(new_piece(a, size), 0, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char brief[256], *text;
	va_list again;
	int length;

	va_copy(again, ap);
	length = vsnprintf(brief, sizeof(brief), fmt, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	text = new_piece(a, (size_t)length + 1);
	if ((size_t)length < sizeof(brief))
		return memcpy(text, brief, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, fmt, ap);
	return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

/*
 * The capacity is not stored: it is the power of two that holds `count`, so the array is full
 * exactly when `count` is a power of two (from FIRST_ROOM up).
 */
void *arena_grow(struct arena *a, void *items, size_t count, size_t size)
{
	unsigned char *room = items;

	if (count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0)) {
		size_t capacity = count ? 2 * count : FIRST_ROOM;

		if (capacity > SIZE_MAX / 2 / size)
			out_of_memory();
		room = new_piece(a, capacity * size);
		if (count)
			memcpy(room, items, count * size);
	}
	memset(room + count * size, 0, size);
	return room;
}

/* Of a piece that has a block for itself, the link to it; NULL: it has none. */
static struct arena_block **block_of(struct arena *a, const void *piece, size_t size)
{
	for (struct arena_block **at = &a->blocks; *at; at = &(*at)->older)
		if ((*at)->bytes == piece && (*at)->used == piece_size(size))
			return at;
	return NULL;
}

void *arena_grow_moving(struct arena *a, void *items, size_t count, size_t size)
{
	bool is_full = count >= FIRST_ROOM && (count & (count - 1)) == 0;
	struct arena_block **at = is_full ? block_of(a, items, count * size) : NULL;
	unsigned char *room;

	if (!at || piece_size(count * size) < BLOCK) {
		room = arena_grow(a, items, count, size);
		if (is_full)
			ASAN_POISON_MEMORY_REGION(items, count * size);
		return room;
	}
	if (count > SIZE_MAX / 4 / size)
		out_of_memory();
	(*at)->size = (*at)->used = piece_size(2 * count * size);
	*at = memory_resize(*at, sizeof(**at) + (*at)->size);
	room = (*at)->bytes;
	memset(room + count * size, 0, size);
	return room;
}

static void free_blocks(struct arena_block *newest)
{
	while (newest) {
		struct arena_block *block = newest;

		newest = block->older;
		free(block);
	}
}

void arena_free(struct arena *a)
{
	free_blocks(a->blocks);
	free_blocks(a->spare);
	*a = (struct arena){0};
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->blocks, a->blocks ? a->blocks->used : 0};
}

static void spare(struct arena *a, struct arena_block *block)
{
#ifdef __SANITIZE_ADDRESS__
	free(block); /* so that it finds later uses */
	return;
#endif
	block->used = 0;
	block->older = a->spare;
	a->spare = block;
}

void arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->blocks != mark.block) {
		struct arena_block *block = a->blocks;

		a->blocks = block->older;
		spare(a, block);
	}
	if (!mark.block)
		return;
	ASAN_POISON_MEMORY_REGION(mark.block->bytes + mark.used, mark.block->size - mark.used);
	mark.block->used = mark.used;
}

void arena_clear(struct arena *a)
{
	arena_release(a, (struct arena_mark){NULL, 0});
}
