/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constants by name: one table, in groups, so that a wrong flag is known to be one that exists but
 * is of another kind. Where two names have one value the first in the table is the one that is
 * printed, and within a group of flags the order is the one in which strace prints them.
 *
 * The socket options have a table of their own (sockopts.c), since their numbers mean nothing
 * without a level; here they are the group "option".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/sockios.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "harness/ast/ast.h"
#include "harness/base/array.h"
#include "harness/base/numbering.h"
#include "harness/base/signals.h"
#include "harness/calls/constants.h"
#include "harness/calls/sockopts.h"

struct constant_row {
	enum constant_group group;
	const char *name;
	int64_t value;
};

#define ROW(group, name)                                                                           \
	{                                                                                          \
		GROUP_##group, #name, name                                                         \
	}

#define CAPABILITY(name)                                                                           \
	{                                                                                          \
		GROUP_capability, #name, INT64_C(1) << name                                        \
	}

static const struct constant_row table[] = {
    /* errno */
    ROW(errno, EPERM),
    ROW(errno, ENOENT),
    ROW(errno, ESRCH),
    ROW(errno, EINTR),
    ROW(errno, EIO),
    ROW(errno, ENXIO),
    ROW(errno, E2BIG),
    ROW(errno, ENOEXEC),
    ROW(errno, EBADF),
    ROW(errno, ECHILD),
    ROW(errno, EAGAIN),
    ROW(errno, ENOMEM),
    ROW(errno, EACCES),
    ROW(errno, EFAULT),
    ROW(errno, ENOTBLK),
    ROW(errno, EBUSY),
    ROW(errno, EEXIST),
    ROW(errno, EXDEV),
    ROW(errno, ENODEV),
    ROW(errno, ENOTDIR),
    ROW(errno, EISDIR),
    ROW(errno, EINVAL),
    ROW(errno, ENFILE),
    ROW(errno, EMFILE),
    ROW(errno, ENOTTY),
    ROW(errno, ETXTBSY),
    ROW(errno, EFBIG),
    ROW(errno, ENOSPC),
    ROW(errno, ESPIPE),
    ROW(errno, EROFS),
    ROW(errno, EMLINK),
    ROW(errno, EPIPE),
    ROW(errno, EDOM),
    ROW(errno, ERANGE),
    ROW(errno, EDEADLK),
    ROW(errno, ENAMETOOLONG),
    ROW(errno, ENOLCK),
    ROW(errno, ENOSYS),
    ROW(errno, ENOTEMPTY),
    ROW(errno, ELOOP),
    ROW(errno, ENOMSG),
    ROW(errno, EIDRM),
    ROW(errno, ECHRNG),
    ROW(errno, EL2NSYNC),
    ROW(errno, EL3HLT),
    ROW(errno, EL3RST),
    ROW(errno, ELNRNG),
    ROW(errno, EUNATCH),
    ROW(errno, ENOCSI),
    ROW(errno, EL2HLT),
    ROW(errno, EBADE),
    ROW(errno, EBADR),
    ROW(errno, EXFULL),
    ROW(errno, ENOANO),
    ROW(errno, EBADRQC),
    ROW(errno, EBADSLT),
    ROW(errno, EBFONT),
    ROW(errno, ENOSTR),
    ROW(errno, ENODATA),
    ROW(errno, ETIME),
    ROW(errno, ENOSR),
    ROW(errno, ENONET),
    ROW(errno, ENOPKG),
    ROW(errno, EREMOTE),
    ROW(errno, ENOLINK),
    ROW(errno, EADV),
    ROW(errno, ESRMNT),
    ROW(errno, ECOMM),
    ROW(errno, EPROTO),
    ROW(errno, EMULTIHOP),
    ROW(errno, EDOTDOT),
    ROW(errno, EBADMSG),
    ROW(errno, EOVERFLOW),
    ROW(errno, ENOTUNIQ),
    ROW(errno, EBADFD),
    ROW(errno, EREMCHG),
    ROW(errno, ELIBACC),
    ROW(errno, ELIBBAD),
    ROW(errno, ELIBSCN),
    ROW(errno, ELIBMAX),
    ROW(errno, ELIBEXEC),
    ROW(errno, EILSEQ),
    ROW(errno, ERESTART),
    ROW(errno, ESTRPIPE),
    ROW(errno, EUSERS),
    ROW(errno, ENOTSOCK),
    ROW(errno, EDESTADDRREQ),
    ROW(errno, EMSGSIZE),
    ROW(errno, EPROTOTYPE),
    ROW(errno, ENOPROTOOPT),
    ROW(errno, EPROTONOSUPPORT),
    ROW(errno, ESOCKTNOSUPPORT),
    ROW(errno, EOPNOTSUPP),
    ROW(errno, EPFNOSUPPORT),
    ROW(errno, EAFNOSUPPORT),
    ROW(errno, EADDRINUSE),
    ROW(errno, EADDRNOTAVAIL),
    ROW(errno, ENETDOWN),
    ROW(errno, ENETUNREACH),
    ROW(errno, ENETRESET),
    ROW(errno, ECONNABORTED),
    ROW(errno, ECONNRESET),
    ROW(errno, ENOBUFS),
    ROW(errno, EISCONN),
    ROW(errno, ENOTCONN),
    ROW(errno, ESHUTDOWN),
    ROW(errno, ETOOMANYREFS),
    ROW(errno, ETIMEDOUT),
    ROW(errno, ECONNREFUSED),
    ROW(errno, EHOSTDOWN),
    ROW(errno, EHOSTUNREACH),
    ROW(errno, EALREADY),
    ROW(errno, EINPROGRESS),
    ROW(errno, ESTALE),
    ROW(errno, EUCLEAN),
    ROW(errno, ENOTNAM),
    ROW(errno, ENAVAIL),
    ROW(errno, EISNAM),
    ROW(errno, EREMOTEIO),
    ROW(errno, EDQUOT),
    ROW(errno, ENOMEDIUM),
    ROW(errno, EMEDIUMTYPE),
    ROW(errno, ECANCELED),
    ROW(errno, ENOKEY),
    ROW(errno, EKEYEXPIRED),
    ROW(errno, EKEYREVOKED),
    ROW(errno, EKEYREJECTED),
    ROW(errno, EOWNERDEAD),
    ROW(errno, ENOTRECOVERABLE),
    ROW(errno, ERFKILL),
    ROW(errno, EHWPOISON),
    ROW(errno, ENOTSUP),
    ROW(errno, EDEADLOCK),
    ROW(errno, EWOULDBLOCK),

    /* domain */
    ROW(domain, AF_UNSPEC),
    ROW(domain, AF_UNIX),
    ROW(domain, AF_INET),
    ROW(domain, AF_INET6),
    ROW(domain, AF_NETLINK),
    ROW(domain, AF_PACKET),
    ROW(domain, PF_INET),
    ROW(domain, PF_INET6),

    /* type */
    ROW(type, SOCK_STREAM),
    ROW(type, SOCK_DGRAM),
    ROW(type, SOCK_RAW),
    ROW(type, SOCK_SEQPACKET),
    ROW(type, SOCK_NONBLOCK),
    ROW(type, SOCK_CLOEXEC),

    /* protocol */
    ROW(protocol, IPPROTO_IP),
    ROW(protocol, IPPROTO_ICMP),
    ROW(protocol, IPPROTO_TCP),
    ROW(protocol, IPPROTO_UDP),
    ROW(protocol, IPPROTO_IPV6),
    ROW(protocol, IPPROTO_ICMPV6),
    ROW(protocol, IPPROTO_RAW),
    ROW(protocol, IPPROTO_MPTCP),

    /* level */
    ROW(level, SOL_SOCKET),
    ROW(level, SOL_IP),
    ROW(level, SOL_TCP),
    ROW(level, SOL_IPV6),
    ROW(level, IPPROTO_IP),
    ROW(level, IPPROTO_TCP),
    ROW(level, IPPROTO_IPV6),

    /* msg */
    ROW(msg, MSG_OOB),
    ROW(msg, MSG_PEEK),
    ROW(msg, MSG_DONTROUTE),
    ROW(msg, MSG_CTRUNC),
    ROW(msg, MSG_TRUNC),
    ROW(msg, MSG_DONTWAIT),
    ROW(msg, MSG_EOR),
    ROW(msg, MSG_WAITALL),
    ROW(msg, MSG_CONFIRM),
    ROW(msg, MSG_ERRQUEUE),
    ROW(msg, MSG_NOSIGNAL),
    ROW(msg, MSG_MORE),
    ROW(msg, MSG_WAITFORONE),
    ROW(msg, MSG_ZEROCOPY),
    ROW(msg, MSG_FASTOPEN),
    ROW(msg, MSG_CMSG_CLOEXEC),

    /* how */
    ROW(how, SHUT_RD),
    ROW(how, SHUT_WR),
    ROW(how, SHUT_RDWR),

    /* poll */
    ROW(poll, POLLIN),
    ROW(poll, POLLPRI),
    ROW(poll, POLLOUT),
    ROW(poll, POLLRDNORM),
    ROW(poll, POLLRDBAND),
    ROW(poll, POLLWRNORM),
    ROW(poll, POLLWRBAND),
    ROW(poll, POLLMSG),
    ROW(poll, POLLERR),
    ROW(poll, POLLHUP),
    ROW(poll, POLLNVAL),
    ROW(poll, POLLRDHUP),

    /* epoll */
    ROW(epoll, EPOLLIN),
    ROW(epoll, EPOLLPRI),
    ROW(epoll, EPOLLOUT),
    ROW(epoll, EPOLLRDNORM),
    ROW(epoll, EPOLLRDBAND),
    ROW(epoll, EPOLLWRNORM),
    ROW(epoll, EPOLLWRBAND),
    ROW(epoll, EPOLLMSG),
    ROW(epoll, EPOLLERR),
    ROW(epoll, EPOLLHUP),
    ROW(epoll, EPOLLRDHUP),
    ROW(epoll, EPOLLEXCLUSIVE),
    ROW(epoll, EPOLLWAKEUP),
    ROW(epoll, EPOLLONESHOT),
    ROW(epoll, EPOLLET),

    /* epoll_ctl */
    ROW(epoll_ctl, EPOLL_CTL_ADD),
    ROW(epoll_ctl, EPOLL_CTL_DEL),
    ROW(epoll_ctl, EPOLL_CTL_MOD),

    /* epoll_create */
    ROW(epoll_create, EPOLL_CLOEXEC),

    /* signal */
    ROW(signal, SIGHUP),
    ROW(signal, SIGINT),
    ROW(signal, SIGQUIT),
    ROW(signal, SIGILL),
    ROW(signal, SIGTRAP),
    ROW(signal, SIGABRT),
    ROW(signal, SIGBUS),
    ROW(signal, SIGFPE),
    ROW(signal, SIGKILL),
    ROW(signal, SIGUSR1),
    ROW(signal, SIGSEGV),
    ROW(signal, SIGUSR2),
    ROW(signal, SIGPIPE),
    ROW(signal, SIGALRM),
    ROW(signal, SIGTERM),
    ROW(signal, SIGSTKFLT),
    ROW(signal, SIGCHLD),
    ROW(signal, SIGCONT),
    ROW(signal, SIGSTOP),
    ROW(signal, SIGTSTP),
    ROW(signal, SIGTTIN),
    ROW(signal, SIGTTOU),
    ROW(signal, SIGURG),
    ROW(signal, SIGXCPU),
    ROW(signal, SIGXFSZ),
    ROW(signal, SIGVTALRM),
    ROW(signal, SIGPROF),
    ROW(signal, SIGWINCH),
    ROW(signal, SIGIO),
    ROW(signal, SIGPWR),
    ROW(signal, SIGSYS),
    ROW(signal, SIGPOLL),

    /* sigaction */
    ROW(sigaction, SA_NOCLDSTOP),
    ROW(sigaction, SA_NOCLDWAIT),
    ROW(sigaction, SA_SIGINFO),
    ROW(sigaction, SA_ONSTACK),
    ROW(sigaction, SA_RESTART),
    ROW(sigaction, SA_NODEFER),
    ROW(sigaction, SA_RESETHAND),

    /* fcntl */
    ROW(fcntl, F_DUPFD),
    ROW(fcntl, F_GETFD),
    ROW(fcntl, F_SETFD),
    ROW(fcntl, F_GETFL),
    ROW(fcntl, F_SETFL),
    ROW(fcntl, F_DUPFD_CLOEXEC),

    /* open */
    ROW(open, O_RDONLY),
    ROW(open, O_WRONLY),
    ROW(open, O_RDWR),
    ROW(open, O_APPEND),
    ROW(open, O_NONBLOCK),
    ROW(open, O_NDELAY),
    ROW(open, O_ASYNC),
    ROW(open, O_CLOEXEC),
    ROW(open, FD_CLOEXEC),

    /* ioctl */
    ROW(ioctl, SIOCINQ),
    ROW(ioctl, SIOCOUTQ),
    ROW(ioctl, SIOCOUTQNSD),
    ROW(ioctl, SIOCATMARK),
    ROW(ioctl, FIONREAD),
    ROW(ioctl, TIOCOUTQ),
    ROW(ioctl, FIONBIO),

    /* state */
    ROW(state, TCP_ESTABLISHED),
    ROW(state, TCP_SYN_SENT),
    ROW(state, TCP_SYN_RECV),
    ROW(state, TCP_FIN_WAIT1),
    ROW(state, TCP_FIN_WAIT2),
    ROW(state, TCP_TIME_WAIT),
    ROW(state, TCP_CLOSE),
    ROW(state, TCP_CLOSE_WAIT),
    ROW(state, TCP_LAST_ACK),
    ROW(state, TCP_LISTEN),
    ROW(state, TCP_CLOSING),

    /* pmtudisc */
    ROW(pmtudisc, IP_PMTUDISC_DONT),
    ROW(pmtudisc, IP_PMTUDISC_WANT),
    ROW(pmtudisc, IP_PMTUDISC_DO),
    ROW(pmtudisc, IP_PMTUDISC_PROBE),
    ROW(pmtudisc, IP_PMTUDISC_INTERFACE),
    ROW(pmtudisc, IP_PMTUDISC_OMIT),
    ROW(pmtudisc, IPV6_PMTUDISC_DONT),
    ROW(pmtudisc, IPV6_PMTUDISC_WANT),
    ROW(pmtudisc, IPV6_PMTUDISC_DO),
    ROW(pmtudisc, IPV6_PMTUDISC_PROBE),

    /* backlog */
    ROW(backlog, SOMAXCONN),

    /* inaddr */
    ROW(inaddr, INADDR_ANY),
    ROW(inaddr, INADDR_LOOPBACK),
    ROW(inaddr, INADDR_NONE),
    ROW(inaddr, INADDR_BROADCAST),

    /* icmp */
    ROW(icmp, ICMP_ECHOREPLY),
    ROW(icmp, ICMP_DEST_UNREACH),
    ROW(icmp, ICMP_ECHO),
    ROW(icmp, ICMP_TIME_EXCEEDED),
    ROW(icmp, ICMP6_DST_UNREACH),
    ROW(icmp, ICMP6_PACKET_TOO_BIG),
    ROW(icmp, ICMP6_TIME_EXCEEDED),
    ROW(icmp, ICMP6_ECHO_REQUEST),
    ROW(icmp, ICMP6_ECHO_REPLY),

    /* origin */
    ROW(origin, SO_EE_ORIGIN_NONE),
    ROW(origin, SO_EE_ORIGIN_LOCAL),
    ROW(origin, SO_EE_ORIGIN_ICMP),
    ROW(origin, SO_EE_ORIGIN_ICMP6),

    /* wait */
    ROW(wait, WNOHANG),
    ROW(wait, WUNTRACED),
    ROW(wait, WCONTINUED),

    /* handler: the third is the one that a process here has, and its address is its own affair */
    {GROUP_handler, "SIG_DFL", 0},
    {GROUP_handler, "SIG_IGN", 1},
    {GROUP_handler, "handler", 2},

    /* sigaction, in the order in which strace prints them */
    ROW(sigaction, SA_NOCLDSTOP),
    ROW(sigaction, SA_NOCLDWAIT),
    ROW(sigaction, SA_RESTART),
    ROW(sigaction, SA_NODEFER),
    ROW(sigaction, SA_RESETHAND),

    /* sigprocmask */
    ROW(sigprocmask, SIG_BLOCK),
    ROW(sigprocmask, SIG_UNBLOCK),
    ROW(sigprocmask, SIG_SETMASK),

    /* rlimit */
    ROW(rlimit, RLIMIT_NOFILE),
    ROW(rlimit, RLIMIT_NPROC),

    /* rlim */
    ROW(rlim, RLIM_INFINITY),

    /* capability: its bit in a set, which strace writes 1<<CAP_NET_RAW */
    CAPABILITY(CAP_NET_BIND_SERVICE),
    CAPABILITY(CAP_NET_BROADCAST),
    CAPABILITY(CAP_NET_ADMIN),
    CAPABILITY(CAP_NET_RAW),
    CAPABILITY(CAP_SYS_ADMIN),
    CAPABILITY(CAP_SYS_RESOURCE),
    ROW(capability_version, _LINUX_CAPABILITY_VERSION_3),
};

const char *const constant_groups[GROUP_COUNT] = {
#define GROUP(group, text) [GROUP_##group] = text,
    CONSTANT_GROUPS(GROUP)
#undef GROUP
};

/* ---- by name ---- */

/* What a name means. The name of a socket option is one, too. */
struct meaning {
	int64_t value;
	enum constant_group group; /* the first that has it */
	uint64_t groups;	   /* bit g: group g has it */
	const struct sockopt_row *option;
};

_Static_assert(GROUP_COUNT <= 64, "each group has a bit");

static struct arena lasting;
static struct numbering numbers;
static struct meaning *meanings; /* of each number */
static const char **lists[GROUP_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct meaning *add(enum constant_group group, const char *name, int64_t value)
{
	size_t known = numbers.count;
	int number = number_give(&lasting, &numbers, name);
	struct meaning *m;

	if (numbers.count > known)
		*arena_push(&lasting, meanings, known) =
		    (struct meaning){.value = value, .group = group};
	m = &meanings[number];
	m->groups |= UINT64_C(1) << group;
	return m;
}

static void make_tables(void)
{
	size_t count[GROUP_COUNT] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct constant_row *row = &table[i];

		add(row->group, row->name, row->value);
		*arena_push(&lasting, lists[row->group], count[row->group]) = row->name;
	}
	for (const struct sockopt_row *row = sockopt_table; row->name; row++) {
		add(GROUP_option, row->name, row->number)->option = row;
		*arena_push(&lasting, lists[GROUP_option], count[GROUP_option]) = row->name;
	}
	for (int g = 0; g < GROUP_COUNT; g++)
		*arena_push(&lasting, lists[g], count[g]) = NULL;
}

static const struct meaning *meaning_of(const char *name)
{
	int number;

	pthread_once(&once, make_tables);
	number = number_find(&numbers, name);
	return number < 0 ? NULL : &meanings[number];
}

/* A bit that has no name, among others that have. */
static bool is_bit(const char *name, int64_t *value)
{
	char *end;

	if (*name < '0' || *name > '9')
		return false;
	*value = (int64_t)strtoull(name, &end, 0);
	return !*end;
}

bool constant_find(const char *name, int64_t *value)
{
	const struct meaning *m = meaning_of(name);

	if (m)
		*value = m->value;
	return m || is_bit(name, value);
}

bool constant_value(enum constant_group group, const char *name, int64_t *value)
{
	const struct meaning *m = meaning_of(name);

	if (m && !(m->groups >> group & 1))
		return false;
	return constant_find(name, value);
}

enum constant_group constant_group(const char *name)
{
	const struct meaning *m = meaning_of(name);

	return m ? m->group : NO_GROUP;
}

const char *const *constant_names(enum constant_group group)
{
	pthread_once(&once, make_tables);
	return lists[group];
}

static int number_in(enum constant_group group, const char *name)
{
	int64_t number = 0;

	return constant_value(group, name, &number) ? (int)number : 0;
}

int errno_find(const char *name)
{
	return number_in(GROUP_errno, name);
}

int signal_find(const char *name)
{
	return number_in(GROUP_signal, name);
}

const struct sockopt_row *sockopt_find(const char *name)
{
	const struct meaning *m = meaning_of(name);

	return m ? m->option : NULL;
}

/* ---- by number ---- */

const char *constant_name(enum constant_group group, int64_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].group == group && table[i].value == value)
			return table[i].name;
	return NULL;
}

const char *signal_text(int number, char text[SIGNAL_TEXT])
{
	const char *name = constant_name(GROUP_signal, number);
	struct arena a = {0};

	snprintf(text, SIGNAL_TEXT, "%s", name ? name : signal_name(&a, number));
	arena_free(&a);
	return text;
}

/* ---- arguments ---- */

static enum arg_word word_of(const char *name)
{
	static const char *const words[] = {
	    [WORD_NULL] = "NULL", [WORD_TIMEOUT] = "Timeout", [WORD_IN] = "in",
	    [WORD_OUT] = "out",	  [WORD_EXCEPT] = "except",   [WORD_LEFT] = "left",
	};

	for (size_t i = 1; i < ARRAY_SIZE(words); i++)
		if (!strcmp(name, words[i]))
			return (enum arg_word)i;
	return WORD_NONE;
}

void arg_resolve(struct arg *arg)
{
	bool single = arg->name_count == 1;

	arg->word = single ? word_of(arg->names[0]) : WORD_NONE;
	arg->option = single ? sockopt_find(arg->names[0]) : NULL;
	arg->are_constants = arg->name_count > 0;
	arg->groups = arg->name_count ? UINT64_MAX : 0;
	arg->number = 0;
	for (size_t i = 0; i < arg->name_count; i++) {
		const struct meaning *m = meaning_of(arg->names[i]);
		int64_t bits = 0;

		if (!constant_find(arg->names[i], &bits))
			arg->are_constants = false;
		if (m || !arg->are_constants)
			arg->groups &= m ? m->groups : 0;
		arg->number |= bits;
	}
}

bool arg_is_of(const struct arg *arg, enum constant_group group)
{
	return arg->kind == ARG_NAMES && arg->groups >> group & 1;
}
