/*
 * What is in the partial file is believed where it hashes to what must be
 * there; no second file tells how far it came, which a crash could part from
 * it.  So an older snapshot's database is as good a beginning as a get that
 * broke off.
 */
#include "sync/snapshot_slot.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/zip.h"
#include "store/disk.h"
#include "sync/sealing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct get {
	struct remote *remote;
	const char *prefix;
	const struct snapshot_how *how;
	struct snapshot *s;
	struct buf part;	/* path of the partial file */
	int fd;
	uint64_t had;		/* bytes of it at the beginning */
	uint64_t done;
	bool *here;		/* own; by piece */
	size_t next;		/* the first that is not in the hash */
	struct hash hash;	/* of all of it */
	struct zip *zip;
	struct buf raw;
	struct snapshot_slots slots;
};

/* --- the description --------------------------------------------------- */

/* A sealed one is compared when it is opened. */
static const uint8_t *
sum_of(const struct get *g, const uint8_t *name)
{
	return g->how->sealing != NULL ? NULL : name;
}

/* An object becomes its plain bytes. */
static int
open_object(struct get *g, const char *kind, struct buf *b,
    const uint8_t name[HASH_LEN], struct err *e)
{
	struct buf object = *b;
	int r;

	if (g->how->sealing == NULL)
		return 0;
	buf_init(b);
	r = sealing_unpack(g->how->sealing, kind, object.p, object.len, name, b,
	    e);
	buf_release(&object);
	return r < 0 ? -1 : 0;
}

static int
fetch(struct get *g, const char *key, const uint8_t name[HASH_LEN],
    uint64_t bytes, struct buf *text, struct err *e)
{
	struct remote_room room = { text, (size_t)bytes };
	struct remote_get get = { .key = key, .sha256 = sum_of(g, name),
	    .take = remote_into_buf, .arg = &room };

	remote_get(g->remote, &get);
	return remote_wait(g->remote, &get.op, e);
}

static int
get_description(struct get *g, const uint8_t name[HASH_LEN], uint64_t bytes,
    struct err *e)
{
	struct buf key = BUF_INIT, text = BUF_INIT;
	int r = -1;

	snapshot_key(&key, g->prefix, name);
	if (bytes > SNAPSHOT_MAX)
		err_set(e, ERR_INPUT, "'%s' is too large for a description",
		    key.p);
	else if (fetch(g, key.p, name, bytes, &text, e) == 0) {
		if (text.len != bytes)
			err_set(e, ERR_INPUT, "'%s' has %zu bytes, not %"
			    PRIu64, key.p, text.len, bytes);
		else if ((r = open_object(g, "snapshot", &text, name, e)) < 0 ||
		    (r = snapshot_read(g->s, text.p, text.len, e)) < 0)
			err_add(e, "'%s': ", key.p);
		memcpy(g->s->name, name, HASH_LEN);
		g->s->bytes = bytes;
	}
	buf_release(&key);
	buf_release(&text);
	return r;
}

int
snapshot_describe(struct remote *remote, const char *prefix,
    struct sealing *sealing, const uint8_t name[HASH_LEN], uint64_t bytes,
    struct snapshot *out, struct err *e)
{
	const struct snapshot_how how = { .sealing = sealing };
	struct get g = { .remote = remote, .prefix = prefix, .how = &how,
	    .s = out };

	memset(out, 0, sizeof *out);
	return get_description(&g, name, bytes, e);
}

/* --- pieces ------------------------------------------------------------ */

static int
write_at(int fd, const struct buf *b, uint64_t at, const char *name,
    struct err *e)
{
	return remote_into_fd(&fd, b->p, b->len, at, e) < 0 ?
	    err_add(e, "'%s': ", name) : 0;
}

static bool
is_right(const struct get *g, size_t i, const struct buf *raw)
{
	uint8_t sum[HASH_LEN];

	if (raw->len != snapshot_piece_size(g->s, i))
		return false;
	hash_mem(raw->p, raw->len, sum);
	return memcmp(sum, g->s->pieces[i].sha256, HASH_LEN) == 0;
}

static uint64_t
place(const struct get *g, size_t i)
{
	return (uint64_t)i * g->s->piece;
}

/*
 * Its object is the one that was named, so what is in it is what somebody put
 * there.  That it belongs there is seen of the whole, once: to hash each
 * piece, too, would be a seventh of all that a get costs.
 */
static int
unpack(struct get *g, struct snapshot_slot *x, struct err *e)
{
	struct buf *f = &x->frame;

	buf_reset(&g->raw);
	if (f->len != g->s->pieces[x->i].bytes)
		return err_set(e, ERR_CORRUPT, "'%s' has %zu bytes, not %"
		    PRIu32, x->key.p, f->len, g->s->pieces[x->i].bytes);
	if (open_object(g, "piece", f, g->s->pieces[x->i].name, e) < 0 ||
	    zip_unpack(g->zip, &g->raw, f->p, f->len, g->s->piece, e) < 0)
		return err_add(e, "'%s': ", x->key.p);
	if (g->raw.len != snapshot_piece_size(g->s, x->i))
		return err_set(e, ERR_CORRUPT, "'%s' has %zu bytes in it, not %"
		    PRIu32, x->key.p, g->raw.len,
		    snapshot_piece_size(g->s, x->i));
	return write_at(g->fd, &g->raw, place(g, x->i), g->part.p, e);
}

/* Piece i, into g->raw. */
static int
read_back(struct get *g, size_t i, struct err *e)
{
	uint32_t n = snapshot_piece_size(g->s, i);

	buf_reset(&g->raw);
	if (snapshot_read_at(g->fd, buf_reserve(&g->raw, n), n, place(g, i),
	    g->part.p, e) < 0)
		return -1;
	g->raw.len = n;
	g->raw.p[n] = '\0';
	return 0;
}

/* Piece i is there, and in g->raw.  Most come in their order, and need not be
 * read again for the hash of all. */
static int
took(struct get *g, size_t i, struct err *e)
{
	g->here[i] = true;
	for (; g->next < g->s->n && g->here[g->next]; g->next++) {
		if (g->next != i && read_back(g, g->next, e) < 0)
			return -1;
		hash_add(&g->hash, g->raw.p, g->raw.len);
	}
	g->done += snapshot_piece_size(g->s, i);
	snapshot_told(g->how, g->s, g->done);
	return 0;
}

static void
piece_done(struct remote_op *op)
{
	struct snapshot_slot *x = op->user;
	struct get *g = x->of->user;
	struct err e = op->err;

	if (op->r < 0 || unpack(g, x, &e) < 0 || took(g, x->i, &e) < 0)
		snapshot_slot_failed(x, &e);
	else
		snapshot_slot_went(x);
}

static int
take(void *arg, const void *p, size_t n, uint64_t at, struct err *e)
{
	struct snapshot_slot *x = arg;
	const struct get *g = x->of->user;
	struct remote_room room = { &x->frame, g->s->pieces[x->i].bytes };

	return remote_into_buf(&room, p, n, at, e);
}

static void
start(struct get *g, struct snapshot_slot *x, size_t i)
{
	const struct snapshot_piece *piece = &g->s->pieces[i];
	struct remote_get *get = &x->u.get;

	snapshot_slot_begin(x, i, g->prefix, piece, piece_done);
	buf_reset(&x->frame);
	buf_reserve(&x->frame, piece->bytes);
	get->key = x->key.p;
	get->sha256 = sum_of(g, piece->name);
	get->take = take;
	get->arg = x;
	remote_get(g->remote, get);
}

/* 1: the partial file has it already. */
static int
is_had(struct get *g, size_t i, struct err *e)
{
	if (place(g, i) + snapshot_piece_size(g->s, i) > g->had)
		return 0;
	return read_back(g, i, e) < 0 ? -1 : is_right(g, i, &g->raw);
}

static int
get_pieces(struct get *g, struct err *e)
{
	struct snapshot_slot *x;
	size_t i;
	int r;

	for (i = 0; i < g->s->n && !g->slots.failed; i++) {
		if ((r = is_had(g, i, e)) < 0)
			return -1;
		if (r == 1 && took(g, i, e) < 0)
			return -1;
		if (r == 1)
			continue;
		if ((x = snapshot_slots_next(&g->slots, e)) == NULL)
			return -1;
		start(g, x, i);
	}
	return snapshot_slots_drain(&g->slots, e);
}

/* --- the file ---------------------------------------------------------- */

static void
folder_of(const char *path, struct buf *b)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		buf_adds(b, ".");
	else
		buf_add(b, path, slash == path ? 1 : (size_t)(slash - path));
}

static int
check_room(const struct get *g, const struct stat *sb, struct err *e)
{
	struct buf folder = BUF_INIT;
	struct disk disk;
	int64_t need = (int64_t)g->s->size - (int64_t)sb->st_blocks * 512;
	int r;

	folder_of(g->part.p, &folder);
	if ((r = disk_look(folder.p, &disk, e)) == 0 && disk.free < need)
		r = err_set(e, ERR_SYS, "the snapshot needs %" PRId64 " MiB "
		    "more in '%s'; %" PRId64 " MiB are free", (need >> 20) + 1,
		    folder.p, disk.free >> 20);
	buf_release(&folder);
	return r;
}

static int
open_part(struct get *g, struct err *e)
{
	struct stat sb;

	g->fd = open(g->part.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC, 0600);
	if (g->fd < 0 || fstat(g->fd, &sb) < 0)
		return err_sys(e, "cannot make '%s'", g->part.p);
	if (!S_ISREG(sb.st_mode))
		return err_set(e, ERR_INPUT, "'%s' is no file", g->part.p);
	g->had = (uint64_t)sb.st_size;
	return check_room(g, &sb, e);
}

/* Which piece is not what the description says. */
static int
blame(struct get *g, struct err *e)
{
	struct buf key = BUF_INIT;
	size_t i;
	int r = 1;

	g->had = g->s->size;
	for (i = 0; i < g->s->n && r == 1; i++)
		r = is_had(g, i, e);
	if (r == 0) {
		snapshot_piece_key(&key, g->prefix, g->s->pieces[i - 1].name);
		err_set(e, ERR_CORRUPT, "'%s' is not what its snapshot says "
		    "is in it", key.p);
		buf_release(&key);
	} else if (r == 1) {
		unlink(g->part.p);	/* again would be no better */
		err_set(e, ERR_CORRUPT, "a snapshot's pieces are right, and "
		    "what they make is not what it says");
	}
	return -1;
}

static int
compare(struct get *g, struct err *e)
{
	uint8_t sum[HASH_LEN];

	hash_end(&g->hash, sum);
	return memcmp(sum, g->s->sha256, HASH_LEN) == 0 ? 0 : blame(g, e);
}

static int
finish(struct get *g, const char *path, struct err *e)
{
	struct buf folder = BUF_INIT;
	int r;

	if (ftruncate(g->fd, (off_t)g->s->size) < 0)
		return err_sys(e, "cannot write '%s'", g->part.p);
	if (compare(g, e) < 0)
		return -1;
	if (fsync(g->fd) < 0)
		return err_sys(e, "cannot sync '%s'", g->part.p);
	if (rename(g->part.p, path) < 0)
		return err_sys(e, "cannot move '%s' to '%s'", g->part.p,
		    path);
	folder_of(path, &folder);
	r = file_sync_dir(folder.p, e);
	buf_release(&folder);
	return r;
}

/* --- all of it --------------------------------------------------------- */

static int
get(struct get *g, const uint8_t name[HASH_LEN], uint64_t bytes,
    const char *path, struct err *e)
{
	if (file_exists(path))
		return err_set(e, ERR_EXISTS, "'%s' is there already", path);
	if (get_description(g, name, bytes, e) < 0 || open_part(g, e) < 0)
		return -1;
	g->here = xcalloc(g->s->n, sizeof *g->here);
	hash_init(&g->hash);
	snapshot_slots_make(&g->slots, g->remote, g->how, g->s, g);
	if (get_pieces(g, e) < 0)
		return -1;
	return finish(g, path, e);
}

int
snapshot_get(struct remote *remote, const char *prefix,
    const uint8_t name[HASH_LEN], uint64_t bytes, const char *path,
    const struct snapshot_how *how, struct snapshot *out, struct err *e)
{
	struct get g = { .remote = remote, .prefix = prefix, .how = how,
	    .s = out, .part = BUF_INIT, .raw = BUF_INIT, .fd = -1,
	    .slots = SNAPSHOT_SLOTS_INIT };
	int r;

	memset(out, 0, sizeof *out);
	g.zip = zip_new(NULL, 0);
	buf_addf(&g.part, "%s.part", path);
	r = get(&g, name, bytes, path, e);
	snapshot_slots_release(&g.slots);
	if (g.fd >= 0)
		close(g.fd);
	zip_free(g.zip);
	buf_release(&g.raw);
	buf_release(&g.part);
	free(g.here);
	return r;
}
