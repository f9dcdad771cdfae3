/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc as it is needed; see proc.c.
 */
#ifndef NETNS_PROC_H
#define NETNS_PROC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The remedy for most of what a container may lack. With these three everything works, whatever the
 * machine around it is (docs/containers.md).
 */
#define CONTAINER_MEND                                                                             \
	"in a container: docker (or podman) run --cap-add SYS_ADMIN --cap-add NET_ADMIN "          \
	"--security-opt apparmor=unconfined, or --kernel, which needs none of these; see "         \
	"docs/containers.md"

/*
 * Make sure that there is a /proc in which the network's sysctls can be written. Call it before the
 * caller enters a user namespace; its mounts are in a mount namespace of its own. It does nothing
 * if nothing is missing. False: `error` says what is missing, and the remedy.
 */
bool proc_mend(char *error, size_t size);

/* The same, but only that there is one. */
bool proc_find(char *error, size_t size);

#endif
