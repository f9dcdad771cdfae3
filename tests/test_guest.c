/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: consoles of real guests, shortened, and the facts to read from each; then
 * the verdict that results, together with how the guest's process ended and what it left. Jobs are
 * written and read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/base/tree.h"
#include "harness/guest/guest.h"
#include "harness/run/results.h"

static struct arena a;

/* What every boot says: 6.12 and 6.1. */
#define BOOT                                                                                       \
	"0.00 BogoMIPS (lpj=1)\r\n"                                                                \
	"epollctl add err fd 1, Operation not permitted\r\n"                                       \
	"epollctl add err fd 0, Operation not permitted\r\n"                                       \
	"This architecture does not have kernel memory protection.\r\n"
/* A trace of a kernel with frame pointers: which functions have really been called is known. */
#define TRACE                                                                                      \
	"CPU: 0 UID: 0 PID: 23 Comm: client Not tainted 6.12.117 #1 \n"                            \
	"Stack:\n"                                                                                 \
	" 602ea0f0 627bbe20 611c210b9df15500 00000010\n"                                           \
	"Call Trace:\n"                                                                            \
	" [<6002ebd0>] ? get_fp_registers+0x0/0x80\n"                                              \
	" [<602ea0f0>] do_tcp_setsockopt+0x480/0xf50\n"                                            \
	" [<601ecc79>] do_sock_setsockopt+0x29/0x70\n"
/* .. and of one that has called panic() */
#define TRACE_OF_PANIC                                                                             \
	"Call Trace:\n"                                                                            \
	" [<603faea9>] dump_stack_lvl+0x74/0x84\n"                                                 \
	" [<603e5da9>] panic+0x134/0x32c\n"                                                        \
	" [<60023370>] ? copy_chunk_from_user+0x0/0x30\n" TRACE
/* .. and of one without */
#define TRACE_WITHOUT                                                                              \
	"Call Trace:\n"                                                                            \
	" [<603e5da9>] ? panic+0x134/0x32c\n"                                                      \
	" [<602ea0f0>] ? do_tcp_setsockopt+0x480/0xf50\n"                                          \
	" [<601ecc79>] ? do_sock_setsockopt+0x29/0x70\n"
#define WARNED "WARNING: CPU: 0 PID: 23 at net/ipv4/tcp.c:3733 do_tcp_setsockopt+0x480/0xf50"
#define STOPPED_STUB                                                                               \
	"wait_stub_done : failed to wait for SIGTRAP, pid = 6, n = 6, errno = 25, "                \
	"status = 0x137f\n"
#define KILLED_INIT "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n"

static void test_consoles(void **state)
{
	static const struct {
		const char *text, *words, *fault;
		bool is_empty, is_last, is_panic, is_machine;
		uint64_t address, caller;
	} consoles[] = {
	    {.text = "", .is_empty = true, .is_last = true},
	    {.text = BOOT "reboot: System halted\n", .is_empty = true, .is_last = true},
	    {
		.text = BOOT "reboot: Power down",
		.is_empty = true,
		.is_last = true,
	    },
	    {
		.text = BOOT "TCP: a harmless warning\nreboot: Power down\n",
		.words = "TCP: a harmless warning",
		.is_last = true,
	    },
	    {
		.text = BOOT "one\n\ntwo\n",
		.words = "two",
		.is_last = true,
	    },
	    {
		.text = BOOT "------------[ cut here ]------------\n" WARNED "\n" TRACE
			     "---[ end trace 0000000000000000 ]---\nreboot: Power down\n",
		.words = WARNED,
		.fault = WARNED,
	    },
	    /* the text of a WARN() */
	    {
		.text = BOOT WARNED "\nplanted: 4715\n" TRACE,
		.words = WARNED ": planted: 4715",
		.fault = WARNED ": planted: 4715",
	    },
	    {
		.text = BOOT WARNED "\nModules linked in:\n" TRACE,
		.words = WARNED,
		.fault = WARNED,
	    },
	    {
		.text = BOOT "TCP: BUG: planted in it\n",
		.words = "TCP: BUG: planted in it",
		.fault = "TCP: BUG: planted in it",
	    },
	    /* a kernel with CONFIG_PRINTK_TIME and CONFIG_PRINTK_CALLER */
	    {
		.text = "[    0.010000] 0.00 BogoMIPS (lpj=1)\n"
			"[    2.000001][   T23] BUG: sleeping function called\n",
		.words = "BUG: sleeping function called",
		.fault = "BUG: sleeping function called",
	    },
	    {
		.text = BOOT "rcu: INFO: rcu_sched self-detected stall on CPU\n",
		.words = "rcu: INFO: rcu_sched self-detected stall on CPU",
		.fault = "rcu: INFO: rcu_sched self-detected stall on CPU",
	    },
	    /* a whole log: what is no warning does not count */
	    {
		.text = BOOT STOPPED_STUB KILLED_INIT,
		.words = "wait_stub_done : failed to wait for SIGTRAP, pid = 6, n = 6, errno = 25, "
			 "status = 0x137f; somebody else has stopped one of its processes "
			 "(SIGSTOP, a batch system)",
		.is_panic = true,
		.is_machine = true,
	    },
	    /* not that: the stub itself had a fault */
	    {
		.text =
		    BOOT "wait_stub_done : failed to wait for SIGTRAP, pid = 6, n = 6, errno = 25, "
			 "status = 0xb7f\n" KILLED_INIT,
		.words = "wait_stub_done : failed to wait for SIGTRAP, pid = 6, n = 6, errno = 25, "
			 "status = 0xb7f",
		.is_panic = true,
	    },
	    {
		.text = "kmsg_dump:\n<5>Linux version 6.1.192\n<4>one\n<5>two\n",
		.words = "one",
		.is_last = true,
	    },
	    {
		.text = "<5>BUG: none\n",
		.is_empty = true,
		.is_last = true,
	    },
	    /* bytes that are no text */
	    {
		.text = "\x1b[31mr\xe9"
			"d\x7f\tx\n",
		.words = "?[31mr?d? x",
		.is_last = true,
	    },
	    /* panics: the cause, not the consequence */
	    {
		.text = BOOT "BUG: failure at net/ipv4/tcp.c:3730/tcplab_planted()!\n"
			     "Kernel panic - not syncing: BUG!\n" TRACE_OF_PANIC,
		.words = "BUG: failure at net/ipv4/tcp.c:3730/tcplab_planted()!",
		.fault = "BUG: failure at net/ipv4/tcp.c:3730/tcplab_planted()!",
		.address = 0x602ea0ef,
		.is_panic = true,
	    },
	    {
		.text = BOOT "\nKernel panic - not syncing: Kernel mode fault at addr 0x8, ip "
			     "0x602e2a11\n" TRACE,
		.words = "Kernel panic - not syncing: Kernel mode fault at addr 0x8, ip 0x602e2a11",
		.caller = 0x602ea0ef,
		.is_panic = true,
		.address = 0x602e2a11,
	    },
	    {
		.text = BOOT "\nKernel panic - not syncing: Segfault with no mm\n" TRACE,
		.words = "Kernel panic - not syncing: Segfault with no mm",
		.caller = 0x602ea0ef,
		.is_panic = true,
	    },
	    /* one that is no fault of an address: the trace begins with panic() itself */
	    {
		.text = BOOT "Kernel panic - not syncing: planted panic\n" TRACE_OF_PANIC,
		.words = "Kernel panic - not syncing: planted panic",
		.is_panic = true,
		.address = 0x602ea0ef,
	    },
	    /* unknown facts are not reported */
	    {
		.text = BOOT "Kernel panic - not syncing: planted panic\n" TRACE_WITHOUT,
		.words = "Kernel panic - not syncing: planted panic",
		.is_panic = true,
	    },
	    {
		.text = BOOT "Kernel panic - not syncing: Segfault with no mm\n" TRACE_WITHOUT,
		.words = "Kernel panic - not syncing: Segfault with no mm",
		.is_panic = true,
	    },
	    {
		.text = BOOT "userspace - ptrace set fp regs failed, errno = 14\n" KILLED_INIT,
		.words = "userspace - ptrace set fp regs failed, errno = 14; this processor has "
			 "more registers than that kernel knows, and the workaround cannot be "
			 "loaded into a statically linked one: build it without CONFIG_STATIC_LINK",
		.is_panic = true,
	    },
	    {
		.text = BOOT "tcplab: /nowhere: No such file or directory\n" KILLED_INIT,
		.words = "Kernel panic - not syncing: Attempted to kill init! "
			 "exitcode=0x0000000b; before that: tcplab: /nowhere: No such file or "
			 "directory",
		.is_panic = true,
	    },
	    {
		.text = BOOT KILLED_INIT,
		.words = "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b",
		.is_panic = true,
	    },
	    {
		.text = BOOT "a harmless warning\n" WARNED "\n" TRACE KILLED_INIT,
		.words = WARNED,
		.fault = WARNED,
		.is_panic = true,
	    },
	    /* the machine: one of the guest's processes was killed; no room for its memory */
	    {
		.text = BOOT "userspace - ptrace set regs failed, errno = 3\n" KILLED_INIT,
		.words = "userspace - ptrace set regs failed, errno = 3",
		.is_panic = true,
		.is_machine = true,
	    },
	    {
		.text = BOOT "userspace - child stopped with signal 15\n" KILLED_INIT,
		.words = "userspace - child stopped with signal 15",
		.is_panic = true,
		.is_machine = true,
	    },
	    {
		.text = "kmsg_dump:\n<5>Linux version 6.1.192\n<6>  Normal   [mem 0x0]\n"
			"<3>Bus error - the host /dev/shm or /tmp mount likely just ran out of "
			"space\n<0>Kernel panic - not syncing: Kernel mode signal 7\n",
		.words = "Bus error - the host /dev/shm or /tmp mount likely just ran out of "
			 "space; free some there, or let TMPDIR name a directory on another tmpfs",
		.is_panic = true,
		.is_machine = true,
	    },
	    {
		.text = BOOT "init[1]: segfault at 40552b58 ip 0000000040021932 error 6\n"
			     "Bus error - the host /dev/shm\nKernel panic - not syncing: Kernel "
			     "mode signal 7\n",
		.words = "Bus error - the host /dev/shm",
		.is_panic = true,
		.is_machine = true,
	    },
	    {
		.text = "setup_physmem - mapping 1061158912 bytes of memory at 0x(____ptrval____) "
			"failed - errno = -12\n",
		.words = "setup_physmem - mapping 1061158912 bytes of memory at "
			 "0x(____ptrval____) failed - errno = -12",
		.is_machine = true,
	    },
	    {
		.text = "write: No space left on device\n",
		.words = "write: No space left on device; free some there, or let TMPDIR name a "
			 "directory on another tmpfs",
		.is_machine = true,
	    },
	    /* .. which is so every time */
	    {
		.text = "Operation not permitted\n/dev/shm must be not mounted noexec\n",
		.words = "/dev/shm must be not mounted noexec; let TMPDIR name a directory on a "
			 "tmpfs on which programs may be executed",
	    },
	    {
		.text = "ptrace: Operation not permitted\n"
			"check_ptrace : expected SIGSTOP, got status = 9",
		.words =
		    "ptrace: Operation not permitted; it needs ptrace(2), which is forbidden "
		    "here; in a container: --cap-add SYS_PTRACE (see docs/containers.md), else "
		    "kernel.yama.ptrace_scope must not be 3",
	    },
	    {
		.text = "Kernel panic - not syncing: Kernel mode signal 7\n",
		.words =
		    "Kernel panic - not syncing: Kernel mode signal 7; there is no room left for "
		    "its memory: free some, let TMPDIR name a directory on another tmpfs, or run "
		    "fewer at once (-j 1)",
		.is_panic = true,
		.is_machine = true,
	    },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(consoles) / sizeof(*consoles); i++) {
		const char *text = consoles[i].text;
		struct console c;

		console_read(&a, text, &c);
		assert_string_equal(c.words ? c.words : "(none)",
				    consoles[i].words ? consoles[i].words : "(none)");
		assert_string_equal(c.fault ? c.fault : "(none)",
				    consoles[i].fault ? consoles[i].fault : "(none)");
		if (c.is_empty != consoles[i].is_empty || c.is_last != consoles[i].is_last ||
		    c.is_panic != consoles[i].is_panic || c.is_machine != consoles[i].is_machine)
			fail_msg("%s", text);
		assert_int_equal(c.address, consoles[i].address);
		assert_int_equal(c.caller, consoles[i].caller);
	}
}

/* ---- verdicts ---- */

#define WARNS	  BOOT WARNED "\n"
#define PANICS	  BOOT "Kernel panic - not syncing: planted panic\n"
#define IS_KILLED BOOT "userspace - ptrace set regs failed, errno = 3\n" KILLED_INIT

static void test_verdicts(void **state)
{
	static const struct {
		int ended, status, attempt;
		const char *console;
		enum verdict verdict;
		const char *why;
	} endings[] = {
	    /* what the guest says itself */
	    {0, VERDICT_PASS, 0, BOOT, VERDICT_PASS, NULL},
	    {0, VERDICT_FAIL, 0, BOOT, VERDICT_FAIL, NULL},
	    {0, VERDICT_SKIP, 0, "", VERDICT_SKIP, NULL},
	    {0, VERDICT_BROKEN, 0, "", VERDICT_BROKEN, NULL},
	    {0, VERDICT_UNSURE, 0, "", VERDICT_UNSURE, NULL},
	    {0, VERDICT_PASS | RESULTS_UNWRITTEN, 0, "", VERDICT_PASS, NULL},
	    {0, VERDICT_PASS, 0, BOOT "a harmless warning\n", VERDICT_PASS, NULL},
	    /* it was killed when it had said all */
	    {128 + SIGKILL, VERDICT_PASS, 0, BOOT, VERDICT_PASS, NULL},
	    /* a kernel that warns */
	    {0, VERDICT_PASS, 0, WARNS, VERDICT_FAIL, "the kernel k said: " WARNED},
	    {0, VERDICT_SKIP, 0, WARNS, VERDICT_FAIL, "the kernel k said: " WARNED},
	    {0, VERDICT_FAIL, 0, WARNS, VERDICT_FAIL, "the kernel k said: " WARNED},
	    {0, VERDICT_UNSURE, 0, WARNS, VERDICT_FAIL, "the kernel k said: " WARNED},
	    {0, VERDICT_BROKEN, 0, WARNS, VERDICT_BROKEN, "the kernel k said: " WARNED},
	    /* a kernel that panics is not tried again */
	    {128 + SIGABRT, NO_STATUS, 0, PANICS, VERDICT_BROKEN,
	     "the kernel k panicked: planted panic"},
	    {128 + SIGABRT, VERDICT_PASS, 0, PANICS, VERDICT_BROKEN,
	     "when all was done, the kernel k panicked: planted panic"},
	    {128 + SIGABRT, NO_STATUS, 0, BOOT, VERDICT_BROKEN,
	     "the kernel k was ended by SIGABRT; its console is empty"},
	    {128 + SIGSEGV, NO_STATUS, 0, BOOT "one\n", VERDICT_BROKEN,
	     "the kernel k was ended by SIGSEGV; its last words: one"},
	    {128 + SIGKILL, NO_STATUS, 0, PANICS, VERDICT_BROKEN,
	     "the kernel k panicked: planted panic"},
	    /* one that leaves nothing: what its exit status was */
	    {0, NO_STATUS, 0, BOOT, VERDICT_BROKEN,
	     "the kernel k ended with exit status 0 and left no verdict; its console is empty"},
	    {7, NO_STATUS, 0, WARNS, VERDICT_BROKEN,
	     "the kernel k ended with exit status 7 and left no verdict; its console: " WARNED},
	    /* one that hangs */
	    {CAGE_HUNG, NO_STATUS, 0, BOOT "one\n", VERDICT_BROKEN,
	     "the kernel k hung, and was killed after 60 s of wall time; its last words: one"},
	    /* the machine: again, three times */
	    {128 + SIGKILL, NO_STATUS, 0, BOOT, VERDICT_UNSURE, NULL},
	    {128 + SIGKILL, NO_STATUS, 2, BOOT, VERDICT_UNSURE, NULL},
	    {128 + SIGKILL, NO_STATUS, 3, BOOT, VERDICT_BROKEN,
	     "the kernel k was ended by SIGKILL; its console is empty; tried 4 times"},
	    {128 + SIGTERM, NO_STATUS, 0, BOOT, VERDICT_UNSURE, NULL},
	    {128 + SIGABRT, NO_STATUS, 0, IS_KILLED, VERDICT_UNSURE, NULL},
	    {128 + SIGABRT, NO_STATUS, 3, IS_KILLED, VERDICT_BROKEN,
	     "the kernel k panicked: userspace - ptrace set regs failed, errno = 3; tried 4 "
	     "times"},
	    {128 + SIGABRT, NO_STATUS, 0, BOOT STOPPED_STUB KILLED_INIT, VERDICT_UNSURE, NULL},
	    {128 + SIGABRT, VERDICT_PASS, 0, BOOT STOPPED_STUB KILLED_INIT, VERDICT_UNSURE, NULL},
	    {1, NO_STATUS, 0, "write: No space left on device\n", VERDICT_UNSURE, NULL},
	    {1, NO_STATUS, 0, BOOT "Warning: tempdir /t is not on tmpfs\n", VERDICT_UNSURE, NULL},
	    {1, NO_STATUS, 3, BOOT "Warning: tempdir /t is not on tmpfs\n", VERDICT_BROKEN,
	     "the kernel k ended with exit status 1 and left no verdict; its last words: Warning: "
	     "tempdir /t is not on tmpfs: so it ends when it is sent SIGTERM, or cannot write to "
	     "/dev/shm or TMPDIR; tried 4 times"},
	    {7, NO_STATUS, 0, BOOT "Warning: tempdir /t is not on tmpfs\n", VERDICT_BROKEN,
	     "the kernel k ended with exit status 7 and left no verdict; its last words: Warning: "
	     "tempdir /t is not on tmpfs"},
	    {CAGE_UNSTARTED, NO_STATUS, 3, "", VERDICT_BROKEN,
	     "no process could be started for the kernel k; tried 4 times"},
	    /* .. also when what was killed was one of the script's, and the run saw that */
	    {0, VERDICT_FAIL, 0, BOOT "userspace - ptrace set regs failed, errno = 3\n",
	     VERDICT_UNSURE, NULL},
	    {0, VERDICT_FAIL, 3, BOOT "userspace - ptrace set regs failed, errno = 3\n",
	     VERDICT_BROKEN,
	     "the kernel k said: userspace - ptrace set regs failed, errno = 3; tried 4 times"},
	    {0, VERDICT_PASS, 0, BOOT "userspace - ptrace set regs failed, errno = 3\n",
	     VERDICT_PASS, NULL},
	    /* User-Mode Linux ends so when it is sent SIGTERM, or has no place for its memory */
	    {1, NO_STATUS, 0, BOOT, VERDICT_UNSURE, NULL},
	    {1, NO_STATUS, 3, BOOT, VERDICT_BROKEN,
	     "the kernel k ended with exit status 1 and left no verdict; its console is empty: so "
	     "it ends when it is sent SIGTERM, or cannot write to /dev/shm or TMPDIR; tried 4 "
	     "times"},
	};
	const struct guest_kernel kernel = {.name = "k", .program = "/nonexistent"};

	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		struct boot b = {
		    .kernel = &kernel,
		    .directory = "/nonexistent",
		    .attempt = endings[i].attempt,
		    .limit = 60 * NS_PER_S,
		    .ended = endings[i].ended,
		    .status = endings[i].status,
		};
		struct console c;
		const char *why;

		console_read(&b.arena, endings[i].console, &c);
		if (guest_verdict(&b, &c, &why) != endings[i].verdict)
			fail_msg("ending %zu: not %s", i, verdict_names[endings[i].verdict]);
		assert_string_equal(why ? why : "(none)",
				    endings[i].why ? endings[i].why : "(none)");
		arena_free(&b.arena);
	}
}

/* ---- functions of a program ---- */

/* This program, if it were loaded to where it was linked to. */
static uint64_t linked_address(const char *name)
{
	FILE *in = popen("nm /proc/$PPID/exe", "r");
	unsigned long address = 0;
	char line[512], symbol[256];

	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		unsigned long value;

		if (sscanf(line, "%lx %*c %255s", &value, symbol) == 2 && !strcmp(symbol, name))
			address = value;
	}
	pclose(in);
	return address;
}

static void test_symbols(void **state)
{
	uint64_t address = linked_address("symbol_at");
	char self[4096] = "", path[] = "/tmp/tcplab-test-XXXXXX";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *in, *out;
	int fd;

	(void)state;
	assert_true(n > 0 && address);
	assert_string_equal(symbol_at(&a, self, address), "symbol_at");
	assert_string_equal(symbol_at(&a, self, address + 5), "symbol_at");
	assert_null(symbol_at(&a, self, 0x10));
	assert_null(symbol_at(&a, self, UINT64_MAX));
	assert_null(symbol_at(&a, "/nonexistent", address));
	assert_null(symbol_at(&a, "/dev/null", address));
	assert_null(symbol_at(&a, "/bin", address));
	/* Cut off anywhere. */
	fd = mkstemp(path);
	assert_true(fd >= 0);
	in = fopen(self, "re");
	assert_non_null(in);
	for (size_t size = 1; size < 4096; size += 61) {
		static char bytes[4096];

		rewind(in);
		assert_int_equal(fread(bytes, 1, size, in), size);
		out = fopen(path, "we");
		assert_non_null(out);
		fwrite(bytes, 1, size, out);
		fclose(out);
		assert_null(symbol_at(&a, path, address));
	}
	fclose(in);
	close(fd);
	unlink(path);
}

/* A panic names the function where it was; here, one of this program. */
static void test_functions(void **state)
{
	static const struct {
		const char *words;
		bool has_address, has_caller;
		const char *why;
	} panics[] = {
	    {"planted panic", false, false, "the kernel k panicked: planted panic"},
	    {"planted panic", true, false, "the kernel k panicked: planted panic (in symbol_at)"},
	    {"planted panic", true, true, "the kernel k panicked: planted panic (in symbol_at)"},
	    {"planted panic", false, true,
	     "the kernel k panicked: planted panic (in what symbol_at called)"},
	    {"BUG: failure at x.c:1/symbol_at()!", true, false,
	     "the kernel k panicked: BUG: failure at x.c:1/symbol_at()!"},
	};
	const struct guest_kernel kernel = {.name = "k", .program = "/proc/self/exe"};
	uint64_t address = linked_address("symbol_at") + 5;

	(void)state;
	for (size_t i = 0; i < sizeof(panics) / sizeof(*panics); i++) {
		struct boot b = {.kernel = &kernel,
				 .directory = "/nonexistent",
				 .ended = 128 + SIGABRT,
				 .status = NO_STATUS};
		const struct console c = {
		    .words = panics[i].words,
		    .is_panic = true,
		    .address = panics[i].has_address ? address : 0x10,
		    .caller = panics[i].has_caller ? address : 0,
		};
		const char *why;

		assert_int_equal(guest_verdict(&b, &c, &why), VERDICT_BROKEN);
		assert_string_equal(why, panics[i].why);
		arena_free(&b.arena);
	}
}

/* ---- what it hands over ---- */

static const char *put(void (*put)(FILE *, const char *, size_t), const char *words)
{
	struct text text;

	put(text_open(&text), words, strlen(words));
	return text_close(&text, &a);
}

static void test_words(void **state)
{
	static const char looks[] = "\033[31mX\033[m\t\xe2\x94\x82\f\n";
	static const char json[] = "{\n \"a\": \"\xc3\xa9\\u001b\"}\n";
	struct account account = {.reason = "r\033[8m\n2",
				  .row = json_pack("{s[{ss}i]}", "a\033", "b", "\xc2\x9b", 7)};
	json_t *list;

	(void)state;
	assert_string_equal(put(guest_put, looks), looks);
	assert_string_equal(put(guest_put, "\033]0;m\a\033[8m\r\xc2\x9b\033["),
			    "\\x1b]0;m\\x07\\x1b[8m\\r\\xc2\\x9b\\x1b[");
	assert_string_equal(put(guest_put_json, json), json);
	assert_string_equal(put(guest_put_json, "{\"a\": \"\xc2\x9b\"}"),
			    "{\n \"a\": \"\\u009B\"\n}");
	assert_string_equal(put(guest_put_json, "{\033"), "");
	guest_account(&a, &account);
	assert_string_equal(account.reason, "r\\x1b[8m\n2");
	assert_null(account.why);
	list = json_object_get(account.row, "a\\x1b");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "b")),
			    "\\xc2\\x9b");
	assert_int_equal(json_integer_value(json_array_get(list, 1)), 7);
	json_decref(account.row);
}

static void put_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static const char *file_text(const char *path)
{
	FILE *in = fopen(path, "re");
	char text[4096];
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof(text), in);
	fclose(in);
	return arena_strndup(&a, text, n);
}

/* What it hands over when its kernel has warned; the run's result.json is that one. */
static int hand_over(const char *directory, const char *results)
{
	const struct guest_kernel kernel = {.name = "k", .program = "/nonexistent"};
	const struct options options = {.quiet = true};
	const struct invocation inv = {.options = &options, .results = results, .guest = &kernel};
	const struct planned planned = {.name = "x"};
	struct boot b = {.inv = &inv,
			 .kernel = &kernel,
			 .planned = &planned,
			 .directory = directory,
			 .status = VERDICT_PASS};
	struct text out, aside;
	int status = guest_hand_over(&b, text_open(&out), text_open(&aside));

	text_close(&out, &a);
	text_close(&aside, &a);
	arena_free(&b.arena);
	return status;
}

/* Somebody who is root in a guest can make links there; they lead nowhere. */
static void test_links(void **state)
{
	static const char result[] = "{\"verdict\": \"pass\"}";
	char made[] = "/tmp/tcplab-test-XXXXXX";
	const char *guest, *mine, *victim, *json, *console, *results;

	(void)state;
	assert_non_null(mkdtemp(made));
	guest = arena_printf(&a, "%s/guest", made);
	mine = arena_printf(&a, "%s/results/x", guest);
	victim = arena_printf(&a, "%s/victim", made);
	json = arena_printf(&a, "%s/result.json", mine);
	console = arena_printf(&a, "%s/console.log", mine);
	results = arena_printf(&a, "%s/results", made);
	assert_int_equal(mkdir(guest, 0700), 0);
	assert_int_equal(mkdir(arena_printf(&a, "%s/results", guest), 0700), 0);
	assert_int_equal(mkdir(mine, 0700), 0);
	assert_int_equal(mkdir(results, 0700), 0);
	put_file(victim, result);
	put_file(arena_printf(&a, "%s/console.log", guest), BOOT WARNED "\n");

	/* It is not read there, nor written. */
	assert_int_equal(symlink(victim, json), 0);
	assert_int_equal(hand_over(guest, results), VERDICT_FAIL | RESULTS_UNWRITTEN);
	assert_string_equal(file_text(victim), result);

	/* A file is replaced, and so is a link: what they are called elsewhere stays as it is. */
	assert_int_equal(unlink(json), 0);
	assert_int_equal(link(victim, json), 0);
	assert_int_equal(symlink(victim, console), 0);
	assert_int_equal(hand_over(guest, results), VERDICT_FAIL);
	assert_string_equal(file_text(victim), result);
	assert_non_null(strstr(file_text(arena_printf(&a, "%s/x/result.json", results)), "fail"));
	assert_non_null(strstr(file_text(arena_printf(&a, "%s/x/console.log", results)), WARNED));

	/* The same for the directory. */
	assert_int_equal(rename(mine, arena_printf(&a, "%s/results/y", guest)), 0);
	assert_int_equal(symlink("y", mine), 0);
	assert_int_equal(hand_over(guest, results), VERDICT_FAIL | RESULTS_UNWRITTEN);
	tree_remove(AT_FDCWD, made);
}

/* ---- jobs ---- */

static void test_jobs(void **state)
{
	char directory[] = "/tmp/tcplab-test-XXXXXX";
	const struct job job = {
	    .directory = directory,
	    .cwd = "/tmp/caf\xe9 \"quoted\"",
	    .scenario =
		{
		    .name = "na\xc3\xafve",
		    .topic = NULL,
		    .path = "\x80\xff\x01/x.tcp",
		    .text = "# Gr\xfc\xdf\x65\nclient  socket() = c\r\n\ttabs\n",
		},
	    .name = "x,ipv6",
	    .index = 7,
	    .family = 6,
	    .attempt = 2,
	    .single = true,
	    .results = "/r",
	    .has_order = true,
	    .order = {.what = BLESS_WRITE, .from = 3, .acks = true, .until = 4},
	    .options = {.library = "l", .quiet = true, .timeout = 5, .limit = 1ll << 40},
	};
	struct job read;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_true(job_write(&job));
	assert_true(job_read(&a, directory, &read));
	assert_string_equal(read.cwd, job.cwd);
	assert_string_equal(read.scenario.name, job.scenario.name);
	assert_null(read.scenario.topic);
	assert_string_equal(read.scenario.path, job.scenario.path);
	assert_string_equal(read.scenario.text, job.scenario.text);
	assert_string_equal(read.name, job.name);
	assert_string_equal(read.results, job.results);
	assert_string_equal(read.options.library, "l");
	assert_int_equal(read.index, 7);
	assert_int_equal(read.family, 6);
	assert_int_equal(read.attempt, 2);
	assert_true(read.single && read.has_order && read.order.acks && read.options.quiet);
	assert_false(read.options.verbose || read.options.json);
	assert_int_equal(read.order.what, BLESS_WRITE);
	assert_int_equal(read.order.from, 3);
	assert_int_equal(read.order.until, 4);
	assert_int_equal(read.options.timeout, 5);
	assert_int_equal(read.options.limit, 1ll << 40);
	/* One without the script's text is none: the file may be another one by now. */
	{
		struct job without = job;

		without.scenario.text = NULL;
		assert_true(job_write(&without));
		assert_false(job_read(&a, directory, &read));
	}
	assert_int_equal(system(arena_printf(&a, "rm -r %s", directory)), 0);
	assert_false(job_read(&a, directory, &read));
}

/* A kernel that lets a year pass needs more time for it than one that has nothing to wait for. */
static void test_limits(void **state)
{
	const ns_t hour = 3600 * NS_PER_S;
	const struct options none = {0}, own = {.limit = 5 * NS_PER_S};
	const struct planned at_once = {0}, hours = {.written = 2 * hour};
	const struct planned year = {.written = 10000 * hour}, failure = {.hang = 24 * hour};

	(void)state;
	assert_int_equal(guest_limit(&none, &at_once), 60 * NS_PER_S);
	assert_int_equal(guest_limit(&none, &hours) / NS_PER_S, 60);
	assert_int_equal(guest_limit(&none, &year), (60 + 1800) * NS_PER_S);
	/* Its program may look each second whether something has come. */
	assert_int_equal(guest_limit(&none, &failure) / NS_PER_S, 60 + 345);
	assert_int_equal(guest_limit(&own, &year), 5 * NS_PER_S);
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* ---- the cage ---- */

static void sleep_a_little(void *context)
{
	(void)context;
	poll(NULL, 0, 300);
	_exit(7);
}

/* In a process of its own: it makes namespaces. */
static int caged(ns_t limit)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(cage_run(sleep_a_little, NULL, limit) & 0xff);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void cages_have_limits(void **state)
{
	(void)state;
	assert_int_equal(caged(0), 7);
	assert_int_equal(caged(60 * NS_PER_S), 7);
	assert_int_equal(caged(20 * NS_PER_MS), CAGE_HUNG & 0xff);
	/* More milliseconds than an int has; cut to one, they would be 20. */
	assert_int_equal(caged(((INT64_C(1) << 32) + 20) * NS_PER_MS), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_consoles),	 cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_functions),	 cmocka_unit_test(test_symbols),
	    cmocka_unit_test(test_words),	 cmocka_unit_test(test_links),
	    cmocka_unit_test(test_jobs),	 cmocka_unit_test(test_limits),
	    cmocka_unit_test(cages_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
