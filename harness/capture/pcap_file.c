/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the packets of one link: libpcap's format, by libpcap.
 */
#include <errno.h>
#include <string.h>

#include "harness/capture/capture.h"
#include "harness/capture/pcap_library.h"

struct writing {
	const struct pcap_functions *pcap;
	pcap_dumper_t *file;
	enum host host;
};

static bool write_packet(void *context, int number, const struct frame *f,
			 const unsigned char header[FRAME_HEADER])
{
	static unsigned char bytes[FRAME_MAX];
	const struct writing *w = context;
	struct pcap_pkthdr h = {
	    .ts = {.tv_sec = f->stamp / NS_PER_S, .tv_usec = f->stamp % NS_PER_S},
	    .caplen = FRAME_HEADER + f->captured,
	    .len = FRAME_HEADER + f->length,
	};

	(void)number;
	if (f->link != w->host)
		return true;
	memcpy(bytes, header, FRAME_HEADER);
	memcpy(bytes + FRAME_HEADER, f->bytes, f->captured);
	w->pcap->pcap_dump((unsigned char *)w->file, &h, bytes);
	return true;
}

static bool fail(struct capture *c, enum host host, const char *why)
{
	snprintf(c->error, sizeof(c->error), "cannot write the capture of %s's link: %s",
		 host_name(host), why);
	return false;
}

bool capture_write(struct capture *c, enum host host, FILE *out)
{
	struct writing w = {.host = host};
	char why[256];
	bool written;
	pcap_t *dead;

	w.pcap = pcap_library(why, sizeof(why));
	if (!w.pcap) {
		errno = strstr(why, strerror(EMFILE)) ? EMFILE : ELIBACC;
		return fail(c, host, why);
	}
	errno = 0;
	dead = w.pcap->pcap_open_dead_with_tstamp_precision(DLT_EN10MB, FRAME_MAX,
							    PCAP_TSTAMP_PRECISION_NANO);
	/* A dumper of an open stream is that stream: pcap_dump_close would only close it. */
	w.file = dead ? w.pcap->pcap_dump_fopen(dead, out) : NULL;
	written = w.file && capture_each(c, write_packet, &w) && fflush(out) == 0 && !ferror(out);
	if (dead)
		w.pcap->pcap_close(dead);
	errno = errno ? errno : EIO;
	return written || fail(c, host, strerror(errno));
}
