/*
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
 * and Beyond", 2009), in one place, so that a text scores the same whether
 * it was read from the store or from an index:
 *
 *	idf = ln(1 + (N - df + 0.5) / (df + 0.5))
 *	norm = k1 * (1 - b + b * length / average)
 *	score = sum of weight * idf * tf * (k1 + 1) / (tf + norm)
 *
 * What a term adds is rounded to a multiple of 2^-24: sums of such numbers
 * are exact, so that they are the same in whatever order terms come.  The
 * statistics are those of a scope: all events of one user, or all rows of
 * the tenant.
 */
#ifndef INDEX_SCORE_H
#define INDEX_SCORE_H

#include <stdint.h>

struct score_params {
	double k1, b;
};
extern const struct score_params score_event;	/* 0.9, 0.4 */
extern const struct score_params score_record;	/* 1.2, 0.75 */

/* What is known of a scope; df is kept for each term by who counts. */
struct score_scope {
	int64_t texts;		/* N */
	int64_t length;		/* sum of the lengths, each as it comes out of
				   score_length */
};

/*
 * A length is kept in one byte: exact below 40, then with four significant
 * bits, rounded down (the table of Lucene's SmallFloat.intToByte4).
 */
uint8_t	score_pack(uint32_t length);
uint32_t score_length(uint8_t packed);

double	score_idf(int64_t texts, int64_t df);

/* length / texts of a scope, 1 when there is nothing. */
double	score_average(const struct score_scope *);

/* What does not depend on the term, for all lengths. */
#define SCORE_SMALL 4
struct score_table {
	double k1;
	double norm[256];
	unsigned small;			/* counts that are in part, or 0 */
	double part[SCORE_SMALL][256];	/* of tf 1, 2 ... */
};
void	score_table(struct score_table *, const struct score_params *,
	    double average);
/* The same scores sooner: pays from a thousand on. */
void	score_table_fill(struct score_table *);

#define SCORE_UNIT (1.0 / (1 << 24))

/* x as a multiple of SCORE_UNIT; |x| < 2^26. */
static inline double
score_round(double x)
{
	const double big = 1.5 * (1 << 28);	/* its last bit is a unit */

	return (x + big) - big;
}

/* What a term adds: weighted is weight * idf, tf > 0. */
static inline double
score_term(const struct score_table *t, double weighted, uint32_t tf,
    uint8_t packed)
{
	double part;

	if (tf <= t->small)
		part = t->part[tf - 1][packed];
	else
		part = tf * (t->k1 + 1) / (tf + t->norm[packed]);
	return score_round(weighted * part);
}

#endif
