/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table with open addressing, at most half full: a name is in the first slot, from its own
 * on, that no other name has.
 */
#include "harness/base/numbering.h"

#include <stdint.h>
#include <string.h>

#define FIRST_BITS 4

/* FNV-1a; its upper bits are the best. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	while (*name)
		h = (h ^ (unsigned char)*name++) * 16777619u;
	return h;
}

/* The slot in which the name is, or would be. */
static size_t slot_of(const struct numbering *n, const char *name)
{
	size_t mask = ((size_t)1 << n->bits) - 1, at = hash(name) >> (32 - n->bits);

	while (n->slots[at] && strcmp(n->names[n->slots[at] - 1], name) != 0)
		at = (at + 1) & mask;
	return at;
}

static void make_room(struct arena *a, struct numbering *n)
{
	if (n->bits && n->count < (size_t)1 << (n->bits - 1))
		return;
	n->bits = n->bits ? n->bits + 1 : FIRST_BITS;
	n->slots = arena_alloc(a, sizeof(*n->slots) << n->bits);
	for (size_t i = 0; i < n->count; i++)
		n->slots[slot_of(n, n->names[i])] = (int)i + 1;
}

int number_give(struct arena *a, struct numbering *n, const char *name)
{
	size_t slot;

	make_room(a, n);
	slot = slot_of(n, name);
	if (!n->slots[slot]) {
		*arena_push(a, n->names, n->count) = name;
		n->slots[slot] = (int)n->count;
	}
	return n->slots[slot] - 1;
}

int number_find(const struct numbering *n, const char *name)
{
	return n->count ? n->slots[slot_of(n, name)] - 1 : -1;
}

/*
 * The newest first: no other name has moved on because of it. (When the table grows all names are
 * put into the new one in the order of their numbers.)
 */
void number_forget(struct numbering *n, size_t count)
{
	while (n->count > count) {
		size_t slot = slot_of(n, n->names[n->count - 1]);

		n->slots[slot] = 0;
		n->count--;
	}
}
