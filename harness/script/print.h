/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the printer's files share. Each prints nothing for a part that is not there (NULL).
 */
#ifndef SCRIPT_PRINT_H
#define SCRIPT_PRINT_H

#include "harness/script/script.h"

/* print_value.c. `before` goes first, if there is a value or a word. */
void print_part(FILE *out, const char *before, const struct value *v);
void print_word(FILE *out, const char *before, const char *word);
void print_address(FILE *out, const struct address *a);
void print_args(FILE *out, struct arg *const *args, size_t count);
/* As ss writes it, but for its 1.200ms, which means 1200ms. */
void print_ss_duration(FILE *out, ns_t t);

/* print_segment.c */
void print_numbers(FILE *out, const char *before, const struct value *seq, const struct value *end,
		   const struct value *length);
void print_icmp(FILE *out, const char *word, const struct icmp_number *number);
void print_kind(FILE *out, const struct segment_pattern *s);
void print_segment(FILE *out, const struct segment_pattern *s);

#endif
