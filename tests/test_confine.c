/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promises of SECURITY.md: each attempt to break one is made three times, in a process of a
 * lab's host:
 *
 * - without any barrier: it must succeed, or the rest would show nothing;
 * - with only those barriers that the attempt is about: they alone must stop it;
 * - confined as a host's processes are: it must be stopped.
 *
 * So the test notices a barrier that is missing, or that another one has covered. Then it looks at
 * the processes of real actors from outside.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "harness/actor/confine.h"
#include "netns/lab.h"
#include "tests/call_lab.h"

/* ---- attempts: 0 when it has succeeded, else errno ---- */

static char directory[] = "/tmp/test_confine-XXXXXX"; /* on the machine */
static char file[64], others[64];		      /* to be made; somebody else's */
static struct stat machine_mounts, machine_ipc, machine_names, machine_output;
static pid_t outside; /* the test itself, as the machine numbers it */

static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int try_read(void)
{
	return outcome(open("/etc/passwd", O_RDONLY));
}

static int try_create(void)
{
	int error = outcome(open(file, O_CREAT | O_WRONLY, 0600));

	unlink(file);
	return error;
}

static int try_create_at_root(void)
{
	char name[80];
	int error;

	/* Where the machine's root is still there, nothing is put into it. */
	snprintf(name, sizeof(name), "%s", access("/etc", F_OK) ? "/x" : file);
	error = outcome(open(name, O_CREAT | O_WRONLY, 0600));
	unlink(name);
	return error;
}

/* A script could make a socket's file with two bytes of a port. */
static int try_bind_path(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int error;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", file);
	error = outcome(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	unlink(file);
	return error;
}

static int try_sysctl(void)
{
	return outcome(open("/proc/sys/net/ipv4/tcp_syn_retries", O_RDONLY));
}

static int same(const struct stat *machine, const char *path)
{
	struct stat own;

	if (stat(path, &own))
		return errno;
	return own.st_ino == machine->st_ino ? 0 : EXDEV;
}

static int try_share_mounts(void)
{
	return same(&machine_mounts, "/proc/self/ns/mnt");
}

static int try_share_ipc(void)
{
	return same(&machine_ipc, "/proc/self/ns/ipc");
}

static int try_share_names(void)
{
	return same(&machine_names, "/proc/self/ns/uts");
}

static int try_output(void)
{
	struct stat own;

	return fstat(STDOUT_FILENO, &own) ? errno : own.st_ino == machine_output.st_ino ? 0 : EXDEV;
}

static int try_new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ? EPERM : 0;
}

static int try_chroot(void)
{
	return outcome(chroot("."));
}

static int try_other_capability(void)
{
	/* Which takes CAP_SETPCAP. */
	return outcome(prctl(PR_CAPBSET_DROP, 0 /* CAP_CHOWN */, 0, 0, 0));
}

/* ---- attempts that only the filter stops ---- */

static int try_vsock(void)
{
	return outcome(socket(40 /* AF_VSOCK */, SOCK_STREAM, 0));
}

static int try_alg(void)
{
	return outcome(socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0));
}

static int try_netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}

/* The kernel looks at the lower half of the argument only. */
static int try_netlink_disguised(void)
{
	return outcome(syscall(SYS_socket, (1L << 32) + AF_NETLINK, (long)SOCK_RAW, 0L));
}

static int try_iptables(void)
{
	char nothing[8] = "";
	int error = outcome(setsockopt(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), IPPROTO_IP,
				       64 /* IPT_SO_SET_REPLACE */, nothing, sizeof(nothing)));

	/* Without the module it is not an option, and of that size it is a wrong one. */
	return error == EINVAL ? 0 : error;
}

static int try_iptables_disguised(void)
{
	char nothing[8] = "";
	long fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	int error = outcome(syscall(SYS_setsockopt, fd, (1L << 32) + IPPROTO_IP, 64L, nothing,
				    (long)sizeof(nothing)));

	return error == EINVAL ? 0 : error;
}

/*
 * A pidfd of the process at the other end of a socket pair: the engine's, if the pair is one of the
 * harness's. The kernel looks at the length before the option, so that an older one answers the
 * same.
 */
static int try_peer(void)
{
	int pair[2] = {-1, -1}, fd;
	socklen_t length = (socklen_t)-1;
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	error = outcome(getsockopt(pair[0], SOL_SOCKET, 77 /* SO_PEERPIDFD */, &fd, &length));
	return error == EINVAL ? 0 : error;
}

static int try_peer_disguised(void)
{
	int pair[2] = {-1, -1}, fd;
	socklen_t length = (socklen_t)-1;
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	error = outcome(syscall(SYS_getsockopt, (long)pair[0], (1L << 32) + SOL_SOCKET,
				(1L << 32) + 77, &fd, &length));
	return error == EINVAL ? 0 : error;
}

static int try_senders(void)
{
	int error = outcome(
	    setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, 76 /* SO_PASSPIDFD */, "", 0));

	return error == EINVAL ? 0 : error;
}

static int try_namespace(void)
{
	return outcome(unshare(CLONE_NEWNET));
}

static int try_clone_namespace(void)
{
	long pid = syscall(SYS_clone, (long)(CLONE_NEWUTS | SIGCHLD), 0L, 0L, 0L, 0L);

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

/* Into one's own changes nothing, and is allowed. */
static int try_setns(void)
{
	return outcome(syscall(SYS_setns, open("/proc/self/ns/net", O_RDONLY), CLONE_NEWNET));
}

static int try_mount(void)
{
	unshare(CLONE_NEWNS); /* seen by nobody else */
	return outcome(mount("none", "/proc", "tmpfs", 0, NULL));
}

static int try_ptrace(void)
{
	return outcome(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static int try_keyctl(void)
{
	return outcome(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}

static int try_bpf(void)
{
	union bpf_attr attr;
	int error;

	memset(&attr, 0, sizeof(attr));
	error = outcome(syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof(attr)));
	return error == ENOSYS ? ENOSYS : 0; /* any other answer is the kernel's own */
}

static int try_io_uring(void)
{
	struct io_uring_params p;
	int error;

	memset(&p, 0, sizeof(p));
	error = outcome(syscall(SYS_io_uring_setup, 1, &p));
	return error == EPERM ? 0 : error; /* kernel.io_uring_disabled */
}

static int try_perf(void)
{
	struct perf_event_attr attr;
	int error;

	memset(&attr, 0, sizeof(attr));
	error = outcome(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
	return error == ENOSYS ? ENOSYS : 0;
}

static int try_memory_file(void)
{
	return outcome(syscall(SYS_memfd_create, "x", 0));
}

static int try_execute(void)
{
	char *const nothing[] = {NULL};
	int error;

	execve("/", nothing, nothing);
	error = errno;
	return error == EACCES ? 0 : error; /* it is a directory, if anybody has looked */
}

static int try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_data_as_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_foreign_limit(void)
{
	struct rlimit limit;

	return outcome(syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, NULL, &limit));
}

static int try_semaphore(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	int error = outcome(id);

	semctl(id, 0, IPC_RMID);
	return error;
}

#define ONLY(step) (1U << (step))

static const struct {
	const char *name;
	int (*make)(void);
	unsigned barriers; /* that alone must stop it */
	int fails;	   /* with them, and so; 0: in whatever way */
} attempts[] = {
    {"read a file of the machine's", try_read, ONLY(CONFINE_FILES), ENOENT},
    {"create a file", try_create, ONLY(CONFINE_FILES), ENOENT},
    {"create a file in the root", try_create_at_root,
     ONLY(CONFINE_NAMESPACES) | ONLY(CONFINE_FILES), EROFS},
    {"create a file in the other root", try_create_at_root, ONLY(CONFINE_FILES), 0},
    {"bind to a path", try_bind_path, ONLY(CONFINE_FILES), ENOENT},
    {"reach sysctls", try_sysctl, ONLY(CONFINE_FILES), ENOENT},
    {"share the machine's mounts", try_share_mounts, ONLY(CONFINE_NAMESPACES), EXDEV},
    {"share the machine's IPC", try_share_ipc, ONLY(CONFINE_NAMESPACES), EXDEV},
    {"share the machine's names", try_share_names, ONLY(CONFINE_NAMESPACES), EXDEV},
    {"write to the user's terminal", try_output, ONLY(CONFINE_OUTPUT), EXDEV},
    {"gain privileges by a program", try_new_privileges, ONLY(CONFINE_PROGRAMS), EPERM},
    {"change the root", try_chroot, ONLY(CONFINE_CAPABILITIES), EPERM},
    {"use another capability", try_other_capability, ONLY(CONFINE_CAPABILITIES), EPERM},
    {"socket(AF_VSOCK)", try_vsock, ONLY(CONFINE_CALLS), EAFNOSUPPORT},
    {"socket(AF_ALG)", try_alg, ONLY(CONFINE_CALLS), EAFNOSUPPORT},
    {"socket(AF_NETLINK)", try_netlink, ONLY(CONFINE_CALLS), EAFNOSUPPORT},
    {"socket(AF_NETLINK), disguised", try_netlink_disguised, ONLY(CONFINE_CALLS), EAFNOSUPPORT},
    {"iptables", try_iptables, ONLY(CONFINE_CALLS), ENOPROTOOPT},
    {"iptables, disguised", try_iptables_disguised, ONLY(CONFINE_CALLS), ENOPROTOOPT},
    {"SO_PEERPIDFD", try_peer, ONLY(CONFINE_CALLS), ENOPROTOOPT},
    {"SO_PEERPIDFD, disguised", try_peer_disguised, ONLY(CONFINE_CALLS), ENOPROTOOPT},
    {"SO_PASSPIDFD", try_senders, ONLY(CONFINE_CALLS), ENOPROTOOPT},
    {"unshare(CLONE_NEWNET)", try_namespace, ONLY(CONFINE_CALLS), ENOSYS},
    {"clone(CLONE_NEWUTS)", try_clone_namespace, ONLY(CONFINE_CALLS), ENOSYS},
    {"setns()", try_setns, ONLY(CONFINE_CALLS), ENOSYS},
    {"mount()", try_mount, ONLY(CONFINE_CALLS), ENOSYS},
    {"ptrace()", try_ptrace, ONLY(CONFINE_CALLS), ENOSYS},
    {"keyctl()", try_keyctl, ONLY(CONFINE_CALLS), ENOSYS},
    {"bpf()", try_bpf, ONLY(CONFINE_CALLS), ENOSYS},
    {"io_uring_setup()", try_io_uring, ONLY(CONFINE_CALLS), ENOSYS},
    {"perf_event_open()", try_perf, ONLY(CONFINE_CALLS), ENOSYS},
    {"memfd_create()", try_memory_file, ONLY(CONFINE_CALLS), ENOSYS},
    {"execve()", try_execute, ONLY(CONFINE_CALLS), ENOSYS},
    {"mmap(PROT_EXEC)", try_code, ONLY(CONFINE_CALLS), ENOSYS},
    {"mprotect(PROT_EXEC)", try_data_as_code, ONLY(CONFINE_CALLS), ENOSYS},
    {"prlimit() of another process", try_foreign_limit, ONLY(CONFINE_CALLS), ENOSYS},
    {"semget()", try_semaphore, ONLY(CONFINE_CALLS), ENOSYS},
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* ---- in a host ---- */

enum { UNCONFINED, BARRIERS_ONLY, CONFINED, WAYS };

/* Filled by the host's processes. */
static struct results {
	int error[ATTEMPTS][WAYS];
	int kill, file; /* from a host that is not confined */
} * results;

/* If a barrier could not be set up, this does not count as a success either. */
#define NO_BARRIER (-2)
#define NOT_MADE   (-1)

static bool put_up(unsigned barriers)
{
	for (int step = 0; step < CONFINE_STEPS; step++)
		if (barriers & ONLY(step) && !confine_step(step))
			return false;
	return true;
}

static _Noreturn void attempt(size_t i, int way)
{
	int *error = &results->error[i][way];
	const char *what;

	*error = NO_BARRIER;
	if ((way == BARRIERS_ONLY && !put_up(attempts[i].barriers)) ||
	    (way == CONFINED && !confine(true, &what)))
		_exit(1);
	*error = NOT_MADE;
	*error = attempts[i].make();
	_exit(0);
}

static int try_kill(void)
{
	return outcome(kill(outside, 0));
}

/* Something that only a capability over the machine's files allows. */
static int try_others_file(void)
{
	return outcome(open(others, O_RDONLY));
}

static int attack(enum host host, void *context)
{
	(void)context;
	if (host != HOST_CLIENT) {
		pause();
		return 0;
	}
	results->kill = try_kill();
	results->file = try_others_file();
	for (size_t i = 0; i < ATTEMPTS; i++)
		for (int way = 0; way < WAYS; way++) {
			pid_t pid = fork();

			if (pid == 0)
				attempt(i, way);
			waitpid(pid, NULL, 0);
		}
	return 0;
}

/* All attempts, once for all tests. */
static int make_attempts(void **state)
{
	struct lab lab;

	(void)state;
	outside = getpid();
	snprintf(file, sizeof(file), "%s/file", mkdtemp(directory));
	snprintf(others, sizeof(others), "%s/others", directory);
	close(open(others, O_CREAT | O_WRONLY, 0600));
	if (geteuid() == 0 && (chown(others, 1, 1) || chmod(directory, 0755)))
		return -1;
	results =
	    mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	stat("/proc/self/ns/mnt", &machine_mounts);
	stat("/proc/self/ns/ipc", &machine_ipc);
	stat("/proc/self/ns/uts", &machine_names);
	fstat(STDOUT_FILENO, &machine_output);
	memset(results, 0xff, sizeof(*results));
	if (!fork()) { /* which the lab makes the router */
		if (!lab_open(&lab, attack, NULL)) {
			fprintf(stderr, "%s\n", lab.error);
			_exit(1);
		}
		waitpid(lab.host[HOST_CLIENT].pid, NULL, 0);
		lab_close(&lab);
		_exit(0);
	}
	wait(NULL);
	return 0;
}

static int tidy_up(void **state)
{
	(void)state;
	munmap(results, sizeof(*results));
	unlink(others);
	return rmdir(directory);
}

static void succeed_unconfined(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATTEMPTS; i++) {
		int error = results->error[i][UNCONFINED];

		if (error && error == attempts[i].fails)
			print_message("this kernel has no %s\n", attempts[i].name);
		else if (error)
			fail_msg("%s: %s", attempts[i].name,
				 error < 0 ? "not made" : strerror(error));
	}
}

static void are_stopped_by_each_barrier(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATTEMPTS; i++) {
		int error = results->error[i][BARRIERS_ONLY];

		if (error <= 0 || (attempts[i].fails && error != attempts[i].fails))
			fail_msg("%s: %s", attempts[i].name,
				 error == NO_BARRIER ? "no barrier could be put up"
				 : error < 0	     ? "not made"
				 : error	     ? strerror(error)
						     : "has succeeded");
	}
}

static void are_stopped_by_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (results->error[i][CONFINED] <= 0)
			fail_msg("%s: %s", attempts[i].name,
				 results->error[i][CONFINED] == NO_BARRIER ? "not confined"
				 : results->error[i][CONFINED]		   ? "not made"
									   : "has succeeded");
}

/* The namespaces in which a host begins its life prevent this, confined or not. */
static void hosts_are_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(try_kill(), 0);
	assert_int_equal(results->kill, ESRCH);
	if (geteuid() != 0) {
		print_message("skipped: only root has capabilities to lose\n");
		skip();
	}
	assert_int_equal(try_others_file(), 0);
	assert_int_equal(results->file, EACCES);
}

/* ---- the processes of real actors ---- */

#ifdef __SANITIZE_ADDRESS__
#define LAST_OUTPUT STDOUT_FILENO /* the sanitizers tell of what they find on the other one */
#else
#define LAST_OUTPUT STDERR_FILENO
#endif

static unsigned long long status_of(pid_t pid, const char *name, int base)
{
	char path[64], line[256];
	unsigned long long number = 12345;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	in = fopen(path, "re");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		if (!strncmp(line, name, strlen(name)))
			number = strtoull(line + strlen(name) + 1, NULL, base);
	fclose(in);
	return number;
}

static void assert_confined(const struct actor_link *link)
{
	struct stat root, own, fd;
	char path[64];

	assert_int_equal(status_of(link->pid, "NoNewPrivs:", 10), 1);
	assert_int_equal(status_of(link->pid, "Seccomp:", 10), 2);
	assert_int_equal(status_of(link->pid, "CapPrm:", 16),
			 1 << CAP_NET_ADMIN | 1 << CAP_NET_RAW | 1 << CAP_NET_BIND_SERVICE);
	assert_int_equal(status_of(link->pid, "CapInh:", 16), 0);
	assert_int_equal(status_of(link->pid, "CapAmb:", 16), 0);
	snprintf(path, sizeof(path), "/proc/%d/root/", link->pid);
	assert_int_equal(stat(path, &root), 0);
	assert_int_equal(stat("/", &own), 0);
	assert_true(root.st_dev != own.st_dev);
	/* Nothing is open but null, what the harness needs at high numbers, and what a script has.
	 */
	for (int i = 0; i <= LAST_OUTPUT; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", link->pid, i);
		assert_int_equal(stat(path, &fd), 0);
		assert_true(S_ISCHR(fd.st_mode));
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/3", link->pid);
	assert_int_not_equal(stat(path, &fd), 0);
}

static void actors_are_confined(void **state)
{
	struct call_lab lab;

	(void)state;
	call_lab_open(&lab, 4,
		      "client fork() = kid\n"
		      "client thread() = t2\n");
	go(&lab, 0);
	go(&lab, 1);
	for (size_t i = 0; i < lab.links; i++)
		assert_confined(&lab.link[i]);
	call_lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(succeed_unconfined),  cmocka_unit_test(are_stopped_by_each_barrier),
	    cmocka_unit_test(are_stopped_by_all),  cmocka_unit_test(hosts_are_elsewhere),
	    cmocka_unit_test(actors_are_confined),
	};

	return cmocka_run_group_tests(tests, make_attempts, tidy_up);
}
