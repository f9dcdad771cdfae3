/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of structures. Names are those of the C library's headers, which are strace's too.
 */
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "harness/calls/call_notation.h"
#include "harness/calls/calls.h"
#include "harness/calls/structs.h"

/* Whether -1 is less than 1 in the field's type. */
#define SIGNED(type, field) ((__typeof__(((type *)0)->field))-1 < 1)
#define FIELD_AS(type, field, g, flags)                                                            \
	{                                                                                          \
		FIELD_##field, offsetof(type, field), sizeof(((type *)0)->field),                  \
		    SIGNED(type, field), g, flags, 0, 0                                            \
	}
#define FIELD(type, field)	 FIELD_AS(type, field, NO_GROUP, false)
#define FIELD_OF(type, field, g) FIELD_AS(type, field, GROUP_##g, false)
#define FLAGS_OF(type, field, g) FIELD_AS(type, field, GROUP_##g, true)
#define END                                                                                        \
	{                                                                                          \
		NO_FIELD, 0, 0, false, NO_GROUP, false, 0, 0                                       \
	}

static const struct struct_field linger_fields[] = {
    FIELD(struct linger, l_onoff),
    FIELD(struct linger, l_linger),
    END,
};

static const struct struct_field timeval_fields[] = {
    FIELD(struct timeval, tv_sec),
    FIELD(struct timeval, tv_usec),
    END,
};

static const struct struct_field timespec_fields[] = {
    FIELD(struct timespec, tv_sec),
    FIELD(struct timespec, tv_nsec),
    END,
};

static const struct struct_field rlimit_fields[] = {
    FIELD_OF(struct rlimit64, rlim_cur, rlim),
    FIELD_OF(struct rlimit64, rlim_max, rlim),
    END,
};

static const struct struct_field capability_fields[] = {
    FLAGS_OF(struct capability_sets, effective, capability),
    FLAGS_OF(struct capability_sets, permitted, capability),
    FLAGS_OF(struct capability_sets, inheritable, capability),
    END,
};

static const struct struct_field header_fields[] = {
    FIELD_OF(struct __user_cap_header_struct, version, capability_version),
    FIELD(struct __user_cap_header_struct, pid),
    END,
};

static const struct struct_field info_fields[] = {
#define INFO(X, name, offset, size, shift, bits, group)                                            \
	{FIELD_tcpi_##name, offset, size, false, group, false, shift, bits},
    TCP_INFO_ROWS(INFO, )
#undef INFO
	END,
};

#define STRUCT(name, type, fields, example)                                                        \
	const struct struct_row struct_##name = {sizeof(type), fields, example}

STRUCT(linger, struct linger, linger_fields, "{l_onoff=1, l_linger=0}");
STRUCT(timeval, struct timeval, timeval_fields, "{tv_sec=1, tv_usec=0}");
STRUCT(timespec, struct timespec, timespec_fields, "{tv_sec=1, tv_nsec=0}");
STRUCT(rlimit, struct rlimit64, rlimit_fields, "{rlim_cur=5, rlim_max=5}");
STRUCT(capabilities, struct capability_sets, capability_fields, "{effective=0}");
STRUCT(capability_header, struct __user_cap_header_struct, header_fields,
       "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}");
const struct struct_row struct_tcp_info = {TCP_INFO_SIZE, info_fields,
					   "{tcpi_state=TCP_ESTABLISHED}"};

void struct_field_put(const struct struct_field *field, int64_t number, void *structure)
{
	unsigned char *bytes = structure;
	uint8_t byte = (uint8_t)number;
	uint16_t half = (uint16_t)number;
	uint32_t word = (uint32_t)number;

	if (field->size == sizeof(byte))
		memcpy(bytes + field->offset, &byte, sizeof(byte));
	else if (field->size == sizeof(half))
		memcpy(bytes + field->offset, &half, sizeof(half));
	else if (field->size == sizeof(word))
		memcpy(bytes + field->offset, &word, sizeof(word));
	else
		memcpy(bytes + field->offset, &number, sizeof(number));
}

static int64_t whole_number(const struct struct_field *field, const unsigned char *bytes)
{
	uint8_t byte;
	uint16_t half;
	uint32_t word;
	int64_t wide;

	switch (field->size) {
	case sizeof(byte):
		memcpy(&byte, bytes + field->offset, sizeof(byte));
		return field->is_signed ? (int8_t)byte : (int64_t)byte;
	case sizeof(half):
		memcpy(&half, bytes + field->offset, sizeof(half));
		return field->is_signed ? (int16_t)half : (int64_t)half;
	case sizeof(word):
		memcpy(&word, bytes + field->offset, sizeof(word));
		return field->is_signed ? (int32_t)word : (int64_t)word;
	default:
		memcpy(&wide, bytes + field->offset, sizeof(wide));
		return wide;
	}
}

static int64_t number_of(const struct struct_field *field, const unsigned char *bytes)
{
	int64_t number = whole_number(field, bytes);

	return field->bits ? (number >> field->shift) & (((int64_t)1 << field->bits) - 1) : number;
}

unsigned struct_field_bits(const struct struct_field *field)
{
	return field->bits ? field->bits : 8 * (unsigned)field->size;
}

bool struct_field_fits(const struct struct_field *field, int64_t number)
{
	unsigned bits = struct_field_bits(field) - field->is_signed;

	if (field->size == sizeof(number))
		return true;
	return number < (int64_t)1 << bits &&
	       number >= (field->is_signed ? -((int64_t)1 << bits) : 0);
}

static const char *number_text(struct arena *a, const struct struct_field *field, int64_t number)
{
	const char *name = constant_name(field->group, number);

	if (field->is_flags)
		return flags_text(a, field->group, number);
	return name ? name : arena_printf(a, "%lld", (long long)number);
}

const char *struct_text(struct arena *a, const struct struct_row *row, const void *bytes,
			size_t length)
{
	const struct struct_field *field = row->fields;
	const char *text = "";

	/* A kernel older than a field returns less: what it did not fill is not shown. */
	for (; field->id && field->offset + field->size <= length; field++)
		text = joined_text(a, text,
				   arena_printf(a, "%s=%s", field_names[field->id],
						number_text(a, field, number_of(field, bytes))));
	return arena_printf(a, "{%s}", text);
}
