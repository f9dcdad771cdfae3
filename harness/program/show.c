/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that are numbers, constants, addresses and options.
 */
#include "harness/program/show.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/actor/making.h"
#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"

/* ---- numbers and constants ---- */

void show_int(struct decoding *d, const struct shown *s)
{
	show(d, arena_printf(d->arena, "%d", (int)argument(d, s->at)));
}

/* A descriptor is shown by its number: a program's descriptors have no names. */
void show_descriptor(struct decoding *d, const struct shown *s)
{
	show_int(d, s);
}

void show_unsigned(struct decoding *d, const struct shown *s)
{
	show(d, arena_printf(d->arena, "%llu", (unsigned long long)argument(d, s->at)));
}

/* The data that it points to say nothing about TCP. */
void show_pointer(struct decoding *d, const struct shown *s)
{
	show(d, decode_is_null(d, s->at) ? "NULL" : "...");
}

const char *constant_text(const struct decoding *d, enum constant_group group, int64_t value)
{
	const char *name = value ? constant_name(group, value) : NULL;

	return name ? name : arena_printf(d->arena, "%lld", (long long)value);
}

void show_constant(struct decoding *d, const struct shown *s)
{
	int value = (int)argument(d, s->at);
	/* In these groups, 0 also has a name. */
	const char *name = constant_name(s->group, value);

	show(d, name && s->group != GROUP_protocol ? name : constant_text(d, s->group, value));
}

void show_flags(struct decoding *d, const struct shown *s)
{
	show(d, flags_text(d->arena, s->group, (uint32_t)argument(d, s->at)));
}

/* SOCK_STREAM|SOCK_CLOEXEC; for accept4() only the flags. */
void show_type(struct decoding *d, const struct shown *s)
{
	const int kinds = 0xf;
	int value = (int)argument(d, s->at);
	const char *kind = value & kinds ? constant_text(d, s->group, value & kinds) : NULL;
	const char *flags = flags_text(d->arena, s->group, value & ~kinds);

	if (kind && value & ~kinds)
		show(d, arena_printf(d->arena, "%s|%s", kind, flags));
	else
		show(d, kind ? kind : flags);
}

/* ---- addresses ---- */

const char *socket_address_text(struct decoding *d, uint64_t address, uint64_t length)
{
	struct sockaddr_storage ss = {0};

	if (!address)
		return "NULL";
	if (length > sizeof(ss))
		length = sizeof(ss);
	if (length < sizeof(ss.ss_family) || !read_memory(d, address, &ss, length))
		return "...";
	if (address_ip(&ss, &d->peer, &d->peer_port)) {
		d->has_peer = true;
		return address_text(d->arena, &ss);
	}
	return arena_printf(d->arena, "{sa_family=%s}",
			    constant_text(d, GROUP_domain, ss.ss_family));
}

void show_address(struct decoding *d, const struct shown *s)
{
	show(d, socket_address_text(d, argument(d, s->at), (uint32_t)argument(d, s->at + 1)));
}

/* The length's argument comes next. */
void show_address_out(struct decoding *d, const struct shown *s)
{
	uint32_t length = 0;

	if (decode_is_null(d, s->at))
		show(d, "NULL");
	else if (!d->returned || d->result < 0 ||
		 !read_memory(d, argument(d, s->at + 1), &length, sizeof(length)))
		show(d, "...");
	else if (length == 0) /* TCP does not fill it in */
		show_filled(d, "NULL");
	else
		show_filled(d, socket_address_text(d, argument(d, s->at), length));
}

void show_length_out(struct decoding *d, const struct shown *s)
{
	uint32_t length = 0;

	if (decode_is_null(d, s->at))
		show(d, "NULL");
	else if (!read_memory(d, argument(d, s->at), &length, sizeof(length)))
		show(d, "...");
	else
		show_filled(d, arena_printf(d->arena, "[%u]", length));
}

/* ---- options, fcntl and ioctl ---- */

static const struct sockopt_row *find_option(int level, int number)
{
	for (const struct sockopt_row *row = sockopt_table; row->name; row++)
		if (row->level == level && row->number == number)
			return row;
	return NULL;
}

/*
 * The level is the argument before the option's number. The option's name implies it, so it is not
 * shown.
 */
void show_option(struct decoding *d, const struct shown *s)
{
	int level = (int)argument(d, s->at), number = (int)argument(d, s->at + 1);
	const struct sockopt_row *row = find_option(level, number);

	if (row)
		show(d, row->name);
	else
		show(d, arena_printf(d->arena, "%s, %d", constant_text(d, GROUP_level, level),
				     number));
}

static const char *option_text(struct decoding *d, int at, uint64_t length)
{
	static const struct sockopt_row unknown = {.name = "?", .form = FORM_INT};
	const struct sockopt_row *row = find_option((int)argument(d, 1), (int)argument(d, 2));
	unsigned char value[MAX_STRUCT];

	if (decode_is_null(d, at))
		return "NULL";
	if (length > sizeof(value))
		length = sizeof(value);
	if (!read_memory(d, argument(d, at), value, length))
		return "...";
	return sockopt_text(d->arena, row ? row : &unknown, value, length);
}

/* A script writes 1 for a number that is set, and [1] for one that is read. */
void show_option_in(struct decoding *d, const struct shown *s)
{
	const char *text = option_text(d, s->at, (uint32_t)argument(d, s->at + 1));
	size_t length = strlen(text);

	if (*text == '[' && length > 2)
		text = arena_strndup(d->arena, text + 1, length - 2);
	show(d, text);
}

void show_option_out(struct decoding *d, const struct shown *s)
{
	uint32_t length = 0;

	if (!d->returned || d->result < 0 ||
	    !read_memory(d, argument(d, s->at + 1), &length, sizeof(length)))
		show(d, "...");
	else
		show_filled(d, option_text(d, s->at, length));
}

/* F_SETFL, O_NONBLOCK */
void show_command(struct decoding *d, const struct shown *s)
{
	int command = (int)argument(d, s->at), value = (int)argument(d, s->at + 1);
	bool duplicates = command == F_DUPFD || command == F_DUPFD_CLOEXEC;

	show(d, constant_name(s->group, command) ? constant_name(s->group, command)
						 : constant_text(d, s->group, command));
	if (command == F_SETFD)
		show(d, value == FD_CLOEXEC ? "FD_CLOEXEC" : constant_text(d, NO_GROUP, value));
	else if (command == F_SETFL)
		show(d, flags_text(d->arena, GROUP_open, value & ~O_ACCMODE));
	else if (duplicates)
		show(d, arena_printf(d->arena, "%d", value));
	if (command == F_GETFL && d->returned && d->result >= 0)
		show_beside(d, 0, flags_text(d->arena, GROUP_open, d->result));
}

/* FIONREAD, [5] */
void show_request(struct decoding *d, const struct shown *s)
{
	uint32_t request = (uint32_t)argument(d, s->at);
	const char *name = constant_name(s->group, request);
	int value = 0;

	show(d, name ? name : arena_printf(d->arena, "%u", request));
	if (!name || !read_memory(d, argument(d, s->at + 1), &value, sizeof(value)))
		show(d, "...");
	else
		show_filled(d, arena_printf(d->arena, "[%d]", value));
}
