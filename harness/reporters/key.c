/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the terminal gives each key at once and shows none while it is waited for,
 * and is then as it was. An interrupt comes through to the pool, which ends.
 */
#include "harness/reporters/key.h"

#include <termios.h>
#include <unistd.h>

#include "harness/run/pool.h"

#define PROMPT "-- any key; q ends it --"

bool key_is_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool key_wait(FILE *out)
{
	struct termios before, at_once;
	char key = 'q';

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return true;
	at_once = before;
	at_once.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	at_once.c_cc[VMIN] = 1;
	at_once.c_cc[VTIME] = 0;
	fputs(PROMPT, out);
	fflush(out);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &at_once);
	if (!pool_await(STDIN_FILENO) || read(STDIN_FILENO, &key, 1) != 1)
		key = 'q';
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	fprintf(out, "\r%*s\r", (int)sizeof(PROMPT) - 1, "");
	return key != 'q';
}
