/*
 * What a group knows of a row in it: enough to tell what the group is worth
 * without a look at the row.
 */
#ifndef LTM_ENTRY_H
#define LTM_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ENTRY_NO_TIME INT64_MIN
#define ENTRY_NO_SEVERITY 255

struct entry_head {
	uint64_t hash;		/* of the record, its id in it; and of its
				   keywords, which may change when it does
				   not */
	int64_t ts_ms;		/* or ENTRY_NO_TIME */
	unsigned severity;	/* place in the processor's list */
	uint64_t weight;	/* the row counts 1/sqrt of this */
	const char *id;		/* record_id; borrowed; no NUL when read */
	size_t id_len;
};

void	entry_put_head(struct buf *, const struct entry_head *);
/* Lists of texts follow: how many, then each. */
void	entry_put_count(struct buf *, size_t);
void	entry_put_text(struct buf *, const char *, size_t len);

/* Adds to the hash in a head that was put there. */
void	entry_mix(char *entry, uint64_t);

/* A stem, and how it was written. */
void	entry_put_keyword(struct buf *, const char *stem, size_t stem_len,
	    const char *word, size_t len);

/* Reading moves *p on; false: the bytes end before, it is damaged. */
bool	entry_get_head(const char **p, const char *end, struct entry_head *);
bool	entry_get_count(const char **p, const char *end, uint64_t *);
bool	entry_get_text(const char **p, const char *end, const char **,
	    size_t *len);

/* The word in two: what it begins with of the stem, and the rest. */
bool	entry_get_keyword(const char **p, const char *end, const char **stem,
	    size_t *stem_len, size_t *same, const char **rest, size_t *len);

/* Are all of these among its keywords, which are what comes next: "a+b"? */
bool	entry_has_words(const char *p, const char *end, const char *words);

#endif
