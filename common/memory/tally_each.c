/*
 * A word's group is read three times: for the other keywords that are in
 * enough of its rows, for the sets of those that are, and for what the sets
 * come to.  Most rows are done with after the first.
 */
#include "memory/tally.h"

#include "base/alloc.h"
#include "index/token.h"
#include "memory/entry.h"
#include "memory/intake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct set {
	struct group g;		/* id, name */
	struct tally t;
};

struct mining {
	const struct processor *p;
	const struct dimension *d;
	struct groups *gs;
	struct group *g;
	const char *word;	/* of the group: in its name */
	struct map words;	/* others behind it: rows */
	struct map sets;	/* name: rows, then a struct set */
	struct buf name;
	bool damaged;
};

struct keywords {
	const char *s[WORDS_BEST];
	size_t len[WORDS_BEST];
	size_t n;
};

/* Those behind the group's own word, which are in order. */
static bool
read_keywords(struct mining *m, const char *p, size_t len,
    struct keywords *k)
{
	size_t i, stem_len, same, rest_len, mine = strlen(m->word);
	const char *end = p + len, *stem, *rest;
	struct entry_head h;
	bool behind = false;
	uint64_t n;

	k->n = 0;
	if (len == 0)
		return true;
	if (!entry_get_head(&p, end, &h) || !entry_get_count(&p, end, &n) ||
	    n > WORDS_BEST)
		return false;
	for (i = 0; i < n; i++) {
		if (!entry_get_keyword(&p, end, &stem, &stem_len, &same, &rest,
		    &rest_len) || stem_len > TOKEN_MAX)
			return false;
		if (behind) {
			k->s[k->n] = stem;
			k->len[k->n++] = stem_len;
		}
		behind = behind || (stem_len == mine &&
		    memcmp(stem, m->word, mine) == 0);
	}
	return true;
}

static int
count_words(void *arg, int64_t row, const char *p, size_t len)
{
	struct mining *m = arg;
	struct keywords k;
	char room[TOKEN_MAX + 1];
	size_t i;
	int made;

	(void)row;
	if (!read_keywords(m, p, len, &k))
		return m->damaged = true;
	for (i = 0; i < k.n; i++) {
		memcpy(room, k.s[i], k.len[i]);
		room[k.len[i]] = '\0';
		map_put(&m->words, room, &made)->i++;
	}
	return 0;
}

/* The words that are frequent stay. */
static void
keep_frequent(struct mining *m, struct keywords *k)
{
	union map_value *v;
	char room[TOKEN_MAX + 1];
	size_t i, n = 0;

	for (i = 0; i < k->n; i++) {
		memcpy(room, k->s[i], k->len[i]);
		room[k->len[i]] = '\0';
		v = map_get(&m->words, room);
		if (v == NULL || v->i < m->d->least)
			continue;
		k->s[n] = k->s[i];
		k->len[n++] = k->len[i];
	}
	k->n = n;
}

/* The sets of a row, each with its name. */
static int
each_set(struct mining *m, const char *p, size_t len,
    void (*fn)(struct mining *, const char *, size_t))
{
	struct keywords k;
	unsigned set;
	size_t i;

	if (!read_keywords(m, p, len, &k))
		return m->damaged = true;
	keep_frequent(m, &k);
	for (set = 1; set < 1u << k.n; set++) {
		buf_reset(&m->name);
		buf_adds(&m->name, m->g->name);
		for (i = 0; i < k.n; i++)
			if (set >> i & 1) {
				buf_addc(&m->name, GROUP_SEP);
				buf_add(&m->name, k.s[i], k.len[i]);
			}
		fn(m, p, len);
	}
	return m->damaged;
}

static void
count_set(struct mining *m, const char *p, size_t len)
{
	int made;

	(void)p;
	(void)len;
	map_put(&m->sets, m->name.p, &made)->i++;
}

static void
tally_set(struct mining *m, const char *p, size_t len)
{
	union map_value *v = map_get(&m->sets, m->name.p);
	struct set *s = v != NULL ? v->p : NULL;

	if (s != NULL && !tally_row(&s->t, p, len))
		m->damaged = true;
}

static int
count_sets(void *arg, int64_t row, const char *p, size_t len)
{
	(void)row;
	return each_set(arg, p, len, count_set);
}

static int
tally_sets(void *arg, int64_t row, const char *p, size_t len)
{
	(void)row;
	return each_set(arg, p, len, tally_set);
}

/* A set with one word less, in as many rows, is not closed: its number
 * becomes negative. */
static void
close_below(struct mining *m, const struct map_entry *en)
{
	int64_t n = en->v.i < 0 ? -en->v.i : en->v.i;
	const char *word, *next;
	union map_value *v;

	/* behind the project, the first word stays */
	word = strchr(strchr(en->key, GROUP_SEP) + 1, GROUP_SEP);
	for (; word != NULL; word = next) {
		next = strchr(word + 1, GROUP_SEP);
		buf_reset(&m->name);
		buf_add(&m->name, en->key, (size_t)(word - en->key));
		buf_adds(&m->name, next != NULL ? next : "");
		if ((v = map_get(&m->sets, m->name.p)) != NULL && v->i == n)
			v->i = -n;
	}
}

static void
close_sets(struct mining *m)
{
	size_t i;

	for (i = 0; i < m->sets.n; i++)
		close_below(m, &m->sets.e[i]);
}

/* From numbers of rows to tallies, of those that are enough and may be
 * closed. */
static void
begin_sets(struct mining *m)
{
	struct map_entry *en;
	struct set *s;
	size_t i;

	for (i = 0; i < m->sets.n; i++) {
		en = &m->sets.e[i];
		if (en->v.i < m->d->least) {
			en->v.p = NULL;
			continue;
		}
		s = xcalloc(1, sizeof *s);
		s->g.dim = m->g->dim;
		s->g.name = en->key;
		s->g.was = m->g->id;
		s->g.id = group_id_of(m->gs, m->g->dim, en->key);
		tally_init(&s->t, m->p, m->d);
		en->v.p = s;
	}
}

static int
damaged(const struct mining *m, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "group %016" PRIx64 " of '%s' is "
	    "damaged; run mem-ltm run --rebuild", (uint64_t)m->g->id,
	    m->p->name);
}

static int
show(struct group *g, struct tally *t, int (*fn)(void *,
    const struct tally_result *, struct err *), void *arg, struct err *e)
{
	struct tally_result r = { .g = g, .t = t };
	char why[TALLY_WHY] = "";

	tally_end(t, g);
	r.holds = tally_holds(t, why);
	r.why = why;
	return fn(arg, &r, e);
}

static int
mine(struct mining *m, int (*fn)(void *, const struct tally_result *,
    struct err *), void *arg, struct err *e)
{
	struct set *s;
	size_t i;
	int r;

	m->word = strchr(m->g->name, GROUP_SEP) + 1;
	if ((r = group_each(m->gs, m->g, count_words, m, e)) == 0)
		r = group_each(m->gs, m->g, count_sets, m, e);
	close_sets(m);
	begin_sets(m);
	if (r == 0 && m->sets.n > 0)
		r = group_each(m->gs, m->g, tally_sets, m, e);
	if (m->damaged)
		r = damaged(m, e);
	for (i = 0; i < m->sets.n; i++) {
		if ((s = m->sets.e[i].v.p) == NULL)
			continue;
		if (r == 0)
			r = show(&s->g, &s->t, fn, arg, e);
		tally_release(&s->t);
		free(s);
	}
	map_release(&m->words);
	map_release(&m->sets);
	buf_release(&m->name);
	return r;
}

struct plain {
	struct tally t;
	bool damaged;
};

static int
tally_one(void *arg, int64_t row, const char *p, size_t len)
{
	struct plain *w = arg;

	(void)row;
	return w->damaged = !tally_row(&w->t, p, len);
}

int
tally_each(const struct processor *p, struct groups *gs, struct group *g,
    int (*fn)(void *, const struct tally_result *, struct err *), void *arg,
    struct err *e)
{
	struct mining m = { .p = p, .gs = gs, .g = g,
	    .d = &p->dim[g->dim % GROUP_WORD], .words = MAP_INIT,
	    .sets = MAP_INIT, .name = BUF_INIT };
	struct plain w = { .damaged = false };
	int r;

	if (g->dim >= GROUP_WORD)
		return mine(&m, fn, arg, e);
	tally_init(&w.t, p, m.d);
	if ((r = group_each(gs, g, tally_one, &w, e)) != 0)
		r = w.damaged ? damaged(&m, e) : -1;
	else
		r = show(g, &w.t, fn, arg, e);
	tally_release(&w.t);
	return r;
}
