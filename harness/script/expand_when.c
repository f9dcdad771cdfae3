/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions: `when` and `needs`. Kernels compare as versions, and only as far as the script wrote
 * one: 6.5.3 is = 6.5, and is not > 6.5.
 */
#include "harness/script/expand.h"

#include <string.h>

#include "harness/base/array.h"

static bool compare(const char *op, int64_t difference)
{
	static const struct {
		const char *op;
		bool less, equal, more;
	} ops[] = {
	    {"=", false, true, false}, {"!=", true, false, true}, {"<", true, false, false},
	    {"<=", true, true, false}, {">", false, false, true}, {">=", false, true, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (strcmp(ops[i].op, op) != 0)
			continue;
		if (!difference)
			return ops[i].equal;
		return difference < 0 ? ops[i].less : ops[i].more;
	}
	return false;
}

static int compare_versions(const int kernel[3], const int written[3])
{
	for (int i = 0; i < 3 && written[i] >= 0; i++) {
		if (kernel[i] != written[i])
			return kernel[i] < written[i] ? -1 : 1;
	}
	return 0;
}

/* The number on the right of a comparison. */
static bool number_of(struct scope *s, const struct condition *c, int64_t *number)
{
	const struct value *v = value_substitute(s, c->value);

	if (v->kind == VALUE_INT)
		*number = v->number;
	else
		diagnose(s->diagnostics, v->place,
			 "expected a number that is known before the run");
	return v->kind == VALUE_INT;
}

static bool variable_holds(struct scope *s, const struct condition *c)
{
	const struct binding *b = scope_find(s, c->subject);
	bool equal = false;
	int64_t number = 0;

	if (!b) {
		diagnose(s->diagnostics, c->place,
			 "$%s has no value here; it must be a param, or the counter of a repeat%s",
			 c->subject, scope_meant(s, c->subject));
		return false;
	}
	if (!c->word && !number_of(s, c, &number))
		return false;
	if (!c->word && b->is_number)
		return compare(c->op, b->number < number ? -1 : b->number > number);
	/* A word on either side can only be compared with = and !=. */
	if (c->word)
		equal = strcmp(b->text, c->word) == 0;
	if (strcmp(c->op, "=") == 0 || strcmp(c->op, "!=") == 0)
		return compare(c->op, equal ? 0 : 1);
	diagnose(s->diagnostics, c->place, "words can only be compared with = and !=");
	return false;
}

bool condition_holds(struct scope *s, const struct condition *c)
{
	const struct {
		const char *word;
		bool holds;
	} words[] = {
	    {"virtual", s->facts.is_virtual},
	    {"netem", s->facts.has_netem},
	    {"root", s->facts.is_root},
	};
	int64_t number = 0;

	if (c->is_variable)
		return variable_holds(s, c);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, c->subject) == 0)
			return words[i].holds;
	}
	if (strcmp(c->subject, "kernel") == 0)
		return compare(c->op, compare_versions(s->facts.kernel, c->version));
	return number_of(s, c, &number) && compare(c->op, s->facts.family - number);
}

static const char *written(struct scope *s, const struct condition *c)
{
	const struct value *v = c->value ? value_substitute(s, c->value) : NULL;
	const char *text = c->word ? c->word : "";

	if (v && v->kind == VALUE_INT)
		return arena_printf(s->arena, "%lld", (long long)v->number);
	for (int i = 0; !v && !c->word && i < 3 && c->version[i] >= 0; i++)
		text = arena_printf(s->arena, "%s%s%d", text, i ? "." : "", c->version[i]);
	return text;
}

const char *condition_unmet(struct scope *s, const struct condition *c)
{
	static const struct {
		const char *word, *why;
	} words[] = {
	    {"virtual", "needs virtual time"},
	    {"netem", "needs netem, which this kernel does not have"},
	    {"root", "needs root"},
	};
	const int *k = s->facts.kernel;
	const char *what;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, c->subject) == 0)
			return words[i].why;
	}
	what = arena_printf(s->arena, "needs %s%s %s %s", c->is_variable ? "$" : "", c->subject,
			    c->op, written(s, c));
	if (c->is_variable)
		return arena_printf(s->arena, "%s; it is %s", what,
				    scope_find(s, c->subject)->text);
	if (strcmp(c->subject, "kernel") == 0)
		return arena_printf(s->arena, "%s; this is %d.%d.%d", what, k[0], k[1], k[2]);
	return arena_printf(s->arena, "%s; this run is IPv%d", what, s->facts.family);
}
