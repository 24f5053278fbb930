/*
 * Processors: what is made of the rows of knowledge bases, as data.  A
 * processor is a file in the syntax of base/conf; mem-ltm(1) describes it.
 * Whatever it does not know is an error, with line and column.
 */
#ifndef LTM_PROCESSOR_H
#define LTM_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store;

#define PROCESSOR_KEYS 24	/* of a processor, at most */
#define PROCESSOR_DIMS 16
#define DIM_FACETS 4		/* keys whose values a dimension counts */
#define DIM_STEPS 8
#define PROCESSOR_ONE 10000	/* confidences are in ten thousandths */

/* A key of rows, by the name that the file calls it. */
struct processor_key {
	char *name;		/* own */
	struct strv from;	/* names in a record, the first that is there */
	int prefix_of;		/* key: the first parts of its paths; -1 */
	int prefix_parts;
	struct key_rule {
		char *result;	/* own */
		int key;	/* in which to look */
		struct strv words;
	} *rules;		/* own; the first that matches */
	size_t nrules, cap_rules;
};

enum step_kind {
	STEP_ROWS,	/* so many rows */
	STEP_VALUES,	/* so many values of a key */
	STEP_SEVERITY,	/* a row of this severity */
	STEP_EXACT,	/* all rows have the same words */
	STEP_LOG,	/* for each doubling of 1 + n_eff */
	STEP_MEAN	/* for each 1 of mean severity - 0.5 */
};

struct dim_step {
	enum step_kind kind;
	int64_t least;		/* ROWS, VALUES; place of a SEVERITY */
	int facet;		/* VALUES */
	int add;		/* ten thousandths */
};

enum dim_kind {
	DIM_VALUES,	/* rows with the same values of one or two keys */
	DIM_PAIRS,	/* with the same two values of one */
	DIM_WORDS	/* with the same words in it */
};

struct dimension {
	char *name;			/* own */
	enum dim_kind kind;
	int key[2];			/* the second -1: none */
	int64_t most;			/* PAIRS: values that a row may have */
	int64_t least;			/* rows */
	int64_t least_values;		/* of the facet below; 0 */
	int least_facet;
	int base, cap;			/* ten thousandths */
	struct dim_step step[DIM_STEPS];
	size_t nsteps;
	double half_life_ms;		/* 0: rows do not age */
	int weight;			/* key; a row counts 1/sqrt(its values);
					   -1 */
	struct strv tags;		/* templates */
	char *content;			/* own; template */
	int facet[DIM_FACETS];		/* keys */
	size_t nfacets;
	size_t at;			/* in the file, of its name; of content,
					   when it has one */
};

struct processor {
	char *name;			/* own */
	char *about;			/* own */
	char *rows;			/* own; record_type */
	int within;			/* key; -1: all are in one project */
	int skip;			/* key, -1 */
	struct strv skip_values;
	int severity;			/* key, -1 */
	struct strv severities;		/* the worst first */
	char *sources, *counted;	/* own; names of their metadata */
	struct strv tags;		/* of every fact */
	int64_t max_facts, max_content, max_sources;
	struct processor_key key[PROCESSOR_KEYS];
	size_t nkeys;
	struct dimension dim[PROCESSOR_DIMS];
	size_t ndims;
	uint8_t hash[32];		/* of the file */
};

/* ERR_INPUT names the place: "bugs.conf:12:3: ...". */
int	processor_parse(struct processor **, const char *name,
	    const char *text, size_t len, const char *file, struct err *);
void	processor_free(struct processor *);	/* takes NULL */

/*
 * By name: STORE/processors/NAME.conf, else one that is built in; with a
 * slash or ending in ".conf", a file.  ERR_ABSENT names those that there
 * are.
 */
int	processor_find(struct processor **, const struct store *,
	    const char *name, struct err *);
/* Names of all that need no path, sorted. */
int	processor_names(const struct store *, struct strv *, struct err *);

/* The place of a string in a list, -1. */
int	strv_place(const struct strv *, const char *);

#endif
