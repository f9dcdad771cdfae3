#include "harness/ladder/ladder_state.h"
static inline void states_check(struct arena *a, const struct observation *o, const char *name)
{
	const struct timeline *t = &o->timeline;
	struct end_state (*ends)[2] = arena_alloc(a, (t->connection_count + 1) * sizeof(*ends));
	FILE *f = stderr;
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		const struct segment *s;
		if (e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED) {
			s = &t->segments[e->segment];
			if (s->packet->kind != PACKET_TCP || s->connection < 0) continue;
			if (e->kind == EVENT_SENT && !s->forged) end_sends(&ends[s->connection][s->end], s);
			if (e->kind == EVENT_ARRIVED && s->to < LAB_HOSTS) end_gets(&ends[s->connection][!s->end], s);
		} else if (e->kind == EVENT_READING && e->descriptor && !e->process && !e->counter_count) {
			int c = -1, end;
			/* connections of that name that had begun */
			for (size_t k = 0; k < t->connection_count; k++)
				for (int n = 0; n < t->connections[k].name_count; n++)
					if (!strcmp(t->connections[k].names[n], e->descriptor) && connection_end(&t->connections[k], e->host) >= 0) {
						for (int q = 0; q < (int)t->segment_count; q++)
							if (t->segments[q].connection == (int)k && t->segments[q].sent_order < e->order) { c = (int)k; break; }
					}
			if (c < 0) { fprintf(f, "nocon %s\n", name); continue; }
			end = connection_end(&t->connections[c], e->host);
			enum ss_state is = e->socket.found ? e->socket.state : SS_NONE;
			fprintf(f, "%s %s: %s.%s line %d ss %s we %s\n", is == ends[c][end].state ? "agree" : "DIFFER", name, host_name(e->host), e->descriptor, e->line, ss_state_names[is], ss_state_names[ends[c][end].state]);
			ends[c][end].state = is;
		}
	}
}
