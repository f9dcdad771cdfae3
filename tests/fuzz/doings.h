/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For an invented run (walk.h): actions and observations for each kind of line, as written, except
 * where the input's bytes say otherwise.
 */
#ifndef FUZZ_DOINGS_H
#define FUZZ_DOINGS_H

#include "tests/fuzz/strays.h"

/* ---- calls ---- */

/* The call alone, as the engine writes it before it knows better. */
static inline const char *call_text(struct walk *w, const struct line *line)
{
	struct line bare = {.kind = LINE_CALL, .call = line->call};
	struct text text;
	const char *is;

	bare.actor.host = "";
	bare.call.open = false;
	bare.call.result = (struct result){.kind = RESULT_TO_COME};
	line_print(text_open(&text), &bare);
	is = text_close(&text, w->arena);
	return is + strspn(is, " ");
}

static inline const char *arg_as_text(struct walk *w, const struct arg *arg)
{
	struct arg bare = *arg;
	struct text text;

	bare.field = NULL;
	arg_print(text_open(&text), &bare);
	return text_close(&text, w->arena);
}

static inline void fill_seen(struct walk *w, struct event *e, const struct call *call)
{
	for (size_t i = 0; i < call->arg_count && i < SEEN_COUNT; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type) && call->args[i]->kind != ARG_ANY)
			e->seen[i] = arg_as_text(w, call->args[i]);
	}
	for (size_t i = 0; i < call->result.seen_count && i < SHOWN_COUNT; i++)
		e->seen[shown_at(i)] = arg_as_text(w, call->result.seen[i]);
}

/* Other values than the written ones that a call may return and fill in. */
static inline void alter_return(struct walk *w, struct event *e)
{
	uint8_t what = take_byte(&w->in);

	if (what & 1)
		e->result = (int8_t)take_byte(&w->in);
	if (what & 2) {
		e->error = take_byte(&w->in);
		w->stranger |= e->error && !constant_name(GROUP_errno, e->error);
	}
	if (what & 4) {
		uint8_t i = take_byte(&w->in) % SEEN_COUNT;

		e->seen[i] = take_text(&w->in, w->arena);
		w->stranger = true;
	}
	if (what & 8)
		e->bound = any_name(w);
	if (what & 16)
		e->seen[take_byte(&w->in) % SEEN_COUNT] = NULL;
	if (what & 32)
		e->error = 0, e->result = -INT64_MAX + take_byte(&w->in);
	w->stranger |= e->bound && (e->error || e->result < 0);
}

static inline void tell_names(struct walk *w, const struct event *e)
{
	const struct call_row *row = e->call;
	struct ip peer =
	    host_ip(e->host == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT, w->run->facts.family);
	uint16_t port = CLIENT_PORT;

	if (!e->bound || !row || row->returns != RETURNS_DESCRIPTOR)
		return;
	if (!e->call->accepts) {
		if (e->descriptor)
			timeline_duplicated(&w->t, e->bound, e->descriptor);
		return;
	}
	for (size_t i = 0; i < w->t.connection_count; i++)
		if (connection_is_unaccepted(&w->t.connections[i], e->host)) {
			int end = connection_end(&w->t.connections[i], e->host);

			peer = w->t.connections[i].end[!end].ip;
			port = w->t.connections[i].end[!end].port;
			break;
		}
	timeline_accepted(&w->t, e->bound, e->host, &peer, port);
}

/* The call that `c` is in is over, as `as` has it. */
static inline void come_back(struct walk *w, struct caller *c, const struct line *as)
{
	const struct call *call = &w->run->lines[c->line].call;
	const struct result *r = &as->call.result;
	struct event *e, *in = &w->t.events[c->call];
	const char *descriptor = in->descriptor;
	bool open = call->open || in->blocked;
	int64_t error = 0;

	if (!in->blocked)
		in->to = w->now;
	cause_dated(&w->t, c->call);
	e = timeline_event(&w->t, EVENT_RETURN, w->now, w->now);
	e->line = c->line;
	e->host = c->host;
	e->part = c->part;
	e->call = call->row;
	e->descriptor = descriptor;
	e->blocked = open;
	e->text = w->t.events[c->call].text;
	e->result = r->kind == RESULT_NAME ? 3 : written(w, r->value, 0);
	if (r->error && constant_value(GROUP_errno, r->error, &error))
		e->error = (int)error;
	if (r->kind == RESULT_NAME)
		e->bound = r->name;
	fill_seen(w, e, &as->call);
	alter_return(w, e);
	judge_resolve(w->arena, w->run, e);
	c->line = -1;
	tell_names(w, e);
	w->now += ASIDE;
}

/* A call that sends a SYN or data names what comes of it, from now on. */
static inline void announce(struct walk *w, const struct call *call, struct arg *const *args,
			    size_t count, enum host host)
{
	for (size_t i = 0; i < count; i++) {
		const struct address *to = &args[i]->address;
		struct target *t;

		announce(w, call, args[i]->items, args[i]->item_count, host);
		if (args[i]->kind != ARG_ADDRESS || !to->host || !call_descriptor(call) ||
		    address_host(to->host) == HOST_NONE || address_host(to->host) == host)
			continue;
		t = arena_push(w->arena, w->targets, w->target_count);
		t->name = call_descriptor(call);
		t->between.source = host_ip(host, w->run->facts.family);
		t->between.source_port = (uint16_t)(CLIENT_PORT + w->target_count);
		t->between.target = named_ip(to->host, w->run->facts.family);
		t->between.target_port = (uint16_t)written(w, to->port, SERVER_PORT);
		timeline_connecting(&w->t, t->name, host, &t->between.target,
				    t->between.target_port);
		w->t.expectations[w->t.expectation_count - 1].since = w->now;
	}
}

static inline bool sends_data(const struct call *call)
{
	const struct call_param *data = call_param(call, 1);

	return data &&
	       (data->type == TYPE_DATA || data->type == TYPE_MESSAGE || data->type == TYPE_PIECES);
}

static inline void do_call(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	const struct call *call = &line->call;
	enum host host = host_find(line->actor.host);
	struct caller *c = caller_of(w, host, line->actor.part);
	struct event *e;

	if (c->line >= 0) /* the engine does not come here: it is not back yet */
		come_back(w, c, &w->run->lines[c->line]);
	if (!strcmp(call->name, "connect") || sends_data(call))
		announce(w, call, call->args, call->arg_count, host);
	if (sends_data(call) && call_descriptor(call)) {
		timeline_sending(&w->t, call_descriptor(call), host);
		w->t.senders[w->t.sender_count - 1].since = w->now;
	}
	e = timeline_event(&w->t, EVENT_CALL, w->now, w->now);
	e->line = (int)index;
	e->host = host;
	e->part = line->actor.part;
	e->call = call->row;
	e->descriptor = call_descriptor(call);
	e->text = call_text(w, line);
	e->blocked = call->open;
	c->line = (int)index;
	c->call = (int)(e - w->t.events);
	w->now += ASIDE;
	w->ask(w);
	if (!call->open && call->result.kind != RESULT_UNKNOWN && comes(w) && c->line >= 0)
		come_back(w, caller_of(w, host, line->actor.part), line);
}

static inline void do_resume(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	struct caller *c = caller_of(w, host_find(line->actor.host), line->actor.part);

	if (c->line >= 0)
		come_back(w, c, line);
}

/* ---- other lines ---- */

static inline void do_packet(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	const struct segment_pattern *s = &line->segment;
	enum host from = host_find(line->actor.host), at = HOST_ROUTER;
	enum fate fate = s->fate;
	struct packet p;
	uint8_t what;

	if (line->kind == LINE_ARRIVAL) {
		/* What was sent has arrived; only the router sends what no line has sent. */
		if (s->kind != SEGMENT_ICMP)
			return;
		from = HOST_ROUTER;
	}
	p = made_from(w, s, line->connection, from);
	if (s->fate_at)
		at = address_host(s->fate_at);
	what = take_byte(&w->in);
	if (what & 1)
		p.flags ^= take_byte(&w->in);
	if (what & 2)
		p.seq += (uint32_t)(int8_t)take_byte(&w->in);
	if (what & 4)
		p.ack += (uint32_t)(int8_t)take_byte(&w->in);
	if (what & 8)
		p.length = take_byte(&w->in) % (p.length + 1);
	if (what & 16)
		p.window = (uint16_t)take_number(&w->in, 2);
	if (what & 32)
		fate = (enum fate)(take_byte(&w->in) % (FATE_CORRUPT + 1));
	if (what & 64)
		at = (enum host)(take_byte(&w->in) % LAB_HOSTS);
	if (what & 128)
		p.source_port += take_byte(&w->in) % 3, p.target_port += take_byte(&w->in) % 3;
	cross(w, &p, from, fate, at);
}

static inline void do_forge(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	const struct segment_pattern *s = &line->segment;
	int family = w->run->facts.family;
	enum host from = address_host(line->forged.host);
	struct forging forging = {.line = (int)index};
	struct packet p;
	struct frame_bytes f;
	bool shown;

	if (s->kind == SEGMENT_ICMP) /* it is as one of the router: do_packet makes such */
		return;
	if (line->begins) {
		struct ip source = named_ip(line->forged.host, family);
		struct ip target = named_ip(s->to.host, family);

		forging.connection =
		    timeline_begin(&w->t, line->connection, &source, (uint16_t)(20000 + index),
				   &target, (uint16_t)written(w, s->to.port, 0));
	} else {
		forging.connection = timeline_find(&w->t, line->connection);
		if (forging.connection < 0)
			return;
		forging.end = connection_end(&w->t.connections[forging.connection], from);
		if (forging.end < 0)
			return;
	}
	p = made_from(w, s, line->connection, from);
	p.source = w->t.connections[forging.connection].end[forging.end].ip;
	p.source_port = w->t.connections[forging.connection].end[forging.end].port;
	p.target = w->t.connections[forging.connection].end[!forging.end].ip;
	p.target_port = w->t.connections[forging.connection].end[!forging.end].port;
	p.ttl = 63;
	f = framed(w, &p);
	if (!f.bytes)
		return;
	shown = comes(w);
	forging.packet = f.packet;
	timeline_forging(&w->t, &forging);
	if (shown)
		show(w, &f, link_of(host_of_ip(&p.target)), false);
}

static inline struct event *reading(struct walk *w, size_t index)
{
	struct event *e = timeline_event(&w->t, EVENT_READING, w->now - ASIDE, w->now);

	e->line = (int)index;
	e->host = host_find(w->run->lines[index].actor.host);
	w->now += ASIDE;
	return e;
}

static inline void do_ss(struct walk *w, size_t index)
{
	const struct ss_reading *is = &w->run->lines[index].ss;
	struct event *e = reading(w, index);

	e->descriptor = is->what;
	e->socket = (struct socket_state){
	    .found = is->state_id != SS_NONE,
	    .state = is->state_id,
	    .recv_q = (uint32_t)(written(w, is->recv_q, 0) + take_byte(&w->in)),
	    .send_q = (uint32_t)written(w, is->send_q, 0),
	    .timer = is->has_timer ? is->timer : SS_TIMER_NONE,
	    .timer_left = is->timer_left < 0 ? 0 : is->timer_left,
	    .timer_count = (uint32_t)written(w, is->timer_count, 0),
	};
}

static inline void do_nstat(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	size_t count = line->nstat.count;
	struct event *e = reading(w, index);

	e->counters = arena_alloc(w->arena, count * sizeof(*e->counters));
	e->counter_count = count;
	for (size_t i = 0; i < count; i++)
		e->counters[i] = (struct counter_reading){
		    line->nstat.list[i].name,
		    written(w, line->nstat.list[i].delta, 0) + (int8_t)take_byte(&w->in), true};
}

static inline void do_ps(struct walk *w, size_t index)
{
	struct event *e = reading(w, index);

	e->process = w->run->lines[index].ps.what;
	e->state = take_byte(&w->in) ? 'R' : w->run->lines[index].ps.letter;
}

static inline void do_quiet(struct walk *w, size_t index)
{
	ns_t began = w->now;
	struct event *e;

	w->now += w->run->lines[index].quiet;
	e = timeline_event(&w->t, EVENT_CLOCK, began, w->now);
	e->line = (int)index;
}

static inline void do_signalled(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];

	handle(w, host_find(line->actor.host), line->actor.part, line->signal.number);
}

static inline void do_death(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];

	end_of(w, host_find(line->actor.host), line->actor.part, line->signal.number,
	       (int)line->signal.status);
}

/* Something that is done, of which the time line has no more than that. */
static inline void do_action(struct walk *w, size_t index)
{
	const struct line *line = &w->run->lines[index];
	struct line bare = *line;
	struct event *e = timeline_event(&w->t, EVENT_ACTION, w->now, w->now + ASIDE);
	struct text text;

	bare.gap.present = false;
	bare.label = bare.comment = NULL;
	line_print(text_open(&text), &bare);
	e->line = (int)index;
	e->host = host_find(line->actor.host);
	e->note = text_close(&text, w->arena);
	w->now += ASIDE;
	if (line->kind == LINE_HEAL || line->kind == LINE_RELEASE)
		let_go(w);
	for (size_t i = 0; line->kind == LINE_CRASH && i < w->caller_count; i++)
		if (w->callers[i].host == e->host && w->callers[i].line >= 0) {
			w->t.events[w->callers[i].call].abandoned = true;
			w->callers[i].line = -1;
		}
}

static void (*const doings[LINE_KINDS])(struct walk *, size_t) = {
    [LINE_CALL] = do_call,	     [LINE_RESUME] = do_resume, [LINE_SENT] = do_packet,
    [LINE_ARRIVAL] = do_packet,	     [LINE_FORGE] = do_forge,	[LINE_SS] = do_ss,
    [LINE_NSTAT] = do_nstat,	     [LINE_PS] = do_ps,		[LINE_QUIET] = do_quiet,
    [LINE_SIGNALLED] = do_signalled, [LINE_DEATH] = do_death,	[LINE_FAULT] = do_action,
    [LINE_RELEASE] = do_action,	     [LINE_HEAL] = do_action,	[LINE_MUTE] = do_action,
    [LINE_SYSCTL] = do_action,	     [LINE_IP] = do_action,	[LINE_SIGNAL] = do_action,
    [LINE_CRASH] = do_action,	     [LINE_BOOT] = do_action,	[LINE_PROGRAM] = do_action,
};

#endif
