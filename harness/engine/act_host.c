/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Actions on a whole host, and on its processes: signals, settings, a crash and a boot. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/calls/calls.h"
#include "harness/engine/state.h"

/* ---- signals ---- */

/*
 * Whether all threads of that process are stopped, or none of them. A dead thread does not count.
 */
static bool all_stopped(const struct engine *e, const struct actor_link *process, bool stopped)
{
	for (size_t i = 0; i < e->actor_count; i++) {
		const struct actor_link *link = &e->actors[i];

		if (link->pid == process->pid && !link->gone &&
		    (actor_state(link) == 'T') != stopped)
			return false;
	}
	return true;
}

/* A process cannot report that it stops or continues. */
static bool confirm_stop(struct engine *e, size_t index, const struct actor_link *link, int number)
{
	ns_t until = now() + e->options->timeout;

	if (number != SIGSTOP && number != SIGCONT)
		return true;
	while (!all_stopped(e, link, number == SIGSTOP)) {
		if (now() >= until)
			return broken_at(e, &e->run->lines[index], "the process does not %s",
					 number == SIGSTOP ? "stop" : "go on");
		if (!watch(e, now() + GLANCE))
			return false;
	}
	return true;
}

/*
 * While a handler runs, its signal is blocked, so another one would go to another thread. A handler
 * reports while it still runs.
 */
static bool wait_for_handler(struct engine *e, const struct actor_link *link)
{
	ns_t until = now() + e->options->timeout;

	while (link->pidfd >= 0 && !link->gone && actor_state(link) == 'R' && now() < until)
		if (!watch(e, now() + GLANCE))
			return false;
	return true;
}

/* The program under test takes the place of its host's main actor. */
static bool signal_program(struct engine *e, size_t index, int number)
{
	struct program_link *p = &e->programs[e->run->lines[index].actor.id];
	ns_t began = now();

	p->is_signalled = true;
	if (syscall(SYS_pidfd_send_signal, p->pidfd, number, NULL, 0) < 0 && errno != ESRCH)
		return broken_at(e, &e->run->lines[index], "cannot send it: %s", strerror(errno));
	note_action(e, index, began);
	return true;
}

/*
 * Sends a signal to the named thread or process. The kernel hands a process's signal to its first
 * thread, unless that thread blocks it (complete_signal() in kernel/signal.c).
 */
bool do_signal(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	const struct actor_link *link = actor_of_line(e, line);
	int number = line->signal.number;
	size_t noted;
	ns_t began;
	long sent;

	if (e->programs[line->actor.id].keeper && !line->actor.part)
		return signal_program(e, index, number);
	if (!link)
		return broken_at(e, line, "there is no process of that name");
	if (!wait_for_handler(e, link))
		return false;
	began = now();
	sent = link->pidfd >= 0 ? syscall(SYS_pidfd_send_signal, link->pidfd, number, NULL, 0)
				: syscall(SYS_tgkill, link->pid, link->tid, number);
	if (sent < 0 && errno != ESRCH) /* it has died: that is on the time line */
		return broken_at(e, line, "cannot send it: %s", strerror(errno));
	noted = note_action(e, index, began);
	if (!confirm_stop(e, index, link, number))
		return false;
	if (number == SIGSTOP || number == SIGCONT)
		e->timeline->events[noted].to = now();
	return true;
}

/* ---- what a host is ---- */

bool do_sysctl(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	char error[256];
	ns_t began = now();

	if (!lab_sysctl(&e->lab, line->actor.id, line->sysctl.name, line->sysctl.value, error,
			sizeof(error)))
		return broken_at(e, line, "%s", error);
	note_action(e, index, began);
	return true;
}

bool do_ip(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	char error[256];
	ns_t began = now();

	if (!lab_ip(&e->lab, line->actor.id, line->ip.words, line->ip.count, error, sizeof(error)))
		return broken_by_lab(e, line, error);
	note_action(e, index, began);
	return true;
}

static bool set_firewall(struct engine *e, size_t index, enum firewall_state state)
{
	const struct line *line = &e->run->lines[index];
	ns_t began = now();

	if (!fault_firewall(&e->faults, line->actor.id, state))
		return broken_at(e, line, "%s", e->faults.error);
	note_action(e, index, began);
	return true;
}

bool do_mute(struct engine *e, size_t index)
{
	return set_firewall(e, index, FIREWALL_MUTE);
}

/*
 * Cut the host off first, so that nothing that its dying processes and sockets send can leave it.
 * For all other hosts it dies at this moment. Its settings stay, like those in a machine's
 * configuration.
 */
bool do_crash(struct engine *e, size_t index)
{
	enum host host = e->run->lines[index].actor.id;

	if (!set_firewall(e, index, FIREWALL_DEAD))
		return false;
	forget_processes(e, host);
	if (!sockets_destroy(&e->sockets, host))
		return broken_at(e, &e->run->lines[index], "%s", e->sockets.error);
	return true;
}

/* Nothing leaves the host before its firewall is opened. */
bool do_boot(struct engine *e, size_t index)
{
	return revive_host(e, e->run->lines[index].actor.id) &&
	       set_firewall(e, index, FIREWALL_ALIVE);
}
