#include "store/forgetting.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

struct place {
	int64_t seq, pack, off, len;	/* pack 0: it has a body of its own */
};

struct places {
	struct place *v;		/* own */
	size_t n, cap;
};

/* --- packs ------------------------------------------------------------- */

static int
pack_delete(struct store *st, int64_t pack, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM pack WHERE id = :id")) ==
	    NULL)
		return -1;
	db_int(q, ":id", pack);
	return db_run(q, e);
}

/* The places of others stay where they are. */
static int
pack_write(struct store *st, int64_t pack, const struct buf *content,
    int64_t gone, struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q;
	int64_t dict;
	int r = -1;

	if (store_pack(st, &packed, content->p, content->len, &dict, e) == 0 &&
	    (q = db_sql(st->db, e, "UPDATE pack SET data = :data, "
	    "dict = :dict, events = events - :gone WHERE id = :id")) != NULL) {
		db_blob(q, ":data", packed.p, packed.len);
		db_int(q, ":dict", dict);
		db_int(q, ":gone", gone);
		db_int(q, ":id", pack);
		r = db_run(q, e);
	}
	buf_release(&packed);
	return r;
}

/* How many events lie in a pack: what its row says, for those that are taken
 * away leave it by this file alone. */
static int
pack_events(struct store *st, int64_t pack, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT events FROM pack WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", pack);
	if ((r = db_first(q, n, e)) == 0)
		return err_set(e, ERR_CORRUPT, "a damaged store (run mem-admin "
		    "check): a pack is missing");
	return r < 0 ? -1 : 0;
}

static bool
is_blank(const struct buf *b)
{
	return b->len == 0 || (b->p[0] == '\0' &&
	    memcmp(b->p, b->p + 1, b->len - 1) == 0);
}

/* These, all of one pack: zeros take their place, and a pack without others
 * goes. */
static int
pack_blank(struct store *st, const struct place *v, size_t n, struct err *e)
{
	struct buf content = BUF_INIT;
	int64_t events;
	size_t i;
	int r;

	if (pack_events(st, v[0].pack, &events, e) < 0)
		return -1;
	r = pack_read(st, v[0].pack, &content, e);
	for (i = 0; r == 0 && i < n; i++)
		if ((r = pack_place(&content, v[i].pack, v[i].off, v[i].len,
		    e)) == 0)
			memset(content.p + v[i].off, 0, (size_t)v[i].len);
	if (r < 0)
		err_add(e, "a damaged store (run mem-admin check): ");
	/* both: the number may be wrong, and a text may be empty */
	else if (events <= (int64_t)n && is_blank(&content))
		r = pack_delete(st, v[0].pack, e);
	else
		r = pack_write(st, v[0].pack, &content, (int64_t)n, e);
	buf_wipe(&content);
	return r;
}

static int
by_pack(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->pack != y->pack)
		return x->pack < y->pack ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int
blank_all(struct store *st, struct places *p, struct err *e)
{
	size_t from, to;
	int r = 0;

	if (p->n > 0)
		qsort(p->v, p->n, sizeof *p->v, by_pack);
	for (from = 0; r == 0 && from < p->n; from = to) {
		for (to = from + 1; to < p->n && p->v[to].pack ==
		    p->v[from].pack; to++)
			;
		if (p->v[from].pack != 0)
			r = pack_blank(st, p->v + from, to - from, e);
	}
	return r;
}

/* --- events ------------------------------------------------------------ */

#define PLACE "SELECT seq, ifnull(pack, 0), ifnull(off, 0), ifnull(len, 0) "

static int
places_read(struct places *p, struct db_query *q, struct err *e)
{
	struct place *one;
	int r;

	while ((r = db_row(q, e)) == 1) {
		p->v = xgrow(p->v, p->n, &p->cap, sizeof *p->v);
		one = &p->v[p->n++];
		one->seq = db_get_int(q, 0);
		one->pack = db_get_int(q, 1);
		one->off = db_get_int(q, 2);
		one->len = db_get_int(q, 3);
	}
	db_end(q);
	return r;
}

static int
delete_one(struct store *st, int64_t seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM event WHERE seq = :seq")) ==
	    NULL)
		return -1;
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

static int
places_delete(struct store *st, struct places *p, struct err *e)
{
	size_t i;
	int r = blank_all(st, p, e);

	for (i = 0; r == 0 && i < p->n; i++)
		r = delete_one(st, p->v[i].seq, e);
	return r;
}

int
forgetting_events(struct store *st, int64_t session, int64_t most,
    int64_t *gone, struct err *e)
{
	struct places p = { NULL, 0, 0 };
	struct db_query *q;
	int r;

	/* in the order of time, as packs are */
	if ((q = db_sql(st->db, e, PLACE "FROM event INDEXED BY event_session "
	    "WHERE session = :session ORDER BY ts LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":most", most);
	r = places_read(&p, q, e);
	if (r == 0 && (r = places_delete(st, &p, e)) == 0)
		*gone = (int64_t)p.n;
	free(p.v);
	return r;
}

int
forgetting_event(struct store *st, int64_t seq, struct err *e)
{
	struct places p = { NULL, 0, 0 };
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, PLACE "FROM event WHERE seq = :seq")) ==
	    NULL)
		return -1;
	db_int(q, ":seq", seq);
	r = places_read(&p, q, e);
	if (r == 0)
		r = places_delete(st, &p, e);
	free(p.v);
	return r;
}

/* --- sessions ---------------------------------------------------------- */

int
forgetting_add(struct store *st, int64_t session, int64_t user,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO forgetting (session, user, at) "
	    "VALUES (:session, :user, :at) ON CONFLICT DO NOTHING")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":user", user);
	db_int(q, ":at", date_real());
	return db_run(q, e);
}

int
forgetting_left(struct store *st, int64_t *events, struct err *e)
{
	return db_number(st->db, e, "SELECT count(*) FROM forgetting f "
	    "CROSS JOIN event e INDEXED BY event_session ON e.session = "
	    "f.session", 0, events);
}

int
forgetting_ids(struct store *st, int64_t session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_grip SET "
	    "event = zeroblob(16), first = NULL, last = NULL WHERE node IN "
	    "(SELECT id FROM toc_node WHERE session = :session)")) == NULL)
		return -1;
	db_int(q, ":session", session);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "UPDATE toc_node SET "
	    "first = zeroblob(16), last = zeroblob(16) WHERE "
	    "session = :session")) == NULL)
		return -1;
	db_int(q, ":session", session);
	return db_run(q, e);
}

static int
end_one(struct store *st, int64_t session, struct err *e)
{
	struct db_query *q;

	if (forgetting_ids(st, session, e) < 0 ||
	    (q = db_sql(st->db, e, "DELETE FROM forgetting WHERE "
	    "session = :session")) == NULL)
		return -1;
	db_int(q, ":session", session);
	return db_run(q, e);
}

/* 1 there may be more, 0 there is nothing. */
static int
some(struct store *st, int64_t most, int64_t *gone, struct err *e)
{
	int64_t session = 0, n = 0;

	if (db_number(st->db, e, "SELECT session FROM forgetting LIMIT 1", 0,
	    &session) < 0)
		return -1;
	if (session == 0)
		return 0;
	if (forgetting_events(st, session, most, &n, e) < 0 ||
	    (n < most && end_one(st, session, e) < 0))
		return -1;
	*gone += n;
	return 1;
}

int
forgetting_go_on(struct store *st, int64_t most, int64_t *gone,
    void (*progress)(int64_t left), struct err *e)
{
	int64_t left = 0, n;
	int r = 1;

	*gone = 0;
	if (db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM forgetting)", 0,
	    &n) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (db_scrub(st->db, e) < 0 || (progress != NULL &&
	    forgetting_left(st, &left, e) < 0))
		return -1;
	while (r == 1 && *gone < most) {
		n = most - *gone < FORGETTING_SOME ? most - *gone :
		    FORGETTING_SOME;
		if (tx_begin(st->db, e) < 0)
			return -1;
		r = tx_end(st->db, some(st, n, gone, e), e);
		if (r == 1 && progress != NULL)
			progress(left - *gone);
	}
	if (r == 1 && db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM "
	    "forgetting)", 0, &n) == 0)
		r = (int)n;
	return r;
}
