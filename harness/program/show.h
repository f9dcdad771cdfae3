/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of the table's rows. Each puts an argument into words: show.c, show_data.c,
 * show_wait.c.
 */
#ifndef SHOW_H
#define SHOW_H

#include "harness/program/call_words.h"

/* The next argument's words. */
void show(struct decoding *d, const char *text);
/* The same, and this is also what the kernel has filled in. */
void show_filled(struct decoding *d, const char *text);
/* .. and it is shown beside the result, at that place (shown_at()). */
void show_beside(struct decoding *d, size_t place, const char *text);

uint64_t argument(const struct decoding *d, int at);
bool read_memory(const struct decoding *d, uint64_t address, void *to, size_t length);
/* That many bytes in quotes, cut if they are longer than a line. */
const char *memory_text(const struct decoding *d, uint64_t address, uint64_t length);
/* A constant of the group, by its name; without a name, as a number. */
const char *constant_text(const struct decoding *d, enum constant_group group, int64_t value);
/* The address at that place, with the name of its host; or "NULL". */
const char *socket_address_text(struct decoding *d, uint64_t address, uint64_t length);

show_fn show_descriptor, show_int, show_unsigned, show_constant, show_flags, show_type,
    show_address, show_address_out, show_length_out, show_pointer;
show_fn show_data, show_buffer, show_pieces, show_pieces_out, show_message, show_message_out,
    show_messages;
show_fn show_option, show_option_in, show_option_out, show_command, show_request;
show_fn show_polled, show_set, show_struct, show_mask, show_left, show_event, show_events;

#endif
