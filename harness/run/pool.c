/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one loop starts jobs while there is room, then sleeps until a signal, a
 * child's word or the nearest deadline, then looks at those children. Signals are blocked except
 * while the loop sleeps (ppoll), so nothing is lost between looking and sleeping, and the handlers
 * only note which one came. If a child has something to say, ppoll returns at once and lets no
 * signal in, and on a busy machine that can be so each time. So interrupts are let in between two
 * jobs, too: before one is started and before one is reported.
 *
 * A number of jobs always has room. A job that mostly waits should not take the place of one that
 * computes, so there is room for more of them while the machine has time for that. This is asked
 * before each of them, and again soon when the answer was no.
 *
 * A job's output goes to unnamed files, which never block and need no reader; the output of a job
 * whose child has ended waits in memory until the jobs before it have been reported.
 *
 * A job can be reported before its child has ended, if the work has announced how it will end
 * (pool_say). When it ends, the pool still checks that it ended in this way.
 *
 * Nothing outlives the pool: a child that ends takes its process group with it (killed before it is
 * reaped, while its number cannot belong to anyone else), and a parent that is killed takes its
 * children with it (PR_SET_PDEATHSIG). Children of children that have ended become the pool's
 * (PR_SET_CHILD_SUBREAPER), which waits for them as it goes along; those that are still ending when
 * the pool ends belong to init.
 */
#include "harness/run/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "harness/base/array.h"
#include "harness/base/memory.h"
#include "harness/base/outlet.h"
#include "harness/base/shortage.h"
#include "harness/base/shown.h"
#include "harness/base/unnamed.h"
#include "harness/run/turns.h"

#define ASIDE_FILENO 3		       /* after the usual three */
#define WORD_FILENO  4		       /* and after that */
#define STATUS_BASE  64		       /* above exit(1), which a sanitizer or a library may call */
#define REST	     (250 * NS_PER_MS) /* and longer from time to time */
#define SOON	     (5 * NS_PER_MS)

enum job_state { JOB_WAITS, JOB_RUNS, JOB_ENDED };

#define NOTHING_SAID (-1)

struct job {
	enum job_state state;
	pid_t pid;
	int out, errors, aside; /* unnamed files */
	int word;		/* an eventfd: the announced status, plus one */
	int said;		/* the status, or NOTHING_SAID */
	bool reported;
	ns_t deadline; /* CLOCK_MONOTONIC */
	struct pool_end end;
};

struct state {
	struct pool *pool;
	struct job *jobs;
	size_t *again; /* queue of jobs to repeat */
	size_t again_head, again_tail;
	struct turns turns; /* which is to be started */
	size_t reported;    /* how many, in order */
	size_t settled;	    /* how many have ended and are reported */
	size_t *runs;	    /* those that run: room for the most */
	int running;
	ns_t resting;	      /* until then nothing is started: CLOCK_MONOTONIC */
	bool waits_for_time;  /* the next one, for time of the machine */
	bool ending;	      /* all jobs that still run are killed */
	struct pollfd *words; /* of `runs`; negative: it has said it already */
	pid_t parent;
	sigset_t before; /* the signal mask outside */
};

static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define INTERRUPTS ARRAY_SIZE(interrupts)

static volatile sig_atomic_t interrupted;
static sigset_t sleeping_mask; /* of signals while the parent sleeps */

static void note(int sig)
{
	if (sig != SIGCHLD)
		interrupted = sig;
}

/* Also by what has come since the loop slept. SIGCHLD stays blocked: it has to end the next sleep.
 */
static bool is_interrupted(void)
{
	sigset_t mask = sleeping_mask, before;

	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return interrupted != 0;
}

static ns_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ns_of(t);
}

static int most_at_once(const struct pool *p)
{
	return p->has_time && p->most > p->at_once ? p->most : p->at_once;
}

/* ---- the child ---- */

static int my_word = -1; /* of this child; -1: this process is none */

void pool_say(int status)
{
	fflush(NULL);
	if (my_word >= 0)
		eventfd_write(my_word, (eventfd_t)status + 1);
}

/* Close all except these two; they may have the two highest possible numbers. */
static void close_others(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > ASIDE_FILENO)
		close_range(ASIDE_FILENO, (unsigned)low - 1, 0);
	if (high > low + 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
}

/* Both get their numbers, whatever they have now; only they and the usual three stay open. */
static void keep_two(int aside, int word)
{
	int high = fcntl(word, F_DUPFD_CLOEXEC, WORD_FILENO + 1);

	dup3(aside, ASIDE_FILENO, O_CLOEXEC); /* or it has that number already */
	dup3(high, WORD_FILENO, O_CLOEXEC);
	close_range(WORD_FILENO + 1, ~0U, 0);
}

/*
 * With sanitizers, as exit() does. It needs a child of this process, and a process whose PID
 * namespace has ended cannot have one (guest/cage.c).
 */
static void look_for_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
	struct stat own, childrens;

	if (stat("/proc/self/ns/pid", &own) == 0 &&
	    stat("/proc/self/ns/pid_for_children", &childrens) == 0 &&
	    own.st_ino == childrens.st_ino)
		__lsan_do_leak_check();
#endif
}

static _Noreturn void child(struct state *s, size_t index, int attempt)
{
	struct job *job = &s->jobs[index];
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	int null, status;
	FILE *aside;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != s->parent) /* it was gone before that was set */
		_exit(STATUS_BASE);
	setpgid(0, 0);
	outlet_unguard();
	dup2(job->out, STDOUT_FILENO);
	dup2(job->errors, STDERR_FILENO);
	close_others(job->aside, job->word);
	null = open("/dev/null", O_RDONLY);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	keep_two(job->aside, job->word);
	aside = fdopen(ASIDE_FILENO, "w");
	my_word = WORD_FILENO;
	for (size_t i = 0; i < INTERRUPTS; i++)
		sigaction(interrupts[i], &dfl, NULL);
	sigaction(SIGCHLD, &dfl, NULL);
	sigaction(SIGPIPE, &dfl, NULL);
	sigprocmask(SIG_SETMASK, &s->before, NULL);

	status = s->pool->work(s->pool->work_context, index, attempt, stdout, aside);
	fflush(NULL);
	look_for_leaks();
	/*
	 * Not exit(): the registered functions and the unwritten output belong to the parent.
	 */
	_exit(STATUS_BASE + status);
}

/* ---- starting and ending ---- */

static void close_output(struct job *job)
{
	if (job->out >= 0)
		close(job->out);
	if (job->errors >= 0)
		close(job->errors);
	if (job->aside >= 0)
		close(job->aside);
	if (job->word >= 0)
		close(job->word);
	job->out = job->errors = job->aside = job->word = -1;
}

/* NULL: it has everything that it needs. Else why not. */
static const char *open_output(struct job *job)
{
	job->out = unnamed_file("tcplab-output");
	job->errors = job->out < 0 ? -1 : unnamed_file("tcplab-errors");
	job->aside = job->errors < 0 ? -1 : unnamed_file("tcplab-aside");
	if (job->aside < 0)
		return is_shortage(errno)
			   ? strerror(errno)
			   : "nothing is there for its output: neither " UNNAMED_TRIED;
	job->word = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return job->word < 0 ? strerror(errno) : NULL;
}

/* NULL: it runs. Else why it does not, and errno. */
static const char *start(struct state *s, size_t index, int attempt)
{
	struct job *job = &s->jobs[index];
	const char *why = open_output(job);

	job->said = NOTHING_SAID;
	if (!why) {
		fflush(NULL);
		job->pid = fork();
		if (job->pid < 0)
			why = strerror(errno);
		else if (job->pid == 0)
			child(s, index, attempt);
	}
	if (why) {
		int error = errno;

		close_output(job);
		errno = error;
		return why;
	}
	setpgid(job->pid, job->pid); /* both do it, so that it is done for both */
	job->state = JOB_RUNS;
	job->deadline = monotonic() + s->pool->limit(s->pool->context, index);
	s->runs[s->running++] = index;
	return NULL;
}

static void kill_group(const struct job *job)
{
	kill(-job->pid, SIGKILL);
	kill(job->pid, SIGKILL);
}

/* The data from `from` on. */
static const char *slurp(int fd, size_t from, size_t *length)
{
	struct stat st;
	char *text;
	ssize_t n;

	*length = 0;
	if (fstat(fd, &st) < 0 || (size_t)st.st_size <= from)
		return NULL;
	text = malloc((size_t)st.st_size - from);
	if (!text)
		return NULL;
	n = pread(fd, text, (size_t)st.st_size - from, (off_t)from);
	*length = n > 0 ? n : 0;
	return text;
}

static void take_output(struct job *job)
{
	struct pool_end *end = &job->end;

	end->output = slurp(job->out, 0, &end->output_length);
	end->errors = slurp(job->errors, 0, &end->error_length);
	end->aside = slurp(job->aside, 0, &end->aside_length);
}

static void forget_output(struct job *job)
{
	free((char *)job->end.output);
	free((char *)job->end.errors);
	free((char *)job->end.aside);
	job->end.output = job->end.errors = job->end.aside = NULL;
}

/* A reported job has ended in another way than announced. */
static void fail_late(struct state *s, size_t index)
{
	struct job *job = &s->jobs[index];
	struct pool_end late = job->end;

	late.output = slurp(job->out, job->end.output_length, &late.output_length);
	late.errors = slurp(job->errors, job->end.error_length, &late.error_length);
	late.aside = NULL;
	if (s->pool->failed_late && !s->ending)
		s->pool->failed_late(s->pool->context, index, job->said, &late);
	free((char *)late.output);
	free((char *)late.errors);
}

static bool can_be_repeated(const struct state *s, const struct job *job)
{
	return s->pool->again && job->end.repeats < s->pool->repeats;
}

static void repeat(struct state *s, size_t index)
{
	s->jobs[index].end.repeats++;
	s->jobs[index].state = JOB_WAITS;
	s->again[s->again_tail++] = index;
}

static void listen_to(struct job *job)
{
	eventfd_t word;

	if (job->said == NOTHING_SAID && eventfd_read(job->word, &word) == 0)
		job->said = (int)word - 1;
}

/* The child of s->runs[nth] has ended: what did it leave, and will the job be repeated? */
static void reap(struct state *s, int nth)
{
	size_t index = s->runs[nth];
	struct job *job = &s->jobs[index];
	struct pool_end *end = &job->end;
	int status = 0;

	kill_group(job);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	listen_to(job);
	s->runs[nth] = s->runs[--s->running];
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end->status = WIFEXITED(status) ? WEXITSTATUS(status) - STATUS_BASE : -1;
	if (end->status < 0)
		end->status = -1;
	if (!job->reported && !s->ending && end->status == s->pool->again &&
	    can_be_repeated(s, job)) {
		close_output(job);
		repeat(s, index);
		return;
	}
	if (!job->reported)
		take_output(job);
	else if (end->status != job->said)
		fail_late(s, index);
	close_output(job);
	job->state = JOB_ENDED;
}

/* ---- the loop ---- */

static bool next_job(struct state *s, size_t *index)
{
	if (turns_next(&s->turns, most_at_once(s->pool), index))
		return true;
	if (s->again_head == s->again_tail)
		return false;
	*index = s->again[s->again_head];
	return true;
}

static bool has_room(struct state *s)
{
	const struct pool *p = s->pool;

	s->waits_for_time = false;
	if (s->running < p->at_once)
		return true;
	if (s->running >= most_at_once(p))
		return false;
	s->waits_for_time = !p->has_time(p->context);
	return !s->waits_for_time;
}

/*
 * Nothing else runs, and still it cannot be started. If the table of processes is full, others may
 * soon leave room: as with everything else that only the machine is to blame for, it is repeated,
 * after a while.
 */
static void give_up(struct state *s, size_t index, const char *why, int error)
{
	struct job *job = &s->jobs[index];

	if (error == EAGAIN && can_be_repeated(s, job)) {
		s->resting = monotonic() + (REST << job->end.repeats);
		repeat(s, index);
		return;
	}
	job->end.status = -1;
	job->end.unstarted = why;
	job->state = JOB_ENDED;
}

static void start_what_fits(struct state *s)
{
	size_t index;

	s->waits_for_time = false;
	if (s->resting > monotonic())
		return;
	s->resting = 0;
	while (!s->resting && !is_interrupted() && next_job(s, &index) && has_room(s)) {
		const char *why = start(s, index, s->jobs[index].end.repeats);
		int error = errno;

		if (why && s->running > 0) /* the machine cannot run more at once; one will end */
			return;
		if (s->turns.started < s->turns.count)
			turns_start(&s->turns, index);
		else
			s->again_head++;
		if (why)
			give_up(s, index, why, error);
	}
}

/* Which of s->runs it is, or -1. */
static int run_of(const struct state *s, pid_t pid)
{
	for (int i = 0; i < s->running; i++)
		if (s->jobs[s->runs[i]].pid == pid)
			return i;
	return -1;
}

/* Jobs, and children that we have adopted. */
static void reap_all(struct state *s)
{
	siginfo_t info = {0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
		int nth = run_of(s, info.si_pid);

		if (nth >= 0)
			reap(s, nth);
		else
			waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

static void look_at_children(struct state *s)
{
	ns_t at = monotonic();

	for (int i = 0; i < s->running; i++)
		if (s->words[i].revents)
			listen_to(&s->jobs[s->runs[i]]);
	reap_all(s);
	for (int i = 0; i < s->running; i++) {
		struct job *job = &s->jobs[s->runs[i]];

		if (at < job->deadline)
			continue;
		job->end.overran = true;
		kill_group(job);
		job->deadline = INT64_MAX;
	}
}

static bool can_be_reported(const struct job *job)
{
	return job->state == JOB_ENDED || (job->state == JOB_RUNS && job->said != NOTHING_SAID);
}

static bool report(struct state *s)
{
	while (s->reported < s->pool->jobs && can_be_reported(&s->jobs[s->reported]) &&
	       !is_interrupted()) {
		struct job *job = &s->jobs[s->reported];
		bool go_on;

		if (job->state == JOB_RUNS) {
			take_output(job);
			job->end.status = job->said;
		}
		go_on = s->pool->done(s->pool->context, s->reported, &job->end);
		forget_output(job);
		job->reported = true;
		s->reported++;
		if (!go_on)
			return false;
	}
	while (s->settled < s->reported && s->jobs[s->settled].state == JOB_ENDED)
		s->settled++;
	return true;
}

static void sleep_until_something(const struct state *s)
{
	ns_t nearest = INT64_MAX, left, most;
	struct timespec timeout;

	for (int i = 0; i < s->running; i++) {
		const struct job *job = &s->jobs[s->runs[i]];

		if (job->deadline < nearest)
			nearest = job->deadline;
		s->words[i] = (struct pollfd){
		    .fd = job->said == NOTHING_SAID ? job->word : -1,
		    .events = POLLIN,
		};
	}
	s->pool->running = s->running;
	most = s->pool->waiting ? s->pool->waiting(s->pool->context) : 3600 * NS_PER_S;
	if (s->resting && s->resting < nearest)
		nearest = s->resting;
	if (s->waits_for_time && most > SOON)
		most = SOON;
	left = nearest == INT64_MAX ? most : nearest - monotonic();
	if (left > most)
		left = most;
	if (left < 0)
		left = 0;
	timeout = (struct timespec){left / NS_PER_S, left % NS_PER_S};
	/* Interrupted, it has looked at none. */
	if (ppoll(s->words, (nfds_t)s->running, &timeout, &sleeping_mask) < 0)
		for (int i = 0; i < s->running; i++)
			s->words[i].revents = 0;
}

static void end_all(struct state *s)
{
	for (int i = 0; i < s->running; i++)
		kill_group(&s->jobs[s->runs[i]]);
	s->ending = true; /* nothing is repeated any more */
	while (s->running)
		reap(s, s->running - 1);
	for (size_t i = s->settled; i < s->pool->jobs; i++)
		forget_output(&s->jobs[i]);
}

static int run_all(struct state *s)
{
	int result = 0;

	while (!result && s->settled < s->pool->jobs) {
		start_what_fits(s);
		if (!interrupted &&
		    (s->reported == s->pool->jobs || !can_be_reported(&s->jobs[s->reported])))
			sleep_until_something(s);
		if (!interrupted) {
			look_at_children(s);
			if (!report(s))
				result = SIGPIPE;
		}
		if (interrupted)
			result = interrupted;
	}
	end_all(s);
	return result;
}

static void begin_round(struct state *s)
{
	size_t count = s->pool->jobs;

	memset(s->jobs, 0, (count + 1) * sizeof(*s->jobs));
	for (size_t i = 0; i < count; i++)
		s->jobs[i].out = s->jobs[i].errors = s->jobs[i].aside = s->jobs[i].word = -1;
	s->reported = s->settled = s->again_head = s->again_tail = 0;
	s->ending = false;
	turns_end(&s->turns);
	turns_begin(&s->turns, count, s->pool->takes, s->pool->context);
}

static int run_rounds(struct state *s)
{
	struct pool *p = s->pool;
	int result;

	do {
		begin_round(s);
		result = run_all(s);
	} while (!result && p->next_round && p->next_round(p->context));
	if (result && result != SIGPIPE && p->interrupted) {
		interrupted = 0;
		p->interrupted(p->context);
	}
	return result;
}

int pool_run(struct pool *p)
{
	struct state s = {.pool = p, .parent = getpid()};
	struct sigaction noting = {.sa_handler = note}, ignoring = {.sa_handler = SIG_IGN};
	struct sigaction old[INTERRUPTS], old_child, old_pipe;
	sigset_t blocked;
	int result, adopts = 0;

	s.jobs = calloc(p->jobs + 1, sizeof(*s.jobs));
	s.again = calloc(p->jobs + 1, sizeof(*s.again) * (p->repeats + 1));
	s.words = calloc((size_t)most_at_once(p) + 1, sizeof(*s.words));
	s.runs = calloc((size_t)most_at_once(p) + 1, sizeof(*s.runs));
	if (!s.jobs || !s.again || !s.words || !s.runs)
		out_of_memory();
	interrupted = 0;
	prctl(PR_GET_CHILD_SUBREAPER, &adopts);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaction(SIGCHLD, &noting, &old_child);
	sigaction(SIGPIPE, &ignoring, &old_pipe);
	for (size_t i = 0; i < INTERRUPTS; i++) {
		sigaction(interrupts[i], NULL, &old[i]);
		if (old[i].sa_handler == SIG_IGN) /* nohup, or a shell's background job */
			continue;
		sigaddset(&blocked, interrupts[i]);
		sigaction(interrupts[i], &noting, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &s.before);
	sleeping_mask = s.before;
	for (int i = 1; i < NSIG; i++) {
		if (sigismember(&blocked, i) == 1)
			sigdelset(&sleeping_mask, i);
	}

	result = run_rounds(&s);
	for (size_t i = 0; i < INTERRUPTS; i++)
		sigaction(interrupts[i], &old[i], NULL);
	sigaction(SIGCHLD, &old_child, NULL);
	sigaction(SIGPIPE, &old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &s.before, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, adopts);
	free(s.jobs);
	free(s.again);
	free(s.words);
	free(s.runs);
	turns_end(&s.turns);
	return result;
}

bool pool_interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < INTERRUPTS; i++)
		if (sigismember(&pending, interrupts[i]) == 1)
			return true;
	return interrupted != 0;
}

bool pool_await(int fd)
{
	struct pollfd ready = {fd, POLLIN, 0};
	int n = -1;

	while (!interrupted && n < 0)
		n = ppoll(&ready, 1, NULL, &sleeping_mask);
	return !interrupted;
}

/* After an interrupt it still writes what the reader takes at once: a report ends with a line. */
static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		struct pollfd ready = {fd, POLLOUT, 0};
		const struct timespec at_once = {0};
		int n_ready = ppoll(&ready, 1, interrupted ? &at_once : NULL, &sleeping_mask);
		ssize_t n;

		if (n_ready < 0 && errno == EINTR)
			continue;
		if (n_ready == 0)
			errno = EINTR;
		if (n_ready <= 0)
			return false;
		n = write(fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (n > 0) {
			bytes += n;
			length -= n;
		}
	}
	return true;
}

bool pool_write(int fd, const char *bytes, size_t length)
{
	size_t made;
	char *safe = outlet_safe(fd, bytes, length, &made);
	bool written = write_all(fd, safe ? safe : bytes, safe ? made : length);
	int why = errno;

	free(safe);
	if (!written)
		outlet_cut(fd);
	errno = why;
	return written;
}
