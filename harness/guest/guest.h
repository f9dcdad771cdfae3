/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs on another kernel, in virtual time.
 *
 * A kernel built as User-Mode Linux is an ordinary program. It boots with this program as its init
 * and this machine's file system as its root (hostfs), runs one scenario, leaves its results where
 * a run on this kernel would, and powers off. With time-travel=inf-cpu its clock stands still while
 * anything is busy and jumps to the next timer when nothing is, so hours cost nothing, and load on
 * the machine outside cannot be noticed inside.
 */
#ifndef GUEST_H
#define GUEST_H

#include "harness/bless_one.h"
#include "harness/run_one.h"

/* A kernel to run on. */
struct guest_kernel {
	const char *name;    /* as on the command line */
	const char *program; /* absolute path of the UML binary */
	char release[RELEASE_SIZE];
};

/*
 * 6.12: what `./run.sh kernel build 6.12` has built; a path: that UML binary. False: `error` says
 * why not, and what mends it.
 */
bool guest_find(struct arena *a, const char *name, struct guest_kernel *kernel, const char **error);

/* What a guest has that the kernel outside may not have: everything kernels/config asks for. */
void guest_facts(const struct guest_kernel *kernel, struct facts *facts);

/*
 * Boot the kernel, let it run planned run `job` there, print what that has to say to `out` and
 * `aside`. Returns as run_one does. The calling process is the pool's child: killing its process
 * group ends the kernel, too.
 */
int guest_boot(const struct invocation *inv, const struct guest_kernel *kernel, size_t job,
	       int attempt, FILE *out, FILE *aside);

/*
 * Remove the directories of guests that were killed with their program: this one's, and those of
 * programs that are gone. For the program's main process, before and after it boots any.
 */
void guest_sweep(void);

/* At most so much wall time for one boot; whatever takes longer has hung. */
#define GUEST_LIMIT (60 * NS_PER_S)

/* In the guest: whether this process is its init, and what that does; never returns. */
bool guest_is_init(void);
_Noreturn void guest_init(void);

/* ---- cage.c ---- */

/*
 * Run `what`, which does not return but becomes another program, so that it and all that it starts
 * ends with the calling process at the latest. Returns its exit status, CAGE_HUNG if it was killed
 * because the limit was over, or 128 and the signal that ended it.
 */
int cage_run(void (*what)(void *), void *context, ns_t limit);
#define CAGE_HUNG (-2)

/* ---- job.c: what the one tells the other ---- */

struct job {
	const char
	    *directory; /* that both see: holds the job, its output, its status, the console */
	const char *cwd;
	const char *scenario; /* path */
	const char *name;     /* of the run, and of its results */
	size_t index;	      /* among the runs of that scenario */
	int family, attempt;
	bool single;
	const char *results;
	const char *text; /* of the scenario, if not what the file holds */
	bool has_order;
	struct bless_order order;
	struct options options;
};

bool job_write(const struct job *job);
bool job_read(struct arena *a, const char *directory, struct job *job);

#endif
