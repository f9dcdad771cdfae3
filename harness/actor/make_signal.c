/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process does with signals: kill, raise, alarm, pause, signal, sigaction, sigprocmask.
 *
 * There is one handler, called `handler`; it notes that it ran, and does nothing else. So a script
 * only chooses one of three for a signal: `handler`, SIG_IGN or SIG_DFL.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/making.h"
#include "harness/actor/stopped.h"
#include "harness/base/signals.h"

/*
 * As the constants of the group "handler" have it: a function with no other number is the handler.
 */
#define IS_HANDLER 2

#define LAST_SIGNAL 64

/* A function of the C library, which is more than a system call, between two readings of the clock.
 */
static void begin(struct making *m)
{
	errno = 0;
	m->reply->entered = now();
}

static void end(struct making *m, int64_t result)
{
	int error = errno;

	m->reply->returned = now();
	m->reply->result = result;
	m->reply->error = result == -1 ? error : 0;
}

/* ---- sending ---- */

void make_kill(struct making *m)
{
	const struct arg *whom = making_arg(m, 0);
	int64_t pid = arg_process(m, whom);

	making_text(m, arg_text(m, whom));
	/* A number could mean any process, or all of them: the checker accepts only names. */
	making_call(m, SYS_kill,
		    (long[6]){pid > 0 ? pid : NO_PROCESS, making_number(m, 1, 0, "0")});
}

void make_raise(struct making *m)
{
	int64_t number = making_number(m, 0, 0, "0");

	making_call(m, SYS_tgkill, (long[6]){getpid(), gettid(), number});
}

void make_alarm(struct making *m)
{
	int64_t seconds = making_number(m, 0, 0, "0");

	begin(m);
	end(m, alarm((unsigned)seconds));
}

/* pause(2) is not in every architecture; poll of nothing is, and ends likewise. */
void make_pause(struct making *m)
{
	making_call(m, SYS_ppoll, (long[6]){0});
}

/* ---- sets of signals ---- */

/* [SIGUSR1 SIGCHLD] */
sigset_t arg_signals(struct making *m, const struct arg *arg)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; arg && arg->kind == ARG_LIST && i < arg->item_count; i++)
		sigaddset(&set, (int)arg_number(m, arg->items[i], 0));
	return set;
}

static const char *set_text(struct arena *a, const sigset_t *set)
{
	const char *text = "";

	for (int i = 1; i <= LAST_SIGNAL; i++) {
		const char *name = constant_name(GROUP_signal, i);

		if (sigismember(set, i) == 1)
			text = arena_printf(a, "%s%s%s", text, *text ? " " : "",
					    name ? name : signal_name(a, i));
	}
	return arena_printf(a, "[%s]", text);
}

/* The next argument of the text, which is argument `i`, was filled in with this. */
static void filled(struct making *m, size_t i, const char *text)
{
	if (!making_arg(m, i) || arg_is_null(making_arg(m, i))) {
		making_text(m, "NULL");
		return;
	}
	making_text(m, m->reply->result < 0 ? "..." : text);
	if (m->reply->result >= 0)
		making_seen(m, i, text);
}

void make_sigprocmask(struct making *m)
{
	int64_t how = making_number(m, 0, SIG_BLOCK, "SIG_BLOCK");
	const struct arg *arg = making_arg(m, 1);
	sigset_t set = arg_signals(m, arg), old;

	making_text(m, arg ? arg_text(m, arg) : "NULL");
	sigemptyset(&old);
	if (how == SIG_SETMASK)
		stops_keep(&set);
	/* The C library's function, since it excludes its own two signals. */
	begin(m);
	errno = pthread_sigmask((int)how, !arg || arg_is_null(arg) ? NULL : &set, &old);
	end(m, errno ? -1 : 0);
	stops_hide(&old);
	filled(m, 2, set_text(m->arena, &old));
}

/* ---- what is done about a signal ---- */

static sighandler_t handler_of(int64_t number)
{
	if (number == 0)
		return SIG_DFL;
	return number == 1 ? SIG_IGN : signal_noted;
}

static int64_t handler_number(sighandler_t handler)
{
	if (handler == SIG_DFL)
		return 0;
	return handler == SIG_IGN ? 1 : IS_HANDLER;
}

static const char *handler_name(sighandler_t handler)
{
	return constant_name(GROUP_handler, handler_number(handler));
}

/* signal(2) as the C library has it: an interrupted call is resumed. */
void make_signal(struct making *m)
{
	int64_t number = making_number(m, 0, 0, "0");
	sighandler_t handler = handler_of(making_number(m, 1, 0, "SIG_DFL")), old;

	begin(m);
	old = signal((int)number, handler);
	end(m, old == SIG_ERR ? -1 : handler_number(old));
	if (m->reply->result >= 0)
		m->reply->bound = handler_name(old);
}

static const char *action_text(struct arena *a, const struct sigaction *action)
{
	int64_t flags = 0, flag;

	/* Only those with a name: not the C library's own. */
	for (const char *const *name = constant_names(GROUP_sigaction); *name; name++)
		if (constant_value(GROUP_sigaction, *name, &flag))
			flags |= action->sa_flags & flag;
	return arena_printf(a, "{sa_handler=%s, sa_mask=%s, sa_flags=%s}",
			    handler_name(action->sa_handler), set_text(a, &action->sa_mask),
			    flags_text(a, GROUP_sigaction, flags));
}

void make_sigaction(struct making *m)
{
	int64_t number = making_number(m, 0, 0, "0");
	const struct arg *arg = making_arg(m, 1);
	struct sigaction action = {0}, old = {0};

	action.sa_handler = handler_of(arg_number(m, arg_field(arg, FIELD_sa_handler, 0), 0));
	action.sa_mask = arg_signals(m, arg_field(arg, FIELD_sa_mask, 1));
	action.sa_flags = (int)arg_number(m, arg_field(arg, FIELD_sa_flags, 2), 0);
	making_text(m, arg ? arg_text(m, arg) : "NULL");
	begin(m);
	end(m, sigaction((int)number, !arg || arg_is_null(arg) ? NULL : &action, &old));
	filled(m, 2, action_text(m->arena, &old));
}
