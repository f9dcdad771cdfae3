/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a host, and their threads.
 *
 * The lab gives a host its first process, its init. This one forks the process of the host's main
 * actor, and from then on only reaps: as on any machine it adopts processes that have lost their
 * parent, and waits for them at once. It tells the engine how each of them ended. Before all that
 * it gives up, for all of them, whatever a host does not need (confine.c).
 *
 * thread() and fork() make a new actor, with a channel of its own, whose other end is sent to the
 * engine over the channel of the actor that made it. A thread shares its process's descriptors and
 * their names; a forked process has a copy of both, and none of the harness's descriptors of its
 * parent.
 *
 * The harness's descriptors have high numbers, so that a script's own are 3, 4, 5 as in any other
 * program.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/actor_parts.h"
#include "harness/actor/actor_wire.h"
#include "harness/actor/confine.h"
#include "harness/actor/stopped.h"
#include "netns/lab.h"

#define HIGH_NUMBER    800 /* from here on descriptors are the harness's; below FD_SETSIZE */
#define FIRST_REALTIME 32

int move_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_NUMBER);

	if (high < 0)
		return fd; /* the limit on descriptors is low: then it stays where it is */
	close(fd);
	return high;
}

static struct {
	pthread_mutex_t mutex;
	int depth; /* how many have lifted it and not restored it yet */
	struct rlimit before;
} lifted = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct rlimit limit_lift(void)
{
	struct rlimit before;

	pthread_mutex_lock(&lifted.mutex);
	if (!lifted.depth++ && !getrlimit(RLIMIT_NOFILE, &lifted.before))
		setrlimit(RLIMIT_NOFILE,
			  &(struct rlimit){lifted.before.rlim_max, lifted.before.rlim_max});
	before = lifted.before;
	pthread_mutex_unlock(&lifted.mutex);
	return before;
}

void limit_restore(void)
{
	pthread_mutex_lock(&lifted.mutex);
	if (!--lifted.depth && lifted.before.rlim_max)
		setrlimit(RLIMIT_NOFILE, &lifted.before);
	pthread_mutex_unlock(&lifted.mutex);
}

/* ---- what tells the engine something unasked ---- */

/* Of this process, for its signal handlers. */
static int handlers_notices = -1;

void signal_noted(int number)
{
	notice_send(handlers_notices, NOTICE_SIGNAL, (pid_t)syscall(SYS_gettid), number);
}

void actor_notify(struct making *making, enum notice_kind kind, pid_t who, int value)
{
	const struct thread *t = making->actor;

	notice_send(t->process->notices, kind, who, value);
}

/* ---- threads ---- */

static void list_thread(struct thread *t)
{
	pthread_mutex_lock(&t->process->mutex);
	t->next = t->process->threads;
	t->process->threads = t;
	pthread_mutex_unlock(&t->process->mutex);
}

/* A new actor beside the one that makes the call, not running yet; NULL: errno says why. */
static struct thread *new_thread(struct making *making, const char *name, int *far_end)
{
	struct thread *parent = making->actor, *t = calloc(1, sizeof(*t));
	struct message m = {0};
	int pair[2];

	if (!t)
		return NULL;
	limit_lift();
	if (!channel_make(pair)) {
		limit_restore();
		free(t);
		return NULL;
	}
	t->process = parent->process;
	t->part = name;
	*far_end = move_high(pair[0]);
	t->channel = move_high(pair[1]);
	limit_restore();
	t->schedstat = t->new_channel = -1;
	put_text(&m, name);
	message_send(t->channel, &m);
	message_free(&m);
	return t;
}

static void discard(struct thread *t, int far_end)
{
	close(far_end);
	close(t->channel);
	free(t);
}

static void *thread_main(void *context)
{
	list_thread(context);
	actor_serve(context);
	return NULL;
}

pid_t actor_spawn(struct making *making, const char *name)
{
	int far_end;
	struct thread *parent = making->actor, *t = new_thread(making, name, &far_end);
	pthread_t id;

	if (!t)
		return -1;
	errno = pthread_create(&id, NULL, thread_main, t);
	if (errno) {
		discard(t, far_end);
		return -1;
	}
	pthread_detach(id);
	parent->new_channel = far_end;
	return 0;
}

/* ---- processes ---- */

static void close_own(const struct thread *t)
{
	close(t->channel);
	if (t->schedstat >= 0)
		close(t->schedstat);
	if (t->new_channel >= 0)
		close(t->new_channel);
}

/*
 * The forked process. Of its parent's threads, only the one that forked exists here. The channels
 * of all of them to the engine do not belong to this process, and must not stay open here when
 * those threads have died.
 */
static _Noreturn void begin_process(struct thread *t, int far_end)
{
	struct process *process = t->process;

	for (const struct thread *other = process->threads; other; other = other->next)
		close_own(other);
	close(far_end);
	process->threads = NULL;
	pthread_mutex_unlock(&process->mutex);
	pthread_mutex_unlock(&process->descriptors.mutex);
	list_thread(t);
	actor_serve(t);
}

pid_t actor_fork(struct making *making, const char *name)
{
	int far_end;
	struct thread *parent = making->actor, *t = new_thread(making, name, &far_end);
	struct process *process = parent->process;
	int why;
	pid_t pid;

	if (!t)
		return -1;
	/*
	 * Held by this thread, so that the copies are consistent, and both processes can release
	 * it.
	 */
	pthread_mutex_lock(&process->descriptors.mutex);
	pthread_mutex_lock(&process->mutex);
	pid = fork();
	if (pid == 0)
		begin_process(t, far_end);
	why = errno;
	pthread_mutex_unlock(&process->mutex);
	pthread_mutex_unlock(&process->descriptors.mutex);
	if (pid < 0) {
		discard(t, far_end);
		errno = why;
		return -1;
	}
	close(t->channel);
	free(t);
	parent->new_channel = far_end;
	return pid;
}

/* ---- the first two processes ---- */

/* Close all but the two, which are above 2. */
static void close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > 3)
		syscall(SYS_close_range, 3U, low - 1, 0U);
	if (high > low + 1)
		syscall(SYS_close_range, low + 1, high - 1, 0U);
	syscall(SYS_close_range, high + 1, ~0U, 0U);
}

/*
 * As a shell would start them: the signal settings that this program was started with (nohup
 * ignores SIGHUP) must not affect the script. And nobody needs their core dumps; a limit of 1 also
 * works where core_pattern is a pipe (core(5)).
 */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < FIRST_REALTIME; i++)
		sigaction(i, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){1, 1});
}

static _Noreturn void first_process(enum host host, int channel, int notices, const struct run *run)
{
	struct process process = {
	    .host = host,
	    .run = run,
	    .notices = notices,
	    .mutex = PTHREAD_MUTEX_INITIALIZER,
	};
	struct thread main_thread = {
	    .process = &process,
	    .channel = channel,
	    .schedstat = -1,
	    .new_channel = -1,
	};
	struct sigaction noted = {.sa_handler = signal_noted};

	stops_watch(!run->mentions.stops);
	handlers_notices = notices;
	descriptors_init(&process.descriptors);
	list_thread(&main_thread);
	sigaction(SIGPIPE, &noted, NULL);
	actor_serve(&main_thread);
}

/*
 * If something fails there, it must be reported on standard error, which is among what is given up.
 */
static bool give_up_the_rest(enum host host, bool has_filter)
{
	int errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, HIGH_NUMBER);
	const char *what;
	bool done = confine(has_filter, &what);

	if (!done)
		dprintf(errors, "tcplab: the %s's processes cannot be confined: %s: %s\n",
			host_name(host), what, strerror(errno));
	close(errors);
	return done;
}

int actor_main(enum host host, int channel, int notices, const struct run *run)
{
	int status = EXIT_FAILURE, code = status;
	pid_t first, pid;

	channel = move_high(channel);
	notices = move_high(notices);
	close_others(channel, notices);
	if (!give_up_the_rest(host, !run->facts.is_virtual))
		return EXIT_FAILURE;
	reset_signals();
	stops_watch(true);
	first = fork();
	if (first == 0)
		first_process(host, channel, notices, run);
	if (first < 0)
		return LAB_NO_FORK + errno;
	close(channel);
	while ((pid = waitpid(-1, &code, 0)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		notice_send(notices, NOTICE_REAPED, pid, code);
		if (pid == first)
			status = WIFEXITED(code) ? WEXITSTATUS(code) : EXIT_FAILURE;
	}
	return status;
}
