/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting and ending the program under test. Its input and output are files, as a shell may also
 * do it. The output files have no names until they become a part of the results.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/actor_wire.h"
#include "harness/base/unnamed.h"
#include "harness/engine/state.h"
#include "harness/program/keeper.h"
#include "harness/program/told.h"

#define LOOK (100 * NS_PER_MS) /* between two looks at what programs have written */

/* ---- starting ---- */

struct start {
	struct keeper keeper;
	struct capture *capture;
};

/* In the keeper. The capture's ring is memory that it has inherited. */
static void become_keeper(void *context)
{
	struct start *start = context;

	capture_forget(start->capture);
	keeper_main(&start->keeper);
}

/* Each write is added at the end, whichever process it comes from. */
static int output_file(const char *name)
{
	int fd = unnamed_file(name);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

static bool cannot_start(struct engine *e, const struct line *line, const char *why)
{
	return broken_at(e, line, "'%s' cannot be started: %s",
			 e->options->program[line->actor.id]->command, why ? why : "?");
}

static bool open_files(struct engine *e, const struct line *line, struct keeper *k)
{
	struct program_output *out = &e->out->program[k->host];
	const char *input = k->user->input ? k->user->input : "/dev/null";

	out->output = output_file("program.out");
	out->errors = output_file("program.err");
	k->output = out->output;
	k->errors = out->errors;
	if (k->output < 0 || k->errors < 0)
		return broken_at(e, line, "no file for its output: %s", strerror(errno));
	k->input = open(input, O_RDONLY | O_CLOEXEC);
	return k->input >= 0 || broken_at(e, line, "%s: %s", input, strerror(errno));
}

static bool fork_keeper(struct engine *e, const struct line *line, struct start *start)
{
	struct program_link *p = &e->programs[line->actor.id];
	int channel[2];

	if (!channel_make(channel))
		return broken_at(e, line, "cannot make a socket pair: %s", strerror(errno));
	start->keeper.channel = channel[1];
	p->keeper = lab_fork(&e->lab, line->actor.id, become_keeper, start);
	close(channel[1]);
	if (p->keeper < 0) {
		p->keeper = 0;
		close(channel[0]);
		return broken_by_lab(e, line, e->lab.error);
	}
	p->channel = channel[0];
	p->alive = now();
	return true;
}

/* The program's first process says that it is there, or the keeper says why it is not. */
static bool meet(struct engine *e, const struct line *line)
{
	struct program_link *p = &e->programs[line->actor.id];
	struct told told;
	pid_t first = told_wait(p->channel, e->arena, &told, now() + e->options->timeout);

	if (first && told.kind == TOLD_FAILED)
		return cannot_start(e, line, told.text);
	if (!first || told.kind != TOLD_HERE)
		return broken_at(e, line, "the program's keeper does not answer");
	p->pidfd = (int)syscall(SYS_pidfd_open, first, 0);
	send(p->channel, "", 1,
	     MSG_NOSIGNAL); /* the process waits for this, so it is still there */
	return p->pidfd >= 0 || broken_at(e, line, "watching it: %s", strerror(errno));
}

/* The upper layer of its root: the keeper has it open, and it outlives the keeper then. */
static bool take_files(struct engine *e, const struct line *line)
{
	int keeper = (int)syscall(SYS_pidfd_open, e->programs[line->actor.id].keeper, 0);
	int files = keeper < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, keeper, KEEPER_FILES, 0);

	if (keeper >= 0)
		close(keeper);
	if (files < 0)
		return broken_at(e, line, "the files that it writes: %s", strerror(errno));
	e->out->program[line->actor.id].files = files;
	return true;
}

/* Until it is there, or cannot be. */
static bool await_start(struct engine *e, const struct line *line)
{
	struct program_link *p = &e->programs[line->actor.id];
	ns_t until = now() + e->options->timeout;

	while (!p->started) {
		if (!watch(e, until))
			return false;
		if (p->failure)
			return cannot_start(e, line, p->failure);
		if (!p->started && (p->channel < 0 || now() >= until))
			return broken_at(e, line, "the program's keeper does not answer");
	}
	return true;
}

bool do_program(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];
	enum host host = line->actor.id;
	struct start start = {
	    .keeper =
		{
		    .host = host,
		    .program = e->options->program[host],
		    .user = &e->options->user,
		    .family = e->run->facts.family,
		    .has_users = e->lab.has_users,
		    .is_virtual = e->run->facts.is_virtual,
		    .descriptors = e->limit_before,
		},
	    .capture = &e->out->capture,
	};
	ns_t began = now();
	bool done;

	if (!e->options->program[host])
		return broken_at(e, line, "this program does not exist any more");
	if (e->programs[host].keeper)
		return broken_at(e, line, "the program has been started already");
	e->programs[host] = (struct program_link){.channel = -1};
	if (!e->run->facts.is_virtual) {
		e->out->capture.before = programs_before;
		e->out->capture.context = e;
	}
	done = open_files(e, line, &start.keeper) && fork_keeper(e, line, &start);
	if (start.keeper.input > 0)
		close(start.keeper.input);
	if (!done || !meet(e, line) || !await_start(e, line))
		return false;
	if (e->options->keep_files && e->run->facts.is_virtual && !take_files(e, line))
		return false;
	note_action(e, index, began);
	return true;
}

bool outputs_hold(struct engine *e)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		const struct program_output *out = &e->out->program[h];

		if (output_is_too_long(out->output) || output_is_too_long(out->errors))
			return broken(e, "the %s's program was ended: %s", host_name(h),
				      OUTPUT_TOO_LONG);
	}
	return true;
}

ns_t outputs_next(const struct engine *e)
{
	bool any = false;

	for (int h = 0; h < LAB_HOSTS; h++)
		any |= e->programs[h].keeper > 0;
	return any && !e->run->facts.is_virtual ? now() + LOOK : INT64_MAX;
}

/* ---- ending ---- */

/* All processes of it, before this returns: the keeper is the first of its PID namespace. */
static void end_all(struct program_link *p)
{
	kill(p->keeper, SIGKILL);
	while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	if (p->channel >= 0)
		close(p->channel);
	if (p->pidfd > 0)
		close(p->pidfd);
	free(p->told);
	free(p->open);
	*p = (struct program_link){.channel = -1};
}

void program_stop(struct engine *e, enum host host)
{
	struct program_link *p = &e->programs[host];

	if (!p->keeper)
		return;
	for (size_t i = 0; i < p->open_count; i++)
		e->timeline->events[p->open[i].event].abandoned = true;
	end_all(p);
}

void programs_close(struct engine *e)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (!e->programs[h].keeper)
			continue;
		if (e->run->failure && e->programs[h].started)
			program_end(e, h);
		end_all(&e->programs[h]);
	}
}
