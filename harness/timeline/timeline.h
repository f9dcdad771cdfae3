/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time line: everything that was observed in one run, in one order.
 *
 * The engine appends to it what the actors, the capture, the fault logs and the kernel's socket
 * tables report; the verdict, the transcript, the captures and result.json are functions of it.
 * Nothing in here knows what the script expected.
 *
 * Every event has an interval [from, to] in which it truly happened. A packet's is a point, the
 * kernel's own stamp. A call that returned at once lies between the clock readings around it; the
 * return of a call that blocked lies between the return's reading less the time for which the
 * thread was runnable but had to wait for a CPU (schedstat), and the reading. So load can widen an
 * interval but never move an event out of it.
 *
 * Packets are seen at the router, on one capture of both its links, whose order is total: `order`
 * numbers grow with it. A packet that crosses the router has two places in that order, sent and
 * arrived.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "harness/base/arena.h"
#include "harness/base/clock.h"
#include "harness/packet/packet.h"
#include "harness/script/ast.h"
#include "harness/timeline/socket_state.h"

/* ---- connections ---- */

/*
 * One incarnation of a 4-tuple. End 0 is the one that sent the first packet that was seen of it.
 *
 * Or a flow: all that one socket without connections sends, to whomever. Then end 0 is that socket
 * and there is no end 1; UDP's is known by its address and port, that of pings by the address and
 * the identifier in their requests.
 */
struct connection {
	enum packet_kind kind; /* TCP; of a flow: UDP or ECHO */
	const char **names;    /* descriptors that took part, the first one first */
	int name_count;
	/*
	 * A forged SYN began it, under the name of an earlier incarnation, in which that segment is
	 * counted: nobody could know then that it would be taken for more than a stray.
	 */
	bool is_reborn;
	int first_syn; /* that segment; end 0 forged it */
	struct {
		enum host host;
		struct ip ip;
		uint16_t port;
		bool has_isn;
		uint32_t isn;
		bool has_wscale; /* in its SYN */
		uint8_t wscale;
		bool has_ts;
		uint32_t ts_first;
		bool acked;   /* something of it was acknowledged: its ISN stands */
		bool named;   /* a connect() or an accept() of this end gave a name */
		bool refused; /* its RST has arrived while it had sent no SYN */
		struct direction {
			uint32_t next; /* what it sends next, a FIN not counted */
			struct hole {
				uint32_t from, to;
			} holes[8]; /* what it has sent less of */
			int hole_count;
			uint32_t ack; /* what it acknowledged last, with this window */
			uint16_t window;
		} direction; /* as on the wire; of passing.c */
	} end[2];
};

/* ---- segments in the time line: a packet, whom it concerns and what became of it ---- */

struct segment {
	const struct packet *packet;
	int id;		/* in timeline.segments */
	enum host from; /* who sent it; the router for what it made itself */
	enum host to;
	int connection; /* in timeline.connections; -1: none (ARP, strangers) */
	int end; /* which end of it the source address is; ICMP: of the quoted packet; an echo's
		    reply: 1 */
	/*
	 * Relative to the direction's ISN; raw where has_isn is false (RFC: a RST to a SYN has seq
	 * 0), and in such a RST anyway. An ICMP error has the seq and ack of what it quotes. ack is
	 * 0 without the ACK flag; urgent is the header's pointer, an offset from seq, and 0 without
	 * the URG flag.
	 */
	int64_t seq, ack, urgent;
	int64_t sack[MAX_SACK_BLOCKS][2];
	int64_t window; /* in bytes: scaled, but not in a SYN */
	/*
	 * What a fault of the router makes of it that does not simply end it (timeline_taken). A
	 * segment that was held stays so when it has been let go and has arrived.
	 */
	bool held, delayed;
	int due;		   /* how many times it is still to leave */
	bool forged;		   /* `from` never sent it: the engine did, in its name */
	int64_t ts_value, ts_echo; /* relative to each direction's first */
	enum fate fate;		   /* FATE_ARRIVED until decided */
	bool decided; /* fate is final; but an end's own firewall may report it LOST there later */
	bool
	    inferred; /* LOST because it vanished or an ICMP error quoted it: a report may follow */
	enum host lost_at;  /* LOST or REJECTED: HOST_ROUTER or the end whose own firewall ate it */
	ns_t sent, arrived; /* arrived 0: did not (yet) */
	int sent_order, arrived_order; /* place in the time line's order; 0: none */
};

/* ---- readings ---- */

struct counter_reading {
	const char *name;
	int64_t delta;
	bool known; /* this kernel has a counter of that name */
};

/* ---- events ---- */

enum event_kind {
	EVENT_CALL,    /* an actor entered a call */
	EVENT_RETURN,  /* and came back */
	EVENT_SENT,    /* a segment entered the router (or was eaten by its own host's firewall) */
	EVENT_ARRIVED, /* it left the router towards its host */
	EVENT_LOST,    /* it is known that it will not arrive */
	EVENT_HELD,    /* the router keeps it: for a time (note "delayed"), or until it is let go */
	EVENT_SIGNAL,  /* a handler ran in an actor */
	EVENT_DEATH,   /* an actor's process ended */
	EVENT_ACTION,  /* a fault applied or lifted, a sysctl written, a route changed */
	EVENT_READING, /* ss, nstat or ps answered, for one line */
	EVENT_CLOCK,   /* everything up to `to` has been observed (nothing else happened) */
	EVENT_DISTURBED, /* the run was disturbed: `note` says how */
};

#define SEEN_COUNT 8 /* arguments of a call of which it can be told what they were filled with */

struct event {
	enum event_kind kind;
	int order; /* from 1, in the order of observation made causal */
	ns_t from, to;
	int line;    /* the run's line that made the engine do it; -1: none (packets, signals) */
	int segment; /* SENT ARRIVED LOST: in timeline.segments */
	/* RETURN: it is as that line has it, no matter what else was seen; set by judge_resolve */
	const struct line *meets;
	enum host host;
	const char *descriptor; /* CALL, RETURN: the name that it is about, or NULL */
	const char *part;	/* of the actor; NULL: the host's main thread */

	/* CALL, RETURN */
	const char *call; /* its name */
	bool
	    blocked; /* RETURN: the script had gone on meanwhile; CALL: seen asleep in the kernel */
	bool abandoned; /* CALL: its process ended in it */
	ns_t begun;	/* RETURN: not later than that it had gone in */
	int64_t result;
	int error;	   /* errno, 0: none */
	const char *bound; /* RETURN: the name that the result was given, or NULL */
	/* RETURN: what argument i was filled with, in the language's notation */
	const char *seen[SEEN_COUNT];
	const struct arg **parsed; /* each of them; NULL: it is still to be done (judge_resolve) */
	const char *text;	   /* CALL: the call as made, arguments in full */

	const char *signal; /* SIGNAL, DEATH */
	int status;	    /* DEATH */
	int cause; /* SIGNAL, DEATH: the event that it follows at once; -1: none is known */

	/* READING */
	const char *process, *state; /* ps: whose, and in which it was; or NULL */
	struct socket_state socket;
	struct counter_reading *counters;
	size_t counter_count;

	const char *note; /* ACTION, DISTURBED; LOST: "vanished" when nobody reported it */
};

struct timeline {
	struct arena *arena;
	ns_t start; /* when the script's first line began */
	ns_t tick;
	struct event *events;
	size_t event_count;
	struct segment *segments;
	size_t segment_count;
	struct connection *connections;
	size_t connection_count;
	int last_order;
	size_t told_late; /* so many events stand where they happened, before others (passing.c) */

	/* Of timeline.c and its parts (timeline_parts.h) alone. */
	size_t first_open; /* no segment before it is open */
	struct victim *victims;
	size_t victim_count;
	struct expectation *expectations;
	size_t expectation_count;
	struct sender *senders;
	size_t sender_count;
	struct forging *forgings;
	size_t forging_count;

	/* What timeline_taken was told of, in the order in which it was met: for the engine. */
	struct taken {
		int segment;
		int fault;
	} * taken;
	size_t taken_count;
	struct pieces *pieces;
	size_t pieces_count;

	/* `capture headers`: see passing.c. */
	bool headers;
	struct passing {
		struct packet packet;
		unsigned char bytes[200]; /* its headers */
		ns_t stamp;
		enum host from;
		size_t before; /* of the events, where it would stand */
	} * passing;	       /* what has entered the router and not left it */
	size_t passing_first, passing_end, passing_room;
	uint64_t passed;   /* so many segments have */
	ns_t passed_at;	   /* when one of them was seen last */
	ns_t silent_until; /* until then there was silence, as a `quiet` has it */
	/* Called when an event has come to stand at `to`, and all behind it one place further. */
	void (*moved)(void *context, size_t to);
	void *moved_context;
};

void timeline_init(struct timeline *t, struct arena *a);

/* Append an event with the next order number; the pointer is good until the next append. */
struct event *timeline_event(struct timeline *t, enum event_kind kind, ns_t from, ns_t to);

/*
 * A packet seen on one of the router's links: `in` when it came from `link`'s host, else going out
 * to that host. Pairs what comes in with what goes out, keeps connections and relative numbers,
 * appends SENT and ARRIVED. An ICMP error that the router sends decides the fate of what it quotes.
 * What is for the router itself or for the whole link (ARP) arrives as it is sent. What a link says
 * to itself (ARP's answers, multicast listener reports ..) is no event.
 */
void timeline_packet(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in);

/*
 * The same of a packet that may merely pass, where that is all that is wanted of it: true, if it
 * does, and there is no more to be done. Of `p` nothing is kept.
 */
bool timeline_passes(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in);

/*
 * A fault at `host` reported a victim. May come before or after the capture's report of the same
 * packet; whichever is second completes it. `rejected`: the rule answered for it. A host's own
 * outgoing packet never reaches the router: it becomes SENT and LOST here.
 */
void timeline_victim(struct timeline *t, const struct packet *p, ns_t stamp, enum host host,
		     bool rejected);

/*
 * A fault at the router, of that id, reported a packet that it holds (FATE_HELD), has dropped to
 * put a spoiled copy in its place (FATE_CORRUPT), lets pass and doubles (FATE_TWICE), or keeps for
 * a time (FATE_ARRIVED). The segment is appended to `taken` when both this and its sight are there.
 */
void timeline_taken(struct timeline *t, const struct packet *p, ns_t stamp, enum fate fate,
		    int fault);

/* It is about to be put on the link to its target: what leaves next and is the same is it. */
void timeline_release(struct timeline *t, int segment);

/* What its line says of it: its fate, but HELD also after it was let go. */
enum fate segment_fate(const struct segment *s);

/*
 * Whatever entered the router before `before` and has neither left nor been reported is lost there.
 * The capture must have been read up to `before`. Should such a segment leave after all, it has
 * arrived.
 */
void timeline_settle(struct timeline *t, ns_t before);

/* True while some segment's fate is open. */
bool timeline_unsettled(const struct timeline *t);

/*
 * Names for connections. connecting: `name`'s connect() to `to`:`port` is about to be made by
 * `host`; the next new SYN from there to that address is its. accepted: accept() gave `name`, whose
 * peer is `peer`:`port`: a second name for the newest connection with that peer. sending: `name`'s
 * call that sends data is about to be made by `host`; a datagram that leaves from there until the
 * next such call is its.
 */
void timeline_connecting(struct timeline *t, const char *name, enum host host, const struct ip *to,
			 uint16_t port);
void timeline_accepted(struct timeline *t, const char *name, enum host host, const struct ip *peer,
		       uint16_t port);

void timeline_sending(struct timeline *t, const char *name, enum host host);

/* dup() made `name` of `of`: one more name of its connection, if it has one. */
void timeline_duplicated(struct timeline *t, const char *name, const char *of);

/* ---- forged segments ---- */

/* A segment that the engine is about to put on the link to its target. */
struct forging {
	const struct packet *packet; /* as the capture will show it */
	int connection, end;	     /* whose it is, and in the name of which end */
	int line;		     /* of the run */
};

/* A connection that a forged segment is about to begin, of that name; its index. End 0 forges. */
int timeline_begin(struct timeline *t, const char *name, const struct ip *from, uint16_t from_port,
		   const struct ip *to, uint16_t to_port);

/*
 * From now on the next packet that is seen leaving and is the same as this one is it: a segment
 * that is sent and arrives at once. Until it has been seen, nothing is known of it.
 */
void timeline_forging(struct timeline *t, const struct forging *f);

/*
 * What a relative number of end `e` of connection `c` is on the wire: the inverse of what the time
 * line does with numbers. In a direction that has shown nothing to count from they are raw; unless
 * this one is what shows it (`first`: the sequence number of a SYN, the time stamp of a segment):
 * then they count from a number of our own, the same in every run.
 */
uint32_t wire_seq(const struct timeline *t, int c, int e, bool first, int64_t relative);
uint32_t wire_time(const struct timeline *t, int c, int e, bool first, int64_t relative);
/* Of end `e`'s window in bytes, in a segment that is (not) a SYN. */
int64_t wire_window(const struct timeline *t, int c, int e, bool syn, int64_t bytes);

/*
 * What end `e` would send next: one past the highest number up to which everything has been seen of
 * it, forged or not, lost or not; relative, 0 if nothing has.
 */
int64_t direction_next(const struct timeline *t, int c, int e);
/* The newest segment of that direction but a RST, which comes from no socket; NULL: none. */
const struct segment *direction_newest(const struct timeline *t, int c, int e);

/* The newest connection of that name, -1: none. */
int timeline_find(const struct timeline *t, const char *name);

/* How many accept() have told that name, NULL: any, of a connection that has not been seen yet. */
size_t timeline_told(const struct timeline *t, const char *name);

/*
 * Whether it is one of TCP, and no call of `host`, whose end is one of its two, has named it; nor
 * has that end refused it, so that no accept() ever will.
 */
bool connection_is_unaccepted(const struct connection *c, enum host host);

/*
 * The event that has waited longest of those since there were `seen` events, `told_late` of which
 * had been told late. What is told late says nothing about that. There is one at least.
 */
const struct event *timeline_longest_waiting(const struct timeline *t, size_t seen,
					     size_t told_late);

/* The end of connection `c` that `host` is, -1: neither. */
int connection_end(const struct connection *c, enum host host);

#endif
