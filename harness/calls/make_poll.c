/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poll and select.
 *
 * Of poll's entries only those with revents are shown, in the order in which they are written; of
 * select's sets only those that are not empty, as strace does. Both are made as the system calls
 * that every architecture has, ppoll and pselect6.
 */
#include <poll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "harness/calls/frame.h"

static const char *polled_text(struct call_frame *f, const struct arg *entry)
{
	const struct arg *fd = arg_field(entry, "fd", 0);

	return fd ? arg_value_text(f, fd) : "...";
}

void make_poll(struct call_frame *f)
{
	struct pollfd entries[MAX_POLLED];
	const struct arg *list = frame_arg(f, 0);
	size_t count = 0, length;
	int64_t wait, result;
	struct timespec left;
	const char *seen = "";

	for (; list && count < list->item_count && count < MAX_POLLED; count++) {
		const struct arg *entry = list->items[count];

		entries[count].fd = arg_descriptor(f, arg_field(entry, "fd", 0));
		entries[count].events =
		    (short)arg_number(f, arg_field(entry, "events", 1), "poll", 0);
		entries[count].revents = 0;
	}
	frame_text(f, arg_text(f, list));
	length = arg_length(f, frame_arg(f, 1), count);
	length = length < count ? length : count;
	frame_printf(f, "%zu", length);
	wait = frame_number(f, 2, "", -1, "-1");
	left = (struct timespec){wait / 1000, wait % 1000 * NS_PER_MS};
	result = frame_call(f, SYS_ppoll,
			    (long[6]){(long)entries, (long)length, wait < 0 ? 0 : (long)&left});
	if (result < 0)
		return;
	for (size_t i = 0; i < length; i++) {
		if (entries[i].revents)
			seen = joined_text(
			    f->arena, seen,
			    arena_printf(f->arena, "{fd=%s, revents=%s}",
					 polled_text(f, list->items[i]),
					 flags_text(f->arena, "poll", entries[i].revents)));
	}
	frame_seen(f, 0, arena_printf(f->arena, "[%s]", seen));
}

/* ---- select ---- */

static const char *const set_words[] = {"in", "out", "except"};

/* A closed descriptor's number must fit in a set: the last one that does is never open. */
static int set_number(struct call_frame *f, const struct arg *arg)
{
	int fd = arg_descriptor(f, arg);

	return fd < 0 || fd >= FD_SETSIZE ? FD_SETSIZE - 1 : fd;
}

static void read_set(struct call_frame *f, const struct arg *arg, fd_set *set, int *highest)
{
	FD_ZERO(set);
	for (size_t i = 0; arg && arg->kind == ARG_LIST && i < arg->item_count; i++) {
		int fd = set_number(f, arg->items[i]);

		FD_SET(fd, set);
		*highest = fd > *highest ? fd : *highest;
	}
}

static const char *set_text(struct call_frame *f, const struct arg *arg, const fd_set *set)
{
	const char *text = "";

	for (size_t i = 0; arg && arg->kind == ARG_LIST && i < arg->item_count; i++)
		if (FD_ISSET(set_number(f, arg->items[i]), set))
			text = joined_text(f->arena, text, arg_text(f, arg->items[i]));
	return text;
}

/* What is too large for the structure is invalid, too. */
static long nanoseconds(int64_t microseconds)
{
	long ns;

	return __builtin_mul_overflow(microseconds, NS_PER_US, &ns) ? -1 : ns;
}

void make_select(struct call_frame *f)
{
	const struct arg *sets[3], *timeout = frame_arg(f, 4);
	struct timespec left = {0};
	fd_set bits[3];
	int highest = -1;
	int64_t count, result;
	size_t shown = 0;

	for (size_t i = 0; i < 3; i++) {
		sets[i] = frame_arg(f, 1 + i);
		read_set(f, sets[i], &bits[i], &highest);
	}
	count = arg_number(f, frame_arg(f, 0), "", highest + 1);
	if (count > FD_SETSIZE) /* so large are the sets; the kernel would look beyond them */
		count = FD_SETSIZE;
	frame_printf(f, "%lld", (long long)count);
	for (size_t i = 0; i < 3; i++)
		frame_text(f, sets[i] ? arg_text(f, sets[i]) : "NULL");
	frame_text(f, timeout ? arg_text(f, timeout) : "NULL");
	left.tv_sec = arg_number(f, arg_field(timeout, "tv_sec", 0), "", 0);
	left.tv_nsec = nanoseconds(arg_number(f, arg_field(timeout, "tv_usec", 1), "", 0));
	result = frame_call(f, SYS_pselect6,
			    (long[6]){count, (long)&bits[0], (long)&bits[1], (long)&bits[2],
				      !timeout || arg_is_null(timeout) ? 0 : (long)&left});
	if (result < 0)
		return;
	for (size_t i = 0; i < 3; i++) {
		const char *text = set_text(f, sets[i], &bits[i]);

		if (*text)
			frame_seen(f, shown_at(shown++),
				   arena_printf(f->arena, "%s [%s]", set_words[i], text));
	}
	/* What is left of the time is written back (select(2)), in the structure of another call.
	 */
	if (timeout && !arg_is_null(timeout))
		frame_seen(f, shown_at(shown),
			   arena_printf(f->arena, "left {tv_sec=%lld, tv_usec=%lld}",
					(long long)left.tv_sec,
					(long long)(left.tv_nsec / NS_PER_US)));
}
