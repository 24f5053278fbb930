/*
 * The body of a version: what it says.  In the store it is lines of text,
 * which cost a tenth of what JSON does to read:
 *
 *	T title
 *	B weight cues grip[,grip...] text	a bullet; weight in thousandths
 *	K keyword
 *
 * No text has an end of a line in it.
 */
#ifndef TOC_TOC_BODY_H
#define TOC_TOC_BODY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct store;

#define TOC_BODY_MAX ((size_t)4 << 20)	/* bytes */

struct toc_bullet {
	const char *text;		/* borrowed, as the next */
	size_t len;
	const char *grips;		/* ids, with commas between */
	size_t grips_len;
	double weight;
	unsigned cues;
};

void	toc_body_title(struct buf *, const char *);
void	toc_body_bullet(struct buf *, const struct toc_bullet *);
void	toc_body_keywords(struct buf *, char *const *, size_t n);

/* Line by line. */
struct toc_line {
	char kind;			/* T, B, K */
	const char *all;		/* the line with its end, borrowed */
	size_t all_len;
	struct toc_bullet b;		/* T, K: only text and len */
};
/* 1 a line, 0 no more; lines that are none of ours are passed over. */
int	toc_body_next(const struct buf *, size_t *at, struct toc_line *);

/* The next id of a list of grips; 1, or 0. */
int	toc_grip_next(const char **ids, size_t *len, const char **id,
	    size_t *id_len);

/* From the store, appended. */
int	toc_body_read(struct store *, const void *, size_t len, int64_t dict,
	    struct buf *, struct err *);

/* {text, grip_ids}; own. */
json_t	*toc_bullet_json(const struct toc_bullet *);
/* {title, bullets, keywords}; own. */
json_t	*toc_body_json(const struct buf *);

#endif
