#include "sync/prune.h"

#include "artifact/artifact_merge.h"
#include "base/alloc.h"
#include "base/date.h"
#include "base/map.h"
#include "base/str.h"
#include "file/file_row.h"
#include "store/audit.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/artifact_bytes.h"
#include "sync/journal_pack.h"
#include "sync/packfile.h"
#include "sync/remote_clock.h"
#include "sync/snapshot.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOGETHER 16		/* looked at, and deleted, at once */
#define STATES 2		/* that stay */

const char *const prune_whats[] = { "snapshot", "piece", "segment", "pack",
	"file", "blob", "state", "clock", "unknown" };

struct object {
	enum prune_what what;
	char *key;		/* own */
	const char *name;	/* in it, the last part */
	uint64_t size;
	int64_t modified_ms;
};

struct run {
	struct sync *s;
	const struct prune_how *how;
	struct prune_sums *sums;
	int64_t before_ms;	/* what was put before that is old */
	struct object *v;	/* own; manifests are not among them */
	size_t n, cap, front;	/* front: bytes before the kind in a key */
	struct map named;	/* segments, by name */
	struct map pieces;	/* of the snapshots that stay */
	struct map blobs;	/* bytes of artifacts that rows want */
	struct map stay;	/* their descriptions, by name */
};

/* --- what is there ----------------------------------------------------- */

/* "ab/ab12..." */
static bool
is_filed(const char *s)
{
	return strlen(s) == 3 + HASH_HEX && s[2] == '/' &&
	    memcmp(s, s + 3, 2) == 0 && hex_is(s + 3, HASH_HEX);
}

/* -1: it is none of these, and stays without a word. */
static int
kind_of(const char *at)
{
	int64_t number;

	if (str_starts(at, "manifest/") &&
	    sync_manifest_number(at + strlen("manifest/"), &number))
		return -1;
	if (str_starts(at, "state/") &&
	    sync_manifest_number(at + strlen("state/"), &number))
		return PRUNE_STATE;
	if (str_starts(at, "segment/") && is_filed(at + strlen("segment/")))
		return PRUNE_SEGMENT;
	if (str_starts(at, PACK_KIND "/") && is_filed(at + sizeof PACK_KIND))
		return PRUNE_PACK;
	if (str_starts(at, "file/") && is_filed(at + strlen("file/")))
		return PRUNE_FILE;
	if (str_starts(at, ARTIFACT_BYTES "/") &&
	    is_filed(at + sizeof ARTIFACT_BYTES))
		return PRUNE_BLOB;
	if (str_starts(at, "piece/") && is_filed(at + strlen("piece/")))
		return PRUNE_PIECE;
	if (str_starts(at, "snapshot/") &&
	    hex_is(at + strlen("snapshot/"), HASH_HEX))
		return PRUNE_SNAPSHOT;
	if (str_starts(at, REMOTE_CLOCK_DIR) &&
	    strlen(at) == strlen(REMOTE_CLOCK_DIR) + HASH_LEN)
		return PRUNE_CLOCK;
	return PRUNE_UNKNOWN;
}

static int
note(void *arg, const struct remote_entry *x, struct err *e)
{
	struct run *run = arg;
	struct object *o;
	int what = x->why != NULL ? PRUNE_UNKNOWN :
	    kind_of(x->key + run->front);

	(void)e;
	if (what < 0)
		return 0;
	run->v = xgrow(run->v, run->n, &run->cap, sizeof *run->v);
	o = &run->v[run->n++];
	*o = (struct object){ (enum prune_what)what, xstrdup(x->key), NULL,
	    x->size, x->modified_ms };
	o->name = strrchr(o->key, '/') + 1;
	return 0;
}

/* In the order in which they go; of one kind the newest first, which for
 * states is that of their numbers. */
static int
by_kind(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	if (x->what != PRUNE_STATE && x->modified_ms != y->modified_ms)
		return x->modified_ms > y->modified_ms ? -1 : 1;
	return -strcmp(x->key, y->key);
}

static int
list(struct run *run, struct err *e)
{
	if (sync_list(run->s, "", note, run, &run->front, e) < 0)
		return -1;
	if (run->n > 0)
		qsort(run->v, run->n, sizeof *run->v, by_kind);
	return 0;
}

/* --- what stays -------------------------------------------------------- */

static int
add_segment(void *arg, const struct manifest_segment *s, struct err *e)
{
	struct run *run = arg;

	(void)e;
	map_put(&run->named, s->name, NULL);
	return 0;
}

static int
add_blob(void *arg, const uint8_t sum[HASH_LEN], struct err *e)
{
	struct run *run = arg;
	char hex[HASH_HEX + 1];

	(void)e;
	hex_encode(hex, sum, HASH_LEN);
	map_put(&run->blobs, hex, NULL);
	return 0;
}

static bool
is_damage(const struct err *e)
{
	return e->code == ERR_ABSENT || e->code == ERR_INPUT ||
	    e->code == ERR_CORRUPT;
}

/* A description that stays, and what it names. */
static int
keep(struct run *run, const char *hex, uint64_t size, bool newest,
    struct err *e)
{
	struct snapshot snap = SNAPSHOT_INIT;
	char piece[HASH_HEX + 1];
	uint8_t name[HASH_LEN];
	int made, r = 0;
	size_t i;

	map_put(&run->stay, hex, &made);
	if (!made)
		return 0;
	hex_decode(name, hex, HASH_LEN);
	if (snapshot_describe(run->s->remote, run->s->prefix.p,
	    sync_opening(run->s), name, size, &snap, e) == 0)
		for (i = 0; i < snap.n; i++) {
			hex_encode(piece, snap.pieces[i].name, HASH_LEN);
			map_put(&run->pieces, piece, NULL);
		}
	else if (newest && is_damage(e))
		r = err_set(e, ERR_CORRUPT, "the newest snapshot in '%s' "
		    "cannot be read; mem-sync repair first", run->s->name);
	else if (newest || !is_damage(e))
		r = -1;
	snapshot_release(&snap);
	return r;
}

/* The newest that a manifest names, and each that was the newest at some time
 * since it would have to be that old: those that are not that old yet, and the
 * one before them. */
static int
keep_snapshots(struct run *run, struct err *e)
{
	char hex[HASH_HEX + 1];
	int64_t size;
	size_t i;
	int r;

	if ((r = journal_snapshot(run->s->journal, hex, &size, e)) < 0 ||
	    (r == 1 && keep(run, hex, (uint64_t)size, true, e) < 0))
		return -1;
	for (i = 0; i < run->n && run->v[i].what == PRUNE_SNAPSHOT; i++) {
		if (keep(run, run->v[i].name, run->v[i].size, false, e) < 0)
			return -1;
		if (run->v[i].modified_ms < run->before_ms)
			break;
	}
	return 0;
}

static int
load(struct run *run, struct err *e)
{
	if (journal_each_segment(run->s->journal, add_segment, run, e) < 0 ||
	    artifact_each_sum(run->s->st, add_blob, run, e) < 0)
		return -1;
	return keep_snapshots(run, e);
}

static int
file_is_wanted(struct run *run, const struct object *o, struct err *e)
{
	uint8_t sum[HASH_LEN];

	hex_decode(sum, o->name, HASH_LEN);
	return file_row_wanted(run->s->st, sum, e);
}

static int
pack_is_named(struct run *run, const struct object *o, struct err *e)
{
	struct journal_pack p;
	int r = journal_pack_named(run->s->journal, o->name, &p, e);

	return r < 0 ? -1 : r == 1 && p.number > 0;
}

/* 1 it stays, 0 nobody needs it. */
static int
is_named(struct run *run, const struct object *o, size_t states,
    struct err *e)
{
	switch (o->what) {
	case PRUNE_SEGMENT:
		return map_get(&run->named, o->name) != NULL;
	case PRUNE_PACK:
		return pack_is_named(run, o, e);
	case PRUNE_FILE:
		return file_is_wanted(run, o, e);
	case PRUNE_BLOB:
		return map_get(&run->blobs, o->name) != NULL;
	case PRUNE_PIECE:
		return map_get(&run->pieces, o->name) != NULL;
	case PRUNE_SNAPSHOT:
		return map_get(&run->stay, o->name) != NULL;
	case PRUNE_STATE:
		return states < STATES;
	case PRUNE_CLOCK:
		return 0;
	case PRUNE_UNKNOWN:
		break;
	}
	return 1;
}

/* --- deleting ---------------------------------------------------------- */

static int
tell(struct run *run, const struct object *o, struct err *e)
{
	const struct pruned p = { o->what, o->key, o->size, o->modified_ms };

	return run->how->told == NULL ? 0 :
	    run->how->told(run->how->arg, &p, e);
}

static int
went(struct run *run, const struct object *o, struct err *e)
{
	run->sums->deleted++;
	run->sums->bytes += (int64_t)o->size;
	return tell(run, o, e);
}

/* Was it put again meanwhile, or is it gone? */
static int
is_still_old(struct run *run, struct remote_head *h, struct err *e)
{
	int r = remote_wait(run->s->remote, &h->op, e);

	strv_release(&h->meta);
	if (r < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	return h->modified_ms < run->before_ms;
}

static int
delete_some(struct run *run, const struct object *const *v, size_t n,
    struct err *e)
{
	struct remote_head head[TOGETHER];
	struct strv keys = STRV_INIT;
	struct remote_delete op = { .keys = &keys };
	bool goes[TOGETHER];
	struct err ignored;
	size_t i;
	int r = 0, old;

	for (i = 0; i < n; i++) {
		head[i] = (struct remote_head){ .key = v[i]->key };
		remote_head(run->s->remote, &head[i]);
	}
	for (i = 0; i < n; i++) {
		old = is_still_old(run, &head[i], r < 0 ? &ignored : e);
		goes[i] = old == 1;
		if (goes[i])
			strv_add(&keys, v[i]->key);
		if (old < 0)
			r = -1;
	}
	if (r == 0 && keys.n > 0) {
		remote_delete(run->s->remote, &op);
		r = remote_wait(run->s->remote, &op.op, e);
	}
	for (i = 0; r == 0 && i < n; i++)
		if (goes[i])
			r = went(run, v[i], e);
	strv_release(&keys);
	return r;
}

static int
sift(struct run *run, struct err *e)
{
	const struct object *old[TOGETHER], *o;
	size_t i, n = 0, states = 0;
	int r;

	for (i = 0; i < run->n; i++) {
		o = &run->v[i];
		if (sync_stopped(run->s, e) ||
		    (r = is_named(run, o, states, e)) < 0)
			return -1;
		states += o->what == PRUNE_STATE;
		if (o->what == PRUNE_UNKNOWN) {
			run->sums->unknown++;
			if (tell(run, o, e) < 0)
				return -1;
		}
		if (r == 1)
			continue;
		if (o->modified_ms >= run->before_ms) {
			run->sums->young++;
		} else if (run->how->dry_run) {
			if (went(run, o, e) < 0)
				return -1;
		} else {
			old[n++] = o;
			if (n == TOGETHER) {
				if (delete_some(run, old, n, e) < 0)
					return -1;
				n = 0;
			}
		}
		sync_tell(run->s, "objects", (int64_t)i, (int64_t)run->n);
	}
	return n > 0 ? delete_some(run, old, n, e) : 0;
}

/* --- all of it --------------------------------------------------------- */

static int
has_node(void *arg, const char *node, int64_t upto, struct err *e)
{
	struct run *run = arg;
	int64_t here;

	if (node_upto(run->s->st, node, &here, e) < 0)
		return -1;
	if (here >= upto)
		return 0;
	return err_set(e, ERR_BUSY, "not all that is in '%s' was taken in "
	    "here, so it is not known what of it is needed; mem-sync pull "
	    "first", run->s->name);
}

/* What is there, as of now. */
static int
look(struct run *run, struct err *e)
{
	if (sync_look(run->s, e) < 0 || sync_sure(run->s, e) < 0 ||
	    sync_ours(run->s, e) < 0)
		return -1;
	return journal_each_node(run->s->journal, has_node, run, e);
}

static int
sweep(struct run *run, struct err *e)
{
	uint64_t n = 0;
	int r = remote_sweep(run->s->remote, run->s->prefix.p,
	    run->how->age_ms, &n, e);

	run->sums->unfinished = (int64_t)n;
	return r;
}

static int
write_audit(struct run *run, struct err *e)
{
	char detail[120];

	if (run->sums->deleted + run->sums->unfinished == 0)
		return 0;
	snprintf(detail, sizeof detail, "%" PRId64 " objects of %" PRId64
	    " bytes, %" PRId64 " unfinished", run->sums->deleted,
	    run->sums->bytes, run->sums->unfinished);
	return audit_add(run->s->st, "remote_prune", run->s->name, detail, e);
}

/* Order matters: what is named when all was listed is named for good. */
static int
run_prune(struct run *run, struct err *e)
{
	int64_t now = date_real();
	struct journal_head h;
	struct err ignored;
	int r;

	if (look(run, e) < 0 || (!run->how->dry_run && remote_clock(
	    run->s->remote, run->s->prefix.p, &now, e) < 0))
		return -1;
	run->before_ms = now - run->how->age_ms;
	run->s->sure = false;
	if (list(run, e) < 0 || look(run, e) < 0 || load(run, e) < 0)
		return -1;
	if ((r = sift(run, e)) == 0 && !run->how->dry_run)
		r = sweep(run, e);
	/* what went before it failed, too */
	if (!run->how->dry_run && write_audit(run, r < 0 ? &ignored : e) < 0)
		r = -1;
	if (r < 0 || journal_head(run->s->journal, &h, e) < 0)
		return -1;
	run->sums->number = h.number;
	return 0;
}

int
prune(struct sync *s, const struct prune_how *how, struct prune_sums *sums,
    struct err *e)
{
	struct run run = { .s = s, .how = how, .sums = sums,
	    .named = MAP_INIT, .pieces = MAP_INIT, .blobs = MAP_INIT,
	    .stay = MAP_INIT };
	size_t i;
	int r;

	memset(sums, 0, sizeof *sums);
	r = run_prune(&run, e);
	for (i = 0; i < run.n; i++)
		free(run.v[i].key);
	free(run.v);
	map_release(&run.named);
	map_release(&run.pieces);
	map_release(&run.blobs);
	map_release(&run.stay);
	return r;
}
