/*
 * What a remote's own clock shows, by which it says when objects were put.
 */
#ifndef SYNC_REMOTE_CLOCK_H
#define SYNC_REMOTE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

struct remote;

#define REMOTE_CLOCK_DIR "clock/"

/* prefix: "TENANT/.memkit/".  An object is put there, looked at, and
 * deleted: three requests. */
int	remote_clock(struct remote *, const char *prefix, int64_t *now_ms,
	    struct err *);

#endif
