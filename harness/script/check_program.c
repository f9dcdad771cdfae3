/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: `H program`. What is started is not in the script. From that line on the
 * host is the program's: its calls are only observed, and nothing else is done on its behalf.
 *
 * The packets of its connections can be written although no line has given these a name: `program`
 * is the name of all of them.
 */
#include <ctype.h>
#include <string.h>

#include "harness/script/check.h"

struct name *program_connections(struct checker *k, struct place at)
{
	struct name *n = name_find(k, PROGRAM_CONNECTIONS);

	if (n && n->kind == NAME_TAG)
		return n;
	n = name_add(k, PROGRAM_CONNECTIONS, at, NAME_TAG, HOST_NONE);
	n->is_connection = true;
	return n;
}

static bool has_others(const struct checker *k, enum host host)
{
	for (size_t i = 0; i < k->actor_count; i++)
		if (k->actors[i].host == host && k->actors[i].part && !k->actors[i].gone)
			return true;
	return false;
}

void check_program_line(struct checker *k, struct line *line)
{
	enum host host = line->actor.id;
	const struct check_actor *actor;

	if (host == HOST_ROUTER) {
		diagnose(k->diagnostics, line->actor.place,
			 "the router runs no program; expected client or server");
		return;
	}
	actor = actor_need(k, &line->actor);
	if (k->program[host])
		diagnose(k->diagnostics, line->place, "%s has the program since %s",
			 line->actor.host,
			 place_text(k->arena, k->program[host]->place, line->place.source));
	else if (host_is_down(k, host))
		diagnose(k->diagnostics, line->place,
			 "%s has crashed; expected '%s boot' above this", line->actor.host,
			 line->actor.host);
	else if (actor->blocked)
		diagnose(k->diagnostics, line->place, "%s is still in the %s() of %s",
			 line->actor.host, actor->blocked->call.name,
			 place_text(k->arena, actor->blocked->place, line->place.source));
	else if (has_others(k, host))
		diagnose(k->diagnostics, line->place,
			 "%s has threads or processes of the script; all that a host does is the "
			 "program's or the script's",
			 line->actor.host);
	program_begin(k, host);
	k->program[host] = line;
	current_set_one(k, program_connections(k, line->place)->name);
}

/* ---- what is observed ---- */

/* Calls that need no socket, or that no program makes by that name. */
static bool is_unseen(const struct call_row *row)
{
	static const enum call_id unseen[] = {
	    CALL_pipe,	    CALL_pipe2,	    CALL_socketpair,  CALL_epoll_create, CALL_epoll_create1,
	    CALL_getrlimit, CALL_setrlimit, CALL_prlimit,     CALL_prlimit64,	 CALL_capget,
	    CALL_capset,    CALL_kill,	    CALL_raise,	      CALL_alarm,	 CALL_pause,
	    CALL_signal,    CALL_sigaction, CALL_sigprocmask, CALL_vfork,	 CALL_execve,
	};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++)
		if (row->id == unseen[i])
			return true;
	return row->returns == RETURNS_ACTOR || row->returns == RETURNS_NEVER ||
	       row->returns == RETURNS_PROCESS;
}

bool program_is_seen(struct checker *k, const struct call *call)
{
	const char *instead = "";

	if (!call->row || !is_unseen(call->row))
		return true;
	if (call->row->returns == RETURNS_ACTOR)
		instead =
		    "; its threads and children are t2, t3 .. in the order in which they appear";
	if (call->row->returns == RETURNS_NEVER)
		instead = "; its end is '+++ exited with 0 +++'";
	diagnose(k->diagnostics, call->name_place,
		 "%s() of the program is not observed, only what it calls for sockets%s",
		 call->name, instead);
	return false;
}

/* t2, t3 .. */
static bool is_task(const char *part)
{
	return part[0] == 't' && part[1] >= '1' && part[1] <= '9' &&
	       strspn(part + 1, "0123456789") == strlen(part + 1) && strcmp(part, "t1") != 0;
}

bool program_task(struct checker *k, const struct actor *a)
{
	if (!a->part || is_task(a->part))
		return true;
	diagnose(k->diagnostics, a->place,
		 "the threads and children of the program are %s.t2, %s.t3 .. in the order in "
		 "which they appear, not '%s'",
		 a->host, a->host, a->part);
	return false;
}

bool program_is_whole(struct checker *k, const struct actor *a, const char *what)
{
	if (!a->host || a->id < 0 || a->id >= LAB_HOSTS || !k->program[a->id])
		return true;
	diagnose(k->diagnostics, a->place, "%s has the program since %s, %s", a->host,
		 place_text(k->arena, k->program[a->id]->place, a->place.source), what);
	return false;
}

/* ---- failures ---- */

void check_failure_line(struct checker *k, struct line *line)
{
	k->run->failure = line;
	k->run->subject = line->failure.of == OF_SERVER ? HOST_SERVER : HOST_CLIENT;
}

static bool is_let_go(const struct run *run, size_t from)
{
	for (size_t i = from; i < run->line_count; i++)
		if (run->lines[i].kind == LINE_ANY)
			return true;
	return false;
}

/* The last line that observes the program of that host, or the one that starts it. */
static size_t last_of(const struct run *run, enum host host)
{
	size_t last = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		enum line_kind kind = run->lines[i].kind;

		if (run->lines[i].actor.host && run->lines[i].actor.id == host &&
		    (kind == LINE_PROGRAM || kind == LINE_OBSERVED || kind == LINE_RETURNED ||
		     kind == LINE_DEATH))
			last = i;
	}
	return last;
}

/*
 * What the program does below the last line about it may happen before the run ends, or not: so
 * that nothing depends on it, it is said.
 */
static void check_ending(struct checker *k, enum host host)
{
	const struct line *line = k->program[host];
	size_t last = last_of(k->run, host);

	if (k->run->lines[last].kind == LINE_DEATH || is_let_go(k->run, last))
		return;
	diagnose(k->diagnostics, k->run->lines[last].place,
		 "what the program of %s does below this is left open; expected its end ('%s +++ "
		 "exited with 0 +++') or '...'",
		 line->actor.host, line->actor.host);
}

static bool is_crashed(const struct run *run, enum host host)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == LINE_CRASH && run->lines[i].actor.id == host)
			return true;
	return false;
}

void check_programs(struct checker *k)
{
	struct run *run = k->run;
	bool is_any = false;

	for (int h = 0; h < LAB_HOSTS; h++) {
		is_any = is_any || k->program[h];
		if (k->program[h] && !run->failure)
			check_ending(k, (enum host)h);
	}
	if (!run->failure)
		return;
	if (run->failure->failure.of == OF_NETWORK && !k->started[HOST_CLIENT])
		run->subject = HOST_SERVER;
	if (is_crashed(run, HOST_CLIENT) && k->started[HOST_SERVER])
		run->subject = HOST_SERVER; /* what does the other one do? */
	if (!k->started[run->subject])
		diagnose(k->diagnostics, run->failure->failure.place,
			 "a failure is about a program, and none is started; expected '%s program' "
			 "below",
			 host_name(run->subject));
}
