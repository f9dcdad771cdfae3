/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Booting a guest for one run: a temporary directory that both sides see, the kernel's command
 * line, waiting, and handing on what the guest has left there. A guest that leaves no status has
 * panicked, hung or been killed; its console then says why, and is kept with the results.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "harness/bless_answer.h"
#include "harness/guest/guest.h"
#include "harness/home.h"
#include "harness/report_json.h"
#include "harness/results.h"
#include "harness/transcript.h"

/* 2023-11-14 22:13:20 UTC: every run begins at the same time of the same day. */
#define START_DATE "1700000000000000000"

#define PARENT "/tmp"
#define NAME   "tcplab-guest-"
#define PREFIX PARENT "/" NAME

struct boot {
	const struct invocation *inv;
	const struct guest_kernel *kernel;
	const struct planned *planned;
	char directory[64];
	struct arena arena;
	const char *why; /* the guest did not come to its end: why */
};

static const char *in_directory(struct boot *b, const char *name)
{
	return arena_printf(&b->arena, "%s/%s", b->directory, name);
}

static int discard(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* ---- before ---- */

static bool prepare(struct boot *b, size_t index, int attempt)
{
	const struct invocation *inv = b->inv;
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct job job = {
	    .directory = b->directory,
	    .cwd = getcwd(NULL, 0),
	    .scenario = b->planned->scenario->path,
	    .name = b->planned->name,
	    .index = index,
	    .family = b->planned->run->facts.family,
	    .attempt = attempt,
	    .single = inv->single,
	    .results = inv->results,
	    .text = b->planned->scenario->text,
	    .has_order = inv->order != NULL,
	    .options = *inv->options,
	};
	bool done;

	/* Named after the program's main process, so that what it could not remove can be found. */
	snprintf(b->directory, sizeof(b->directory), PREFIX "%d-XXXXXX", getppid());
	if (n <= 0 || !mkdtemp(b->directory)) {
		b->why = arena_printf(&b->arena, "no directory could be made in /tmp: %s",
				      strerror(errno));
		b->directory[0] = '\0';
		return false;
	}
	program[n] = '\0';
	job.options.library = inv->library;
	if (inv->order)
		job.order = *inv->order;
	done = job.cwd && !symlink(program, in_directory(b, "init")) && job_write(&job);
	if (!done)
		b->why = arena_printf(&b->arena, "cannot write to %s: %s", b->directory,
				      strerror(errno));
	free((char *)job.cwd);
	return done;
}

/* Each guest on a processor of its own: on several, its threads cost three times as much. */
static void pin(size_t job)
{
	cpu_set_t allowed, one;
	int nth;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) || !CPU_COUNT(&allowed))
		return;
	nth = (int)(job % (size_t)CPU_COUNT(&allowed));
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && nth-- == 0)
			CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* ---- the kernel ---- */

struct start {
	struct boot *boot;
	size_t job;
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
	    "mem=1G", /* with less, TCP's buffers would not be a stock system's */
	    "time-travel=inf-cpu",
	    "time-travel-start=" START_DATE,
	    "root=/dev/root",
	    "rootfstype=hostfs",
	    "rootflags=/",
	    "rw",
	    "quiet",
	    "panic=-1",
	    "con=null",
	    "con0=fd:0,fd:1",
	    "init=/proc/self/cwd/init",
	    "uml_dir=./",
	};
	const char *argv[2 + sizeof(options) / sizeof(*options)] = {"linux"};
	int console = open(in_directory(b, "console.log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	memcpy(argv + 1, options, sizeof(options));
	pin(start->job);
	dup2(console, STDOUT_FILENO);
	dup2(console, STDERR_FILENO);
	/*
	 * User-Mode Linux adds the gap between its program and its heap to the guest's memory
	 * (arch/um/kernel/um_arch.c), and the sizes of hash tables follow from that. Where this is
	 * forbidden (some containers) captures may differ in IP identifications.
	 */
	personality(ADDR_NO_RANDOMIZE);
	/* What stands between the guest and the machine: see kernels/preload. */
	setenv("LD_PRELOAD", home_beside(&b->arena, "preload.so"), 1);
	if (!chdir(b->directory))
		execv(b->kernel->program, (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", b->kernel->program, strerror(errno));
}

/* The last thing that the console said and that is not the shutting down. */
static const char *last_words(struct boot *b)
{
	FILE *in = fopen(in_directory(b, "console.log"), "re");
	const char *words = "its console is empty";
	char line[256];

	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strstr(line, "Kernel panic") || strstr(line, "BUG:")) {
			words = arena_printf(&b->arena, "%s", line);
			break;
		}
		if (line[0])
			words = arena_printf(&b->arena, "its last words: %s", line);
	}
	if (in)
		fclose(in);
	return words;
}

static int run_kernel(struct boot *b, size_t job)
{
	struct start start = {b, job};
	ns_t limit = b->inv->options->limit ? b->inv->options->limit : GUEST_LIMIT;
	int ended = cage_run(become_kernel, &start, limit), status = -1;
	FILE *in;

	in = fopen(in_directory(b, "status"), "re");
	if (!in || fscanf(in, "%d", &status) != 1)
		status = -1;
	if (in)
		fclose(in);
	if (status >= 0)
		return status;
	if (ended == CAGE_HUNG)
		b->why = arena_printf(
		    &b->arena, "the kernel %s hung, and was killed after %lld s of wall time; %s",
		    b->kernel->name, (long long)(limit / NS_PER_S), last_words(b));
	else if (ended > 128)
		b->why = arena_printf(&b->arena, "the kernel %s was ended by SIG%s; %s",
				      b->kernel->name, sigabbrev_np(ended - 128), last_words(b));
	else
		b->why = arena_printf(&b->arena, "the kernel %s did not finish the run; %s",
				      b->kernel->name, last_words(b));
	return -1;
}

/* ---- after ---- */

static void hand_on(struct boot *b, const char *name, FILE *out)
{
	FILE *in = fopen(in_directory(b, name), "re");
	char buffer[4096];
	size_t n;

	while (in && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		fwrite(buffer, 1, n, out);
	if (in)
		fclose(in);
}

static bool write_console(FILE *out, void *context)
{
	hand_on(context, "console.log", out);
	return !ferror(out);
}

static bool write_verdict(FILE *out, void *context)
{
	struct boot *b = context;
	json_t *json = report_json_broken(b->planned, b->inv->release, b->why);
	bool written = report_json_write(out, json);

	json_decref(json);
	return written;
}

/* No verdict of the guest's own: say why, and keep what its console said. */
static int report_broken(struct boot *b, FILE *out)
{
	static const struct result_file files[] = {
	    {"console.log", write_console},
	    {"result.json", write_verdict},
	    {NULL, NULL},
	};
	const char *error = NULL;
	int status = VERDICT_BROKEN;

	if (b->inv->results && !results_write(&b->arena, b->inv->results, b->planned->name,
					      b->inv->options->keep, files, b, &error)) {
		fprintf(stderr, "tcplab: the results could not be written: %s\n", error);
		status |= RESULTS_UNWRITTEN;
	}
	if (b->inv->order)
		bless_answer_write(out, &(struct bless_answer){.message = b->why});
	else if (b->inv->options->json)
		write_verdict(out, b);
	else
		verdict_print(out, VERDICT_BROKEN, b->planned->name, "%s", b->why);
	return status;
}

/* Which of its scenario's runs over that family it is; a scenario may have been named twice. */
static size_t index_of(const struct plan *plan, size_t job)
{
	const struct planned *this = &plan->list[job];
	const char *first = NULL;
	size_t index = 0;

	for (size_t i = 0; i < job; i++) {
		const struct planned *other = &plan->list[i];

		if (other->scenario != this->scenario ||
		    other->run->facts.family != this->run->facts.family)
			continue;
		if (!first)
			first = other->name;
		index = strcmp(other->name, first) ? index + 1 : 1;
	}
	return first && !strcmp(this->name, first) ? 0 : index;
}

int guest_boot(const struct invocation *inv, const struct guest_kernel *kernel, size_t job,
	       int attempt, FILE *out, FILE *aside)
{
	struct boot b = {.inv = inv, .kernel = kernel, .planned = &inv->plan->list[job]};
	int status = -1;

	if (prepare(&b, index_of(inv->plan, job), attempt))
		status = run_kernel(&b, job);
	if (status >= 0) {
		hand_on(&b, "output", out);
		hand_on(&b, "aside", aside);
		hand_on(&b, "errors", stderr);
	} else {
		hand_on(&b, "errors", stderr);
		status = report_broken(&b, out);
	}
	if (b.directory[0])
		nftw(b.directory, discard, 16, FTW_PHYS | FTW_DEPTH);
	arena_free(&b.arena);
	return status;
}

/* ---- what killed ones have left ---- */

void guest_sweep(void)
{
	DIR *parent = opendir(PARENT);
	struct arena a = {0};
	struct dirent *entry;
	int pid;

	while (parent && (entry = readdir(parent))) {
		if (sscanf(entry->d_name, NAME "%d-", &pid) != 1)
			continue;
		if (pid == getpid() || (kill(pid, 0) < 0 && errno == ESRCH))
			nftw(arena_printf(&a, PARENT "/%s", entry->d_name), discard, 16,
			     FTW_PHYS | FTW_DEPTH);
	}
	if (parent)
		closedir(parent);
	arena_free(&a);
}
