/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one walk over the events of the program's host. Sockets are identified by
 * their inodes, because a descriptor's number is no longer sure after dup(), fork() or close().
 * Only connections count, so sockets of other types are left out: a program may ask a UDP socket
 * for its address, and an error there means nothing.
 *
 * An error is what a call returns, or what SO_ERROR reports, because most programs learn the result
 * of a connect() that did not block in that way. "Not yet" is no error.
 */
#include "harness/try/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/calls/constants.h"
#include "harness/script/script.h"

const char *const outcome_names[OUTCOME_KINDS + 1] = {
    [ENDED_NOT] = "not",	 [ENDED_EXITED] = "exited", [ENDED_KILLED] = "killed",
    [ENDED_CRASHED] = "crashed", [OUTCOME_KINDS] = NULL,
};

/* ---- the calls that matter ---- */

enum deed { DEED_NONE, DEED_CONNECT, DEED_ACCEPT, DEED_SEND, DEED_RECEIVE, DEED_ASK, DEED_WAIT };

static const struct {
	const char *name;
	enum deed deed;
} deeds[] = {
    {"connect", DEED_CONNECT},	 {"accept", DEED_ACCEPT},    {"accept4", DEED_ACCEPT},
    {"send", DEED_SEND},	 {"sendto", DEED_SEND},	     {"sendmsg", DEED_SEND},
    {"sendmmsg", DEED_SEND},	 {"write", DEED_SEND},	     {"writev", DEED_SEND},
    {"sendfile", DEED_SEND},	 {"recv", DEED_RECEIVE},     {"recvfrom", DEED_RECEIVE},
    {"recvmsg", DEED_RECEIVE},	 {"recvmmsg", DEED_RECEIVE}, {"read", DEED_RECEIVE},
    {"readv", DEED_RECEIVE},	 {"getsockopt", DEED_ASK},   {"poll", DEED_WAIT},
    {"ppoll", DEED_WAIT},	 {"select", DEED_WAIT},	     {"pselect", DEED_WAIT},
    {"pselect6", DEED_WAIT},	 {"epoll_wait", DEED_WAIT},  {"epoll_pwait", DEED_WAIT},
    {"epoll_pwait2", DEED_WAIT},
};

static enum deed deed_of(const struct event *e)
{
	for (size_t i = 0; e->name && i < ARRAY_SIZE(deeds); i++)
		if (!strcmp(deeds[i].name, e->name))
			return deeds[i].deed;
	return DEED_NONE;
}

static bool is_not_yet(int error)
{
	static const int not_yet[] = {EINPROGRESS, EAGAIN, EALREADY, EINTR, EISCONN};

	for (size_t i = 0; i < ARRAY_SIZE(not_yet); i++)
		if (error == not_yet[i])
			return true;
	return false;
}

/* ---- the program's sockets ---- */

struct socket {
	uint64_t inode;
	bool is_stream, is_connection;
	int64_t received;
};

struct walk {
	struct arena *arena;
	const struct run *run;
	const struct timeline *timeline;
	enum host host; /* whose program */
	ns_t at;	/* the failure, or the program's start */
	struct socket *sockets;
	size_t socket_count;
	uint64_t last; /* the connection that was last used; 0: none */
	struct measured *out;
};

static struct socket *socket_of(const struct walk *w, uint64_t inode)
{
	for (size_t i = 0; inode && i < w->socket_count; i++)
		if (w->sockets[i].inode == inode)
			return &w->sockets[i];
	return NULL;
}

/* A socket that was made. */
static void note_made(struct walk *w, const struct event *e)
{
	struct socket made = {.inode = e->made};
	const struct socket *from = socket_of(w, e->inode);

	if (!e->made || socket_of(w, e->made))
		return;
	if (deed_of(e) == DEED_ACCEPT && from) {
		made.is_stream = from->is_stream;
		made.is_connection = true;
	} else if (e->text) {
		made.is_stream = strstr(e->text, "SOCK_STREAM") != NULL;
	}
	*arena_push(w->arena, w->sockets, w->socket_count) = made;
	if (made.is_connection)
		w->last = made.inode;
}

/* ---- errors ---- */

/* The errno that SO_ERROR has reported; NULL: none. */
static const char *asked_error(struct walk *w, const struct event *e)
{
	if (!e->text || !strstr(e->text, "SO_ERROR"))
		return NULL;
	for (size_t i = 0; i < SEEN_COUNT; i++)
		if (e->seen[i] && !strncmp(e->seen[i], "[E", 2))
			return arena_strndup(w->arena, e->seen[i] + 1,
					     strcspn(e->seen[i] + 1, "]"));
	return NULL;
}

static void note_error(struct walk *w, const struct event *e, const char *error)
{
	if (w->out->error || !error || e->to < w->at || !w->out->happened)
		return;
	w->out->error = error;
	w->out->call = e->name;
	w->out->error_after = e->to - w->at;
}

/* ---- one event after another ---- */

static void note_return(struct walk *w, const struct event *e)
{
	struct socket *s = socket_of(w, e->inode);
	enum deed deed = deed_of(e);
	bool is_about = s && s->is_stream;

	if (e->note)
		w->out->is_unseen = true;
	note_made(w, e);
	s = socket_of(w, e->inode);
	if (!is_about)
		return;
	if (deed == DEED_CONNECT)
		s->is_connection = true;
	if (s->is_connection && deed != DEED_NONE)
		w->last = s->inode;
	if (deed == DEED_RECEIVE && e->result > 0)
		s->received += e->result;
	if (deed == DEED_NONE || deed == DEED_ACCEPT)
		return;
	if (deed == DEED_ASK)
		note_error(w, e, asked_error(w, e));
	else if (e->error && !is_not_yet(e->error))
		note_error(w, e, strerrorname_np(e->error));
	else if (deed == DEED_RECEIVE && e->result == 0 && s->is_connection)
		note_error(w, e, "EOF");
}

static void note_call(struct walk *w, const struct event *e)
{
	struct socket *s = socket_of(w, e->inode);

	if (!s || !s->is_stream || deed_of(e) != DEED_CONNECT)
		return;
	s->is_connection = true;
	w->last = s->inode;
}

static bool is_its(const struct walk *w, const struct event *e)
{
	return e->program && e->host == w->host;
}

static void walk_calls(struct walk *w)
{
	for (size_t k = 0; k < w->timeline->event_count; k++) {
		const struct event *e = &w->timeline->events[k];

		if (is_its(w, e) && e->kind == EVENT_CALL)
			note_call(w, e);
		else if (is_its(w, e) && e->kind == EVENT_RETURN)
			note_return(w, e);
	}
}

/* ---- which call it is in ---- */

/* Whether a later event than number k is of the same task. */
static bool has_gone_on(const struct walk *w, size_t k)
{
	const struct event *e = &w->timeline->events[k];

	for (size_t i = k + 1; i < w->timeline->event_count; i++) {
		const struct event *next = &w->timeline->events[i];

		if (is_its(w, next) && text_same(next->part, e->part))
			return true;
	}
	return false;
}

/*
 * The timeout of a wait, in ms: "poll([{fd=5, events=POLLIN}], 1, 1000)". -1: it has none, or it is
 * another kind of call.
 */
static int64_t limit_of(const struct event *e)
{
	const char *last = strrchr(e->text, ',');
	bool is_one = !strcmp(e->name, "poll") || !strncmp(e->name, "epoll_", strlen("epoll_"));

	return is_one && last ? strtol(last + 1, NULL, 10) : -1;
}

static void take_place(struct measured *m, const struct event *e, bool is_in)
{
	m->in = e->text;
	m->is_in = is_in;
	m->in_limit = limit_of(e);
}

/* The call that a task of the program is in; false: no task is in any. */
static bool find_open(struct walk *w)
{
	for (size_t k = w->timeline->event_count; k-- > 0;) {
		const struct event *e = &w->timeline->events[k];

		if (!is_its(w, e) || e->kind != EVENT_CALL || !e->text || e->abandoned ||
		    has_gone_on(w, k))
			continue;
		take_place(w->out, e, true);
		return true;
	}
	return false;
}

/*
 * Otherwise its last call. If that was one of several repeated waits, the one with the longest
 * timeout.
 */
static void find_place(struct walk *w)
{
	struct measured *m = w->out;

	m->in_limit = -1;
	if (m->how == ENDED_NOT && find_open(w))
		return;
	for (size_t k = w->timeline->event_count; k-- > 0;) {
		const struct event *e = &w->timeline->events[k];
		enum deed deed = deed_of(e);

		if (!is_its(w, e) || e->kind != EVENT_CALL || !e->text || deed == DEED_NONE)
			continue;
		if (m->in && (deed != DEED_WAIT || m->in_limit < 0))
			return;
		if (!m->in || limit_of(e) > m->in_limit)
			take_place(m, e, false);
	}
}

/* ---- what it tried again ---- */

/*
 * The connection that it began first: each one that it begins after the failure is another attempt.
 */
static int first_connection(const struct walk *w)
{
	const struct timeline *t = w->timeline;

	for (size_t i = 0; i < t->segment_count; i++)
		if (t->segments[i].connection >= 0 && t->segments[i].from == w->host &&
		    !t->segments[i].end)
			return t->segments[i].connection;
	return -1;
}

/* What is known about the data that its host sends on a connection. */
struct sending {
	bool is_begun;
	bool is_attempt; /* the connection was begun after the failure, and is not the first one */
	int64_t next;
};

/* Data count as sent again if they had been sent before, or are sent on a further connection. */
static int64_t again_of(const struct sending *d, const struct segment *s)
{
	int64_t end = s->seq + s->packet->length;

	if (d->is_attempt)
		return s->packet->length;
	if (s->seq >= d->next)
		return 0;
	return (end < d->next ? end : d->next) - s->seq;
}

static void count_again(struct walk *w)
{
	const struct timeline *t = w->timeline;
	struct sending *all = arena_alloc(w->arena, (t->connection_count + 1) * sizeof(*all));
	int first = first_connection(w);

	for (size_t i = 0; w->out->happened && i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];
		struct sending *d;
		int64_t end;

		if (s->connection < 0 || s->from != w->host || s->forged ||
		    s->packet->kind != PACKET_TCP)
			continue;
		d = &all[s->connection];
		end = s->seq + s->packet->length;
		if (!d->is_begun)
			d->is_attempt = s->sent > w->at && !s->end && s->connection != first;
		w->out->connections += !d->is_begun && d->is_attempt;
		if (d->is_begun && s->sent > w->at)
			w->out->bytes += again_of(d, s);
		d->next = !d->is_begun || end > d->next ? end : d->next;
		d->is_begun = true;
	}
}

/* ---- the whole ---- */

/*
 * A failure of the network is there from the beginning, but it does not happen to a program that
 * never connects. What it does in calls that are not seen is not known.
 */
static void leave_out_unconnected(struct walk *w)
{
	struct measured *m = w->out;

	if (!m->happened || !m->is_needed || m->has_connected || m->is_unseen)
		return;
	m->happened = false;
	m->not_why = "the program has made no TCP connection";
	m->error = m->call = NULL;
}

/* Whether the script's server sends its answer. */
static bool is_answered(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];

		for (size_t k = 0; line->kind == LINE_CALL && k < line->call.arg_count; k++) {
			const char *content = line->call.args[k]->content;

			if (content && !strncmp(content, "answer", strlen("answer")))
				return true;
		}
	}
	return false;
}

static ns_t started_at(const struct walk *w)
{
	for (size_t k = 0; k < w->timeline->event_count; k++)
		if (is_its(w, &w->timeline->events[k]))
			return w->timeline->events[k].from;
	return w->timeline->start;
}

/* The beginning of the failure: the effect of a call may come before the call has returned. */
static ns_t failed_at(const struct walk *w, const struct judgement *j)
{
	int event = j->lines[j->failure.line].event;

	return event < 0 ? j->failure.at : w->timeline->events[event].from;
}

/*
 * For how long the program and its tracer had no CPU since its last event before the failure; and
 * those that the program had to do with.
 */
static ns_t waited_until(const struct walk *w, ns_t until)
{
	ns_t waited = 0, before = 0, last = 0;

	for (size_t k = 0; k < w->timeline->event_count; k++) {
		const struct event *e = &w->timeline->events[k];

		if (e->kind == EVENT_DISTURBED && e->slow && e->to > w->at && e->from < until)
			waited += e->to - e->from;
		if (!is_its(w, e))
			continue;
		if (e->from < w->at)
			before = e->waited;
		if (e->to <= until)
			last = e->waited;
	}
	waited += last > before ? last - before : 0;
	return waited < until - w->at ? waited : until - w->at;
}

static void note_end(struct walk *w, const struct judgement *j)
{
	int event = program_end_event(w->timeline, w->host);
	int crash = program_crash_event(w->run, j->lines, w->host);
	const struct event *end = event < 0 ? NULL : &w->timeline->events[event];
	ns_t until = w->timeline->watched;
	struct measured *m = w->out;
	char signal[SIGNAL_TEXT];

	if (end) {
		m->how = end->signal ? ENDED_KILLED : ENDED_EXITED;
		until = end->to;
	} else if (crash >= 0) {
		m->how = ENDED_CRASHED;
		until = w->timeline->events[crash].to;
	}
	m->status = end && !end->signal ? end->status : 0;
	if (m->how == ENDED_KILLED)
		m->signal = arena_strdup(w->arena, signal_text(end->signal, signal));
	m->end = until > w->at ? until - w->at : 0;
	m->waited = until > w->at ? waited_until(w, until) : 0;
	m->left_early = m->how == ENDED_NOT && w->timeline->left_early;
	m->left_why = m->left_early ? w->timeline->left_why : NULL;
}

/* ---- whether it was still at work ---- */

/* After a day, it does not matter any more what it does. */
#define LONG_ENOUGH (24 * 3600 * NS_PER_S)

/* New data, from its host or to it, since then: a single call can move very much. */
static bool has_carried(const struct walk *w, ns_t since)
{
	const struct timeline *t = w->timeline;
	int64_t(*next)[HOST_COUNT] =
	    arena_alloc(w->arena, (t->connection_count + 1) * sizeof(*next));

	for (size_t i = 0; i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];
		int64_t end;

		if (s->connection < 0 || s->forged || s->packet->kind != PACKET_TCP ||
		    !s->packet->length || s->from >= HOST_COUNT)
			continue;
		end = s->seq + s->packet->length;
		if (end <= next[s->connection][s->from])
			continue;
		if (s->sent >= since)
			return true;
		next[s->connection][s->from] = end;
	}
	return false;
}

static bool has_moved(const struct walk *w, ns_t since)
{
	for (size_t k = w->timeline->event_count; k-- > 0;) {
		const struct event *e = &w->timeline->events[k];
		enum deed deed = deed_of(e);
		const struct socket *s = socket_of(w, e->inode);

		if (!is_its(w, e) || e->kind != EVENT_RETURN || e->to < since)
			continue;
		if (s && s->is_connection && e->result > 0 &&
		    (deed == DEED_SEND || deed == DEED_RECEIVE))
			return true;
	}
	return false;
}

static bool has_connected_again(const struct walk *w, ns_t since)
{
	for (size_t k = w->timeline->event_count; k-- > 0;) {
		const struct event *e = &w->timeline->events[k];

		if (is_its(w, e) && e->kind == EVENT_CALL && e->from >= since &&
		    deed_of(e) == DEED_CONNECT && socket_of(w, e->inode) &&
		    socket_of(w, e->inode)->is_stream)
			return true;
	}
	return false;
}

/*
 * What it did in the last quarter of the time for which it was watched; NULL: nothing. It may well
 * come to an end, so nobody knows whether it hangs. A server need not end, so its work says
 * nothing about that.
 */
static void note_work(struct walk *w)
{
	struct measured *m = w->out;
	ns_t until = w->timeline->watched, since = until - m->end / 4;
	const char *why = NULL;

	if (m->how != ENDED_NOT || !m->is_needed || m->left_early || m->end <= 0 ||
	    m->end >= LONG_ENOUGH)
		return;
	if (has_carried(w, since) || has_moved(w, since))
		why = "data still went over its connections";
	else if (has_connected_again(w, since))
		why = "it still connected again and again";
	else if (w->timeline->computed[w->host] >= since)
		why = "it was still computing";
	m->at_work = m->left_early = why != NULL;
	m->left_why = why;
}

/* ---- options ---- */

/* The last reading of that one's options. */
static void take_options(struct walk *w, uint64_t inode)
{
	for (size_t i = w->timeline->socket_count; inode && i-- > 0;) {
		const struct program_socket *s = &w->timeline->sockets[i];

		if (s->host != w->host || s->inode != inode)
			continue;
		w->out->has_options = true;
		w->out->options = s->options;
		return;
	}
}

struct measured measure(struct arena *a, const struct run *run, const struct timeline *t,
			const struct judgement *j, enum host host)
{
	const struct failure_seen *f = &j->failure;
	struct measured m = {
	    .whose = host_name(host),
	    .is_needed = run->failure && host != HOST_SERVER,
	    .happened = f->happened,
	    .not_why = !f->happened && j->problem_count ? j->problems[0].message : NULL,
	    .other_way = f->happened && f->stopped ? f->stopped->message : NULL,
	};
	struct walk w = {.arena = a, .run = run, .timeline = t, .host = host, .out = &m};

	w.at = f->happened ? failed_at(&w, j) : started_at(&w);
	note_end(&w, j);
	walk_calls(&w);
	note_work(&w);
	find_place(&w);
	count_again(&w);
	if (is_answered(run))
		m.answer = (int64_t)content_answer(a, &run->facts).length;
	for (size_t i = 0; i < w.socket_count; i++)
		if (w.sockets[i].received > m.received)
			m.received = w.sockets[i].received;
	m.has_connected = w.last != 0 || first_connection(&w) >= 0;
	leave_out_unconnected(&w);
	take_options(&w, w.last);
	return m;
}
