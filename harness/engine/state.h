/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the engine share during one run: see engine.c for how they fit together.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <poll.h>
#include <sys/resource.h>

#include "harness/actor/actor.h"
#include "harness/engine/engine.h"
#include "netns/firewall/fault.h"
#include "netns/lab.h"
#include "netns/sockets.h"

/* How often to look whether a thread has fallen asleep: no event says so. */
#define GLANCE (50 * NS_PER_US)

/* A descriptor as the engine knows it, so that `ss` can find its socket even after close(). */
struct known_descriptor {
	const char *name;
	enum host host;
	unsigned long inode;
};

/* How a process of a host ended, as a notice says. */
struct known_end {
	enum host host;
	pid_t pid;  /* its number in the host */
	int status; /* as wait(2) returns it */
};

/* The program under test, as its host's keeper reports it (engine/watch_program.c). */
struct program_link {
	pid_t keeper;	   /* 0: none has been started */
	int pidfd;	   /* of its first process */
	int channel;	   /* to it; -1: it is gone */
	struct told *told; /* what it has told: from `first` on, not yet on the time line */
	size_t first, count;
	size_t ready; /* how many of them there were before the capture was read */
	struct open_call {
		const char *part;
		int event; /* the CALL event of a call that has not returned */
	} * open;
	size_t open_count;
	size_t room, open_room; /* of these two lists, which are on the heap */
	const char *failure;	/* why there is none; or NULL */
	bool started, died;	/* its first process has */
	bool is_signalled;	/* by a line of the script */
	bool ended;		/* .. and all that it has left, as far as that is the program */
	ns_t alive;		/* when that was last known to exist */
};

struct applied_fault {
	enum host host;
	int id;
	bool lifted;
	int name; /* the number of its verb and pattern (run_index) */
	enum fault_verb verb;
	ns_t delay;
	int line; /* of the run */
};

struct engine {
	const struct run *run;
	const struct engine_options *options;
	struct arena *arena;
	struct observation *out;
	struct timeline *timeline;

	struct lab lab;
	struct faults faults;
	struct sockets sockets;

	struct actor_link actors[MAX_ACTORS];
	int call_event[MAX_ACTORS]; /* the CALL event of the call it is in */
	size_t actor_count;
	int channels[LAB_HOSTS][2]; /* socket pairs: the engine's end, the first process's */
	int notices[LAB_HOSTS][2];  /* likewise, of all processes of the host */
	struct known_end *ends;
	size_t end_count;

	struct program_link programs[LAB_HOSTS];
	ns_t taken; /* what their keepers had told by then has been taken */

	/*
	 * Of a failure: how many events have been searched for calls of programs; and how many
	 * calls there were, including those that were not told one by one; how often its tasks have
	 * woken; and how many segments there were without data and with data.
	 */
	size_t calls_seen, calls, wakes, bare_packets, data_packets;
	size_t moves;		   /* .. how many of these calls have sent or received data */
	int last_call;		   /* the file of that option; 0: not opened yet */
	const char *last_returned; /* what stands there when a call has returned */

	struct known_descriptor *descriptors;
	size_t descriptor_count;
	struct applied_fault *applied;
	size_t applied_count;
	struct kept *kept; /* of hold.c */
	size_t kept_count;
	ns_t late_until;   /* when a late release was last noted */
	size_t taken_seen; /* how many of the time line's have been seen */
	struct counters baseline[LAB_HOSTS];
	struct recorded {
		struct arena arena;
		struct counters all;
	} recorded[LAB_HOSTS]; /* of record.c: the last reading, .. */
	int recorded_line;     /* .. and the action that began the step since then */

	struct rlimit limit_before; /* of descriptors, for the script: the engine's is higher */
	bool stopped; /* one of the processes was stopped from outside: it is on the time line */

	size_t done;   /* lines begun */
	ns_t known;    /* everything that had happened by then has been taken in */
	ns_t progress; /* when the engine last did something, or saw that a line was met */
	ns_t limit;    /* when the run ends in any case */
	ns_t looked;   /* when its memory was looked at */
	int tidier;    /* of tidy.c; -1: none */
	ns_t computes_from, computed_by_then; /* only_computes(): that moment, and CPU time */
	struct delays {
		ns_t sum, at; /* the sum at that moment, less what is forgotten */
	} delays;
	struct judge_memory *memory; /* NULL: in a blessing run, which changes events of the past */
	struct arena judged;	     /* of the newest judgement */
	struct judgement judgement;
	size_t judged_events; /* how many there were */
	size_t silent_events; /* of a failure: those before it have said nothing since then .. */
	ns_t moment;	      /* .. and when it was, as the judge saw it; 0: not asked yet */
	bool only_begun;      /* since then a call has been begun, and nothing else has happened */
	size_t from; /* of a blessing run: see engine_blessing; else beyond the last line */
	bool astray; /* of a blessing run: what happens is no longer what is written */
	bool ahead;  /* likewise: a packet is on its way that the next line does not wait for */
};

/* The run cannot go on, and the script is not to blame: VERDICT_BROKEN. Always false. */
bool broken(struct engine *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Likewise, since the engine could not do what that line says. */
bool broken_at(struct engine *e, const struct line *line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * Likewise, since the lab failed. If that may be temporary, the run can be repeated. `line` may be
 * NULL.
 */
bool broken_by_lab(struct engine *e, const struct line *line, const char *why);

/* ---- engine.c ---- */

/* A host that has crashed gets a first process again. */
bool revive_host(struct engine *e, enum host host);

/* ---- watch.c ---- */

/* Read all that is there. Then wait until something comes, at most until `until`, and read that. */
bool watch(struct engine *e, ns_t until);
/* Read all that is there. */
bool watch_now(struct engine *e);
/* Ask the judge about what has been seen so far. */
void ask_judge(struct engine *e);
/*
 * Wait until every line before `upto` is met. False: the run has diverged, the timeout has come, or
 * it is broken.
 */
bool wait_met(struct engine *e, size_t upto);
/* Wait until the gap before the action or reading `index` has passed. */
bool wait_gap(struct engine *e, size_t index);
/* Wait until it is known, for every packet that has been seen, whether it arrived. */
bool wait_fates(struct engine *e);
/* The same; and until every call that was left open is known to sleep still, or has returned. */
bool wait_end(struct engine *e);

/* ---- process.c ---- */

/*
 * Note which processes have died by now. This is called before their reports are read, and
 * tell_deaths() afterwards, so that no report of a process comes after its death.
 */
bool look_for_deaths(struct engine *e);
/* Signals that were handled, and how processes ended. */
void take_notices(struct engine *e);
void close_notices(struct engine *e, enum host host);
/* Put deaths on the time line. False: it cannot be known how one of them happened. */
bool tell_deaths(struct engine *e);
/* A process is about to die, or has died and it is not known yet how. */
bool death_is_open(const struct engine *e);
/* The descriptors to wait for, at most LAB_HOSTS + MAX_ACTORS. Returns how many. */
size_t process_fds(const struct engine *e, struct pollfd *fds);
/* Forget all processes of that host, without putting their deaths on the time line. */
void forget_processes(struct engine *e, enum host host);
/* Also forget how they ended: other processes will get their numbers. */
void forget_ends(struct engine *e, enum host host);
/*
 * The newest process of that name, or the host's first one if the name is the host's; NULL: none.
 */
const struct actor_link *find_process(const struct engine *e, enum host host, const char *name);
/* The names of that host's processes and their numbers there. */
struct variable *process_names(struct engine *e, enum host host, size_t *count);

/* ---- follow.c ---- */

/* The walk of a blessing run. */
bool walk_blessing(struct engine *e);
/* At line `index` a blessing run observes, instead of waiting for what is written there. */
bool looks_itself(const struct engine *e, size_t index);
/*
 * What is read there has held in the ordinary run, or may hold later if nothing else goes wrong. So
 * the blessing run also waits for it.
 */
bool is_awaited(const struct engine *e, size_t index);
/* It has been quiet for so long that only timers can still cause something. */
bool is_quiet(const struct engine *e);

/* ---- budget.c ---- */

/* Whether the run still has time, memory and room for captures; else it is broken, and says so. */
bool budget_holds(struct engine *e);
/* Whether its call may be made. */
bool budget_call(struct engine *e, const struct line *line);
/* The run has reached its time limit. Always false. */
bool budget_time_over(struct engine *e);
/*
 * The sum of the bytes and numbers in an argument; each that is not known yet counts as `unknown`.
 */
int64_t amount_of(const struct arg *arg, int64_t unknown);

/* ---- bulk.c ---- */

/* Whether its calls may send more than a few small segments in all. */
bool run_is_bulk(const struct run *run);

/* ---- sharer.c ---- */

/*
 * Begin a process that shares this one's memory, with all signals blocked. `work` must not return,
 * and must obey the rules in sharer.c. False: errno says why there is none.
 */
bool sharer_begin(int (*work)(void *), void *context, char *stack, size_t size);

/* ---- linger.c ---- */

/*
 * From now on, closing a descriptor takes no time: another process does the work when the returned
 * descriptor is closed. -1: closing takes its usual time.
 */
int linger(void);

/* ---- tidy.c ---- */

/*
 * Have the lab's remaining sockets destroyed when the returned descriptor is closed, this process
 * is gone, and the hosts' processes have ended. From now on, closing what is open now takes no
 * time, as with linger(). -1: neither is possible.
 */
int tidy_later(struct lab *lab);
/* The host has a new first process: the tidier must wait for its end. */
void tidy_later_too(int tidier, const struct lab *lab, enum host host);

/* ---- disturb.c ---- */

/*
 * `who` was ready to run, but had to wait for a CPU for this long. The delay is noted on the time
 * line if it is long enough to matter, alone or together with earlier ones.
 */
void note_delay(struct engine *e, const char *who, ns_t delay);
/* Whether the delays so far and this one are together too much; if so, counting begins again. */
bool delay_adds_up(struct delays *d, ns_t at, ns_t delay, ns_t limit);
/*
 * From here on the engine only computes, until it waits for something again. note_kept() notes how
 * long it had no CPU since then.
 */
void only_computes(struct engine *e);
void note_kept(struct engine *e);
/* Returns that time instead, and begins to count again; the caller notes it. */
ns_t kept_from_computing(struct engine *e);
/*
 * A call returned with EINTR. The cause is a signal of the script, or that a process was stopped
 * and continues (signal(7)). If the script does neither, the cause is outside.
 */
void note_interrupted(struct engine *e, const char *who);
/*
 * A blessing run should have gone on at `until`. But the last event came later, at `came`; or it is
 * much later now.
 */
void note_overslept(struct engine *e, ns_t until, ns_t came);
/*
 * In a run to be blessed, a state has been read only now, not at `due`: another state may have
 * passed unseen.
 */
void note_late_reading(struct engine *e, ns_t due);
/* Somebody else has stopped `who` for a while (stopped.h). */
void note_stopped(struct engine *e, const char *who);
/* Whether any process of the run was stopped without reporting it itself. */
void look_for_stops(struct engine *e);
/* A delayed packet is released this long after its time. It is noted in the same way. */
void note_late_packet(struct engine *e, ns_t delay);
/* From /proc/stat. */
void withheld_read(FILE *in, struct arena *a, struct withheld *reading);
/* Add a reading to the time line. */
void read_withheld(struct engine *e);
/* The same, if the last reading is not quite new. */
void read_withheld_again(struct engine *e);
/* At the end: notes how much was withheld in all. */
void note_withheld(struct engine *e);

/* ---- act.c ---- */

/* Do what a line says, if it is an action or a reading: do_call(), do_ss() .. */
bool act(struct engine *e, size_t index);
#define LINE(kind, word, role, by, parse, copy, check, print, done)                                \
	bool do_##done(struct engine *e, size_t index);
#include "harness/ast/line_rows.h"

const char *line_as_text(struct engine *e, const struct line *line);
/* The action without its gap: the time line says when it was done. */
const char *action_as_text(struct engine *e, const struct line *line);
/* The action has taken effect, at some moment from `began` to now. Returns the event's index. */
size_t note_action(struct engine *e, size_t index, ns_t began);

/* ---- act_call.c ---- */

/* Who makes the calls of that line; NULL: there is no such thread. */
struct actor_link *actor_of_line(struct engine *e, const struct line *line);

/* ---- watch_program.c ---- */

/* Take in what programs' keepers have told. False: one message is not complete. */
bool programs_take(struct engine *e);
/*
 * Put on the time line what had been taken in before the capture was read to its end. False: a
 * keeper has ended before its program.
 */
bool programs_note(struct engine *e);
/*
 * Called before a packet with that stamp is put on the time line: puts there what was told before
 * that time. For struct capture.
 */
void programs_before(void *engine, ns_t stamp);
/* Whether something will be put on the time line the next time. */
bool programs_wait(const struct engine *e);
/* The descriptors to wait for, at most LAB_HOSTS. Returns how many. */
size_t program_fds(const struct engine *e, struct pollfd *fds);
/* Its processes end, without an event. */
void program_stop(struct engine *e, enum host host);
void programs_close(struct engine *e);
/* Whether what they have written is not too much, else the run is broken. */
bool outputs_hold(struct engine *e);
/* When that is to be asked again, although nothing else may come; INT64_MAX: not until then. */
ns_t outputs_next(const struct engine *e);
/* All of its processes are killed, after the run, and what their sockets were like is noted. */
void program_end(struct engine *e, enum host host);

/* ---- failure_end.c ---- */

/* Whether the run is of a failure, and its program has ended. */
bool failure_is_over(const struct engine *e);
/* Until when the run waits for its end, and for what lines expect. */
ns_t failure_deadline(struct engine *e);
/*
 * Whether no line of a failure can be met by anything that has come since the judge was asked:
 * calls of programs, or packets, about which no line says anything that is not met yet. A program
 * that polls every second makes a hundred thousand of these calls in a day, and an answer of 20 MB
 * comes in 60,000 packets.
 */
bool failure_says_nothing(struct engine *e);
/* Wait for that end. */
void failure_wait(struct engine *e);

/* ---- hold.c ---- */

/* The fault of that id at that host; NULL: it has none. */
const struct applied_fault *fault_of(const struct engine *e, enum host host, int id);
/* That fault at the router has reported `p`. False: the fault only drops or rejects. */
bool hold_report(struct engine *e, const struct packet *p, ns_t stamp,
		 const struct applied_fault *fault);
/*
 * Do to reported packets what their faults ask for. Release packets whose time has come, and those
 * whose hold was lifted.
 */
bool hold_serve(struct engine *e);
/* When the next packet is to be released; INT64_MAX: there is none. */
ns_t hold_next(const struct engine *e);
/*
 * Delayed packets that were on their way before the engine's last look: the next one's segment from
 * number `*at` on; -1: no more.
 */
int hold_on_its_way(const struct engine *e, size_t *at);
/* Release what fits; *any: there was something. */
bool hold_release(struct engine *e, const struct fault_pattern *pattern, bool *any);

/* ---- read.c: do_ss(), do_nstat(), do_ps(), do_quiet() ---- */

bool take_baselines(struct engine *e);
bool take_baseline(struct engine *e, enum host host);
/* When the last packet, return, signal or action was. */
ns_t last_sound(const struct engine *e);
/* Note the socket of a new descriptor, so that it is known after close(), too. */
void remember_descriptor(struct engine *e, const char *name, const struct actor_link *actor,
			 int fd);

/* ---- record.c: all of it does nothing in a run without a record ---- */

/* Counters count from here. */
bool record_begin(struct engine *e);
/* A step is over; line `next` begins another one, -1: none does. */
bool record_step(struct engine *e, int next);
void record_end(struct engine *e);

#endif
