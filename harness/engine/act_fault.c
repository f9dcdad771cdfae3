/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: a line becomes a rule of netns/firewall/fault.h, and something that keeps packets in the
 * router (hold.c). Also lifting faults, and releasing the packets that they hold.
 */
#include "harness/engine/state.h"

/*
 * A relative sequence number, of the newest connection of the pattern's sender, as on the wire;
 * false: not yet known.
 */
static bool fault_seq(const struct engine *e, const struct fault_rule *rule, int64_t relative,
		      uint32_t *seq)
{
	const struct timeline *t = e->timeline;
	struct ip address = {0};

	if (rule->address)
		address = row_ip(rule->address, e->run->facts.family);
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

/* The number that a value is now. The checker has made sure that all $names in it are bound. */
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

/* The numbers of a pattern: each may follow from the other two. */
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
	return broken_at(e, line, "from %lld to %lld are %lld bytes, not %lld", (long long)n->first,
			 (long long)end, (long long)(end - n->first), (long long)n->length);
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
	const struct fault_row *row = &fault_rows[fault->verb];
	const struct address_row *sender = fault->pattern.sender;
	struct picked numbers;

	*rule = (struct fault_rule){
	    .reject = row->answers || (row->forgets && fault->resets),
	    .forwarded = row->on_the_way || row->forgets,
	    .idle = row->forgets ? fault->delay : 0,
	    .pass = row->passes,
	    .from = sender ? sender->host : HOST_NONE,
	    .address = sender && !address_is_host(sender) ? sender : NULL,
	    .carries = fault->pattern.carries,
	    .every = number_now(e, fault->every, 1),
	    .skip = number_now(e, fault->skip, 0),
	    .times = number_now(e, fault->times, FAULT_EVER),
	    .reset = fault->resets,
	    .with = fault->answer,
	};
	if (!fault->pattern.has_segment)
		return true;
	if (s->kind == SEGMENT_ICMP)
		rule->icmp = s->icmp;
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

bool do_fault(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = line->actor.id;
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
	    .name = e->run->index->fault[index],
	    .verb = line->fault.verb,
	    .delay = line->fault.delay,
	    .line = (int)index,
	};
	note_action(e, index, began);
	return true;
}

bool do_heal(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = line->actor.id;
	int name = e->run->index->fault[index];
	ns_t began = now();
	bool any = false;

	for (size_t i = 0; i < e->applied_count; i++) {
		struct applied_fault *a = &e->applied[i];

		if (a->lifted || a->host != host || (name >= 0 && name != a->name))
			continue;
		if (!fault_lift(&e->faults, host, a->id))
			return broken_at(e, line, "%s", e->faults.error);
		a->lifted = any = true;
	}
	if (!any)
		return broken_at(e, line, "there is no such fault to lift at the %s",
				 host_name(host));
	note_action(e, index, began);
	return watch_now(e); /* when all are lifted, the packets that they hold are released */
}

bool do_release(struct engine *e, size_t index)
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
