/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From text to a run, without I/O: parse, expand, check, print.
 *
 * Each takes an arena, which holds everything it returns, and a list of diagnostics, to which it
 * adds. A function that returns NULL or false has made at least one diagnostic.
 */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "harness/ast/ast.h"
#include "harness/packet/hosts.h"

/*
 * The whole grammar. Goes on after an error at the next line, so that one pass shows all of them.
 */
struct script *script_parse(struct arena *a, const struct source *source, struct diagnostics *c);

/* From the words of a line to what they mean: resolve.c. To be called again when a word changes. */
void line_resolve(struct line *line);

/* One argument in the notation of a call's arguments, as an actor reports what it saw; NULL: not
 * one. */
struct arg *arg_parse(struct arena *a, const char *text);
/* A call without its result, as the time line has it: connect(3, server:8080). NULL: it is none. */
const struct call *call_parse(struct arena *a, const char *text);

/*
 * How a `use` finds its script: the parsed script of that name, or NULL after a diagnostic at `at`.
 */
typedef struct script *use_fn(void *context, const char *name, struct place at,
			      struct diagnostics *c);

/*
 * All combinations of a script's `param` values, in the order written, the first varying slowest; a
 * script without `param` has one, empty. Returns their number.
 */
size_t script_combinations(struct arena *a, const struct script *s, struct binding ***sets,
			   size_t *binding_count, struct diagnostics *c);

/*
 * How many lines one combination has, including those that leave nothing behind: this is the cost
 * of an expansion, without paying it. False: it cannot be expanded, and the diagnostics say why.
 */
bool script_count(struct arena *a, const struct script *s, const struct facts *facts,
		  const struct binding *bindings, size_t binding_count, use_fn *use,
		  void *use_context, size_t *lines, struct diagnostics *c);

/*
 * The lines that take place for one combination on a machine of these facts. A `repeat` unrolls to
 * at most 10000 lines in all, a `use` nests at most 8 deep and never itself.
 */
bool script_expand(struct arena *a, const struct script *s, const struct facts *facts,
		   const struct binding *bindings, size_t binding_count, use_fn *use,
		   void *use_context, struct run *run, struct diagnostics *c);

/* The name of all connections of programs under test that no line has named. */
#define PROGRAM_CONNECTIONS "program"

/* ---- content.c: what $port, `answer` and `ask` mean ---- */

#define DEFAULT_PORT 8080
int facts_port(const struct facts *f);
struct content content_answer(struct arena *a, const struct facts *f);
struct content content_ask(struct arena *a, const struct facts *f);

/*
 * What can be known from the text: hosts, calls and their arguments, constants, errnos, options,
 * sysctl names' form, states, counters' form; that a name exists where it is used, on that host,
 * and is not closed; that a resumed call was left open; which connection a packet line belongs to;
 * the steps.
 */
bool script_check(struct arena *a, struct run *run, struct diagnostics *c);

/*
 * What is wrong with the numbers of a call, a fault or a forged segment that is about to be done,
 * with these values of its $names. NULL: nothing.
 */
const char *line_wrong_now(struct arena *a, const struct line *line,
			   const struct variable *variables, size_t count);

/* What must be known of the run's lines again and again; needs what script_check has found. */
const struct run_index *script_index(struct arena *a, const struct run *run);
struct mentions script_mentions(const struct run *run);

/*
 * Whether a fault of the run examines what this host's own TCP sends, and so picks among segments:
 * there they must not come in bursts.
 */
bool run_picks_own(const struct run *run, enum host host);

/* a op b, op one of + - *; false: it is too large a number. */
bool value_compute(char op, int64_t a, int64_t b, int64_t *result);

/* How long a gap takes at most: a timer may be late by an eighth (kernel/time/timer.c). */
ns_t gap_longest(const struct gap *gap);

/* A line in the language's own notation, from its data (not from its text), without newline. */
void line_print(FILE *out, const struct line *line);
/* The same as text in the arena, without its comment, and without the blanks before it. */
const char *line_bare_text(struct arena *a, const struct line *line);
void value_print(FILE *out, const struct value *v);
void arg_print(FILE *out, const struct arg *arg);
void flags_print(FILE *out, uint16_t flags); /* S. P. F. - */
void duration_print(FILE *out, ns_t t);	     /* 200ms 1s 1500us */

#endif
