/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an option's argument can be, and how it is read. An argument that is only right at its
 * beginning is refused.
 */
#include "harness/options/options.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"

bool option_flag(void *field, const char *text, unsigned value)
{
	(void)text;
	*(bool *)field = value;
	return true;
}

bool option_bit(void *field, const char *text, unsigned value)
{
	(void)text;
	*(unsigned *)field |= value;
	return true;
}

bool option_count(void *field, const char *text, unsigned most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > (long)most)
		return false;
	*(int *)field = n;
	return true;
}

bool option_text(void *field, const char *text, unsigned value)
{
	(void)value;
	*(const char **)field = text;
	return *text != '\0';
}

bool option_duration(void *field, const char *text, unsigned value)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
	    {"ns", 1},	       {"us", NS_PER_US},	 {"ms", NS_PER_MS},	  {"s", NS_PER_S},
	    {"sec", NS_PER_S}, {"min", 60.0 * NS_PER_S}, {"h", 3600.0 * NS_PER_S}};
	char *end;
	double n;

	if (*text < '0' || *text > '9') /* strtod also takes signs, blanks, nan */
		return false;
	n = strtod(text, &end);
	(void)value;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].name) == 0 && n * units[i].ns >= 1 &&
		    n * units[i].ns < 1e18) {
			*(ns_t *)field = n * units[i].ns;
			return true;
		}
	}
	return false;
}

bool option_port(void *field, const char *text, unsigned value)
{
	char *end;
	long n = strtol(text, &end, 10);

	(void)value;
	if (*text < '0' || *text > '9' || *end || n < 1 || n > UINT16_MAX)
		return false;
	*(int64_t *)field = n;
	return true;
}

bool option_when(void *field, const char *text, unsigned value)
{
	static const char *const words[] = {
	    [WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"};

	(void)value;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(text, words[i]) == 0) {
			*(int64_t *)field = (int64_t)i;
			return true;
		}
	}
	return false;
}

/* 300 (bytes), 64K, 300M, 2G; a B or iB after it changes nothing. */
bool option_size(void *field, const char *text, unsigned value)
{
	static const char units[] = "KMGT";
	char *end;
	double n = strtod(text, &end);
	const char *unit = *end ? strchr(units, *end) : NULL;

	(void)value;
	/* strtod(3) knows more than that: 0x10, 1e3. */
	if (*text < '0' || *text > '9' || text + strspn(text, "0123456789.") != end ||
	    (*end && !unit))
		return false;
	for (const char *u = units; unit && u <= unit; u++)
		n *= 1024;
	if (unit && strcmp(end + 1, "") != 0 && strcmp(end + 1, "B") != 0 &&
	    strcmp(end + 1, "iB") != 0)
		return false;
	if (n < 1 || n > 1e15)
		return false;
	*(int64_t *)field = (int64_t)n;
	return true;
}
