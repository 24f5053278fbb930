/*
 * How a score came about, as a person reads it: a line for each part of each
 * sum, what a part is made of below it.
 */
#ifndef CMD_WHY_H
#define CMD_WHY_H

#include <jansson.h>

#include "base/err.h"
#include "cmd/out.h"

/* A hit's "why" (memkit-json(5)); NULL prints nothing. */
int	why_print(struct out *, const json_t *why, struct err *);

#endif
