/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of calls that wait for several descriptors: poll, select, epoll.
 *
 * What has happened is shown beside the result, as strace does: of a poll only the entries that
 * have events, of a select only the sets that are not empty.
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "harness/actor/making.h"
#include "harness/calls/structs.h"
#include "harness/program/show.h"

#define MOST_ENTRIES 32 /* shown of one list */

static const char *end_of_list(struct decoding *d, const char *list, bool is_cut)
{
	return arena_printf(d->arena, "[%s]", is_cut ? joined_text(d->arena, list, "...") : list);
}

void show_polled(struct decoding *d, const struct shown *s)
{
	struct pollfd fds[MOST_ENTRIES];
	uint64_t count = argument(d, s->at + 1);
	size_t shown = count < MOST_ENTRIES ? count : MOST_ENTRIES;
	const char *asked = "", *come = "";

	if (shown && !read_memory(d, argument(d, s->at), fds, shown * sizeof(*fds))) {
		show(d, decode_is_null(d, s->at) ? "NULL" : "...");
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		asked = joined_text(
		    d->arena, asked,
		    arena_printf(d->arena, "{fd=%d, events=%s}", fds[i].fd,
				 flags_text(d->arena, GROUP_poll, (unsigned short)fds[i].events)));
		if (fds[i].revents)
			come =
			    joined_text(d->arena, come,
					arena_printf(d->arena, "{fd=%d, revents=%s}", fds[i].fd,
						     flags_text(d->arena, GROUP_poll,
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

/* The kernel has overwritten the beginning's content at the end. */
void show_set(struct decoding *d, const struct shown *s)
{
	int most = (int)argument(d, 0);
	const char *text;

	if (decode_is_null(d, s->at) || most <= 0) {
		show(d, "NULL");
		return;
	}
	text = set_text(d, s->at, most);
	show(d, d->returned ? "..." : text);
	if (d->returned && d->result > 0 && strcmp(text, "[]") != 0)
		show_beside(d, 0, arena_printf(d->arena, "%s %s", s->set, text));
}

/* A script's select() has microseconds. */
static const char *time_text(struct decoding *d, const struct shown *s)
{
	const struct struct_row *row = s->structure;
	unsigned char bytes[MAX_STRUCT];
	struct timespec time;

	if (!read_memory(d, argument(d, s->at), bytes, row->size))
		return "...";
	if (d->name == d->row->bare && row == &struct_timespec) {
		memcpy(&time, bytes, sizeof(time));
		return arena_printf(d->arena, "{tv_sec=%lld, tv_usec=%ld}", (long long)time.tv_sec,
				    time.tv_nsec / 1000);
	}
	return struct_text(d->arena, row, bytes, row->size);
}

void show_struct(struct decoding *d, const struct shown *s)
{
	if (decode_is_null(d, s->at))
		show(d, "NULL");
	else /* the kernel writes back what is left */
		show(d, d->returned ? "..." : time_text(d, s));
}

/* It is no further argument: it is the rest of the timeout that has been shown. */
void show_left(struct decoding *d, const struct shown *s)
{
	if (d->returned && d->result > 0 && !decode_is_null(d, s->at))
		show_beside(d, 1, arena_printf(d->arena, "left %s", time_text(d, s)));
}

/* The signals that are blocked during the call. */
void show_mask(struct decoding *d, const struct shown *s)
{
	show_pointer(d, s);
}

/* ---- epoll ---- */

/* The data belong to the program: a number or an address. */
static const char *event_text(struct decoding *d, const struct epoll_event *event)
{
	return arena_printf(d->arena, "{events=%s, data=%llu}",
			    flags_text(d->arena, GROUP_epoll, event->events),
			    (unsigned long long)event->data.u64);
}

void show_event(struct decoding *d, const struct shown *s)
{
	struct epoll_event event;

	if (decode_is_null(d, s->at))
		show(d, "NULL");
	else
		show(d, read_memory(d, argument(d, s->at), &event, sizeof(event))
			    ? event_text(d, &event)
			    : "...");
}

void show_events(struct decoding *d, const struct shown *s)
{
	struct epoll_event events[MOST_ENTRIES];
	size_t shown = d->result < MOST_ENTRIES ? (size_t)d->result : MOST_ENTRIES;
	const char *text = "";

	if (!d->returned || d->result < 0 ||
	    (shown && !read_memory(d, argument(d, s->at), events, shown * sizeof(*events)))) {
		show(d, "...");
		return;
	}
	for (size_t i = 0; i < shown; i++)
		text = joined_text(d->arena, text, event_text(d, &events[i]));
	show_filled(d, end_of_list(d, text, (int64_t)shown < d->result));
}
