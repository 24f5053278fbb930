/*
 * Programs that the configuration has us run, to make vectors or contents.
 */
#ifndef MEMORY_COPROCESS_H
#define MEMORY_COPROCESS_H

#include "base/buf.h"
#include "base/err.h"

struct store;

/*
 * Who can write the configuration can have a program run, and texts sent
 * away: that must be nobody but us or root.  ERR_DENIED names the setting.
 */
int	coprocess_allowed(const struct store *, const char *setting,
	    struct err *);

/* A program of ours: beside the bin of the one that runs, else where it was
 * installed. */
void	coprocess_path(const char *name, struct buf *);

#endif
