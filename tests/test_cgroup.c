/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits of control groups, read from directories that look like those of a machine: of both
 * versions, in a container and outside, with and without limits.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "harness/base/cgroup.h"
#include "harness/base/tree.h"

#define MEBI (1024LL * 1024)

static char root[] = "/tmp/tcplab-test-cgroup-XXXXXX";

/* A file and all that is above it. */
static void put(const char *path, const char *text)
{
	char whole[512];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = whole + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	f = fopen(whole, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	tree_remove(AT_FDCWD, root);
	return 0;
}

static struct cgroup read_groups(void)
{
	struct cgroup c;

	cgroup_read(root, &c);
	return c;
}

static void expect_unlimited(struct cgroup c)
{
	assert_int_equal(c.memory, UNLIMITED);
	assert_int_equal(c.memory_left, UNLIMITED);
	assert_int_equal(c.tasks_left, UNLIMITED);
	assert_int_equal(c.processors, UNLIMITED);
	assert_int_equal(c.killed, 0);
}

static void test_nothing(void **state)
{
	(void)state;
	expect_unlimited(read_groups());
}

static void put_version_2(const char *group, const char *top)
{
	char text[256];

	snprintf(text, sizeof(text), "0::%s\n", group);
	put("/proc/self/cgroup", text);
	snprintf(text, sizeof(text),
		 "20 1 0:5 / /proc rw - proc proc rw\n"
		 "30 1 0:26 %s /sys/fs/cgroup ro,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n",
		 top);
	put("/proc/self/mountinfo", text);
}

/* A container with a cgroup namespace: its own group is the root of everything that it sees. */
static void test_version_2_container(void **state)
{
	struct cgroup c;

	(void)state;
	put_version_2("/", "/");
	put("/sys/fs/cgroup/memory.max", "268435456\n");
	put("/sys/fs/cgroup/memory.current", "104857600\n");
	put("/sys/fs/cgroup/memory.stat", "anon 1\nfile 2\ninactive_file 20971520\n");
	put("/sys/fs/cgroup/memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 0\n");
	put("/sys/fs/cgroup/pids.max", "100\n");
	put("/sys/fs/cgroup/pids.current", "40\n");
	put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
	c = read_groups();
	assert_int_equal(c.memory, 256 * MEBI);
	assert_int_equal(c.memory_left, (256 - 100 + 20) * MEBI);
	assert_int_equal(c.tasks_left, 60);
	assert_int_equal(c.processors, 2);
	assert_int_equal(c.killed, 2);
}

/* On the machine itself the limit may be a group's further up, and what is left another one's. */
static void test_version_2_above(void **state)
{
	struct cgroup c;

	(void)state;
	put_version_2("/user.slice/mine/run", "/");
	put("/sys/fs/cgroup/user.slice/mine/run/memory.max", "max\n");
	put("/sys/fs/cgroup/user.slice/mine/run/cpu.max", "max 100000\n");
	put("/sys/fs/cgroup/user.slice/mine/memory.max", "209715200\n");
	put("/sys/fs/cgroup/user.slice/mine/memory.current", "10485760\n");
	put("/sys/fs/cgroup/user.slice/memory.max", "1073741824\n");
	put("/sys/fs/cgroup/user.slice/memory.current", "1063256064\n");
	c = read_groups();
	assert_int_equal(c.memory, 200 * MEBI);
	assert_int_equal(c.memory_left, 10 * MEBI);
	assert_int_equal(c.processors, UNLIMITED);
}

/* More is used than allowed: nothing is left. */
static void test_version_2_overdrawn(void **state)
{
	(void)state;
	put_version_2("/", "/");
	put("/sys/fs/cgroup/memory.max", "1048576\n");
	put("/sys/fs/cgroup/memory.current", "2097152\n");
	assert_int_equal(read_groups().memory_left, 0);
}

static void put_version_1(const char *top)
{
	char text[1024];

	put("/proc/self/cgroup", "9:name=systemd:/docker/4711\n8:pids:/docker/4711\n"
				 "4:memory:/docker/4711\n3:cpuset:/docker/4711\n"
				 "2:cpu,cpuacct:/docker/4711\n0::/\n");
	snprintf(text, sizeof(text),
		 "31 1 0:27 %s /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n"
		 "32 1 0:28 %s /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
		 "33 1 0:29 %s /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
		 "34 1 0:30 %s /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n"
		 "35 1 0:31 / /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw\n",
		 top, top, top, top);
	put("/proc/self/mountinfo", text);
}

static void put_limits_1(const char *below)
{
	static const struct {
		const char *controller, *name, *text;
	} files[] = {
	    {"memory", "memory.limit_in_bytes", "134217728\n"},
	    {"memory", "memory.usage_in_bytes", "67108864\n"},
	    {"memory", "memory.stat", "inactive_file 1\ntotal_inactive_file 4194304\n"},
	    {"memory", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"},
	    {"pids", "pids.max", "50\n"},
	    {"pids", "pids.current", "2\n"},
	    {"cpu,cpuacct", "cpu.cfs_quota_us", "50000\n"},
	    {"cpu,cpuacct", "cpu.cfs_period_us", "100000\n"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[256];

		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%s/%s", files[i].controller, below,
			 files[i].name);
		put(path, files[i].text);
	}
}

static void expect_limits_1(struct cgroup c)
{
	assert_int_equal(c.memory, 128 * MEBI);
	assert_int_equal(c.memory_left, (128 - 64 + 4) * MEBI);
	assert_int_equal(c.tasks_left, 48);
	assert_int_equal(c.processors, 1);
	assert_int_equal(c.killed, 5);
}

/* Docker shows its group as the root of the mount, and its path as outside. */
static void test_version_1_container(void **state)
{
	(void)state;
	put_version_1("/docker/4711");
	put_limits_1("");
	expect_limits_1(read_groups());
}

static void test_version_1_machine(void **state)
{
	(void)state;
	put_version_1("/");
	put_limits_1("/docker/4711");
	put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	expect_limits_1(read_groups());
}

static void test_version_1_unlimited(void **state)
{
	(void)state;
	put_version_1("/");
	put("/sys/fs/cgroup/memory/docker/4711/memory.limit_in_bytes", "9223372036854771712\n");
	put("/sys/fs/cgroup/pids/docker/4711/pids.max", "max\n");
	put("/sys/fs/cgroup/cpu,cpuacct/docker/4711/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu,cpuacct/docker/4711/cpu.cfs_period_us", "100000\n");
	expect_unlimited(read_groups());
}

/* The group is not below the mount: the top of the mount is the nearest one available. */
static void test_elsewhere(void **state)
{
	(void)state;
	put_version_2("/../../other", "/container");
	put("/sys/fs/cgroup/memory.max", "1048576\n");
	assert_int_equal(read_groups().memory, MEBI);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing),
	    TEST(test_version_2_container),
	    TEST(test_version_2_above),
	    TEST(test_version_2_overdrawn),
	    TEST(test_version_1_container),
	    TEST(test_version_1_machine),
	    TEST(test_version_1_unlimited),
	    TEST(test_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
