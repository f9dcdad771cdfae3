/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/pcap_library.h"

const struct pcap_functions *pcap_library(char *error, size_t size)
{
	/* As it calls itself, and as Debian and its kin do. */
	static const char *const files[] = {"libpcap.so.1", "libpcap.so.0.8", NULL};
	static const char *const names[] = {PCAP_FUNCTIONS(LOAD_NAME) NULL};
	static struct pcap_functions functions;
	static bool loaded;

	loaded = loaded || load_library(files, names, &functions, error, size);
	return loaded ? &functions : NULL;
}
