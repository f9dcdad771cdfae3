/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for a key, where a person reads a report.
 */
#ifndef REPORTERS_KEY_H
#define REPORTERS_KEY_H

#include <stdbool.h>
#include <stdio.h>

/* Whether somebody reads on a terminal, and can press one. */
bool key_is_there(void);

/* Flush the stream, and wait. False: the rest is not wanted: q, or an interrupt. */
bool key_wait(FILE *out);

#endif
