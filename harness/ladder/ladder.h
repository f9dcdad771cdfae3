/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ladder diagram of a run, without any form: what stands in which row, from top to bottom.
 *
 * There are three life lines: client, router, server. Rows follow the order of events, and are no
 * scale of time.
 */
#ifndef LADDER_H
#define LADDER_H

#include "harness/engine/engine.h"
#include "harness/ladder/ladder_state.h"

enum rung_kind {
	RUNG_FLIGHT, /* a packet on its way */
	RUNG_ENTER,  /* a call that goes on below it */
	RUNG_RETURN, /* .. and its end */
	RUNG_TOLD,   /* what else happened at a host: a whole call, a reading, a signal, a fault */
	RUNG_WAIT,   /* nothing happened for some time */
	RUNG_LEFT_OUT, /* rows are left out here: the text says which */
};

/* How a life line is drawn. */
enum life {
	LIFE_IDLE,
	LIFE_BUSY,   /* a call goes on; at the router: packets wait */
	LIFE_BUSIER, /* several */
	LIFE_DEAD,   /* it has crashed */
};

/* How a flight ends. */
enum flight_end {
	FLIGHT_ARRIVES,
	FLIGHT_LOST,  /* where `to` is */
	FLIGHT_WAITS, /* at the router, which it leaves in another row, or never */
};

struct rung {
	enum rung_kind kind;
	ns_t at;	  /* since the script's first line began */
	enum host host;	  /* ENTER, RETURN, TOLD: beside whose life line */
	const char *text; /* what is written there, or at the arrow; in UTF-8, without control
			     characters */
	const struct event *event; /* NULL: none */

	enum life life[LAB_HOSTS];
	struct life_state state[LAB_HOSTS];
	const char *timer; /* FLIGHT: which has sent it; NULL: none, or not known since when .. */
	ns_t set;	   /* .. it ran */
	size_t events;	   /* how many of the time line are here for the first time */
	bool is_bad;	   /* an errno */

	/* FLIGHT: between two life lines, neighbours or not */
	const struct segment *segment; /* of several: the first one */
	bool is_many;		       /* several segments in one row: the text says how many */
	enum host from, to;
	enum flight_end end;
};

/* A reading of a TCP socket, and what was known of that one before. */
struct ladder_reading {
	const struct event *event;
	enum ss_state expected; /* SS_UNKNOWN: nothing */
	enum ss_state seen;
};

struct ladder {
	struct rung *rungs;
	size_t count;
	struct ladder_reading *readings;
	size_t reading_count;
};

void ladder_make(struct arena *a, const struct observation *o, struct ladder *out);

/*
 * ladder_fold.c: leaves out what repeats itself, and joins segments of a transfer. A ladder that
 * has more than LADDER_MOST rungs all the same loses those in its middle.
 */
#define LADDER_MOST 400
void ladder_fold(struct arena *a, struct ladder *ladder);
/* Whether all life lines have the same states. */
bool rungs_share_states(const struct rung *a, const struct rung *b);

/*
 * ladder_timer.c: the timer that made the sender send this segment, if nothing else can have done
 * it: nothing had happened for some time. NULL: the segment does not tell.
 */
const char *segment_timer(const struct timeline *t, const struct segment *s);

/* ---- how it is laid out: lines of characters that all have the same width ---- */

/* What the states of sockets have in common, for their colors. */
enum tint {
	TINT_NONE, /* there is none, or it is not known */
	TINT_LISTEN,
	TINT_OPENING,
	TINT_OPEN,
	TINT_CLOSING, /* this end has closed first */
	TINT_LEFT,    /* the other end has closed first */
	TINT_WAITING, /* TIME-WAIT */
	TINTS,
};
enum tint state_tint(enum ss_state state);

struct ladder_layout;

struct ladder_line {
	const struct rung *rung; /* which it belongs to */
	const char *time;	 /* the rung's, in its first line; else NULL */
	bool folded;		 /* time or rows are left out here */
	/* Beside the client or the server; NULL: nothing. Or across the life lines. */
	const char *text;
	int column;
	/* FLIGHT: between these columns, the ends of the arrow; the text is its label. */
	bool has_flight;
	int from, to;
	bool is_rightward;
	/* The state that a life line has from here on, beside it; NULL: the same as before. */
	struct ladder_label {
		const char *text;
		int column;
	} states[LAB_HOSTS];
	/* A timer runs at that host: a span beside the life line. In its last line it has sent. */
	enum { SPAN_NONE, SPAN_RUNS, SPAN_ENDS } spans[LAB_HOSTS];
	struct ladder_label timers[LAB_HOSTS]; /* its name and duration; NULL: none */
};

/* The column of spans, beside the life line, outside. */
int span_column(const struct ladder_layout *layout, enum host host);

struct ladder_layout {
	int line[LAB_HOSTS]; /* the columns of the life lines */
	struct ladder_line *lines;
	size_t count;
};

#define LADDER_COLUMNS 100
#define LADDER_TIME    10 /* columns of the time, at the left */

void ladder_lay_out(struct arena *a, const struct ladder *ladder, struct ladder_layout *out);
/* Of a run: makes its ladder, too. */
void ladder_lay_out_run(struct arena *a, const struct observation *o, struct ladder_layout *out);

/* ---- how it is drawn ---- */

/*
 * For a terminal, in UTF-8, with colors. ladder_adapt() takes away what the terminal does not have:
 * whoever draws it (a guest, perhaps) does not know that.
 */
void ladder_print(FILE *out, const struct ladder_layout *layout);
void ladder_adapt(FILE *out, const char *bytes, size_t length, bool colored, bool utf8);
/* How long the look (a color, or its end) is that begins there; 0: none of a ladder's does. */
size_t ladder_look(const char *bytes, size_t left);

/* How a picture looks, in CSS: it has this in it; a page that shows several needs it once. */
extern const char ladder_style[];

/*
 * As a picture, for light and dark pages. `title`: what it shows. Each line is LADDER_LINE pixels
 * high, the first one begins LADDER_HEAD below the top. The lines that tell of an event are in a
 * group, <g data-event="N">, N being its place in result.json.
 */
#define LADDER_LINE 18
#define LADDER_HEAD 30 /* also below the last one */
void ladder_svg(FILE *out, const struct ladder_layout *layout, const char *title);

#endif
