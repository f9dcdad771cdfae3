/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each end of a connection is a socket, and so is each descriptor that
 * listens. Packets, calls, deaths and time lead them from state to state (tcp_course.c); a reading
 * of ss tells the state itself. What nobody can know from these is unknown, and stays so until
 * something tells it.
 */
#include "harness/ladder/ladder_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/ladder/tcp_socket.h"

#define MOST_BACKLOG 4096	     /* net.core.somaxconn */
#define FIN_TIMEOUT  (60 * NS_PER_S) /* net.ipv4.tcp_fin_timeout, unless a line sets it */

struct tcp_sockets {
	struct arena *a;
	const struct observation *o;
	const struct timeline *t;
	struct tcp_socket *ends; /* two for each connection */
	struct listener {
		enum host host;
		const char *name;
		uint64_t inode; /* of a program's, whose descriptors have no names */
		int64_t backlog;
		struct tcp_socket *socket;
	} * listeners;
	size_t listener_count;
	int *read_last; /* of each line, the order of its last reading */
	ns_t now;
	ns_t timer; /* the earliest of those that run; 0: none does */
	struct {
		struct tcp_socket *newest; /* which has changed last, of those that exist */
		ns_t fin_timeout;
		int cookies;	  /* net.ipv4.tcp_syncookies */
		bool limits;	  /* net.ipv4.tcp_max_tw_buckets is set .. */
		int most_waiting; /* .. to this */
		bool defers;	  /* a listener has TCP_DEFER_ACCEPT */
		int processes;	  /* more than the first one */
	} hosts[LAB_HOSTS];
};

#define NONE (-1)

/* ---- which socket ---- */

static struct tcp_socket *end_socket(const struct tcp_sockets *all, int connection, int end)
{
	return &all->ends[2 * connection + end];
}

static bool is_name(const struct connection *c, const char *name)
{
	for (int i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return false;
}

/* At that host, of the newest connection of that name that has begun; NULL: there is none. */
static struct tcp_socket *named_end(const struct tcp_sockets *all, enum host host, const char *name)
{
	for (size_t i = all->t->connection_count; name && i-- > 0;) {
		const struct connection *c = &all->t->connections[i];
		int end = c->kind == PACKET_TCP ? connection_end(c, host) : NONE;

		if (end != NONE && (all->ends[2 * i].started || all->ends[2 * i + 1].started) &&
		    is_name(c, name))
			return end_socket(all, (int)i, end);
	}
	return NULL;
}

static struct listener *find_listener(const struct tcp_sockets *all, const struct event *e)
{
	for (size_t i = 0; i < all->listener_count; i++) {
		struct listener *l = &all->listeners[i];

		if (l->host == e->host && (e->program ? e->inode && l->inode == e->inode
						      : text_same(l->name, e->descriptor)))
			return l;
	}
	return NULL;
}

/* The one that the event's descriptor stands for; NULL: none that is known. */
static struct tcp_socket *socket_of(const struct tcp_sockets *all, const struct event *e)
{
	struct listener *l = find_listener(all, e);

	if (l && l->socket->state != SS_NONE)
		return l->socket;
	return e->program ? NULL : named_end(all, e->host, e->descriptor);
}

/* ---- what it does ---- */

static bool is_lab_host(enum host host)
{
	return host >= 0 && host < LAB_HOSTS;
}

static void take_out(struct tcp_sockets *all, struct tcp_socket *s)
{
	if (all->hosts[s->host].newest == s)
		all->hosts[s->host].newest = s->older;
	if (s->older)
		s->older->newer = s->newer;
	if (s->newer)
		s->newer->older = s->older;
	s->older = s->newer = NULL;
}

static void put_first(struct tcp_sockets *all, struct tcp_socket *s)
{
	s->older = all->hosts[s->host].newest;
	if (s->older)
		s->older->newer = s;
	all->hosts[s->host].newest = s;
}

static void set_timer(struct tcp_sockets *all, struct tcp_socket *s)
{
	tcp_socket_set_timer(s, all->now, all->hosts[s->host].fin_timeout);
	if (s->over && (!all->timer || s->over < all->timer))
		all->timer = s->over;
}

/* net/ipv4/tcp_minisocks.c, tcp_time_wait(): those that no process has are counted, up to a limit.
 */
static bool is_waiting_alone(const struct tcp_socket *s, enum host host)
{
	return s->host == host &&
	       (s->state == SS_TIME_WAIT || (s->state == SS_FIN_WAIT_2 && s->orphan));
}

static bool has_room(const struct tcp_sockets *all, enum host host)
{
	int others = -1; /* but for itself */

	if (!all->hosts[host].limits)
		return true;
	for (size_t i = 0; i < 2 * all->t->connection_count; i++)
		others += is_waiting_alone(&all->ends[i], host);
	return others < all->hosts[host].most_waiting;
}

/* Its state was `before`: if it has left that, the life line will show it. */
static void note_change(struct tcp_sockets *all, struct tcp_socket *s, enum ss_state before)
{
	if (s->state == before)
		return;
	if (is_waiting_alone(s, s->host) && !has_room(all, s->host))
		s->state = SS_NONE;
	take_out(all, s);
	if (s->state != SS_NONE)
		put_first(all, s);
	s->due = s->over = s->timer = 0;
	set_timer(all, s);
}

static void step(struct tcp_sockets *all, struct tcp_socket *s, enum tcp_step step)
{
	enum ss_state before = s->state;

	tcp_socket_step(s, step);
	note_change(all, s, before);
}

/* It becomes known, or not. */
static void set(struct tcp_sockets *all, struct tcp_socket *s, enum ss_state state)
{
	enum ss_state before = s->state;

	s->state = state;
	note_change(all, s, before);
}

/* ---- listeners ---- */

/* Of how many listeners, and the smallest and the largest backlog. */
static size_t backlogs(const struct tcp_sockets *all, enum host host, int64_t *least, int64_t *most)
{
	size_t count = 0;

	for (size_t i = 0; i < all->listener_count; i++) {
		const struct listener *l = &all->listeners[i];

		if (l->host != host || l->socket->state != SS_LISTEN)
			continue;
		*least = !count || l->backlog < *least ? l->backlog : *least;
		*most = !count || l->backlog > *most ? l->backlog : *most;
		count++;
	}
	return count;
}

/*
 * A full queue of SYN-RECV makes cookies (net/ipv4/tcp_input.c, tcp_conn_request()), a full queue
 * of accept() refuses what completes a handshake (tcp_v4_syn_recv_sock()). In older kernels
 * the first one is full at the backlog, since then one above it. With TCP_DEFER_ACCEPT a bare ACK
 * does not complete it, until the SYN-ACK has been repeated (tcp_check_req()).
 */
static enum tcp_listening listening_of(const struct tcp_sockets *all, const struct tcp_socket *own,
				       const struct segment *s)
{
	int64_t least = 0, most = 0, opening = 0, queued = 0;
	int cookies = all->hosts[own->host].cookies;
	bool bare =
	    all->hosts[own->host].defers && !s->packet->length && !(s->packet->flags & FLAG_FIN);
	size_t listeners = backlogs(all, own->host, &least, &most);

	if (cookies == 2)
		return LISTENING_COOKIE;
	if (!listeners)
		return LISTENING;
	for (size_t i = 0; i < 2 * all->t->connection_count; i++) {
		const struct tcp_socket *other = &all->ends[i];

		if (other == own || other->host != own->host || other->port != own->port)
			continue;
		opening += other->state == SS_SYN_RECV && !other->doubt;
		queued += other->queued;
	}
	if (own->state == SS_NONE)
		return !cookies || opening < least ? LISTENING
		       : opening <= most	   ? LISTENING_MAYBE_COOKIE
						   : LISTENING_COOKIE;
	if (bare && listeners == 1 && !own->repeated)
		return LISTENING_NOT;
	return queued > least || bare ? LISTENING_MAYBE_NOT : LISTENING;
}

/* ---- packets ---- */

/* That sends or gets it; NULL: no socket of ours does. */
static struct tcp_socket *packet_socket(const struct tcp_sockets *all, const struct event *e)
{
	const struct segment *s = &all->t->segments[e->segment];
	bool sent = e->kind == EVENT_SENT;
	struct tcp_socket *own;

	if (s->connection < 0 || (s->packet->kind != PACKET_TCP && s->packet->kind != PACKET_ICMP))
		return NULL;
	if (all->t->connections[s->connection].kind != PACKET_TCP)
		return NULL;
	/* An error's end is that of the packet that it quotes: it goes back there. */
	own = end_socket(all, s->connection,
			 sent || s->packet->kind == PACKET_ICMP ? s->end : !s->end);
	if (!is_lab_host(own->host) || (sent && (s->forged || s->packet->kind != PACKET_TCP)) ||
	    (!sent && s->to != own->host))
		return NULL;
	return own;
}

static void see_packet(struct tcp_sockets *all, const struct event *e)
{
	const struct segment *s = &all->t->segments[e->segment];
	struct tcp_socket *own = packet_socket(all, e);
	enum tcp_listening listening = LISTENING;
	enum ss_state before;

	if (!own)
		return;
	own->last_order = e->order;
	before = own->state;
	if (own->state == SS_NONE || own->state == SS_SYN_RECV)
		listening = listening_of(all, own, s);
	if (e->kind == EVENT_SENT)
		tcp_socket_sends(own, s, listening);
	else
		tcp_socket_gets(own, s, all->now, e->order, listening);
	note_change(all, own, before);
}

/* ---- calls ---- */

/* The first number there behind that word; `otherwise` if there is none. */
static int64_t number_after(const char *text, const char *word, int64_t otherwise)
{
	const char *at = strstr(text, word);

	if (!at)
		return otherwise;
	at += strlen(word);
	at += strcspn(at, "-0123456789");
	return *at ? strtoll(at, NULL, 10) : otherwise;
}

static void listens(struct tcp_sockets *all, const struct event *e)
{
	struct listener *l = find_listener(all, e);

	if (!l) {
		l = arena_push(all->a, all->listeners, all->listener_count);
		*l = (struct listener){.host = e->host, .name = e->descriptor, .inode = e->inode};
		l->socket = arena_new(all->a, struct tcp_socket);
		*l->socket = (struct tcp_socket){.host = e->host, .connection = NONE};
	}
	l->backlog = number_after(e->text, ",", MOST_BACKLOG);
	if (l->socket->state == SS_NONE)
		l->socket->references = 1;
	step(all, l->socket, STEP_LISTEN);
}

static void loses_process(struct tcp_sockets *all, struct tcp_socket *s)
{
	s->orphan = true;
	if (s->repair) {
		set(all, s, SS_NONE);
		return;
	}
	step(all, s, STEP_CLOSE);
	step(all, s, tcp_socket_resets(s, all->now) ? STEP_RST : STEP_END);
	if (s->state == SS_FIN_WAIT_2 && !has_room(all, s->host))
		set(all, s, SS_NONE);
	else if (s->state == SS_FIN_WAIT_2)
		set_timer(all, s);
}

static void closes(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	if (s->references > 0)
		s->references--;
	s->closed = true, s->closer = e->part;
	if (!s->references && !s->unsure && !s->sleepers)
		loses_process(all, s);
}

/* A call that sleeps keeps the socket open, though its descriptor is closed meanwhile. */
static void wakes_up(struct tcp_sockets *all, struct tcp_socket *s)
{
	if (!s->sleepers)
		return;
	s->sleepers--;
	if (s->closed && !s->references && !s->unsure && !s->sleepers && !s->orphan)
		loses_process(all, s);
}

static void shuts_down(struct tcp_sockets *all, struct tcp_socket *s, const char *text)
{
	bool reads = strstr(text, "SHUT_RD"),
	     writes = strstr(text, "SHUT_WR") || strstr(text, "SHUT_RDWR");

	if (s->state == SS_SYN_SENT || (s->state == SS_LISTEN && reads))
		step(all, s, STEP_STOP);
	else if (writes)
		step(all, s, STEP_END);
}

static void forks(struct tcp_sockets *all, enum host host)
{
	all->hosts[host].processes++;
	for (size_t i = 0; i < 2 * all->t->connection_count; i++)
		if (all->ends[i].host == host && all->ends[i].references)
			all->ends[i].references++;
	for (size_t i = 0; i < all->listener_count; i++)
		if (all->listeners[i].host == host && all->listeners[i].socket->references)
			all->listeners[i].socket->references++;
}

/* With IP_RECVERR a connected socket may have some of them, and live on. */
static bool ends_socket(const struct tcp_socket *s, int error)
{
	static const int always[] = {ETIMEDOUT, ECONNRESET};
	static const int connecting[] = {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT};

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (always[i] == error)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(connecting); i++)
		if (connecting[i] == error)
			return s->state == SS_SYN_SENT || !s->reports;
	return false;
}

/* When it begins. Its result is known already, unless it goes on. */
static void see_enter(struct tcp_sockets *all, const struct event *e)
{
	struct tcp_socket *s = socket_of(all, e);

	if (!s || e->error || !e->call)
		return;
	if (e->call->closes)
		closes(all, e, s);
	else if (e->kind == EVENT_CALL && e->blocked)
		s->sleepers++;
	else if (e->call->id == CALL_shutdown)
		shuts_down(all, s, e->text);
}

static void see_fork(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	(void)s;
	forks(all, e->host);
}

static void see_listen(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	if (!s || s->connection == NONE)
		listens(all, e);
}

static void see_accept(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	enum ss_state before;

	s = named_end(all, e->host, e->bound);
	if (!s)
		return;
	before = s->state;
	tcp_socket_accepted(s);
	note_change(all, s, before);
}

static void see_option(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	all->hosts[e->host].defers |= strstr(e->text, "TCP_DEFER_ACCEPT") != NULL;
	if (!s)
		return;
	s->repair = number_after(e->text, "TCP_REPAIR,", s->repair) > 0;
	s->reports |= strstr(e->text, "_RECVERR") != NULL;
	s->linger = number_after(e->text, "TCP_LINGER2", s->linger / NS_PER_S) * NS_PER_S;
	s->least_ttl = number_after(e->text, "IP_MINTTL", s->least_ttl);
	s->least_ttl = number_after(e->text, "IPV6_MINHOPCOUNT", s->least_ttl);
}

static void see_copy(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	(void)all;
	if (s && e->bound)
		s->references++;
}

static void see_disconnect(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	if (s && strstr(e->text, "AF_UNSPEC"))
		set(all, s, SS_NONE);
}

static const struct {
	enum call_id id;
	void (*see)(struct tcp_sockets *, const struct event *, struct tcp_socket *);
} calls[] = {
    {CALL_fork, see_fork},	{CALL_listen, see_listen},     {CALL_accept, see_accept},
    {CALL_accept4, see_accept}, {CALL_setsockopt, see_option}, {CALL_dup, see_copy},
    {CALL_dup2, see_copy},	{CALL_fcntl, see_copy},	       {CALL_connect, see_disconnect},
};

static void see_return(struct tcp_sockets *all, const struct event *e)
{
	struct tcp_socket *s = socket_of(all, e);

	if (s && e->error && ends_socket(s, e->error))
		step(all, s, STEP_FAIL);
	if (s && e->blocked && e->call && !e->call->closes)
		wakes_up(all, s);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!e->error && e->call && calls[i].id == e->call->id)
			calls[i].see(all, e, s);
}

/* ---- hosts ---- */

static void for_each(struct tcp_sockets *all, const struct event *e,
		     void (*does)(struct tcp_sockets *, const struct event *, struct tcp_socket *))
{
	for (size_t i = 0; i < 2 * all->t->connection_count; i++)
		if (all->ends[i].host == e->host)
			does(all, e, &all->ends[i]);
	for (size_t i = 0; i < all->listener_count; i++)
		if (all->listeners[i].host == e->host)
			does(all, e, all->listeners[i].socket);
}

static void crashes(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	(void)e;
	step(all, s, STEP_CRASH);
}

static void dies(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	(void)e;
	if (!s->orphan)
		loses_process(all, s);
}

/* Another process may have it, too. */
static void may_die(struct tcp_sockets *all, const struct event *e, struct tcp_socket *s)
{
	if (s->orphan || (s->closed && text_same(s->closer, e->part)))
		return;
	if (s->references > 1) { /* each process has one */
		s->references--;
		return;
	}
	s->unsure = true;
	if (s->state == SS_LISTEN || s->state == SS_SYN_SENT)
		set(all, s, SS_UNKNOWN);
}

static void see_death(struct tcp_sockets *all, const struct event *e)
{
	bool last = e->program ? !e->others : all->hosts[e->host].processes-- == 0;

	for_each(all, e, last ? dies : may_die);
}

static void sets_sysctl(struct tcp_sockets *all, enum host host, const char *name, int value)
{
	if (strstr(name, "tcp_fin_timeout"))
		all->hosts[host].fin_timeout = value * NS_PER_S;
	else if (strstr(name, "tcp_max_tw_buckets"))
		all->hosts[host].limits = true, all->hosts[host].most_waiting = value;
	else if (strstr(name, "tcp_syncookies"))
		all->hosts[host].cookies = value;
	else if (strstr(name, "tcp_rfc1337"))
		for (size_t i = 0; i < 2 * all->t->connection_count; i++)
			all->ends[i].rfc1337 |= all->ends[i].host == host && value;
}

static void see_action(struct tcp_sockets *all, const struct event *e)
{
	const struct line *l = e->line < 0 ? NULL : &all->o->run->lines[e->line];

	if (!l || !is_lab_host(e->host))
		return;
	if (l->kind == LINE_CRASH) {
		for_each(all, e, crashes);
		all->hosts[e->host].processes = 0;
	} else if (l->kind == LINE_SYSCTL) {
		sets_sysctl(all, e->host, l->sysctl.name, atoi(l->sysctl.value));
	}
}

/* ---- readings ---- */

/*
 * A line reads until the answer is as written: a packet on the link has not reached the socket yet.
 * So only its last answer counts.
 */
static bool is_socket_reading(const struct tcp_sockets *all, const struct event *e)
{
	return e->kind == EVENT_READING && e->descriptor && !e->process && !e->counter_count &&
	       e->line >= 0 && !all->o->run->lines[e->line].ss.is_udp &&
	       e->order == all->read_last[e->line];
}

static enum ss_state read_state(const struct event *e)
{
	return !e->socket.found || e->socket.state == SS_UNCONN ? SS_NONE : e->socket.state;
}

static void see_reading(struct tcp_sockets *all, const struct event *e)
{
	struct tcp_socket *s = socket_of(all, e);

	if (!s)
		return;
	s->doubt = s->unsure = false;
	s->cookie &= !e->socket.found;
	if (e->socket.found && s->last_sent < all->now)
		s->last_sent = all->now; /* it was there then, as if it had sent something */
	set(all, s, read_state(e));
}

static bool begins_connection(const struct event *e)
{
	return e->kind == EVENT_CALL || !e->error || e->error == EINPROGRESS ||
	       e->error == EALREADY || e->error == EINTR;
}

/*
 * Whether it may have a state though no packet of it has come to the router: it has connected, or
 * was accepted, on its own host.
 */
static bool may_be_connected(const struct tcp_sockets *all, const struct event *reading)
{
	bool connected = false;

	for (size_t i = 0; i < all->t->event_count; i++) {
		const struct event *e = &all->t->events[i];

		if (e->host != reading->host || !e->call || e->order > reading->order)
			continue;
		if (e->call->connects && text_same(e->descriptor, reading->descriptor))
			connected = begins_connection(e);
		else if (e->call->accepts && e->bound && text_same(e->bound, reading->descriptor))
			connected = true;
	}
	return connected;
}

bool tcp_sockets_compare(const struct tcp_sockets *all, const struct event *e,
			 enum ss_state *expected, enum ss_state *seen)
{
	const struct tcp_socket *s;

	if (!is_socket_reading(all, e))
		return false;
	s = socket_of(all, e);
	*expected = s			       ? tcp_socket_state(s, e->from)
		    : may_be_connected(all, e) ? SS_UNKNOWN
					       : SS_NONE;
	*seen = read_state(e);
	return true;
}

/* ---- all of it ---- */

/* What is known of an end from the beginning. */
static void begin_end(struct tcp_sockets *all, size_t i)
{
	const struct connection *c = &all->t->connections[i / 2];

	all->ends[i] = (struct tcp_socket){
	    .host = c->end[i % 2].host,
	    .connection = (int)i / 2,
	    .port = c->end[i % 2].port,
	    .references = 1,
	};
}

/* .. and of what it will send. */
static void look_ahead(struct tcp_sockets *all, const struct segment *s)
{
	const uint8_t flags = FLAG_SYN | FLAG_ACK;
	struct tcp_socket *own;

	if (s->connection < 0 || s->packet->kind != PACKET_TCP || s->forged)
		return;
	own = end_socket(all, s->connection, s->end);
	if ((s->packet->flags & flags) == flags)
		own->last_syn_ack = s->sent_order;
	if (s->packet->flags & FLAG_RST)
		return;
	if (s->sent > own->last_sent)
		own->last_sent = s->sent;
	if (s->sent_order > own->last_sent_order)
		own->last_sent_order = s->sent_order;
}

/* .. and of its first reset: what it had sent or got before. */
static void look_for_reset(struct tcp_sockets *all, const struct event *e)
{
	const struct segment *s = &all->t->segments[e->segment];
	struct tcp_socket *own = packet_socket(all, e);

	if (!own || own->reset_at)
		return;
	if (e->kind == EVENT_SENT && (s->packet->flags & FLAG_RST))
		own->reset_at = s->sent;
	else
		own->reset_after = e->order;
}

struct tcp_sockets *tcp_sockets_begin(struct arena *a, const struct observation *o)
{
	struct tcp_sockets *all = arena_new(a, struct tcp_sockets);
	const struct timeline *t = &o->timeline;

	*all = (struct tcp_sockets){.a = a, .o = o, .t = t};
	all->ends = arena_alloc(a, (2 * t->connection_count + 1) * sizeof(*all->ends));
	all->read_last = arena_alloc(a, (o->run->line_count + 1) * sizeof(*all->read_last));
	for (int h = 0; h < LAB_HOSTS; h++)
		all->hosts[h].fin_timeout = FIN_TIMEOUT, all->hosts[h].cookies = 1;
	for (size_t i = 0; i < 2 * t->connection_count; i++)
		begin_end(all, i);
	for (size_t i = 0; i < t->segment_count; i++)
		look_ahead(all, &t->segments[i]);
	for (size_t i = 0; i < t->event_count; i++) {
		if (event_is_packet(&t->events[i]))
			look_for_reset(all, &t->events[i]);
		else if (t->events[i].kind == EVENT_READING && t->events[i].line >= 0)
			all->read_last[t->events[i].line] = t->events[i].order;
	}
	return all;
}

/* Some timers may be over. */
static void wait_until(struct tcp_sockets *all, ns_t at)
{
	all->now = at;
	if (!all->timer || at < all->timer)
		return;
	all->timer = 0;
	for (size_t i = 0; i < 2 * all->t->connection_count; i++) {
		struct tcp_socket *s = &all->ends[i];
		enum ss_state before = s->state;

		tcp_socket_wait(s, at);
		note_change(all, s, before);
		if (s->over && (!all->timer || s->over < all->timer))
			all->timer = s->over;
	}
}

void tcp_sockets_see(struct tcp_sockets *all, const struct event *e, ns_t at, bool is_end)
{
	wait_until(all, at);
	switch (e->kind) {
	case EVENT_SENT:
	case EVENT_ARRIVED:
		see_packet(all, e);
		break;
	case EVENT_CALL:
		see_enter(all, e);
		break;
	case EVENT_RETURN:
		if (is_end)
			see_return(all, e);
		else
			see_enter(all, e);
		break;
	case EVENT_DEATH:
		see_death(all, e);
		break;
	case EVENT_ACTION:
		see_action(all, e);
		break;
	case EVENT_READING:
		if (is_socket_reading(all, e))
			see_reading(all, e);
		break;
	default:
		break;
	}
}

struct life_state tcp_sockets_shown(const struct tcp_sockets *all, enum host host)
{
	const struct tcp_socket *newest = all->hosts[host].newest;
	struct life_state shown = {0};

	if (!newest)
		return shown;
	shown.state = tcp_socket_state(newest, all->now);
	shown.timer = shown.state == newest->state ? newest->timer : 0;
	if (newest->connection != NONE && all->t->connection_count > 1 &&
	    all->t->connections[newest->connection].name_count)
		shown.name = all->t->connections[newest->connection].names[0];
	return shown;
}
