/*
 * The file of a segment in the making: bytes one after the other, their
 * check sums beside; and streams, which become sections after it.  Private
 * to segment_*.c.
 */
#ifndef INDEX_SEGMENT_OUT_H
#define INDEX_SEGMENT_OUT_H

#include "base/file.h"
#include "index/blockfile.h"
#include "index/segment_format.h"

struct seg_out {
	struct file_new file;
	struct blockfile_out out;
	uint8_t *room;			/* own */
	size_t n;
	uint64_t at;			/* before room: written, but for the
					   header */
	uint32_t *check;		/* own; of each page written */
	size_t checks, checks_cap;
	uint8_t first[SEG_PAGE];	/* page 0, once it is written */
};

/* The header's bytes are left free. */
int	seg_out_open(struct seg_out *, const char *path,
	    const struct blockfile_key *, struct err *);
int	seg_out_add(struct seg_out *, const void *, size_t, struct err *);
uint64_t seg_out_at(const struct seg_out *);
/* Check sums, header, fsync, rename.  Sets the sums in the header. */
int	seg_out_done(struct seg_out *, uint8_t header[SEG_HEADER],
	    struct err *);
void	seg_out_release(struct seg_out *);	/* drops what is not done */

/* Bytes that go to a file without a name when they become many: sealed, if
 * the segment is. */
struct seg_stream {
	const char *path;		/* borrowed; beside it */
	const struct blockfile_key *key;	/* borrowed */
	struct buf room;
	int fd;				/* -1: all is in room */
	struct blockfile_out out;
	uint64_t at;			/* in the file */
};
void	seg_stream_init(struct seg_stream *, const char *path,
	    const struct blockfile_key *);
int	seg_stream_add(struct seg_stream *, const void *, size_t,
	    struct err *);
uint64_t seg_stream_at(const struct seg_stream *);
/* All of it to out; it is empty then. */
int	seg_stream_copy(struct seg_stream *, struct seg_out *, struct err *);
void	seg_stream_release(struct seg_stream *);

#endif
