/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoder, time line and judge, and the reports of their answer: a script, and possible events of
 * its run (walk.h). In every case the judge that continues from the settled part says the same as
 * the one that begins again, after each event; a return gives the same whether it was examined
 * before or not; and the reports can be read: transcripts are scripts, and so is the output of
 * `bless`.
 *
 * The input is the script's text, a zero, and the bytes that describe the events.
 */
#include "harness/bless/bless_answer.h"
#include "harness/report/report_json.h"
#include "harness/report/trace_file.h"
#include "harness/report/transcript.h"
#include "tests/fuzz/walk.h"
#include "tests/judgements.h"

#define LONGEST 150 /* lines: all of them are judged after each event */

static struct library library;
static struct arena lasting;

/* What the newest question was answered with. */
struct asking {
	struct judge_memory *memory;
	struct arena given_in, anew_in;
	struct judgement given;
	const char *text;
};

static void ask(struct walk *w)
{
	struct asking *a = w->context;
	struct judgement anew;
	const char *differ;

	arena_clear(&a->given_in);
	judge_on(a->memory, &a->given_in, w->run, &w->t, w->done, &a->given);
	arena_clear(&a->anew_in);
	judge(&a->anew_in, w->run, &w->t, w->done, false, &anew);
	differ = judgements_differ(&a->anew_in, w->run, &a->given, &anew);
	if (differ)
		wrong(
		    "after %zu events, with %zu lines begun, the judge says another thing %s when "
		    "it goes on from line %zu than when it begins anew:\n%s",
		    w->t.event_count, w->done, differ, a->given.settled, a->text);
	w->j = &a->given;
}

static void forget(struct walk *w)
{
	struct asking *a = w->context;

	judge_forget(a->memory);
	a->memory = judge_remember(w->arena);
}

/* Facts that are computed once about returns do not change their judgement. */
static void same_unresolved(struct walk *w, const struct judgement *j, const char *text)
{
	struct timeline unresolved = w->t;
	struct judgement again;
	const char *differ;

	unresolved.events = arena_alloc(w->arena, (w->t.event_count + 1) * sizeof(struct event));
	for (size_t i = 0; i < w->t.event_count; i++) {
		unresolved.events[i] = w->t.events[i];
		unresolved.events[i].meets = NULL;
		unresolved.events[i].parsed = NULL;
	}
	judge(w->arena, w->run, &unresolved, w->done, true, &again);
	differ = judgements_differ(w->arena, w->run, j, &again);
	if (differ)
		wrong("of what returned beforehand another thing is said %s:\n%s", differ, text);
}

static void is_script(struct arena *a, const char *what, const char *printed, const char *text)
{
	struct diagnostics c = {.arena = a};
	struct source *source = arena_new(a, struct source);

	*source = (struct source){what, printed, strlen(printed)};
	if (script_parse(a, source, &c) && !c.count)
		return;
	diagnostics_print(stderr, &c);
	wrong("the %s is no script:\n%s\nof\n%s", what, printed, text);
}

/* Where nothing was done and nothing came, there are only comments to say so. */
static bool is_all_comments(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\n");
		if (*text && *text != '#')
			return false;
		text += strcspn(text, "\n");
	}
	return true;
}

static const char *printed(struct arena *a, void (*print)(FILE *, const struct observation *),
			   const struct observation *o)
{
	struct text text;

	print(text_open(&text), o);
	return text_close(&text, a);
}

static void print_failure(FILE *out, const struct observation *o)
{
	failure_print(out, o, true);
}

/* Its blocks end where the file ends, and it has each packet. */
static void is_traced(struct arena *a, const struct planned *planned, const struct observation *o,
		      const struct story *story, const char *text)
{
	struct observation of = *o;
	struct text written;
	bool good = trace_write(text_open(&written), planned, "6.12.0", &of, story);
	long size = ftell(written.out), at = 0;
	const char *file = text_close(&written, a);
	int packets = 0;
	uint32_t head[2];

	for (; at + 12 <= size; at += head[1]) {
		memcpy(head, file + at, sizeof(head));
		packets += head[0] == 6;
		if (head[1] < 12 || head[1] % 4)
			break;
	}
	/* A spool is nowhere here (walk.h). */
	if (at != size || (!o->capture.spool && (!good || packets != o->capture.seen)))
		wrong("its capture file is wrong at byte %ld of %ld:\n%s", at, size, text);
}

static void report(struct walk *w, const struct observation *o, const char *text)
{
	struct planned planned = {
	    .scenario =
		&(const struct scenario){.name = "fuzz", .topic = "fuzz", .path = "fuzz.tcp"},
	    .name = "fuzz",
	    .group = "fuzz",
	    .title = w->run->script->title,
	    .facts = w->run->facts,
	};
	const char *brief = printed(w->arena, transcript_print, o);
	const char *verbose = printed(w->arena, transcript_print_verbose, o);
	const char *stamped = printed(w->arena, transcript_print_stamped, o);
	struct story story = story_tell(w->arena, o->run, &o->timeline, &o->judgement);
	json_t *json = report_json(&planned, "6.12.0", o, &story);
	char *dumped = json_dumps(json, 0);

	if (!dumped)
		wrong("it is no JSON:\n%s", text);
	free(dumped);
	json_decref(json);
	printed(w->arena, reason_print, o);
	printed(w->arena, print_failure, o);
	printed(w->arena, values_print, o);
	is_traced(w->arena, &planned, o, &story, text);
	if (w->stranger)
		return;
	if (!is_all_comments(brief))
		is_script(w->arena, "transcript", brief, text);
	if (!is_all_comments(brief))
		is_script(w->arena, "transcript with times", stamped, text);
	if (!is_all_comments(verbose))
		is_script(w->arena, "verbose transcript", verbose, text);
}

/* What the process that has ordered it is told of it. */
static void is_answer(struct arena *a, const struct draft *draft, const char *text)
{
	struct bless_answer answer = {.draft = *draft}, read;
	char *written = NULL;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	bless_answer_write(out, &answer);
	fclose(out);
	if (!bless_answer_read(a, written, size, &read))
		wrong("this draft cannot be told:\n%s\nof\n%s", draft->text, text);
	free(written);
}

static void rewrite(struct walk *w, const struct judgement *j, const char *text)
{
	const struct blessing what = {
	    .from = bless_from(w->run, &w->t, j),
	    .done = w->done,
	    .held = bless_held(w->arena, w->run, j),
	    .acks = take_byte(&w->in) & 1,
	};
	struct draft draft = {0};
	const char *why = NULL;

	bless_gap(w->arena, w->run, &w->t, j, &draft);
	if (draft.text) {
		is_answer(w->arena, &draft, text);
		if (!w->stranger)
			is_script(w->arena, "draft with another time", draft.text, text);
	}
	if (!bless_rewrite(w->arena, w->run, &w->t, j, &what, &draft, &why)) {
		if (!why)
			wrong("there is no draft, and no why:\n%s", text);
		return;
	}
	is_answer(w->arena, &draft, text);
	if (!w->stranger)
		is_script(w->arena, "draft", draft.text, text);
}

static void carry_out(struct arena *a, const struct run *run, struct input in, const char *text)
{
	struct judgement nothing = {0};
	struct asking asking = {.memory = judge_remember(a), .text = text};
	struct walk w = {.arena = a,
			 .run = run,
			 .in = in,
			 .j = &nothing,
			 .ask = ask,
			 .forget = forget,
			 .context = &asking};
	struct observation o = {.run = run};

	walk_down(&w);
	timeline_settle(&w.t, w.now + NS_PER_S);
	w.now += NS_PER_S;
	ask(&w);
	judge(a, run, &w.t, w.done, true, &o.judgement);
	same_unresolved(&w, &o.judgement, text);
	o.timeline = w.t;
	o.capture = w.capture;
	o.began = w.t.start;
	o.ended = w.now;
	o.done = w.done;
	report(&w, &o, text);
	rewrite(&w, &o.judgement, text);
	judge_forget(asking.memory);
	arena_free(&asking.given_in);
	arena_free(&asking.anew_in);
	close_capture(&w);
}

/* As the plan asks for. */
static bool does_something(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (line_role(&run->lines[i]) != ROLE_NOTE)
			return true;
	return false;
}

static bool made_run(struct arena *a, const char *text, struct input *in, struct run *run)
{
	struct diagnostics c = {.arena = a};
	struct source *source = arena_new(a, struct source);
	const struct scenario scenario = {.name = "fuzz", .topic = "fuzz", .path = "fuzz.tcp"};
	struct library l = library;
	struct library_use use = {&l, &scenario};
	struct facts facts = {
	    .kernel = {6, 18, 0}, .is_elsewhere = true, .is_virtual = true, .is_root = true};
	struct binding **sets;
	size_t count, sets_count;
	struct script *script;
	uint8_t which = take_byte(in);

	l.arena = a;
	*source = (struct source){"fuzz.tcp", text, strlen(text)};
	script = script_parse(a, source, &c);
	if (!script || c.count)
		return false;
	facts.family = which & 1 ? 6 : 4;
	sets_count = script_combinations(a, script, &sets, &count, &c);
	*run = (struct run){0};
	return sets_count && !c.count &&
	       script_expand(a, script, &facts, sets[which / 2 % sets_count], count, library_use,
			     &use, run, &c) &&
	       !run->skip && run->line_count <= LONGEST && does_something(run) &&
	       script_check(a, run, &c) && engine_accepts(run, &c) && !c.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct arena a = {0};
	const char *text = take_text(&in, &a);
	struct run run;

	if (!library.is_listed) {
		library_open(&library, &lasting, "scenarios");
		library_list(&library);
	}
	if (made_run(&a, text, &in, &run))
		carry_out(&a, &run, in, text);
	arena_free(&a);
	return 0;
}
