/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots of a run: what people draw by hand to explain a transfer, or a timer that backs off.
 */
#ifndef PLOT_H
#define PLOT_H

#include "harness/engine/engine.h"

/* ---- plot_sequence.c: time against sequence number, of the largest transfer ---- */

/* False: there is none that would make a picture. */
bool plot_has_sequence(struct arena *a, const struct observation *o);
void plot_sequence(FILE *out, struct arena *a, const struct observation *o, const char *title);

/* ---- plot_timers.c: how long each timer ran, one below the other ---- */

bool plot_has_timers(struct arena *a, const struct observation *o);
void plot_timers(FILE *out, struct arena *a, const struct observation *o, const char *title);

#endif
