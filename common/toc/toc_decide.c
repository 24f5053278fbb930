/*
 * What was decided elsewhere, or about what was not here.
 */
#include "toc/toc_decide.h"

#include "base/json.h"
#include "base/str.h"
#include "memory/decision.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/toc_edit.h"

/* The last mark counts, whether its node is here or not. */
static int
follow_mark(struct store *st, const char *about,
    const struct decisions *all, struct err *e)
{
	const char *name = about, *is = NULL;
	struct toc_node n;
	size_t i;
	int r;

	if (str_starts(about, "toc:"))
		name += 4;
	for (i = 0; i < all->n; i++)
		if (all->v[i].what == DECISION_MARK)
			is = get_str(all->v[i].value, "mark", NULL);
	r = toc_set_mark(st, name, is == NULL ? 0 : str_eq(is, "pin") ?
	    TOC_PIN : TOC_HIDE, e);
	if (r != 1 || (r = toc_marked_node(st, name, &n, e)) != 1)
		return r < 0 ? -1 : 0;
	return toc_show_mark(st, name, &n, e);
}

/* The newest version that says this; 1, or 0. */
static int
find_version(struct store *st, const struct toc_node *n, const char *wanted,
    struct toc_version *v, struct err *e)
{
	char says[TOC_SAYS + 1];
	struct db_query *q;
	int64_t number = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT max(version) FROM toc_version "
	    "WHERE node = :node")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	for (r = db_first(q, &number, e); r >= 0 && number > 0; number--) {
		if ((r = toc_version(st, n, number, v, e)) != 1)
			continue;
		toc_says(v, says);
		if (str_eq(says, wanted))
			return 1;
		toc_version_release(v);
	}
	return r < 0 ? -1 : 0;
}

/* The last move that rests on the events that there are counts.  1 moved. */
static int
follow_move(struct store *st, const char *about,
    const struct decisions *all, struct err *e)
{
	const struct decided *last = NULL;
	char rest[2 * TOC_HASH + 1];
	struct toc_version v;
	struct toc_node n;
	size_t i;
	int r;

	if ((r = toc_find(st, about, &n, e)) != 1 ||
	    (r = toc_rest(st, n.id, rest, e)) < 0)
		return r;
	for (i = 0; i < all->n; i++)
		if (all->v[i].what == DECISION_MOVE &&
		    str_eq(all->v[i].rest, rest))
			last = &all->v[i];
	if (last == NULL || (r = find_version(st, &n, get_str(last->value,
	    "says", NULL), &v, e)) != 1)
		return last == NULL ? 0 : r;
	r = v.version == n.live && n.held ? 0 : toc_move(st, &n, &v, e);
	toc_version_release(&v);
	return r;
}

static int
follow(struct store *st, const char *about, bool moves, struct err *e)
{
	struct decisions all;
	int r;

	if ((r = decisions_read(st, st->user_id, about, &all, e)) == 1)
		r = moves ? follow_move(st, about, &all, e) :
		    follow_mark(st, about, &all, e);
	decisions_release(&all);
	return r;
}

int
toc_decided(struct store *st, const struct decided *d, struct err *e)
{
	int64_t mine = st->user_id;
	int r;

	/* what a user has is found by who the store is open for */
	st->user_id = d->user;
	r = follow(st, d->about, d->what == DECISION_MOVE, e);
	st->user_id = mine;
	return r < 0 ? -1 : 0;
}

/* Names of nodes that were moved, read from the index alone. */
static int
moved_nodes(struct store *st, struct strv *names, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT about FROM decision "
	    "WHERE user = :user AND about >= 'toc:' AND about < 'toc;' AND "
	    "rest IS NOT NULL")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1)
		strv_add(names, db_get_text(q, 0));
	db_end(q);
	return r;
}

static int
move_all(struct store *st, const struct strv *names, struct err *e)
{
	int r, moved = 0;
	size_t i;

	for (i = 0; i < names->n; i++) {
		if ((r = follow(st, names->v[i], true, e)) < 0)
			return -1;
		moved = moved || r == 1;
	}
	return moved;
}

int
toc_move_all(struct store *st, struct err *e)
{
	struct strv names = STRV_INIT;
	int r;

	if ((r = moved_nodes(st, &names, e)) == 0 && names.n > 0 &&
	    (r = tx_begin(st->db, e)) == 0)
		r = tx_end(st->db, move_all(st, &names, e), e);
	strv_release(&names);
	return r;
}
