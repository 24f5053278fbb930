/*
 * A part that is XML, read with docs/markup.h, and what all formats do there.
 */
#ifndef DOCS_PARTXML_H
#define DOCS_PARTXML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "docs/block.h"
#include "docs/markup.h"
#include "docs/parts.h"

struct partxml {
	struct docs_in *in;	/* own */
	struct markup *m;	/* own */
};

/* 1, 0 there is no such part.  Closing takes what was not opened. */
int	partxml_open(struct partxml *, struct parts *, const char *name,
	    const struct docs_limits *, struct err *);
void	partxml_close(struct partxml *);

/*
 * Every element of a part, as it opens, in order: take returns 0 to go into
 * it or when it has read it to its end, -1.  1, 0 there is no such part.
 */
int	partxml_each(struct parts *, const char *name,
	    const struct docs_limits *,
	    int (*take)(void *, struct markup *, struct err *), void *arg,
	    struct err *);

/* Of an element that was opened: its rest is passed over. */
int	markup_skip(struct markup *, struct err *);
/* Its text with that of the elements in it, to its end; at most max bytes are
 * kept (whole characters). */
int	markup_content(struct markup *, struct buf *, size_t max,
	    struct err *);
bool	markup_is(const struct markup *, const char *name);
/* Which of n names, sorted, it is; -1: none of them. */
int	markup_which(const struct markup *, const char *const *names, size_t n);
/* An attribute that is a number: 0 there is none, or it is out of range. */
bool	markup_number(struct markup *, const char *name, int64_t min,
	    int64_t max, int64_t *out);
/* An attribute of OOXML or ODF that is on or off; absent: as told. */
bool	markup_on(struct markup *, const char *name, bool absent);

/* The element's text is what the sink is told; a date is made RFC 3339, tags
 * are taken apart at commas and semicolons. */
int	partxml_told(struct markup *, const struct docs_sink *,
	    enum docs_meta, struct err *);
int	partxml_tell_meta(const struct docs_sink *, enum docs_meta,
	    const char *, size_t, struct err *);

#endif
