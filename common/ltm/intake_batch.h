/*
 * A batch of rows on its way to groups; for intake*.c alone.
 *
 *	intake.c	a batch: its rows are read, and put where they belong
 *	intake_row.c	a row as it is read, and what ltm_row says of it
 *	intake_emit.c	groups of its values
 *	intake_words.c	its words, and which of them are keywords
 *	intake_drop.c	rows that go: an older version, one that was forgotten
 *	intake_move.c	rows that are in, and get other keywords
 *
 * What a group is to know of a row lies in intake.bytes, from its emit or its
 * pending words to the end of the batch.
 */
#ifndef LTM_INTAKE_BATCH_H
#define LTM_INTAKE_BATCH_H

#include "index/token.h"
#include "ltm/intake.h"
#include "store/db.h"
#include "store/sealed.h"

struct word {
	struct group *g;	/* rows that have it */
	unsigned tf;
	unsigned weight;	/* of words_best */
	size_t at, len;		/* how it was written: in the emits' bytes */
	size_t stem_at, stem_len;
};

/* That a row belongs to a group, and what the group is to know of it. */
struct emit {
	struct group *g;
	size_t at, len;		/* in bytes */
};

/* Words of a row for one dimension, with what their groups are to know. */
struct pending {
	size_t taken;		/* the row */
	int dim;
	size_t word, nwords;	/* in the list of words */
	size_t head_at, head_len, rest_at, rest_len;
};

struct taken {
	int64_t seq;
	int64_t *ids;		/* own; of its groups */
	size_t n, cap;
	bool gone;		/* its next version is in the batch */
	size_t pending, npending;	/* its words */
};

struct intake {
	struct store *st;
	const struct processor *p;
	struct groups *gs;
	const char *kb;
	int64_t kb_id;
	bool verdicts;		/* somebody rejected something */
	bool counting;		/* words of the row are to be counted */
	struct row row;
	struct tokens tokens;
	struct buf json;	/* of the row */
	struct emit *emits;	/* own; of the row */
	size_t nemits, cap_emits;
	struct word *words;	/* own; of the batch */
	size_t nwords, cap_words;
	struct pending *pending;	/* own; of the batch */
	size_t npending, cap_pending;
	struct taken *taken;	/* own; of the batch, in order of seq */
	size_t ntaken, cap_taken;
	struct buf bytes;	/* of the batch: what the above refer to */
	struct buf name;
};

/* Numbers of rows. */
struct rows {
	int64_t *v;		/* own */
	size_t n, cap;
};

/* Forget what the batch holds. */
void	intake_clear(struct intake *);

/* --- intake_row.c ------------------------------------------------------ */

/* What intake_read takes. */
#define INTAKE_COLUMNS "SELECT seq, id, version, ts, hash, dict, " \
	OPEN_RECORD("") ", type " \
	"FROM record "

/* Into in->row.  1: the row at which the query stands counts. */
int	intake_read(struct intake *, struct db_query *, struct err *);

/* A group that the row is in: its id, as in ltm_row. */
void	taken_note(struct taken *, int64_t id);

/* The groups of a row that was taken in by an earlier batch, appended.  1;
 * 0: it is in none. */
int	intake_stored(struct intake *, int64_t row, struct buf *ids,
	    struct err *);
int	intake_store(struct intake *, const struct taken *, struct err *);
int	intake_unstore(struct intake *, int64_t row, struct err *);

/* For group_each, too: *arg is a struct rows. */
int	rows_note(void *arg, int64_t row, const char *entry, size_t len);
/* For qsort and bsearch. */
int	rows_compare(const void *, const void *);

/* --- intake_emit.c ----------------------------------------------------- */

/* What in->row is in: groups of its values to in->emits, words to
 * in->pending. */
int	intake_emit(struct intake *, struct err *);

/* Parts of an entry: its head into in->bytes, a list. */
void	intake_put_head(struct intake *, const struct dimension *);
void	intake_put_list(struct buf *, const struct row_list *);

/* --- intake_words.c ---------------------------------------------------- */

int	intake_find_words(struct intake *, int dim, struct err *);
/* Words of the batch to their groups, when all are counted. */
int	intake_put_words(struct intake *, struct err *);

/* What the groups of its keywords are to know of a row; the first n words
 * are these. */
void	intake_put_keywords(struct intake *, const struct pending *, size_t n,
	    struct buf *out);
/* Does the group of the ith of n keywords have to know of the row? */
bool	intake_begins_set(size_t i, size_t n);

/* Rows that have a word, as its weight takes them. */
int64_t	words_rounded(int64_t n, int64_t least);
/* The best, in the order of their stems; how many. */
size_t	words_best(struct word *, size_t n, const struct buf *bytes,
	    int64_t least);

/* --- intake_drop.c, intake_move.c -------------------------------------- */

/* The version before this one is no more, wherever it is. */
int	intake_drop_before(struct intake *, const char *id, int64_t version,
	    struct err *);

/* Rows that are in, and have a word whose weight has moved, get what keywords
 * are theirs now.  The batch is lost. */
int	intake_move(struct intake *, struct err *);

#endif
