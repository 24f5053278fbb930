/*
 * What is known of a word: its stem, and whether it is a stop word.  The
 * words asked for lately are remembered, because text repeats itself.
 */
#ifndef INDEX_WORD_H
#define INDEX_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words;

struct words *words_new(void);
void	words_free(struct words *);

/*
 * A folded word of at most 64 bytes.  *stem is borrowed until the next
 * call; it is the word itself when that holds anything but a-z and '.
 * Returns whether it is a stop word.
 */
bool	word_stem(struct words *, const char *, size_t len, const char **stem,
	    size_t *stem_len);

/* Of the list in share/stop. */
bool	word_is_stop(const char *, size_t len);

#endif
