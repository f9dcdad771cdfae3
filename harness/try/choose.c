/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a failure's first line says which side the user's program is. If there is
 * one program, it is tried in the failures of its side: there the other side is a script. If there
 * are two, they are tried in the failures of the network. These need no scripted side: the other
 * program would not do what a script does.
 */
#include <string.h>

#include "harness/base/shown.h"
#include "harness/try/try.h"

/* The line `failure client`; NULL: it is no failure. */
static const struct line *failure_of(const struct script *script)
{
	for (size_t i = 0; i < script->line_count; i++)
		if (script->lines[i].kind == LINE_FAILURE)
			return &script->lines[i];
	return NULL;
}

/* Whether the command line has the programs that a failure of that kind is about, and no others. */
static bool applies(const struct options *o, enum failure_of of)
{
	bool client = o->program[HOST_CLIENT] != NULL, server = o->program[HOST_SERVER] != NULL;

	if (of == OF_NETWORK)
		return client && server;
	return of == OF_CLIENT ? client && !server : server && !client;
}

static const char *programs_of(const struct options *o)
{
	if (o->program[HOST_CLIENT] && o->program[HOST_SERVER])
		return "both programs";
	return o->program[HOST_CLIENT] ? "the client's program" : "the server's program";
}

/* A named failure must apply. Of all failures, those that apply are taken. */
static bool take(const struct options *o, struct library *l, const struct scenario *s,
		 bool is_named, struct selection *chosen)
{
	struct diagnostics c = {.arena = l->arena};
	const char *error = NULL;
	const struct script *script = library_load(l, s, &c, &error);
	const struct line *failure = script ? failure_of(script) : NULL;

	if (!script) {
		if (error)
			say("%s", error);
		diagnostics_print(stderr, &c);
		return false;
	}
	if (failure && applies(o, failure->failure.of)) {
		*arena_push(l->arena, chosen->list, chosen->count) = s;
		return true;
	}
	if (!is_named)
		return true;
	if (!failure)
		say("%s is not a failure, so nothing can be tried in it; `run` runs it", s->name);
	else
		say("%s is `failure %s`, which is not about %s", s->name,
		    failure_words[failure->failure.of], programs_of(o));
	return false;
}

static bool is_glob(const char *word)
{
	return strpbrk(word, "*?[") || !strcmp(word, "all");
}

bool try_choose(const struct options *o, struct library *l, struct selection *chosen)
{
	struct selection all = {0};
	bool found = true;

	if (!o->word_count) {
		library_list(l);
		if (l->problem)
			say("%s", l->problem);
		for (size_t i = 0; i < l->count; i++)
			if (l->list[i].is_failure)
				found &= take(o, l, &l->list[i], false, chosen);
	}
	for (size_t i = 0; i < o->word_count; i++) {
		const char *error = NULL;

		all.count = 0;
		if (!library_select(l, o->words[i], &all, &error)) {
			say("%s", error);
			found = false;
		}
		for (size_t k = 0; k < all.count; k++)
			if (all.list[k]->is_failure || !is_glob(o->words[i]))
				found &= take(o, l, all.list[k], !is_glob(o->words[i]), chosen);
	}
	if (found && !chosen->count)
		say("none of these failures is about %s", programs_of(o));
	return found && chosen->count;
}
