/*
 * Filters: commands of the configuration that make text of what has no reader
 * here.  sh -c runs one, the document on its standard input, what it prints is
 * the document.  It is in a process group of its own, under limits of time,
 * memory and output, and is killed with its group when it is over one, and
 * when it is closed.
 */
#ifndef DOCS_FILTER_H
#define DOCS_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "docs/in.h"

struct docs_filter {
	char *key;		/* own; a suffix without its dot, or a media
				   type */
	char *command;		/* own */
	char *as;		/* own; media type of what it prints, or NULL:
				   text/plain */
};

struct docs_filters {
	struct docs_filter *v;	/* own */
	size_t n;
	int64_t time_ms, memory, output;	/* ms, bytes, bytes */
};

#define DOCS_FILTERS { .time_ms = 60000, .memory = INT64_C(1) << 30, \
    .output = INT64_C(256) << 20 }

void	docs_filters_add(struct docs_filters *, const char *key,
	    const char *command, const char *as);
void	docs_filters_release(struct docs_filters *);
/* The first whose media type it is, or whose suffix the name has (its case
 * does not count); or NULL. */
const struct docs_filter *docs_filters_find(const struct docs_filters *,
	    const char *type, const char *name);

struct docs_filtering;		/* opaque */

/*
 * Starts it: out is what it prints of in, both until it is closed.  Reading
 * fails with ERR_INPUT when it is over a limit or ends with another status
 * than 0: then with the first line of what it said.
 */
int	docs_filter_open(struct docs_filtering **, const struct docs_filter *,
	    const struct docs_filters *, struct docs_in *in,
	    struct docs_in *out, struct err *);
void	docs_filter_close(struct docs_filtering *);	/* takes NULL */

#endif
