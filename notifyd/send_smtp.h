// SPDX-License-Identifier: Apache-2.0
/* Hands messages to the mail server, at most SMTP_MAX at a time, connections kept for the next
 * message.
 *
 * SMTP_MAX threads run libcurl's easy interface. Its multi interface is no help: libcurl 7.88
 * waits for the answer to the end of data inside curl_multi_socket_action() (measured: a server
 * that hesitates there stops the loop, heartbeats and watchdog included). The threads see copies
 * only. The calls below are for the loop's thread and do not block, but for smtp_free(): up to
 * about a second. */
#pragma once
#include "common/loop.h"
#include "common/str.h"
#include "notifyd/config.h"

enum { SMTP_MAX = 2 };

enum smtp_result {
	SMTP_TAKEN,     /* 250 after the end of data */
	SMTP_REFUSED,   /* 5xx for this recipient or message: never try again */
	SMTP_LATER,     /* this message did not get through, another may */
	SMTP_NO_SERVER, /* the server cannot be reached, or refuses us altogether */
};

struct smtp;
struct smtp *smtp_new(struct bb_loop *loop, struct bb_err *err);
void smtp_free(struct smtp *s); /* breaks off what is under way, without callbacks */
/* For messages sent from now on. `set` is copied. timeout_ms: for one message, from connecting
 * to the last answer. */
void smtp_configure(struct smtp *s, const struct smtp_settings *set, unsigned timeout_ms);
/* Send; the message's bytes are taken over. cb runs once, in a later turn of the loop. `text`:
 * the server's last answer, or what went wrong, printable. */
typedef void (*smtp_done)(void *arg, enum smtp_result result, const char *text);
void smtp_send(struct smtp *s, const char *to, struct bb_buf *message, smtp_done cb, void *arg);
