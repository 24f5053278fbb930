#include "sync/sync_manifest.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "store/name.h"
#include "sync/packfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sync_manifest_release(struct sync_manifest *m)
{
	size_t i;

	for (i = 0; i < m->nleases; i++) {
		free(m->lease[i].user);
		free(m->lease[i].session);
	}
	free(m->lease);
	free(m->segment);
	free(m->pack);
	free(m->cover);
	free(m->tenant);
	free(m->address);
	memset(m, 0, sizeof *m);
}

void
sync_manifest_add_segment(struct sync_manifest *m,
    const struct manifest_segment *s)
{
	m->segment = xreallocarray(m->segment, m->nsegments + 1,
	    sizeof *m->segment);
	m->segment[m->nsegments++] = *s;
}

void
sync_manifest_add_pack(struct sync_manifest *m, const struct manifest_pack *p)
{
	m->pack = xreallocarray(m->pack, m->npacks + 1, sizeof *m->pack);
	m->pack[m->npacks++] = *p;
}

void
sync_manifest_add_lease(struct sync_manifest *m, const char *user,
    const char *session, int64_t epoch, int64_t hold_ms)
{
	m->lease = xreallocarray(m->lease, m->nleases + 1, sizeof *m->lease);
	m->lease[m->nleases++] = (struct manifest_lease){ xstrdup(user),
	    xstrdup(session), epoch, hold_ms };
}

void
sync_manifest_add_cover(struct sync_manifest *m, const char *node,
    int64_t from, int64_t upto)
{
	struct manifest_cover *c;

	m->cover = xreallocarray(m->cover, m->ncovers + 1, sizeof *m->cover);
	c = &m->cover[m->ncovers++];
	snprintf(c->node, sizeof c->node, "%s", node);
	c->from = from;
	c->upto = upto;
}

/* --- writing ----------------------------------------------------------- */

static void
put_text(struct buf *b, const char *key, const char *s)
{
	buf_addf(b, ",\"%s\":", key);
	json_quote(b, s, strlen(s));
}

static void
put_packs(const struct sync_manifest *m, struct buf *b)
{
	const struct manifest_pack *p;
	size_t i;

	for (i = 0; i < m->npacks; i++) {
		p = &m->pack[i];
		buf_addf(b, "%s{\"name\":\"%s\",\"size\":%" PRId64
		    ",\"index\":%" PRId64 ",\"files\":%" PRId64
		    ",\"bytes\":%" PRId64 "}", i > 0 ? "," :
		    ",\"packs\":[", p->name, p->size, p->index, p->files,
		    p->bytes);
	}
	if (m->npacks > 0)
		buf_addc(b, ']');
}

static void
put_snapshot(const struct sync_manifest *m, struct buf *b)
{
	size_t i;

	buf_addf(b, ",\"snapshot\":{\"name\":\"%s\",\"size\":%" PRId64
	    ",\"covers\":[", m->snapshot, m->snapshot_size);
	for (i = 0; i < m->ncovers; i++) {
		buf_addf(b, "%s{\"node\":\"%s\"", i > 0 ? "," : "",
		    m->cover[i].node);
		if (m->cover[i].from >= 0)
			buf_addf(b, ",\"from\":%" PRId64, m->cover[i].from);
		buf_addf(b, ",\"upto\":%" PRId64 "}", m->cover[i].upto);
	}
	buf_adds(b, "]}");
}

void
sync_manifest_write(const struct sync_manifest *m, struct buf *b)
{
	const struct manifest_segment *s;
	const struct manifest_lease *l;
	size_t i;

	buf_addf(b, "{\"type\":\"manifest\",\"format\":%d,\"number\":%" PRId64
	    ",\"push\":\"%s\",\"at\":%" PRId64 ",\"node\":\"%s\"",
	    MANIFEST_FORMAT, m->number, m->push, m->at_ms, m->node);
	if (m->address != NULL)
		put_text(b, "address", m->address);
	put_text(b, "store_id", m->store_id);
	put_text(b, "tenant", m->tenant);
	if (m->previous[0] != '\0')
		put_text(b, "previous", m->previous);
	buf_adds(b, ",\"segments\":[");
	for (i = 0; i < m->nsegments; i++) {
		s = &m->segment[i];
		buf_addf(b, "%s{\"node\":\"%s\",\"from\":%" PRId64 ",\"to\":%"
		    PRId64 ",\"size\":%" PRId64 ",\"name\":\"%s\"}",
		    i > 0 ? "," : "", s->node, s->from, s->to, s->size,
		    s->name);
	}
	buf_addc(b, ']');
	put_packs(m, b);
	buf_adds(b, ",\"leases\":[");
	for (i = 0; i < m->nleases; i++) {
		l = &m->lease[i];
		buf_adds(b, i > 0 ? ",{\"user\":" : "{\"user\":");
		json_quote(b, l->user, strlen(l->user));
		put_text(b, "session_id", l->session);
		buf_addf(b, ",\"epoch\":%" PRId64 ",\"hold_ms\":%" PRId64 "}",
		    l->epoch, l->hold_ms);
	}
	buf_addc(b, ']');
	if (m->snapshot[0] != '\0')
		put_snapshot(m, b);
	buf_adds(b, "}\n");
}

/* --- reading ----------------------------------------------------------- */

static int
bad(const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "the manifest is damaged: %s", what);
}

static int
read_ulid(const json_t *o, const char *key, char out[ULID_LEN + 1],
    struct err *e)
{
	const char *s = get_str(o, key, NULL);
	uint8_t id[ULID_BYTES];

	if (s == NULL || !ulid_parse(s, id))
		return bad(key, e);
	ulid_from_bytes(out, id);
	return 0;
}

static int
read_hash(const json_t *o, const char *key, char out[HASH_HEX + 1],
    struct err *e)
{
	const char *s = get_str(o, key, NULL);
	uint8_t sum[HASH_LEN];

	if (s == NULL || strlen(s) != HASH_HEX ||
	    !hex_decode(sum, s, HASH_LEN))
		return bad(key, e);
	hex_encode(out, sum, HASH_LEN);
	return 0;
}

static int
read_int(const json_t *o, const char *key, int64_t min, int64_t max,
    int64_t *out, struct err *e)
{
	if (get_int(o, key, out) != 1 || *out < min || *out > max)
		return bad(key, e);
	return 0;
}

static int
read_name(const json_t *o, const char *key, char **out, struct err *e)
{
	const char *s = get_str(o, key, NULL);

	if (s == NULL || name_check(key, s, e) < 0)
		return bad(key, e);
	*out = xstrdup(s);
	return 0;
}

static int
read_segment(struct sync_manifest *m, const json_t *o, struct err *e)
{
	struct manifest_segment s;

	if (read_ulid(o, "node", s.node, e) < 0 ||
	    read_int(o, "from", 0, INT64_MAX - 1, &s.from, e) < 0 ||
	    read_int(o, "to", s.from + 1, INT64_MAX, &s.to, e) < 0 ||
	    read_int(o, "size", 1, INT64_MAX, &s.size, e) < 0 ||
	    read_hash(o, "name", s.name, e) < 0)
		return -1;
	sync_manifest_add_segment(m, &s);
	return 0;
}

static int
read_pack(struct sync_manifest *m, const json_t *o, struct err *e)
{
	struct manifest_pack p;

	if (read_hash(o, "name", p.name, e) < 0 ||
	    read_int(o, "size", 1, INT64_MAX, &p.size, e) < 0 ||
	    read_int(o, "index", 1, PACK_INDEX_MAX, &p.index, e) < 0 ||
	    read_int(o, "files", 1, PACK_FILES, &p.files, e) < 0 ||
	    read_int(o, "bytes", 0, INT64_MAX - PACK_INDEX_MAX, &p.bytes, e) <
	    0)
		return -1;
	sync_manifest_add_pack(m, &p);
	return 0;
}

static int
read_lease(struct sync_manifest *m, const json_t *o, struct err *e)
{
	char *user = NULL, *session = NULL;
	int64_t epoch, hold;
	int r = -1;

	if (read_name(o, "user", &user, e) == 0 &&
	    read_name(o, "session_id", &session, e) == 0 &&
	    read_int(o, "epoch", 1, m->number, &epoch, e) == 0 &&
	    read_int(o, "hold_ms", 0, MANIFEST_HOLD_MOST, &hold, e) == 0) {
		sync_manifest_add_lease(m, user, session, epoch, hold);
		r = 0;
	}
	free(user);
	free(session);
	return r;
}

static int
read_list(struct sync_manifest *m, const json_t *o, const char *key,
    int (*fn)(struct sync_manifest *, const json_t *, struct err *),
    struct err *e)
{
	const json_t *list = json_object_get(o, key), *v;
	size_t i;

	if (!json_is_array(list))
		return bad(key, e);
	json_array_foreach(list, i, v)
		if (!json_is_object(v) || fn(m, v, e) < 0)
			return bad(key, e);
	return 0;
}

static int
read_cover(struct sync_manifest *m, const json_t *o, struct err *e)
{
	char node[ULID_LEN + 1];
	int64_t from = -1, upto;

	if (read_ulid(o, "node", node, e) < 0 ||
	    (json_object_get(o, "from") != NULL && read_int(o, "from", 0,
	    INT64_MAX - 1, &from, e) < 0) ||
	    read_int(o, "upto", from + 1 > 1 ? from + 1 : 1, INT64_MAX, &upto,
	    e) < 0)
		return -1;
	sync_manifest_add_cover(m, node, from, upto);
	return 0;
}

static int
read_snapshot(struct sync_manifest *m, const json_t *o, struct err *e)
{
	const json_t *s = json_object_get(o, "snapshot");

	if (s == NULL)
		return 0;
	if (read_hash(s, "name", m->snapshot, e) < 0 || read_int(s, "size", 1,
	    INT64_MAX, &m->snapshot_size, e) < 0)
		return -1;
	return read_list(m, s, "covers", read_cover, e);
}

static int
read_object(struct sync_manifest *m, const json_t *o, struct err *e)
{
	const char *address = get_str(o, "address", NULL);
	int64_t format;

	if (!str_eq(get_str(o, "type", NULL), "manifest") ||
	    read_int(o, "format", 1, INT64_MAX, &format, e) < 0)
		return bad("it does not say that it is one", e);
	if (format > MANIFEST_FORMAT)
		return err_set(e, ERR_VERSION, "the manifest was made by a "
		    "newer memkit (format %" PRId64 ", this is %d); upgrade "
		    "memkit", format, MANIFEST_FORMAT);
	if (read_int(o, "number", 1, MANIFEST_LAST, &m->number, e) < 0 ||
	    read_ulid(o, "push", m->push, e) < 0 ||
	    read_int(o, "at", DATE_MIN, DATE_MAX, &m->at_ms, e) < 0 ||
	    read_ulid(o, "node", m->node, e) < 0 ||
	    read_ulid(o, "store_id", m->store_id, e) < 0 ||
	    read_name(o, "tenant", &m->tenant, e) < 0 ||
	    (m->number > 1 && read_hash(o, "previous", m->previous, e) < 0))
		return -1;
	if (address != NULL && read_name(o, "address", &m->address, e) < 0)
		return -1;
	if (read_list(m, o, "segments", read_segment, e) < 0 ||
	    (json_object_get(o, "packs") != NULL &&
	    read_list(m, o, "packs", read_pack, e) < 0) ||
	    read_list(m, o, "leases", read_lease, e) < 0)
		return -1;
	return read_snapshot(m, o, e);
}

int
sync_manifest_read(struct sync_manifest *m, const char *p, size_t n,
    struct err *e)
{
	struct err why;
	json_t *o;
	int r;

	memset(m, 0, sizeof *m);
	if ((o = json_read(p, n, &why)) == NULL)
		return bad(why.msg, e);
	r = json_is_object(o) ? read_object(m, o, e) : bad("no object", e);
	json_decref(o);
	return r;
}

/* --- its key ----------------------------------------------------------- */

void
sync_manifest_name(struct buf *b, int64_t number)
{
	buf_addf(b, "%0*" PRId64, MANIFEST_DIGITS, number);
}

int
sync_manifest_number(const char *name, int64_t *number)
{
	return strlen(name) == MANIFEST_DIGITS &&
	    strspn(name, "0123456789") == MANIFEST_DIGITS &&
	    str_int(name, 1, MANIFEST_LAST, number);
}
