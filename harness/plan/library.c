/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the directory is read once, into a sorted list, and not even that for a word
 * that is the name of a file in one of the topics; a scenario's text only when it is asked for. A
 * word is first taken as a name of that list, then as a glob, then as a path. So a stray file in
 * the current directory can never replace a scenario of the library, and a path is never mistaken
 * for a misspelt name.
 */
#include "harness/plan/library.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/array.h"
#include "harness/base/readfile.h"
#include "harness/base/shown.h"

#define EXTENSION  ".tcp"
#define BEGINNINGS "beginnings"
#define FAILURES   "failures"

static bool has_extension(const char *name)
{
	size_t n = strlen(name), e = strlen(EXTENSION);

	return n > e && strcmp(name + n - e, EXTENSION) == 0;
}

static struct scenario scenario_at(struct arena *a, const char *topic, const char *path,
				   const char *name)
{
	return (struct scenario){
	    .name = shown(a, name),
	    .topic = topic,
	    .path = path,
	    .is_beginning = strcmp(topic, BEGINNINGS) == 0,
	    .is_failure = strcmp(topic, FAILURES) == 0,
	};
}

static void add_topic(struct library *l, const char *topic)
{
	const char *directory = arena_printf(l->arena, "%s/%s", l->directory, topic);
	DIR *d = opendir(directory);
	struct dirent *entry;

	if (!d) /* a file beside the topics, or not ours */
		return;
	while ((entry = readdir(d))) {
		const char *file = entry->d_name;

		if (file[0] == '.' || !has_extension(file))
			continue;
		*arena_push(l->arena, l->list, l->count) =
		    scenario_at(l->arena, topic, arena_printf(l->arena, "%s/%s", directory, file),
				arena_strndup(l->arena, file, strlen(file) - strlen(EXTENSION)));
	}
	closedir(d);
}

static int by_topic(const void *a, const void *b)
{
	const struct scenario *x = a, *y = b;
	int order = strcmp(x->topic, y->topic);

	return order ? order : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void library_open(struct library *l, struct arena *a, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;

	*l = (struct library){.arena = a, .directory = directory};
	if (!d) {
		l->problem = arena_printf(
		    a, "cannot read the scenarios in %s: %s; --library says where they are",
		    directory, strerror(errno));
		return;
	}
	while ((entry = readdir(d))) {
		if (entry->d_name[0] != '.')
			*arena_push(a, l->topics, l->topic_count) = arena_strdup(a, entry->d_name);
	}
	closedir(d);
	if (l->topic_count)
		qsort(l->topics, l->topic_count, sizeof(*l->topics), by_name);
}

void library_list(struct library *l)
{
	if (l->is_listed)
		return;
	l->is_listed = true;
	for (size_t i = 0; i < l->topic_count; i++)
		add_topic(l, l->topics[i]);
	if (l->count)
		qsort(l->list, l->count, sizeof(*l->list), by_topic);
}

/* The first of that name in the list, if it is one, without making the list. */
static const struct scenario *find_file(struct library *l, const char *name)
{
	struct stat st;

	if (!*name || *name == '.' || strchr(name, '/'))
		return NULL;
	for (size_t i = 0; i < l->topic_count; i++) {
		const char *path =
		    arena_printf(l->arena, "%s/%s/%s" EXTENSION, l->directory, l->topics[i], name);
		struct scenario *found;

		if (lstat(path, &st))
			continue;
		found = arena_new(l->arena, struct scenario);
		*found = scenario_at(l->arena, l->topics[i], path, name);
		return found;
	}
	return NULL;
}

static void add(struct library *l, struct selection *s, const struct scenario *scenario)
{
	*arena_push(l->arena, s->list, s->count) = scenario;
}

static bool is_named(const struct scenario *s, const char *word)
{
	size_t n = strlen(s->topic);

	return strcmp(s->name, word) == 0 || (strncmp(s->topic, word, n) == 0 && word[n] == '/' &&
					      strcmp(s->name, word + n + 1) == 0);
}

static bool add_glob(struct library *l, const char *glob, struct selection *s)
{
	size_t before = s->count;

	library_list(l);
	for (size_t i = 0; i < l->count; i++) {
		const struct scenario *x = &l->list[i];

		if (!x->is_beginning &&
		    (fnmatch(glob, x->name, 0) == 0 ||
		     fnmatch(glob, arena_printf(l->arena, "%s/%s", x->topic, x->name),
			     FNM_PATHNAME) == 0))
			add(l, s, x);
	}
	return s->count > before;
}

static void add_path(struct library *l, const char *path, struct selection *s)
{
	struct scenario *x = arena_new(l->arena, struct scenario);
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	x->path = path;
	x->name = shown(
	    l->arena, arena_strndup(l->arena, base,
				    strlen(base) - (has_extension(base) ? strlen(EXTENSION) : 0)));
	add(l, s, x);
}

static const char *unknown(struct library *l, const char *word)
{
	const char **names;
	size_t n = 0, also = 0;
	const char *near;

	while (l->also && l->also[also])
		also++;
	library_list(l);
	names = arena_alloc(l->arena, (l->count + also + 2) * sizeof(*names));
	if (l->problem)
		return l->problem;
	for (size_t i = 0; i < l->count; i++)
		names[n++] = l->list[i].name;
	names[n++] = "all";
	for (size_t i = 0; i < also; i++)
		names[n++] = l->also[i];
	near = nearest(word, names);
	if (near)
		return arena_printf(l->arena, "no scenario is called '%s'; did you mean %s?", word,
				    near);
	return arena_printf(l->arena, "no scenario is called '%s'; 'list' shows them all", word);
}

bool library_select(struct library *l, const char *word, struct selection *s, const char **error)
{
	const struct scenario *file;
	struct stat st;

	if (strcmp(word, "all") == 0) {
		if (add_glob(l, "*", s))
			return true;
		*error = l->problem
			     ? l->problem
			     : arena_printf(l->arena, "there are no scenarios in %s", l->directory);
		return false;
	}
	file = find_file(l, word);
	if (file) {
		add(l, s, file);
		return true;
	}
	library_list(l);
	for (size_t i = 0; i < l->count; i++) {
		if (is_named(&l->list[i], shown(l->arena, word))) {
			add(l, s, &l->list[i]);
			return true;
		}
	}
	if (strpbrk(word, "*?[") && add_glob(l, word, s))
		return true;
	if (strchr(word, '/') || has_extension(word) || stat(word, &st) == 0) {
		add_path(l, word, s);
		return true;
	}
	if (strpbrk(word, "*?[") && !l->problem)
		*error =
		    arena_printf(l->arena, "no scenario matches '%s'; 'list' shows them all", word);
	else
		*error = unknown(l, word);
	return false;
}

static bool has_text(struct library *l, const struct scenario *x, const char *word)
{
	const char *error = NULL;
	const struct source *source = source_read(l->arena, x->path, &error);

	return source && strcasestr(source->text, word);
}

bool library_search(struct library *l, const char *word, struct selection *s)
{
	size_t before = s->count;

	if (!*word)
		return false;
	library_list(l);
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->list[i].topic, word))
			add(l, s, &l->list[i]);
	if (s->count > before)
		return true;
	for (size_t i = 0; i < l->count; i++)
		if (!l->list[i].is_beginning && has_text(l, &l->list[i], word))
			add(l, s, &l->list[i]);
	return s->count > before;
}

static struct source *source_of(struct arena *a, const struct scenario *s)
{
	struct source *source = arena_new(a, struct source);

	*source = (struct source){shown(a, s->path), s->text, strlen(s->text)};
	return source;
}

const struct source *library_read(struct library *l, const struct scenario *s, const char **error)
{
	struct source *source = s->text ? source_of(l->arena, s)
					: source_read_within(l->arena, s->within, s->path, error);

	if (source)
		*error = NULL;
	return source;
}

struct script *library_load(struct library *l, const struct scenario *s, struct diagnostics *c,
			    const char **error)
{
	const struct source *source = library_read(l, s, error);
	size_t before = c->count;
	struct script *script;

	if (!source)
		return NULL;
	script = script_parse(l->arena, source, c);
	return c->count > before ? NULL : script;
}

/* Where to look first for the files that the scenario uses, with a slash; NULL: only in the
 * library. */
static const char *directory_of(struct library *l, const struct scenario *by)
{
	const char *slash = strrchr(by->path, '/');

	if (by->topic)
		return NULL;
	return slash ? arena_strndup(l->arena, by->path, slash + 1 - by->path) : "";
}

/* A file of that name in there, or in its directory `beginnings`. */
static const struct scenario *beside(struct library *l, const char *directory, const char *name)
{
	const char *below[] = {"", BEGINNINGS "/"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
		const char *path =
		    arena_printf(l->arena, "%s%s%s" EXTENSION, directory, below[i], name);

		if (stat(path, &st) == 0) {
			struct selection s = {0};

			add_path(l, path, &s);
			((struct scenario *)s.list[0])->within = directory;
			return s.list[0];
		}
	}
	return NULL;
}

static const struct scenario *in_library(struct library *l, const char *name, bool is_beginning)
{
	library_list(l);
	for (size_t i = 0; i < l->count; i++) {
		if (l->list[i].is_beginning == is_beginning && strcmp(l->list[i].name, name) == 0)
			return &l->list[i];
	}
	return NULL;
}

static struct script *used_before(const struct library *l, const char *directory, const char *name)
{
	for (size_t i = 0; i < l->used_count; i++) {
		const struct used_script *u = &l->used[i];

		if (!strcmp(u->name, name) && !u->directory == !directory &&
		    (!directory || !strcmp(u->directory, directory)))
			return u->script;
	}
	return NULL;
}

void library_forget_used(struct library *l)
{
	l->used_count = 0;
	l->used = NULL;
}

struct script *library_use(void *context, const char *name, struct place at, struct diagnostics *c)
{
	struct library_use *use = context;
	struct library *l = use->library;
	const char *directory = directory_of(l, use->by), *error = NULL;
	struct script *script = used_before(l, directory, name);
	const struct scenario *found;
	struct scenario used;

	if (script)
		return script;
	found = directory ? beside(l, directory, name) : NULL;
	if (!found)
		found = in_library(l, name, true);
	if (!found)
		found = in_library(l, name, false);
	if (!found) {
		diagnose(c, at, "%s", unknown(l, name));
		return NULL;
	}
	used = *found;
	if (!used.within)
		used.within = arena_printf(l->arena, "%s/", l->directory);
	script = library_load(l, &used, c, &error);
	if (error)
		diagnose(c, at, "%s", error);
	if (script)
		*arena_push(l->arena, l->used, l->used_count) =
		    (struct used_script){directory, arena_strdup(l->arena, name), script};
	return script;
}
