/*
 * Rows of knowledge bases: raw material (bug records, ...), tenant-wide; and
 * documents and their chunks (document.h), which are kept as rows are.  A row
 * that comes again with other content is stored as its next version.
 */
#ifndef MEMORY_RECORD_H
#define MEMORY_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct stamp;
struct store;

enum record_kind { RECORD_ROW, RECORD_DOCUMENT, RECORD_CHUNK };

struct record {
	enum record_kind kind;
	int64_t seq;			/* row of this version */
	int64_t version;		/* from 1 */
	int64_t ts_ms;			/* 0: has none */
	int64_t at_ms;			/* when this version was written; 0
					   where it was not read from a row */
	const char *kb, *record_id, *record_type, *status;	/* borrowed;
				   the type of documents and chunks is their
				   kind's name */
	json_t *json;			/* borrowed; the record as it came */
};

/* As it is printed, type and ids first, with its version if that is not the
 * first; own.  NULL: names that are not UTF-8. */
json_t	*record_json(const struct record *);

/*
 * A record on its way into the store: checked, and in the form that is
 * stored, so that its JSON need not stay.  kb: for records that name none; o
 * gets what it lacks.  NULL: ERR_INPUT says what is wrong with it.
 */
struct record_row;
struct record_row *record_row_new(json_t *o, const char *kb, struct err *);
void	record_row_free(struct record_row *);		/* takes NULL */
const char *record_row_id(const struct record_row *);
json_t	*record_row_json(const struct record_row *);	/* own */

/*
 * Store it, inside a transaction.  1 new or a new version (*version, *seq), 0
 * the newest version is the same.  ERR_DENIED: it was forgotten.
 */
int	record_put(struct store *, const struct record_row *,
	    int64_t *version, int64_t *seq, struct err *);

/* Both at once. */
int	record_add(struct store *, json_t *, const char *kb, int64_t *version,
	    int64_t *seq, struct err *);

/* Store it again as its own next version, inside a transaction: whoever
 * reads on sees it.  1, 0 there is none. */
int	record_repeat(struct store *, const char *kb, const char *id,
	    struct err *);

/* A part of an id that is made of names: what stands between its parts is in
 * none of them.  Appended. */
void	record_id_part(struct buf *, const char *);

/* Newest versions of a knowledge base (NULL: of all), in order of kb and
 * id; after_seq: only rows stored later.  Chunks that were withdrawn are none.
 * fn returns 0 to go on. */
int	record_each(struct store *, enum record_kind, const char *kb,
	    int64_t after_seq,
	    int (*fn)(void *, const struct record *, struct err *), void *,
	    struct err *);
/* Newest versions of all kinds stored later than a row, in the order of their
 * rows, those that were withdrawn, too. */
int	record_each_stored(struct store *, int64_t after_seq,
	    int (*fn)(void *, const struct record *, struct err *), void *,
	    struct err *);
/* The versions that were the newest at a time: of what was stored by then. */
int	record_each_at(struct store *, enum record_kind, int64_t at_ms,
	    int (*fn)(void *, const struct record *, struct err *), void *,
	    struct err *);
int	record_find_at(struct store *, const char *kb, const char *id,
	    int64_t at_ms, int (*fn)(void *, const struct record *,
	    struct err *), void *, struct err *);
/* 1 found, 0 absent; version 0 is the newest. */
int	record_find(struct store *, const char *kb, const char *id,
	    int64_t version, int (*fn)(void *, const struct record *,
	    struct err *), void *, struct err *);

#endif
