/*
 * Which grips are named is found by reading all versions of a user that stay,
 * while nobody else can write.  A list of who names what would make each build
 * pay for what is rarely done.
 */
#include "toc/toc_prune.h"

#include "base/alloc.h"
#include "base/map.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc.h"
#include "toc/toc_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- versions ---------------------------------------------------------- */

#define OLD "FROM toc_node n CROSS JOIN toc_version v ON v.node = n.id AND " \
	"v.version <= (SELECT w.version FROM toc_version w WHERE " \
	"w.node = n.id ORDER BY w.version DESC LIMIT 1 OFFSET :keep) " \
	"WHERE n.user = :user AND v.version <> n.live"

static int
count_old(struct store *st, int64_t keep, int64_t *n, struct err *e)
{
	struct db_query *q;
	int64_t old = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT count(*) " OLD)) == NULL)
		return -1;
	db_int(q, ":keep", keep);
	db_int(q, ":user", st->user_id);
	r = db_first(q, &old, e);
	*n += old;
	return r < 0 ? -1 : 0;
}

static int
delete_old(struct store *st, int64_t keep, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM toc_version WHERE seq IN "
	    "(SELECT v.seq " OLD ")")) == NULL)
		return -1;
	db_int(q, ":keep", keep);
	db_int(q, ":user", st->user_id);
	if (db_run(q, e) < 0)
		return -1;
	*n = db_changes(st->db);
	if ((q = db_sql(st->db, e, "DELETE FROM toc_move WHERE NOT EXISTS "
	    "(SELECT 1 FROM toc_version v WHERE v.node = toc_move.node AND "
	    "v.version = toc_move.version)")) == NULL)
		return -1;
	return db_run(q, e);
}

/* --- grips ------------------------------------------------------------- */

struct list {
	struct grip *v;		/* own; of each only what grip_cmp sees */
	size_t n, cap;
};

/* In the order of grip_each. */
static int
grip_cmp(const void *va, const void *vb)
{
	const struct grip *a = va, *b = vb;

	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return memcmp(a->suffix, b->suffix, sizeof a->suffix);
}

static void
add(struct list *l, const struct grip *g)
{
	l->v = xgrow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = *g;
}

static void
add_id(struct list *l, const char *id, size_t len)
{
	char name[GRIP_ID_LEN];
	struct grip g = { 0 };

	if (len >= sizeof name)
		return;
	memcpy(name, id, len);
	name[len] = '\0';
	if (grip_id_read(name, &g))
		add(l, &g);
}

/* Those that a version names. */
static int
add_named(struct store *st, struct db_query *q, struct list *named,
    struct err *e)
{
	struct buf text = BUF_INIT;
	const char *id;
	struct toc_line l;
	size_t at = 0, n;
	const void *p;
	int r;

	p = db_get_blob(q, 0, &n);
	r = toc_body_read(st, p, n, db_get_int(q, 1), &text, e);
	while (r == 0 && toc_body_next(&text, &at, &l))
		while (l.kind == 'B' &&
		    toc_grip_next(&l.b.grips, &l.b.grips_len, &id, &n))
			add_id(named, id, n);
	buf_release(&text);
	return r;
}

static int
find_named(struct store *st, struct list *named, struct err *e)
{
	struct map marks = MAP_INIT;
	struct db_query *q;
	size_t i;
	int r;

	if ((r = toc_marks(st, &marks, e)) == 0)
		for (i = 0; i < marks.n; i++)
			add_id(named, marks.e[i].key,
			    strlen(marks.e[i].key));
	map_release(&marks);
	if (r < 0 || (q = db_sql(st->db, e, "SELECT "
	    OPEN_CONTENTS("v.") ", v.dict "
	    "FROM toc_node n CROSS JOIN toc_version v ON v.node = n.id "
	    "WHERE n.user = :user AND v.gone = 0")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1)
		if ((r = add_named(st, q, named, e)) < 0)
			break;
	db_end(q);
	if (named->n > 0)
		qsort(named->v, named->n, sizeof *named->v, grip_cmp);
	return r;
}

struct sweep {
	struct list named, gone;
	size_t next;		/* of named */
};

static int
look(void *arg, const struct grip *g, struct err *e)
{
	struct sweep *s = arg;

	(void)e;
	while (s->next < s->named.n &&
	    grip_cmp(&s->named.v[s->next], g) < 0)
		s->next++;
	if (s->next == s->named.n || grip_cmp(&s->named.v[s->next], g) != 0)
		add(&s->gone, g);
	return 0;
}

static int
delete_unnamed(struct store *st, struct err *e)
{
	struct sweep s = { 0 };
	size_t i;
	int r;

	if ((r = find_named(st, &s.named, e)) == 0)
		r = grip_each(st, look, &s, e);
	for (i = 0; r == 0 && i < s.gone.n; i++)
		r = grip_delete(st, &s.gone.v[i], e);
	free(s.named.v);
	free(s.gone.v);
	return r;
}

/* --- a user ------------------------------------------------------------ */

static int
prune(struct store *st, int64_t keep, int64_t *n, struct err *e)
{
	char detail[64];

	if (delete_old(st, keep, n, e) < 0 || delete_unnamed(st, e) < 0)
		return -1;
	if (*n == 0)
		return 0;
	snprintf(detail, sizeof detail, "%" PRId64 " versions of contents",
	    *n);
	return audit_add(st, "prune", NULL, detail, e);
}

/* The next user after one who has contents; 1, or 0. */
static int
next_user(struct store *st, int64_t *user, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT user FROM toc_user "
	    "WHERE user > :after ORDER BY user LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":after", *user);
	return db_first(q, user, e);
}

int
toc_prune(struct store *st, int64_t keep, bool dry, int64_t *n,
    struct err *e)
{
	int64_t mine = st->user_id, user = 0, some;
	int r;

	*n = 0;
	while ((r = next_user(st, &user, e)) == 1) {
		st->user_id = user;
		some = 0;
		if (dry)
			r = count_old(st, keep, n, e);
		else if ((r = tx_begin(st->db, e)) == 0)
			r = tx_end(st->db, prune(st, keep, &some, e), e);
		*n += some;
		if (r < 0)
			break;
	}
	st->user_id = mine;
	return r;
}
