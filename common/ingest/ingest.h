/*
 * Records in.  Lines are parsed, checked and redacted as they come, and
 * stored in batches, each one transaction; a result is told only after its
 * batch is on the disk.  in = stored + duplicate + rejected, always.
 */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct original_want;
struct store;

#define INGEST_BATCH 1000	/* records */
#define INGEST_WAIT_MS 100	/* the oldest of a batch waits at most */

enum ingest_status { INGEST_STORED, INGEST_DUPLICATE, INGEST_REJECTED };
extern const char *const ingest_statuses[];

/* What became of one line; borrowed, for the time of the call. */
struct ingest_result {
	int64_t line;		/* from 1 */
	enum ingest_status status;
	const char *id;		/* or NULL: it has none */
	const char *reason;	/* rejected: one of few; never quotes values */
	const char *detail;	/* rejected: the same in full */
	bool clash;		/* stored: a value or version that was written
				   without knowing one that is here */
	json_t *record;		/* redacted, with its id; NULL: no JSON, or an
				   event, neither refused nor wanted whole */
	const char *raw;	/* with record NULL: the line, redacted, U+FFFD
				   for what is no text */
};

struct ingest_config {
	bool redact;
	bool strict;		/* one transaction for everything */
	bool within;		/* a part of the caller's transaction, which is
				   open: he ends it, then calls db_settle and
				   file_forget if something was forgotten */
	int64_t node;		/* whose values and versions those are that do
				   not say it, by number (store/node.h); 0:
				   this one's */
	bool rows;		/* rows of artifacts, too, though it is of
				   this one (an export) */
	bool whole;		/* tell of stored events as event_json shows
				   them, not as they came */
	int64_t batch;		/* records a transaction */
	const char *kb;		/* of records that name none; or NULL */
	/* Documents wait for their originals where these settings want them
	 * (original.h); borrowed, NULL: they have none. */
	const struct original_want *originals;
	/* For each line in order, once it is on the disk; with strict, once
	 * it would be, and what was told of stored ones counts only after
	 * ingest_end, if it was not undone.  Control records (start, cursor,
	 * end) too, with line 0.  May be NULL. */
	int (*told)(void *, const struct ingest_result *, struct err *);
	void *arg;
};

struct ingest;
int	ingest_new(struct ingest **, struct store *,
	    const struct ingest_config *, struct err *);
void	ingest_free(struct ingest *);	/* what was not committed is lost */

/* One line; commits when a batch is full.  A line of a file of refused
 * lines (type "reject") counts as what it holds. */
int	ingest_line(struct ingest *, int64_t line, const char *, size_t,
	    struct err *);
/* A line that was too long to read. */
int	ingest_long(struct ingest *, int64_t line, size_t max, struct err *);

/* How long the batch may still wait; -1: it is empty. */
int	ingest_wait_ms(const struct ingest *);
int	ingest_commit(struct ingest *, struct err *);

/*
 * The end of the input: commits the rest.  With strict: everything, or
 * nothing when a line was rejected, mem-from skipped a row, or there is no
 * clean end.
 */
int	ingest_end(struct ingest *, struct err *);

struct ingest_sums {
	int64_t in, stored, duplicate, rejected;
	int64_t foreign;	/* of the rejected: no JSON, or of no type
				   that memkit has */
	int64_t clashes;	/* of the stored */
	int64_t documents;	/* of the stored, that wait for originals; */
	int64_t first_document;	/* and the row of the first of them */
	bool forgot;		/* a tombstone was among them */
	int64_t forgot_after;	/* and those that were there had numbers up to
				   this one: for file_forget */
	int64_t skipped;	/* by mem-from, on the other side of the pipe */
	int64_t total_input;	/* what it met of bug records; -1: it did not
				   say */
	int64_t truncated;	/* of these, in which it cut something */
	bool torn;		/* a start without its end */
	bool undone;		/* strict, and nothing was stored */
};
const struct ingest_sums *ingest_sums(const struct ingest *);
json_t	*ingest_summary(const struct ingest *);	/* the summary record; own */

#endif
