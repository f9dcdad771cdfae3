/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a script says, as data: one struct line for each line of text, each with the place it came
 * from.
 *
 * The parser makes a struct script of a file (every construct of the grammar, nothing resolved).
 * expand.c makes a struct run of it: `use`, `repeat`, `when` and `param` are gone, $names with a
 * known value are replaced, and the lines are in the order in which they take place. check.c adds
 * what follows from the text alone: which connection a packet line is about, and that every name
 * exists when it is used. From then on nothing changes a line. All of it lives in one arena.
 */
#ifndef AST_H
#define AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/ast/fates.h"
#include "harness/base/clock.h"
#include "harness/base/diagnostic.h"
#include "harness/packet/ip_fields.h"
#include "harness/packet/packet.h"
#include "harness/packet/socket_state.h"

/* Where something is in its source's text, as offsets; `to` 0: it is not written. */
struct extent {
	size_t from, to;
};

/* ---- values ---- */

enum value_kind {
	VALUE_INT,	/* 17 */
	VALUE_VARIABLE, /* $n: a parameter until expand.c replaces it, else bound on first sight */
	VALUE_ANY,	/* * */
	VALUE_SUM,	/* left op right, op one of + - * */
	VALUE_RANGE,	/* left..right, both included */
	VALUE_AT_LEAST, /* >= left */
};

struct value {
	enum value_kind kind;
	struct place place;
	struct extent extent;
	int64_t number;
	const char *name; /* of the variable, without $ */
	char op;
	struct value *left, *right;
};

/* [NAME]:PORT, as in server:8080, :8080 (any address), server:0 */
struct address {
	struct place place;
	const char *host;	       /* NULL: the wildcard */
	const struct address_row *row; /* set by resolve.c; NULL: the wildcard */
	struct value *port;
};

/* ---- arguments and results of calls ---- */

enum arg_kind {
	ARG_ANY,      /* ... */
	ARG_STRING,   /* "GET /\r\n", bytes after unescaping */
	ARG_VALUE,    /* 100, $n */
	ARG_ADDRESS,  /* server:8080 */
	ARG_NAMES,    /* c, SOCK_STREAM|SOCK_NONBLOCK, NULL */
	ARG_LIST,     /* [ .. ] */
	ARG_STRUCT,   /* { fd=c, events=POLLIN }; a field without a name has name NULL */
	ARG_INDEXED,  /* NAME [ .. ] */
	ARG_LABELLED, /* NAME { .. }: items[0] is the struct */
};

/* Words that are names only in form. */
enum arg_word {
	WORD_NONE,
	WORD_NULL,    /* NULL */
	WORD_TIMEOUT, /* (Timeout), after a result */
	WORD_IN,      /* in [x], out [x], except [x], left {..}: likewise */
	WORD_OUT,
	WORD_EXCEPT,
	WORD_LEFT,
};

struct sockopt_row; /* of calls/sockopts.h */

struct arg {
	enum arg_kind kind;
	struct place place;
	struct extent extent; /* without the field's name */
	const char *field;    /* of a struct's field: its name, or NULL */
	int field_id;	      /* FIELD_.. of calls/fields.h; NO_FIELD: there is no such */

	const char *bytes; /* STRING */
	size_t length;
	const char *content;	/* STRING written as a word: answer.first; NULL: in quotes */
	bool cut;		/* STRING written "abc"...: these are its first bytes */
	struct value *value;	/* VALUE */
	struct address address; /* ADDRESS */
	const char **names;	/* NAMES: the parts between |; INDEXED: names[0] */
	size_t name_count;
	/* What the names mean: set by arg_resolve(). */
	enum arg_word word;		  /* of a single one */
	bool are_constants;		  /* each of them is one */
	int64_t number;			  /* of those that are, joined */
	uint64_t groups;		  /* bit g: they are of the group g (calls/constants.h) */
	const struct sockopt_row *option; /* of a single one; NULL: it is none */
	struct arg **items;		  /* LIST, STRUCT, INDEXED */
	size_t item_count;
};

enum result_kind {
	RESULT_NONE,	/* nothing written (a call left open) */
	RESULT_TO_COME, /* not written yet: `bless` will write it; anything else refuses it */
	RESULT_VALUE,	/* = 5, = -1 EPIPE, = $n */
	RESULT_NAME,	/* = c: a descriptor (or, for fork and thread, an actor) of that name */
	RESULT_UNKNOWN, /* = ?: the call never returns (exit) */
};

struct result {
	enum result_kind kind;
	struct place place;
	struct extent extent; /* without what was filled in */
	struct value *value;
	const char *name;
	const char *error; /* "EPIPE", or NULL */
	int error_number;  /* set by resolve.c */
	struct place error_place;
	struct arg **seen; /* = 1 ([{fd=c, revents=POLLIN}]) */
	size_t seen_count;
	bool has_seen;
};

struct call_row; /* of calls/calls.h */

#define SEEN_COUNT 8 /* arguments of a call whose filled-in values are recorded */

struct call {
	const char *name;
	const struct call_row *row; /* NULL: there is no such call */
	struct place name_place;
	struct arg **args;
	size_t arg_count;
	bool open; /* written with ... at the end: the script goes on while it blocks */
	struct result result;
	struct extent args_extent; /* with the brackets */
	struct extent tail;	   /* all that is written after them */
};

/* ---- segments ---- */

enum segment_kind {
	SEGMENT_TCP,  /* S. 0:0(0) ack 1 .. */
	SEGMENT_DATA, /* data (20000): as many new in-order segments as the kernel likes */
	SEGMENT_ICMP, /* icmp host-unreachable [S], icmp echo-request (56) */
	SEGMENT_ARP,  /* arp to nobody: a neighbour request, ARP or neighbour solicitation */
	SEGMENT_UDP,  /* udp (5) "hello" to server:5000 */
};

enum option_kind {
	OPTION_MSS,
	OPTION_SACK_OK,
	OPTION_WSCALE,
	OPTION_TS,
	OPTION_SACK,
	OPTION_TFO,
	OPTION_MD5,
	OPTION_KINDS,
};
extern const char *const option_names[OPTION_KINDS + 1]; /* ends with NULL */

struct option_pattern {
	struct place place;
	struct extent extent;
	enum option_kind kind;
	bool absent; /* !TS: must not be there */
	struct value *values[8];
	size_t value_count; /* mss 1460: 1; sack 1:9: 2; TS 0 ecr 0: 2 */
	bool asks;	    /* tfo cookiereq */
};

/* ICMP by its numbers: 3/7, 3/$code; without a code: any. type NULL: it is not written so. */
struct icmp_number {
	struct value *type, *code;
};

/* What is written about a segment; what is not written (NULL, has_..) is not checked. */
struct segment_pattern {
	enum segment_kind kind;
	struct place place;
	uint16_t flags; /* TCP: exactly these */
	struct value *seq, *end, *length;
	struct value *ack, *window, *urgent;
	struct value *ip[IP_FIELDS]; /* of the IP header; that of a word is its number */
	bool has_options;
	struct option_pattern *options;
	size_t option_count;
	bool has_payload;
	const char *payload;
	size_t payload_length;
	struct extent payload_extent;

	const char *word; /* ICMP: host-unreachable; of numbers: 3/7, set by expand.c */
	struct icmp_number icmp_number;
	const struct icmp_row *icmp; /* set by resolve.c: its row; of numbers by expand.c */
	struct place word_place;
	struct value *mtu;
	bool has_inner; /* [S 0:0(0)], [udp (5)], [icmp echo-request]: the packet that is quoted */
	enum segment_kind inner_kind;
	const char *inner_word; /* ICMP */
	const struct icmp_row *inner_icmp;
	struct place inner_word_place;
	uint16_t inner_flags;
	struct value *inner_seq, *inner_end, *inner_length;
	struct extent inner_extent;

	bool has_to;
	struct address to; /* of ARP: only the host */

	enum fate fate;
	const char *fate_at; /* lost at server; NULL: on the way */
	enum host fate_host; /* set by resolve.c; HOST_NONE: on the way */
	struct place fate_place;
};

/* ---- lines ---- */

/* LINE_CALL, LINE_SENT ..: line_rows.h has one row for each. */
enum line_kind {
#define LINE(kind, ...) LINE_##kind,
#include "harness/ast/line_rows.h"
	LINE_KINDS
};

/* What a fault does to packets: VERB_DROP .. */
enum fault_verb {
	VERB_NONE, /* HEAL of any kind; RELEASE */
#define FAULT(verb, ...) VERB_##verb,
#include "harness/ast/line_rows.h"
	VERB_COUNT
};

/* [@FROM] +MIN[..MAX] before a line. A single time T: is_range false, min = T. */
struct gap {
	bool present;
	struct place place;
	struct extent extent, time; /* all of it; what is written after the + */
	const char *from;	    /* NULL: the nearest kernel event above */
	ns_t min, max;
	bool is_range; /* taken literally */
};

/* client, server.t2, client:c (only before >) */
struct actor {
	struct place place;
	struct extent extent;
	const char *host;
	const char *part;	/* thread or process, NULL: the host's main thread */
	const char *connection; /* the tag, NULL: none */
	/* Set by resolve.c: the host, HOST_NONE: there is none; and the address of that name. */
	enum host id;
	const struct address_row *address;
};

struct ss_reading {
	const char *what; /* a descriptor's or a connection's name */
	struct place what_place;
	const char *state;	/* as ss prints it (ESTAB, FIN-WAIT-2), or "none" */
	enum ss_state state_id; /* set by resolve.c */
	struct place state_place;
	struct extent state_extent, rest; /* rest: what is written after the state */
	struct value *recv_q, *send_q;
	bool has_timer;	     /* timer:none has timer_name "none" */
	enum ss_timer timer; /* set by resolve.c */
	struct place timer_place;
	struct extent timer_extent, left_extent; /* none or (..); the time left in it */
	const char *timer_name;
	ns_t timer_left; /* -1: not written (*) */
	struct value *timer_count;
	bool is_udp; /* set by check.c: the line is about a UDP socket */
};

/* H ps kid Z */
struct ps_reading {
	const char *what; /* a process: its name, or its host's for the first one */
	struct place what_place;
	const char *state; /* as ps prints it (S, Z), or "none" */
	char letter;	   /* set by resolve.c; 0: none */
	struct place state_place;
	struct extent state_extent;
};

struct counter {
	const char *name; /* TcpExtListenDrops */
	struct place place;
	struct value *delta;
	struct extent extent; /* of the delta, with its sign */
};

/* A fault's pattern: what it picks. Nothing written: everything. */
struct fault_pattern {
	struct place place;
	const char *from;		  /* the sending host, NULL: any */
	const struct address_row *sender; /* set by resolve.c: its row */
	bool has_segment;
	bool carries;			/* data: segments that carry some */
	struct segment_pattern segment; /* flags, icmp word, seq only; DATA: numbers, any flags */
};

#define WITH_RESET "tcp-reset" /* the one answer that is no ICMP message */

struct fault {
	enum fault_verb verb;
	struct fault_pattern pattern;
	struct value *every;	    /* NULL: each; else each that is the last of so many */
	struct value *skip, *times; /* NULL: 0, for ever */
	const char *with;	    /* reject: tcp-reset, host-unreachable .. */
	struct icmp_number with_number;
	struct place with_place, idle_place;
	bool resets;		       /* set by resolve.c: it is tcp-reset */
	const struct icmp_row *answer; /* likewise: this message, or NULL; of numbers by expand.c */
	ns_t delay;		       /* FORGET: how long a connection may be idle */
};

/* NAME | family | kernel, compared; or a bare word: virtual, netem, root. */
struct condition {
	struct place place;
	const char
	    *subject; /* "kernel", "family", "$backlog" without $, "virtual", "netem", "root" */
	bool is_variable;
	const char *op; /* = != < <= > >=, NULL for a bare word */
	struct value *value;
	const char *word; /* instead of value: the word that a parameter is compared with */
	int version[3];	  /* kernel 6.5.3; -1: not written, so not compared */
};

struct assignment {
	const char *name;
	bool quoted; /* of a table's column: the name is a string */
	struct place place;
	const char **more; /* param a b = (0 1) (2 3): the names after the first */
	size_t more_count;
	struct value **values;
	const char **words;   /* words[i] set: the value is a NAME (param flags = 0 SA_RESTART) */
	bool bare, in_quotes; /* of a column: it is written as a word; as a string */
	struct place *places; /* of each value */
	size_t count;	      /* of values: with several names, that of them for each in turn */
};

/* Whose program a failure is about; of the network: of any. */
enum failure_of { OF_CLIENT, OF_SERVER, OF_NETWORK, FAILURES };
extern const char *const failure_words[]; /* ends with NULL */

struct line {
	enum line_kind kind;
	struct place place;   /* of its first token */
	struct extent extent; /* of the text */
	const char *text;     /* the line as written, without the newline */
	const char *comment;  /* from # on, or NULL */
	const char *label;    /* @name at the end */
	bool marks_failure;   /* it is @failure; set by resolve.c */
	struct gap gap;
	struct actor actor;  /* host NULL where a line has none */
	struct actor forged; /* FORGE: in whose name; its connection is the tag */

	union {
		struct call call;		/* CALL, RESUME, OBSERVED, RETURNED */
		struct segment_pattern segment; /* SENT, ARRIVAL, FORGE */
		struct ss_reading ss;
		struct ps_reading ps;
		struct {
			struct counter *list;
			size_t count;
		} nstat;
		struct fault fault; /* FAULT, RELEASE and HEAL (verb, pattern) */
		struct {
			const char *name;
			struct place name_place;
			const char *value; /* may be several words */
		} sysctl;
		struct {
			const char **words; /* after `ip` */
			struct place *places;
			size_t count;
		} ip;
		struct {
			const char
			    *name;  /* SIGNAL, SIGNALLED: SIGUSR1; DEATH: the signal, or NULL */
			int number; /* set by resolve.c; 0: there is none */
			struct place place; /* of that name */
			int64_t status;	    /* DEATH: exited with */
			struct extent extent;
		} signal;
		ns_t quiet;
		struct {
			enum failure_of of;
			struct place place;
		} failure;
		const char *use;
		struct condition condition;   /* NEEDS, WHEN */
		struct assignment assignment; /* PARAM, TABLE's are in table */
		struct {
			struct assignment *list;
			size_t count;
		} table;
		struct {
			struct value *count;
			const char *as;
		} repeat;
	};

	/* Set by expand.c */
	struct place used_at;	/* the `use` line that brought it here, or source NULL */
	struct place repeat_at; /* the innermost `repeat` around it, or source NULL */
	int iteration;		/* in that repeat, from 1 */

	/* Set by check.c */
	const char *connection; /* SENT, ARRIVAL: whose packet; SS: whose socket; NULL: none */
	bool begins;		/* FORGE: the first segment of its connection */
	const char **about;	/* the connections that a packet written below it may be of */
	size_t about_count;
};

/* A file, parsed. */
struct script {
	const struct source *source;
	const char *title; /* the first line of the comment at its head, without # */
	const char *prose; /* the rest of that comment, without #, or "" */
	struct line *lines;
	size_t line_count;
	struct extent *marks; /* comments that a transcript has left, which are not lines */
	size_t mark_count;
};

/* ---- what a script comes to for one set of parameters on one kernel ---- */

/* Bytes that the command line gives: what a server says, and what a client asks. */
struct content {
	const char *bytes; /* NULL: those of content.c */
	size_t length;
};

/* What conditions may ask, and what $port and the words `answer` and `ask` mean. */
struct facts {
	int kernel[3];
	int family; /* 4 or 6 */
	bool is_virtual, has_netem, is_root;
	bool has_program[LAB_HOSTS]; /* the command line names one for that host: `H program` */
	int port;		     /* 0: DEFAULT_PORT */
	struct content answer, ask;
	bool is_elsewhere;	 /* these facts are of another kernel than the one that runs this */
	const char *kernel_name; /* on the command line; NULL: it is the running one */
};

struct binding {
	const char *name;
	const char *text; /* "3", "SA_RESTART" */
	int64_t number;	  /* its number, if it is one */
	bool is_number;
	bool follows;	    /* chosen together with the one before it */
	struct place place; /* where the value is written; source NULL: nowhere */
};

/* A $name that was bound while running, on first sight. */
struct variable {
	const char *name;
	int64_t value;
};

/* ---- what is asked of a run's lines again and again, found once (index.c) ---- */

/* A line in a few numbers. Equal actors have the same one, and so do equal names. */
struct line_key {
	enum line_kind kind;
	bool expects;	 /* something is waited for, and so can be missing */
	bool reads;	 /* line_is_reading() */
	enum host host;	 /* of its actor; HOST_NONE: it has none */
	int actor;	 /* its host and part, -1: none */
	int name;	 /* its connection, -1: none */
	int descriptor;	 /* CALL: the name that it is about, -1: none */
	int gives;	 /* CALL, RESUME of accept(): the name that it gives, -1: none */
	unsigned filled; /* CALL, RESUME: bit i: argument i is filled in and compared */
	bool named;	 /* there is a $ in its text */
};

/* Indices of lines, in order. */
struct line_list {
	size_t *list, count;
};

struct run_index {
	struct line_key *keys; /* of each line */
	const struct actor **actors;
	bool *calling; /* of each actor: it makes calls */
	size_t actor_count;
	const char **names;
	size_t name_count;
	struct line_list of_kind[LINE_KINDS];
	struct line_list readings;
	struct line_list deeds;	     /* actions but calls and what is forged */
	struct line_list timed;	     /* with a gap */
	struct line_list accepts;    /* that give a name */
	size_t arrivals[HOST_COUNT]; /* one past the last LINE_ARRIVAL of each host */
	size_t *anys;		     /* how many `...` stand above each line, and in all */
	/* Of each line, -1: none. */
	int *resuming,
	    *resumed;  /* which one resumes the call left open in it; which one it resumes */
	int *labelled; /* which one is meant by the @name in its gap */
	int *fault;    /* FAULT, HEAL: equal ones have the same number; HEAL of any kind: -1 */
};

/* What its lines mention anywhere (mentions.c). */
struct mentions {
	bool ipv6;
	bool signals;	       /* sent, handled, blocked */
	bool stops;	       /* signals that stop a process, or let it go on */
	bool ghost;	       /* the address */
	bool datagrams;	       /* and raw sockets */
	bool mtu_discovery;    /* how it is done */
	bool descriptor_limit; /* RLIMIT_NOFILE */
	bool program;	       /* one under test is started */
};

struct run {
	const struct script *script;
	const struct binding *bindings;
	size_t binding_count;
	struct facts facts;
	bool acks_exact;
	bool headers;  /* of packets that merely pass, only headers are kept */
	bool to_bless; /* results that are not written yet are no mistakes */
	/*
	 * A failure (`failure client`): all is free as if `...` stood between any two lines, and it
	 * is about the program of this host; NULL: it is an ordinary script.
	 */
	const struct line *failure;
	enum host subject;
	const char *skip; /* a `needs` that does not hold: why; NULL: runs */
	struct line *lines;
	size_t line_count;
	size_t first_own;	       /* index of the first line that no `use` brought in */
	const struct run_index *index; /* set by check.c; NULL: it was not checked */
	struct mentions mentions;      /* likewise */
};

/* ---- line_rows.c ---- */

/*
 * The engine does an action, asks for a reading, and waits for an observation; notes are none of
 * these. A CALL is an action that also observes.
 */
enum line_role { ROLE_NOTE, ROLE_ACTION, ROLE_READING, ROLE_OBSERVATION };

/* What a line begins with: no host, >host, a host, a host or one of its threads or processes. */
enum line_by { BY_NOBODY, BY_ARROW, BY_HOST, BY_PART };

struct line_row {
	const char *word; /* NULL: it has none of its own */
	enum line_role role;
	enum line_by by;
};
extern const struct line_row line_rows[LINE_KINDS];

struct fault_row {
	const char *word;
	bool answers;	 /* may say with what: reject with tcp-reset */
	bool on_the_way; /* only the router does it, and only to what it forwards */
	bool takes_time; /* delay 30ms */
	bool forgets;	 /* forget idle 350s: no pattern; the router does it to what it forwards */
	bool passes;	 /* the packet goes on, too */
	enum fate fate; /* ON_THE_WAY: the fate that it gives a packet; ARRIVED: that comes later */
};
extern const struct fault_row fault_rows[VERB_COUNT];
enum fault_verb fault_find(const char *word); /* VERB_NONE: it is none */

extern const char *const verb_names[], *const keyword_names[]; /* end with NULL */

enum line_role line_role(const struct line *line);
bool line_is_reading(const struct line *line);

/* The number of the last line of text that it takes; a call may take several. */
int line_last(const struct line *line);

#endif
