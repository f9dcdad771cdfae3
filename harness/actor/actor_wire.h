/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the engine and its actors: numbers and texts one after another, after the
 * message's length.
 */
#ifndef ACTOR_WIRE_H
#define ACTOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/arena.h"
#include "harness/base/clock.h"

/* Zeroed by its user; written or read from the front. */
struct message {
	unsigned char *bytes;
	size_t length, room; /* while writing */
	size_t at;	     /* while reading */
};

void put_number(struct message *m, int64_t number);
void put_text(struct message *m, const char *text);	/* NULL too; cut at WIRE_TEXT */
void put_compared(struct message *m, const char *text); /* cut at WIRE_COMPARED */
int64_t get_number(struct message *m);			/* 0 beyond the end */
const char *get_text(struct message *m, struct arena *a);
void message_free(struct message *m);

#define WIRE_TEXT (16 << 10)
/*
 * What is compared with a line must not be shorter because it was cut: the arguments of a call
 * have at most 128 KB (script/parse_call.c). The whole message must fit into the socket's buffer
 * (net.core.wmem_default).
 */
#define WIRE_COMPARED (160 << 10)

/*
 * A channel: pair[0] is the engine's end, pair[1] the actor's. With what the engine receives, the
 * kernel says who has sent it. False: errno says why.
 */
bool channel_make(int pair[2]);

/* Send the whole message. False: the other side is gone. */
bool message_send(int channel, const struct message *m);
/* A moment that never comes. */
#define FOR_EVER INT64_MAX

/* Send one more byte with a descriptor; and receive one, -1: none came before that moment. */
bool descriptor_send(int channel, int fd);
int descriptor_receive(int channel, ns_t until);

/*
 * Wait for a message until that moment; returns the sender's process number in the receiver's
 * namespace. 0: none came, or half of one, or the other side is gone.
 */
pid_t message_wait_signed(int channel, struct message *m, ns_t until);
/* Likewise; false: no message. */
bool message_wait_until(int channel, struct message *m, ns_t until);
/*
 * Wait for a message; false when the other side is gone. Waits in readv(2), which no row of the
 * table of calls makes, so that an idle actor is never taken for one that is asleep in a call.
 */
bool message_wait(int channel, struct message *m);
/*
 * Read one message without waiting: 1, 0 if there is none yet, -1 if the other side is gone; or
 * MESSAGE_GARBLED: what came is not a message.
 */
#define MESSAGE_GARBLED (-2)
int message_take(int channel, struct message *m);

#endif
