/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The result of a run whose guest has ended: a function of the files that the guest has left, of
 * how its process ended, and of its console.
 *
 * If the guest did its work without a warning, the verdict is its own. If it warned (WARNING, BUG),
 * the run has failed, whatever its own verdict, because such a kernel has a fault; so a bisection
 * counts it as bad. If it panicked or hung, the run is broken, as it is if the script is wrong on
 * that kernel. If the machine outside ended it, that says nothing about the kernel, so the run is
 * tried again.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/cgroup.h"
#include "harness/base/shortage.h"
#include "harness/base/signals.h"
#include "harness/guest/guest.h"

#define LINE 4096 /* of what the guest has left, as far as it is repeated */

/* A program's own fault causes these signals; somebody else has sent any other signal. */
static const int own_signals[] = {SIGABRT, SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGBUS};

static bool is_own_signal(int signal)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_signals); i++)
		if (own_signals[i] == signal)
			return true;
	return false;
}

/*
 * User-Mode Linux exits with this status, silently, when it gets SIGTERM or SIGINT
 * (last_ditch_exit()), and when it cannot make the file for its memory (create_tmp_file()). If
 * TMPDIR is on a disk, it prints a remark at each boot.
 */
static bool exits_silently(const struct boot *b, const struct console *c)
{
	return b->ended == 1 && (!c->words || strstr(c->words, " is not on tmpfs"));
}

static bool died_of_machine(const struct boot *b, const struct console *c)
{
	if (b->ended == CAGE_HUNG)
		return false;
	if (b->ended == CAGE_UNSTARTED || c->is_machine || exits_silently(b, c))
		return true;
	return b->ended > 128 && !is_own_signal(b->ended - 128) && !c->is_panic;
}

/* The console's message, and the kernel's function, unless the message has it already.
 */
static const char *in_function(struct boot *b, const struct console *c, const char *words)
{
	const char *function = symbol_at(&b->arena, b->kernel->program, c->address);
	const char *caller = symbol_at(&b->arena, b->kernel->program, c->caller);

	if (function)
		return strstr(words, function)
			   ? words
			   : arena_printf(&b->arena, "%s (in %s)", words, function);
	return caller ? arena_printf(&b->arena, "%s (in what %s called)", words, caller) : words;
}

static const char *saying(struct arena *a, const struct console *c)
{
	if (!c->words)
		return "its console is empty";
	return arena_printf(a, c->is_last ? "its last words: %s" : "its console: %s", c->words);
}

/* "Kernel panic - not syncing: REASON" */
static const char *without_panic(const char *words)
{
	static const char panic[] = "Kernel panic - not syncing: ";

	return !strncmp(words, panic, strlen(panic)) ? words + strlen(panic) : words;
}

/*
 * The script could not be planned in the guest: the first line of the message (the whole is
 * printed, too). NULL: it ended in another way.
 */
static const char *why_refused(struct boot *b, const struct console *c)
{
	static const char ours[] = "tcplab: ";
	const char *errors, *why;
	size_t length;

	if (b->ended != 0 || c->is_panic)
		return NULL;
	errors = boot_text(b, "errors", LINE, &length);
	length = strcspn(errors, "\n");
	if (!length)
		return NULL;
	why = arena_strndup(&b->arena, errors, length);
	return !strncmp(why, ours, strlen(ours)) ? why + strlen(ours) : why;
}

/* What its program was about to do; NULL: there is none. */
static const char *last_call(struct boot *b)
{
	size_t length;
	const char *text = boot_text(b, GUEST_LAST_CALL, LINE, &length);

	length = strcspn(text, "\n"); /* behind that is what is left of a longer line */
	return length ? arena_strndup(&b->arena, text, length) : NULL;
}

static const char *when_killed(struct boot *b, const struct console *c)
{
	struct arena *a = &b->arena;
	/* What any kernel may remark, such as where its memory is, does not explain it. */
	const char *call = c->words && !c->is_last ? NULL : last_call(b);
	long long limit = (long long)(b->limit / NS_PER_S);

	if (!call)
		return arena_printf(
		    a, "the kernel %s hung, and was killed after %lld s of wall time; %s",
		    b->kernel->name, limit, saying(a, c));
	return arena_printf(a,
			    "it was not over after %lld s of wall time, and was killed; --limit "
			    "gives it more. The last call of its program: %s",
			    limit, call);
}

static const char *how_it_ended(struct boot *b, const struct console *c)
{
	struct arena *a = &b->arena;
	const char *name = b->kernel->name, *says = saying(a, c), *refused = why_refused(b, c);

	if (refused)
		return arena_printf(a, "it cannot be run on the kernel %s: %s", name, refused);
	if (b->ended == CAGE_HUNG)
		return when_killed(b, c);
	if (b->ended == CAGE_UNSTARTED)
		return arena_printf(a, "no process could be started for the kernel %s", name);
	if (c->is_panic)
		return arena_printf(a, "the kernel %s panicked: %s", name,
				    in_function(b, c, without_panic(c->words)));
	if (b->ended > 128)
		return arena_printf(a, "the kernel %s was ended by %s; %s", name,
				    signal_name(a, b->ended - 128), says);
	return arena_printf(a, "the kernel %s ended with exit status %d and left no verdict; %s%s",
			    name, b->ended, says,
			    exits_silently(b, c)
				? ": so it ends when it is sent SIGTERM, or cannot "
				  "write to /dev/shm or TMPDIR"
				: "");
}

static const char *said(struct boot *b, const char *words)
{
	return arena_printf(&b->arena, "the kernel %s said: %s", b->kernel->name, words);
}

bool guest_was_fault(struct boot *b, const struct console *c)
{
	if (c->is_panic)
		return true;
	return b->status == NO_STATUS && !b->why_not && !b->is_full && !why_refused(b, c) &&
	       !died_of_machine(b, c);
}

/* The machine is the cause: another attempt, if one is left; else this is the verdict. */
static enum verdict again(struct boot *b, enum verdict last, const char **why)
{
	if (b->attempt < UNSURE_REPEATS) {
		*why = NULL;
		return VERDICT_UNSURE;
	}
	*why = arena_printf(&b->arena, "%s; tried %d times", *why, b->attempt + 1);
	return last;
}

enum verdict guest_verdict(struct boot *b, const struct console *c, const char **why)
{
	struct arena *a = &b->arena;
	enum verdict own;

	*why = b->why_not ? shortage_mend(a, b->why_not) : NULL;
	if (b->why_not)
		return VERDICT_BROKEN;
	if (b->is_full) {
		*why = arena_printf(a,
				    "the kernel %s left no verdict, and its directory has no room "
				    "left, %s; free some there, or let TMPDIR name another one",
				    b->kernel->name, b->directory);
		return VERDICT_BROKEN;
	}
	if (b->status == NO_STATUS) {
		*why = cgroup_mend(a, shortage_mend(a, how_it_ended(b, c)), b->killed);
		return died_of_machine(b, c) ? again(b, VERDICT_BROKEN, why) : VERDICT_BROKEN;
	}
	if (c->is_panic) {
		*why = arena_printf(a, "when all was done, %s", how_it_ended(b, c));
		return c->is_machine ? again(b, VERDICT_BROKEN, why) : VERDICT_BROKEN;
	}
	own = (enum verdict)(b->status & ~RESULTS_UNWRITTEN);
	if (c->fault) {
		*why = said(b, c->fault);
		return own == VERDICT_BROKEN ? own : VERDICT_FAIL;
	}
	if (c->is_machine && own != VERDICT_PASS && own != VERDICT_SKIP) {
		*why = said(b, c->words);
		return again(b, VERDICT_BROKEN, why);
	}
	return own;
}
