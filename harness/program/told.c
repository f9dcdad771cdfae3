/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a message has all fields, always in the same order. A row of the table is a
 * number: its place there.
 */
#include "harness/program/told.h"

#include "harness/actor/actor_wire.h"

#define NO_ROW (-1)

static void put_options(struct message *m, const struct socket_options *o)
{
	put_number(m, o->keepalive);
	put_number(m, o->idle);
	put_number(m, o->interval);
	put_number(m, o->probes);
	put_number(m, o->user_timeout);
	put_number(m, o->receive_limit);
	put_number(m, o->send_limit);
}

static void get_options(struct message *m, struct socket_options *o)
{
	o->keepalive = get_number(m) != 0;
	o->idle = get_number(m);
	o->interval = get_number(m);
	o->probes = get_number(m);
	o->user_timeout = get_number(m);
	o->receive_limit = get_number(m) != 0;
	o->send_limit = get_number(m) != 0;
}

bool told_send(int channel, const struct told *t)
{
	struct message m = {0};
	bool sent;

	put_number(&m, t->kind);
	put_text(&m, t->part);
	put_number(&m, t->from);
	put_number(&m, t->to);
	put_number(&m, t->row ? t->row - traced_table : NO_ROW);
	put_text(&m, t->name);
	put_text(&m, t->text);
	put_number(&m, t->fd);
	put_number(&m, (int64_t)t->socket);
	put_number(&m, (int64_t)t->made);
	put_number(&m, t->has_peer ? t->peer.family : 0);
	for (size_t i = 0; t->has_peer && i < sizeof(t->peer.bytes); i++)
		put_number(&m, t->peer.bytes[i]);
	put_number(&m, t->peer_port);
	put_number(&m, t->begun);
	put_number(&m, t->result);
	put_number(&m, t->error);
	for (size_t i = 0; i < SEEN_COUNT; i++)
		put_text(&m, t->seen[i]);
	put_number(&m, t->status);
	put_number(&m, t->others);
	put_number(&m, t->waited);
	put_options(&m, &t->options);
	sent = message_send(channel, &m);
	message_free(&m);
	return sent;
}

/* Somebody who has taken over the keeper can say anything. */
static bool read_told(struct message *m, struct arena *a, struct told *t)
{
	int64_t kind = get_number(m), row;

	*t = (struct told){.kind = (enum told_kind)kind};
	t->part = get_text(m, a);
	t->from = get_number(m);
	t->to = get_number(m);
	row = get_number(m);
	t->name = get_text(m, a);
	t->text = get_text(m, a);
	t->fd = (int)get_number(m);
	t->socket = (uint64_t)get_number(m);
	t->made = (uint64_t)get_number(m);
	t->peer.family = (int)get_number(m);
	t->has_peer = t->peer.family != 0;
	for (size_t i = 0; t->has_peer && i < sizeof(t->peer.bytes); i++)
		t->peer.bytes[i] = (unsigned char)get_number(m);
	t->peer_port = (uint16_t)get_number(m);
	t->begun = get_number(m);
	t->result = get_number(m);
	t->error = (int)get_number(m);
	for (size_t i = 0; i < SEEN_COUNT; i++)
		t->seen[i] = get_text(m, a);
	t->status = (int)get_number(m);
	t->others = get_number(m) != 0;
	t->waited = get_number(m);
	get_options(m, &t->options);
	if (t->from < 0 || t->to < 0 || t->begun < 0 || t->waited < 0)
		return false;
	if (kind < 0 || kind >= TOLD_KINDS || row < NO_ROW || row >= (int64_t)traced_count)
		return false;
	t->row = row < 0 ? NULL : &traced_table[row];
	return kind != TOLD_CALL && kind != TOLD_RETURN ? true : t->row && t->name && t->text;
}

int told_take(int channel, struct arena *a, struct told *t)
{
	struct message m = {0};
	int got = message_take(channel, &m);

	if (got > 0 && !read_told(&m, a, t))
		got = MESSAGE_GARBLED;
	message_free(&m);
	return got;
}

pid_t told_wait(int channel, struct arena *a, struct told *t, ns_t until)
{
	struct message m = {0};
	pid_t from = message_wait_signed(channel, &m, until);

	if (from && !read_told(&m, a, t))
		from = 0;
	message_free(&m);
	return from;
}
