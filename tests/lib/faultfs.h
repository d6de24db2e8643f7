// SPDX-License-Identifier: Apache-2.0
/* Failing disks on order. faultfs.c stands in front of the C library's fsync, fdatasync, write,
 * pwrite and posix_fallocate: linked into a test program, or as faultfs.so by LD_PRELOAD in
 * front of a daemon. A call fails when its file's path contains `path` and the operation has an
 * error set ("db$": ends with db): after `skip` good calls, `count` times (-1: for ever).
 *
 * A preloaded daemon maps the file named by FAULTFS_FILE, which holds this struct in native byte
 * order (an error of -1 kills the process before the call instead); FAULTFS_FILE must exist and be at least as large. Python: struct.pack("6i240s",
 * sync_err, sync_skip, sync_count, write_err, write_skip, write_count, path). */
#pragma once
#include <stdint.h>

#define FAULTFS_KILL -1

struct faultfs_op {
	int32_t err; /* errno, 0 = never fail, FAULTFS_KILL = SIGKILL */
	int32_t skip;
	int32_t count;
};

struct faultfs {
	struct faultfs_op sync;
	struct faultfs_op write; /* and allocate */
	char path[240];
};

struct faultfs *faultfs_rules(void);
