/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a run as JSON, and details of packets that result.json has only with a record. */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include <jansson.h>

#include "harness/engine/record.h"
#include "harness/packet/packet.h"

/* Its steps, each with the counters that changed and the sockets that existed. */
json_t *report_record(const struct record *record, ns_t start);

/* The names of all counters of this kernel, in one text, with blanks between them. */
json_t *report_counter_names(const struct record *record);

/* How long a struct tcp_info must be to have that field. */
size_t report_info_end(const char *name);

/*
 * What a packet's headers have besides what a segment shows: the fields of IP, TCP's reserved bits,
 * the order of its options. NULL: its bytes are not known.
 */
json_t *report_header(const struct packet *p);

#endif
