/*
 * Time zones: how far local clocks are from UTC, by the system's compiled
 * zones (TZif, RFC 8536, versions 1 to 4) and the rule of POSIX's TZ behind
 * them, which tells what is after their last change.  Leap seconds are
 * ignored.
 *
 * A zone is data: it depends on nothing that a process sets, several may be
 * open at once, and threads may share one.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct zone;

/*
 * By its IANA name ("Europe/Berlin"); "" or "UTC" is UTC, "local" what $TZ or
 * else /etc/localtime says.  ERR_USAGE: the system does not know it;
 * ERR_CORRUPT: its file is damaged.  Reads one small file.
 */
int	zone_open(struct zone **, const char *name, struct err *);
void	zone_free(struct zone *);		/* takes NULL */

/* The bytes of a compiled zone; ERR_CORRUPT. */
int	zone_read(struct zone **, const void *, size_t len, struct err *);
/* A rule such as "CET-1CEST,M3.5.0,M10.5.0/3"; ERR_USAGE. */
int	zone_rule(struct zone **, const char *, struct err *);

/* Seconds that local time is ahead of UTC, at this second since 1970; NULL
 * is UTC. */
int32_t	zone_offset(const struct zone *, int64_t s);

#endif
