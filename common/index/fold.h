/*
 * Characters beyond ASCII: what they are in a word, and the form in which
 * words are compared (NFKC, case folded, accents off; Unicode UAX #15).
 * ASCII is the caller's business and costs it no call.
 */
#ifndef INDEX_FOLD_H
#define INDEX_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fold_class {
	FOLD_NONE,	/* between words */
	FOLD_WORD,	/* a letter or digit */
	FOLD_GRAM,	/* of a script without spaces: Han, Kana, Hangul
			   syllables, Thai, Lao, Myanmar, Khmer */
	FOLD_MARK,	/* belongs to the character before it */
	FOLD_SKIP	/* invisible; as if it were not there */
};

#define FOLD_CHARS 128	/* of a word; what is beyond is not looked at */

/* c >= 0x80. */
enum fold_class fold_class(uint32_t c);

/*
 * Fold a word of at most FOLD_CHARS characters; what does not fit into cap
 * bytes is left out, at a character.  Returns the bytes written, which may
 * be none.  Typographic apostrophes become ', and none comes first.  accents:
 * they stay.
 */
size_t	fold_text(char *out, size_t cap, const char *, size_t len,
	    bool accents);

/* A text composed (NFC): names of one file are one, however a disk has them.
 * Own; what is no UTF-8 stays as it is. */
char	*fold_composed(const char *, size_t len);

/* What a character is to a tokenizer that cuts at blanks and punctuation. */
enum fold_cut {
	FOLD_IN,	/* inside a word */
	FOLD_BLANK,
	FOLD_PUNCT,	/* a word of its own */
	FOLD_HAN,	/* an ideograph: a word of its own */
	FOLD_DROP	/* control, format, unassigned, private, U+FFFD */
};

#define FOLD_BARE 8		/* most characters that one may become */

/* c >= 0x80. */
enum fold_cut fold_cut(uint32_t c);

/*
 * c taken apart (NFD), all marks off (Mn), small letters.  Returns how many
 * characters are left, which may be none.
 */
unsigned fold_bare(uint32_t c, uint32_t out[FOLD_BARE]);

#endif
