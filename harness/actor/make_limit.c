/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process may do: resource limits and capabilities.
 *
 * A limit on descriptors belongs to the process: a lower limit does not close the harness's
 * descriptors, and the harness opens more only for a new thread. Capabilities belong to a thread. A
 * process that should be like an ordinary user's gives them up: capset(..., {effective=0}).
 */
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/frame.h"
#include "harness/calls/structs.h"

/*
 * Argument `i` as the kernel takes it, with the current value of fields that are not written; NULL
 * for NULL.
 */
static struct rlimit64 *limit_given(struct call_frame *f, size_t i, int64_t resource,
				    struct rlimit64 *limit)
{
	const struct arg *arg = frame_arg(f, i);

	if (!arg || arg_is_null(arg))
		return NULL;
	syscall(SYS_prlimit64, 0L, (long)resource, 0L, limit);
	struct_put(f, &struct_rlimit, arg, limit);
	return limit;
}

/* Whether argument `i`, which is filled in, is not NULL. */
static bool is_wanted(const struct call_frame *f, size_t i)
{
	return !arg_is_null(frame_arg(f, i));
}

static void limit_seen(struct call_frame *f, size_t i, const struct rlimit64 *limit)
{
	const char *seen = "NULL";

	if (is_wanted(f, i)) {
		seen = f->reply->result < 0
			   ? "..."
			   : struct_text(f->arena, &struct_rlimit, limit, sizeof(*limit));
		if (f->reply->result >= 0)
			frame_seen(f, i, seen);
	}
	frame_text(f, seen);
}

void make_getrlimit(struct call_frame *f)
{
	int64_t resource = frame_number(f, 0, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0};

	frame_call(f, SYS_prlimit64, (long[6]){0, resource, 0, is_wanted(f, 1) ? (long)&limit : 0});
	limit_seen(f, 1, &limit);
}

void make_setrlimit(struct call_frame *f)
{
	int64_t resource = frame_number(f, 0, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0};

	frame_text(f, arg_text(f, frame_arg(f, 1)));
	frame_call(f, SYS_prlimit64,
		   (long[6]){0, resource, (long)limit_given(f, 1, resource, &limit), 0});
}

void make_prlimit(struct call_frame *f)
{
	int64_t pid = frame_number(f, 0, 0, "0");
	int64_t resource = frame_number(f, 1, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0}, old = {0};

	frame_text(f, frame_arg(f, 2) ? arg_text(f, frame_arg(f, 2)) : "NULL");
	frame_call(f, SYS_prlimit64,
		   (long[6]){pid, resource, (long)limit_given(f, 2, resource, &limit),
			     is_wanted(f, 3) ? (long)&old : 0});
	limit_seen(f, 3, &old);
}

/* ---- capabilities ---- */

/* The kernel takes each set in two words, the low ones first. */
typedef struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

static struct __user_cap_header_struct header_given(struct call_frame *f)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct struct_row *row = &struct_capability_header;
	const struct arg *arg = frame_arg(f, 0);

	if (arg)
		struct_put(f, row, arg, &header);
	frame_text(f, struct_text(f->arena, row, &header, sizeof(header)));
	return header;
}

static uint64_t joined(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static struct capability_sets from_words(words w)
{
	return (struct capability_sets){
	    .effective = joined(w[0].effective, w[1].effective),
	    .permitted = joined(w[0].permitted, w[1].permitted),
	    .inheritable = joined(w[0].inheritable, w[1].inheritable),
	};
}

static void to_words(const struct capability_sets *sets, words w)
{
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		w[i] = (struct __user_cap_data_struct){
		    .effective = (uint32_t)(sets->effective >> 32 * i),
		    .permitted = (uint32_t)(sets->permitted >> 32 * i),
		    .inheritable = (uint32_t)(sets->inheritable >> 32 * i),
		};
}

void make_capget(struct call_frame *f)
{
	struct __user_cap_header_struct header = header_given(f);
	struct capability_sets sets;
	const char *seen = "...";
	words w = {{0}};

	if (frame_call(f, SYS_capget, (long[6]){(long)&header, (long)w}) >= 0) {
		sets = from_words(w);
		seen = struct_text(f->arena, &struct_capabilities, &sets, sizeof(sets));
		frame_seen(f, 1, seen);
	}
	frame_text(f, seen);
}

/* Sets that are not written stay as they are. */
void make_capset(struct call_frame *f)
{
	struct __user_cap_header_struct own = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_header_struct header = header_given(f);
	struct capability_sets sets;
	words w = {{0}};

	syscall(SYS_capget, &own, w);
	sets = from_words(w);
	struct_put(f, &struct_capabilities, frame_arg(f, 1), &sets);
	to_words(&sets, w);
	frame_text(f, struct_text(f->arena, &struct_capabilities, &sets, sizeof(sets)));
	frame_call(f, SYS_capset, (long[6]){(long)&header, (long)w});
}
