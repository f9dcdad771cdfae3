/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions used from libpcap, which is loaded when it is first needed.
 */
#ifndef PCAP_LIBRARY_H
#define PCAP_LIBRARY_H

#include <pcap/pcap.h>

#include "harness/base/load.h"

/* clang-format off */
#define PCAP_FUNCTIONS(f) \
	f(pcap_activate) \
	f(pcap_close) \
	f(pcap_create) \
	f(pcap_dispatch) \
	f(pcap_dump) \
	f(pcap_dump_fopen) \
	f(pcap_get_selectable_fd) \
	f(pcap_get_tstamp_precision) \
	f(pcap_geterr) \
	f(pcap_open_dead_with_tstamp_precision) \
	f(pcap_set_buffer_size) \
	f(pcap_set_datalink) \
	f(pcap_set_immediate_mode) \
	f(pcap_set_snaplen) \
	f(pcap_set_tstamp_precision) \
	f(pcap_setnonblock) \
	f(pcap_stats) \
	f(pcap_statustostr)
/* clang-format on */

struct pcap_functions {
	PCAP_FUNCTIONS(LOAD_MEMBER)
};

/* NULL: error says why. */
const struct pcap_functions *pcap_library(char *error, size_t size);

#endif
