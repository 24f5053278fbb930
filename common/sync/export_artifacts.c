#include "sync/export_artifacts.h"

#include "artifact/artifacts.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "store/bundle.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

int
export_artifacts_each(struct store *st, const struct export_config *c,
    int64_t user, int (*fn)(void *, int64_t seq, struct err *), void *arg,
    struct err *e)
{
	const struct strv *only = c->sessions;
	struct db_query *q;
	int r;

	/* with sessions, those of them; one that is deleted may be of none */
	if ((q = db_sql(st->db, e, "SELECT a.seq, s.name FROM artifact a "
	    "JOIN user u ON u.id = a.user "
	    "LEFT JOIN session s ON s.seq = a.session "
	    "WHERE :user = 0 OR a.user = :user ORDER BY u.name, a.id")) ==
	    NULL)
		return -1;
	db_int(q, ":user", user);
	while ((r = db_row(q, e)) == 1)
		if ((only == NULL || (!db_is_null(q, 1) && strv_has(only,
		    db_get_text(q, 1)))) &&
		    (r = fn(arg, db_get_int(q, 0), e)) < 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- bytes ------------------------------------------------------------- */

struct adding {
	const struct export_config *c;
	struct bundle *b;
	struct exported_artifacts *sums;
	struct artifacts ar;
	bool open;
	struct map there;		/* names that it has */
};

static int
hash_more(void *h, const void *p, size_t n, struct err *e)
{
	(void)e;
	hash_add(h, p, n);
	return 0;
}

/* An export with other bytes than it says would be none.  1, 0. */
static int
is_whole(struct adding *x, const struct artifact *a, struct err *e)
{
	struct blob blob = artifacts_blob(a);
	struct blob_provider *local;
	uint8_t sum[HASH_LEN];
	struct hash h;
	int r = artifacts_provider(&x->ar, ARTIFACT_LOCAL, &local, e);

	hash_init(&h);
	if (r == 0 && (r = local->kind->head(local->p, &blob, 1, e)) == 0)
		r = blob.r == 0 && blob.where == BLOB_THERE &&
		    blob.size == (uint64_t)a->osize && (a->osize == 0 ||
		    local->kind->get(local->p, &blob, 0, 0, hash_more, &h,
		    e) == 0);
	hash_end(&h, sum);
	json_decref(blob.said);
	return r == 1 ? memcmp(sum, a->sum, HASH_LEN) == 0 : r;
}

static int
is_missing(struct adding *x, const struct artifact *a, struct err *e)
{
	struct buf user = BUF_INIT;
	int r = 0;

	x->sums->missing++;
	if (x->c->no_artifact != NULL && (r = store_user_name(x->ar.st,
	    a->user, &user, e)) == 1)
		r = x->c->no_artifact(x->c->arg, user.p, a, "missing", e);
	buf_release(&user);
	return r;
}

static int
add(struct adding *x, const struct artifact *a, struct err *e)
{
	struct buf name = BUF_INIT, from = BUF_INIT;
	char hex[HASH_HEX + 1];
	int made, r;

	if (!x->open && artifacts_open_local(&x->ar, x->ar.st, e) < 0)
		return -1;
	x->open = true;
	if ((r = a->here ? is_whole(x, a, e) : 0) != 1)
		return r < 0 ? -1 : is_missing(x, a, e);
	hex_encode(hex, a->sum, HASH_LEN);
	map_put(&x->there, hex, &made);
	if (made) {
		buf_addf(&name, EXPORT_BLOBS "%s", hex);
		file_join(&from, x->ar.conf.dir, a->object);
		bundle_add_known(x->b, name.p, from.p, a->osize, a->sum);
	}
	x->sums->n++;
	buf_release(&name);
	buf_release(&from);
	return 0;
}

static int
add_row(void *arg, int64_t seq, struct err *e)
{
	struct adding *x = arg;
	struct artifact a;
	int r = artifact_row(x->ar.st, seq, &a, e);

	if (r != 1)
		return r;
	r = a.provider == ARTIFACT_LOCAL && a.has_sum &&
	    (a.state == ARTIFACT_STORED || a.state == ARTIFACT_UNAVAILABLE) ?
	    add(x, &a, e) : 0;
	artifact_release(&a);
	return r;
}

int
export_artifacts_add(struct store *st, const struct export_config *c,
    int64_t user, struct bundle *b, struct exported_artifacts *sums,
    struct err *e)
{
	struct adding x = { .c = c, .b = b, .sums = sums, .ar.st = st,
	    .there = MAP_INIT };
	int r = export_artifacts_each(st, c, user, add_row, &x, e);

	if (x.open)
		artifacts_close(&x.ar);
	map_release(&x.there);
	return r;
}
