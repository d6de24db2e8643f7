// SPDX-License-Identifier: Apache-2.0
/* The built files of the interface, read from <share>/web below one folder descriptor: nothing
 * outside can be reached. Hashed names are immutable, a .gz beside is used, paths without a dot
 * give index.html. Files are small; reading them may block for a disk access. */
#pragma once
#include "common/err.h"

struct statics;
struct request;
/* The folder may come later; until then one sentence says that the interface is not installed. */
struct statics *statics_new(const char *share);
void statics_free(struct statics *s);
void static_serve(struct statics *s, struct request *rq);
