#include "index/score.h"

#include <math.h>

#define EXACT 24	/* lengths below this stand for themselves */

const struct score_params score_event = { 0.9, 0.4 };
const struct score_params score_record = { 1.2, 0.75 };

uint8_t
score_pack(uint32_t length)
{
	uint32_t v, bits = 0;

	if (length < EXACT)
		return (uint8_t)length;
	v = (length < INT32_MAX ? length : INT32_MAX) - EXACT;
	while (v >> bits > 15)
		bits++;
	if (v < 8)
		return (uint8_t)(EXACT + v);
	/* the leading one of the four bits is implied */
	return (uint8_t)(EXACT + ((v >> bits & 7) | (bits + 1) << 3));
}

uint32_t
score_length(uint8_t packed)
{
	uint32_t v;

	if (packed < EXACT)
		return packed;
	v = packed - EXACT;
	if (v < 8)
		return EXACT + v;
	return EXACT + ((8 | (v & 7)) << ((v >> 3) - 1));
}

double
score_idf(int64_t texts, int64_t df)
{
	return log(1 + ((double)(texts - df) + 0.5) / ((double)df + 0.5));
}

double
score_average(const struct score_scope *s)
{
	if (s->texts <= 0 || s->length <= 0)
		return 1;
	return (double)s->length / (double)s->texts;
}

void
score_table(struct score_table *t, const struct score_params *p,
    double average)
{
	unsigned i;

	t->k1 = p->k1;
	t->small = 0;
	for (i = 0; i < 256; i++)
		t->norm[i] = p->k1 * (1 - p->b +
		    p->b * score_length((uint8_t)i) / average);
}

void
score_table_fill(struct score_table *t)
{
	unsigned i, tf;
	double more;

	for (tf = 1; tf <= SCORE_SMALL; tf++) {	/* several at once */
		more = tf * (t->k1 + 1);
		for (i = 0; i < 256; i++)
			t->part[tf - 1][i] = more / (tf + t->norm[i]);
	}
	t->small = SCORE_SMALL;
}
