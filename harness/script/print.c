/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing: a line's data back to the language, in the layout that scenarios use (packets deeper
 * than the calls that they stand under). What is printed parses to the same data again.
 */
#include "harness/script/print.h"

#include <string.h>

#include "harness/base/text.h"

#define PACKET_COLUMN 10 /* the column of packets, and of lines with a gap */

/* ---- calls ---- */

static void print_result(FILE *out, const struct result *r)
{
	fputs(" = ", out);
	if (r->kind == RESULT_UNKNOWN)
		putc('?', out);
	print_part(out, "", r->value);
	print_word(out, "", r->name);
	print_word(out, " ", r->error);
	if (r->has_seen) {
		fputs(" (", out);
		print_args(out, r->seen, r->seen_count);
		putc(')', out);
	}
}

static bool is_return(const struct line *line)
{
	return line->kind == LINE_RESUME || line->kind == LINE_RETURNED;
}

static void print_call(FILE *out, const struct line *line)
{
	const struct call *call = &line->call;

	fprintf(out, "  %s%s(", is_return(line) ? "... " : "", call->name);
	print_args(out, call->args, call->arg_count);
	putc(')', out);
	if (call->open)
		fputs(" ...", out);
	else if (call->result.kind != RESULT_TO_COME)
		print_result(out, &call->result);
}

/* ---- readings, faults ---- */

static void print_ss(FILE *out, const struct line *line)
{
	const struct ss_reading *ss = &line->ss;

	fprintf(out, " %s %s", ss->what, ss->state);
	print_part(out, " ", ss->recv_q);
	print_part(out, " ", ss->send_q);
	if (!ss->has_timer)
		return;
	if (!ss->timer_count) {
		fprintf(out, " timer:%s", ss->timer_name);
		return;
	}
	fprintf(out, " timer:(%s,", ss->timer_name);
	if (ss->timer_left < 0)
		putc('*', out);
	else
		print_ss_duration(out, ss->timer_left);
	print_part(out, ",", ss->timer_count);
	putc(')', out);
}

static void print_ps(FILE *out, const struct line *line)
{
	fprintf(out, " %s %s", line->ps.what, line->ps.state);
}

static void print_nstat(FILE *out, const struct line *line)
{
	for (size_t i = 0; i < line->nstat.count; i++) {
		const struct counter *c = &line->nstat.list[i];
		bool is_signed = (c->delta->kind == VALUE_INT && c->delta->number < 0) ||
				 c->delta->kind == VALUE_AT_LEAST;

		fprintf(out, " %s ", c->name);
		print_part(out, is_signed ? "" : "+", c->delta);
	}
}

static void print_pattern(FILE *out, const struct fault_pattern *p)
{
	if (p->from)
		fprintf(out, " %s>", p->from);
	if (!p->has_segment)
		return;
	if (p->carries) {
		fputs(" data", out);
		return;
	}
	if (p->segment.kind != SEGMENT_DATA) {
		putc(' ', out);
		print_kind(out, &p->segment);
	}
	print_numbers(out, " ", p->segment.seq, p->segment.end, p->segment.length);
}

static void print_forget(FILE *out, const struct fault *f)
{
	fputs(" idle ", out);
	duration_print(out, f->delay);
	if (f->with)
		fputs(" reset", out);
}

static void print_fault(FILE *out, const struct line *line)
{
	const struct fault *f = &line->fault;

	print_word(out, "  ", fault_rows[f->verb].word);
	if (fault_rows[f->verb].forgets) {
		print_forget(out, f);
		return;
	}
	if (fault_rows[f->verb].takes_time) {
		putc(' ', out);
		duration_print(out, f->delay);
	}
	print_pattern(out, &f->pattern);
	if (f->with || f->with_number.type) {
		fputs(" with ", out);
		print_icmp(out, f->with, &f->with_number);
	}
	print_part(out, " every ", f->every);
	print_part(out, " skip ", f->skip);
	print_part(out, " times ", f->times);
}

static void print_release(FILE *out, const struct line *line)
{
	print_pattern(out, &line->fault.pattern);
}

static void print_heal(FILE *out, const struct line *line)
{
	print_word(out, " ", fault_rows[line->fault.verb].word);
	print_pattern(out, &line->fault.pattern);
}

/* ---- the other lines ---- */

static void print_actor(FILE *out, const struct actor *a)
{
	fputs(a->host, out);
	print_word(out, ".", a->part);
	print_word(out, ":", a->connection);
}

static void print_sent(FILE *out, const struct line *line)
{
	fputs("> ", out);
	print_segment(out, &line->segment);
}

static void print_arrival(FILE *out, const struct line *line)
{
	putc('>', out);
	print_actor(out, &line->actor);
	putc(' ', out);
	print_segment(out, &line->segment);
}

static void print_forge(FILE *out, const struct line *line)
{
	putc(' ', out);
	print_actor(out, &line->forged);
	print_sent(out, line);
}

static void print_signalled(FILE *out, const struct line *line)
{
	fprintf(out, " --- %s ---", line->signal.name);
}

static void print_death(FILE *out, const struct line *line)
{
	if (line->signal.name)
		fprintf(out, " +++ killed by %s +++", line->signal.name);
	else
		fprintf(out, " +++ exited with %lld +++", (long long)line->signal.status);
}

static void print_sysctl(FILE *out, const struct line *line)
{
	fprintf(out, " %s = %s", line->sysctl.name, line->sysctl.value);
}

static void print_ip(FILE *out, const struct line *line)
{
	for (size_t i = 0; i < line->ip.count; i++)
		print_word(out, " ", line->ip.words[i]);
}

static void print_signal(FILE *out, const struct line *line)
{
	fprintf(out, " %s", line->signal.name);
}

static void print_any(FILE *out, const struct line *line)
{
	(void)line;
	fputs("...", out);
}

static void print_quiet(FILE *out, const struct line *line)
{
	fputs("quiet   ", out);
	duration_print(out, line->quiet);
}

static void print_use(FILE *out, const struct line *line)
{
	fprintf(out, "use     %s", line->use);
}

static void print_failure(FILE *out, const struct line *line)
{
	fprintf(out, "failure %s", failure_words[line->failure.of]);
}

static void print_acks(FILE *out, const struct line *line)
{
	(void)line;
	fputs("acks exact", out);
}

static void print_capture(FILE *out, const struct line *line)
{
	(void)line;
	fputs("capture headers", out);
}

static void print_assigned(FILE *out, const struct assignment *a, size_t i)
{
	print_word(out, "", a->words[i]);
	print_part(out, "", a->values[i]);
}

static void print_param(FILE *out, const struct line *line)
{
	const struct assignment *a = &line->assignment;
	size_t names = 1 + a->more_count;

	fprintf(out, "param   %s", a->name);
	for (size_t i = 0; i < a->more_count; i++)
		fprintf(out, " %s", a->more[i]);
	fputs(" =", out);
	for (size_t i = 0; i < a->count; i++) {
		fputs(names > 1 && i % names == 0 ? " (" : " ", out);
		print_assigned(out, a, i);
		fputs(names > 1 && i % names == names - 1 ? ")" : "", out);
	}
}

static void print_table(FILE *out, const struct line *line)
{
	fputs("table  ", out);
	for (size_t i = 0; i < line->table.count; i++) {
		const struct assignment *a = &line->table.list[i];

		putc(' ', out);
		if (a->quoted)
			string_print(out, a->name, strlen(a->name));
		else
			fputs(a->name, out);
		putc('=', out);
		if (a->in_quotes)
			string_print(out, a->words[0], strlen(a->words[0]));
		else
			print_assigned(out, a, 0);
	}
}

static void print_repeat(FILE *out, const struct line *line)
{
	print_part(out, "repeat ", line->repeat.count);
	print_word(out, " as ", line->repeat.as);
}

static void print_condition(FILE *out, const struct condition *c)
{
	fprintf(out, "%s%s", c->is_variable ? "$" : "", c->subject);
	if (!c->op)
		return;
	fprintf(out, " %s ", c->op);
	print_word(out, "", c->word);
	print_part(out, "", c->value);
	for (int i = 0; !c->word && !c->value && i < 3 && c->version[i] >= 0; i++)
		fprintf(out, "%s%d", i ? "." : "", c->version[i]);
}

static void print_needs(FILE *out, const struct line *line)
{
	fputs("needs   ", out);
	print_condition(out, &line->condition);
}

static void print_when(FILE *out, const struct line *line)
{
	fputs("when ", out);
	print_condition(out, &line->condition);
}

/* A keyword alone. */
static void print_bare(FILE *out, const struct line *line)
{
	fputs(line_rows[line->kind].word, out);
}

static void print_nothing(FILE *out, const struct line *line)
{
	(void)out;
	(void)line;
}

static void (*const prints[LINE_KINDS])(FILE *out, const struct line *line) = {
#define LINE(kind, word, role, by, parse, copy, check, print, ...) [LINE_##kind] = print_##print,
#include "harness/ast/line_rows.h"
};

/* What is waited for is written under the call that causes it; so is a call that returns. */
static bool stands_deep(const struct line *line)
{
	return line_role(line) == ROLE_OBSERVATION && !is_return(line) &&
	       line->kind != LINE_OBSERVED;
}

/* It is followed by the column of packets, or if it is wider, by a space. */
static void print_gap(FILE *out, const struct gap *gap)
{
	struct arena a = {0};
	struct text text;
	FILE *memory = text_open(&text);

	fprintf(memory, "%s%s+", gap->from ? "@" : "  ", gap->from ? gap->from : "");
	if (gap->is_range && gap->min == 0)
		putc('0', memory);
	else
		duration_print(memory, gap->min);
	if (gap->is_range) {
		fputs("..", memory);
		duration_print(memory, gap->max);
	}
	fprintf(out, "%-*s ", PACKET_COLUMN - 1, text_close(&text, &a));
	arena_free(&a);
}

void line_print(FILE *out, const struct line *line)
{
	const struct line_row *row = &line_rows[line->kind];

	if (line->gap.present)
		print_gap(out, &line->gap);
	else if (stands_deep(line))
		fprintf(out, "%*s", PACKET_COLUMN, "");
	if (row->by >= BY_HOST) {
		if (line->actor.host)
			print_actor(out, &line->actor);
		print_word(out, "  ", row->word);
	}
	prints[line->kind](out, line);
	print_word(out, "  @", line->label);
	if (line->comment)
		fprintf(out, "%s%s", line->kind == LINE_NOTE ? "" : "  ", line->comment);
}

const char *line_bare_text(struct arena *a, const struct line *line)
{
	struct line bare = *line;
	struct text text;
	const char *printed;

	bare.comment = NULL;
	line_print(text_open(&text), &bare);
	printed = text_close(&text, a);
	return printed + strspn(printed, " ");
}
