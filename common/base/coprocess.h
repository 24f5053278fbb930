/*
 * Programs that the configuration has us run, to make vectors or contents.
 */
#ifndef BASE_COPROCESS_H
#define BASE_COPROCESS_H

#include "base/buf.h"

/* A program of ours: beside the bin of the one that runs, else where it was
 * installed. */
void	coprocess_path(const char *name, struct buf *);

#endif
