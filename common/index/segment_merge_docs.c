/*
 * The documents of a merge.
 */
#include "index/segment_merge.h"

#include "base/alloc.h"

#include <string.h>

static bool
is_dead(const struct merge_source *x, uint64_t doc)
{
	return x->dead != NULL && (x->dead[doc / 64] >> (doc % 64) & 1);
}

/* The next key that is alive. */
static int
next_key(struct merge_source *x, struct err *e)
{
	int r;

	while ((r = seg_strings_next(&x->keys, e)) == 1 &&
	    is_dead(x, x->keys.next - 1)) {
		x->number[x->keys.next - 1] = MERGE_GONE;
		x->gone++;
	}
	x->has_key = r == 1;
	return r < 0 ? -1 : 0;
}

/* The source with the least key; NULL: all are through. */
static struct merge_source *
least_key(struct merge *m, bool *twice)
{
	struct merge_source *least = NULL, *x;
	size_t i;
	int d;

	*twice = false;
	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		if (!x->has_key)
			continue;
		d = least == NULL ? -1 : seg_compare(x->keys.text,
		    x->keys.len, least->keys.text, least->keys.len);
		if (d < 0) {
			least = x;
			*twice = false;
		} else if (d == 0) {
			*twice = true;
		}
	}
	return least;
}

int
merge_docs(struct merge *m, struct err *e)
{
	struct merge_source *x;
	const uint8_t *lengths;
	uint64_t most = 0;
	size_t i;
	bool twice;

	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		most += x->s->docs;
		seg_strings(&x->keys, x->s, SEG_KEYS);
		if (segment_lengths(x->s, &lengths, e) < 0 ||
		    next_key(x, e) < 0)
			return -1;
	}
	if (most > SIZE_MAX / 8)
		alloc_fail();
	m->from = xcalloc((size_t)most + 1, sizeof *m->from);
	m->length = xcalloc((size_t)most + 1, sizeof *m->length);
	while ((x = least_key(m, &twice)) != NULL) {
		if (twice)
			return err_set(e, ERR_EXISTS, "a document is in two "
			    "index files; mem-index --rebuild makes the "
			    "index again");
		if (m->docs == SEGMENT_DOCS)
			return err_set(e, ERR_INPUT,
			    "too many documents for one index file");
		x->number[x->keys.next - 1] = m->docs;
		m->from[m->docs] = (uint32_t)(x - m->src);
		if (segment_length_of(x->s, (uint32_t)x->keys.next - 1,
		    &m->length[m->docs++], e) < 0 || next_key(x, e) < 0 ||
		    merge_step(m, e) < 0)
			return -1;
	}
	return 0;
}

int
merge_key(void *arg, uint32_t doc, const char **key, size_t *len,
    struct err *e)
{
	struct merge *m = arg;
	struct merge_source *x = &m->src[m->from[doc]];
	size_t i;

	for (i = 0; i < m->n && doc == 0; i++)
		seg_strings(&m->src[i].keys, m->src[i].s, SEG_KEYS);
	do {
		if (seg_strings_next(&x->keys, e) < 0)
			return -1;
	} while (x->number[x->keys.next - 1] == MERGE_GONE);
	*key = x->keys.text;
	*len = x->keys.len;
	return merge_step(m, e);
}

int
merge_value(void *arg, unsigned column, uint32_t doc, int64_t *v,
    struct err *e)
{
	struct merge *m = arg;
	struct merge_source *x = &m->src[m->from[doc]];
	size_t i;

	for (i = 0; i < m->n && doc == 0; i++)
		m->src[i].next = 0;
	while (x->number[x->next] == MERGE_GONE)
		x->next++;
	return segment_value(x->s, column, x->next++, v, e) < 0 ? -1 :
	    merge_step(m, e);
}
