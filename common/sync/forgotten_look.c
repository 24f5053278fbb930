#include "sync/forgotten_look.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/zip.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/forgotten.h"
#include "sync/pull.h"
#include "sync/pull_fresh.h"
#include "sync/segmentfile.h"
#include "sync/snapshot.h"
#include "sync/sync.h"

#include <string.h>

#define OBJECT_MAX ((size_t)1 << 30)

struct look {
	struct sync *s;
	const struct prints *p;
	struct forgotten_found *sums;
	gone_fn *fn;
	void *arg;
	struct strv keys;		/* own */
	size_t front;
	struct zip *zip;		/* own */
};

static int
note(void *arg, const struct remote_entry *x, struct err *e)
{
	struct look *l = arg;

	(void)e;
	if (x->why == NULL)
		strv_add(&l->keys, x->key);
	return 0;
}

static int
look_at(struct look *l, const char *what, const char *key, const void *p,
    size_t len, struct err *e)
{
	size_t n = prints_count(l->p, p, len, PRINTS_ALL);

	l->sums->bytes += (int64_t)len;
	if (n == 0)
		return 0;
	l->sums->found++;
	return l->fn == NULL ? 0 : l->fn(l->arg, what, key, (int64_t)n, e);
}

static int
look_segment(struct look *l, const char *key, const struct buf *plain,
    struct err *e)
{
	struct segmentfile f;
	int r;

	memset(&f, 0, sizeof f);
	if ((r = segmentfile_read(&f, plain->p, plain->len, e)) == 0)
		r = look_at(l, "segment", key, f.text.p, f.text.len, e);
	segmentfile_release(&f);
	return r;
}

static int
look_piece(struct look *l, const char *key, const struct buf *plain,
    struct err *e)
{
	struct buf raw = BUF_INIT;
	int r;

	if ((r = zip_unpack(l->zip, &raw, plain->p, plain->len,
	    SNAPSHOT_PIECE_MAX, e)) == 0)
		r = look_at(l, "piece", key, raw.p, raw.len, e);
	buf_wipe(&raw);
	return r;
}

/* Its kind is what it is sealed for, and how it is decoded. */
static int
look_object(struct look *l, const char *key, struct err *e)
{
	const char *at = str_starts(key, l->s->prefix.p) ? key + l->front :
	    "", *slash = strchr(at, '/');
	struct buf bytes = BUF_INIT, plain = BUF_INIT, kind = BUF_INIT;
	const char *last = strrchr(key, '/') + 1;
	uint8_t name[HASH_LEN];
	bool named = strlen(last) == HASH_HEX && hex_decode(name, last,
	    HASH_LEN);
	struct err why;
	int r;

	if (slash != NULL)
		buf_add(&kind, at, (size_t)(slash - at));
	if ((r = sync_get(l->s, key, NULL, OBJECT_MAX, &bytes, e)) < 0) {
		/* it went meanwhile */
		r = e->code == ERR_ABSENT ? 0 : -1;
		goto out;
	}
	l->sums->objects++;
	r = look_at(l, "object", key, bytes.p, bytes.len, e);
	if (r < 0 || kind.len == 0 || !named)
		goto out;
	if (sealing_unpack(l->s->sealing, kind.p, bytes.p, bytes.len, name,
	    &plain, &why) < 0)
		l->sums->unread++;
	else if (str_eq(kind.p, "segment"))
		r = look_segment(l, key, &plain, e);
	else if (str_eq(kind.p, "piece"))
		r = look_piece(l, key, &plain, e);
	else
		r = look_at(l, "object", key, plain.p, plain.len, e);
out:
	buf_release(&bytes);
	buf_wipe(&plain);
	buf_release(&kind);
	return r;
}

/* What a new node would have. */
static int
look_built(struct look *l, const char *dir, struct err *e)
{
	const struct store_where where = { .dir = dir,
	    .tenant = l->s->st->tenant, .user = l->s->st->user,
	    .inside = true };
	const struct pull_how how = { .merge = true, .archived = true,
	    .no_artifacts = true };
	struct gone_sums sums = { 0 };
	struct store *there;
	struct pulled pulled;
	struct sync *other;
	int r;

	if (store_open(&there, &where, STORE_FOLDER, e) < 0)
		return -1;
	if ((r = sync_attach(&other, l->s, there, e)) == 0) {
		r = pull_fresh(other, &how, &pulled, e);
		sync_close(other);
	}
	store_close(there);
	if (r < 0 || store_open(&there, &where, STORE_MAKE_HERE, e) < 0)
		return -1;
	r = gone_look_copy(there, l->p, &sums, l->fn, l->arg, e);
	store_close(there);
	l->sums->found += sums.found;
	l->sums->bytes += sums.bytes;
	return r;
}

static int
run(struct look *l, struct err *e)
{
	struct scratch sc = SCRATCH_INIT;
	struct buf dir = BUF_INIT;
	size_t i;
	int r;

	l->front = l->s->prefix.len;
	if (sync_look(l->s, e) < 0 || forgotten_list(l->s, note, l, e) < 0)
		return -1;
	for (r = 0, i = 0; r == 0 && i < l->keys.n; i++) {
		if (sync_stopped(l->s, e))
			return -1;
		sync_tell(l->s, "objects", (int64_t)i, (int64_t)l->keys.n);
		r = look_object(l, l->keys.v[i], e);
	}
	if (r < 0 || scratch_open(&sc, l->s->st->dir, "look", e) < 0)
		return -1;
	file_join(&dir, sc.path, "store");
	r = look_built(l, dir.p, e);
	buf_release(&dir);
	scratch_close(&sc);
	return r;
}

int
forgotten_look(struct sync *s, const struct prints *p,
    struct forgotten_found *sums, gone_fn *fn, void *arg, struct err *e)
{
	struct look l = { .s = s, .p = p, .sums = sums, .fn = fn,
	    .arg = arg };
	int r;

	memset(sums, 0, sizeof *sums);
	l.zip = zip_new(NULL, 0);
	r = run(&l, e);
	zip_free(l.zip);
	strv_release(&l.keys);
	return r;
}
