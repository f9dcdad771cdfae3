/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offloads off, by the ethtool ioctls. An offload that is left on would make a capture show packets
 * that no wire carries: segments larger than the MSS, several received segments merged, checksums
 * not yet filled in.
 *
 * Generic segmentation is not an offload and stays on: TCP hands down a burst as one packet, which
 * the kernel itself cuts (validate_xmit_skb()) just before it gives it to an interface that cannot
 * cut. So nothing larger than the MTU leaves a host, and TCP behaves as on any machine. It needs a
 * "hardware" that cuts TCP's only (TSO) or UDP's too (UDP_SEGMENT); the latter is off when
 * checksums are off.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "netns/internal.h"

static const struct {
	unsigned int command;
	const char *name;
} offloads[] = {
    {ETHTOOL_STSO, "tcp-segmentation-offload"},
    {ETHTOOL_SGRO, "generic-receive-offload"},
    {ETHTOOL_STXCSUM, "tx-checksumming"},
};

bool offload_off(const char *interface, const char **what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0;
	int why;

	*what = "socket";
	for (size_t i = 0; done && i < ARRAY_SIZE(offloads); i++) {
		struct ethtool_value value = {.cmd = offloads[i].command, .data = 0};
		struct ifreq request = {.ifr_data = (char *)&value};

		strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
		*what = offloads[i].name;
		done = ioctl(fd, SIOCETHTOOL, &request) == 0;
	}
	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return done;
}
