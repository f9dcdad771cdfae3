/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP socket: its state, and what of its past tells the next one.
 */
#ifndef TCP_SOCKET_H
#define TCP_SOCKET_H

#include "harness/ladder/tcp_course.h"
#include "harness/timeline/timeline.h"

struct tcp_socket {
	/* What is known from the beginning. */
	enum host host;
	int connection;	     /* -1: a listener */
	uint16_t port;	     /* its own */
	int last_syn_ack;    /* the order of the last one that it sends; 0: it sends none */
	ns_t last_sent;	     /* when it sends anything but a RST for the last time .. */
	int last_sent_order; /* .. and the order of that */
	ns_t reset_at;	     /* when it sends its first RST; 0: it sends none */
	int reset_after;     /* .. and the order of the packet before, that it has sent or got */

	enum ss_state state;
	struct tcp_socket *newer, *older; /* of that host, in the order of their last changes */

	/* What it has got and sent. Relative numbers. */
	bool passive; /* a listener has made it */
	bool queued;  /* .. and no accept() has taken it yet */
	bool fast;    /* .. of Fast Open: it has taken the SYN's data, and waits in the queue */
	bool taken;   /* .. an accept() has taken it */
	bool cookie;  /* its SYN-ACK is a cookie: there is no socket behind it */
	bool doubt;   /* the listener may have refused what would complete it */
	int64_t next, acked_to,
	    edge; /* in order up to here; it has acknowledged this, allows that */
	int64_t later_from, later_to; /* and it has got this behind a hole; 0: nothing */
	int64_t peer_fin, fin;	      /* where the FINs end; 0: none yet */
	int64_t sent, acked;	      /* up to here; .. of which this is acknowledged */
	int last_order;		      /* of the last packet that it has sent or got */
	int64_t stamp_first, stamp;   /* time stamps of its first SYN, and the newest it has sent */
	bool started;		      /* it has sent something */
	bool asks;		      /* .. which will be repeated if there is no answer */
	bool repeated;		      /* .. more than once */
	bool probes;		      /* the other end's window is shut, and it asks about that */
	bool signs;		      /* TCP_MD5SIG: what has no signature does not count */
	ns_t sent_at, gap;	      /* the last time; how long after the time before */

	/* What its process does. */
	int references;	    /* descriptors */
	bool closed;	    /* one of them .. */
	const char *closer; /* .. by that part of the host, the last time */
	bool orphan;	    /* none is left .. */
	bool unsure;	    /* or one, perhaps */
	int sleepers;	    /* calls that sleep and keep it open */
	bool reports;	    /* IP_RECVERR: its calls have errors that do not end it */
	bool repair;	    /* TCP_REPAIR: it goes without a packet */
	bool rfc1337;	    /* its host has tcp_rfc1337 */
	ns_t linger;	    /* TCP_LINGER2; 0: as the host has it */
	int64_t least_ttl;  /* IP_MINTTL, IPV6_MINHOPCOUNT: what arrives with less does not count */

	/* The timer of TIME-WAIT or FIN-WAIT-2 ends between these. 0: there is none. */
	ns_t due, over;
	ns_t timer; /* its exact duration; 0: not known */
};

void tcp_socket_step(struct tcp_socket *s, enum tcp_step step);

/* How its listener answers. */
enum tcp_listening {
	LISTENING,
	LISTENING_MAYBE_COOKIE, /* its SYN-ACK may be a cookie */
	LISTENING_COOKIE,	/* .. and is one */
	LISTENING_MAYBE_NOT,	/* it may not take what completes a handshake .. */
	LISTENING_NOT,		/* .. and does not */
};

void tcp_socket_sends(struct tcp_socket *s, const struct segment *segment,
		      enum tcp_listening listening);
void tcp_socket_gets(struct tcp_socket *s, const struct segment *segment, ns_t at, int order,
		     enum tcp_listening listening);
/* An accept() has given it to a process. */
void tcp_socket_accepted(struct tcp_socket *s);

/* Its last descriptor is closed: whether it sends a RST for that, and no FIN. */
bool tcp_socket_resets(const struct tcp_socket *s, ns_t at);

/* It has entered FIN-WAIT-2 or TIME-WAIT, or has no process any more: sets its timer. */
void tcp_socket_set_timer(struct tcp_socket *s, ns_t at, ns_t fin_timeout);
/* As much time has passed. */
void tcp_socket_wait(struct tcp_socket *s, ns_t at);

/* Its state at that moment. */
enum ss_state tcp_socket_state(const struct tcp_socket *s, ns_t at);

#endif
