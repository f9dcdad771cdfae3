/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the judge share while they judge one run: see judge.c for how they fit
 * together.
 */
#ifndef JUDGE_TRIAL_H
#define JUDGE_TRIAL_H

#include "harness/base/numbering.h"
#include "harness/judge/judge.h"

/* The connections that go by one name are a group; that of a line, of which they are. */
enum {
	GROUP_UNSEEN = -1, /* of none that has been seen */
	GROUP_NONE,	   /* of no connection: neighbour requests */
	GROUP_STRANGERS,   /* of one without a name: no line can name it */
	GROUP_FIRST,
};

/* Found by lookup.c. Events and lines are indices, -1: none. */
struct lookup {
	struct numbering names;	 /* of all connections */
	int *newest;		 /* the newest connection that has each of them */
	const char **group_name; /* canonical; NULL: GROUP_NONE */
	size_t group_count;
	int *of_connection;  /* the group of each connection */
	int *of_name;	     /* the group of each name that lines have (run_index) */
	int *of_line;	     /* the group of each line's connection */
	int *first, *next;   /* events of line i: first[i], next[first[i]] .. */
	int *sent, *arrived; /* the first such event of each segment */
	const int *resuming,
	    *resumed;  /* the line that resumes the open call in line i; which one i resumes */
	bool happened; /* there is a signal or a death */
	int disturbed; /* the first such event */
	bool *may_be_promised; /* of each group: an accept() may be about to name one of them */
	bool is_unsure;	       /* there is more than one such connection */
	size_t promised[2][HOST_COUNT]; /* the first line about such a name: sent by, arriving at */
	ns_t *heard; /* see lookup_heard; made when it is first asked for, of what is not settled */
	size_t heard_count;
};

/* What is settled (settled.c): so many of each, from the first one on. */
struct settled {
	size_t lines, events, segments;
	ns_t heard; /* when the last of what `quiet` hears was over */
	ns_t quiet; /* until when there has been silence, as it is written */
};

struct trial {
	struct arena *arena;
	struct arena *lasting; /* for what the next judgement goes on from; may be the same */
	struct undo *undo;     /* how to take back what is not settled; NULL: nobody will */
	struct settled settled;
	size_t room_events, room_segments; /* so many there is room for */
	const struct run *run;
	const struct run_index *index;
	const struct timeline *timeline;
	size_t done;
	bool over;
	size_t wanting; /* how often value_matches could not compare: a name has no number yet */
	struct numbering
	    *variables; /* of values.c: those of `out`; NULL: they are looked through */
	struct mismatch {
		int event;
		int line;	    /* at which its stream stands; -1: no line is left there */
		const char *differ; /* in what the segment is another one; NULL: nothing to say */
	} * mismatches;
	size_t mismatch_count;
	struct lookup lookup;
	struct page *page;
	struct marks *group_lanes; /* what is in the lane of each group and host, of order.c */
	struct marks *actor_lanes; /* and in that of each actor */
	bool *arrival_written;	   /* of each segment: a line speaks of its arrival alone */
	bool *taken;		   /* of each segment: an arrival line has it */
	int *of_call;	  /* of each line: the group of the descriptor that its call was about */
	bool *plainly;	  /* of each line: no more was asked than that an acknowledgement comes */
	bool *unanswered; /* of each line: its segment is an ACK that nobody would answer */
	size_t met_end;	  /* one past the last line that is met */
	bool tentative;	  /* something has been passed over that what is to come may bring back */
	bool doubtful;	  /* what is settled is not enough to go on from */
	struct judgement *out; /* its variables: calls bind first, then down the page */
};

/* ---- trial.c: lines, names, problems ---- */

/* The line `index` is met by `event` (and `segment`), both -1 where there is none. */
void line_met(struct trial *t, size_t index, int event, int segment, ns_t from, ns_t to);

/*
 * The line is not met, and never will be; `got` in notation, event -1 if nothing came. `differ`: in
 * what that is another one ("data differ"); NULL: it is plain to see.
 */
struct problem *problem_add(struct trial *t, size_t line, int event, const char *got,
			    const char *differ);
/* Likewise, but a matter of when: both in words. */
struct problem *problem_timing(struct trial *t, size_t line, int event, const char *expected,
			       const char *got);
/* The event came, and no line asks for it: it is named where it happened in time. */
void problem_unasked(struct trial *t, int event);
/* Each in one sentence, when all is known. */
void problems_word(struct trial *t);

/*
 * The name under which all names of a connection go: that of the first descriptor that took part.
 */
const char *canonical_name(const struct timeline *t, const char *name);

/*
 * Whether the line is about a datagram and the connection is a flow. Then the line may have been
 * meant for that one's datagram: whose flow a line is about depends on who is written to send.
 */
bool both_datagrams(const struct trial *t, const struct line *line, const char *connection);

bool same_actor(const struct line *line, enum host host, const char *part);
/* In a sentence about another line: what it says happens, without when, and without padding. */
const char *line_reference(struct arena *a, const struct line *line);

/* Where in the list the lines begin that are not settled. */
size_t first_unsettled(const struct trial *t, const struct line_list *lines);

/* ---- settled.c ---- */

/* Before anything is altered that the next judgement finds again. */
void will_alter(struct trial *t, void *what, size_t size);
/* Room for one item of so many, the first `had` of which are there already. */
void *more_room(struct trial *t, const void *items, size_t had, size_t count, size_t size);

/* ---- place.c: where in the script an event stands ---- */

struct spot {
	size_t after; /* the last line that had happened */
	size_t limit; /* the first one that was not expected yet */
};
struct spot spot_of(const struct trial *t, int event);
/* From when on the line was expected; INT64_MIN: that cannot be told. */
ns_t expected_since(const struct trial *t, size_t index);

/* Why `data (n)` does not take a segment. */
#define RETRANSMITTED "a retransmission, which needs a line of its own"

/* ---- near.c: what was nearly what a packet line says ---- */

struct near {
	int event;
	const char *text;   /* in notation */
	const char *differ; /* in what it is another one */
};
/* Of what no line has met: what is nearest to the line `index`. False: nothing is. */
bool near_find(struct trial *t, size_t index, struct near *n);
/* If that segment's arrival is what the line says but for one thing: what differs. NULL: it is not.
 */
const char *near_arrival(struct trial *t, size_t index, const struct segment *s);

/* ---- lookup.c ---- */

/* What belongs to what among lines and connections. */
void lookup_open(struct trial *t);
/* All events that are not settled. */
void lookup_events(struct trial *t);
/* Both, for who only wants to look something up. */
void lookup_all(struct trial *t);
/* Whether `quiet` hears it. */
bool event_is_heard(const struct event *e);
/* The group that a segment belongs to. */
int segment_group(const struct trial *t, const struct segment *s);
/* The group of the descriptor that a call was about, GROUP_NONE: of none. */
int event_group(const struct trial *t, const struct event *e);
/* The first event of that kind that line `index` has brought about, -1: none. */
int lookup_event(const struct trial *t, enum event_kind kind, size_t index);
/* Whether anything that `quiet` hears was over later than `after` and not later than `until`. */
bool lookup_heard(struct trial *t, ns_t after, ns_t until);

/* ---- promised.c: names that an accept() is still to give ---- */

/* When it is known which connections there are. */
void promised_open(struct trial *t);
/*
 * Whether line `index` or one above it, of that kind and host, may be about that group, which
 * cannot be said yet.
 */
bool promised_to(const struct trial *t, int group, enum line_kind kind, enum host host,
		 size_t index);

/* ---- values.c ---- */

/* Whether a number is what is written; binds a variable that is seen for the first time. */
bool value_matches(struct trial *t, const struct value *written, int64_t seen);
/* The number that a value comes to without matching; false: not known (yet). */
bool value_known(const struct trial *t, const struct value *v, int64_t *number);

/* ---- packets.c: streams ---- */

/* Whose it is: the first name of its connection, "?" of a stranger's; NULL: of none. */
const char *segment_connection(const struct timeline *t, const struct segment *segment);
/* Whether the line asks for no more than that an acknowledgement comes so far. */
bool line_asks_plainly(const struct trial *t, const struct line *line);

/* ---- calls.c ---- */

/* Whether the return `e` has the result that is written, apart from what was filled in. */
bool result_matches(struct trial *t, const struct result *r, const struct event *e);

/* Whether an argument was filled in as it is written; binds what is seen for the first time. */
bool filled_matches(struct trial *t, const struct arg *written, const struct arg *seen);

/* ---- returned.c ---- */

/* What the call of line `index`, or its resumption, came back with, where that is not as written.
 */
const char *returned_text(struct trial *t, size_t index, const struct event *e);

/* ---- the judge's parts, in the order in which they run ---- */

void judge_actions(struct trial *t);  /* actions.c: what was done, and when */
void judge_calls(struct trial *t);    /* calls.c: results, blocking, signals, deaths */
void judge_forged(struct trial *t);   /* forged.c: what was forged has come to its host */
void judge_page(struct trial *t);     /* page.c: packets and readings, down the page */
void judge_readings(struct trial *t); /* readings.c: those that never became as written */
void judge_unasked(struct trial *t);  /* unasked.c: what each other packet is blamed on */
void judge_order(struct trial *t);    /* order.c: lanes */
void judge_gaps(struct trial *t);     /* gaps.c: times */
void judge_senders(struct trial *t);  /* senders.c: whether a problem is one of direction */

/* All of them, judge.c; what they need before that, and what is said when they have been through.
 */
void trial_open(struct trial *t);
void trial_judge(struct trial *t);
void judgement_conclude(struct trial *t);
void page_open(struct trial *t);
void order_open(struct trial *t);
/* Whether the page holds nothing that is still open, when all before `done` is met; if so, it is
 * left as it is there. */
bool page_settle(struct trial *t);

/* ---- match.c ---- */

/* Whether a segment is what a line says, but for its fate. */
bool segment_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s);
/* What `data 1:21(20) ack 1` says of each segment: all but where they are. */
struct segment_pattern pattern_of_each(const struct segment_pattern *data);

/* In which fields it is another one, by name; false: it is of another kind. Binds nothing. */
#define MAX_DIFFERENCES 8
struct differences {
	const char *names[MAX_DIFFERENCES];
	size_t count; /* may be more */
};
bool segment_differences(struct trial *t, const struct segment_pattern *p, const struct segment *s,
			 struct differences *d);
void differences_note(struct differences *d, const char *name);
/* "ack differs", "flags and data differ" */
const char *differences_text(struct arena *a, const struct differences *d);

/* Parts of it: one option, the data. */
bool option_matches(struct trial *t, const struct option_pattern *o, const struct segment *s);
bool payload_matches(const struct segment_pattern *p, const struct packet *packet);

enum fate_match { FATE_NO, FATE_YES, FATE_OPEN };
enum fate_match fate_matches(const struct segment_pattern *p, const struct segment *s);

/* ---- gaps.c ---- */

/*
 * From where the gap before line `index` counts, for what came at `at` (or then at the latest): the
 * interval [from, to] of possible origins. False when nothing above has happened.
 */
bool gap_origin(const struct trial *t, size_t index, ns_t at, ns_t *from, ns_t *to);
/* Whether a gap can count from the event of such a line. */
bool line_is_origin(const struct line *line);
/* The event that shows that the line was begun, an action or a reading; NULL: it was not. */
const struct event *line_beginning(const struct trial *t, size_t index);
/* The first line that the engine came to later than the gap before it allows: how late; or NULL. */
const char *late_action(const struct trial *t);
/* Between what bounds the time must lie for the gap to hold. */
void gap_bounds(const struct gap *gap, ns_t tick, ns_t *low, ns_t *high);

/* By how much something that came at that moment misses the gap before line `index`: negative if it
 * came too early; 0 also if there is no gap, or it is not known from when it counts. */
ns_t gap_off(const struct trial *t, size_t index, ns_t at);

/* ---- readings.c ---- */

/* The line `index`, a reading; the last of what stands above it had happened at `above`. */
void judge_reading(struct trial *t, size_t index, ns_t above);

/* What was left of the timer at the moment that the line `index` speaks of. */
ns_t timer_left_then(const struct trial *t, size_t index, const struct event *e);
bool timer_matches(struct trial *t, size_t index, const struct event *e);

#endif
