/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena: memory that is handed out piece by piece and freed all at once.
 *
 * Everything that is built from one script (its lines, their values, the names in them) and
 * everything that is seen in one run (events, segments) lives as long as that run, so the run's
 * arena owns it and nothing is ever freed separately.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_block *blocks; /* newest first */
	struct arena_block *spare;  /* of before arena_clear() or arena_release() */
};

/*
 * All of these return zeroed memory and never NULL: out of memory ends the process with a message.
 */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/*
 * Make room for one more element at the end of an array that lives in the arena, and return it,
 * zeroed. `items` is the array's variable, `count` its length; both are updated. The capacity
 * doubles; the old copy stays in the arena until the arena ends.
 */
#define arena_push(a, items, count)                                                                \
	((items) = arena_grow((a), (items), (count), sizeof(*(items))), &(items)[(count)++])
void *arena_grow(struct arena *a, void *items, size_t count, size_t size);

/*
 * The same for an array that may become very long, in an arena without marks: no old copies stay,
 * so pointers to its elements are not valid any more.
 */
#define arena_push_moving(a, items, count)                                                         \
	((items) = arena_grow_moving((a), (items), (count), sizeof(*(items))), &(items)[(count)++])
void *arena_grow_moving(struct arena *a, void *items, size_t count, size_t size);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* How far an arena is filled. */
struct arena_mark {
	struct arena_block *block;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
/* All that was handed out since that mark is free again; the arena keeps the memory. */
void arena_release(struct arena *a, struct arena_mark mark);

/* Frees everything; the arena is then empty and may be used again. */
void arena_free(struct arena *a);

/*
 * The same, but the arena keeps the memory for its next contents: for an arena that is filled with
 * similar amounts again and again.
 */
void arena_clear(struct arena *a);

#endif
