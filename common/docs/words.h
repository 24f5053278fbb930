/*
 * Words and sentences of a text in any script, as far as cutting it needs them.
 */
#ifndef DOCS_WORDS_H
#define DOCS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "docs/minhash.h"

/*
 * How long a text is, in halves of words: what stands between blanks is a word,
 * two characters of Chinese, Japanese or Korean are one.  They are also told to
 * minhash (may be NULL), without case in ASCII and without signs.
 */
size_t	words_count(const char *, size_t len, struct minhash *);

/* Bytes of the first sentence and the blanks behind it: it ends at . ! ? or
 * their like before a blank, not after one letter, nor before a small one. */
size_t	words_sentence(const char *, size_t len);

/* Where to cut a text that has no sentences: behind so many halves of words or
 * so many bytes, whichever is first; at a blank if there is one.  Never 0. */
size_t	words_cut(const char *, size_t len, size_t halves, size_t bytes);

#endif
