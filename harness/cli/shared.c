/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several subcommands have in common. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/putfile.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"
#include "harness/guest/guest.h"
#include "harness/program/program.h"

bool select_words(const struct options *o, struct library *l, struct selection *chosen)
{
	bool found = true;

	for (size_t i = 0; i < o->word_count; i++) {
		const char *error = NULL;

		if (!library_select(l, o->words[i], chosen, &error)) {
			say("%s", error);
			found = false;
		}
	}
	return found;
}

struct capacity runs_at_once(const struct options *o, const struct guest_kernel *guest, size_t jobs)
{
	int n = guest ? guest_capacity(guest, o->at_once) : o->at_once;

	/* How many runs the machine can bear is read from many files; it can always bear one. */
	if (!n && jobs == 1)
		n = 1;
	return n ? (struct capacity){n, n} : capacity();
}

ns_t run_limit(const struct invocation *inv, const struct planned *planned, ns_t more)
{
	const struct options *o = inv->options;
	ns_t own = (o->limit ? o->limit : planned->limit) + more;

	if (inv->guest) /* the guest's own limit comes first */
		return guest_limit(o, planned) + 10 * NS_PER_S;
	return own + own / 2 + 10 * NS_PER_S;
}

bool write_new_file(const char *path, const char *text)
{
	if (file_make(path, text))
		return true;
	if (errno == EEXIST)
		say("%s: is there already, and stays as it is", path);
	else
		say("cannot write %s: %s", path, strerror(errno));
	return false;
}

/* Each run opens it, and reads it from its beginning. */
static bool can_be_input(const char *path)
{
	struct stat st;

	if (access(path, R_OK) < 0 || stat(path, &st) < 0) {
		say("--stdin: cannot read %s: %s", path, strerror(errno));
		return false;
	}
	if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		return true;
	say("--stdin: %s is %s: each run reads its input from the beginning, so it must be a file",
	    path, S_ISDIR(st.st_mode) ? "a directory" : "a pipe or a socket");
	return false;
}

/* They are found where they are started, too; here only so that a mistake is known at once. */
bool programs_exist(struct arena *a, const struct options *o)
{
	struct program_user user = program_user(o->input);
	struct program program;
	const char *error;

	for (int h = 0; h < LAB_HOSTS; h++) {
		if (!o->program[h] || program_find(a, &user, h, o->program[h], &program, &error))
			continue;
		say("%s", error);
		return false;
	}
	return !o->input || can_be_input(o->input);
}

void run_on_guest(struct invocation *inv, const struct guest_kernel *guest, struct facts *facts)
{
	inv->guest = guest;
	memcpy(inv->release, guest->release, sizeof(inv->release));
	guest_facts(guest, facts);
}

bool files_can_be_kept(const struct options *o, const struct guest_kernel *guest)
{
	if (!o->keep_files)
		return true;
	if (!o->program[HOST_CLIENT] && !o->program[HOST_SERVER])
		say("--keep-files is about programs, and there is no --client and no --server");
	else if (!guest)
		say("--keep-files needs a kernel of its own (--kernel): on the running one a "
		    "program's files are where it has written them");
	else
		return true;
	return false;
}
