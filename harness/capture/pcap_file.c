/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the packets of one link, in the format that libpcap reads: a header, and before each
 * packet its time and its length (draft-ietf-opsawg-pcap), in the byte order of this machine.
 *
 * libpcap could write it, too. But the most runs need nothing else of libpcap, and to load it takes
 * more time than all that is done here.
 */
#include <errno.h>
#include <string.h>

#include "harness/capture/capture.h"

#define MAGIC_NANO    0xa1b23c4d /* the times' fractions are nanoseconds */
#define LINK_ETHERNET 1

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t unused[2];
	uint32_t longest, link_type;
};

struct packet_header {
	uint32_t seconds, fraction;
	uint32_t captured, length;
};

struct writing {
	FILE *out;
	enum host host;
};

static bool write_packet(void *context, int number, const struct frame *f,
			 const unsigned char header[FRAME_HEADER])
{
	const struct writing *w = context;
	const struct packet_header h = {
	    .seconds = (uint32_t)(f->stamp / NS_PER_S),
	    .fraction = (uint32_t)(f->stamp % NS_PER_S),
	    .captured = FRAME_HEADER + f->captured,
	    .length = FRAME_HEADER + f->length,
	};

	(void)number;
	if (f->link != w->host)
		return true;
	fwrite(&h, sizeof(h), 1, w->out);
	fwrite(header, 1, FRAME_HEADER, w->out);
	fwrite(f->bytes, 1, f->captured, w->out);
	return !ferror(w->out);
}

bool capture_write(struct capture *c, enum host host, FILE *out)
{
	const struct file_header h = {.magic = MAGIC_NANO,
				      .major = 2,
				      .minor = 4,
				      .longest = FRAME_MAX,
				      .link_type = LINK_ETHERNET};
	struct writing w = {out, host};

	errno = 0;
	fwrite(&h, sizeof(h), 1, out);
	if (capture_each(c, write_packet, &w) && fflush(out) == 0 && !ferror(out))
		return true;
	errno = errno ? errno : EIO;
	snprintf(c->error, sizeof(c->error), "cannot write the capture of %s's link: %s",
		 host_name(host), strerror(errno));
	return false;
}
