/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the page has the script with what became of each line, and every event with
 * all that is known of it. The ladder's rows carry the numbers of events; page.js shows the event
 * of the row that is pointed at, or has the focus. So nothing is in the page twice, and without
 * JavaScript all of it can be read.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/run/left_files.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"
#include "harness/web/picture.h"

#define LARGEST_PICTURE (4 * 1024 * 1024)

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static long long number_of(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static const json_t *item_at(const json_t *json, const char *list, size_t i)
{
	return json_array_get(json_object_get(json, list), i);
}

static const json_t *item_of(const json_t *json, const char *list, const json_t *index)
{
	json_int_t i = json_is_integer(index) ? json_integer_value(index) : -1;

	return i < 0 ? NULL : item_at(json, list, (size_t)i);
}

static bool is_kind(const json_t *event, const char *kind)
{
	const char *own = text_of(event, "kind");

	return own && !strcmp(own, kind);
}

static void put_seconds(FILE *out, const json_t *json, const char *key)
{
	if (json_object_get(json, key))
		fprintf(out, "%.6f", (double)number_of(json, key) / NS_PER_S);
}

/* ---- the head ---- */

static const char *const labels[LEFT_COUNT] = {
    [LEFT_TRANSCRIPT] = "the transcript",
    [LEFT_VERBOSE] = "every event, with its time",
    [LEFT_CLIENT_CAPTURE] = "the client's link",
    [LEFT_SERVER_CAPTURE] = "the server's link",
    [LEFT_TRACE] = "both links, with the story as comments",
    [LEFT_HOSTS] = "names of the addresses",
    [LEFT_LADDER] = "the picture",
    [LEFT_RESULT] = "everything, for programs",
    [LEFT_TABLE] = "its row of the scenario's table",
    [LEFT_CLIENT_OUTPUT] = "what the client's program has printed",
    [LEFT_CLIENT_ERRORS] = ".. and its errors",
    [LEFT_SERVER_OUTPUT] = "what the server's program has printed",
    [LEFT_SERVER_ERRORS] = ".. and its errors",
    [LEFT_CLIENT_FILES] = "what the client's program has written",
    [LEFT_CLIENT_LIST] = ".. and what of that is not there",
    [LEFT_SERVER_FILES] = "what the server's program has written",
    [LEFT_SERVER_LIST] = ".. and what of that is not there",
    [LEFT_CONSOLE] = "the kernel's warnings",
};

static void put_files(FILE *out, const struct web_run *run, int directory)
{
	fputs("<h2 id=\"files\">Files</h2>\n<ul>\n", out);
	for (enum left_file i = 0; i < LEFT_COUNT; i++) {
		const char *name = left_files[i].name;

		if (!faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW))
			page_put(out, "<li><a href=\"../../../%u/%u/%u\">%h</a>: %h</li>\n",
				 run->left->kernel, run->entry, name, name, labels[i]);
	}
	fputs("</ul>\n", out);
}

/* A kernel of virtual time is named by the first two numbers of its release. */
static void put_command(FILE *out, const struct web_run *run, const json_t *result)
{
	struct arena a = {0};
	const char *release = run->left->kernel, *dot = strchr(release, '.');
	size_t named = dot ? (size_t)(dot - release) + 1 + strspn(dot + 1, "0123456789") : 0;

	fputs("<h2>The same again</h2>\n<pre class=\"command\">./run.sh", out);
	if (json_is_true(json_object_get(result, "virtual")))
		page_put(out, " --kernel %h", named ? arena_strndup(&a, release, named) : release);
	page_put(out, "%h %h</pre>\n", number_of(result, "family") == 6 ? " -6" : "",
		 strcmp(run->topic, "files") ? run->scenario : text_of(result, "path"));
	arena_free(&a);
}

/* All runs of the scenario, and what has changed between kernels for this one. */
static void put_siblings(FILE *out, const struct web_model *m, const struct web_run *run)
{
	size_t first = 0, count = scenario_length(m, 0), at = (size_t)(run - m->runs);

	while (at >= first + count) {
		first += count;
		count = scenario_length(m, first);
	}
	fputs("<h2 id=\"kernels\">On kernels</h2>\n<ul class=\"runs\">\n", out);
	for (size_t i = first; i < first + count; i++) {
		page_put(out, "<li>%h ", m->runs[i].left->kernel);
		if (i == at)
			page_put(out, "<b>%h: %h</b>, this page", run->variant,
				 verdict_names[run->left->verdict]);
		else
			put_run_link(out, &m->runs[i], "../../", true);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
	for (size_t i = first; i < first + count; i++) {
		const struct web_run *other = &m->runs[i];

		if (strcmp(other->left->run, run->left->run) != 0 || !other->change)
			continue;
		page_put(out, "<h3>What is different on %h</h3>\n<pre>", other->left->kernel);
		page_put_lines(out, other->change);
		fputs("</pre>\n", out);
	}
}

void put_prose(FILE *out, const char *prose)
{
	struct arena a = {0};

	while (*(prose += strspn(prose, "\n"))) {
		size_t length = strcspn(prose, "\n");

		page_put(out, "<p class=\"prose\">%h</p>\n", arena_strndup(&a, prose, length));
		prose += length;
	}
	arena_free(&a);
}

/* ---- the script ---- */

static void put_problem(FILE *out, const json_t *problem)
{
	page_put(out, "<tr class=\"problem\"><td><td><td>");
	if (text_of(problem, "expected"))
		page_put(out, "<b>expected</b> <code>%h</code><br><b>got</b> <code>%h</code>",
			 text_of(problem, "expected"), text_of(problem, "got"));
	else
		page_put(out, "<b>%h</b>", text_of(problem, "message"));
	if (text_of(problem, "differ"))
		page_put(out, "<br>They differ in: %h", text_of(problem, "differ"));
	fputs("\n", out);
}

static void put_problems(FILE *out, const json_t *result, long long line)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(json_object_get(result, "problems"), i, problem) {
		const json_t *at = json_object_get(problem, "line");

		if (at ? json_integer_value(at) == line : line < 0)
			put_problem(out, problem);
	}
}

/* Of each segment: sent, and arrived. */
struct flight {
	long long frames[2]; /* in trace.pcapng; 0: none */
	size_t events[2];    /* 0: none (nothing is sent before the first call) */
};

struct flights {
	struct flight *of;
	size_t count;
};

static struct flights flights_of(struct arena *a, const json_t *result)
{
	struct flights f = {.count = json_array_size(json_object_get(result, "segments"))};
	const json_t *event;
	size_t i;

	f.of = arena_alloc(a, (f.count + 1) * sizeof(*f.of));
	json_array_foreach(json_object_get(result, "events"), i, event) {
		long long segment = number_of(event, "segment");
		bool has_arrived = is_kind(event, "arrived");

		if ((!has_arrived && !is_kind(event, "sent")) || segment < 0 ||
		    (size_t)segment >= f.count)
			continue;
		f.of[segment].frames[has_arrived] = number_of(event, "frame");
		f.of[segment].events[has_arrived] = i;
	}
	return f;
}

/* NULL: it is about no segment. */
static const struct flight *flight_of(const struct flights *f, const json_t *json)
{
	const json_t *segment = json_object_get(json, "segment");
	long long i = segment ? json_integer_value(segment) : -1;

	return i < 0 || (size_t)i >= f->count ? NULL : &f->of[i];
}

static void put_frames(FILE *out, const struct flight *flight)
{
	for (int end = 0; flight && end < 2; end++)
		if (flight->frames[end])
			page_put(out, "%h%d", end && flight->frames[0] ? ", " : "",
				 flight->frames[end]);
}

/* Whether it is shown among all events; a call that has returned at once is, by its return. */
static bool is_event(const json_t *event)
{
	if (is_kind(event, "call"))
		return json_object_get(event, "blocked") || json_object_get(event, "abandoned");
	return text_of(event, "kind") && !is_kind(event, "clock");
}

static void put_line(FILE *out, const json_t *result, const struct flights *flights,
		     const json_t *line)
{
	const char *fate = text_of(line, "fate");
	const json_t *index = json_object_get(line, "event");
	bool has_event = is_event(item_of(result, "events", index));

	page_put(out, "<tr class=\"%h\"><td>", fate);
	put_seconds(out, line, "from");
	fputs("<td>", out);
	put_frames(out, flight_of(flights, line));
	fputs("<td>", out);
	if (has_event)
		page_put(out, "<a href=\"#e%d\"><code>%h</code></a>", json_integer_value(index),
			 text_of(line, "text"));
	else
		page_put(out, "<code>%h</code>", text_of(line, "text"));
	if (fate && strcmp(fate, "met") != 0 && strcmp(fate, "nothing") != 0)
		page_put(out, " <b>%h</b>", fate);
	fputs("\n", out);
}

/* Without the comment at its head. */
static void put_script(FILE *out, const json_t *result, const struct flights *flights)
{
	const json_t *line;
	bool begun = false;
	size_t i;

	fputs("<h2 id=\"transcript\">Transcript</h2>\n<div class=\"wide\" tabindex=\"0\" "
	      "role=\"region\" "
	      "aria-label=\"Transcript\"><table class=\"script\">\n<thead><tr><th>Seconds</th>"
	      "<th><abbr title=\"their numbers in trace.pcapng\">Frames</abbr></th><th>The "
	      "line</th></tr>"
	      "</thead>\n<tbody>\n",
	      out);
	json_array_foreach(json_object_get(result, "lines"), i, line) {
		const char *text = text_of(line, "text");

		begun |= text && *text && *text != '#';
		if (begun)
			put_line(out, result, flights, line);
		put_problems(out, result, (long long)i);
	}
	put_problems(out, result, -1);
	fputs("</tbody></table></div>\n", out);
}

/* ---- events ---- */

/* What the event's text and its row say, too; and headers of --record. */
static bool is_told(const char *key)
{
	static const char *const told[] = {"kind", "text",    "from",	"to",	     "flags",
					   "seq",  "ack",     "length", "window",    "mss",
					   "fate", "wscale",  "sackOK", "TSval",     "TSecr",
					   "sent", "arrived", "header", "connection"};

	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		if (!strcmp(told[i], key))
			return true;
	return false;
}

/* What else a packet has, by the names of result.json. */
static void put_fields(FILE *out, const json_t *object)
{
	json_t *mutable = (json_t *)object, *value;
	const char *key;

	json_object_foreach(mutable, key, value) {
		if (is_told(key))
			continue;
		if (json_is_string(value))
			page_put(out, "<li>%h %h", key, json_string_value(value));
		else if (json_is_integer(value))
			page_put(out, "<li>%h %d", key, json_integer_value(value));
		else if (json_is_true(value))
			page_put(out, "<li>%h", key);
		else if (json_is_object(value))
			put_fields(out, value);
	}
}

static void put_notes(FILE *out, const json_t *notes)
{
	const json_t *note;
	size_t i;

	json_array_foreach(notes, i, note) {
		if (json_object_get(note, "event"))
			page_put(out, "<li class=\"note\" data-about=\"%d\">%h",
				 number_of(note, "event"), text_of(note, "text"));
		else
			page_put(out, "<li class=\"note\">%h", text_of(note, "text"));
	}
}

/*
 * Of each packet's event, the reading of its host's counters that follows, before the next packet
 * there; 0: there is none.
 */
static size_t *counters_after(struct arena *a, const json_t *events)
{
	size_t count = json_array_size(events), next[LAB_HOSTS] = {0};
	size_t *after = arena_alloc(a, (count + 1) * sizeof(*after));

	for (size_t i = count; i-- > 0;) {
		const json_t *event = json_array_get(events, i);
		const char *name = text_of(event, "host");
		enum host host = name ? host_find(name) : HOST_NONE;

		if (host < 0 || host >= LAB_HOSTS)
			continue;
		if (json_object_get(event, "counters"))
			next[host] = i;
		if (is_kind(event, "sent") || is_kind(event, "arrived")) {
			after[i] = next[host];
			next[host] = 0;
		}
	}
	return after;
}

static void put_event(FILE *out, const json_t *result, const struct flights *flights, size_t i,
		      const json_t *event, size_t counters)
{
	const char *kind = text_of(event, "kind");
	const json_t *segment = item_of(result, "segments", json_object_get(event, "segment"));
	const json_t *notes = json_object_get(event, "notes");
	const struct flight *flight = flight_of(flights, event);
	bool has_fields = segment && is_kind(event, "sent");

	page_put(out, "<tr id=\"e%d\"", (long long)i);
	if (has_fields && flight && flight->events[1])
		page_put(out, " data-arrived=\"%d\"", (long long)flight->events[1]);
	fputs("><td>", out);
	put_seconds(out, event, "from");
	fputs("<td>", out);
	if (json_object_get(event, "frame"))
		page_put(out, "%d", number_of(event, "frame"));
	page_put(out, "<td><code>%h</code>",
		 text_of(event, "text") ? text_of(event, "text") : kind);
	if (has_fields || notes || counters) {
		fputs("<ul class=\"fields\">", out);
		put_notes(out, notes);
		if (counters)
			page_put(out,
				 "<li class=\"note\" data-about=\"%d\">%h, seen after this packet",
				 (long long)counters,
				 text_of(item_at(result, "events", counters), "text"));
		if (has_fields)
			put_fields(out, segment);
		fputs("</ul>", out);
	}
	fputs("\n", out);
}

static void put_events(FILE *out, const json_t *result, const struct flights *flights)
{
	const json_t *events = json_object_get(result, "events"), *event;
	struct arena a = {0};
	const size_t *after = counters_after(&a, events);
	size_t i;

	fputs("<h2 id=\"events\">Every event</h2>\n<div class=\"wide\" tabindex=\"0\" "
	      "role=\"region\" "
	      "aria-label=\"Every event\"><table "
	      "class=\"events\">\n<thead><tr><th>Seconds</th><th>Frame</th>"
	      "<th>What happened</th></tr></thead>\n<tbody>\n",
	      out);
	json_array_foreach(events, i, event)
		if (is_event(event))
			put_event(out, result, flights, i, event, after[i]);
	fputs("</tbody></table></div>\n", out);
	arena_free(&a);
}

/* ---- the whole ---- */

bool put_picture(FILE *out, const struct web_run *run, int directory)
{
	struct arena a = {0};
	const char *text = left_text(&a, directory, left_files[LEFT_LADDER].name, LARGEST_PICTURE);

	if (text && !picture_put(out, text, run->title))
		fputs("<p>Its picture is not one that this program draws, and is not shown "
		      "here.</p>\n",
		      out);
	arena_free(&a);
	return text != NULL;
}

static void put_ladder(FILE *out, const struct web_run *run, int directory)
{
	if (run->has_happened) {
		fputs("<h2 id=\"ladder\">Ladder</h2>\n<div class=\"wide\" tabindex=\"0\" "
		      "role=\"region\" "
		      "aria-label=\"Ladder\">\n",
		      out);
		if (!put_picture(out, run, directory))
			fputs("<p>It has left no picture.</p>\n", out);
		fputs("</div>\n<div id=\"told\" role=\"status\" hidden></div>\n", out);
	}
}

void put_run(FILE *out, const struct web_model *m, const struct web_run *run, const json_t *result,
	     int directory)
{
	const char *verdict = verdict_names[run->left->verdict];
	struct arena a = {0};
	const struct flights flights = flights_of(&a, result);

	put_head(out, run->title, "../../");
	page_put(out,
		 "<p class=\"facts\"><b class=\"%h\">%h</b> <code>%h</code> on Linux %h, %h; topic "
		 "%h</p>\n",
		 verdict, verdict, run->left->run, run->left->kernel, run->variant, run->topic);
	if (run->left->reason)
		page_put(out, "<p class=\"reason\">%h</p>\n", run->left->reason);
	put_prose(out, run->prose);
	put_ladder(out, run, directory);
	if (json_array_size(json_object_get(result, "lines")))
		put_script(out, result, &flights);
	put_files(out, run, directory);
	put_command(out, run, result);
	put_siblings(out, m, run);
	if (json_array_size(json_object_get(result, "events")))
		put_events(out, result, &flights);
	page_end(out);
	arena_free(&a);
}
