/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracer: ptrace(2), with a filter that stops a task only at the calls of the table.
 *
 * A task that is about to enter such a call stops (PTRACE_EVENT_SECCOMP). If the call has nothing
 * to do with a socket of the lab, the task continues at once, and does not stop at the end of the
 * call. Otherwise the call is reported to the engine, and the task continues until the call
 * returns, where it stops once more. So the report of a call is in the engine's queue before the
 * call can have any effect; and everything that it has caused is there before its return is
 * reported.
 *
 * A signal is passed on unchanged, and a stop by job control stays a stop (PTRACE_LISTEN). A call
 * that a signal has interrupted does not return yet. It begins again, or it returns EINTR when a
 * handler has ended, which sigreturn(2) shows. Calls of that handler are seen, too.
 *
 * Two readings of the clock say when something happened: one before a task continues, and one after
 * it has stopped. If the call took long, the time for which the task and the tracer were ready but
 * had no processor is subtracted from the second one, as with the actors' calls.
 *
 * Somebody outside of the lab may signal a program: by hand, or the kernel does, which kills it for
 * want of memory. Then nothing is known of what the program would have done. The sender of a signal
 * has the process number 0 here if it is outside of this PID namespace. The sender of SIGKILL is
 * never known. So if the first process dies of it, and no process of the program has sent it to
 * anybody, it came from outside.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/making.h"
#include "harness/base/array.h"
#include "harness/program/keeper.h"
#include "harness/program/tasks.h"
#include "harness/program/told.h"
#include "harness/program/traced_sockets.h"

#define SYSCALL_STOP (SIGTRAP | 0x80)
#define LONG_CALL    (200 * NS_PER_US) /* a shorter call needs no exact time */

/* The results of an interrupted call that its tracer sees (include/linux/errno.h in the kernel). */
#define RESTART_FIRST 512
#define RESTART_LAST  516

struct tracer {
	struct keeper *keeper;
	struct tasks tasks;
	struct known_sockets known;
	pid_t first;
	bool started;	/* execve() has succeeded */
	bool has_info;	/* PTRACE_GET_SYSCALL_INFO works; User-Mode Linux does not have it */
	int schedstat;	/* the tracer's own */
	int filters;	/* of a task, besides those that it or its tracer has added */
	uint64_t vain;	/* waits in vain that were not reported */
	uint64_t wakes; /* likewise */
	ns_t waited;
	bool kills;	 /* some process has sent SIGKILL to somebody */
	ns_t all_waited; /* for a CPU, all tasks and the tracer, as far as it was read */
};

/* ---- telling ---- */

/* If the engine is gone, this process ends, and the program with it (PTRACE_O_EXITKILL). */
static void tell(struct tracer *t, const struct told *told)
{
	char answer;

	if (!told_send(t->keeper->channel, told))
		_exit(EXIT_FAILURE);
	if (!t->keeper->is_virtual)
		return;
	while (recv(t->keeper->channel, &answer, 1, 0) != 1)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
}

/* In virtual time, where each of them costs a look at the clock, and a day has many. */
static void tell_wakes(struct tracer *t)
{
	struct told told = {.kind = TOLD_WAKES};

	for (t->wakes += wakes_since(&t->tasks); t->wakes >= VAIN_WAKES; t->wakes -= VAIN_WAKES) {
		told.from = told.to = now();
		tell(t, &told);
	}
}

static void tell_busy(struct tracer *t)
{
	ns_t at = now();

	if (t->started && tasks_are_busy(&t->tasks, at))
		tell(t, &(struct told){.kind = TOLD_BUSY, .from = at, .to = at});
}

static const char *part_of(const struct task *task)
{
	return *task->name ? task->name : NULL;
}

/* ---- registers and memory ---- */

#ifdef __x86_64__
static bool read_user_registers(pid_t tid, struct registers *r, int64_t *result)
{
	struct user_regs_struct u;

	if (ptrace(PTRACE_GETREGS, tid, 0UL, &u) < 0)
		return false;
	*r = (struct registers){(long)u.orig_rax, {u.rdi, u.rsi, u.rdx, u.r10, u.r8, u.r9}};
	*result = (int64_t)u.rax;
	return true;
}
#else
static bool read_user_registers(pid_t tid, struct registers *r, int64_t *result)
{
	(void)tid;
	(void)r;
	(void)result;
	return false;
}
#endif

/* The number and arguments of a call that begins; the result of a call that returns. */
static bool read_registers(struct tracer *t, pid_t tid, struct registers *r, int64_t *result)
{
	struct __ptrace_syscall_info info;

	if (t->has_info && ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) > 0) {
		switch (info.op) {
		case PTRACE_SYSCALL_INFO_SECCOMP:
			r->number = (long)info.seccomp.nr;
			for (size_t i = 0; i < 6; i++)
				r->args[i] = info.seccomp.args[i];
			return true;
		case PTRACE_SYSCALL_INFO_EXIT:
			*result = info.exit.rval;
			return true;
		default:
			return false;
		}
	}
	t->has_info = t->has_info && errno != EIO;
	return read_user_registers(tid, r, result);
}

static bool read_process(void *context, uint64_t address, void *to, size_t length)
{
	const struct task *task = context;
	struct iovec here = {to, length};
	struct iovec there = {(void *)(uintptr_t)address, length};

	return process_vm_readv(task->tid, &here, 1, &there, 1, 0) == (ssize_t)length;
}

/* ---- which calls are reported ---- */

static uint64_t lab_socket(struct tracer *t, const struct task *task, uint64_t fd)
{
	return socket_of_lab(&t->known, task->tgid, task->tid, (int)fd);
}

/* Limit of a list, whose length may be a mistake of the program. */
#define MOST_DESCRIPTORS 1024

static bool polls_socket(struct tracer *t, struct task *task, const struct registers *r)
{
	struct pollfd fds[MOST_DESCRIPTORS];
	size_t count = r->args[1] < MOST_DESCRIPTORS ? r->args[1] : MOST_DESCRIPTORS;

	if (!count || !read_process(task, r->args[0], fds, count * sizeof(*fds)))
		return false;
	for (size_t i = 0; i < count; i++)
		if (lab_socket(t, task, (uint64_t)fds[i].fd))
			return true;
	return false;
}

static bool selects_socket(struct tracer *t, struct task *task, const struct registers *r)
{
	size_t count = r->args[0] < FD_SETSIZE ? r->args[0] : FD_SETSIZE;

	for (size_t s = 1; s <= 3; s++) {
		fd_set set;

		FD_ZERO(&set);
		if (!r->args[s] || !read_process(task, r->args[s], &set, (count + 63) / 64 * 8))
			continue;
		for (size_t fd = 0; fd < count; fd++)
			if (FD_ISSET(fd, &set) && lab_socket(t, task, fd))
				return true;
	}
	return false;
}

/* Whether the call is about the lab's network; *socket: the inode of its descriptor's socket. */
static bool is_told(struct tracer *t, struct task *task, const struct traced *row,
		    const struct registers *r, int *fd, uint64_t *socket)
{
	*fd = -1;
	*socket = 0;
	switch (row->about) {
	case ABOUT_DOMAIN:
		return (int)r->args[0] == AF_INET || (int)r->args[0] == AF_INET6;
	case ABOUT_LIST:
		return polls_socket(t, task, r);
	case ABOUT_SETS:
		return selects_socket(t, task, r);
	case ABOUT_RING:
		return true;
	case ABOUT_EPOLL:
		*fd = (int)r->args[0];
		return true;
	case ABOUT_NAMED:
		*fd = (int)r->args[0];
		return lab_socket(t, task, r->args[2]) != 0;
	case ABOUT_TWO:
	case ABOUT_ENDS:
		*fd = (int)r->args[0];
		*socket = lab_socket(t, task, r->args[0]);
		if (!*socket) {
			*fd = (int)r->args[row->about == ABOUT_TWO ? 1 : 2];
			*socket = lab_socket(t, task, (uint64_t)*fd);
		}
		return *socket != 0;
	case ABOUT_FIRST:
		*fd = (int)r->args[0];
		*socket = lab_socket(t, task, r->args[0]);
		return *socket != 0;
	case ABOUT_REST:
		break;
	}
	return false;
}

/* ---- a call ---- */

static void decode(struct task *task, struct decoding *d, bool returned, int64_t result)
{
	const struct memory memory = {read_process, task};

	*d = (struct decoding){
	    .arena = &task->call.arena,
	    .row = task->call.row,
	    .registers = &task->call.registers,
	    .memory = &memory,
	    .returned = returned,
	    .result = result,
	    .before = task->call.args,
	};
	decode_call(d);
	d->memory = NULL; /* it ends here */
}

/* FNV-1a */
static uint64_t hash_more(uint64_t hash, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3ULL;
	return hash;
}

/*
 * Two calls that wait for the same events in the same way have the same number; 0: the call does
 * not wait.
 */
static uint64_t wait_number(struct task *task, const struct traced *row, const struct registers *r)
{
	uint64_t hash = hash_more(0xcbf29ce484222325ULL, &r->number, sizeof(r->number));
	struct pollfd fds[64];
	fd_set set;

	if (!row->waits)
		return 0;
	/* The registers of further arguments have no meaning. */
	for (const struct shown *s = row->args; s->show; s++)
		hash = hash_more(hash, &r->args[s->at], sizeof(r->args[s->at]));
	if (row->about == ABOUT_LIST) {
		size_t count = r->args[1] < ARRAY_SIZE(fds) ? r->args[1] : ARRAY_SIZE(fds);

		if (r->args[1] > count || !count ||
		    !read_process(task, r->args[0], fds, count * sizeof(*fds)))
			return 0;
		for (size_t i = 0; i < count; i++) /* not the remains of an earlier call */
			hash = hash_more(hash, &fds[i], offsetof(struct pollfd, revents));
	}
	for (size_t i = 1; row->about == ABOUT_SETS && i <= 3; i++) {
		size_t size = (r->args[0] < FD_SETSIZE ? r->args[0] + 63 : FD_SETSIZE) / 64 * 8;

		if (r->args[i] && !read_process(task, r->args[i], &set, size))
			return 0;
		hash = r->args[i] ? hash_more(hash, &set, size) : hash;
	}
	return hash;
}

static bool is_idle(const struct task *task, uint64_t number)
{
	for (size_t i = 0; i < IDLE_CALLS && i < task->idle_count; i++)
		if (task->idle[i] == number)
			return true;
	return false;
}

/*
 * A program may poll again and again (with a timeout of a second, for a day). This is reported
 * once. If a wait was in vain, and is repeated before anything else is done, the repetition is
 * reported only when it succeeds. The number of these waits is reported from time to time, since
 * the engine does not follow them for ever.
 */
static void note_outcome(struct task *task, int64_t result)
{
	if (!task->call.row->waits || result != 0)
		task->idle_count = 0;
	else if (!task->call.is_held && task->call.wait)
		task->idle[task->idle_count++ % IDLE_CALLS] = task->call.wait;
}

static void tell_entry(struct tracer *t, struct task *task, const struct decoding *d)
{
	const struct pending_call *call = &task->call;

	tell(t, &(struct told){
		    .kind = TOLD_CALL,
		    .part = part_of(task),
		    .from = call->entered,
		    .to = call->entered,
		    .waited = t->all_waited,
		    .row = call->row,
		    .name = d->name,
		    .text = d->text,
		    .fd = call->fd,
		    .socket = call->socket,
		    .has_peer = d->has_peer,
		    .peer = d->peer,
		    .peer_port = d->peer_port,
		});
}

/* The report was held back, but now the wait has succeeded. */
static void tell_held(struct tracer *t, struct task *task)
{
	struct decoding d;

	if (!task->call.is_held)
		return;
	task->call.is_held = false;
	decode(task, &d, false, 0);
	tell_entry(t, task, &d);
}

static void begin_call(struct task *task, const struct traced *row, const struct registers *r,
		       int fd, uint64_t socket, uint64_t wait)
{
	struct pending_call *call = &task->call;

	arena_clear(&call->arena);
	memset(call->args, 0, sizeof(call->args));
	call->row = row;
	call->registers = *r;
	call->fd = fd;
	call->socket = socket;
	call->wait = wait;
	call->is_held = false;
	task->state = TASK_IN_CALL;
}

/* How long a task had to wait for a processor since the last reading; the first time, in all. */
static ns_t delay_of(int *file, ns_t *waited, pid_t tid)
{
	ns_t before = *waited;

	*waited = run_delay(task_schedstat(file, tid));
	return *waited > before ? *waited - before : 0;
}

/* A task and its tracer: what they had to wait since the last reading. */
static ns_t note_waits(struct tracer *t, struct task *task)
{
	ns_t more = delay_of(&task->schedstat, &task->waited, task->tid) +
		    delay_of(&t->schedstat, &t->waited, getpid());

	t->all_waited += more;
	return more;
}

/* In virtual time there is nothing to note, and each reading costs something. */
static void note_waits_here(struct tracer *t, struct task *task)
{
	if (!t->keeper->is_virtual)
		note_waits(t, task);
}

/* What the kernel knows of a socket, as long as that can be asked. */
static void tell_options(struct tracer *t, const struct task *task, int fd, uint64_t socket)
{
	struct told told = {.kind = TOLD_OPTIONS, .socket = socket, .from = now(), .to = now()};

	if (socket && descriptor_inode(task->tid, fd) == socket &&
	    socket_options_read(task->tgid, fd, &told.options))
		tell(t, &told);
}

static void tell_call(struct tracer *t, struct task *task, const struct traced *row,
		      const struct registers *r, int fd, uint64_t socket)
{
	struct pending_call *call = &task->call;
	struct decoding d;

	if (row->number == SYS_close)
		tell_options(t, task, fd, socket);
	if (socket) {
		task->last_fd = fd;
		task->last_socket = socket;
	}
	begin_call(task, row, r, fd, socket, wait_number(task, row, r));
	decode(task, &d, false, 0);
	memcpy(call->args, d.args, sizeof(call->args));
	note_waits_here(t, task);
	call->entered = now();
	tell_entry(t, task, &d);
}

/* Whether it is another wait like those that were in vain: then its report is held back. */
static bool hold_back(struct tracer *t, struct task *task, const struct traced *row,
		      const struct registers *r)
{
	struct pending_call *call = &task->call;
	struct decoding d;
	uint64_t wait;

	if (!row->waits || task->state != TASK_FREE || !task->idle_count)
		return false;
	wait = wait_number(task, row, r);
	if (!is_idle(task, wait))
		return false;
	begin_call(task, row, r, row->about == ABOUT_EPOLL ? (int)r->args[0] : -1, 0, wait);
	if (row->about == ABOUT_SETS) { /* the kernel overwrites what the words are made from */
		decode(task, &d, false, 0);
		memcpy(call->args, d.args, sizeof(call->args));
	}
	call->entered = now();
	call->is_held = true;
	if (++t->vain % VAIN_WAITS == 0)
		tell(t,
		     &(struct told){.kind = TOLD_VAIN, .from = call->entered, .to = call->entered});
	return true;
}

static bool is_seen(const struct seen_files *seen, int number)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->numbers[i] == number)
			return true;
	return seen->all;
}

/* Its process has a socket of that number now, or may have some (ANY_NUMBER). */
static void want_seen(struct task *task, int number)
{
	struct seen_files *seen = &task->seen;

	if (!widen_is_known() || is_seen(seen, number))
		return;
	seen->wanted = seen->wanted != NO_NUMBER && seen->wanted != number ? ANY_NUMBER : number;
	if (seen->count == FEW_NUMBERS)
		seen->wanted = ANY_NUMBER;
}

static bool is_duplication(const struct registers *r)
{
	return r->number == SYS_fcntl && (r->args[1] == F_DUPFD || r->args[1] == F_DUPFD_CLOEXEC);
}

static void tell_return(struct tracer *t, struct task *task, ns_t from, ns_t to, int64_t result)
{
	struct pending_call *call = &task->call;
	int64_t value = result < 0 ? -1 : result;
	struct decoding d;
	struct told told;

	note_outcome(task, result);
	tell_held(t, task);
	decode(task, &d, true, value);
	told = (struct told){
	    .kind = TOLD_RETURN,
	    .part = part_of(task),
	    .from = from > call->entered ? from : call->entered,
	    .to = to,
	    .waited = t->all_waited,
	    .row = call->row,
	    .name = d.name,
	    .text = d.text,
	    .fd = call->fd,
	    .socket = call->socket,
	    .has_peer = d.has_peer,
	    .peer = d.peer,
	    .peer_port = d.peer_port,
	    .begun = call->entered,
	    .result = value,
	    .error = result < 0 ? (int)-result : 0,
	};
	memcpy(told.seen, d.seen, sizeof(told.seen));
	if (call->row->accepts && result >= 0 && !told.has_peer) {
		struct sockaddr_storage peer = {0};

		told.has_peer = socket_peer(task->tgid, (int)result, &peer) &&
				address_ip(&peer, &told.peer, &told.peer_port);
	}
	if (call->row->makes && result >= 0)
		told.made = descriptor_inode(task->tid, (int)result);
	if (result >= 0 && (call->row->makes || is_duplication(&call->registers)))
		want_seen(task, (int)result);
	tell(t, &told);
	task->state = TASK_FREE;
	if (task->has_outer) { /* it was a call of a handler */
		arena_free(&call->arena);
		task->call = task->outer;
		task->outer = (struct pending_call){0};
		task->has_outer = false;
		task->state = TASK_INTERRUPTED;
	}
}

/* ---- stops ---- */

/* ESRCH: it has been killed meanwhile; its death is reported next. */
static void go_on(const struct task *task, int signal)
{
	bool is_in_call = task->state == TASK_IN_CALL || task->state == TASK_RECEIVING ||
			  task->state == TASK_LEAVING;

	ptrace(is_in_call ? PTRACE_SYSCALL : PTRACE_CONT, task->tid, 0UL, (unsigned long)signal);
}

static bool is_same_call(const struct pending_call *call, const struct registers *r)
{
	return call->row->number == r->number &&
	       !memcmp(call->registers.args, r->args, sizeof(r->args));
}

/* In virtual time nobody else looks while a program only writes. */
static void limit_output(struct tracer *t)
{
	if (!output_is_too_long(t->keeper->output) && !output_is_too_long(t->keeper->errors))
		return;
	tell(t, &(struct told){.kind = TOLD_FAILED, .text = OUTPUT_TOO_LONG});
	_exit(EXIT_FAILURE);
}

/* A call begins, perhaps one that was interrupted. */
static void on_entry(struct tracer *t, struct task *task)
{
	struct registers r;
	int64_t unused;
	const struct traced *row;
	uint64_t socket;
	int fd;

	if (!t->started || !read_registers(t, task->tid, &r, &unused))
		return;
	t->kills |= filter_is_kill(r.number);
	row = traced_find(r.number);
	if (!row)
		return;
	if (row->about == ABOUT_REST) {
		if (task->state == TASK_INTERRUPTED)
			task->state = r.number == SYS_restart_syscall ? TASK_IN_CALL : TASK_LEAVING;
		return;
	}
	if (task->state == TASK_INTERRUPTED && is_same_call(&task->call, &r)) {
		task->state = TASK_IN_CALL;
		return;
	}
	if (hold_back(t, task, row, &r))
		return;
	if (!is_told(t, task, row, &r, &fd, &socket)) {
		if (row->sends)
			limit_output(t);
		if (!task->seen.all && (r.number == SYS_recvmsg || r.number == SYS_recvmmsg))
			task->state = TASK_RECEIVING;
		return;
	}
	if (task->state == TASK_INTERRUPTED) {
		arena_free(&task->outer.arena);
		task->outer = task->call;
		task->call = (struct pending_call){0};
		task->has_outer = true;
	}
	tell_call(t, task, row, &r, fd, socket);
}

static bool is_restart(int64_t result)
{
	return result <= -RESTART_FIRST && result >= -RESTART_LAST;
}

/* A program that filters its own calls may be killed for those by which its filter would be made.
 */
static bool has_own_filter(const struct tracer *t, const struct task *task)
{
	int ours = t->filters + (int)task->seen.count;

	return task_status(task->tid, "Seccomp_filters", 0) > ours;
}

/*
 * From here on calls about that file are seen. Returns how the task has stopped or ended instead,
 * 0: it has not.
 */
static int see_wanted(struct tracer *t, struct task *task)
{
	struct seen_files *seen = &task->seen;
	int status = 0;

	if (seen->wanted == NO_NUMBER)
		return 0;
	if (has_own_filter(t, task))
		seen->all = true;
	else if (!widen(task->tid, seen->wanted, &status))
		return status;
	else if (seen->wanted == ANY_NUMBER)
		seen->all = true;
	else
		seen->numbers[seen->count++] = seen->wanted;
	seen->wanted = NO_NUMBER;
	for (size_t i = 0; i < t->tasks.count; i++) {
		struct task *other = &t->tasks.list[i];
		int wanted = other->seen.wanted;

		if (other->tgid != task->tgid)
			continue;
		other->seen = *seen;
		other->seen.wanted = wanted;
	}
	return status;
}

static void on_return(struct tracer *t, struct task *task)
{
	/* In a guest the clock costs as much as a stop, and nobody asks when a wait was in vain. */
	bool is_held = task->state == TASK_IN_CALL && task->call.is_held;
	ns_t returned = is_held ? 0 : now(), delay;
	struct registers r;
	int64_t result = 0;

	if (!read_registers(t, task->tid, &r, &result))
		return;
	if (task->state == TASK_LEAVING) { /* the result belongs to the call that it goes back to */
		task->state = TASK_INTERRUPTED;
		if (result == -EINTR)
			tell_return(t, task, task->stopped, returned, result);
		return;
	}
	if (task->state == TASK_RECEIVING) {
		want_seen(task, ANY_NUMBER);
		task->state = TASK_FREE;
	}
	if (task->state != TASK_IN_CALL)
		return;
	if (is_held && result == 0) {
		note_outcome(task, result);
		task->state = TASK_FREE;
		return;
	}
	returned = is_held ? now() : returned;
	if (is_restart(result)) {
		task->state = TASK_INTERRUPTED;
		task->stopped = returned;
		return;
	}
	delay = returned - task->call.entered;
	if (delay > LONG_CALL)
		delay = note_waits(t, task);
	tell_return(t, task, returned - delay, returned, result);
}

/* execve() by a thread: it takes its process's number, and the first thread is gone. */
static void on_exec(struct tracer *t, struct task *task)
{
	unsigned long former = 0;
	struct task *other;

	ptrace(PTRACE_GETEVENTMSG, task->tid, 0UL, &former);
	other = (pid_t)former != task->tid ? task_find(&t->tasks, (pid_t)former) : NULL;
	task->state = TASK_FREE;
	task->has_outer = false;
	if (other)
		task_remove(&t->tasks, other);
	if (!t->started)
		tell(t, &(struct told){.kind = TOLD_STARTED, .from = now(), .to = now()});
	t->started = true;
}

/* clone(), fork(), vfork(): the new task stops by itself, before or after this. It has this one's
 * filters. */
static void on_birth(struct tracer *t, pid_t parent)
{
	unsigned long born = 0;
	struct task *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent, 0UL, &born) < 0 || !born)
		return;
	child = task_find(&t->tasks, (pid_t)born);
	if (!child && kill((pid_t)born, 0) == 0)
		child = task_add(&t->tasks, (pid_t)born);
	if (child) {
		child->seen = task_find(&t->tasks, parent)->seen;
		child->seen.wanted = NO_NUMBER;
	}
}

static bool is_job_control(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* ---- signals from outside ---- */

/* Not in a PID namespace that the program has made: to that one, the rest of it is outside, too. */
static bool is_beside_us(pid_t tid)
{
	char path[64];
	struct stat own, its;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", tid);
	return stat("/proc/self/ns/pid", &own) == 0 && stat(path, &its) == 0 &&
	       own.st_ino == its.st_ino;
}

static bool is_from_outside(pid_t tid)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, tid, 0UL, &info) < 0 || info.si_pid != 0)
		return false;
	return (info.si_code == SI_USER || info.si_code == SI_QUEUE || info.si_code == SI_TKILL) &&
	       is_beside_us(tid);
}

/* At that moment, in that part. */
static void tell_outside(struct tracer *t, const char *part, ns_t at, int signal)
{
	tell(t, &(struct told){
		    .kind = TOLD_OUTSIDE, .part = part, .from = at, .to = at, .status = signal});
}

static bool is_killed_by_outside(const struct tracer *t, const struct task *task, int status)
{
	return task->tid == t->first && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	       !t->kills;
}

static void on_change(struct tracer *t, pid_t tid, int status);

static void on_stop(struct tracer *t, struct task *task, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;
	pid_t tid = task->tid;

	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		on_entry(t, task);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t, task);
		task = task_find(&t->tasks, tid); /* the list may have moved */
		break;
	case PTRACE_EVENT_EXIT: /* it still has its descriptors */
		tell_options(t, task, task->last_fd, task->last_socket);
		note_waits_here(t, task);
		break;
	case PTRACE_EVENT_STOP:
		if (is_job_control(signal)) {
			ptrace(PTRACE_LISTEN, tid, 0UL, 0UL);
			return;
		}
		break;
	case 0:
		if (signal == SYSCALL_STOP) {
			on_return(t, task);
			status = task->state == TASK_FREE ? see_wanted(t, task) : 0;
			if (!status)
				break;
			on_change(t, tid, status);
			return;
		}
		if (is_from_outside(tid))
			tell_outside(t, part_of(task), now(), signal);
		go_on(task, signal);
		return;
	default:
		on_birth(t, tid);
		task = task_find(&t->tasks, tid); /* the list may have moved */
		break;
	}
	go_on(task, 0);
}

static void on_end(struct tracer *t, struct task *task, int status)
{
	bool is_outside = t->started && is_killed_by_outside(t, task, status);
	ns_t ended = now();
	struct told told = {
	    .kind = TOLD_DEATH,
	    .part = part_of(task),
	    .from = ended,
	    .to = ended,
	    .status = status,
	};
	char name[sizeof(task->name)];

	if (task->state != TASK_FREE)
		tell_held(t, task);
	memcpy(name, task->name, sizeof(name));
	told.part = *name ? name : NULL;
	if (task->tid != task->tgid) /* a thread's end is no event, but its call does not return */
		told.status = -1;
	task_remove(&t->tasks, task);
	told.others = !kill(-1, 0) || errno != ESRCH; /* in this PID namespace */
	told.waited = t->all_waited;
	if (is_outside)
		tell_outside(t, told.part, ended, SIGKILL);
	if (t->started)
		tell(t, &told);
}

/* If the program could not be started, its first process has said why before it ended. */
static void tell_failure(struct tracer *t)
{
	char why[256];
	ssize_t n = recv(t->keeper->starting, why, sizeof(why) - 1, 0);

	why[n > 0 ? n : 0] = '\0';
	tell(t, &(struct told){.kind = TOLD_FAILED, .text = n > 0 ? why : "it was killed at once"});
}

/* A task has stopped or ended. */
static void on_change(struct tracer *t, pid_t tid, int status)
{
	struct task *task = task_find(&t->tasks, tid);

	if (WIFSTOPPED(status)) {
		task = task ? task : task_add(&t->tasks, tid);
		task->stops++;
		on_stop(t, task, status);
	} else if (task) {
		on_end(t, task, status);
	}
	if (tid == t->first && !WIFSTOPPED(status) && !t->started)
		tell_failure(t);
}

/*
 * On the running kernel a program is not stopped when it writes its output: that is looked at from
 * time to time. In virtual time no time passes while a program is busy.
 */
#define LOOK (20 * 1000) /* us */

static volatile sig_atomic_t is_look_due;

static void on_alarm(int signal)
{
	(void)signal;
	is_look_due = true;
}

static void look_now_and_then(void)
{
	const struct sigaction wake = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &wake, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, LOOK}, {0, LOOK}}, NULL);
}

/* All processes of the program, which are then followed to their ends. */
static void end_all(int signal)
{
	int error = errno;

	(void)signal;
	kill(-1, SIGKILL);
	errno = error;
}

void program_follow(struct keeper *k, pid_t first)
{
	const struct sigaction end = {.sa_handler = end_all, .sa_flags = SA_RESTART};
	struct tracer t = {.keeper = k, .first = first, .has_info = true, .schedstat = -1};

	t.filters = task_status(getpid(), "Seccomp_filters", 0) + 1;
	task_add(&t.tasks, first);
	sigaction(KEEPER_ENDS_IT, &end, NULL);
	if (k->is_virtual)
		wakes_watch();
	else
		look_now_and_then();
	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		int why = errno;

		if (is_look_due) {
			is_look_due = false;
			limit_output(&t);
			tell_busy(&t);
		}
		tell_wakes(&t);
		if (tid < 0 && why == EINTR)
			continue;
		if (tid < 0)
			break;
		on_change(&t, tid, status);
	}
	free(t.tasks.list);
}
