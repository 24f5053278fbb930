/*
 * A parser for the JSON that programs write: for json.c alone.
 *
 * What it takes is what jansson takes, with the same value, for a fraction
 * of the cost: it copies strings in runs, where jansson reads byte by byte.
 * What it is not sure of it gives up, and jansson is asked, whose errors are
 * the only ones: so this can be wrong in one way only, and a fuzz target
 * compares both.
 */
#ifndef BASE_JSON_FAST_H
#define BASE_JSON_FAST_H

#include <jansson.h>
#include <stddef.h>

/* One value, whole input; own.  NULL: ask jansson. */
json_t	*json_fast(const char *, size_t len);

#endif
