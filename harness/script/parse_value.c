/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers, values, durations, gaps and conditions.
 *
 * A value is a sum without brackets, read from left to right; it may have TERMS terms, so that
 * those who walk it can recurse. Durations are whole nanoseconds throughout: no floating point.
 */
#include "harness/script/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"

#define TERMS 64

static struct value *new_value(struct parser *p, enum value_kind kind)
{
	struct value *v = arena_new(p->arena, struct value);

	v->kind = kind;
	v->place = p->token.place;
	v->extent.from = p->token.start;
	return v;
}

/* ---- integers ---- */

/* The token is a NUMBER; `at`: where it begins, with its sign. */
static int64_t integer(struct parser *p, bool negative, struct place at)
{
	const char *text = p->token.text;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;
	int64_t number;

	errno = 0;
	number = strtoll(text, &end, hex ? 16 : 10);
	if (*end)
		parse_error(p, at, "'%s%s' is not a whole number", negative ? "-" : "", text);
	else if (errno)
		parse_error(p, at, "%s%s is too large a number", negative ? "-" : "", text);
	else
		parse_next(p);
	return negative ? -number : number;
}

int64_t parse_integer(struct parser *p)
{
	struct place at = p->token.place;
	bool negative = parse_accept(p, '-');

	if (p->token.kind == TOKEN_NUMBER)
		return integer(p, negative, at);
	parse_unexpected(p, "a number", NULL);
	return 0;
}

/* ---- values ---- */

bool parse_at_value(const struct parser *p)
{
	int kind = p->token.kind;

	return kind == TOKEN_NUMBER || kind == TOKEN_VARIABLE || kind == '*' || kind == '-';
}

struct value *parse_term(struct parser *p)
{
	struct value *v = new_value(p, VALUE_INT);

	if (parse_accept(p, '*')) {
		v->kind = VALUE_ANY;
	} else if (p->token.kind == TOKEN_VARIABLE) {
		v->kind = VALUE_VARIABLE;
		v->name = p->token.text;
		parse_next(p);
	} else if (p->token.kind == TOKEN_NUMBER || p->token.kind == '-') {
		v->number = parse_integer(p);
	} else {
		parse_unexpected(p, "a number, $name or '*'", NULL);
	}
	v->extent.to = p->end;
	return v;
}

static bool at_operator(const struct parser *p, bool products)
{
	return p->token.kind == '+' || p->token.kind == '-' || (products && p->token.kind == '*');
}

/* Products bind closer than sums. */
static struct value *operation(struct parser *p, bool products, int *terms)
{
	struct value *left = parse_term(p);

	while (products && p->token.kind == '*') {
		struct value *v = new_value(p, VALUE_SUM);

		parse_next(p);
		v->op = '*';
		v->left = left;
		v->right = parse_term(p);
		v->extent = parse_extent(p, left->extent.from);
		left = v;
		if (++*terms > TERMS)
			parse_error(p, v->place, "this value has too many terms");
	}
	return left;
}

static struct value *sum(struct parser *p, bool products)
{
	int terms = 1;
	struct value *left = operation(p, products, &terms);

	while (at_operator(p, false)) {
		struct value *v = new_value(p, VALUE_SUM);

		v->op = (char)p->token.kind;
		parse_next(p);
		v->left = left;
		v->right = operation(p, products, &terms);
		v->extent = parse_extent(p, left->extent.from);
		left = v;
		if (++terms > TERMS)
			parse_error(p, v->place, "this value has too many terms");
	}
	return left;
}

static struct value *observed(struct parser *p, bool products)
{
	struct value *v = new_value(p, VALUE_AT_LEAST), *left;

	if (parse_accept(p, TOKEN_AT_LEAST)) {
		v->left = sum(p, products);
		v->extent.to = p->end;
		return v;
	}
	left = sum(p, products);
	if (!parse_accept(p, TOKEN_RANGE))
		return left;
	v->kind = VALUE_RANGE;
	v->left = left;
	v->right = sum(p, products);
	v->extent.to = p->end;
	if (left->kind == VALUE_INT && v->right->kind == VALUE_INT &&
	    left->number > v->right->number)
		parse_error(p, v->place, "a range from %lld down to %lld holds nothing",
			    (long long)left->number, (long long)v->right->number);
	return v;
}

struct value *parse_value(struct parser *p)
{
	return sum(p, true);
}

struct value *parse_observed(struct parser *p)
{
	return observed(p, true);
}

struct value *parse_queue(struct parser *p)
{
	return observed(p, false);
}

/* ---- durations ---- */

static const struct unit {
	const char *name;
	ns_t size;
} units[] = {
    {"us", NS_PER_US}, {"ms", NS_PER_MS},      {"s", NS_PER_S},
    {"sec", NS_PER_S}, {"min", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

static const struct unit *find_unit(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
			return &units[i];
	}
	return NULL;
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* One 1.25s of 1min1.25s; `*text` moves on. False: not one, or too long for the clock. */
static bool add_part(const char **text, ns_t *total)
{
	size_t whole_digits = digits(*text), unit_length;
	const char *at = *text + whole_digits, *fraction = NULL;
	const struct unit *unit;
	size_t fraction_digits = 0;
	ns_t whole, part;

	if (*at == '.') {
		fraction = at + 1;
		fraction_digits = digits(fraction);
		at = fraction + fraction_digits;
	}
	unit_length = strcspn(at, "0123456789");
	unit = find_unit(at, unit_length);
	if (!unit || fraction_digits > 9)
		return false;
	errno = whole_digits > 18 ? ERANGE : 0;
	whole = errno ? 0 : strtoll(*text, NULL, 10);
	if (__builtin_mul_overflow(whole, unit->size, &part) || part > FOREVER - *total)
		errno = ERANGE;
	if (errno)
		return false;
	*total += part;
	part = unit->size;
	for (size_t i = 0; i < fraction_digits;
	     i++) { /* what is finer than a nanosecond is cut off */
		*total += (fraction[i] - '0') * (part / 10);
		part /= 10;
	}
	*text = at + unit_length;
	return true;
}

/* False: errno is ERANGE if it is a time, but too long a one. */
static bool read_duration(const char *text, ns_t *t)
{
	*t = 0;
	errno = 0;
	do {
		if (!digits(text) || !add_part(&text, t))
			return false;
	} while (*text);
	return true;
}

bool parse_at_duration(const struct parser *p)
{
	ns_t t;

	return p->token.kind == TOKEN_NUMBER &&
	       (read_duration(p->token.text, &t) || errno == ERANGE);
}

ns_t parse_duration(struct parser *p)
{
	ns_t t = 0;

	if (p->token.kind != TOKEN_NUMBER)
		parse_unexpected(p, "a time (200ms, 1s, 1.2s)", NULL);
	else if (strcmp(p->token.text, "0") != 0 && !read_duration(p->token.text, &t))
		parse_error(p, p->token.place,
			    errno == ERANGE
				? "%s is too long a time"
				: "'%s' is not a time; expected a number with us, ms, s, min or h",
			    p->token.text);
	else
		parse_next(p);
	return t;
}

/* ss writes seconds with a fraction as 1.200ms: the unit is that of the fraction. */
ns_t parse_ss_duration(struct parser *p)
{
	const char *text = p->token.kind == TOKEN_NUMBER ? p->token.text : "";
	size_t whole = digits(text);

	if (whole && whole < 10 && text[whole] == '.' && digits(text + whole + 1) == 3 &&
	    strcmp(text + whole + 4, "ms") == 0) {
		ns_t t = strtoll(text, NULL, 10) * NS_PER_S +
			 strtoll(text + whole + 1, NULL, 10) * NS_PER_MS;

		parse_next(p);
		return t;
	}
	return parse_duration(p);
}

void parse_gap(struct parser *p, struct gap *gap)
{
	size_t start = p->token.start, time;

	gap->present = true;
	gap->place = p->token.place;
	if (parse_accept(p, '@'))
		gap->from = parse_name(p, "the name of an event above");
	parse_expect(p, '+', "'+' and a time (+200ms)");
	time = p->token.start;
	gap->min = gap->max = parse_duration(p);
	if (parse_accept(p, TOKEN_RANGE)) {
		gap->is_range = true;
		gap->max = parse_duration(p);
		if (gap->max < gap->min)
			parse_error(p, gap->place, "this time ends before it begins");
	}
	gap->extent = parse_extent(p, start);
	gap->time = parse_extent(p, time);
}

/* ---- conditions ---- */

static const char *parse_comparison(struct parser *p)
{
	static const struct {
		int kind;
		const char *op;
	} ops[] = {
	    {'=', "="}, {TOKEN_NOT_EQUAL, "!="}, {'<', "<"},
	    {'>', ">"}, {TOKEN_AT_MOST, "<="},	 {TOKEN_AT_LEAST, ">="},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (parse_accept(p, ops[i].kind))
			return ops[i].op;
	}
	parse_unexpected(p, "= != < <= > or >=", NULL);
	return "=";
}

static void parse_version(struct parser *p, int version[3])
{
	const char *text = p->token.kind == TOKEN_NUMBER ? p->token.text : "";
	int parts = 0;

	version[0] = version[1] = version[2] = -1;
	while (parts < 3 && digits(text) && digits(text) < 6) {
		version[parts++] = atoi(text);
		text += digits(text);
		if (*text == '.')
			text++;
	}
	if (p->token.kind != TOKEN_NUMBER || *text || !parts)
		parse_unexpected(p, "a kernel's version (6.5)", NULL);
	parse_next(p);
}

void parse_condition(struct parser *p, struct condition *condition)
{
	static const char *const words[] = {"kernel", "family", "virtual", "netem", "root", NULL};

	condition->place = p->token.place;
	condition->subject = p->token.text;
	if (parse_accept_word(p, "virtual") || parse_accept_word(p, "netem") ||
	    parse_accept_word(p, "root"))
		return;
	if (parse_accept_word(p, "kernel")) {
		condition->op = parse_comparison(p);
		parse_version(p, condition->version);
		return;
	}
	condition->is_variable = parse_accept(p, TOKEN_VARIABLE);
	if (!condition->is_variable && !parse_accept_word(p, "family")) {
		parse_unexpected(p, "kernel, family, $name, virtual, netem or root", words);
		return;
	}
	condition->op = parse_comparison(p);
	if (condition->is_variable && p->token.kind == TOKEN_WORD)
		condition->word = parse_name(p, "");
	else
		condition->value = parse_value(p);
}
