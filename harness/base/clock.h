/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time in the whole program: nanoseconds since the epoch, like the kernel's stamps of packets.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

typedef int64_t ns_t;

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_S  1000000000LL

static inline ns_t ns_of(struct timespec t)
{
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* 73 years: no time in a script is longer, and no sum of such times goes further. */
#define FOREVER (INT64_MAX / 4)

static inline ns_t later(ns_t time, ns_t by)
{
	return by < FOREVER - time ? time + by : FOREVER;
}

/* The clock that stamps packets (CLOCK_REALTIME). */
static inline ns_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ns_of(t);
}

/* One tick of the kernel's timer wheel, 1/CONFIG_HZ: the step of the coarse clocks. */
static inline ns_t tick(void)
{
	struct timespec t;

	clock_getres(CLOCK_REALTIME_COARSE, &t);
	return ns_of(t);
}

#endif
