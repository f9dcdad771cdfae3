/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the first process that captures packets loads libpcap (base/load.h), and the
 * other processes never do. The library has different names on different systems, so they are tried
 * in turn. It stays loaded until the process ends. If loading fails, the next call tries again.
 */
#include "harness/capture/pcap_library.h"

#ifndef PCAP_SONAME
#define PCAP_SONAME "libpcap.so.1" /* for tools that read this without the Makefile */
#endif

const struct pcap_functions *pcap_library(char *error, size_t size)
{
	/* Its name where this was built; its own name, and the name in Debian and similar systems.
	 */
	static const char *const files[] = {PCAP_SONAME, "libpcap.so.1", "libpcap.so.0.8", NULL};
	static const char *const names[] = {PCAP_FUNCTIONS(LOAD_NAME) NULL};
	static struct pcap_functions functions;
	static bool loaded;

	loaded = loaded || load_library(files, names, &functions, error, size);
	return loaded ? &functions : NULL;
}
