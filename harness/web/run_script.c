/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each line of the script stands with its event and all that is known of it;
 * what became of a packet stands where it was sent. So each event has one place, by its number, and
 * page.js shows that place for the row of the ladder that is pointed at. What no line has asked for
 * follows in a table of the same form.
 */
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static long long number_of(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

/* The item that a number of a stranger's names; `count`: there is none. */
static size_t index_of(const json_t *json, const char *key, size_t count)
{
	const json_t *index = json_object_get(json, key);
	json_int_t i = json_is_integer(index) ? json_integer_value(index) : -1;

	return i < 0 || (json_int_t)count <= i ? count : (size_t)i;
}

static bool is_kind(const json_t *event, const char *kind)
{
	const char *own = text_of(event, "kind");

	return own && !strcmp(own, kind);
}

static void put_seconds(FILE *out, const json_t *json)
{
	if (json_object_get(json, "from"))
		fprintf(out, "%.6f", (double)number_of(json, "from") / NS_PER_S);
}

/* ---- which events belong together ---- */

struct telling {
	FILE *out;
	struct arena a;
	const json_t *result, *events, *segments;
	size_t event_count, segment_count;
	/* Of each event; 0: there is none (nothing is sent before the first call). */
	size_t *next;	  /* what became of the packet next */
	size_t *counters; /* of a packet, the reading of its host's counters that follows, before
			     the next packet there */
	bool *has_place;
};

static const json_t *event_at(const struct telling *t, size_t i)
{
	return json_array_get(t->events, i);
}

/* Of an event that is about no packet: segment_count. */
static size_t segment_of(const struct telling *t, const json_t *event)
{
	return index_of(event, "segment", t->segment_count);
}

static void find_next(struct telling *t)
{
	size_t *newest = arena_alloc(&t->a, (t->segment_count + 1) * sizeof(*newest));

	t->next = arena_alloc(&t->a, (t->event_count + 1) * sizeof(*t->next));
	for (size_t i = t->event_count; i-- > 0;) {
		size_t segment = segment_of(t, event_at(t, i));

		if (segment == t->segment_count)
			continue;
		t->next[i] = newest[segment];
		newest[segment] = i;
	}
}

static void find_counters(struct telling *t)
{
	size_t next[LAB_HOSTS] = {0};

	t->counters = arena_alloc(&t->a, (t->event_count + 1) * sizeof(*t->counters));
	for (size_t i = t->event_count; i-- > 0;) {
		const json_t *event = event_at(t, i);
		const char *name = text_of(event, "host");
		enum host host = name ? host_find(name) : HOST_NONE;

		if (host < 0 || host >= LAB_HOSTS)
			continue;
		if (json_object_get(event, "counters"))
			next[host] = i;
		if (is_kind(event, "sent") || is_kind(event, "arrived")) {
			t->counters[i] = next[host];
			next[host] = 0;
		}
	}
}

/* A call that has returned at once is told by its return. */
static bool is_told(const json_t *event)
{
	if (is_kind(event, "call"))
		return json_object_get(event, "blocked") || json_object_get(event, "abandoned");
	return text_of(event, "kind") && !is_kind(event, "clock");
}

/* ---- all that is known of an event ---- */

struct list {
	FILE *out;
	bool has_begun;
};

static void put_item(struct list *l)
{
	fputs(l->has_begun ? "<li" : "<ul><li", l->out);
	l->has_begun = true;
}

/* What the event's text says, too; what its own row says; headers of --record. */
static bool is_in_text(const char *key)
{
	static const char *const told[] = {
	    "kind",	  "text",   "from",   "to",	     "flags",	   "seq",
	    "ack",	  "length", "window", "mss",	     "fate",	   "wscale",
	    "sackOK",	  "TSval",  "TSecr",  "sent",	     "arrived",	   "header",
	    "connection", "source", "target", "source_port", "target_port"};

	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		if (!strcmp(told[i], key))
			return true;
	return false;
}

/* What else a packet has, by the names of result.json. */
static void put_fields(struct list *l, const json_t *object, bool *is_first)
{
	json_t *mutable = (json_t *)object, *value;
	const char *key;

	json_object_foreach(mutable, key, value) {
		bool is_shown =
		    json_is_string(value) || json_is_integer(value) || json_is_true(value);

		if (is_in_text(key))
			continue;
		if (json_is_object(value))
			put_fields(l, value, is_first);
		if (!is_shown)
			continue;
		if (*is_first) {
			put_item(l);
			fputs(">", l->out);
		}
		page_put(l->out, *is_first ? "%h" : ", %h", key);
		if (json_is_string(value))
			page_put(l->out, " %h", json_string_value(value));
		else if (json_is_integer(value))
			page_put(l->out, " %d", json_integer_value(value));
		*is_first = false;
	}
}

/* 10.0.1.1 33598 > 10.0.2.1 8080, seq_raw .. */
static void put_packet(struct list *l, const json_t *segment)
{
	static const char *const ends[][2] = {{"source", "source_port"}, {"target", "target_port"}};
	bool is_first = !text_of(segment, "source");

	for (size_t i = 0; !is_first && i < ARRAY_SIZE(ends); i++) {
		if (!i) {
			put_item(l);
			fputs(">", l->out);
		}
		page_put(l->out, i ? " > %h" : "%h", text_of(segment, ends[i][0]));
		if (json_object_get(segment, ends[i][1]))
			page_put(l->out, " %d", number_of(segment, ends[i][1]));
	}
	put_fields(l, segment, &is_first);
}

static bool has_note(const json_t *event, const char *text)
{
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(event, "notes"), i, note)
		if (text_same(text_of(note, "text"), text))
			return true;
	return false;
}

/* ping.tcp:7: client> S, in the row of that line. */
static bool is_about(const char *note, const json_t *line)
{
	const char *at = note ? strstr(note, ".tcp:") : NULL;
	char *end;

	if (!at || !line)
		return false;
	return strtoll(at + strlen(".tcp:"), &end, 10) == number_of(line, "file_line") &&
	       *end == ':';
}

/* Without those that stand at `before`, and those that say which line this is. */
static void put_notes(struct list *l, const json_t *event, const json_t *before, const json_t *line)
{
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(event, "notes"), i, note) {
		const char *text = text_of(note, "text");

		if (has_note(before, text) || is_about(text, line))
			continue;
		put_item(l);
		if (json_object_get(note, "event"))
			page_put(l->out, " data-about=%d", number_of(note, "event"));
		page_put(l->out, ">%h", text);
	}
}

static void put_moved(struct telling *t, struct list *l, size_t i)
{
	if (!t->counters[i])
		return;
	put_item(l);
	page_put(l->out, " data-about=%d>%h, seen after this packet", (long long)t->counters[i],
		 text_of(event_at(t, t->counters[i]), "text"));
}

/* What became of the packet after its event `i`. */
static void put_course(struct telling *t, struct list *l, size_t i)
{
	for (size_t k = t->next[i]; k; k = t->next[k]) {
		const json_t *event = event_at(t, k);

		if (t->has_place[k])
			continue;
		t->has_place[k] = true;
		put_item(l);
		page_put(l->out, " id=e%d>%h at ", (long long)k, text_of(event, "text"));
		put_seconds(l->out, event);
		put_notes(l, event, event_at(t, i), NULL);
		put_moved(t, l, k);
	}
}

/* `line`: whose row it is; NULL: none. */
static void put_details(struct telling *t, size_t i, const json_t *line)
{
	const json_t *event = event_at(t, i);
	const char *text = text_of(event, "text"), *said = text_of(line, "text");
	struct list l = {.out = t->out};

	if (said && text && strcmp(said += strspn(said, " "), text) != 0) {
		size_t same = strlen(said);

		if (strncmp(said, text, same) != 0 || text[same] != ' ')
			same = 0;
		put_item(&l);
		page_put(t->out, same ? ">..%h" : ">%h", text + same);
	}
	if (is_kind(event, "sent"))
		put_packet(&l, json_array_get(t->segments, segment_of(t, event)));
	put_notes(&l, event, NULL, line);
	put_moved(t, &l, i);
	if (is_kind(event, "sent"))
		put_course(t, &l, i);
	if (l.has_begun)
		fputs("</ul>", t->out);
}

/* ---- rows ---- */

/* 3/4: the packet's numbers in client.pcap and in server.pcap. */
static void put_frames(struct telling *t, size_t i)
{
	long long client = 0, server = 0;

	for (bool more = true; more; more = i != 0) {
		const json_t *event = event_at(t, i);

		if (!client)
			client = number_of(event, "client_frame");
		if (!server)
			server = number_of(event, "server_frame");
		i = t->next[i];
	}
	if (client)
		page_put(t->out, "%d", client);
	else if (server)
		fputs("-", t->out);
	if (server)
		page_put(t->out, "/%d", server);
	else if (client)
		fputs("/-", t->out);
}

static void put_problem(FILE *out, const json_t *problem)
{
	page_put(out, "<tr\nclass=problem><td><td><td>");
	if (text_of(problem, "expected"))
		page_put(out, "<b>expected</b> <code>%h</code><br><b>got</b> <code>%h</code>",
			 text_of(problem, "expected"), text_of(problem, "got"));
	else
		page_put(out, "<b>%h</b>", text_of(problem, "message"));
	if (text_of(problem, "differ"))
		page_put(out, "<br>They differ in: %h", text_of(problem, "differ"));
}

static void put_problems(const struct telling *t, long long line)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(json_object_get(t->result, "problems"), i, problem) {
		const json_t *at = json_object_get(problem, "line");

		if (at ? json_integer_value(at) == line : line < 0)
			put_problem(t->out, problem);
	}
}

static void begin_row(struct telling *t, size_t i, bool has_event)
{
	fputs("<tr\n", t->out); /* here a line may end: outside of a cell */
	if (has_event)
		page_put(t->out, "id=e%d", (long long)i);
}

static void put_line(struct telling *t, const json_t *line)
{
	const char *fate = text_of(line, "fate");
	bool is_usual = !fate || !strcmp(fate, "met") || !strcmp(fate, "nothing");
	size_t i = index_of(line, "event", t->event_count);
	bool has_event = is_told(event_at(t, i)) && !t->has_place[i];

	begin_row(t, i, has_event);
	if (!is_usual)
		page_put(t->out, " class=\"%h\"", fate);
	fputs("><td>", t->out);
	put_seconds(t->out, line);
	fputs("<td>", t->out);
	if (i < t->event_count)
		put_frames(t, i);
	page_put(t->out, "<td>%h", text_of(line, "text"));
	if (!is_usual)
		page_put(t->out, " <b>%h</b>", fate);
	if (has_event) {
		t->has_place[i] = true;
		put_details(t, i, line);
	}
}

static void put_event(struct telling *t, size_t i)
{
	const json_t *event = event_at(t, i);
	const char *text = text_of(event, "text");

	t->has_place[i] = true;
	begin_row(t, i, true);
	fputs("><td>", t->out);
	put_seconds(t->out, event);
	fputs("<td>", t->out);
	put_frames(t, i);
	page_put(t->out, "<td>%h", text ? text : text_of(event, "kind"));
	put_details(t, i, NULL);
}

/* ---- the tables ---- */

#define MOST_EVENTS 200 /* that no line asks for: a window's probes of a day are some thousand */

static void begin_table(FILE *out, const char *id, const char *title)
{
	page_put(out,
		 "<h2 id=%u>%h</h2>\n<div class=wide tabindex=0 role=region aria-label=\"%h\">"
		 "<table class=script>\n<thead><tr><th>Seconds<th><abbr title=\"their numbers in "
		 "client.pcap / in server.pcap\">Frames</abbr><th>What</thead><tbody>",
		 id, title, title);
}

static void end_table(FILE *out)
{
	fputs("</table></div>\n", out);
}

/* Without the comment at its head. */
static void put_lines(struct telling *t)
{
	const json_t *line;
	bool has_begun = false;
	size_t i;

	begin_table(t->out, "transcript", "Transcript");
	json_array_foreach(json_object_get(t->result, "lines"), i, line) {
		const char *text = text_of(line, "text");

		has_begun |= text && *text && *text != '#';
		if (has_begun)
			put_line(t, line);
		put_problems(t, (long long)i);
	}
	put_problems(t, -1);
	end_table(t->out);
}

static void put_rest(struct telling *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->event_count; i++) {
		if (t->has_place[i] || !is_told(event_at(t, i)))
			continue;
		if (!count++)
			begin_table(t->out, "events", "Events that no line asks for");
		if (count <= MOST_EVENTS)
			put_event(t, i);
	}
	if (count)
		end_table(t->out);
	if (count > MOST_EVENTS)
		page_put(t->out, "<p>And %d more: verbose.txt has all of them.</p>\n",
			 (long long)(count - MOST_EVENTS));
}

void put_script(FILE *out, const json_t *result)
{
	struct telling t = {.out = out, .result = result};

	t.events = json_object_get(result, "events");
	t.segments = json_object_get(result, "segments");
	t.event_count = json_array_size(t.events);
	t.segment_count = json_array_size(t.segments);
	t.has_place = arena_alloc(&t.a, (t.event_count + 1) * sizeof(*t.has_place));
	find_next(&t);
	find_counters(&t);
	if (json_array_size(json_object_get(result, "lines")))
		put_lines(&t);
	put_rest(&t);
	arena_free(&t.a);
}
