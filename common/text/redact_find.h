/*
 * Where the secrets are in a text.
 */
#ifndef TEXT_REDACT_FIND_H
#define TEXT_REDACT_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/redact_rule.h"

#define FILTER_BITS 16
#define BUCKETS 1024

/* What is to be replaced. */
struct span {
	size_t from, to;
	const struct rule *rule;	/* borrowed */
};

struct redact {
	struct rules rules;
	struct buf extra;		/* own; text of the extra rules */
	struct pattern_text text;
	struct span *span;		/* own; in order, apart */
	size_t nspan, span_cap;
	bool private;			/* an open tag was seen */
	uint16_t bucket[BUCKETS];	/* of literals; index + 1, 0 none */
	unsigned char filter[1 << (FILTER_BITS - 3)];
};

static const char open_tag[] = "<private>", close_tag[] = "</private>";

/* Make ready to find what the rules name. */
void	redact_build(struct redact *);

/* Fill r->span.  When it sets r->private, a tag was seen first, and the
 * spans are of no use. */
void	redact_find(struct redact *, const char *, size_t);

#endif
