/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs together: lines by their text (lines.c), steps by their line, connections by their
 * names or by their ends, without the ports that the kernel has chosen, in the order in which they
 * came. If one of the runs failed, only events before the last step that both have ended are
 * compared.
 */
#include "harness/diff/pair.h"
#include "harness/base/array.h"
#include "harness/diff/json.h"

#include <stdint.h>
#include <string.h>

#include "harness/diff/sequence.h"

/* ---- connections ---- */

static const char *port_text(struct arena *a, json_int_t port)
{
	return port < DRAWN_PORTS ? arena_printf(a, ":%lld", (long long)port) : "";
}

static const char *ends_text(struct arena *a, const json_t *connection)
{
	const char *text = json_text(connection, "kind");
	const json_t *end;
	size_t i;

	json_array_foreach(json_at(connection, "ends"), i, end)
		text = arena_printf(a, "%s %s%s", text, json_text(end, "host"),
				    port_text(a, json_number(end, "port")));
	return text;
}

static void read_roles(struct arena *a, struct half *half)
{
	json_t *seen = json_object();
	const json_t *connection;
	size_t i;

	json_array_foreach(json_at(half->run, "connections"), i, connection) {
		const json_t *names = json_at(connection, "names");
		const char *name = json_string_value(json_array_get(names, 0));
		const char *role = name ? name : ends_text(a, connection);
		json_int_t before = json_integer_value(json_at(seen, role));

		json_object_set_new(seen, role, json_integer(before + 1));
		*arena_push(a, half->roles, half->role_count) =
		    before ? arena_printf(a, "%s, %lld", role, (long long)before + 1) : role;
	}
	json_decref(seen);
}

const char *role_of(const struct half *half, const json_t *connection)
{
	return connection ? half->roles[json_integer_value(connection)] : "no connection";
}

/* Whether `end` of a connection is of that host and has that port. */
static bool is_end(const json_t *end, const char *host, json_int_t port)
{
	return json_number(end, "port") == port && (!host || !strcmp(json_text(end, "host"), host));
}

const char *role_of_socket(struct pair *p, const struct half *half, const char *host,
			   const json_t *socket)
{
	const json_t *connections = json_at(half->run, "connections");
	json_int_t local = json_number(socket, "local_port");
	json_int_t remote = json_number(socket, "remote_port");

	for (size_t i = json_array_size(connections); i-- > 0;) {
		const json_t *ends = json_at(json_array_get(connections, i), "ends");
		const json_t *first = json_array_get(ends, 0), *second = json_array_get(ends, 1);

		if ((is_end(first, host, local) && is_end(second, NULL, remote)) ||
		    (is_end(second, host, local) && is_end(first, NULL, remote)))
			return half->roles[i];
	}
	return arena_printf(p->arena, "socket%s to%s", port_text(p->arena, local),
			    port_text(p->arena, remote));
}

/* ---- events ---- */

static void read_events(struct arena *a, struct half *half)
{
	const struct {
		const char *kind;
		const json_t ***events;
	} kinds[] = {
	    {"call", &half->calls}, {"return", &half->returns}, {"action", &half->actions}};
	const json_t *event;
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		*kinds[k].events = arena_alloc(a, (half->lines.count + 1) * sizeof(json_t *));
	json_array_foreach(json_at(half->run, "events"), i, event) {
		const char *kind = json_text(event, "kind");
		const json_t *line = json_at(event, "line");

		for (size_t k = 0; line && k < ARRAY_SIZE(kinds); k++)
			if (!strcmp(kind, kinds[k].kind))
				(*kinds[k].events)[json_integer_value(line)] = event;
	}
}

/* ---- steps ---- */

static int line_of(const json_t *step)
{
	return (int)json_number(step, "line");
}

static ns_t end_of(const json_t *step)
{
	return json_number(step, "at");
}

static void pair_steps(struct pair *p)
{
	const json_t *olds = json_at(p->old.run, "record");
	const json_t *news = json_at(p->new.run, "record");
	const json_t *old, *new;
	size_t i, j, from = 0;

	json_array_foreach(olds, i, old) {
		int line = line_of(old), wanted = line < 0 ? line : p->lines[line];

		if (line >= 0 && wanted == UNPAIRED)
			continue;
		for (j = from; (new = json_array_get(news, j)) && line_of(new) != wanted; j++)
			;
		if (!new)
			continue;
		*arena_push(p->arena, p->steps, p->step_count) =
		    (struct step_pair){old, new, i, j, line};
		from = j + 1;
	}
}

/* The part that can be compared. */
static void limit(struct pair *p)
{
	const struct step_pair *last = p->step_count ? &p->steps[p->step_count - 1] : NULL;

	p->whole = !p->old.lines.failed && !p->new.lines.failed;
	p->old.until = last ? end_of(last->old) : -1;
	p->new.until = last ? end_of(last->new) : -1;
	if (p->whole)
		p->old.until = p->new.until = INT64_MAX;
}

/* ---- for the parts ---- */

struct latitude latitude_of(const struct pair *p, const char *role)
{
	return (struct latitude){
	    .tick = p->tick,
	    .loose = role ? json_at(p->loose, role) != NULL : json_object_size(p->loose),
	};
}

struct spot place_of(struct pair *p, int line, const char *whose)
{
	struct spot place = lines_place(p->arena, &p->old.lines, line);

	if (whose)
		place.text = arena_printf(p->arena, "%s, %s", place.text, whose);
	return place;
}

void differ(struct pair *p, const char *what, const struct field *field, const json_t *old,
	    const json_t *new, struct spot place)
{
	kinds_add(p->kinds, what, value_text(p->arena, field, old),
		  value_text(p->arena, field, new), place);
}

static struct spot verdict_place(struct pair *p)
{
	const struct lines *failed = p->new.lines.failed ? &p->new.lines : &p->old.lines;
	const json_t *problem = json_array_get(json_at(failed->run, "problems"), 0);
	const json_t *line = json_at(problem, "line");

	return lines_place(p->arena, failed, line ? (int)json_integer_value(line) : -1);
}

static void compare_verdicts(struct pair *p)
{
	static const struct field verdict = {"verdict", "verdict", EXACT, 0, false};

	if (p->old.lines.failed != p->new.lines.failed)
		differ(p, "verdict", &verdict, json_at(p->old.run, "verdict"),
		       json_at(p->new.run, "verdict"), verdict_place(p));
}

/* The kernels' warnings. */
static void compare_diagnostics(struct pair *p)
{
	const char *old = p->old.lines.diagnostic, *new = p->new.lines.diagnostic;

	if (strcmp(old ? old : "", new ? new : "") != 0)
		kinds_add(p->kinds, "the kernel said", old ? old : "nothing", new ? new : "nothing",
			  lines_place(p->arena, &p->new.lines, -1));
}

void pair_compare(struct kinds *kinds, json_t *only, const json_t *old, const json_t *new)
{
	struct arena a = {0};
	struct pair p = {
	    .arena = &a,
	    .kinds = kinds,
	    .old = {.run = old},
	    .new = {.run = new},
	    .loose = json_object(),
	    .tick = json_number(old, "tick"),
	    .only = only,
	};

	lines_read(&a, old, &p.old.lines);
	lines_read(&a, new, &p.new.lines);
	p.lines = lines_pair(&a, &p.old.lines, &p.new.lines);
	read_events(&a, &p.old);
	read_events(&a, &p.new);
	read_roles(&a, &p.old);
	read_roles(&a, &p.new);
	pair_steps(&p);
	limit(&p);
	find_loose(&p);
	compare_verdicts(&p);
	compare_diagnostics(&p);
	compare_packets(&p);
	compare_calls(&p);
	compare_counters(&p);
	compare_sockets(&p);
	json_decref(p.loose);
	arena_free(&a);
}
