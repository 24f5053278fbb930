#include "text/redact_mask.h"

#include "base/map.h"

#include <string.h>

#define KIND_MAX 64

static const char head[] = "[redacted:";

/* The token that begins at p: its length; 0 none does. */
static size_t
token(const char *p, const char *end)
{
	const char *q = p + sizeof head - 1;

	if ((size_t)(end - p) < sizeof head || memcmp(p, head, sizeof head -
	    1) != 0)
		return 0;
	while (q < end && q - p < KIND_MAX && ((*q >= 'a' && *q <= 'z') ||
	    (*q >= '0' && *q <= '9') || *q == '-' || *q == '_'))
		q++;
	return q < end && *q == ']' && q > p + sizeof head - 1 ?
	    (size_t)(q + 1 - p) : 0;
}

static const char *
next_token(const char *p, const char *end, size_t *n)
{
	for (; p < end; p++)
		if ((*n = token(p, end)) > 0)
			return p;
	*n = 0;
	return end;
}

/* The first place of a piece in [p, end); NULL. */
static const char *
find(const char *p, const char *end, const char *piece, size_t n)
{
	if (n == 0)
		return p;
	for (; (size_t)(end - p) >= n; p++) {
		p = memchr(p, piece[0], (size_t)(end - p) - n + 1);
		if (p == NULL)
			return NULL;
		if (memcmp(p, piece, n) == 0)
			return p;
	}
	return NULL;
}

/* As a pattern whose tokens match anything: the first piece at the beginning,
 * the last at the end, those between as early as they stand. */
static bool
matches(const char *m, size_t mlen, const char *t, size_t tlen)
{
	const char *mend = m + mlen, *tend = t + tlen, *at, *to;
	bool first = true;
	size_t n, piece;

	for (;;) {
		to = next_token(m, mend, &n);
		piece = (size_t)(to - m);
		if (to == mend) {
			if ((size_t)(tend - t) < piece || (first &&
			    (size_t)(tend - t) != piece))
				return false;
			return memcmp(tend - piece, m, piece) == 0;
		}
		if ((at = find(t, tend, m, piece)) == NULL || (first && at !=
		    t))
			return false;
		t = at + piece;
		m = to + n;
		first = false;
	}
}

/* Of what is dropped nothing is left to tell where it was. */
static bool
is_private(const char *t, size_t n)
{
	return find(t, t + n, "<private", 8) != NULL;
}

static bool
follows(const char *m, size_t mlen, const char *t, size_t tlen)
{
	const char *mend = m + mlen, *tend = t + tlen;
	size_t n;

	while (m < mend) {
		if ((n = token(m, mend)) > 0) {
			m += n;
			continue;
		}
		if ((t = memchr(t, *m, (size_t)(tend - t))) == NULL)
			return false;
		t++;
		m++;
	}
	return true;
}

bool
mask_of(const char *masked, size_t mlen, const char *text, size_t tlen)
{
	if (mlen == tlen && memcmp(masked, text, mlen) == 0)
		return false;
	return matches(masked, mlen, text, tlen) || (is_private(text, tlen) &&
	    follows(masked, mlen, text, tlen));
}

void
mask_count(struct map *kinds, const char *text, size_t len, int64_t n)
{
	const char *end;
	char kind[KIND_MAX];
	size_t size, k;
	int made;

	if (len == 0)		/* there may be no text */
		return;
	end = text + len;
	while ((text = next_token(text, end, &size)) < end) {
		k = size - sizeof head;		/* without the ']' */
		memcpy(kind, text + sizeof head - 1, k);
		kind[k] = '\0';
		map_put(kinds, kind, &made)->i += n;
		text += size;
	}
}
