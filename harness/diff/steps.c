/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readings after each step: counters and sockets.
 *
 * A counter differs if its sums differ at the end; the place is where they differ for the first
 * time. So a counter that grows a step later than on the other kernel, by the same amount, is not a
 * difference.
 *
 * Each field of a socket is compared at each step; the table has the fields for which equality is
 * not enough. Counters or fields that only one of the kernels has (newer ones have more counters,
 * and fields at the end of TCP_INFO) are not a difference of behaviour; their names are noted.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/diff/json.h"
#include "harness/diff/pair.h"
#include "harness/report/report_record.h"

static const char *const hosts[] = {"client", "server", "router"};
#define HOSTS ARRAY_SIZE(hosts)

static const struct field socket_fields[] = {
    {"recv_q", "recv_q", EXACT, 0, false},
    {"send_q", "send_q", EXACT, 0, false},
    {"timer", "timer", EXACT, 0, false},
    {"timer_left", "timer_left", LEFT, 1, true},
    {"timer_count", "timer_count", EXACT, 0, true},
};
#define SOCKET_FIELDS ARRAY_SIZE(socket_fields)

static const struct field state = {"state", "state", EXACT, 0, false};

static const struct field info_fields[] = {
    {"rto", "rto", RTO, NS_PER_US, true},
    {"rtt", "rtt", MEASURED, NS_PER_US, true},
    {"rttvar", "rttvar", MEASURED, NS_PER_US, true},
    {"min_rtt", "min_rtt", MEASURED, NS_PER_US, true},
    {"rcv_rtt", "rcv_rtt", MEASURED, NS_PER_US, true},
    {"pacing_rate", "pacing_rate", RATE, 0, true},
    {"delivery_rate", "delivery_rate", RATE, 0, true},
    {"last_data_sent", "last_data_sent", TICKING, NS_PER_MS, true},
    {"last_ack_sent", "last_ack_sent", TICKING, NS_PER_MS, true},
    {"last_data_recv", "last_data_recv", TICKING, NS_PER_MS, true},
    {"last_ack_recv", "last_ack_recv", TICKING, NS_PER_MS, true},
    {"busy_time", "busy_time", TICKING, NS_PER_US, true},
    {"rwnd_limited", "rwnd_limited", TICKING, NS_PER_US, true},
    {"sndbuf_limited", "sndbuf_limited", TICKING, NS_PER_US, true},
    /* About the sample of the delivery rate, which is chosen by chance among nearly equal ones. */
    {"delivery_rate_app_limited", "delivery_rate_app_limited", IGNORED, 0, true},
    {"total_rto_time", "total_rto_time", TICKING, NS_PER_MS, true},
};
#define INFO_FIELDS ARRAY_SIZE(info_fields)

/* Any other field of TCP_INFO. */
static const struct field info_other = {NULL, NULL, EXACT, 0, true};

static void note_only(struct pair *p, const char *name, bool old)
{
	json_object_set_new(p->only, name, json_string(old ? "old" : "new"));
}

/* ---- counters ---- */

/* A kernel's counters, as an object; counters of single ICMP types appear when they grow. */
static json_t *known_counters(struct arena *a, const json_t *run)
{
	const char *names = json_string_value(json_at(run, "counter_names"));
	char *text = arena_strdup(a, names ? names : ""), *rest = NULL;
	json_t *known = json_object();

	for (const char *name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		json_object_set_new(known, name, json_true());
	return known;
}

static bool is_known(const json_t *known, const char *name)
{
	return !json_object_size(known) || json_at(known, name) || strstr(name, "Type");
}

static const json_t *moved(const json_t *step, const char *host)
{
	return json_at(json_at(step, "counters"), host);
}

static json_int_t sum(const struct half *half, const char *host, const char *name, size_t end)
{
	const json_t *steps = json_at(half->run, "record");
	json_int_t result = 0;

	for (size_t i = 0; i < end && i < json_array_size(steps); i++)
		result += json_integer_value(json_at(moved(json_array_get(steps, i), host), name));
	return result;
}

static void compare_counter(struct pair *p, const char *host, const char *name)
{
	const struct step_pair *last = &p->steps[p->step_count - 1];
	size_t old_end = p->whole ? SIZE_MAX : last->old_index + 1;
	size_t new_end = p->whole ? SIZE_MAX : last->new_index + 1;
	json_int_t old = sum(&p->old, host, name, old_end);
	json_int_t new = sum(&p->new, host, name, new_end);
	const struct step_pair *first = last;

	if (old == new)
		return;
	for (size_t i = p->step_count; i-- > 0;)
		if (sum(&p->old, host, name, p->steps[i].old_index + 1) !=
		    sum(&p->new, host, name, p->steps[i].new_index + 1))
			first = &p->steps[i];
	kinds_add(p->kinds, arena_printf(p->arena, "counter %s", name),
		  arena_printf(p->arena, "%+" PRId64, (int64_t)old),
		  arena_printf(p->arena, "%+" PRId64, (int64_t) new),
		  place_of(p, first->line, host));
}

static void add_names(json_t *names, const struct half *half, const char *host)
{
	const json_t *step, *value;
	const char *name;
	size_t i;

	json_array_foreach(json_at(half->run, "record"), i, step)
		json_object_foreach((json_t *)moved(step, host), name, value)
			json_object_set_new(names, name, json_true());
}

void compare_counters(struct pair *p)
{
	json_t *old = known_counters(p->arena, p->old.run);
	json_t *new = known_counters(p->arena, p->new.run);

	for (size_t h = 0; h < HOSTS && p->step_count; h++) {
		json_t *names = json_object();
		const json_t *value;
		const char *name;

		add_names(names, &p->old, hosts[h]);
		add_names(names, &p->new, hosts[h]);
		json_object_foreach(names, name, value) {
			if (is_known(old, name) && is_known(new, name))
				compare_counter(p, hosts[h], name);
			else
				note_only(p, arena_printf(p->arena, "counter %s", name),
					  is_known(old, name));
		}
		json_decref(names);
	}
	json_decref(old);
	json_decref(new);
}

/* ---- sockets ---- */

/* By their roles, as an object; several of one role have numbers. */
static json_t *sockets_by_role(struct pair *p, const struct half *half, const json_t *step,
			       const char *host)
{
	json_t *result = json_object(), *socket;
	size_t i;

	json_array_foreach(json_at(json_at(step, "sockets"), host), i, socket) {
		const char *role = role_of_socket(p, half, host, socket), *key = role;

		for (int n = 2; json_at(result, key); n++)
			key = arena_printf(p->arena, "%s, socket %d", role, n);
		json_object_set(result, key, socket);
	}
	return result;
}

typedef void compare_fn(struct pair *p, const struct step_pair *step, const char *host,
			const char *role, const json_t *old, const json_t *new);

/* Each socket that one of them has at each step; NULL: the other does not have it. */
static void each_socket(struct pair *p, compare_fn *compare)
{
	for (size_t i = 0; i < p->step_count; i++)
		for (size_t h = 0; h < HOSTS; h++) {
			const struct step_pair *s = &p->steps[i];
			json_t *old = sockets_by_role(p, &p->old, s->old, hosts[h]);
			json_t *new = sockets_by_role(p, &p->new, s->new, hosts[h]);
			const json_t *socket;
			const char *role;

			json_object_foreach(old, role, socket)
				compare(p, s, hosts[h], role, socket, json_at(new, role));
			json_object_foreach(new, role, socket)
				if (!json_at(old, role))
					compare(p, s, hosts[h], role, NULL, socket);
			json_decref(old);
			json_decref(new);
		}
}

static json_int_t info_number(const json_t *socket, const char *name)
{
	return json_number(json_at(socket, "info"), name);
}

/* Whether one of the two is 0, and the other the time of some readings of the clock. */
static bool is_edge(json_int_t a, json_int_t b)
{
	return (a == 0) != (b == 0) && a + b <= 20;
}

/* The value of min_rtt if 0 has been measured: a tick, or the smallest unit of a time stamp. */
static json_int_t measured(const struct pair *p, json_int_t min_rtt)
{
	return min_rtt == p->tick / NS_PER_US || min_rtt == NS_PER_MS / NS_PER_US ? 0 : min_rtt;
}

static void look_for_edge(struct pair *p, const struct step_pair *step, const char *host,
			  const char *role, const json_t *old, const json_t *new)
{
	(void)step, (void)host;
	if (is_edge(info_number(old, "rtt"), info_number(new, "rtt")) ||
	    is_edge(measured(p, info_number(old, "min_rtt")),
		    measured(p, info_number(new, "min_rtt"))))
		json_object_set_new(p->loose, role, json_true());
}

void find_loose(struct pair *p)
{
	each_socket(p, look_for_edge);
}

static const struct field *info_field(const char *name)
{
	for (size_t i = 0; i < INFO_FIELDS; i++)
		if (!strcmp(info_fields[i].key, name))
			return &info_fields[i];
	return &info_other;
}

static void compare_info(struct pair *p, const char *name, const json_t *old, const json_t *new,
			 const struct latitude *latitude, struct spot place)
{
	const struct field *field = info_field(name);
	const json_t *was = json_at(json_at(old, "info"), name);
	const json_t *is = json_at(json_at(new, "info"), name);
	size_t end = report_info_end(name);
	bool had = (size_t)json_number(old, "info_size") >= end;
	bool has = (size_t)json_number(new, "info_size") >= end;
	const char *what = arena_printf(p->arena, "tcp_info.%s", name);

	if (had != has)
		note_only(p, what, had);
	else if (!values_same(field, was, is, latitude))
		differ(p, what, field, was, is, place);
}

static void compare_socket(struct pair *p, const struct step_pair *step, const char *host,
			   const char *role, const json_t *old, const json_t *new)
{
	const json_t *was = json_at(old, "state"), *is = json_at(new, "state");
	struct latitude latitude = latitude_of(p, role);
	struct spot place = place_of(p, step->line, host);
	const json_t *value;
	const char *name;

	/* If its state differs, the other differences are consequences. */
	if (!values_same(&state, was, is, &latitude)) {
		differ(p, "socket: state", &state, was, is, place);
		return;
	}
	for (size_t i = 0; i < SOCKET_FIELDS; i++) {
		const struct field *f = &socket_fields[i];

		was = json_at(old, f->key);
		is = json_at(new, f->key);
		if (!values_same(f, was, is, &latitude))
			differ(p, arena_printf(p->arena, "socket: %s", f->name), f, was, is, place);
	}
	latitude.old_rtt = value_times(info_number(old, "rtt"), NS_PER_US);
	latitude.new_rtt = value_times(info_number(new, "rtt"), NS_PER_US);
	json_object_foreach(json_at(old, "info"), name, value)
		compare_info(p, name, old, new, &latitude, place);
	json_object_foreach(json_at(new, "info"), name, value)
		if (!json_at(json_at(old, "info"), name))
			compare_info(p, name, old, new, &latitude, place);
}

void compare_sockets(struct pair *p)
{
	each_socket(p, compare_socket);
}
