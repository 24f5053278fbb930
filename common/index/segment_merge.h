/*
 * A merge on its way.  Private to segment_merge*.c.
 */
#ifndef INDEX_SEGMENT_MERGE_H
#define INDEX_SEGMENT_MERGE_H

#include "index/segment_write.h"

#define MERGE_GONE UINT32_MAX

struct merge_source {
	struct segment *s;		/* borrowed */
	const uint64_t *dead;		/* borrowed; NULL: none */
	uint32_t *number;		/* own; new ones, MERGE_GONE */
	uint32_t gone;
	/* documents, in order */
	struct seg_strings keys;
	uint32_t next;			/* of a column */
	bool has_key;
	/* terms */
	struct segment_walk w;
	bool has_term, here;		/* here: has the term now */
	struct segment_list list;
	uint32_t block, i, doc;		/* doc: its new number */
	uint32_t *map;			/* own; forms: where they went */
	bool *used;			/* own; forms: by what is alive */
	size_t forms_cap;
};

struct merge {
	struct merge_source *src;	/* own */
	size_t n;
	uint32_t docs;
	uint32_t *from;			/* own; source of each document */
	uint8_t *length;		/* own; of each document */
	struct seg_writer w;
	struct seg_form *form;		/* own; of the term now */
	uint32_t forms;
	size_t forms_cap;
	int (*more)(void *, struct err *);
	void *arg;
	uint64_t steps;
};

/* Now and then: may we go on? */
int	merge_step(struct merge *, struct err *);

/* Number the documents; their keys and columns. */
int	merge_docs(struct merge *, struct err *);
int	merge_key(void *, uint32_t doc, const char **, size_t *,
	    struct err *);
int	merge_value(void *, unsigned column, uint32_t doc, int64_t *,
	    struct err *);

/* Of the term that the sources are at. */
int	merge_forms(struct merge *, struct err *);
int	merge_postings(struct merge *, struct err *);

#endif
