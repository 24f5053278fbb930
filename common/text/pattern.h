/*
 * Patterns of the rules for secrets: a small part of extended regular
 * expressions, on bytes, matched from one given place.  Not regcomp(3):
 * that costs 30 to 100 us a pattern, stops at a NUL, asks the locale what
 * [A-Z] is, and takes quadratic time where it pleases.
 *
 *	x \x		a byte; letters and digits have a meaning after \,
 *			these: \d \w \s (sets), \n \r \t
 *	.		any byte but a newline
 *	[a-z_] [^,]	sets
 *	* + ? {m} {m,} {m,n}	greedy; of a set also lazy: *? {0,9}?
 *	(?:a|b)		alternatives
 *	(a)		the part that matters; of several, the last
 *	(?=[set]) (?![set])	the next byte is, is not one of the set; at
 *			the end of the text the second holds
 *
 * A run of one set costs its length once, however often a match starts in
 * it; what is open to backtracking is bounded by PATTERN_STEPS, and a
 * match that takes more has failed.
 */
#ifndef TEXT_PATTERN_H
#define TEXT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_STEPS 8192	/* of one match */
#define PATTERN_RUN 16384	/* bytes that * and + take at most */
#define PATTERN_SET 32		/* bytes of a set: a bit for each byte */

struct pattern;

/* A text under search.  The id is another one for each text. */
struct pattern_text {
	const char *end;
	uint64_t id;
	uint64_t steps;		/* spent on it so far */
};

struct pattern_match {
	const char *end;
	const char *from, *to;	/* of the group; NULL: there was none */
};

/* NULL: no pattern, and *why says so (a literal). */
struct pattern *pattern_new(const char *, size_t, bool nocase,
	    const char **why);
void	pattern_free(struct pattern *);		/* takes NULL */

/* From p on; the longest that greed finds first.  *m is filled only when
 * it matches. */
bool	pattern_match(struct pattern *, struct pattern_text *, const char *p,
	    struct pattern_match *m);
/* The bytes [p, end), all of them. */
bool	pattern_whole(struct pattern *, const char *p, const char *end);

/* A pattern that is one set and how often: 1, and these are filled. */
int	pattern_run(const struct pattern *, unsigned char set[PATTERN_SET],
	    uint32_t *min, uint32_t *max);

static inline bool
pattern_in(const unsigned char set[PATTERN_SET], char c)
{
	unsigned char u = (unsigned char)c;

	return set[u >> 3] >> (u & 7) & 1;
}

#endif
