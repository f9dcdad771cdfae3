/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actors: sleeping in a call is distinguished from idling, threads share descriptors, times,
 * signals, names and variables come through, and no actor outlives its engine.
 */
#include "tests/call_lab.h"

#include <sys/socket.h>

#include "harness/actor/actor_parts.h"
#include "harness/actor/actor_wire.h"
#include "harness/calls/call_notation.h"

#define LISTENING                                                                                  \
	"server socket() = l\n"                                                                    \
	"server bind(l, :8080) = 0\n"                                                              \
	"server listen(l, 0) = 0\n"
#define CONNECTED                                                                                  \
	"client socket() = c\n"                                                                    \
	"client connect(c, server:8080) = 0\n"

static void go_through(struct call_lab *lab, int from, int to)
{
	for (int i = from; i < to; i++) {
		struct actor_reply r = go(lab, i);

		if (r.error)
			fail_msg("%s: %s", r.text, strerror(r.error));
	}
}

/* An actor that waits for its engine must never pass for one that is in a call. */
static void assert_idle(struct call_lab *lab, int line)
{
	struct actor_link *link = actor_of(lab, line);

	assert_int_equal(actor_asleep(link, &lab->run), 0);
	/*
	 * Not even when the engine has not read the reply yet, or would ask about the wrong call.
	 */
	link->line = line;
	for (ns_t until = now() + 30 * NS_PER_MS; now() < until; sched_yield())
		assert_int_equal(actor_asleep(link, &lab->run), 0);
	link->line = -1;
}

static void asleep_in(int family, const char *text, int lines)
{
	struct call_lab lab;
	int status[2];

	call_lab_open(&lab, family, text);
	go_through(&lab, 0, lines);
	assert_idle(&lab, lines);
	begin(&lab, lines);
	assert_true(falls_asleep(&lab, lines, 5000));
	/* It is still there, and has not answered. */
	for (ns_t until = now() + 20 * NS_PER_MS; now() < until; sched_yield())
		assert_int_equal(actor_asleep(actor_of(&lab, lines), &lab.run), 1);
	assert_int_equal(poll(&(struct pollfd){actor_of(&lab, lines)->channel, POLLIN, 0}, 1, 0),
			 0);

	/* Killed, since this call will not end; then it is gone, not asleep. */
	kill(actor_of(&lab, lines)->pid, SIGKILL);
	assert_int_equal(poll(&(struct pollfd){actor_of(&lab, lines)->channel, POLLIN, 0}, 1, 5000),
			 1);
	assert_int_equal(poll(&(struct pollfd){actor_of(&lab, lines)->pidfd, POLLIN, 0}, 1, 5000),
			 1);
	assert_int_equal(actor_asleep(actor_of(&lab, lines), &lab.run), -1);
	call_lab_end(&lab, status);
}

static void sleeping(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2) {
		/* The queue is full after the first: the SYN of the second is dropped. */
		asleep_in(family,
			  LISTENING CONNECTED "client socket() = d\n"
					      "client connect(d, server:8080) ...\n",
			  6);
		asleep_in(family, LISTENING "server accept(l) ...\n", 3);
		asleep_in(family, LISTENING "server accept4(l, ..., ..., 0) ...\n", 3);
		asleep_in(family, LISTENING CONNECTED "client recv(c, ..., 100) ...\n", 5);
		asleep_in(family, LISTENING CONNECTED "client read(c, ..., 100) ...\n", 5);
		asleep_in(family, LISTENING CONNECTED "client recvmsg(c, ...) ...\n", 5);
		asleep_in(family, LISTENING CONNECTED "client send(c, ..., 16000000) ...\n", 5);
		asleep_in(family, LISTENING CONNECTED "client write(c, ..., 16000000) ...\n", 5);
		asleep_in(family, LISTENING "server poll([{fd=l, events=POLLIN}], 1, -1) ...\n", 3);
		asleep_in(family, LISTENING "server poll([{fd=l, events=POLLIN}], 1, 60000) ...\n",
			  3);
		asleep_in(family, LISTENING "server select(..., [l], NULL, NULL, NULL) ...\n", 3);
		asleep_in(family,
			  LISTENING "server epoll_create1(0) = e\n"
				    "server epoll_ctl(e, EPOLL_CTL_ADD, l, {events=EPOLLIN}) = 0\n"
				    "server epoll_wait(e, ..., 8, -1) ...\n",
			  5);
	}
}

/* A call that was left open gives its result the name on the line where it returns. */
static void resumed(void **state)
{
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING "server accept(l) ...\n" CONNECTED "server ... accept(l) = x\n"
				"server send(x, \"hi\") = 2\n"
				"client recv(c, ..., 10) = 2\n");
	go_through(&lab, 0, 3);
	begin(&lab, 3);
	assert_true(falls_asleep(&lab, 3, 5000));
	go_through(&lab, 4, 6);
	r = finish(&lab, 3);
	assert_true(r.result >= 0);
	assert_int_equal(r.descriptor, r.result);
	assert_string_equal(r.bound, "x");
	assert_true(r.has_peer);
	assert_int_equal(r.peer.family, 4);
	assert_int_equal(host_of_ip(&r.peer), HOST_CLIENT);
	assert_int_not_equal(r.peer_port, 0);
	assert_int_equal(go(&lab, 7).result, 2);
	assert_string_equal(go(&lab, 8).seen[1], "\"hi\"");
	call_lab_close(&lab);
}

#define BUSY (150 * NS_PER_MS)

/* A process that has a processor alone for a while; -1: that is not possible. */
static pid_t occupy(const cpu_set_t *one)
{
	struct sched_param first = {.sched_priority = 1};
	int ready[2], may = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		may = !sched_setaffinity(0, sizeof(*one), one) &&
		      !sched_setscheduler(0, SCHED_FIFO, &first);
		if (write(ready[1], &may, sizeof(may)) < 0)
			_exit(1);
		for (ns_t until = now() + BUSY; may && now() < until;)
			;
		_exit(0);
	}
	assert_int_equal(read(ready[0], &may, sizeof(may)), sizeof(may));
	close(ready[0]);
	close(ready[1]);
	if (!may)
		waitpid(pid, NULL, 0);
	return may ? pid : -1;
}

/* Its wait for a processor before its call counts, too; its sleep does not.
 */
static void late(void **state)
{
	cpu_set_t before, one, others;
	struct call_lab lab;
	struct actor_reply r;
	ns_t begun;
	pid_t busy;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	if (CPU_COUNT(&before) < 2)
		skip();
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CPU_XOR(&others, &before, &one);
	call_lab_open(&lab, 4, "client socket() = c\nclient listen(c, 1) = 0\n");
	assert_int_equal(sched_setaffinity(0, sizeof(others), &others), 0);
	assert_int_equal(sched_setaffinity(actor_of(&lab, 1)->tid, sizeof(one), &one), 0);
	go(&lab, 0);
	usleep(2 * BUSY / NS_PER_US);
	busy = occupy(&one);
	begun = now();
	r = go(&lab, 1);
	if (busy > 0) {
		waitpid(busy, NULL, 0);
		assert_in_range(r.delayed, (r.entered - begun) / 2, r.returned - begun + BUSY / 10);
		assert_true(r.entered - begun > BUSY / 10);
	}
	call_lab_close(&lab);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	if (busy < 0)
		skip();
}

static void times(void **state)
{
	struct call_lab lab;
	struct actor_reply r;
	ns_t before, after;

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING "server poll([{fd=l, events=POLLIN}], 1, 50) = 0\n"
				"server poll([{fd=l, events=POLLIN}], 1, 0) = 0\n");
	go_through(&lab, 0, 3);
	before = now();
	r = go(&lab, 3);
	after = now();
	assert_true(before <= r.entered && r.returned <= after);
	assert_true(r.returned - r.entered >= 50 * NS_PER_MS);
	assert_true(r.delayed >= 0 && r.delayed <= after - before);
	r = go(&lab, 4);
	assert_true(r.returned >= r.entered);
	assert_true(r.returned - r.entered - r.delayed < 50 * NS_PER_MS);
	call_lab_close(&lab);
}

static void signals(void **state)
{
	struct notice notice;
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4,
		      "client socket() = c\n"
		      "client shutdown(c, SHUT_WR) = -1 ENOTCONN\n"
		      "client send(c, \"x\") = -1 EPIPE\n"
		      "client send(c, \"x\", 1, MSG_NOSIGNAL) = -1 EPIPE\n");
	go(&lab, 0);
	r = go(&lab, 1);
	assert_int_equal(r.error, ENOTCONN);
	assert_int_equal(notice_take(lab.notices[0], &notice), 0);
	r = go(&lab, 2);
	assert_int_equal(r.error, EPIPE);
	assert_int_equal(notice_take(lab.notices[0], &notice), 1);
	assert_int_equal(notice.kind, NOTICE_SIGNAL);
	assert_int_equal(notice.who, actor_of(&lab, 2)->own_tid);
	assert_int_equal(notice.value, SIGPIPE);
	assert_true(r.entered <= notice.at && notice.at <= r.returned);
	r = go(&lab, 3);
	assert_int_equal(r.error, EPIPE);
	assert_int_equal(notice_take(lab.notices[0], &notice), 0);
	call_lab_close(&lab);
}

/* EINTR is told as it is. */
static void interrupted(void **state)
{
	struct notice notice;
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4, LISTENING "server accept(l) ...\n");
	go_through(&lab, 0, 3);
	begin(&lab, 3);
	assert_true(falls_asleep(&lab, 3, 5000));
	kill(actor_of(&lab, 3)->pid, SIGPIPE);
	r = finish(&lab, 3);
	assert_int_equal(r.result, -1);
	assert_int_equal(r.error, EINTR);
	assert_null(r.bound);
	assert_int_equal(notice_take(lab.notices[1], &notice), 1);
	assert_true(notice.at <= r.returned);
	call_lab_close(&lab);
}

/*
 * The next notice within 5 s must be of that signal, in that actor's thread. Returns when the
 * handler has, since until then its signal is blocked there.
 */
static ns_t assert_signalled(struct call_lab *lab, const struct actor_link *who, int number)
{
	struct notice notice;

	assert_int_equal(
	    poll(&(struct pollfd){lab->notices[who->host == HOST_SERVER], POLLIN, 0}, 1, 5000), 1);
	assert_int_equal(notice_take(lab->notices[who->host == HOST_SERVER], &notice), 1);
	assert_int_equal(notice.kind, NOTICE_SIGNAL);
	assert_int_equal(notice.value, number);
	assert_int_equal(notice.who, who->own_tid);
	while (actor_state(who) == 'R')
		sched_yield();
	return notice.at;
}

/* A handler's run is reported at once: by a thread that idles, and by one that sleeps on. */
static void handled(void **state)
{
	struct actor_link *server, *t2;
	struct call_lab lab;
	struct actor_reply r;
	ns_t at;

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING "server sigaction(SIGUSR1, {handler, sa_flags=SA_RESTART}) = 0\n"
				"server sigaction(SIGUSR2, {handler}) = 0\n"
				"server thread() = t2\n"    /* 5 */
				"server accept(l) ...\n"    /* 6 */
				"server.t2 accept(l) ...\n" /* 7 */
				"server.t2 raise(SIGUSR2) = 0\n"
				"server.t2 sigprocmask(SIG_BLOCK, [SIGUSR1]) = 0\n");
	go_through(&lab, 0, 6);
	server = &lab.link[1];
	t2 = &lab.link[2];
	kill(server->pid, SIGUSR1);
	assert_signalled(&lab, server, SIGUSR1);
	begin(&lab, 6);
	assert_true(falls_asleep(&lab, 6, 5000));
	for (int i = 0; i < 3; i++) {
		kill(server->pid, SIGUSR1);
		assert_signalled(&lab, server, SIGUSR1);
	}
	assert_true(falls_asleep(&lab, 6, 5000));
	syscall(SYS_tgkill, t2->pid, t2->tid, SIGUSR1);
	assert_signalled(&lab, t2, SIGUSR1);
	begin(&lab, 7);
	assert_true(falls_asleep(&lab, 7, 5000));
	syscall(SYS_tgkill, t2->pid, t2->tid, SIGUSR2);
	at = assert_signalled(&lab, t2, SIGUSR2);
	r = finish(&lab, 7);
	assert_int_equal(r.error, EINTR);
	assert_true(r.entered <= at && at <= r.returned);
	assert_int_equal(go(&lab, 8).error, 0);
	assert_signalled(&lab, t2, SIGUSR2);
	go(&lab, 9);
	kill(server->pid, SIGUSR1); /* the first thread's, whoever else blocks it or does not */
	assert_signalled(&lab, server, SIGUSR1);

	/* Stopped: not asleep, and where it was when it goes on. */
	kill(server->pid, SIGSTOP);
	while (actor_state(server) != 'T' || actor_state(t2) != 'T')
		sched_yield();
	assert_int_equal(actor_asleep(server, &lab.run), 0);
	kill(server->pid, SIGCONT);
	assert_true(falls_asleep(&lab, 6, 5000));
	/* To this thread: which one takes what is sent to both is the kernel's choice (signal(7)).
	 */
	syscall(SYS_tgkill, server->pid, server->tid, SIGUSR2);
	assert_int_equal(finish(&lab, 6).error, EINTR);
	call_lab_close(&lab);
}

static void name_of(pid_t pid, pid_t tid, char name[32])
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(name, 32, f));
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
}

static void threads(void **state)
{
	char name[32];
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING CONNECTED "server accept(l) = x\n"		  /* 5 */
					  "server thread() = t2\n"		  /* 6 */
					  "server.t2 recv(x, ..., 100) ...\n"	  /* 7 */
					  "server shutdown(x, SHUT_RD) = 0\n"	  /* 8 */
					  "server.t2 thread() = t3\n"		  /* 9 */
					  "server.t3 close(x) = 0\n"		  /* 10 */
					  "server recv(x, ..., 100) = -1 EBADF\n" /* 11 */
					  "server.t2 socket() = y\n"		  /* 12 */
					  "server listen(y, 1) = 0\n");		  /* 13 */
	go_through(&lab, 0, 7);
	assert_int_equal(lab.links, 3);
	assert_string_equal(lab.link[2].part, "t2");
	assert_int_equal(lab.link[2].pid, lab.link[1].pid);
	assert_int_not_equal(lab.link[2].tid, lab.link[1].tid);
	name_of(lab.link[1].pid, lab.link[1].tid, name);
	assert_string_equal(name, "server");
	name_of(lab.link[2].pid, lab.link[2].tid, name);
	assert_string_equal(name, "server.t2");

	begin(&lab, 7);
	assert_true(falls_asleep(&lab, 7, 5000));
	assert_int_equal(go(&lab, 8).result, 0);
	r = finish(&lab, 7);
	assert_int_equal(r.result, 0);
	assert_string_equal(r.seen[1], "\"\"");

	go_through(&lab, 9, 11); /* a thread of a thread closes x for all of them */
	assert_int_equal(go(&lab, 11).error, EBADF);
	go_through(&lab, 12, 14);
	call_lab_close(&lab);
}

static void assert_dies(struct actor_link *link)
{
	assert_int_equal(poll(&(struct pollfd){link->pidfd, POLLIN, 0}, 1, 5000), 1);
}

static struct actor_link *named(struct call_lab *lab, const char *part)
{
	for (size_t i = lab->links; i-- > 0;)
		if (lab->link[i].part && !strcmp(lab->link[i].part, part))
			return &lab->link[i];
	fail();
	return NULL;
}

/*
 * From the notices: that somebody waited for these processes, and how they ended. They come in any
 * order, because children that have lost their parent may be found before it is.
 */
static void all_reaped(struct call_lab *lab, const struct actor_link *const *who, int *status,
		       size_t count)
{
	struct notice notice;
	size_t left = count;

	for (ns_t until = now() + 5 * NS_PER_S; now() < until && left > 0; sched_yield()) {
		if (notice_take(lab->notices[1], &notice) <= 0 || notice.kind != NOTICE_REAPED)
			continue;
		for (size_t i = 0; i < count; i++)
			if (notice.who == who[i]->own_pid) {
				status[i] = notice.value;
				left--;
			}
	}
	if (left > 0)
		fail_msg("of %zu processes nobody has said that they were waited for", left);
}

static int reaped(struct call_lab *lab, const struct actor_link *who)
{
	int status;

	all_reaped(lab, &who, &status, 1);
	return status;
}

/* A zombie stays until its parent waits, and the engine knows how it ended. */
static void processes(void **state)
{
	struct actor_link *kid;
	struct call_lab lab;
	struct actor_reply r;
	char name[32];
	int status;

	(void)state;
	call_lab_open(&lab, 4,
		      "server socket() = l\n"
		      "server fork() = kid\n"				       /* 1 */
		      "server close(l) = 0\n"				       /* 2 */
		      "server.kid bind(l, :8080) = 0\n"			       /* 3 */
		      "server.kid socket() = m\n"			       /* 4 */
		      "server close(m) = -1 EBADF\n"			       /* 5 */
		      "server wait4(kid, ..., WNOHANG) = 0\n"		       /* 6 */
		      "server.kid exit(3) = ?\n"			       /* 7 */
		      "server wait4(kid, [{WEXITSTATUS=3}], 0, NULL) = kid\n"  /* 8 */
		      "server wait4(kid, ...) = -1 ECHILD\n"		       /* 9 */
		      "server fork() = kid\n"				       /* 10 */
		      "server waitpid(-1, [{WTERMSIG=SIGKILL}]) ...\n"	       /* 11 */
		      "server ... waitpid(-1, [{WTERMSIG=SIGKILL}]) = kid\n"); /* 12 */
	go_through(&lab, 0, 2);
	kid = named(&lab, "kid");
	assert_int_not_equal(kid->pid, lab.link[1].pid);
	assert_int_equal(kid->own_pid, kid->own_tid);
	name_of(kid->pid, kid->tid, name);
	assert_string_equal(name, "server.kid");
	go_through(&lab, 2, 4);
	r = go(&lab, 4);
	assert_int_equal(r.descriptor, 4);
	assert_int_equal(go(&lab, 5).error, EBADF);
	r = go(&lab, 6);
	assert_int_equal(r.result, 0);
	assert_null(r.bound);

	begin(&lab, 7);
	assert_dies(kid);
	assert_int_equal(actor_state(kid), 'Z');
	assert_true(actor_status(kid, &status));
	assert_int_equal(WEXITSTATUS(status), 3);
	r = go(&lab, 8);
	assert_int_equal(r.result, kid->own_pid);
	assert_string_equal(r.bound, "kid");
	assert_string_equal(r.seen[1], "[{WEXITSTATUS=3}]");
	assert_int_equal(actor_state(kid), 0);
	assert_int_equal(reaped(&lab, kid), 3 << 8);
	assert_int_equal(go(&lab, 9).error, ECHILD);

	/* Reaped at once: then the process that reaped it says how it ended. */
	go(&lab, 10);
	kid = named(&lab, "kid");
	begin(&lab, 11);
	assert_true(falls_asleep(&lab, 11, 5000));
	kill(kid->pid, SIGKILL);
	r = finish(&lab, 11);
	assert_string_equal(r.bound, "kid");
	assert_string_equal(r.seen[1], "[{WTERMSIG=SIGKILL}]");
	assert_int_equal(reaped(&lab, kid), SIGKILL);
	call_lab_close(&lab);
}

/*
 * A child has neither its parent's threads' channels to the engine nor a lock that one of them may
 * have held; a process that loses its parent belongs to init.
 */
static void orphans(void **state)
{
	struct actor_link *kid, *grandkid;
	struct call_lab lab;
	int status[2];

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING "server thread() = t2\n"     /* 3 */
				"server accept(l) ...\n"     /* 4 */
				"server.t2 fork() = kid\n"   /* 5 */
				"server.kid fork() = g\n"    /* 6 */
				"server.g close(l) = 0\n"    /* 7 */
				"server.kid exit(0) = ?\n"   /* 8 */
				"server.g exit(5) = ?\n"     /* 9 */
				"server.t2 close(l) = 0\n"); /* 10 */
	go_through(&lab, 0, 4);
	begin(&lab, 4);
	assert_true(falls_asleep(&lab, 4, 5000));
	go_through(&lab, 5, 8);
	kid = named(&lab, "kid");
	grandkid = named(&lab, "g");
	begin(&lab, 8);
	assert_dies(kid);
	begin(&lab, 9);
	assert_int_equal(reaped(&lab, grandkid), 5 << 8);
	go_through(&lab, 10, 11);
	assert_int_equal(actor_asleep(&lab.link[1], &lab.run), 1);

	/* The first process dies, and the child that is left does not keep its channels open. */
	kill(lab.link[1].pid, SIGKILL);
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(poll(&(struct pollfd){lab.link[i].channel, POLLIN, 0}, 1, 5000),
				 1);
	all_reaped(&lab, (const struct actor_link *[]){&lab.link[1], kid}, status, 2);
	assert_int_equal(status[0], SIGKILL);
	assert_int_equal(status[1], 0);
	call_lab_end(&lab, (int[2]){0});
}

static void variables(void **state)
{
	const struct variable values[] = {{"m", 7}, {"n", 3}};
	const struct actor_request request = {.line = 1, .variables = values, .variable_count = 2};
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4,
		      "server socket() = l\n"
		      "server setsockopt(l, TCP_KEEPCNT, $n + 1) = 0\n"
		      "server getsockopt(l, TCP_KEEPCNT, [4]) = 0\n");
	go_through(&lab, 0, 1);
	assert_true(actor_start(actor_of(&lab, 1), &request));
	r = finish(&lab, 1);
	assert_int_equal(r.result, 0);
	assert_string_equal(r.text, "setsockopt(l, SOL_TCP, TCP_KEEPCNT, [4], 4)");
	r = go(&lab, 2);
	assert_string_equal(r.seen[2], "[4]");

	/* Without a value nothing is done, and no errno pretends otherwise. */
	r = go(&lab, 1);
	assert_int_equal(r.result, -1);
	assert_int_equal(r.error, 0);
	assert_non_null(strstr(r.text, "$n has no value"));
	call_lab_close(&lab);
}

/* More than is reported, and bytes that take four characters each: cut, but whole in count. */
static void long_data(void **state)
{
	struct call_lab lab;
	struct actor_reply r;

	(void)state;
	call_lab_open(&lab, 4,
		      LISTENING CONNECTED "server accept(l) = x\n"
					  "client send(c, ..., 500000) ...\n"
					  "server recv(x, ..., 500000, MSG_WAITALL) = 500000\n");
	go_through(&lab, 0, 6);
	begin(&lab, 6);
	r = go(&lab, 7);
	assert_int_equal(r.result, 500000);
	assert_true(strlen(r.seen[1]) <= LONGEST_SEEN);
	assert_string_equal(r.seen[1] + strlen(r.seen[1]) - 4, "\"...");
	assert_int_equal(finish(&lab, 6).result, 500000);
	call_lab_close(&lab);
}

/* A limit is for the script's own descriptors, not for the harness's. */
static void limited(void **state)
{
	struct call_lab lab;

	(void)state;
	call_lab_open(&lab, 4,
		      "client socket() = a\n"
		      "client setrlimit(RLIMIT_NOFILE, {rlim_cur=4}) = 0\n"
		      "client fork() = kid\n"
		      "client thread() = t2\n"
		      "client.kid socket() = -1 EMFILE\n"
		      "client.t2 socket() = -1 EMFILE\n"
		      "client.kid close(a) = 0\n"
		      "client.kid socket() = b\n");
	go_through(&lab, 0, 4);
	assert_int_equal(go(&lab, 4).error, EMFILE);
	assert_int_equal(go(&lab, 5).error, EMFILE);
	go_through(&lab, 6, 7);
	assert_int_equal(go(&lab, 7).descriptor, 3);
	call_lab_close(&lab);
}

static rlim_t limit_of(pid_t pid)
{
	struct rlimit limit;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
	return limit.rlim_cur;
}

/* Two threads may lift it at once, and restore it in any order. */
static void lifted_twice(void **state)
{
	struct rlimit before;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	before.rlim_cur = before.rlim_max - 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(limit_lift().rlim_cur, before.rlim_cur);
	assert_int_equal(limit_lift().rlim_cur, before.rlim_cur);
	assert_int_equal(limit_of(0), before.rlim_max);
	limit_restore();
	assert_int_equal(limit_of(0), before.rlim_max);
	limit_restore();
	assert_int_equal(limit_of(0), before.rlim_cur);
}

/* Whatever a process opens for a new thread or process, its limit is in force before its next call.
 */
static void limited_at_once(void **state)
{
	enum { TIMES = 40 };
	struct call_lab lab;

	(void)state;
	call_lab_open(&lab, 4,
		      "client setrlimit(RLIMIT_NOFILE, {rlim_cur=4}) = 0\n"
		      "client fork() = kid\n"
		      "client thread() = t2\n");
	go_through(&lab, 0, 2);
	for (int i = 0; i < TIMES; i++) {
		const struct actor_link *link = &lab.link[lab.links - 1];

		assert_int_equal(limit_of(lab.link[0].pid), 4);
		assert_int_equal(limit_of(link->pid), 4);
		actor_link_close(&lab.link[--lab.links]);
		go(&lab, 1);
	}
	go(&lab, 2);
	assert_int_equal(limit_of(lab.link[0].pid), 4);
	call_lab_close(&lab);
}

/* Descriptors begin at 3: what the harness has open is out of the way. */
static void numbers(void **state)
{
	struct call_lab lab;

	(void)state;
	call_lab_open(&lab, 4,
		      "client socket() = a\nclient socket() = b\nclient close(a) = 0\n"
		      "client socket() = c\n");
	assert_int_equal(go(&lab, 0).result, 3);
	assert_int_equal(go(&lab, 1).descriptor, 4);
	assert_int_equal(go(&lab, 2).descriptor, -1);
	assert_int_equal(go(&lab, 3).result, 3);
	call_lab_close(&lab);
}

/*
 * An attacker who has taken over a process can send anything, and the engine does not wait for the
 * rest of a message: a header that is cut, one with a length that is too large, too small, or
 * impossible.
 */
static void half_messages(void **state)
{
	static const struct {
		uint32_t says;
		size_t length;
		int taken;
	} rows[] = {
	    {12, 12, 1},
	    {12, 2, MESSAGE_GARBLED},
	    {1000, 12, MESSAGE_GARBLED},
	    {8, 12, MESSAGE_GARBLED},
	    {0, 12, MESSAGE_GARBLED},
	    {UINT32_MAX, 12, MESSAGE_GARBLED},
	};
	unsigned char bytes[12] = {0};
	ns_t began = now();
	int pair[2];

	(void)state;
	assert_true(channel_make(pair));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct message m = {0};

		memcpy(bytes, &rows[i].says, sizeof(rows[i].says));
		assert_int_equal(message_take(pair[0], &m), 0);
		assert_int_equal(send(pair[1], bytes, rows[i].length, 0), rows[i].length);
		assert_int_equal(message_take(pair[0], &m), rows[i].taken);
		message_free(&m);
		if (rows[i].taken < 0) /* it stays there, for nobody */
			recv(pair[0], bytes, sizeof(bytes), MSG_DONTWAIT);
		assert_int_equal(send(pair[1], bytes, rows[i].length, 0), rows[i].length);
		assert_int_equal(message_wait_until(pair[0], &m, FOR_EVER), rows[i].taken > 0);
		message_free(&m);
	}
	assert_true(now() - began < NS_PER_S);
	close(pair[0]);
	close(pair[1]);
}

/* It does not wait for a message that never comes either. */
static void no_message(void **state)
{
	ns_t began = now(), until = began + 50 * NS_PER_MS;
	struct actor_link link = {.until = until};
	struct message m = {0};
	int pair[2];

	(void)state;
	assert_true(channel_make(pair));
	link.channel = pair[0];
	assert_false(message_wait_until(pair[0], &m, until));
	message_free(&m);
	assert_true(now() >= until);
	assert_int_equal(message_wait_signed(pair[0], &m, until), 0);
	message_free(&m);
	assert_int_equal(descriptor_receive(pair[0], until), -1);
	assert_false(actor_greet(&link));
	assert_true(now() - began < 5 * NS_PER_S);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sleeping),	     cmocka_unit_test(resumed),
	    cmocka_unit_test(times),	     cmocka_unit_test(late),
	    cmocka_unit_test(signals),	     cmocka_unit_test(interrupted),
	    cmocka_unit_test(handled),	     cmocka_unit_test(threads),
	    cmocka_unit_test(processes),     cmocka_unit_test(orphans),
	    cmocka_unit_test(limited),	     cmocka_unit_test(limited_at_once),
	    cmocka_unit_test(lifted_twice),  cmocka_unit_test(variables),
	    cmocka_unit_test(long_data),     cmocka_unit_test(numbers),
	    cmocka_unit_test(half_messages), cmocka_unit_test(no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
