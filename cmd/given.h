/*
 * Things named on standard input, one a line: bare, or in records, so that
 * what any tool prints can be asked for.
 */
#ifndef CMD_GIVEN_H
#define CMD_GIVEN_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Give each name to fn (0 to go on, -1 failed); name_of takes it out of a
 * record, NULL when that names none.  Such records are counted, and a note
 * says so: "2 lines name no `what`, and are left out".  A line that cannot
 * be read gets a note with its number, and adds to *unread.
 */
int	given_each(const char *what, const char *(*name_of)(const json_t *),
	    int (*fn)(void *, const char *, struct err *), void *arg,
	    int64_t *unread, struct err *);

/* The same, with what is bare, and with each record: take returns 1, 0 when
 * it names none, -1. */
int	given_each_record(const char *what, int (*take)(void *,
	    const json_t *, struct err *), int (*fn)(void *, const char *,
	    struct err *), void *arg, int64_t *unread, struct err *);

#endif
