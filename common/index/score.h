/*
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
 * and Beyond", 2009), in one place, so that a text scores the same whether
 * it was read from the store or from an index:
 *
 *	idf = ln(1 + (N - df + 0.5) / (df + 0.5))
 *	score = sum of weight * idf * tf * (k1 + 1) /
 *	    (tf + k1 * (1 - b + b * length / average))
 *
 * in the order of the query's terms.  The statistics are those of a scope:
 * all events of one user, or all rows of the tenant.
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

/* What one term adds, without its weight; average is length / texts of the
 * scope. */
double	score_term(const struct score_params *, double idf, uint32_t tf,
	    uint8_t packed, double average);

/* length / texts, 1 when there is nothing. */
double	score_average(const struct score_scope *);

#endif
