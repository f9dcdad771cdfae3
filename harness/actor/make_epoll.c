/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * epoll. An event's data is, unless a script says otherwise, the descriptor that it is about, and
 * is shown by its name.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "harness/actor/frame.h"

#define MAX_EVENTS 256 /* the most that are taken at once, however many are asked for */

/*
 * The upper half of an event's data if that is a descriptor of ours, and not a number of the
 * script.
 */
#define DESCRIPTORS 0xe9011fd5ULL

void make_epoll_create(struct call_frame *f)
{
	int64_t flags = 0;

	if (f->row->id == CALL_epoll_create1)
		flags = frame_number(f, 0, 0, "0");
	else
		frame_number(f, 0, 1, "1"); /* a size that means nothing since 2.6.8 */
	frame_call(f, SYS_epoll_create1, (long[6]){flags});
}

void make_epoll_ctl(struct call_frame *f)
{
	int epoll = frame_descriptor(f, 0);
	int64_t op = frame_number(f, 1, EPOLL_CTL_ADD, "EPOLL_CTL_ADD");
	int fd = frame_descriptor(f, 2);
	const struct arg *arg = frame_arg(f, 3), *data = arg_field(arg, FIELD_data, 1);
	struct epoll_event event = {0};

	event.events = (uint32_t)arg_number(f, arg_field(arg, FIELD_events, 0), 0);
	if (data && data->kind == ARG_VALUE)
		event.data.u64 = (uint64_t)arg_number(f, data, 0);
	else
		event.data.u64 =
		    DESCRIPTORS << 32 | (uint32_t)(data ? arg_descriptor(f, data) : fd);
	frame_text(f, arg ? arg_text(f, arg) : "NULL");
	frame_call(f, SYS_epoll_ctl, (long[6]){epoll, op, fd, (long)&event});
}

static const char *data_text(struct call_frame *f, uint64_t data)
{
	const char *name;

	if (data >> 32 != DESCRIPTORS)
		return arena_printf(f->arena, "%lld", (long long)data);
	name = descriptor_name(f->descriptors, f->arena, (int)(uint32_t)data);
	return name ? name : "closed";
}

void make_epoll_wait(struct call_frame *f)
{
	struct epoll_event events[MAX_EVENTS];
	int epoll = frame_descriptor(f, 0);
	int64_t most = arg_number(f, frame_arg(f, 2), MAX_EVENTS);
	int64_t wait = arg_number(f, frame_arg(f, 3), -1);
	const char *seen = "";
	int64_t result;

	most = most > MAX_EVENTS ? MAX_EVENTS : most;
	result = frame_call(f, SYS_epoll_pwait, (long[6]){epoll, (long)events, most, wait});
	for (int64_t i = 0; i < result; i++)
		seen = joined_text(f->arena, seen,
				   arena_printf(f->arena, "{events=%s, data=%s}",
						flags_text(f->arena, GROUP_epoll, events[i].events),
						data_text(f, events[i].data.u64)));
	seen = result < 0 ? "..." : arena_printf(f->arena, "[%s]", seen);
	if (result >= 0)
		frame_seen(f, 1, seen);
	frame_text(f, seen);
	frame_printf(f, "%lld", (long long)most);
	frame_printf(f, "%lld", (long long)wait);
}
