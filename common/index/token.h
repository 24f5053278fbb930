/*
 * Words out of text: what the index holds and what queries ask for.
 *
 * A leaf is a word (Unicode UAX #29, approximated) or one part of a
 * compound.  Leaves have positions 0, 1, 2 ... so that phrases are leaves
 * in a row.  Over the leaves of a compound (getUserName, max_retries,
 * src/auth/jwt.c, v1.2.3, ERR-42) lie tokens of the kind TOKEN_WHOLE: one
 * for every identifier in it, one for all of it.  Scripts without spaces
 * come as overlapping pairs of characters, each pair at the position of its
 * first character; the last character of such a run also comes alone
 * (TOKEN_LAST), so that a single character is a prefix of some token
 * wherever it stands.
 *
 * Memory is bounded: a token has at most TOKEN_MAX bytes.  What is longer
 * keeps its beginning and ends in '~' and 16 hexadecimal digits of a hash
 * of it all, so that equal stays equal; a compound of more than 24 leaves or
 * 256 bytes is cut, and goes on as another.
 */
#ifndef INDEX_TOKEN_H
#define INDEX_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_MAX 64
#define TOKEN_LEAVES 24

enum token_kind {
	TOKEN_WORD,	/* a leaf by itself */
	TOKEN_PART,	/* a leaf of a compound */
	TOKEN_GRAM,	/* a leaf: two characters of an unspaced script */
	TOKEN_LONE,	/* a leaf: one that has no such neighbours */
	TOKEN_LAST,	/* the last character of a run of grams; takes a
			   position, but is no leaf to count */
	TOKEN_WHOLE	/* lies over `span` leaves; comes before them, the
			   longest first */
};

struct token {
	const char *text;	/* folded; borrowed until the next call */
	size_t len;
	const char *stem;	/* text itself where there is no stem */
	size_t stem_len;
	size_t start, end;	/* bytes of the source */
	uint32_t pos;		/* of the (first) leaf */
	uint32_t span;		/* leaves; 1 for a leaf */
	enum token_kind kind;
	bool stop;		/* a leaf that tells nothing (share/stop) */
};

struct language;
struct words;

struct tokens {
	const char *p;		/* borrowed; the source */
	size_t len, at;
	uint32_t pos;		/* of the next leaf */
	bool accents;		/* they are told apart */
	bool gram_run;		/* the last gram reached into the next */
	struct token queue[2 * TOKEN_LEAVES + 2];
	unsigned queued, next;
	char room[768];		/* folded text of the queue */
	struct words *words;	/* own; stems found lately */
	const unsigned char *wanted;	/* borrowed, NULL: all; by first byte,
				   bit 0: it is worth a stem */
};

/* The language is borrowed; NULL: English. */
void	tokens_init(struct tokens *, const struct language *);
void	tokens_release(struct tokens *);

/* Begin a text; its first leaf gets this position.  Bytes that are not UTF-8
 * stand between words. */
void	tokens_start(struct tokens *, const char *, size_t len, uint32_t pos);

/* 1 a token, 0 the end; t->pos is then the position after the last leaf. */
int	token_next(struct tokens *, struct token *);

/*
 * Who looks for a few stems says how they begin: until tokens_want(t, NULL)
 * a word that cannot have one of them is its own stem and no stop word.
 */
void	tokens_want(struct tokens *, const unsigned char first[256]);

#endif
