// SPDX-License-Identifier: Apache-2.0
/* How far the clock of a device is off: what it says the time is, against ours. Kept as information, never trusted: no decision, order or
 * age comes from it. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DateAndTime of SNMPv2-TC (RFC 2579; 8 octets, or 11 with the zone), or text "YYYY-MM-DD HH:MM:SS", "MM/DD/YYYY HH:MM:SS" (':' or 'T' between
 * date and time are taken, too). Whole seconds, positive when the device is ahead of `now_us` (Unix microseconds). A time without a zone is
 * taken as local time of wherever the device is: within 14.5 hours only what is left after the nearest quarter of an hour counts.
 * False: this is no time. */
bool clock_drift(const uint8_t *text, size_t n, uint64_t now_us, double *drift_s);
/* The same for a number: Unix seconds. */
bool clock_drift_number(int64_t unix_s, uint64_t now_us, double *drift_s);
