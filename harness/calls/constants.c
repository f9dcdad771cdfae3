/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constants by name: one table, in groups, so that a wrong flag is known to be one that exists but
 * is of another kind. Where two names have one value the first in the table is the one that is
 * printed, and within a group of flags the order is the one in which strace prints them.
 *
 * The socket options have a table of their own (sockopts.c), since their numbers mean nothing
 * without a level; here they are the group "option", by name only.
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
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "harness/calls/calls.h"
#include "harness/calls/sockopts.h"

struct constant_row {
	const char *group, *name;
	int64_t value;
};

#define ROW(group, name)                                                                           \
	{                                                                                          \
		group, #name, name                                                                 \
	}

#define CAPABILITY(name)                                                                           \
	{                                                                                          \
		"capability", #name, INT64_C(1) << name                                            \
	}

static const struct constant_row table[] = {
    /* errno */
    ROW("errno", EPERM),
    ROW("errno", ENOENT),
    ROW("errno", ESRCH),
    ROW("errno", EINTR),
    ROW("errno", EIO),
    ROW("errno", ENXIO),
    ROW("errno", E2BIG),
    ROW("errno", ENOEXEC),
    ROW("errno", EBADF),
    ROW("errno", ECHILD),
    ROW("errno", EAGAIN),
    ROW("errno", ENOMEM),
    ROW("errno", EACCES),
    ROW("errno", EFAULT),
    ROW("errno", ENOTBLK),
    ROW("errno", EBUSY),
    ROW("errno", EEXIST),
    ROW("errno", EXDEV),
    ROW("errno", ENODEV),
    ROW("errno", ENOTDIR),
    ROW("errno", EISDIR),
    ROW("errno", EINVAL),
    ROW("errno", ENFILE),
    ROW("errno", EMFILE),
    ROW("errno", ENOTTY),
    ROW("errno", ETXTBSY),
    ROW("errno", EFBIG),
    ROW("errno", ENOSPC),
    ROW("errno", ESPIPE),
    ROW("errno", EROFS),
    ROW("errno", EMLINK),
    ROW("errno", EPIPE),
    ROW("errno", EDOM),
    ROW("errno", ERANGE),
    ROW("errno", EDEADLK),
    ROW("errno", ENAMETOOLONG),
    ROW("errno", ENOLCK),
    ROW("errno", ENOSYS),
    ROW("errno", ENOTEMPTY),
    ROW("errno", ELOOP),
    ROW("errno", ENOMSG),
    ROW("errno", EIDRM),
    ROW("errno", ECHRNG),
    ROW("errno", EL2NSYNC),
    ROW("errno", EL3HLT),
    ROW("errno", EL3RST),
    ROW("errno", ELNRNG),
    ROW("errno", EUNATCH),
    ROW("errno", ENOCSI),
    ROW("errno", EL2HLT),
    ROW("errno", EBADE),
    ROW("errno", EBADR),
    ROW("errno", EXFULL),
    ROW("errno", ENOANO),
    ROW("errno", EBADRQC),
    ROW("errno", EBADSLT),
    ROW("errno", EBFONT),
    ROW("errno", ENOSTR),
    ROW("errno", ENODATA),
    ROW("errno", ETIME),
    ROW("errno", ENOSR),
    ROW("errno", ENONET),
    ROW("errno", ENOPKG),
    ROW("errno", EREMOTE),
    ROW("errno", ENOLINK),
    ROW("errno", EADV),
    ROW("errno", ESRMNT),
    ROW("errno", ECOMM),
    ROW("errno", EPROTO),
    ROW("errno", EMULTIHOP),
    ROW("errno", EDOTDOT),
    ROW("errno", EBADMSG),
    ROW("errno", EOVERFLOW),
    ROW("errno", ENOTUNIQ),
    ROW("errno", EBADFD),
    ROW("errno", EREMCHG),
    ROW("errno", ELIBACC),
    ROW("errno", ELIBBAD),
    ROW("errno", ELIBSCN),
    ROW("errno", ELIBMAX),
    ROW("errno", ELIBEXEC),
    ROW("errno", EILSEQ),
    ROW("errno", ERESTART),
    ROW("errno", ESTRPIPE),
    ROW("errno", EUSERS),
    ROW("errno", ENOTSOCK),
    ROW("errno", EDESTADDRREQ),
    ROW("errno", EMSGSIZE),
    ROW("errno", EPROTOTYPE),
    ROW("errno", ENOPROTOOPT),
    ROW("errno", EPROTONOSUPPORT),
    ROW("errno", ESOCKTNOSUPPORT),
    ROW("errno", EOPNOTSUPP),
    ROW("errno", EPFNOSUPPORT),
    ROW("errno", EAFNOSUPPORT),
    ROW("errno", EADDRINUSE),
    ROW("errno", EADDRNOTAVAIL),
    ROW("errno", ENETDOWN),
    ROW("errno", ENETUNREACH),
    ROW("errno", ENETRESET),
    ROW("errno", ECONNABORTED),
    ROW("errno", ECONNRESET),
    ROW("errno", ENOBUFS),
    ROW("errno", EISCONN),
    ROW("errno", ENOTCONN),
    ROW("errno", ESHUTDOWN),
    ROW("errno", ETOOMANYREFS),
    ROW("errno", ETIMEDOUT),
    ROW("errno", ECONNREFUSED),
    ROW("errno", EHOSTDOWN),
    ROW("errno", EHOSTUNREACH),
    ROW("errno", EALREADY),
    ROW("errno", EINPROGRESS),
    ROW("errno", ESTALE),
    ROW("errno", EUCLEAN),
    ROW("errno", ENOTNAM),
    ROW("errno", ENAVAIL),
    ROW("errno", EISNAM),
    ROW("errno", EREMOTEIO),
    ROW("errno", EDQUOT),
    ROW("errno", ENOMEDIUM),
    ROW("errno", EMEDIUMTYPE),
    ROW("errno", ECANCELED),
    ROW("errno", ENOKEY),
    ROW("errno", EKEYEXPIRED),
    ROW("errno", EKEYREVOKED),
    ROW("errno", EKEYREJECTED),
    ROW("errno", EOWNERDEAD),
    ROW("errno", ENOTRECOVERABLE),
    ROW("errno", ERFKILL),
    ROW("errno", EHWPOISON),
    ROW("errno", ENOTSUP),
    ROW("errno", EDEADLOCK),
    ROW("errno", EWOULDBLOCK),

    /* domain */
    ROW("domain", AF_UNSPEC),
    ROW("domain", AF_UNIX),
    ROW("domain", AF_INET),
    ROW("domain", AF_INET6),
    ROW("domain", AF_NETLINK),
    ROW("domain", AF_PACKET),
    ROW("domain", PF_INET),
    ROW("domain", PF_INET6),

    /* type */
    ROW("type", SOCK_STREAM),
    ROW("type", SOCK_DGRAM),
    ROW("type", SOCK_RAW),
    ROW("type", SOCK_SEQPACKET),
    ROW("type", SOCK_NONBLOCK),
    ROW("type", SOCK_CLOEXEC),

    /* protocol */
    ROW("protocol", IPPROTO_IP),
    ROW("protocol", IPPROTO_ICMP),
    ROW("protocol", IPPROTO_TCP),
    ROW("protocol", IPPROTO_UDP),
    ROW("protocol", IPPROTO_IPV6),
    ROW("protocol", IPPROTO_ICMPV6),
    ROW("protocol", IPPROTO_RAW),
    ROW("protocol", IPPROTO_MPTCP),

    /* level */
    ROW("level", SOL_SOCKET),
    ROW("level", SOL_IP),
    ROW("level", SOL_TCP),
    ROW("level", SOL_IPV6),
    ROW("level", IPPROTO_IP),
    ROW("level", IPPROTO_TCP),
    ROW("level", IPPROTO_IPV6),

    /* msg */
    ROW("msg", MSG_OOB),
    ROW("msg", MSG_PEEK),
    ROW("msg", MSG_DONTROUTE),
    ROW("msg", MSG_CTRUNC),
    ROW("msg", MSG_TRUNC),
    ROW("msg", MSG_DONTWAIT),
    ROW("msg", MSG_EOR),
    ROW("msg", MSG_WAITALL),
    ROW("msg", MSG_CONFIRM),
    ROW("msg", MSG_ERRQUEUE),
    ROW("msg", MSG_NOSIGNAL),
    ROW("msg", MSG_MORE),
    ROW("msg", MSG_WAITFORONE),
    ROW("msg", MSG_ZEROCOPY),
    ROW("msg", MSG_FASTOPEN),
    ROW("msg", MSG_CMSG_CLOEXEC),

    /* how */
    ROW("how", SHUT_RD),
    ROW("how", SHUT_WR),
    ROW("how", SHUT_RDWR),

    /* poll */
    ROW("poll", POLLIN),
    ROW("poll", POLLPRI),
    ROW("poll", POLLOUT),
    ROW("poll", POLLRDNORM),
    ROW("poll", POLLRDBAND),
    ROW("poll", POLLWRNORM),
    ROW("poll", POLLWRBAND),
    ROW("poll", POLLMSG),
    ROW("poll", POLLERR),
    ROW("poll", POLLHUP),
    ROW("poll", POLLNVAL),
    ROW("poll", POLLRDHUP),

    /* epoll */
    ROW("epoll", EPOLLIN),
    ROW("epoll", EPOLLPRI),
    ROW("epoll", EPOLLOUT),
    ROW("epoll", EPOLLRDNORM),
    ROW("epoll", EPOLLRDBAND),
    ROW("epoll", EPOLLWRNORM),
    ROW("epoll", EPOLLWRBAND),
    ROW("epoll", EPOLLMSG),
    ROW("epoll", EPOLLERR),
    ROW("epoll", EPOLLHUP),
    ROW("epoll", EPOLLRDHUP),
    ROW("epoll", EPOLLEXCLUSIVE),
    ROW("epoll", EPOLLWAKEUP),
    ROW("epoll", EPOLLONESHOT),
    ROW("epoll", EPOLLET),

    /* epoll_ctl */
    ROW("epoll_ctl", EPOLL_CTL_ADD),
    ROW("epoll_ctl", EPOLL_CTL_DEL),
    ROW("epoll_ctl", EPOLL_CTL_MOD),

    /* epoll_create */
    ROW("epoll_create", EPOLL_CLOEXEC),

    /* signal */
    ROW("signal", SIGHUP),
    ROW("signal", SIGINT),
    ROW("signal", SIGQUIT),
    ROW("signal", SIGILL),
    ROW("signal", SIGTRAP),
    ROW("signal", SIGABRT),
    ROW("signal", SIGBUS),
    ROW("signal", SIGFPE),
    ROW("signal", SIGKILL),
    ROW("signal", SIGUSR1),
    ROW("signal", SIGSEGV),
    ROW("signal", SIGUSR2),
    ROW("signal", SIGPIPE),
    ROW("signal", SIGALRM),
    ROW("signal", SIGTERM),
    ROW("signal", SIGSTKFLT),
    ROW("signal", SIGCHLD),
    ROW("signal", SIGCONT),
    ROW("signal", SIGSTOP),
    ROW("signal", SIGTSTP),
    ROW("signal", SIGTTIN),
    ROW("signal", SIGTTOU),
    ROW("signal", SIGURG),
    ROW("signal", SIGXCPU),
    ROW("signal", SIGXFSZ),
    ROW("signal", SIGVTALRM),
    ROW("signal", SIGPROF),
    ROW("signal", SIGWINCH),
    ROW("signal", SIGIO),
    ROW("signal", SIGPWR),
    ROW("signal", SIGSYS),
    ROW("signal", SIGPOLL),

    /* sigaction */
    ROW("sigaction", SA_NOCLDSTOP),
    ROW("sigaction", SA_NOCLDWAIT),
    ROW("sigaction", SA_SIGINFO),
    ROW("sigaction", SA_ONSTACK),
    ROW("sigaction", SA_RESTART),
    ROW("sigaction", SA_NODEFER),
    ROW("sigaction", SA_RESETHAND),

    /* fcntl */
    ROW("fcntl", F_DUPFD),
    ROW("fcntl", F_GETFD),
    ROW("fcntl", F_SETFD),
    ROW("fcntl", F_GETFL),
    ROW("fcntl", F_SETFL),
    ROW("fcntl", F_DUPFD_CLOEXEC),

    /* open */
    ROW("open", O_RDONLY),
    ROW("open", O_WRONLY),
    ROW("open", O_RDWR),
    ROW("open", O_APPEND),
    ROW("open", O_NONBLOCK),
    ROW("open", O_NDELAY),
    ROW("open", O_ASYNC),
    ROW("open", O_CLOEXEC),
    ROW("open", FD_CLOEXEC),

    /* ioctl */
    ROW("ioctl", SIOCINQ),
    ROW("ioctl", SIOCOUTQ),
    ROW("ioctl", SIOCOUTQNSD),
    ROW("ioctl", SIOCATMARK),
    ROW("ioctl", FIONREAD),
    ROW("ioctl", TIOCOUTQ),
    ROW("ioctl", FIONBIO),

    /* state */
    ROW("state", TCP_ESTABLISHED),
    ROW("state", TCP_SYN_SENT),
    ROW("state", TCP_SYN_RECV),
    ROW("state", TCP_FIN_WAIT1),
    ROW("state", TCP_FIN_WAIT2),
    ROW("state", TCP_TIME_WAIT),
    ROW("state", TCP_CLOSE),
    ROW("state", TCP_CLOSE_WAIT),
    ROW("state", TCP_LAST_ACK),
    ROW("state", TCP_LISTEN),
    ROW("state", TCP_CLOSING),

    /* pmtudisc */
    ROW("pmtudisc", IP_PMTUDISC_DONT),
    ROW("pmtudisc", IP_PMTUDISC_WANT),
    ROW("pmtudisc", IP_PMTUDISC_DO),
    ROW("pmtudisc", IP_PMTUDISC_PROBE),
    ROW("pmtudisc", IP_PMTUDISC_INTERFACE),
    ROW("pmtudisc", IP_PMTUDISC_OMIT),
    ROW("pmtudisc", IPV6_PMTUDISC_DONT),
    ROW("pmtudisc", IPV6_PMTUDISC_WANT),
    ROW("pmtudisc", IPV6_PMTUDISC_DO),
    ROW("pmtudisc", IPV6_PMTUDISC_PROBE),

    /* backlog */
    ROW("backlog", SOMAXCONN),

    /* inaddr */
    ROW("inaddr", INADDR_ANY),
    ROW("inaddr", INADDR_LOOPBACK),
    ROW("inaddr", INADDR_NONE),
    ROW("inaddr", INADDR_BROADCAST),

    /* icmp */
    ROW("icmp", ICMP_ECHOREPLY),
    ROW("icmp", ICMP_DEST_UNREACH),
    ROW("icmp", ICMP_ECHO),
    ROW("icmp", ICMP_TIME_EXCEEDED),
    ROW("icmp", ICMP6_DST_UNREACH),
    ROW("icmp", ICMP6_PACKET_TOO_BIG),
    ROW("icmp", ICMP6_TIME_EXCEEDED),
    ROW("icmp", ICMP6_ECHO_REQUEST),
    ROW("icmp", ICMP6_ECHO_REPLY),

    /* origin */
    ROW("origin", SO_EE_ORIGIN_NONE),
    ROW("origin", SO_EE_ORIGIN_LOCAL),
    ROW("origin", SO_EE_ORIGIN_ICMP),
    ROW("origin", SO_EE_ORIGIN_ICMP6),

    /* wait */
    ROW("wait", WNOHANG),
    ROW("wait", WUNTRACED),
    ROW("wait", WCONTINUED),

    /* handler: the third is the one that a process here has, and its address is its own affair */
    {"handler", "SIG_DFL", 0},
    {"handler", "SIG_IGN", 1},
    {"handler", "handler", 2},

    /* sigaction, in the order in which strace prints them */
    ROW("sigaction", SA_NOCLDSTOP),
    ROW("sigaction", SA_NOCLDWAIT),
    ROW("sigaction", SA_RESTART),
    ROW("sigaction", SA_NODEFER),
    ROW("sigaction", SA_RESETHAND),

    /* sigprocmask */
    ROW("sigprocmask", SIG_BLOCK),
    ROW("sigprocmask", SIG_UNBLOCK),
    ROW("sigprocmask", SIG_SETMASK),

    /* rlimit */
    ROW("rlimit", RLIMIT_NOFILE),
    ROW("rlimit", RLIMIT_NPROC),

    /* rlim */
    ROW("rlim", RLIM_INFINITY),

    /* capability: its bit in a set, which strace writes 1<<CAP_NET_RAW */
    CAPABILITY(CAP_NET_BIND_SERVICE),
    CAPABILITY(CAP_NET_BROADCAST),
    CAPABILITY(CAP_NET_ADMIN),
    CAPABILITY(CAP_NET_RAW),
    CAPABILITY(CAP_SYS_ADMIN),
    CAPABILITY(CAP_SYS_RESOURCE),
    ROW("capability version", _LINUX_CAPABILITY_VERSION_3),
};

#define COUNT	     (sizeof(table) / sizeof(table[0]))
#define GROUP_OPTION "option"

bool constant_value(const char *group, const char *name, int64_t *value)
{
	char *end;

	/* A bit that has no name, among others that have. */
	if (*name >= '0' && *name <= '9') {
		*value = (int64_t)strtoull(name, &end, 0);
		return !*end;
	}
	for (size_t i = 0; i < COUNT; i++) {
		if ((!group || !strcmp(group, table[i].group)) && !strcmp(name, table[i].name)) {
			*value = table[i].value;
			return true;
		}
	}
	if (!group || !strcmp(group, GROUP_OPTION)) {
		const struct sockopt_row *option = sockopt_find(name);

		if (option) {
			*value = option->number;
			return true;
		}
	}
	return false;
}

const char *constant_name(const char *group, int64_t value)
{
	for (size_t i = 0; i < COUNT; i++)
		if ((!group || !strcmp(group, table[i].group)) && value == table[i].value)
			return table[i].name;
	return NULL;
}

const char *constant_group(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(name, table[i].name))
			return table[i].group;
	return sockopt_find(name) ? GROUP_OPTION : NULL;
}

/* The lists of names are made once, on first use: one for each group, and the one of all names. */
#define MAX_GROUPS 40

struct name_list {
	const char *group;
	const char *names[COUNT + 1];
};

static struct name_list lists[MAX_GROUPS + 1];
static size_t list_count;
static pthread_once_t lists_once = PTHREAD_ONCE_INIT;

static void make_lists(void)
{
	size_t fill[MAX_GROUPS + 1] = {0};

	list_count = 1; /* [0] is the one of all names: its group is NULL */
	for (size_t i = 0; i < COUNT; i++) {
		size_t g = 1;

		while (g < list_count && strcmp(lists[g].group, table[i].group))
			g++;
		if (g == list_count) {
			if (list_count > MAX_GROUPS)
				continue;
			lists[list_count++].group = table[i].group;
		}
		lists[g].names[fill[g]++] = table[i].name;
		lists[0].names[fill[0]++] = table[i].name;
	}
}

const char *const *constant_names(const char *group)
{
	static const char *const none[] = {NULL};

	if (group && !strcmp(group, GROUP_OPTION))
		return sockopt_names();
	pthread_once(&lists_once, make_lists);
	for (size_t g = 0; g < list_count; g++) {
		if (!group && !lists[g].group)
			return lists[g].names;
		if (group && lists[g].group && !strcmp(group, lists[g].group))
			return lists[g].names;
	}
	return none;
}
