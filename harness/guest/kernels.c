/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding a kernel: by the name under which kernels/build.sh has built it, or by the path of a UML
 * binary. The binary itself reports its release (--version).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/home.h"
#include "harness/base/shortage.h"
#include "harness/base/signals.h"
#include "harness/base/trust.h"
#include "harness/guest/guest.h"

static const char *cannot_ask(struct arena *a)
{
	return shortage_mend(
	    a, arena_printf(a, "cannot be asked for its version: %s", strerror(errno)));
}

/* It names a directory of the results, and stands in all reports. */
static bool is_release(const char *release)
{
	for (const char *c = release; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._+-~", *c))
			return false;
	return true;
}

/* The first line of `program --version`; NULL: `error` says why it cannot be used. */
static const char *ask_version(struct arena *a, const char *program, char release[RELEASE_SIZE])
{
	int ends[2], status = -1, major;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return cannot_ask(a);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		execl(program, program, "--version", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	n = pid < 0 ? -1 : read(ends[0], release, RELEASE_SIZE - 1);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return cannot_ask(a);
	release[n > 0 ? n : 0] = '\0';
	release[strcspn(release, "\n")] = '\0';
	if (WIFSIGNALED(status))
		return arena_printf(a, "was ended by %s when asked for its version",
				    signal_name(a, WTERMSIG(status)));
	if (!WEXITSTATUS(status) && sscanf(release, "%d.", &major) == 1 && is_release(release))
		return NULL;
	return "is not a User-Mode Linux kernel that runs here";
}

/*
 * In the environment of somebody else (sudo), an installed program finds that user's kernels. A
 * kernel is a program, so root runs none of them unless it is told to by its path.
 */
static bool is_somebody_elses(struct arena *a, const char *name)
{
	const char *kernels = home_kernels(a);
	const char *paths[] = {kernels, arena_printf(a, "%s/%s", kernels, name),
			       arena_printf(a, "%s/%s/linux", kernels, name)};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (stat(paths[i], &st) == 0 && !trust_owner(st.st_uid))
			return home_is_installed();
	return false;
}

bool guest_find(struct arena *a, const char *name, struct guest_kernel *kernel, const char **error)
{
	bool is_path = strchr(name, '/') != NULL;
	const char *path = is_path ? name : arena_printf(a, "%s/%s/linux", home_kernels(a), name);
	const char *why_not;
	char *whole = realpath(path, NULL);

	*kernel = (struct guest_kernel){.name = name};
	if (!whole) {
		const char *sources = *name >= '0' && *name <= '9' ? "" : "SOURCES ";

		*error = is_path
			     ? arena_printf(a, "%s: %s", name, strerror(errno))
			     : arena_printf(a,
					    "there is no kernel %s yet; %s kernel build %s%s "
					    "makes it, %s kernel list shows what there is",
					    name, home_command(), sources, name, home_command());
		return false;
	}
	kernel->program = arena_strdup(a, whole);
	free(whole);
	if (!is_path && is_somebody_elses(a, name)) {
		*error =
		    arena_printf(a,
				 "the kernel %s belongs to somebody else, who could have put any "
				 "program there; to run it all the same, say --kernel %s",
				 name, path);
		return false;
	}
	why_not = ask_version(a, kernel->program, kernel->release);
	if (!why_not)
		return true;
	*error = arena_printf(a, "%s %s", name, why_not);
	return false;
}

void guest_facts(const struct guest_kernel *kernel, struct facts *facts)
{
	*facts = (struct facts){.family = 4, .kernel_name = kernel->name};
	facts_of_guest(facts);
	sscanf(kernel->release, "%d.%d.%d", &facts->kernel[0], &facts->kernel[1],
	       &facts->kernel[2]);
}
