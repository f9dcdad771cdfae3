/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields that structures in a script can have, each as a number: so a field is found by its
 * name where a text is read, and not again in each call.
 */
#ifndef CALLS_FIELDS_H
#define CALLS_FIELDS_H

#include "harness/calls/tcp_info_rows.h"

#define INFO_FIELD(FIELD, name, ...) FIELD(tcpi_##name)

/* clang-format off */
#define FIELD_NAMES(FIELD) \
	FIELD(fd) FIELD(events) FIELD(revents) FIELD(data) FIELD(msg_iov) FIELD(msg_name) \
	FIELD(msg_flags) FIELD(msg_control) FIELD(iov_base) FIELD(iov_len) \
	FIELD(cmsg_level) FIELD(cmsg_type) FIELD(ee_errno) FIELD(ee_origin) \
	FIELD(ee_type) FIELD(ee_code) FIELD(ee_info) FIELD(offender) FIELD(type) \
	FIELD(code) FIELD(checksum) FIELD(id) FIELD(sequence) FIELD(sa_family) \
	FIELD(address) FIELD(sa_handler) FIELD(sa_mask) FIELD(sa_flags) \
	FIELD(WEXITSTATUS) FIELD(WTERMSIG) FIELD(WSTOPSIG) FIELD(WIFCONTINUED) \
	FIELD(l_onoff) FIELD(l_linger) FIELD(tv_sec) FIELD(tv_usec) FIELD(tv_nsec) \
	FIELD(rlim_cur) FIELD(rlim_max) FIELD(effective) FIELD(permitted) \
	FIELD(inheritable) FIELD(version) FIELD(pid) \
	TCP_INFO_ROWS(INFO_FIELD, FIELD)
/* clang-format on */

enum field_id {
	NO_FIELD,
#define FIELD(name) FIELD_##name,
	FIELD_NAMES(FIELD)
#undef FIELD
	    FIELD_COUNT
};

extern const char *const field_names[FIELD_COUNT];
enum field_id field_find(const char *name); /* NO_FIELD: there is none of that name */

#endif
