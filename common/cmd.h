// SPDX-License-Identifier: Apache-2.0
/* The command plane: request and reply through busd, routed by daemon name. The reply cache makes a repeated cmd_key harmless for as
 * long as the server lives (at most 10,000 replies, 16 MiB, 7 days, none above 64 KiB); verbs that must survive
 * a restart keep the key in their journal. The verb "metrics" is answered here, with what the process's bb_pub tells. Nothing blocks. */
#pragma once
#include "common/bus.h"
#include "common/wire.h"

struct bb_cmd_server;
struct bb_cmd_call;             /* one request being answered */
/* The handler answers now or later with exactly one bb_cmd_reply(); the request is borrowed until then. After bb_cmd_server_free() open
 * calls are gone and must not be answered. */
typedef void (*bb_cmd_handler)(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
struct bb_cmd_server *bb_cmd_server_new(struct bb_bus *b, bb_cmd_handler handler, void *arg, struct bb_err *err);
void bb_cmd_server_free(struct bb_cmd_server *s);
void bb_cmd_reply(struct bb_cmd_call *call, const Busbar__V1__CommandReply *reply);    /* cmd_key is filled in */
/* The same where nothing was done: the reply is not kept, a repetition looks again. */
void bb_cmd_reply_look(struct bb_cmd_call *call, const Busbar__V1__CommandReply *reply);
void bb_cmd_reply_text(struct bb_cmd_call *call, unsigned code, const char *fmt, ...) BB_PRINTF(3, 4);

struct bb_cmd_client;
struct bb_cmd_client *bb_cmd_client_new(struct bb_bus *b, struct bb_err *err);
void bb_cmd_client_free(struct bb_cmd_client *c);
/* Send to `daemon`. cb runs exactly once and never inside this call, at the latest after rq->timeout_ms (default 5,000) with
 * CODE_UNAVAILABLE; calls still open in bb_cmd_client_free() end without it. cb must not free the client. An empty cmd_key is made up.
 * The request is copied; the reply is borrowed. */
typedef void (*bb_cmd_done)(void *arg, const Busbar__V1__CommandReply *reply);
void bb_cmd_send(struct bb_cmd_client *c, const char *daemon, const Busbar__V1__CommandRequest *rq, bb_cmd_done cb, void *arg);
