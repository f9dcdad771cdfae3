/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that a script can have: one row for each kind of line, and one for each verb of a
 * fault.
 *
 * This file has no guard. A file that needs a column defines the macros that select it, and
 * includes this one: so the enums, the words that the parser knows and the tables of functions are
 * made from these rows. If a macro is not defined, its rows are left out; but if only LINE is
 * defined, a VERB and a KEYWORD are also a LINE.
 *
 * 	LINE     a line without a word of its own
 * 	VERB     H word ..
 * 	KEYWORD  word ..
 *
 * with: its kind (LINE_..); its word; its role (ROLE_..); what it begins with (BY_..); and the
 * functions that parse it (parse_.., after its word), copy the parts that can contain a $name
 * (copy_..), check it (check_.._line), print it (print_.., after its beginning and, for a VERB, the
 * word) and do it (do_..; what is only waited for is not done). `nothing` is a function that does
 * nothing.
 *
 * 	FAULT    H word packets ..
 *
 * is a line of kind LINE_FAULT, with: its verb (VERB_..); its word; the function of
 * engine/hold.c that does what no firewall does to a packet (hold_..); and what else sets it
 * apart (struct fault_verb).
 *
 * A row whose function is missing does not link.
 *
 * CALL and RESUME are calls that the host's process makes. Below `H program` lines of the same form
 * are OBSERVED and RETURNED: calls that the program makes (expand.c).
 */
/* clang-format off */

#ifndef VERB
#ifdef LINE
#define VERB LINE
#else
#define VERB(...)
#endif
#endif
#ifndef KEYWORD
#ifdef LINE
#define KEYWORD LINE
#else
#define KEYWORD(...)
#endif
#endif
#ifndef LINE
#define LINE(...)
#endif
#ifndef FAULT
#define FAULT(...)
#endif

/*      kind       word       role         by      parse    copy     check      print      do */
LINE(   NOTE,      NULL,      NOTE,        NOBODY, nothing, nothing, nothing,   nothing,   nothing)
LINE(   CALL,      NULL,      ACTION,      PART,   nothing, call,    call,      call,      call)
LINE(   RESUME,    NULL,      OBSERVATION, PART,   nothing, call,    resume,    call,      nothing)
LINE(   SENT,      NULL,      OBSERVATION, HOST,   nothing, segment, packet,    sent,      nothing)
LINE(   ARRIVAL,   NULL,      OBSERVATION, ARROW,  nothing, segment, packet,    arrival,   nothing)
LINE(   SIGNALLED, NULL,      OBSERVATION, PART,   nothing, signal,  signalled, signalled, nothing)
LINE(   DEATH,     NULL,      OBSERVATION, PART,   nothing, signal,  death,     death,     nothing)
LINE(   OBSERVED,  NULL,      OBSERVATION, PART,   nothing, call,    observed,  call,      nothing)
LINE(   RETURNED,  NULL,      OBSERVATION, PART,   nothing, call,    resume,    call,      nothing)
LINE(   ANY,       NULL,      OBSERVATION, NOBODY, nothing, nothing, nothing,   any,       nothing)
LINE(   FAULT,     NULL,      ACTION,      HOST,   fault,   fault,   fault,     fault,     fault)

FAULT(DROP,    "drop",    nothing)
FAULT(REJECT,  "reject",  nothing, .answers = true)
FAULT(HOLD,    "hold",    back,    .on_the_way = true, .fate = FATE_HELD)
FAULT(DUP,     "dup",     twice,   .on_the_way = true, .fate = FATE_TWICE, .passes = true)
FAULT(CORRUPT, "corrupt", spoiled, .on_the_way = true, .fate = FATE_CORRUPT)
FAULT(DELAY,   "delay",   back,    .on_the_way = true, .takes_time = true)
FAULT(FORGET,  "forget",  nothing, .forgets = true)

VERB(   RELEASE,   "release", ACTION,      HOST,   release, fault,   fault,     release,   release)
VERB(   HEAL,      "heal",    ACTION,      HOST,   heal,    fault,   fault,     heal,      heal)
VERB(   FORGE,     "forge",   ACTION,      HOST,   forge,   segment, forge,     forge,     forge)
VERB(   MUTE,      "mute",    ACTION,      HOST,   nothing, nothing, mute,      nothing,   mute)
VERB(   SYSCTL,    "sysctl",  ACTION,      HOST,   sysctl,  sysctl,  sysctl,    sysctl,    sysctl)
VERB(   IP,        "ip",      ACTION,      HOST,   ip,      ip,      nothing,   ip,        ip)
VERB(   SIGNAL,    "signal",  ACTION,      PART,   signal,  signal,  signal,    signal,    signal)
VERB(   CRASH,     "crash",   ACTION,      HOST,   nothing, nothing, crash,     nothing,   crash)
VERB(   PROGRAM,   "program", ACTION,      HOST,   nothing, nothing, program,   nothing,   program)
VERB(   BOOT,      "boot",    ACTION,      HOST,   nothing, nothing, boot,      nothing,   boot)
VERB(   SS,        "ss",      READING,     HOST,   ss,      ss,      ss,        ss,        ss)
VERB(   NSTAT,     "nstat",   READING,     HOST,   nstat,   nstat,   nstat,     nstat,     nstat)
VERB(   PS,        "ps",      READING,     HOST,   ps,      ps,      ps,        ps,        ps)

/*
 * All but `quiet` is gone after expand.c, except FAILURE, ACKS, CAPTURE and TABLE, which the run
 * keeps.
 */
KEYWORD(FAILURE,   "failure", NOTE,        NOBODY, failure, nothing, failure,   failure,   nothing)
KEYWORD(EXERCISE,  "exercise", NOTE,       NOBODY, exercise, nothing, nothing,  bare,      nothing)
KEYWORD(USE,       "use",     NOTE,        NOBODY, use,     use,     nothing,   use,       nothing)
KEYWORD(NEEDS,     "needs",   NOTE,        NOBODY, needs,   nothing, nothing,   needs,     nothing)
KEYWORD(ACKS,      "acks",    NOTE,        NOBODY, acks,    nothing, nothing,   acks,      nothing)
KEYWORD(CAPTURE,   "capture", NOTE,        NOBODY, capture, nothing, nothing,   capture,   nothing)
KEYWORD(TABLE,     "table",   NOTE,        NOBODY, table,   table,   table,     table,     nothing)
KEYWORD(PARAM,     "param",   NOTE,        NOBODY, param,   nothing, nothing,   param,     nothing)
KEYWORD(REPEAT,    "repeat",  NOTE,        NOBODY, repeat,  nothing, nothing,   repeat,    nothing)
KEYWORD(WHEN,      "when",    NOTE,        NOBODY, when,    nothing, nothing,   when,      nothing)
KEYWORD(ELSE,      "else",    NOTE,        NOBODY, nothing, nothing, nothing,   bare,      nothing)
KEYWORD(END,       "end",     NOTE,        NOBODY, nothing, nothing, nothing,   bare,      nothing)
KEYWORD(QUIET,     "quiet",   READING,     NOBODY, quiet,   nothing, quiet,     quiet,     quiet)

/* clang-format on */
#undef LINE
#undef VERB
#undef KEYWORD
#undef FAULT
