/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exercises: a scenario with some of its observations left blank, and what a student has made of
 * it.
 *
 * An exercise is a text whose first line, below comments, is
 *
 *     exercise NAME LEVEL
 *
 * where NAME is the scenario that it was made of, its origin. A blank is written ____. Everything
 * here is a function of texts; whether something that was filled in is right, only a run can tell.
 * Then the origin's text is run with this one part replaced.
 */
#ifndef EXERCISE_H
#define EXERCISE_H

#include "harness/script/script.h"

#define BLANK "____"

/* Each has the blanks of the one before it, except ORDER, which has none. */
enum exercise_level { LEVEL_ERRNOS, LEVEL_FLAGS, LEVEL_NUMBERS, LEVEL_ORDER, LEVELS };
extern const char *const exercise_levels[LEVELS + 1];
/* LEVELS: no level has that name. */
enum exercise_level exercise_level_find(const char *name);

enum blank_kind { BLANK_RESULT, BLANK_FLAGS, BLANK_NUMBER, BLANK_WORD };

struct blank {
	struct extent at; /* in the origin's text */
	enum blank_kind kind;
	const char *what;   /* "the flags" */
	const char *answer; /* what is written there */
};

/* A line of the origin, without its comment. */
struct exercise_line {
	const char *text;   /* as the exercise has it */
	const char *whole;  /* with the answers */
	const char **fixed; /* what stands around the blanks: one more than blanks */
	const struct blank **blanks;
	size_t count;
	bool is_free; /* LEVEL_ORDER: its place is to be found */
};

struct exercise {
	const struct source *origin;
	const char *name; /* of the origin */
	enum exercise_level level;
	const char *title; /* without what it would give away */
	struct blank *blanks;
	size_t count;
	struct exercise_line *lines; /* none of them is empty, unless .text is "" */
	size_t line_count;
	size_t free_count;
};

/* blanks.c: the parts of the script that are blank on that level, in the order of the text. */
struct blank *exercise_blanks(struct arena *a, const struct script *origin,
			      enum exercise_level level, size_t *count);
/* Whether that line's place is to be found on LEVEL_ORDER. */
bool *exercise_free(struct arena *a, const struct script *origin);

/* exercise.c */
void exercise_make(struct arena *a, const struct script *origin, const char *name,
		   enum exercise_level level, struct exercise *out);
/* Whether there is anything to do in it. */
bool exercise_has_work(const struct exercise *e);
/* Its text; or with all answers, in the same lines. `run`: the command that judges it. */
void exercise_print(FILE *out, const struct exercise *e, const char *run, bool answers);

/* The physical line without its comment, with single blanks between words, and none at its ends. */
const char *exercise_bare(struct arena *a, const char *line, size_t length);

/* ---- fills.c ---- */

/*
 * Whether the text is that of an exercise. Then these are the words of its first line, NULL where
 * there is none.
 */
bool exercise_is_one(struct arena *a, const char *text, const char **name, const char **level);

enum fill_state {
	FILL_LEFT,    /* nothing is filled in yet */
	FILL_RIGHT,   /* it is what the origin says */
	FILL_TO_RUN,  /* only a run can tell */
	FILL_NO_FORM, /* that cannot stand there: `why` */
	FILL_WRONG,   /* set by who has run it */
};

struct fill {
	const struct blank *blank;
	enum fill_state state;
	int line;	  /* of the student's text */
	const char *text; /* what was filled in */
	const char *why;  /* NO_FORM, or what a run's preparation says */
};

struct filled {
	struct fill *list; /* one for each blank */
	size_t count;
	size_t left;	  /* LEVEL_ORDER: how many lines have no place yet */
	const char *text; /* LEVEL_ORDER: the script as the student has ordered it, line by line */
	/* The text is not that of the exercise any more: where, and what should be there. */
	int wrong_line;
	const char *wrong;
};

/* False: `wrong` says why it cannot be judged. */
bool exercise_read(struct arena *a, const struct exercise *e, const struct source *source,
		   struct filled *out);

/* The origin's text with what was filled in there. */
const char *exercise_with(struct arena *a, const struct exercise *e, const struct fill *fill);

#endif
