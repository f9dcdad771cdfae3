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

#include "harness/actor/making.h"
#include "harness/calls/structs.h"

/*
 * Argument `i` as the kernel takes it, with the current value of fields that are not written; NULL
 * for NULL.
 */
static struct rlimit64 *limit_given(struct making *m, size_t i, int64_t resource,
				    struct rlimit64 *limit)
{
	const struct arg *arg = making_arg(m, i);

	if (!arg || arg_is_null(arg))
		return NULL;
	syscall(SYS_prlimit64, 0L, (long)resource, 0L, limit);
	struct_put(m, &struct_rlimit, arg, limit);
	return limit;
}

/* Whether argument `i`, which is filled in, is not NULL. */
static bool is_wanted(const struct making *m, size_t i)
{
	return !arg_is_null(making_arg(m, i));
}

static void limit_seen(struct making *m, size_t i, const struct rlimit64 *limit)
{
	const char *seen = "NULL";

	if (is_wanted(m, i)) {
		seen = m->reply->result < 0
			   ? "..."
			   : struct_text(m->arena, &struct_rlimit, limit, sizeof(*limit));
		if (m->reply->result >= 0)
			making_seen(m, i, seen);
	}
	making_text(m, seen);
}

void make_getrlimit(struct making *m)
{
	int64_t resource = making_number(m, 0, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0};

	making_call(m, SYS_prlimit64,
		    (long[6]){0, resource, 0, is_wanted(m, 1) ? (long)&limit : 0});
	limit_seen(m, 1, &limit);
}

void make_setrlimit(struct making *m)
{
	int64_t resource = making_number(m, 0, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0};

	making_text(m, arg_text(m, making_arg(m, 1)));
	making_call(m, SYS_prlimit64,
		    (long[6]){0, resource, (long)limit_given(m, 1, resource, &limit), 0});
}

void make_prlimit(struct making *m)
{
	int64_t pid = making_number(m, 0, 0, "0");
	int64_t resource = making_number(m, 1, RLIMIT_NOFILE, "RLIMIT_NOFILE");
	struct rlimit64 limit = {0}, old = {0};

	making_text(m, making_arg(m, 2) ? arg_text(m, making_arg(m, 2)) : "NULL");
	making_call(m, SYS_prlimit64,
		    (long[6]){pid, resource, (long)limit_given(m, 2, resource, &limit),
			      is_wanted(m, 3) ? (long)&old : 0});
	limit_seen(m, 3, &old);
}

/* ---- capabilities ---- */

/* The kernel takes each set in two words, the low ones first. */
typedef struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

static struct __user_cap_header_struct header_given(struct making *m)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct struct_row *row = &struct_capability_header;
	const struct arg *arg = making_arg(m, 0);

	if (arg)
		struct_put(m, row, arg, &header);
	making_text(m, struct_text(m->arena, row, &header, sizeof(header)));
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

void make_capget(struct making *m)
{
	struct __user_cap_header_struct header = header_given(m);
	struct capability_sets sets;
	const char *seen = "...";
	words w = {{0}};

	if (making_call(m, SYS_capget, (long[6]){(long)&header, (long)w}) >= 0) {
		sets = from_words(w);
		seen = struct_text(m->arena, &struct_capabilities, &sets, sizeof(sets));
		making_seen(m, 1, seen);
	}
	making_text(m, seen);
}

/* Sets that are not written stay as they are. */
void make_capset(struct making *m)
{
	struct __user_cap_header_struct own = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_header_struct header = header_given(m);
	struct capability_sets sets;
	words w = {{0}};

	syscall(SYS_capget, &own, w);
	sets = from_words(w);
	struct_put(m, &struct_capabilities, making_arg(m, 1), &sets);
	to_words(&sets, w);
	making_text(m, struct_text(m->arena, &struct_capabilities, &sets, sizeof(sets)));
	making_call(m, SYS_capset, (long[6]){(long)&header, (long)w});
}
