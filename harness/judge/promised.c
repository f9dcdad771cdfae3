/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that an accept() is still to give.
 *
 * `accept(l) = x` gives a name to a connection that existed before. Lines about x may be written
 * below it while the call waits for just what they describe: the handshake. So until the call
 * returns, it is not certain which connection they are about.
 *
 * Until then, x is taken for the newest connection with that host that no accept() has named yet;
 * most often there is only one. And no packet of these connections is called a mismatch if a line
 * about x could ask for it: that is said when the name is there. Nothing is lost by waiting, and a
 * wrong guess does no harm, since no action below the call is done before it has returned. When the
 * run is over and there was only one such connection, that is the one; if there were several, only
 * the missing return of the call is reported.
 */
#include "harness/judge/trial.h"

#include "harness/timeline/timeline.h"

/* The newest connection that an accept() of that host may be about to name, -1: none. */
static int find_unaccepted(struct trial *t, enum host host)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;
	int newest = -1;

	for (size_t i = 0; i < tl->connection_count; i++) {
		if (!connection_is_unaccepted(&tl->connections[i], host))
			continue;
		l->is_unsure = l->is_unsure || newest >= 0;
		l->may_be_promised[l->of_connection[i]] = true;
		newest = (int)i;
	}
	return newest;
}

/* The first line of each kind and host about such a name. */
static void find_waiting(struct trial *t, const bool *is_promised)
{
	const struct run_index *index = t->index;
	struct lookup *l = &t->lookup;

	for (size_t i = t->run->line_count; i-- > 0;) {
		const struct line_key *key = &index->keys[i];
		bool arrives = key->kind == LINE_ARRIVAL;

		if ((arrives || key->kind == LINE_SENT) && key->name >= 0 && key->host >= 0 &&
		    is_promised[key->name])
			l->promised[arrives][key->host] = i;
	}
}

void promised_open(struct trial *t)
{
	const struct run_index *index = t->index;
	struct lookup *l = &t->lookup;
	bool *is_promised = arena_alloc(t->arena, index->name_count + 1);
	bool is_looked_for[HOST_COUNT] = {false};

	l->may_be_promised = arena_alloc(t->lasting, l->group_count);
	for (size_t h = 0; h < HOST_COUNT; h++)
		l->promised[false][h] = l->promised[true][h] = SIZE_MAX;
	for (size_t k = 0; k < index->accepts.count; k++) {
		const struct line_key *key = &index->keys[index->accepts.list[k]];
		const char *name = index->names[key->gives];
		int connection;

		/* That name is there, or told, and its packets are about to be read. */
		if (key->host < 0 || number_find(&l->names, name) >= 0 ||
		    timeline_told(t->timeline, name))
			continue;
		is_promised[key->gives] = true;
		if (is_looked_for[key->host])
			continue;
		is_looked_for[key->host] = true;
		connection = find_unaccepted(t, key->host);
		if (connection >= 0)
			l->of_name[key->gives] = l->of_connection[connection];
	}
	find_waiting(t, is_promised);
}

bool promised_to(const struct trial *t, int group, enum line_kind kind, enum host host,
		 size_t index)
{
	const struct lookup *l = &t->lookup;

	return (!t->over || l->is_unsure) && group >= 0 && host >= 0 && l->may_be_promised[group] &&
	       l->promised[kind == LINE_ARRIVAL][host] <= index;
}
