/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of an actor: asking it for a call, reading its reply, and finding out whether
 * it sleeps in the call, or has died.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/actor.h"
#include "harness/actor/actor_wire.h"
#include "harness/base/array.h"
#include "harness/base/shortage.h"
#include "harness/calls/calls.h"

/* /proc/PID/task/TID/NAME, which is read again and again; -1 if this kernel does not have it. */
static int open_task(const struct actor_link *link, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", link->pid, link->tid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The last number of the line that begins with `name` in a thread's status; 0: it has none. */
static pid_t innermost(const struct actor_link *link, pid_t tid, const char *name)
{
	char path[64], *line = NULL;
	size_t room = 0;
	pid_t found = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", link->pid, tid);
	in = fopen(path, "re");
	while (in && !found && getline(&line, &room, in) > 0) {
		const char *last = strrchr(line, '\t');

		if (last && !strncmp(line, name, strlen(name)))
			found = (pid_t)strtol(last, NULL, 10);
	}
	free(line);
	if (in)
		fclose(in);
	return found;
}

/*
 * The number, in this namespace, of a thread that has another one in its host; a process's first
 * thread has the number of the process. 0: it is gone.
 */
static pid_t find_thread(const struct actor_link *link)
{
	char path[64];
	const struct dirent *entry;
	pid_t found = 0;
	DIR *tasks;

	if (link->own_tid == link->own_pid)
		return link->pid;
	snprintf(path, sizeof(path), "/proc/%d/task", link->pid);
	tasks = opendir(path);
	while (tasks && !found && (entry = readdir(tasks))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid > 0 && innermost(link, tid, "NSpid:") == link->own_tid)
			found = tid;
	}
	if (tasks)
		closedir(tasks);
	return found;
}

static ns_t due_until(const struct actor_link *link)
{
	return link->until ? link->until : FOR_EVER;
}

/* Wait until it has restored what it had to change (actor.c). */
static bool is_ready(const struct actor_link *link)
{
	struct message ready = {0};
	bool came = message_wait_until(link->channel, &ready, due_until(link));

	message_free(&ready);
	return came;
}

/* An actor can open nothing. A kernel may not have this file, but some descriptor must be sent. */
static bool hand_schedstat(const struct actor_link *link)
{
	int fd = open_task(link, "schedstat");
	bool handed = descriptor_send(link->channel, fd >= 0 ? fd : link->proc_stat) &&
		      (!link->part || is_ready(link));

	if (fd >= 0)
		close(fd);
	return handed;
}

/*
 * Open what is needed to watch it. False, with errno, if the process has ended meanwhile, or if
 * there are too few descriptors to watch it.
 */
static bool open_link(struct actor_link *link)
{
	const bool is_process = link->own_pid == link->own_tid;

	link->proc_stat = open_task(link, "stat");
	link->pidfd = is_process ? (int)syscall(SYS_pidfd_open, link->pid, 0) : -1;
	errno = link->proc_stat >= 0 ? 0 : errno;
	link->proc_syscall = open_task(link, "syscall");
	return link->proc_stat >= 0 && (link->proc_syscall >= 0 || !is_shortage(errno)) &&
	       (link->pidfd >= 0 || !is_process) && hand_schedstat(link);
}

bool actor_greet(struct actor_link *link)
{
	struct message m = {0};
	bool greeted = false;

	if (link->tid)
		return true;
	link->pid = message_wait_signed(link->channel, &m, due_until(link));
	if (link->pid) {
		link->own_pid = (pid_t)get_number(&m);
		link->own_tid = (pid_t)get_number(&m);
		link->line = -1;
		link->alive = now();
		link->tid = find_thread(link);
		greeted = link->tid && open_link(link);
	}
	message_free(&m);
	return greeted;
}

void actor_link_close(struct actor_link *link)
{
	if (link->tid) {
		close(link->proc_stat);
		close(link->proc_syscall);
		if (link->pidfd >= 0)
			close(link->pidfd);
	}
	if (link->channel >= 0)
		close(link->channel);
	link->channel = link->pidfd = link->line = -1;
	link->tid = 0;
}

/* In the order in which read_pairs() of actor.c reads them. */
static void put_pairs(struct message *m, const struct variable *list, size_t count)
{
	put_number(m, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		put_text(m, list[i].name);
		put_number(m, list[i].value);
	}
}

bool actor_start(struct actor_link *link, const struct actor_request *request)
{
	struct message m = {0};
	bool sent;

	put_number(&m, request->line);
	put_pairs(&m, request->variables, request->variable_count);
	put_pairs(&m, request->processes, request->process_count);
	sent = message_send(link->channel, &m);
	message_free(&m);
	link->line = request->line;
	return sent;
}

/* In the order in which send_reply() of actor.c writes them. */
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
	for (size_t i = 0; i < ARRAY_SIZE(reply->seen); i++)
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
	int channel = descriptor_receive(parent->channel, due_until(parent));

	if (channel < 0)
		return false;
	memset(child, 0, sizeof(*child));
	child->host = parent->host;
	child->channel = channel;
	child->until = parent->until;
	/* Its name, then the greeting that every actor sends. */
	if (is_ready(parent) && message_wait_until(channel, &m, due_until(parent))) {
		child->part = get_text(&m, a);
		message_free(&m);
		if (actor_greet(child))
			return true;
	}
	message_free(&m);
	close(channel);
	return false;
}

/* Read a file of /proc again; the number of bytes, 0: nothing, -1: the task is gone. */
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
 * its call once it has read the request from its channel: it makes no other call that could sleep.
 */
static bool has_taken_request(const struct actor_link *link)
{
	int unread = 1;

	return !ioctl(link->channel, SIOCOUTQ, &unread) && !unread;
}

/* A call that is resumed after a stop is in restart_syscall(2), if it had a time-out. */
static bool is_in_call(const char *text, long number)
{
	long seen = strtol(text, NULL, 10);

	return text[0] >= '0' && text[0] <= '9' && (seen == number || seen == SYS_restart_syscall);
}

int actor_asleep(const struct actor_link *link, const struct run *run)
{
	const struct call_row *row;
	char text[512], state;
	bool in_call;
	ssize_t n;

	if (link->line < 0)
		return 0;
	row = run->lines[link->line].call.row;
	if (!row || row->number < 0)
		return 0;
	if (link->proc_syscall >= 0) {
		/*
		 * "running" unless it is off its CPU, else the system call's number and arguments.
		 */
		n = read_now(link->proc_syscall, text, sizeof(text));
		in_call = n > 0 && is_in_call(text, row->number);
	} else {
		in_call = has_taken_request(link);
	}
	state = actor_state(link);
	if (!state || state == 'Z' || state == 'X')
		return -1;
	return in_call && state == 'S';
}

/* ---- states and ends of processes ---- */

/* proc_pid_stat(5); the flag is from linux/sched.h, and has been the same ever since. */
#define STAT_FLAGS     9
#define STAT_EXIT_CODE 52
#define PF_EXITING     0x4

/* What /proc/PID/stat says from its third field on (proc_pid_stat(5)); NULL: nothing any more. */
static const char *read_stat(const struct actor_link *link, char *text, size_t size)
{
	ssize_t n = read_now(link->proc_stat, text, size);
	const char *rest = n > 0 ? strrchr(text, ')') : NULL;

	return rest ? rest + 2 : NULL;
}

char actor_state(const struct actor_link *link)
{
	char text[1024];
	const char *rest = read_stat(link, text, sizeof(text));

	return rest ? *rest : 0;
}

/* A number of stat, by its field's number there; `rest` begins with the third one. */
static long stat_field(const char *rest, int wanted)
{
	for (int field = 3; rest && field < wanted; field++) {
		rest = strchr(rest, ' ');
		rest += rest != NULL;
	}
	return rest ? strtol(rest, NULL, 10) : 0;
}

bool actor_exiting(const struct actor_link *link)
{
	char text[1024];
	const char *rest = read_stat(link, text, sizeof(text));

	return !rest || stat_field(rest, STAT_FLAGS) & PF_EXITING;
}

/* Field 52 of stat, exit_code, which is there for a zombie of one's own. */
static bool status_in_proc(const struct actor_link *link, int *status)
{
	char text[1024];
	const char *rest = read_stat(link, text, sizeof(text));

	if (!rest || *rest != 'Z')
		return false;
	*status = (int)stat_field(rest, STAT_EXIT_CODE);
	return true;
}

/* linux/pidfd.h, as it is since 6.15; what older headers have of it is less. */
struct exit_info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};
#define EXIT_INFO_REQUEST _IOWR(0xff, 11, struct exit_info)
#define EXIT_INFO	  (1U << 3)

static bool status_in_pidfd(const struct actor_link *link, int *status)
{
	struct exit_info info = {.mask = EXIT_INFO};

	if (ioctl(link->pidfd, EXIT_INFO_REQUEST, &info) < 0 || !(info.mask & EXIT_INFO))
		return false;
	*status = info.exit_code;
	return true;
}

bool actor_status(const struct actor_link *link, int *status)
{
	return status_in_proc(link, status) || status_in_pidfd(link, status);
}
