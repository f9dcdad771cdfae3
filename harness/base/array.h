/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many elements an array has. Of a pointer it has no meaning; the compiler refuses that
 * (-Wsizeof-pointer-div).
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
