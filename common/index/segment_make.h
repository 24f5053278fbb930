/*
 * Making segments: from documents, and from segments.  What is made from
 * the same documents is the same, byte for byte, in whatever order they came
 * and in however many steps they were merged.
 */
#ifndef INDEX_SEGMENT_MAKE_H
#define INDEX_SEGMENT_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/segment.h"
#include "index/token.h"

struct segment_maker;

struct segment_maker *segment_maker_new(unsigned columns);
void	segment_maker_free(struct segment_maker *);	/* takes NULL */

/*
 * A document: begin, then its texts and values in any order, then end.  A
 * key that is there already is ERR_EXISTS (the document is dropped).
 */
int	segment_doc(struct segment_maker *, const void *key, size_t,
	    const int64_t *column, struct err *);
/* Words of a text, each counted `times`; a gap of one position lies between
 * texts, so that phrases do not reach across. */
void	segment_doc_text(struct segment_maker *, struct tokens *, const char *,
	    size_t, unsigned times);
/* A value of a property, cut to SEGMENT_TERM - 1 bytes; the same one twice
 * is one. */
void	segment_doc_value(struct segment_maker *, unsigned field, const char *,
	    size_t);
void	segment_doc_end(struct segment_maker *);

uint32_t segment_maker_docs(const struct segment_maker *);
size_t	segment_maker_memory(const struct segment_maker *);	/* bytes */

/* Write it: whole and on the disk (file, not folder), or not there.
 * Nothing is added after it. */
int	segment_maker_write(struct segment_maker *, const char *path,
	    const struct blockfile_key *, struct err *);
/* Once it is written: which of the documents added is the i-th of the
 * segment; borrowed. */
const uint32_t *segment_maker_order(const struct segment_maker *);

/*
 * One segment of several, without the documents whose bit is set in
 * dead[i] (NULL: none).  No key may be in two of them alive.  `more` is
 * asked now and then, and ends it by returning nonzero with an error set;
 * NULL: nobody is asked.  It is sealed if the first of them is, with its key.
 */
int	segment_merge(struct segment *const *, const uint64_t *const *dead,
	    size_t n, const char *path, int (*more)(void *, struct err *),
	    void *, struct err *);

/* The same, and which segment each document of the new one is of; *from is
 * the caller's.  Those of one segment keep their order. */
int	segment_merge_from(struct segment *const *,
	    const uint64_t *const *dead, size_t n, const char *path,
	    int (*more)(void *, struct err *), void *, uint32_t **from,
	    struct err *);

#endif
