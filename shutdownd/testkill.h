// SPDX-License-Identifier: Apache-2.0
/* Death at a chosen point, for the kill tests. Only builds with BB_TEST_CLOCK know it: when the
 * file named by BB_TEST_KILL_FILE holds the name of the point (before_intent, after_intent,
 * after_sendto), it is removed and the process kills itself, so once per writing of the file. */
#pragma once

#ifdef BB_TEST_CLOCK
void test_kill(const char *point);
#else
static inline void test_kill(const char *point)
{
}
#endif
