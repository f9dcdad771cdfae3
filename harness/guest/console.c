/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a guest's console: the text that the kernel, and User-Mode Linux beneath it, have written
 * there, oldest first. A guest is booted so that it says warnings and worse only; what every boot
 * says nevertheless is a table. So what is left is unusual.
 *
 * Which of its lines tells most is a matter of what they are (another table) and of their order:
 * what comes first is the nearest to the cause, what follows is what came of it. That the machine
 * outside has let the guest down outranks all that the guest says of itself.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/guest.h"

/* How lines begin that every boot says, whatever the log level, and why. */
static const char *const usual[] = {
    /* goes with a line that is not shown (init/calibrate.c) */
    "0.00 BogoMIPS",
    /* its console is a file, which epoll does not take (arch/um/os-Linux/irq.c) */
    "epollctl add err fd 0, Operation not permitted",
    "epollctl add err fd 1, Operation not permitted",
    /* a warning, wherever STRICT_KERNEL_RWX is not to be had (init/main.c) */
    "This architecture does not have kernel memory protection.",
    /* an emergency, so that it is always seen (kernel/reboot.c) */
    "reboot: ",
    /* what a panic before there is a console begins with (arch/um/kernel/kmsg_dump.c) */
    "kmsg_dump:",
};

enum matter {
	NOTHING,
	REMARK,	 /* why something is ended, or cannot be done */
	FAULT,	 /* the kernel has found something wrong with itself */
	PANIC,	 /* .. and goes no further */
	MACHINE, /* the machine outside has let it down */
};

struct pattern {
	enum matter matter;
	const char *begins; /* so the line begins */
	const char *has;    /* NULL, or what else is in it */
};

/* The first that fits a line says what it is. */
static const struct pattern patterns[] = {
    /* SIGBUS: a page of its memory for which its file has no room (arch/um/kernel/trap.c) */
    {MACHINE, "Kernel panic - ", "Kernel mode signal 7"},
    {PANIC, "Kernel panic - ", NULL},
    {FAULT, "WARNING: ", NULL},
    {FAULT, "BUG: ", NULL},
    {FAULT, "kernel BUG at ", NULL},
    {FAULT, "UBSAN: ", NULL},
    {FAULT, "INFO: ", NULL}, /* tasks that hang, locks: what is called so is a fault */
    /* arch/um/kernel: tlb.c, trap.c; what kills one of a guest's processes ends the guest */
    {MACHINE, "UML ran out of memory on the host side!", NULL},
    {MACHINE, "Bus error - the host ", NULL},
    {MACHINE, "userspace - child stopped with signal ", NULL},
    /* perror() in arch/um/os-Linux */
    {MACHINE, "", ": No space left on device"},
    {MACHINE, "", ": Cannot allocate memory"},
    {REMARK, "userspace - ", NULL},
    {REMARK, "init[1]: segfault ", NULL},
    {REMARK, "ptrace: ", NULL},
    {REMARK, "", "must be not mounted noexec"},
    {REMARK, "", "errno = "},
};

/* User-Mode Linux gives the numbers of errors only: those that are the machine's. */
static const int machine_errors[] = {ESRCH, EAGAIN, ENOMEM, ENOSPC};

#define PTRACE_MEND                                                                                \
	"it needs ptrace(2), which is forbidden here; in a container: --cap-add SYS_PTRACE (see "  \
	"docs/containers.md), else kernel.yama.ptrace_scope must not be 3"

/* What can be done about it. */
static const struct {
	const char *has;
	const char *mend;
} mends[] = {
    {"ptrace set fp regs failed",
     "this processor has more registers than that kernel knows of, and what mends that does not "
     "reach one that is linked statically: build it without CONFIG_STATIC_LINK"},
    {"must be not mounted noexec",
     "let TMPDIR name a directory on a tmpfs on which programs may be executed"},
    {"ran out of space", "free some there, or let TMPDIR name a directory on another tmpfs"},
    {"No space left on device", "free some there, or let TMPDIR name a directory on another tmpfs"},
    {"Kernel mode signal 7", "there is no room left for its memory: free some, let TMPDIR name a "
			     "directory on another tmpfs, or run fewer at once (-j 1)"},
    {"ptrace: Operation not permitted", PTRACE_MEND},
    {"ptrace: Function not implemented", PTRACE_MEND},
    {"ran out of memory on the host side", "-j 1 needs the least"},
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static bool begins_with(const char *line, const char *beginning)
{
	return !strncmp(line, beginning, strlen(beginning));
}

static bool is_usual(const char *line)
{
	for (size_t i = 0; i < LENGTH(usual); i++)
		if (begins_with(line, usual[i]))
			return true;
	return false;
}

/* "..., errno = 12", "... errno = -12" */
static bool has_machine_error(const char *line)
{
	const char *error = strstr(line, "errno = ");
	int number = error ? abs(atoi(error + strlen("errno = "))) : 0;

	for (size_t i = 0; i < LENGTH(machine_errors); i++)
		if (number == machine_errors[i])
			return true;
	return false;
}

static bool fits(const struct pattern *p, const char *line)
{
	return begins_with(line, p->begins) && (!p->has || strstr(line, p->has));
}

/* What the line is; "TCP: BUG: ..." is what "BUG: ..." is. */
static enum matter matter_of(const char *line)
{
	const char *rest = strstr(line, ": ");

	if (has_machine_error(line))
		return MACHINE;
	for (size_t i = 0; i < LENGTH(patterns); i++)
		if (fits(&patterns[i], line) || (rest && fits(&patterns[i], rest + 2)))
			return patterns[i].matter;
	return NOTHING;
}

/*
 * Past what stands before a line: <4> is its level, [    1.234567] its time, [    T1] who says it.
 * NULL: its level says that it is no warning; so it is only when the whole log is shown.
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

/* ---- where in the kernel it was ---- */

/* A panic that is a fault names the address of the instruction: "..., ip 0x602e2a11". */
static uint64_t address_in(const char *line)
{
	const char *ip = strstr(line, ", ip 0x");

	return ip ? strtoull(ip + strlen(", ip 0x"), NULL, 16) : 0;
}

/*
 * A line of a trace, " [<602ea0f0>] do_tcp_setsockopt+0x480/0xf50": where a function was to return
 * to. With a "?" before the name it is something else that lay on the stack, or is not known to be
 * more; in a kernel without frame pointers (CONFIG_FRAME_POINTER) all of them are so.
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

/* What is looked for in the trace after a panic. */
enum trace { NO_TRACE, OF_FAULT, OF_PANIC, BELOW_PANIC };

/*
 * The trace of a fault begins with the caller of the function that has it. The others begin with
 * what prints them; panic() is among that, and what comes next has called it. A call is before
 * where it returns to.
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

/* The text of a WARN() is a line of its own, behind the one that says where it is. */
static const char *with_text(struct arena *a, const char *warning, const char *next)
{
	if (!begins_with(warning, "WARNING: ") || begins_with(next, "CPU: ") ||
	    begins_with(next, "Modules linked in:"))
		return warning;
	return arena_printf(a, "%s: %s", warning, next);
}

static const char *with_mend(struct arena *a, const char *line)
{
	for (size_t i = 0; i < LENGTH(mends); i++)
		if (strstr(line, mends[i].has))
			return arena_printf(a, "%s; %s", line, mends[i].mend);
	return line;
}

/* What is being looked for while the lines go by. */
struct reading {
	struct arena *a;
	struct console *console;
	enum matter highest; /* of the line that tells most so far */
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
		/* Why init has ended it has said itself, if anybody has. */
		if (strstr(line, "Attempted to kill init!") && r->last)
			c->words = arena_printf(r->a, "%s; before that: %s", line, r->last);
	}
	if (r->trace != NO_TRACE)
		r->trace = follow(r->trace, line, c);
	r->last = line;
}

/* A line without what a terminal would obey, or what is no text. */
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
