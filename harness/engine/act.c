/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions: one function for each kind, in a table. Each does what its line says and returns once
 * the kernel has confirmed it: a fault by netlink's acknowledgement, a sysctl by its write, an open
 * call by its thread being asleep inside it. A call with a result is only begun here; that it
 * returns is one of the things that the next step waits for.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/engine/state.h"
#include "harness/script/script.h"

static const char *line_as_text(struct engine *e, const struct line *line)
{
	struct text text;

	line_print(text_open(&text), line);
	return text_close(&text, e->arena);
}

/* What is done, without when it should be: the time line says when it was. */
static const char *action_as_text(struct engine *e, const struct line *line)
{
	struct line bare = *line;

	bare.gap.present = false;
	bare.label = bare.comment = NULL;
	return line_as_text(e, &bare);
}

/* The action has taken effect, at some moment from `began` to now. Returns the event's index. */
static size_t note_action(struct engine *e, size_t index, ns_t began)
{
	struct event *event = timeline_event(e->timeline, EVENT_ACTION, began, now());

	event->line = (int)index;
	event->host = host_find(e->run->lines[index].actor.host);
	event->note = action_as_text(e, &e->run->lines[index]);
	return (size_t)(event - e->timeline->events);
}

/* ---- calls ---- */

struct actor_link *actor_of_line(struct engine *e, const struct line *line)
{
	const struct actor *who = &line->actor;
	enum host host = host_find(who->host);

	/* The newest: a name can be given again when its process has ended. */
	for (size_t i = e->actor_count; i-- > 0;) {
		const char *part = e->actors[i].part;

		if (e->actors[i].host == host && !part == !who->part &&
		    (!part || !strcmp(part, who->part)))
			return &e->actors[i];
	}
	return NULL;
}

/* The call alone, as written, until the actor reports it as made. */
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

bool call_sends(const struct call *call)
{
	const struct call_param *data = call_param(call, 1);

	return data &&
	       (data->type == TYPE_DATA || data->type == TYPE_MESSAGE || data->type == TYPE_PIECES);
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
		if (args[i]->kind != ARG_ADDRESS || !to->host || !call_descriptor(call))
			continue;
		whose = address_host(to->host);
		if (whose == HOST_NONE || whose == host) /* no router sees it */
			continue;
		ip = named_ip(to->host, e->run->facts.family);
		judge_value(&e->judgement, to->port, &port);
		timeline_connecting(e->timeline, call_descriptor(call), host, &ip, (uint16_t)port);
	}
}

static bool confirm_asleep(struct engine *e, size_t actor)
{
	ns_t until = now() + e->options->patience;

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
	return true; /* it came back, or it spins: the judge will say what that means */
}

static bool act_call(struct engine *e, size_t index)
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
	if (!strcmp(line->call.name, "connect") || call_sends(&line->call))
		announce_connection(e, &line->call, line->call.args, line->call.arg_count,
				    link->host);
	if (call_sends(&line->call) && call_descriptor(&line->call))
		timeline_sending(e->timeline, call_descriptor(&line->call), link->host);

	event = timeline_event(e->timeline, EVENT_CALL, now(), now());
	event->line = (int)index;
	event->host = link->host;
	event->part = link->part;
	event->call = line->call.name;
	event->descriptor = call_descriptor(&line->call);
	event->text = call_text(e, line);
	e->call_event[actor] = (int)(event - e->timeline->events);
	request.processes = process_names(e, link->host, &request.process_count);
	if (link->gone || !actor_start(link, &request)) {
		event->abandoned = true; /* which the judge takes from here */
		return true;
	}
	note_kept(e);
	e->only_begun = is_judged && !line->call.open;
	return !line->call.open || confirm_asleep(e, actor);
}

/* ---- faults ---- */

/*
 * A relative sequence number of the newest connection of the pattern's sender, as it stands on the
 * wire; false: not yet known.
 */
static bool fault_seq(const struct engine *e, const struct fault_rule *rule, int64_t relative,
		      uint32_t *seq)
{
	const struct timeline *t = e->timeline;
	struct ip address = {0};

	if (rule->address)
		address = named_ip(rule->address, e->run->facts.family);
	for (size_t i = t->connection_count; i-- > 0;) {
		const struct connection *c = &t->connections[i];
		int end = connection_end(c, rule->from);

		if (end < 0 || !c->end[end].has_isn ||
		    (rule->address && !ip_equal(&c->end[end].ip, &address)))
			continue;
		*seq = c->end[end].isn + (uint32_t)relative;
		return true;
	}
	return false;
}

/* The name, if it is that of one of several addresses, not of a host. */
static const char *address_only(const char *name)
{
	return name && host_find(name) == HOST_NONE ? name : NULL;
}

/* What a value comes to now; the checker has seen to it that all $names in it are bound. */
static int64_t number_now(const struct engine *e, const struct value *v, int64_t otherwise)
{
	int64_t number = otherwise;

	if (v)
		judge_value(&e->judgement, v, &number);
	return number;
}

static bool is_picked(const struct value *v)
{
	return v && v->kind != VALUE_ANY;
}

/* What a pattern says of numbers: each may follow from the other two. */
struct picked {
	bool has_first, has_length;
	int64_t first, length;
};

static bool pick_numbers(struct engine *e, const struct line *line, struct picked *n)
{
	const struct segment_pattern *s = &line->fault.pattern.segment;
	int64_t end = number_now(e, s->end, 0);

	*n = (struct picked){
	    .has_first = is_picked(s->seq),
	    .has_length = is_picked(s->length),
	    .first = number_now(e, s->seq, 0),
	    .length = number_now(e, s->length, 0),
	};
	if (!is_picked(s->end))
		return true;
	if (!n->has_first)
		n->first = end - n->length;
	if (!n->has_length)
		n->length = end - n->first;
	n->has_first = n->has_length = true;
	if (n->first + n->length == end && n->length >= 0)
		return true;
	return broken_at(e, line, "%lld to %lld is not a length of %lld", (long long)n->first,
			 (long long)end, (long long)n->length);
}

/* Where the segments begin that the rule picks. */
static bool pick_first(struct engine *e, const struct line *line, int64_t first,
		       struct fault_rule *rule)
{
	bool is_any = line->fault.pattern.segment.kind == SEGMENT_DATA; /* of any flags */

	if (rule->flags & FLAG_SYN) /* its numbers are its own: there is nothing to compare */
		return !first ||
		       broken_at(e, line, "a SYN begins at 0, not at %lld", (long long)first);
	rule->from_zero = !first && (is_any || (rule->flags & FLAG_RST));
	rule->has_seq = fault_seq(e, rule, first, &rule->seq);
	if (rule->has_seq || (rule->from_zero && !is_any))
		return true;
	return broken_at(
	    e, line,
	    "no connection of that host has begun, so its sequence numbers mean nothing "
	    "yet");
}

static bool fault_from_line(struct engine *e, const struct line *line, struct fault_rule *rule)
{
	const struct fault *fault = &line->fault;
	const struct segment_pattern *s = &fault->pattern.segment;
	struct picked numbers;

	*rule = (struct fault_rule){
	    .reject = !strcmp(fault->verb, "reject"),
	    .from = fault->pattern.from ? address_host(fault->pattern.from) : HOST_NONE,
	    .address = address_only(fault->pattern.from),
	    .skip = number_now(e, fault->skip, 0),
	    .times = number_now(e, fault->times, FAULT_EVER),
	    .with = fault->with,
	};
	hold_rule(fault, rule);
	if (!fault->pattern.has_segment)
		return true;
	if (s->kind == SEGMENT_ICMP)
		rule->icmp = s->word;
	else if (s->kind == SEGMENT_UDP)
		rule->udp = true;
	else if (s->kind == SEGMENT_TCP) {
		rule->has_flags = true;
		rule->flags = s->flags;
	}
	if (!pick_numbers(e, line, &numbers))
		return false;
	rule->has_length = numbers.has_length;
	rule->length = (uint32_t)numbers.length;
	return !numbers.has_first || pick_first(e, line, numbers.first, rule);
}

/* What `heal` names a fault by: its verb and pattern, in notation. */
static const char *fault_name(struct engine *e, const struct line *line)
{
	struct line bare = *line;

	bare.fault.skip = bare.fault.times = NULL;
	bare.fault.with = NULL;
	bare.fault.delay = 0;
	bare.kind = LINE_FAULT;
	return action_as_text(e, &bare);
}

static bool act_fault(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = host_find(line->actor.host);
	struct applied_fault *applied;
	struct fault_rule rule;
	ns_t began = now();
	int id;

	if (!fault_from_line(e, line, &rule))
		return false;
	id = fault_apply(&e->faults, host, &rule);
	if (!id)
		return broken_at(e, line, "%s", e->faults.error);
	applied = arena_push(e->arena, e->applied, e->applied_count);
	*applied = (struct applied_fault){
	    .host = host,
	    .id = id,
	    .text = fault_name(e, line),
	    .verb = line->fault.verb,
	    .keeps = hold_rule(&line->fault, &rule),
	    .delay = line->fault.delay,
	};
	note_action(e, index, began);
	return true;
}

static bool act_heal(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = host_find(line->actor.host);
	const char *name = line->fault.verb ? fault_name(e, line) : NULL;
	ns_t began = now();
	bool any = false;

	for (size_t i = 0; i < e->applied_count; i++) {
		struct applied_fault *a = &e->applied[i];

		if (a->lifted || a->host != host || (name && strcmp(name, a->text)))
			continue;
		if (!fault_lift(&e->faults, host, a->id))
			return broken_at(e, line, "%s", e->faults.error);
		a->lifted = any = true;
	}
	if (!any)
		return broken_at(e, line, "there is no such fault to lift at the %s",
				 host_name(host));
	note_action(e, index, began);
	return watch_now(e); /* when all of them are gone, what they hold is let go */
}

static bool act_release(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	ns_t began = now();
	bool any;

	if (!watch_now(e) || !hold_release(e, &line->fault.pattern, &any))
		return false;
	if (!any)
		return broken_at(e, line, "nothing that fits is held");
	note_action(e, index, began);
	return true;
}

/* ---- signals ---- */

/*
 * Whether all threads of that process are stopped, or none of them; one that is gone is neither.
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

/* That a process stops or goes on is nothing that it could report. */
static bool confirm_stop(struct engine *e, size_t index, const struct actor_link *link, int number)
{
	ns_t until = now() + e->options->patience;

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
 * While a handler runs its signal is blocked: another one would go to another thread. What a
 * handler has told, it tells while it still runs.
 */
static bool wait_for_handler(struct engine *e, const struct actor_link *link)
{
	ns_t until = now() + e->options->patience;

	while (link->pidfd >= 0 && !link->gone && actor_state(link) == 'R' && now() < until)
		if (!watch(e, now() + GLANCE))
			return false;
	return true;
}

/*
 * To a process, which gives it to its first thread unless that one blocks it (complete_signal() in
 * kernel/signal.c); or to the thread that is named.
 */
static bool act_signal(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	const struct actor_link *link = actor_of_line(e, line);
	int64_t number = 0;
	size_t noted;
	ns_t began;
	long sent;

	constant_value("signal", line->signal.name, &number);
	if (!link)
		return broken_at(e, line, "there is no process of that name");
	if (!wait_for_handler(e, link))
		return false;
	began = now();
	sent = link->pidfd >= 0 ? syscall(SYS_pidfd_send_signal, link->pidfd, (int)number, NULL, 0)
				: syscall(SYS_tgkill, link->pid, link->tid, (int)number);
	if (sent < 0 && errno != ESRCH) /* it has died: that is on the time line */
		return broken_at(e, line, "cannot send it: %s", strerror(errno));
	noted = note_action(e, index, began);
	if (!confirm_stop(e, index, link, (int)number))
		return false;
	if (number == SIGSTOP || number == SIGCONT)
		e->timeline->events[noted].to = now();
	return true;
}

/* ---- the rest ---- */

static bool act_sysctl(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	char error[256];
	ns_t began = now();

	if (!lab_sysctl(&e->lab, host_find(line->actor.host), line->sysctl.name, line->sysctl.value,
			error, sizeof(error)))
		return broken_at(e, line, "%s", error);
	note_action(e, index, began);
	return true;
}

static bool act_ip(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	char error[256];
	ns_t began = now();

	if (!lab_ip(&e->lab, host_find(line->actor.host), line->ip.words, line->ip.count, error,
		    sizeof(error)))
		return broken_at(e, line, "%s", error);
	note_action(e, index, began);
	return true;
}

static bool act_mute(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	ns_t began = now();

	if (!fault_mute(&e->faults, host_find(line->actor.host)))
		return broken_at(e, line, "%s", e->faults.error);
	note_action(e, index, began);
	return true;
}

/*
 * Cut off first, so that nothing that its dying processes and sockets have to say gets out: that is
 * the moment of its death, for all others. Its settings stay, as those in a machine's configuration
 * do.
 */
static bool act_crash(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = host_find(line->actor.host);
	ns_t began = now();

	if (!fault_kill(&e->faults, host))
		return broken_at(e, line, "%s", e->faults.error);
	note_action(e, index, began);
	forget_processes(e, host);
	if (!sockets_destroy(&e->sockets, host))
		return broken_at(e, line, "%s", e->sockets.error);
	return true;
}

static bool act_boot(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = host_find(line->actor.host);
	ns_t began;

	if (!revive_host(e, host))
		return false;
	began = now(); /* nobody hears of it before its firewall lets it speak */
	if (!fault_revive(&e->faults, host))
		return broken_at(e, line, "%s", e->faults.error);
	note_action(e, index, began);
	return true;
}

static bool (*const action_table[])(struct engine *, size_t) = {
    [LINE_CALL] = act_call,	[LINE_FAULT] = act_fault,   [LINE_HEAL] = act_heal,
    [LINE_SIGNAL] = act_signal, [LINE_SYSCTL] = act_sysctl, [LINE_IP] = act_ip,
    [LINE_FORGE] = act_forge,	[LINE_MUTE] = act_mute,	    [LINE_RELEASE] = act_release,
    [LINE_CRASH] = act_crash,	[LINE_BOOT] = act_boot,
};

/* Whether its numbers are such as can be passed on, also where they come of a $name. */
static bool numbers_fit(struct engine *e, const struct line *line)
{
	const struct judgement *j = &e->judgement;
	struct arena a = {0};
	const char *wrong =
	    j->variable_count ? line_wrong_now(&a, line, j->variables, j->variable_count) : NULL;

	if (wrong) {
		const char *numbers = judge_numbers(&a, j, line->text);

		broken_at(e, line, "%s%s%s", wrong, *numbers ? "," : "", numbers);
	}
	arena_free(&a);
	return !wrong;
}

bool act(struct engine *e, size_t index)
{
	if (!numbers_fit(e, &e->run->lines[index]))
		return false;
	return action_table[e->run->lines[index].kind](e, index);
}
