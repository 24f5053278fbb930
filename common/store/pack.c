#include "store/pack.h"

#include "store/db.h"
#include "store/payload.h"
#include "store/store.h"

#include <inttypes.h>

#define BODY_MAX ((size_t)16 << 20)

void
packs_init(struct packs *p)
{
	int i;

	for (i = 0; i < PACK_KEPT; i++) {
		p->v[i].id = 0;
		p->v[i].used = 0;
		buf_init(&p->v[i].content);
	}
	p->clock = 0;
}

void
packs_release(struct packs *p)
{
	int i;

	for (i = 0; i < PACK_KEPT; i++)
		buf_release(&p->v[i].content);
	packs_init(p);
}

int
pack_read(struct store *st, int64_t id, struct buf *out, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT dict, data FROM pack "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 1, &n);
		r = store_unpack(st, out, p, n, db_get_int(q, 0), PACK_MAX, e);
		if (r < 0)
			err_add(e, "pack %" PRId64 ": ", id);
	} else if (r == 0)
		r = err_set(e, ERR_CORRUPT, "pack %" PRId64 " is missing", id);
	db_end(q);
	return r;
}

int
pack_place(const struct buf *content, int64_t id, int64_t off, int64_t len,
    struct err *e)
{
	if (off < 0 || len < 0 || (uint64_t)off > content->len ||
	    (uint64_t)len > content->len - (uint64_t)off)
		return err_set(e, ERR_CORRUPT, "its place [%" PRId64 ", +%"
		    PRId64 ") is not in pack %" PRId64, off, len, id);
	return 0;
}

static int
load(struct store *st, struct packs_one *one, int64_t id, struct err *e)
{
	one->id = 0;
	buf_reset(&one->content);
	if (pack_read(st, id, &one->content, e) < 0)
		return -1;
	one->id = id;
	return 0;
}

int
packs_get(struct packs *p, struct store *st, int64_t id,
    const struct buf **out, struct err *e)
{
	struct packs_one *one = &p->v[0];
	int i;

	for (i = 0; i < PACK_KEPT; i++) {
		if (p->v[i].id == id)
			break;
		if (p->v[i].used < one->used)
			one = &p->v[i];
	}
	if (i < PACK_KEPT)
		one = &p->v[i];
	else if (load(st, one, id, e) < 0)
		return -1;
	one->used = ++p->clock;
	*out = &one->content;
	return 0;
}

int
packs_body(struct packs *p, struct store *st, struct db_query *q, int col,
    struct buf *out, struct err *e)
{
	const struct buf *content;
	const void *body;
	int64_t off, len;
	size_t n;

	if (db_is_null(q, col + 2)) {
		body = db_get_blob(q, col + 1, &n);
		return store_unpack(st, out, body, n, db_get_int(q, col),
		    BODY_MAX, e);
	}
	if (packs_get(p, st, db_get_int(q, col + 2), &content, e) < 0)
		return -1;
	off = db_get_int(q, col + 3);
	len = db_get_int(q, col + 4);
	if (pack_place(content, db_get_int(q, col + 2), off, len, e) < 0)
		return -1;
	buf_add(out, content->p + off, (size_t)len);
	return 0;
}

int
packs_row(struct packs *p, struct store *st, struct db_query *q, int col,
    int64_t key, const struct buf *ad, struct buf *out, struct err *e)
{
	const void *body;
	size_t n;

	if (key == 0)
		return packs_body(p, st, q, col, out, e) < 0 ? -1 : 1;
	body = db_get_blob(q, col + 1, &n);
	return store_unpack_row(st, out, body, n, db_get_int(q, col), key, ad,
	    BODY_MAX, e);
}
