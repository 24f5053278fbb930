/*
 * Change segments: what came in at one node, as a file that others take in
 * (segment_apply.h).  memkit-remote(5) has its form: JSON Lines in one frame
 * of zstd, a head that names the node and the range of its change log, the
 * records, an end with their counts and the SHA-256 of what is before it.  The
 * file is named by its own SHA-256.
 *
 * Made of the same changes it has the same bytes, unless a row was forgotten in
 * between: that is left out, and the tombstone is a change of its own.
 */
#ifndef SYNC_SEGMENTFILE_H
#define SYNC_SEGMENTFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"

struct store;

#define SEGMENT_FORMAT 1
#define SEGMENT_CHANGES 10000		/* in one, at most */
#define SEGMENT_JSON ((size_t)8 << 20)	/* bytes after which it ends */
#define SEGMENT_MAX ((size_t)256 << 20)	/* of JSON that is believed */

struct segment_head {
	char node[ULID_LEN + 1];	/* whose log: (from, to] of it */
	int64_t from, to;
	char store_id[ULID_LEN + 1];
	char *tenant;			/* own */
	bool sealed;			/* the tenant is: into no other */
};
void	segment_head_release(struct segment_head *);

/*
 * The changes of this node (NULL), or of one that this copy was, after "from",
 * to "to" at most (0: the newest), as far as one segment takes them: head->to
 * tells.  Appends the file.  1; 0 there are none of its own: the next that has
 * some begins at this "from", too.
 * ERR_ABSENT: the log was trimmed (mem-admin compact) and a snapshot is needed;
 * ERR_USAGE: "to" is not there yet.  The caller registers as a consumer, so
 * that it is not trimmed again before he has them.
 */
int	segmentfile_make(struct store *, const char *node, int64_t from,
	    int64_t to, struct buf *out, struct segment_head *, struct err *);
/* Are changes after this one gone from the log, which one that is made from
 * there would have to have?  1, 0. */
int	segmentfile_lost(struct store *, const char *node, int64_t from,
	    struct err *);

/* One that was read. */
struct segmentfile {
	struct segment_head head;
	int64_t records;
	struct buf text;	/* own; all of its lines */
	size_t begin, end;	/* the records in it */
};

/*
 * Unpack and look through a file.  ERR_CORRUPT says what is wrong with it;
 * ERR_VERSION: a newer memkit made it.  Release it in any case.
 */
int	segmentfile_read(struct segmentfile *, const void *, size_t,
	    struct err *);
void	segmentfile_release(struct segmentfile *);

/* The records, from *at = segment->begin on.  1, 0 no more. */
int	segmentfile_next(const struct segmentfile *, size_t *at,
	    const char **line, size_t *len);

#endif
