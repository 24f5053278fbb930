/*
 * A growing run of bytes: what anything longer than a fixed id is built
 * in.  Always ends with a NUL that is not counted; may hold NULs.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
	char *p;	/* own; "" when empty, never NULL */
	size_t len;
	size_t cap;	/* 0: p is not ours to free */
};

extern char buf_empty[];
#define BUF_INIT { buf_empty, 0, 0 }

void	buf_init(struct buf *);
void	buf_release(struct buf *);		/* frees, leaves it empty */
void	buf_wipe(struct buf *);			/* zeroes, then frees */
void	buf_reset(struct buf *);		/* len 0, keeps the memory */
char	*buf_reserve(struct buf *, size_t n);	/* room for n more; at len */
char	*buf_steal(struct buf *);		/* malloced; buf is empty */

void	buf_add(struct buf *, const void *, size_t);
void	buf_adds(struct buf *, const char *);
void	buf_addc(struct buf *, int c);
void	buf_addf(struct buf *, const char *, ...) ERR_FMT(2, 3);
void	buf_add_int(struct buf *, int64_t);
void	buf_cut(struct buf *, size_t len);	/* len <= buf->len */

/*
 * The whole of a file, appended: at most max bytes, else ERR_INPUT; a link
 * is followed.  ERR_ABSENT: there is no such file.  The buffer is as it
 * was when it fails.
 */
int	buf_read_file(struct buf *, const char *path, size_t max, struct err *);
int	buf_read_fd(struct buf *, int fd, const char *name, size_t max,
	    struct err *);

#endif
