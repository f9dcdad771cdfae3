/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each fact has one source: uname(2), geteuid(2), and for netem the running
 * kernel's modules: loaded, loadable or built in. If it is none of these, there is no netem: a
 * scenario that needs it is then skipped, with the reason, not broken.
 */
#include "harness/plan/facts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/options/options.h"

#define MOST_CONTENT (4 << 20) /* what one call may be given to send is more than that */

static bool has_module(const char *release, const char *name)
{
	static const char *const suffixes[] = {"", ".xz", ".zst", ".gz"};
	char path[PATH_MAX], line[PATH_MAX];
	bool found = false;
	FILE *f;

	for (size_t i = 0; !found && i < ARRAY_SIZE(suffixes); i++) {
		snprintf(path, sizeof(path), "/lib/modules/%s/kernel/%s.ko%s", release, name,
			 suffixes[i]);
		found = access(path, F_OK) == 0;
	}
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", release);
	f = found ? NULL : fopen(path, "re");
	if (!f)
		return found;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, name) != NULL;
	fclose(f);
	return found;
}

void facts_gather(struct facts *f, char release[RELEASE_SIZE])
{
	struct utsname u;

	*f = (struct facts){.family = 4, .is_root = geteuid() == 0};
	uname(&u); /* fails only for a bad pointer */
	snprintf(release, RELEASE_SIZE, "%s", u.release);
	sscanf(release, "%d.%d.%d", &f->kernel[0], &f->kernel[1], &f->kernel[2]);
	f->has_netem = access("/sys/module/sch_netem", F_OK) == 0 ||
		       has_module(release, "net/sched/sch_netem");
}

/* A whole file; NULL: the option is not given. False: `error` says why it cannot be read. */
static bool read_content(struct arena *a, const char *option, const char *path,
			 struct content *content, const char **error)
{
	FILE *in = path ? fopen(path, "re") : NULL;
	char *bytes;
	size_t length;

	if (!path)
		return true;
	if (!in) {
		*error = arena_printf(a, "--%s: cannot read %s: %s", option, path, strerror(errno));
		return false;
	}
	bytes = arena_alloc(a, MOST_CONTENT + 1);
	errno = 0;
	length = fread(bytes, 1, MOST_CONTENT + 1, in);
	if (ferror(in))
		*error = arena_printf(a, "--%s: cannot read %s: %s", option, path, strerror(errno));
	else if (!length)
		*error = arena_printf(a, "--%s: %s is empty", option, path);
	else if (length > MOST_CONTENT)
		*error =
		    arena_printf(a, "--%s: %s has more than %d bytes", option, path, MOST_CONTENT);
	else
		*content = (struct content){bytes, length};
	fclose(in);
	return content->bytes;
}

bool facts_of_programs(struct facts *f, struct arena *a, const struct options *o,
		       const char **error)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		f->has_program[h] = o->program[h] != NULL;
	f->port = (int)o->port;
	return read_content(a, "answer", o->answer, &f->answer, error) &&
	       read_content(a, "ask", o->ask, &f->ask, error);
}

void facts_of_guest(struct facts *f)
{
	f->is_virtual = f->has_netem = f->is_root = f->is_elsewhere = true;
}
