/*
 * Percent-coding (RFC 3986, 2.1): a byte as "%XX".
 */
#ifndef BASE_URI_H
#define BASE_URI_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* What is escaped nowhere in a URI (2.3). */
#define URI_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789-._~"
/* What no line of text should have. */
#define URI_CONTROLS "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d" \
    "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e" \
    "\x1f\x7f"

/* All of it but the characters of a set; or those of a set alone.  Digits are
 * in capitals.  A NUL is always escaped. */
void	uri_escape(struct buf *, const char *, size_t len, const char *plain);
void	uri_escape_only(struct buf *, const char *, size_t len,
	    const char *odd);
void	uri_escape_byte(struct buf *, char);

/* Is this "%XX"?  1 and the byte, 0.  Not read past a NUL. */
int	uri_byte(const char *, uint8_t *);
/* Undone, appended.  1, 0: a '%' without its digits, or a NUL: then the buffer
 * is as it was. */
int	uri_unescape(struct buf *, const char *);

#endif
