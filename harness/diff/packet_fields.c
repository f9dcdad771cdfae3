/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every field of a packet.
 *
 * Most are compared directly. Fields with a random start are compared by how the kernel uses them:
 * a time stamp's clock by its speed, an echo of a time stamp by how many newer ones had arrived, an
 * IP identification by its step, a flow label by whether it has changed.
 */
#include <string.h>

#include "harness/base/array.h"
#include "harness/diff/streams.h"

/* ---- fields ---- */

/* As in result.json: in the packet itself, in its options, in its header. */
static const struct {
	const char *in;
	struct field field;
} fields[] = {
    {NULL, {"seq", "seq", EXACT, 0, false}},
    {NULL, {"length", "length", EXACT, 0, false}},
    {NULL, {"ack", "ack", EXACT, 0, false}},
    {NULL, {"window", "window", EXACT, 0, false}},
    {NULL, {"urgent pointer", "urgent", EXACT, 0, false}},
    {"options", {"mss", "mss", EXACT, 0, false}},
    {"options", {"wscale", "wscale", EXACT, 0, false}},
    {"options", {"sackOK", "sackOK", EXACT, 0, false}},
    {"options", {"sack", "sack", EXACT, 0, false}},
    {"options", {"md5", "md5", EXACT, 0, false}},
    {"options", {"tfo cookie's length", "tfo_length", EXACT, 0, false}},
    {"header", {"kinds of options", "option_kinds", EXACT, 0, false}},
    {"header", {"reserved bits", "reserved", EXACT, 0, true}},
    {NULL, {"ttl", "ttl", EXACT, 0, false}},
    {"header", {"tos", "tos", EXACT, 0, true}},
    {"header", {"fragment flags", "fragment_flags", EXACT, 0, true}},
    {"header", {"length of the IP header", "ip_header", EXACT, 0, true}},
    {"header", {"next header", "next_header", EXACT, 0, true}},
    {NULL, {"icmp type", "icmp_type", EXACT, 0, false}},
    {NULL, {"icmp code", "icmp_code", EXACT, 0, false}},
    {NULL, {"mtu", "icmp_mtu", EXACT, 0, false}},
    {NULL, {"bad checksum", "bad_checksum", EXACT, 0, false}},
    {NULL, {"fate", "fate", EXACT, 0, false}},
    {NULL, {"lost at", "at", EXACT, 0, false}},
};
#define FIELDS ARRAY_SIZE(fields)

/* A value computed from the packets around it; NULL: none; else a new reference. */
typedef json_t *derive_fn(const struct stream *s, size_t index);

static json_t *data_of(const struct stream *s, size_t index)
{
	const char *whole = json_text(s->packets[index], "text");
	const char *first = strchr(whole, '"'), *last = strrchr(whole, '"');

	return first ? json_stringn(first, (size_t)(last - first) + 1) : NULL;
}

static const json_t *option(const json_t *packet, const char *key)
{
	return json_at(json_at(packet, "options"), key);
}

/* The speed of a time stamp's clock. */
static json_t *stamp_lag(const struct stream *s, size_t index)
{
	const json_t *stamp = option(s->packets[index], "TSval"), *zero = NULL;

	for (size_t i = 0; i <= index && !zero; i++)
		if (option(s->packets[i], "TSval"))
			zero = s->packets[i];
	if (!stamp || !zero)
		return NULL;
	return json_integer(json_integer_value(stamp) -
			    (json_number(s->packets[index], "sent") - json_number(zero, "sent")) /
				NS_PER_MS);
}

/* How many time stamps newer than the echoed one had reached its sender. */
static json_t *newer_stamps(const struct stream *s, size_t index)
{
	const json_t *packet = s->packets[index], *other, *echo = option(packet, "TSecr");
	json_int_t newest = echo ? json_integer_value(echo) : 0, count = 0;
	size_t i;

	if (!echo)
		return NULL;
	json_array_foreach(json_at(s->half->run, "segments"), i, other) {
		const json_t *stamp = option(other, "TSval");

		if (!stamp || json_number(other, "sent") > json_number(packet, "sent") ||
		    json_number(other, "connection") != json_number(packet, "connection") ||
		    !strcmp(json_text(other, "from"), json_text(packet, "from")) ||
		    !json_at(other, "arrived") ||
		    json_number(other, "arrived") > json_number(packet, "sent") ||
		    json_integer_value(stamp) <= newest)
			continue;
		newest = json_integer_value(stamp);
		count++;
	}
	return json_integer(count);
}

/* Only for TCP: for others the kernel adds random steps. */
static json_t *ip_id(const struct stream *s, size_t index)
{
	json_int_t id = json_number(s->packets[index], "ip_id"), before = 0;

	if (strchr(json_text(s->packets[index], "source"), ':') ||
	    !packet_is_tcp(s->packets[index]))
		return NULL;
	if (!id)
		return json_string("0");
	for (size_t i = index; i-- > 0 && !before;)
		before = json_number(s->packets[i], "ip_id");
	return before ? json_integer((id - before) & 0xffff) : json_string("drawn");
}

static json_t *flow_label(const struct stream *s, size_t index)
{
	json_int_t label = json_number(json_at(s->packets[index], "header"), "flow_label");
	const json_t *before = index ? json_at(s->packets[index - 1], "header") : NULL;

	if (!strchr(json_text(s->packets[index], "source"), ':'))
		return NULL;
	if (!label)
		return json_string("0");
	return json_string(before && json_number(before, "flow_label") != label ? "a new one"
										: "kept");
}

static const struct {
	derive_fn *derive;
	struct field field;
} derived[] = {
    {data_of, {"data", NULL, EXACT, 0, false}},
    {stamp_lag, {"TSval's clock", NULL, TIMER, NS_PER_MS, false}},
    {newer_stamps, {"stamps newer than TSecr", NULL, EXACT, 0, false}},
    {ip_id, {"IP identification", NULL, EXACT, 0, false}},
    {flow_label, {"flow label", NULL, EXACT, 0, false}},
};
#define DERIVED_FIELDS ARRAY_SIZE(derived)

/* ---- comparing ---- */

static bool is_raw(const struct stream *s, const char *name)
{
	return (!s->counts && !strcmp(name, "seq")) || (!s->peers_count && !strcmp(name, "ack"));
}

void packet_compare(struct pair *p, const struct stream *old, size_t old_index,
		    const struct stream *new, size_t new_index, difference_fn *differs)
{
	const json_t *was = old->packets[old_index], *is = new->packets[new_index];
	struct latitude latitude = latitude_of(p, old->role);

	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i].field;
		const json_t *a = json_at(fields[i].in ? json_at(was, fields[i].in) : was, f->key);
		const json_t *b = json_at(fields[i].in ? json_at(is, fields[i].in) : is, f->key);

		if (!is_raw(old, f->name) && !is_raw(new, f->name) &&
		    !values_same(f, a, b, &latitude))
			differs(p, was, f, a, b);
	}
	for (size_t i = 0; i < DERIVED_FIELDS; i++) {
		const struct field *f = &derived[i].field;
		json_t *a = derived[i].derive(old, old_index);
		json_t *b = derived[i].derive(new, new_index);

		if (!values_same(f, a, b, &latitude))
			differs(p, was, f, a, b);
		json_decref(a);
		json_decref(b);
	}
}
