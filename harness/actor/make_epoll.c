/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * epoll. An event's data is, unless a script says otherwise, the descriptor that it is about, and
 * is shown by its name.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "harness/actor/making.h"

#define MAX_EVENTS 256 /* the most that are taken at once, however many are asked for */

/*
 * The upper half of an event's data if that is a descriptor of ours, and not a number of the
 * script.
 */
#define DESCRIPTORS 0xe9011fd5ULL

void make_epoll_create(struct making *m)
{
	int64_t flags = 0;

	if (m->row->id == CALL_epoll_create1)
		flags = making_number(m, 0, 0, "0");
	else
		making_number(m, 0, 1, "1"); /* a size that means nothing since 2.6.8 */
	making_call(m, SYS_epoll_create1, (long[6]){flags});
}

void make_epoll_ctl(struct making *m)
{
	int epoll = making_descriptor(m, 0);
	int64_t op = making_number(m, 1, EPOLL_CTL_ADD, "EPOLL_CTL_ADD");
	int fd = making_descriptor(m, 2);
	const struct arg *arg = making_arg(m, 3), *data = arg_field(arg, FIELD_data, 1);
	struct epoll_event event = {0};

	event.events = (uint32_t)arg_number(m, arg_field(arg, FIELD_events, 0), 0);
	if (data && data->kind == ARG_VALUE)
		event.data.u64 = (uint64_t)arg_number(m, data, 0);
	else
		event.data.u64 =
		    DESCRIPTORS << 32 | (uint32_t)(data ? arg_descriptor(m, data) : fd);
	making_text(m, arg ? arg_text(m, arg) : "NULL");
	making_call(m, SYS_epoll_ctl, (long[6]){epoll, op, fd, (long)&event});
}

static const char *data_text(struct making *m, uint64_t data)
{
	const char *name;

	if (data >> 32 != DESCRIPTORS)
		return arena_printf(m->arena, "%lld", (long long)data);
	name = descriptor_name(m->descriptors, m->arena, (int)(uint32_t)data);
	return name ? name : "closed";
}

void make_epoll_wait(struct making *m)
{
	struct epoll_event events[MAX_EVENTS];
	int epoll = making_descriptor(m, 0);
	int64_t most = arg_number(m, making_arg(m, 2), MAX_EVENTS);
	int64_t wait = arg_number(m, making_arg(m, 3), -1);
	const char *seen = "";
	int64_t result;

	most = most > MAX_EVENTS ? MAX_EVENTS : most;
	result = making_call(m, SYS_epoll_pwait, (long[6]){epoll, (long)events, most, wait});
	for (int64_t i = 0; i < result; i++)
		seen = joined_text(m->arena, seen,
				   arena_printf(m->arena, "{events=%s, data=%s}",
						flags_text(m->arena, GROUP_epoll, events[i].events),
						data_text(m, events[i].data.u64)));
	seen = result < 0 ? "..." : arena_printf(m->arena, "[%s]", seen);
	if (result >= 0)
		making_seen(m, 1, seen);
	making_text(m, seen);
	making_printf(m, "%lld", (long long)most);
	making_printf(m, "%lld", (long long)wait);
}
