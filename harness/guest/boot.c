/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Booting a guest for one run: a temporary directory that both sides see, the kernel's command
 * line, waiting. The guest finds its job in the directory, and leaves its output, its results and,
 * last, its status there: a guest that leaves no status has panicked, hung or been killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/cgroup.h"
#include "harness/base/home.h"
#include "harness/base/scratch.h"
#include "harness/base/tree.h"
#include "harness/guest/guest.h"
#include "harness/reporters/reporter.h"
#include "harness/run/results_read.h"

/* 2023-11-14 22:13:20 UTC: every run begins at the same date and time. */
#define START_DATE "1700000000000000000"

/* At most so much wall time for one boot; a guest that takes longer has hung. */
/*
 * Wall time: the most that a guest can need for itself, and the cost of passing time. A kernel that
 * sleeps has housekeeping to do, so that a million seconds cost one or two; a busy machine may
 * need many times as long.
 */
#define GUEST_LIMIT (60 * NS_PER_S)
#define PACE	    20000
/* A program that wakes each second to look takes 0.3 ms of wall time each time. */
#define PROGRAM_PACE 500

/*
 * Each virtual minute the kernel looks through the table of the connections that it tracks. With
 * the usual 8192 rows that would be more than a third of what passing time costs. With this size
 * there may be as many connections as otherwise, 8192 (nf_conntrack_init_start()).
 */
#define CONNTRACK "nf_conntrack.hashsize=1024"

/* The directories of one boot, and of all of one program. */
#define ONE "guest-"
#define ALL "guests-"

const char *boot_path(struct boot *b, const char *name)
{
	return arena_printf(&b->arena, "%s/%s", b->directory, name);
}

static int open_there(struct boot *b, const char *name, int (*opens)(int, const char *))
{
	int directory = open(b->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = directory < 0 ? -1 : opens(directory, name), why = errno;

	if (directory >= 0)
		close(directory);
	errno = why;
	return fd;
}

int boot_open(struct boot *b, const char *name)
{
	return open_there(b, name, left_open_file);
}

int boot_open_directory(struct boot *b, const char *name)
{
	return open_there(b, name, left_open_directory);
}

const char *boot_text(struct boot *b, const char *name, size_t most, size_t *length)
{
	int fd = boot_open(b, name);
	struct stat st = {.st_size = 0};
	char *text;
	ssize_t n;

	*length = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		st.st_size = 0;
	if ((size_t)st.st_size < most)
		most = (size_t)st.st_size;
	text = arena_alloc(&b->arena, most + 1);
	while (*length < most && (n = read(fd, text + *length, most - *length)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		*length += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* ---- before ---- */

static const char *room_mend(int why)
{
	return why == ENOSPC || why == EDQUOT
		   ? "; free some there, or let TMPDIR name another directory"
		   : "";
}

static bool cannot_write(struct boot *b)
{
	const char *mend = room_mend(errno);

	b->why_not = arena_printf(&b->arena, "cannot write to %s: %s%s", b->directory,
				  strerror(errno), mend);
	return false;
}

static bool prepare(struct boot *b)
{
	const struct invocation *inv = b->inv;
	const char *results = NULL;
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct job job = {
	    .kernel = b->kernel->name,
	    .cwd = getcwd(NULL, 0),
	    .scenario = *b->planned->scenario,
	    .name = b->planned->name,
	    .index = b->planned->index,
	    .family = b->planned->facts.family,
	    .attempt = b->attempt,
	    .single = inv->single,
	    .voice = inv->voice.name,
	    .has_order = inv->order != NULL,
	    .user = inv->user,
	    .options = *inv->options,
	};
	bool done;

	if (n <= 0 || !scratch_make(&b->arena, inv->work, ONE, 0700, &b->scratch)) {
		const char *mend = room_mend(errno);

		b->why_not = arena_printf(&b->arena, "no directory could be made in %s: %s%s",
					  inv->work, strerror(errno), mend);
		return false;
	}
	b->directory = job.directory = b->scratch.path;
	program[n] = '\0';
	if (inv->results) {
		results = boot_path(b, "results");
		if (mkdir(results, 0777) < 0)
			return cannot_write(b);
	}
	job.results = results;
	job.scenario.text = b->planned->source->text;
	job.options.library = inv->library;
	job.options.limit = 0; /* the boot's, in wall time; in the guest it would be virtual */
	if (inv->order)
		job.order = *inv->order;
	done = job.cwd && !symlink(program, boot_path(b, "init")) && job_write(&job);
	free((char *)job.cwd);
	return done || cannot_write(b);
}

/*
 * Each guest on one processor: on several, its threads cost three times as much. On one that no
 * other guest of this program has: whoever has the lock of a file there. The number of that
 * processor, among those that are allowed; if all are taken, any. *lock is held until it is closed.
 */
static int choose_processor(struct boot *b, size_t job, int *lock)
{
	cpu_set_t allowed;
	int count = sched_getaffinity(0, sizeof(allowed), &allowed) ? 1 : CPU_COUNT(&allowed);

	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(&b->arena, "%s/processor-%d", b->inv->work, i);

		*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (*lock >= 0 && !flock(*lock, LOCK_EX | LOCK_NB))
			return i;
		if (*lock >= 0)
			close(*lock);
	}
	*lock = -1;
	return (int)(job % (size_t)count);
}

static void pin(int nth)
{
	cpu_set_t allowed, one;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && nth-- == 0)
			CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* ---- the kernel ---- */

struct start {
	struct boot *boot;
	int processor;
};

/*
 * The command line is mixed into the kernel's random numbers, so it must be the same for every
 * boot: the directory is the current one (`/proc` is the machine's own until the guest's init
 * mounts its own).
 */
static void become_kernel(void *context)
{
	const struct start *start = context;
	struct boot *b = start->boot;
	static const char *const options[] = {
	    "mem=1G", /* with less, TCP's buffers would not have the usual sizes */
	    CONNTRACK,
	    "time-travel=inf-cpu",
	    "time-travel-start=" START_DATE,
	    "root=/dev/root",
	    "rootfstype=hostfs",
	    "rootflags=/",
	    "ro",	  /* except for that directory, see init.c */
	    "quiet",	  /* User-Mode Linux itself prints nothing about its start, .. */
	    "loglevel=5", /* .. and the kernel only warnings and worse */
	    "panic=-1",
	    "con=null",
	    "con0=fd:0,fd:1",
	    "init=/proc/self/cwd/init",
	    "uml_dir=./",
	};
	const char *argv[2 + ARRAY_SIZE(options)] = {"linux"};
	const char *const writable[] = {b->directory, b->kernel->memory, NULL};
	int console = open(boot_path(b, "console.log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	memcpy(argv + 1, options, sizeof(options));
	pin(start->processor);
	dup2(console, STDOUT_FILENO);
	dup2(console, STDERR_FILENO);
	read_only_but(writable); /* without it, what the guest itself forbids is forbidden */
	/*
	 * User-Mode Linux adds the gap between its program and its heap to the guest's memory
	 * (arch/um/kernel/um_arch.c), and the sizes of hash tables follow from that. Where this is
	 * forbidden (some containers) captures may differ in IP identifications.
	 */
	personality(ADDR_NO_RANDOMIZE);
	if (b->kernel->memory)
		setenv("TMPDIR", b->kernel->memory, 1);
	/* The library between the guest and the machine: see kernels/preload. */
	setenv("LD_PRELOAD", home_preload(&b->arena), 1);
	if (!chdir(b->directory))
		execv(b->kernel->program, (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", b->kernel->program, strerror(errno));
}

int boot_status(struct boot *b)
{
	size_t length;
	const char *text = boot_text(b, "status", 16, &length);
	int status;

	return sscanf(text, "%d", &status) == 1 && status >= 0 &&
		       (status & ~RESULTS_UNWRITTEN) < VERDICT_COUNT
		   ? status
		   : NO_STATUS;
}

ns_t guest_limit(const struct options *o, const struct planned *planned)
{
	return o->limit ? o->limit
			: GUEST_LIMIT + (planned->written + o->until) / PACE +
			      2 * planned->hang / PROGRAM_PACE;
}

/* Less than the size of a console that explains a failure. */
#define LITTLE (16 * 1024)

/* The file system without room for a guest's output: its console may be cut off, or empty. */
static bool is_full(const char *directory)
{
	struct statvfs st;

	return statvfs(directory, &st) == 0 &&
	       (uint64_t)st.f_bavail * (uint64_t)st.f_frsize < LITTLE;
}

static void run_kernel(struct boot *b, size_t job)
{
	int lock;
	struct start start = {b, choose_processor(b, job, &lock)};

	b->killed = cgroup_killed();
	b->limit = guest_limit(b->inv->options, b->planned);
	b->ended = cage_run(become_kernel, &start, b->limit);
	if (lock >= 0)
		close(lock);
	/* It may have written anything; no file that is read or written there may lead elsewhere.
	 * */
	tree_keep_files(AT_FDCWD, b->directory);
	b->status = boot_status(b);
	b->is_full = b->status == NO_STATUS && is_full(b->directory);
}

/* Boot the kernel, let it run planned run `job` there, print what that has to say. */
static int guest_boot(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct boot b = {
	    .inv = inv,
	    .kernel = inv->guest,
	    .planned = &inv->plan->list[job],
	    .attempt = attempt,
	    .status = NO_STATUS,
	    .scratch = {.fd = -1},
	    .directory = "/dev/null", /* until there is one: it can contain no file */
	};
	int status;

	if (prepare(&b))
		run_kernel(&b, job);
	status = guest_hand_over(&b, out, aside);
	scratch_remove(&b.scratch);
	arena_free(&b.arena);
	return status;
}

int run_anywhere(void *invocation, size_t job, int attempt, FILE *out, FILE *aside)
{
	const struct invocation *inv = invocation;

	return inv->guest ? guest_boot(inv, inv->first + job, attempt, out, aside)
			  : run_one(inv, inv->first + job, attempt, out, aside);
}

/* ---- before the first and after the last ---- */

/*
 * Each file that is open or mapped in a guest takes a descriptor of the kernel's process, and so
 * does each library of the guest's init. With too few descriptors the guest cannot start its init.
 * It cannot know why, because inside the guest there are enough.
 */
#define DESCRIPTORS 64

static bool has_descriptors(struct arena *a, const char **error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return true;
	if (limit.rlim_max >= DESCRIPTORS) {
		limit.rlim_cur = DESCRIPTORS;
		if (!setrlimit(RLIMIT_NOFILE, &limit))
			return true;
	}
	*error = arena_printf(a,
			      "a guest needs %d descriptors; a process may have %lld here, which "
			      "ulimit -n can raise",
			      DESCRIPTORS, (long long)limit.rlim_max);
	return false;
}

const char *guest_open(struct arena *a, struct guest_kernel *kernel, struct scratch *all,
		       const char **error)
{
	if (!has_descriptors(a, error) || !guest_memory(a, kernel, error))
		return NULL;
	return scratch_open(a, ALL, all, error) ? all->path : NULL;
}
