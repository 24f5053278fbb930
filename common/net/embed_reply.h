/*
 * What an endpoint such as OpenAI's answers to a question for vectors:
 * {"model": NAME, "data": [{"index": I, "embedding": [NUMBER, ...]}, ...]}.
 * It comes from outside, and is believed nothing.
 */
#ifndef NET_EMBED_REPLY_H
#define NET_EMBED_REPLY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define EMBED_REPLY_DIMENSION 4096	/* greatest */

/*
 * The vectors of n texts (n > 0), in the order of the texts, appended to out
 * as JSON arrays with commas between them, and one before them where out is
 * not empty.  *dim is the dimension that all must have, or 0: then it is set
 * to that of the first.  *model is the name that it tells, the caller's; NULL
 * none.  -1, ERR_INPUT: it is not an answer to that; out has a part of it.
 */
int	embed_reply(const char *, size_t len, size_t n, size_t *dim,
	    struct buf *out, char **model, struct err *);

#endif
