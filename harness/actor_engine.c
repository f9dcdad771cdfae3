/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of an actor: asking it for a call, reading what came of it, and looking whether
 * it sleeps in there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/actor.h"
#include "harness/actor_wire.h"
#include "harness/calls/calls.h"

/* /proc/PID/task/TID/NAME, to be read again and again; -1 where this kernel has none. */
static int open_task(const struct actor_link *link, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", link->pid, link->tid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool actor_greet(struct actor_link *link, struct arena *a)
{
	struct message m = {0};
	bool greeted;

	(void)a;
	if (link->tid)
		return true;
	greeted = message_wait(link->channel, &m);
	if (greeted) {
		link->pid = (pid_t)get_number(&m);
		link->tid = (pid_t)get_number(&m);
		link->line = -1;
		link->proc_stat = open_task(link, "stat");
		link->proc_syscall = open_task(link, "syscall");
	}
	message_free(&m);
	return greeted;
}

void actor_link_close(struct actor_link *link)
{
	if (link->tid) {
		close(link->proc_stat);
		close(link->proc_syscall);
	}
	close(link->channel);
	link->channel = -1;
	link->tid = 0;
}

bool actor_start(struct actor_link *link, int line, const struct variable *variables, size_t count)
{
	struct message m = {0};
	bool sent;

	put_number(&m, line);
	put_number(&m, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		put_text(&m, variables[i].name);
		put_number(&m, variables[i].value);
	}
	sent = message_send(link->channel, &m);
	message_free(&m);
	link->line = line;
	return sent;
}

/* In the order in which send_reply() of actor.c puts them. */
static void read_reply(struct message *m, struct arena *a, struct actor_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->entered = get_number(m);
	reply->returned = get_number(m);
	reply->delayed = get_number(m);
	reply->result = get_number(m);
	reply->error = (int)get_number(m);
	reply->descriptor = (int)get_number(m);
	reply->bound = get_text(m, a);
	reply->has_peer = get_number(m) != 0;
	if (reply->has_peer) {
		reply->peer.family = (int)get_number(m);
		for (size_t i = 0; i < sizeof(reply->peer.bytes); i++)
			reply->peer.bytes[i] = (unsigned char)get_number(m);
		reply->peer_port = (uint16_t)get_number(m);
	}
	reply->signal_count = (int)get_number(m);
	if (reply->signal_count > 4 || reply->signal_count < 0)
		reply->signal_count = 0;
	for (int i = 0; i < reply->signal_count; i++)
		reply->signals[i] = get_text(m, a);
	for (size_t i = 0; i < sizeof(reply->seen) / sizeof(reply->seen[0]); i++)
		reply->seen[i] = get_text(m, a);
	reply->text = get_text(m, a);
}

int actor_reply(struct actor_link *link, struct arena *a, struct actor_reply *reply)
{
	struct message m = {0};
	int got = message_take(link->channel, &m);

	if (got > 0)
		read_reply(&m, a, reply);
	message_free(&m);
	return got;
}

bool actor_new_link(struct actor_link *parent, struct arena *a, struct actor_link *child)
{
	struct message m = {0};
	int channel = descriptor_receive(parent->channel);

	if (channel < 0)
		return false;
	memset(child, 0, sizeof(*child));
	child->host = parent->host;
	child->channel = channel;
	if (message_wait(channel, &m)) { /* its name, then the greeting that every actor sends */
		child->part = get_text(&m, a);
		message_free(&m);
		if (actor_greet(child, a))
			return true;
	}
	message_free(&m);
	close(channel);
	return false;
}

/* What a file of /proc says now; the number of bytes, 0: nothing, -1: the task is gone. */
static ssize_t read_now(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	if (n < 0)
		return errno == ESRCH ? -1 : 0;
	return n;
}

/*
 * Not every architecture has /proc/PID/syscall (User-Mode Linux does not). There the actor is in
 * its call once it has taken the request from its channel: it does nothing else that it could sleep
 * in.
 */
static bool has_taken_request(const struct actor_link *link)
{
	int unread = 1;

	return !ioctl(link->channel, SIOCOUTQ, &unread) && !unread;
}

int actor_asleep(const struct actor_link *link, const struct run *run)
{
	const struct call_row *row;
	char text[512];
	const char *state;
	ssize_t n;

	if (link->line < 0)
		return 0;
	row = call_find(run->lines[link->line].call.name);
	if (!row || row->number < 0)
		return 0;
	if (link->proc_syscall >= 0) {
		/*
		 * "running" unless it is off its CPU, else the system call's number and arguments.
		 */
		n = read_now(link->proc_syscall, text, sizeof(text));
		if (n <= 0 || text[0] < '0' || text[0] > '9' ||
		    strtol(text, NULL, 10) != row->number)
			return (int)n < 0 ? -1 : 0;
	} else if (!has_taken_request(link)) {
		return 0;
	}
	n = read_now(link->proc_stat, text, sizeof(text));
	state = strrchr(text, ')');
	if (n <= 0 || !state)
		return (int)n < 0 ? -1 : 0;
	return !strncmp(state, ") S", 3);
}
