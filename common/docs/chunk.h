/*
 * Chunks: a document cut by its structure, each with the headings that it
 * stands under.
 *
 * A section is what follows a heading.  One of more than half as many words
 * again as words_max is cut where it has between words_min and words_max, again
 * and again, so that its last piece is no short one: between blocks if it can
 * be, else between sentences or lines.  Which place, is told by what follows it
 * there, so that a paragraph more or less moves few of the others.  (What is in
 * two pieces is found by neither as well as by the whole.)  The last sentence
 * is said again in the next chunk, the row that names the columns in each chunk
 * of its table.  Neighbouring small sections of one page become a chunk with
 * the headings that they share, their own ones are in its text; those of two
 * pages only if the first has less than a sixteenth of words_min, as a slide
 * with a title and no more.  What goes on over pages is not cut there before it
 * has words_min.  A function in code begins a chunk if the one before it has
 * its words.
 *
 * It holds no more than two chunks and the ids.
 */
#ifndef DOCS_CHUNK_H
#define DOCS_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "docs/block.h"
#include "docs/minhash.h"

struct chunk_options {
	int words_min, words_max;	/* two characters of CJK are a word */
	size_t bytes;			/* of a chunk's text, at most */
};

#define CHUNK_OPTIONS { .words_min = 200, .words_max = 400, .bytes = 8192 }

/* NULL is what nobody told. */
struct chunk_facts {
	char *title;	/* told, else the first heading, else name's stem, */
	bool by_name;	/* if this is set */
	char *author, *language;
	char *created, *modified;	/* RFC 3339 */
	struct strv tags;		/* each once */
};

#define CHUNK_ID 16

struct chunk {
	/* hash of all below but the language and times; of equal ones in a
	 * document the second and further ones have another id */
	char id[CHUNK_ID + 1];
	const char *const *heading;	/* outermost first */
	size_t headings;
	const char *text;
	size_t len;
	/* where it begins and ends, without what is said again; 0: there are
	 * none */
	int64_t page, page_end;
	const char *section;		/* sheet or chapter; NULL */
	/* As far as they were told before the first chunk. */
	const struct chunk_facts *facts;
};

/* Everything is borrowed for the call; 0 to go on, -1. */
typedef int	chunk_fn(void *, const struct chunk *, struct err *);

struct chunker;			/* opaque */
/* name: the document's path, for a title.  Both are borrowed for the call;
 * options may be NULL. */
struct chunker *chunker_new(const struct chunk_options *, const char *name,
	    chunk_fn *, void *arg);
void	chunker_free(struct chunker *);		/* takes NULL */
/* What a reader tells it by. */
struct docs_sink chunker_sink(struct chunker *);
/* After the last block: the last chunks. */
int	chunker_end(struct chunker *, struct err *);

/* Then, borrowed: */
size_t	chunker_count(const struct chunker *);
const char *chunker_id(const struct chunker *, size_t i);	/* in order */
const struct chunk_facts *chunker_facts(const struct chunker *);
const struct minhash *chunker_minhash(const struct chunker *);
int64_t	chunker_pages(const struct chunker *);	/* the highest; 0 none */

#endif
