/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run may use: time, memory, bytes of captures. A script of a few lines can ask for more
 * than any machine has. So each of these has a limit, far above what any run of the library needs,
 * and an option. A run that reaches a limit is broken off. The message names the limit, and says
 * nothing about the kernel.
 *
 * Memory is that of this process, which keeps all that is seen, and the buffers of the calls under
 * way, which their actors keep.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/actor/making.h"
#include "harness/calls/calls.h"
#include "harness/engine/state.h"

#define MEBI (1024 * 1024)
#ifdef __SANITIZE_ADDRESS__ /* it takes several times as much */
#define DEFAULT_MEMORY (2048LL * MEBI)
#else
#define DEFAULT_MEMORY (256LL * MEBI)
#endif
#define DEFAULT_CAPTURED (512LL * MEBI)
#define PAUSE		 (5 * NS_PER_MS) /* between two looks at the memory */

int64_t amount_of(const struct arg *arg, int64_t unknown)
{
	int64_t sum = 0;

	if (arg->kind == ARG_STRING)
		sum = (int64_t)arg->length;
	else if (arg->kind == ARG_VALUE)
		sum = arg->value->kind == VALUE_INT && arg->value->number >= 0 ? arg->value->number
									       : unknown;
	for (size_t i = 0; i < arg->item_count; i++)
		sum = later(sum, amount_of(arg->items[i], unknown));
	return sum;
}

/* The part of an argument that needs memory. Flags do not: they can be any large number. */
static const struct arg *data_in(const struct call *call, size_t i)
{
	switch (call_param(call, i)->type) {
	case TYPE_DATA:
	case TYPE_BUFFER:
	case TYPE_PIECES:
	case TYPE_PIECES_OUT:
		return call->args[i];
	case TYPE_MESSAGE:
	case TYPE_MESSAGE_OUT:
		return arg_field(call->args[i], FIELD_msg_iov, 0);
	default:
		return NULL;
	}
}

/* The memory that its actor needs for the call: data and their lengths, in any form. */
static int64_t memory_of(const struct call *call)
{
	const struct arg *data = call->arg_count > 1 ? data_in(call, 1) : NULL;
	int64_t sum = data ? amount_of(data, 0) : 0;

	if (data && call->arg_count > 2 && call_param(call, 2)->type == TYPE_INT)
		sum = later(sum, amount_of(call->args[2], 0));
	return sum;
}

static int64_t memory_budget(const struct engine *e)
{
	return e->options->memory ? e->options->memory : DEFAULT_MEMORY;
}

/* As text; in bytes if it is less than 1 MB, since "0 MB" would be wrong. */
static const char *size_text(struct engine *e, int64_t size)
{
	return size < MEBI ? arena_printf(e->arena, "%lld bytes", (long long)size)
			   : arena_printf(e->arena, "%.4g MB", (double)size / MEBI);
}

bool budget_call(struct engine *e, const struct line *line)
{
	int64_t sum = memory_of(&line->call);

	for (size_t i = 0; i < e->actor_count; i++)
		if (e->actors[i].line >= 0)
			sum = later(sum, memory_of(&e->run->lines[e->actors[i].line].call));
	if (sum <= memory_budget(e))
		return true;
	return broken_at(e, line,
			 "this call, and those that are under way, need %s, which is more than "
			 "the run's memory of %s; --memory gives it more",
			 size_text(e, sum), size_text(e, memory_budget(e)));
}

/* This process's memory in use; 0 where /proc does not say. */
static int64_t resident(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	long long size, pages = 0;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return sscanf(text, "%lld %lld", &size, &pages) == 2 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

/* The line that the walk is at. */
static const struct line *here(const struct engine *e)
{
	return &e->run->lines[e->done ? e->done - 1 : 0];
}

bool budget_time_over(struct engine *e)
{
	return broken_at(e, here(e),
			 "the run was cut off at its limit of %.1f s; --limit gives it more",
			 (double)(e->limit - e->timeline->start) / NS_PER_S);
}

/*
 * The run has used too much of something. So it is broken, and no report shows all that was seen.
 * But if something else had broken the run before, it was not too much until then, and the reports
 * are made.
 */
static bool too_much(struct engine *e, const char *what, int64_t budget, const char *option)
{
	e->out->too_much = !e->out->broken;
	return broken_at(
	    e, here(e), "%s grew to more than %s; %s gives it more%s", what, size_text(e, budget),
	    option, e->run->headers ? "" : ", and `capture headers` keeps less of each packet");
}

bool budget_holds(struct engine *e)
{
	int64_t captured = e->options->captured ? e->options->captured : DEFAULT_CAPTURED;
	ns_t at = now();

	/* The run of a failure ends there normally. */
	if (e->limit && at >= e->limit && !e->options->blessing && !e->run->failure)
		return budget_time_over(e);
	if (e->out->capture.bytes > captured)
		return too_much(e, "the captures", captured, "--captured");
	if (at < e->looked + PAUSE)
		return true;
	e->looked = at;
	if (!outputs_hold(e))
		return false;
	return resident() <= memory_budget(e)
		   ? true
		   : too_much(e, "the run's memory", memory_budget(e), "--memory");
}
