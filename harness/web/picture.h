/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ladder's picture (harness/ladder/) in a page. Somebody else may have made the file, so only
 * what our pictures consist of gets into the page: no style, no script, no address.
 */
#ifndef WEB_PICTURE_H
#define WEB_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Put the picture of a file's text into a page. False, and nothing is put: it has something that
 * our pictures do not have.
 */
bool picture_put(FILE *out, const char *text, const char *label);

#endif
