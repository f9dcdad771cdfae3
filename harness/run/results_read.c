/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each directory and file is opened by its name in the open directory above
 * it, with O_NOFOLLOW, so nothing outside of the root is ever read, whatever is exchanged
 * meanwhile. A file is examined after it was opened without blocking. Entries are read in the order
 * of their names, so that the same directories always give the same message.
 *
 * A root holds directories of kernels, and whatever else somebody has put there (a report in a
 * file, results/coverage): regular files are passed over, and so are directories in which no run
 * has left anything.
 */
#include "harness/run/results_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/report/report_json.h"
#include "harness/run/left_files.h"

#define MOST_BYTES   (64 * 1024 * 1024) /* of a file; the library's largest are some 100 KB */
#define MOST_ENTRIES 1000000		/* of a directory */
#define RESULT	     (left_files[LEFT_RESULT].name)
#define UNFINISHED   ".tcplab-unfinished-"

static bool wrong(struct arena *a, const char **error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool wrong(struct arena *a, const char **error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*error = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- files ---- */

int left_open_directory(int directory, const char *name)
{
	return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int left_open(const char *root, const char *kernel, const char *name)
{
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = top < 0 ? -1 : left_open_directory(top, kernel), run, why;

	if (fd >= 0 && name) {
		run = left_open_directory(fd, name);
		why = errno;
		close(fd);
		errno = why;
		fd = run;
	}
	why = errno;
	if (top >= 0)
		close(top);
	errno = why;
	return fd;
}

int left_open_file(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static const char *what_is_wrong(int why)
{
	switch (why) {
	case ELOOP:
	case ENOTDIR:
		return "a link, or not a directory; only directories are read here";
	case EINVAL:
	case ENXIO: /* a socket, or a pipe that nobody reads */
		return "not a regular file";
	default:
		return strerror(why);
	}
}

/* -1: it is too long; -2: errno says why not. */
static ssize_t read_bounded(int fd, char *text, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size && (n = read(fd, text + have, size - have)) != 0) {
		if (n < 0 && errno != EINTR)
			return -2;
		have += n > 0 ? (size_t)n : 0;
	}
	return have == size ? -1 : (ssize_t)have;
}

const char *left_text(struct arena *a, int directory, const char *name, size_t most)
{
	int fd = left_open_file(directory, name);
	char *text = fd < 0 ? NULL : malloc(most + 1);
	ssize_t length = text ? read_bounded(fd, text, most + 1) : -1;
	const char *kept = length < 0 ? NULL : arena_strndup(a, text, (size_t)length);

	free(text);
	if (fd >= 0)
		close(fd);
	return kept;
}

static json_t *parse(struct arena *a, const char *path, const char *text, size_t length,
		     const char **error)
{
	json_error_t why;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);

	if (json && json_is_object(json))
		return json;
	if (json)
		wrong(a, error, "%s:1:1: not a JSON object", path);
	else
		wrong(a, error, "%s:%d:%d: not JSON: %s", path, why.line,
		      why.column > 0 ? why.column : 1, why.text);
	json_decref(json);
	return NULL;
}

/* NULL without an error: there is no such file. */
static json_t *read_json(struct arena *a, int directory, const char *path, const char *name,
			 const char **error)
{
	int fd = left_open_file(directory, name);
	json_t *json = NULL;
	struct stat st;
	ssize_t length;
	char *text;

	*error = NULL;
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &st) < 0) {
		wrong(a, error, "%s/%s: %s", path, name, what_is_wrong(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	/* One byte more, so that a file that grows is noticed. */
	text = st.st_size <= MOST_BYTES ? malloc((size_t)st.st_size + 1) : NULL;
	length = text ? read_bounded(fd, text, (size_t)st.st_size + 1) : -1;
	if (length >= 0)
		json = parse(a, arena_printf(a, "%s/%s", path, name), text, (size_t)length, error);
	else if (length == -2)
		wrong(a, error, "%s/%s: %s", path, name, strerror(errno));
	else
		wrong(a, error, "%s/%s: too large: %lld bytes, at most %d", path, name,
		      (long long)st.st_size, MOST_BYTES);
	free(text);
	close(fd);
	return json;
}

json_t *result_read(struct arena *a, const char *directory, const char *name, const char **error)
{
	const char *path = arena_printf(a, "%s/%s", directory, name);
	int top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = top < 0 ? -1 : left_open_directory(top, name);
	json_t *json = NULL;

	*error = NULL;
	if (fd >= 0)
		json = read_json(a, fd, path, RESULT, error);
	else if (errno != ENOENT)
		wrong(a, error, "%s: %s", path, what_is_wrong(errno));
	if (fd >= 0)
		close(fd);
	if (top >= 0)
		close(top);
	return json;
}

/* ---- entries ---- */

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorted. */
static bool list(struct arena *a, int directory, const char *path, struct result_entries *entries,
		 const char **error)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	*entries = (struct result_entries){0};
	if (!d) {
		wrong(a, error, "%s: %s", path, strerror(errno));
		if (copy >= 0)
			close(copy);
		return false;
	}
	while ((entry = readdir(d)) && entries->count < MOST_ENTRIES) {
		const char *name = entry->d_name;

		if (!strcmp(name, ".") || !strcmp(name, "..") ||
		    !strncmp(name, UNFINISHED, strlen(UNFINISHED)))
			continue;
		*arena_push(a, entries->names, entries->count) = arena_strdup(a, name);
	}
	closedir(d);
	if (entries->count == MOST_ENTRIES)
		return wrong(a, error, "%s: more than %d entries", path, MOST_ENTRIES);
	if (entries->count)
		qsort(entries->names, entries->count, sizeof(*entries->names), by_name);
	return true;
}

static mode_t kind_of(int directory, const char *name)
{
	struct stat st;

	return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode & S_IFMT;
}

bool result_entries(struct arena *a, const char *directory, struct result_entries *entries,
		    const char **error)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool read;

	*entries = (struct result_entries){0};
	*error = NULL;
	if (fd < 0)
		return errno == ENOENT || wrong(a, error, "%s: %s", directory, strerror(errno));
	read = list(a, fd, directory, entries, error);
	close(fd);
	return read;
}

/* ---- rounds ---- */

#define ROUND ",round="

/* Past ",round=2", if that is there. */
static const char *past_round(const char *at)
{
	size_t digits =
	    strncmp(at, ROUND, strlen(ROUND)) == 0 ? strspn(at + strlen(ROUND), "0123456789") : 0;

	return digits ? at + strlen(ROUND) + digits : at;
}

const char *first_round(struct arena *a, const char *name)
{
	const char *comma = strrchr(name, ',');

	if (!comma || past_round(comma) == comma || *past_round(comma))
		return name;
	return arena_strndup(a, name, (size_t)(comma - name));
}

/* Past "@20260101T000000.000001" (results.c), if that is there. */
static const char *past_time(const char *at)
{
	static const char like[] = "@00000000T000000.000000";
	size_t i = 0;

	while (like[i] && (like[i] == '0' ? at[i] >= '0' && at[i] <= '9' : at[i] == like[i]))
		i++;
	return like[i] ? at : at + i;
}

/* When it was made: the directory of a result is never changed. */
static ns_t made_at(int directory, const char *entry)
{
	struct stat st;

	return fstatat(directory, entry, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : ns_of(st.st_mtim);
}

/* An invocation begins with the first round; what is older than the newest one is of others. */
struct last {
	const char *directory, *name;
	const struct result_entries *listed;
	int fd;
	const char *first; /* NULL: none */
	ns_t began;
};

/* The rest of the entry's name, if it is of that run; NULL: it is not. */
static const char *rest_of(const struct last *last, const char *entry)
{
	size_t length = strlen(last->name);
	const char *rest = entry + length;

	return !strncmp(entry, last->name, length) && !*past_time(past_round(rest)) ? rest : NULL;
}

static void find_first(struct last *last)
{
	for (size_t i = 0; i < last->listed->count; i++) {
		const char *entry = last->listed->names[i], *rest = rest_of(last, entry);
		ns_t made = rest && past_round(rest) == rest ? made_at(last->fd, entry) : 0;

		if (!made || made < last->began)
			continue;
		last->first = entry;
		last->began = made;
	}
}

static bool has_failed(struct arena *a, const struct last *last, const char *entry,
		       const char **error)
{
	json_t *json = result_read(a, last->directory, entry, error);
	const char *verdict = json_string_value(json_object_get(json, "verdict"));
	bool failed = verdict && (!strcmp(verdict, verdict_names[VERDICT_FAIL]) ||
				  !strcmp(verdict, verdict_names[VERDICT_BROKEN]));

	json_decref(json);
	return failed;
}

static bool is_later_round(const struct last *last, const char *entry)
{
	const char *rest = rest_of(last, entry);

	return rest && past_round(rest) != rest && made_at(last->fd, entry) >= last->began;
}

bool result_failed(struct arena *a, const char *directory, const struct result_entries *listed,
		   const char *name, const char **error)
{
	struct last last = {
	    .directory = directory,
	    .name = name,
	    .listed = listed,
	    .fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	bool failed;

	*error = NULL;
	find_first(&last);
	failed = last.first && has_failed(a, &last, last.first, error);
	for (size_t i = 0; i < listed->count && !failed && !*error; i++)
		if (is_later_round(&last, listed->names[i]))
			failed = has_failed(a, &last, listed->names[i], error);
	if (last.fd >= 0)
		close(last.fd);
	return failed;
}

/* ---- one run ---- */

int verdict_weight(enum verdict v)
{
	static const int weights[VERDICT_COUNT] = {
	    [VERDICT_SKIP] = 0,
	    [VERDICT_PASS] = 1,
	    [VERDICT_BROKEN] = 2,
	    [VERDICT_FAIL] = 3,
	};

	return weights[v];
}

/* Reading one directory of a kernel. */
struct reading {
	struct arena *a;
	const char *root, *kernel, *path;
	int fd;
	struct remains *remains;
	const char **error;
};

static const char *text_at(struct arena *a, const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? arena_strdup(a, text) : NULL;
}

static bool read_verdict(struct reading *r, const char *path, const json_t *json, enum verdict *v)
{
	const char *text = text_at(r->a, json, "verdict");

	for (*v = VERDICT_PASS; text && *v < VERDICT_COUNT; ++*v)
		if (*v != VERDICT_UNSURE && !strcmp(text, verdict_names[*v]))
			return true;
	return wrong(r->a, r->error, "%s: its verdict is %s, not pass, fail, skip or broken", path,
		     text ? text : "not there");
}

static bool read_format(struct arena *a, const char *path, const json_t *json, const char **error)
{
	const json_t *format = json_object_get(json, "format");

	if (json_is_integer(format) && json_integer_value(format) == REPORT_JSON_FORMAT)
		return true;
	return wrong(a, error, "%s: not of format %d, which this program reads", path,
		     REPORT_JSON_FORMAT);
}

static const char *reason_of(struct arena *a, const json_t *json)
{
	static const char *const keys[] = {"diagnostic", "broken", "skipped", NULL};
	const json_t *problem = json_array_get(json_object_get(json, "problems"), 0);
	const char *file = text_at(a, problem, "file"), *message = text_at(a, problem, "message");

	for (size_t i = 0; keys[i]; i++)
		if (json_is_string(json_object_get(json, keys[i])))
			return text_at(a, json, keys[i]);
	if (!message || !file)
		return message;
	return arena_printf(a, "%s:%lld: %s", file,
			    (long long)json_integer_value(json_object_get(problem, "file_line")),
			    message);
}

/* With --keep the directory has the run's name, @ and a time. */
static bool is_name_of(const char *directory, const char *name)
{
	size_t length = strlen(name);

	return *name && !strncmp(directory, name, length) &&
	       (!directory[length] || directory[length] == '@');
}

static bool take_run(struct reading *r, const char *entry, const json_t *json)
{
	struct arena *a = r->a;
	const char *place = arena_printf(a, "%s/%s", r->path, entry);
	const char *path = arena_printf(a, "%s/%s", place, RESULT);
	struct left left = {
	    .run = text_at(a, json, "name"),
	    .kernel = text_at(a, json, "kernel"),
	    .root = r->root,
	    .place = place,
	    .reason = reason_of(a, json),
	    .by_kernel = json_is_true(json_object_get(json, "by_kernel")),
	};

	if (!read_format(a, path, json, r->error) || !read_verdict(r, path, json, &left.verdict))
		return false;
	if (!left.run || !is_name_of(entry, left.run))
		return wrong(a, r->error, "%s: it is of the run %s, and its directory is %s", path,
			     left.run ? left.run : "without a name", entry);
	if (!left.kernel || strcmp(left.kernel, r->kernel) != 0)
		return wrong(a, r->error, "%s: it is of the kernel %s, and its directory is %s",
			     path, left.kernel ? left.kernel : "without a name", r->kernel);
	*arena_push(a, r->remains->runs, r->remains->run_count) = left;
	return true;
}

static bool read_run(struct reading *r, const char *entry)
{
	const char *path = arena_printf(r->a, "%s/%s", r->path, entry);
	int fd = left_open_directory(r->fd, entry);
	json_t *json;
	bool read;

	if (fd < 0)
		return wrong(r->a, r->error, "%s: %s", path, what_is_wrong(errno));
	json = read_json(r->a, fd, path, RESULT, r->error);
	close(fd);
	read = json ? take_run(r, entry, json) : !*r->error; /* of a table there is only that */
	json_decref(json);
	return read;
}

/* ---- one roster ---- */

static bool read_names(struct arena *a, const json_t *json, const char *key, const char ***names,
		       size_t *count)
{
	const json_t *list = json_object_get(json, key);
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return false;
		*arena_push(a, *names, *count) = arena_strdup(a, json_string_value(item));
	}
	return json_is_array(list);
}

static bool take_roster(struct reading *r, const char *name, const json_t *json)
{
	struct arena *a = r->a;
	const char *path = arena_printf(a, "%s/%s", r->path, name);
	struct roster roster = {.kernel = r->kernel};
	json_int_t nth = json_integer_value(json_object_get(json, "shard"));
	json_int_t of = json_integer_value(json_object_get(json, "of"));
	const char *kernel = text_at(a, json, "kernel");

	if (!read_format(a, path, json, r->error))
		return false;
	if (of > MOST_SHARES)
		return wrong(a, r->error, "%s: it is one of %lld shares; %d are the most", path,
			     (long long)of, MOST_SHARES);
	if (nth < 1 || nth > of || strcmp(name, roster_name(a, (int)nth, (int)of)) != 0)
		return wrong(a, r->error,
			     "%s: its shard is %lld of %lld, which its name does not say", path,
			     (long long)nth, (long long)of);
	if (!kernel || strcmp(kernel, r->kernel) != 0)
		return wrong(a, r->error, "%s: it is of the kernel %s, and its directory is %s",
			     path, kernel ? kernel : "without a name", r->kernel);
	roster.nth = (int)nth;
	roster.of = (int)of;
	if (!read_names(a, json, "runs", &roster.own, &roster.own_count) ||
	    !read_names(a, json, "all", &roster.all, &roster.all_count))
		return wrong(a, r->error, "%s: its runs are no lists of names", path);
	*arena_push(a, r->remains->rosters, r->remains->roster_count) = roster;
	return true;
}

static bool read_file(struct reading *r, const char *name)
{
	json_t *json;
	bool read;

	if (!strcmp(name, RESULT))
		return wrong(r->a, r->error,
			     "%s/%s: results of runs are in DIR/KERNEL/NAME; name the DIR above "
			     "the one of the kernel",
			     r->path, RESULT);
	if (!roster_is_name(name))
		return true;
	json = read_json(r->a, r->fd, r->path, name, r->error);
	read = json && take_roster(r, name, json);
	json_decref(json);
	return read;
}

/* ---- all of them ---- */

static bool read_entry(struct reading *r, const char *name)
{
	switch (kind_of(r->fd, name)) {
	case S_IFDIR:
		return read_run(r, name);
	case S_IFREG:
		return read_file(r, name);
	case S_IFLNK:
		return wrong(r->a, r->error, "%s/%s: %s", r->path, name, what_is_wrong(ELOOP));
	default:
		return true;
	}
}

static bool read_kernel(struct arena *a, const char *root, int top, const char *kernel,
			struct remains *remains, const char **error)
{
	struct reading r = {a,	root,	 kernel, arena_printf(a, "%s/%s", root, kernel),
			    -1, remains, error};
	struct result_entries entries;
	bool read;

	r.fd = left_open_directory(top, kernel);
	if (r.fd < 0)
		return wrong(a, error, "%s: %s", r.path, what_is_wrong(errno));
	read = list(a, r.fd, r.path, &entries, error);
	for (size_t i = 0; read && i < entries.count; i++)
		read = read_entry(&r, entries.names[i]);
	close(r.fd);
	return read;
}

bool remains_read(struct arena *a, const char *root, const char *kernel, struct remains *remains,
		  const char **error)
{
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct result_entries entries;
	bool read;

	*error = NULL;
	if (top < 0)
		return wrong(a, error, "cannot read the results in %s: %s", root, strerror(errno));
	read = list(a, top, root, &entries, error);
	for (size_t i = 0; read && i < entries.count; i++) {
		const char *name = entries.names[i];
		mode_t kind = kind_of(top, name);

		if (kernel && strcmp(kernel, name) != 0)
			continue;
		if (kind == S_IFDIR)
			read = read_kernel(a, root, top, name, remains, error);
		else if (kind == S_IFLNK)
			read = wrong(a, error, "%s/%s: %s", root, name, what_is_wrong(ELOOP));
	}
	close(top);
	return read;
}
