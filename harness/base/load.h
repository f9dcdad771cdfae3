/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared libraries that only some processes need and load.
 *
 * libpcap and libnftables bring thirteen others with them. If they were linked with the program,
 * each start would map all of them, each fork copy them and each exit unmap them, six of each in a
 * run: a sixth of the cost of a short run. The used part of such a library is a list of its
 * functions' names. From this list a structure of pointers with their types is made:
 *
 *     #define PCAP_FUNCTIONS(f) f(pcap_create) f(pcap_close)
 *     struct pcap_functions { PCAP_FUNCTIONS(LOAD_MEMBER) };
 *     static const char *const names[] = {PCAP_FUNCTIONS(LOAD_NAME) NULL};
 */
#ifndef BASE_LOAD_H
#define BASE_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#define LOAD_MEMBER(name) __typeof__(name) *name;
#define LOAD_NAME(name)	  #name,

/*
 * Loads the first of these files (ends with NULL) that exists, permanently, and puts the functions
 * of these names (ends with NULL) into `functions`, one pointer after the other. False: error says
 * why.
 */
bool load_library(const char *const *files, const char *const *names, void *functions, char *error,
		  size_t size);

#endif
