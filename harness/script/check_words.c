/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words with a fixed meaning: hosts, errnos, signals, ICMP errors, socket states, timers, and the
 * form of the names of counters and sysctls (which of these exist, only the kernel of the run can
 * say).
 */
#include <ctype.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/icmp.h"
#include "harness/script/check.h"

const char *check_meant(struct checker *k, const char *word, const char *const *words,
			const char *otherwise)
{
	const char *meant = nearest(word, words);

	return meant ? arena_printf(k->arena, "; did you mean %s?", meant) : otherwise;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

static const char *list(struct checker *k, const char *const *words)
{
	const char *text = "; expected one of";

	for (; *words; words++)
		text = arena_printf(k->arena, "%s %s", text, *words);
	return text;
}

static bool check_listed(struct checker *k, const char *kind, const char *word, struct place at,
			 const char *const *words)
{
	bool known = is_one_of(word, words);

	if (!known)
		diagnose(k->diagnostics, at, "unknown %s '%s'%s", kind, word,
			 check_meant(k, word, words, list(k, words)));
	return known;
}

/* ---- hosts ---- */

enum host check_host(struct checker *k, const char *name, struct place at)
{
	const char *names[LAB_HOSTS + 1] = {0};
	enum host host = host_find(name), whose = address_host(name);

	for (int i = 0; i < LAB_HOSTS; i++)
		names[i] = host_name((enum host)i);
	if (host != HOST_NONE && host < LAB_HOSTS)
		return host;
	if (host != HOST_NONE)
		diagnose(k->diagnostics, at, "'%s' is an address without a machine%s", name,
			 list(k, names));
	else if (whose != HOST_NONE)
		diagnose(k->diagnostics, at, "'%s' is an address of %s; expected %s", name,
			 host_name(whose), host_name(whose));
	else
		diagnose(k->diagnostics, at, "unknown host '%s'%s", name,
			 check_meant(k, name, names, list(k, names)));
	return HOST_NONE;
}

enum host check_address(struct checker *k, const char *name, struct place at, bool loopback)
{
	const char **names = NULL;
	size_t count = 0;

	if (address_exists(name) && (loopback || address_host(name) != HOST_NONE))
		return address_host(name);
	if (address_exists(name)) {
		diagnose(k->diagnostics, at,
			 "what goes to '%s' stays in its host, where no capture and no fault sees "
			 "it",
			 name);
		return HOST_NONE;
	}
	for (const char *const *known = address_names(); *known; known++)
		if (loopback || address_host(*known) != HOST_NONE)
			*arena_push(k->arena, names, count) = *known;
	*arena_push(k->arena, names, count) = NULL;
	/* List all of them: nobody can guess which addresses there are. */
	diagnose(k->diagnostics, at, "unknown host '%s'%s%s", name, list(k, names),
		 check_meant(k, name, names, ""));
	return HOST_NONE;
}

/* ---- constants ---- */

static void check_constant(struct checker *k, enum constant_group group, const char *word,
			   struct place at, const char *otherwise)
{
	int64_t value;

	if (!constant_value(group, word, &value))
		diagnose(k->diagnostics, at, "unknown %s '%s'%s", constant_groups[group], word,
			 check_meant(k, word, constant_names(group), otherwise));
}

void check_errno(struct checker *k, const char *name, struct place at)
{
	check_constant(k, GROUP_errno, name, at, "; expected an errno's name (ECONNREFUSED)");
}

void check_signal(struct checker *k, const char *name, struct place at)
{
	check_constant(k, GROUP_signal, name, at, "; expected a signal's name (SIGPIPE)");
}

/* ---- words of our own tables ---- */

static const char *const *icmp_words(struct checker *k, bool as_answer)
{
	const char **words = NULL;
	size_t count = 0;

	if (as_answer)
		*arena_push(k->arena, words, count) = WITH_RESET;
	for (const struct icmp_row *row = icmp_table; row->word; row++)
		if (!as_answer || !row->is_echo)
			*arena_push(k->arena, words, count) = row->word;
	*arena_push(k->arena, words, count) = NULL;
	return words;
}

bool check_icmp(struct checker *k, const char *word, struct place at)
{
	return check_listed(k, "ICMP message", word, at, icmp_words(k, false));
}

bool check_icmp_number(struct checker *k, const struct icmp_number *number,
		       const struct icmp_row *row)
{
	struct place at = number->type->place;
	int family = k->run->facts.family;
	const struct icmp_row *named;

	if (!row) {
		diagnose(k->diagnostics, number->code->place,
			 "the code of an ICMP message must be known before the run; left out, it "
			 "is any");
		return false;
	}
	check_limit(k, number->type, 0, UINT8_MAX, "an ICMP type");
	check_limit(k, number->code, 0, UINT8_MAX, "an ICMP code");
	named = icmp_of(family, row->v4_type, row->v4_code < 0 ? 0 : row->v4_code);
	if (named && named->is_echo)
		diagnose(k->diagnostics, at, "that is an %s; expected this name", named->word);
	else if (!icmp_is_error(family, row->v4_type))
		diagnose(k->diagnostics, at, "type %d is no error of %s; expected %s, or a name",
			 row->v4_type, family == 4 ? "ICMP" : "ICMPv6",
			 family == 4 ? "3, 4, 5, 11 or 12" : "0 to 127");
	else
		return true;
	return false;
}

bool check_reject_with(struct checker *k, const char *word, struct place at)
{
	return check_listed(k, "answer", word, at, icmp_words(k, true));
}

void check_state(struct checker *k, const char *state, struct place at)
{
	/* As ss prints them, and `none` for a socket that ss does not show. */
	static const char *const states[] = {
	    "ESTAB",	 "SYN-SENT",   "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
	    "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK", "LISTEN",	 "CLOSING",
	    "UNCONN",	 "none",       NULL,
	};

	if (strcmp(state, "ESTABLISHED") == 0) /* too long a way for nearest() */
		diagnose(k->diagnostics, at, "unknown state 'ESTABLISHED'; did you mean ESTAB?");
	else
		check_listed(k, "state", state, at, states);
}

void check_process_state(struct checker *k, const char *state, struct place at)
{
	/* As ps prints them, and `none` for a process that ps does not show. */
	static const char *const states[] = {"R", "S", "D", "T", "Z", "none", NULL};

	check_listed(k, "state", state, at, states);
}

void check_timer(struct checker *k, const char *name, struct place at)
{
	static const char *const timers[] = {"on",	"keepalive", "timewait", "persist",
					     "unknown", "none",	     NULL};

	check_listed(k, "timer", name, at, timers);
}

/* ---- names whose form alone can be checked ---- */

void check_counter(struct checker *k, const char *name, struct place at)
{
	static const char *const groups[] = {"TcpExt", "Tcp",	   "IpExt", "Ip6",
					     "Ip",     "IcmpMsg",  "Icmp6", "Icmp",
					     "Udp6",   "UdpLite6", "Udp",   "MPTcpExt"};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		size_t length = strlen(groups[i]);

		if (strncmp(name, groups[i], length) == 0 && isupper((unsigned char)name[length]))
			return;
	}
	diagnose(
	    k->diagnostics, at,
	    "unknown counter '%s'; nstat's names begin with Tcp, TcpExt, Ip, IpExt, Icmp, Ip6 or "
	    "Icmp6, as TcpExtListenDrops",
	    name);
}

void check_sysctl(struct checker *k, const char *name, struct place at)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
	size_t good = strspn(name, allowed);

	if (strncmp(name, "net.", 4) != 0) {
		const char *prefix = strncmp(name, "tcp_", 4) == 0 ? "net.ipv4." : "net.";
		bool is_likely = strncmp(name, "tcp_", 4) == 0 || strncmp(name, "ipv4.", 5) == 0 ||
				 strncmp(name, "ipv6.", 5) == 0;

		diagnose(
		    k->diagnostics, at,
		    "sysctl '%s' is not one of the lab's network: its name must begin with net.%s",
		    name,
		    is_likely ? arena_printf(k->arena, "; did you mean %s%s?", prefix, name) : "");
	} else if (name[good]) {
		at.column += (int)good;
		diagnose(k->diagnostics, at, "'%c' cannot be in a sysctl's name", name[good]);
	} else if (strstr(name, "..") || strstr(name, "//") || name[strlen(name) - 1] == '.') {
		diagnose(k->diagnostics, at, "'%s' is no sysctl's name: a part of it is empty",
			 name);
	}
}
