/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poll and select, ppoll and pselect.
 *
 * Only poll's entries with revents are shown, in the order in which they are written, and only
 * select's sets that are not empty, as in strace. All are made as the system calls that every
 * architecture has, ppoll and pselect6, which write back the time left (poll's is not shown: the C
 * library hides it, and so does strace).
 */
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "harness/actor/making.h"
#include "harness/actor/stopped.h"

static const char *polled_text(struct making *m, const struct arg *entry)
{
	const struct arg *fd = arg_field(entry, FIELD_fd, 0);

	return fd ? arg_value_text(m, fd) : "...";
}

/* ---- how long, and with which signals blocked meanwhile ---- */

struct unit {
	enum field_id field; /* of the fraction of a second */
	long size;	     /* in ns */
};

static const struct unit microseconds = {FIELD_tv_usec, NS_PER_US};
static const struct unit nanoseconds = {FIELD_tv_nsec, 1};

struct waiting {
	bool has_limit;
	struct timespec left;
	const struct unit *unit; /* NULL: the time left is not shown */
	bool has_mask;
	sigset_t mask;
};

#define MASK_SIZE 8 /* of the kernel's own sigset_t */

/* Argument `i` is a timeout in milliseconds. */
static void read_milliseconds(struct making *m, size_t i, struct waiting *w)
{
	int wait = (int)making_number(m, i, -1, "-1");

	w->has_limit = wait >= 0;
	w->left = (struct timespec){wait / 1000, wait % 1000 * NS_PER_MS};
}

/* Argument `i` is {tv_sec=1, tv_usec=0}, in that unit. */
static void read_limit(struct making *m, size_t i, const struct unit *unit, struct waiting *w)
{
	const struct arg *limit = making_arg(m, i);
	int64_t seconds = arg_number(m, arg_field(limit, FIELD_tv_sec, 0), 0);
	int64_t fraction = arg_number(m, arg_field(limit, unit->field, 1), 0);

	making_text(m, limit ? arg_text(m, limit) : "NULL");
	w->unit = unit;
	w->has_limit = limit && !arg_is_null(limit);
	w->left = (struct timespec){seconds, fraction};
	/* select() takes more than a second's worth of these (fs/select.c, kern_select()). */
	if (unit == &microseconds) {
		w->left.tv_nsec = fraction % 1000000 * NS_PER_US;
		if (__builtin_add_overflow(seconds, fraction / 1000000, &w->left.tv_sec))
			w->left.tv_sec = -1; /* invalid, as it would be after conversion */
	}
}

static void read_mask(struct making *m, size_t i, struct waiting *w)
{
	const struct arg *mask = making_arg(m, i);

	making_text(m, mask ? arg_text(m, mask) : "NULL");
	w->has_mask = mask && !arg_is_null(mask);
	w->mask = arg_signals(m, mask);
	stops_keep(&w->mask);
}

static void show_left(struct making *m, size_t shown, const struct waiting *w)
{
	if (w->unit && w->has_limit)
		making_seen(m, shown_at(shown),
			    arena_printf(m->arena, "left {tv_sec=%lld, %s=%ld}",
					 (long long)w->left.tv_sec, field_names[w->unit->field],
					 w->left.tv_nsec / w->unit->size));
}

/* ---- poll ---- */

void make_poll(struct making *m)
{
	const struct arg *list = making_arg(m, 0);
	size_t count = list ? list->item_count : 0, length;
	struct pollfd *entries = arena_alloc(m->arena, (count + 1) * sizeof(*entries));
	struct waiting w = {0};
	const char *seen = "";
	int64_t result;

	for (size_t i = 0; i < count; i++) {
		const struct arg *entry = list->items[i];

		entries[i].fd = arg_descriptor(m, arg_field(entry, FIELD_fd, 0));
		entries[i].events = (short)arg_number(m, arg_field(entry, FIELD_events, 1), 0);
	}
	making_text(m, arg_text(m, list));
	length = arg_length(m, making_arg(m, 1), count);
	length = length < count ? length : count;
	making_printf(m, "%zu", length);
	if (m->row->id == CALL_ppoll) {
		read_limit(m, 2, &nanoseconds, &w);
		read_mask(m, 3, &w);
	} else {
		read_milliseconds(m, 2, &w);
	}
	result = making_call(m, SYS_ppoll,
			     (long[6]){(long)entries, (long)length, w.has_limit ? (long)&w.left : 0,
				       w.has_mask ? (long)&w.mask : 0, MASK_SIZE});
	if (result < 0)
		return;
	for (size_t i = 0; i < length; i++) {
		if (entries[i].revents)
			seen = joined_text(
			    m->arena, seen,
			    arena_printf(m->arena, "{fd=%s, revents=%s}",
					 polled_text(m, list->items[i]),
					 flags_text(m->arena, GROUP_poll, entries[i].revents)));
	}
	making_seen(m, 0, arena_printf(m->arena, "[%s]", seen));
	show_left(m, 1, &w);
}

/* ---- select ---- */

static const char *const set_words[] = {"in", "out", "except"};

/* A closed descriptor's number must fit in a set: the last one that does is never open. */
static int set_number(struct making *m, const struct arg *arg)
{
	int fd = arg_descriptor(m, arg);

	return fd < 0 || fd >= FD_SETSIZE ? FD_SETSIZE - 1 : fd;
}

static void read_set(struct making *m, const struct arg *arg, fd_set *set, int *highest)
{
	FD_ZERO(set);
	for (size_t i = 0; arg && arg->kind == ARG_LIST && i < arg->item_count; i++) {
		int fd = set_number(m, arg->items[i]);

		FD_SET(fd, set);
		*highest = fd > *highest ? fd : *highest;
	}
}

static const char *set_text(struct making *m, const struct arg *arg, const fd_set *set)
{
	const char *text = "";

	for (size_t i = 0; arg && arg->kind == ARG_LIST && i < arg->item_count; i++)
		if (FD_ISSET(set_number(m, arg->items[i]), set))
			text = joined_text(m->arena, text, arg_text(m, arg->items[i]));
	return text;
}

void make_select(struct making *m)
{
	bool is_pselect = m->row->id == CALL_pselect;
	const struct arg *sets[3];
	struct waiting w = {0};
	struct {
		const sigset_t *mask;
		size_t size;
	} masked = {NULL, MASK_SIZE};
	fd_set bits[3];
	int highest = -1;
	int64_t count, result;
	size_t shown = 0;

	for (size_t i = 0; i < 3; i++) {
		sets[i] = making_arg(m, 1 + i);
		read_set(m, sets[i], &bits[i], &highest);
	}
	count = arg_number(m, making_arg(m, 0), highest + 1);
	if (count > FD_SETSIZE) /* the size of the sets; the kernel would look beyond them */
		count = FD_SETSIZE;
	making_printf(m, "%lld", (long long)count);
	for (size_t i = 0; i < 3; i++)
		making_text(m, sets[i] ? arg_text(m, sets[i]) : "NULL");
	read_limit(m, 4, is_pselect ? &nanoseconds : &microseconds, &w);
	if (is_pselect)
		read_mask(m, 5, &w);
	masked.mask = w.has_mask ? &w.mask : NULL;
	result = making_call(m, SYS_pselect6,
			     (long[6]){count, (long)&bits[0], (long)&bits[1], (long)&bits[2],
				       w.has_limit ? (long)&w.left : 0, (long)&masked});
	if (result < 0)
		return;
	for (size_t i = 0; i < 3; i++) {
		const char *text = set_text(m, sets[i], &bits[i]);

		if (*text)
			making_seen(m, shown_at(shown++),
				    arena_printf(m->arena, "%s [%s]", set_words[i], text));
	}
	show_left(m, shown, &w);
}
