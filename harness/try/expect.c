/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a line of the file names some failures and says what must hold in them:
 *
 *     any failure: ends within 60s
 *     icmp-*, refused: exits with 7
 *
 * Each statement is about one thing: the end, the status, the error, the attempts, or whether the
 * failure happens at all. If several lines about the same thing name a failure, the last one
 * counts. So exceptions stand below the rule. Nothing else is asked.
 *
 * Where both sides are programs, a statement is about the client's, unless it begins with `server`.
 *
 * What cannot be known is neither met nor missed: a program that does not end was not watched for
 * as long as it may take, or it was given up early; it ended too late, but perhaps only because the
 * machine was busy; its calls are not seen. Then the row says why, as of a broken run.
 *
 * If a failure did not happen to the program, that is a miss, unless a line says so. Otherwise a
 * mistake in the command would meet every expectation. If a failure is tried at several moments,
 * only the first one must come: some programs are never idle.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/calls/constants.h"
#include "harness/try/try.h"

/* ---- statements ---- */

enum thing { THING_END, THING_STATUS, THING_ERROR, THING_TRIES, THING_HAPPENS, THINGS };

enum argument { NO_ARGUMENT, A_DURATION, A_NUMBER, A_SIGNAL, AN_ERROR };

struct expected {
	const struct statement *statement;
	bool is_named;	 /* whose program it is about: .. */
	enum host whose; /* .. that host's */
	struct place at;
	const char **names; /* globs; none: any failure */
	size_t name_count;
	int64_t number; /* ns, a status, a count */
	const char *word;
	const char *text; /* the statement as written */
};

typedef bool holds_fn(const struct measured *m, const struct expected *x);

static bool ends_within(const struct measured *m, const struct expected *x)
{
	return m->how != ENDED_NOT && m->end <= x->number;
}

static bool does_not_end(const struct measured *m, const struct expected *x)
{
	(void)x;
	return m->how == ENDED_NOT;
}

static bool exits_with(const struct measured *m, const struct expected *x)
{
	return m->how == ENDED_EXITED && m->status == x->number;
}

static bool does_not_exit_with(const struct measured *m, const struct expected *x)
{
	return !exits_with(m, x);
}

static bool is_killed_by(const struct measured *m, const struct expected *x)
{
	return m->how == ENDED_KILLED && text_same(m->signal, x->word);
}

static bool gets(const struct measured *m, const struct expected *x)
{
	return text_same(m->error, x->word);
}

static bool gets_no_error(const struct measured *m, const struct expected *x)
{
	(void)x;
	return !m->error;
}

static bool connects_at_most(const struct measured *m, const struct expected *x)
{
	return m->connections <= x->number;
}

static bool does_not_happen(const struct measured *m, const struct expected *x)
{
	(void)x;
	return !m->happened;
}

/* If two begin alike, the longer one stands first. */
static const struct statement {
	const char *words;
	enum argument argument;
	const char *after; /* words after the argument; or NULL */
	enum thing thing;
	holds_fn *holds;
} statements[] = {
    {"ends within", A_DURATION, NULL, THING_END, ends_within},
    {"does not end", NO_ARGUMENT, NULL, THING_END, does_not_end},
    {"exits with", A_NUMBER, NULL, THING_STATUS, exits_with},
    {"does not exit with", A_NUMBER, NULL, THING_STATUS, does_not_exit_with},
    {"is killed by", A_SIGNAL, NULL, THING_STATUS, is_killed_by},
    {"gets no error", NO_ARGUMENT, NULL, THING_ERROR, gets_no_error},
    {"gets", AN_ERROR, NULL, THING_ERROR, gets},
    {"connects again at most", A_NUMBER, "times", THING_TRIES, connects_at_most},
    {"does not happen", NO_ARGUMENT, NULL, THING_HAPPENS, does_not_happen},
};

struct expectations {
	struct expected *list;
	size_t count;
};

/* ---- reading a line ---- */

struct reader {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct source *source;
	const bool *has; /* the hosts that have a program */
	int line;
	const char *start, *at, *end; /* of the line, without its comment */
};

static struct place place_at(const struct reader *r, const char *at)
{
	return (struct place){r->source, r->line, (int)(at - r->start) + 1};
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && isblank((unsigned char)*r->at))
		r->at++;
}

/* The next word; "" at the end of the line. */
static const char *next_word(struct reader *r)
{
	const char *from;

	skip_blanks(r);
	from = r->at;
	while (r->at < r->end && !isblank((unsigned char)*r->at))
		r->at++;
	return arena_strndup(r->arena, from, (size_t)(r->at - from));
}

/* Whether these words come next. If so, they are taken. */
static bool take_words(struct reader *r, const char *words)
{
	const char *before = r->at;

	while (*words) {
		size_t length = strcspn(words, " ");
		const char *word = next_word(r);

		if (strlen(word) != length || strncmp(word, words, length) != 0) {
			r->at = before;
			return false;
		}
		words += length + (words[length] == ' ');
	}
	return true;
}

static const char *argument_name(enum argument argument)
{
	static const char *const names[] = {"", " DURATION", " N", " SIGNAL", " ERROR"};

	return names[argument];
}

static const char *all_statements(struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		text = arena_printf(a, "%s%s%s%s%s%s", text, *text ? ", " : "", statements[i].words,
				    argument_name(statements[i].argument),
				    statements[i].after ? " " : "",
				    statements[i].after ? statements[i].after : "");
	return text;
}

/* ---- arguments ---- */

static bool read_number(const char *word, int64_t *number)
{
	char *end;

	*number = strtol(word, &end, 10);
	return *word >= '0' && *word <= '9' && !*end && *number <= 1000000;
}

/* What is wrong with the argument; NULL: nothing. */
static const char *read_argument(const char *word, struct expected *x)
{
	x->word = word;
	switch (x->statement->argument) {
	case A_DURATION:
		return option_duration(&x->number, word, 0) ? NULL : "a duration such as 60s";
	case A_NUMBER:
		if (!read_number(word, &x->number))
			return "a number";
		return x->statement->thing == THING_STATUS && x->number > UINT8_MAX
			   ? "an exit status, which is at most 255"
			   : NULL;
	case A_SIGNAL:
		return !strncmp(word, "SIG", 3) && signal_find(word) ? NULL
								     : "a signal such as SIGPIPE";
	case AN_ERROR:
		return !strcmp(word, "EOF") || (*word == 'E' && errno_find(word))
			   ? NULL
			   : "an errno such as ECONNRESET, or EOF";
	default:
		return NULL;
	}
}

/* server ..: whose program it is about. False: there is no such program. */
static bool read_side(struct reader *r, struct expected *x)
{
	static const enum host sides[] = {HOST_CLIENT, HOST_SERVER};
	const char *from = r->at;

	for (size_t i = 0; i < ARRAY_SIZE(sides) && !x->is_named; i++)
		if (take_words(r, host_name(sides[i]))) {
			x->is_named = true;
			x->whose = sides[i];
		}
	skip_blanks(r);
	if (!x->is_named || r->has[x->whose])
		return true;
	diagnose(r->diagnostics, place_at(r, from), "the %s is no program here; --%s names one",
		 host_name(x->whose), host_name(x->whose));
	return false;
}

static bool read_statement(struct reader *r, struct expected *x)
{
	const char *from, *argument, *verb;

	skip_blanks(r);
	from = r->at;
	if (!read_side(r, x))
		return false;
	verb = r->at;
	for (size_t i = 0; i < ARRAY_SIZE(statements) && !x->statement; i++)
		if (take_words(r, statements[i].words))
			x->statement = &statements[i];
	if (x->is_named && x->statement && x->statement->thing == THING_HAPPENS) {
		diagnose(r->diagnostics, place_at(r, from),
			 "'%s' is about the failure, not about the %s", x->statement->words,
			 host_name(x->whose));
		return false;
	}
	if (!x->statement) {
		diagnose(r->diagnostics, place_at(r, verb), "expected one of: %s",
			 all_statements(r->arena));
		return false;
	}
	if (x->statement->argument != NO_ARGUMENT) {
		const char *word, *wanted;

		skip_blanks(r);
		argument = r->at;
		word = next_word(r);
		wanted = read_argument(word, x);
		if (wanted) {
			diagnose(r->diagnostics, place_at(r, argument), "expected %s, not '%s'",
				 wanted, word);
			return false;
		}
	}
	if (x->statement->after && !take_words(r, x->statement->after)) {
		skip_blanks(r);
		diagnose(r->diagnostics, place_at(r, r->at), "expected '%s'", x->statement->after);
		return false;
	}
	x->text = arena_strndup(r->arena, from, (size_t)(r->at - from));
	skip_blanks(r);
	if (r->at == r->end)
		return true;
	diagnose(r->diagnostics, place_at(r, r->at), "expected the end of the line after '%s'",
		 x->text);
	return false;
}

/* ---- names ---- */

static bool is_known(const char *name, const char *const *failures)
{
	for (size_t i = 0; failures[i]; i++)
		if (!fnmatch(name, failures[i], 0))
			return true;
	return false;
}

static bool add_name(struct reader *r, const char *from, const char *to,
		     const char *const *failures, struct expected *x)
{
	const char *name, *near;

	while (from < to && isblank((unsigned char)*from))
		from++;
	while (to > from && isblank((unsigned char)to[-1]))
		to--;
	name = arena_strndup(r->arena, from, (size_t)(to - from));
	if (!strcmp(name, "any failure"))
		name = "*";
	if (is_known(name, failures)) {
		*arena_push(r->arena, x->names, x->name_count) = name;
		return true;
	}
	near = nearest(name, failures);
	if (!*name)
		diagnose(r->diagnostics, place_at(r, from),
			 "expected the name of a failure, or 'any failure'");
	else if (near)
		diagnose(r->diagnostics, place_at(r, from),
			 "no failure is called '%s'; did you mean %s?", name, near);
	else
		diagnose(r->diagnostics, place_at(r, from), "no failure is called '%s'", name);
	return false;
}

/* refused, icmp-*: */
static bool read_names(struct reader *r, const char *const *failures, struct expected *x)
{
	const char *colon = memchr(r->at, ':', (size_t)(r->end - r->at));
	bool known = true;

	if (!colon) {
		diagnose(r->diagnostics, place_at(r, r->at),
			 "expected FAILURE: STATEMENT, such as 'any failure: ends within 60s'");
		return false;
	}
	while (r->at <= colon) {
		const char *end = memchr(r->at, ',', (size_t)(colon - r->at));

		if (!end)
			end = colon;
		known &= add_name(r, r->at, end, failures, x);
		r->at = end + 1;
	}
	return known;
}

static void read_line(struct reader *r, const char *const *failures, struct expectations *e)
{
	struct expected x = {0};

	skip_blanks(r);
	if (r->at == r->end)
		return;
	x.at = place_at(r, r->at);
	if (read_names(r, failures, &x) && read_statement(r, &x))
		*arena_push(r->arena, e->list, e->count) = x;
}

struct expectations *expectations_parse(struct arena *a, const struct source *source,
					const char *const *failures, const bool *has,
					struct diagnostics *c)
{
	struct expectations *e = arena_new(a, struct expectations);
	struct reader r = {.arena = a, .diagnostics = c, .source = source, .has = has};
	const char *text = source->text, *end = source->text + source->length;
	size_t before = c->count;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *comment;

		r.line++;
		r.start = r.at = text;
		r.end = newline ? newline : end;
		text = r.end + 1;
		comment = memchr(r.at, '#', (size_t)(r.end - r.at));
		if (comment)
			r.end = comment;
		if (r.end > r.at && r.end[-1] == '\r')
			r.end--;
		read_line(&r, failures, e);
	}
	if (c->count == before && !e->count)
		diagnose(c, (struct place){source, 1, 1}, "nothing is expected in this file");
	return c->count == before ? e : NULL;
}

/* ---- asking ---- */

static bool is_about(const struct expected *x, const char *failure)
{
	for (size_t i = 0; i < x->name_count; i++)
		if (!fnmatch(x->names[i], failure, 0))
			return true;
	return false;
}

static const char *got_of(struct arena *a, enum thing thing, const struct measured *m)
{
	if (thing == THING_HAPPENS || !m->happened)
		return m->happened ? "it has happened"
				   : arena_printf(a, "it has not happened: %s",
						  m->not_why ? m->not_why : "no reason is known");
	if (thing == THING_ERROR)
		return m->error ? m->error : "no error";
	if (thing == THING_TRIES)
		return arena_printf(a, "%" PRId64 " connections", m->connections);
	return arena_printf(a, "%s after %s", table_end(a, m), table_time(a, m->end));
}

static void miss(struct arena *a, struct row *row, const struct expected *x,
		 const struct measured *m)
{
	*arena_push(a, row->misses, row->miss_count) =
	    (struct miss){x->at, x->text, got_of(a, x->statement->thing, m)};
}

/* The program that it is about: the row's own, the server beside it, or NULL: another one. */
static const struct measured *whose(const struct expected *x, const struct row *row)
{
	if (!x->is_named || text_same(host_name(x->whose), row->m.whose))
		return &row->m;
	if (row->has_server && text_same(host_name(x->whose), row->server.whose))
		return &row->server;
	return NULL;
}

/* It ended too late, but without what the machine has cost it, it may have been in time. */
static bool is_late_by_machine(const struct measured *m, const struct expected *x)
{
	return x->statement->holds == ends_within && m->how != ENDED_NOT && m->end > x->number &&
	       m->end - m->waited <= x->number;
}

/* Its first error may be of an operation of io_uring. */
static bool is_error_unseen(const struct measured *m, const struct expected *x)
{
	return x->statement->thing == THING_ERROR && m->is_unseen && m->happened &&
	       !(m->error && (x->statement->holds == gets_no_error || gets(m, x)));
}

/* Whether the program would have to be watched for longer to know whether that holds. */
static bool is_open(const struct measured *m, const struct expected *x)
{
	if (m->how != ENDED_NOT || !m->happened)
		return m->left_early;
	switch (x->statement->thing) {
	case THING_END:
		return x->statement->argument == A_DURATION ? m->end < x->number : m->left_early;
	case THING_STATUS:
		return m->left_early;
	case THING_ERROR:
		return m->left_early && !m->error;
	default:
		return false;
	}
}

/* Why it cannot be known whether that holds; NULL: it is known. */
static const char *doubt(struct arena *a, const struct measured *m, const struct expected *x)
{
	if (is_late_by_machine(m, x))
		return arena_printf(
		    a,
		    "it ended after %s; up to %s of that, it and the lab had to wait "
		    "for a processor",
		    table_time(a, m->end), table_time(a, m->waited));
	if (is_error_unseen(m, x))
		return "it uses io_uring, whose operations are not seen";
	if (is_open(m, x))
		return arena_printf(
		    a, "it was given up %s after %s%s, when it had not ended",
		    table_time(a, m->end), m->happened ? "the failure" : "its start",
		    m->left_why ? arena_printf(a, " (because %s)", m->left_why) : "");
	return NULL;
}

ns_t expectations_patience(const struct expectations *e)
{
	ns_t longest = 0;

	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].statement->holds == ends_within && e->list[i].number > longest)
			longest = e->list[i].number;
	return longest;
}

#define FIRST_MOMENT "before-first-byte"

bool row_is_later_moment(const struct row *row)
{
	return row->moment && strcmp(row->moment, FIRST_MOMENT) != 0;
}

void expectations_ask(struct arena *a, const struct expectations *e, struct row *row)
{
	const struct expected *last[2 * THINGS] = {NULL}; /* of the program, of its server */

	for (size_t i = 0; i < e->count; i++) {
		const struct expected *x = &e->list[i];

		if (is_about(x, row->failure) && whose(x, row))
			last[x->statement->thing + (whose(x, row) == &row->m ? 0 : THINGS)] = x;
	}
	if (!row->m.happened && (last[THING_HAPPENS] || row_is_later_moment(row)))
		return;
	for (int i = 0; i < 2 * THINGS; i++) {
		const struct measured *m = last[i] ? whose(last[i], row) : NULL;
		const char *why = m ? doubt(a, m, last[i]) : NULL;

		if (why) {
			row->why = arena_printf(a, "%s:%d: %s: %s, so this is not known",
						last[i]->at.source->path, last[i]->at.line,
						last[i]->text, why);
			continue;
		}
		if (!m || (row->m.happened && last[i]->statement->holds(m, last[i])))
			continue;
		miss(a, row, last[i], m);
		if (!row->m.happened) /* this says everything */
			return;
	}
}
