/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what was seen matches what was written, and which parts do not.
 *
 * Only what is written is compared: `...` and * match anything, and fields of a struct that are
 * left out are ignored. A name means its number on both sides, so that EWOULDBLOCK is EAGAIN and
 * [0] is the absence of an errno. What a pointer points to, [4294967295], is 32 bits, which may
 * also be written with a sign: [-1].
 */
#include <string.h>

#include "harness/calls/calls.h"

static bool value_is_known(const struct value *v)
{
	if (v->kind == VALUE_SUM)
		return value_is_known(v->left) && value_is_known(v->right);
	return v->kind == VALUE_INT;
}

static int64_t known_number(const struct value *v)
{
	uint64_t left, right;

	if (v->kind == VALUE_INT)
		return v->number;
	left = (uint64_t)known_number(v->left);
	right = (uint64_t)known_number(v->right);
	if (v->op == '*')
		return (int64_t)(left * right);
	return (int64_t)(v->op == '+' ? left + right : left - right);
}

/* Who compares numbers. */
struct matching {
	number_fn *number;
	void *context;
};

/* For callers that do not know the values of $names: such an end of a range is no bound. */
static bool known_matches(void *context, const struct value *written, int64_t seen)
{
	(void)context;
	switch (written->kind) {
	case VALUE_RANGE:
		return (!value_is_known(written->left) || seen >= known_number(written->left)) &&
		       (!value_is_known(written->right) || seen <= known_number(written->right));
	case VALUE_AT_LEAST:
		return !value_is_known(written->left) || seen >= known_number(written->left);
	default:
		return !value_is_known(written) || seen == known_number(written);
	}
}

/* The number of an argument as seen; false: it is not a number. */
static bool seen_number(const struct arg *seen, int64_t *number)
{
	if (seen->kind == ARG_NAMES) {
		*number = seen->number;
		return seen->are_constants; /* else a descriptor is among them */
	}
	if (seen->kind != ARG_VALUE || !value_is_known(seen->value))
		return false;
	*number = known_number(seen->value);
	return true;
}

static bool matches(const struct matching *m, const struct arg *written, const struct arg *seen);

/* Names of descriptors are a script's own; what was seen comes from a process, as text. */
static bool names_match(const struct arg *written, const struct arg *seen)
{
	int64_t number;

	if (written->are_constants)
		return seen_number(seen, &number) && written->number == number;
	return seen->kind == ARG_NAMES && written->name_count == 1 && seen->name_count == 1 &&
	       !strcmp(written->names[0], seen->names[0]);
}

/* Numbers of 32 bits that differ only in their signedness. */
static bool same_bits(const struct arg *written, const struct arg *seen)
{
	int64_t a, b;

	if (written->kind != ARG_VALUE || !value_is_known(written->value) ||
	    seen->kind != ARG_VALUE || !seen_number(seen, &b))
		return false;
	a = known_number(written->value);
	return a >= INT32_MIN && a <= UINT32_MAX && b >= INT32_MIN && b <= UINT32_MAX &&
	       (uint32_t)a == (uint32_t)b;
}

static bool items_match(const struct matching *m, const struct arg *written, const struct arg *seen)
{
	size_t i;

	for (i = 0; i < written->item_count; i++) {
		/* [{fd=c}, ...]: whatever else there is */
		if (written->items[i]->kind == ARG_ANY && i + 1 == written->item_count)
			return true;
		if (i >= seen->item_count || !(same_bits(written->items[i], seen->items[i]) ||
					       matches(m, written->items[i], seen->items[i])))
			return false;
	}
	return i == seen->item_count;
}

static const struct arg *field_of(const struct arg *seen, int id)
{
	for (size_t i = 0; i < seen->item_count; i++)
		if (seen->items[i]->field_id == id)
			return seen->items[i];
	return NULL;
}

static bool fields_match(const struct matching *m, const struct arg *written,
			 const struct arg *seen)
{
	for (size_t i = 0; i < written->item_count; i++) {
		const struct arg *field = written->items[i], *other;

		if (!field->field && field->kind == ARG_ANY && i + 1 == written->item_count)
			return true;
		if (field->field)
			other = field_of(seen, field->field_id);
		else
			other = i < seen->item_count ? seen->items[i] : NULL;
		if (!other || !matches(m, field, other))
			return false;
	}
	return true;
}

static bool address_matches(const struct matching *m, const struct address *written,
			    const struct address *seen)
{
	if (!written->host != !seen->host || written->row != seen->row)
		return false;
	return !written->port || !seen->port || !value_is_known(seen->port) ||
	       written->port->kind == VALUE_ANY ||
	       m->number(m->context, written->port, known_number(seen->port));
}

/* ["reno"]: the brackets mean a pointer to it, and are not part of the value. */
static const struct arg *pointed_at(const struct arg *arg, const struct arg *other)
{
	return arg->kind == ARG_LIST && arg->item_count == 1 && other->kind != ARG_LIST
		   ? arg->items[0]
		   : arg;
}

static bool matches(const struct matching *m, const struct arg *written, const struct arg *seen)
{
	int64_t number;

	written = pointed_at(written, seen);
	if (written->kind == ARG_ANY)
		return true;
	if (written->kind == ARG_VALUE)
		return written->value->kind == VALUE_ANY ||
		       (seen_number(seen, &number) &&
			m->number(m->context, written->value, number));
	if (written->kind == ARG_NAMES)
		return names_match(written, seen);
	if (written->kind != seen->kind)
		return false;
	switch (written->kind) {
	case ARG_STRING:
		/* "abc"... is a beginning. */
		return (written->cut ? written->length <= seen->length
				     : written->length == seen->length) &&
		       !memcmp(written->bytes, seen->bytes, written->length);
	case ARG_ADDRESS:
		return address_matches(m, &written->address, &seen->address);
	case ARG_STRUCT:
		return fields_match(m, written, seen);
	case ARG_LIST:
		return items_match(m, written, seen);
	case ARG_LABELLED:
	case ARG_INDEXED:
		return written->word == seen->word && items_match(m, written, seen);
	default:
		return false;
	}
}

bool arg_matches(const struct arg *written, const struct arg *seen, number_fn *number,
		 void *context)
{
	const struct matching m = {number ? number : known_matches, context};

	return matches(&m, written, seen);
}

/* ---- what differs ---- */

static struct arg *difference(struct arena *a, const struct matching *m, const struct arg *written,
			      const struct arg *seen);

static struct arg *copy_named(struct arena *a, const struct arg *arg, const char *field)
{
	struct arg *copy = arena_new(a, struct arg);

	*copy = *arg;
	copy->field = field;
	return copy;
}

static struct arg *empty_like(struct arena *a, const struct arg *arg)
{
	struct arg *copy = copy_named(a, arg, arg->field);

	copy->items = NULL;
	copy->item_count = 0;
	return copy;
}

/* The field that identifies one of several structures. */
static bool is_identity(const struct arg *field)
{
	return field->field_id == FIELD_fd || field->field_id == FIELD_data;
}

/* The fields that differ; in a list also the one that identifies the structure. */
static struct arg *fields_difference(struct arena *a, const struct matching *m,
				     const struct arg *written, const struct arg *seen,
				     bool is_listed)
{
	struct arg *result = empty_like(a, seen);

	for (size_t i = 0; i < written->item_count; i++) {
		const struct arg *field = written->items[i], *other = NULL;
		struct arg *differing;

		if (field->field)
			other = field_of(seen, field->field_id);
		else if (field->kind != ARG_ANY && i < seen->item_count)
			other = seen->items[i];
		differing = other ? difference(a, m, field, other) : NULL;
		if (!differing && other && is_listed && is_identity(field))
			differing = copy_named(a, other, field->field);
		if (differing)
			*arena_push(a, result->items, result->item_count) =
			    copy_named(a, differing, field->field);
	}
	return result;
}

/* Of a list of structures, those that differ; any other list as a whole. */
static struct arg *items_difference(struct arena *a, const struct matching *m,
				    const struct arg *written, const struct arg *seen)
{
	struct arg *result = empty_like(a, seen);

	if (written->item_count != seen->item_count)
		return copy_named(a, seen, seen->field);
	for (size_t i = 0; i < written->item_count; i++) {
		const struct arg *item = written->items[i], *other = seen->items[i];

		if (item->kind != ARG_STRUCT || other->kind != ARG_STRUCT)
			return copy_named(a, seen, seen->field);
		if (!matches(m, item, other))
			*arena_push(a, result->items, result->item_count) =
			    fields_difference(a, m, item, other, true);
	}
	return result;
}

static struct arg *difference(struct arena *a, const struct matching *m, const struct arg *written,
			      const struct arg *seen)
{
	if (matches(m, written, seen))
		return NULL;
	if (written->kind == ARG_STRUCT && seen->kind == ARG_STRUCT)
		return fields_difference(a, m, written, seen, false);
	if (written->kind == ARG_LIST && seen->kind == ARG_LIST)
		return items_difference(a, m, written, seen);
	return copy_named(a, seen, seen->field);
}

struct arg *arg_difference(struct arena *a, const struct arg *written, const struct arg *seen,
			   number_fn *number, void *context)
{
	const struct matching m = {number ? number : known_matches, context};

	return difference(a, &m, written, seen);
}
