/*
 * A few members out of the JSON of a record as the store keeps it (compact,
 * keys sorted), without a tree: to parse all of it costs a processor more
 * than all the rest.
 */
#ifndef LTM_ROW_SCAN_H
#define LTM_ROW_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define ROW_VALUES 512		/* of a record, at most: the rest is not seen */

struct row_value {
	const char *p;		/* in row_scan.room; ends with NUL */
	size_t len;
	int name;		/* place in the list of names */
	bool in_fields;
};

struct row_scan {
	struct buf room;	/* own */
	struct row_value v[ROW_VALUES];
	size_t n;
};

/*
 * Values of members with these names, at the top and in "fields": strings,
 * numbers and booleans, by themselves or in a list, in their order.  What
 * would steer a terminal (control characters) becomes a blank.  ERR_CORRUPT:
 * not JSON.
 */
int	row_scan(struct row_scan *, const struct strv *names, const char *,
	    size_t len, struct err *);

#endif
