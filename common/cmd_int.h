// SPDX-License-Identifier: Apache-2.0
/* Frames on busd.cmd: [what, address, body]. `address` is the daemon's name in a client's
 * request and the client's routing id (busd's business, bytes) from there on; it is empty in a
 * hello and in the reply as the client gets it. */
#pragma once

#define BB_CMD_REQUEST "request" /* CommandRequest */
#define BB_CMD_REPLY   "reply"   /* CommandReply */
#define BB_CMD_HELLO   "hello"   /* CommandHello */

enum { BB_CMD_KEY_BYTES = 16, BB_CMD_ADDRESS_MAX = 32 };
