/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same random numbers in every boot. A guest gets its randomness from the machine outside,
 * through the getrandom() of the kernel's process; preloaded into that process, this one answers
 * with a fixed stream (xorshift64). So initial sequence numbers, ports and time stamp offsets are
 * the same every time, and captures equal byte for byte. Nothing outside the guest is touched.
 */
#include <stdint.h>
#include <sys/random.h>

ssize_t getrandom(void *buffer, size_t length, unsigned flags)
{
	static uint64_t state = 0x9e3779b97f4a7c15;
	unsigned char *byte = buffer;

	(void)flags;
	for (size_t i = 0; i < length; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		byte[i] = (unsigned char)(state >> 24);
	}
	return (ssize_t)length;
}
