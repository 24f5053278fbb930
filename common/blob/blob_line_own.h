/*
 * Members of lines, for the files blob_line*.c alone.
 */
#ifndef BLOB_BLOB_LINE_OWN_H
#define BLOB_BLOB_LINE_OWN_H

#include "blob/blob_line.h"

#define BLOB_ASKS 4
#define BLOB_WHERES 4
extern const char *const blob_asks[BLOB_ASKS];	/* enum blob_ask */
extern const char *const blob_wheres[BLOB_WHERES];	/* enum blob_where */

/* -1, and ERR_INPUT: this member is not what it must be. */
int	blob_line_wrong(const char *key, struct err *);

/* 1, 0 it is absent, -1. */
int	blob_read_size(const json_t *, const char *key, uint64_t *,
	    struct err *);
int	blob_read_sum(const json_t *, uint8_t out[HASH_LEN], struct err *);
/* A reference of its own. */
int	blob_read_said(const json_t *, json_t **, struct err *);
/* Borrowed; NULL: there is none that is right. */
const char *blob_read_key(const json_t *, struct err *);
/* Is it one that may be kept? */
int	blob_said_right(const json_t *);

/* Appended: {"key":K, and the others behind it.  NULL: nothing. */
void	blob_add_key(struct buf *, const char *key);
void	blob_add_sum(struct buf *, const uint8_t sum[HASH_LEN]);
void	blob_add_said(struct buf *, const json_t *);

#endif
