/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings. `ss`, `nstat` and `ps` are repeated until the answer is as written, since a packet
 * changes a state only after the packet has been seen. If the line has a gap, it is about that
 * moment, so there is one reading only. `quiet` is a part of the capture in which nothing came.
 */
#include <string.h>

#include "harness/engine/state.h"

#define FIRST_PAUSE (200 * NS_PER_US)
#define LAST_PAUSE  (20 * NS_PER_MS)

/* ---- ss ---- */

void remember_descriptor(struct engine *e, const char *name, const struct actor_link *actor, int fd)
{
	struct known_descriptor *d = NULL;

	for (size_t i = 0; i < e->descriptor_count && !d; i++)
		if (!strcmp(e->descriptors[i].name, name))
			d = &e->descriptors[i];
	if (!d)
		d = arena_push(e->arena, e->descriptors, e->descriptor_count);
	*d = (struct known_descriptor){name, actor->host, socket_inode(actor->pid, fd)};
}

static bool ask_socket(struct engine *e, const struct line *line, struct socket_state *state)
{
	enum host host = line->actor.id;
	const char *what = line->ss.what;
	int index = timeline_find(e->timeline, what);

	if (index >= 0 && !line->ss.is_udp && e->timeline->connections[index].kind == PACKET_TCP) {
		const struct connection *c = &e->timeline->connections[index];
		int own = connection_end(c, host);

		if (own >= 0)
			return sockets_ask(&e->sockets, host, &c->end[own].ip, c->end[own].port,
					   &c->end[!own].ip, c->end[!own].port, state);
	}
	for (size_t i = 0; i < e->descriptor_count; i++)
		if (!strcmp(e->descriptors[i].name, what) && e->descriptors[i].host == host)
			return sockets_ask_inode(&e->sockets, host,
						 line->ss.is_udp ? IPPROTO_UDP : IPPROTO_TCP,
						 e->descriptors[i].inode, state);
	*state = (struct socket_state){0};
	return true;
}

static bool read_ss(struct engine *e, size_t index, struct event *reading)
{
	const struct line *line = &e->run->lines[index];

	reading->descriptor = line->ss.what;
	if (!ask_socket(e, line, &reading->socket))
		return broken_at(e, line, "%s", e->sockets.error);
	return true;
}

/* ---- ps ---- */

static bool read_ps(struct engine *e, size_t index, struct event *reading)
{
	const struct line *line = &e->run->lines[index];
	const struct actor_link *link = find_process(e, line->actor.id, line->ps.what);

	reading->process = line->ps.what;
	reading->state = link ? actor_state(link) : '\0';
	return true;
}

/* ---- nstat ---- */

static struct counter_value *find_counter(const struct counters *some, const char *name)
{
	for (size_t i = 0; i < some->count; i++)
		if (!strcmp(some->list[i].name, name))
			return &some->list[i];
	return NULL;
}

/* Add to `some`, unless they are there already. */
static void add_names(struct counters *some, const struct line *line, struct arena *a)
{
	for (size_t i = 0; i < line->nstat.count; i++)
		if (!find_counter(some, line->nstat.list[i].name))
			*arena_push(a, some->list, some->count) =
			    (struct counter_value){.name = line->nstat.list[i].name};
}

/* The first readings of the counters that the host's lines name. */
bool take_baseline(struct engine *e, enum host host)
{
	struct counters *baseline = &e->baseline[host];

	for (size_t i = 0; i < e->run->line_count; i++) {
		const struct line *line = &e->run->lines[i];

		if (line->kind == LINE_NSTAT && line->actor.id == host)
			add_names(baseline, line, e->arena);
	}
	if (!baseline->count || sockets_count(&e->sockets, host, baseline))
		return true;
	return broken(e, "cannot read the %s's counters: %s", host_name(host), e->sockets.error);
}

bool take_baselines(struct engine *e)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!take_baseline(e, h))
			return false;
	return true;
}

/*
 * The first counter named there that this kernel does not have; NULL: it has all. Some exist only
 * once they have counted (IcmpMsgInType3).
 */
static const char *count(struct engine *e, const struct line *line, const struct counters *some,
			 struct counter_reading *out)
{
	const struct counters *baseline = &e->baseline[line->actor.id];

	for (size_t i = 0; i < line->nstat.count; i++) {
		const char *name = line->nstat.list[i].name;
		const struct counter_value *now_ = find_counter(some, name);
		const struct counter_value *then = find_counter(baseline, name);

		if (!now_->found)
			return name;
		out[i] = (struct counter_reading){
		    name, now_->value - (then->found ? then->value : 0), true};
	}
	return NULL;
}

/* The reading is repeated. */
static bool read_nstat(struct engine *e, size_t index, struct event *reading)
{
	const struct line *line = &e->run->lines[index];
	struct arena passing = {0};
	struct counters some = {0};
	const char *missing;

	add_names(&some, line, &passing);
	if (!sockets_count(&e->sockets, line->actor.id, &some)) {
		arena_free(&passing);
		return broken_at(e, line, "%s", e->sockets.error);
	}
	reading->counter_count = line->nstat.count;
	reading->counters = arena_alloc(e->arena, line->nstat.count * sizeof(*reading->counters));
	missing = count(e, line, &some, reading->counters);
	arena_free(&passing);
	return missing ? broken_at(e, line, "this kernel has no counter %s", missing) : true;
}

/* From here on a counter counts from 0: an `nstat` line says the change since the last one. */
static void move_baseline(struct engine *e, size_t index)
{
	enum host host = e->run->lines[index].actor.id;
	const struct event *reading = NULL;

	for (size_t i = e->timeline->event_count; i-- > 0 && !reading;)
		if (e->timeline->events[i].kind == EVENT_READING &&
		    e->timeline->events[i].line == (int)index)
			reading = &e->timeline->events[i];
	for (size_t i = 0; i < reading->counter_count; i++)
		find_counter(&e->baseline[host], reading->counters[i].name)->value +=
		    reading->counters[i].delta;
}

/* ---- reading until the answer is as written ---- */

static bool same_answer(const struct event *a, const struct event *b)
{
	if (a->counter_count != b->counter_count)
		return false;
	if (a->process)
		return a->state == b->state;
	for (size_t i = 0; i < a->counter_count; i++)
		if (a->counters[i].delta != b->counters[i].delta)
			return false;
	if (a->socket.found != b->socket.found)
		return false;
	return !a->socket.found ||
	       (a->socket.state == b->socket.state && a->socket.recv_q == b->socket.recv_q &&
		a->socket.send_q == b->socket.send_q && a->socket.timer == b->socket.timer &&
		a->socket.timer_count == b->socket.timer_count);
}

/* Put an answer on the time line. If it is the same as the line's last one, it replaces that. */
static void note_reading(struct engine *e, size_t index, const struct event *answer, int *last)
{
	struct event *event;

	if (*last >= 0 && same_answer(&e->timeline->events[*last], answer)) {
		event = &e->timeline->events[*last];
		event->from = answer->from;
		event->to = answer->to;
		event->socket = answer->socket;
		return;
	}
	event = timeline_event(e->timeline, EVENT_READING, answer->from, answer->to);
	event->line = (int)index;
	event->begun = answer->begun;
	event->known = answer->known;
	event->host = e->run->lines[index].actor.id;
	event->descriptor = answer->descriptor;
	event->socket = answer->socket;
	event->process = answer->process;
	event->state = answer->state;
	event->counters = answer->counters;
	event->counter_count = answer->counter_count;
	*last = (int)(event - e->timeline->events);
}

static bool read_until_met(struct engine *e, size_t index,
			   bool (*ask)(struct engine *, size_t, struct event *))
{
	bool fails = e->run->failure; /* then it may take hours */
	ns_t known = e->known, asked = now();
	ns_t until = fails ? failure_deadline(e) : asked + e->options->timeout;
	ns_t pause = FIRST_PAUSE, longest = fails ? NS_PER_S : LAST_PAUSE;
	ns_t due = asked; /* when to ask next */
	int last = -1;

	if (until > e->limit)
		until = e->limit;
	for (;;) {
		struct event answer = {.from = now(), .begun = asked, .known = known};

		if (!ask(e, index, &answer))
			return false;
		answer.to = now();
		note_late_reading(e, due);
		note_reading(e, index, &answer, &last);
		ask_judge(e);
		if (e->judgement.lines[index].fate == LINE_MET)
			return true;
		if (looks_itself(e, index)) {
			bool once = e->run->lines[index].gap.present;
			bool comes = e->ahead && hold_next(e) != INT64_MAX;
			bool waits = (comes || is_awaited(e, index)) && now() < until;

			/* When nothing more comes, the present answer is the one to note. */
			if (once || now() >= until || (!waits && is_quiet(e))) {
				e->astray = true;
				return true;
			}
		} else if (e->judgement.diverged || now() >= until || failure_is_over(e)) {
			return false;
		} else if (e->run->lines[index].gap.present) {
			return false; /* the line is about that moment, not a later one */
		}
		due = now() + pause;
		if (!watch(e, due))
			return false;
		if (pause < longest)
			pause *= 2;
	}
}

bool do_ss(struct engine *e, size_t index)
{
	return read_until_met(e, index, read_ss);
}

bool do_ps(struct engine *e, size_t index)
{
	return read_until_met(e, index, read_ps);
}

bool do_nstat(struct engine *e, size_t index)
{
	if (!read_until_met(e, index, read_nstat))
		return false;
	move_baseline(e, index);
	return true;
}

/* ---- quiet ---- */

ns_t last_sound(const struct engine *e)
{
	ns_t last = e->progress;

	if (e->timeline->passed_at > last)
		last = e->timeline->passed_at;
	for (size_t i = 0; i < e->timeline->event_count; i++) {
		const struct event *event = &e->timeline->events[i];

		if (event->kind != EVENT_READING && event->kind != EVENT_CLOCK &&
		    event->kind != EVENT_DISTURBED && event->to > last)
			last = event->to;
	}
	return last;
}

/* There is no such silence: this is the answer for a blessing run. */
static bool never_quiet(struct engine *e, size_t index)
{
	e->astray = true;
	return looks_itself(e, index);
}

bool do_quiet(struct engine *e, size_t index)
{
	ns_t silence = e->run->lines[index].quiet;
	bool fails = e->run->failure; /* then nobody knows when the program is silent */
	ns_t until = fails ? failure_deadline(e) : now() + silence + e->options->timeout, last;

	if (until > e->limit)
		until = e->limit;
	ask_judge(e); /* so an observer sees where the run is */
	for (;;) {
		struct event *clock;
		ns_t reached;

		last = last_sound(e);
		if (now() < last + silence) {
			if (fails && (now() >= until || failure_is_over(e)))
				return false;
			if (now() >= until)
				return never_quiet(e, index);
			if (!watch(e, last + silence < until ? last + silence : until))
				return false;
			ask_judge(e);
			if (e->judgement.diverged && !looks_itself(e, index))
				return false;
			continue;
		}
		reached = now();
		if (!watch_now(e))
			return false;
		if (last_sound(e) != last)
			continue;
		e->timeline->silent_until = reached;
		clock = timeline_event(e->timeline, EVENT_CLOCK, last, reached);
		clock->line = (int)index;
		ask_judge(e);
		if (e->judgement.lines[index].fate == LINE_MET)
			return true;
		/* There was such a silence, whatever the judge says. */
		if (looks_itself(e, index)) {
			e->astray = true;
			return true;
		}
		if (e->judgement.diverged || now() >= until)
			return false;
	}
}
