/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the words of a simple command are found by the shell's rules of quoting
 * (POSIX, Shell Command Language, 2.2): '..', "..", and \. If anything else outside quotes has a
 * meaning to a shell, the whole command is given to /bin/sh -c unchanged.
 */
#include "harness/program/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHELL "/bin/sh"

/*
 * Characters that only a shell understands: outside quotes, in "..", and at the beginning of a
 * command.
 */
static const char in_words[] = "|&;<>()$`*?[]#~{}!\n", in_quotes[] = "$`";
static const char *const first_words[] = {
    "if",   "for",  "while",  "until", "case",	"cd",	"exec",	  "eval",  ".",	   "exit",
    "trap", "wait", "export", "set",   "unset", "read", "ulimit", "umask", "time", NULL};

static const char blanks[] = " \t";

/* One word; `at` moves to its end. NULL: it needs a shell. */
static const char *read_word(struct arena *a, const char **at)
{
	char *word = arena_alloc(a, strlen(*at) + 1), *to = word;
	char quote = '\0';

	for (; **at && (quote || !strchr(blanks, **at)); (*at)++) {
		char c = **at;

		if (quote == '\'') {
			if (c != quote)
				*to++ = c;
			else
				quote = '\0';
		} else if (strchr(quote ? in_quotes : in_words, c)) {
			return NULL;
		} else if (c == '\\' && (*at)[1] && (!quote || strchr("\\\"", (*at)[1]))) {
			*to++ = *++*at;
		} else if (c == '"' || (c == '\'' && !quote)) {
			quote = quote ? '\0' : c;
		} else {
			*to++ = c;
		}
	}
	*to = '\0';
	return quote ? NULL : word;
}

static bool is_for_shell(const char *first)
{
	for (size_t i = 0; first_words[i]; i++)
		if (!strcmp(first, first_words[i]))
			return true;
	return strchr(first, '=') != NULL; /* NAME=value command */
}

/* The words of a simple command; NULL: it needs a shell. */
static const char *const *split(struct arena *a, const char *command)
{
	const char **words = NULL;
	size_t count = 0;

	for (;;) {
		const char *word;

		command += strspn(command, blanks);
		if (!*command)
			break;
		word = read_word(a, &command);
		if (!word || (!count && is_for_shell(word)))
			return NULL;
		*arena_push(a, words, count) = word;
	}
	if (!count)
		return NULL;
	*arena_push(a, words, count) = NULL;
	return words;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The value of that variable of the environment; NULL: it has none. */
static const char *variable(const struct program_user *user, const char *beginning)
{
	for (char *const *v = user->environment; v && *v; v++)
		if (!strncmp(*v, beginning, strlen(beginning)))
			return *v + strlen(beginning);
	return NULL;
}

/* The path that execvp(3) would find; NULL: errno says why there is none. */
static const char *find_file(struct arena *a, const struct program_user *user, const char *name)
{
	const char *path = variable(user, "PATH="), *end;
	int why = ENOENT;

	if (strchr(name, '/')) {
		errno = 0;
		if (is_file(name) && !access(name, X_OK))
			return name;
		errno = errno ? errno : EACCES; /* a directory */
		return NULL;
	}
	for (path = path ? path : "/bin:/usr/bin"; *path; path = *end ? end + 1 : end) {
		const char *file;

		end = strchrnul(path, ':');
		file = arena_printf(a, "%.*s%s%s", (int)(end - path), path, end > path ? "/" : "./",
				    name);
		if (!is_file(file))
			continue;
		if (!access(file, X_OK))
			return file;
		why = errno;
	}
	errno = why;
	return NULL;
}

/*
 * A set-user-ID program does not run as its owner while an ordinary user traces it (execve(2)). So
 * what would be observed is not what it usually does.
 */
static bool changes_user(const struct program_user *user, const char *path)
{
	struct stat st;

	return user->uid != 0 && !stat(path, &st) &&
	       ((st.st_mode & S_ISUID && st.st_uid != user->uid) ||
		(st.st_mode & S_ISGID && st.st_mode & S_IXGRP && st.st_gid != user->gid));
}

struct program_user program_user(const char *input)
{
	return (struct program_user){geteuid(), getegid(), environ, input};
}

bool program_find(struct arena *a, const struct program_user *user, enum host host,
		  const char *command, struct program *program, const char **error)
{
	const char *const *words = split(a, command);
	const char *const shell[] = {"sh", "-c", command, NULL};

	*program = (struct program){.command = command, .by_shell = !words};
	if (!words) {
		program->argv = memcpy(arena_alloc(a, sizeof(shell)), shell, sizeof(shell));
		program->path = SHELL;
		return true;
	}
	program->argv = words;
	program->path = find_file(a, user, words[0]);
	if (!program->path) {
		const char *where = strchr(words[0], '/') ? "" : " in any directory of PATH";

		*error = errno == ENOENT ? arena_printf(a, "--%s: there is no program '%s'%s",
							host_name(host), words[0], where)
					 : arena_printf(a, "--%s: '%s' cannot be executed: %s",
							host_name(host), words[0], strerror(errno));
		return false;
	}
	if (changes_user(user, program->path)) {
		*error =
		    arena_printf(a, "--%s: %s is set-user-ID: only root can observe what it does",
				 host_name(host), program->path);
		return false;
	}
	return true;
}
