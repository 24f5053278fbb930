/*
 * The description.  It is read by jansson and then made again out of what was
 * read: only one way to write it is right, and whatever was not looked at (a
 * key twice, a number with a fraction, one more member) makes another one.
 */
#include "sync/snapshot_own.h"

#include "base/alloc.h"
#include "base/json.h"
#include "store/name.h"
#include "store/schema.h"
#include "sync/sealing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 4		/* the oldest schema there are snapshots of */
/* What a frame may have over what is in it (ZSTD_COMPRESSBOUND, zstd.h, and
 * the checksum), and what a sealed one has over that. */
#define OVER(n) ((n) / 256 + 128 + SEALING_HEAD)

void
snapshot_release(struct snapshot *s)
{
	free(s->tenant);
	free(s->nodes);
	free(s->pieces);
	memset(s, 0, sizeof *s);
}

/* --- sizes ------------------------------------------------------------- */

uint32_t
snapshot_piece_size(const struct snapshot *s, size_t i)
{
	uint64_t rest = s->size - (uint64_t)i * s->piece;

	return rest < s->piece ? (uint32_t)rest : s->piece;
}

/* --- writing ----------------------------------------------------------- */

static void
put_hash(struct buf *b, const char *key, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, sum, HASH_LEN);
	buf_addf(b, "\"%s\":\"%s\"", key, hex);
}

static void
put_nodes(const struct snapshot *s, struct buf *b)
{
	size_t i;

	for (i = 0; i < s->n_nodes; i++)
		buf_addf(b, "%s\n{\"node\":\"%s\",\"upto\":%" PRId64 "}",
		    i > 0 ? "," : "", s->nodes[i].name, s->nodes[i].upto);
}

static void
put_pieces(const struct snapshot *s, struct buf *b)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		buf_adds(b, i > 0 ? ",\n{" : "\n{");
		put_hash(b, "name", s->pieces[i].name);
		buf_addf(b, ",\"bytes\":%" PRIu32 ",", s->pieces[i].bytes);
		put_hash(b, "sha256", s->pieces[i].sha256);
		buf_addc(b, '}');
	}
}

void
snapshot_write(const struct snapshot *s, struct buf *b)
{
	buf_addf(b, "{\"type\":\"snapshot\",\"format\":%d,"
	    "\"node\":\"%s\",\"store_id\":\"%s\",\"tenant\":",
	    SNAPSHOT_FORMAT, s->node, s->store_id);
	json_quote(b, s->tenant, strlen(s->tenant));
	buf_addf(b, ",\"schema\":%" PRId64 ",\"size\":%" PRIu64 ",",
	    s->schema, s->size);
	put_hash(b, "sha256", s->sha256);
	buf_addf(b, ",\"piece\":%" PRIu32 ",\n\"nodes\":[", s->piece);
	put_nodes(s, b);
	buf_adds(b, "],\n\"pieces\":[");
	put_pieces(s, b);
	buf_adds(b, "]}\n");
}

/* --- reading ----------------------------------------------------------- */

static int
bad(struct err *e, const char *why)
{
	return err_set(e, ERR_INPUT, "no description of a snapshot: %s", why);
}

static bool
get_name(const json_t *o, const char *key, char name[ULID_LEN + 1])
{
	const char *s = get_str(o, key, NULL);
	uint8_t id[ULID_BYTES];

	if (s == NULL || !ulid_parse(s, id))
		return false;
	ulid_from_bytes(name, id);
	return true;
}

static bool
get_hash(const json_t *o, const char *key, uint8_t sum[HASH_LEN])
{
	const char *s = get_str(o, key, NULL);

	return s != NULL && strlen(s) == HASH_HEX &&
	    hex_decode(sum, s, HASH_LEN);
}

static bool
get_size(const json_t *o, const char *key, uint64_t most, uint64_t *n)
{
	int64_t v;

	if (get_int(o, key, &v) != 1 || v <= 0 || (uint64_t)v > most)
		return false;
	*n = (uint64_t)v;
	return true;
}

/* In order, and that of the own node among them. */
static int
read_nodes(struct snapshot *s, const json_t *list, struct err *e)
{
	size_t i, n = json_array_size(list);
	struct snapshot_node *x;
	bool own = false;

	if (n == 0 || n > SNAPSHOT_NODES)
		return bad(e, "its nodes are none, or too many");
	s->nodes = xcalloc(n, sizeof *s->nodes);
	for (i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);

		x = &s->nodes[s->n_nodes++];
		if (!get_name(o, "node", x->name) ||
		    get_int(o, "upto", &x->upto) != 1 || x->upto < 0 ||
		    (i > 0 && strcmp(x[-1].name, x->name) >= 0))
			return bad(e, "its nodes are not right");
		own |= strcmp(x->name, s->node) == 0;
	}
	return own ? 0 : bad(e, "its own node is not among its nodes");
}

static int
read_pieces(struct snapshot *s, const json_t *list, struct err *e)
{
	size_t i, n = json_array_size(list);
	uint64_t bytes, size;

	if (n > SNAPSHOT_PIECES || n != (s->size + s->piece - 1) / s->piece)
		return bad(e, "it has more or fewer pieces than its size");
	s->pieces = xcalloc(n, sizeof *s->pieces);
	for (i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		struct snapshot_piece *p = &s->pieces[s->n++];

		size = snapshot_piece_size(s, i);
		if (!get_hash(o, "name", p->name) ||
		    !get_hash(o, "sha256", p->sha256) ||
		    !get_size(o, "bytes", size + OVER(size), &bytes))
			return bad(e, "a piece is not right");
		p->bytes = (uint32_t)bytes;
	}
	return 0;
}

/* Which it is at all, before the rest is judged. */
static int
read_format(const json_t *o, struct err *e)
{
	const char *type = get_str(o, "type", NULL);
	int64_t format;

	if (type == NULL || strcmp(type, "snapshot") != 0 ||
	    get_int(o, "format", &format) != 1 || format < 1)
		return bad(e, "it has no format");
	if (format > SNAPSHOT_FORMAT)
		return err_set(e, ERR_VERSION, "a snapshot of format %" PRId64
		    " (this is %d); upgrade memkit", format, SNAPSHOT_FORMAT);
	return 0;
}

static int
read_schema(struct snapshot *s, const json_t *o, struct err *e)
{
	if (get_int(o, "schema", &s->schema) != 1 || s->schema < FIRST)
		return bad(e, "it has no schema");
	if (s->schema > SCHEMA_VERSION)
		return err_set(e, ERR_VERSION, "a snapshot of schema %" PRId64
		    " (this is %d); upgrade memkit", s->schema,
		    SCHEMA_VERSION);
	return 0;
}

static int
read_head(struct snapshot *s, const json_t *o, struct err *e)
{
	const char *tenant = get_str(o, "tenant", NULL);
	struct err why;
	uint64_t piece;

	if (!get_name(o, "node", s->node) ||
	    !get_name(o, "store_id", s->store_id) || tenant == NULL ||
	    name_check("tenant", tenant, &why) < 0)
		return bad(e, "it does not tell whose it is");
	s->tenant = xstrdup(tenant);
	if (!get_size(o, "piece", SNAPSHOT_PIECE_MAX, &piece) ||
	    piece < SNAPSHOT_PIECE_MIN || (piece & (piece - 1)) != 0 ||
	    !get_size(o, "size", piece * SNAPSHOT_PIECES, &s->size) ||
	    !get_hash(o, "sha256", s->sha256))
		return bad(e, "its size or its hash is not right");
	s->piece = (uint32_t)piece;
	return 0;
}

static int
read_all(struct snapshot *s, const json_t *o, struct err *e)
{
	if (read_format(o, e) < 0 || read_schema(s, o, e) < 0 ||
	    read_head(s, o, e) < 0 ||
	    read_nodes(s, json_object_get(o, "nodes"), e) < 0)
		return -1;
	return read_pieces(s, json_object_get(o, "pieces"), e);
}

int
snapshot_read(struct snapshot *s, const void *p, size_t n, struct err *e)
{
	struct buf again = BUF_INIT;
	struct err why;
	json_t *o;
	int r;

	memset(s, 0, sizeof *s);
	if (n > SNAPSHOT_MAX)
		return bad(e, "it is too large");
	if ((o = json_read(p, n, &why)) == NULL)
		return bad(e, why.msg);
	r = read_all(s, o, e);
	json_decref(o);
	if (r < 0)
		return -1;
	snapshot_write(s, &again);
	if (again.len != n || memcmp(again.p, p, n) != 0)
		r = bad(e, "it is not as memkit writes it");
	buf_release(&again);
	hash_mem(p, n, s->name);
	s->bytes = n;
	return r;
}

/* --- keys -------------------------------------------------------------- */

void
snapshot_key(struct buf *b, const char *prefix, const uint8_t name[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, name, HASH_LEN);
	buf_addf(b, "%ssnapshot/%s", prefix, hex);
}

void
snapshot_piece_key(struct buf *b, const char *prefix,
    const uint8_t name[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, name, HASH_LEN);
	buf_addf(b, "%s" SNAPSHOT_PIECE_DIR "%.2s/%s", prefix, hex, hex);
}
