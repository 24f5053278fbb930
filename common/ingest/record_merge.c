#include "ingest/record_merge.h"

#include "base/buf.h"
#include "ingest/redacted.h"
#include "memory/artifact_use.h"
#include "memory/record_row.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"
#include "text/redact_mask.h"

#include <string.h>

struct place {
	const struct record_row *w;
	const struct stamp *s;
	int64_t version;	/* the greatest there is */
	int64_t after;		/* row of the last that comes behind it */
	int64_t other;		/* row of one with the same stamp, that says
				   something else */
	bool there, clash;
};

/* One that is here, beside the one that came. */
static void
compare(struct place *p, struct db_query *q)
{
	int64_t at = db_get_int(q, 2), node = db_get_int(q, 3);
	const void *hash;
	bool same;
	size_t n;

	hash = db_get_blob(q, 5, &n);
	same = n == HASH_LEN && memcmp(hash, p->w->hash, n) == 0;
	if (db_get_int(q, 1) > p->version)
		p->version = db_get_int(q, 1);
	if (at == p->s->at_ms && node == p->s->node) {
		p->there = p->there || same;
		if (!same)
			p->other = db_get_int(q, 0);
		return;
	}
	if (at > p->s->at_ms || (at == p->s->at_ms && node > p->s->node)) {
		p->after = db_get_int(q, 0);
		/* whoever wrote that did not know of this one */
		if (db_get_int(q, 4) < p->s->at_ms && !same)
			p->clash = true;
	} else if (at > p->s->base_ms && !same)
		p->clash = true;
}

static int
find_place(struct store *st, int64_t kb, struct place *p, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, version, at, node, base, hash "
	    "FROM record WHERE kb = :kb AND id = :id "
	    "ORDER BY at, node, version")) == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":id", p->w->id);
	while ((r = db_row(q, e)) == 1)
		compare(p, q);
	db_end(q);
	return r;
}

/* The one that lost a secret counts: 1 it is what came, 0 what is here; -1
 * ERR_EXISTS: neither is. */
static int
one_masks(struct store *st, int64_t seq, const struct record_row *w,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r = record_body(st, seq, &b, e);

	if (r == 0)
		r = err_set(e, ERR_CORRUPT, "what is stored of it cannot be "
		    "read; run mem-admin check");
	else if (r == 1 && mask_of(w->json, w->len, b.p, b.len))
		r = redacted_record(st, seq, w->json, w->len, e) < 0 ? -1 : 1;
	else if (r == 1)
		r = mask_of(b.p, b.len, w->json, w->len) ? 0 : err_set(e,
		    ERR_EXISTS, "it says something else");
	buf_wipe(&b);
	return r;
}

static int
put_last(struct store *st, int64_t seq, int64_t version, struct err *e)
{
	struct db_query *q;
	int64_t last;

	if ((q = db_sql(st->db, e, "INSERT INTO record (kb, id, version, "
	    "user, type, status, ts, key, at, node, base, hash, dict, body) "
	    "SELECT kb, id, :version, user, type, status, ts, key, at, node, "
	    "base, hash, dict, seal(key, " OPEN_RECORD("")
	    ", 'record', kb, id, "
	    ":version) FROM record WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":version", version);
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	last = db_last_id(st->db);
	return artifact_use_copy(st, seq, last, e) < 0 ? -1 :
	    change_push(st, CHANGE_RECORD, last, e);
}

int
record_merge(struct store *st, const struct record_row *w, const char *user,
    const struct stamp *s, int64_t *seq, bool *clash, struct err *e)
{
	struct place p = { .w = w, .s = s };
	int64_t kb, owner;
	int r;

	*clash = false;
	if (record_kb(st, w, &kb, e) < 0 || find_place(st, kb, &p, e) < 0)
		return -1;
	if (p.there)
		return 0;
	*seq = p.other;
	if (p.other != 0 && (r = one_masks(st, p.other, w, e)) >= 0)
		return r;
	else if (p.other != 0 && e->code != ERR_EXISTS)
		return -1;
	if (store_user(st, user, true, &owner, e) < 0 ||
	    record_insert(st, kb, w, p.version + 1, owner, s, seq, e) < 0 ||
	    (p.after != 0 && put_last(st, p.after, p.version + 2, e) < 0))
		return -1;
	*clash = p.clash;
	return 1;
}
