/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads and processes: thread, fork, exit, wait.
 *
 * thread() is not a system call, but done by the actor. A forked process is also an actor; the
 * caller of fork() gets its number, which is shown to the script as the actor's name. How a process
 * ended is written with the names of waitpid(2)'s macros: {WEXITSTATUS=0}, {WTERMSIG=SIGKILL}.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/frame.h"
#include "harness/actor/stopped.h"

static void begin_actor(struct call_frame *f, pid_t (*begin)(struct call_frame *, const char *))
{
	struct actor_reply *r = f->reply;

	r->entered = now();
	r->result = begin(f, f->bind);
	r->error = r->result < 0 ? errno : 0;
	r->returned = now();
}

void make_thread(struct call_frame *f)
{
	begin_actor(f, f->spawn);
}

void make_fork(struct call_frame *f)
{
	begin_actor(f, f->fork);
}

/* exit(3) without what it does before: an actor has nothing to flush, and no handlers. */
void make_exit(struct call_frame *f)
{
	int status = (int)frame_number(f, 0, 0, "0");

	if (stops_seen())
		f->notify(f, NOTICE_STOPPED, getpid(), 0);
	if (!f->unbound)
		f->notify(f, NOTICE_EXITING, getpid(), (status & 0xff) << 8);
	frame_call(f, SYS_exit_group, (long[6]){status});
}

/* ---- waiting ---- */

static const char *process_name(const struct call_frame *f, int64_t pid)
{
	for (size_t i = 0; i < f->process_count; i++)
		if (f->processes[i].value == pid)
			return f->processes[i].name;
	return NULL;
}

int64_t arg_process(struct call_frame *f, const struct arg *arg)
{
	if (!arg || arg->kind != ARG_NAMES)
		return arg_number(f, arg, -1);
	for (size_t i = 0; i < f->process_count; i++)
		if (!strcmp(f->processes[i].name, arg->names[0]))
			return f->processes[i].value;
	return NO_PROCESS;
}

static const char *signal_word(struct arena *a, int number)
{
	const char *name = constant_name(GROUP_signal, number);

	return name ? name : arena_printf(a, "%d", number);
}

static const char *status_text(struct arena *a, int status)
{
	if (WIFEXITED(status))
		return arena_printf(a, "[{WEXITSTATUS=%d}]", WEXITSTATUS(status));
	if (WIFSTOPPED(status))
		return arena_printf(a, "[{WSTOPSIG=%s}]", signal_word(a, WSTOPSIG(status)));
	if (WIFCONTINUED(status))
		return "[{WIFCONTINUED=1}]";
	return arena_printf(a, "[{WTERMSIG=%s}]", signal_word(a, WTERMSIG(status)));
}

/* The next argument of the text is argument `i`, or what the kernel filled it in with. */
static void status_seen(struct call_frame *f, size_t i, int status)
{
	bool is_null = arg_is_null(frame_arg(f, i));
	const char *text = f->reply->result > 0 ? status_text(f->arena, status) : "...";

	frame_text(f, is_null ? "NULL" : text);
	if (f->reply->result > 0 && !is_null)
		frame_seen(f, i, text);
}

static void wait_for(struct call_frame *f, int64_t pid, int64_t options)
{
	struct actor_reply *r = f->reply;
	int status = 0;

	frame_call(f, SYS_wait4, (long[6]){pid, (long)&status, options, 0});
	if (r->result > 0) {
		r->bound = process_name(f, r->result);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			f->notify(f, NOTICE_REAPED, (pid_t)r->result, status);
	}
	status_seen(f, f->row->params[0].type == TYPE_PROCESS, status);
}

void make_wait(struct call_frame *f)
{
	wait_for(f, -1, 0);
}

/* waitpid, and wait4 without its last argument, which is about time spent. */
void make_wait4(struct call_frame *f)
{
	const struct arg *whom = frame_arg(f, 0), *options = frame_arg(f, 2);

	frame_text(f, whom ? arg_text(f, whom) : "-1");
	wait_for(f, arg_process(f, whom), arg_number(f, options, 0));
	frame_text(f, options ? arg_text(f, options) : "0");
	if (f->row->params[3].name)
		frame_text(f, "NULL");
}
