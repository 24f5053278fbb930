#include "ltm/entry.h"

#include "base/vint.h"
#include "index/le.h"

#include <string.h>

void
entry_put_count(struct buf *b, size_t n)
{
	vint_add(b, n);
}

void
entry_put_text(struct buf *b, const char *s, size_t len)
{
	vint_add(b, len);
	buf_add(b, s, len);
}

static void
put8(struct buf *b, uint64_t v)
{
	char room[8];

	le64_put(room, v);
	buf_add(b, room, sizeof room);
}

static inline bool
get8(const char **p, const char *end, uint64_t *v)
{
	if (end - *p < 8)
		return false;
	*v = le64_get(*p);
	*p += 8;
	return true;
}

void
entry_put_head(struct buf *b, const struct entry_head *h)
{
	put8(b, h->hash);
	put8(b, (uint64_t)h->ts_ms);
	buf_addc(b, (int)h->severity);
	vint_add(b, h->weight);
	entry_put_text(b, h->id, h->id_len);
}

void
entry_mix(char *entry, uint64_t add)
{
	le64_put(entry, le64_get(entry) + add);
}

static inline bool
get_number(const char **p, const char *end, uint64_t *n)
{
	const uint8_t *at = vint_get((const uint8_t *)*p, (const uint8_t *)end,
	    n);

	if (at != NULL)
		*p = (const char *)at;
	return at != NULL;
}

bool
entry_get_count(const char **p, const char *end, uint64_t *n)
{
	return get_number(p, end, n);
}

static inline bool
get_text(const char **p, const char *end, const char **s, size_t *len)
{
	uint64_t n;

	if (!get_number(p, end, &n) || n > (uint64_t)(end - *p))
		return false;
	*s = *p;
	*len = (size_t)n;
	*p += n;
	return true;
}

bool
entry_get_text(const char **p, const char *end, const char **s, size_t *len)
{
	return get_text(p, end, s, len);
}

bool
entry_get_head(const char **p, const char *end, struct entry_head *h)
{
	uint64_t ts;

	if (!get8(p, end, &h->hash) || !get8(p, end, &ts) || *p == end)
		return false;
	h->ts_ms = (int64_t)ts;
	h->severity = (unsigned char)*(*p)++;
	return get_number(p, end, &h->weight) &&
	    get_text(p, end, &h->id, &h->id_len);
}

void
entry_put_keyword(struct buf *b, const char *stem, size_t stem_len,
    const char *word, size_t len)
{
	size_t same = 0;

	while (same < stem_len && same < len && stem[same] == word[same])
		same++;
	entry_put_text(b, stem, stem_len);
	vint_add(b, same);
	entry_put_text(b, word + same, len - same);
}

bool
entry_get_keyword(const char **p, const char *end, const char **stem,
    size_t *stem_len, size_t *same, const char **rest, size_t *len)
{
	uint64_t n;

	if (!get_text(p, end, stem, stem_len) || !get_number(p, end, &n) ||
	    n > *stem_len)
		return false;
	*same = (size_t)n;
	return get_text(p, end, rest, len);
}

static bool
has_word(const char *p, const char *end, const char *word, size_t len)
{
	const char *stem, *rest;
	size_t stem_len, same, rest_len;
	uint64_t n;

	if (!entry_get_count(&p, end, &n))
		return false;
	while (n-- > 0 && entry_get_keyword(&p, end, &stem, &stem_len, &same,
	    &rest, &rest_len))
		if (stem_len == len && memcmp(stem, word, len) == 0)
			return true;
	return false;
}

bool
entry_has_words(const char *p, const char *end, const char *words)
{
	size_t len;

	for (;; words += len + 1) {
		len = strcspn(words, "+");
		if (!has_word(p, end, words, len))
			return false;
		if (words[len] == '\0')
			return true;
	}
}
