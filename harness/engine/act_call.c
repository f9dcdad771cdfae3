/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: which thread makes one, and what must be known of it before it can send anything.
 *
 * An open call is confirmed when its thread sleeps in it. A call with a result is only begun here;
 * the next step waits for its return, among other things.
 */
#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/engine/state.h"
#include "harness/script/script.h"

struct actor_link *actor_of_line(struct engine *e, const struct line *line)
{
	const struct actor *who = &line->actor;
	enum host host = who->id;

	/*
	 * The newest one, since a name can be given again when its process has ended. Names are
	 * compared as text: a script gives them while it runs, and a process reports them as text.
	 */
	for (size_t i = e->actor_count; i-- > 0;)
		if (e->actors[i].host == host && text_same(e->actors[i].part, who->part))
			return &e->actors[i];
	return NULL;
}

/* The call alone, as written, until the actor reports how it was made. */
static const char *call_text(struct engine *e, const struct line *line)
{
	struct line bare = {
	    .kind = LINE_CALL,
	    .call = line->call,
	};
	const char *text;

	bare.actor.host = "";
	bare.call.open = false;
	bare.call.result = (struct result){.kind = RESULT_TO_COME};
	text = line_as_text(e, &bare);
	return text + strspn(text, " ");
}

/* A call that sends a SYN: the connection gets its name before that leaves. */
static void announce_connection(struct engine *e, const struct call *call, struct arg *const *args,
				size_t count, enum host host)
{
	for (size_t i = 0; i < count; i++) {
		const struct address *to = &args[i]->address;
		int64_t port = 0;
		enum host whose;
		struct ip ip;

		announce_connection(e, call, args[i]->items, args[i]->item_count, host);
		if (args[i]->kind != ARG_ADDRESS || !to->row || !call_descriptor(call))
			continue;
		whose = to->row->host;
		if (whose == HOST_NONE || whose == host) /* no router sees it */
			continue;
		ip = row_ip(to->row, e->run->facts.family);
		judge_value(&e->judgement, to->port, &port);
		timeline_connecting(e->timeline, call_descriptor(call), host, &ip, (uint16_t)port);
	}
}

static bool confirm_asleep(struct engine *e, size_t actor)
{
	ns_t until = now() + e->options->timeout;

	while (e->actors[actor].line >= 0 && now() < until) {
		int asleep = actor_asleep(&e->actors[actor], e->run);

		if (asleep > 0) {
			struct event *call = &e->timeline->events[e->call_event[actor]];

			call->blocked = true;
			call->to = now();
			return true;
		}
		if (!watch(e, now() + GLANCE))
			return false;
	}
	return true; /* it returned, or it spins: the judge says what that means */
}

bool do_call(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	struct actor_link *link = actor_of_line(e, line);
	struct actor_request request = {
	    .line = (int)index,
	    .variables = e->judgement.variables,
	    .variable_count = e->judgement.variable_count,
	};
	bool is_judged = e->judgement.lines && e->judged_events == e->timeline->event_count;
	struct event *event;
	size_t actor;

	if (!link)
		return broken_at(e, line, "there is no thread of that name");
	if (!budget_call(e, line))
		return false;
	actor = (size_t)(link - e->actors);
	if (line->call.row->connects || call_sends(&line->call))
		announce_connection(e, &line->call, line->call.args, line->call.arg_count,
				    link->host);
	if (call_sends(&line->call) && call_descriptor(&line->call))
		timeline_sending(e->timeline, call_descriptor(&line->call), link->host);

	event = timeline_event(e->timeline, EVENT_CALL, now(), now());
	event->line = (int)index;
	event->known = e->known;
	event->host = link->host;
	event->part = link->part;
	event->call = line->call.row;
	event->descriptor = call_descriptor(&line->call);
	event->text = call_text(e, line);
	e->call_event[actor] = (int)(event - e->timeline->events);
	request.processes = process_names(e, link->host, &request.process_count);
	if (link->gone || !actor_start(link, &request)) {
		event->abandoned = true; /* from this the judge knows it */
		return true;
	}
	note_kept(e);
	e->only_begun = is_judged && !line->call.open;
	return !line->call.open || confirm_asleep(e, actor);
}
