/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a traced child stands still, and its extended registers are read and written
 * with areas that are shorter than what this machine has, through the ptrace() that is preloaded
 * into guests and through the system call itself. So any processor can test what happens to a
 * User-Mode Linux on a processor with more registers than it knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/preload/xstate.c"

#define LARGE	 (64 * 1024)
#define FXSAVE	 512 /* where the header of an XSAVE area begins; its first word: what is in use */
#define XMM0	 160
#define HEADER	 64
#define YMM	 (FXSAVE + HEADER) /* the upper halves of the vector registers begin there */
#define YMM_SIZE 256
#define YMM_BIT	 4
#define XCR0	 464 /* the machine's features, in bytes that the processor leaves to software */

static pid_t child;
static size_t size; /* of this machine's set */

static long plainly(long request, int type, void *base, size_t *length)
{
	struct iovec area = {base, *length};
	long result = syscall(SYS_ptrace, request, child, type, &area);

	*length = area.iov_len;
	return result;
}

static long through_ours(enum __ptrace_request request, long type, void *base, size_t *length)
{
	struct iovec area = {base, *length};
	long result = ptrace(request, child, (void *)type, &area);

	*length = area.iov_len;
	return result;
}

static int start_child(void **state)
{
	static unsigned char bytes[LARGE];
	int status;

	(void)state;
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return -1;
	size = LARGE;
	if (plainly(PTRACE_GETREGSET, NT_X86_XSTATE, bytes, &size) < 0)
		return -1;
	whole = 0; /* as in a process that has just been started */
	return 0;
}

static int end_child(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

/* The whole set, as the kernel has it. */
static void get(unsigned char *bytes)
{
	size_t length = LARGE;

	memset(bytes, 0xee, LARGE);
	assert_int_equal(plainly(PTRACE_GETREGSET, NT_X86_XSTATE, bytes, &length), 0);
	assert_int_equal(length, size);
}

/* Something to be found again in the parts that a short area has, and in those that it has not. */
static void fill(unsigned char *bytes)
{
	size_t length = size;

	get(bytes);
	bytes[FXSAVE] |= 3;
	memset(bytes + XMM0, 0x11, 16);
	if (size >= YMM + YMM_SIZE && bytes[XCR0] & YMM_BIT) {
		bytes[FXSAVE] |= YMM_BIT;
		memset(bytes + YMM, 0x22, YMM_SIZE);
	}
	assert_int_equal(plainly(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), 0);
	get(bytes);
	assert_int_equal(bytes[XMM0], 0x11);
}

/* The purpose of the library: otherwise it would not be needed. */
static void test_the_kernel_refuses_a_short_area(void **state)
{
	static unsigned char bytes[LARGE];
	size_t length = size - 8;

	(void)state;
	get(bytes);
	assert_int_equal(plainly(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), -1);
	assert_int_equal(errno, EFAULT);
}

static void test_a_short_area_is_completed(void **state)
{
	static const size_t less[] = {8, 16, 64, 2048, 8192};
	static unsigned char before[LARGE], area[LARGE], after[LARGE];

	(void)state;
	for (size_t i = 0; i < sizeof(less) / sizeof(*less) + 2; i++) {
		size_t length = i < 5 ? size - less[i] : i == 5 ? YMM : FXSAVE;

		if (length < XMM0 + 16 || length > size) /* this machine has not so much */
			continue;
		fill(before);
		memcpy(area, before, sizeof(area));
		memset(area + XMM0, 0x33, 16);
		memset(area + length, 0xdd, sizeof(area) - length); /* not the caller's */
		assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, area, &length), 0);
		get(after);
		assert_memory_equal(after, area, length);
		assert_memory_equal(after + length, before + length, sizeof(after) - length);
	}
}

/* The caller's area is the caller's, and is wholly taken. */
static void test_the_area_is_left_as_it_is(void **state)
{
	static unsigned char bytes[LARGE], area[LARGE];
	size_t length = FXSAVE;

	(void)state;
	fill(bytes);
	memcpy(area, bytes, sizeof(area));
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, area, &length), 0);
	assert_int_equal(length, FXSAVE);
	assert_memory_equal(area, bytes, sizeof(area));
}

/* From the kernel outside one gets the beginning of the set, as User-Mode Linux expects. */
static void test_a_short_area_is_read(void **state)
{
	static unsigned char bytes[LARGE], area[LARGE];
	size_t length = YMM;

	(void)state;
	fill(bytes);
	memset(area, 0xcc, sizeof(area));
	assert_int_equal(through_ours(PTRACE_GETREGSET, NT_X86_XSTATE, area, &length), 0);
	assert_int_equal(length, YMM);
	assert_memory_equal(area, bytes, YMM);
	assert_int_equal(area[YMM], 0xcc);
}

static void test_a_whole_area_is_written(void **state)
{
	static unsigned char bytes[LARGE], after[LARGE];

	(void)state;
	for (size_t more = 0; more <= 64; more += 8) { /* 2696 on a machine with 2688, too */
		size_t length = size + more;

		fill(bytes);
		memset(bytes + XMM0, 0x44, 16);
		assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), 0);
		assert_int_equal(length, size);
		get(after);
		assert_memory_equal(after, bytes, size);
	}
}

/* The kernel still refuses what it refuses for another reason. */
static void test_what_is_wrong_stays_wrong(void **state)
{
	static unsigned char bytes[LARGE];
	size_t length = YMM + 4; /* no multiple of 8 */

	(void)state;
	fill(bytes);
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), -1);
	assert_int_equal(errno, EINVAL);
	length = YMM;
	bytes[FXSAVE + 8] = 1; /* a compacted area: not what ptrace() takes */
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), -1);
	assert_int_equal(errno, EINVAL);
	end_child(NULL);
	length = YMM;
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), -1);
	assert_int_equal(errno, ESRCH);
	start_child(NULL);
}

/* How many requests have reached the library. */
static unsigned requests;

static long counted(enum __ptrace_request request, pid_t pid, void *address, void *data)
{
	requests++;
	return syscall(SYS_ptrace, request, pid, address, data);
}

/* What is the same is not written again, and what is not the same is. */
static void test_what_alters_nothing_is_left_out(void **state)
{
	static const struct {
		long between; /* a request that lets it go on, or may alter the set; 0: none */
		bool altered, longer, is_left_out;
	} rows[] = {
	    {0, false, false, true},
	    {0, false, true, true},
	    {PTRACE_GETREGS, false, false, true},
	    {PTRACE_SETREGS, false, false, true},
	    {0, true, false, false},
	    {PTRACE_SETOPTIONS, false, false, false},
	    {PTRACE_SETFPREGS, false, false, false},
	    {PTRACE_SYSCALL, false, false, false},
	};
	static unsigned char bytes[LARGE], after[LARGE], other[LARGE];
	ptrace_fn *before = c_library;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t length = size + 8;

		fill(bytes);
		assert_int_equal(through_ours(PTRACE_GETREGSET, NT_X86_XSTATE, bytes, &length), 0);
		assert_int_equal(length, size);
		if (rows[i].between) {
			syscall(SYS_ptrace, PTRACE_GETREGS, child, NULL, other);
			if (rows[i].between == PTRACE_SETFPREGS)
				syscall(SYS_ptrace, PTRACE_GETFPREGS, child, NULL, other);
			ptrace((enum __ptrace_request)rows[i].between, child, NULL,
			       rows[i].between == PTRACE_SETOPTIONS ||
				       rows[i].between == PTRACE_SYSCALL
				   ? NULL
				   : (void *)other);
		}
		if (rows[i].between == PTRACE_SYSCALL)
			assert_int_equal(waitpid(child, NULL, 0), child);
		if (rows[i].altered)
			memset(bytes + XMM0, 0x55, 16);
		length = rows[i].longer ? size + 8 : size;
		c_library = counted;
		requests = 0;
		assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), 0);
		c_library = before;
		assert_int_equal(requests == 0, rows[i].is_left_out);
		get(after);
		if (rows[i].altered)
			assert_memory_equal(after, bytes, size);
	}
}

/* A set of which only the beginning is known is not taken for the whole one. */
static void test_a_beginning_is_not_the_whole(void **state)
{
	static unsigned char bytes[LARGE], after[LARGE];
	size_t length = XMM0 + 16;

	(void)state;
	fill(bytes);
	assert_int_equal(through_ours(PTRACE_GETREGSET, NT_X86_XSTATE, after, &length), 0);
	length = size;
	memset(bytes + XMM0 + 16, 0x66, 16);
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length), 0);
	get(after);
	assert_memory_equal(after, bytes, size);
}

/* Other sets and requests are passed on unchanged. */
static void test_all_else_goes_on_to_the_library(void **state)
{
	static unsigned char bytes[LARGE], plain[LARGE];
	size_t length = 216, again = 216, less = 504;
	long word;

	(void)state;
	/* The 512 bytes of the FPU are refused in part, too; nobody writes them so. */
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_PRFPREG, bytes, &less), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(through_ours(PTRACE_GETREGSET, NT_PRSTATUS, bytes, &length), 0);
	assert_int_equal(plainly(PTRACE_GETREGSET, NT_PRSTATUS, plain, &again), 0);
	assert_int_equal(length, again);
	assert_memory_equal(bytes, plain, length);
	length = 8; /* in part, as the kernel allows */
	assert_int_equal(through_ours(PTRACE_SETREGSET, NT_PRSTATUS, bytes, &length), 0);
	/* A word that is looked at is what is returned; the library sees to that. */
	errno = EBADF;
	word = ptrace(PTRACE_PEEKUSER, child, NULL, NULL);
	assert_int_equal(errno, 0);
	assert_memory_equal(&word, bytes, sizeof(word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_the_kernel_refuses_a_short_area, start_child,
					    end_child),
	    cmocka_unit_test_setup_teardown(test_a_short_area_is_completed, start_child, end_child),
	    cmocka_unit_test_setup_teardown(test_the_area_is_left_as_it_is, start_child, end_child),
	    cmocka_unit_test_setup_teardown(test_a_short_area_is_read, start_child, end_child),
	    cmocka_unit_test_setup_teardown(test_a_whole_area_is_written, start_child, end_child),
	    cmocka_unit_test_setup_teardown(test_what_is_wrong_stays_wrong, start_child, end_child),
	    cmocka_unit_test_setup_teardown(test_what_alters_nothing_is_left_out, start_child,
					    end_child),
	    cmocka_unit_test_setup_teardown(test_a_beginning_is_not_the_whole, start_child,
					    end_child),
	    cmocka_unit_test_setup_teardown(test_all_else_goes_on_to_the_library, start_child,
					    end_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
