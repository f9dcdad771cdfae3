/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attack_watch [OPTION..] COMMAND [ARGUMENT..]: run it, do something to it meanwhile, and report
 * what it has left. For tests/attack.sh.
 *
 *     -k TIME        kill it (SIGKILL) after that time; it may have ended by then
 *     -i TIME        interrupt it (SIGINT), likewise
 *     -o TIME,NTH    kill one of its descendants after that time: NTH modulo how many there are
 *     -p STOP,RUN    until it ends, stop its children for the one time, let them go on for the
 * other -P STOP,RUN    the same with all of its descendants -n             in a user namespace of
 * its own, whose namespaces are counted at the end
 *
 * Times are microseconds. The last line of standard error says how it ended, and
 *
 * - what it has left. Processes: this one adopts whatever descendant has lost its parent
 *   (PR_SET_CHILD_SUBREAPER), so that none can get lost, and waits until it has no child any more.
 *   Namespaces: those that a descriptor, a mount or a socket holds are in no process's
 *   /proc/PID/ns, and slabinfo counts those of the whole machine, roughly. But the kernel counts
 *   each kind exactly, in the user namespace in which they were made and all above it, until the
 *   last piece of it is destroyed, and compares the count with /proc/sys/user/max_*_namespaces. So
 *   setting that limit finds the number: there are N if one more can be made with a limit of N+1
 *   and not with N.
 * - the most descriptors and the most memory (resident, kB) that COMMAND's own process had in the
 *   first half of its life and in the second, read every 50 ms: a small leak in each of many runs
 *   shows as more in the second half;
 * - the most memory of any one process;
 * - how much processor time COMMAND's own process used, and how much of that after it was killed or
 *   interrupted: on a busy machine that says more than a clock.
 *
 * Exit status 0: nothing is left; 1: something is, or COMMAND could not be started.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/putfile.h"

#define TIMEOUT	   (20 * 1000000LL) /* unless -w says something else */
#define LOOK	   (50 * 1000LL)
#define MAX_FAMILY 4096
#define MAX_LOOKS  100000
#define ENDED	   0x7fffffffffffffffLL

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- what is done to it ---- */

struct attack {
	long long when, stop, run; /* -1: never, not */
	long long timeout;
	int signal;
	long nth;	      /* of its descendants; -1: itself */
	bool all_are_stopped; /* else its children only */
	bool counted;
};

static void read_times(const char *text, long long *first, long long *second)
{
	if (sscanf(text, "%lld,%lld", first, second) != 2) {
		fprintf(stderr, "two numbers are wanted, not '%s'\n", text);
		exit(1);
	}
}

static struct attack read_options(int argc, char **argv)
{
	struct attack a = {
	    .when = -1, .stop = -1, .nth = -1, .signal = SIGKILL, .timeout = TIMEOUT};
	long long nth = -1;
	int c;

	while ((c = getopt(argc, argv, "+k:i:o:p:P:w:n")) != -1) {
		a.all_are_stopped |= c == 'P';
		a.counted |= c == 'n';
		if (c == 'k' || c == 'i')
			a.when = atoll(optarg);
		if (c == 'i')
			a.signal = SIGINT;
		if (c == 'w')
			a.timeout = atoll(optarg);
		if (c == 'o')
			read_times(optarg, &a.when, &nth);
		if (c == 'p' || c == 'P')
			read_times(optarg, &a.stop, &a.run);
		if (c == '?')
			exit(1);
	}
	a.nth = (long)nth;
	return a;
}

struct family {
	pid_t pid[MAX_FAMILY];
	size_t count;
};

/* Of one thread: children of its other threads are not among them; ours fork in the first thread.
 */
static void add_children(struct family *f, pid_t of, bool theirs, int depth)
{
	char path[64], text[1 << 14];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", of, of);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (char *next = text, *end; f->count < MAX_FAMILY; next = end) {
		pid_t pid = (pid_t)strtol(next, &end, 10);

		if (end == next)
			break;
		f->pid[f->count++] = pid;
		if (theirs && depth < 32)
			add_children(f, pid, theirs, depth + 1);
	}
}

static void send(const struct family *f, int signal)
{
	for (size_t i = 0; i < f->count; i++)
		kill(f->pid[i], signal);
}

static void strike(const struct attack *a, pid_t pid)
{
	struct family f = {.count = 0};

	if (a->nth < 0) {
		kill(pid, a->signal);
		return;
	}
	add_children(&f, pid, true, 0);
	if (f.count)
		kill(f.pid[(size_t)a->nth % f.count], a->signal);
}

static void sleep_for(long long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

static void pause_it(const struct attack *a, pid_t pid)
{
	struct family f = {.count = 0};

	add_children(&f, pid, a->all_are_stopped, 0);
	send(&f, SIGSTOP);
	sleep_for(a->stop);
	send(&f, SIGCONT);
	sleep_for(a->run);
}

/* ---- what it has meanwhile ---- */

struct look {
	int descriptors;
	long memory;
};

static struct look looks[MAX_LOOKS];
static size_t look_count;

static int entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void look_at(pid_t pid)
{
	char path[64];
	long pages = 0;
	FILE *in;

	if (look_count == MAX_LOOKS)
		return;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	looks[look_count].descriptors = entries(path);
	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	in = fopen(path, "re");
	if (!in)
		return;
	if (fscanf(in, "%*d %ld", &pages) == 1)
		looks[look_count++].memory = pages * (sysconf(_SC_PAGESIZE) / 1024);
	fclose(in);
}

static struct look most(size_t from, size_t to)
{
	struct look m = {0};

	for (; from < to; from++) {
		if (looks[from].descriptors > m.descriptors)
			m.descriptors = looks[from].descriptors;
		if (looks[from].memory > m.memory)
			m.memory = looks[from].memory;
	}
	return m;
}

/* Of all its threads, not of its children; also when it has ended and is not waited for yet. */
static long processor_time(pid_t pid) /* ms */
{
	char path[64];
	unsigned long user = 0, system = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	in = fopen(path, "re");
	if (!in)
		return 0;
	if (fscanf(in, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		   &system) != 2)
		user = system = 0;
	fclose(in);
	return (long)((user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
}

static long used, used_before; /* all in all, before it was struck */

/* ---- namespaces ---- */

static void enter_namespace(void)
{
	unsigned user = geteuid(), group = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER))
		give_up("a user namespace");
	file_put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", user);
	if (!file_put("/proc/self/uid_map", map))
		give_up("uid_map");
	snprintf(map, sizeof(map), "0 %u 1", group);
	if (!file_put("/proc/self/gid_map", map))
		give_up("gid_map");
}

static const struct kind {
	const char *name;
	int flag;
} kinds[] = {
    {"net", CLONE_NEWNET}, {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID},
    {"mnt", CLONE_NEWNS},  {"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC},
};

/* Whether one more can be made under that limit. */
static bool fits(const struct kind *kind, int limit)
{
	char path[64], text[16];
	int status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kind->name);
	snprintf(text, sizeof(text), "%d", limit);
	if (!file_put(path, text))
		give_up(path);
	pid = fork();
	if (pid == 0)
		_exit(unshare(kind->flag) == 0 ? 0 : errno == ENOSPC ? 1 : 2);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)
		give_up("a namespace, to count them");
	return WEXITSTATUS(status) == 0;
}

/* They are destroyed in the background. */
static int left_of(const struct kind *kind, long long until)
{
	int n = 0;

	while (!fits(kind, 1)) {
		if (now() < until) {
			sleep_for(20000);
			continue;
		}
		for (n = 1; n < 100000 && !fits(kind, n + 1); n++)
			;
		break;
	}
	return n;
}

/* ---- what is left ---- */

static void name_of(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	in = fopen(path, "re");
	if (!in || !fgets(name, (int)size, in))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = '\0';
	if (in)
		fclose(in);
}

/* How many are left after they have had time to end; they are named, and ended. */
static size_t processes_left(long long until)
{
	struct family f = {.count = 0};
	char name[64];

	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return 0;
		if (pid == 0 && now() > until)
			break;
		if (pid == 0)
			sleep_for(1000);
	}
	add_children(&f, getpid(), true, 0);
	for (size_t i = 0; i < f.count; i++) {
		name_of(f.pid[i], name, sizeof(name));
		fprintf(stderr, "left: process %d, %s\n", f.pid[i], name);
	}
	send(&f, SIGKILL);
	return f.count;
}

/* ---- all of it ---- */

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		/* A signal to this process is for all of them. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/*
		 * A shell's background jobs ignore SIGINT, and so would every program that is
		 * started here.
		 */
		signal(SIGINT, SIG_DFL);
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	return pid;
}

/* Its status, as in a shell. */
static int watch(const struct attack *a, pid_t pid)
{
	struct pollfd fd = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	long long began = now(), next_look = began,
		  strike_at = a->when < 0 ? ENDED : began + a->when;
	int status = 0;

	if (fd.fd < 0)
		give_up("pidfd_open");
	for (;;) {
		long long at = now(), next;
		struct timespec wait;

		if (at >= next_look) {
			look_at(pid);
			next_look = at + LOOK;
		}
		if (at >= strike_at) {
			used_before = processor_time(pid);
			strike(a, pid);
			strike_at = ENDED;
		}
		if (a->stop >= 0)
			pause_it(a, pid);
		next = strike_at < next_look ? strike_at : next_look;
		next = a->stop >= 0 || next < now() ? 0 : next - now();
		wait = (struct timespec){next / 1000000, next % 1000000 * 1000};
		if (ppoll(&fd, 1, &wait, NULL) > 0)
			break;
	}
	close(fd.fd);
	used = processor_time(pid);
	if (strike_at != ENDED) /* it was never struck */
		used_before = used;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct attack a = read_options(argc, argv);
	struct look before, after;
	struct rusage usage;
	size_t processes, namespaces = 0;
	long long ended;
	int status;

	if (optind >= argc)
		return 1;
	if (a.counted)
		enter_namespace();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		give_up("PR_SET_CHILD_SUBREAPER");
	status = watch(&a, start(argv + optind));
	ended = now();
	processes = processes_left(ended + a.timeout);
	fprintf(stderr, "watched: status %d; all gone after %lld ms; left: %zu processes", status,
		(now() - ended) / 1000, processes);
	for (size_t i = 0; a.counted && i < ARRAY_SIZE(kinds); i++) {
		int n = left_of(&kinds[i], ended + a.timeout);

		fprintf(stderr, ", %d %s", n, kinds[i].name);
		namespaces += (size_t)n;
	}
	before = most(0, look_count / 2);
	after = most(look_count / 2, look_count);
	getrusage(RUSAGE_CHILDREN, &usage);
	fprintf(stderr,
		"; descriptors %d %d; memory %ld %ld kB; largest %ld kB; used %ld ms, %ld ms after "
		"that\n",
		before.descriptors, after.descriptors, before.memory, after.memory, usage.ru_maxrss,
		used, a.when < 0 ? 0 : used - used_before);
	return processes || namespaces;
}
