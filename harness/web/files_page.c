/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a run are: once for all pages of runs. */
#include "harness/run/left_files.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

static const char *const labels[LEFT_COUNT] = {
    [LEFT_TRANSCRIPT] = "the transcript",
    [LEFT_VERBOSE] = "every event, with its time",
    [LEFT_CLIENT_CAPTURE] = "the client's link",
    [LEFT_SERVER_CAPTURE] = "the server's link",
    [LEFT_TRACE] = "both links, with the story as comments",
    [LEFT_HOSTS] = "names of the addresses",
    [LEFT_LADDER] = "the picture",
    [LEFT_SEQUENCE] = "plot: time against sequence number, of the largest transfer",
    [LEFT_TIMERS] = "plot: how long timers ran that repeat",
    [LEFT_RESULT] = "everything, for programs",
    [LEFT_TABLE] = "its row of the scenario's table",
    [LEFT_CLIENT_OUTPUT] = "what the client's program has printed",
    [LEFT_CLIENT_ERRORS] = ".. and its errors",
    [LEFT_SERVER_OUTPUT] = "what the server's program has printed",
    [LEFT_SERVER_ERRORS] = ".. and its errors",
    [LEFT_CLIENT_FILES] = "what the client's program has written",
    [LEFT_CLIENT_LIST] = ".. and what of that is not there",
    [LEFT_SERVER_FILES] = "what the server's program has written",
    [LEFT_SERVER_LIST] = ".. and what of that is not there",
    [LEFT_CONSOLE] = "the kernel's warnings",
};

void put_file_names(FILE *out, const struct web_model *m)
{
	(void)m;
	put_head(out, "What a run leaves", "");
	fputs("<p>The page of each run leads to those that it has left.</p>\n<dl>\n", out);
	for (enum left_file i = 0; i < LEFT_COUNT; i++)
		page_put(out, "<dt><code>%h</code></dt><dd>%h</dd>\n", left_files[i].name,
			 labels[i]);
	fputs("</dl>\n", out);
	page_end(out);
}
