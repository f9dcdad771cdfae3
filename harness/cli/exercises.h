/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises that `run` is given: they are judged, and not reported like runs. */
#ifndef CLI_EXERCISES_H
#define CLI_EXERCISES_H

#include "harness/cli/commands.h"
#include "harness/exercise/exercise.h"

/* The scenario of that name and level, as an exercise. False: it has been reported why not. */
bool exercise_of(struct library *l, const char *name, enum exercise_level level,
		 const struct scenario **origin, struct exercise *e);

/* The file of an exercise that the word names, and its text; NULL: it names something else. */
const struct scenario *exercise_file(struct library *l, const char *word,
				     const struct source **source);

/* The exercise that this file is, made once more; false: likewise. */
bool exercise_from(struct library *l, const struct scenario *file, const struct source *source,
		   const struct scenario **origin, struct exercise *e);

/* Whether one of the words is the file of an exercise. */
bool exercises_are_chosen(const struct options *o, struct library *l);

/* Judge all of them. Returns the program's exit status. */
int exercises_judge(const struct options *o, struct library *l);

#endif
