/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs on another kernel, in virtual time.
 *
 * A kernel built as User-Mode Linux is an ordinary program. It boots with this program as its init
 * and this machine's file system as its root (hostfs), in which it can write one directory. It runs
 * one scenario, leaves its results like a run on this kernel, and powers off. With
 * time-travel=inf-cpu its clock stands still while anything is busy and jumps to the next timer
 * when nothing is. So hours cost nothing, and load on the machine outside has no effect inside.
 */
#ifndef GUEST_H
#define GUEST_H

#include "harness/base/scratch.h"
#include "harness/report/account.h"
#include "harness/run/bless_one.h"
#include "harness/run/run_one.h"

/* A kernel to run on. */
struct guest_kernel {
	const char *name;    /* as on the command line */
	const char *program; /* absolute path of the UML binary */
	char release[RELEASE_SIZE];
	/* The results of guest_memory(): */
	const char *memory;   /* the directory of its memory; NULL: it needs none */
	int room;	      /* for how many at once */
	const char *why_room; /* if that is few: why */
};

/*
 * 6.12: the kernel that `./run.sh kernel build 6.12` has built; a path: that UML binary. False:
 * `error` says why not, and the remedy.
 */
bool guest_find(struct arena *a, const char *name, struct guest_kernel *kernel, const char **error);

/* What a guest has that the kernel outside may not have: everything kernels/config asks for. */
void guest_facts(const struct guest_kernel *kernel, struct facts *facts);

/*
 * The work of a pool: carry planned run `job` out, on the kernel that the invocation (the context)
 * names. Returns as run_one does. The calling process is the pool's child: killing its process
 * group ends a guest, too.
 */
int run_anywhere(void *invocation, size_t job, int attempt, FILE *out, FILE *aside);

/*
 * Prepare what guests need outside, before any is booted: room for their memory, and a directory
 * for all guests of this program; scratch_remove() removes it, with the directories of killed
 * guests. Directories of programs that have ended are swept. Returns its path, or NULL: `error`
 * says what is missing.
 */
const char *guest_open(struct arena *a, struct guest_kernel *kernel, struct scratch *all,
		       const char **error);

/* How many at once; `wanted`: this number, if there is room; 0: as many as the machine can run.
 */
int guest_capacity(const struct guest_kernel *kernel, int wanted);

/* How much wall time a boot for that run may take; one that takes longer has hung. */
ns_t guest_limit(const struct options *o, const struct planned *planned);

/* In the guest: whether this process is its init, and init's work, which never returns. */
bool guest_is_init(void);
_Noreturn void guest_init(void);

/* ---- coverage.c: in the guest ---- */

/*
 * If the kernel counts its branches, copy the counters into the directory of the run's results. A
 * skipped run has no such directory. False: `error` says what could not be written.
 */
bool guest_keep_coverage(struct arena *a, const char *results, const char **error);

/* ---- boot.c: one guest, from before its boot until all its files are handed over ---- */

struct boot {
	const struct invocation *inv;
	const struct guest_kernel *kernel;
	const struct planned *planned;
	int attempt;
	struct scratch scratch;
	const char *directory; /* of that: both see it */
	struct arena arena;
	const char *why_not; /* why it was not booted; or NULL */
	ns_t limit;	     /* of wall time */
	int ended;	     /* as from cage_run() */
	bool is_full;	     /* it left no status, and there is no room for one */
	int status;	     /* the guest's status: as run_one returns it; or NO_STATUS */
	int64_t killed;	     /* for lack of memory, before it was booted: as from cgroup_killed() */
};
#define NO_STATUS (-1)

/* The file there in which a program's last call is, for the case that the guest is killed. */
#define GUEST_LAST_CALL "last-call"

/* The path of a file in its directory. */
const char *boot_path(struct boot *b, const char *name);
/*
 * Open a regular file there for reading, or a directory there; whatever the guest has made, no link
 * is followed. -1: errno says why not.
 */
int boot_open(struct boot *b, const char *name);
int boot_open_directory(struct boot *b, const char *name);
/* The beginning of such a file, with a 0 behind it; "": there is none. *length: as far as it goes.
 */
const char *boot_text(struct boot *b, const char *name, size_t most, size_t *length);
/* The status that the guest has left there; NO_STATUS: none, or one that no run returns. */
int boot_status(struct boot *b);

/* ---- memory.c ---- */

/* The place of the memory of that kernel's guests. False: none; `error` says why. */
bool guest_memory(struct arena *a, struct guest_kernel *kernel, const char **error);

/* ---- cage.c ---- */

/*
 * Run `what`, which does not return but becomes another program. It and all its descendants end at
 * the latest with the calling process. Returns its exit status, 128 plus the signal that ended it,
 * CAGE_HUNG if it was killed because the limit was over, or CAGE_UNSTARTED if no process could be
 * made for it.
 */
int cage_run(void (*what)(void *), void *context, ns_t limit);
#define CAGE_HUNG      (-2)
#define CAGE_UNSTARTED 125 /* as an exit status says it (env(1)); no kernel ends so */

/* ---- read_only.c ---- */

/*
 * From here on this process, and the program that it executes, can write only to these directories
 * (a list that ends with NULL) and to a /dev/shm of its own. False: this machine does not allow
 * that.
 */
bool read_only_but(const char *const *directories);

/* ---- console.c ---- */

/* The contents of a guest's console; the strings are lines of it, or parts of them. */
struct console {
	bool is_empty;	   /* it has only the lines of every boot */
	const char *words; /* the most informative line: the first important, else the last */
	uint64_t address;  /* address in the kernel where it panicked; 0: not known */
	uint64_t caller;   /* .. from where that function was called; 0: not known */
	const char *fault; /* the first WARNING or BUG; NULL: none */
	bool is_last;	   /* no line is important: `words` is the last one */
	bool is_panic;
	bool is_machine; /* the machine outside is the cause: it had no memory, a process is gone */
};

void console_read(struct arena *a, const char *text, struct console *c);

/* ---- symbols.c ---- */

/* The function of a program that contains an address; NULL: not known. */
const char *symbol_at(struct arena *a, const char *program, uint64_t address);

/* ---- ending.c ---- */

/*
 * The verdict on a run, from everything known about the end of its guest. VERDICT_UNSURE: try
 * again. `why`: a message in addition to the guest's own, or instead of it; NULL: none.
 */
enum verdict guest_verdict(struct boot *b, const struct console *console, const char **why);

/* Whether the kernel itself ended the run: it panicked, hung or crashed. */
bool guest_was_fault(struct boot *b, const struct console *c);

/* ---- words.c ---- */

/* Print what a guest has written: lines and pages stay, and so do the looks of a ladder. */
void guest_put(FILE *out, const char *text, size_t length);
void guest_put_json(FILE *out, const char *text, size_t length);
/* The same for all texts of an account that has come from one. */
void guest_account(struct arena *a, struct account *account);

/* ---- handover.c ---- */

/* Print and keep what a guest has left. Returns as run_one does. */
int guest_hand_over(struct boot *b, FILE *out, FILE *aside);

/* ---- job.c: the message from host to guest ---- */

struct job {
	const char *kernel;    /* its name, as on the command line */
	const char *directory; /* that both see: all messages between them */
	const char *cwd;
	struct scenario scenario; /* with its text */
	const char *name;	  /* of the run, and of its results */
	size_t index;		  /* among the runs of that scenario */
	int family, attempt;
	bool single;
	const char *voice; /* the name of the reporter that speaks (reporters/reporter.h) */
	const char *results;
	bool has_order;
	struct bless_order order;
	struct program_user user; /* as whom programs are started */
	struct options options;
};

bool job_write(const struct job *job);
bool job_read(struct arena *a, const char *directory, struct job *job);

#endif
