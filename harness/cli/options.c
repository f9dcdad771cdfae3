/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one table says everything about an option: its names, the field that it sets
 * and how, the commands to which it means something, its line of help. getopt_long's tables and the
 * help are made from it. getopt's own messages are off, because ours name what was probably meant.
 */
#include "harness/cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/complain.h"

struct row;

/* Set a field from the option's argument (NULL: it takes none); false: the argument is not one. */
typedef bool set_fn(void *field, const char *text, unsigned value);

struct row {
	const char *name;
	char letter; /* 0: none */
	const char *argument;
	const char *wants; /* what the argument must be */
	set_fn *set;
	size_t field;
	unsigned value;
	unsigned commands;
	const char *help; /* NULL: for tests only, not shown */
};

static bool set_flag(void *field, const char *text, unsigned value)
{
	(void)text;
	*(bool *)field = value;
	return true;
}

static bool set_bit(void *field, const char *text, unsigned value)
{
	(void)text;
	*(unsigned *)field |= value;
	return true;
}

static bool set_count(void *field, const char *text, unsigned most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > (long)most)
		return false;
	*(int *)field = n;
	return true;
}

static bool set_text(void *field, const char *text, unsigned value)
{
	(void)value;
	*(const char **)field = text;
	return *text != '\0';
}

static bool set_duration(void *field, const char *text, unsigned value)
{
	(void)value;
	return duration_parse(text, field);
}

/* 300 (bytes), 64K, 300M, 2G; a B or iB behind it changes nothing. */
static bool set_size(void *field, const char *text, unsigned value)
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

#define FIELD(name) offsetof(struct options, name)

static const struct row rows[] = {
    {"jobs", 'j', "N", "a number from 1 to 1000", set_count, FIELD(at_once), MAX_AT_ONCE,
     FOR_RUN | FOR_DIFF | FOR_BLESS, "run N at once; the default is as many as the machine bears"},
    {"verbose", 'v', NULL, NULL, set_flag, FIELD(verbose), true, FOR_RUN | FOR_DIFF,
     "every field of every packet, one line for each event"},
    {"quiet", 'q', NULL, NULL, set_flag, FIELD(quiet), true, FOR_RUN, "verdicts only"},
    {"json", 0, NULL, NULL, set_flag, FIELD(json), true, FOR_RUN | FOR_LIST | FOR_DIFF,
     "one JSON document instead of text"},
    {"results", 0, "DIR", "a directory", set_text, FIELD(results), 0, FOR_RUN | FOR_DIFF,
     "leave the results there (default: results/ beside scenarios/)"},
    {"keep", 0, NULL, NULL, set_flag, FIELD(keep), true, FOR_RUN,
     "do not replace earlier results, add a directory with the time in its name"},
    {"ipv4", '4', NULL, NULL, set_bit, FIELD(families), FAMILY_4, FOR_RUN | FOR_DIFF | FOR_BLESS,
     "over IPv4 (the default)"},
    {"ipv6", '6', NULL, NULL, set_bit, FIELD(families), FAMILY_6, FOR_RUN | FOR_DIFF | FOR_BLESS,
     "over IPv6; -4 -6: over both"},
    {"kernel", 'k', "KERNEL", "a kernel's name, or the path of a User-Mode Linux", set_text,
     FIELD(kernel), 0, FOR_RUN | FOR_BLESS,
     "run on that kernel, in virtual time (./run.sh kernel list)"},
    {"slow", 0, NULL, NULL, set_flag, FIELD(slow), true, FOR_RUN | FOR_BLESS,
     "on the running kernel, run also what takes minutes to hours there"},
    {"acks", 0, NULL, NULL, set_flag, FIELD(acks), true, FOR_BLESS, "bless: write plain ACKs, too"},
    {"until", 0, "DURATION", "a duration such as 200s", set_duration, FIELD(until), 0, FOR_BLESS,
     "bless: follow timers so far (default: those due within 1s)"},
    {"keep-written", 0, NULL, NULL, set_flag, FIELD(keep_written), true, FOR_BLESS,
     "bless: fill in only what is missing, refuse what contradicts what is written"},
    {"dry-run", 'n', NULL, NULL, set_flag, FIELD(dry_run), true, FOR_BLESS,
     "bless: show the difference, write nothing"},
    {"deep", 0, NULL, NULL, set_flag, FIELD(deep), true, FOR_DIFF,
     "diff: compare all that was recorded, asserted or not"},
    {"library", 0, "DIR", "a directory", set_text, FIELD(library), 0, FOR_ALL,
     "the scenarios' directory"},
    {"patience", 0, "DURATION", "a duration such as 5s", set_duration, FIELD(patience), 0,
     FOR_RUN | FOR_BLESS, NULL},
    {"limit", 0, "DURATION", "a duration such as 60s", set_duration, FIELD(limit), 0,
     FOR_RUN | FOR_BLESS, "a run's wall time (default: 60s beyond its gaps; a guest's: 60s)"},
    {"memory", 0, "SIZE", "a size such as 300M", set_size, FIELD(memory), 0, FOR_RUN | FOR_BLESS,
     "a run's memory (default: 256M)"},
    {"captured", 0, "SIZE", "a size such as 300M", set_size, FIELD(captured), 0,
     FOR_RUN | FOR_BLESS, "what a run may capture (default: 512M)"},
    {"record", 0, NULL, NULL, set_flag, FIELD(record), true, FOR_RUN, NULL},
    {"help", 'h', NULL, NULL, set_flag, FIELD(help), true, FOR_ALL, "this help"},
    {"version", 'V', NULL, NULL, set_flag, FIELD(version), true, FOR_ALL, "the version"},
};

#define ROWS	  ARRAY_SIZE(rows)
#define FIRST_ROW 256 /* getopt's value for rows[0]; above every letter */

bool duration_parse(const char *text, ns_t *value)
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
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].name) == 0 && n * units[i].ns >= 1 &&
		    n * units[i].ns < 1e18) {
			*value = n * units[i].ns;
			return true;
		}
	}
	return false;
}

static const struct row *row_of(int value)
{
	if (value >= FIRST_ROW)
		return &rows[value - FIRST_ROW];
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].letter == value)
			return &rows[i];
	}
	return NULL;
}

/* What getopt stumbled over: it leaves a letter in optopt, or a long option behind it in argv. */
static void explain(int letter, const char *word, char *error, size_t size)
{
	const char *names[ROWS + 1] = {NULL};
	const char *near;

	if (letter > 0 && letter < FIRST_ROW) {
		snprintf(error, size, "unknown option -%c", letter);
		return;
	}
	for (size_t i = 0; i < ROWS; i++)
		names[i] = rows[i].name;
	near = nearest(word + 2, names);
	if (near)
		snprintf(error, size, "unknown option %s; did you mean --%s?", word, near);
	else
		snprintf(error, size, "unknown option %s", word);
}

static bool take(struct options *o, const struct row *row, char *error, size_t size)
{
	if (!row->set((char *)o + row->field, optarg, row->value)) {
		snprintf(error, size, "--%s wants %s, not '%s'", row->name, row->wants, optarg);
		return false;
	}
	if (row->commands != FOR_ALL && o->option_count < ARRAY_SIZE(o->option_mask)) {
		o->option_for[o->option_count] = row->name;
		o->option_mask[o->option_count++] = row->commands;
	}
	return true;
}

bool options_read(struct options *o, int argc, char **argv, char *error, size_t size)
{
	struct option longs[ROWS + 1] = {{0}};
	char letters[2 * ROWS + 2] =
	    ":"; /* the colon: tell a missing argument from an unknown option */
	size_t n = 1;
	int c;

	*o = (struct options){0};
	for (size_t i = 0; i < ROWS; i++) {
		longs[i] = (struct option){rows[i].name,
					   rows[i].argument ? required_argument : no_argument, NULL,
					   FIRST_ROW + (int)i};
		if (rows[i].letter) {
			letters[n++] = rows[i].letter;
			if (rows[i].argument)
				letters[n++] = ':';
		}
	}
	letters[n] = '\0';
	opterr = 0;
	optind =
	    0; /* 0, not 1: start anew also where an earlier reading was left in a word's middle */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':') {
			const struct row *row = row_of(optopt);

			snprintf(error, size, "--%s wants %s", row->name, row->wants);
			return false;
		}
		if (c == '?' && optopt >= FIRST_ROW) {
			snprintf(error, size, "--%s takes no argument", row_of(optopt)->name);
			return false;
		}
		if (c == '?') {
			explain(optopt, argv[optind - 1], error, size);
			return false;
		}
		if (!take(o, row_of(c), error, size))
			return false;
	}
	if (o->verbose && o->quiet) {
		snprintf(error, size, "-v and -q contradict each other");
		return false;
	}
	o->words = argv + optind;
	o->word_count = argc - optind;
	return true;
}

bool options_fit(const struct options *o, unsigned mask, const char *command, char *error,
		 size_t size)
{
	for (size_t i = 0; i < o->option_count; i++) {
		if (!(o->option_mask[i] & mask)) {
			snprintf(error, size, "--%s means nothing to '%s'", o->option_for[i],
				 command);
			return false;
		}
	}
	return true;
}

void options_print(FILE *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		char left[40];

		if (!rows[i].help)
			continue;
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", rows[i].letter ? "-" : " ",
			 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ", " : "  ",
			 rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		fprintf(out, "  %-20s  %s\n", left, rows[i].help);
	}
}
