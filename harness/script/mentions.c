/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the lines of a run mention anywhere: whether it can need IPv6, send signals, stop processes.
 * A lab, and who watches it, are made accordingly; so this is found out once, before the run.
 *
 * Constants count by their numbers, also where a script writes these.
 */
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "harness/base/array.h"
#include "harness/calls/calls.h"
#include "harness/calls/sockopts.h"
#include "harness/script/script.h"

#define TYPE_MASK 0xf /* SOCK_NONBLOCK and its like are bits above */

static bool stops(int64_t signal)
{
	static const int signals[] = {SIGSTOP, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signal == signals[i])
			return true;
	return false;
}

static void see_number(struct mentions *m, enum constant_group group, int64_t number)
{
	switch (group) {
	case GROUP_signal:
		m->signals = true;
		m->stops = m->stops || stops(number);
		break;
	case GROUP_handler:
	case GROUP_sigaction:
	case GROUP_sigprocmask:
		m->signals = true;
		break;
	case GROUP_domain:
		m->ipv6 = m->ipv6 || number == AF_INET6;
		break;
	case GROUP_protocol:
	case GROUP_level:
		m->ipv6 = m->ipv6 || number == IPPROTO_IPV6 || number == IPPROTO_ICMPV6;
		break;
	case GROUP_type:
		m->datagrams = m->datagrams || (number & TYPE_MASK) == SOCK_DGRAM ||
			       (number & TYPE_MASK) == SOCK_RAW;
		break;
	case GROUP_rlimit:
		m->descriptor_limit = m->descriptor_limit || number == RLIMIT_NOFILE;
		break;
	default:
		break;
	}
}

static void see_option(struct mentions *m, const struct sockopt_row *option)
{
	m->ipv6 = m->ipv6 || option->level == SOL_IPV6;
	m->mtu_discovery = m->mtu_discovery || option->group == GROUP_pmtudisc;
}

static void see_address(struct mentions *m, const struct address_row *row)
{
	m->ghost = m->ghost || (row && row->host == HOST_GHOST);
}

/* `group`: which constants it takes; NO_GROUP: that is not known. */
static void see_arg(struct mentions *m, const struct arg *arg, enum constant_group group)
{
	see_address(m, arg->address.row);
	if (arg->field_id == FIELD_sa_family)
		group = GROUP_domain;
	if (arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT)
		see_number(m, group, arg->value->number);
	else if (arg->kind == ARG_VALUE && group == GROUP_signal)
		m->signals = m->stops = true; /* it is not known yet */
	if (arg->option)
		see_option(m, arg->option);
	for (int g = NO_GROUP + 1; arg->kind == ARG_NAMES && g < GROUP_COUNT; g++)
		if (arg_is_of(arg, (enum constant_group)g))
			see_number(m, (enum constant_group)g, arg->number);
	for (size_t i = 0; i < arg->item_count; i++)
		see_arg(m, arg->items[i], NO_GROUP);
}

static void see_call(struct mentions *m, const struct call *call)
{
	const struct call_row *row = call->row;

	if (row && (row->signals || row->id == CALL_alarm))
		m->signals = true;
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		see_arg(m, call->args[i], param ? param->group : NO_GROUP);
	}
	for (size_t i = 0; i < call->result.seen_count; i++)
		see_arg(m, call->result.seen[i], NO_GROUP);
}

static void see_words(struct mentions *m, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		see_address(m, address_find(words[i]));
}

static void see_line(struct mentions *m, const struct line *line)
{
	see_address(m, line->actor.address);
	see_address(m, line->forged.address);
	switch (line->kind) {
	case LINE_CALL:
	case LINE_RESUME:
	case LINE_OBSERVED:
	case LINE_RETURNED:
		see_call(m, &line->call);
		break;
	case LINE_PROGRAM: /* which may send what it likes, to whom it likes */
		m->program = m->ghost = m->datagrams = true;
		break;
	case LINE_SENT:
	case LINE_ARRIVAL:
	case LINE_FORGE:
		see_address(m, line->segment.to.row);
		break;
	case LINE_FAULT:
	case LINE_HEAL:
	case LINE_RELEASE:
		see_address(m, line->fault.pattern.sender);
		see_address(m, line->fault.pattern.segment.to.row);
		break;
	case LINE_SIGNAL:
	case LINE_SIGNALLED:
		see_number(m, GROUP_signal, line->signal.number);
		break;
	case LINE_DEATH:
		if (line->signal.number)
			see_number(m, GROUP_signal, line->signal.number);
		break;
	case LINE_SYSCTL:
		m->ipv6 = m->ipv6 || strstr(line->sysctl.name, "ipv6");
		m->mtu_discovery = m->mtu_discovery || strstr(line->sysctl.name, "pmtu_disc");
		break;
	case LINE_IP:
		see_words(m, line->ip.words, line->ip.count);
		break;
	case LINE_NSTAT:
		for (size_t i = 0; i < line->nstat.count; i++)
			m->ipv6 = m->ipv6 || strchr(line->nstat.list[i].name, '6');
		break;
	default:
		break;
	}
}

struct mentions script_mentions(const struct run *run)
{
	struct mentions m = {0};

	for (size_t i = 0; i < run->line_count; i++)
		see_line(&m, &run->lines[i]);
	return m;
}
