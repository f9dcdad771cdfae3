/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making one call.
 *
 * Everything that needs memory, names or numbers is done before the system call, and results are
 * examined after it; between the two readings of the clock there is only the call. How long the
 * thread waited in a CPU's queue is read from its schedstat right after: since its last call, so
 * that the wait before this call counts, too.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/actor/making.h"
#include "harness/base/array.h"

#define LONGEST_STRING 80 /* characters, in the text of a call */

/*
 * schedstat: time on a CPU, time in a CPU's queue, number of time slices. 0 if the kernel does not
 * have it.
 */
static ns_t read_schedstat(int schedstat, ns_t *delay)
{
	char line[96];
	char *end;
	ssize_t n = schedstat < 0 ? 0 : pread(schedstat, line, sizeof(line) - 1, 0);
	ns_t ran;

	*delay = 0;
	if (n <= 0)
		return 0;
	line[n] = '\0';
	ran = strtoll(line, &end, 10);
	*delay = strtoll(end, NULL, 10);
	return ran;
}

ns_t run_delay(int schedstat)
{
	ns_t delay;

	read_schedstat(schedstat, &delay);
	return delay;
}

ns_t run_ready(int schedstat)
{
	ns_t delay, ran = read_schedstat(schedstat, &delay);

	return ran + delay;
}

int64_t making_call(struct making *m, long number, const long args[6])
{
	struct actor_reply *r = m->reply;
	ns_t waited, entered, returned;
	long result;

	if (m->unbound) {
		r->entered = r->returned = now();
		r->result = -1;
		return -1;
	}
	errno = 0;
	entered = now();
	result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
	returned = now();
	r->error = result == -1 ? errno : 0;
	waited = run_delay(m->schedstat);
	r->delayed += waited - *m->waited;
	*m->waited = waited;
	r->entered = entered;
	r->returned = returned;
	r->result = result;
	return result;
}

/* How many characters one byte takes (quoted_text). */
static size_t escape_length(const char *text)
{
	if (text[0] != '\\')
		return 1;
	if (text[1] == 'x')
		return 4;
	return 1 + (text[1] >= '0' && text[1] <= '7' ? strspn(text + 1, "01234567") : 1);
}

/*
 * A long string is cut for the reader, as strace does it (the whole one, in `seen`, is compared);
 * not within an escape.
 */
static const char *short_text(struct arena *a, const char *text)
{
	size_t cut = 1;

	if (text[0] != '"' || strlen(text) <= LONGEST_STRING)
		return text;
	while (cut + escape_length(text + cut) <= LONGEST_STRING)
		cut += escape_length(text + cut);
	return arena_printf(a, "%.*s\"...", (int)cut, text);
}

static const char *whole_text(struct making *m)
{
	const char *text = arena_printf(m->arena, "%s(", m->row->name);

	for (size_t i = 0; i < m->text_count; i++)
		text = arena_printf(m->arena, "%s%s%s", text, i ? ", " : "",
				    short_text(m->arena, m->text[i]));
	return arena_printf(m->arena, "%s)", text);
}

static void (*const make_table[CALL_COUNT])(struct making *m) = {
#define CALL(name, number, returns, make, ...) [CALL_##name] = make_##make,
#include "harness/calls/call_rows.h"
};

void making_run(struct making *m)
{
	struct actor_reply *r = m->reply;
	bool makes = call_makes_descriptor(m->row, m->call);

	r->descriptor = -1;
	make_table[m->row->id](m);
	if (r->result >= 0 && (makes || m->row->returns == RETURNS_ACTOR))
		r->bound = m->bind;
	if (r->result >= 0 && makes) {
		r->descriptor = (int)r->result;
		if (r->bound)
			descriptor_bind(m->descriptors, r->bound, r->descriptor);
	}
	r->text = whole_text(m);
	if (m->unbound)
		r->text = arena_printf(m->arena, "%s: $%s has no value", r->text, m->unbound);
}

void making_text(struct making *m, const char *text)
{
	if (m->text_count < MAKING_ARGS)
		m->text[m->text_count++] = text;
}

void making_printf(struct making *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	making_text(m, arena_vprintf(m->arena, fmt, ap));
	va_end(ap);
}

void making_seen(struct making *m, size_t i, const char *text)
{
	if (i < ARRAY_SIZE(m->reply->seen))
		m->reply->seen[i] = text;
}
