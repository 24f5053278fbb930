/*
 * The index of a scope (the events of a user, the nodes of the contents, the
 * grips, the facts, the artifacts; the records of the tenant, its facts) as a
 * search sees it: its segments, without what was forgotten or replaced since,
 * up to a row from which the tail goes on.
 */
#ifndef SEARCH_INDEXED_H
#define SEARCH_INDEXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/blockfile.h"
#include "index/manifest.h"
#include "index/rank.h"
#include "search/doc.h"
#include "search/seen.h"

struct embedder;
struct store;

/* Columns of every document. */
enum { INDEXED_ROW, INDEXED_TIME, INDEXED_SESSION, INDEXED_TRAITS,
    INDEXED_COLUMNS };
#define INDEXED_NO_TIME INT64_MIN
#define INDEXED_UNTIL INDEXED_SESSION	/* of a fact: until_ms */

/* Field of a property's values in the index. */
#define INDEXED_FIELD(kind) (SEGMENT_FIELD + (unsigned)(kind))

struct indexed {
	struct store *st;		/* borrowed; from within */
	enum source source;		/* before SOURCE_SESSION */
	const struct language *language;	/* borrowed, of the store */
	struct blockfile_key key;
	struct index x;			/* its key is the one above */
	struct rank_part *part;		/* own */
	int64_t after;			/* the tail: rows after this one */
	int64_t turned;			/* and of artifacts what turned later */
	/* of indexed_vectors */
	struct vector_part *vector;	/* own; beside part; NULL: none */
	int64_t vectors;		/* documents alive that have one */
	uint64_t **fresh;		/* own; of each part, dead since the
					   manifest; own, or NULL */
	uint64_t **shut;		/* own; of each part, dead or not to
					   be seen; own, NULL: the dead alone.
					   NULL: of all parts */
	/* pieces of what the files count and is not seen, and of what is
	 * alive where that is less */
	uint32_t *fresh_df, *alive_df;	/* own; NULL: none */
	bool *counted;			/* own; by alive_df; of each part */
};

/* Where the index of a scope lies; own. */
char	*indexed_dir(const struct store *, enum source);
/* And how its files are kept: of a sealed tenant under a key of the folder.
 * As store_index_key; wipe it. */
int	indexed_seal(struct store *, enum source, struct blockfile_key *,
	    struct err *);
/* Of a folder, as its path below that of the tenant is. */
int	indexed_seal_of(struct store *, const char *folder,
	    struct blockfile_key *, struct err *);

/*
 * Field of the row of what a document is of, eight bytes, most significant
 * first: of an event its session, only where something was said, for who is
 * beside an event is found in this list; of contents the node, for what was
 * indexed of it is dead when it is touched; of a fact the number of its
 * session (doc.h), of an artifact the row of its session, for who is bound to
 * one; of a chunk the number of its document.  Facts that end some day are in
 * a list of their own, too.
 */
#define INDEXED_OF INDEXED_FIELD(FIELD_SCOPE)	/* which is in no list */
#define INDEXED_ENDS "ends"
void	indexed_row(char key[8], int64_t row);

/* How far an index goes: the member that counts in this scope. */
int64_t	*indexed_mark(struct manifest *, enum source);

/* The key of a document: the ULID of an event; of all others the id, a NUL
 * and what else tells it from others (within, of doc.h), if anything. */
void	indexed_key(struct buf *, enum source, const char *within,
	    const char *id);

/* Does the index have values of this property?  Not of one that changes in
 * place: the state of an artifact. */
bool	indexed_has(enum source, enum field_kind);
/* A value as it stands in the index: ASCII in lower case, what is very long
 * cut and hashed.  *whole: not cut. */
void	indexed_value(struct buf *, const char *, size_t, bool *whole);

/*
 * Before the view of the store is taken: 1 open, 0 there is none; do not
 * move the struct while it is open.
 * ERR_VERSION: its words are not those of this memkit, or not of the store's
 * language.  Inside the view, indexed_view leaves out what is no more.
 */
int	indexed_open(struct indexed *, struct store *, enum source,
	    struct err *);
/* The same of a manifest, which is taken over; it comes back in ->x.m. */
int	indexed_open_as(struct indexed *, struct store *, enum source,
	    struct manifest *, struct err *);
int	indexed_view(struct indexed *, struct err *);
/* And then what may not be seen of this user (seen.h). */
int	indexed_see(struct indexed *, struct seen *, size_t who,
	    struct err *);
void	indexed_close(struct indexed *);
/* Documents that the manifest counts as alive. */
int64_t	indexed_live(const struct indexed *);
/* Own affairs of indexed*.c. */
void	indexed_open_again(struct indexed *);
void	indexed_kill(struct indexed *, size_t part, uint32_t doc);
int	indexed_kill_key(struct indexed *, const struct buf *key, struct err *);
/* Those that have a value in the list INDEXED_OF; fn returns 0 to go on. */
int	indexed_each_of(struct indexed *, const char *value, size_t len,
	    int (*fn)(struct indexed *, size_t part, uint32_t doc,
	    struct err *), struct err *);
int	indexed_view_facts(struct indexed *, struct err *);
int	indexed_view_artifacts(struct indexed *, struct err *);
void	indexed_set_parts(struct indexed *);
void	indexed_drop_vectors(struct indexed *);

/*
 * Vectors, for who wants them.  Between indexed_open and indexed_view: 1
 * they are open; 0 there are none of this embedder's model, or not yet of
 * all documents; -1 they are damaged, and the index is of use without them.
 * It may read the manifest again, and bring newer segments.
 */
int	indexed_vectors(struct indexed *, const struct embedder *,
	    struct err *);
/* After indexed_view and indexed_see, which set the dead of ->vector: makes
 * ->vectors and the frequencies exact.  -1: damaged; ->vector is NULL then. */
int	indexed_vectors_view(struct indexed *, struct err *);
/* How many documents alive have a piece (of all: ->vectors). */
int	indexed_piece_df(struct indexed *, uint32_t piece, uint32_t *df,
	    struct err *);

#endif
