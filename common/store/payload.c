/*
 * A dictionary is loaded when a row first asks for it, and kept.
 */
#include "store/payload.h"

#include "base/alloc.h"
#include "base/zip.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of zstd: what is written now, mem-admin compact packs again later. */
#define LEVEL 2

/* Every store's first dictionary is the one that is built in: it need not be
 * read. */
#define FIRST 1
extern const unsigned char data_dict_event_dict[];
extern const size_t data_dict_event_dict_len;

/* One for each dictionary that was needed: a handful at most. */
struct zip_set {
	struct zip_one {
		int64_t id;
		struct buf data;
		struct zip *zip;
	} *v;
	size_t n, cap;
	int64_t newest;		/* 0: not asked yet */
	int64_t tx;		/* transaction in which it was the newest */
};

void
payload_release(struct store *st)
{
	struct zip_set *s = st->zips;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++) {
		zip_free(s->v[i].zip);
		buf_release(&s->v[i].data);
	}
	free(s->v);
	free(s);
	st->zips = NULL;
}

static int
dict_of(struct store *st, int64_t id, struct buf *data, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT data FROM dict WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(data, p, n);
	}
	db_end(q);
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_CORRUPT, "dictionary %" PRId64 " is "
		    "missing from '%s'", id, st->tenant_dir);
	return 0;
}

static int
zip_of(struct store *st, int64_t id, struct zip **out, struct err *e)
{
	struct zip_set *s = st->zips;
	struct zip_one one = { .id = id, .data = BUF_INIT };
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].id == id) {
			*out = s->v[i].zip;
			return 0;
		}
	if (id == FIRST) {
		one.zip = zip_new(data_dict_event_dict,
		    data_dict_event_dict_len);
	} else {
		if (dict_of(st, id, &one.data, e) < 0)
			return -1;
		one.zip = zip_new(one.data.p, one.data.len);
	}
	s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n++] = one;
	*out = one.zip;
	return 0;
}

void
payload_begin(struct store *st)
{
	if (st->zips == NULL)
		st->zips = xcalloc(1, sizeof *st->zips);
}

static struct zip_set *
zip_set_of(struct store *st)
{
	payload_begin(st);
	return st->zips;
}

int
store_pack_level(struct store *st, struct buf *out, const void *p, size_t n,
    int level, int64_t *dict, struct err *e)
{
	struct zip_set *s = zip_set_of(st);
	struct zip *zip;

	/* A compaction between two transactions may have made a new one and
	 * deleted the old. */
	if (s->newest == 0 || s->tx != tx_number(st->db)) {
		if (db_number(st->db, e, "SELECT max(id) FROM dict", 1,
		    &s->newest) < 0)
			return -1;
		s->tx = tx_number(st->db);
	}
	if (zip_of(st, s->newest, &zip, e) < 0)
		return -1;
	zip_pack(zip, out, p, n, level);
	*dict = s->newest;
	return 0;
}

int
store_pack(struct store *st, struct buf *out, const void *p, size_t n,
    int64_t *dict, struct err *e)
{
	return store_pack_level(st, out, p, n, LEVEL, dict, e);
}

int
store_unpack(struct store *st, struct buf *out, const void *p, size_t n,
    int64_t dict, size_t max, struct err *e)
{
	struct zip *zip;

	zip_set_of(st);
	if (zip_of(st, dict, &zip, e) < 0)
		return -1;
	return zip_unpack(zip, out, p, n, max, e);
}

int
store_pack_row(struct store *st, struct buf *out, const void *p, size_t n,
    int64_t key, const struct buf *ad, int64_t *dict, struct err *e)
{
	struct buf frame = BUF_INIT;
	int r;

	if (key == 0)
		return store_pack(st, out, p, n, dict, e);
	if ((r = store_pack(st, &frame, p, n, dict, e)) == 0)
		r = store_seal(st, key, ad, frame.p, frame.len, out, e);
	buf_release(&frame);
	return r;
}

int
store_unpack_row(struct store *st, struct buf *out, const void *p, size_t n,
    int64_t dict, int64_t key, const struct buf *ad, size_t max,
    struct err *e)
{
	struct buf frame = BUF_INIT;
	int r;

	if (key == 0)
		return store_unpack(st, out, p, n, dict, max, e) < 0 ? -1 : 1;
	if ((r = store_unseal(st, key, ad, p, n, &frame, e)) == 1 &&
	    store_unpack(st, out, frame.p, frame.len, dict, max, e) < 0)
		r = -1;
	buf_release(&frame);
	return r;
}
