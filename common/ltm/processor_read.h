/*
 * For processor*.c and live_rules.c alone.
 */
#ifndef LTM_PROCESSOR_READ_H
#define LTM_PROCESSOR_READ_H

#include "base/conf_parse.h"
#include "ltm/processor.h"

struct reading {
	struct processor *p;
	const char *text, *file;	/* borrowed */
	size_t len;
	const struct conf_item *item;	/* at which we are */
	struct dimension *dim;		/* whose section it is in */
	struct processor_key *key;
	struct err *e;
};

/* An error at this byte of the text. */
int	processor_bad(struct reading *, size_t at, const char *, ...)
	    ERR_FMT(3, 4);
/* The number of a key, made if there is none; -1. */
int	processor_key_of(struct reading *, const char *name);

/* The item at which we are, with a dimension or a key. */
int	processor_dim_item(struct reading *, const char *name);
int	processor_key_item(struct reading *, const char *name);
/* When all are read: does it fit together? */
int	processor_dim_end(struct reading *, struct dimension *);

/* Words of the value, divided by blanks. */
void	processor_words(const struct reading *, struct strv *);
/* "0.25": ten thousandths in [min, max]. */
int	processor_decimal(struct reading *, const char *, int min, int max,
	    int *out);

#endif
