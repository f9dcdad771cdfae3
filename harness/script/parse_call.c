/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls as strace prints them: arguments, results, and what a call filled in.
 *
 * Arguments nest as deep as the lexer lets brackets nest. Commas between the items of a list may be
 * left out, as strace does in the sets of select(): [l x].
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "harness/packet/hosts.h"
#include "harness/script/parse.h"

#include "harness/calls/calls.h"

static const char could_arg[] =
    "an argument (a name, a number, a string, server:8080, [..], {..} or ...)";

static void push_name(struct parser *p, struct arg *arg, const char *name)
{
	*arena_push(p->arena, arg->names, arg->name_count) = name;
}

static void push_item(struct parser *p, struct arg *arg, struct arg *item)
{
	*arena_push(p->arena, arg->items, arg->item_count) = item;
}

static void parse_list(struct parser *p, struct arg *arg)
{
	parse_next(p); /* [ */
	while (!p->failed && p->token.kind != ']') {
		push_item(p, arg, parse_arg(p));
		parse_accept(p, ',');
	}
	parse_expect(p, ']', "']'");
}

static void parse_struct(struct parser *p, struct arg *arg)
{
	parse_next(p); /* { */
	while (!p->failed && p->token.kind != '}') {
		struct arg *item = parse_arg(p);

		if (item->kind == ARG_NAMES && item->name_count == 1 && p->token.kind == '=') {
			const char *field = item->names[0];
			struct place at = item->place;

			parse_next(p);
			item = parse_arg(p);
			item->field = field;
			item->field_id = field_find(field);
			item->place = at;
		}
		push_item(p, arg, item);
		if (!parse_accept(p, ','))
			break;
	}
	parse_expect(p, '}', "',' or '}'");
}

/* ---- addresses ---- */

bool parse_at_ipv4(const struct parser *p)
{
	struct in_addr address;

	return p->token.kind == TOKEN_NUMBER && inet_pton(AF_INET, p->token.text, &address) == 1;
}

void parse_numeric_address(struct parser *p, struct place at, const char *text)
{
	const char *names = "";

	for (const char *const *name = address_names(); *name; name++)
		names = arena_printf(p->arena, "%s %s", names, *name);
	parse_error(p, at, "%s: addresses are written by name here; expected one of%s",
		    text ? text : "an IPv6 address", names);
}

static void parse_address(struct parser *p, struct arg *arg, const char *host)
{
	arg->kind = ARG_ADDRESS;
	arg->address.place = arg->place;
	arg->address.host = host;
	arg->address.row = host ? address_find(host) : NULL;
	if (p->token.kind != ':')
		arg->address.port = parse_observed(p);
	if (p->token.kind == ':') /* ::1, fd00:1::1 */
		parse_numeric_address(p, arg->place, NULL);
}

/* ---- arguments ---- */

/* c, SOCK_STREAM|SOCK_NONBLOCK, server:8080, in [x], left {tv_sec=1} */
static void parse_names(struct parser *p, struct arg *arg)
{
	const char *first = parse_name(p, could_arg);

	if (parse_accept(p, ':')) {
		parse_address(p, arg, first);
		return;
	}
	if (parse_accept(p, '.')) /* answer.first */
		first =
		    arena_printf(p->arena, "%s.%s", first, parse_name(p, "first, rest or next"));
	arg->kind = ARG_NAMES;
	push_name(p, arg, first);
	if (p->token.kind == '[') {
		arg->kind = ARG_INDEXED;
		parse_list(p, arg);
	} else if (p->token.kind == '{') {
		arg->kind = ARG_LABELLED;
		push_item(p, arg, parse_arg(p));
	}
	while (parse_accept(p, '|')) {
		/* POLLIN|1024, as a bit without a name is shown */
		if (p->token.kind == TOKEN_NUMBER) {
			push_name(p, arg, p->token.text);
			parse_next(p);
			continue;
		}
		push_name(p, arg, parse_name(p, "another constant"));
	}
	arg_resolve(arg);
}

struct arg *parse_arg(struct parser *p)
{
	struct arg *arg = arena_new(p->arena, struct arg);
	size_t start = p->token.start;

	arg->place = p->token.place;
	if (parse_accept(p, TOKEN_ELLIPSIS)) {
		arg->kind = ARG_ANY;
	} else if (p->token.kind == TOKEN_STRING) {
		arg->kind = ARG_STRING;
		arg->bytes = p->token.text;
		arg->length = p->token.length;
		parse_next(p);
		arg->cut = parse_accept(p, TOKEN_ELLIPSIS);
	} else if (p->token.kind == '[') {
		arg->kind = ARG_LIST;
		parse_list(p, arg);
	} else if (p->token.kind == '{') {
		arg->kind = ARG_STRUCT;
		parse_struct(p, arg);
	} else if (p->token.kind == TOKEN_WORD) {
		parse_names(p, arg);
	} else if (parse_accept(p, ':')) {
		parse_address(p, arg, NULL);
	} else if (parse_at_ipv4(p)) {
		parse_numeric_address(p, p->token.place, p->token.text);
	} else if (parse_at_value(p) || p->token.kind == TOKEN_AT_LEAST) {
		arg->kind = ARG_VALUE;
		arg->value = parse_observed(p);
	} else {
		parse_unexpected(p, could_arg, NULL);
	}
	arg->extent = parse_extent(p, start);
	return arg;
}

/* What is compared with them must fit into an actor's message (actor_wire.h, WIRE_COMPARED). */
#define LONGEST_ARGUMENTS (128 << 10)

/* ( args ) */
static void parse_args(struct parser *p, struct arg ***args, size_t *count)
{
	const struct place at = p->token.place;
	size_t from = p->token.start;

	parse_expect(p, '(', "'('");
	if (parse_accept(p, ')'))
		return;
	do {
		*arena_push(p->arena, *args, *count) = parse_arg(p);
	} while (parse_accept(p, ','));
	parse_expect(p, ')', "',' or ')'");
	if (p->end - from > LONGEST_ARGUMENTS)
		parse_error(p, at, "the arguments of a call have at most %d characters",
			    LONGEST_ARGUMENTS);
}

/*
 * strace explains an errno: = -1 EPIPE (Broken pipe). A pasted line may keep that. What a call
 * fills in would be forgotten there, and a call that fails fills in nothing.
 */
static void skip_explanation(struct parser *p)
{
	if (!parse_accept(p, '('))
		return;
	while (p->token.kind != ')' && p->token.kind != TOKEN_END) {
		if (p->token.kind == '[' || p->token.kind == '{')
			parse_error(p, p->token.place,
				    "a call that fails fills in nothing; expected strace's (Broken "
				    "pipe) or the end of the line");
		parse_next(p);
	}
	parse_expect(p, ')', "')'");
}

/* -ECONNRESET, as it is in the kernel's source. */
static void refuse_negative_errno(struct parser *p)
{
	const struct source *source = p->lex.source;
	size_t from = p->token.end, to = from;

	while (to < source->length && isupper((unsigned char)source->text[to]))
		to++;
	if (p->token.kind == '-' && to > from)
		parse_error(p, p->token.place, "an errno follows -1; expected '-1 %.*s'",
			    (int)(to - from), source->text + from);
}

static void parse_result(struct parser *p, struct result *r)
{
	size_t start = p->token.start;

	p->could = "the end of the line";
	r->place = p->token.place;
	refuse_negative_errno(p);
	if (parse_accept(p, '?')) {
		r->kind = RESULT_UNKNOWN;
		r->extent = parse_extent(p, start);
		return;
	}
	if (p->token.kind == TOKEN_WORD) {
		r->kind = RESULT_NAME;
		r->name = parse_name(p, "");
	} else if (parse_at_value(p) || p->token.kind == TOKEN_AT_LEAST) {
		r->kind = RESULT_VALUE;
		r->value = parse_observed(p);
		if (parse_at_word(p)) {
			r->error_place = p->token.place;
			r->error = parse_word(p, "");
			skip_explanation(p);
		} else {
			p->could = "an errno, what the call filled in, or the end of the line";
		}
	} else {
		parse_unexpected(p, "a result (0, -1 EPIPE, a name, $n, * or ?)", NULL);
	}
	r->extent = parse_extent(p, start);
	if (p->token.kind == '(') {
		r->has_seen = true;
		parse_args(p, &r->seen, &r->seen_count);
	}
}

/* A call alone. Its result would directly follow it, not a comment. */
static void parse_no_result(const struct parser *p, struct result *r)
{
	*r = (struct result){.kind = RESULT_TO_COME, .place = p->token.place};
	r->place.column -= (int)(p->token.start - p->end);
}

void parse_bare_call(struct parser *p, struct call *call)
{
	call->name = parse_name(p, "the name of a call");
	call->row = call_find(call->name);
	parse_args(p, &call->args, &call->arg_count);
}

void parse_call(struct parser *p, struct line *line, const char *name, struct place at)
{
	struct call *call = &line->call;
	size_t start = p->token.start;

	line->kind = LINE_CALL;
	call->name = name;
	call->row = call_find(name);
	call->name_place = at;
	parse_args(p, &call->args, &call->arg_count);
	call->args_extent = parse_extent(p, start);
	if (parse_accept(p, TOKEN_ELLIPSIS))
		call->open = true;
	else if (parse_accept(p, '='))
		parse_result(p, &call->result);
	else if (p->token.kind == TOKEN_END || p->token.kind == '@')
		parse_no_result(p, &call->result);
	else
		parse_unexpected(
		    p, "'=' and a result, or '...' (the script goes on while it blocks)", NULL);
	call->tail = parse_extent(p, call->args_extent.to);
}

void parse_resume(struct parser *p, struct line *line)
{
	struct call *call = &line->call;
	size_t start;

	line->kind = LINE_RESUME;
	call->name_place = p->token.place;
	call->name = parse_name(p, "the name of the call that returns");
	call->row = call_find(call->name);
	start = p->token.start;
	parse_args(p, &call->args, &call->arg_count);
	call->args_extent = parse_extent(p, start);
	parse_expect(p, '=', "'=' and a result");
	parse_result(p, &call->result);
	call->tail = parse_extent(p, call->args_extent.to);
}
