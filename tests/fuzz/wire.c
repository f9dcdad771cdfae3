/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the engine from a host's processes, which a stranger's script may have taken over:
 * replies, the links of new actors, notices, how a process ended; and from the keeper of a program
 * under test. The engine accepts each message or gives that process up; and accepted messages are
 * judged and reported without harm.
 *
 * The first byte of the input picks a script, of which all calls have been begun. The rest is
 * packets on the channel of the actor that is in that call, in pieces: the first byte of each
 * selects its kind (pieces[]). Then the engine reads all of it.
 *
 * The reader is in the middle of watch.c; so this file includes all of it, and the library's own is
 * left out.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/actor_wire.h"
#include "harness/base/array.h"
#include "harness/engine/watch.c"
#include "harness/program/told.h"
#include "harness/report/report_json.h"
#include "harness/report/transcript.h"
#include "tests/fuzz/fuzz.h"

#define MOST_PIECES 24

static const char *const scripts[] = {
    "client socket() = c\nclient connect(c, server:80) = -1 ECONNREFUSED\n",
    "server socket() = l\nserver bind(l, :80) = 0\nserver listen(l, 1) = 0\n"
    "server accept(l) ...\nclient socket() = c\nclient connect(c, server:80) = 0\n"
    "server ... accept(l) = x\nserver dup(x) = y\n",
    "client socket() = c\nclient getsockopt(c, SO_ERROR, [0]) = 0\n"
    "client poll([{fd=c, events=POLLIN}], 1, 0) = 0 (Timeout)\n",
    "client fork() = kid\nclient.kid exit(3) = ?\nclient.kid +++ exited with 3 +++\n"
    "client wait(...) = kid\n",
    "client thread() = t2\nclient.t2 pause() ...\nclient signal SIGUSR1\n"
    "client.t2 --- SIGUSR1 ---\nclient.t2 ... pause() = -1 EINTR\n",
    "client program\nclient socket() = c\nclient connect(c, server:80) ...\n"
    "client ... connect() = 0\nclient send(c, \"a\", 1) = 1\nclient.t2 close(c) = 0\n"
    "client +++ exited with 0 +++\n",
    "failure client\nclient program\nserver socket() = l @failure\n",
};

static struct engine engine; /* it is large */

/* ---- what comes ---- */

/* Where it is to be read. */
struct feed {
	struct arena *arena;
	struct input in;
	int channel; /* of the actor that is in a call */
	int notices;
	int keeper;		   /* to the engine */
	int children[MOST_PIECES]; /* ends of channels of new actors */
	size_t child_count;
};

static void send_packet(int channel, const void *bytes, size_t length)
{
	send(channel, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Any bytes. */
static void feed_bytes(struct feed *f)
{
	size_t length = take_byte(&f->in);
	const unsigned char *bytes = take_bytes(&f->in, f->arena, &length);

	send_packet(f->channel, bytes, length);
}

static void feed_message(int channel, struct message *m)
{
	if (m->bytes)
		message_send(channel, m);
	message_free(m);
}

/* A message of any content. */
static void feed_content(struct feed *f)
{
	struct message m = {0};

	for (size_t n = take_byte(&f->in) % 32; n > 0; n--)
		put_number(
		    &m, (int64_t)((uint64_t)take_number(&f->in, 4) << 32 | take_number(&f->in, 4)));
	feed_message(f->channel, &m);
}

/* A number as it might be in a reply, or one at the limits of what there is. */
static int64_t take_any(struct feed *f)
{
	static const int64_t limits[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, -1, 0};
	uint8_t is = take_byte(&f->in);

	return is < 128 ? is : is < 160 ? limits[is % 6] : (int64_t)take_number(&f->in, is % 5);
}

static const char *take_perhaps(struct feed *f)
{
	return take_byte(&f->in) % 4 ? take_text(&f->in, f->arena) : NULL;
}

/* In the order of send_reply() in actor.c. */
static void feed_reply(struct feed *f)
{
	struct message m = {0};
	ns_t at = take_byte(&f->in) % 4 ? now() : take_any(f);

	put_number(&m, at);
	put_number(&m, take_byte(&f->in) % 4 ? at : take_any(f));
	put_number(&m, take_any(f));
	put_number(&m, take_any(f));
	put_number(&m, take_any(f));
	put_number(&m, take_any(f));
	put_text(&m, take_perhaps(f));
	if (take_byte(&f->in) % 2) {
		put_number(&m, 1);
		put_number(&m, take_byte(&f->in) % 4 ? 4 : take_any(f));
		for (size_t i = 0; i < 16; i++)
			put_number(&m, i < 4 ? take_any(f) : 0);
		put_number(&m, take_any(f));
	} else {
		put_number(&m, take_any(f) & 1);
	}
	for (size_t i = 0; i < SEEN_COUNT + 1; i++)
		put_text(&m, take_perhaps(f));
	feed_message(f->channel, &m);
}

/* A descriptor: of a new actor's channel, on which a name and a greeting may be. */
static void feed_descriptor(struct feed *f)
{
	uint8_t how = take_byte(&f->in);
	struct message name = {0}, greeting = {0};
	int pair[2];

	if (how & 1) {
		descriptor_send(f->channel, STDIN_FILENO);
		return;
	}
	if (!channel_make(pair))
		return;
	put_text(&name, take_perhaps(f));
	put_number(&greeting, how & 2 ? getpid() : take_any(f));
	put_number(&greeting, how & 4 ? getpid() : take_any(f));
	message_send(pair[1], &name);
	if (how & 8)
		message_send(pair[1], &greeting);
	if (how & 16)
		send_packet(pair[1], "\4\0\0\0", 4);
	message_free(&name);
	message_free(&greeting);
	shutdown(pair[1], SHUT_WR);
	descriptor_send(f->channel, pair[0]);
	if (!(how & 32))
		send_packet(f->channel, "\4\0\0\0", 4);
	close(pair[0]);
	f->children[f->child_count++] = pair[1];
}

static void feed_notice(struct feed *f)
{
	struct notice notice = {
	    .kind = (enum notice_kind)take_any(f),
	    .who = take_byte(&f->in) % 4 ? getpid() : (pid_t)take_any(f),
	    .value = (int)take_any(f),
	    .at = take_byte(&f->in) % 4 ? now() : take_any(f),
	};

	send_packet(f->notices, &notice, sizeof(notice) - take_byte(&f->in) % 2);
}

/* The calls of the scripts above, and others. */
static const struct traced *take_row(struct feed *f)
{
	static const long numbers[] = {SYS_socket, SYS_connect, SYS_sendto, SYS_close};
	uint8_t is = take_byte(&f->in);

	return is < 128 ? traced_find(numbers[is % ARRAY_SIZE(numbers)])
			: &traced_table[is % traced_count];
}

static void feed_told(struct feed *f)
{
	struct told t = {.peer.family = 4};

	t.kind = (enum told_kind)(take_byte(&f->in) % (TOLD_KINDS + 1));
	t.part = take_byte(&f->in) % 2 ? take_perhaps(f) : NULL;
	t.from = take_byte(&f->in) % 4 ? now() : take_any(f);
	t.to = take_byte(&f->in) % 4 ? now() : take_any(f);
	t.begun = take_byte(&f->in) % 4 ? t.from : take_any(f);
	t.row = take_byte(&f->in) % 8 ? take_row(f) : NULL;
	t.name = t.row && take_byte(&f->in) % 4 ? t.row->name : take_perhaps(f);
	t.text = take_perhaps(f);
	t.fd = (int)take_any(f);
	t.result = take_any(f);
	t.error = (int)take_any(f);
	t.status = (int)take_any(f);
	t.waited = t.result;
	if (take_byte(&f->in) % 2) {
		t.has_peer = true;
		t.peer.family = (int)take_any(f);
		t.peer_port = (uint16_t)take_any(f);
		for (size_t i = 0; i < sizeof(t.peer.bytes); i++)
			t.peer.bytes[i] = take_byte(&f->in);
		t.socket = (uint64_t)take_any(f);
		t.made = (uint64_t)take_any(f);
		for (size_t i = 0; i < SEEN_COUNT; i++)
			t.seen[i] = take_byte(&f->in) % 4 ? take_perhaps(f) : NULL;
	}
	told_send(f->keeper, &t);
}

/* What is no such message. */
static void feed_keeper_bytes(struct feed *f)
{
	size_t length = take_byte(&f->in);
	const unsigned char *bytes = take_bytes(&f->in, f->arena, &length);

	send_packet(f->keeper, bytes, length);
}

static void (*const pieces[])(struct feed *) = {
    feed_bytes,	 feed_content, feed_reply,	  feed_descriptor,
    feed_notice, feed_told,    feed_keeper_bytes,
};

static void feed_all(struct feed *f)
{
	for (size_t i = 0; f->in.left && i < MOST_PIECES; i++)
		pieces[take_byte(&f->in) % (sizeof(pieces) / sizeof(*pieces))](f);
	shutdown(f->channel, SHUT_WR);
	shutdown(f->notices, SHUT_WR);
	shutdown(f->keeper, SHUT_WR);
}

/* ---- the engine ---- */

/* The line's call has been begun, by that actor. */
static void begin_call(struct engine *e, size_t actor, size_t index)
{
	const struct line *line = &e->run->lines[index];
	struct event *event = timeline_event(e->timeline, EVENT_CALL, now(), now());

	e->actors[actor].host = host_find(line->actor.host); /* one does the calls of all */
	event->line = (int)index;
	event->host = e->actors[actor].host;
	event->part = line->actor.part;
	event->call = line->call.row;
	event->descriptor = call_descriptor(&line->call);
	event->text = "call()";
	event->blocked = line->call.open;
	e->call_event[actor] = (int)(event - e->timeline->events);
	e->actors[actor].line = (int)index;
	e->done = index + 1;
}

static void judge_now(struct engine *e)
{
	struct judgement anew;

	arena_clear(&e->judged);
	judge_on(e->memory, &e->judged, e->run, e->timeline, e->done, &e->judgement);
	judge(e->arena, e->run, e->timeline, e->done, false, &anew);
}

/* Each call is begun when the one before is back, or has been given up. */
static void take_all(struct engine *e)
{
	judge_now(e);
	for (size_t i = 0; i < e->run->line_count; i++) {
		const struct line *line = &e->run->lines[i];

		e->done = i + 1;
		if (line->kind == LINE_CALL && e->actors[0].line < 0 && !e->actors[0].gone)
			begin_call(e, 0, i);
		if (!take_replies(e))
			return;
		take_notices(e);
		if (!programs_take(e) || !programs_note(e))
			return;
		judge_now(e);
	}
	for (size_t i = 0; i < e->actor_count; i++)
		e->actors[i].died = e->actors[i].pidfd >= 0 ? now() : 0;
	tell_deaths(e);
}

static void report(struct engine *e)
{
	const struct scenario scenario = {.name = "fuzz", .topic = "fuzz", .path = "fuzz.tcp"};
	const struct planned planned = {
	    .scenario = &scenario, .name = "fuzz", .group = "fuzz", .title = e->run->script->title};
	struct observation *o = e->out;
	struct text text;
	FILE *out = text_open(&text);
	struct story story;
	json_t *json;
	char *dumped;

	judge(e->arena, e->run, e->timeline, e->done, true, &o->judgement);
	o->done = e->done;
	transcript_print(out, o);
	transcript_print_verbose(out, o);
	transcript_print_stamped(out, o);
	failure_print(out, o, true);
	text_close(&text, e->arena);
	story = story_tell(e->arena, o->run, &o->timeline, &o->judgement);
	json = report_json(&planned, "6.12.0", o, &story);
	dumped = json_dumps(json, 0);
	if (!dumped)
		wrong("it is no JSON");
	free(dumped);
	json_decref(json);
}

static bool run_script(struct arena *a, const char *text, struct run *run)
{
	const struct facts facts = {.kernel = {6, 18, 0},
				    .family = 4,
				    .is_elsewhere = true,
				    .has_program = {[HOST_CLIENT] = true}};
	struct diagnostics c = {.arena = a};
	struct source *source = arena_new(a, struct source);
	struct script *script;

	*source = (struct source){"fuzz.tcp", text, strlen(text)};
	script = script_parse(a, source, &c);
	*run = (struct run){0};
	if (script && script_expand(a, script, &facts, NULL, 0, NULL, NULL, run, &c) &&
	    script_check(a, run, &c))
		return true;
	diagnostics_print(stderr, &c);
	wrong("the target's own script is wrong");
}

static void open_engine(struct engine *e, struct arena *a, const struct run *run,
			struct observation *out, const int channel[2], const int notices[2],
			int keeper)
{
	static const struct engine_options options = {.timeout = 0};

	memset(e, 0, sizeof(*e));
	*out = (struct observation){.run = run};
	e->run = run;
	e->options = &options;
	e->arena = a;
	e->out = out;
	e->timeline = &out->timeline;
	timeline_init(e->timeline, a);
	e->timeline->start = now();
	e->memory = judge_remember(a);
	for (int h = 0; h < LAB_HOSTS; h++)
		e->notices[h][0] = -1;
	e->notices[HOST_CLIENT][0] = notices[0];
	e->actors[0] = (struct actor_link){
	    .host = HOST_CLIENT,
	    .pid = getpid(),
	    .tid = getpid(),
	    .own_pid = getpid(),
	    .own_tid = getpid(),
	    .channel = channel[0],
	    .line = -1,
	    .proc_stat = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    .proc_syscall = -1,
	    .pidfd = open("/dev/null", O_RDONLY | O_CLOEXEC),
	};
	e->actor_count = 1;
	for (int h = 0; h < LAB_HOSTS; h++)
		e->programs[h].channel = -1;
	/* A number that is not 0, of no process that would be ended. */
	e->programs[HOST_CLIENT].keeper = getpid();
	e->programs[HOST_CLIENT].channel = keeper;
}

static void close_engine(struct engine *e)
{
	struct program_link *program = &e->programs[HOST_CLIENT];

	for (size_t i = 0; i < e->actor_count; i++)
		actor_link_close(&e->actors[i]);
	close_notices(e, HOST_CLIENT);
	if (program->channel >= 0)
		close(program->channel);
	free(program->told);
	free(program->open);
	judge_forget(e->memory);
	arena_free(&e->judged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct feed feed = {.arena = &a, .in = {data, size}};
	struct observation out;
	struct run run;
	int channel[2], notices[2], keeper[2];
	uint8_t which = take_byte(&feed.in);

	run_script(&a, scripts[which % (sizeof(scripts) / sizeof(*scripts))], &run);
	if (!channel_make(channel) || !channel_make(keeper) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, notices) < 0)
		wrong("no socket pair");
	open_engine(&engine, &a, &run, &out, channel, notices, keeper[0]);
	feed.channel = channel[1];
	feed.notices = notices[1];
	feed.keeper = keeper[1];
	feed_all(&feed);
	take_all(&engine);
	report(&engine);
	close_engine(&engine);
	for (size_t i = 0; i < feed.child_count; i++)
		close(feed.children[i]);
	close(channel[1]);
	close(notices[1]);
	close(keeper[1]);
	arena_free(&a);
	return 0;
}
