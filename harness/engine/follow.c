/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of a run that is blessed. Such a run is made to find out what happens, so the written
 * lines cannot say when a step is over.
 *
 * A stretch is an action or a reading, and the observations written below it. The walk is the
 * ordinary one up to the line at which the last ordinary run went wrong. From there on it trusts
 * nothing:
 *
 * - If everything below the action has been met, it still waits until it is quiet.
 * - If nothing is written there, or something else comes, it follows what happens. It stops when no
 *   packet has come for QUIET, and no timer of the lab that may send one is due within SOON, or
 *   within the time that the lines below speak of. Delayed acknowledgements, which ss does not
 * show, are due within QUIET. It is not quiet while a thread that has something to do waits for a
 * CPU.
 * - A keepalive timer never ends. So nothing is followed for longer than LONG; or than LONGEST, if
 *   lines below have a time and may still come.
 * - If somebody has written more lines below the stretch, an ordinary run goes on at once, and so
 *   does this one. Then what timers cause belongs to those lines.
 *
 * What held in the ordinary run before it went wrong is not in doubt. The walk waits for such a
 * reading as always, because the lines below depend on it. If a reading was still being repeated
 * when something else went wrong, the walk waits for it until that happens again.
 *
 * A reading causes nothing. So the walk does not wait below a reading if nothing is written there;
 * nor below a call if only its result differs.
 *
 * While a `delay` keeps a packet, an ordinary run makes the next action unless a line above waits
 * for the packet. So does this one (goes_ahead); otherwise packets would never cross any more. It
 * does so also if the engine was so late that it let the packet go in the very look in which it
 * learnt of it: then the packet is known to have overtaken that action (bless/lateness.c). Readings
 * there are waited for as usual, too.
 *
 * When the walk has gone astray, it goes on only with calls that stand alone: without a result, and
 * with nothing below them (or if one of them has not returned yet). It leaves everything else that
 * is written to a run that reaches it in the ordinary way.
 */
#include <limits.h>
#include <string.h>

#include "harness/bless/bless.h"
#include "harness/bless/lateness.h"
#include "harness/engine/state.h"
#include "harness/script/script.h"

#define QUIET	(60 * NS_PER_MS)
#define AT_ONCE (20 * NS_PER_MS) /* less than the shortest timer */
#define SOON	(1 * NS_PER_S)
#define LONG	(5 * NS_PER_S)
#define LONGEST (60 * NS_PER_S)
#define LOOK	(1 * NS_PER_MS) /* how often to see whether threads still wait for a CPU */

bool looks_itself(const struct engine *e, size_t index)
{
	return e->options->blessing && (e->astray || index >= e->from);
}

bool is_awaited(const struct engine *e, size_t index)
{
	const char *held = e->options->blessing ? e->options->blessing->held : NULL;

	return bless_is_held(held, index) ||
	       (bless_may_hold(held, index) && !e->judgement.diverged);
}

/* Some thread has something to do and waits for a CPU: it has been woken, signalled or killed. */
static bool any_ready(const struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++) {
		const struct actor_link *link = &e->actors[i];
		char state = link->gone ? 0 : actor_state(link);

		if (state == 'R' || state == 'D')
			return true;
	}
	return false;
}

static bool is_silent(const struct engine *e, ns_t quiet)
{
	ns_t silence = now() - last_sound(e);

	return silence >= quiet && (silence >= e->options->timeout || !any_ready(e));
}

bool is_quiet(const struct engine *e)
{
	return is_silent(e, QUIET);
}

static ns_t soon(const struct engine *e)
{
	return e->options->blessing->until ? e->options->blessing->until : SOON;
}

/* ---- the call that a stretch begins with ---- */

/* Who is still in the call of line `index`; NULL: nobody. */
static struct actor_link *caught_in(struct engine *e, size_t index)
{
	for (size_t i = 0; i < e->actor_count; i++)
		if (e->run->lines[index].kind == LINE_CALL && e->actors[i].line == (int)index)
			return &e->actors[i];
	return NULL;
}

/* It has not returned: so it is a call that blocks, whatever is written. */
static void leave_open(struct engine *e, size_t index)
{
	const struct actor_link *link = caught_in(e, index);
	struct event *call;

	if (!link || actor_asleep(link, e->run) != 1)
		return;
	call = &e->timeline->events[e->call_event[link - e->actors]];
	call->blocked = true; /* it was entered then, and has not returned since */
}

/* How long to wait for a call that has not returned. */
static ns_t call_timeout(const struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];

	if (line->kind != LINE_CALL || line->call.open)
		return 0;
	return line->call.result.kind == RESULT_TO_COME ? soon(e) + QUIET : e->options->timeout;
}

/* ---- timers ---- */

/*
 * When the next timer is due; keepalive timers count or not. False: none is running, or they cannot
 * be read (e.out says so).
 */
static bool next_timer(struct engine *e, bool keepalives, ns_t *due)
{
	bool any = hold_next(e) != INT64_MAX; /* also what a `delay` keeps */

	*due = hold_next(e);

	for (int h = 0; h < LAB_HOSTS; h++) {
		ns_t left;

		if (h == HOST_ROUTER)
			continue;
		if (!sockets_next_timer(&e->sockets, h, keepalives, &left))
			return broken(e, "%s", e->sockets.error);
		if (left >= 0 && (!any || now() + left < *due))
			*due = now() + left;
		any = any || left >= 0;
	}
	return any;
}

/* ---- packets on their way ---- */

/* All packets on their way that need a line can be written below the line `index`. */
static bool may_stand_below(const struct engine *e, size_t index)
{
	const struct segment *segments = e->timeline->segments;
	size_t at = 0, count = 0;
	int segment;

	while ((segment = hold_on_its_way(e, &at)) >= 0) {
		if (segment_is_plain_ack(e->run, e->timeline, &segments[segment]))
			continue;
		if (is_ordered_with(e->run, e->timeline, index, &segments[segment]))
			return false;
		count++;
	}
	return count > 0;
}

/*
 * Whether an ordinary run begins the line `end` now: all that stands above has come, and the
 * packets on their way can be written further down.
 */
static bool goes_ahead(struct engine *e, size_t begin, size_t end)
{
	const struct run *run = e->run;
	bool is_back = !caught_in(e, begin) || run->lines[begin].call.open;

	if (end == run->line_count || !is_back || !may_stand_below(e, end))
		return false;
	ask_judge(e);
	for (size_t i = begin + 1; i < end; i++)
		if (line_role(&run->lines[i]) >= ROLE_READING && run->lines[i].kind != LINE_ANY &&
		    e->judgement.lines[i].fate != LINE_MET)
			return false;
	e->ahead = true;
	return true;
}

/* ---- one stretch ---- */

/*
 * Notes what has been taken in that came only after it had been quiet for long enough: on a machine
 * that is not busy the run would have gone on before that. What merely passes (passing.c) breaks a
 * silence, but is not on the time line: then nobody can say.
 */
static void look_for_late(struct engine *e, ns_t quiet, ns_t meant, size_t begin, size_t end)
{
	const struct event *late;
	ns_t known, silent;

	ask_judge(e);
	known = stretch_known(&e->judged, e->run, e->timeline, &e->judgement, begin, end);
	if (known == INT64_MAX || e->timeline->headers)
		return;
	if (known < meant)
		known = meant;
	late = first_after_quiet(e->timeline, known, quiet, &silent);
	if (!late && silent < last_sound(e) + quiet)
		silent = last_sound(e) + quiet;
	note_overslept(e, silent, late ? late->to : 0);
}

/*
 * Waits in the stretch from `begin` to `end` until it has been quiet for this long. It waits at
 * most until `last`, because something may come again and again, and no longer than until the run
 * goes ahead. `meant`: until then it was to wait in any case.
 */
static bool wait_quiet(struct engine *e, ns_t quiet, ns_t meant, ns_t last, size_t begin,
		       size_t end)
{
	bool for_thread = false;

	while (!goes_ahead(e, begin, end)) {
		ns_t until = last_sound(e) + quiet, soonest = now() + LOOK;
		bool is_over = is_silent(e, quiet) || now() >= last, is_due = until <= now();

		if (is_over && !watch_now(e))
			return false;
		/* Before a thread is waited for, too: then time that passes is not the engine's. */
		if (is_over || (is_due && !for_thread))
			look_for_late(e, quiet, meant, begin, end);
		if (is_over) {
			goes_ahead(e, begin, end);
			return true;
		}
		for_thread = is_due;
		if (!watch(e, until > soonest ? until : soonest))
			return false;
		if (for_thread)
			meant = now();
	}
	return true;
}

/* How long the lines from `begin` to `end` may take: the longest time in any of their gaps. */
static ns_t written_time(const struct engine *e, size_t begin, size_t end)
{
	ns_t time = 0;

	for (size_t i = begin + 1; i < end; i++) {
		const struct gap *gap = &e->run->lines[i].gap;

		if (gap->present)
			time = later(time, gap_longest(gap));
	}
	return time;
}

/* Everything that is written in the stretch has been seen, and at most this many other lines. */
static bool is_told(struct engine *e, size_t begin, size_t end, int differing)
{
	bool is_back = !caught_in(e, begin) || e->run->lines[begin].call.open;
	int count;

	ask_judge(e);
	if (!stretch_is_written(e->run, begin, end) || !is_back)
		return false;
	count = bless_complete(e->run, e->timeline, &e->judgement, begin, end);
	return count >= 0 && count <= differing;
}

/* Only the call's result is known to be wrong. */
static bool wrong_result(const struct engine *e, size_t begin)
{
	const struct problem *p = e->judgement.problems;

	return e->judgement.problem_count == 1 && p->line == (int)begin && p->event >= 0 &&
	       e->timeline->events[p->event].kind == EVENT_RETURN;
}

static bool is_bare(const struct line *line)
{
	return line->kind == LINE_CALL && line->call.result.kind == RESULT_TO_COME;
}

/*
 * Somebody has written more below the stretch: not only actions, but also what the next call
 * causes, or what is read next. So a run goes on there as soon as everything above has come. What
 * timers cause later belongs further down.
 */
static bool is_written_on(const struct engine *e, size_t end)
{
	const struct run *run = e->run;

	while (end < run->line_count && run->lines[end].kind != LINE_CALL &&
	       !line_is_reading(&run->lines[end]))
		end++;
	return end < run->line_count && !is_bare(&run->lines[end]);
}

/* The stretch is over when nothing has come for this long. */
static ns_t quiet_below(const struct engine *e, size_t begin, size_t end)
{
	bool is_written = stretch_is_written(e->run, begin, end);

	return e->options->blessing->until || is_written || !is_written_on(e, end) ? QUIET
										   : AT_ONCE;
}

/* How far timers are followed from now on. */
static ns_t reach(struct engine *e, size_t begin, size_t end)
{
	bool waits = caught_in(e, begin) && !e->run->lines[begin].call.open;

	return waits || e->options->blessing->until || !is_written_on(e, end) ? soon(e) : 0;
}

/*
 * Whether keepalives belong to this stretch: a call waits for them, or a line with a time does, or
 * nothing follows. Otherwise no step causes them: they come because time passes, and would go on
 * for ever.
 */
static bool minds_keepalives(struct engine *e, size_t begin, size_t end)
{
	return caught_in(e, begin) || end == e->run->line_count || written_time(e, begin, end) > 0;
}

/* Until when to follow what happens: as long as lines below may still come. */
static ns_t last_moment(const struct engine *e, ns_t began, ns_t own)
{
	ns_t until = e->options->blessing->until;
	ns_t last = began + (until ? until : LONG), written = last_sound(e) + own + SOON;

	if (written > began + LONGEST)
		written = began + LONGEST;
	if (own && last < written)
		last = written;
	return last < e->limit ? last : e->limit;
}

/* `beyond`: also further than what is written. */
static bool follow(struct engine *e, size_t begin, size_t end, bool beyond)
{
	ns_t began = now(), own = written_time(e, begin, end), due = 0, last, written;
	/* An ordinary run may not wait for a call that returns later than this. */
	ns_t slow = began + e->options->timeout / 2;

	for (;;) {
		ns_t deadline = began + call_timeout(e, begin);

		if (goes_ahead(e, begin, end))
			return true;
		if (is_bare(&e->run->lines[begin]) && now() >= slow)
			leave_open(e, begin);
		/*
		 * What differs may be another event of the same kind, and the line's own event may
		 * still come.
		 */
		if (!beyond && is_told(e, begin, end, 0))
			break;
		last = last_moment(e, began, own);
		if (!wait_quiet(e, quiet_below(e, begin, end), due, last, begin, end))
			return false;
		if (e->ahead)
			return true;
		last = last_moment(e, began, own);
		written = own ? last_sound(e) + own + SOON : 0;
		if (now() >= last || (!beyond && is_told(e, begin, end, INT_MAX)))
			break;
		if (next_timer(e, minds_keepalives(e, begin, end), &due) && due <= last &&
		    (due <= now() + reach(e, begin, end) || due <= written)) {
			/* A timer may be late by an eighth of the time that it was set to. */
			if (due < now() + QUIET)
				due = now() + QUIET;
		} else if (caught_in(e, begin) && now() < deadline) {
			due = deadline;
		} else {
			break;
		}
		if (now() < slow && due > slow && caught_in(e, begin))
			due = slow;
		if (e->out->broken || !watch(e, due))
			return false;
	}
	leave_open(e, begin);
	ask_judge(e);
	return !e->out->broken;
}

/* Everything above the line `end` has come as written, though later than it should. */
static bool is_as_written(const struct engine *e, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (e->judgement.lines[i].fate == LINE_PENDING)
			return false;
	return !e->judgement.diverged;
}

/* Everything above the line `end` has happened, as far as is known. */
static bool finish(struct engine *e, size_t begin, size_t end)
{
	bool beyond = e->options->blessing->until && end == e->run->line_count;
	bool was_astray = e->astray;

	e->ahead = false;
	if (begin == end)
		return true;
	if (!e->astray && !is_bare(&e->run->lines[begin]) && wait_met(e, end)) {
		if (begin < e->from)
			return true;
		if (stretch_is_written(e->run, begin, end) && !beyond) {
			if (!wait_quiet(e, is_written_on(e, end) ? AT_ONCE : QUIET, 0,
					last_moment(e, now(), 0), begin, end))
				return false;
			ask_judge(e);
			e->astray = e->judgement.diverged;
			return true;
		}
	} else if (e->out->broken) {
		return false;
	} else {
		e->astray = true;
	}
	if (begin < e->from)
		e->from = begin;
	if (goes_ahead(e, begin, end))
		return true;
	/* To look brings nothing about, and of a call that has a result the rest will show. */
	if (!stretch_is_written(e->run, begin, end) && !beyond) {
		if (line_is_reading(&e->run->lines[begin]))
			return true;
		if (!is_bare(&e->run->lines[begin]) && wrong_result(e, begin)) {
			look_for_late(e, AT_ONCE, 0, begin, end);
			return true;
		}
	}
	if (!follow(e, begin, end, beyond))
		return false;
	e->astray = was_astray || !is_as_written(e, end);
	return true;
}

/*
 * A thread that is still in a call, which no line resumes, must return before it makes its next
 * call. The walk waits for what timers cause as long as in any step, from the beginning of the last
 * one: they may go on for minutes.
 */
static bool wait_free(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index], *other = NULL;
	ns_t deadline = now() + e->options->timeout, due, last = last_moment(e, e->progress, 0);

	if (line->kind != LINE_CALL)
		return true;
	if (last < deadline && e->options->blessing->until)
		last = deadline;
	for (;;) {
		const struct actor_link *link = actor_of_line(e, line);

		if (!link || link->line < 0)
			return true;
		other = &e->run->lines[link->line];
		if (next_timer(e, true, &due) && due + QUIET > deadline)
			deadline = due + (due - now()) / 8 + QUIET;
		if (e->out->broken)
			return false;
		if (now() >= deadline || now() >= last)
			break;
		if (!watch(e, deadline < last ? deadline : last))
			return false;
	}
	e->out->stuck = arena_printf(
	    e->arena,
	    "the %s() of %s has not returned%s, so its thread cannot make this call; another "
	    "thread() could%s",
	    other->call.name, place_text(e->arena, other->place, e->run->script->source),
	    now() < deadline
		? arena_printf(e->arena, " in %lld s", (long long)((last - e->progress) / NS_PER_S))
		: "",
	    now() < deadline ? ", or wait longer with --until DURATION" : "");
	e->done = index;
	return false;
}

/* Some thread is in a call that no line resumes: the place of its return must still be found. */
static bool any_caught(struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++)
		if (e->actors[i].line >= 0 && !e->run->lines[e->actors[i].line].call.open)
			return true;
	return false;
}

/* The walk is astray: whether it goes on with the stretch that begins with the line `index`. */
static bool goes_on(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];

	return (is_bare(line) || any_caught(e)) &&
	       !stretch_is_written(e->run, index, stretch_end(e->run, index));
}

/*
 * Nothing is begun any more. What has not come by now is not of the stretch that ends here: a run
 * as usual begins the next line before that, if only it may (a line of its own has to be waited for
 * first).
 */
static bool leave_off(struct engine *e)
{
	ns_t last = last_sound(e);
	size_t at = 0;

	/* Timers may have caused something until now, if packets are still on their way. */
	if (hold_on_its_way(e, &at) >= 0)
		last = now();
	e->out->left_off = (last > e->known ? last : e->known) + 1;
	return true;
}

bool walk_blessing(struct engine *e)
{
	const struct run *run = e->run;
	size_t begin = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		bool reads = line_is_reading(&run->lines[i]);

		if (i == run->first_own && !take_baselines(e))
			return false;
		if (line_role(&run->lines[i]) != ROLE_ACTION && !reads) {
			e->done = i + 1;
			continue;
		}
		if (!finish(e, begin, i))
			return false;
		if (e->astray && !e->ahead && !goes_on(e, i))
			return leave_off(e);
		if (!wait_gap(e, i) || !wait_free(e, i))
			return false;
		/* Something has come too early. */
		e->astray = e->astray || (run->lines[i].gap.present && e->judgement.diverged);
		if (e->astray && !e->ahead && !goes_on(e, i))
			return leave_off(e);
		begin = i;
		e->done = i + 1;
		e->progress = now();
		if (!act(e, i))
			return false;
		if (reads && e->ahead && e->judgement.lines[i].fate != LINE_MET) {
			/* An ordinary run that waits for the packets on their way may see it. */
			e->done = i;
			return leave_off(e);
		}
	}
	return finish(e, begin, run->line_count);
}
