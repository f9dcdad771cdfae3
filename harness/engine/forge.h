/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a forge line is on its way to a packet: shared by segments (forge.c) and ICMP errors
 * (forge_icmp.c).
 */
#ifndef FORGE_H
#define FORGE_H

#include "harness/engine/state.h"

/* Linux begins with 64, and a router has taken one. */
#define FORGED_TTL 63

#define FORGED_WINDOW 65535 /* of an end that has not said any */

struct forge {
	struct engine *e;
	const struct line *line;
	int connection, end;
	struct packet packet;
};

/*
 * The number written, or `otherwise`. The checker has refused everything that has no value by now.
 */
int64_t forge_number(const struct forge *f, const struct value *v, int64_t otherwise);

const struct connection *forge_connection(const struct forge *f);

/*
 * The connection that the line is about, and the end that this host is. A connection is known when
 * the capture has shown a packet of it. False: the run is broken.
 */
bool forge_find(struct forge *f, enum host of);

void forge_ip_fields(struct forge *f);		/* those that are written */
bool forge_send(struct forge *f, size_t index); /* false: the run is broken */

bool forge_error(struct forge *f, size_t index);

#endif
