/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one function for each kind of thing in a time line; each makes an object
 * with all fields of its struct that have a meaning there. Times are nanoseconds since the first
 * line began (`start` says when that was). Segments are referred to by their index, lines by theirs
 * in the run. Absent fields were not seen.
 */
#include "harness/report/report_json.h"
#include "harness/base/array.h"
#include "harness/calls/calls.h"
#include "harness/report/report_record.h"
#include "harness/report/report_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/calls/calls.h"
#include "harness/report/transcript.h"
#include "harness/story/story.h"
#include "harness/timeline/notation.h"

static const char *const event_names[] = {
    [EVENT_CALL] = "call",	 [EVENT_RETURN] = "return", [EVENT_SENT] = "sent",
    [EVENT_ARRIVED] = "arrived", [EVENT_LOST] = "lost",	    [EVENT_HELD] = "held",
    [EVENT_SIGNAL] = "signal",	 [EVENT_DEATH] = "death",   [EVENT_ACTION] = "action",
    [EVENT_READING] = "reading", [EVENT_CLOCK] = "clock",   [EVENT_DISTURBED] = "disturbed",
};
static const char *const kind_names[] = {
    [PACKET_TCP] = "tcp",     [PACKET_ICMP] = "icmp", [PACKET_ARP] = "arp",
    [PACKET_OTHER] = "other", [PACKET_UDP] = "udp",   [PACKET_ECHO] = "icmp",
};
static const char *const line_fates[] = {
    [LINE_PENDING] = "missing",
    [LINE_MET] = "met",
    [LINE_FAILED] = "failed",
    [LINE_NOTHING] = "nothing",
};

/* Text that may not be UTF-8 (data in a payload): other bytes become \xNN, as in the language. */
static json_t *text(const char *s)
{
	json_t *json = json_string(s);
	char *escaped, *to;

	if (json)
		return json;
	to = escaped = malloc(4 * strlen(s) + 1);
	if (!escaped)
		return NULL;
	for (; *s; s++) {
		if ((unsigned char)*s < 0x80)
			*to++ = *s;
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*s);
	}
	*to = '\0';
	json = json_string(escaped);
	free(escaped);
	return json;
}

static void set_text(json_t *object, const char *key, const char *s)
{
	if (s)
		json_object_set_new(object, key, text(s));
}

static void set_number(json_t *object, const char *key, int64_t n)
{
	json_object_set_new(object, key, json_integer(n));
}

static void set_true(json_t *object, const char *key, bool value)
{
	if (value)
		json_object_set_new(object, key, json_true());
}

static void set_index(json_t *object, const char *key, int index)
{
	if (index >= 0)
		set_number(object, key, index);
}

/* ---- segments and connections ---- */

static json_t *options_json(const struct packet *p, const struct segment *s)
{
	const struct tcp_options *o = &p->options;
	json_t *json = json_object();

	if (o->has_mss)
		set_number(json, "mss", o->mss);
	if (o->has_wscale)
		set_number(json, "wscale", o->wscale);
	set_true(json, "sackOK", o->sack_ok);
	set_true(json, "md5", o->has_md5);
	if (o->has_ts) {
		set_number(json, "TSval", s->ts_value);
		set_number(json, "TSecr", s->ts_echo);
		set_number(json, "TSval_raw", o->ts_value);
		set_number(json, "TSecr_raw", o->ts_echo);
	}
	if (o->has_tfo)
		set_number(json, "tfo_length", o->tfo_length);
	if (o->sack_count) {
		json_t *blocks = json_array();

		for (int i = 0; i < o->sack_count && i < MAX_SACK_BLOCKS; i++)
			json_array_append_new(blocks, json_pack("[I,I]", (json_int_t)s->sack[i][0],
								(json_int_t)s->sack[i][1]));
		json_object_set_new(json, "sack", blocks);
	}
	return json;
}

static void tcp_json(json_t *json, const struct segment *s)
{
	const struct packet *p = s->packet;
	char *flags = NULL;
	size_t size;
	FILE *f = open_memstream(&flags, &size);

	if (f) {
		flags_print(f, p->flags);
		fclose(f);
		set_text(json, "flags", flags);
		free(flags);
	}
	set_number(json, "seq", s->seq);
	set_number(json, "length", p->length);
	set_number(json, "seq_raw", p->seq);
	if (p->flags & FLAG_ACK) {
		set_number(json, "ack", s->ack);
		set_number(json, "ack_raw", p->ack);
	}
	set_number(json, "window", s->window);
	set_number(json, "window_raw", p->window);
	if (p->flags & FLAG_URG)
		set_number(json, "urgent", s->urgent);
	json_object_set_new(json, "options", options_json(p, s));
}

static json_t *segment_json(struct arena *a, const struct timeline *t, const struct segment *s,
			    bool recorded)
{
	const struct packet *p = s->packet;
	json_t *json = json_object();
	char buffer[64];

	set_text(json, "kind", kind_names[p->kind]);
	set_text(json, "text", segment_text(a, s));
	set_text(json, "from", host_name(s->from));
	set_text(json, "to", host_name(s->to));
	set_index(json, "connection", s->connection);
	set_text(json, "source", ip_text(&p->source, buffer));
	set_text(json, "target", ip_text(&p->target, buffer));
	if (p->kind == PACKET_TCP) {
		set_number(json, "source_port", p->source_port);
		set_number(json, "target_port", p->target_port);
		tcp_json(json, s);
	} else if (p->kind == PACKET_UDP) {
		set_number(json, "source_port", p->source_port);
		set_number(json, "target_port", p->target_port);
		set_number(json, "length", p->length);
	}
	if (p->kind != PACKET_ARP) {
		set_number(json, "ttl", p->ttl);
		set_number(json, "ip_id", p->ip_id);
	}
	if (p->icmp_word) {
		set_text(json, "icmp", p->icmp_word);
		set_number(json, "icmp_type", p->icmp_type);
		set_number(json, "icmp_code", p->icmp_code);
		if (p->icmp_mtu)
			set_number(json, "icmp_mtu", p->icmp_mtu);
	}
	if (p->kind == PACKET_ECHO) {
		set_number(json, "id", p->echo_id);
		set_number(json, "seq", p->echo_seq);
		set_number(json, "length", p->length);
	}
	set_true(json, "bad_checksum", p->bad_checksum);
	set_true(json, "forged", s->forged);
	set_text(json, "fate", s->decided ? fate_rows[segment_fate(s)].word : "open");
	if (s->decided && (s->fate == FATE_LOST || s->fate == FATE_REJECTED))
		set_text(json, "at", host_name(s->lost_at));
	set_number(json, "sent", s->sent - t->start);
	if (s->arrived)
		set_number(json, "arrived", s->arrived - t->start);
	if (recorded)
		json_object_set_new(json, "header", report_header(p));
	return json;
}

static json_t *connection_json(const struct connection *c)
{
	json_t *json = json_object(), *names = json_array(), *ends = json_array();
	char buffer[64];

	for (int i = 0; i < c->name_count; i++)
		json_array_append_new(names, text(c->names[i]));
	set_text(json, "kind", kind_names[c->kind]);
	/* A flow has one end: the socket that sends. */
	for (size_t i = 0; i < (c->kind == PACKET_TCP ? ARRAY_SIZE(c->end) : 1); i++) {
		json_t *end = json_object();

		set_text(end, "host", host_name(c->end[i].host));
		set_text(end, "address", ip_text(&c->end[i].ip, buffer));
		set_number(end, "port", c->end[i].port);
		if (c->end[i].has_isn)
			set_number(end, "isn", c->end[i].isn);
		if (c->end[i].has_wscale)
			set_number(end, "wscale", c->end[i].wscale);
		json_array_append_new(ends, end);
	}
	json_object_set_new(json, "names", names);
	json_object_set_new(json, "ends", ends);
	return json;
}

/* ---- events ---- */

static void reading_json(json_t *json, const struct event *e)
{
	if (e->counter_count) {
		json_t *counters = json_object();

		for (size_t i = 0; i < e->counter_count; i++) {
			if (e->counters[i].known)
				set_number(counters, e->counters[i].name, e->counters[i].delta);
		}
		json_object_set_new(json, "counters", counters);
		return;
	}
	set_text(json, "process", e->process);
	if (e->process) {
		set_text(json, "state", process_state_text(e->state));
		return;
	}
	set_text(json, "state", ss_state_names[e->socket.state]);
	if (!e->socket.found)
		return;
	set_number(json, "recv_q", e->socket.recv_q);
	set_number(json, "send_q", e->socket.send_q);
	set_text(json, "timer", ss_timer_names[e->socket.timer]);
	if (e->socket.timer != SS_TIMER_NONE) {
		set_number(json, "timer_left", e->socket.timer_left);
		set_number(json, "timer_count", e->socket.timer_count);
	}
}

static void call_json(json_t *json, const struct event *e)
{
	set_text(json, "call", e->call ? e->call->name : e->name);
	if (e->program && e->inode)
		set_number(json, "inode", (int64_t)e->inode);
	set_text(json, "descriptor", e->descriptor);
	set_true(json, "blocked", e->blocked);
	set_true(json, "abandoned", e->abandoned);
	if (e->kind != EVENT_RETURN)
		return;
	set_number(json, "result", e->result);
	if (e->error)
		set_text(json, "error", strerrorname_np(e->error));
	set_text(json, "bound", e->bound);
}

static json_t *event_json(struct arena *a, const struct timeline *t, const struct event *e)
{
	json_t *json = json_object();
	char signal[SIGNAL_TEXT];

	set_text(json, "kind", event_names[e->kind]);
	set_number(json, "from", e->from - t->start);
	set_number(json, "to", e->to - t->start);
	if (e->kind == EVENT_CLOCK) /* only says that nothing else happened */
		return json;
	set_index(json, "line", e->line);
	if (e->host != HOST_NONE)
		set_text(json, "host", host_name(e->host));
	set_text(json, "part", e->part);
	set_text(json, "text", event_text(a, t, e));
	set_true(json, "program", e->program);
	if (e->kind == EVENT_CALL || e->kind == EVENT_RETURN)
		call_json(json, e);
	if (e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED || e->kind == EVENT_LOST ||
	    e->kind == EVENT_HELD)
		set_number(json, "segment", e->segment);
	if (e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH)
		set_text(json, "signal", e->signal ? signal_text(e->signal, signal) : NULL);
	if (e->kind == EVENT_DEATH && !e->signal)
		set_number(json, "status", e->status);
	if (e->kind == EVENT_READING)
		reading_json(json, e);
	set_text(json, "note", e->note);
	return json;
}

/* Its numbers in the captures. */
static void set_frames(json_t *json, const struct capture *capture, int frame)
{
	static const char *const keys[LAB_HOSTS] = {
	    [HOST_CLIENT] = "client_frame", [HOST_SERVER] = "server_frame"};
	const struct capture_place *place;

	if (!frame)
		return;
	set_number(json, "frame", frame);
	if ((size_t)frame > capture->place_count)
		return;
	place = &capture->places[frame - 1];
	if (keys[place->link])
		set_number(json, keys[place->link], place->number);
}

/* What trace.pcapng says of a packet. */
static void set_notes(json_t *json, const struct notes *notes)
{
	json_t *list = notes->count ? json_array() : NULL;

	for (size_t i = 0; i < notes->count; i++) {
		json_t *note = json_object();

		set_text(note, "text", notes->list[i].text);
		set_index(note, "event", notes->list[i].event);
		json_array_append_new(list, note);
	}
	if (list)
		json_object_set_new(json, "notes", list);
}

static json_t *events_json(struct arena *a, const struct observation *o, const struct story *story)
{
	const struct timeline *t = &o->timeline;
	json_t *events = json_array();

	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		json_t *json = event_json(a, t, e);

		set_frames(json, &o->capture, e->frame);
		set_notes(json, &story->of[i]);
		json_array_append_new(events, json);
	}
	return events;
}

/* ---- what was judged ---- */

static json_t *problem_json(const struct run *run, const struct problem *p)
{
	json_t *json = json_object();

	set_index(json, "line", p->line);
	if (p->line >= 0 && (size_t)p->line < run->line_count) {
		const struct place *place = &run->lines[p->line].place;

		set_text(json, "file", place->source ? place->source->path : NULL);
		set_number(json, "file_line", place->line);
	}
	set_index(json, "event", p->event);
	set_text(json, "expected", p->expected);
	set_text(json, "got", p->got);
	set_text(json, "differ", p->differ);
	set_text(json, "message", p->message);
	set_true(json, "timing", p->timing);
	return json;
}

static json_t *line_json(const struct line *line, const struct line_judgement *judged, ns_t start)
{
	json_t *json = json_object();

	set_number(json, "file_line", line->place.line);
	if (line->used_at.source) /* else it is the scenario's own file */
		set_text(json, "file", line->place.source ? line->place.source->path : NULL);
	set_text(json, "text", line->text);
	if (!judged)
		return json;
	set_text(json, "fate", line_fates[judged->fate]);
	set_index(json, "event", judged->event);
	set_index(json, "segment", judged->segment);
	if (judged->fate == LINE_MET && judged->from) {
		set_number(json, "from", judged->from - start);
		set_number(json, "to", judged->to - start);
	}
	return json;
}

/* ---- the whole ---- */

static json_t *head_json(const struct planned *planned, const char *release, enum verdict verdict)
{
	json_t *json = json_object(), *parameters = json_object();

	set_number(json, "format", REPORT_JSON_FORMAT);
	set_text(json, "verdict", verdict_names[verdict]);
	set_text(json, "kernel", release);
	set_text(json, "kernel_name", planned->facts.kernel_name);
	set_text(json, "name", planned->name);
	set_text(json, "scenario", planned->scenario->name);
	set_text(json, "topic", planned->scenario->topic);
	set_text(json, "path", planned->scenario->path);
	set_text(json, "title", planned->title);
	set_number(json, "family", planned->facts.family);
	set_true(json, "virtual", planned->facts.is_virtual);
	for (size_t i = 0; i < planned->binding_count; i++) {
		const struct binding *b = &planned->bindings[i];

		json_object_set_new(parameters, b->name,
				    b->is_number ? json_integer(b->number) : text(b->text));
	}
	json_object_set_new(json, "parameters", parameters);
	return json;
}

/* Of a failure: whether it has happened to the program, when, and what the program did. */
static json_t *failure_json(const struct observation *o)
{
	const struct failure_seen *f = &o->judgement.failure;
	json_t *json = json_pack("{s:s,s:b,s:b}", "of", failure_words[o->run->failure->failure.of],
				 "happened", (int)f->happened, "hangs", (int)f->hangs);

	if (f->line >= 0)
		set_number(json, "line", f->line);
	if (f->happened)
		set_number(json, "at", f->at - o->timeline.start);
	if (f->end >= 0)
		set_number(json, "end", f->end);
	else if (o->timeline.watched)
		set_number(json, "watched", o->timeline.watched - o->timeline.start);
	set_text(json, "stopped", f->stopped ? f->stopped->message : NULL);
	return json;
}

json_t *report_json(const struct planned *planned, const char *release, const struct observation *o,
		    const struct story *story)
{
	json_t *json = head_json(planned, release, o->judgement.verdict);
	const struct timeline *t = &o->timeline;
	json_t *problems = json_array(), *lines = json_array(), *connections = json_array();
	json_t *segments = json_array(), *row = report_row(o);
	struct arena a = {0};

	set_text(json, "skipped", o->judgement.verdict == VERDICT_SKIP ? planned->skip : NULL);
	set_text(json, "broken", o->broken ? broken_reason(&a, o) : NULL);
	set_text(json, "disturbed", o->judgement.disturbed);
	set_text(json, "late", o->judgement.late);
	set_number(json, "start", t->start);
	set_number(json, "duration", o->ended - o->began);
	set_number(json, "tick", t->tick);
	for (size_t i = 0; i < o->judgement.problem_count; i++)
		json_array_append_new(problems, problem_json(o->run, &o->judgement.problems[i]));
	for (size_t i = 0; i < o->run->line_count; i++)
		json_array_append_new(
		    lines, line_json(&o->run->lines[i],
				     o->judgement.lines ? &o->judgement.lines[i] : NULL, t->start));
	for (size_t i = 0; i < t->connection_count; i++)
		json_array_append_new(connections, connection_json(&t->connections[i]));
	for (size_t i = 0; i < t->segment_count; i++)
		json_array_append_new(segments,
				      segment_json(&a, t, &t->segments[i], o->record.wanted));
	if (row)
		json_object_set_new(json, "table", row);
	if (o->run->failure && o->judgement.verdict != VERDICT_SKIP)
		json_object_set_new(json, "failure", failure_json(o));
	json_object_set_new(json, "problems", problems);
	json_object_set_new(json, "lines", lines);
	json_object_set_new(json, "connections", connections);
	json_object_set_new(json, "segments", segments);
	json_object_set_new(json, "events", events_json(&a, o, story));
	if (o->record.wanted) {
		json_object_set_new(json, "record", report_record(&o->record, t->start));
		json_object_set_new(json, "counter_names", report_counter_names(&o->record));
	}
	arena_free(&a);
	return json;
}

json_t *report_json_broken(const struct planned *planned, const char *release, const char *why)
{
	json_t *json = head_json(planned, release, VERDICT_BROKEN);

	set_text(json, "broken", why);
	return json;
}

json_t *report_json_of(const struct planned *planned, const char *release,
		       const struct observation *o, const struct story *story)
{
	struct arena a = {0};
	json_t *json = o->too_much ? report_json_broken(planned, release, broken_reason(&a, o))
				   : report_json(planned, release, o, story);

	arena_free(&a);
	return json;
}

void report_json_alter(json_t *json, enum verdict verdict, const char *diagnostic)
{
	json_object_set_new(json, "verdict", json_string(verdict_names[verdict]));
	json_object_set_new(json, "diagnostic", json_string(diagnostic));
}

void report_json_by_kernel(json_t *json)
{
	json_object_set_new(json, "by_kernel", json_true());
}

void report_json_against(json_t *json, const char *standing)
{
	set_text(json, "against", standing);
}

void report_json_trace(json_t *json, const char *directory)
{
	set_text(json, "trace", directory);
}

void report_json_repeats(json_t *json, int repeats)
{
	set_number(json, "repeats", repeats);
}

bool report_json_write(FILE *out, const json_t *json)
{
	errno = 0;
	if (!json || json_dumpf(json, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER) != 0) {
		if (!errno)
			errno = json ? EIO : ENOMEM;
		return false;
	}
	return fputc('\n', out) != EOF;
}
