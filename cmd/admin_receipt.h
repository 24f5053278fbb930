/*
 * Receipts of what was forgotten, or redacted: a record of memkit-json(5), in
 * a file of its own.  Ids are as they were given, so that it can be applied
 * again to a store that was restored from before; of texts there are prints
 * alone.
 */
#ifndef CMD_ADMIN_RECEIPT_H
#define CMD_ADMIN_RECEIPT_H

#include <jansson.h>
#include <stdbool.h>

#include "admin/erase.h"
#include "base/err.h"

struct store;

/* One that has begun: forget or redact, by what; own.  NULL: ERR_SYS. */
json_t	*receipt_new(struct store *, const char *what, const char *by,
	    bool dry_run, struct err *);
/* A row of the audit log that names it; it gets the hash of that. */
int	receipt_audit(json_t *, struct store *, const char *detail,
	    struct err *);
/* Graphs of the user (NULL: of all) and the tenant go: they are made anew when
 * they are asked for, without what is gone. */
int	receipt_graphs(struct store *, const char *user, struct err *);
/* What is left to be done here, done: indexes of the user (NULL: of all) and
 * the tenant, dictionaries, room on the disk. */
int	receipt_finish(struct store *, const char *user, struct err *);
/* What has to be done yet, and by what; finished: not here. */
int	receipt_left(json_t *, struct store *, const struct erase_rest *,
	    bool finished, struct err *);

/* Counts by kind, without those of nothing; own. */
json_t	*receipt_counts(const struct erase_counts *);
json_t	*receipt_targets(const struct erase_targets *);

/* Is it a place for one?  ERR_EXISTS: something is there. */
int	receipt_free(const char *path, struct err *);
int	receipt_write(const char *path, const json_t *, struct err *);
/* A receipt, whoever wrote it; own.  NULL: ERR_ABSENT, ERR_INPUT. */
json_t	*receipt_read(const char *path, struct err *);
int	receipt_read_targets(const json_t *, struct erase_targets *,
	    struct err *);

#endif
