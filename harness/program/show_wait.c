/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of calls that wait for several descriptors: poll, select, epoll.
 *
 * What has come of it is shown beside the result, as strace does: of a poll only the entries that
 * have events, of a select the sets that are not empty.
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "harness/actor/frame.h"
#include "harness/calls/structs.h"
#include "harness/program/show.h"

#define MOST_ENTRIES 32 /* that are shown of one list */

static const char *end_of_list(struct decoding *d, const char *list, bool is_cut)
{
	return arena_printf(d->arena, "[%s]", is_cut ? joined_text(d->arena, list, "...") : list);
}

void show_polled(struct decoding *d, int at, const char *group)
{
	struct pollfd fds[MOST_ENTRIES];
	uint64_t count = argument(d, at + 1);
	size_t shown = count < MOST_ENTRIES ? count : MOST_ENTRIES;
	const char *asked = "", *come = "";

	(void)group;
	if (shown && !read_memory(d, argument(d, at), fds, shown * sizeof(*fds))) {
		show(d, decode_is_null(d, at) ? "NULL" : "...");
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		asked = joined_text(
		    d->arena, asked,
		    arena_printf(d->arena, "{fd=%d, events=%s}", fds[i].fd,
				 flags_text(d->arena, "poll", (unsigned short)fds[i].events)));
		if (fds[i].revents)
			come =
			    joined_text(d->arena, come,
					arena_printf(d->arena, "{fd=%d, revents=%s}", fds[i].fd,
						     flags_text(d->arena, "poll",
								(unsigned short)fds[i].revents)));
	}
	show(d, end_of_list(d, asked, shown < count));
	if (d->returned && d->result >= 0)
		show_beside(d, 0, end_of_list(d, come, shown < count));
}

static const char *set_text(struct decoding *d, int at, int most)
{
	fd_set set;
	const char *text = "";

	FD_ZERO(&set);
	if (most > FD_SETSIZE)
		most = FD_SETSIZE;
	/* The kernel reads whole words (fs/select.c). */
	if (!read_memory(d, argument(d, at), &set, ((size_t)most + 63) / 64 * 8))
		return "...";
	for (int fd = 0; fd < most; fd++)
		if (FD_ISSET(fd, &set))
			text = arena_printf(d->arena, "%s%s%d", text, *text ? " " : "", fd);
	return arena_printf(d->arena, "[%s]", text);
}

/* What it held at the beginning is overwritten by the end. */
void show_set(struct decoding *d, int at, const char *group)
{
	int most = (int)argument(d, 0);
	const char *text;

	if (decode_is_null(d, at) || most <= 0) {
		show(d, "NULL");
		return;
	}
	text = set_text(d, at, most);
	show(d, d->returned ? "..." : text);
	if (d->returned && d->result > 0 && strcmp(text, "[]") != 0)
		show_beside(d, 0, arena_printf(d->arena, "%s %s", group, text));
}

/* A script's select() has microseconds. */
static const char *time_text(struct decoding *d, int at, const char *group)
{
	const struct struct_row *row = struct_find(group);
	unsigned char bytes[MAX_STRUCT];
	struct timespec time;

	if (!read_memory(d, argument(d, at), bytes, row->size))
		return "...";
	if (d->name == d->row->bare && !strcmp(group, "timespec")) {
		memcpy(&time, bytes, sizeof(time));
		return arena_printf(d->arena, "{tv_sec=%lld, tv_usec=%ld}", (long long)time.tv_sec,
				    time.tv_nsec / 1000);
	}
	return struct_text(d->arena, row, bytes, row->size);
}

void show_struct(struct decoding *d, int at, const char *group)
{
	if (decode_is_null(d, at))
		show(d, "NULL");
	else /* the kernel writes back what is left */
		show(d, d->returned ? "..." : time_text(d, at, group));
}

/* Not an argument of its own: what is left of the time-out that has been shown. */
void show_left(struct decoding *d, int at, const char *group)
{
	if (d->returned && d->result > 0 && !decode_is_null(d, at))
		show_beside(d, 1, arena_printf(d->arena, "left %s", time_text(d, at, group)));
}

/* Which signals are blocked meanwhile. */
void show_mask(struct decoding *d, int at, const char *group)
{
	show_pointer(d, at, group);
}

/* ---- epoll ---- */

/* What a program keeps as data is its own: a number or an address. */
static const char *event_text(struct decoding *d, const struct epoll_event *event)
{
	return arena_printf(d->arena, "{events=%s, data=%llu}",
			    flags_text(d->arena, "epoll", event->events),
			    (unsigned long long)event->data.u64);
}

void show_event(struct decoding *d, int at, const char *group)
{
	struct epoll_event event;

	(void)group;
	if (decode_is_null(d, at))
		show(d, "NULL");
	else
		show(d, read_memory(d, argument(d, at), &event, sizeof(event))
			    ? event_text(d, &event)
			    : "...");
}

void show_events(struct decoding *d, int at, const char *group)
{
	struct epoll_event events[MOST_ENTRIES];
	size_t shown = d->result < MOST_ENTRIES ? (size_t)d->result : MOST_ENTRIES;
	const char *text = "";

	(void)group;
	if (!d->returned || d->result < 0 ||
	    (shown && !read_memory(d, argument(d, at), events, shown * sizeof(*events)))) {
		show(d, "...");
		return;
	}
	for (size_t i = 0; i < shown; i++)
		text = joined_text(d->arena, text, event_text(d, &events[i]));
	show_filled(d, end_of_list(d, text, (int64_t)shown < d->result));
}
