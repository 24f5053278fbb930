/*
 * Pieces are cut, hashed and packed one after the other, while those before
 * are on their way.  Level 1 of zstd: bodies are frames already, but what is
 * around them (ids, indexes, the room that pages leave) makes the whole a
 * quarter smaller for 0.1 s of 39 MB; level 3 takes twice as long for 4 % more.
 */
#include "sync/snapshot_slot.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/zip.h"
#include "sync/sealing.h"

#include <stdlib.h>
#include <string.h>

#define LEVEL 1
/* Names of a listing that are kept; a piece that is not among them is put
 * again, and is the same. */
#define NAMES ((size_t)100000)

struct put {
	struct remote *remote;
	const char *prefix;
	const struct snapshot_how *how;
	struct snapshot *s;
	struct snapshot_copy copy;
	struct zip *zip;
	struct map there;	/* names in hexadecimal, their sizes */
	struct snapshot_slots slots;
};

void
snapshot_told(const struct snapshot_how *how, const struct snapshot *s,
    uint64_t done)
{
	if (how->progress != NULL)
		how->progress(how->arg, done, s->size);
}

/* --- what is there ----------------------------------------------------- */

/* PREFIX piece/ HH / NAME: the beginning was asked for. */
static int
note(void *arg, const struct remote_entry *x, struct err *e)
{
	struct put *p = arg;
	size_t front = strlen(p->prefix) + sizeof SNAPSHOT_PIECE_DIR - 1;
	const char *at = x->key + front;	/* HH */

	(void)e;
	if (x->why == NULL && p->there.n < NAMES &&
	    strlen(at) == 3 + HASH_HEX && memcmp(at, at + 3, 2) == 0)
		map_put_n(&p->there, at + 3, HASH_HEX, NULL)->i =
		    (int64_t)x->size;
	return 0;
}

static int
list(struct put *p, struct err *e)
{
	struct buf prefix = BUF_INIT;
	struct remote_list l = { .found = note, .arg = p };
	int r;

	if (p->how->known != NULL)
		return 0;
	buf_adds(&prefix, p->prefix);
	buf_adds(&prefix, SNAPSHOT_PIECE_DIR);
	l.prefix = prefix.p;
	remote_list(p->remote, &l);
	r = remote_wait(p->remote, &l.op, e);
	buf_release(&prefix);
	return r;
}

static bool
is_there(const struct put *p, const struct snapshot_piece *x)
{
	const union map_value *v;
	char hex[HASH_HEX + 1];

	if (p->how->known != NULL)
		return p->how->known(p->how->arg, x->name);
	hex_encode(hex, x->name, HASH_LEN);
	v = map_get_n(&p->there, hex, HASH_HEX);
	return v != NULL && v->i == (int64_t)x->bytes;
}

/* --- cutting ----------------------------------------------------------- */

static void
piece_done(struct remote_op *op)
{
	if (op->r < 0)
		snapshot_slot_failed(op->user, &op->err);
	else
		snapshot_slot_went(op->user);
}

/* The plain bytes become the object. */
static int
pack(const struct put *p, const char *kind, struct buf *b,
    const uint8_t name[HASH_LEN], struct err *e)
{
	struct buf plain = *b;
	int r;

	if (!sealing_on(p->how->sealing))
		return 0;
	buf_init(b);
	r = sealing_pack(p->how->sealing, kind, plain.p, plain.len, name, b, e);
	buf_release(&plain);
	return r;
}

static int
start(struct put *p, struct snapshot_slot *x, size_t i, struct err *e)
{
	const struct snapshot_piece *piece = &p->s->pieces[i];
	struct remote_put *put = &x->u.put;

	if (pack(p, "piece", &x->frame, piece->name, e) < 0)
		return -1;
	snapshot_slot_begin(x, i, p->prefix, piece, piece_done);
	put->key = x->key.p;
	put->body.mem = x->frame.p;
	put->body.len = x->frame.len;
	sealing_sum(p->how->sealing, piece->name, x->frame.p, x->frame.len,
	    x->sum);
	put->sha256 = x->sum;
	remote_put(p->remote, put);
	return 0;
}

/* Piece i of the copy, in `raw`, to where it belongs. */
static int
one(struct put *p, size_t i, const void *raw, uint32_t n, struct err *e)
{
	struct snapshot_piece *piece = &p->s->pieces[i];
	struct snapshot_slot *x;

	if ((x = snapshot_slots_next(&p->slots, e)) == NULL)
		return -1;
	buf_reset(&x->frame);
	zip_pack(p->zip, &x->frame, raw, n, LEVEL);
	hash_mem(raw, n, piece->sha256);
	sealing_name(p->how->sealing, x->frame.p, x->frame.len, piece->name);
	piece->bytes = (uint32_t)sealing_size(p->how->sealing, x->frame.len);
	return is_there(p, piece) ? 0 : start(p, x, i, e);
}

static int
cut(struct put *p, struct err *e)
{
	struct snapshot *s = p->s;
	uint8_t *raw = xmalloc(s->piece);
	uint64_t at = 0;
	struct hash h;
	uint32_t n;
	size_t i;
	int r = 0;

	s->n = (size_t)((s->size + s->piece - 1) / s->piece);
	s->pieces = xcalloc(s->n, sizeof *s->pieces);
	hash_init(&h);
	for (i = 0; i < s->n && r == 0 && !p->slots.failed; i++, at += n) {
		n = snapshot_piece_size(s, i);
		r = snapshot_read_at(p->copy.fd, raw, n, at, p->copy.path, e);
		if (r == 0) {
			hash_add(&h, raw, n);
			r = one(p, i, raw, n, e);
		}
		snapshot_told(p->how, s, at + n);
	}
	hash_end(&h, s->sha256);
	free(raw);
	return r;
}

/* Order matters: who finds it finds all that it names. */
static int
describe(struct put *p, struct err *e)
{
	struct remote_put put = { .key = NULL };
	struct buf text = BUF_INIT, key = BUF_INIT;
	uint8_t sum[HASH_LEN];
	int r;

	snapshot_write(p->s, &text);
	sealing_name(p->how->sealing, text.p, text.len, p->s->name);
	if ((r = pack(p, "snapshot", &text, p->s->name, e)) == 0) {
		p->s->bytes = text.len;
		sealing_sum(p->how->sealing, p->s->name, text.p, text.len, sum);
		snapshot_key(&key, p->prefix, p->s->name);
		put.key = key.p;
		put.body.mem = text.p;
		put.body.len = text.len;
		put.sha256 = sum;
		remote_put(p->remote, &put);
		r = remote_wait(p->remote, &put.op, e);
	}
	buf_release(&text);
	buf_release(&key);
	return r;
}

/* --- all of it --------------------------------------------------------- */

static int
put(struct put *p, struct err *e)
{
	if (list(p, e) < 0)
		return -1;
	snapshot_slots_make(&p->slots, p->remote, p->how, p->s, p);
	if (cut(p, e) < 0 || snapshot_slots_drain(&p->slots, e) < 0)
		return -1;
	return describe(p, e);
}

int
snapshot_put(struct store *st, struct remote *remote, const char *prefix,
    const struct snapshot_how *how, struct snapshot *out, struct err *e)
{
	struct put p = { .remote = remote, .prefix = prefix, .how = how,
	    .s = out, .copy = SNAPSHOT_COPY_INIT, .there = MAP_INIT,
	    .slots = SNAPSHOT_SLOTS_INIT };
	int r;

	memset(out, 0, sizeof *out);
	p.zip = zip_new(NULL, 0);
	if ((r = snapshot_copy(&p.copy, st, out, e)) == 0)
		r = put(&p, e);
	snapshot_slots_release(&p.slots);
	zip_free(p.zip);
	map_release(&p.there);
	snapshot_copy_release(&p.copy);
	if (r < 0)
		snapshot_release(out);
	return r;
}
