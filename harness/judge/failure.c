/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures: what a run of one has shown.
 *
 * Such a run is a measurement: whatever the program does is allowed. What can be said for certain
 * is whether the failure has happened to the program, and whether the program has ended. Only a run
 * in which it has happened says anything, so only that can pass. A client that has not come to an
 * end has not passed either: it hangs. A server need not end.
 *
 * Lines that are not met when the program ends were not reached, and are no mismatch. If a step of
 * the script came out otherwise than it is written, the program went another way: if that was
 * before the failure, it is the reason why there was none; else it is only noted.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/script/script.h"
#include "harness/timeline/notation.h"

bool line_is_failure(const struct line *line)
{
	return line->marks_failure;
}

/* The line whose event is the failure: the first such line that is met, or if none is, the first.
 */
static int failure_line(const struct trial *t)
{
	int marked = -1, started = -1;

	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];

		if (started < 0 && line->kind == LINE_PROGRAM && line->actor.id == t->run->subject)
			started = (int)i;
		if (!line_is_failure(line))
			continue;
		if (t->out->lines[i].fate == LINE_MET)
			return (int)i;
		if (marked < 0)
			marked = (int)i;
	}
	return marked < 0 ? started : marked;
}

bool program_ends(const struct event *e)
{
	bool is_well = !e->signal && !e->status;

	if (e->host != HOST_SERVER)
		return !e->part;
	return !e->others || (!e->part && !is_well);
}

int program_end_event(const struct timeline *t, enum host host)
{
	for (size_t k = 0; k < t->event_count; k++) {
		const struct event *e = &t->events[k];

		if (e->program && e->kind == EVENT_DEATH && e->host == host && program_ends(e))
			return (int)k;
	}
	return -1;
}

int program_crash_event(const struct run *run, const struct line_judgement *lines, enum host host)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == LINE_CRASH && run->lines[i].actor.id == host &&
		    lines[i].event >= 0)
			return lines[i].event;
	return -1;
}

/* Where the program is: "connect(3, server:8080)". NULL: in no call that is observed. */
static const char *where(const struct trial *t)
{
	const struct event *e = observed_unreturned(t, t->run->subject);

	return e ? e->text : NULL;
}

const char *rough_duration(struct arena *a, ns_t time)
{
	int64_t s = (time + NS_PER_S / 2) / NS_PER_S;

	if (time < NS_PER_S)
		return arena_printf(a, "%lld ms", (long long)(time / NS_PER_MS));
	if (s < 100)
		return arena_printf(a, "%.1f s", (double)time / NS_PER_S);
	if (s < 3600)
		return arena_printf(a, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
	return arena_printf(a, "%lld h %lld min", (long long)(s / 3600),
			    (long long)(s % 3600 / 60));
}

static const char *end_text(struct trial *t, int end)
{
	const char *in = where(t);

	if (end >= 0)
		return arena_printf(t->arena, "the program ended before that: %s",
				    event_text(t->arena, t->timeline, &t->timeline->events[end]));
	return in ? arena_printf(t->arena, "no more; the program is in %s", in)
		  : "no more; the program has not ended";
}

static const char *hanging_text(struct trial *t, ns_t since)
{
	const struct timeline *tl = t->timeline;
	const char *in = where(t);
	ns_t time = tl->watched > since ? tl->watched - since : 0;

	return arena_printf(t->arena, "no end within %s%s%s", rough_duration(t->arena, time),
			    in ? ": it hangs in " : ": it hangs", in ? in : "");
}

/* What was wrong before has been looked at; what is wrong now is this. */
static void say(struct trial *t, int line, const char *expected, const char *got)
{
	struct problem *p;

	t->out->problem_count = 0;
	p = problem_timing(t, (size_t)line, -1, expected, got);
	p->message = arena_printf(t->arena, "expected %s; got %s", expected, got);
}

static const struct problem *copy_of(struct arena *a, const struct problem *p)
{
	struct problem *copy = arena_new(a, struct problem);

	*copy = *p;
	return copy;
}

void judge_failure(struct trial *t)
{
	struct judgement *out = t->out;
	struct failure_seen *f = &out->failure;
	int line = failure_line(t);

	*f = (struct failure_seen){.line = line,
				   .end = program_end_event(t->timeline, t->run->subject)};
	if (line < 0) /* nothing was begun */
		return;
	f->happened = out->lines[line].fate == LINE_MET;
	f->at = f->happened ? out->lines[line].to : 0;
	f->hangs = f->end < 0 && program_crash_event(t->run, out->lines, t->run->subject) < 0;
	if (out->problem_count)
		f->stopped = copy_of(t->arena, &out->problems[0]);
	if (!f->happened) {
		if (!out->problem_count)
			say(t, line, line_bare_text(t->arena, &t->run->lines[line]),
			    end_text(t, f->end));
		return;
	}
	out->problem_count = 0;
	if (f->hangs && t->run->subject != HOST_SERVER)
		say(t, line, "the program to end after the failure", hanging_text(t, f->at));
}
