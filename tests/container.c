/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container of one of several kinds, as far as one program can make one: for tests/containers.sh.
 *
 *     container WORD... -- COMMAND [ARGUMENT...]
 *
 * Each word is a thing that container managers do; the table below lists them. Whatever the order
 * of the words, they are done in the order in which a container manager must do them. All of it is
 * in separate namespaces: the machine does not see it. Status 77: this one cannot be made here, and
 * the reason has been printed.
 *
 * The rules of Docker and Podman are written here as what they refuse, not as what they allow, and
 * only the part that somebody might need; moby's profiles/seccomp and containers/common's
 * pkg/seccomp have the whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"

#define CANNOT 77

static _Noreturn void cannot(const char *what)
{
	fprintf(stderr, "container: %s: %s\n", what, strerror(errno));
	exit(CANNOT);
}

static void must(bool done, const char *what)
{
	if (!done)
		cannot(what);
}

/* ---- the options ---- */

enum thing {
	USERS,	  /* a user namespace whose root is no more than the caller outside */
	ROOT,	  /* another root directory, by pivot_root, with a /dev and a /dev/shm of its own */
	SHM,	  /* /dev/shm of 64 MB, on which nothing can be executed */
	MASKED,	  /* parts of /proc hidden */
	FIXED,	  /* /proc/sys read-only */
	NET_FREE, /* .. but not /proc/sys/net */
	NO_PROC,  /* nothing on /proc */
	FULL_TMP, /* TMPDIR is a file system without room */
	SMALL_TMP,    /* .. with 16 kB */
	ROOM_TMP,     /* .. with 100 MB */
	NO_ROOM,      /* /tmp has 8 MB */
	NO_WRITING,   /* neither /tmp nor /dev/shm can be written */
	CHROOT,	      /* in a chroot, where no user namespace can be made */
	DOCKER_CAPS,  /* the capabilities that Docker leaves, .. */
	PODMAN_CAPS,  /* .. and that Podman leaves; and in spite of these: */
	ADD_NET,      /* CAP_NET_ADMIN and CAP_NET_RAW */
	ADD_SYS,      /* CAP_SYS_ADMIN */
	NO_ADMIN,     /* without CAP_NET_ADMIN */
	NO_RAW,	      /* without CAP_NET_RAW */
	ORDINARY,     /* an ordinary user */
	DOCKER_CALLS, /* the system calls that Docker forbids, .. */
	PODMAN_CALLS, /* .. and that Podman forbids */
	NO_USERS,     /* no user namespace can be made: a filter, .. */
	NO_USERS_SET, /* .. a setting */
	APPARMOR, /* Ubuntu's setting that forbids them to ordinary users, without the rest of it */
	NO_MEMFD,
	NO_PTRACE,
	THINGS,
};

static const char *const words[THINGS] = {
    [USERS] = "users",
    [ROOT] = "root",
    [SHM] = "shm",
    [MASKED] = "masked",
    [FIXED] = "fixed",
    [NET_FREE] = "net-free",
    [NO_PROC] = "no-proc",
    [FULL_TMP] = "full-tmp",
    [SMALL_TMP] = "small-tmp",
    [ROOM_TMP] = "room-tmp",
    [NO_ROOM] = "no-room",
    [NO_WRITING] = "no-writing",
    [CHROOT] = "chroot",
    [DOCKER_CAPS] = "docker-caps",
    [PODMAN_CAPS] = "podman-caps",
    [ADD_NET] = "add-net",
    [ADD_SYS] = "add-sys",
    [NO_ADMIN] = "no-net-admin",
    [NO_RAW] = "no-net-raw",
    [ORDINARY] = "ordinary",
    [DOCKER_CALLS] = "docker-calls",
    [PODMAN_CALLS] = "podman-calls",
    [NO_USERS] = "no-users",
    [NO_USERS_SET] = "no-users-set",
    [APPARMOR] = "apparmor",
    [NO_MEMFD] = "no-memfd",
    [NO_PTRACE] = "no-ptrace",
};

static bool asked[THINGS];

static bool ask(const char *word)
{
	for (int t = 0; t < THINGS; t++)
		if (!strcmp(words[t], word))
			return asked[t] = true;
	return false;
}

/* ---- namespaces ---- */

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* Root inside is the caller; root outside has further users to map. */
static void map_users(pid_t child)
{
	char path[64], map[64];
	const char *more = geteuid() ? "" : "\n1 100001 65535";

	if (*more == '\0') {
		snprintf(path, sizeof(path), "/proc/%d/setgroups", child);
		put(path, "deny");
	}
	snprintf(path, sizeof(path), "/proc/%d/uid_map", child);
	snprintf(map, sizeof(map), "0 %u 1%s", geteuid(), more);
	put(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", child);
	snprintf(map, sizeof(map), "0 %u 1%s", getegid(), more);
	put(path, map);
}

/* The child's exit status becomes this process's. */
static _Noreturn void end_with(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		must(errno == EINTR, "waitpid");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Goes on in a child, which is root in a user namespace of its own. */
static void enter_users(void)
{
	int made[2], mapped[2];
	char byte = 0;
	pid_t child;

	must(!pipe2(made, O_CLOEXEC) && !pipe2(mapped, O_CLOEXEC), "pipe2");
	child = fork();
	must(child >= 0, "fork");
	if (child) {
		close(made[1]);
		if (read(made[0], &byte, 1) == 1) {
			map_users(child);
			must(write(mapped[1], &byte, 1) == 1, "write");
		}
		end_with(child);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must(!unshare(CLONE_NEWUSER), "a user namespace");
	must(write(made[1], &byte, 1) == 1 && read(mapped[0], &byte, 1) == 1, "its users");
	must(!setresgid(0, 0, 0) && !setresuid(0, 0, 0), "becoming root in there");
}

/* The parts that every container has. Goes on in a child, which is its first process. */
static void enter_others(void)
{
	pid_t child;

	must(!unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS),
	     "namespaces");
	must(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mounts of its own");
	child = fork();
	must(child >= 0, "fork");
	if (child)
		end_with(child);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* ---- files ---- */

static void mount_tmpfs(const char *at, unsigned long flags, const char *options)
{
	must(!mount("tmpfs", at, "tmpfs", flags, options), at);
}

static void bind(const char *from, const char *to)
{
	must(!mount(from, to, NULL, MS_BIND | MS_REC, NULL), to);
}

static void bind_read_only(const char *path)
{
	bind(path, path);
	must(!mount(NULL, path, NULL,
		    MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
	     path);
}

static void mount_shm(void)
{
	mount_tmpfs("/dev/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m");
}

/* What is on the machine's root, below the new one: directories, links. */
static void copy_root(void)
{
	static const char *const own[] = {"proc", "dev", ".", ".."};
	DIR *root = opendir("/");
	const struct dirent *entry;
	char from[PATH_MAX], target[PATH_MAX];
	struct stat st;

	must(root != NULL, "/");
	while ((entry = readdir(root))) {
		bool is_own = false;
		ssize_t n;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			is_own |= !strcmp(own[i], entry->d_name);
		snprintf(from, sizeof(from), "/%s", entry->d_name);
		if (is_own || lstat(from, &st))
			continue;
		n = S_ISLNK(st.st_mode) ? readlink(from, target, sizeof(target) - 1) : -1;
		target[n > 0 ? n : 0] = '\0';
		if (n > 0)
			must(!symlink(target, entry->d_name), from);
		else if (S_ISDIR(st.st_mode)) {
			must(!mkdir(entry->d_name, 0755), from);
			bind(from, entry->d_name);
		}
	}
	closedir(root);
}

static void make_dev(void)
{
	static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
	char from[PATH_MAX], to[PATH_MAX];

	must(!mkdir("dev", 0755), "dev");
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		snprintf(from, sizeof(from), "/dev/%s", devices[i]);
		snprintf(to, sizeof(to), "dev/%s", devices[i]);
		close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
		bind(from, to);
	}
	must(!symlink("/proc/self/fd", "dev/fd") && !mkdir("dev/shm", 01777), "dev/shm");
}

/* The new root covers /mnt, so its contents are not visible from inside. */
static void change_root(void)
{
	mount_tmpfs("/mnt", 0, "mode=755");
	must(!chdir("/mnt"), "/mnt");
	copy_root();
	make_dev();
	must(!mkdir("proc", 0555) && !mount("proc", "proc", "proc", 0, NULL), "/proc");
	must(!syscall(SYS_pivot_root, ".", ".") && !umount2(".", MNT_DETACH) && !chdir("/"),
	     "pivot_root");
	mount_shm();
}

static void mask(void)
{
	static const char *const files[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list",
					    "/proc/interrupts"};
	static const char *const directories[] = {"/proc/acpi", "/proc/scsi", "/sys/firmware"};
	static const char *const fixed[] = {"/proc/bus", "/proc/fs", "/proc/irq",
					    "/proc/sysrq-trigger"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!access(files[i], F_OK))
			bind("/dev/null", files[i]);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (!access(directories[i], F_OK))
			mount_tmpfs(directories[i], MS_RDONLY, "size=0");
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!access(fixed[i], F_OK))
			bind_read_only(fixed[i]);
}

static void fix_sysctls(void)
{
	int net = open("/proc/sys/net", O_PATH | O_CLOEXEC);
	char path[64];

	bind_read_only("/proc/sys");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", net);
	if (asked[NET_FREE])
		bind(path, "/proc/sys/net");
	close(net);
}

/* As Ubuntu has it; all other settings there are hidden by it. */
static void show_apparmor(void)
{
	mount_tmpfs("/proc/sys/kernel", 0, "size=64k");
	must(!mknod("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0444, 0),
	     "a setting");
	put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
}

/* Another file system on TMPDIR. */
static const char *mount_tmp(const char *options)
{
	const char *at = getenv("TMPDIR");

	must(at != NULL, "TMPDIR is not set");
	mount_tmpfs(at, 0, options);
	return at;
}

static void fill(size_t left)
{
	const char *at = mount_tmp("size=64k,mode=1777");
	char path[PATH_MAX];
	static char bytes[64 * 1024];
	int fd;

	snprintf(path, sizeof(path), "%s/full", at);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, bytes, sizeof(bytes) - left) > 0, path);
	close(fd);
}

/* What is asked for of the places where temporary files are. */
static void change_room(void)
{
	if (asked[NO_ROOM])
		mount_tmpfs("/tmp", 0, "size=8m,mode=1777");
	if (asked[NO_WRITING]) {
		mount_tmpfs("/tmp", MS_RDONLY, "size=4k");
		mount_tmpfs("/dev/shm", MS_RDONLY, "size=4k");
	}
	if (asked[ROOM_TMP])
		mount_tmp("size=100m,mode=1777");
	if (asked[FULL_TMP] || asked[SMALL_TMP])
		fill(asked[SMALL_TMP] ? 16 * 1024 : 0);
}

static void change_files(void)
{
	if (asked[ROOT])
		change_root();
	else
		must(!mount("proc", "/proc", "proc", 0, NULL), "/proc");
	if (asked[SHM] && !asked[ROOT])
		mount_shm();
	if (asked[NO_USERS_SET])
		put("/proc/sys/user/max_user_namespaces", "0");
	if (asked[MASKED])
		mask();
	if (asked[APPARMOR])
		show_apparmor();
	if (asked[FIXED])
		fix_sysctls();
	change_room();
	if (asked[NO_PROC]) /* in a user namespace the one from outside could not be unmounted */
		mount_tmpfs("/proc", MS_RDONLY, "size=4k,mode=555");
	if (asked[CHROOT]) {
		bind("/", "/mnt");
		must(!chroot("/mnt"), "chroot");
	}
}

/* ---- capabilities ---- */

#define BIT(n) (UINT64_C(1) << (n))

static const uint64_t podman_caps = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
				    BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE) |
				    BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |
				    BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);
static const uint64_t docker_caps = BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) | BIT(CAP_AUDIT_WRITE);

static uint64_t capabilities(void)
{
	uint64_t set = ~UINT64_C(0);

	if (asked[DOCKER_CAPS])
		set = podman_caps | docker_caps;
	else if (asked[PODMAN_CAPS])
		set = podman_caps;
	if (asked[ADD_NET])
		set |= BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW);
	if (asked[ADD_SYS])
		set |= BIT(CAP_SYS_ADMIN);
	if (asked[NO_ADMIN])
		set &= ~BIT(CAP_NET_ADMIN);
	if (asked[NO_RAW])
		set &= ~BIT(CAP_NET_RAW);
	return set;
}

static void keep_capabilities(uint64_t set)
{
	struct __user_cap_header_struct self = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];

	must(!syscall(SYS_capget, &self, sets), "capget");
	for (int i = 0; i < 2; i++) {
		sets[i].permitted &= (uint32_t)(set >> (32 * i));
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	must(!syscall(SYS_capset, &self, sets), "capset");
}

/* Of those that a program may gain; root has in a program what is left of these. */
static void bound_capabilities(uint64_t set)
{
	for (int n = 0; n <= CAP_LAST_CAP; n++)
		if (!(set & BIT(n)))
			must(!prctl(PR_CAPBSET_DROP, n, 0, 0, 0) || errno == EINVAL,
			     "capabilities");
}

/* ---- system calls ---- */

/* Allowed only with CAP_SYS_ADMIN; for clone(2) see below. */
static const char *const administrators[] = {"bpf",	    "fsconfig",	 "fsmount",	  "fsopen",
					     "fspick",	    "mount",	 "mount_setattr", "setns",
					     "umount2",	    "unshare",	 "move_mount",	  "syslog",
					     "sethostname", "open_tree", "quotactl"};
/* Forbidden to everybody. */
static const char *const nobodys[] = {
    "add_key",	  "keyctl",	 "request_key", "swapon",	  "swapoff",	    "kexec_load",
    "pivot_root", "userfaultfd", "move_pages",	"io_uring_setup", "io_uring_enter", "nfsservctl"};

static void refuse(scmp_filter_ctx filter, int error, const char *call)
{
	int number = seccomp_syscall_resolve_name(call);

	if (number != __NR_SCMP_ERROR)
		must(!seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), number, 0), call);
}

static void refuse_new(scmp_filter_ctx filter, uint64_t kind)
{
	must(!seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			       SCMP_A0(SCMP_CMP_MASKED_EQ, kind, kind)) &&
		 !seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, kind, kind)),
	     "filtering clone");
}

static void refuse_as_docker(scmp_filter_ctx filter)
{
	static const uint64_t kinds[] = {CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,   CLONE_NEWUSER,
					 CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP};

	for (size_t i = 0; i < ARRAY_SIZE(nobodys); i++)
		refuse(filter, EPERM, nobodys[i]);
	for (size_t i = 0; i < ARRAY_SIZE(administrators) && !asked[ADD_SYS]; i++)
		refuse(filter, EPERM, administrators[i]);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !asked[ADD_SYS]; i++)
		must(!seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				       SCMP_A0(SCMP_CMP_MASKED_EQ, kinds[i], kinds[i])),
		     "filtering clone");
	if (!asked[ADD_SYS])
		refuse(filter, ENOSYS, "clone3");
}

/* Nobody may switch off randomised addresses. */
static void refuse_personalities(scmp_filter_ctx filter)
{
	must(!seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1,
			       SCMP_A0(SCMP_CMP_EQ, 0x0040000)),
	     "filtering personality");
}

static void filter_calls(void)
{
	scmp_filter_ctx filter;
	int error;

	if (!asked[DOCKER_CALLS] && !asked[PODMAN_CALLS] && !asked[NO_USERS] && !asked[NO_MEMFD] &&
	    !asked[NO_PTRACE])
		return;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	must(filter != NULL, "seccomp_init");
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, asked[ORDINARY]);
	if (asked[DOCKER_CALLS])
		refuse_as_docker(filter);
	if (asked[DOCKER_CALLS] || asked[PODMAN_CALLS])
		refuse_personalities(filter);
	if (asked[NO_USERS])
		refuse_new(filter, CLONE_NEWUSER);
	if (asked[NO_MEMFD])
		refuse(filter, EPERM, "memfd_create");
	if (asked[NO_PTRACE])
		refuse(filter, EPERM, "ptrace");
	error = seccomp_load(filter);
	seccomp_release(filter);
	errno = -error;
	must(!error, "a filter of system calls");
}

/* ---- who it is ---- */

#define SOMEBODY 65000

static void become_ordinary(void)
{
	must(!setgroups(0, NULL) || errno == EPERM, "setgroups");
	must(!setresgid(SOMEBODY, SOMEBODY, SOMEBODY) && !setresuid(SOMEBODY, SOMEBODY, SOMEBODY),
	     "becoming an ordinary user");
}

int main(int argc, char **argv)
{
	int i = 1;
	char here[PATH_MAX];

	while (i < argc && strcmp(argv[i], "--"))
		if (!ask(argv[i++])) {
			fprintf(stderr, "container: what is '%s'?\n", argv[i - 1]);
			return 2;
		}
	if (i + 1 >= argc || !getcwd(here, sizeof(here))) {
		fprintf(stderr, "usage: container WORD... -- COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (asked[USERS] || asked[NO_USERS_SET] || geteuid())
		enter_users();
	enter_others();
	change_files();
	must(!chdir(here), here);
	bound_capabilities(capabilities());
	if (asked[ORDINARY])
		become_ordinary();
	filter_calls();
	if (!asked[ORDINARY])
		keep_capabilities(capabilities());
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
