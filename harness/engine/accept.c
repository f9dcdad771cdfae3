/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine accepts. The parser knows the whole language; the engine does not know all of it
 * yet. Lines that it cannot do are refused here by name and place, before anything runs. So are
 * sysctls and counters that this kernel does not have, with the nearest name that it has.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/calls/calls.h"
#include "harness/engine/engine.h"
#include "harness/packet/icmp.h"
#include "netns/lab.h"

/* Whether ICMP has an error of that name in the run's family. */
static bool accept_icmp(const struct run *run, const struct icmp_row *row, struct place at,
			struct diagnostics *c)
{
	if (!row || row->is_numbered || run->facts.family == 4 || row->v6_type >= 0)
		return true;
	diagnose(c, at, "ICMPv6 has no '%s'; `when family = 4` keeps this to IPv4", row->word);
	return false;
}

static bool accept_fault(const struct run *run, const struct line *line, struct diagnostics *c)
{
	const struct fault *f = &line->fault;

	return accept_icmp(run, f->answer, f->with_place, c) &&
	       (!f->pattern.has_segment || f->pattern.segment.kind != SEGMENT_ICMP ||
		accept_icmp(run, f->pattern.segment.icmp, f->pattern.segment.word_place, c));
}

static bool accept_forge(const struct run *run, const struct line *line, struct diagnostics *c)
{
	return accept_icmp(run, line->segment.icmp, line->segment.word_place, c);
}

static bool accept_call(const struct run *run, const struct line *line, struct diagnostics *c)
{
	const struct call_row *row = line->call.row;

	(void)run;
	if (!row || !row->later)
		return true;
	diagnose(c, line->call.name_place, "%s() cannot be called by this version yet: %s",
		 line->call.name, row->later);
	return false;
}

/* ---- sysctls ---- */

/* The name nearest to the last part of `path` in the directory that it should be in. */
static const char *nearest_entry(struct arena *a, const char *path)
{
	const char **names = NULL;
	size_t count = 0;
	char directory[512];
	char *slash;
	struct dirent *entry;
	DIR *dir;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	*slash = '\0';
	dir = opendir(directory);
	if (!dir)
		return NULL;
	while ((entry = readdir(dir)))
		*arena_push(a, names, count) = arena_strdup(a, entry->d_name);
	closedir(dir);
	*arena_push(a, names, count) = NULL;
	return nearest(slash + 1, names);
}

/*
 * The path of a sysctl. The lab's links do not exist on this machine, so `stand_in` is looked up
 * instead: it has the same files. False: the path is too long.
 */
static bool sysctl_path(struct arena *a, const char *name, const char *stand_in, char *path,
			size_t size)
{
	static const char *const links[] = {".client.", ".server.", ".eth0."};
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		const char *at = strstr(name, links[i]);

		if (at)
			name = arena_printf(a, "%.*s.%s.%s", (int)(at - name), name, stand_in,
					    at + strlen(links[i]));
	}
	length = (size_t)snprintf(path, size, "/proc/sys/%s", name);
	for (size_t i = 0; i < length && i < size; i++)
		if (path[i] == '.')
			path[i] = '/';
	return length < size;
}

/*
 * Only the machine's own namespace has a `default` for the settings of neighbours. In a container,
 * lo has them.
 */
static bool has_sysctl(struct arena *a, const char *name)
{
	char path[512];

	return (sysctl_path(a, name, "default", path, sizeof(path)) && !access(path, F_OK)) ||
	       (sysctl_path(a, name, "lo", path, sizeof(path)) && !access(path, F_OK));
}

static bool accept_sysctl(const struct run *run, const struct line *line, struct diagnostics *c)
{
	char path[512];
	const char *meant;

	if (lab_sysctl_is_shared(line->sysctl.name)) {
		diagnose(c, line->sysctl.name_place,
			 "sysctl '%s' is the machine's, not a network namespace's own",
			 line->sysctl.name);
		return false;
	}
	if (run->facts.is_elsewhere || has_sysctl(c->arena, line->sysctl.name))
		return true;
	meant = sysctl_path(c->arena, line->sysctl.name, "lo", path, sizeof(path))
		    ? nearest_entry(c->arena, path)
		    : NULL;
	if (meant)
		diagnose(c, line->sysctl.name_place,
			 "this kernel has no sysctl '%s'; did you mean %s?", line->sysctl.name,
			 meant);
	else
		diagnose(c, line->sysctl.name_place, "this kernel has no sysctl '%s'",
			 line->sysctl.name);
	return false;
}

/* ---- counters ---- */

/* The headings of a file in /proc/net, each with its group before it. */
static void read_counter_names(const char *file, struct arena *a, const char ***names,
			       size_t *count)
{
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	bool heading = true;

	while (in && getline(&line, &size, in) > 0) {
		char *rest = NULL;
		const char *prefix = heading ? strtok_r(line, ": \n", &rest) : NULL;
		const char *word;

		while (prefix && (word = strtok_r(NULL, " \n", &rest)))
			*arena_push(a, *names, *count) = arena_printf(a, "%s%s", prefix, word);
		heading = !heading;
	}
	free(line);
	if (in)
		fclose(in);
}

/*
 * The names of this kernel's counters, as nstat prints them, ended by NULL. Each file is read once;
 * the second, which is long, only if a name is not in the first.
 */
static const char **counter_names(size_t file_count)
{
	static const char *const files[] = {"/proc/net/snmp", "/proc/net/netstat"};
	static struct arena a;
	static const char **names;
	static size_t count, files_read;

	for (; files_read < file_count; files_read++) {
		read_counter_names(files[files_read], &a, &names, &count);
		*arena_push(&a, names, count) = NULL;
		count--;
	}
	return names;
}
#define COUNTER_FILES 2

static bool is_counter(const char *name)
{
	for (size_t n = 1; n <= COUNTER_FILES; n++) {
		const char **names = counter_names(n);

		while (*names && strcmp(*names, name))
			names++;
		if (*names)
			return true;
	}
	return false;
}

static bool accept_counters(const struct run *run, const struct line *line, struct diagnostics *c)
{
	bool fine = true;

	if (run->facts.is_elsewhere)
		return true;
	for (size_t i = 0; i < line->nstat.count && diagnostics_wanted(c); i++) {
		const struct counter *counter = &line->nstat.list[i];
		const char *meant;

		/*
		 * IPv6's counters are in a file of another form, which a kernel without IPv6 does
		 * not have.
		 */
		if (strstr(counter->name, "6") || is_counter(counter->name))
			continue;
		fine = false;
		meant = nearest(counter->name, counter_names(COUNTER_FILES));
		diagnose(c, counter->place, "this kernel has no counter '%s'%s%s%s", counter->name,
			 meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	}
	return fine;
}

static bool accept_ip(const struct run *run, const struct line *line, struct diagnostics *c)
{
	char error[256];
	size_t bad = 0;

	(void)run;
	if (lab_ip_check(line->actor.id, line->ip.words, line->ip.count, &bad, error,
			 sizeof(error)))
		return true;
	diagnose(c, bad < line->ip.count ? line->ip.places[bad] : line->place, "%s", error);
	return false;
}

/*
 * The router sees both ends, so it can distinguish packets that merely pass from the rest. It may
 * have seen and forgotten all copies of a duplicated packet before the fault reports it.
 */
static bool accept_capture(const struct run *run, const struct line *line, struct diagnostics *c)
{
	(void)line;
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *other = &run->lines[i];
		bool is_fault = other->kind == LINE_FAULT;
		bool is_own = is_fault && other->actor.id != HOST_ROUTER;
		bool doubles = is_fault && fault_rows[other->fault.verb].passes;

		if (!is_own && !doubles && other->kind != LINE_FORGE && other->kind != LINE_MUTE &&
		    other->kind != LINE_CRASH && other->kind != LINE_ACKS)
			continue;
		diagnose(c, other->place,
			 "with `capture headers` nothing is forged or duplicated, no ACK is exact, "
			 "and packets are lost at the router only");
		return false;
	}
	return true;
}

static bool (*const accept_table[LINE_KINDS])(const struct run *, const struct line *,
					      struct diagnostics *) = {
    [LINE_CALL] = accept_call,	 [LINE_FAULT] = accept_fault,	 [LINE_SYSCTL] = accept_sysctl,
    [LINE_IP] = accept_ip,	 [LINE_NSTAT] = accept_counters, [LINE_CAPTURE] = accept_capture,
    [LINE_FORGE] = accept_forge,
};

/* Whether a line makes another thread or process that makes calls. */
static bool makes_actor(const struct line *line)
{
	const struct call_row *row = line->kind == LINE_CALL ? line->call.row : NULL;

	return line->kind == LINE_BOOT || (row && row->returns == RETURNS_ACTOR);
}

bool engine_accepts(const struct run *run, struct diagnostics *c)
{
	size_t actors = 2; /* the client's and the server's first ones */
	bool fine = true;

	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		size_t diagnostics = c->count;

		c->used_at = line->used_at;
		if (makes_actor(line) && ++actors == MAX_ACTORS + 1) {
			diagnose(c, line->place, "at most %d threads and processes in one run",
				 MAX_ACTORS);
			fine = false;
		}
		if (accept_table[line->kind])
			fine = accept_table[line->kind](run, line, c) && fine;
		diagnostics_use(c, diagnostics, line->place, line_last(line));
	}
	c->used_at = (struct place){0};
	return fine;
}
