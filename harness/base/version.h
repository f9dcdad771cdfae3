/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The version of this program.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define TCPLAB_VERSION "0.1"

#endif
