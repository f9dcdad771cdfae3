/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's counters, named as nstat names them: TcpActiveOpens is ActiveOpens of the line Tcp:
 * in /proc/net/snmp, TcpExtListenDrops that of TcpExt: in /proc/net/netstat; in /proc/net/snmp6
 * each line has its full name. The files are opened once, in the host's namespace, and show the
 * numbers of that namespace from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "netns/sockets.h"

#define FILE_SIZE 8192 /* more than most of them have; any length is possible */

/* The counters to read from the files: some by their names, or (`all`) all of them. */
struct gathering {
	struct counters *out;
	struct arena *all; /* where they are made; NULL: `out` has the names */
	size_t missing;
};

typedef void parse_fn(char *text, struct gathering *g);

/* Some hundred of them for each reading: not by printf. */
static const char *joined(struct arena *a, const char *group, const char *name)
{
	size_t length = strlen(group);
	char *text = arena_alloc(a, length + strlen(name) + 1);

	memcpy(text, group, length);
	strcpy(text + length, name);
	return text;
}

/* Its name is the group and the name, joined. */
static void add(struct gathering *g, const char *group, const char *name, const char *value)
{
	const size_t length = strlen(group);
	struct counters *out = g->out;

	if (g->all) {
		*arena_push(g->all, out->list, out->count) = (struct counter_value){
		    joined(g->all, group, name), strtoll(value, NULL, 10), true};
		return;
	}
	for (size_t i = 0; i < out->count; i++) {
		struct counter_value *v = &out->list[i];

		if (v->found || strncmp(v->name, group, length) || strcmp(v->name + length, name))
			continue;
		v->value = strtoll(value, NULL, 10);
		v->found = true;
		g->missing--;
	}
}

/* Pairs of lines: "Tcp: ActiveOpens ..", "Tcp: 0 ..". */
static void parse_table(char *text, struct gathering *g)
{
	char *next = NULL;

	for (char *names = strtok_r(text, "\n", &next); names;
	     names = strtok_r(NULL, "\n", &next)) {
		char *values = strtok_r(NULL, "\n", &next);
		char *next_name = NULL, *next_value = NULL;
		const char *group = strtok_r(names, ":", &next_name);
		const char *name, *value;

		if (!values || !group)
			return;
		strtok_r(values, ":", &next_value);
		while ((name = strtok_r(NULL, " ", &next_name)) &&
		       (value = strtok_r(NULL, " ", &next_value)))
			add(g, group, name, value);
	}
}

/* Lines of a name and a value. */
static void parse_list(char *text, struct gathering *g)
{
	char *next = NULL;

	for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		char *rest = NULL;
		const char *name = strtok_r(line, " \t", &rest);
		const char *value = strtok_r(NULL, " \t", &rest);

		if (name && value)
			add(g, "", name, value);
	}
}

static const struct {
	const char *path;
	parse_fn *parse;
	bool optional; /* not there on a kernel without IPv6 */
} files[] = {
    {"/proc/thread-self/net/snmp", parse_table, false},
    {"/proc/thread-self/net/netstat", parse_table, false},
    {"/proc/thread-self/net/snmp6", parse_list, true},
};
#define FILES ARRAY_SIZE(files)

static bool fail(struct sockets *s, enum host host, const char *path, const char *why)
{
	snprintf(s->error, sizeof(s->error), "%s: %s: %s", host_name(host), path, why);
	return false;
}

static bool open_files(struct sockets *s, enum host host)
{
	bool done = true;

	if (s->counters[host][0] > 0)
		return true;
	if (!lab_enter(s->lab, host))
		return fail(s, host, "counters", s->lab->error);
	for (size_t i = FILES; done && i-- > 0;) {
		int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			s->counters[host][i] = fd;
		else if (!files[i].optional)
			done = fail(s, host, files[i].path, strerror(errno));
	}
	lab_leave(s->lab);
	return done;
}

/* The contents of a file, valid until the next one is read: the names are copied from it. NULL:
 * errno. */
static char *read_all(int fd)
{
	static char *text;
	static size_t size;
	size_t used = 0;

	/* Each reading from its start makes such a file again. */
	for (;;) {
		ssize_t n;

		if (used + 1 >= size) {
			char *more = realloc(text, size + FILE_SIZE);

			if (!more)
				return NULL;
			text = more;
			size += FILE_SIZE;
		}
		n = pread(fd, text + used, size - used - 1, (off_t)used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NULL;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
	return text;
}

/* The files are long: when everything is found, the rest is not read. */
static bool gather(struct sockets *s, enum host host, struct gathering *g)
{
	if (host < 0 || host >= LAB_HOSTS)
		return fail(s, host, "counters", "no such host");
	if (!open_files(s, host))
		return false;
	for (size_t i = 0; i < FILES && (g->all || g->missing); i++) {
		char *text;

		if (s->counters[host][i] <= 0)
			continue;
		text = read_all(s->counters[host][i]);
		if (!text)
			return fail(s, host, files[i].path, strerror(errno));
		files[i].parse(text, g);
	}
	return true;
}

bool sockets_counters(struct sockets *s, enum host host, struct arena *a, struct counters *out)
{
	*out = (struct counters){0};
	return gather(s, host, &(struct gathering){.out = out, .all = a});
}

bool sockets_count(struct sockets *s, enum host host, struct counters *some)
{
	for (size_t i = 0; i < some->count; i++)
		some->list[i].found = false;
	return gather(s, host, &(struct gathering){.out = some, .missing = some->count});
}
