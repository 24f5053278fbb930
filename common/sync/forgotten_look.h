/*
 * Is what was forgotten gone from a remote?  Each object is read, opened and
 * decoded, and the memory is built from it in a temporary store, whose every
 * row is decoded (admin/gone.h).
 */
#ifndef SYNC_FORGOTTEN_LOOK_H
#define SYNC_FORGOTTEN_LOOK_H

#include <stdint.h>

#include "admin/gone.h"
#include "base/err.h"
#include "text/prints.h"

struct sync;

struct forgotten_found {
	int64_t objects, bytes;		/* read */
	int64_t unread;			/* that could not be opened */
	int64_t found;
};

/* fn as of gone_look; what: "segment", "piece", "object", or of the store that
 * was built what gone_look says. */
int	forgotten_look(struct sync *, const struct prints *,
	    struct forgotten_found *, gone_fn *, void *, struct err *);

#endif
