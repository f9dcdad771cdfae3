/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From words to what they mean: hosts, addresses, errnos, signals, states, ICMP messages and the
 * names of constants become rows and numbers, once. From then on nobody compares these words again:
 * neither the engine in a run, nor the judge, nor the actors.
 *
 * A word that means nothing has no row, and no number; the checker reports it.
 */
#include <string.h>

#include "harness/calls/constants.h"
#include "harness/packet/icmp.h"
#include "harness/script/script.h"

static const struct address_row *address_row(const char *name)
{
	return name ? address_find(name) : NULL;
}

/* By its name; what has numbers has its row already. */
static const struct icmp_row *icmp_row(const char *word, const struct icmp_row *numbered)
{
	const struct icmp_row *named = word ? icmp_find(word) : NULL;

	return named ? named : numbered;
}

static void resolve_actor(struct actor *a)
{
	a->id = a->host ? host_find(a->host) : HOST_NONE;
	a->address = address_row(a->host);
}

static void resolve_args(struct arg *const *args, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		arg_resolve(args[i]);
		args[i]->address.row = address_row(args[i]->address.host);
		resolve_args(args[i]->items, args[i]->item_count);
	}
}

static void resolve_call(struct call *call)
{
	struct result *r = &call->result;

	resolve_args(call->args, call->arg_count);
	resolve_args(r->seen, r->seen_count);
	r->error_number = r->error ? errno_find(r->error) : 0;
}

static void resolve_segment(struct segment_pattern *p)
{
	p->to.row = address_row(p->to.host);
	p->icmp = icmp_row(p->word, p->icmp);
	p->inner_icmp = icmp_row(p->inner_word, NULL);
	p->fate_host = p->fate_at ? host_find(p->fate_at) : HOST_NONE;
}

static void resolve_fault(struct fault *f)
{
	f->pattern.sender = address_row(f->pattern.from);
	f->resets = f->with && strcmp(f->with, WITH_RESET) == 0;
	f->answer = icmp_row(f->with, f->answer);
	resolve_segment(&f->pattern.segment);
}

static void resolve_ss(struct ss_reading *ss)
{
	ss->state_id = ss_state_find(ss->state);
	ss->timer = ss->has_timer ? ss_timer_find(ss->timer_name) : SS_TIMERS;
}

void line_resolve(struct line *line)
{
	resolve_actor(&line->actor);
	resolve_actor(&line->forged);
	line->marks_failure = line->label && !strcmp(line->label, "failure");
	switch (line->kind) {
	case LINE_CALL:
	case LINE_RESUME:
	case LINE_OBSERVED:
	case LINE_RETURNED:
		resolve_call(&line->call);
		break;
	case LINE_SENT:
	case LINE_ARRIVAL:
	case LINE_FORGE:
		resolve_segment(&line->segment);
		break;
	case LINE_FAULT:
	case LINE_HEAL:
	case LINE_RELEASE:
		resolve_fault(&line->fault);
		break;
	case LINE_SS:
		resolve_ss(&line->ss);
		break;
	case LINE_PS:
		line->ps.letter = strcmp(line->ps.state, "none") ? line->ps.state[0] : '\0';
		break;
	case LINE_SIGNAL:
	case LINE_SIGNALLED:
	case LINE_DEATH:
		line->signal.number = line->signal.name ? signal_find(line->signal.name) : 0;
		break;
	default:
		break;
	}
}
