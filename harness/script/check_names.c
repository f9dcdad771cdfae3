/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names: which exist at a line, on which host, in which processes they are open; the threads and
 * processes that make calls; the $names that observations bind.
 *
 * A name stays known when it is closed, because packets and ss lines may still be about its
 * connection. A wrong name is diagnosed once and then counts as known, so that one mistake
 * is one diagnostic.
 */
#include <string.h>

#include "harness/script/check.h"

static const char *const main_part; /* NULL: the host's main thread */

/* ---- names ---- */

struct name *name_find(struct checker *k, const char *name)
{
	int number = number_find(&k->name_numbers, name);

	return number < 0 ? NULL : &k->names[number];
}

struct name *name_add(struct checker *k, const char *name, struct place at, enum name_kind kind,
		      enum host host)
{
	struct name *n = name_find(k, name);

	if (!n) {
		n = arena_push(k->arena, k->names, k->name_count);
		number_give(k->arena, &k->name_numbers, name);
	}
	*n = (struct name){.name = name, .kind = kind, .host = host, .bound_at = at};
	return n;
}

static const char *const *all_names(struct checker *k)
{
	const char **names = arena_alloc(k->arena, (k->name_count + 1) * sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < k->name_count; i++) {
		if (k->names[i].kind != NAME_WRONG)
			names[count++] = k->names[i].name;
	}
	return names;
}

struct name *name_need(struct checker *k, const char *name, struct place at)
{
	struct name *n = name_find(k, name);

	if (n)
		return n;
	if (diagnostics_wanted(k->diagnostics))
		diagnose(k->diagnostics, at, "'%s' does not exist here%s", name,
			 check_meant(k, name, all_names(k),
				     "; no line above gives that name to anything"));
	return name_add(k, name, at, NAME_WRONG, HOST_NONE);
}

bool name_is_open(const struct name *n, int process)
{
	for (size_t i = 0; i < n->holder_count; i++) {
		if (n->holders[i] == process)
			return true;
	}
	return false;
}

static void name_open(struct checker *k, struct name *n, int process)
{
	*arena_push(k->arena, n->holders, n->holder_count) = process;
}

void name_close(struct name *n, int process)
{
	for (size_t i = 0; i < n->holder_count; i++) {
		if (n->holders[i] == process)
			n->holders[i--] = n->holders[--n->holder_count];
	}
}

struct name *name_bind(struct checker *k, const char *name, struct place at,
		       const struct check_actor *actor)
{
	struct name *old = name_find(k, name), *n;

	if (address_exists(name) || name[0] < 'a' || name[0] > 'z') {
		diagnose(k->diagnostics, at,
			 "'%s' cannot be the name of a descriptor: such names begin with a small "
			 "letter, and "
			 "are no host's",
			 name);
		return NULL;
	}
	if (old && old->kind != NAME_WRONG && old->host != actor->host) {
		diagnose(k->diagnostics, at,
			 "'%s' is a name of %s's since %s; it needs another one here", name,
			 host_name(old->host), place_text(k->arena, old->bound_at, at.source));
		return NULL;
	}
	if (old && (old->holder_count || old->kind == NAME_ACTOR)) {
		diagnose(k->diagnostics, at,
			 "'%s' is in use since %s; close it there, or take another name", name,
			 place_text(k->arena, old->bound_at, at.source));
		return NULL;
	}
	n = name_add(k, name, at, NAME_DESCRIPTOR, actor->host);
	name_open(k, n, actor->process);
	return n;
}

/* ---- actors ---- */

static struct check_actor *actor_find(struct checker *k, enum host host, const char *part)
{
	for (size_t i = 0; i < k->actor_count; i++) {
		const char *other = k->actors[i].part;

		if (k->actors[i].host == host &&
		    (part && other ? strcmp(part, other) == 0 : part == other))
			return &k->actors[i];
	}
	return NULL;
}

static struct check_actor *new_actor(struct checker *k, enum host host, const char *part,
				     int process)
{
	struct check_actor *actor = actor_find(k, host, part);

	if (!actor)
		actor = arena_push(k->arena, k->actors, k->actor_count);
	*actor = (struct check_actor){.host = host, .part = part, .process = process};
	return actor;
}

static const char *const *parts_of(struct checker *k, enum host host)
{
	const char **parts = arena_alloc(k->arena, (k->actor_count + 1) * sizeof(*parts));
	size_t count = 0;

	for (size_t i = 0; i < k->actor_count; i++) {
		if (k->actors[i].host == host && k->actors[i].part)
			parts[count++] = k->actors[i].part;
	}
	return parts;
}

struct check_actor *actor_need(struct checker *k, const struct actor *a)
{
	enum host host = a->id;
	struct check_actor *actor = actor_find(k, host, a->part);

	if (actor || host == HOST_NONE)
		return actor;
	if (a->part && k->program[host]) { /* which shares its descriptors with all others */
		struct check_actor *task;

		if (!program_task(k, a))
			return NULL;
		task = new_actor(k, host, a->part, actor_find(k, host, main_part)->process);
		task->is_thread = false; /* it may be a child */
		return task;
	}
	if (a->part) {
		diagnose(k->diagnostics, a->place, "%s has no thread or process '%s' here%s",
			 a->host, a->part,
			 check_meant(k, a->part, parts_of(k, host),
				     arena_printf(k->arena,
						  "; 'thread() = %s' or 'fork() = %s' makes one",
						  a->part, a->part)));
		return new_actor(k, host, a->part, actor_find(k, host, main_part)->process);
	}
	return new_actor(k, host, a->part, k->process_count++);
}

const char *actor_name(struct checker *k, const struct check_actor *a)
{
	return arena_printf(k->arena, "%s%s%s", host_name(a->host), a->part ? "." : "",
			    a->part ? a->part : "");
}

void actor_add(struct checker *k, const char *part, struct place at,
	       const struct check_actor *parent, bool own_process)
{
	const struct check_actor *old = actor_find(k, parent->host, part);
	enum host host = parent->host;
	int process = own_process ? k->process_count++ : parent->process, from = parent->process;

	if ((old && !old->gone) || (!old && name_find(k, part))) {
		diagnose(k->diagnostics, at, "'%s' is in use since %s; take another name", part,
			 place_text(k->arena,
				    name_find(k, part) ? name_find(k, part)->bound_at : at,
				    at.source));
		return;
	}
	for (size_t i = 0; own_process && i < k->name_count; i++) {
		if (name_is_open(&k->names[i], from))
			name_open(k, &k->names[i], process);
	}
	name_add(k, part, at, NAME_ACTOR, host);
	/* parent may have moved: not used from here on */
	new_actor(k, host, part, process)->is_thread = !own_process;
}

void process_need(struct checker *k, const char *name, struct place at, enum host host)
{
	const struct name *n;
	const struct check_actor *actor;

	if (host_find(name) == host) /* its first process */
		return;
	n = name_need(k, name, at);
	if (n->kind == NAME_WRONG)
		return;
	actor = n->kind == NAME_ACTOR ? actor_find(k, host, name) : NULL;
	if (n->kind != NAME_ACTOR)
		diagnose(k->diagnostics, at, "'%s' is a descriptor, not a process", name);
	else if (n->host != host)
		diagnose(k->diagnostics, at, "'%s' is a process of %s, not of %s", name,
			 host_name(n->host), host_name(host));
	else if (actor && actor->is_thread)
		diagnose(k->diagnostics, at, "'%s' is a thread, not a process", name);
}

void process_end(struct checker *k, int process)
{
	for (size_t i = 0; i < k->name_count; i++)
		name_close(&k->names[i], process);
	for (size_t i = 0; i < k->actor_count; i++) {
		if (k->actors[i].process == process) {
			k->actors[i].gone = true;
			k->actors[i].blocked = NULL;
		}
	}
}

void program_begin(struct checker *k, enum host host)
{
	new_actor(k, host, main_part, k->process_count++);
	k->started[host] = true;
}

void host_crash(struct checker *k, enum host host)
{
	k->program[host] = NULL;
	for (size_t i = 0; i < k->actor_count; i++) {
		if (k->actors[i].host != host)
			continue;
		process_end(k, k->actors[i].process);
		k->actors[i].crashed = true;
	}
}

bool host_is_down(struct checker *k, enum host host)
{
	const struct check_actor *first = actor_find(k, host, main_part);

	return first && first->crashed;
}

void host_boot(struct checker *k, enum host host)
{
	new_actor(k, host, main_part, k->process_count++);
}

/* ---- $names ---- */

static bool is_bound(const struct checker *k, const char *name)
{
	return number_find(&k->bound, name) >= 0;
}

static void bind_variable(struct checker *k, const char *name)
{
	number_give(k->arena, &k->bound, name);
	number_give(k->arena, &k->known, name);
}

void variables_begin(struct checker *k)
{
	for (size_t i = 0; i < k->run->binding_count; i++)
		number_give(k->arena, &k->known, k->run->bindings[i].name);
}

/* What a mistyped name was meant to be. */
static const char *const *written_variables(struct checker *k)
{
	const char **written = NULL;
	size_t count = 0;

	for (size_t i = 0; i < k->known.count; i++)
		*arena_push(k->arena, written, count) =
		    arena_printf(k->arena, "$%s", k->known.names[i]);
	*arena_push(k->arena, written, count) = NULL;
	return written;
}

bool variable_exists(const struct checker *k, const char *name)
{
	return number_find(&k->known, name) >= 0;
}

void value_need(struct checker *k, const struct value *v)
{
	if (!v)
		return;
	if (v->kind == VALUE_VARIABLE && !is_bound(k, v->name)) {
		if (diagnostics_wanted(k->diagnostics))
			diagnose(k->diagnostics, v->place, "$%s has no value here%s", v->name,
				 check_meant(k, arena_printf(k->arena, "$%s", v->name),
					     written_variables(k),
					     "; it must be a param, or be seen in a line above"));
		bind_variable(k, v->name);
	}
	value_need(k, v->left);
	value_need(k, v->right);
}

void value_see(struct checker *k, const struct value *v)
{
	if (v && v->kind == VALUE_VARIABLE)
		bind_variable(k, v->name);
	else
		value_need(k, v);
}
