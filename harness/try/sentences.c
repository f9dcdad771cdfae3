/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a table of sentences. Each is made from a row's numbers, if they are worth a
 * sentence, and says only what was seen. If several failures have the same sentence, it is printed
 * once, with their names.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/base/wrap.h"
#include "harness/try/try.h"

#define LONG	   (60 * NS_PER_S) /* a user who waits so long asks why */
#define MANY	   10		   /* attempts */
#define LITTLE	   (100 * NS_PER_MS)
#define AT_THE_END (2 * NS_PER_S) /* an error so shortly before the end has caused it */

/* ---- parts of sentences ---- */

/* "no TCP_USER_TIMEOUT, keepalive off on the connection" */
static const char *options_text(struct arena *a, const struct measured *m)
{
	const struct socket_options *o = &m->options;
	const char *timeout, *keepalive, *limits;

	if (!m->has_options)
		return m->has_connected || m->is_unseen
			   ? "the options of its connection are not known"
			   : "it has made no connection";
	timeout = o->user_timeout
		      ? arena_printf(a, "TCP_USER_TIMEOUT %" PRId64 " ms", o->user_timeout)
		      : "no TCP_USER_TIMEOUT";
	keepalive = o->keepalive ? arena_printf(a, "keepalive on (after %" PRId64 " s)", o->idle)
				 : "keepalive off";
	limits = o->receive_limit ? ", SO_RCVTIMEO is set" : "";
	return arena_printf(a, "%s, %s%s on the connection", timeout, keepalive, limits);
}

/* Whether a call's error came at its end, and so is the reason for it. */
static bool ends_with_error(const struct measured *m)
{
	return m->error && m->end - m->error_after < AT_THE_END;
}

static bool has_ended(const struct measured *m)
{
	return m->how == ENDED_EXITED || m->how == ENDED_KILLED;
}

/* ---- sentences; NULL: not worth a sentence ---- */

static const char *say_unseen(struct arena *a, const struct measured *m)
{
	(void)a;
	return m->is_unseen ? "uses io_uring, whose operations are not seen here" : NULL;
}

static const char *say_not_reached(struct arena *a, const struct measured *m)
{
	if (m->happened)
		return NULL;
	return arena_printf(a, "did not get that far, so nothing is known: %s",
			    m->not_why ? m->not_why : "no reason is known");
}

static const char *say_hanging(struct arena *a, const struct measured *m)
{
	const char *where, *why = "";

	if (!m->happened || m->how != ENDED_NOT || !m->is_needed)
		return NULL;
	if (!m->in)
		where = "it is in no call that is seen";
	else if (m->in_limit >= 0 && m->end / NS_PER_MS > m->in_limit)
		where = arena_printf(a, "it waits again and again in %s", m->in);
	else
		where =
		    arena_printf(a, m->is_in ? "it waits in %s" : "its last call was %s", m->in);
	if (m->at_work)
		return arena_printf(a,
				    "has not ended %s after the failure: %s when it was given up",
				    table_time(a, m->end), m->left_why);
	if (m->left_why)
		why = arena_printf(a, ", and was given up then, because %s", m->left_why);
	return arena_printf(a, "has not ended %s after the failure%s: %s; %s",
			    table_time(a, m->end), why, where, options_text(a, m));
}

static const char *say_long(struct arena *a, const struct measured *m)
{
	if (!m->happened || !m->is_needed || !has_ended(m) || m->end < LONG)
		return NULL;
	if (m->how == ENDED_EXITED && !m->status && !m->error) /* it has done what it should */
		return NULL;
	if (ends_with_error(m) && !strcmp(m->error, "EOF"))
		return arena_printf(a, "takes %s, until %s() tells the end", table_time(a, m->end),
				    m->call);
	if (ends_with_error(m))
		return arena_printf(a, "hangs for %s, until %s() gets %s: %s",
				    table_time(a, m->end), m->call, m->error, options_text(a, m));
	if (m->is_unseen) /* then nobody knows why */
		return arena_printf(a, "hangs for %s", table_time(a, m->end));
	return arena_printf(a, "hangs for %s, and then ends by a limit of its own: %s",
			    table_time(a, m->end), options_text(a, m));
}

static const char *say_incomplete(struct arena *a, const struct measured *m)
{
	if (!m->happened || m->how != ENDED_EXITED || m->status || !m->answer || m->is_unseen ||
	    m->received >= m->answer || strcmp(m->whose, "client") != 0)
		return NULL;
	return arena_printf(
	    a, "exits with 0, and has read %" PRId64 " of the %" PRId64 " bytes of the answer",
	    m->received, m->answer);
}

static const char *say_killed(struct arena *a, const struct measured *m)
{
	if (!m->happened || m->how != ENDED_KILLED)
		return NULL;
	if (!strcmp(m->signal, "SIGPIPE"))
		return "is killed by SIGPIPE: it sends on a connection that is closed, without "
		       "MSG_NOSIGNAL, and has not ignored the signal";
	return arena_printf(a, "is killed by %s", m->signal);
}

static const char *say_tries(struct arena *a, const struct measured *m)
{
	if (!m->happened || m->connections < MANY)
		return NULL;
	return arena_printf(a, "connects again %" PRId64 " times within %s%s", m->connections,
			    table_time(a, m->end),
			    m->end / m->connections < LITTLE ? ", without a pause" : "");
}

static const char *say_server_ended(struct arena *a, const struct measured *m)
{
	if (!m->happened || m->is_needed || !has_ended(m))
		return NULL;
	return arena_printf(a, "a server that has ended (%s, %s after the failure) serves nobody",
			    table_end(a, m), table_time(a, m->end));
}

static const char *(*const sentences[])(struct arena *, const struct measured *) = {
    say_not_reached, say_hanging, say_long,	    say_incomplete,
    say_killed,	     say_tries,	  say_server_ended, say_unseen,
};

/* Of two programs, what the server's has done that a client need not know. */
static const struct {
	const char *(*say)(struct arena *, const struct measured *);
	const char *subject; /* of that sentence */
} of_server[] = {
    {say_killed, "its server "},
    {say_server_ended, ""},
    {say_unseen, "its server "},
};

#define MOST_WORDS (ARRAY_SIZE(sentences) + ARRAY_SIZE(of_server))

const char **words_of(struct arena *a, const struct row *row)
{
	const char **list = arena_alloc(a, (MOST_WORDS + 1) * sizeof(*list));
	size_t count = 0;

	if (row->verdict == VERDICT_BROKEN || row->verdict == VERDICT_SKIP ||
	    (!row->m.happened && row_is_later_moment(row)))
		return list;
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		const char *text = sentences[i](a, &row->m);

		if (text)
			list[count++] = text;
	}
	for (size_t i = 0; row->has_server && i < ARRAY_SIZE(of_server); i++) {
		const char *text = of_server[i].say(a, &row->server);

		if (text)
			list[count++] = arena_printf(a, "%s%s", of_server[i].subject, text);
	}
	return list;
}

/* ---- printing ---- */

/* A sentence, and the rows that have it. */
struct saying {
	const char *text;
	const struct row **rows;
	size_t count;
};

static void add(struct arena *a, struct saying **list, size_t *count, const char *text,
		const struct row *row)
{
	struct saying *s = NULL;

	for (size_t i = 0; i < *count && !s; i++)
		if (!strcmp((*list)[i].text, text))
			s = &(*list)[i];
	if (!s) {
		s = arena_push(a, *list, *count);
		*s = (struct saying){.text = text};
	}
	*arena_push(a, s->rows, s->count) = row;
}

static void put_saying(FILE *out, struct arena *a, const struct saying *s)
{
	fputs("- ", out);
	words_wrap(out, a, s->text, 2, 2);
	for (size_t i = 0; i < s->count; i++) {
		const struct row *row = s->rows[i];
		const char *text = arena_printf(a, "%s: %s", row->shown, row->title);

		fputs("      ", out);
		words_wrap(out, a, text, 6, 8);
	}
}

void words_print(FILE *out, const struct rows *rows)
{
	struct arena a = {0};
	struct saying *list = NULL;
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		for (const char **text = words_of(&a, &rows->list[i]); *text; text++)
			add(&a, &list, &count, *text, &rows->list[i]);
	if (count)
		fputs("\nworth knowing:\n", out);
	for (size_t i = 0; i < count; i++)
		put_saying(out, &a, &list[i]);
	arena_free(&a);
}
