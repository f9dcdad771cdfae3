/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scripted server says and a scripted client asks: the words `answer` and `ask` in calls
 * that send. The command line may give the bytes; else it is HTTP/1.1, which many programs speak.
 *
 * answer.first and answer.rest are its two halves. answer.next are the bytes that follow those of
 * the last answer.next on the same descriptor: as many as the call's length says. If fewer are
 * left, the call sends these. So how much each line sends is known before the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/script/check.h"

#define BODY 100000

int facts_port(const struct facts *f)
{
	return f->port ? f->port : DEFAULT_PORT;
}

static struct content default_answer(struct arena *a)
{
	const char *head = arena_printf(a,
					"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
					"Content-Length: %d\r\n\r\n",
					BODY);
	size_t length = strlen(head);
	char *bytes = arena_alloc(a, length + BODY);

	memcpy(bytes, head, length);
	memcpy(bytes + length, text_pattern(a, BODY), BODY);
	return (struct content){bytes, length + BODY};
}

static struct content default_ask(struct arena *a, const struct facts *f)
{
	const char *text =
	    arena_printf(a, "GET / HTTP/1.1\r\nHost: server:%d\r\n\r\n", facts_port(f));

	return (struct content){text, strlen(text)};
}

struct content content_answer(struct arena *a, const struct facts *f)
{
	return f->answer.bytes ? f->answer : default_answer(a);
}

struct content content_ask(struct arena *a, const struct facts *f)
{
	return f->ask.bytes ? f->ask : default_ask(a, f);
}

/* ---- words ---- */

static const char *const words[] = {"answer",	   "answer.first", "answer.rest",
				    "answer.next", "ask",	   "ask.first",
				    "ask.rest",	   "ask.next",	   NULL};

static bool is_part(const char *word, const char *part)
{
	const char *dot = strchr(word, '.');

	return dot && !strcmp(dot + 1, part);
}

static struct content part_of(struct content whole, const char *word)
{
	size_t half = (whole.length + 1) / 2;

	if (is_part(word, "first"))
		return (struct content){whole.bytes, half};
	if (is_part(word, "rest"))
		return (struct content){whole.bytes + half, whole.length - half};
	return whole;
}

/* Once for each checker: it is large. */
static struct content whole_of(struct checker *k, const char *word)
{
	bool answers = !strncmp(word, "answer", 6);
	struct content *kept = answers ? &k->answer : &k->ask;

	if (!kept->bytes)
		*kept = answers ? content_answer(k->arena, &k->run->facts)
				: content_ask(k->arena, &k->run->facts);
	return *kept;
}

/* As many as the length says, from where the descriptor's last call ended. */
static struct content take_next(struct checker *k, const struct call *call, struct content whole)
{
	struct arg *length = call->arg_count > 2 ? call->args[2] : NULL;
	struct name *n =
	    call->args[0]->kind == ARG_NAMES ? name_find(k, call->args[0]->names[0]) : NULL;
	size_t done = n && n->said < whole.length ? n->said : whole.length, count;

	if (!n) /* which is complained about elsewhere */
		return (struct content){whole.bytes, 0};
	if (!length || length->kind != ARG_VALUE || length->value->kind != VALUE_INT ||
	    length->value->number < 1) {
		diagnose(k->diagnostics, call->args[1]->place,
			 "%s is as many bytes as the length says, and that is not written; "
			 "expected %s(%s, %s, 1)",
			 call->args[1]->names[0], call->name, n->name, call->args[1]->names[0]);
		return (struct content){whole.bytes, 0};
	}
	count = (size_t)length->value->number;
	if (count > whole.length - done)
		count = whole.length - done;
	n->said = done + count;
	length->value->number = (int64_t)count;
	return (struct content){whole.bytes + done, count};
}

static void put(struct checker *k, const struct call *call, struct arg *arg)
{
	const char *word = arg->names[0];
	struct content whole, part;
	const char *near;

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], word))
			continue;
		whole = whole_of(k, word);
		part = is_part(word, "next") ? take_next(k, call, whole) : part_of(whole, word);
		arg->kind = ARG_STRING;
		arg->bytes = part.bytes;
		arg->length = part.length;
		arg->content = word;
		return;
	}
	near = strchr(word, '.') ? nearest(word, words) : NULL;
	if (near)
		diagnose(k->diagnostics, arg->place, "there is no '%s'; did you mean %s?", word,
			 near);
}

void content_put(struct checker *k, const struct call *call)
{
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && param->type == TYPE_DATA && call->args[i]->kind == ARG_NAMES &&
		    call->args[i]->name_count == 1)
			put(k, call, call->args[i]);
	}
}
