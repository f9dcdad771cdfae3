/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared libraries that only some processes need, loaded by those that do.
 *
 * libpcap and libnftables bring thirteen others with them. Linked with the program, all of them
 * would be mapped by each start of it, copied by each fork and taken down by each exit, six of each
 * in a run: a sixth of what a short run costs. What is used of such a library is a list of its
 * functions' names, from which a structure of pointers is made that have their types:
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
 * The first of these files (ends with NULL) that is there, for good, and the functions of these
 * names (ends with NULL) into `functions`, one pointer after the other. False: error says why.
 */
bool load_library(const char *const *files, const char *const *names, void *functions, char *error,
		  size_t size);

#endif
