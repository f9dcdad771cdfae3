/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a name becomes a path, and what stands there already stays. TOPIC/NAME is a
 * scenario of the library; a name alone is a file of one's own, in the current directory. An
 * installed library belongs to the package, so a scenario is not added to it unless --library
 * names it.
 */
#include <string.h>
#include <sys/stat.h>

#include "harness/base/array.h"
#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"

#define EXTENSION ".tcp"
#define LONGEST	  100 /* a run's name is longer: its parameters follow */

/* ---- the name ---- */

struct wanted {
	const char *topic; /* NULL: none */
	const char *name, *path;
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_name(const char *word)
{
	size_t n = strlen(word);

	return n && n <= LONGEST && strspn(word, LETTERS) && strspn(word, LETTERS "-_.") == n;
}

static const char *without_extension(struct arena *a, const char *word)
{
	size_t n = strlen(word), e = strlen(EXTENSION);

	return n > e && !strcmp(word + n - e, EXTENSION) ? arena_strndup(a, word, n - e) : word;
}

static bool refuse(const char *what, const char *why)
{
	say("%s: %s", what, why);
	return false;
}

static bool is_topic(const struct library *l, const char *topic)
{
	for (size_t i = 0; i < l->topic_count; i++)
		if (!strcmp(l->topics[i], topic))
			return true;
	return false;
}

static bool find_topic(struct library *l, const struct wanted *w)
{
	const char *near;

	if (l->problem) {
		say("%s", l->problem);
		return false;
	}
	if (is_topic(l, w->topic))
		return true;
	*arena_push(l->arena, l->topics, l->topic_count) = NULL;
	near = nearest(w->topic, l->topics);
	l->topic_count--;
	if (near)
		say("no topic is called '%s'; did you mean %s?", w->topic, near);
	else
		say("no topic is called '%s'; it would be a directory in %s", w->topic,
		    l->directory);
	return false;
}

/* Two scenarios of one name: only the first one would be found by it. */
static bool is_free(struct library *l, const struct wanted *w)
{
	struct stat st;

	for (size_t i = 0; i < l->topic_count; i++) {
		const char *path = arena_printf(l->arena, "%s/%s/%s" EXTENSION, l->directory,
						l->topics[i], w->name);

		if (lstat(path, &st) == 0)
			return refuse(path, "is there already, and stays as it is");
	}
	return true;
}

static bool is_word_of_ours(const char *name)
{
	return !strcmp(name, "all") || !strcmp(name, "test") || command_find(name);
}

static bool find_path(const struct options *o, struct library *l, struct wanted *w)
{
	const char *word = o->words[0], *slash = strchr(word, '/');

	w->topic = slash ? arena_strndup(l->arena, word, (size_t)(slash - word)) : NULL;
	w->name = without_extension(l->arena, slash ? slash + 1 : word);
	if (!is_name(w->name) || (w->topic && !is_name(w->topic)))
		return refuse(word, "not a name: NAME, or TOPIC/NAME, of letters, digits, - _ .");
	if (!w->topic) {
		w->path = arena_printf(l->arena, "%s" EXTENSION, w->name);
		return true;
	}
	if (is_word_of_ours(w->name))
		return refuse(word, "means something else on the command line");
	if (home_is_installed() && !o->library)
		return refuse(word, "the installed scenarios belong to the package; NAME alone is "
				    "a file in this directory");
	w->path = arena_printf(l->arena, "%s/%s/%s" EXTENSION, l->directory, w->topic, w->name);
	return find_topic(l, w) && is_free(l, w);
}

/* ---- what it begins with ---- */

static const char *const lines[] = {
    "",
    "# A listener, a handshake and an accept(): the client's socket is c, the server's is x.",
    "use     established",
    "",
    "# A line begins with its host. A call is made, and must return what is written here. Each",
    "# packet that comes must be written below it; plain acknowledgements may be left out.",
    "client  send(c, \"hello\") = 5",
    "          client> P. 1:6(5)",
    "server  recv(x, \"hello\", 100) = 5",
    "",
    "# The router makes the network fail, from that line on; then the packet's line says so.",
    "router  drop client> P. times 1",
    "client  send(c, \"again\") = 5",
    "          client> P. 6:11(5) lost",
    "          client> P. 6:11(5)",
    "server  recv(x, \"again\", 100) = 5",
    "",
    "client  close(c) = 0",
    "          client> F. 11:11(0)",
    "server  recv(x, \"\", 100) = 0",
};

static const char *beginning(struct arena *a, const struct wanted *w, const char *run)
{
	struct text text;
	FILE *out = text_open(&text);

	fprintf(out,
		"# %s: say here in one line what it shows\n"
		"#\n"
		"# Then say what happens and why, in 3 to 12 lines: which call fails, with which "
		"errno, after\n"
		"# which packet. Name where that is written: an RFC, a manual page, a function of "
		"the kernel.\n"
		"#\n"
		"# Write the calls first, without results:  %s bless %s\n"
		"# adds the results and the packets that come. Understand each of them yourself.\n",
		w->name, home_command(), run);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		fprintf(out, "%s\n", lines[i]);
	return text_close(&text, a);
}

static int cmd_new(const struct options *o, struct library *l)
{
	struct wanted w = {NULL};
	const char *run;

	if (o->word_count != 1) {
		say("new takes one name: NAME for a file in this directory, TOPIC/NAME for the "
		    "library");
		return EXIT_USAGE;
	}
	if (!find_path(o, l, &w))
		return EXIT_USAGE;
	run = w.topic ? w.name : w.path;
	if (!write_new_file(w.path, beginning(l->arena, &w, run)))
		return EXIT_USAGE;
	printf("%s\nrun it:  %s %s\n", w.path, home_command(), run);
	return EXIT_PASSED;
}

static const struct operand nothing[] = {{.kind = OPERAND_FILE, .is_last = true}};

const struct command command_new = {
    .name = "new",
    .arguments = "NAME",
    .help = "write a scenario to start from",
    .run = cmd_new,
    .operands = nothing,
};
