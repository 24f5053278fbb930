#include "index/rice.h"

#include <string.h>

unsigned
rice_k(uint64_t sum, uint64_t n)
{
	unsigned k = 0;

	/* 2^k nearest below ln 2 times the mean: 0.69 is 11 / 16 */
	while (k < 32 && n > 0 && (n << (k + 1)) <= sum / 16 * 11)
		k++;
	return k;
}

void
rice_start(struct rice_out *o, struct buf *to, unsigned k)
{
	o->to = to;
	o->acc = 0;
	o->bits = 0;
	o->k = k;
}

/* n <= 24 */
static void
put(struct rice_out *o, uint64_t v, unsigned n)
{
	o->acc |= v << o->bits;
	o->bits += n;
	for (; o->bits >= 8; o->bits -= 8, o->acc >>= 8)
		buf_addc(o->to, (int)(o->acc & 0xff));
}

void
rice_put(struct rice_out *o, uint64_t v)
{
	uint64_t q = v >> o->k;
	unsigned i, n = RICE_BITS;

	if (q >= RICE_LONG) {
		put(o, (UINT64_C(1) << RICE_LONG) - 1, RICE_LONG);
	} else {
		put(o, (UINT64_C(1) << q) - 1, (unsigned)q + 1);
		n = o->k;
	}
	for (i = 0; i < n; i += 20)
		put(o, v >> i & ((UINT64_C(1) << (n - i < 20 ? n - i : 20)) -
		    1), n - i < 20 ? n - i : 20);
}

void
rice_end(struct rice_out *o)
{
	if (o->bits > 0)
		buf_addc(o->to, (int)(o->acc & 0xff));
	o->acc = 0;
	o->bits = 0;
}

void
rice_open(struct rice_in *in, const uint8_t *p, size_t n, unsigned k)
{
	in->p = p;
	in->at = 0;
	in->end = 8 * (uint64_t)n;
	in->k = k;
}

/* At least 57 bits from where it stands; zeros beyond the end. */
static uint64_t
peek(const struct rice_in *in)
{
	const uint8_t *p = in->p + in->at / 8;
	uint64_t left = (in->end - in->at / 8 * 8) / 8, w = 0;
	unsigned i;

	for (i = 0; i < 8 && i < left; i++)
		w |= (uint64_t)p[i] << 8 * i;
	return w >> in->at % 8;
}

int
rice_get(struct rice_in *in, uint64_t *v)
{
	uint64_t w, q = 0;
	unsigned n;

	if (in->at >= in->end)
		return 0;
	w = peek(in);
	while (q < RICE_LONG && (w >> q & 1))
		q++;
	n = q == RICE_LONG ? RICE_BITS : in->k;
	in->at += q + (q < RICE_LONG);
	if (in->at > in->end || n > in->end - in->at)
		return 0;
	w = peek(in) & ((UINT64_C(1) << n) - 1);
	in->at += n;
	*v = q == RICE_LONG ? w : q << in->k | w;
	return 1;
}
