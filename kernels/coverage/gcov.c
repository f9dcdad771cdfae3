/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gcov(1) looks for a file's notes where its counters are. So both are linked into one directory,
 * and gcov is run there once for all files of a run. Of what it says, the headers are left out:
 * only the files that were compiled are of interest.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "kernels/coverage/coverage.h"

#define NOTES ".gcno"
#define DATA  ".gcda"

static bool ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), k = strlen(ending);

	return n > k && strcmp(name + n - k, ending) == 0;
}

static bool complain(const char *what)
{
	fprintf(stderr, "coverage: %s: %s\n", what, strerror(errno));
	return false;
}

/* The notes of ipv4-tcp are net/ipv4/tcp.gcno; NULL: there are none. */
static const char *notes_path(struct arena *a, const char *objects, const char *stem)
{
	int dash = (int)strcspn(stem, "-");
	const char *path = stem[dash] ? arena_printf(a, "%s/net/%.*s/%s" NOTES, objects, dash, stem,
						     stem + dash + 1)
				      : NULL;

	return path && access(path, R_OK) == 0 ? path : NULL;
}

/* Link counters and notes; the names of the counters' files become gcov's arguments. */
static bool link_all(struct arena *a, const char *objects, const char *data, const char *scratch,
		     const char ***names, size_t *count)
{
	DIR *d = opendir(data);
	struct dirent *entry;

	if (!d)
		return complain(data);
	while ((entry = readdir(d))) {
		const char *name = entry->d_name, *stem, *notes;

		if (!ends_with(name, DATA))
			continue;
		stem = arena_printf(a, "%.*s", (int)(strlen(name) - strlen(DATA)), name);
		notes = notes_path(a, objects, stem);
		if (!notes)
			continue;
		if (symlink(arena_printf(a, "%s/%s", data, name),
			    arena_printf(a, "%s/%s", scratch, name)) < 0 ||
		    symlink(notes, arena_printf(a, "%s/%s" NOTES, scratch, stem)) < 0) {
			closedir(d);
			return complain(scratch);
		}
		*(const char **)arena_push(a, *names, *count) = arena_strdup(a, name);
	}
	closedir(d);
	if (*count)
		return true;
	fprintf(stderr, "coverage: %s: there are no counters of a kernel there\n", data);
	return false;
}

static FILE *start_gcov(struct arena *a, const char *scratch, const char **names, size_t count,
			pid_t *pid)
{
	static const char *const fixed[] = {"gcov", "--json-format", "--stdout",
					    "--branch-probabilities"};
	const size_t n = ARRAY_SIZE(fixed);
	const char **argv = arena_alloc(a, (n + count + 1) * sizeof(*argv));
	int ends[2];

	memcpy(argv, fixed, sizeof(fixed));
	memcpy(argv + n, names, count * sizeof(*names));
	if (pipe(ends) < 0)
		return NULL;
	*pid = fork();
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (!chdir(scratch))
			execvp(argv[0], (char *const *)argv);
		complain(argv[0]);
		_exit(127);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

/* Whether the source is what the counters' file is of: net/ipv4/tcp.c of ipv4-tcp.gcda. */
static bool is_of(const char *source, const char *data)
{
	const char *base = strrchr(source, '/'), *name = strrchr(data, '/');
	size_t stem;

	base = base ? base + 1 : source;
	name = name ? name + 1 : data;
	name += strcspn(name, "-");
	name += *name == '-';
	stem = strlen(name) - strlen(DATA);
	return ends_with(name, DATA) && strncmp(base, name, stem) == 0 &&
	       strcmp(base + stem, ".c") == 0;
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void tell_file(const json_t *file, FILE *out)
{
	const char *path = json_string_value(json_object_get(file, "file"));
	const char *net = strstr(path, "net/");
	const json_t *item, *branch;
	size_t i, k;

	fprintf(out, "F %s\n", net ? net : path);
	json_array_foreach(json_object_get(file, "functions"), i, item)
		fprintf(out, "U %lld %lld %d %s\n", number(item, "start_line"),
			number(item, "end_line"), number(item, "execution_count") > 0,
			json_string_value(json_object_get(item, "name")));
	json_array_foreach(json_object_get(file, "lines"), i, item) {
		fprintf(out, "L %lld %d ", number(item, "line_number"), number(item, "count") > 0);
		json_array_foreach(json_object_get(item, "branches"), k, branch)
			putc(number(branch, "count") > 0 ? '1' : '0', out);
		putc('\n', out);
	}
}

static bool tell_all(FILE *in, FILE *out)
{
	json_error_t error;
	json_t *document;

	while ((document = json_loadf(in, JSON_DISABLE_EOF_CHECK, &error))) {
		const char *data = json_string_value(json_object_get(document, "data_file"));
		const json_t *file;
		size_t i;

		json_array_foreach(json_object_get(document, "files"), i, file)
			if (data && is_of(json_string_value(json_object_get(file, "file")), data))
				tell_file(file, out);
		json_decref(document);
	}
	if (feof(in))
		return true;
	fprintf(stderr, "coverage: gcov's JSON: %s\n", error.text);
	return false;
}

bool gcov_tell(const char *objects, const char *data, const char *scratch, FILE *out)
{
	struct arena a = {0};
	const char **names = NULL;
	size_t count = 0;
	bool done = false;
	int status = 0;
	pid_t pid = -1;
	FILE *in;

	if (link_all(&a, objects, data, scratch, &names, &count)) {
		in = start_gcov(&a, scratch, names, count, &pid);
		if (in && pid > 0) {
			done = tell_all(in, out);
			fclose(in);
			waitpid(pid, &status, 0);
			done = done && !status;
		} else {
			complain("gcov");
		}
	}
	arena_free(&a);
	return done;
}
