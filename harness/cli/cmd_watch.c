/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a child makes the run, as `run` does; this process only waits, for one of
 * three things. The file is saved: a run that goes on is ended, and the next one begins. The run
 * has ended: nothing. A signal: the run is ended, and so is this.
 *
 * Editors write a file in place, or write another one and rename it. So the directory is watched,
 * not the file, and before the first run begins: no save is missed. A file that is a link is also
 * watched where it leads.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/reporters/reporter.h"

#define SAVED (IN_CLOSE_WRITE | IN_MOVED_TO)
#define GONE  (IN_DELETE_SELF | IN_MOVE_SELF)

struct watch {
	const struct options *options;
	struct library *library;
	const char *path;
	int saves; /* inotify's descriptor */
	struct watched {
		int id;
		const char *name; /* of the file in that directory */
	} at[2];
	size_t count;
	int signals;	 /* the descriptor of those that are waited for */
	sigset_t before; /* as they were blocked */
	pid_t child;	 /* 0: no run goes on */
	bool is_stale;	 /* the file was saved since that run began, or it was told to end */
	int status;	 /* how all of it ends; -1: it goes on */
};

/* ---- the run ---- */

static void begin_run(struct watch *w)
{
	pid_t parent = getpid();
	int status;

	fflush(stdout);
	w->is_stale = false;
	w->child = fork();
	if (w->child < 0) {
		say("cannot start a run: %s", strerror(errno));
		w->child = 0;
		w->status = EXIT_BROKEN;
	}
	if (w->child || w->status >= 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_INTERRUPTED);
	close(w->saves);
	close(w->signals);
	sigprocmask(SIG_SETMASK, &w->before, NULL);
	status = command_find("run")->run(w->options, w->library);
	_exit(fflush(stdout) ? 128 + SIGPIPE : status);
}

static void end_run(struct watch *w)
{
	if (w->child)
		kill(w->child, SIGTERM);
}

static void say_when(const struct watch *w)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	if (!localtime_r(&now, &tm) || !strftime(text, sizeof(text), "%H:%M:%S", &tm))
		text[0] = '\0';
	fputs("\n---- ", stdout);
	shown_put(stdout, w->path);
	printf(", saved %s ----\n\n", text);
}

/* Nobody reads any more what it prints: then it is over. */
static bool is_unheard(int status)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);
}

static void run_has_ended(struct watch *w)
{
	int status;

	if (!w->child || waitpid(w->child, &status, WNOHANG) != w->child)
		return;
	w->child = 0;
	if (is_unheard(status))
		w->status = 128 + SIGPIPE;
	if (!w->is_stale || w->status >= 0)
		return;
	say_when(w);
	begin_run(w);
}

/* ---- what is waited for ---- */

static void file_is_saved(struct watch *w)
{
	w->is_stale = true;
	if (w->child) {
		end_run(w);
	} else {
		say_when(w);
		begin_run(w);
	}
}

static bool is_about_it(const struct watch *w, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW) /* some were lost: it may be among them */
		return true;
	for (size_t i = 0; i < w->count; i++)
		if (e->wd == w->at[i].id && e->len && !strcmp(e->name, w->at[i].name))
			return true;
	return false;
}

static void read_saves(struct watch *w)
{
	_Alignas(
	    struct inotify_event) char bytes[64 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	ssize_t n = read(w->saves, bytes, sizeof(bytes));
	bool is_saved = false;

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const void *)(bytes + at);

		if (e->mask & GONE) {
			say("the directory of %s is gone", w->path);
			w->status = EXIT_USAGE;
		}
		is_saved |= is_about_it(w, e);
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	if (is_saved && w->status < 0)
		file_is_saved(w);
}

static void read_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			run_has_ended(w);
		else
			w->status = EXIT_INTERRUPTED;
	}
}

static int watch(struct watch *w)
{
	struct pollfd fds[] = {{.fd = w->signals, .events = POLLIN},
			       {.fd = w->saves, .events = POLLIN}};

	begin_run(w);
	while (w->status < 0) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			read_signals(w);
		if (fds[1].revents && w->status < 0)
			read_saves(w);
	}
	end_run(w);
	if (w->child)
		waitpid(w->child, NULL, 0);
	return w->status;
}

/* ---- how it begins ---- */

static bool watch_directory(struct watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct watched *at = &w->at[w->count++];

	at->name = slash ? slash + 1 : path;
	at->id = inotify_add_watch(w->saves, directory_of(w->library->arena, path),
				   SAVED | GONE | IN_ONLYDIR);
	if (at->id >= 0)
		return true;
	say("cannot watch the directory of %s: %s", path, strerror(errno));
	return false;
}

static bool open_saves(struct watch *w)
{
	char target[PATH_MAX];

	w->saves = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->saves < 0) {
		say("cannot watch files: %s", strerror(errno));
		return false;
	}
	if (!realpath(w->path, target)) {
		say("cannot read %s: %s", w->path, strerror(errno));
		return false;
	}
	return watch_directory(w, w->path) &&
	       watch_directory(w, arena_strdup(w->library->arena, target));
}

static bool open_signals(struct watch *w)
{
	static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction as_it_was;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(interrupts); i++) {
		sigaction(interrupts[i], NULL, &as_it_was);
		if (as_it_was.sa_handler != SIG_IGN) /* nohup, or a shell's background job */
			sigaddset(&set, interrupts[i]);
	}
	/* If whoever started this ignores it, the kernel would not say that a run has ended. */
	signal(SIGCHLD, SIG_DFL);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &w->before);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signals < 0)
		say("cannot wait for signals: %s", strerror(errno));
	return w->signals >= 0;
}

static int cmd_watch(const struct options *o, struct library *l)
{
	struct watch w = {.options = o, .library = l, .status = -1};
	struct selection chosen = {0};

	if (!select_words(o, l, &chosen))
		return EXIT_USAGE;
	if (chosen.count != 1) {
		say("watch takes one scenario");
		return EXIT_USAGE;
	}
	w.path = chosen.list[0]->path;
	if (!open_saves(&w))
		return EXIT_USAGE;
	if (!open_signals(&w))
		return EXIT_BROKEN;
	return watch(&w);
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "NAME",
    .help = "run it, and again when its file is saved",
    .run = cmd_watch,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_VERBOSE | WITH_TELLING | WITH_LADDER |
	     WITH_PROGRAMS,
    .more = reporter_option,
    .needs_proc = true,
};
