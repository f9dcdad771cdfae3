/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few `ip` lines that a script may have: a table of forms, each a row of words. A word in
 * capitals means a kind of words; every other word means itself. They come as words, like ip(8)'s
 * arguments, and are read where they take effect.
 *
 * A line about a route is executed for both families, so that a script means the same for both.
 * Routes lead to hosts: `add` adds a route to that single address, `del` deletes the route that
 * leads there (its own, else that of its network, else the default).
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "netns/internal.h"
#include "netns/rtnl.h"

#define MAX_WORDS 6
#define IPV4_MTU  68 /* the least that IPv4 allows */
#define MAX_MTU	  65535
#define MAX_BURST 65535 /* GSO_MAX_SEGS of the kernel */

struct request {
	enum host host;		   /* who does it */
	const struct lab_end *end; /* LINK */
	const char *target;	   /* HOST */
	unsigned char kind;	   /* KIND */
	unsigned int number;	   /* MTU, SEGMENTS */
};

/* The effect of a form, in the host's namespace. */
typedef bool act_fn(struct rtnl *r, int family, const struct request *q);

/* If the host's namespace alone is not enough. False: lab->error is set. */
typedef bool act_lab_fn(struct lab *lab, const struct lab_end *end);

/* ---- kinds of words: each reads one word into the request ---- */

static const struct {
	const char *word;
	unsigned char type;
} route_kinds[] = {
    {"unreachable", RTN_UNREACHABLE},
    {"prohibit", RTN_PROHIBIT},
    {"blackhole", RTN_BLACKHOLE},
};

static bool read_kind(const char *word, struct request *q)
{
	for (size_t i = 0; i < ARRAY_SIZE(route_kinds); i++) {
		if (strcmp(word, route_kinds[i].word) == 0) {
			q->kind = route_kinds[i].type;
			return true;
		}
	}
	return false;
}

static bool read_host(const char *word, struct request *q)
{
	q->target = word;
	return address_host(word) != HOST_NONE && address_host(word) != q->host;
}

static bool read_link(const char *word, struct request *q)
{
	for (const struct lab_end *e = lab_ends; e < lab_ends + LAB_ENDS; e++) {
		if (e->at == q->host && strcmp(word, e->name) == 0) {
			q->end = e;
			return true;
		}
	}
	return false;
}

static bool read_number(const char *word, unsigned long least, unsigned long most,
			struct request *q)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	q->number = (unsigned int)n;
	return *word >= '0' && *word <= '9' && !*end && n >= least && n <= most;
}

static bool read_mtu(const char *word, struct request *q)
{
	return read_number(word, IPV4_MTU, MAX_MTU, q);
}

static bool read_segments(const char *word, struct request *q)
{
	return read_number(word, 1, MAX_BURST, q);
}

static const struct {
	const char *kind;
	bool (*read)(const char *word, struct request *q);
	const char *expected;
} kinds[] = {
    {"KIND", read_kind, "unreachable, prohibit or blackhole"},
    {"HOST", read_host, NULL}, /* depends on the host */
    {"LINK", read_link, NULL}, /* likewise */
    {"MTU", read_mtu, "a number of bytes, 68 to 65535"},
    {"SEGMENTS", read_segments, "a number of segments, 1 to 65535"},
};
#define KINDS ARRAY_SIZE(kinds)

/* ---- what the forms do ---- */

static bool add_route(struct rtnl *r, int family, const struct request *q)
{
	struct ip to = named_ip(q->target, family);

	rtnl_add(r, route_add(&to, q->kind), "adding the route", 0);
	return rtnl_commit(r, NULL, NULL);
}

static bool delete_route(struct rtnl *r, int family, const struct request *q)
{
	static const int lengths[][3] = {{32, 24, 0}, {128, 64, 0}};
	struct ip to = named_ip(q->target, family);

	for (int i = 0; i < 3; i++) {
		r->failed = 0;
		rtnl_add(r, route_delete(&to, lengths[family == 6][i]), "deleting the route", 0);
		if (rtnl_commit(r, NULL, NULL))
			return true;
		if (r->failed != ESRCH)
			return false;
	}
	return false;
}

static bool set_mtu(struct rtnl *r, int family, const struct request *q)
{
	(void)family;
	rtnl_add(r, link_mtu(q->end->index, q->number), "setting the mtu", 0);
	return rtnl_commit(r, NULL, NULL);
}

static bool set_bursts(struct rtnl *r, int family, const struct request *q)
{
	(void)family;
	rtnl_add(r, link_bursts(q->end->index, q->number), "setting gso_max_segs", 0);
	return rtnl_commit(r, NULL, NULL);
}

static bool set_down(struct rtnl *r, int family, const struct request *q)
{
	(void)family;
	rtnl_add(r, link_flags(q->end->index, 0, IFF_UP), "taking the link down", 0);
	return rtnl_commit(r, NULL, NULL);
}

static const struct {
	const char *words[MAX_WORDS];
	act_fn *act;
	bool each_family;
	act_lab_fn *act_lab;
} forms[] = {
    {{"route", "add", "KIND", "HOST"}, add_route, true, NULL},
    {{"route", "del", "HOST"}, delete_route, true, NULL},
    {{"link", "set", "LINK", "mtu", "MTU"}, set_mtu, false, NULL},
    {{"link", "set", "dev", "LINK", "mtu", "MTU"}, set_mtu, false, NULL},
    {{"link", "set", "LINK", "gso_max_segs", "SEGMENTS"}, set_bursts, false, NULL},
    {{"link", "set", "dev", "LINK", "gso_max_segs", "SEGMENTS"}, set_bursts, false, NULL},
    {{"link", "set", "LINK", "down"}, set_down, false, NULL},
    {{"link", "set", "dev", "LINK", "down"}, set_down, false, NULL},
    {{"link", "set", "LINK", "up"}, NULL, false, wire_raise},
    {{"link", "set", "dev", "LINK", "up"}, NULL, false, wire_raise},
};
#define FORMS ARRAY_SIZE(forms)

/* ---- reading a line ---- */

static const char *link_names(enum host host)
{
	return host == HOST_ROUTER ? "client or server" : "eth0";
}

/* Where a route of that host can lead. */
static const char *host_names(enum host host)
{
	static char names[256];
	size_t used = 0;

	for (const char *const *name = address_names(); *name && used < sizeof(names); name++) {
		struct request q = {.host = host};

		if (read_host(*name, &q))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? " " : "one of ", *name);
	}
	return names;
}

static bool word_fits(const char *form, const char *word, struct request *q)
{
	for (size_t k = 0; k < KINDS; k++)
		if (strcmp(form, kinds[k].kind) == 0)
			return kinds[k].read(word, q);
	return strcmp(form, word) == 0;
}

static size_t form_length(size_t form)
{
	size_t n = 0;

	while (n < MAX_WORDS && forms[form].words[n])
		n++;
	return n;
}

/* How many words from the start fit the form. */
static size_t fits(size_t form, const char *const *words, size_t count, struct request *q)
{
	size_t n = 0;

	while (n < count && n < form_length(form) && word_fits(forms[form].words[n], words[n], q))
		n++;
	return n;
}

/* What a word of that kind is. */
static const char *expected_of(size_t kind, enum host host)
{
	if (kinds[kind].expected)
		return kinds[kind].expected;
	return kinds[kind].read == read_host ? host_names(host) : link_names(host);
}

/* Say what could stand at word `bad`, in all forms that fit up to it. */
static void explain(enum host host, const char *const *words, size_t count, size_t bad, char *error,
		    size_t size)
{
	const char *said[FORMS] = {NULL};
	size_t saids = 0;
	size_t used;
	int n = snprintf(error, size, "ip: %s%s%s", bad < count ? "'" : "the line ends too early",
			 bad < count ? words[bad] : "", bad < count ? "' is not known here" : "");

	used = n > 0 ? (size_t)n : 0;
	for (size_t f = 0; f < FORMS; f++) {
		struct request q = {.host = host};
		const char *expected;
		bool again = false;

		if (fits(f, words, bad, &q) != bad)
			continue;
		expected = bad < form_length(f) ? forms[f].words[bad] : "the end of the line";
		for (size_t k = 0; k < KINDS; k++)
			if (strcmp(expected, kinds[k].kind) == 0)
				expected = expected_of(k, host);
		for (size_t s = 0; s < saids; s++)
			again = again || strcmp(said[s], expected) == 0;
		if (again || used >= size)
			continue;
		n = snprintf(error + used, size - used, "%s %s", saids ? " or" : "; expected",
			     expected);
		used += n > 0 ? (size_t)n : 0;
		said[saids++] = expected;
	}
}

/* The form of these words, or FORMS with `bad` and `error` set. */
static size_t read_words(enum host host, const char *const *words, size_t count, struct request *q,
			 size_t *bad, char *error, size_t size)
{
	*bad = 0;
	for (size_t f = 0; f < FORMS; f++) {
		size_t n;

		*q = (struct request){.host = host};
		n = fits(f, words, count, q);
		if (n == count && n == form_length(f))
			return f;
		if (n > *bad)
			*bad = n;
	}
	explain(host, words, count, *bad, error, size);
	return FORMS;
}

bool lab_ip_check(enum host host, const char *const *words, size_t count, size_t *bad, char *error,
		  size_t size)
{
	struct request q;

	return read_words(host, words, count, &q, bad, error, size) < FORMS;
}

static bool act(struct lab *lab, size_t form, const struct request *q, char *error, size_t size)
{
	struct rtnl r;
	bool done = true;

	if (!rtnl_open(&r)) {
		snprintf(error, size, "ip: opening a netlink socket: %s", strerror(errno));
		return false;
	}
	for (int family = 4; done && family <= 6; family += 2) {
		if (family != lab->family && (!forms[form].each_family || !wire_has_ipv6(lab)))
			continue;
		done = forms[form].act(&r, family, q);
		if (!done)
			snprintf(error, size, "ip: %s: %s", r.failed_what, strerror(r.failed));
	}
	rtnl_close(&r);
	return done;
}

bool lab_ip(struct lab *lab, enum host host, const char *const *words, size_t count, char *error,
	    size_t size)
{
	struct request q;
	size_t bad;
	size_t form = read_words(host, words, count, &q, &bad, error, size);
	bool done;

	if (form == FORMS)
		return false;
	if (forms[form].act_lab) {
		done = forms[form].act_lab(lab, q.end);
		if (!done)
			snprintf(error, size, "ip: %s", lab->error);
		return done;
	}
	if (!lab_enter(lab, host)) {
		snprintf(error, size, "ip: %s", lab->error);
		return false;
	}
	done = act(lab, form, &q, error, size);
	lab_leave(lab);
	return done;
}
