/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP's flags by their letters and names: the table.
 */
#include "harness/packet/flags.h"

const struct tcp_flag tcp_flags[TCP_FLAGS] = {
    {FLAG_FIN, 'F', "FIN"}, {FLAG_SYN, 'S', "SYN"}, {FLAG_RST, 'R', "RST"},
    {FLAG_PSH, 'P', "PSH"}, {FLAG_ACK, '.', "ACK"}, {FLAG_URG, 'U', "URG"},
    {FLAG_ECE, 'E', "ECE"}, {FLAG_CWR, 'W', "CWR"}, {FLAG_AE, 'e', "AE"},
};
