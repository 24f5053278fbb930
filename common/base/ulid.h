/*
 * ULID: 48 bits of milliseconds, 80 bits more, as 26 characters of
 * Crockford's base 32 that sort as the bits do
 * (https://github.com/ulid/spec).
 */
#ifndef BASE_ULID_H
#define BASE_ULID_H

#include <stdint.h>

#define ULID_LEN 26
#define ULID_BYTES 16
#define ULID_TIME_MAX INT64_C(281474976710655)	/* 2^48 - 1 */

/* out has ULID_LEN + 1 bytes.  Times before 1970 count as 0. */
void	ulid_format(char *out, int64_t ms, const uint8_t rest[10]);
void	ulid_from_bytes(char *out, const uint8_t id[ULID_BYTES]);

/* 1 read (any case; I and L are 1, O is 0), 0 not a ULID. */
int	ulid_parse(const char *, uint8_t id[ULID_BYTES]);
int64_t	ulid_time(const uint8_t id[ULID_BYTES]);

#endif
