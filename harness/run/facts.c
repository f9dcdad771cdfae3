/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each fact has one source: uname(2), geteuid(2), and for netem the running
 * kernel's modules: loaded, loadable or built in. If it is none of these, there is no netem: a
 * scenario that needs it is then skipped, with the reason, not broken.
 */
#include "harness/run/facts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/cli/options.h"

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

void facts_of_programs(struct facts *f, const struct options *o)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		f->has_program[h] = o->program[h] != NULL;
}

void facts_of_guest(struct facts *f)
{
	f->is_virtual = f->has_netem = f->is_root = f->is_elsewhere = true;
}
