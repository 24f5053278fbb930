/*
 * UTF-8 (RFC 3629): no surrogates, nothing over U+10FFFF, no overlong
 * forms.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The offset of the first byte that is not UTF-8, or len. */
size_t	utf8_check(const char *, size_t len);

/*
 * The character at p (len > 0); *n is its length.  A bad byte gives
 * U+FFFD and a length of 1.
 */
uint32_t utf8_decode(const char *, size_t len, size_t *n);
size_t	utf8_put(char out[4], uint32_t c);	/* bytes written, 0 if bad */

/* Does it look like UTF-16 of either order: a mark, or every second byte of
 * the first four is NUL? */
bool	utf8_is_utf16(const char *, size_t len);

/* The longest prefix of at most max bytes that does not cut a character. */
size_t	utf8_cut(const char *, size_t len, size_t max);

/* Columns of a terminal that a character takes: 0, 1 or 2. */
int	utf8_width(uint32_t);

/* Controls, and the bidirectional and invisible ones that deceive. */
bool	utf8_unsafe(uint32_t);

#endif
