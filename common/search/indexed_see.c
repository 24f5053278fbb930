/*
 * What of an index may be seen.  Where few sessions are, they are looked up in
 * its lists; else the column that says of which session a document is, is
 * read once.  Facts, which have no such column, and artifacts are in lists of
 * their sessions, and of none.
 */
#include "search/indexed.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#define SPAN ((int64_t)1 << 22)	/* rows that a table may be of */
#define DOCS 512		/* read over for what a session's list costs */

struct see {
	struct indexed *x;
	struct seen *seen;
	size_t who;
	struct seen_user *u;
	/* of the user's sessions, of this source */
	uint8_t *how;		/* own; enum seen_part of each session */
	size_t any;		/* of how many something may be seen */
	uint8_t *table;		/* own; the same by row, from least on */
	int64_t least, rows;
	/* of a part */
	size_t part;
	uint64_t *alive;	/* own */
};

/* --- sessions ---------------------------------------------------------- */

static void
look_sessions(struct see *s)
{
	size_t i, n = s->u->sessions;
	int64_t first, last;

	s->how = xcalloc(n + 1, sizeof *s->how);
	for (i = 0; i < n; i++) {
		s->how[i] = (uint8_t)seen_session(s->seen, s->who,
		    s->x->source, s->u->session[i].row);
		s->any += s->how[i] != SEEN_NONE;
	}
	if (n == 0)
		return;
	first = s->u->session[0].row;
	last = s->u->session[n - 1].row;
	if (last - first >= SPAN)
		return;
	s->least = first;
	s->rows = last - first + 1;
	s->table = xcalloc((size_t)s->rows, sizeof *s->table);
	for (i = 0; i < n; i++)
		s->table[s->u->session[i].row - first] = s->how[i];
}

static int
by_row(const void *pa, const void *pb)
{
	const struct seen_session *a = pa, *b = pb;

	return (a->row > b->row) - (a->row < b->row);
}

static uint8_t
how_of(const struct see *s, int64_t row)
{
	struct seen_session key = { .row = row }, *at;

	if (row <= 0)
		return SEEN_NONE;
	if (s->table != NULL)
		return row < s->least || row - s->least >= s->rows ?
		    SEEN_NONE : s->table[row - s->least];
	at = s->u->sessions == 0 ? NULL : bsearch(&key, s->u->session,
	    s->u->sessions, sizeof key, by_row);
	return at == NULL ? SEEN_NONE : s->how[at - s->u->session];
}

static void
revive(struct see *s, uint32_t doc)
{
	s->alive[doc / 64] |= UINT64_C(1) << (doc % 64);
}

/* The end of a node, which no column has. */
static int
node_end(struct see *s, int64_t row, int64_t *end, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(s->x->st->db, e, "SELECT end_ms FROM toc_node "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", row);
	return db_first(q, end, e);
}

/* Of a session some of which is seen. */
static int
look_some(struct see *s, uint32_t doc, int64_t session, struct err *e)
{
	struct segment *seg = s->x->x.s[s->part];
	int64_t start, end, row;

	if (segment_value(seg, INDEXED_TIME, doc, &start, e) < 0 ||
	    segment_value(seg, INDEXED_ROW, doc, &row, e) < 0)
		return -1;
	end = start + 1;
	if (s->x->source == SOURCE_TOC && node_end(s, row, &end, e) < 0)
		return -1;
	if (seen_row(s->seen, s->who, s->x->source, session, start, end,
	    NULL))
		revive(s, doc);
	return 0;
}

static int
look_at(struct see *s, uint32_t doc, int64_t session, struct err *e)
{
	uint8_t how = how_of(s, session);

	if (how == SEEN_ALL)
		revive(s, doc);
	return how == SEEN_SOME ? look_some(s, doc, session, e) : 0;
}

/* --- parts ------------------------------------------------------------- */

/* Of up to 64 documents in a row, which are seen; *some: of some of them it
 * depends on more than the session. */
static uint64_t
look_word(const struct see *s, const int64_t *v, int n, bool *some)
{
	const uint64_t rows = (uint64_t)s->rows, least = (uint64_t)s->least;
	uint64_t word = 0, any = 0, row;
	uint8_t how;
	int i;

	for (i = 0; i < n; i++) {
		row = (uint64_t)v[i] - least;	/* wraps: too great */
		how = row < rows ? s->table[row] : SEEN_NONE;
		word |= (uint64_t)(how == SEEN_ALL) << i;
		any |= how;
	}
	*some = any & SEEN_SOME;
	return word;
}

static int
by_column(struct see *s, struct err *e)
{
	struct segment *seg = s->x->x.s[s->part];
	uint32_t docs = segment_docs(seg), first, d;
	int64_t v[BITS_BLOCK];
	bool some = true;
	int i, k, n;

	for (first = 0; first < docs; first += BITS_BLOCK) {
		n = segment_values(seg, INDEXED_SESSION, first / BITS_BLOCK,
		    v, e);
		for (i = 0; i < n; i += 64) {
			d = first + (uint32_t)i;
			if (s->table != NULL)
				s->alive[d / 64] = look_word(s, v + i,
				    n - i < 64 ? n - i : 64, &some);
			for (k = i; some && k < n && k < i + 64; k++)
				if (look_at(s, first + (uint32_t)k, v[k],
				    e) < 0)
					return -1;
		}
		if (n < 0)
			return -1;
	}
	return 0;
}

/* The documents that have a value; of a session's name, which may be cut, or
 * another in capitals, those that are its own (row, else 0). */
static int
by_list(struct see *s, unsigned field, const char *value, size_t len,
    int64_t row, struct err *e)
{
	struct segment *seg = s->x->x.s[s->part];
	struct segment_term t;
	struct segment_list *l;
	uint32_t block, i;
	int64_t v;
	int r = segment_term(seg, field, value, len, &t, e);

	if (r != 1)
		return r;
	l = xmalloc(sizeof *l);
	segment_list(seg, &t, l);
	for (block = 0, r = 0; block < l->blocks && r == 0; block++) {
		r = segment_list_load(l, block, e);
		for (i = 0; r == 0 && i < l->n; i++) {
			if (row == 0)
				revive(s, l->doc[i]);
			else if ((r = segment_value(seg, INDEXED_SESSION,
			    l->doc[i], &v, e)) == 0 && v == row)
				r = look_at(s, l->doc[i], row, e);
		}
	}
	segment_list_release(l);
	free(l);
	return r;
}

static int
by_names(struct see *s, struct err *e)
{
	struct buf value = BUF_INIT;
	const char *name;
	bool whole;
	size_t i;
	int r = 0;

	for (i = 0; i < s->u->sessions && r == 0; i++) {
		if (s->how[i] == SEEN_NONE || s->u->session[i].row == 0)
			continue;
		if ((name = seen_name(s->seen, s->who, i, e)) == NULL) {
			r = -1;
			break;
		}
		buf_reset(&value);
		indexed_value(&value, name, strlen(name), &whole);
		r = by_list(s, INDEXED_FIELD(FIELD_SESSION), value.p,
		    value.len, s->u->session[i].row, e);
	}
	buf_release(&value);
	return r;
}

/* Facts and artifacts: of sessions, and, if they are one's own, of none. */
static int
by_of(struct see *s, struct err *e)
{
	bool fact = source_is_fact(s->x->source);
	const char *name;
	int64_t number;
	char key[8];
	size_t i;

	indexed_row(key, 0);
	if (s->who == 0 && by_list(s, INDEXED_OF, key, sizeof key, 0, e) < 0)
		return -1;
	for (i = 0; i < s->u->sessions; i++) {
		/* what has no time is seen by a graft of all times only */
		if (s->how[i] != SEEN_ALL && s->u->session[i].row != 0)
			continue;
		number = s->u->session[i].row;
		if (fact) {
			if ((name = seen_name(s->seen, s->who, i, e)) == NULL)
				return -1;
			number = doc_session(name);
		}
		if (number == 0)
			continue;
		indexed_row(key, number);
		if (by_list(s, INDEXED_OF, key, sizeof key, 0, e) < 0)
			return -1;
	}
	return 0;
}

static int
see_part(struct see *s, struct err *e)
{
	enum source source = s->x->source;

	if (source == SOURCE_OWN || source == SOURCE_ARTIFACT)
		return by_of(s, e);
	if (s->any == 0)
		return 0;
	return s->any < segment_docs(s->x->x.s[s->part]) / DOCS ?
	    by_names(s, e) : by_column(s, e);
}

/* What is not alive is dead, and so is what was. */
static void
shut(struct see *s)
{
	struct indexed *x = s->x;
	const uint64_t *dead = x->x.m.segment[s->part].dead;
	uint32_t docs = x->x.m.segment[s->part].docs, i;
	uint64_t any = 0;

	for (i = 0; i < docs / 64 + 1; i++) {
		s->alive[i] = ~s->alive[i];
		if (i == docs / 64)
			s->alive[i] &= (UINT64_C(1) << docs % 64) - 1;
		if (dead != NULL)
			s->alive[i] |= dead[i];
		any |= s->alive[i];
	}
	if (any == 0)
		return;
	x->shut[s->part] = s->alive;
	x->part[s->part].dead = s->alive;
	if (x->vector != NULL)
		x->vector[s->part].dead = s->alive;
	s->alive = NULL;
}

/* All that lives may be seen, as before indexed_see. */
void
indexed_open_again(struct indexed *x)
{
	size_t i;

	for (i = 0; x->shut != NULL && i < x->x.m.n; i++)
		free(x->shut[i]);
	free(x->shut);
	x->shut = NULL;
}

int
indexed_see(struct indexed *x, struct seen *seen, size_t who, struct err *e)
{
	struct see s = { .x = x, .seen = seen, .who = who,
	    .u = seen->user[who] };
	int r = 0;

	if (s.u->whole || source_is_shared(x->source))
		return 0;
	look_sessions(&s);
	x->shut = xcalloc(x->x.m.n + 1, sizeof *x->shut);
	for (; s.part < x->x.m.n && r == 0; s.part++) {
		s.alive = xcalloc((size_t)x->x.m.segment[s.part].docs / 64 +
		    1, sizeof *s.alive);
		if ((r = see_part(&s, e)) == 0)
			shut(&s);
		free(s.alive);
		s.alive = NULL;
	}
	free(s.how);
	free(s.table);
	return r;
}
