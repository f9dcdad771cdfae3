/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory stream (open_memstream(3)) whose buffer is copied to an arena when it is closed.
 */
#include "harness/base/text.h"

#include <stdlib.h>

FILE *text_open(struct text *text)
{
	*text = (struct text){0};
	text->out = open_memstream(&text->buffer, &text->size);
	if (!text->out) {
		perror("tcplab: open_memstream");
		exit(EXIT_FAILURE);
	}
	return text->out;
}

const char *text_close(struct text *text, struct arena *a)
{
	const char *copy;

	fclose(text->out);
	copy = arena_strndup(a, text->buffer, text->size);
	free(text->buffer);
	return copy;
}
