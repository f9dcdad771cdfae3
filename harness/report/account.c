/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account is sent as a JSON object in one line, from one process of this program to another:
 * what is left out has its default.
 */
#include "harness/report/account.h"

#include <string.h>

#include "harness/base/json_bytes.h"
#include "harness/base/text.h"
#include "harness/report/transcript.h"

bool has_happened(const struct observation *o)
{
	return o->judgement.verdict != VERDICT_SKIP && o->judgement.lines &&
	       o->timeline.event_count > 0 && !o->too_much;
}

/* What reason_print() prints, without the newline; NULL: nothing. */
static const char *reason_of(struct arena *a, const struct observation *o)
{
	struct text text;
	const char *said;
	size_t length;

	reason_print(text_open(&text), o);
	said = text_close(&text, a);
	length = strlen(said);
	return length ? arena_strndup(a, said, length - (said[length - 1] == '\n')) : NULL;
}

static void add_place(struct account *account, const struct place *place)
{
	account->file = place->source ? place->source->path : NULL;
	account->line = place->line;
}

static void add_problem(struct account *account, struct arena *a, const struct observation *o)
{
	const struct problem *p = o->judgement.problems;

	if (!o->judgement.problem_count)
		return;
	add_place(account, &o->run->lines[p->line].place);
	account->reason = reason_of(a, o);
	account->expected = p->expected;
	account->got = p->got;
	account->differ = p->differ;
}

struct account account_of(struct arena *a, const struct observation *o, const char *skip)
{
	struct account account = {
	    .verdict = o->judgement.verdict,
	    .took = o->ended - o->began,
	};

	if (account.verdict == VERDICT_SKIP)
		account.why = skip;
	else if (account.verdict == VERDICT_BROKEN)
		account.why = broken_reason(a, o);
	else if (account.verdict == VERDICT_PASS)
		account.why = failure_text(a, o);
	if (o->broken && o->broken_line)
		add_place(&account, &o->broken_line->place);
	else
		add_problem(&account, a, o);
	return account;
}

struct account account_broken(const char *why)
{
	return (struct account){.verdict = VERDICT_BROKEN, .why = why};
}

const char *account_why(const struct account *account)
{
	if (account->why)
		return account->why;
	return account->reason ? account->reason : account->diagnostic;
}

void account_write(FILE *aside, const struct account *account)
{
	struct arena a = {0};
	json_t *json = json_pack(
	    "{si sI ss* ss* sb sb ss* ss* si ss* ss* ss* sO* sI}", "verdict", (int)account->verdict,
	    "took", (json_int_t)account->took, "why", json_bytes(&a, account->why), "diagnostic",
	    json_bytes(&a, account->diagnostic), "instead", account->instead, "by_kernel",
	    account->by_kernel, "reason", json_bytes(&a, account->reason), "file",
	    json_bytes(&a, account->file), "line", account->line, "expected",
	    json_bytes(&a, account->expected), "got", json_bytes(&a, account->got), "differ",
	    json_bytes(&a, account->differ), "row", account->row, "before",
	    (json_int_t)account->before);

	json_dumpf(json, aside, JSON_COMPACT | JSON_PRESERVE_ORDER);
	fputc('\n', aside);
	json_decref(json);
	arena_free(&a);
}

bool account_read(struct arena *a, const char *bytes, size_t length, struct account *account)
{
	json_t *json = bytes ? json_loadb(bytes, length, 0, NULL) : NULL;
	json_int_t verdict = json_integer_value(json_object_get(json, "verdict"));
	bool is_one = json_is_object(json) && verdict >= 0 && verdict < VERDICT_COUNT;

	*account = (struct account){
	    .verdict = is_one ? (enum verdict)verdict : VERDICT_BROKEN,
	    .took = json_integer_value(json_object_get(json, "took")),
	    .why = json_bytes_at(a, json, "why"),
	    .diagnostic = json_bytes_at(a, json, "diagnostic"),
	    .instead = json_is_true(json_object_get(json, "instead")),
	    .by_kernel = json_is_true(json_object_get(json, "by_kernel")),
	    .reason = json_bytes_at(a, json, "reason"),
	    .file = json_bytes_at(a, json, "file"),
	    .line = (int)json_integer_value(json_object_get(json, "line")),
	    .expected = json_bytes_at(a, json, "expected"),
	    .got = json_bytes_at(a, json, "got"),
	    .differ = json_bytes_at(a, json, "differ"),
	    .row = json_incref(json_object_get(json, "row")),
	    .before = (size_t)json_integer_value(json_object_get(json, "before")),
	};
	json_decref(json);
	return is_one;
}
