/*
 * What texts say of entities and relations, added up in memory: how often,
 * from when to when, and where it can be read.
 *
 * A text counts once, however often it names a thing.  Of where it can be read
 * the first, the last and a few others are kept: those whose numbers have the
 * least hashes (the "bottom k" of E. Cohen, H. Kaplan, "Summarizing data using
 * bottom-k sketches", PODC 2007).  So which they are does not depend on what
 * was added when, and two sums have one sum.
 */
#ifndef GRAPH_SUM_H
#define GRAPH_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "graph/name.h"

#define GRAPH_SOME 4		/* others kept, between first and last */
#define GRAPH_FORMS 6		/* ways to write one name */

struct seen_in {		/* where something can be read */
	uint32_t n;		/* texts, exactly */
	uint32_t somes;
	int64_t first_ms, last_ms;
	int64_t first, last;		/* rows */
	int64_t some[GRAPH_SOME];	/* rows, by hash */
};
void	seen_in_add(struct seen_in *, int64_t row, int64_t ms);
void	seen_in_merge(struct seen_in *, const struct seen_in *);
/* All rows that are kept, each once, in the order of their numbers but the
 * first first and the last last; returns how many. */
#define GRAPH_ROWS (GRAPH_SOME + 2)
size_t	seen_in_rows(const struct seen_in *, int64_t rows[GRAPH_ROWS]);

/* What it is, of all that it was taken for: the last of those that at least one
 * in five texts took it for. */
enum graph_kind graph_kind_of(const uint32_t kinds[GRAPH_KINDS]);

struct sum_form {
	const char *p;			/* the map's */
	uint32_t n;
};

struct sum_entity {
	const char *key;		/* the map's */
	uint32_t kinds[GRAPH_KINDS];	/* texts that name it as one */
	uint32_t stamp;			/* text that was counted last */
	uint32_t strong;		/* texts where its form alone tells */
	uint32_t strong_stamp;
	uint32_t voted;			/* text where a model said what it is */
	uint32_t nforms;
	struct sum_form form[GRAPH_FORMS];
	struct seen_in in;
};

/* a -> b; of GRAPH_NEAR, which has no direction, a < b. */
#define GRAPH_NEAR 0		/* kind: in one sentence */
struct sum_pair {
	uint32_t a, b;
	uint32_t kind;
	uint32_t stamp;
	struct seen_in in;
};

struct sum {
	struct map keys, forms, kinds;
	struct sum_entity *entity;	/* own */
	size_t entities, entity_cap;
	struct sum_pair *pair;		/* own */
	size_t pairs, pair_cap;
	uint32_t *slot;			/* own; pair + 1 */
	size_t slots;
	struct buf key;
	uint32_t stamp;			/* of the text at hand */
	int64_t row, ms;
	int64_t docs;			/* texts added */
	bool muted;			/* what is said now was counted */
};

void	sum_init(struct sum *);
void	sum_release(struct sum *);

/* The next text. */
void	sum_text(struct sum *, int64_t row, int64_t ms);
/* It names this; strong: that it is a name follows from its form, or from
 * where it stands.  The number of the entity; -1: it is none. */
int64_t	sum_name(struct sum *, enum graph_kind, const char *, size_t,
	    bool strong);
/* The same of a name that a model proposed.  What it is taken for counts even
 * where the text was read to name it: kinds then sum up to more than texts. */
int64_t	sum_propose(struct sum *, enum graph_kind, const char *, size_t);
/* That this is a name follows from what the text says of it. */
void	sum_strong(struct sum *, int64_t entity);
/* The number of a kind of relations. */
uint32_t sum_kind(struct sum *, const char *);
void	sum_pair(struct sum *, int64_t a, int64_t b, uint32_t kind);
/* Did the text say so already? */
bool	sum_said(const struct sum *, int64_t a, int64_t b, uint32_t kind);

/*
 * A text that was added before, to another sum: what it says until `muted` is
 * taken back counts there, and what it says after that counts here, as if it
 * had been said then.  Entities and pairs that only it names have n = 0.
 */
void	sum_text_again(struct sum *, int64_t row, int64_t ms);

/* Kinds of relations that a model proposed (propose.h) have this before their
 * name: they are not mixed with what rules read. */
#define SUM_PROPOSED '?'

#endif
