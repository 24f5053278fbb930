/*
 * The rule of POSIX's TZ: two offsets and when clocks change between them,
 * each year the same.  Hours from -167 to 167, as RFC 8536 has them.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_change {
	char kind;		/* J, N (days from 0), M */
	int month, week, day;
	int32_t time;		/* seconds after midnight, local */
};

struct zone_rule {
	int32_t standard, summer;	/* seconds ahead of UTC */
	bool changes;
	struct zone_change to_summer, to_standard;
};

/* 1 read, 0 it is none. */
int	zone_rule_read(struct zone_rule *, const char *, size_t len);
int32_t	zone_rule_offset(const struct zone_rule *, int64_t s);

#endif
