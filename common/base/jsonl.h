/*
 * Lines from a file descriptor, with numbers, a cap on their length, and
 * a deadline.  A line over the cap is skipped to its end and counted, not
 * kept: memory is bounded by the cap.
 */
#ifndef BASE_JSONL_H
#define BASE_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSONL_MAX ((size_t)32 << 20)	/* longest line by default, bytes */

struct jsonl {
	int fd;			/* borrowed */
	const char *name;	/* borrowed; for messages */
	size_t max;		/* longest line */
	char end;		/* what ends one: a newline, or 0, and then
				   nothing but that is taken off */
	struct buf b;		/* own; what was read */
	size_t at;		/* first byte of b not given out yet */
	size_t seen;		/* b[at .. seen) holds no newline */
	int64_t line_no;	/* of the line last given out, from 1 */
	int64_t offset;		/* in the input, of the end of that line */
	bool skipping;		/* in the middle of a line over the cap */
	bool eof;
};

enum jsonl_got { JSONL_FAIL = -1, JSONL_EOF, JSONL_LINE, JSONL_LONG,
    JSONL_WAIT };

/* max, end, line_no and offset may be set after it, before the first call. */
void	jsonl_init(struct jsonl *, int fd, const char *name);
void	jsonl_release(struct jsonl *);

/*
 * The next line without its end ("\n" or "\r\n"; the first without its
 * byte order mark).  JSONL_LINE: *p and *n are borrowed until the next
 * call; p[n] is 0, the caller may write to the line, and NULs in it are
 * handed on.  JSONL_LONG: there was one over the cap.  JSONL_WAIT: no
 * whole line came within wait_ms (-1 waits for ever).  *ended (may be
 * NULL) is false for a last line that no newline ends.
 */
enum jsonl_got jsonl_next(struct jsonl *, int wait_ms, char **p, size_t *n,
	    bool *ended, struct err *);

/* So many bytes that follow the line given out last, appended.  ERR_INPUT: the
 * input ends before. */
int	jsonl_bytes(struct jsonl *, struct buf *, size_t n, struct err *);

#endif
