/*
 * A turn as contents see it: its text, the words and the sentences in it.
 * They are found once, by turn_read, and read by whoever cuts a session
 * into segments (toc/cut.h) and sums these up (toc/summary.h).
 *
 * Of a tool's result the first 1,000 characters are read, of all else the
 * first TURN_BYTES bytes: as much as a whole segment holds.
 */
#ifndef TOC_TURN_H
#define TOC_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "memory/event.h"
#include "text/cue.h"

#define TURN_BYTES 16000
#define TURN_RESULT_CHARS 1000

enum turn_word_kind {
	TURN_WORD,
	TURN_PART,	/* of the TURN_WHOLE before it */
	TURN_WHOLE	/* a compound (src/auth.c, getUserName); its parts
			   follow */
};

/* A word that tells something: stop words are left out. */
struct turn_word {
	uint64_t stem;		/* a hash of it: equal stems, equal numbers */
	uint32_t at;		/* in the text */
	uint16_t len;
	uint16_t kind;
};

enum turn_sentence_kind {
	TURN_PROSE,
	TURN_GO_ON,	/* the rest of a sentence that was too long */
	TURN_HEAD,	/* a heading, or a line that ends in ':' */
	TURN_OUTPUT,	/* a line that a program printed */
	TURN_CODE,	/* of a block of code, its first line that tells
			   something */
	TURN_CALL	/* what a tool was asked to do */
};

struct turn_sentence {
	uint32_t at, len;	/* in the text; no blanks at its ends, at most
				   TURN_SENTENCE bytes */
	uint32_t word, words;	/* which of the turn's */
	uint16_t cues;		/* bit set of enum cue */
	uint16_t kind;
};

#define TURN_SENTENCE 200

struct turn {
	/* given; borrowed */
	int64_t time_ms;
	const char *text;
	size_t len;
	enum event_role role;
	enum event_type type;
	/* found */
	struct turn_word *word;		/* own */
	struct turn_sentence *sentence;	/* own */
	uint32_t words, sentences;
	uint32_t read;			/* bytes of the text that count */
	uint32_t tokens;		/* see turn_tokens */
	uint16_t cues;			/* of all sentences */
};

/* What reading needs and may keep from one text to the next; one for each
 * thread. */
struct turn_reader;
struct turn_reader *turn_reader_new(void);
void	turn_reader_free(struct turn_reader *);		/* takes NULL */

/* Fill in what is found.  Linear in the bytes that are read; bytes that are
 * not UTF-8 stand between words, as a blank does. */
void	turn_read(struct turn_reader *, struct turn *);
void	turn_release(struct turn *);	/* what was found */

/*
 * Tokens of a language model, approximated: a token for each four bytes of
 * ASCII, and one for each character beyond, rounded up.  Four is what the
 * makers of byte-pair vocabularies give for English; ideographs take about
 * one each, accented letters less.  It needs no vocabulary and never changes,
 * which matters more here than the last tenth: where a segment ends depends
 * on it.
 */
uint32_t turn_tokens(const char *, size_t len);

#endif
