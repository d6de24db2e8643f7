// SPDX-License-Identifier: Apache-2.0
/* A UDP socket as requests and answers want it: non-blocking, with the kernel's time stamps and its count of drops. */
#pragma once
#include "common/err.h"

/* Bound to any port. `bytes`: receive buffer asked for, *granted what the kernel gave. Returns the descriptor or -1. */
int socket_open(int family, int bytes, int *granted, struct bb_err *err);
