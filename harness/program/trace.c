/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracer: ptrace(2), with a filter that stops a task only at the calls of the table.
 *
 * A task that is about to enter such a call stops (PTRACE_EVENT_SECCOMP). If the call is about no
 * socket of the lab, it goes on at once, and does not stop at the end of the call. Else the engine
 * is told, and it goes on until the call returns, where it stops once more. So all that is told of
 * a task's call is in the engine's queue before the call can have any effect, and all that it has
 * caused is there before its return is told.
 *
 * A signal is passed on unchanged, and a stop of the job control is left as it is (PTRACE_LISTEN).
 * A call that a signal has interrupted does not return yet: it begins again, or it returns EINTR
 * when a handler has ended, which sigreturn(2) shows. Calls of that handler are seen, too.
 *
 * When something happened is known from two readings of the clock, one before a task goes on and
 * one after it has stopped. If the call took long, the time for which the task and the tracer were
 * ready but had no processor is taken off the second one, as with the actors' calls.
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
#define LONG_CALL    (200 * NS_PER_US) /* the time of a shorter one need not be known better */

/* As a call that was interrupted returns to its tracer (include/linux/errno.h in the kernel). */
#define RESTART_FIRST 512
#define RESTART_LAST  516

struct tracer {
	struct keeper *keeper;
	struct tasks tasks;
	struct known_sockets known;
	pid_t first;
	bool started;	/* execve() has succeeded */
	bool has_info;	/* PTRACE_GET_SYSCALL_INFO, which User-Mode Linux does not have */
	int schedstat;	/* the tracer's own */
	int filters;	/* that a task has which has made none itself */
	uint64_t vain;	/* waits in vain that were not told */
	uint64_t wakes; /* likewise */
	ns_t waited;
};

/* ---- telling ---- */

/* The engine is gone: so is the program, when this process ends (PTRACE_O_EXITKILL). */
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

static void tell_vain(struct tracer *t, ns_t at)
{
	tell(t, &(struct told){.kind = TOLD_VAIN, .from = at, .to = at});
}

static void tell_wakes(struct tracer *t)
{
	for (t->wakes += wakes_since(&t->tasks); t->wakes >= VAIN_WAKES; t->wakes -= VAIN_WAKES)
		tell_vain(t, now());
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

/* Of a call that begins, its number and arguments; of one that returns, its result. */
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

/* ---- which calls are told ---- */

static uint64_t lab_socket(struct tracer *t, const struct task *task, uint64_t fd)
{
	return socket_of_lab(&t->known, task->tgid, task->tid, (int)fd);
}

/* Of a list that may be the program's mistake. */
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

/* Whether it is about the lab's network; *socket: that of the descriptor that it is about. */
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

/* Two calls that wait for the same, in the same way, have the same number; 0: it does not wait. */
static uint64_t wait_number(struct task *task, const struct traced *row, const struct registers *r)
{
	uint64_t hash = hash_more(0xcbf29ce484222325ULL, &r->number, sizeof(r->number));
	struct pollfd fds[64];
	fd_set set;

	if (!row->waits)
		return 0;
	/* What is in the registers of further arguments means nothing. */
	for (const struct shown *s = row->args; s->show; s++)
		hash = hash_more(hash, &r->args[s->at], sizeof(r->args[s->at]));
	if (row->about == ABOUT_LIST) {
		size_t count = r->args[1] < ARRAY_SIZE(fds) ? r->args[1] : ARRAY_SIZE(fds);

		if (r->args[1] > count || !count ||
		    !read_process(task, r->args[0], fds, count * sizeof(*fds)))
			return 0;
		for (size_t i = 0; i < count; i++) /* not what an earlier call has left there */
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
	for (size_t i = 0; i < task->idle_count; i++)
		if (task->idle[i] == number)
			return true;
	return false;
}

/*
 * A program that looks again and again whether something has happened (with a time-out of a second,
 * for a day) is told of once: a wait that has been in vain, and is repeated before anything else is
 * done, is told only when something comes of it. How many there were is told now and then, since
 * the engine does not follow them for ever.
 */
static void note_outcome(struct task *task, int64_t result)
{
	if (!task->call.row->waits || result != 0)
		task->idle_count = 0;
	else if (!task->call.is_held && task->call.wait && task->idle_count < IDLE_CALLS)
		task->idle[task->idle_count++] = task->call.wait;
}

static void tell_entry(struct tracer *t, struct task *task, const struct decoding *d)
{
	const struct pending_call *call = &task->call;

	tell(t, &(struct told){
		    .kind = TOLD_CALL,
		    .part = part_of(task),
		    .from = call->entered,
		    .to = call->entered,
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

/* It was held back, but now something comes of it. */
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
		       int fd, uint64_t socket)
{
	struct pending_call *call = &task->call;

	arena_clear(&call->arena);
	memset(call->args, 0, sizeof(call->args));
	call->row = row;
	call->registers = *r;
	call->fd = fd;
	call->socket = socket;
	call->wait = wait_number(task, row, r);
	call->is_held = false;
	task->state = TASK_IN_CALL;
}

static void tell_call(struct tracer *t, struct task *task, const struct traced *row,
		      const struct registers *r, int fd, uint64_t socket)
{
	struct pending_call *call = &task->call;
	struct decoding d;

	begin_call(task, row, r, fd, socket);
	decode(task, &d, false, 0);
	memcpy(call->args, d.args, sizeof(call->args));
	call->entered = now();
	tell_entry(t, task, &d);
}

/* Whether it is one more wait like those that were in vain: then it is held back. */
static bool hold_back(struct tracer *t, struct task *task, const struct traced *row,
		      const struct registers *r)
{
	struct pending_call *call = &task->call;
	struct decoding d;

	if (!row->waits || task->state != TASK_FREE || !task->idle_count ||
	    !is_idle(task, wait_number(task, row, r)))
		return false;
	begin_call(task, row, r, row->about == ABOUT_EPOLL ? (int)r->args[0] : -1, 0);
	if (row->about == ABOUT_SETS) { /* the kernel overwrites what the words are made from */
		decode(task, &d, false, 0);
		memcpy(call->args, d.args, sizeof(call->args));
	}
	call->entered = now();
	call->is_held = true;
	if (++t->vain % VAIN_WAITS == 0)
		tell_vain(t, call->entered);
	return true;
}

/* How long a task had to wait for a processor since this was asked last; at first, in all. */
static ns_t delay_of(int *file, ns_t *waited, pid_t tid)
{
	char path[64];
	ns_t before = *waited;

	if (*file < 0) {
		snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
		*file = open(path, O_RDONLY | O_CLOEXEC);
	}
	*waited = run_delay(*file);
	return *waited > before ? *waited - before : 0;
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
	tell(t, &told);
	task->state = TASK_FREE;
	if (task->has_outer) { /* that was a call of a handler */
		arena_free(&call->arena);
		task->call = task->outer;
		task->outer = (struct pending_call){0};
		task->has_outer = false;
		task->state = TASK_INTERRUPTED;
	}
}

/* ---- stops ---- */

/* ESRCH: it has been killed meanwhile, which is the next that is heard of it. */
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

/* What it writes is kept in memory. */
#define MOST_WRITTEN (256 << 20)

static void limit_output(struct tracer *t)
{
	struct stat out, errors;

	if (fstat(t->keeper->output, &out) < 0 || fstat(t->keeper->errors, &errors) < 0 ||
	    out.st_size + errors.st_size <= MOST_WRITTEN)
		return;
	tell(t, &(struct told){.kind = TOLD_FAILED,
			       .text = "it has written more than 256 MB to its output"});
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
		if (!task->is_wide && (r.number == SYS_recvmsg || r.number == SYS_recvmmsg))
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
	return task_status(task->tid, "Seccomp_filters", 0) > t->filters;
}

/*
 * A process has a socket now: from here on all calls of the table are seen. Returns how the task
 * has stopped or ended instead, 0: it has not.
 */
static int make_wide(struct tracer *t, struct task *task)
{
	int status = 0;

	if (task->is_wide || !widen_is_known())
		return 0;
	if (!has_own_filter(t, task) && !widen(task->tid, &status))
		return status;
	for (size_t i = 0; i < t->tasks.count; i++)
		t->tasks.list[i].is_wide |= t->tasks.list[i].tgid == task->tgid;
	return status;
}

static void on_return(struct tracer *t, struct task *task)
{
	ns_t returned = now(), delay = returned - task->call.entered;
	struct registers r;
	int64_t result = 0;

	if (!read_registers(t, task->tid, &r, &result))
		return;
	if (task->state == TASK_LEAVING) { /* the result is that of the call it goes back to */
		task->state = TASK_INTERRUPTED;
		if (result == -EINTR)
			tell_return(t, task, task->stopped, returned, result);
		return;
	}
	if (task->state == TASK_RECEIVING)
		task->state = TASK_FREE;
	if (task->state != TASK_IN_CALL)
		return;
	if (is_restart(result)) {
		task->state = TASK_INTERRUPTED;
		task->stopped = returned;
		return;
	}
	if (task->call.is_held && result == 0) { /* it is not told, so nobody asks when it was */
		note_outcome(task, result);
		task->state = TASK_FREE;
		return;
	}
	if (delay > LONG_CALL)
		delay = delay_of(&task->schedstat, &task->waited, task->tid) +
			delay_of(&t->schedstat, &t->waited, getpid());
	tell_return(t, task, returned - delay, returned, result);
}

/* execve() by a thread: it takes the number of its process, whose first thread is gone. */
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
	if (child)
		child->is_wide |= task_find(&t->tasks, parent)->is_wide;
}

static bool is_job_control(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
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
	case PTRACE_EVENT_STOP:
		if (is_job_control(signal)) {
			ptrace(PTRACE_LISTEN, tid, 0UL, 0UL);
			return;
		}
		break;
	case 0:
		if (signal == SYSCALL_STOP) {
			on_return(t, task);
			status = task->state == TASK_FREE ? make_wide(t, task) : 0;
			if (!status)
				break;
			on_change(t, tid, status);
			return;
		}
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
	struct told told = {
	    .kind = TOLD_DEATH,
	    .part = part_of(task),
	    .from = now(),
	    .to = now(),
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
	if (t->started)
		tell(t, &told);
}

/* What its first process said before it ended, if that is why there is no program. */
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

void program_follow(struct keeper *k, pid_t first)
{
	struct tracer t = {.keeper = k, .first = first, .has_info = true, .schedstat = -1};

	t.filters = task_status(getpid(), "Seccomp_filters", 0) + 1;
	task_add(&t.tasks, first);
	if (k->is_virtual)
		wakes_watch();
	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		int why = errno;

		tell_wakes(&t);
		if (tid < 0 && why == EINTR)
			continue;
		if (tid < 0)
			break;
		on_change(&t, tid, status);
	}
	free(t.tasks.list);
}
