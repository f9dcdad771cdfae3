/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing the parts of a line: values, flags, durations, strings, arguments.
 */
#include "harness/script/print.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/packet/flags.h"

/* ---- values ---- */

void value_print(FILE *out, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		fprintf(out, "%lld", (long long)v->number);
		break;
	case VALUE_VARIABLE:
		fprintf(out, "$%s", v->name);
		break;
	case VALUE_ANY:
		putc('*', out);
		break;
	case VALUE_SUM:
		value_print(out, v->left);
		fprintf(out, " %c ", v->op);
		value_print(out, v->right);
		break;
	case VALUE_RANGE:
		value_print(out, v->left);
		fputs("..", out);
		value_print(out, v->right);
		break;
	case VALUE_AT_LEAST:
		fputs(">= ", out);
		value_print(out, v->left);
		break;
	}
}

void print_part(FILE *out, const char *before, const struct value *v)
{
	if (v) {
		fputs(before, out);
		value_print(out, v);
	}
}

void print_word(FILE *out, const char *before, const char *word)
{
	if (word)
		fprintf(out, "%s%s", before, word);
}

void flags_print(FILE *out, uint16_t flags)
{
	if (!flags)
		putc('-', out);
	for (size_t i = 0; i < TCP_FLAGS; i++) {
		if (flags & tcp_flags[i].bit)
			putc(tcp_flags[i].letter, out);
	}
}

static const struct unit {
	ns_t size, from; /* used for multiples of size, from `from` on */
	const char *name, *ss_name;
} units[] = {
    {3600 * NS_PER_S, 3600 * NS_PER_S, "h", NULL},
    {60 * NS_PER_S, 600 * NS_PER_S, "min", "min"},
    {NS_PER_S, 0, "s", "sec"},
    {NS_PER_MS, 0, "ms", "ms"},
    {NS_PER_US, 0, "us", NULL},
};

void duration_print(FILE *out, ns_t t)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (t % units[i].size == 0 && t >= units[i].from) {
			fprintf(out, "%lld%s", (long long)(t / units[i].size), units[i].name);
			return;
		}
	}
	fprintf(out, "%lld.%03lldus", (long long)(t / NS_PER_US), (long long)(t % NS_PER_US));
}

void print_ss_duration(FILE *out, ns_t t)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].ss_name && t % units[i].size == 0 && t >= units[i].from) {
			fprintf(out, "%lld%s", (long long)(t / units[i].size), units[i].ss_name);
			return;
		}
	}
	duration_print(out, t);
}

/* ---- arguments, calls ---- */

void print_address(FILE *out, const struct address *a)
{
	if (a->host)
		fputs(a->host, out);
	print_part(out, ":", a->port);
}

void print_args(FILE *out, struct arg *const *args, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", out);
		arg_print(out, args[i]);
	}
}

static void print_names(FILE *out, const struct arg *arg)
{
	for (size_t i = 0; i < arg->name_count; i++)
		fprintf(out, "%s%s", i ? "|" : "", arg->names[i]);
}

void arg_print(FILE *out, const struct arg *arg)
{
	if (arg->field)
		fprintf(out, "%s=", arg->field);
	switch (arg->kind) {
	case ARG_ANY:
		fputs("...", out);
		break;
	case ARG_STRING:
		if (arg->content)
			fputs(arg->content, out);
		else
			string_print(out, arg->bytes, arg->length);
		fputs(arg->cut ? "..." : "", out);
		break;
	case ARG_VALUE:
		value_print(out, arg->value);
		break;
	case ARG_ADDRESS:
		print_address(out, &arg->address);
		break;
	case ARG_NAMES:
		print_names(out, arg);
		break;
	case ARG_STRUCT:
		putc('{', out);
		print_args(out, arg->items, arg->item_count);
		putc('}', out);
		break;
	case ARG_LABELLED:
		fprintf(out, "%s ", arg->names[0]);
		print_args(out, arg->items, arg->item_count);
		break;
	case ARG_INDEXED:
		fprintf(out, "%s ", arg->names[0]);
		/* fall through */
	case ARG_LIST:
		putc('[', out);
		print_args(out, arg->items, arg->item_count);
		putc(']', out);
		break;
	}
}
