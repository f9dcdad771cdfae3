/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether somebody else has stopped a process for a while: a user, a debugger, a batch system. What
 * it does then comes late, or not at all, and the kernel under test is not to blame.
 *
 * Nothing tells a process that it was stopped, and nobody but its parent. But SIGCONT makes it go
 * on even if it is blocked, and then it stays pending (signal(7)), without disturbing any call; the
 * kernel notes it before the process can do anything. Only a further SIGSTOP takes it away, and
 * then the process is stopped, or about to be, which can be seen, too. So all processes of a run
 * have SIGCONT blocked, where the script has nothing to do with it.
 */
#ifndef STOPPED_H
#define STOPPED_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "harness/script/ast.h"

/* Whether the script itself may stop processes, or make them go on. */
bool run_stops_processes(const struct run *run);

/* From now on this process, all its threads to come and all that it forks can tell, or cannot. */
void stops_watch(bool can_tell);
/* Whether this process was stopped since then. */
bool stops_seen(void);
/* A set that a script gives as what is to be blocked, and one that it is shown. */
void stops_keep(sigset_t *blocked);
void stops_hide(sigset_t *shown);

/* The same of any process that does so, from outside: or it is stopped now, or about to be. */
bool process_was_stopped(pid_t pid);

#endif
