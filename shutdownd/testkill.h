// SPDX-License-Identifier: Apache-2.0
/* Death at a chosen point, for the kill tests. Only builds with BB_TEST_CLOCK know it: BB_TEST_KILL names the point (before_intent,
 * after_intent, after_sendto) and BB_TEST_KILL_MARK a file. The process kills itself at the point if it can create the file, so
 * once; removing the file arms it again. */
#pragma once

#ifdef BB_TEST_CLOCK
void test_kill(const char *point);
#else
static inline void test_kill(const char *point)
{
}
#endif
