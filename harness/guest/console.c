/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a guest's console: the text of the kernel, and of User-Mode Linux below it, oldest first.
 * A guest is booted so that it prints only warnings and worse; a table has the lines that every
 * boot still prints. So all other lines are unusual.
 *
 * The most informative line depends on the kinds of lines (another table) and on their order: the
 * first is nearest to the cause, later ones are consequences. A failure of the machine outside is
 * more important than any line about the guest itself.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/guest/guest.h"

/* The beginnings of lines that every boot prints, whatever the log level, and why. */
static const char *const usual[] = {
    /* goes with a line that is not shown (init/calibrate.c) */
    "0.00 BogoMIPS",
    /* its console is a file, which epoll does not take (arch/um/os-Linux/irq.c) */
    "epollctl add err fd 0, Operation not permitted",
    "epollctl add err fd 1, Operation not permitted",
    /* a warning, if STRICT_KERNEL_RWX is not available (init/main.c) */
    "This architecture does not have kernel memory protection.",
    /* an emergency, so that it is always seen (kernel/reboot.c) */
    "reboot: ",
    /* the beginning of a panic before there is a console (arch/um/kernel/kmsg_dump.c) */
    "kmsg_dump:",
};

enum matter {
	NOTHING,
	REMARK,	 /* the reason why something is ended, or not possible */
	FAULT,	 /* the kernel has found something wrong with itself */
	PANIC,	 /* .. and goes no further */
	MACHINE, /* the machine outside has failed */
};

struct pattern {
	enum matter matter;
	const char *begins; /* so the line begins */
	const char *has;    /* NULL, or what else is in it */
};

/* The first row that fits a line gives its kind. */
static const struct pattern patterns[] = {
    /* SIGBUS: a page of its memory for which its file has no room (arch/um/kernel/trap.c) */
    {MACHINE, "Kernel panic - ", "Kernel mode signal 7"},
    {PANIC, "Kernel panic - ", NULL},
    {FAULT, "WARNING: ", NULL},
    {FAULT, "BUG: ", NULL},
    {FAULT, "kernel BUG at ", NULL},
    {FAULT, "UBSAN: ", NULL},
    {FAULT, "INFO: ", NULL}, /* tasks that hang, locks: a line with this name is a fault */
    /* arch/um/kernel: tlb.c, trap.c; killing one of a guest's processes ends the guest */
    {MACHINE, "UML ran out of memory on the host side!", NULL},
    {MACHINE, "Bus error - the host ", NULL},
    {MACHINE, "userspace - child stopped with signal ", NULL},
    /* arch/um/os-Linux/skas/process.c: so does stopping one (19), or letting it go on (18) */
    {MACHINE, "wait_stub_done : failed to wait for SIGTRAP, ", "status = 0x137f"},
    {MACHINE, "wait_stub_done : failed to wait for SIGTRAP, ", "status = 0x127f"},
    /* perror() in arch/um/os-Linux */
    {MACHINE, "", ": No space left on device"},
    {MACHINE, "", ": Cannot allocate memory"},
    {REMARK, "userspace - ", NULL},
    {REMARK, "init[1]: segfault ", NULL},
    {REMARK, "ptrace: ", NULL},
    {REMARK, "", "must be not mounted noexec"},
    {REMARK, "", "errno = "},
};

/* User-Mode Linux prints only the numbers of errors: the machine's numbers. */
static const int machine_errors[] = {ESRCH, EAGAIN, ENOMEM, ENOSPC};

#define PTRACE_MEND                                                                                \
	"it needs ptrace(2), which is forbidden here; in a container: --cap-add SYS_PTRACE (see "  \
	"docs/containers.md), else kernel.yama.ptrace_scope must not be 3"

#define STOPPED_MEND "somebody else has stopped one of its processes (SIGSTOP, a batch system)"

/* What can be done about it, or what it means. */
static const struct {
	const char *has;
	const char *mend;
} mends[] = {
    {"ptrace set fp regs failed",
     "this processor has more registers than that kernel knows, and the workaround cannot be "
     "loaded into a statically linked one: build it without CONFIG_STATIC_LINK"},
    {"must be not mounted noexec",
     "let TMPDIR name a directory on a tmpfs on which programs may be executed"},
    {"ran out of space", "free some there, or let TMPDIR name a directory on another tmpfs"},
    {"No space left on device", "free some there, or let TMPDIR name a directory on another tmpfs"},
    {"Kernel mode signal 7", "there is no room left for its memory: free some, let TMPDIR name a "
			     "directory on another tmpfs, or run fewer at once (-j 1)"},
    {"ptrace: Operation not permitted", PTRACE_MEND},
    {"ptrace: Function not implemented", PTRACE_MEND},
    {"child stopped with signal 19", STOPPED_MEND},
    {"child stopped with signal 18", STOPPED_MEND},
    {"status = 0x137f", STOPPED_MEND},
    {"status = 0x127f", STOPPED_MEND},
    {"ran out of memory on the host side", "-j 1 needs the least"},
};

static bool begins_with(const char *line, const char *beginning)
{
	return !strncmp(line, beginning, strlen(beginning));
}

static bool is_usual(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (begins_with(line, usual[i]))
			return true;
	return false;
}

/* "..., errno = 12", "... errno = -12" */
static bool has_machine_error(const char *line)
{
	const char *error = strstr(line, "errno = ");
	int number = error ? abs(atoi(error + strlen("errno = "))) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(machine_errors); i++)
		if (number == machine_errors[i])
			return true;
	return false;
}

static bool fits(const struct pattern *p, const char *line)
{
	return begins_with(line, p->begins) && (!p->has || strstr(line, p->has));
}

/* The kind of a line; "TCP: BUG: ..." is the same as "BUG: ...". */
static enum matter matter_of(const char *line)
{
	const char *rest = strstr(line, ": ");

	if (has_machine_error(line))
		return MACHINE;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (fits(&patterns[i], line) || (rest && fits(&patterns[i], rest + 2)))
			return patterns[i].matter;
	return NOTHING;
}

/*
 * Skips the prefixes of a line: <4> is its level, [ 1.234567] its time, [ T1] its task. NULL: its
 * level shows that it is not a warning; such lines appear only in a whole log.
 */
static const char *past_prefix(const char *line)
{
	if (line[0] == '<' && isdigit((unsigned char)line[1]) && line[2] == '>') {
		if (line[1] > '4')
			return NULL;
		line += 3;
	}
	while (line[0] == '[') {
		size_t n = strspn(line + 1, " .0123456789TC");

		if (line[1 + n] != ']')
			break;
		line += 1 + n + 1;
		line += *line == ' ';
	}
	return line;
}

/* ---- the place in the kernel ---- */

/* A panic that is a fault names the address of the instruction: "..., ip 0x602e2a11". */
static uint64_t address_in(const char *line)
{
	const char *ip = strstr(line, ", ip 0x");

	return ip ? strtoull(ip + strlen(", ip 0x"), NULL, 16) : 0;
}

/*
 * A line of a trace, " [<602ea0f0>] do_tcp_setsockopt+0x480/0xf50": a function's return address.
 * With a "?" before the name it is another value on the stack, or uncertain; in a kernel without
 * frame pointers (CONFIG_FRAME_POINTER) all of them are uncertain.
 */
static bool is_call(const char *line, uint64_t *address, const char **name)
{
	if (!begins_with(line, " [<") || !strstr(line, ">] "))
		return false;
	*address = strtoull(line + strlen(" [<"), NULL, 16);
	*name = strstr(line, ">] ") + strlen(">] ");
	return **name != '?';
}

/* After such a panic the trace begins with the caller of the function that has the fault. */
static bool is_fault_of_address(const char *line)
{
	return strstr(line, "fault at addr") || strstr(line, "Segfault with no mm") ||
	       strstr(line, "tried to access user memory");
}

/* The function to look for in the trace after a panic. */
enum trace { NO_TRACE, OF_FAULT, OF_PANIC, BELOW_PANIC };

/*
 * The trace of a fault begins with the caller of the function that has it. The others begin with
 * the functions that print them; panic() is one of these, and the next one has called it. A call is
 * just before its return address.
 */
static enum trace follow(enum trace trace, const char *line, struct console *c)
{
	const char *name;
	uint64_t address;

	if (!is_call(line, &address, &name))
		return trace;
	if (trace == OF_PANIC)
		return begins_with(name, "panic+") ? BELOW_PANIC : OF_PANIC;
	if (trace == OF_FAULT)
		c->caller = address - 1;
	else
		c->address = address - 1;
	return NO_TRACE;
}

/* ---- the whole ---- */

/* The text of a WARN() is a separate line, after the one that says where it is. */
static const char *with_text(struct arena *a, const char *warning, const char *next)
{
	if (!begins_with(warning, "WARNING: ") || begins_with(next, "CPU: ") ||
	    begins_with(next, "Modules linked in:"))
		return warning;
	return arena_printf(a, "%s: %s", warning, next);
}

static const char *with_mend(struct arena *a, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(mends); i++)
		if (strstr(line, mends[i].has))
			return arena_printf(a, "%s; %s", line, mends[i].mend);
	return line;
}

/* The state of the search through the lines. */
struct reading {
	struct arena *a;
	struct console *console;
	enum matter highest; /* of the most informative line so far */
	const char *last;
	enum trace trace;
};

static void take_line(struct reading *r, const char *line)
{
	struct console *c = r->console;
	enum matter matter = matter_of(line);

	c->is_empty = false;
	if (c->fault && c->fault == r->last) {
		c->fault = with_text(r->a, c->fault, line);
		if (c->words == r->last)
			c->words = c->fault;
	}
	if (matter == FAULT && !c->fault)
		c->fault = line;
	if ((matter == PANIC || begins_with(line, "Kernel panic - ")) && !c->is_panic) {
		c->is_panic = true;
		c->address = address_in(line);
		r->trace = is_fault_of_address(line) ? OF_FAULT : OF_PANIC;
	}
	c->is_machine |= matter == MACHINE;
	if (matter != NOTHING &&
	    (r->highest == NOTHING || (matter == MACHINE && r->highest != MACHINE))) {
		r->highest = matter;
		c->words = line;
		/* Only init itself can have said why it has ended. */
		if (strstr(line, "Attempted to kill init!") && r->last)
			c->words = arena_printf(r->a, "%s; before that: %s", line, r->last);
	}
	if (r->trace != NO_TRACE)
		r->trace = follow(r->trace, line, c);
	r->last = line;
}

/* A line without terminal commands, and without bytes that are not text. */
static const char *cleaned(struct arena *a, const char *text, size_t length)
{
	char *line = arena_strndup(a, text, length);

	for (char *byte = line; *byte; byte++)
		if (*byte < ' ' || *byte > '~')
			*byte = *byte == '\t' ? ' ' : '?';
	return line;
}

void console_read(struct arena *a, const char *text, struct console *c)
{
	struct reading r = {.a = a, .console = c};

	*c = (struct console){.is_empty = true};
	for (const char *next; *text; text = next) {
		size_t length = strcspn(text, "\r\n");
		const char *line = past_prefix(cleaned(a, text, length));

		next = text + length + strspn(text + length, "\r\n");
		if (line && *line && !is_usual(line))
			take_line(&r, line);
	}
	c->is_last = !c->words;
	if (!c->words)
		c->words = r.last;
	if (c->words)
		c->words = with_mend(a, c->words);
}
