/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a fault to nft commands.
 *
 * A fault is a chain that lets go, line by line, packets that it is not meant for; a packet that
 * reaches the end is a victim: it is logged, then dropped or rejected. An expression about IPv4 or
 * TCP does not match other packets (they go on to the next line), so a line about TCP comes after
 * one that lets only TCP go on.
 *
 * skip and times are one number generator, which counts the packets that reach that line: the first
 * is number 0. It is exact, and does not depend on time. `every` is another one, before it.
 *
 * A middlebox that forgets idle connections has sets of those that it knows, one for each family. A
 * SYN adds its connection, with a timeout; each packet of a known connection, in either direction,
 * renews that and is let go. Nothing looks for timeouts that are over: an element whose time is
 * over is not found. It may stay in memory for a day, so that in virtual time nothing wakes for
 * that.
 *
 * The chain itself is on no path; each path of the fault has a base chain that jumps to it. So a
 * fault on a host's input and output counts in one place. Its priority is the fault's id, so
 * packets pass the faults in the order in which they were applied. lo is not affected: a
 * rejection's answer to a program of the same host passes there.
 *
 * Protocols are written as numbers: nft would look their names up in /etc/protocols, which a small
 * system does not have.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/array.h"
#include "harness/packet/icmp.h"
#include "netns/firewall/fault_internal.h"

#define ICMP_UNREACHABLE	  3
#define ICMP_PORT_UNREACHABLE	  3
#define ICMP_FRAGMENTATION_NEEDED 4
#define ICMPV6_UNREACHABLE	  1
#define UDP_HEADER		  8

/* The generator's period, practically for ever. */
#define COUNTER_MODULUS 4294967295LL

static const struct {
	enum fault_hook hook;
	const char *name;
	const char *not_lo; /* the beginning of a line that is not about lo */
} hooks[] = {
    {HOOK_FORWARD, "forward", ""},
    {HOOK_INPUT, "input", "iif != \"lo\" "},
    {HOOK_OUTPUT, "output", "oif != \"lo\" "},
};
#define HOOKS ARRAY_SIZE(hooks)

int fault_hooks(enum host at, const struct fault_rule *rule)
{
	enum host from = rule->from;

	if (rule->idle)
		return HOOK_FORWARD | FAULT_KNOWS;
	if (from == at)
		return HOOK_OUTPUT;
	if (at == HOST_ROUTER)
		return from == HOST_NONE && !rule->forwarded ? HOOK_FORWARD | HOOK_OUTPUT
							     : HOOK_FORWARD;
	return from == HOST_NONE ? HOOK_INPUT | HOOK_OUTPUT : HOOK_INPUT;
}

/* ---- lines that send packets away ---- */

static void print_from(FILE *out, int id, enum host from, const struct address_row *address)
{
	for (int family = 4; family <= 6; family += 2) {
		const char *key = family == 6 ? "ip6" : "ip";
		struct ip ip = address ? row_ip(address, family) : host_ip(from, family);
		struct ip other =
		    from == HOST_ROUTER ? router_ip(HOST_SERVER, family) : second_ip(from, family);
		char text[64];

		fprintf(out, "add rule %s f%d %s saddr != { %s", FAULT_TABLE, id, key,
			ip_text(&ip, text));
		if (!address && other.family)
			fprintf(out, ", %s", ip_text(&other, text));
		fputs(" } return\n", out);
	}
}

/*
 * nft cannot subtract, so the length of the data is given for each length of TCP's header: 5 to 15
 * words. IPv4's header is assumed to have no options.
 */
static void print_length(FILE *out, int id, uint32_t length)
{
	for (unsigned int words = 5; words <= 15; words++) {
		fprintf(out, "add rule %s f%d tcp doff %u ip length != %u return\n", FAULT_TABLE,
			id, words, 20 + 4 * words + length);
		fprintf(out, "add rule %s f%d tcp doff %u ip6 length != %u return\n", FAULT_TABLE,
			id, words, 4 * words + length);
	}
}

/* Those without data. */
static void print_empty(FILE *out, int id)
{
	for (unsigned int words = 5; words <= 15; words++) {
		fprintf(out, "add rule %s f%d tcp doff %u ip length %u return\n", FAULT_TABLE, id,
			words, 20 + 4 * words);
		fprintf(out, "add rule %s f%d tcp doff %u ip6 length %u return\n", FAULT_TABLE, id,
			words, 4 * words);
	}
}

/*
 * A SYN always begins at 0, whatever its sequence number. A reset from a host without a connection
 * has a 0 that is not relative to anything.
 */
static void print_seq(FILE *out, int id, const struct fault_rule *rule)
{
	const char *others = rule->from_zero ? "tcp flags & (syn|rst) == 0 " : "";

	if (!rule->from_zero)
		fprintf(out, "add rule %s f%d tcp flags & syn != 0 return\n", FAULT_TABLE, id);
	if (rule->has_seq)
		fprintf(out, "add rule %s f%d %stcp sequence != %u return\n", FAULT_TABLE, id,
			others, rule->seq);
	else
		fprintf(out, "add rule %s f%d %sreturn\n", FAULT_TABLE, id, others);
	if (!rule->from_zero)
		return;
	fprintf(out, "add rule %s f%d tcp flags & (syn|rst) == rst tcp sequence != { 0",
		FAULT_TABLE, id);
	if (rule->has_seq && rule->seq)
		fprintf(out, ", %u", rule->seq);
	fputs(" } return\n", out);
}

static void print_tcp(FILE *out, int id, const struct fault_rule *rule)
{
	fprintf(out, "add rule %s f%d meta l4proto != %d return\n", FAULT_TABLE, id, IPPROTO_TCP);
	/* nft knows the eight flags of one byte; AE is in the one before, behind the header's
	 * length. */
	if (rule->has_flags)
		fprintf(out,
			"add rule %s f%d tcp flags & (fin|syn|rst|psh|ack|urg|ecn|cwr) != 0x%02x "
			"return\n"
			"add rule %s f%d @th,96,8 & 0x01 != 0x%02x return\n",
			FAULT_TABLE, id, rule->flags & UINT8_MAX, FAULT_TABLE, id,
			rule->flags >> 8);
	if (rule->has_seq || rule->from_zero)
		print_seq(out, id, rule);
	if (rule->has_length)
		print_length(out, id, rule->length);
	if (rule->carries)
		print_empty(out, id);
}

/* Only the first piece of a datagram has the header with its length. */
static void print_udp(FILE *out, int id, const struct fault_rule *rule)
{
	fprintf(out, "add rule %s f%d meta l4proto != %d return\n", FAULT_TABLE, id, IPPROTO_UDP);
	if (!rule->has_length)
		return;
	fprintf(out,
		"add rule %s f%d ip frag-off & 0x1fff != 0 return\n"
		"add rule %s f%d frag frag-off != 0 return\n"
		"add rule %s f%d udp length != %u return\n",
		FAULT_TABLE, id, FAULT_TABLE, id, FAULT_TABLE, id, UDP_HEADER + rule->length);
}

static void print_icmp(FILE *out, int id, const struct icmp_row *row)
{
	fprintf(out, "add rule %s f%d meta l4proto != { %d, %d } return\n", FAULT_TABLE, id,
		IPPROTO_ICMP, IPPROTO_ICMPV6);
	fprintf(out, "add rule %s f%d icmp type != %d return\n", FAULT_TABLE, id, row->v4_type);
	if (row->v4_code >= 0)
		fprintf(out, "add rule %s f%d icmp code != %d return\n", FAULT_TABLE, id,
			row->v4_code);
	if (row->v6_type < 0) {
		fprintf(out, "add rule %s f%d meta nfproto ipv6 return\n", FAULT_TABLE, id);
		return;
	}
	fprintf(out, "add rule %s f%d icmpv6 type != %d return\n", FAULT_TABLE, id, row->v6_type);
	if (row->v6_code >= 0)
		fprintf(out, "add rule %s f%d icmpv6 code != %d return\n", FAULT_TABLE, id,
			row->v6_code);
}

/*
 * IPv6 looks for neighbours by ICMPv6, which passes a firewall; IPv4 does by ARP, which does not. A
 * fault without a pattern should mean the same in both.
 */
static void print_anything(FILE *out, int id)
{
	fprintf(out, "add rule %s f%d icmpv6 type 133-137 return\n", FAULT_TABLE, id);
}

static void print_known(FILE *out, int id, ns_t idle)
{
	static const struct {
		int family;
		const char *key, *type;
	} rows[] = {{4, "ip", "ipv4_addr"}, {6, "ip6", "ipv6_addr"}};

	fprintf(out, "add rule %s f%d meta l4proto != %d return\n", FAULT_TABLE, id, IPPROTO_TCP);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *key = rows[i].key, *type = rows[i].type;
		char to[80], back[80], set[32];

		snprintf(set, sizeof(set), "f%d_known%d", id, rows[i].family);
		snprintf(to, sizeof(to), "%s saddr . tcp sport . %s daddr . tcp dport", key, key);
		snprintf(back, sizeof(back), "%s daddr . tcp dport . %s saddr . tcp sport", key,
			 key);
		fprintf(out,
			"add set %s %s { type %s . inet_service . %s . inet_service; flags "
			"dynamic,timeout; timeout %lldms; gc-interval 1d; size 65535; }\n",
			FAULT_TABLE, set, type, type,
			(long long)((idle + NS_PER_MS - 1) / NS_PER_MS));
		fprintf(out,
			"add rule %s f%d tcp flags & (syn|ack|rst) == syn update @%s { %s } "
			"return\n",
			FAULT_TABLE, id, set, to);
		fprintf(out, "add rule %s f%d %s @%s update @%s { %s } return\n", FAULT_TABLE, id,
			to, set, set, to);
		fprintf(out, "add rule %s f%d %s @%s update @%s { %s } return\n", FAULT_TABLE, id,
			back, set, set, back);
	}
}

static void print_count(FILE *out, int id, int64_t every, int64_t skip, int64_t times)
{
	int64_t last = times < 0 ? COUNTER_MODULUS - 1 : skip + times - 1;

	if (every > 1)
		fprintf(out, "add rule %s f%d numgen inc mod %lld != %lld return\n", FAULT_TABLE,
			id, (long long)every, (long long)every - 1);
	if (skip > 0 || times >= 0)
		fprintf(out, "add rule %s f%d numgen inc mod %lld != %lld-%lld return\n",
			FAULT_TABLE, id, COUNTER_MODULUS, (long long)skip, (long long)last);
}

/* ---- the verdict ---- */

/*
 * A rejection in each family; code -1: that family does not have it, so there the victim is
 * dropped.
 */
struct rejection {
	bool reset;
	int v4_code, v6_code;
};

static void print_rejection(FILE *out, int id, const struct rejection *r)
{
	if (r->reset) {
		fprintf(out, "add rule %s f%d meta l4proto %d reject with tcp reset\n", FAULT_TABLE,
			id, IPPROTO_TCP);
		return;
	}
	if (r->v4_code >= 0)
		fprintf(out, "add rule %s f%d meta nfproto ipv4 reject with icmp type %d\n",
			FAULT_TABLE, id, r->v4_code);
	if (r->v6_code >= 0)
		fprintf(out, "add rule %s f%d meta nfproto ipv6 reject with icmpv6 type %d\n",
			FAULT_TABLE, id, r->v6_code);
}

static bool find_rejection(const struct fault_rule *rule, int family, struct rejection *r,
			   char *error, size_t size)
{
	/* port-unreachable is nft's and iptables' default. */
	const struct icmp_row *row =
	    rule->with ? rule->with : icmp_of(4, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE);
	int mine;

	*r = (struct rejection){.reset = rule->reset, .v4_code = -1, .v6_code = -1};
	if (r->reset)
		return true;
	/* Netfilter rejects only with destination unreachable; frag-needed would have no mtu. */
	if (row->v4_type == ICMP_UNREACHABLE && row->v4_code != ICMP_FRAGMENTATION_NEEDED)
		r->v4_code = row->v4_code;
	if (row->v6_type == ICMPV6_UNREACHABLE)
		r->v6_code = row->v6_code;
	mine = family == 6 ? r->v6_code : r->v4_code;
	if (mine < 0)
		snprintf(error, size, "reject with '%s': IPv%d's firewall cannot answer so",
			 row->word, family);
	return mine >= 0;
}

/* ---- the whole ---- */

static void print_bases(FILE *out, int id, int on)
{
	for (size_t h = 0; h < HOOKS; h++) {
		if (!(on & hooks[h].hook))
			continue;
		fprintf(out,
			"add chain %s f%d_%s { type filter hook %s priority %d; policy accept; }\n",
			FAULT_TABLE, id, hooks[h].name, hooks[h].name, id);
		fprintf(out, "add rule %s f%d_%s %sjump f%d\n", FAULT_TABLE, id, hooks[h].name,
			hooks[h].not_lo, id);
	}
}

char *fault_rule_text(enum host at, int family, int id, const struct fault_rule *rule, char *error,
		      size_t size)
{
	bool is_tcp = rule->has_flags || rule->has_seq || rule->from_zero || rule->carries ||
		      (rule->has_length && !rule->udp);
	struct rejection rejection = {0};
	char *text = NULL;
	size_t length;
	FILE *out;

	if (is_tcp + rule->udp + (rule->icmp != NULL) > 1) {
		snprintf(error, size, "no packet is of two protocols at once");
		return NULL;
	}
	if (rule->times == 0) {
		snprintf(error, size, "a fault that takes 0 packets");
		return NULL;
	}
	if (rule->skip < 0 || rule->skip >= COUNTER_MODULUS || rule->every < 0 ||
	    rule->every >= COUNTER_MODULUS || rule->times >= COUNTER_MODULUS - rule->skip) {
		snprintf(error, size, "every, skip and times are beyond what can be counted");
		return NULL;
	}
	if (rule->reject && !find_rejection(rule, family, &rejection, error, size))
		return NULL;
	out = open_memstream(&text, &length);
	if (!out) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	fprintf(out, "add table %s\nadd chain %s f%d\n", FAULT_TABLE, FAULT_TABLE, id);
	if (rule->from != HOST_NONE)
		print_from(out, id, rule->from, rule->address);
	if (rule->idle)
		print_known(out, id, rule->idle);
	else if (is_tcp)
		print_tcp(out, id, rule);
	else if (rule->udp)
		print_udp(out, id, rule);
	else if (rule->icmp)
		print_icmp(out, id, rule->icmp);
	else
		print_anything(out, id);
	print_count(out, id, rule->every, rule->skip, rule->times);
	fprintf(out, "add rule %s f%d log prefix \"%d %s\" group %d snaplen %d queue-threshold 1\n",
		FAULT_TABLE, id, id, rule->reject ? "reject" : "drop", FAULT_GROUP, FAULT_SNAPLEN);
	if (rule->reject)
		print_rejection(out, id, &rejection);
	if (!rule->pass)
		fprintf(out, "add rule %s f%d drop\n", FAULT_TABLE, id);
	print_bases(out, id, fault_hooks(at, rule));
	fclose(out);
	return text;
}

char *fault_lift_text(int id, int on)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (size_t h = 0; h < HOOKS; h++) {
		if (!(on & hooks[h].hook))
			continue;
		fprintf(out, "flush chain %s f%d_%s\ndelete chain %s f%d_%s\n", FAULT_TABLE, id,
			hooks[h].name, FAULT_TABLE, id, hooks[h].name);
	}
	fprintf(out, "flush chain %s f%d\ndelete chain %s f%d\n", FAULT_TABLE, id, FAULT_TABLE, id);
	if (on & FAULT_KNOWS)
		fprintf(out, "delete set %s f%d_known4\ndelete set %s f%d_known6\n", FAULT_TABLE,
			id, FAULT_TABLE, id);
	fclose(out);
	return text;
}
