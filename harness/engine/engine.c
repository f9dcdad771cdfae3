/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run from beginning to end.
 *
 * The engine is a single thread in the router's namespace. It builds the lab, then walks through
 * the lines. An action is done when all lines above it have been met and its gap has passed. An
 * observation is not done: it is expected from the moment at which the walk passes it. A reading is
 * both. The walk stops at the first line that cannot be met any more. Only the judge knows whether
 * a line is met. The engine asks it whenever something new has been seen, and compares nothing
 * itself.
 */
#include "harness/engine/state.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/actor/actor_parts.h"
#include "harness/actor/actor_wire.h"
#include "harness/actor/stopped.h"
#include "harness/base/shortage.h"
#include "harness/script/script.h"

#define DEFAULT_TIMEOUT (5 * NS_PER_S)
#define ENOUGH_DATA	(4 << 20) /* of what a program sends and receives: each byte is seen twice */
#define FEW_DESCRIPTORS 256	  /* with fewer than that, a run depends on how many there are */

/* The first reason is the one that counts. */
static bool set_broken(struct engine *e, const struct line *line, const char *fmt, va_list ap)
{
	if (e->out->broken)
		return false;
	e->out->broken = shortage_mend(e->arena, arena_vprintf(e->arena, fmt, ap));
	e->out->broken_line = line;
	return false;
}

bool broken(struct engine *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_broken(e, NULL, fmt, ap);
	va_end(ap);
	return false;
}

bool broken_at(struct engine *e, const struct line *line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_broken(e, line, fmt, ap);
	va_end(ap);
	return false;
}

bool broken_by_lab(struct engine *e, const struct line *line, const char *why)
{
	e->out->may_pass |= e->lab.may_pass && !e->out->broken;
	return broken_at(e, line, "%s", why);
}

/* ---- the lab and its actors ---- */

/* Runs in a host's first process, which closes every descriptor that is not its own. */
static int host_main(enum host host, void *context)
{
	struct engine *e = context;

	limit_restore();
	return actor_main(host, e->channels[host][1], e->notices[host][1], e->run);
}

/* After a boot there already is a capture. Its ring of packets is memory that a child inherits. */
static int revived_main(enum host host, void *context)
{
	struct engine *e = context;

	capture_forget(&e->out->capture);
	return host_main(host, e);
}

/*
 * The channels of a host's first process: its own, and the one on which all its processes report.
 */
static bool make_channels(struct engine *e, enum host host)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;

	return channel_make(e->channels[host]) &&
		       socketpair(AF_UNIX, type, 0, e->notices[host]) == 0
		   ? true
		   : broken(e, "cannot make a socket pair: %s", strerror(errno));
}

/* When that process has its ends. */
static void add_first_actor(struct engine *e, enum host host)
{
	close(e->channels[host][1]);
	close(e->notices[host][1]);
	e->actors[e->actor_count++] = (struct actor_link){
	    .host = host,
	    .channel = e->channels[host][0],
	    .line = -1,
	    .pidfd = -1,
	    .until = e->limit ? e->limit : now() + e->options->limit,
	};
}

static bool greet(struct engine *e, struct actor_link *link)
{
	errno = 0;
	if (actor_greet(link))
		return true;
	if (is_shortage(errno))
		return broken(e, "watching the %s's process: %s", host_name(link->host),
			      strerror(errno));
	lab_died(&e->lab, link->host);
	return broken_by_lab(e, NULL, e->lab.error);
}

bool revive_host(struct engine *e, enum host host)
{
	struct actor_link *first = &e->actors[e->actor_count];

	if (e->actor_count == MAX_ACTORS)
		return broken(e, "more than %d threads and processes", MAX_ACTORS);
	close_notices(e, host);
	forget_ends(e, host);
	if (!make_channels(e, host))
		return false;
	if (!lab_start(&e->lab, host, revived_main, e))
		return broken_by_lab(e, NULL, e->lab.error);
	tidy_later_too(e->tidier, &e->lab, host);
	add_first_actor(e, host);
	if (!greet(e, first))
		return false;
	return take_baseline(e, host);
}

static bool start_actors(struct engine *e)
{
	static const enum host hosts[] = {HOST_CLIENT, HOST_SERVER};

	for (size_t i = 0; i < 2; i++)
		if (!make_channels(e, hosts[i]))
			return false;
	if (!lab_open(&e->lab, host_main, e))
		return broken_by_lab(e, NULL, e->lab.error);
	for (size_t i = 0; i < 2; i++)
		add_first_actor(e, hosts[i]);
	return true;
}

/*
 * TCP's segments are no larger than the path allows, unless TCP has been told not to discover that.
 */
static bool may_send_pieces(const struct mentions *m)
{
	return m->datagrams || m->mtu_discovery;
}

/* The judge has settled lines without knowing that event, so it begins again. */
static void event_moved(void *context, size_t to)
{
	struct engine *e = context;

	for (size_t i = 0; i < e->actor_count; i++)
		e->call_event[i] += e->call_event[i] >= (int)to;
	if (!e->memory)
		return;
	judge_forget(e->memory);
	e->memory = judge_remember(e->arena);
}

static bool build(struct engine *e)
{
	if (!start_actors(e))
		return false;
	if (!(e->run->headers ? capture_open_headers(&e->out->capture, e->arena, e->options->spool,
						     may_send_pieces(&e->run->mentions))
			      : capture_open(&e->out->capture, e->arena, run_is_bulk(e->run))))
		return broken(e, "cannot capture packets: %s", e->out->capture.error);
	if (e->run->mentions.program)
		e->out->capture.enough = ENOUGH_DATA;
	if (e->run->headers) {
		e->timeline->headers = true;
		e->timeline->moved = event_moved;
		e->timeline->moved_context = e;
	}
	for (int h = 0; h < LAB_HOSTS; h++)
		e->lab.one_by_one[h] = run_picks_own(e->run, h);
	/* IPv6 addresses take time to become ready, so a run that cannot need them has none. */
	e->lab.only_ipv4 = e->run->facts.family == 4 && !e->run->mentions.ipv6;
	if (!lab_wire(&e->lab, e->run->facts.family))
		return broken_by_lab(e, NULL, e->lab.error);
	capture_link(&e->out->capture, HOST_CLIENT, e->lab.host[HOST_CLIENT].link);
	capture_link(&e->out->capture, HOST_SERVER, e->lab.host[HOST_SERVER].link);
	if (!faults_open(&e->faults, &e->lab, e->run->mentions.ghost))
		return broken(e, "%s", e->faults.error);
	if (!sockets_open(&e->sockets, &e->lab))
		return broken(e, "%s", e->sockets.error);
	/* In virtual time closing takes no time, and a guest is about to end as a whole. */
	if (!e->run->facts.is_virtual)
		e->tidier = tidy_later(&e->lab);
	for (size_t i = 0; i < e->actor_count; i++)
		if (!greet(e, &e->actors[i]))
			return false;
	return true;
}

static void take_down(struct engine *e)
{
	/* A packet socket that was opened after the tidier had begun. */
	int lingers = e->tidier >= 0 && e->lab.packets > 0 ? linger() : -1;

	programs_close(e);
	sockets_close(&e->sockets);
	faults_close(&e->faults);
	lab_close(&e->lab);
	for (size_t i = 0; i < e->actor_count; i++)
		actor_link_close(&e->actors[i]);
	for (int h = 0; h < LAB_HOSTS; h++)
		close_notices(e, h);
	capture_close(&e->out->capture);
	if (lingers >= 0)
		close(lingers);
	if (e->tidier >= 0)
		close(e->tidier);
}

/* ---- the walk ---- */

static bool walk(struct engine *e)
{
	const struct run *run = e->run;

	if (!record_begin(e))
		return false;
	for (size_t i = 0; i < run->line_count; i++) {
		enum line_role role = line_role(&run->lines[i]);

		if (i == run->first_own && !take_baselines(e))
			return false;
		if (role != ROLE_ACTION && role != ROLE_READING) {
			e->done = i + 1;
			continue;
		}
		if (!wait_met(e, i) || !wait_gap(e, i) || !record_step(e, (int)i))
			return false;
		e->done = i + 1;
		e->progress = now();
		if (!act(e, i))
			return false;
		only_computes(e); /* other actions may wait for the kernel */
	}
	return wait_met(e, run->line_count);
}

static void run_script(struct engine *e)
{
	unsigned dropped;
	bool walked;

	read_withheld(e);
	only_computes(e);
	e->timeline->start = e->progress = now();
	e->limit = e->timeline->start + e->options->limit;
	for (size_t i = 0; i < e->actor_count; i++)
		e->actors[i].until = e->limit;
	walked = e->options->blessing ? walk_blessing(e) : walk(e);
	if (e->run->failure && !e->out->broken)
		failure_wait(e);
	if (walked) {
		if (wait_end(e))
			record_step(e, -1);
	} else {
		bool at_limit = now() >= e->limit && !e->options->blessing && !e->run->failure;

		/* Perhaps the only fault is that a process has not reached its call yet. */
		if (at_limit || e->out->broken)
			wait_fates(e);
		else
			wait_end(e);
		if (at_limit)
			budget_time_over(e);
	}
	note_withheld(e);
	look_for_stops(e);
	dropped = capture_dropped(&e->out->capture);
	if (dropped)
		timeline_event(e->timeline, EVENT_DISTURBED, now(), now())->note =
		    arena_printf(e->arena, "the kernel dropped %u packets of the capture", dropped);
	if (e->out->capture.unstamped)
		timeline_event(e->timeline, EVENT_DISTURBED, now(), now())->note =
		    arena_printf(e->arena, "the kernel did not stamp %u packets of the capture",
				 e->out->capture.unstamped);
}

/*
 * A script's calls take as many descriptors as they need. If there are not enough, the kernel's TCP
 * is not to blame for the failure. If there are very few, the harness's own descriptors lie among
 * the script's, and the script may set limits above the harness's own.
 */
static void blame_shortage(struct engine *e)
{
	const struct judgement *j = &e->out->judgement;
	long limit = (long)e->limit_before.rlim_cur;

	if (e->out->broken || (j->verdict != VERDICT_FAIL && j->verdict != VERDICT_UNSURE))
		return;
	for (size_t i = 0; i < e->timeline->event_count; i++) {
		const struct event *event = &e->timeline->events[i];
		bool is_own = event->error == EMFILE && e->run->mentions.descriptor_limit;

		if (event->kind == EVENT_RETURN && is_shortage(event->error) && !is_own &&
		    event->line >= 0 && j->lines[event->line].fate == LINE_FAILED) {
			if (event->error == ENFILE)
				broken_at(e, &e->run->lines[event->line], "%s(): %s",
					  event->call->name, strerror(ENFILE));
			else
				broken_at(e, &e->run->lines[event->line],
					  "%s() found no descriptor left: a process may have %ld "
					  "here, which ulimit -n can raise",
					  event->call->name, limit);
			return;
		}
	}
	if (limit > 0 && limit < FEW_DESCRIPTORS)
		broken(e,
		       "a process may have only %ld descriptors here (ulimit -n), so nobody can "
		       "say whether the kernel is to blame for the mismatch; %d are enough",
		       limit, FEW_DESCRIPTORS);
}

int verdict_exit(enum verdict v)
{
	static const int status[VERDICT_COUNT] = {
	    [VERDICT_PASS] = 0,	  [VERDICT_SKIP] = 0,	[VERDICT_FAIL] = 1,
	    [VERDICT_UNSURE] = 1, [VERDICT_BROKEN] = 3,
	};

	return status[v];
}

void engine_run(const struct run *run, const struct engine_options *options, struct arena *a,
		struct observation *out)
{
	struct engine_options defaults = *options;
	struct engine e = {
	    .run = run,
	    .options = &defaults,
	    .arena = a,
	    .out = out,
	    .timeline = &out->timeline,
	    .tidier = -1,
	    .from = options->blessing ? options->blessing->from : SIZE_MAX,
	};

	*out = (struct observation){.run = run, .began = now(), .record.wanted = options->record};
	timeline_init(&out->timeline, a);
	out->timeline.tick = tick();
	if (!options->blessing)
		e.memory = judge_remember(a);
	if (!defaults.timeout)
		defaults.timeout = DEFAULT_TIMEOUT;
	if (run->skip) {
		judge(a, run, &out->timeline, 0, false, &out->judgement);
		out->judgement.verdict = VERDICT_SKIP;
		out->ended = now();
		if (options->over)
			options->over(options->context);
		return;
	}

	e.limit_before = limit_lift();
	stops_watch(true);
	if (build(&e))
		run_script(&e);
	if (!out->broken)
		outputs_hold(&e);
	stops_watch(false);
	/* A run that was broken off was not completed, so nothing is reported as missing in it. */
	judge(a, run, &out->timeline, e.done, !out->broken, &out->judgement);
	blame_shortage(&e);
	out->done = e.done;
	out->from = e.from < e.done ? e.from : e.done;
	if (out->broken)
		out->judgement.verdict = out->may_pass ? VERDICT_UNSURE : VERDICT_BROKEN;
	record_end(&e);
	if (e.memory)
		judge_forget(e.memory);
	arena_free(&e.judged);
	out->ended = now();
	programs_close(&e); /* what they have written is complete */
	if (options->over)
		options->over(options->context);
	take_down(&e);
	limit_restore();
}
