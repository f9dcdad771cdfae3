/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small lab for the tests of calls and actors: one new network namespace whose loopback device
 * has both hosts' addresses, and actors that make the calls of a script's text in it.
 *
 * Lines are driven by hand, one after the other, by their number in the text (from 0).
 */
#ifndef TESTS_CALL_LAB_H
#define TESTS_CALL_LAB_H

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "harness/actor/actor.h"
#include "harness/actor/actor_wire.h"
#include "harness/calls/calls.h"
#include "harness/script/script.h"

struct call_lab {
	struct arena arena;
	struct run run;
	struct actor_link link[8];
	size_t links;
	pid_t guard[2]; /* the parents of the hosts' first processes */
	int notices[2]; /* what processes report unasked */
};

static inline void lab_fail(const char *what)
{
	perror(what);
	exit(1);
}

static inline void add_ipv4(int s, int n, enum host host)
{
	struct ifreq request = {0};
	struct ip ip = host_ip(host, 4);
	struct sockaddr_in in = {.sin_family = AF_INET};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "lo:%d", n);
	memcpy(&in.sin_addr, ip.bytes, 4);
	memcpy(&request.ifr_addr, &in, sizeof(in));
	if (ioctl(s, SIOCSIFADDR, &request))
		lab_fail("SIOCSIFADDR");
}

/* It can be bound to, so it is no longer tentative, and sent to, so it has its route. */
static inline bool ipv6_is_ready(const struct sockaddr_in6 *own)
{
	struct sockaddr_in6 to = *own;
	int s = socket(AF_INET6, SOCK_DGRAM, 0);
	bool ready;

	to.sin6_port = htons(9);
	ready = !bind(s, (const struct sockaddr *)own, sizeof(*own)) &&
		!connect(s, (struct sockaddr *)&to, sizeof(to));
	close(s);
	return ready;
}

static inline void add_ipv6(int s, enum host host)
{
	/* struct in6_ifreq of linux/ipv6.h, which cannot be included beside netinet/in.h. */
	struct {
		struct in6_addr address;
		uint32_t prefix;
		int index;
	} request = {.prefix = 128, .index = 1};
	struct sockaddr_in6 own = {.sin6_family = AF_INET6};
	struct ip ip = host_ip(host, 6);

	memcpy(&request.address, ip.bytes, 16);
	memcpy(&own.sin6_addr, ip.bytes, 16);
	if (ioctl(s, SIOCSIFADDR, &request))
		lab_fail("SIOCSIFADDR, IPv6");
	/* The kernel makes the address usable from a work queue: that is a moment later. */
	for (int tries = 0; !ipv6_is_ready(&own); tries++) {
		if (tries == 5000)
			lab_fail("an IPv6 address does not come up");
		usleep(1000);
	}
}

/*
 * Move this process into a new network namespace; the machine's is not touched, and nothing (a port
 * in TIME-WAIT) is left from the one before.
 */
static inline void call_lab_namespace(void)
{
	static bool owned;
	struct ifreq request = {.ifr_name = "lo"};
	int s4, s6;

	if (unshare(geteuid() && !owned ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
		lab_fail("unshare");
	owned = true;
	s4 = socket(AF_INET, SOCK_DGRAM, 0);
	s6 = socket(AF_INET6, SOCK_DGRAM, 0);
	if (s4 < 0 || s6 < 0)
		lab_fail("socket");
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	if (ioctl(s4, SIOCSIFFLAGS, &request))
		lab_fail("SIOCSIFFLAGS");
	add_ipv4(s4, 1, HOST_CLIENT);
	add_ipv4(s4, 2, HOST_SERVER);
	add_ipv6(s6, HOST_CLIENT);
	add_ipv6(s6, HOST_SERVER);
	close(s4);
	close(s6);
}

/*
 * A test that fails leaves without closing: no actor stays, because the host's first process dies
 * with this one, and it is the init of a PID namespace as in a real lab.
 */
static inline _Noreturn void call_lab_guard(enum host host, int channel, int notices,
					    const struct run *run)
{
	int status = 0;
	pid_t init;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWPID))
		lab_fail("unshare");
	init = fork();
	if (!init) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(actor_main(host, channel, notices, run));
	}
	close_range(3, ~0U, 0); /* other hosts' channels, too, which must close */
	waitpid(init, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

/* The text's lines as a run, and an actor for each host. */
static inline void call_lab_open(struct call_lab *lab, int family, const char *text)
{
	static struct source source;
	struct diagnostics diagnostics = {.arena = &lab->arena};
	struct script *script;

	memset(lab, 0, sizeof(*lab));
	call_lab_namespace();
	source = (struct source){"test", text, strlen(text)};
	script = script_parse(&lab->arena, &source, &diagnostics);
	diagnostics_print(stderr, &diagnostics);
	assert_int_equal(diagnostics.count, 0);
	assert_non_null(script);
	lab->run.script = script;
	lab->run.lines = script->lines;
	lab->run.line_count = script->line_count;
	lab->run.facts.family = family;
	for (size_t i = 0; i < lab->run.line_count; i++)
		line_resolve(&lab->run.lines[i]);
	lab->run.mentions = script_mentions(&lab->run);
	lab->run.index = script_index(&lab->arena, &lab->run);
	for (int i = 0; i < 2; i++) {
		struct actor_link *link = &lab->link[lab->links++];
		enum host host = i ? HOST_SERVER : HOST_CLIENT;
		int pair[2], notices[2];

		assert_true(channel_make(pair));
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, notices), 0);
		lab->guard[i] = fork();
		assert_true(lab->guard[i] >= 0);
		if (!lab->guard[i])
			call_lab_guard(host, pair[1], notices[1], &lab->run);
		close(pair[1]);
		close(notices[1]);
		link->host = host;
		link->channel = pair[0];
		lab->notices[i] = notices[0];
		assert_true(actor_greet(link));
		assert_int_not_equal(link->pid, link->own_pid);
		assert_int_equal(link->pid, link->tid);
	}
}

/* Closes the channels; the status of each host's first process, when all of them have ended. */
static inline void call_lab_end(struct call_lab *lab, int status[2])
{
	for (size_t i = 0; i < lab->links; i++)
		actor_link_close(&lab->link[i]);
	for (int i = 0; i < 2; i++) {
		close(lab->notices[i]);
		assert_int_equal(waitpid(lab->guard[i], &status[i], 0), lab->guard[i]);
	}
	arena_free(&lab->arena);
}

/* Closes the channels, upon which the actors must end by themselves. */
static inline void call_lab_close(struct call_lab *lab)
{
	int status[2] = {-1, -1};

	call_lab_end(lab, status);
	for (int i = 0; i < 2; i++) {
		assert_true(WIFEXITED(status[i]));
		assert_int_equal(WEXITSTATUS(status[i]), 0);
	}
}

static inline struct actor_link *actor_of(struct call_lab *lab, int line)
{
	const struct actor *who = &lab->run.lines[line].actor;

	for (size_t i = lab->links; i-- > 0;) {
		const char *part = lab->link[i].part;

		if (lab->link[i].host == host_find(who->host) && !part == !who->part &&
		    (!part || !strcmp(part, who->part)))
			return &lab->link[i];
	}
	fail_msg("no actor for line %d", line);
	return NULL;
}

static inline void begin(struct call_lab *lab, int line)
{
	struct actor_link *link = actor_of(lab, line);
	struct variable processes[8];
	struct actor_request request = {.line = line, .processes = processes};

	for (size_t i = lab->links; i-- > 0;)
		if (lab->link[i].host == link->host && lab->link[i].pidfd >= 0)
			processes[request.process_count++] = (struct variable){
			    lab->link[i].part ? lab->link[i].part : host_name(link->host),
			    lab->link[i].own_pid};
	assert_true(actor_start(link, &request));
}

/* Wait (at most 5 s) for the reply of that line's call. */
static inline struct actor_reply finish(struct call_lab *lab, int line)
{
	struct actor_link *link = actor_of(lab, line);
	struct pollfd p = {.fd = link->channel, .events = POLLIN};
	struct actor_reply reply;

	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(actor_reply(link, &lab->arena, &reply), 1);
	link->line = -1;
	if (call_find(lab->run.lines[line].call.name)->returns == RETURNS_ACTOR &&
	    reply.result >= 0)
		assert_true(actor_new_link(link, &lab->arena, &lab->link[lab->links++]));
	return reply;
}

static inline struct actor_reply go(struct call_lab *lab, int line)
{
	begin(lab, line);
	return finish(lab, line);
}

/* True when the actor of that line is found asleep in its call within `ms`. */
static inline bool falls_asleep(struct call_lab *lab, int line, int ms)
{
	ns_t until = now() + ms * NS_PER_MS;
	int asleep;

	while (!(asleep = actor_asleep(actor_of(lab, line), &lab->run)) && now() < until)
		sched_yield();
	return asleep == 1;
}

/*
 * Make every call of the text in turn, and compare its return with the written one, as a judge
 * would: the result, the errno, what was filled in.
 */
static inline void play(int family, const char *text)
{
	struct call_lab lab;

	call_lab_open(&lab, family, text);
	for (size_t i = 0; i < lab.run.line_count; i++) {
		const struct line *line = &lab.run.lines[i];
		const struct call *call = &line->call;
		struct diagnostics c = {.arena = &lab.arena};
		struct actor_reply r;
		int64_t error = 0;

		if (line->kind != LINE_CALL)
			continue;
		if (!call_check(call, NULL, &c)) {
			diagnostics_print(stderr, &c);
			fail();
		}
		r = go(&lab, (int)i);
		if (call->result.error)
			assert_true(constant_value(GROUP_errno, call->result.error, &error));
		if (call->result.kind == RESULT_VALUE && call->result.value->kind == VALUE_INT &&
		    (r.result != call->result.value->number || r.error != error))
			fail_msg("%s\n    gave %lld %s: %s", line->text, (long long)r.result,
				 r.error ? constant_name(GROUP_errno, r.error) : "", r.text);
		if (call->result.kind == RESULT_NAME && r.result < 0)
			fail_msg("%s\n    gave %s", line->text,
				 constant_name(GROUP_errno, r.error));
		for (size_t a = 0; a < call->arg_count; a++) {
			struct arg *seen;

			if (!r.seen[a] || !type_is_filled(call_param(call, a)->type))
				continue;
			seen = arg_parse(&lab.arena, r.seen[a]);
			if (!seen || !arg_matches(call->args[a], seen, NULL, NULL))
				fail_msg("%s\n    argument %zu: saw %s", line->text, a, r.seen[a]);
		}
		if (call->result.has_seen) {
			struct arg *seen = r.seen[0] ? arg_parse(&lab.arena, r.seen[0]) : NULL;

			if (!seen || !arg_matches(call->result.seen[0], seen, NULL, NULL))
				fail_msg("%s\n    saw %s", line->text, r.seen[0] ? r.seen[0] : "-");
		}
		if (getenv("SHOW"))
			printf("%s = %lld %s\n", r.text, (long long)r.result,
			       r.error ? constant_name(GROUP_errno, r.error) : "");
	}
	call_lab_close(&lab);
}

#endif
