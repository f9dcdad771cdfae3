/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: two streams of one key are aligned, first by a packet's kind and numbers;
 * then, between two that agree, only by its kind. So packets that both runs have are paired even if
 * their numbers differ, and each remaining packet is one more, or one less.
 *
 * Sequence numbers count from the first of their direction; if none was seen they are random, and
 * not compared.
 */
#include "harness/diff/streams.h"

#include <string.h>

#include "harness/diff/sequence.h"

bool packet_is_tcp(const json_t *packet)
{
	return !strcmp(json_text(packet, "kind"), "tcp");
}

/* ---- streams ---- */

static bool has_isn(const struct half *half, const json_t *packet, bool own)
{
	const json_t *connections = json_at(half->run, "connections");
	const json_t *index = json_at(packet, "connection"), *connection;
	const json_t *end;
	size_t i;

	if (!index)
		return false;
	connection = json_array_get(connections, (size_t)json_integer_value(index));
	json_array_foreach(json_at(connection, "ends"), i, end)
		if (!strcmp(json_text(end, "address"),
			    json_text(packet, own ? "source" : "target")) &&
		    json_number(end, "port") ==
			json_number(packet, own ? "source_port" : "target_port"))
			return json_at(end, "isn") != NULL;
	return false;
}

static struct stream *stream_of(struct arena *a, struct streams *streams, const struct half *half,
				const json_t *packet)
{
	const json_t *connection = json_at(packet, "connection");
	const char *role = connection ? role_of(half, connection) : NULL;
	const char *key = arena_printf(a, "%s, %s", role ? role : json_text(packet, "kind"),
				       json_text(packet, "from"));
	struct stream *s;

	for (size_t i = 0; i < streams->count; i++)
		if (!strcmp(streams->list[i].key, key))
			return &streams->list[i];
	s = arena_push(a, streams->list, streams->count);
	*s = (struct stream){
	    .key = key,
	    .role = role,
	    .counts = packet_is_tcp(packet) && has_isn(half, packet, true),
	    .peers_count = packet_is_tcp(packet) && has_isn(half, packet, false),
	    .half = half,
	};
	return s;
}

struct streams streams_read(struct arena *a, const struct half *half)
{
	struct streams streams = {0};
	const json_t *packet;
	size_t i;

	json_array_foreach(json_at(half->run, "segments"), i, packet) {
		struct stream *s;

		if (json_number(packet, "sent") > half->until)
			continue;
		s = stream_of(a, &streams, half, packet);
		*arena_push(a, s->packets, s->count) = packet;
	}
	return streams;
}

const struct stream *streams_find(const struct streams *streams, const char *key)
{
	for (size_t i = 0; i < streams->count; i++)
		if (!strcmp(streams->list[i].key, key))
			return &streams->list[i];
	return NULL;
}

/* ---- the alignment ---- */

/* Its kind: S., P., icmp host-unreachable, udp */
const char *packet_sort(struct arena *a, const json_t *packet)
{
	if (packet_is_tcp(packet))
		return json_text(packet, "flags");
	if (*json_text(packet, "icmp"))
		return arena_printf(a, "icmp %s", json_text(packet, "icmp"));
	return json_text(packet, "kind");
}

static const char *with_numbers(struct arena *a, const struct stream *s, const json_t *packet)
{
	return arena_printf(a, "%s %lld %lld %lld %s", packet_sort(a, packet),
			    s->counts ? (long long)json_number(packet, "seq") : 0,
			    (long long)json_number(packet, "length"),
			    s->peers_count ? (long long)json_number(packet, "ack") : 0,
			    json_text(packet, "target"));
}

/* Between pairs: neither [old_from, old_end) nor [new_from, new_end) has pairs. */
static void pair_by_sort(struct arena *a, const struct stream *old, size_t old_from, size_t old_end,
			 const struct stream *new, size_t new_from, size_t new_end, int *pairs)
{
	int *from = arena_alloc(a, (old_end - old_from + 1) * sizeof(*from));
	int *to = arena_alloc(a, (new_end - new_from + 1) * sizeof(*to)), *found;
	json_t *words = json_object();

	for (size_t i = old_from; i < old_end; i++)
		from[i - old_from] = sequence_word(words, packet_sort(a, old->packets[i]));
	for (size_t i = new_from; i < new_end; i++)
		to[i - new_from] = sequence_word(words, packet_sort(a, new->packets[i]));
	found = sequence_align(a, from, old_end - old_from, to, new_end - new_from);
	for (size_t i = old_from; i < old_end; i++)
		if (found[i - old_from] != UNPAIRED)
			pairs[i] = found[i - old_from] + (int)new_from;
	json_decref(words);
}

int *streams_pair(struct arena *a, const struct stream *old, const struct stream *new)
{
	int *from = arena_alloc(a, (old->count + 1) * sizeof(*from));
	int *to = arena_alloc(a, (new->count + 1) * sizeof(*to)), *pairs, *exact;
	size_t old_from = 0, new_from = 0;
	json_t *words = json_object();

	for (size_t i = 0; i < old->count; i++)
		from[i] = sequence_word(words, with_numbers(a, old, old->packets[i]));
	for (size_t i = 0; i < new->count; i++)
		to[i] = sequence_word(words, with_numbers(a, new, new->packets[i]));
	json_decref(words);
	exact = sequence_align(a, from, old->count, to, new->count);
	pairs = arena_alloc(a, (old->count + 1) * sizeof(*pairs));
	memcpy(pairs, exact, old->count * sizeof(*pairs));
	for (size_t i = 0; i <= old->count; i++) {
		size_t at = i == old->count ? new->count : (size_t)exact[i];

		if (i < old->count && exact[i] == UNPAIRED)
			continue;
		if (i > old_from && at > new_from)
			pair_by_sort(a, old, old_from, i, new, new_from, at, pairs);
		old_from = i + 1;
		new_from = at + 1;
	}
	return pairs;
}
