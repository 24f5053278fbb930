/*
 * A graph in a database of its own: entities, and of each the relations that
 * it has, both ways, in one value, so that what is around an entity is one
 * read.  index/graph/USER/graph.db is made of a user's events,
 * index/graph-kb/graph.db of the rows of all knowledge bases of the tenant;
 * both are derived, and may be deleted.
 *
 * A row is only ever added to: what was forgotten, and rows that have a newer
 * version, make a new file (build.h).
 */
#ifndef GRAPH_FILE_H
#define GRAPH_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "graph/sum.h"

#define GRAPH_FORMAT 3	/* a literal: it stands in SQL, too */

struct db;

/* How far it goes, written with what came from there. */
struct graph_mark {
	int64_t row;		/* of event, or of record */
	int64_t tombstone;
	int64_t docs;		/* texts that it counts */
	int64_t proposals;	/* which of propose.h, 0: none */
	int64_t proposed;	/* how far it has them */
};

/* In how many texts an entity is, what it is, and whether its form alone tells
 * that it is a name: what a list of its neighbours is sorted by, without their
 * rows. */
struct graph_count {
	uint32_t n;		/* at most GRAPH_COUNT_MAX */
	enum graph_kind kind;
	bool strong;
};
#define GRAPH_COUNT_MAX ((uint32_t)1 << 27)
#define GRAPH_CHUNK 1024	/* entities of a row of counts */

struct graph_file {
	struct db *db;		/* own */
	uint8_t **chunk;	/* own; counts, once they were read */
	size_t chunks;
	struct graph_mark mark;
	struct strv kinds;	/* own; of relations, by number */
	bool records;		/* rows are of knowledge bases */
	char *path;		/* own; NULL in memory */
	bool damaged;		/* it goes when it is closed: the next call
				   makes it anew */
};

/* NULL: in memory. */
int	graph_file_make(struct graph_file *, const char *path, struct err *);
/* 1; 0 there is none, or it is damaged, or of another memkit: it is to be made
 * anew. */
int	graph_file_open(struct graph_file *, const char *path, bool write,
	    struct err *);
void	graph_file_close(struct graph_file *);

/* Adds a sum, and moves the mark: one transaction. */
int	graph_file_add(struct graph_file *, const struct sum *,
	    const struct graph_mark *, struct err *);

/* --- reading ----------------------------------------------------------- */

struct graph_row {
	int64_t id;		/* in this file */
	char *key;		/* own */
	enum graph_kind kind;	/* graph_kind_of(kinds) */
	uint32_t kinds[GRAPH_KINDS];
	uint32_t strong;
	struct strv forms;	/* own; the most common first */
	uint32_t form_n[GRAPH_FORMS];
	struct seen_in in;
};
void	graph_row_release(struct graph_row *);
/* 1, 0. */
int	graph_row_find(struct graph_file *, const char *key,
	    struct graph_row *, struct err *);
int	graph_row_get(struct graph_file *, int64_t id, struct graph_row *,
	    struct err *);
/* Those whose qualified name ends so; all where tail is NULL. fn returns 0 to
 * go on; the row is borrowed. */
int	graph_row_each(struct graph_file *, const char *tail,
	    int (*fn)(void *, const struct graph_row *, struct err *), void *,
	    struct err *);

struct graph_edge {
	int64_t other;
	uint32_t kind;		/* in kinds */
	bool in;		/* it goes from the other to this */
	struct seen_in seen;
};
struct graph_edges {
	struct graph_edge *v;	/* own */
	size_t n, cap;
};
/* All of an entity; those that it had are gone. */
int	graph_edges_read(struct graph_file *, int64_t id,
	    struct graph_edges *, struct err *);
void	graph_edges_release(struct graph_edges *);

/* The same as bytes: what most are not looked at for is not unpacked.  Added
 * to the buffer, which stays empty where it has none. */
int	graph_edges_body(struct graph_file *, int64_t id, struct buf *,
	    struct err *);

/* Of a number that the file does not have, n is 0. */
int	graph_count_get(struct graph_file *, int64_t id, struct graph_count *,
	    struct err *);

/* For graph_file_add, and who tries what bytes may be: -1 ERR_INDEX. */
void	graph_edges_pack(struct buf *, const struct graph_edges *);
int	graph_edges_unpack(struct graph_edges *, const void *, size_t,
	    struct err *);
/* One of them; NULL: bad.  Skimmed it has other, kind, in and seen.n, and the
 * numbers behind these are passed over. */
const uint8_t *graph_edge_unpack(struct graph_edge *, const uint8_t *,
	    const uint8_t *end);
const uint8_t *graph_edge_skim(struct graph_edge *, const uint8_t *,
	    const uint8_t *end);
int	graph_is_damaged(struct err *);		/* says so: -1 ERR_INDEX */
void	seen_in_pack(struct buf *, const struct seen_in *);
const uint8_t *seen_in_unpack(struct seen_in *, const uint8_t *,
	    const uint8_t *end);	/* NULL: bad */
/* Where an entity was read, and what it was taken for. */
void	graph_row_pack(struct buf *, const struct seen_in *,
	    const uint32_t kinds[GRAPH_KINDS]);
bool	graph_row_unpack(struct seen_in *, uint32_t kinds[GRAPH_KINDS],
	    const void *, size_t);
void	graph_count_pack(uint8_t out[4], const struct graph_count *);

#endif
