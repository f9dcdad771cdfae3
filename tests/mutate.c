/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mutation test: a test that cannot fail is a defect, so every expectation of every shipped
 * scenario is turned wrong, one at a time, and each scenario so altered must fail and name the
 * altered line.
 *
 * Mutants are made on the parsed lines, not on the text: a table of small functions each alters one
 * thing (an errno, a flag, a gap ..) in a copy of a line, if the line says anything of that kind,
 * and the copy is printed in the place of the original. A mutant that the checker refuses because
 * of that line (a call on a closed descriptor that wants something else than EBADF) has failed
 * without being run. All others are files in a temporary directory; the program itself runs them,
 * and its --json says how each ended. Of several combinations of parameters, those in which the
 * line takes place must all fail.
 *
 *     mutate PROGRAM LIBRARY [-6] [KERNEL]     exit status 0: none survived
 *
 * With a KERNEL, those of default-timers/, which only virtual time makes bearable, on that kernel;
 * else all the others on the running one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/facts.h"
#include "harness/guest/guest.h"
#include "harness/icmp.h"
#include "harness/script/script.h"

struct mutant {
	const char *file;     /* in the temporary directory */
	const char *scenario; /* what it was made from */
	int first, last;      /* the lines of which one must be named */
	const bool *kept;     /* whether the line takes place, run by run */
	size_t run_count;
	const char *what;
	const char *line; /* as altered */
};

static struct arena arena;
static struct mutant *mutants;
static size_t mutant_count, refused_count;
static char directory[] = "/tmp/tcplab-mutants-XXXXXX";

/* ---- altering one thing ---- */

static struct value *more(const struct value *v, int64_t by)
{
	struct value *copy;

	if (!v || (v->kind != VALUE_INT && v->kind != VALUE_SUM && v->kind != VALUE_RANGE))
		return NULL;
	copy = arena_new(&arena, struct value);
	*copy = *v;
	if (v->kind == VALUE_RANGE) { /* 3..5 becomes 6..8 */
		int64_t width = v->right->number - v->left->number + 1;

		if (v->left->kind != VALUE_INT || v->right->kind != VALUE_INT)
			return NULL;
		copy->left = more(v->left, width);
		copy->right = more(v->right, width);
		return copy;
	}
	if (v->kind == VALUE_INT) {
		copy->number += by;
		return copy;
	}
	copy->left = arena_new(&arena, struct value); /* $i * 11 becomes $i * 11 + 1 */
	*copy->left = *v;
	copy->op = by < 0 ? '-' : '+';
	copy->right = arena_new(&arena, struct value);
	*copy->right = (struct value){.kind = VALUE_INT, .number = by < 0 ? -by : by};
	return copy;
}

static bool raise_value(struct value **v)
{
	struct value *altered = more(*v, 1);

	if (altered)
		*v = altered;
	return altered != NULL;
}

static bool is_call(const struct line *l)
{
	return l->kind == LINE_CALL || l->kind == LINE_RESUME;
}

static bool is_packet(const struct line *l)
{
	return (l->kind == LINE_SENT || l->kind == LINE_ARRIVAL) && l->segment.kind != SEGMENT_ARP;
}

static bool is_tcp(const struct line *l)
{
	return is_packet(l) && l->segment.kind == SEGMENT_TCP;
}

static bool alter_errno(struct line *l)
{
	if (!is_call(l) || !l->call.result.error)
		return false;
	l->call.result.error = strcmp(l->call.result.error, "ENOTUNIQ") ? "ENOTUNIQ" : "EXFULL";
	return true;
}

static bool alter_success(struct line *l)
{
	if (!is_call(l) || !l->call.result.error)
		return false;
	l->call.result.error = NULL;
	l->call.result.value = more(l->call.result.value, 1);
	return l->call.result.value != NULL;
}

static bool alter_result(struct line *l)
{
	return is_call(l) && l->call.result.kind == RESULT_VALUE && !l->call.result.error &&
	       raise_value(&l->call.result.value);
}

static bool alter_failure(struct line *l)
{
	if (!is_call(l) || l->call.result.kind != RESULT_VALUE || l->call.result.error ||
	    l->call.result.value->kind != VALUE_INT || l->call.result.value->number < 0)
		return false;
	l->call.result.value = more(l->call.result.value, -1 - l->call.result.value->number);
	l->call.result.error = "ENOTUNIQ";
	return true;
}

/* ---- what a call filled in ---- */

static bool alter_leaf(struct arg *leaf)
{
	const char *old;
	struct value *value;

	switch (leaf->kind) {
	case ARG_STRING:
		leaf->bytes = arena_printf(&arena, "%.*s!", (int)leaf->length, leaf->bytes);
		leaf->length++;
		return true;
	case ARG_VALUE:
		value = more(leaf->value, 1);
		leaf->value = value ? value : leaf->value;
		return value != NULL;
	case ARG_NAMES:
		old = leaf->names[0];
		/* Nothing is filled in there; strace's, beside a result of 0. */
		if (!strcmp(old, "NULL") || !strcmp(old, "Timeout"))
			return false;
		leaf->names = arena_alloc(&arena, sizeof(*leaf->names));
		leaf->names[0] = old[0] == 'P'		   ? "POLLNVAL"
				 : !strncmp(old, "SIG", 3) ? "SIGXCPU"
							   : "ENOTUNIQ";
		leaf->name_count = 1;
		return true;
	case ARG_ADDRESS:
		leaf->address.host = leaf->address.host ? NULL : "ghost";
		return true;
	default:
		return false;
	}
}

/* A copy in which the nth leaf is another, or NULL; `n` counts down what has been passed. */
static struct arg *other_leaf(const struct arg *arg, int *n)
{
	struct arg *copy = arena_new(&arena, struct arg);

	*copy = *arg;
	if (!arg->item_count)
		return alter_leaf(copy) && (*n)-- == 0 ? copy : NULL;
	copy->items = arena_alloc(&arena, arg->item_count * sizeof(*copy->items));
	memcpy(copy->items, arg->items, arg->item_count * sizeof(*copy->items));
	for (size_t i = 0; i < arg->item_count; i++) {
		const char *field = arg->items[i]->field;
		struct arg *altered;

		if (field && !strcmp(field, "iov_len")) /* how much is to be received */
			continue;
		altered = other_leaf(arg->items[i], n);
		if (!altered)
			continue;
		copy->items[i] = altered;
		return copy;
	}
	return NULL;
}

static bool alter_one_of(struct arg ***args, size_t count, size_t i, int *n)
{
	struct arg *altered = other_leaf((*args)[i], n), **copy;

	if (!altered)
		return false;
	copy = arena_alloc(&arena, count * sizeof(*copy));
	memcpy(copy, *args, count * sizeof(*copy));
	copy[i] = altered;
	*args = copy;
	return true;
}

/* The nth thing that is written of what a call filled in. */
static bool alter_filled(struct line *l, int n)
{
	struct call *call = &l->call;

	if (!is_call(l))
		return false;
	for (size_t i = 0; i < call->result.seen_count; i++)
		if (alter_one_of(&call->result.seen, call->result.seen_count, i, &n))
			return true;
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type) &&
		    alter_one_of(&call->args, call->arg_count, i, &n))
			return true;
	}
	return false;
}

static bool alter_first(struct line *l)
{
	return alter_filled(l, 0);
}

static bool alter_second(struct line *l)
{
	return alter_filled(l, 1);
}

static bool alter_third(struct line *l)
{
	return alter_filled(l, 2);
}

static bool alter_fourth(struct line *l)
{
	return alter_filled(l, 3);
}

static bool alter_flag_syn(struct line *l)
{
	if (!is_tcp(l))
		return false;
	l->segment.flags ^= l->segment.flags & FLAG_SYN ? FLAG_SYN | FLAG_FIN : FLAG_SYN;
	return true;
}

static bool alter_flag_push(struct line *l)
{
	if (!is_tcp(l))
		return false;
	l->segment.flags ^= FLAG_PSH;
	return true;
}

static bool alter_direction(struct line *l)
{
	if (!is_packet(l))
		return false;
	l->actor.host = strcmp(l->actor.host, "client") ? "client" : "server";
	return true;
}

static bool alter_fate(struct line *l)
{
	if (!is_packet(l))
		return false;
	l->segment.fate = l->segment.fate == FATE_LOST ? FATE_ARRIVED : FATE_LOST;
	l->segment.fate_at = NULL;
	return true;
}

/* What was forged has been eaten where it arrived, or the other way round. */
static bool alter_forged(struct line *l)
{
	if (l->kind != LINE_FORGE)
		return false;
	l->segment.fate = l->segment.fate == FATE_LOST ? FATE_ARRIVED : FATE_LOST;
	l->segment.fate_at = NULL;
	if (l->segment.fate == FATE_LOST)
		l->segment.fate_at = strcmp(l->forged.host, "server") ? "server" : "client";
	return true;
}

static bool alter_where(struct line *l)
{
	if (!is_packet(l) || l->segment.fate != FATE_LOST)
		return false;
	l->segment.fate_at = l->segment.fate_at		       ? NULL
			     : strcmp(l->actor.host, "client") ? "client"
							       : "server";
	return true;
}

static bool alter_length(struct line *l)
{
	bool altered =
	    (l->kind == LINE_SENT || l->kind == LINE_ARRIVAL) && raise_value(&l->segment.length);

	if (altered && l->segment.end)
		raise_value(&l->segment.end);
	return altered;
}

static bool alter_seq(struct line *l)
{
	bool altered = is_tcp(l) && raise_value(&l->segment.seq);

	if (altered)
		raise_value(&l->segment.end);
	return altered;
}

static bool alter_ack(struct line *l)
{
	return is_tcp(l) && raise_value(&l->segment.ack);
}

static bool alter_window(struct line *l)
{
	return is_tcp(l) && raise_value(&l->segment.window);
}

static bool alter_payload(struct line *l)
{
	struct segment_pattern *s = &l->segment;

	if (!is_packet(l) || !s->has_payload)
		return false;
	s->payload = arena_printf(&arena, "%.*s!", (int)s->payload_length, s->payload);
	s->payload_length++;
	return true;
}

static bool alter_target(struct line *l)
{
	return is_packet(l) && l->segment.has_to && raise_value(&l->segment.to.port);
}

static bool alter_icmp(struct line *l)
{
	const char *word = l->segment.word;
	const struct icmp_row *row;

	if (!is_packet(l) || l->segment.kind != SEGMENT_ICMP)
		return false;
	row = icmp_find(word);
	if (!row) /* a parameter's */
		l->segment.word = "ttl-exceeded";
	else if (row->is_echo)
		l->segment.word =
		    strcmp(word, ICMP_ECHO_REPLY) ? ICMP_ECHO_REPLY : ICMP_ECHO_REQUEST;
	else
		l->segment.word =
		    strcmp(word, "port-unreachable") ? "port-unreachable" : "ttl-exceeded";
	return true;
}

static bool alter_quoted(struct line *l)
{
	if (!is_packet(l) || l->segment.kind != SEGMENT_ICMP || !l->segment.has_inner)
		return false;
	if (l->segment.inner_kind == SEGMENT_TCP) {
		l->segment.inner_flags ^= FLAG_PSH;
	} else {
		l->segment.inner_kind =
		    l->segment.inner_kind == SEGMENT_UDP ? SEGMENT_ICMP : SEGMENT_UDP;
		l->segment.inner_word = ICMP_ECHO_REPLY;
	}
	return true;
}

static bool alter_quoted_length(struct line *l)
{
	bool altered = is_packet(l) && raise_value(&l->segment.inner_length);

	if (altered)
		raise_value(&l->segment.inner_end);
	return altered;
}

/* When a reading is made is not an expectation: a state may well last longer. */
static bool expects_gap(const struct line *l)
{
	return l->gap.present && line_role(l) == ROLE_OBSERVATION && l->kind != LINE_SS &&
	       l->kind != LINE_NSTAT && l->kind != LINE_PS;
}

static bool longer_gap(struct line *l)
{
	if (!expects_gap(l))
		return false;
	l->gap.min = l->gap.min ? l->gap.min * 2 : l->gap.max; /* +0..20ms becomes +20ms..40ms */
	l->gap.max *= 2;
	return true;
}

static bool shorter_gap(struct line *l)
{
	if (!expects_gap(l) || !l->gap.min)
		return false;
	l->gap.min /= 2;
	l->gap.max /= 2;
	return true;
}

static bool alter_state(struct line *l)
{
	if (l->kind != LINE_SS)
		return false;
	if (!strcmp(l->ss.state, "none")) {
		l->ss.state = "ESTAB";
		return true;
	}
	l->ss.state = strcmp(l->ss.state, "CLOSING") ? "CLOSING" : "ESTAB";
	return true;
}

static bool alter_presence(struct line *l)
{
	if (l->kind != LINE_SS || !strcmp(l->ss.state, "none"))
		return false;
	l->ss.state = "none";
	l->ss.recv_q = l->ss.send_q = NULL;
	l->ss.has_timer = false;
	return true;
}

static bool alter_recv_queue(struct line *l)
{
	return l->kind == LINE_SS && raise_value(&l->ss.recv_q);
}

static bool alter_send_queue(struct line *l)
{
	return l->kind == LINE_SS && raise_value(&l->ss.send_q);
}

static struct value anything = {.kind = VALUE_ANY};
static struct value minus_one = {.kind = VALUE_INT, .number = -1};

static bool alter_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer)
		return false;
	if (!strcmp(l->ss.timer_name, "none")) {
		l->ss.timer_left = -1;
		l->ss.timer_count = &anything;
	}
	l->ss.timer_name = strcmp(l->ss.timer_name, "persist") ? "persist" : "keepalive";
	return true;
}

static bool longer_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer || l->ss.timer_left <= 0)
		return false;
	l->ss.timer_left *= 2;
	return true;
}

static bool shorter_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer || l->ss.timer_left <= 0)
		return false;
	l->ss.timer_left /= 2;
	return true;
}

static bool alter_timer_count(struct line *l)
{
	return l->kind == LINE_SS && l->ss.has_timer && raise_value(&l->ss.timer_count);
}

static bool alter_signal(struct line *l)
{
	if (l->kind != LINE_SIGNALLED)
		return false;
	l->signal.name = strcmp(l->signal.name, "SIGURG") ? "SIGURG" : "SIGIO";
	return true;
}

static bool alter_process_state(struct line *l)
{
	if (l->kind != LINE_PS)
		return false;
	l->ps.state = strcmp(l->ps.state, "none") ? "none" : "Z";
	return true;
}

/* Exited with another status, or killed by another signal. */
static bool alter_end(struct line *l)
{
	if (l->kind != LINE_DEATH)
		return false;
	l->signal.status++;
	if (l->signal.name)
		l->signal.name = strcmp(l->signal.name, "SIGXCPU") ? "SIGXCPU" : "SIGKILL";
	return true;
}

/* Killed instead of exited, or the other way round. */
static bool alter_death(struct line *l)
{
	if (l->kind != LINE_DEATH)
		return false;
	l->signal.name = l->signal.name ? NULL : "SIGKILL";
	return true;
}

/* A name that is seen, not given; or a call that does not return: that it fails. */
static bool alter_name(struct line *l)
{
	const struct call_row *row = is_call(l) ? call_find(l->call.name) : NULL;
	struct result *r = &l->call.result;

	if (!row || (!(r->kind == RESULT_NAME &&
		       (row->returns == RETURNS_PROCESS || row->returns == RETURNS_HANDLER)) &&
		     !(r->kind == RESULT_UNKNOWN && row->returns != RETURNS_NEVER)))
		return false;
	r->kind = RESULT_VALUE;
	r->name = NULL;
	r->value = &minus_one;
	r->error = "ENOTUNIQ";
	return true;
}

static bool more_rounds(struct line *l)
{
	return l->kind == LINE_REPEAT && raise_value(&l->repeat.count);
}

static bool fewer_rounds(struct line *l)
{
	struct value *altered = l->kind == LINE_REPEAT ? more(l->repeat.count, -1) : NULL;

	if (altered)
		l->repeat.count = altered;
	return altered && altered->number > 0;
}

static const struct {
	const char *what;
	bool (*alter)(struct line *l);
} mutation_table[] = {
    {"another errno", alter_errno},
    {"success instead of an error", alter_success},
    {"another result", alter_result},
    {"an error instead of success", alter_failure},
    {"other data filled in", alter_first},
    {"other data filled in, 2", alter_second},
    {"other data filled in, 3", alter_third},
    {"other data filled in, 4", alter_fourth},
    {"another flag (SYN)", alter_flag_syn},
    {"another flag (PSH)", alter_flag_push},
    {"the other direction", alter_direction},
    {"lost or arrived", alter_fate},
    {"lost elsewhere", alter_where},
    {"forged, and lost", alter_forged},
    {"another length", alter_length},
    {"another sequence number", alter_seq},
    {"another acknowledgement", alter_ack},
    {"another window", alter_window},
    {"another ICMP message", alter_icmp},
    {"another packet quoted", alter_quoted},
    {"another length quoted", alter_quoted_length},
    {"other data", alter_payload},
    {"another port", alter_target},
    {"twice the gap", longer_gap},
    {"half the gap", shorter_gap},
    {"another state", alter_state},
    {"no such socket", alter_presence},
    {"another Recv-Q", alter_recv_queue},
    {"another Send-Q", alter_send_queue},
    {"another timer", alter_timer},
    {"twice the time left", longer_timer},
    {"half the time left", shorter_timer},
    {"another timer count", alter_timer_count},
    {"another signal", alter_signal},
    {"one round more", more_rounds},
    {"one round less", fewer_rounds},
    {"another state of a process", alter_process_state},
    {"another end", alter_end},
    {"another death", alter_death},
    {"an error instead of a name", alter_name},
};
#define MUTATIONS (sizeof(mutation_table) / sizeof(*mutation_table))

/* ---- writing mutants ---- */

static void fail(const char *what, const char *which)
{
	fprintf(stderr, "mutate: %s %s: %s\n", what, which, strerror(errno));
	exit(3);
}

static void write_mutant(const struct script *script, const struct line *altered, int index,
			 struct mutant *m)
{
	FILE *out;

	m->file = arena_printf(&arena, "%s/mutant-%04d.tcp", directory, index);
	out = fopen(m->file, "we");
	if (!out)
		fail("cannot write", m->file);
	for (size_t i = 0; i < script->line_count; i++) {
		const struct line *line = &script->lines[i];

		/* Whatever was altered stands in the same line as before. */
		if (line->place.line == altered->place.line && line->kind == altered->kind)
			line_print(out, altered);
		else
			fputs(line->text, out);
		fputc('\n', out);
	}
	if (fclose(out))
		fail("cannot write", m->file);
}

/* The lines of `when` branches that this kernel does not take say nothing here. */
static bool is_kept(const struct run *run, const struct line *line)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].place.source == line->place.source &&
		    run->lines[i].place.line == line->place.line)
			return true;
	return false;
}

/* An altered `repeat` shows at a line within it, or at the first one behind its end. */
static int last_line(const struct script *script, const struct run *run, size_t index)
{
	int depth = 0;

	if (script->lines[index].kind != LINE_REPEAT)
		return script->lines[index].place.line;
	for (size_t i = index; i < script->line_count; i++) {
		enum line_kind kind = script->lines[i].kind;

		if (depth == 0 && i > index && kind != LINE_NOTE && is_kept(run, &script->lines[i]))
			return script->lines[i].place.line;
		depth += kind == LINE_REPEAT || kind == LINE_WHEN;
		depth -= kind == LINE_END && depth > 0;
	}
	return script->lines[script->line_count - 1].place.line;
}

static const char *library;
static const char *kernel; /* NULL: the running one */

static const char *read_whole(const char *path, size_t *length)
{
	FILE *in = fopen(path, "re");
	struct text text;
	FILE *out = text_open(&text);
	int c;

	if (!in)
		fail("cannot read", path);
	while ((c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	*length = (size_t)ftell(out);
	return text_close(&text, &arena);
}

static struct script *parse_file(const char *path)
{
	struct source *source = arena_new(&arena, struct source);
	struct complaints complaints = {.arena = &arena};
	struct script *script;

	source->path = arena_strdup(&arena, path);
	source->text = read_whole(path, &source->length);
	script = script_parse(&arena, source, &complaints);
	complaints_print(stderr, &complaints);
	if (complaints.count)
		exit(2);
	return script;
}

static struct script *use(void *context, const char *name, struct place at, struct complaints *c)
{
	(void)context, (void)at, (void)c;
	return parse_file(arena_printf(&arena, "%s/beginnings/%s.tcp", library, name));
}

static struct facts facts = {.family = 4};

/* The runs that the program will make of a script, in its order. */
static size_t expand_all(const struct script *script, struct run **runs,
			 struct complaints *complaints)
{
	struct binding **sets = NULL;
	size_t bindings = 0, count = 0, run_count = 0;

	count = script_combinations(&arena, script, &sets, &bindings, complaints);
	*runs = NULL;
	for (size_t i = 0; i < count; i++) {
		struct run run = {0};
		bool other_family = false;

		for (size_t k = 0; k < bindings; k++)
			if (!strcmp(sets[i][k].name, "family"))
				other_family = sets[i][k].number != facts.family;
		if (!other_family && script_expand(&arena, script, &facts, sets[i], bindings, use,
						   NULL, &run, complaints))
			*(struct run *)arena_push(&arena, *runs, run_count) = run;
	}
	return run_count;
}

/* Of a name that the altered line no longer gives, further down. */
#define NO_VALUE "has no value here"
#define NO_NAME	 "does not exist here"

/* Refused by the checker, because of the altered line. */
static bool is_refused(const struct mutant *m)
{
	struct complaints complaints = {.arena = &arena};
	struct run *runs;
	size_t count = expand_all(parse_file(m->file), &runs, &complaints);

	for (size_t i = 0; i < count; i++)
		script_check(&arena, &runs[i], &complaints);
	return complaints.count && ((complaints.list[0].place.line >= m->first &&
				     complaints.list[0].place.line <= m->last) ||
				    strstr(complaints.list[0].message, NO_VALUE) ||
				    strstr(complaints.list[0].message, NO_NAME));
}

static void mutate_file(const char *path)
{
	struct script *script = parse_file(path);
	struct complaints complaints = {.arena = &arena};
	struct run *runs;
	size_t run_count = expand_all(script, &runs, &complaints);

	for (size_t i = 0; i < script->line_count; i++) {
		const struct line *shows =
		    &script->lines[i + (script->lines[i].kind == LINE_REPEAT)];
		bool *kept = arena_alloc(&arena, run_count * sizeof(*kept));
		const struct run *first = NULL;

		for (size_t r = run_count; r-- > 0;) {
			kept[r] = !runs[r].skip && is_kept(&runs[r], shows);
			if (kept[r])
				first = &runs[r];
		}
		for (size_t k = 0; first && k < MUTATIONS; k++) {
			struct line altered = script->lines[i];
			struct mutant m = {.scenario = script->source->path,
					   .first = script->lines[i].place.line,
					   .last = last_line(script, first, i),
					   .kept = kept,
					   .run_count = run_count,
					   .what = mutation_table[k].what};
			struct text text;

			if (!mutation_table[k].alter(&altered))
				continue;
			line_print(text_open(&text), &altered);
			m.line = text_close(&text, &arena);
			write_mutant(script, &altered, (int)(mutant_count + refused_count), &m);
			if (is_refused(&m))
				refused_count++;
			else
				*(struct mutant *)arena_push(&arena, mutants, mutant_count) = m;
		}
	}
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t length = strlen(path);

	(void)st, (void)ftw;
	if (type == FTW_F && length > 4 && !strcmp(path + length - 4, ".tcp") &&
	    !strstr(path, "/default-timers/") == !kernel)
		mutate_file(path);
	return 0;
}

/* ---- running them ---- */

static int discard(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void discard_all(void)
{
	nftw(directory, discard, 16, FTW_PHYS | FTW_DEPTH);
}

/* All that one program plans it holds in its memory, so there are several of them. */
#define BATCH 100

static json_t *run_batch(const char *program, size_t first, size_t count)
{
	const char **argv = arena_alloc(&arena, (count + 16) * sizeof(*argv));
	json_error_t error;
	json_t *report;
	size_t n = 0;
	int ends[2];
	FILE *in;
	pid_t pid;

	argv[n++] = program;
	argv[n++] = "--json";
	argv[n++] = facts.family == 6 ? "-6" : "-4";
	argv[n++] = "--library";
	argv[n++] = library;
	if (kernel) {
		argv[n++] = "--kernel";
		argv[n++] = kernel;
	}
	argv[n++] = "--results";
	argv[n++] = arena_printf(&arena, "%s/results", directory);
	for (size_t i = 0; i < count; i++)
		argv[n++] = mutants[first + i].file;
	if (pipe2(ends, O_CLOEXEC) < 0)
		fail("cannot run", program);
	pid = fork();
	if (pid < 0)
		fail("cannot run", program);
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		execv(program, (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	report = json_loadf(in, 0, &error);
	fclose(in);
	waitpid(pid, NULL, 0);
	if (!report) {
		discard_all();
		fprintf(stderr, "mutate: what %s --json prints is no JSON: line %d: %s\n", program,
			error.line, error.text);
		exit(3);
	}
	return report;
}

/* NULL: it failed, at the altered line, wherever that takes place; else what is wrong. */
static const char *survived(const json_t *report, const struct mutant *m)
{
	const json_t *runs = json_object_get(report, "runs"), *run;
	size_t i, seen = 0;

	json_array_foreach(runs, i, run)
	{
		const char *path = json_string_value(json_object_get(run, "path"));
		const char *verdict = json_string_value(json_object_get(run, "verdict"));
		const json_t *problem = json_array_get(json_object_get(run, "problems"), 0);
		int line = (int)json_integer_value(json_object_get(problem, "file_line"));

		if (!path || strcmp(path, m->file) != 0)
			continue;
		if (seen < m->run_count && m->kept[seen]) {
			if (strcmp(verdict, "fail"))
				return arena_printf(&arena, "ended with '%s'", verdict);
			if (line < m->first || line > m->last)
				return arena_printf(&arena, "failed, but line %d was named", line);
		}
		seen++;
	}
	if (seen != m->run_count)
		return arena_printf(&arena, "%zu runs of %zu were made", seen, m->run_count);
	return NULL;
}

/* So many were tried once more. */
static size_t again;

/* With nothing beside it. */
static const char *survives_alone(const char *program, size_t index)
{
	json_t *report = run_batch(program, index, 1);
	const char *why = survived(report, &mutants[index]);

	json_decref(report);
	again++;
	return why;
}

/*
 * The number of those that survived; says which. A hundred runs at once keep each other from the
 * processors, and then a line above the altered one may be the first to fail. Whether the altered
 * one fails is seen when the mutant runs alone.
 */
static size_t try_batch(const char *program, size_t first, size_t count)
{
	json_t *report = run_batch(program, first, count);
	size_t survivors = 0;

	for (size_t i = first; i < first + count; i++) {
		const struct mutant *m = &mutants[i];
		const char *why = survived(report, m);

		if (why)
			why = survives_alone(program, i);
		if (!why)
			continue;
		survivors++;
		printf("survivor: %s:%d: %s: %s\n    %s\n", m->scenario, m->first, m->what, why,
		       m->line);
	}
	json_decref(report);
	return survivors;
}

int main(int argc, char **argv)
{
	char release[RELEASE_SIZE];
	size_t survivors = 0;
	int family = 4;

	if (argc < 3) {
		fputs("usage: mutate PROGRAM LIBRARY [-6] [KERNEL]\n", stderr);
		return 2;
	}
	library = argv[2];
	for (int i = 3; i < argc; i++)
		if (!strcmp(argv[i], "-6"))
			family = 6;
		else
			kernel = argv[i];
	facts_gather(&facts, release);
	facts.family = family;
	if (kernel) { /* what `when` keeps is decided by that kernel */
		struct guest_kernel guest;
		const char *error;

		if (!guest_find(&arena, kernel, &guest, &error)) {
			fprintf(stderr, "mutate: %s\n", error);
			return 2;
		}
		guest_facts(&guest, &facts);
		facts.family = family;
	}
	if (!mkdtemp(directory))
		fail("cannot make", directory);
	nftw(library, visit, 16, FTW_PHYS);
	for (size_t i = 0; i < mutant_count; i += BATCH)
		survivors +=
		    try_batch(argv[1], i, mutant_count - i < BATCH ? mutant_count - i : BATCH);
	printf("%zu were tried once more, alone\n", again);
	printf("mutants: %zu tried, %zu survived\n", mutant_count + refused_count, survivors);
	discard_all();
	arena_free(&arena);
	return survivors || !mutant_count;
}
