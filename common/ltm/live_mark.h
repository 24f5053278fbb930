/*
 * For live.c alone: how far the live flow has come, kept in meta.
 */
#ifndef LTM_LIVE_MARK_H
#define LTM_LIVE_MARK_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct live_mark {
	int64_t read;		/* the last event that rules were held
				   against: its row */
	int64_t asked;		/* that a model was asked about; -1: none was
				   named so far */
	int64_t tries;		/* at what is next for it (LIVE_TRIES) */
};

int	live_mark_read(struct store *, struct live_mark *, struct err *);
/* Inside a transaction. */
int	live_mark_save(struct store *, const struct live_mark *,
	    struct err *);

#endif
