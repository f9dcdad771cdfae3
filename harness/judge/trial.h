/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the judge share while they judge one run: see judge.c for how they fit
 * together.
 */
#ifndef JUDGE_TRIAL_H
#define JUDGE_TRIAL_H

#include "harness/base/numbering.h"
#include "harness/judge/questions.h"

/* All connections of one name are a group. A line belongs to the group of its connection's name. */
enum {
	GROUP_UNSEEN = -1, /* a name whose connection has not been seen */
	GROUP_NONE,	   /* no connection: neighbour requests */
	GROUP_STRANGERS,   /* connections without a name, which no line can name */
	GROUP_FIRST,
};

/* Found by lookup.c. Events and lines are indices, -1: none. */
struct lookup {
	struct numbering names;	 /* of all connections */
	int *newest;		 /* the newest connection that has each of them */
	const char **group_name; /* canonical; NULL: GROUP_NONE */
	size_t group_count;
	int *of_connection;	       /* the group of each connection */
	int *of_name;		       /* the group of each name that lines have (run_index) */
	int *of_line;		       /* the group of each line's connection */
	int *first, *next;	       /* events of line i: first[i], next[first[i]] .. */
	int *sent, *arrived;	       /* the first such event of each segment */
	const int *resuming, *resumed; /* the line that resumes the open call of line i; the call
					  that line i resumes */
	bool happened;		       /* there is a signal or a death */
	bool has_program;	       /* .. or something that a program under test did */
	/* Names that lines have given to descriptors of programs, in the order of the lines. */
	struct given_name {
		const char *name;
		enum host host;
		int64_t number;
		ns_t at;
	} * given;
	size_t given_count;
	int program_group; /* all connections of programs, -1: there is none, or no such group */
	int disturbed;	   /* the first such event */
	bool *may_be_promised; /* of each group: an accept() may be about to name one of them */
	bool is_unsure;	       /* there is more than one such connection */
	size_t promised[2][HOST_COUNT]; /* the first line about such a name: about what is sent by a
					   host; what arrives there */
	ns_t *heard; /* for lookup_heard(), which makes it; only of what is not settled */
	size_t heard_count;
};

/* How many of each, from the first one on, are settled (settled.c). */
struct settled {
	size_t lines, events, segments;
	ns_t heard; /* when the last of what `quiet` hears had ended */
	ns_t quiet; /* until when a `quiet` that is met has lasted */
};

struct trial {
	struct arena *arena;
	struct arena *lasting; /* for what the next judgement continues from; may be the same */
	struct arena *rooms;   /* for what only grows, and is not taken back; may be the same */
	struct undo *undo;     /* for taking back what is not settled; NULL: nobody will */
	struct settled settled;
	size_t room_events, room_segments; /* for how many there is room */
	const struct run *run;
	const struct run_index *index;
	const struct timeline *timeline;
	size_t done;
	bool over;
	size_t wanting; /* how often value_matches() could not compare, because a name has no number
			   yet */
	struct numbering
	    *variables; /* of values.c: the names in `out`; NULL: these are few, and searched */
	struct mismatch {
		int event;
		int line;	    /* at which its stream is; -1: no line is left */
		const char *differ; /* how the segment differs; NULL: nothing to say */
	} * mismatches;
	size_t mismatch_count;
	struct lookup lookup;
	struct page *page;
	struct marks *group_lanes; /* of order.c: what is in the lane of each group and host */
	struct marks *actor_lanes; /* and in that of each actor */
	bool *arrival_written;	   /* of each segment: a line is about its arrival only */
	bool *taken;		   /* of each segment: a line about arrivals has taken it */
	int *of_call;	  /* of each line: the group of the descriptor that its call was about */
	bool *plainly;	  /* of each line: it asked only that an acknowledgement comes */
	bool *unanswered; /* of each line: its segment is an ACK that needs no answer */
	size_t met_end;	  /* one past the last line that is met */
	bool tentative;	  /* later events may still change what has been passed over */
	bool doubtful;	  /* what is settled is not enough to continue from */
	struct judgement *out; /* its variables are bound by calls first, then down the page */
};

/* ---- trial.c: lines, names, problems ---- */

/* The line `index` is met by `event` (and `segment`), both -1 where there is none. */
void line_met(struct trial *t, size_t index, int event, int segment, ns_t from, ns_t to);

/*
 * The line is not met, and never will be. `got`: in notation; event -1: nothing came. `differ`: how
 * that differs ("data differ"); NULL: it is obvious.
 */
struct problem *problem_add(struct trial *t, size_t line, int event, const char *got,
			    const char *differ);
/* Likewise, but the time is wrong; both are in words. */
struct problem *problem_timing(struct trial *t, size_t line, int event, const char *expected,
			       const char *got);
/* The event came, and no line asks for it. It is reported at its place in time. */
void problem_unasked(struct trial *t, int event);
/* Puts each problem into one sentence, when all are known. */
void problems_word(struct trial *t);

/*
 * Whether the line is about a datagram, and the connection is a flow. Then the line may have been
 * meant for a datagram of that flow: which flow a line is about depends on the sender in it.
 */
bool both_datagrams(const struct trial *t, const struct line *line, const char *connection);

/* The line as a sentence about another line quotes it: without its gap and its padding. */
const char *line_reference(struct arena *a, const struct line *line);

/* The place in the list of the first line that is not settled. */
size_t first_unsettled(const struct trial *t, const struct line_list *lines);

/* ---- settled.c ---- */

/* To be called before something is altered that the next judgement uses again. */
void will_alter(struct trial *t, void *what, size_t size);
/* An array of `count` items, the first `had` of which are copied from `items`. */
void *more_room(struct trial *t, const void *items, size_t had, size_t count, size_t size);

/* ---- place.c: where in the script an event stands ---- */

struct spot {
	size_t after; /* the last line that had happened by then */
	size_t limit; /* the first one that was not expected yet */
};
struct spot spot_of(const struct trial *t, int event);
/* From when on the line was expected; INT64_MIN: this is not known. */
ns_t expected_since(const struct trial *t, size_t index);

/* Why `data (n)` does not take a segment. */
#define RETRANSMITTED "a retransmission, which needs a line of its own"

/* ---- near.c: near misses ---- */

struct near {
	int event;
	const char *text;   /* in notation */
	const char *differ; /* how it differs */
};
/* Of the packets that meet no line: the one nearest to the line `index`. False: there is none. */
bool near_find(struct trial *t, size_t index, struct near *n);
/*
 * If the arrival of that segment differs from the line in one thing only: in what. NULL: it does
 * not.
 */
const char *near_arrival(struct trial *t, size_t index, const struct segment *s);

/* ---- lookup.c ---- */

/* Finds which lines belong to which connections. */
void lookup_open(struct trial *t);
/* Finds which lines the events that are not settled belong to. */
void lookup_events(struct trial *t);
/* Both, for a caller that does not judge. */
void lookup_all(struct trial *t);
/* Whether `quiet` hears it. */
bool event_is_heard(const struct event *e);
/* Whether a program under test takes part in it. */
bool is_of_program(const struct connection *c);
/* The group that a segment belongs to. */
int segment_group(const struct trial *t, const struct segment *s);
/* The group of the descriptor that a call was about; GROUP_NONE: it was about none. */
int event_group(const struct trial *t, const struct event *e);
/* The first event of that kind that line `index` has brought about, -1: none. */
int lookup_event(const struct trial *t, enum event_kind kind, size_t index);
/* Whether anything that `quiet` hears ended after `after`, and not after `until`. */
bool lookup_heard(struct trial *t, ns_t after, ns_t until);

/* ---- promised.c: names that an accept() will give later ---- */

/* To be called when the connections are known. */
void promised_open(struct trial *t);
/*
 * Whether the line `index`, or one above it of that kind and host, may turn out to be about that
 * group.
 */
bool promised_to(const struct trial *t, int group, enum line_kind kind, enum host host,
		 size_t index);

/* ---- values.c ---- */

/* Whether a number is as it is written. Binds a variable that is seen for the first time. */
bool value_matches(struct trial *t, const struct value *written, int64_t seen);
/* The number of a value, without comparing it; false: it is not known (yet). */
bool value_known(const struct trial *t, const struct value *v, int64_t *number);

/* ---- plain_ack.c ---- */

/* Whether the line asks for no more than that an acknowledgement comes so far. */
bool line_asks_plain_ack(const struct trial *t, const struct line *line);

/* ---- judge_calls.c ---- */

/* Whether the return `e` has the written result; what was filled in is not compared. */
bool result_matches(struct trial *t, const struct result *r, const struct event *e);

/* Whether an argument was filled in as it is written. Binds what is seen for the first time. */
bool filled_matches(struct trial *t, const struct arg *written, const struct arg *seen);

/* ---- observed.c: calls of programs ---- */

/* Which names lines have given to descriptors of programs, as far as can be seen. */
void observed_open(struct trial *t);
/*
 * The name that a script has for a descriptor, which goes by its number, at that moment: that of
 * the line that has named it; NULL: none has.
 */
const char *observed_name(const struct trial *t, const char *descriptor, ns_t since);
/* Whether a connection's name is the number of a program's descriptor. */
bool is_descriptor_number(const char *name);
/* Whether `...` stands below the last line about that host's program. */
bool observed_ends_loosely(const struct trial *t, enum host host);
/* The call in which that host's program is; NULL: in none that is observed. */
const struct event *observed_unreturned(const struct trial *t, enum host host);
/* Why a line about a call of a program is not met. */
const char *observed_absence(struct trial *t, size_t index);
void judge_observed(struct trial *t);

/* ---- returned.c ---- */

/* What the call of line `index`, or its resumption, returned and filled in that is not as written.
 */
const char *returned_text(struct trial *t, size_t index, const struct event *e);

/* ---- the judge's parts, in the order in which they run ---- */

void judge_actions(struct trial *t);  /* actions.c: what was done, and when */
void judge_calls(struct trial *t);    /* judge_calls.c: results, blocking, signals, deaths */
void judge_forged(struct trial *t);   /* judge_forged.c: what was forged has arrived */
void judge_page(struct trial *t);     /* page.c: packets and readings, down the page */
void judge_readings(struct trial *t); /* readings.c: those that were never as written */
void judge_unasked(struct trial *t);  /* unasked.c: which line is blamed for each other packet */
void judge_order(struct trial *t);    /* order.c: lanes */
void judge_gaps(struct trial *t);     /* gaps.c: times */
void judge_senders(struct trial *t);  /* senders.c: whether a problem is the wrong direction */

/* judge.c: what the parts need first; all of them; what is said at the end. */
void trial_open(struct trial *t);
void trial_judge(struct trial *t);
void judgement_conclude(struct trial *t);
void page_open(struct trial *t);
void order_open(struct trial *t);
/*
 * Whether nothing on the page is still open when all lines before `done` are met; then the page is
 * kept as it is there.
 */
bool page_settle(struct trial *t);

/* ---- failure.c ---- */

/* When the run of a failure is over: what it has shown, and whether that is a pass. */
void judge_failure(struct trial *t);

/* ---- match.c ---- */

/* Whether a segment is as a line says, apart from its fate. */
bool segment_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s);
/* What `data 1:21(20) ack 1` says of each segment: everything but their numbers. */
struct segment_pattern pattern_of_each(const struct segment_pattern *data);

/* The names of the fields that differ; false: it is of another kind. Binds nothing. */
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

enum fate_match { FATE_NO, FATE_YES, FATE_OPEN };
enum fate_match fate_matches(const struct segment_pattern *p, const struct segment *s);

/* ---- gaps.c ---- */

/*
 * The origin of the gap before line `index`, for something that came at `at` or before: it lies in
 * the interval [from, to]. False: nothing above has happened.
 */
bool gap_origin(const struct trial *t, size_t index, ns_t at, ns_t *from, ns_t *to);
/* Between what bounds the time must lie for the gap to hold. */
void gap_bounds(const struct gap *gap, ns_t tick, ns_t *low, ns_t *high);

/*
 * By how much something that came at that moment misses the gap before line `index`; negative: it
 * came too early. 0 also if there is no gap, or its origin is not known.
 */
ns_t gap_off(const struct trial *t, size_t index, ns_t at);

/* Tenths of milliseconds; from 10 s up, milliseconds. */
const char *duration_text(struct arena *a, ns_t ns);

/* ---- late.c: each says what was late, or NULL ---- */

/* The event that shows that the line was begun, an action or a reading; NULL: it was not. */
const struct event *line_beginning(const struct trial *t, size_t index);

/* The first line that the engine came to later than the gap before it allows. */
const char *late_action(const struct trial *t);
/* The first problem came while the next line, an action, was overdue. */
const char *overdue_action(const struct trial *t);
/* The first problem is that something came too late, since the engine had answered late, .. */
const char *late_answer(const struct trial *t);
/* .. or since the machine had been without a CPU: perhaps. */
const char *late_machine(const struct trial *t);

/* ---- readings.c ---- */

/* Judges the reading of line `index`. The last of what is written above had happened at `above`. */
void judge_reading(struct trial *t, size_t index, ns_t above);

/* What was left of the timer at the moment that the line `index` is about. */
ns_t timer_left_then(const struct trial *t, size_t index, const struct event *e);
bool timer_matches(struct trial *t, size_t index, const struct event *e);

#endif
