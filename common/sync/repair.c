#include "sync/repair.h"

#include "base/alloc.h"
#include "base/str.h"
#include "store/audit.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/push_snapshot.h"
#include "sync/remake.h"
#include "sync/snapshot.h"
#include "sync/sync.h"
#include "sync/sync_state.h"
#include "sync/whole.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const repair_whats[] = { "manifest", "state", "segment",
	"snapshot", "piece", "file", "blob" };
const char *const repair_dids[] = { "put", "replaced", "covered", "broken" };

struct run {
	struct repair_run r;
	struct remake remake;
	struct segments all;		/* that have an object */
	struct segments anew;		/* to be named in place of others */
	struct segments holes;		/* for a snapshot */
	bool snapshot;			/* a new one is needed */
	struct strv bad;		/* keys of pieces that are damaged */
};

int
repair_tell(struct repair_run *r, const struct repaired *d, struct err *e)
{
	r->sums->damaged++;
	r->sums->broken += d->did == REPAIR_BROKEN;
	return r->how->told == NULL ? 0 : r->how->told(r->how->arg, d, e);
}

/* --- manifests --------------------------------------------------------- */

static int
mend_state(struct run *run, const struct state_check *c, struct err *e)
{
	struct repaired d = { .what = REPAIR_STATE, .did = REPAIR_PUT,
	    .why = whole_why(c->absent ? WHOLE_ABSENT : WHOLE_OTHER) };
	struct buf key = BUF_INIT;
	int r = 0;

	sync_state_key(run->r.s, c->number, &key);
	d.key = key.p;
	if (!run->r.how->dry_run)
		r = sync_state_put(run->r.s, c->number, &c->right, e);
	if (r == 0)
		r = repair_tell(&run->r, &d, e);
	buf_release(&key);
	return r;
}

static int
manifests(struct run *run, struct err *e)
{
	struct repaired d = { .what = REPAIR_MANIFEST, .did = REPAIR_BROKEN };
	struct buf key = BUF_INIT;
	struct state_check c;
	int r;

	buf_addf(&key, "%smanifest/", run->r.s->prefix.p);
	d.key = key.p;
	if ((r = sync_state_check(run->r.s, &c, e)) == 0 &&
	    c.manifests[0] != '\0') {
		d.why = c.manifests;
		r = repair_tell(&run->r, &d, e);
	} else if (r == 0 && (c.absent || c.why != NULL))
		r = mend_state(run, &c, e);
	state_check_release(&c);
	buf_release(&key);
	return r;
}

/* --- segments ---------------------------------------------------------- */

static int
note_segment(void *arg, const struct manifest_segment *s, struct err *e)
{
	struct run *run = arg;

	(void)e;
	if (s->name[0] != '\0')
		segments_add(&run->all, s);
	return 0;
}

static int
mend(struct run *run, const struct manifest_segment *old,
    struct repaired *d, struct err *e)
{
	struct sync *s = run->r.s;
	struct manifest_segment seg;
	struct buf body = BUF_INIT;
	int64_t here;
	int r;

	d->did = REPAIR_BROKEN;
	r = remake_segment(&run->remake, old, &seg, &body, e);
	if (r == 1) {
		d->did = strcmp(seg.name, old->name) == 0 &&
		    seg.size == old->size ? REPAIR_PUT : REPAIR_REPLACED;
		if (d->did == REPAIR_REPLACED)
			segments_add(&run->anew, &seg);
		r = run->r.how->dry_run ? 0 : remake_put(s, &seg, &body, e);
	} else if (r == 0 && (r = node_upto(s->st, old->node, &here, e)) == 0 &&
	    here >= old->to && (r = push_snapshot_may(s, e)) == 1) {
		d->did = REPAIR_COVERED;
		segments_add(&run->holes, old);
		run->snapshot = true;
		r = 0;
	}
	buf_release(&body);
	return r;
}

static int
mend_and_tell(struct run *run, const struct manifest_segment *seg,
    enum whole_is is, struct err *e)
{
	struct repaired d = { .what = REPAIR_SEGMENT, .why = whole_why(is),
	    .node = seg->node };
	char node[ULID_LEN + 1], *address = NULL;
	struct buf key = BUF_INIT;
	int r;

	sync_key(run->r.s, &key, "segment", seg->name);
	d.key = key.p;
	if ((r = journal_node(run->r.s->journal, node_number_of(seg->node),
	    node, &address, e)) >= 0 && (r = mend(run, seg, &d, e)) == 0) {
		d.address = address;
		r = repair_tell(&run->r, &d, e);
	}
	free(address);
	buf_release(&key);
	return r < 0 ? -1 : 0;
}

static int
segments(struct run *run, struct err *e)
{
	struct sync *s = run->r.s;
	struct whole *w;
	size_t i;
	int r;

	if (journal_each_segment(s->journal, note_segment, run, e) < 0)
		return -1;
	w = xcalloc(run->all.n, sizeof *w);
	for (i = 0; i < run->all.n; i++) {
		w[i].kind = "segment";
		w[i].size = (uint64_t)run->all.v[i].size;
		hex_decode(w[i].name, run->all.v[i].name, HASH_LEN);
	}
	r = whole_check(s, w, run->all.n, true, e);
	for (i = 0; r == 0 && i < run->all.n; i++)
		if (w[i].is != WHOLE_YES)
			r = mend_and_tell(run, &run->all.v[i], w[i].is, e);
	run->r.sums->segments = (int64_t)run->all.n;
	free(w);
	return r;
}

/* --- the snapshot ------------------------------------------------------ */

static int
tell_snapshot(struct run *run, enum repair_what what, const char *key,
    const char *why, struct err *e)
{
	struct repaired d = { .what = what, .key = key, .why = why };
	int r;

	if ((r = push_snapshot_may(run->r.s, e)) < 0)
		return -1;
	d.did = r == 1 ? REPAIR_REPLACED : REPAIR_BROKEN;
	run->snapshot = run->snapshot || r == 1;
	return repair_tell(&run->r, &d, e);
}

static int
pieces(struct run *run, const struct snapshot *snap, struct err *e)
{
	struct whole *w = xcalloc(snap->n, sizeof *w);
	struct buf key = BUF_INIT;
	size_t i;
	int r;

	for (i = 0; i < snap->n; i++) {
		w[i].kind = "piece";
		w[i].size = snap->pieces[i].bytes;
		memcpy(w[i].name, snap->pieces[i].name, HASH_LEN);
	}
	r = whole_check(run->r.s, w, snap->n, run->r.how->get, e);
	for (i = 0; r == 0 && i < snap->n; i++) {
		if (w[i].is == WHOLE_YES)
			continue;
		buf_reset(&key);
		snapshot_piece_key(&key, run->r.s->prefix.p, w[i].name);
		if (w[i].is == WHOLE_OTHER)
			strv_add(&run->bad, key.p);
		r = tell_snapshot(run, REPAIR_PIECE, key.p,
		    whole_why(w[i].is), e);
	}
	run->r.sums->pieces = (int64_t)snap->n;
	buf_release(&key);
	free(w);
	return r;
}

static int
snapshot(struct run *run, struct err *e)
{
	struct sync *s = run->r.s;
	struct snapshot snap = SNAPSHOT_INIT;
	char hex[HASH_HEX + 1];
	struct buf key = BUF_INIT;
	uint8_t name[HASH_LEN];
	int64_t size;
	int r;

	if ((r = journal_snapshot(s->journal, hex, &size, e)) != 1)
		return r;
	hex_decode(name, hex, HASH_LEN);
	snapshot_key(&key, s->prefix.p, name);
	if ((r = snapshot_describe(s->remote, s->prefix.p, sync_opening(s),
	    name, (uint64_t)size, &snap, e)) == 0)
		r = pieces(run, &snap, e);
	else if (e->code == ERR_ABSENT || e->code == ERR_INPUT ||
	    e->code == ERR_CORRUPT)
		r = tell_snapshot(run, REPAIR_SNAPSHOT, key.p,
		    whole_why(e->code == ERR_ABSENT ? WHOLE_ABSENT :
		    WHOLE_OTHER), e);
	snapshot_release(&snap);
	buf_release(&key);
	return r;
}

/* Pieces that are damaged are no more there: else a snapshot with the same
 * ones would leave them as they are. */
static int
delete_bad(struct run *run, struct err *e)
{
	struct remote_delete op = { .keys = &run->bad };

	if (run->bad.n == 0)
		return 0;
	remote_delete(run->r.s->remote, &op);
	return remote_wait(run->r.s->remote, &op.op, e);
}

/*
 * The new one is looked at, too: where the description was lost nobody knew
 * which pieces it had, and the new one shares them as they are.
 */
static int
mend_snapshot(struct run *run, struct err *e)
{
	if (snapshot(run, e) < 0)
		return -1;
	if (!run->snapshot || run->r.how->dry_run)
		return 0;
	if (delete_bad(run, e) < 0 || push_snapshot_holes(run->r.s,
	    run->holes.v, run->holes.n, e) < 0)
		return -1;
	run->snapshot = false;
	strv_release(&run->bad);
	if (snapshot(run, e) < 0)
		return -1;
	if (!run->snapshot)
		return 0;
	return delete_bad(run, e) < 0 ? -1 :
	    push_snapshot(run->r.s, NULL, e);
}

/* --- all of it --------------------------------------------------------- */

static int
write_audit(struct run *run, struct err *e)
{
	const struct repair_sums *sums = run->r.sums;
	char detail[120];

	if (sums->damaged == sums->broken)
		return 0;
	snprintf(detail, sizeof detail, "%" PRId64 " of %" PRId64
	    " damaged objects", sums->damaged - sums->broken, sums->damaged);
	return audit_add(run->r.s->st, "remote_repair", run->r.s->name, detail,
	    e);
}

static int
run_repair(struct run *run, struct err *e)
{
	struct sync *s = run->r.s;
	struct journal_head h;

	if (sync_look(s, e) < 0 || sync_sure(s, e) < 0 ||
	    sync_ours(s, e) < 0 || sync_may_put(s, e) < 0 ||
	    remake_open(&run->remake, s, e) < 0 ||
	    manifests(run, e) < 0 || segments(run, e) < 0 ||
	    (!run->r.how->dry_run && remake_name(s, &run->anew, e) <
	    0) || mend_snapshot(run, e) < 0)
		return -1;
	if (repair_files(&run->r, e) < 0 || repair_artifacts(&run->r, e) < 0 ||
	    (!run->r.how->dry_run && write_audit(run, e) < 0) ||
	    journal_head(s->journal, &h, e) < 0)
		return -1;
	run->r.sums->number = h.number;
	return 0;
}

int
repair(struct sync *s, const struct repair_how *how,
    struct repair_sums *sums, struct err *e)
{
	struct run run = { .r = { s, how, sums }, .bad = STRV_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	r = run_repair(&run, e);
	remake_close(&run.remake);
	strv_release(&run.bad);
	free(run.all.v);
	free(run.anew.v);
	free(run.holes.v);
	return r;
}
