/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: three passes, each from one list of rungs to a new one. The first joins the
 * segments of a transfer, which differ only in their numbers: one arrow for the data, one for the
 * acknowledgements; two where the router kept some, to it and from it. The second keeps of what
 * repeats itself the first and the last time. The third leaves out the middle of what is still too
 * long. What is left out is counted, and said.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/ladder/ladder.h"

#define FEWEST	 5 /* so many times the same are folded */
#define LONGEST	 8 /* rungs that are together one time */
#define TRANSFER 8 /* so many rungs of a transfer are joined */

struct folding {
	struct arena *a;
	const struct rung *old;
	size_t count;
	struct ladder *new;
};

static struct rung *keep(struct folding *f, const struct rung *r)
{
	struct rung *copy = arena_push(f->a, f->new->rungs, f->new->count);

	*copy = *r;
	return copy;
}

static size_t events_of(const struct rung *rungs, size_t count)
{
	size_t events = 0;

	for (size_t i = 0; i < count; i++)
		events += rungs[i].events;
	return events;
}

/* In the place of those rungs. */
static void leave_out(struct folding *f, const struct rung *rungs, size_t count, const char *text)
{
	struct rung *r = keep(f, &rungs[count - 1]);

	r->kind = RUNG_LEFT_OUT;
	r->events = events_of(rungs, count);
	r->is_bad = false;
	r->timer = NULL;
	r->text = text;
}

bool rungs_share_states(const struct rung *a, const struct rung *b)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		if (a->state[h].state != b->state[h].state ||
		    a->state[h].timer != b->state[h].timer ||
		    !text_same(a->state[h].name, b->state[h].name))
			return false;
	return true;
}

/* ---- transfers ---- */

/* Nothing but data or an acknowledgement, and it arrives. */
static bool is_ordinary(const struct rung *r)
{
	const struct segment *s = r->segment;

	return r->kind == RUNG_FLIGHT && s->packet->kind == PACKET_TCP && s->connection >= 0 &&
	       (s->packet->flags & ~FLAG_PSH) == FLAG_ACK && !s->packet->options.sack_count &&
	       s->arrived && !s->forged && s->fate == FATE_ARRIVED && !s->delayed && s->window > 0;
}

/* It begins where the newest data of the transfer ended. */
static bool goes_on(const struct segment *s, const struct segment *data, int64_t next)
{
	if (s->connection != data->connection)
		return false;
	return s->end == data->end ? s->packet->length && s->seq == next : !s->packet->length;
}

/* How many rungs at `first` are one transfer in one direction. */
static size_t transfer_at(const struct folding *f, size_t first)
{
	const struct segment *data = f->old[first].segment, *newest = data;
	int64_t next;
	size_t i = first + 1;

	if (!is_ordinary(&f->old[first]) || !data->packet->length ||
	    f->old[first].from != data->from)
		return 0;
	next = data->seq + data->packet->length;
	for (; i < f->count && is_ordinary(&f->old[i]) &&
	       rungs_share_states(&f->old[i], &f->old[first]);
	     i++) {
		const struct segment *s = f->old[i].segment;
		bool comes_out =
		    f->old[i].from != s->from && s->id >= data->id && s->id <= newest->id;

		if (!comes_out && !goes_on(s, data, next))
			break;
		if (s->end == data->end && !comes_out)
			next = s->seq + s->packet->length;
		newest = s->id > newest->id ? s : newest;
	}
	return i - first;
}

struct sum {
	const struct rung *first, *last;
	size_t segments, events;
	int64_t bytes;
};

/* What goes one way. What leaves the router may have come there before the transfer. */
struct way {
	struct sum sent, came;
	bool came_older;
};

static void add_segment(struct sum *sum, const struct rung *r)
{
	sum->first = sum->first ? sum->first : r;
	sum->last = r;
	sum->segments++;
	sum->bytes += r->segment->packet->length;
}

static void add(struct way *way, const struct rung *r)
{
	bool is_sent = r->from == r->segment->from;

	if (is_sent)
		add_segment(&way->sent, r);
	if (r->end == FLIGHT_ARRIVES) {
		add_segment(&way->came, r);
		way->came_older |=
		    !way->sent.first || r->segment->id < way->sent.first->segment->id;
	}
	*(is_sent ? &way->sent.events : &way->came.events) += r->events;
}

/* One arrow, of a sum. */
struct arrow {
	const struct sum *sum;
	enum host from, to;
	enum flight_end end;
};

static const char *sum_words(struct arena *a, const struct sum *sum)
{
	if (sum->segments == 1)
		return sum->first->text;
	if (sum->bytes)
		return arena_printf(a, "%zu segments, %lld bytes", sum->segments,
				    (long long)sum->bytes);
	return arena_printf(a, "%zu ACKs, up to %lld", sum->segments,
			    (long long)sum->last->segment->ack);
}

static void join(struct folding *f, const struct arrow *arrow)
{
	struct rung *r = keep(f, arrow->sum->first);

	r->from = arrow->from;
	r->to = arrow->to;
	r->end = arrow->end;
	r->is_many = arrow->sum->segments > 1;
	r->events = arrow->sum->events;
	r->text = sum_words(f->a, arrow->sum);
}

/* The end's arrows, at most two: if the same segments came out as were sent, one is enough. */
static size_t arrows_of(struct way *way, struct arrow *arrows)
{
	const struct sum *sent = &way->sent, *came = &way->came;
	size_t count = 0;

	if (sent->segments && sent->segments == came->segments && !way->came_older) {
		way->sent.events += came->events;
		arrows[count++] = (struct arrow){sent, sent->first->segment->from,
						 sent->first->segment->to, FLIGHT_ARRIVES};
		return count;
	}
	if (sent->segments)
		arrows[count++] =
		    (struct arrow){sent, sent->first->segment->from, HOST_ROUTER, FLIGHT_WAITS};
	if (came->segments)
		arrows[count++] =
		    (struct arrow){came, HOST_ROUTER, came->first->segment->to, FLIGHT_ARRIVES};
	return count;
}

static int earlier(const void *a, const void *b)
{
	const struct rung *first = ((const struct arrow *)a)->sum->first;
	const struct rung *second = ((const struct arrow *)b)->sum->first;

	return first < second ? -1 : first > second;
}

static void join_transfer(struct folding *f, const struct rung *rungs, size_t count)
{
	struct way data = {0}, acks = {0};
	struct arrow arrows[4];
	size_t arrow_count;

	for (size_t i = 0; i < count; i++)
		add(rungs[i].segment->end == rungs->segment->end ? &data : &acks, &rungs[i]);
	arrow_count = arrows_of(&data, arrows);
	arrow_count += arrows_of(&acks, arrows + arrow_count);
	qsort(arrows, arrow_count, sizeof(*arrows), earlier);
	for (size_t i = 0; i < arrow_count; i++)
		join(f, &arrows[i]);
}

static void fold_transfers(struct folding *f)
{
	for (size_t i = 0; i < f->count;) {
		size_t n = transfer_at(f, i);

		if (n >= TRANSFER) {
			join_transfer(f, &f->old[i], n);
			i += n;
		} else {
			keep(f, &f->old[i++]);
		}
	}
}

/* ---- what repeats itself ---- */

static bool is_same(const struct rung *a, const struct rung *b)
{
	return a->kind == b->kind && a->host == b->host && a->from == b->from && a->to == b->to &&
	       a->end == b->end && strcmp(a->text, b->text) == 0 && rungs_share_states(a, b);
}

/* How many times the `each` rungs at `first` stand there, one below the other. */
static size_t times(const struct folding *f, size_t first, size_t each)
{
	size_t i = first + each;

	while (i < f->count && is_same(&f->old[i], &f->old[i - each]))
		i++;
	return (i - first) / each;
}

/* The first, a row that says how many are left out, the last. */
static void fold_repeats(struct folding *f)
{
	for (size_t i = 0; i < f->count;) {
		size_t each = 1, n;

		while (each <= LONGEST && times(f, i, each) < FEWEST)
			each++;
		if (each > LONGEST) {
			keep(f, &f->old[i++]);
			continue;
		}
		n = times(f, i, each);
		for (size_t k = 0; k < each; k++)
			keep(f, &f->old[i + k]);
		leave_out(f, &f->old[i + each], (n - 2) * each,
			  arena_printf(f->a, "%zu times more", n - 2));
		for (size_t k = 0; k < each; k++)
			keep(f, &f->old[i + (n - 1) * each + k]);
		i += n * each;
	}
}

/* ---- what is too long ---- */

static void fold_middle(struct folding *f)
{
	size_t half = LADDER_MOST / 2, out = f->count - 2 * half;

	for (size_t i = 0; i < half; i++)
		keep(f, &f->old[i]);
	leave_out(f, &f->old[half], out,
		  arena_printf(f->a, "%zu rows are left out: the transcript has them", out));
	for (size_t i = half + out; i < f->count; i++)
		keep(f, &f->old[i]);
}

static void pass(struct arena *a, struct ladder *ladder, void (*fold)(struct folding *))
{
	struct ladder new = {0};
	struct folding f = {a, ladder->rungs, ladder->count, &new};

	fold(&f);
	ladder->rungs = new.rungs;
	ladder->count = new.count;
}

void ladder_fold(struct arena *a, struct ladder *ladder)
{
	pass(a, ladder, fold_transfers);
	pass(a, ladder, fold_repeats);
	if (ladder->count > LADDER_MOST)
		pass(a, ladder, fold_middle);
}
