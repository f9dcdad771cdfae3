/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs on another kernel, in virtual time.
 *
 * A kernel built as User-Mode Linux is an ordinary program. It boots with this program as its init
 * and this machine's file system as its root (hostfs), of which it can write one directory, runs
 * one scenario, leaves its results where a run on this kernel would, and powers off. With
 * time-travel=inf-cpu its clock stands still while anything is busy and jumps to the next timer
 * when nothing is, so hours cost nothing, and load on the machine outside cannot be noticed inside.
 */
#ifndef GUEST_H
#define GUEST_H

#include "harness/base/scratch.h"
#include "harness/bless/bless_one.h"
#include "harness/run/run_one.h"

/* A kernel to run on. */
struct guest_kernel {
	const char *name;    /* as on the command line */
	const char *program; /* absolute path of the UML binary */
	char release[RELEASE_SIZE];
	/* What guest_memory() has found: */
	const char *memory;   /* the directory of its memory; NULL: it needs none */
	int room;	      /* for so many at once */
	const char *why_room; /* where that is few: why */
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
 * What guests need outside, before any is booted: room for their memory, and a directory for all of
 * this program; scratch_remove() removes it, with those of guests that were killed. The same of
 * programs that are gone is swept away. Returns its path, or NULL: `error` says what there is not.
 */
const char *guest_open(struct arena *a, struct guest_kernel *kernel, struct scratch *all,
		       const char **error);

/* How many at once; `wanted`: so many, if there is room for them, 0: as many as the machine bears.
 */
int guest_capacity(const struct guest_kernel *kernel, int wanted);

/* What a boot for that run may take of wall time; whatever takes longer has hung. */
ns_t guest_limit(const struct options *o, const struct planned *planned);

/* In the guest: whether this process is its init, and what that does; never returns. */
bool guest_is_init(void);
_Noreturn void guest_init(void);

/* ---- boot.c: one guest, from before it is booted until all that it left is handed on ---- */

struct boot {
	const struct invocation *inv;
	const struct guest_kernel *kernel;
	const struct planned *planned;
	int attempt;
	struct scratch scratch;
	const char *directory; /* of that: both see it */
	struct arena arena;
	const char *why_not; /* it was not booted: why; or NULL */
	ns_t limit;	     /* of wall time */
	int ended;	     /* as cage_run() says */
	bool is_full;	     /* it left no status, and there is no room for one */
	int status;	     /* what the guest has left: as run_one returns it; or NO_STATUS */
	int64_t killed;	     /* for want of memory, before it was booted: as cgroup_killed() says */
};
#define NO_STATUS (-1)

/* The path of a file in its directory. */
const char *boot_path(struct boot *b, const char *name);
/* The status that the guest has left there; NO_STATUS: none, or one that no run returns. */
int boot_status(struct boot *b);

/* ---- memory.c ---- */

/* Where that kernel's guests have their memory. False: nowhere; `error` says why. */
bool guest_memory(struct arena *a, struct guest_kernel *kernel, const char **error);

/* ---- cage.c ---- */

/*
 * Run `what`, which does not return but becomes another program, so that it and all that it starts
 * ends with the calling process at the latest. Returns its exit status, 128 and the signal that
 * ended it, CAGE_HUNG if it was killed because the limit was over, or CAGE_UNSTARTED if there could
 * be no process for it.
 */
int cage_run(void (*what)(void *), void *context, ns_t limit);
#define CAGE_HUNG      (-2)
#define CAGE_UNSTARTED 125 /* as an exit status says it (env(1)); no kernel ends so */

/* ---- console.c ---- */

/* What a guest's console said; the strings are lines of it, or parts of them. */
struct console {
	bool is_empty;	   /* it said nothing but what every boot says */
	const char *words; /* what tells most: the first line that matters, else the last one */
	uint64_t address;  /* in the kernel, where it was when it panicked; 0: not known */
	uint64_t caller;   /* .. from where that function was called; 0: not known */
	const char *fault; /* the first WARNING or BUG; NULL: none */
	bool is_last;	   /* none of its lines matters: `words` is the last one */
	bool is_panic;
	bool is_machine; /* the machine outside is to blame: it had no memory, a process is gone */
};

void console_read(struct arena *a, const char *text, struct console *c);

/* ---- symbols.c ---- */

/* The function of a program in which an address lies; NULL: that is not known. */
const char *symbol_at(struct arena *a, const char *program, uint64_t address);

/* ---- ending.c ---- */

/*
 * The verdict on a run, from all that is known of how its guest ended. VERDICT_UNSURE: try again.
 * `why`: what is to be said beside what the guest has said itself, or instead; NULL: nothing.
 */
enum verdict guest_verdict(struct boot *b, const struct console *console, const char **why);

/* ---- handover.c ---- */

/* Print and keep what a guest has left. Returns as run_one does. */
int guest_hand_over(struct boot *b, FILE *out, FILE *aside);

/* ---- job.c: what the one tells the other ---- */

struct job {
	const char *directory; /* that both see: all that the one has to say to the other */
	const char *cwd;
	struct scenario scenario; /* with its text */
	const char *name;	  /* of the run, and of its results */
	size_t index;		  /* among the runs of that scenario */
	int family, attempt;
	bool single;
	const char *results;
	bool has_order;
	struct bless_order order;
	struct options options;
};

bool job_write(const struct job *job);
bool job_read(struct arena *a, const char *directory, struct job *job);

#endif
