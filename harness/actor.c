/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The actor's side: a thread that waits for the number of a line, makes that line's call, and
 * reports.
 *
 * The host's process starts with one such thread; thread() in a script starts more, each with a
 * channel of its own, whose far end goes to the engine over the channel of the thread that made it.
 * Threads share the process's descriptors and their names, nothing else.
 *
 * What the harness itself has open in here stands at high numbers, so that a script's own
 * descriptors are 3, 4, 5 as in any other program.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor.h"
#include "harness/actor_wire.h"
#include "harness/calls/calls.h"
#include "harness/calls/frame.h"

#define HIGH_NUMBER 800 /* from here on descriptors are the harness's; below FD_SETSIZE */
#define MAX_SIGNALS 4
#define TIMER_SLACK 1 /* ns: a timeout ends when it ends, not up to 50 us later */

/* What the threads of one host share. */
struct process {
	enum host host;
	const struct run *run;
	struct descriptors descriptors;
};

struct thread {
	struct process *process;
	const char *part; /* NULL: the main thread */
	int channel, schedstat;
	int new_channel; /* the engine's end of a new thread's, to be handed over with the reply; -1
			  */
};

/* Signals that were handled in this thread and are not reported yet. */
static _Thread_local volatile sig_atomic_t signal_count;
static _Thread_local volatile sig_atomic_t signals[MAX_SIGNALS];

static void note_signal(int number)
{
	if (signal_count < MAX_SIGNALS)
		signals[signal_count++] = number;
}

static int move_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_NUMBER);

	if (high < 0)
		return fd; /* a low limit on descriptors: then it stays where it is */
	close(fd);
	return high;
}

/* ---- a call ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The name that the result of line `index` is given: there, or in the line where it comes back. */
static const char *result_name(const struct run *run, size_t index)
{
	const struct line *line = &run->lines[index];

	if (line->call.result.kind == RESULT_NAME)
		return line->call.result.name;
	for (size_t i = index + 1; line->call.open && i < run->line_count; i++) {
		const struct line *later = &run->lines[i];

		if (later->kind == LINE_RESUME && same_text(later->actor.host, line->actor.host) &&
		    same_text(later->actor.part, line->actor.part))
			return later->call.result.kind == RESULT_NAME ? later->call.result.name
								      : NULL;
	}
	return NULL;
}

/* In the order in which read_reply() of actor_engine.c takes them. */
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
	put_text(&m, r->bound);
	put_number(&m, r->has_peer);
	if (r->has_peer) {
		put_number(&m, r->peer.family);
		for (size_t i = 0; i < sizeof(r->peer.bytes); i++)
			put_number(&m, r->peer.bytes[i]);
		put_number(&m, r->peer_port);
	}
	put_number(&m, r->signal_count);
	for (int i = 0; i < r->signal_count; i++)
		put_text(&m, r->signals[i]);
	for (size_t i = 0; i < sizeof(r->seen) / sizeof(r->seen[0]); i++)
		put_text(&m, r->seen[i]);
	put_text(&m, r->text);
	sent = message_send(channel, &m);
	message_free(&m);
	return sent;
}

static void report_signals(struct actor_reply *r)
{
	r->signal_count = signal_count;
	for (int i = 0; i < r->signal_count; i++)
		r->signals[i] = constant_name("signal", signals[i]);
	signal_count = 0;
}

static pid_t spawn(struct call_frame *f, const char *name);

/* One request: the number of a line and the values of the variables. False: the engine is gone. */
static bool answer(struct thread *t, struct message *request)
{
	const struct run *run = t->process->run;
	struct arena arena = {0};
	struct actor_reply reply = {.descriptor = -1};
	size_t index = (size_t)get_number(request);
	size_t count = (size_t)get_number(request);
	struct variable *variables = NULL;
	bool sent;

	for (size_t i = 0, filled = 0; i < count; i++) {
		struct variable *v = arena_push(&arena, variables, filled);

		v->name = get_text(request, &arena);
		v->value = get_number(request);
	}
	if (index < run->line_count && run->lines[index].kind == LINE_CALL) {
		struct call_frame frame = {
		    .call = &run->lines[index].call,
		    .row = call_find(run->lines[index].call.name),
		    .bind = result_name(run, index),
		    .family = run->facts.family,
		    .descriptors = &t->process->descriptors,
		    .variables = variables,
		    .variable_count = count,
		    .arena = &arena,
		    .schedstat = t->schedstat,
		    .spawn = spawn,
		    .actor = t,
		    .reply = &reply,
		};

		if (frame.row && frame.row->make)
			frame_run(&frame);
	}
	report_signals(&reply);
	sent = send_reply(t->channel, &reply);
	if (sent && t->new_channel >= 0) {
		sent = descriptor_send(t->channel, t->new_channel);
		close(t->new_channel);
		t->new_channel = -1;
	}
	arena_free(&arena);
	return sent;
}

/* ---- threads ---- */

static void greet(const struct thread *t)
{
	struct message m = {0};

	put_number(&m, getpid());
	put_number(&m, gettid());
	message_send(t->channel, &m);
	message_free(&m);
}

/* The name that ps shows: client, server.t2. */
static void name_thread(const struct thread *t)
{
	char name[16];

	snprintf(name, sizeof(name), "%s%s%s", host_name(t->process->host), t->part ? "." : "",
		 t->part ? t->part : "");
	prctl(PR_SET_NAME, name);
}

/* Returns when the engine has closed the channel. */
static void serve(struct thread *t)
{
	int schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	bool going = true;

	name_thread(t);
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK);
	t->schedstat = schedstat < 0 ? -1 : move_high(schedstat);
	greet(t);
	while (going) {
		struct message request = {0};

		going = message_wait(t->channel, &request) && answer(t, &request);
		message_free(&request);
	}
	/* Without its engine no thread has anything to do; sockets close as the process ends. */
	_exit(0);
}

static void *thread_main(void *context)
{
	serve(context);
	return NULL;
}

/* Runs in the thread that calls thread(). */
static pid_t spawn(struct call_frame *f, const char *name)
{
	struct thread *parent = f->actor, *t = calloc(1, sizeof(*t));
	struct message m = {0};
	pthread_t id;
	int pair[2];

	if (!t || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		free(t);
		return -1;
	}
	t->process = parent->process;
	t->part = name;
	t->channel = move_high(pair[1]);
	t->new_channel = -1;
	put_text(&m, name);
	message_send(t->channel, &m);
	message_free(&m);
	errno = pthread_create(&id, NULL, thread_main, t);
	if (errno) {
		close(pair[0]);
		close(t->channel);
		free(t);
		return -1;
	}
	pthread_detach(id);
	parent->new_channel = pair[0];
	return 0;
}

int actor_main(enum host host, int channel, const struct run *run)
{
	struct process process = {.host = host, .run = run};
	struct thread main_thread = {.process = &process, .new_channel = -1};
	struct sigaction noted = {.sa_handler = note_signal};

	main_thread.channel = move_high(channel);
	/* The engine's end of the channel above all: while that is open in here, the end would
	 * never come. */
	if (main_thread.channel > 3)
		syscall(SYS_close_range, 3U, (unsigned)main_thread.channel - 1, 0U);
	syscall(SYS_close_range, (unsigned)main_thread.channel + 1, ~0U, 0U);
	descriptors_init(&process.descriptors);
	sigaction(SIGPIPE, &noted, NULL);
	serve(&main_thread);
	return 0;
}
