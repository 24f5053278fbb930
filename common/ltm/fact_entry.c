#include "ltm/fact_entry.h"

#include "base/date.h"
#include "store/db.h"
#include "store/store.h"

int64_t
fact_owner(const struct store *st, bool own)
{
	return !own ? 0 : st->user_id != 0 ? st->user_id : -1;
}

static int
show(struct db_query *q, int64_t at_ms, int (*fn)(void *,
    const struct fact *, struct err *), void *arg, struct err *e)
{
	struct fact f;
	int r = 0;

	if (fact_row(q, at_ms, &f, e) < 0)
		return -1;
	if (!fact_has_tag(&f, "verdict"))
		r = fn(arg, &f, e);
	json_decref(f.body);
	return r;
}

#define COUNTS "f.gone = 0 AND (f.valid_until IS NULL OR f.valid_until > :at)"

/* All of an owner, by his index. */
static struct db_query *
all(struct store *st, bool own, int64_t as_of_ms, int64_t at, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.user = :user AND "
	    COUNTS " AND (:past = 0 OR f.valid_from <= :at)")) == NULL)
		return NULL;
	db_int(q, ":user", fact_owner(st, own));
	db_int(q, ":at", at);
	db_int(q, ":past", as_of_ms != FACT_NOW);
	return q;
}

/* The newest, by their rows, with those before them. */
static struct db_query *
newer(struct store *st, bool own, int64_t after, int64_t at, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.seq > :after AND "
	    "+f.user = :user AND " COUNTS " UNION ALL " FACT_COLUMNS
	    "WHERE f.seq IN (SELECT p.seq FROM fact n CROSS JOIN fact p "
	    "ON p.id = n.id AND p.version = n.version - 1 WHERE "
	    "n.seq > :after AND p.seq <= :after AND +n.user = :user) AND "
	    COUNTS)) == NULL)
		return NULL;
	db_int(q, ":user", fact_owner(st, own));
	db_int(q, ":at", at);
	db_int(q, ":after", after);
	return q;
}

int
fact_entries(struct store *st, bool own, int64_t after, int64_t as_of_ms,
    int (*fn)(void *, const struct fact *, struct err *), void *arg,
    struct err *e)
{
	int64_t at = as_of_ms == FACT_NOW ? date_now() : as_of_ms, newest;
	struct db_query *q;
	int r;

	if (fact_newest(st, &newest, e) < 0)
		return -1;
	if (newest <= after)
		return 0;
	q = after == 0 ? all(st, own, as_of_ms, at, e) :
	    newer(st, own, after, at, e);
	if (q == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((r = show(q, at, fn, arg, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
fact_entry(struct store *st, int64_t seq, int64_t as_of_ms,
    int (*fn)(void *, const struct fact *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.seq = :seq AND "
	    "f.user IN (0, :user)")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	db_int(q, ":user", fact_owner(st, true));
	if ((r = db_row(q, e)) == 1)
		r = show(q, as_of_ms == FACT_NOW ? date_now() : as_of_ms, fn,
		    arg, e) < 0 ? -1 : 1;
	db_end(q);
	return r;
}

/* --- row by row -------------------------------------------------------- */

struct rows {
	struct store *st;
	int64_t at;
	int (*fn)(void *, const struct fact *, bool, int64_t, struct err *);
	void *arg;
};

static int
give(struct rows *w, struct db_query *q, bool before, struct err *e)
{
	struct fact f;
	int r;

	if (fact_row(q, w->at, &f, e) < 0)
		return -1;
	r = w->fn(w->arg, &f, !f.gone && f.valid_until_ms > w->at &&
	    !fact_has_tag(&f, "verdict"), before ? 0 : f.seq, e);
	json_decref(f.body);
	return r;
}

static int
give_before(struct rows *w, int64_t id, int64_t version, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(w->st->db, e, FACT_COLUMNS "WHERE f.id = :id AND "
	    "f.version = :version")) == NULL)
		return -1;
	db_int(q, ":id", id);
	db_int(q, ":version", version);
	if ((r = db_row(q, e)) == 1)
		r = give(w, q, true, e);
	db_end(q);
	return r;
}

int
fact_each_row(struct store *st, bool own, int64_t after,
    int (*fn)(void *, const struct fact *, bool, int64_t, struct err *),
    void *arg, struct err *e)
{
	struct rows w = { st, date_now(), fn, arg };
	struct db_query *q;
	int64_t newest, version;
	int r;

	if (fact_newest(st, &newest, e) < 0)
		return -1;
	if (newest <= after)
		return 0;
	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.seq > :after AND "
	    "+f.user = :user ORDER BY f.seq")) == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":user", fact_owner(st, own));
	while ((r = db_row(q, e)) == 1) {
		version = db_get_int(q, 2);
		if ((version > 1 && (r = give_before(&w, db_get_int(q, 1),
		    version - 1, e)) != 0) || (r = give(&w, q, false, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
fact_newest(struct store *st, int64_t *seq, struct err *e)
{
	return db_number(st->db, e, "SELECT max(seq) FROM fact", 0, seq);
}

int
fact_count_after(struct store *st, bool own, int64_t after, int64_t most,
    int64_t *n, struct err *e)
{
	struct db_query *q;
	int64_t newest;

	*n = 0;
	if (fact_newest(st, &newest, e) < 0)
		return -1;
	if (newest <= after)
		return 0;
	q = after == 0 ? db_sql(st->db, e, "SELECT count(*) FROM (SELECT 1 "
	    "FROM fact WHERE user = :user LIMIT :most)") : db_sql(st->db, e,
	    "SELECT count(*) FROM (SELECT 1 FROM fact WHERE seq > :after AND "
	    "+user = :user LIMIT :most)");
	if (q == NULL)
		return -1;
	db_int(q, ":user", fact_owner(st, own));
	if (after != 0)
		db_int(q, ":after", after);
	db_int(q, ":most", most > 0 ? most : -1);
	return db_first(q, n, e) < 0 ? -1 : 0;
}
