/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's init: mount the file systems that a run needs, do the one job, power off. It is the
 * guest's whole user space. Whatever happens, it must power off: an init that ends makes its kernel
 * panic.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/guest/guest.h"
#include "harness/reporters/reporter.h"

#define NO_VERDICT (-1) /* the job could not be begun */

/*
 * When the run begins, in virtual time since boot. By then the kernel's own start-up work is done,
 * and the timer wheel is in the same position as in every other boot.
 */
#define BEGIN 2

/* The type of a root file system from the machine outside (linux/magic.h has no name for hostfs).
 * */
#define HOSTFS_MAGIC 0x00c0ffee

/* The directory of the job, which host and guest both see; empty: this is not a guest. */
static char directory[PATH_MAX];

/*
 * Until init mounts its own, /proc is the machine's, and /proc/self in it is this kernel's process
 * outside, whose current directory is the job's.
 */
bool guest_is_init(void)
{
	struct statfs root;
	ssize_t n;

	if (getpid() != 1 || statfs("/", &root) || root.f_type != HOSTFS_MAGIC)
		return false;
	n = readlink("/proc/self/cwd", directory, sizeof(directory) - 1);
	directory[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ioctl(s, SIOCSIFFLAGS, &request);
	close(s);
}

static int run_job(struct arena *a, const struct job *job, FILE *out, FILE *aside)
{
	struct diagnostics diagnostics = {.arena = a};
	struct plan plan = {.arena = a, .to_bless = job->has_order};
	struct invocation inv = {
	    .options = &job->options,
	    .order = job->has_order ? &job->order : NULL,
	    .plan = &plan,
	    .library = job->options.library,
	    .results = job->results,
	    .single = job->single,
	    .user = job->user,
	    .last_call = arena_printf(a, "%s/" GUEST_LAST_CALL, job->directory),
	    .cwd = job->cwd,
	    .voice = reporter_voice(reporter_find(job->voice)),
	};
	const char *error = NULL;
	struct library library;
	struct facts facts;
	bool planned;

	facts_gather(&facts, inv.release);
	facts.is_virtual = facts.has_netem = facts.is_root = true;
	facts.kernel_name = job->kernel;
	library_open(&library, a, job->options.library);
	planned = facts_of_programs(&facts, a, &job->options, &error) &&
		  plan_add(&plan, &library, &job->scenario, &facts,
			   job->family == 6 ? FAMILY_6 : FAMILY_4, &diagnostics, &error);
	if (planned && job->index >= plan.count)
		/* Something that it uses has changed since the job was made. */
		error = arena_printf(a, "%s is run %zu of %s, which has only %zu on this kernel",
				     job->name, job->index + 1, job->scenario.path, plan.count);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, &diagnostics);
	if (!planned || error)
		return NO_VERDICT;
	plan.list[job->index].name = job->name;
	return run_one(&inv, job->index, job->attempt, out, aside);
}

/* The status is written last, and completely: if there is none, the guest did not get so far. */
static void leave_status(int status, struct arena *a)
{
	const char *unfinished = arena_printf(a, "%s/status.new", directory);
	FILE *out = fopen(unfinished, "we");

	if (!out)
		return;
	fprintf(out, "%d\n", status);
	if (!fclose(out))
		rename(unfinished, arena_printf(a, "%s/status", directory));
}

/* A failure before the job begins is printed on the console, like the kernel's own messages.
 */
static void give_up(const char *what, const char *why)
{
	say("%s: %s", what, why);
}

static void do_job(void)
{
	struct timespec begin = {.tv_sec = BEGIN};
	struct arena a = {0};
	struct job job;
	FILE *out, *aside, *console;
	const char *error;
	int status;

	if (!job_read(&a, directory, &job))
		return give_up(directory, "no job can be read there");
	if (chdir(job.cwd) < 0)
		return give_up(job.cwd, strerror(errno));
	out = fopen(arena_printf(&a, "%s/output", directory), "we");
	aside = fopen(arena_printf(&a, "%s/aside", directory), "we");
	console = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0), "w");
	if (!out || !aside || !console ||
	    !freopen(arena_printf(&a, "%s/errors", directory), "we", stderr))
		return give_up(directory, strerror(errno));
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &begin, NULL);
	status = run_job(&a, &job, out, aside);
	if (job.results &&
	    !guest_keep_coverage(&a, arena_printf(&a, "%s/%s", job.results, job.name), &error)) {
		say("%s", error);
		status |= RESULTS_UNWRITTEN;
	}
	if (fclose(out) | fclose(aside))
		status |= RESULTS_UNWRITTEN;
	fflush(stderr);
	if (status >= 0)
		leave_status(status, &a);
	else
		fprintf(console, "tcplab: %s cannot be run on this kernel\n", job.name);
	fclose(console);
}

/*
 * All files of the machine are visible, but only those of the job can be written: the root is
 * mounted read-only, and this one directory once more, writable.
 */
static void open_directory(void)
{
	if (mount("none", directory, "hostfs", MS_NOSUID | MS_NODEV, directory))
		give_up(directory, strerror(errno));
}

void guest_init(void)
{
	open_directory();
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	loopback_up();
	prctl(PR_SET_TIMERSLACK, 1UL); /* 50 us by default: every wait would be that much longer */
	do_job();
	sync();
	reboot(RB_POWER_OFF);
	_exit(EXIT_FAILURE);
}
