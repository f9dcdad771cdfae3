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

#include "harness/actor/making.h"
#include "harness/actor/stopped.h"

static void begin_actor(struct making *m, pid_t (*begin)(struct making *, const char *))
{
	struct actor_reply *r = m->reply;

	r->entered = now();
	r->result = begin(m, m->bind);
	r->error = r->result < 0 ? errno : 0;
	r->returned = now();
}

void make_thread(struct making *m)
{
	begin_actor(m, m->spawn);
}

void make_fork(struct making *m)
{
	begin_actor(m, m->fork);
}

/* exit(3) without what it does before: an actor has nothing to flush, and no handlers. */
void make_exit(struct making *m)
{
	int status = (int)making_number(m, 0, 0, "0");

	if (stops_seen())
		m->notify(m, NOTICE_STOPPED, getpid(), 0);
	if (!m->unbound)
		m->notify(m, NOTICE_EXITING, getpid(), (status & 0xff) << 8);
	making_call(m, SYS_exit_group, (long[6]){status});
}

/* ---- waiting ---- */

static const char *process_name(const struct making *m, int64_t pid)
{
	for (size_t i = 0; i < m->process_count; i++)
		if (m->processes[i].value == pid)
			return m->processes[i].name;
	return NULL;
}

int64_t arg_process(struct making *m, const struct arg *arg)
{
	if (!arg || arg->kind != ARG_NAMES)
		return arg_number(m, arg, -1);
	for (size_t i = 0; i < m->process_count; i++)
		if (!strcmp(m->processes[i].name, arg->names[0]))
			return m->processes[i].value;
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
static void status_seen(struct making *m, size_t i, int status)
{
	bool is_null = arg_is_null(making_arg(m, i));
	const char *text = m->reply->result > 0 ? status_text(m->arena, status) : "...";

	making_text(m, is_null ? "NULL" : text);
	if (m->reply->result > 0 && !is_null)
		making_seen(m, i, text);
}

static void wait_for(struct making *m, int64_t pid, int64_t options)
{
	struct actor_reply *r = m->reply;
	int status = 0;

	making_call(m, SYS_wait4, (long[6]){pid, (long)&status, options, 0});
	if (r->result > 0) {
		r->bound = process_name(m, r->result);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			m->notify(m, NOTICE_REAPED, (pid_t)r->result, status);
	}
	status_seen(m, m->row->params[0].type == TYPE_PROCESS, status);
}

void make_wait(struct making *m)
{
	wait_for(m, -1, 0);
}

/* waitpid, and wait4 without its last argument, which is about time spent. */
void make_wait4(struct making *m)
{
	const struct arg *whom = making_arg(m, 0), *options = making_arg(m, 2);

	making_text(m, whom ? arg_text(m, whom) : "-1");
	wait_for(m, arg_process(m, whom), arg_number(m, options, 0));
	making_text(m, options ? arg_text(m, options) : "0");
	if (m->row->params[3].name)
		making_text(m, "NULL");
}
