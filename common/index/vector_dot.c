/*
 * Plain C everywhere; where the compiler and the machine know more, that.
 *
 * Signs: a table of 256 sums for each byte of a row is what plain C does
 * fastest.  With masks of 32 lanes (AVX-512) the query stays in registers
 * and each lane adds where its bit is set: twice the sum of those, less the
 * sum of all, is the same number.
 *
 * Products: 256 bits at a time already go as fast as memory can be read.
 * VNNI (vpdpbusd) was tried and left out: adding up its 16 lanes for a row
 * of 256 components costs what it saves.
 */
#include "index/vector_dot.h"

#include "base/cpu.h"

#include <string.h>

void
vector_lut(const int16_t *q, size_t wide, int16_t *lut)
{
	size_t b;
	unsigned x, low;
	int16_t *t;

	for (b = 0; b < wide / 8; b++) {
		t = lut + 256 * b;
		t[0] = 0;
		for (low = 0; low < 8; low++)
			t[0] = (int16_t)(t[0] - q[8 * b + low]);
		/* each entry from the one without its lowest bit */
		for (x = 1; x < 256; x++) {
			for (low = 0; !(x >> low & 1); low++)
				;
			t[x] = (int16_t)(t[x & (x - 1)] +
			    2 * q[8 * b + low]);
		}
	}
}

static void
signs_plain(const uint8_t *rows, size_t n, const int16_t *q,
    const int16_t *lut, size_t wide, int32_t *out)
{
	size_t i, b, bytes = wide / 8;
	const int16_t *t;
	int32_t s0, s1, s2, s3;

	(void)q;
	for (i = 0; i < n; i++, rows += bytes) {
		s0 = s1 = s2 = s3 = 0;
		for (b = 0, t = lut; b < bytes; b += 4, t += 1024) {
			s0 += t[rows[b]];
			s1 += t[256 + rows[b + 1]];
			s2 += t[512 + rows[b + 2]];
			s3 += t[768 + rows[b + 3]];
		}
		out[i] = s0 + s1 + s2 + s3;
	}
}

static void
dots_plain(const int8_t *rows, size_t stride, size_t n, const int8_t *q,
    int32_t sum, size_t wide, int32_t *out)
{
	size_t i, j, k;
	int32_t s;

	(void)sum;
	for (i = 0; i < n; i++, rows += stride) {
		/* a loop of a known length is one that compilers unfold */
		for (s = 0, k = 0; k < wide; k += 64)
			for (j = 0; j < 64; j++)
				s += (int16_t)(rows[k + j] * q[k + j]);
		out[i] = s;
	}
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

__attribute__((target("avx2")))
static void
dots_avx2(const int8_t *rows, size_t stride, size_t n, const int8_t *q,
    int32_t sum, size_t wide, int32_t *out)
{
	const int8_t *r;
	__m256i s, t, x, y;
	__m128i h;
	size_t i, k;

	(void)sum;
	for (i = 0; i < n; i++) {
		r = rows + i * stride;
		s = t = _mm256_setzero_si256();
		for (k = 0; k < wide; k += 32) {
			x = _mm256_cvtepi8_epi16(_mm_loadu_si128(
			    (const void *)(r + k)));
			y = _mm256_cvtepi8_epi16(_mm_loadu_si128(
			    (const void *)(q + k)));
			s = _mm256_add_epi32(s, _mm256_madd_epi16(x, y));
			x = _mm256_cvtepi8_epi16(_mm_loadu_si128(
			    (const void *)(r + k + 16)));
			y = _mm256_cvtepi8_epi16(_mm_loadu_si128(
			    (const void *)(q + k + 16)));
			t = _mm256_add_epi32(t, _mm256_madd_epi16(x, y));
		}
		s = _mm256_add_epi32(s, t);
		h = _mm_add_epi32(_mm256_castsi256_si128(s),
		    _mm256_extracti128_si256(s, 1));
		h = _mm_add_epi32(h, _mm_shuffle_epi32(h, 0x4e));
		h = _mm_add_epi32(h, _mm_shuffle_epi32(h, 0xb1));
		out[i] = _mm_cvtsi128_si32(h);
	}
}

#define MASKS __attribute__((target("avx512f,avx512bw")))

/* The sum of q where a row has its bits, in eight parts.  Eight additions of
 * at most 4095 fit into a lane of 16 bits. */
MASKS static inline __m256i
sum_set(const uint8_t *row, const int16_t *q, size_t wide)
{
	__m512i sum = _mm512_setzero_si512(), s;
	size_t k, j;
	uint32_t mask;

	for (k = 0; k < wide; k += 256) {
		s = _mm512_setzero_si512();
		for (j = k; j < k + 256 && j < wide; j += 32) {
			memcpy(&mask, row + j / 8, sizeof mask);
			s = _mm512_mask_add_epi16(s, mask, s,
			    _mm512_loadu_si512(q + j));
		}
		sum = _mm512_add_epi32(sum, _mm512_madd_epi16(s,
		    _mm512_set1_epi16(1)));
	}
	return _mm256_add_epi32(_mm512_castsi512_si256(sum),
	    _mm512_extracti64x4_epi64(sum, 1));
}

/* Four rows at a time: their parts are added up together. */
MASKS static void
signs_avx512(const uint8_t *rows, size_t n, const int16_t *q,
    const int16_t *lut, size_t wide, int32_t *out)
{
	size_t i, k, bytes = wide / 8;
	const uint8_t *r = rows;
	int32_t all = 0;
	__m256i s;
	__m128i t;

	for (k = 0; k < wide; k++)
		all += q[k];
	for (i = 0; i + 4 <= n; i += 4, r += 4 * bytes) {
		s = _mm256_hadd_epi32(
		    _mm256_hadd_epi32(sum_set(r, q, wide),
		    sum_set(r + bytes, q, wide)),
		    _mm256_hadd_epi32(sum_set(r + 2 * bytes, q, wide),
		    sum_set(r + 3 * bytes, q, wide)));
		t = _mm_add_epi32(_mm256_castsi256_si128(s),
		    _mm256_extracti128_si256(s, 1));
		t = _mm_sub_epi32(_mm_slli_epi32(t, 1), _mm_set1_epi32(all));
		_mm_storeu_si128((void *)(out + i), t);
	}
	if (i < n)
		signs_plain(r, n - i, q, lut, wide, out + i);
}
#endif

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

static void
dots_neon(const int8_t *rows, size_t stride, size_t n, const int8_t *q,
    int32_t sum, size_t wide, int32_t *out)
{
	int8x16_t x, y;
	int32x4_t s, t;
	size_t i, k;

	(void)sum;
	for (i = 0; i < n; i++, rows += stride) {
		s = t = vdupq_n_s32(0);
		for (k = 0; k < wide; k += 16) {
			x = vld1q_s8(rows + k);
			y = vld1q_s8(q + k);
			s = vpadalq_s16(s, vmull_s8(vget_low_s8(x),
			    vget_low_s8(y)));
			t = vpadalq_s16(t, vmull_high_s8(x, y));
		}
		out[i] = vaddvq_s32(vaddq_s32(s, t));
	}
}
#endif

size_t
vector_ways(const struct vector_way **out)
{
	static struct vector_way way[3];
	static size_t n;

	if (n == 0) {
#if defined(__x86_64__) && defined(__GNUC__)
		if (CPU_HAS(AVX512BW))
			way[n++] = (struct vector_way){ "avx512", dots_avx2,
			    signs_avx512 };
		if (CPU_HAS(AVX2))
			way[n++] = (struct vector_way){ "avx2", dots_avx2,
			    signs_plain };
#elif defined(__aarch64__) && defined(__ARM_NEON)
		way[n++] = (struct vector_way){ "neon", dots_neon,
		    signs_plain };
#endif
		way[n++] = (struct vector_way){ "plain", dots_plain,
		    signs_plain };
	}
	*out = way;
	return n;
}
