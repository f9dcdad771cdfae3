/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser: a line to a struct line, by recursive descent with one token of look-ahead.
 *
 * This file has the tokens, the errors, and the beginnings of lines, which decide who reads the
 * rest.
 */
#include "harness/script/parse.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/hosts.h"

/* ---- tokens ---- */

void parse_next(struct parser *p)
{
	if (p->failed)
		return;
	p->end = p->lex.position;
	lex_token(&p->lex, &p->token);
}

struct extent parse_extent(const struct parser *p, size_t from)
{
	return (struct extent){from, p->end};
}

bool parse_accept(struct parser *p, int kind)
{
	if (p->token.kind != kind)
		return false;
	parse_next(p);
	return true;
}

void parse_expect(struct parser *p, int kind, const char *could)
{
	if (!parse_accept(p, kind))
		parse_unexpected(p, could, NULL);
}

bool parse_is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && strcmp(p->token.text, word) == 0;
}

bool parse_accept_word(struct parser *p, const char *word)
{
	bool is = parse_is_word(p, word);

	if (is)
		parse_next(p);
	return is;
}

const char *parse_name(struct parser *p, const char *could)
{
	const char *name = "?";

	if (p->token.kind == TOKEN_WORD) {
		name = p->token.text;
		parse_next(p);
	} else {
		parse_unexpected(p, could, NULL);
	}
	return name;
}

bool parse_at_word(const struct parser *p)
{
	return p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_VARIABLE;
}

const char *parse_word(struct parser *p, const char *could)
{
	const char *word;

	if (p->token.kind != TOKEN_VARIABLE)
		return parse_name(p, could);
	word = arena_printf(p->arena, "$%s", p->token.text);
	parse_next(p);
	return word;
}

/* ---- errors ---- */

void parse_error(struct parser *p, struct place at, const char *fmt, ...)
{
	va_list ap;

	if (p->failed)
		return;
	va_start(ap, fmt);
	diagnose(p->diagnostics, at, "%s", arena_vprintf(p->arena, fmt, ap));
	va_end(ap);
	p->failed = true;
	p->failed_at = p->token;
	p->token.kind = TOKEN_END;
}

/* The token as a reader would quote it. */
static const char *quoted(struct parser *p)
{
	const struct token *t = &p->token;
	const char *text = p->lex.source->text + t->start;
	int length = (int)(t->end - t->start);

	if (t->kind == TOKEN_END)
		return t->depth ? "the file ends" : "the line ends";
	if (length > 40)
		return arena_printf(p->arena, "unexpected '%.37s...'", text);
	return arena_printf(p->arena, "unexpected '%.*s'", length, text);
}

void parse_unexpected(struct parser *p, const char *could, const char *const *words)
{
	const struct token *t = &p->token;
	const char *meant = words && t->kind == TOKEN_WORD ? nearest(t->text, words) : NULL;

	if (p->failed)
		return;
	if (t->kind == TOKEN_BAD)
		parse_error(p, t->place, "%s", t->text);
	else if (t->depth && t->place.line > p->lex.openers[t->depth - 1].line)
		parse_error(p, p->lex.openers[t->depth - 1],
			    "this bracket is not closed: %s in line %d; expected %s", quoted(p),
			    t->place.line, could);
	else if (meant)
		parse_error(p, t->place, "%s; did you mean %s?", quoted(p), meant);
	else
		parse_error(p, t->place, "%s; expected %s", quoted(p), could);
}

/* ---- lines ---- */

/*
 * The dot of server.kid, and not the flag in `>server . ack 2`: it touches what is on both sides.
 */
static bool accept_inner_dot(struct parser *p, size_t name_end)
{
	const struct source *source = p->lex.source;
	const struct token *t = &p->token;

	return t->kind == '.' && t->start == name_end && t->end < source->length &&
	       isalpha((unsigned char)source->text[t->end]) && parse_accept(p, '.');
}

struct actor parse_actor(struct parser *p)
{
	struct actor actor = {.place = p->token.place};
	size_t end = p->token.end, start = p->token.start;

	actor.host = parse_name(p, "a host");
	if (accept_inner_dot(p, end))
		actor.part = parse_name(p, "the name of a thread or process");
	if (parse_accept(p, ':'))
		actor.connection = parse_name(p, "the name of a connection");
	actor.extent = parse_extent(p, start);
	return actor;
}

static void parse_signalled(struct parser *p, struct line *line)
{
	size_t start = p->token.start;

	line->kind = LINE_SIGNALLED;
	line->signal.place = p->token.place;
	line->signal.name = parse_word(p, "a signal's name (SIGPIPE)");
	line->signal.extent = parse_extent(p, start);
	parse_expect(p, TOKEN_DASHES, "'---'");
}

static void parse_death(struct parser *p, struct line *line)
{
	static const char *const ways[] = {"exited", "killed", NULL};
	size_t start = p->token.start;

	line->kind = LINE_DEATH;
	if (parse_accept_word(p, "exited")) {
		if (!parse_accept_word(p, "with"))
			parse_unexpected(p, "'with' and the exit status", NULL);
		line->signal.place = p->token.place;
		line->signal.status = parse_integer(p);
	} else if (parse_accept_word(p, "killed")) {
		if (!parse_accept_word(p, "by"))
			parse_unexpected(p, "'by' and a signal's name", NULL);
		line->signal.place = p->token.place;
		line->signal.name = parse_word(p, "a signal's name (SIGKILL)");
	} else {
		parse_unexpected(p, "'exited with 0' or 'killed by SIGKILL'", ways);
	}
	line->signal.extent = parse_extent(p, start);
	parse_expect(p, TOKEN_PLUSES, "'+++'");
}

/* " one two", with that separator. */
static const char *listed(struct parser *p, const char *const *names, const char *between)
{
	const char *list = arena_printf(p->arena, " %s", *names);

	while (*++names)
		list = arena_printf(p->arena, "%s%s%s", list, between, *names);
	return list;
}

/* How long it was meant to be, if that is clear: a number alone means seconds. */
static const char *waiting_time(struct parser *p)
{
	const char *text = p->token.text;

	if (p->token.kind != TOKEN_NUMBER)
		return "1s";
	if (parse_at_duration(p))
		return text;
	return text[strspn(text, "0123456789.")] ? "1s" : arena_printf(p->arena, "%ss", text);
}

/* `sleep 1s`, which the language does not have. */
static void refuse_waiting(struct parser *p, struct place at, const char *word)
{
	const char *text = waiting_time(p);

	parse_error(p, at,
		    "there is no word '%s'; expected 'quiet %s' (so long nothing happens), or "
		    "'+%s' before what comes then",
		    word, text, text);
}

/* Before a bracket, wait() and pause() are calls like others. */
static bool is_waiting(const struct parser *p, const char *word)
{
	static const struct {
		const char *word;
		bool is_call;
	} words[] = {
	    {"sleep", false}, {"usleep", false}, {"nanosleep", false},
	    {"wait", true},   {"pause", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return p->token.kind != '(' || !words[i].is_call;
	}
	return false;
}

/* After an actor, a word: a call, if a bracket follows, else a verb. */
static void parse_call_or_verb(struct parser *p, struct line *line)
{
	const char *word = p->token.text, *meant;
	struct place at = p->token.place;

	parse_next(p);
	if (is_waiting(p, word))
		refuse_waiting(p, at, word);
	if (p->token.kind == '(') {
		parse_call(p, line, word, at);
		return;
	}
	if (parse_verb(p, line, word))
		return;
	/* No verb: the mistake may be in the first word already (`ues established`). */
	meant = host_find(line->actor.host) == HOST_NONE ? nearest(line->actor.host, keyword_names)
							 : NULL;
	if (meant)
		parse_error(p, line->actor.place, "unknown '%s'; did you mean %s?",
			    line->actor.host, meant);
	meant = nearest(word, verb_names);
	if (meant)
		parse_error(p, at, "unknown verb '%s'; did you mean %s?", word, meant);
	parse_error(p, at, "unknown verb '%s'; expected a call's name and '(', or one of%s", word,
		    listed(p, verb_names, " "));
}

/* `client> forge R`: the router does it. */
static void refuse_verb(struct parser *p, const struct actor *actor)
{
	const char *word = p->token.text;

	if (p->token.kind != TOKEN_WORD ||
	    (!fault_find(word) && strcmp(word, line_rows[LINE_FORGE].word) != 0 &&
	     strcmp(word, line_rows[LINE_RELEASE].word) != 0))
		return;
	parse_error(p, p->token.place, "'%s' is what the router does; expected 'router %s %s> ..'",
		    word, word, actor->host);
}

static void parse_actor_line(struct parser *p, struct line *line)
{
	static const char could[] =
	    "'>' and a packet, a call, a verb (ss, drop ..), '...', '---' or '+++'";

	line->actor = parse_actor(p);
	if (p->token.kind == '>') {
		line->kind = LINE_SENT;
		parse_next(p);
		refuse_verb(p, &line->actor);
		parse_segment(p, &line->segment);
		return;
	}
	if (line->actor.connection) {
		parse_unexpected(p, "'>' and a packet (only packets are told apart by ':name')",
				 NULL);
		return;
	}
	if (parse_accept(p, TOKEN_ELLIPSIS))
		parse_resume(p, line);
	else if (parse_accept(p, TOKEN_DASHES))
		parse_signalled(p, line);
	else if (parse_accept(p, TOKEN_PLUSES))
		parse_death(p, line);
	else if (p->token.kind == TOKEN_WORD)
		parse_call_or_verb(p, line);
	else if (is_waiting(p, line->actor.host))
		refuse_waiting(p, line->actor.place, line->actor.host);
	else if (host_find(line->actor.host) == HOST_NONE &&
		 nearest(line->actor.host, keyword_names))
		parse_error(p, line->actor.place, "unknown '%s'; did you mean %s?",
			    line->actor.host, nearest(line->actor.host, keyword_names));
	else
		parse_unexpected(p, could, NULL);
}

static void parse_body(struct parser *p, struct line *line)
{
	if (parse_accept(p, '>')) {
		line->kind = LINE_ARRIVAL;
		line->actor = parse_actor(p);
		parse_segment(p, &line->segment);
	} else if (parse_accept(p, TOKEN_ELLIPSIS)) {
		line->kind = LINE_ANY;
	} else if (p->token.kind == TOKEN_WORD) {
		if (!parse_keyword(p, line))
			parse_actor_line(p, line);
	} else {
		parse_unexpected(p,
				 arena_printf(p->arena,
					      "a host (client, server, router), '>host', '...', or "
					      "one of%s",
					      listed(p, keyword_names, ", ")),
				 NULL);
	}
}

/*
 * Why a line of that kind happens at no moment, so that it has no gap and no label; NULL: it does.
 */
static const char *no_moment(enum line_kind kind)
{
	if (kind == LINE_ANY)
		return "'...' lets any number of packets pass, whenever they come";
	return line_rows[kind].role == ROLE_NOTE ? "nothing happens in this line" : NULL;
}

void parse_line(struct parser *p, struct line *line)
{
	struct place start;

	p->could = "the end of the line";
	p->better = NULL;
	parse_next(p);
	/* A verbose transcript's absolute time: only there does a line begin with a number. */
	if (p->token.kind == TOKEN_NUMBER && p->token.place.column == 1)
		parse_next(p);
	start = line->place = p->token.place;
	if (p->token.kind == TOKEN_END)
		return;

	if (p->token.kind == '@' || p->token.kind == '+')
		parse_gap(p, &line->gap);
	parse_body(p, line);
	if (line->gap.present && no_moment(line->kind))
		parse_error(p, start, "%s, so no time can be written before it",
			    no_moment(line->kind));
	if (!p->failed && p->token.kind == '@') {
		if (no_moment(line->kind))
			parse_error(p, p->token.place, "%s, so there is no event to mark with @",
				    no_moment(line->kind));
		parse_next(p);
		line->label = parse_name(p, "a name for this event");
		p->better = NULL;
		p->could = "the end of the line";
	}
	if (p->token.kind != TOKEN_END)
		parse_unexpected(p, p->could, p->better);
}
