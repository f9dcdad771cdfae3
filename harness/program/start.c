/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first process of a program, from fork() to execve().
 *
 * Its tracer seizes it before it does anything: until then it waits for a byte. Then it becomes
 * what a shell would have started: a process of the user, in its own session, with the usual
 * signals, and only with its input and output as descriptors. The filter comes last. The program
 * cannot notice it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/program/keeper.h"
#include "harness/program/told.h"

#define OPTIONS                                                                                    \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |    \
	 PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP)

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < SIGRTMIN; i++)
		sigaction(i, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool become_user(const struct keeper *k)
{
	const struct program_user *user = k->user;

	if (k->has_users || user->uid == geteuid())
		return true;
	return !setgroups(0, NULL) && !setresgid(user->gid, user->gid, user->gid) &&
	       !setresuid(user->uid, user->uid, user->uid);
}

/* In the new process. Returns what has failed. */
static const char *become_program(const struct keeper *k, int ready)
{
	char go;

	/*
	 * The receiver of a message sees its sender by its own numbers of processes. The engine
	 * answers when it watches this process, and the keeper when it traces it.
	 */
	if (!told_send(k->channel, &(struct told){.kind = TOLD_HERE}) ||
	    recv(k->channel, &go, 1, 0) != 1 || read(ready, &go, 1) != 1)
		_exit(127);
	setsid();
	reset_signals();
	setrlimit(RLIMIT_CORE, &(struct rlimit){1, 1});
	if (k->descriptors.rlim_max)
		setrlimit(RLIMIT_NOFILE, &k->descriptors);
	if (dup2(k->input, STDIN_FILENO) < 0 || dup2(k->output, STDOUT_FILENO) < 0 ||
	    dup2(k->errors, STDERR_FILENO) < 0)
		return "its input and output";
	syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
	/* In this order: an ordinary user may not filter without giving something up. */
	if (!filter_install(k->is_virtual))
		return "a filter of system calls (CONFIG_SECCOMP_FILTER)";
	if (!become_user(k))
		return "becoming the user";
	/*
	 * A process without privileges may filter more calls later only if it can never get any
	 * (widen.c).
	 */
	if (k->user->uid != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
		return "giving up set-user-ID programs";
	execve(k->program->path, (char *const *)k->program->argv, k->user->environment);
	return k->program->path;
}

static const char *seize_mend(int why)
{
	return why == EPERM ? " (is this already traced, by a debugger or strace -f?)" : "";
}

pid_t program_start(struct keeper *k)
{
	int ready[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ready) < 0) {
		snprintf(k->error, sizeof(k->error), "a socket pair: %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		char why[200];
		int n;

		close(ready[0]);
		n = snprintf(why, sizeof(why), "%s: ", become_program(k, ready[1]));
		if (n > 0 && (size_t)n < sizeof(why))
			snprintf(why + n, sizeof(why) - (size_t)n, "%s", strerror(errno));
		send(ready[1], why, strlen(why), MSG_NOSIGNAL);
		_exit(127);
	}
	close(ready[1]);
	k->starting = ready[0];
	if (pid < 0) {
		snprintf(k->error, sizeof(k->error), "a process for it: %s", strerror(errno));
		return -1;
	}
	if (ptrace(PTRACE_SEIZE, pid, 0UL, (unsigned long)OPTIONS) < 0) {
		snprintf(k->error, sizeof(k->error), "it cannot be traced: %s%s", strerror(errno),
			 seize_mend(errno));
		kill(pid, SIGKILL);
		return -1;
	}
	if (write(ready[0], "", 1) != 1)
		return -1;
	return pid;
}
