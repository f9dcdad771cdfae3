/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time line: everything that was observed in one run, in one order.
 *
 * The engine appends to it what the actors, the capture, the fault logs and the kernel's socket
 * tables report; the verdict, the transcript, the captures and result.json are functions of it.
 * Nothing here knows what the script expects.
 *
 * Every event has an interval [from, to] in which it truly happened. A packet's is a point, the
 * kernel's own stamp. A call that returned at once lies between the clock readings around it; the
 * return of a call that blocked lies between the clock reading at its return, minus the time for
 * which the thread was runnable but had to wait for a CPU (schedstat), and that reading. So load
 * can widen an interval but never move an event out of it.
 *
 * Packets are seen at the router, on one capture of both its links, whose order is total: `order`
 * numbers grow in that order. A packet that crosses the router has two places in that order, sent
 * and arrived.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "harness/ast/ast.h"
#include "harness/base/arena.h"
#include "harness/base/clock.h"
#include "harness/packet/packet.h"
#include "harness/packet/socket_state.h"
#include "harness/timeline/withheld.h"

/* ---- connections ---- */

/*
 * One incarnation of a 4-tuple. End 0 is the one that sent its first observed packet.
 *
 * Or a flow: all packets of one socket without connections, to any destination. Then end 0 is that
 * socket and there is no end 1. A UDP flow is identified by address and port, a flow of pings by
 * the address and the identifier in its requests.
 */
struct connection {
	enum packet_kind kind; /* TCP; of a flow: UDP or ECHO */
	const char **names;    /* descriptors that took part, the first one first */
	int name_count;
	/*
	 * A forged SYN began it, under the name of an earlier incarnation. That segment is counted
	 * in the earlier one: nobody could know then that it would begin a new one.
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
		bool acked;   /* something of it was acknowledged: its ISN is final */
		bool named;   /* a connect() or an accept() of this end gave a name */
		bool refused; /* its RST has arrived while it had sent no SYN */
		struct direction {
			uint32_t next; /* its next number, a FIN not counted */
			struct hole {
				uint32_t from, to;
			} holes[8]; /* the parts below it that it has not sent */
			int hole_count;
			uint32_t ack; /* its last acknowledgement, with this window */
			uint16_t window;
		} direction; /* as on the wire; of passing.c */
	} end[2];
};

/* ---- segments in the time line: a packet, its connection and its fate ---- */

struct segment {
	const struct packet *packet;
	int id;		/* in timeline.segments */
	enum host from; /* who sent it; the router for packets that it made itself */
	enum host to;
	int connection; /* in timeline.connections; -1: none (ARP, strangers) */
	int end; /* which end of it the source address is; ICMP: of the quoted packet; an echo's
		    reply: 1 */
	/*
	 * Relative to the direction's ISN; raw if has_isn is false (RFC: a RST to a SYN has seq 0),
	 * and always in such a RST. An ICMP error has the seq and ack of the packet that it quotes.
	 * ack is 0 without the ACK flag; urgent is the header's pointer, an offset from seq, and 0
	 * without the URG flag.
	 */
	int64_t seq, ack, urgent;
	int64_t sack[MAX_SACK_BLOCKS][2];
	int64_t window; /* in bytes: scaled, but not in a SYN */
	/*
	 * The fate that a fault of the router gives it, if that does not simply end it
	 * (timeline_taken). A held segment keeps this fate when it has been released and has
	 * arrived.
	 */
	bool held, delayed;
	int due;		   /* how many times it will still leave */
	bool forged;		   /* `from` never sent it: the engine did, in its name */
	int64_t ts_value, ts_echo; /* relative to each direction's first */
	enum fate fate;		   /* FATE_ARRIVED until decided */
	bool decided; /* fate is final; but an end's own firewall may report it LOST there later */
	bool
	    inferred; /* LOST because it vanished or an ICMP error quoted it: a report may follow */
	enum host lost_at;  /* LOST or REJECTED: HOST_ROUTER or the end whose firewall took it */
	ns_t sent, arrived; /* arrived 0: did not (yet) */
	int sent_order, arrived_order; /* place in the time line's order; 0: none */
	int fault_line; /* the line of the run whose fault took or kept it; -1: none, or not known
			 */
};

/* ---- readings ---- */

struct counter_reading {
	const char *name;
	int64_t delta;
	bool known; /* this kernel has a counter of that name */
};

/* ---- events ---- */

enum event_kind {
	EVENT_CALL,	 /* an actor entered a call */
	EVENT_RETURN,	 /* and came back */
	EVENT_SENT,	 /* a segment entered the router (or its own host's firewall took it) */
	EVENT_ARRIVED,	 /* it left the router towards its host */
	EVENT_LOST,	 /* it is known that it will not arrive */
	EVENT_HELD,	 /* the router keeps it: for a time ("delayed"), or until it is released */
	EVENT_SIGNAL,	 /* a handler ran in an actor */
	EVENT_DEATH,	 /* an actor's process ended */
	EVENT_ACTION,	 /* a fault applied or lifted, a sysctl written, a route changed */
	EVENT_READING,	 /* ss, nstat or ps answered, for one line */
	EVENT_CLOCK,	 /* everything up to `to` has been observed (nothing else happened) */
	EVENT_DISTURBED, /* the run was disturbed: `note` says how */
};

struct event {
	enum event_kind kind;
	int order; /* from 1, in the order of observation, corrected to be causal */
	ns_t from, to;
	int line;    /* the run's line that caused it; -1: none (packets, signals) */
	int segment; /* SENT ARRIVED LOST: in timeline.segments */
	/* SENT ARRIVED: the number of the captured packet that showed it, from 1; 0: none did */
	int frame;
	/* RETURN: it is as that line says, whatever else was seen; set by judge_resolve */
	const struct line *meets;
	enum host host;
	const char *descriptor; /* CALL, RETURN: the name that it uses, or NULL */
	const char *part;	/* of the actor; NULL: the host's main thread */

	/* CALL, RETURN */
	const struct call_row *call;
	bool
	    blocked; /* RETURN: the script had gone on meanwhile; CALL: seen asleep in the kernel */
	bool abandoned; /* CALL: its process ended in it */
	ns_t begun;	/* RETURN: it had been entered by then; READING: when it was first asked */
	ns_t waited;	/* of a program: it, and its tracer, had had no CPU for so long by then */
	/* CALL, ACTION, READING: all that had happened by then was known to who began it */
	ns_t known;
	int64_t result;
	int error;	   /* errno, 0: none */
	const char *bound; /* RETURN: the name that the result was given, or NULL */
	/* RETURN: the value filled into argument i, in the language's notation */
	const char *seen[SEEN_COUNT];
	const struct arg **parsed; /* each of them; NULL: not yet computed (judge_resolve) */
	const char *text;	   /* CALL: the call as made, arguments in full */

	/*
	 * CALL, RETURN, DEATH of the program under test, whose line is -1 and whose parts are t2,
	 * t3
	 * .. (NULL: its first task). Its calls may have no row, but have a name. Descriptors have
	 * their numbers, so what they are is known from their inodes.
	 */
	bool program;
	const char *name;
	int fd;		/* the descriptor that it is about; -1: none, or several */
	uint64_t inode; /* the inode of that one's socket; 0: it is none of the lab's network */
	uint64_t made;	/* RETURN: of the socket that it has made; 0: none */

	int signal;  /* SIGNAL, DEATH; 0: it ended by itself */
	int status;  /* DEATH */
	bool others; /* DEATH: other processes of the program were still there */
	int cause;   /* SIGNAL, DEATH: the event that it follows at once; -1: not known */

	/* READING */
	const char *process; /* ps: of that process, or NULL */
	char state;	     /* its state; 0: none */
	struct socket_state socket;
	struct counter_reading *counters;
	size_t counter_count;

	/* DISTURBED: somebody only had to wait for a CPU; it matters if something happened then */
	bool slow, if_eventful;
	const char *note; /* ACTION, DISTURBED; LOST: "vanished" when nobody reported it */
};

/*
 * The options of a program's socket, as its kernel had them when they were read: before it was
 * closed, or when the program ended. They are known however they were set.
 */
struct socket_options {
	bool keepalive;			/* SO_KEEPALIVE, and in force then: */
	int64_t idle, interval, probes; /* TCP_KEEPIDLE, TCP_KEEPINTVL (s), TCP_KEEPCNT */
	int64_t user_timeout;		/* TCP_USER_TIMEOUT in ms; 0: none */
	bool receive_limit, send_limit; /* SO_RCVTIMEO, SO_SNDTIMEO */
};

struct program_socket {
	enum host host;
	uint64_t inode;
	struct socket_options options;
};

struct timeline {
	struct arena *arena;
	ns_t start; /* when the script's first line began */
	ns_t tick;
	int frame; /* the number of the packet that the capture shows just now; 0: it shows none */
	struct event *events;
	size_t event_count;
	struct segment *segments;
	size_t segment_count;
	struct connection *connections;
	size_t connection_count;
	int last_order;
	ns_t watched;		  /* of a failure: until when the program's end was waited for */
	bool left_early;	  /* .. which was not long enough to say that it hangs, .. */
	const char *left_why;	  /* .. for this reason */
	ns_t computed[LAB_HOSTS]; /* in real time: when its program was last seen to compute */
	size_t told_late;	  /* events that were inserted before others (passing.c) */
	struct withheld_list withheld;
	struct program_socket *sockets; /* in the order in which they were read */
	size_t socket_count;

	/* Only for timeline.c and its parts (timeline_parts.h). */
	size_t first_open; /* no segment before it is open */
	struct victim *victims;
	size_t victim_count;
	struct expectation *expectations;
	size_t expectation_count;
	struct sender *senders;
	size_t sender_count;
	struct forging *forgings;
	size_t forging_count;

	/* The segments of timeline_taken, in the order in which they were completed: for the
	 * engine. */
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
		int frame;
		size_t before; /* its place among the events */
	} * passing;	       /* segments that have entered the router and not left it */
	size_t passing_first, passing_end, passing_room;
	uint64_t passed;   /* how many segments have */
	ns_t passed_at;	   /* when one of them was seen last */
	ns_t silent_until; /* until then there was silence, by a `quiet` */
	/* Called when an event was inserted at `to`, and all later ones moved one place further. */
	void (*moved)(void *context, size_t to);
	void *moved_context;
};

/* Whether it is a segment that is sent or arrives. */
bool event_is_packet(const struct event *e);

/* ---- moments.c: in which order events are told ---- */

struct moment {
	ns_t at;
	const struct event *event;
	bool is_end; /* the second moment of an event that has two */
};

/* They are given in the order of events. */
void moments_sort(struct moment *moments, size_t count);

void timeline_init(struct timeline *t, struct arena *a);

/* Append an event with the next order number; the pointer is valid until the next append. */
struct event *timeline_event(struct timeline *t, enum event_kind kind, ns_t from, ns_t to);

/*
 * A packet seen on one of the router's links: `in` when it came from `link`'s host, else going out
 * to that host. Pairs what comes in with what goes out, keeps connections and relative numbers,
 * appends SENT and ARRIVED. An ICMP error that the router sends decides the fate of the packet that
 * it quotes. Packets for the router itself or for the whole link (ARP) arrive when they are sent.
 * Traffic of a link with itself (ARP's answers, multicast listener reports ..) is not an event.
 */
void timeline_packet(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in);

/*
 * The same for a packet that may merely pass, if passing packets need not be recorded: true if it
 * does, and nothing more must be done. Nothing of `p` is kept.
 */
bool timeline_passes(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in);

/*
 * A fault at `host` reported a victim. May come before or after the capture's report of the same
 * packet; whichever is second completes it. `rejected`: the rule answered it. A host's own outgoing
 * packet never reaches the router: it becomes SENT and LOST here. `line`: that of the fault; -1:
 * not known.
 */
void timeline_victim(struct timeline *t, const struct packet *p, ns_t stamp, enum host host,
		     bool rejected, int line);

/*
 * A fault at the router, of that id, reported a packet that it holds (FATE_HELD), has dropped to
 * replace it by a corrupted copy (FATE_CORRUPT), lets pass and duplicates (FATE_TWICE), or keeps
 * for a time (FATE_ARRIVED). `line`: likewise. The segment is appended to `taken` when both this
 * report and the capture's packet have come.
 */
void timeline_taken(struct timeline *t, const struct packet *p, ns_t stamp, enum fate fate,
		    int fault, int line);

/* It will now be injected on the link to its target: the next leaving packet that is the same is
 * this one. */
void timeline_release(struct timeline *t, int segment);

/* Its fate as in its line: HELD even after it was released. */
enum fate segment_fate(const struct segment *s);

/*
 * Every segment that entered the router before `before` and has neither left nor been reported is
 * lost there. The capture must have been read up to `before`. If such a segment leaves later, it
 * has arrived.
 */
void timeline_settle(struct timeline *t, ns_t before);

/* True while some segment's fate is open. */
bool timeline_unsettled(const struct timeline *t);

/*
 * Names for connections. connecting: `host` will now make `name`'s connect() to `to`:`port`; the
 * next new SYN from there to that address belongs to it. accepted: accept() gave `name`, whose peer
 * is `peer`:`port`: a second name for the newest connection with that peer. sending: `host` will
 * now make a call of `name` that sends data; a datagram that leaves from there until the next such
 * call belongs to it.
 */
void timeline_connecting(struct timeline *t, const char *name, enum host host, const struct ip *to,
			 uint16_t port);
/* The same for a call that began at that moment. */
void timeline_connecting_since(struct timeline *t, const char *name, enum host host,
			       const struct ip *to, uint16_t port, ns_t since);
void timeline_accepted(struct timeline *t, const char *name, enum host host, const struct ip *peer,
		       uint16_t port);

void timeline_sending(struct timeline *t, const char *name, enum host host);
void timeline_sending_since(struct timeline *t, const char *name, enum host host, ns_t since);

/* dup() made `name` from `of`: one more name of its connection, if it has one. */
void timeline_duplicated(struct timeline *t, const char *name, const char *of);

/* ---- forged segments ---- */

/* A segment that the engine will inject on the link to its target. */
struct forging {
	const struct packet *packet; /* as the capture will show it */
	int connection, end;	     /* its connection, and the end whose name it uses */
	int line;		     /* of the run */
};

/* A connection of that name that a forged segment will begin; returns its index. End 0 forges. */
int timeline_begin(struct timeline *t, const char *name, const struct ip *from, uint16_t from_port,
		   const struct ip *to, uint16_t to_port);

/*
 * From now on the next leaving packet that is the same is this one: a segment that is sent and
 * arrives at once. Until then it is not on the time line.
 */
void timeline_forging(struct timeline *t, const struct forging *f);

/*
 * The wire's number for a relative number of end `e` of connection `c`: the inverse of the time
 * line's conversion. In a direction without a start they are raw; unless this segment sets the
 * start (`first`: the sequence number of a SYN, the time stamp of a segment): then they count from
 * a number of our own, the same in every run.
 */
uint32_t wire_seq(const struct timeline *t, int c, int e, bool first, int64_t relative);
uint32_t wire_time(const struct timeline *t, int c, int e, bool first, int64_t relative);
/* The header's field for end `e`'s window in bytes, in a segment that is (not) a SYN. */
int64_t wire_window(const struct timeline *t, int c, int e, bool syn, int64_t bytes);

/*
 * The next number of end `e`: one past the highest number up to which everything has been seen,
 * forged or not, lost or not; relative, 0 if nothing has been seen.
 */
int64_t direction_next(const struct timeline *t, int c, int e);
/* The newest segment of that direction except a RST, which comes from no socket; NULL: none. */
const struct segment *direction_newest(const struct timeline *t, int c, int e);

/* The newest connection of that name, -1: none. */
int timeline_find(const struct timeline *t, const char *name);

/* How many accept() have reported that name (NULL: any) for a connection that has not been seen
 * yet. */
size_t timeline_told(const struct timeline *t, const char *name);

/*
 * Whether it is a TCP connection of `host` that no call of `host` has named, and that `host` has
 * not refused (then no accept() will ever name it).
 */
bool connection_is_unaccepted(const struct connection *c, enum host host);

/*
 * The event that has waited longest among those since there were `seen` events, `told_late` of
 * which had been inserted late. Late ones do not count. There is at least one.
 */
const struct event *timeline_longest_waiting(const struct timeline *t, size_t seen,
					     size_t told_late);

/* The end of connection `c` that belongs to `host`, -1: neither. */
int connection_end(const struct connection *c, enum host host);

#endif
