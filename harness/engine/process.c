/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: when and how each one died, and which signals their handlers saw.
 *
 * A process's pidfd says that it has died (pidfd_open(2)), whichever process is its parent, and
 * does not reap it: the script may wait for it. How it ended is read from /proc while it is a
 * zombie. Later it is read from the pidfd, which knows it since Linux 6.15. On older kernels the
 * process that reaps it reports that: the actor whose call reaped it, or the host's init if it has
 * no parent any more. If nobody waits, because the parent ignores SIGCHLD, an exit is still known,
 * since the actor has announced it; a death by a signal is not known.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/signals.h"
#include "harness/calls/calls.h"
#include "harness/engine/cause.h"
#include "harness/engine/state.h"

#define FIRST_REALTIME 32 /* as the kernel counts them */

/* ---- notices ---- */

static const struct actor_link *find_thread(const struct engine *e, enum host host, pid_t tid)
{
	for (size_t i = e->actor_count;
	     i-- > 0;) /* the newest: after a boot, numbers begin again */
		if (e->actors[i].host == host && e->actors[i].own_tid == tid)
			return &e->actors[i];
	return NULL;
}

/*
 * A notice should come together with its cause. If it came later, its process waited for a CPU for
 * that time.
 */
static void date(struct engine *e, struct event *event, int cause)
{
	enum host host = event->host;

	cause_set(e->timeline, event, cause);
	if (cause >= 0)
		note_delay(e, host_name(host), event->to - event->from);
}

static void note_signal(struct engine *e, enum host host, const struct notice *notice)
{
	const struct actor_link *link = find_thread(e, host, notice->who);
	ns_t at = notice->at, latest = now();
	struct event *event;
	int cause;

	/* Our own processes never say this, but somebody who has taken one over may. */
	if (!link || !constant_name(GROUP_signal, notice->value))
		return;
	if (at > latest || at < e->timeline->start)
		at = latest;
	cause = cause_find(e->run, e->timeline, &e->judgement, notice->value, host, link->part, at);
	event = timeline_event(e->timeline, EVENT_SIGNAL, at, at);
	event->host = host;
	event->part = link->part;
	event->signal = notice->value;
	date(e, event, cause);
}

void close_notices(struct engine *e, enum host host)
{
	if (e->notices[host][0] > 0)
		close(e->notices[host][0]);
	e->notices[host][0] = -1;
}

void take_notices(struct engine *e)
{
	struct notice notice;
	int got;

	for (int h = 0; h < LAB_HOSTS; h++) {
		if (e->notices[h][0] <= 0)
			continue;
		while ((got = notice_take(e->notices[h][0], &notice)) > 0) {
			if (notice.kind == NOTICE_SIGNAL)
				note_signal(e, h, &notice);
			else if (notice.kind == NOTICE_STOPPED)
				note_stopped(
				    e, arena_printf(e->arena, "a process of the %s", host_name(h)));
			else
				*arena_push(e->arena, e->ends, e->end_count) =
				    (struct known_end){h, notice.who, notice.value};
		}
		/* Otherwise the end of file would wake the engine for ever. */
		if (got < 0)
			close_notices(e, h);
	}
}

/* ---- deaths ---- */

static bool is_watched(const struct actor_link *link)
{
	return link->pidfd >= 0 && !link->gone;
}

bool look_for_deaths(struct engine *e)
{
	struct pollfd fds[MAX_ACTORS];
	struct actor_link *links[MAX_ACTORS];
	nfds_t count = 0;

	for (size_t i = 0; i < e->actor_count; i++) {
		if (!is_watched(&e->actors[i]) || e->actors[i].died)
			continue;
		links[count] = &e->actors[i];
		fds[count++] = (struct pollfd){.fd = e->actors[i].pidfd, .events = POLLIN};
	}
	while (poll(fds, count, 0) < 0)
		if (errno != EINTR)
			return broken(e, "cannot look at the processes: %s", strerror(errno));
	for (nfds_t i = 0; i < count; i++)
		*(fds[i].revents ? &links[i]->died : &links[i]->alive) = now();
	return true;
}

static bool find_end(const struct engine *e, const struct actor_link *link, int *status)
{
	for (size_t i = e->end_count; i-- > 0;) {
		if (e->ends[i].host == link->host && e->ends[i].pid == link->own_pid) {
			*status = e->ends[i].status;
			return true;
		}
	}
	return false;
}

/*
 * All threads of a process die with it, and their calls do not return. Returns when the last of
 * these calls began: until then the process was alive.
 */
static ns_t abandon(struct engine *e, const struct actor_link *dead)
{
	ns_t latest = dead->alive;

	for (size_t i = 0; i < e->actor_count; i++) {
		struct actor_link *link = &e->actors[i];
		struct event *call;

		if (link->pid != dead->pid || link->gone)
			continue;
		link->gone = true;
		if (link->line < 0)
			continue;
		call = &e->timeline->events[e->call_event[i]];
		call->abandoned = true;
		latest = call->from > latest ? call->from : latest;
		if (!call->blocked)
			call->to = dead->died;
		link->line = -1;
	}
	return latest;
}

/*
 * A script's signals are known. A signal that the script has not sent comes from outside the lab: a
 * user, a service manager, a kernel that is out of memory.
 */
static bool is_from_outside(const struct engine *e, int status, int cause)
{
	static const int senders[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(senders); i++)
		if (cause < 0 && number == senders[i])
			return true;
	/* The kernel itself sends no real-time signal. */
	return number >= FIRST_REALTIME &&
	       !cause_sends(e->run, e->timeline, &e->judgement, cause, number);
}

static bool tell_death(struct engine *e, const struct actor_link *link, int status)
{
	ns_t alive = abandon(e, link);
	char signal[SIGNAL_TEXT];
	int cause = cause_find(e->run, e->timeline, &e->judgement,
			       WIFSIGNALED(status) ? WTERMSIG(status) : 0, link->host, link->part,
			       link->died);
	struct event *death = timeline_event(e->timeline, EVENT_DEATH, alive, link->died);

	death->host = link->host;
	death->part = link->part;
	if (WIFSIGNALED(status))
		death->signal = WTERMSIG(status);
	else
		death->status = WEXITSTATUS(status);
	date(e, death, cause);
	if (is_from_outside(e, status, cause))
		return broken(
		    e, "%s%s%s was killed by %s from outside: nothing in the script did that",
		    host_name(link->host), link->part ? "." : "", link->part ? link->part : "",
		    signal_text(death->signal, signal));
	return true;
}

bool tell_deaths(struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++) {
		struct actor_link *link = &e->actors[i];
		int status;

		if (!is_watched(link) || !link->died)
			continue;
		if (actor_status(link, &status) || find_end(e, link, &status)) {
			if (!tell_death(e, link, status))
				return false;
		} else if (now() > link->died + e->options->timeout) {
			return broken(e,
				      "nobody can say how %s%s%s ended: its parent ignores "
				      "SIGCHLD, and this kernel is older than 6.15",
				      host_name(link->host), link->part ? "." : "",
				      link->part ? link->part : "");
		}
	}
	return true;
}

bool death_is_open(const struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++)
		if (is_watched(&e->actors[i]) &&
		    (e->actors[i].died || actor_exiting(&e->actors[i])))
			return true;
	return false;
}

size_t process_fds(const struct engine *e, struct pollfd *fds)
{
	size_t count = 0;

	for (int h = 0; h < LAB_HOSTS; h++)
		if (e->notices[h][0] > 0)
			fds[count++] = (struct pollfd){.fd = e->notices[h][0], .events = POLLIN};
	for (size_t i = 0; i < e->actor_count; i++)
		if (is_watched(&e->actors[i]) && !e->actors[i].died)
			fds[count++] = (struct pollfd){.fd = e->actors[i].pidfd, .events = POLLIN};
	return count;
}

void forget_processes(struct engine *e, enum host host)
{
	lab_stop(&e->lab, host);
	program_stop(e, host);
	for (size_t i = 0; i < e->actor_count; i++) {
		struct actor_link *link = &e->actors[i];

		if (link->host != host || link->channel < 0)
			continue;
		if (link->line >= 0)
			e->timeline->events[e->call_event[i]].abandoned = true;
		actor_link_close(link);
		link->gone = true;
	}
}

void forget_ends(struct engine *e, enum host host)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->end_count; i++)
		if (e->ends[i].host != host)
			e->ends[kept++] = e->ends[i];
	e->end_count = kept;
}

static const char *name_of(const struct actor_link *link)
{
	return link->part ? link->part : host_name(link->host);
}

const struct actor_link *find_process(const struct engine *e, enum host host, const char *name)
{
	for (size_t i = e->actor_count; i-- > 0;) {
		const struct actor_link *link = &e->actors[i];

		if (link->host == host && link->pidfd >= 0 && !strcmp(name_of(link), name))
			return link;
	}
	return NULL;
}

struct variable *process_names(struct engine *e, enum host host, size_t *count)
{
	struct variable *names = NULL;

	*count = 0;
	/* The newest first: if two had the same name, it means the second. */
	for (size_t i = e->actor_count; i-- > 0;) {
		const struct actor_link *link = &e->actors[i];
		struct variable *name;

		if (link->host != host || link->pidfd < 0)
			continue;
		name = arena_push(e->arena, names, *count);
		name->name = name_of(link);
		name->value = link->own_pid;
	}
	return names;
}
