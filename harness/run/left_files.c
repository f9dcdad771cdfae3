/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a table. The files of a run are written by run_one.c, lists of what was not
 * kept by kept_files.c, a console by the guest's handover.c.
 */
#include "harness/run/left_files.h"

const struct left_name left_files[LEFT_COUNT] = {
    [LEFT_TRANSCRIPT] = {"transcript.txt", false},
    [LEFT_VERBOSE] = {"verbose.txt", false},
    [LEFT_CLIENT_CAPTURE] = {"client.pcap", false},
    [LEFT_SERVER_CAPTURE] = {"server.pcap", false},
    [LEFT_TRACE] = {"trace.pcapng", false},
    [LEFT_HOSTS] = {"hosts", false},
    [LEFT_LADDER] = {"ladder.svg", false},
    [LEFT_SEQUENCE] = {"sequence.svg", false},
    [LEFT_TIMERS] = {"timers.svg", false},
    [LEFT_RESULT] = {"result.json", false},
    [LEFT_TABLE] = {"table.txt", false},
    [LEFT_CLIENT_OUTPUT] = {"program.client.out", false},
    [LEFT_CLIENT_ERRORS] = {"program.client.err", false},
    [LEFT_SERVER_OUTPUT] = {"program.server.out", false},
    [LEFT_SERVER_ERRORS] = {"program.server.err", false},
    [LEFT_CLIENT_FILES] = {"files.client", true},
    [LEFT_CLIENT_LIST] = {"files.client.txt", false},
    [LEFT_SERVER_FILES] = {"files.server", true},
    [LEFT_SERVER_LIST] = {"files.server.txt", false},
    [LEFT_CONSOLE] = {"console.log", false},
};
