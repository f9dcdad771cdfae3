/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transcripts. The normal one walks through the script's lines and inserts, where it happened, what
 * came unasked; the verbose one walks through the time line. Neither decides anything: only the
 * judge says which lines are met.
 *
 * A line that is met is printed as written, so two runs that pass print the same bytes. Three
 * marks, all comments, show where that is not so:
 *
 *     ... #! expected ..    the line's event was another one
 *     #+ ..                 came unasked
 *     #- ..                 never came
 *
 * So the numbers of $names, which may differ in the next run (a port), are shown only after it.
 */
#include "harness/report/transcript.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/constants.h"
#include "harness/report/output.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

#define CUSTOMARY 10 /* blanks before a packet */

/*
 * A column of times in front of the lines, since the script's first one began. It is made for
 * people: comments have none. Microseconds matter if all is over at once, else milliseconds. Times
 * begin at the left, where a script may have them.
 */
struct column {
	int width, decimals; /* width 0: there is none */
};
#define SHORT (NS_PER_S / 10)

static int indentation(const char *text)
{
	return (int)strspn(text, " \t");
}

/* The line with its own indentation; rewritten only if it contains a $name that has a value now. */
static void print_as_written(FILE *out, struct arena *a, const struct line *line)
{
	const char *printed;
	struct text text;

	if (!strchr(line->text, '$')) {
		fputs(line->text, out);
		return;
	}
	line_print(text_open(&text), line);
	printed = text_close(&text, a);
	fprintf(out, "%.*s%s", indentation(line->text), line->text, printed + strspn(printed, " "));
}

/* The problem that the line `index` is not met, or NULL. */
static const struct problem *problem_of(const struct observation *o, size_t index)
{
	for (size_t i = 0; i < o->judgement.problem_count; i++)
		if (o->judgement.problems[i].line == (int)index &&
		    !o->judgement.problems[i].unasked)
			return &o->judgement.problems[i];
	return NULL;
}

/* The column of packets in this script: that of the nearest one above, or the usual one. */
static int packet_indentation(const struct observation *o, size_t index)
{
	for (size_t i = index + 1; i-- > 0;) {
		const struct line *line = &o->run->lines[i];

		if (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL)
			return indentation(line->text);
	}
	return CUSTOMARY;
}

/* ---- times ---- */

/* An event's time in a transcript: that of a call that returned at once is when it began. */
static ns_t time_of(const struct event *e)
{
	bool is_end = e->kind == EVENT_DEATH || e->kind == EVENT_SIGNAL ||
		      (e->kind == EVENT_RETURN && e->blocked);

	return is_end ? e->to : e->from;
}

static ns_t last_time(const struct timeline *t)
{
	ns_t last = t->start;

	for (size_t i = 0; i < t->event_count; i++)
		if (t->events[i].kind != EVENT_CLOCK && time_of(&t->events[i]) > last)
			last = time_of(&t->events[i]);
	return last - t->start;
}

static struct column column_of(const struct timeline *t)
{
	ns_t last = last_time(t);
	struct column c = {.decimals = last < SHORT ? 6 : 3};

	c.width = snprintf(NULL, 0, "%.*f", c.decimals, (double)last / NS_PER_S);
	return c;
}

/* event -1: it has no time. */
static void print_time(FILE *out, const struct column *c, const struct timeline *t, int event)
{
	if (c->width && event >= 0)
		fprintf(out, "%-*.*f  ", c->width, c->decimals,
			(double)(time_of(&t->events[event]) - t->start) / NS_PER_S);
	else if (c->width)
		fprintf(out, "%*s", c->width + 2, "");
}

/* The event that is shown at that line; -1: none. */
static int event_of(const struct observation *o, size_t index)
{
	const struct problem *problem = problem_of(o, index);

	if (problem && problem->event >= 0)
		return problem->event;
	return problem && !problem->timing ? -1 : o->judgement.lines[index].event;
}

/* ---- lines ---- */

/* What came below the line `index`, without a line that asks for it. */
static void print_unasked(FILE *out, const struct observation *o, size_t index,
			  const struct column *c)
{
	for (size_t i = 0; i < o->judgement.problem_count; i++) {
		const struct problem *p = &o->judgement.problems[i];

		if (!p->unasked || p->line != (int)index)
			continue;
		print_time(out, c, &o->timeline, p->event);
		fprintf(out, "%*s#+ %s\n", packet_indentation(o, index), "", p->got);
	}
}

static void print_line(FILE *out, struct arena *a, const struct observation *o, size_t index,
		       const struct column *c)
{
	const struct line *line = &o->run->lines[index];
	const struct problem *problem = problem_of(o, index);
	int blanks = indentation(line->text);

	if (line_role(line) != ROLE_NOTE)
		print_time(out, c, &o->timeline, event_of(o, index));
	if (problem && problem->timing) {
		print_as_written(out, a, line);
		fprintf(out, "    #! %s", problem->message);
	} else if (problem && problem->event < 0) {
		fprintf(out, "%.*s#- %s", blanks, line->text, line_bare_text(a, line));
	} else if (problem) {
		fprintf(out, "%.*s%s    #! expected %s", blanks, line->text, problem->got,
			line_bare_text(a, line));
	} else {
		print_as_written(out, a, line);
	}
	fputc('\n', out);
	print_unasked(out, o, index, c);
}

static bool is_named(const struct observation *o, size_t index)
{
	for (size_t i = 0; i < o->judgement.problem_count; i++)
		if (o->judgement.problems[i].line == (int)index)
			return true;
	return o->broken_line == &o->run->lines[index];
}

/* The line is reported: it was met, or there is a problem that says why not. */
static bool is_told_of(const struct observation *o, size_t index)
{
	const struct line_judgement *j = &o->judgement.lines[index];

	return j->event >= 0 || j->segment >= 0 || j->fate == LINE_FAILED || is_named(o, index);
}

/*
 * Whether the run has reached it. Above what has happened there may be actions that were not begun.
 */
static bool was_reached(const struct observation *o, size_t index)
{
	bool is_note = line_role(&o->run->lines[index]) == ROLE_NOTE;

	return index < o->done || is_note || is_told_of(o, index) ||
	       !(o->judgement.problem_count || o->broken || o->run->failure);
}

/* Below the first thing that went wrong, only what had happened is shown. */
static bool is_shown(const struct observation *o, size_t index)
{
	const struct judgement *j = &o->judgement;
	bool is_open = j->lines[index].fate == LINE_PENDING && !is_named(o, index);

	return was_reached(o, index) && !(is_open && o->run->failure) &&
	       !(is_open && j->problem_count && (int)index > j->problems[0].line);
}

/* One past the last line to be shown: what the run never reached is not part of its transcript. */
static size_t shown(const struct observation *o)
{
	size_t last = 0;

	for (size_t i = 0; i < o->run->line_count; i++)
		if (is_told_of(o, i))
			last = i + 1;
	return o->judgement.problem_count || o->broken || o->run->failure ? last
									  : o->run->line_count;
}

static const char *path_of(const struct place *place)
{
	return place->source ? place->source->path : "";
}

/* Where a line comes from: it may be another file's, or one of many rounds. */
static void print_place(FILE *out, const struct line *line)
{
	fprintf(out, "%s:%d: ", path_of(&line->place), line->place.line);
	if (line->used_at.source)
		fprintf(out, "(used at %s:%d) ", path_of(&line->used_at), line->used_at.line);
	if (line->repeat_at.source)
		fprintf(out, "(round %d of the repeat at line %d) ", line->iteration,
			line->repeat_at.line);
}

const char *broken_reason(struct arena *a, const struct observation *o)
{
	struct text text;
	FILE *out;

	if (!o->broken || !o->broken_line)
		return o->broken ? o->broken : "no reason is known";
	out = text_open(&text);
	print_place(out, o->broken_line);
	fputs(o->broken, out);
	return text_close(&text, a);
}

void reason_print(FILE *out, const struct observation *o)
{
	const struct problem *p = o->judgement.problems;

	if (!o->judgement.problem_count)
		return;
	print_place(out, &o->run->lines[p->line]);
	fprintf(out, "%s\n", p->message);
}

/* Why it failed. That it is broken is said by the verdict on the screen, and by a comment. */
static void print_failure_line(FILE *out, const struct observation *o)
{
	if (o->broken || !o->judgement.problem_count)
		return;
	fprintf(out, "# %s: ", verdict_names[o->judgement.verdict]);
	reason_print(out, o);
	output_print_last(out, o);
}

/* What has become of the program. */
static const char *end_text(struct arena *a, const struct failure_seen *f, const struct event *end)
{
	char signal[SIGNAL_TEXT];

	if (!end)
		return f->hangs ? "has not ended" : "its host has crashed";
	if (end->signal)
		return arena_printf(a, "killed by %s", signal_text(end->signal, signal));
	return arena_printf(a, "exited with %d", end->status);
}

const char *failure_text(struct arena *a, const struct observation *o)
{
	const struct failure_seen *f = &o->judgement.failure;
	const struct timeline *t = &o->timeline;
	const struct event *end;
	ns_t until;

	if (!o->run->failure || !f->happened)
		return NULL;
	end = f->end < 0 ? NULL : &t->events[f->end];
	until = end ? end->to : t->watched;
	return arena_printf(a, "%s %s after the failure", end_text(a, f, end),
			    rough_duration(a, until > f->at ? until - f->at : 0));
}

/* Of a failure: what the program did, and where it went another way than the script. */
static void print_failure_seen(FILE *out, struct arena *a, const struct observation *o)
{
	const struct failure_seen *f = &o->judgement.failure;
	const char *text = failure_text(a, o);

	if (text && !o->broken)
		fprintf(out, "# the program: %s\n", text);
	if (f->stopped && f->happened && !o->broken) {
		fputs("# it went another way: ", out);
		print_place(out, &o->run->lines[f->stopped->line]);
		fprintf(out, "%s\n", f->stopped->message);
	}
}

void broken_print(FILE *out, const struct observation *o)
{
	struct arena a = {0};

	if (o->broken)
		fprintf(out, "# %s: %s\n", verdict_names[o->judgement.verdict],
			broken_reason(&a, o));
	arena_free(&a);
}

void values_print(FILE *out, const struct observation *o)
{
	const struct judgement *j = &o->judgement;

	for (size_t i = 0; i < j->variable_count; i++)
		fprintf(out, "%s$%s = %" PRId64, i ? ", " : "# ", j->variables[i].name,
			j->variables[i].value);
	fputs(j->variable_count ? "\n" : "", out);
}

static void print_all(FILE *out, const struct observation *o, const struct column *c)
{
	struct arena a = {0};
	size_t end = shown(o);

	for (size_t i = 0; i < end; i++)
		if (is_shown(o, i))
			print_line(out, &a, o, i, c);
	if (o->judgement.problem_count)
		values_print(out, o);
	print_failure_seen(out, &a, o);
	print_failure_line(out, o);
	arena_free(&a);
}

void transcript_print(FILE *out, const struct observation *o)
{
	const struct column none = {0};

	print_all(out, o, &none);
}

void transcript_print_stamped(FILE *out, const struct observation *o)
{
	const struct column c = column_of(&o->timeline);

	print_all(out, o, &c);
}

/* ---- verbose ---- */

/*
 * A call is shown by its return, unless it blocks or never returns; a packet that no host is there
 * to receive is not shown.
 */
static bool is_told(const struct timeline *t, const struct event *e)
{
	if (e->kind == EVENT_ARRIVED && t->segments[e->segment].to >= LAB_HOSTS)
		return false;
	return e->kind != EVENT_CALL || e->blocked || e->abandoned;
}

/* All events to be shown, sorted. The caller frees them. */
static struct moment *sort_events(const struct timeline *t, size_t *count)
{
	struct moment *told = calloc(t->event_count + 1, sizeof(*told));

	*count = 0;
	for (size_t i = 0; told && i < t->event_count; i++)
		if (is_told(t, &t->events[i]))
			told[(*count)++] =
			    (struct moment){time_of(&t->events[i]), &t->events[i], false};
	if (told)
		moments_sort(told, *count);
	return told;
}

static void print_address(FILE *out, const struct packet *p)
{
	char source[64], target[64];

	ip_text(&p->source, source);
	ip_text(&p->target, target);
	fprintf(out, "  # %s.%u > %s.%u", source, p->source_port, target, p->target_port);
	if (p->kind == PACKET_TCP)
		fprintf(out, ", seq %" PRIu32, p->seq);
}

static bool has_ports(const struct packet *p)
{
	return p->kind == PACKET_TCP || p->kind == PACKET_UDP;
}

static void print_event(FILE *out, struct arena *a, const struct timeline *t, const struct event *e,
			ns_t since)
{
	bool is_packet = e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED ||
			 e->kind == EVENT_LOST || e->kind == EVENT_HELD;
	bool is_done = e->kind == EVENT_SENT && t->segments[e->segment].forged;

	fprintf(out, "%.6f  %s%s", (double)(time_of(e) - t->start) / NS_PER_S,
		is_packet && !is_done ? "        " : "", event_text(a, t, e));
	if (e->kind == EVENT_SENT && has_ports(t->segments[e->segment].packet))
		print_address(out, t->segments[e->segment].packet);
	else if (since >= 10 * NS_PER_MS)
		fprintf(out, "  # +%.3fms", (double)since / NS_PER_MS);
	fputc('\n', out);
}

void transcript_print_verbose(FILE *out, const struct observation *o)
{
	const struct timeline *t = &o->timeline;
	struct arena a = {0};
	ns_t previous = t->start;
	size_t count;
	struct moment *told = sort_events(t, &count);

	for (size_t i = 0; told && i < count; i++) {
		print_event(out, &a, t, told[i].event, told[i].at - previous);
		previous = told[i].at;
	}
	values_print(out, o);
	print_failure_seen(out, &a, o);
	print_failure_line(out, o);
	free(told);
	arena_free(&a);
}

/* ---- failures ---- */

#define LINES_BEFORE 6
#define LINES_AFTER  3

/* The lines around that one; with their file, if it is not the one that was named. */
static void print_excerpt(FILE *out, struct arena *a, const struct observation *o, size_t failed,
			  const struct column *c)
{
	size_t first = failed > LINES_BEFORE ? failed - LINES_BEFORE : 0, end = shown(o);
	const struct source *file = o->run->lines[failed].place.source;

	if (end > failed + LINES_AFTER + 1)
		end = failed + LINES_AFTER + 1;
	for (size_t i = first; i < end; i++) {
		const struct place *place = &o->run->lines[i].place;

		if (!is_shown(o, i))
			continue;
		if (place->source != file)
			fprintf(out, "       # %s\n", path_of(place));
		file = place->source;
		fprintf(out, "%s%5d  ", i == failed ? ">>" : "  ", place->line);
		print_line(out, a, o, i, c);
	}
}

void failure_print(FILE *out, const struct observation *o, bool stamped)
{
	const struct column c = stamped ? column_of(&o->timeline) : (struct column){0};
	const struct problem *p = o->judgement.problems;
	struct arena a = {0};

	if (!o->judgement.problem_count)
		return;
	print_place(out, &o->run->lines[p->line]);
	fprintf(out, "not %s expected\n    expected  %s\n    got       %s%s%s\n",
		p->timing ? "when it was" : "what was", p->expected, p->got, p->differ ? ": " : "",
		p->differ ? p->differ : "");
	if (o->judgement.disturbed)
		fprintf(out, "    the run was disturbed: %s\n", o->judgement.disturbed);
	if (o->judgement.late)
		fprintf(out, "    the program itself was late: %s\n", o->judgement.late);
	fputc('\n', out);

	print_excerpt(out, &a, o, (size_t)p->line, &c);
	arena_free(&a);
}
