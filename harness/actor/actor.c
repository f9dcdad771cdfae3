/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The actor's side: a thread that waits for the number of a line, makes that line's call, and
 * reports. actor_process.c makes the processes and threads.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/actor/actor_parts.h"
#include "harness/actor/actor_wire.h"
#include "harness/actor/stopped.h"
#include "harness/base/array.h"

#define TIMER_SLACK 1 /* ns: a timeout ends when it ends, not up to 50 us later */

/* ---- a call ---- */

/*
 * The name that the result of line `index` is given: there, or in the line where the call returns.
 */
static const char *result_name(const struct run *run, size_t index)
{
	const struct line *line = &run->lines[index];
	int resuming = line->call.open ? run->index->resuming[index] : -1;
	const struct result *r = &run->lines[resuming < 0 ? (int)index : resuming].call.result;

	return r->kind == RESULT_NAME ? r->name : NULL;
}

/* In the order in which read_reply() of actor_engine.c reads them. */
static bool send_reply(int channel, const struct actor_reply *r)
{
	struct message m = {0};
	bool sent;

	put_number(&m, r->entered);
	put_number(&m, r->returned);
	put_number(&m, r->delayed);
	put_number(&m, r->result);
	put_number(&m, r->error);
	put_number(&m, r->descriptor);
	put_compared(&m, r->bound);
	put_number(&m, r->has_peer);
	if (r->has_peer) {
		put_number(&m, r->peer.family);
		for (size_t i = 0; i < sizeof(r->peer.bytes); i++)
			put_number(&m, r->peer.bytes[i]);
		put_number(&m, r->peer_port);
	}
	for (size_t i = 0; i < ARRAY_SIZE(r->seen); i++)
		put_compared(&m, r->seen[i]);
	put_text(&m, r->text);
	sent = message_send(channel, &m);
	message_free(&m);
	return sent;
}

/* Names and numbers, as put_pairs() of actor_engine.c puts them. */
static struct variable *read_pairs(struct message *request, struct arena *arena, size_t *count)
{
	size_t expected = (size_t)get_number(request);
	struct variable *list = NULL;

	*count = 0;
	while (*count < expected) {
		struct variable *v = arena_push(arena, list, *count);

		v->name = get_text(request, arena);
		v->value = get_number(request);
	}
	return list;
}

static bool send_ready(const struct thread *t)
{
	struct message ready = {0};
	bool sent;

	put_number(&ready, 0);
	sent = message_send(t->channel, &ready);
	message_free(&ready);
	return sent;
}

/*
 * Send the engine's end of a new actor's channel. A limit on descriptors also limits what is sent.
 * The engine goes on when it is in force again: else another thread's next call might not see it.
 */
static bool hand_over(struct thread *t)
{
	bool sent;

	limit_lift();
	sent = descriptor_send(t->channel, t->new_channel);
	close(t->new_channel);
	t->new_channel = -1;
	limit_restore();
	return sent && send_ready(t);
}

/* One request: the number of a line and the values of the variables. False: the engine is gone. */
static bool answer(struct thread *t, struct message *request)
{
	const struct run *run = t->process->run;
	struct arena arena = {0};
	struct actor_reply reply = {.descriptor = -1};
	size_t index = (size_t)get_number(request), variable_count, process_count;
	const struct variable *variables = read_pairs(request, &arena, &variable_count);
	const struct variable *processes = read_pairs(request, &arena, &process_count);
	bool sent;

	if (index < run->line_count && run->lines[index].kind == LINE_CALL) {
		struct making making = {
		    .call = &run->lines[index].call,
		    .row = run->lines[index].call.row,
		    .bind = result_name(run, index),
		    .family = run->facts.family,
		    .descriptors = &t->process->descriptors,
		    .variables = variables,
		    .variable_count = variable_count,
		    .processes = processes,
		    .process_count = process_count,
		    .arena = &arena,
		    .schedstat = t->schedstat,
		    .waited = &t->waited,
		    .spawn = actor_spawn,
		    .fork = actor_fork,
		    .notify = actor_notify,
		    .actor = t,
		    .reply = &reply,
		};

		if (making.row && !making.row->later)
			making_run(&making);
	}
	if (stops_seen())
		notice_send(t->process->notices, NOTICE_STOPPED, getpid(), 0);
	sent = send_reply(t->channel, &reply);
	if (sent && t->new_channel >= 0)
		sent = hand_over(t);
	arena_free(&arena);
	return sent;
}

/* ---- serving ---- */

/*
 * Send the numbers of this thread in its host; the engine finds its own numbers for them, and sends
 * what only it can open: the thread's schedstat. Unless this is the host's first thread, a script
 * may have set a limit on descriptors, which is lifted in between. Then the greeting ends when the
 * thread has the file, so that no other thread sees its process without that limit.
 */
static void greet(struct thread *t)
{
	struct message m = {0};
	int schedstat;

	put_number(&m, getpid());
	put_number(&m, gettid());
	message_send(t->channel, &m);
	message_free(&m);
	limit_lift();
	schedstat = descriptor_receive(t->channel, FOR_EVER);
	t->schedstat = schedstat < 0 ? -1 : move_high(schedstat);
	t->waited = run_delay(t->schedstat);
	limit_restore();
	if (t->part)
		send_ready(t);
}

/* The name that ps shows: client, server.t2. */
static void name_thread(const struct thread *t)
{
	char name[16];

	snprintf(name, sizeof(name), "%s%s%s", host_name(t->process->host), t->part ? "." : "",
		 t->part ? t->part : "");
	prctl(PR_SET_NAME, name);
}

_Noreturn void actor_serve(struct thread *t)
{
	bool going = true;

	name_thread(t);
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK);
	greet(t);
	while (going) {
		struct message request = {0};

		going = message_wait(t->channel, &request) && answer(t, &request);
		message_free(&request);
	}
	/* Without the engine no thread has anything to do; sockets close as the process ends. */
	_exit(0);
}
