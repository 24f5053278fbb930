/*
 * The query language of mem-query(7): words, "phrases", -not, +must, OR,
 * prefix*, field:value.  Nothing is an error: what cannot be an operator is
 * taken as words, and a note says so.
 *
 * The meaning, all parts of which must hold:
 *	- one of the plain words (all of them rank)
 *	- each phrase, each +word, each field (query_relax)
 *	- one of those that OR joins
 *	- none of what has a minus
 * Stop words do not count among the plain words unless there is nothing
 * else.
 */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "index/match.h"
#include "search/doc.h"

#define QUERY_ITEMS 1024	/* words, phrases, fields; more are ignored */
#define QUERY_PART_WEIGHT 0.5	/* of a part of a compound; the whole is 1 */

/* A plain word that is nothing but one word. */
struct query_word {
	char *text;		/* own; folded */
	char *typed;		/* own; as it stands in the query's text */
	int term;
};

struct query {
	struct match match;
	struct field *field;	/* own; MATCH_FILTER atoms number them */
	size_t fields, fields_cap;
	struct strv notes;	/* what was not taken as it may have been
				   meant; one line each, for stderr */
	struct strv asides;	/* what was done with its words, as it always
				   is; for those who want to know */
	bool nothing;		/* asks for nothing that could be found */
	int plain;		/* group of the plain words, -1 none */
	struct buf text;	/* the words that are asked for, without what
				   makes operators of them */
	struct query_word *word;	/* own; each once */
	size_t words, words_cap;
};

/* language: that of the texts, borrowed (NULL: English); now: what the words
 * of time are relative to. */
void	query_parse(struct query *, const struct language *, const char *,
	    size_t len, int64_t now);
/* The same, but each of the plain words must be there, as if it had a plus;
 * stop words only where there is nothing else. */
void	query_parse_all(struct query *, const struct language *, const char *,
	    size_t len, int64_t now);
void	query_release(struct query *);

/*
 * One more thing that must hold, from an option; before query_ready.  The
 * property is one of the values.  ERR_USAGE: there is no such role,
 * source or level.
 */
int	query_where(struct query *, enum field_kind, const struct strv *values,
	    struct err *);
/* The time is in [since, until); DATE_MIN and DATE_MAX + 1 ask for none. */
void	query_when(struct query *, int64_t since_ms, int64_t until_ms);

/* No events later than a time; records and contents have no part in it
 * (struct search's past). */
void	query_as_of(struct query *, int64_t ms);

/* Add to the notes; what was said before is not said again. */
void	query_note(struct query *, const char *fmt, ...) ERR_FMT(2, 3);

void	query_ready(struct query *);	/* once, before it is searched for */

/* Search for another word, of this stem, in the place of the i-th plain one;
 * after query_ready. */
void	query_respell(struct query *, size_t i, const char *word,
	    const char *stem);

/*
 * Let phrases that stand beside plain words be alternatives to them, when
 * too few texts (`had`) hold all.  1 it asks for less now, and a note says
 * so; 0 it does not.
 */
int	query_relax(struct query *, int64_t had);

#endif
