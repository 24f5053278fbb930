#include "memory/document_place.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "memory/document.h"

#include <stdlib.h>

/* A document. */
struct one {
	json_t *chunks;		/* own; NULL: names none */
	struct map place;	/* of each of them */
	int64_t unnamed;	/* that of others: DOCUMENT_... */
};

struct document_places {
	struct store *st;	/* borrowed */
	int64_t at_ms;
	struct map by_id;	/* "KB/DOCUMENT_ID": struct one, own */
	size_t chunks;		/* of all of them */
};

struct document_places *
document_places_new(struct store *st, int64_t at_ms)
{
	struct document_places *d = xcalloc(1, sizeof *d);

	d->st = st;
	d->at_ms = at_ms;
	return d;
}

static void
clear(struct document_places *d)
{
	struct one *x;
	size_t i;

	for (i = 0; i < d->by_id.n; i++) {
		x = d->by_id.e[i].v.p;
		json_decref(x->chunks);
		map_release(&x->place);
		free(x);
	}
	map_release(&d->by_id);
	d->chunks = 0;
}

void
document_places_free(struct document_places *d)
{
	if (d == NULL)
		return;
	clear(d);
	free(d);
}

static int
one_at(const struct document_places *d, const char *kb, const char *id,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	return d->at_ms == INT64_MAX ? record_find(d->st, kb, id, 0, fn, arg,
	    e) : record_find_at(d->st, kb, id, d->at_ms, fn, arg, e);
}

/* One that is named twice is where it is first. */
static int
take(void *arg, const struct record *doc, struct err *e)
{
	struct one *x = arg;
	union map_value *v;
	json_t *id;
	size_t i;
	int made;

	(void)e;
	x->unnamed = DOCUMENT_UNNAMED;
	if (str_eq(doc->status, DOCUMENT_WITHDRAWN))
		return 0;
	x->chunks = json_incref(json_object_get(doc->json, "chunks"));
	json_array_foreach(x->chunks, i, id)
		if (json_is_string(id)) {
			v = map_put(&x->place, json_string_value(id), &made);
			if (made)
				v->i = (int64_t)i;
		}
	return 0;
}

static int
find(struct document_places *d, const char *kb, const char *id,
    const struct one **out, struct err *e)
{
	struct buf key = BUF_INIT;
	union map_value *v;
	struct one *x;
	int made, r = 0;

	buf_addf(&key, "%s/%s", kb, id);
	if ((v = map_get(&d->by_id, key.p)) != NULL)
		x = v->p;
	else {
		if (d->chunks > DOCUMENT_PLACES)
			clear(d);
		x = xcalloc(1, sizeof *x);
		x->unnamed = DOCUMENT_ABSENT;
		/* what came of it before it failed is released with it */
		map_put(&d->by_id, key.p, &made)->p = x;
		r = one_at(d, kb, id, take, x, e);
		d->chunks += 1 + json_array_size(x->chunks);
	}
	buf_release(&key);
	*out = x;
	return r < 0 ? -1 : 0;
}

int
document_around(struct document_places *d, const struct record *chunk,
    int64_t n, int64_t *place, int (*fn)(void *, const struct record *,
    struct err *), void *arg, struct err *e)
{
	size_t len = document_id_len(RECORD_CHUNK, chunk->record_id);
	const union map_value *v;
	struct buf id = BUF_INIT;
	const struct one *x;
	int64_t i, last, all;
	int r;

	buf_add(&id, chunk->record_id, len);
	if ((r = find(d, chunk->kb, id.p, &x, e)) == 0) {
		v = map_get(&x->place, chunk->record_id + len + 1);
		*place = v != NULL ? v->i : x->unnamed;
		all = (int64_t)json_array_size(x->chunks);
		if (n > all)
			n = all;
		last = *place + n < all ? *place + n : all - 1;
		for (i = *place > n ? *place - n : 0; r >= 0 && *place >= 0 &&
		    i <= last; i++) {
			if (i == *place)
				continue;
			buf_cut(&id, len);
			buf_addf(&id, "#%s", json_string_value(json_array_get(
			    x->chunks, (size_t)i)));
			r = one_at(d, chunk->kb, id.p, fn, arg, e);
		}
	}
	buf_release(&id);
	return r < 0 ? -1 : 0;
}

int64_t
document_place(const struct document_places *d, const struct record *chunk)
{
	size_t len = document_id_len(RECORD_CHUNK, chunk->record_id);
	const union map_value *v;
	struct buf key = BUF_INIT;
	const struct one *x;

	buf_addf(&key, "%s/%.*s", chunk->kb, (int)len, chunk->record_id);
	if ((v = map_get(&d->by_id, key.p)) != NULL) {
		x = v->p;
		v = map_get(&x->place, chunk->record_id + len + 1);
	}
	buf_release(&key);
	return v != NULL ? v->i : DOCUMENT_ABSENT;
}
