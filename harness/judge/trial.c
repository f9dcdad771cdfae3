/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every part of the judge needs: marking a line as met, adding a problem, and finding out
 * which lines speak of the same thing.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/base/text.h"
#include "harness/script/script.h"

const char *line_text(struct arena *a, const struct line *line)
{
	struct line bare = *line;
	struct text text;
	const char *printed;

	bare.comment = NULL;
	line_print(text_open(&text), &bare);
	printed = text_close(&text, a);
	return printed + strspn(printed, " ");
}

void line_met(struct trial *t, size_t index, int event, int segment, ns_t from, ns_t to)
{
	t->out->lines[index] = (struct line_judgement){
	    .fate = LINE_MET,
	    .event = event,
	    .segment = segment,
	    .from = from,
	    .to = to,
	};
}

struct problem *problem_add(struct trial *t, size_t line, int event, const char *came)
{
	struct judgement *out = t->out;
	struct problem *p = arena_push(t->arena, out->problems, out->problem_count);

	p->line = (int)line;
	p->event = event;
	p->wanted = line_text(t->arena, &t->run->lines[line]);
	p->came = came ? came : "nothing";
	p->message = arena_printf(t->arena, "wanted %s; came %s", p->wanted, p->came);
	if (out->lines[line].fate != LINE_NOTHING)
		out->lines[line].fate = LINE_FAILED;
	return p;
}

/*
 * What a packet that nobody asked for can be blamed on: a line about a packet, or the end of a call
 * that is still blocked. Not a call that is about to return, nor a reading: whether those are met
 * depends on what the engine has read so far, and the same run must always be judged the same.
 */
static bool takes_blame(const struct line *line)
{
	return line->kind == LINE_SENT || line->kind == LINE_ARRIVAL || line->kind == LINE_FORGE ||
	       line->kind == LINE_RESUME;
}

bool both_datagrams(const struct trial *t, const struct line *line, const char *connection)
{
	int index = timeline_find(t->timeline, connection);

	return index >= 0 && t->timeline->connections[index].kind != PACKET_TCP &&
	       (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL) &&
	       (line->segment.kind == SEGMENT_UDP || line->segment.kind == SEGMENT_ICMP);
}

/*
 * Whether line `index`, which is not met, is what such a packet of `connection` (NULL: of none) is
 * blamed on. A forge line is met at once or never, so that whatever comes meanwhile is due to it.
 */
static bool is_to_blame(const struct trial *t, size_t index, const char *connection)
{
	const struct line *line = &t->run->lines[index];
	const char *whose = line->connection;

	if (line->kind == LINE_FORGE)
		return t->out->lines[index].fate != LINE_MET;
	return t->out->lines[index].fate == LINE_PENDING &&
	       (!whose || !connection || !strcmp(canonical_name(t->timeline, whose), connection) ||
		both_datagrams(t, line, connection));
}

void problem_unasked(struct trial *t, const char *connection, int event, const char *came)
{
	const struct run *run = t->run;
	size_t near = 0;

	for (size_t i = 0; i < t->done; i++) {
		const struct line *line = &run->lines[i];

		if (line->kind == LINE_CALL && !near)
			near = i; /* nothing better stands above */
		if (!takes_blame(line))
			continue;
		near = i;
		if (is_to_blame(t, i, connection)) {
			problem_add(t, i, event, came)->unasked = true;
			return;
		}
	}
	/* Every line so far has been met: it is one too many, after the last of them. */
	problem_after(t, near, event, came);
}

void problem_after(struct trial *t, size_t index, int event, const char *came)
{
	struct problem *p = arena_push(t->arena, t->out->problems, t->out->problem_count);

	p->line = (int)index;
	p->event = event;
	p->unasked = true;
	p->wanted = "nothing more";
	p->came = came;
	p->message = arena_printf(t->arena, "wanted nothing more after this line; came %s", came);
}

const char *canonical_name(const struct timeline *t, const char *name)
{
	int index = timeline_find(t, name);

	return index < 0 ? name : t->connections[index].names[0];
}

bool same_actor(const struct line *line, enum host host, const char *part)
{
	if (!line->actor.host || line->actor.id != host)
		return false;
	if (!line->actor.part || !part)
		return !line->actor.part && !part;
	return !strcmp(line->actor.part, part);
}
