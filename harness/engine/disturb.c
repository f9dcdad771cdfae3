/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disturbances: what may have made a run differ from the script although the kernel under test is
 * not to blame. Gaps are judged between kernel events, so a late engine does not change them. But a
 * script's next call can come after a timer that it should precede. So the engine notes when it, an
 * actor or the whole machine had no CPU for longer than LATE: at once, or in several small delays.
 * A quarter of the time that passes is taken off the sum of delays. So the sum is too much when it
 * is a quarter of the time of any timer, however short the single delays are. A disturbance alone
 * means nothing; together with a mismatch it makes the run unsure, and it is repeated. If the
 * script says when an action is to come, the judge sees by itself how late it was (judge/gaps.c). A
 * `delay` says when a packet is to leave: if the engine releases it later, the engine is also to
 * blame for what is counted from there. The judge also sees from the readings on the time line how
 * late a timer of the kernel can be because the machine had no CPU.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/actor/stopped.h"
#include "harness/base/array.h"
#include "harness/engine/state.h"

/* A quarter of the shortest timer that TCP has by default, the minimum RTO of 200 ms .. */
#define LATE (50 * NS_PER_MS)
/* .. and half of that of delayed acknowledgements, for scripts about those. */
#define LATE_FOR_ACKS (20 * NS_PER_MS)

bool delay_adds_up(struct delays *d, ns_t at, ns_t delay, ns_t limit)
{
	ns_t forgotten = (at - d->at) / 4;

	d->sum = d->sum > forgotten ? d->sum - forgotten : 0;
	d->at = at;
	d->sum += delay > 0 ? delay : 0;
	if (d->sum <= limit)
		return false;
	d->sum = 0;
	return true;
}

void note_delay(struct engine *e, const char *who, ns_t delay)
{
	ns_t limit = e->run->acks_exact ? LATE_FOR_ACKS : LATE, at = now(), before = e->delays.sum;
	struct event *event;

	if (!delay_adds_up(&e->delays, at, delay, limit))
		return;
	event = timeline_event(e->timeline, EVENT_DISTURBED, at - delay, at);
	event->slow = true;
	event->note = delay > limit
			  ? arena_printf(e->arena, "%s had to wait %lld ms for a CPU", who,
					 (long long)(delay / NS_PER_MS))
			  : arena_printf(e->arena,
					 "%s had to wait for a CPU again and again, in the end "
					 "%lld ms after %lld ms",
					 who, (long long)(delay / NS_PER_MS),
					 (long long)(before / NS_PER_MS));
}

static ns_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return ns_of(t);
}

void only_computes(struct engine *e)
{
	e->computes_from = now();
	e->computed_by_then = cpu_time();
}

ns_t kept_from_computing(struct engine *e)
{
	ns_t all = now() - e->computes_from, computed = cpu_time() - e->computed_by_then;

	only_computes(e);
	return all - computed;
}

void note_kept(struct engine *e)
{
	note_delay(e, "the engine", kept_from_computing(e));
}

void note_overslept(struct engine *e, ns_t until, ns_t came)
{
	/* Nothing came, but what depends on the idle time may now be different. */
	if (came <= until && now() - until > LATE)
		came = now();
	if (came <= until)
		return;
	timeline_event(e->timeline, EVENT_DISTURBED, until, came)->note = arena_printf(
	    e->arena, "the engine still waited %lld ms after it had been quiet for long enough",
	    (long long)((came - until) / NS_PER_MS));
}

void note_interrupted(struct engine *e, const char *who)
{
	ns_t at = now();

	if (!e->run->mentions.signals)
		timeline_event(e->timeline, EVENT_DISTURBED, at, at)->note = arena_printf(
		    e->arena,
		    "a call of the %s was interrupted by no signal of the script: somebody has "
		    "stopped its process for a while",
		    who);
}

void note_stopped(struct engine *e, const char *who)
{
	ns_t at = now();

	if (e->stopped)
		return;
	e->stopped = true; /* one is enough */
	timeline_event(e->timeline, EVENT_DISTURBED, at, at)->note = arena_printf(
	    e->arena, "somebody else has stopped %s (SIGSTOP, a debugger, a batch system)", who);
}

/*
 * Since then a process may have had no call to return from, and a host's init never has one. If the
 * script itself stops processes, nothing can be said of these, but of the others.
 */
void look_for_stops(struct engine *e)
{
	static const enum host hosts[] = {HOST_CLIENT, HOST_SERVER};
	bool own = e->run->mentions.stops;

	if (stops_seen())
		note_stopped(e, "the engine");
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (e->lab.host[hosts[i]].pid > 0 && process_was_stopped(e->lab.host[hosts[i]].pid))
			note_stopped(e, arena_printf(e->arena, "the first process of the %s",
						     host_name(hosts[i])));
	for (size_t i = 0; i < e->actor_count && !own; i++) {
		const struct actor_link *link = &e->actors[i];

		if (link->pidfd >= 0 && !link->gone && process_was_stopped(link->pid))
			note_stopped(e, arena_printf(e->arena, "a process of the %s",
						     host_name(link->host)));
	}
}

void note_late_packet(struct engine *e, ns_t delay)
{
	ns_t at = now();
	struct event *event;

	/*
	 * A delay within a tick changes no timer. If several packets are released together, one
	 * note is enough.
	 */
	if (delay <= e->timeline->tick || at - delay < e->late_until)
		return;
	e->late_until = at;
	event = timeline_event(e->timeline, EVENT_DISTURBED, at - delay, at);
	event->if_eventful = true;
	event->note = arena_printf(e->arena, "a delayed packet was released %.1f ms too late",
				   (double)delay / NS_PER_MS);
}

void note_late_reading(struct engine *e, ns_t due)
{
	ns_t at = now();
	struct event *event;

	if (!e->run->to_bless || at - due <= e->timeline->tick)
		return;
	event = timeline_event(e->timeline, EVENT_DISTURBED, due, at);
	event->if_eventful = true;
	event->note = arena_printf(e->arena, "a state was read %.1f ms too late",
				   (double)(at - due) / NS_PER_MS);
}

void withheld_read(FILE *in, struct arena *a, struct withheld *reading)
{
	unsigned long long ticks;
	char line[512];

	*reading = (struct withheld){0};
	while (fgets(line, sizeof(line), in) && strncmp(line, "cpu", 3) == 0)
		/* The first one, "cpu ", is the sum of all. */
		if (line[3] != ' ' &&
		    sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %*u %llu", &ticks) == 1)
			*arena_push(a, reading->of, reading->count) =
			    (ns_t)ticks * NS_PER_S / sysconf(_SC_CLK_TCK);
}

void read_withheld(struct engine *e)
{
	FILE *in = fopen("/proc/stat", "re");
	struct withheld reading = {0};
	struct arena passing = {0};

	if (!in)
		return;
	withheld_read(in, &passing, &reading);
	fclose(in);
	reading.at = now();
	withheld_add(e->arena, &e->timeline->withheld, &reading);
	arena_free(&passing);
}

/* In virtual time nothing is withheld. */
void read_withheld_again(struct engine *e)
{
	const struct withheld_list *readings = &e->timeline->withheld;
	ns_t last = readings->count ? readings->list[readings->count - 1].at : 0;

	if (!e->run->facts.is_virtual && now() - last >= WITHHELD_UNIT)
		read_withheld(e);
}

/* A run may have been on any of the CPUs, so the CPU that was away for the longest time counts. */
void note_withheld(struct engine *e)
{
	const struct withheld_list *readings = &e->timeline->withheld;
	const struct withheld *last;
	ns_t most;

	read_withheld(e);
	if (!readings->count)
		return;
	last = &readings->list[readings->count - 1];
	most = withheld_most(&readings->list[0], last);
	/* A quarter of the time is forgiven here, too. */
	note_delay(e, "the machine", most - (last->at - readings->list[0].at) / 4);
}
