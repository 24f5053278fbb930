/*
 * Entities and relations out of a text, by rules and statistics: names by
 * their form (name.h), words with a capital where no sentence begins, words
 * that are not among the common ones (share/common), and "X service".
 *
 * Names of one sentence are near each other.  A sentence ends at . ! ? and at
 * the end of a paragraph, an item or a short line.
 */
#ifndef GRAPH_TEXT_H
#define GRAPH_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "graph/pattern.h"
#include "graph/sum.h"

#define TEXT_READ ((size_t)1 << 18)	/* bytes of an event, or of all
						   texts of a row, are read */
#define TEXT_UNITS 160			/* words of a sentence */
#define TEXT_NEAR 10			/* names of one that count as near */
#define TEXT_WORDS 8192

struct language;
struct words;

struct text {
	const struct language *language;	/* borrowed */
	struct words *words;			/* own */
	struct unit unit[TEXT_UNITS];
	size_t units;
	size_t left;		/* bytes that rows_record still reads of one */
	struct { uint64_t word; float rare; bool stop; } known[TEXT_WORDS];
};

struct text *text_new(const struct language *);
void	text_free(struct text *);

/* Adds what a text says to the sum, whose sum_text was called.  about: who
 * says it, or what it is of (-1: nobody); it is linked by the kind to all
 * that the text names. */
void	text_read(struct text *, struct sum *, const char *, size_t,
	    int64_t about, uint32_t kind);

#endif
