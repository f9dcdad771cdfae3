/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run the same scenarios on both kernels, each with a results directory of its
 * own, by this very program; then compare what they left. A transcript of a run that passed has
 * nothing in it that differs from run to run (no address, port, initial number; a time that holds
 * is printed as written), so what is left is behaviour: a branch of a `when`, or a line marked
 * because it did not hold.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/linediff.h"
#include "harness/base/text.h"
#include "harness/commands.h"
#include "harness/guest/guest.h"

#define HOST "host" /* stands for the running kernel */

struct side {
	const char *name;
	const char *kernel;  /* as on the command line */
	const char *results; /* what was left there: a directory for each run */
};

static int discard(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* ---- running ---- */

static _Noreturn void become_run(const struct options *o, struct arena *a, const char *kernel,
				 const char *root)
{
	const char **argv = arena_alloc(a, (o->word_count + 16) * sizeof(*argv));
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	size_t n = 0;

	argv[n++] = "tcplab";
	argv[n++] = "--quiet";
	argv[n++] = "--results";
	argv[n++] = root;
	if (strcmp(kernel, HOST) != 0) {
		argv[n++] = "--kernel";
		argv[n++] = kernel;
	}
	if (o->library) {
		argv[n++] = "--library";
		argv[n++] = o->library;
	}
	if (o->families & FAMILY_4)
		argv[n++] = "-4";
	if (o->families & FAMILY_6)
		argv[n++] = "-6";
	argv[n++] = "run";
	for (size_t i = 2; i < o->word_count; i++)
		argv[n++] = o->words[i];
	if (o->word_count == 2)
		argv[n++] = "all";
	dup2(null, STDOUT_FILENO);
	execv("/proc/self/exe", (char *const *)argv);
	_exit(EXIT_BROKEN);
}

/* The one directory in there: results are kept by kernel release. */
static const char *only_entry(struct arena *a, const char *root)
{
	const char *found = NULL;
	struct dirent *entry;
	DIR *dir = opendir(root);

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			found = arena_printf(a, "%s/%s", root, entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

/*
 * The run's exit status: failed scenarios are a difference like others; else -1 stands for success.
 */
static int run_side(const struct options *o, struct arena *a, struct side *side,
		    const char *directory)
{
	const char *root = arena_printf(a, "%s/%s", directory, side->name);
	int status = -1;
	pid_t pid;

	if (side->results) /* both sides may be the same kernel */
		return EXIT_PASSED;
	if (mkdir(root, 0777) < 0 && errno != EEXIST)
		return EXIT_BROKEN;
	pid = fork();
	if (!pid)
		become_run(o, a, side->kernel, root);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return EXIT_INTERRUPTED;
	side->results = only_entry(a, root);
	return WEXITSTATUS(status);
}

/* ---- comparing ---- */

/* A setting that only one kernel has, made so that both behave alike, is not behaviour. */
static bool is_setting(const char *line)
{
	const char *word = strpbrk(line, " \t");

	return word && !strncmp(word + strspn(word, " \t"), "sysctl ", 7);
}

static const char *read_transcript(struct arena *a, const struct side *side, const char *name)
{
	FILE *in = fopen(arena_printf(a, "%s/%s/transcript.txt", side->results, name), "re");
	struct text text;
	char *line = NULL;
	size_t size = 0;
	FILE *out;

	if (!in)
		return NULL;
	out = text_open(&text);
	while (getline(&line, &size, in) > 0)
		if (!is_setting(line))
			fputs(line, out);
	free(line);
	fclose(in);
	return text_close(&text, a);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Prints every difference; the number of runs that differ, -1: the results cannot be read. */
static int compare(struct arena *a, const struct side *old, const struct side *new)
{
	int differing = 0, same = 0, alone = 0, count;
	struct dirent **names;

	count = scandir(old->results, &names, is_visible, by_name);
	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		const char *before = read_transcript(a, old, name);
		const char *after = read_transcript(a, new, name);

		if (!before || !after)
			alone++;
		else if (linediff_print(stdout, a, arena_printf(a, "%s/%s", old->kernel, name),
					before, arena_printf(a, "%s/%s", new->kernel, name), after))
			differing++;
		else
			same++;
	}
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	printf("%s%d agree, %d differ", differing ? "\n" : "", same, differing);
	if (alone)
		printf(", %d not run on both", alone);
	puts("");
	return differing;
}

int cmd_diff(const struct options *o, struct library *l)
{
	char directory[] = "/tmp/tcplab-diff-XXXXXX";
	struct arena *a = l->arena;
	struct side old, new;
	int status, differing = 0;

	if (o->word_count < 2) {
		fprintf(stderr, "tcplab: diff which kernels? two of them, `" HOST
				"` is the running one: diff 6.1 6.12 [NAME...]\n");
		return EXIT_USAGE;
	}
	old = (struct side){.name = "old", .kernel = o->words[0]};
	new = (struct side){.name = "new", .kernel = o->words[1]};
	if (!mkdtemp(directory)) {
		fprintf(stderr, "tcplab: no directory can be made in /tmp: %s\n", strerror(errno));
		return EXIT_BROKEN;
	}
	status = run_side(o, a, &old, directory);
	if (status <= EXIT_FAILED && !strcmp(old.kernel, new.kernel))
		new.results = old.results;
	if (status <= EXIT_FAILED)
		status = run_side(o, a, &new, directory);
	if (status <= EXIT_FAILED)
		differing = compare(a, &old, &new);
	nftw(directory, discard, 16, FTW_PHYS | FTW_DEPTH);
	if (status > EXIT_FAILED)
		return status;
	return differing < 0 ? EXIT_BROKEN : differing ? EXIT_FAILED : EXIT_PASSED;
}
