/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A caller that waits calls progress_say() before each sleep and sleeps no longer than it says.
 * Until the next message is due it does nothing, so it may be called any number of times.
 */
#include "harness/base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/shown.h"

#define FIRST	  NS_PER_S
#define LIVE	  NS_PER_S	  /* how often the line on a terminal is updated */
#define LONGEST	  (60 * NS_PER_S) /* between two lines */
#define NO_WIDTH  80
#define CLEAR_ROW "\r\033[K"

static ns_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ns_of(t);
}

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

void progress_begin(struct progress *p)
{
	ns_t began = monotonic();

	*p = (struct progress){
	    .live = is_terminal(),
	    .began = began,
	    .next = began + FIRST,
	    .pause = FIRST,
	};
}

/* A line too long for the terminal could not be erased completely. */
static int row_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return NO_WIDTH - 1;
	return size.ws_col - 1;
}

static void print(struct progress *p, const char *what, ns_t took)
{
	struct arena a = {0};
	const char *text =
	    shown(&a, arena_printf(&a, "%s, %lld s", what, (long long)(took / NS_PER_S)));

	if (p->live)
		fprintf(stderr, CLEAR_ROW "%.*s", row_width(), text);
	else
		say("%s", text);
	fflush(stderr);
	arena_free(&a);
	p->shown = p->live;
}

ns_t progress_say(struct progress *p, const char *fmt, ...)
{
	ns_t at = monotonic();
	char what[200];
	va_list ap;

	if (at < p->next && (p->shown || !p->live || at < p->began + FIRST))
		return p->next - at;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	print(p, what, at - p->began);
	if (!p->live && p->pause < LONGEST)
		p->pause *= 2;
	p->next = at + (p->live ? LIVE : p->pause);
	return p->next - at;
}

ns_t progress_took(const struct progress *p)
{
	return monotonic() - p->began;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs(CLEAR_ROW, stderr);
	fflush(stderr);
	p->shown = false;
}
