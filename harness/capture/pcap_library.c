/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/capture/pcap_library.h"

#ifndef PCAP_SONAME
#define PCAP_SONAME "libpcap.so.1" /* for whoever reads this without the Makefile */
#endif

const struct pcap_functions *pcap_library(char *error, size_t size)
{
	/* As it is called where this was built; as it calls itself, and as Debian and its kin do.
	 */
	static const char *const files[] = {PCAP_SONAME, "libpcap.so.1", "libpcap.so.0.8", NULL};
	static const char *const names[] = {PCAP_FUNCTIONS(LOAD_NAME) NULL};
	static struct pcap_functions functions;
	static bool loaded;

	loaded = loaded || load_library(files, names, &functions, error, size);
	return loaded ? &functions : NULL;
}
