#include "ltm/tally_lines.h"

#include "base/alloc.h"
#include "index/token.h"
#include "ltm/entry.h"

#include <stdlib.h>
#include <string.h>

#define NEW_MOST 16		/* words that are told apart one by one */

/* The words of new rows are few: a hash for each would take longer. */
static int64_t
find_new(const struct lines *ls, const char *stem, size_t len)
{
	const struct map_entry *en = ls->stems.e;
	size_t i;

	for (i = 0; i < ls->stems.n; i++)
		if (en[i].len == len && memcmp(en[i].key, stem, len) == 0)
			return (int64_t)i;
	return -1;
}

/* -1: no new row has it. */
static int64_t
number(struct lines *ls, const char *stem, size_t len, bool behind, bool fresh)
{
	union map_value *v;
	int64_t at;
	int made = 0;

	if (ls->only_new && !fresh) {
		if ((at = find_new(ls, stem, len)) < 0)
			return -1;
	} else {
		v = map_put_n(&ls->stems, stem, len, &made);
		if (made)
			v->i = (int64_t)ls->nwords;
		at = v->i;
	}
	if (made) {
		ls->word = xgrow(ls->word, ls->nwords, &ls->cap_words,
		    sizeof *ls->word);
		ls->word[ls->nwords++] = (struct word){ 0, behind };
	}
	if (behind && !fresh)
		ls->word[at].n++;
	return at;
}

static bool
read_line(struct lines *ls, const char *p, const char *end, bool fresh,
    struct line *l)
{
	const char *stem, *rest;
	size_t stem_len, same, len;
	struct entry_head h;
	bool found = false;
	uint64_t n, i;
	int64_t word;

	if (!entry_get_head(&p, end, &h) || !entry_get_count(&p, end, &n) ||
	    n > WORDS_BEST)
		return false;
	l->hash = h.hash;
	for (i = 0; i < n; i++) {
		if (!entry_get_keyword(&p, end, &stem, &stem_len, &same, &rest,
		    &len) || stem_len > TOKEN_MAX)
			return false;
		if (stem_len == ls->own_len &&
		    memcmp(stem, ls->own, stem_len) == 0) {
			found = true;
			l->behind = l->n;
		} else if (l->n < LINE_WORDS && (word = number(ls, stem,
		    stem_len, found, fresh)) >= 0)
			l->word[l->n++] = (uint32_t)word;
	}
	if (!found)
		l->behind = l->n;
	return true;
}

static int
note_line(void *arg, int64_t row, const char *p, size_t len)
{
	struct lines *ls = arg;
	struct line l = { .n = 0 };

	(void)row;
	if (len == 0)
		return 0;
	if (!read_line(ls, p, p + len, false, &l))
		return ls->damaged = true;
	ls->v = xgrow(ls->v, ls->n, &ls->cap, sizeof *ls->v);
	ls->v[ls->n++] = l;
	return 0;
}

static int
note_new(void *arg, int64_t row, const char *p, size_t len)
{
	struct lines *ls = arg;
	struct line l = { .n = 0 };

	if (len == 0 || row <= ls->seen)
		return 0;
	if (ls->stems.n > NEW_MOST) {
		ls->only_new = false;
		return 0;
	}
	if (!read_line(ls, p, p + len, true, &l))
		return ls->damaged = true;
	ls->fresh = xgrow(ls->fresh, ls->nfresh, &ls->cap_fresh,
	    sizeof *ls->fresh);
	ls->fresh[ls->nfresh++] = l;
	return 0;
}

int
lines_read(struct lines *ls, struct groups *gs, struct group *g,
    bool only_new, struct err *e)
{
	int r = 0;

	memset(ls, 0, sizeof *ls);
	ls->own = strchr(g->name, GROUP_SEP) + 1;
	ls->own_len = strlen(ls->own);
	ls->only_new = only_new;
	ls->seen = g->seen;
	if (only_new)
		r = group_each(gs, g, note_new, ls, e);
	if (!ls->only_new) {
		map_release(&ls->stems);
		ls->nwords = ls->nfresh = 0;
	}
	return r != 0 ? r : group_each(gs, g, note_line, ls, e);
}

void
lines_release(struct lines *ls)
{
	map_release(&ls->stems);
	free(ls->word);
	free(ls->v);
	free(ls->fresh);
}
