/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether somebody else has stopped a process for a while: a user, a debugger, a batch system. Then
 * its actions come late, or not at all, and the kernel under test is not to blame.
 *
 * A process is not told that it was stopped; only its parent is. But SIGCONT makes it go on even if
 * that signal is blocked, and then it stays pending (signal(7)), without disturbing any call; the
 * kernel notes it before the process can do anything. Only another SIGSTOP removes it, and then the
 * process is stopped, or about to be, which can also be seen. So all processes of a run have
 * SIGCONT blocked, unless the script uses it.
 */
#ifndef STOPPED_H
#define STOPPED_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* From now on this process, its future threads and all that it forks can detect it, or cannot. */
void stops_watch(bool can_tell);
/* Whether this process was stopped since then. */
bool stops_seen(void);
/* A set of signals that a script wants to block, and one that it is shown. */
void stops_keep(sigset_t *blocked);
void stops_hide(sigset_t *shown);

/* The same for any such process, from outside; also true if it is stopped now, or about to be. */
bool process_was_stopped(pid_t pid);

#endif
