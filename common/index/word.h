/*
 * What is known of a word: its stem, and whether it is a stop word.  The
 * words asked for lately are remembered, because text repeats itself.
 */
#ifndef INDEX_WORD_H
#define INDEX_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct language;
struct words;

/* The language is borrowed; NULL: English. */
struct words *words_new(const struct language *);
void	words_free(struct words *);

/*
 * A folded word of at most 64 bytes.  *stem is borrowed until the next
 * call; it is the word itself, without accents, when that holds anything
 * but letters and '.
 * Returns whether it is a stop word.
 */
bool	word_stem(struct words *, const char *, size_t len, const char **stem,
	    size_t *stem_len);

/* Does every stem begin with the first byte of its word? */
bool	words_keep_first(const struct words *);

/* Of the language's list in share/stop. */
bool	word_is_stop(const struct language *, const char *, size_t len);

#endif
