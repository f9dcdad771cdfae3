/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Applying and lifting faults: one libnftables context and one log socket for each host that has
 * any.
 *
 * libnftables opens its netlink socket with the context, but another, for the names of interfaces,
 * while it runs a command; so both are done in the host's namespace. If it cannot have one, it ends
 * the process; so this is tried first. A command is one transaction, and it is over, and in force,
 * when libnftables returns.
 */
#include <errno.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/firewall/fault_internal.h"
#include "netns/firewall/nft_library.h"

static const struct nft_functions *nft; /* set when a host is opened */

static bool fail(struct faults *f, enum host at, const char *what, const char *why)
{
	char line[400];

	/* nft shows the command below its diagnostic; the diagnostic itself is the first line. */
	snprintf(line, sizeof(line), "%s", why);
	line[strcspn(line, "\n")] = '\0';
	snprintf(f->error, sizeof(f->error), "%s: %s: %s", host_name(at), what, line);
	return false;
}

/* Whether libnftables will get the socket that it opens later; else errno says why not. */
static bool can_have_socket(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* In the host's namespace. */
static bool run(struct faults *f, enum host at, const char *what, const char *text)
{
	struct nft_ctx *ctx = f->host[at]->nft;
	const char *said;

	if (!can_have_socket(NETLINK_ROUTE))
		return fail(f, at, what, strerror(errno));
	if (nft->nft_run_cmd_from_buffer(ctx, text) == 0)
		return true;
	said = nft->nft_ctx_get_error_buffer(ctx);
	if (strstr(said, "Operation not supported"))
		said = "this kernel has no nf_tables (as root: modprobe nf_tables), or not the "
		       "part of it that this needs";
	return fail(f, at, what, *said ? said : "nft gives no reason");
}

/* In the host's namespace. */
static bool open_host(struct faults *f, enum host at)
{
	struct fault_host *host;
	char why[256];

	nft = nft_library(why, sizeof(why));
	if (!nft)
		return fail(f, at, "opening its firewall", why);
	host = calloc(1, sizeof(*host));
	if (!host)
		return fail(f, at, "opening its firewall", strerror(ENOMEM));
	f->host[at] = host;
	if (!can_have_socket(NETLINK_NETFILTER))
		return fail(f, at, "opening its firewall", strerror(errno));
	host->nft = nft->nft_ctx_new(NFT_CTX_DEFAULT);
	if (!host->nft || nft->nft_ctx_buffer_error(host->nft) != 0)
		return fail(f, at, "opening its firewall", strerror(ENOMEM));
	host->log = fault_log_open(f->error, sizeof(f->error));
	return host->log;
}

static void close_host(struct faults *f, enum host at)
{
	struct fault_host *host = f->host[at];

	if (!host)
		return;
	if (host->nft)
		nft->nft_ctx_free(host->nft);
	if (host->log)
		nl_socket_free(host->log);
	free(host->applied);
	free(host);
	f->host[at] = NULL;
}

/* Enter the host's namespace with everything open there. */
static bool enter(struct faults *f, enum host at)
{
	if (!lab_enter(f->lab, at))
		return fail(f, at, "entering its namespace", f->lab->error);
	if (f->host[at] || open_host(f, at))
		return true;
	lab_leave(f->lab);
	close_host(f, at);
	return false;
}

bool fault_firewall(struct faults *f, enum host at, enum firewall_state state)
{
	static const struct {
		const char *what, *text;
	} states[FIREWALL_STATES] = {
#define TEXT(x)			 #x
#define FAULT_TEXT(x)		 TEXT(x)
#define STATE(state, what, text) [FIREWALL_##state] = {what, text},
#include "netns/firewall/fault_states.h"
	};
	bool done = enter(f, at);

	if (done) {
		done = run(f, at, states[state].what, states[state].text);
		lab_leave(f->lab);
	}
	return done;
}

bool faults_open(struct faults *f, struct lab *lab, bool ghost)
{
	*f = (struct faults){.lab = lab, .next_id = FAULT_GHOST + 1};
	if (!ghost || fault_firewall(f, HOST_ROUTER, FIREWALL_GHOST))
		return true;
	faults_close(f);
	return false;
}

void faults_close(struct faults *f)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		close_host(f, h);
}

static bool note(struct fault_host *host, int id, int hooks)
{
	struct fault_applied *more =
	    realloc(host->applied, (host->applied_count + 1) * sizeof(*more));

	if (!more)
		return false;
	host->applied = more;
	more[host->applied_count++] = (struct fault_applied){id, hooks};
	return true;
}

int fault_apply(struct faults *f, enum host at, const struct fault_rule *rule)
{
	int id = f->next_id;
	char *text = fault_rule_text(at, f->lab->family, id, rule, f->error, sizeof(f->error));
	bool done;

	if (!text)
		return 0;
	done = enter(f, at);
	if (done) {
		done = run(f, at, "applying a fault", text) &&
		       note(f->host[at], id, fault_hooks(at, rule));
		lab_leave(f->lab);
	}
	free(text);
	if (!done)
		return 0;
	f->next_id++;
	return id;
}

static struct fault_applied *find(struct fault_host *host, int id)
{
	for (size_t i = 0; host && i < host->applied_count; i++)
		if (host->applied[i].id == id)
			return &host->applied[i];
	return NULL;
}

bool fault_lift(struct faults *f, enum host at, int id)
{
	struct fault_host *host = at >= 0 && at < LAB_HOSTS ? f->host[at] : NULL;
	struct fault_applied *a = find(host, id);
	char *text;
	bool done;

	if (!a)
		return fail(f, at, "lifting a fault", "it has no such fault");
	text = fault_lift_text(id, a->hooks);
	if (!text)
		return fail(f, at, "lifting a fault", strerror(ENOMEM));
	done = enter(f, at);
	if (done) {
		done = run(f, at, "lifting a fault", text);
		lab_leave(f->lab);
	}
	free(text);
	if (done)
		*a = host->applied[--host->applied_count];
	return done;
}
