#include "text/prints.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/ulid.h"

#include <stdlib.h>
#include <string.h>

#define DISTINCT 6		/* bytes of a place that differ, at least */
#define JSON_MOST 1000000	/* that are read */

/* --- hashes ------------------------------------------------------------ */

static uint64_t
get_be(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void
put_be(uint8_t *p, int n, uint64_t v)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void
set_up(struct prints *p)
{
	static const char label[] = "memkit print 1";
	uint8_t sum[HASH_LEN];
	struct hash h;
	int i;

	hash_init(&h);
	hash_add(&h, label, sizeof label);
	hash_add(&h, p->salt, sizeof p->salt);
	hash_end(&h, sum);
	p->mul = get_be(sum, 8) | 1;
	for (p->out = 1, i = 0; i < PRINT_BYTES; i++)
		p->out *= p->mul;
}

static uint64_t
roll(const struct prints *p, const uint8_t *at)
{
	uint64_t h = 0;
	int i;

	for (i = 0; i < PRINT_BYTES; i++)
		h = h * p->mul + at[i] + 1;
	return h;
}

static uint64_t
roll_on(const struct prints *p, uint64_t h, uint8_t from, uint8_t to)
{
	return h * p->mul + to + 1 - p->out * ((uint64_t)from + 1);
}

/* The low bits of such a product are those of few bytes alone. */
static uint32_t
roll_top(uint64_t h)
{
	return (uint32_t)(h >> 32);
}

static uint64_t
sum_of(const struct prints *p, const uint8_t *at)
{
	uint8_t sum[HASH_LEN];
	uint64_t n;
	struct hash h;

	hash_init(&h);
	hash_add(&h, p->salt, sizeof p->salt);
	hash_add(&h, at, PRINT_BYTES);
	hash_end(&h, sum);
	n = get_be(sum, 8);
	return n != 0 ? n : 1;
}

/* --- the table --------------------------------------------------------- */

int
prints_init(struct prints *p, struct err *e)
{
	memset(p, 0, sizeof *p);
	if (random_bytes(p->salt, sizeof p->salt, e) < 0)
		return -1;
	set_up(p);
	return 0;
}

void
prints_release(struct prints *p)
{
	free(p->v);
	free(p->bits);
	memset(p, 0, sizeof *p);
}

static struct print *
slot(const struct prints *p, uint64_t sum)
{
	size_t i = (size_t)sum & (p->cap - 1);

	while (p->v[i].sum != 0 && p->v[i].sum != sum)
		i = (i + 1) & (p->cap - 1);
	return &p->v[i];
}

static void
set_bit(struct prints *p, uint32_t rolled)
{
	uint32_t bit = rolled >> p->shift;

	p->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* A bit of 32 for each print, so that of what is no print one place in 32 is
 * hashed. */
static void
grow(struct prints *p)
{
	struct print *old = p->v;
	size_t i, n = p->cap;

	p->cap = n != 0 ? 2 * n : 1024;
	p->v = xcalloc(p->cap, sizeof *p->v);
	for (p->shift = 32, i = p->cap; i > 1; i /= 2)
		p->shift--;
	p->shift = p->shift > 5 ? p->shift - 5 : 0;
	free(p->bits);
	p->bits = xcalloc((size_t)1 << (32 - p->shift - 6), sizeof *p->bits);
	for (i = 0; i < n; i++)
		if (old[i].sum != 0) {
			*slot(p, old[i].sum) = old[i];
			set_bit(p, old[i].roll);
		}
	free(old);
}

static void
add(struct prints *p, uint64_t sum, uint32_t rolled, bool id, bool named)
{
	struct print *at;

	if (2 * p->n >= p->cap)
		grow(p);
	at = slot(p, sum);
	if (at->sum != 0)
		return;
	*at = (struct print){ .sum = sum, .roll = rolled, .id = id,
	    .named = named };
	set_bit(p, rolled);
	p->n++;
}

/* --- what is added ----------------------------------------------------- */

/* A place that stands the same in JSON, and is not filling. */
static bool
is_good(const uint8_t *at)
{
	uint8_t seen[PRINT_BYTES];
	size_t i, j, n = 0;

	for (i = 0; i < PRINT_BYTES; i++) {
		if (at[i] < ' ' || at[i] == '"' || at[i] == '\\' ||
		    at[i] == 0x7f)
			return false;
		for (j = 0; j < n && seen[j] != at[i]; j++)
			;
		if (j == n)
			seen[n++] = at[i];
	}
	return n >= DISTINCT;
}

void
prints_add_text(struct prints *p, const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;
	const uint8_t *best = NULL;
	uint64_t h, least = UINT64_MAX;
	size_t i, next = 0;
	int n = 0;

	if (len < PRINT_BYTES)
		return;
	h = roll(p, at);
	for (i = 0; ; i++) {
		if (i >= next && (h >> 60 == 0 || h < least) && is_good(at +
		    i)) {
			if (h < least) {
				least = h;
				best = at + i;
			}
			if (h >> 60 == 0) {
				add(p, sum_of(p, at + i), roll_top(h), false,
				    false);
				next = i + PRINT_BYTES;
				if (++n == PRINT_TEXT)
					return;
			}
		}
		if (i + PRINT_BYTES == len)
			break;
		h = roll_on(p, h, at[i], at[i + PRINT_BYTES]);
	}
	if (n == 0 && best != NULL)
		add(p, sum_of(p, best), roll_top(least), false, false);
}

void
prints_add_ulid(struct prints *p, const uint8_t raw[16], bool named)
{
	char text[ULID_LEN + 1];
	const uint8_t *random = (const uint8_t *)text + ULID_LEN - PRINT_BYTES;

	add(p, sum_of(p, raw), roll_top(roll(p, raw)), true, named);
	if (named)
		return;
	ulid_from_bytes(text, raw);
	add(p, sum_of(p, random), roll_top(roll(p, random)), true, false);
}

/* --- what is looked at ------------------------------------------------- */

static size_t
look(const struct prints *p, const void *bytes, size_t len,
    enum prints_what what, size_t *drop)
{
	const uint8_t *at = bytes;
	struct print *is;
	uint32_t top, bit;
	size_t i, n = 0;
	uint64_t h;

	if (len < PRINT_BYTES || p->n == 0)
		return 0;
	h = roll(p, at);
	for (i = 0; ; i++) {
		top = roll_top(h);
		bit = top >> p->shift;
		if (p->bits[bit / 64] >> (bit % 64) & 1) {
			is = slot(p, sum_of(p, at + i));
			if (is->sum != 0 && is->roll == top && !is->dropped &&
			    !(is->id && what == PRINTS_TEXTS) &&
			    !(is->named && what != PRINTS_KEYS)) {
				n++;
				if (drop != NULL) {
					is->dropped = true;
					(*drop)++;
				}
			}
		}
		if (i + PRINT_BYTES == len)
			break;
		h = roll_on(p, h, at[i], at[i + PRINT_BYTES]);
	}
	return n;
}

size_t
prints_count(const struct prints *p, const void *bytes, size_t len,
    enum prints_what what)
{
	return look(p, bytes, len, what, NULL);
}

void
prints_drop(struct prints *p, const void *bytes, size_t len)
{
	look(p, bytes, len, PRINTS_TEXTS, &p->dropped);
}

/* --- records ----------------------------------------------------------- */

static json_t *
some_json(const struct prints *p, bool id, bool named, size_t most)
{
	json_t *all = json_array();
	uint8_t raw[12];
	char hex[2 * sizeof raw + 1];
	size_t i, n = 0, seen = 0, step;

	for (i = 0; i < p->cap; i++)
		n += p->v[i].sum != 0 && !p->v[i].dropped &&
		    p->v[i].id == id && p->v[i].named == named;
	step = n > most ? (n + most - 1) / most : 1;
	for (i = 0; i < p->cap; i++) {
		if (p->v[i].sum == 0 || p->v[i].dropped || p->v[i].id != id ||
		    p->v[i].named != named || seen++ % step != 0)
			continue;
		put_be(raw, 4, p->v[i].roll);
		put_be(raw + 4, 8, p->v[i].sum);
		hex_encode(hex, raw, sizeof raw);
		json_array_append_new(all, json_string(hex));
	}
	return all;
}

json_t *
prints_json(const struct prints *p, size_t most)
{
	char salt[2 * sizeof p->salt + 1];

	hex_encode(salt, p->salt, sizeof p->salt);
	return json_pack("{s:s, s:o, s:o, s:o}", "salt", salt, "ids",
	    some_json(p, true, false, most), "named", some_json(p, true, true,
	    most), "texts", some_json(p, false, false, most));
}

static int
some_read(struct prints *p, const json_t *all, bool id, bool named)
{
	uint8_t raw[12];
	uint32_t rolled;
	uint64_t sum;
	const char *s;
	size_t i;

	if (json_array_size(all) > JSON_MOST)
		return -1;
	for (i = 0; i < json_array_size(all); i++) {
		s = json_string_value(json_array_get(all, i));
		if (s == NULL || !hex_is(s, 2 * sizeof raw) ||
		    !hex_decode(raw, s, sizeof raw))
			return -1;
		rolled = (uint32_t)get_be(raw, 4);
		sum = get_be(raw + 4, 8);
		if (sum == 0)
			return -1;
		add(p, sum, rolled, id, named);
	}
	return 0;
}

int
prints_from_json(struct prints *p, const json_t *o, struct err *e)
{
	const char *salt = get_str(o, "salt", NULL);

	memset(p, 0, sizeof *p);
	if (salt == NULL || !hex_is(salt, 2 * sizeof p->salt) ||
	    !hex_decode(p->salt, salt, sizeof p->salt))
		return err_set(e, ERR_INPUT, "the receipt has no prints");
	set_up(p);
	if (some_read(p, json_object_get(o, "ids"), true, false) < 0 ||
	    some_read(p, json_object_get(o, "named"), true, true) < 0 ||
	    some_read(p, json_object_get(o, "texts"), false, false) < 0) {
		prints_release(p);
		return err_set(e, ERR_INPUT, "the receipt's prints are "
		    "damaged");
	}
	return 0;
}
