/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a socket's TCP_INFO is what the kernel says about it, with the names of the
 * fields in linux/tcp.h. The layout is part of the kernel's interface, which grows only at its end.
 * So one table serves all kernels: older ones end sooner, and what a newer one has after the table
 * is named by its offset. Fields that are 0 are left out.
 */
#include "harness/report/report_record.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/calls/tcp_info_rows.h"
/* ---- TCP_INFO ---- */

struct info_field {
	const char *name; /* without tcpi_ */
	size_t offset, size;
	unsigned shift, bits; /* of a bit field; bits 0: it is none */
};

static const struct info_field info_fields[] = {
#define ROW(X, name, offset, size, shift, bits, group) {#name, offset, size, shift, bits},
    TCP_INFO_ROWS(ROW, )
#undef ROW
};
#define BEYOND "bytes from %zu on" /* a field of four bytes that the table does not have */

static uint64_t read_field(const unsigned char *info, const struct info_field *f)
{
	uint64_t value = 0;

	memcpy(&value, info + f->offset, f->size); /* x86_64 is little-endian */
	return f->bits ? (value >> f->shift) & ((1u << f->bits) - 1) : value;
}

static void set_field(json_t *json, const unsigned char *info, const struct info_field *f)
{
	uint64_t value = read_field(info, f);

	if (value)
		json_object_set_new(json, f->name, json_integer((json_int_t)value));
}

static json_t *info_json(const unsigned char *info, size_t size)
{
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(info_fields); i++)
		if (info_fields[i].offset + info_fields[i].size <= size)
			set_field(json, info, &info_fields[i]);
	for (size_t at = TCP_INFO_SIZE; at + 4 <= size; at += 4) {
		char name[32];
		const struct info_field word = {name, at, 4, 0, 0};

		snprintf(name, sizeof(name), BEYOND, at);
		set_field(json, info, &word);
	}
	return json;
}

size_t report_info_end(const char *name)
{
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(info_fields); i++)
		if (!strcmp(info_fields[i].name, name))
			return info_fields[i].offset + info_fields[i].size;
	return sscanf(name, BEYOND, &at) == 1 ? at + 4 : 0;
}

/* ---- sockets and counters ---- */

static json_t *socket_json(const struct socket_entry *s)
{
	char local[64], remote[64];
	json_t *json = json_pack(
	    "{ss sI ss sI ss sI sI ss}", "local", ip_text(&s->local, local), "local_port",
	    (json_int_t)s->local_port, "remote", ip_text(&s->remote, remote), "remote_port",
	    (json_int_t)s->remote_port, "state", ss_state_names[s->state.state], "recv_q",
	    (json_int_t)s->state.recv_q, "send_q", (json_int_t)s->state.send_q, "timer",
	    ss_timer_names[s->state.timer]);

	if (s->state.timer != SS_TIMER_NONE) {
		json_object_set_new(json, "timer_left",
				    json_integer((json_int_t)s->state.timer_left));
		json_object_set_new(json, "timer_count",
				    json_integer((json_int_t)s->state.timer_count));
	}
	if (s->info) {
		json_object_set_new(json, "info_size", json_integer((json_int_t)s->info_size));
		json_object_set_new(json, "info", info_json(s->info, s->info_size));
	}
	return json;
}

static json_t *counters_json(const struct counters *moved)
{
	json_t *json = json_object();

	for (size_t i = 0; i < moved->count; i++)
		json_object_set_new(json, moved->list[i].name, json_integer(moved->list[i].value));
	return json;
}

static json_t *step_json(const struct record_step *step, ns_t start)
{
	json_t *counters = json_object(), *sockets = json_object();

	for (int h = 0; h < LAB_HOSTS; h++) {
		json_t *list = json_array();

		for (size_t i = 0; i < step->sockets[h].count; i++)
			json_array_append_new(list, socket_json(&step->sockets[h].list[i]));
		json_object_set_new(sockets, host_name(h), list);
		json_object_set_new(counters, host_name(h), counters_json(&step->moved[h]));
	}
	return json_pack("{si sI so so}", "line", step->line, "at", (json_int_t)(step->at - start),
			 "counters", counters, "sockets", sockets);
}

json_t *report_record(const struct record *record, ns_t start)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < record->count; i++)
		json_array_append_new(steps, step_json(&record->steps[i], start));
	return steps;
}

json_t *report_counter_names(const struct record *record)
{
	json_t *json = NULL;
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < record->counters.count; i++)
		fprintf(out, "%s%s", i ? " " : "", record->counters.list[i].name);
	fclose(out);
	json = json_string(names);
	free(names);
	return json;
}

/* ---- headers ---- */

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER  20

static void set_number(json_t *json, const char *name, uint32_t value)
{
	if (value)
		json_object_set_new(json, name, json_integer(value));
}

/* Kinds in their order, including the padding: 2,4,8,1,3 */
static void set_layout(json_t *json, const unsigned char *option, size_t left)
{
	char text[256] = "";
	size_t used = 0;

	while (left) {
		size_t size = left > 1 ? option[1] : 0;

		if (*option < 2)
			size = 1; /* the end, or padding */
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", used ? "," : "",
					 *option);
		if (!size || size > left)
			break;
		option += size;
		left -= size;
	}
	if (used)
		json_object_set_new(json, "option_kinds", json_string(text));
}

static void tcp_header(json_t *json, const unsigned char *b, size_t left)
{
	size_t header;

	if (left < TCP_HEADER)
		return;
	header = (b[12] >> 4) * 4u;
	set_number(json, "reserved", b[12] & 0xf);
	if (header > TCP_HEADER && header <= left)
		set_layout(json, b + TCP_HEADER, header - TCP_HEADER);
}

json_t *report_header(const struct packet *p)
{
	const unsigned char *b = p->bytes;
	json_t *json;
	size_t header;
	bool is_tcp;

	if (!b || p->kind == PACKET_ARP || p->size < IPV4_HEADER ||
	    (b[0] >> 4 == 6 && p->size < IPV6_HEADER))
		return NULL;
	json = json_object();
	if (b[0] >> 4 == 4) {
		header = (b[0] & 0xf) * 4u;
		is_tcp = b[9] == IPPROTO_TCP;
		set_number(json, "tos", b[1]);
		set_number(json, "fragment_flags", b[6] >> 5);
		set_number(json, "ip_header", header);
	} else {
		header = IPV6_HEADER;
		is_tcp = b[6] == IPPROTO_TCP;
		set_number(json, "tos", (uint32_t)((b[0] & 0xf) << 4 | b[1] >> 4));
		set_number(json, "flow_label", (uint32_t)((b[1] & 0xf) << 16 | b[2] << 8 | b[3]));
		set_number(json, "next_header", b[6]);
	}
	if (is_tcp && header <= p->size)
		tcp_header(json, b + header, p->size - header);
	return json;
}
