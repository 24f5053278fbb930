/*
 * jansson, set up for us: its memory is ours (so NULL means bad data), it
 * refuses duplicate keys, and nesting is bounded before it parses.  The
 * writer is ours.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 64

void	json_setup(void);	/* once, before any other call */

/*
 * One value, whole input (a byte order mark is passed over).  NULL with
 * ERR_INPUT: "byte 17: ..."; reasons quote no input.
 */
json_t	*json_read(const char *, size_t len, struct err *);

/* Appends compact JSON, keys in their order (sorted: json_sorted). */
void	json_write(struct buf *, const json_t *);
void	json_sorted(struct buf *, const json_t *);

/* How many bytes of a text stand for themselves in a string: none of them is
 * a control character, a quote or a backslash. */
size_t	json_plain(const char *, size_t len);

/* Appends a string as JSON does, in quotes; a bad byte as U+FFFD. */
void	json_quote(struct buf *, const char *, size_t len);
/* Appends ,"key":"value", of NULL nothing; and of a number. */
void	json_add_text(struct buf *, const char *key, const char *value);
void	json_add_int(struct buf *, const char *key, int64_t);

/*
 * A member of an object: NULL or dflt when it is absent or null.
 * get_str of another type: NULL, and *bad (if not NULL) names the key.
 */
const char *get_str(const json_t *, const char *key, const char **bad);
int	get_int(const json_t *, const char *key, int64_t *out);	/* 1 there, 0
				   absent, -1 of another type */
int	get_time(const json_t *, const char *key, int64_t *ms);	/* the same;
				   integers are ms, strings go to date_machine;
				   -1 for a time out of range too */
int	value_time(const json_t *, int64_t *ms);	/* of the value */
const json_t *get_path(const json_t *, const char *path); /* "a.b.0.c" */

/* Appends ": " and what an answer says went wrong, without controls: the first
 * of these places that has a text; nothing where none has.  NULL ends them.
 * It may be long: what is hidden in it is hidden before it is cut. */
void	json_reason(struct buf *, const char *answer, size_t len,
	    const char *const *paths);

#endif
