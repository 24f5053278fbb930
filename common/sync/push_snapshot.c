#include "sync/push_snapshot.h"

#include "base/date.h"
#include "base/str.h"
#include "store/forgetting.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/pack_put.h"
#include "sync/publish.h"
#include "sync/snapshot.h"
#include "sync/snapshot_known.h"
#include "sync/sync.h"

/*
 * Where a new node would take in a tenth of all changes one by one: so each
 * is in a few snapshots, of which most pieces are shared.
 */
#define LEAST 50000		/* changes */
#define PART 10

int
push_snapshot_due(struct sync *s, struct err *e)
{
	int64_t n, all;

	if (journal_unsnapped(s->journal, &n, &all, e) < 0)
		return -1;
	return n < LEAST || n < all / PART ? 0 : push_snapshot_may(s, e);
}

struct covered {
	struct sync *s;
	bool lacks;
};

static int
has_it(void *arg, const struct manifest_segment *seg, struct err *e)
{
	struct covered *c = arg;
	int64_t here;

	if (seg->name[0] != '\0' || c->lacks)
		return 0;
	if (node_upto(c->s->st, seg->node, &here, e) < 0)
		return -1;
	c->lacks = here < seg->to;
	return 0;
}

int
push_snapshot_may(struct sync *s, struct err *e)
{
	struct covered c = { .s = s };

	if (journal_each_segment(s->journal, has_it, &c, e) < 0)
		return -1;
	return !c.lacks;
}

struct naming {
	struct sync *s;
	const struct snapshot *snap;
	const struct strv *lost;
	const struct manifest_segment *hole;
	size_t nholes;
};

/* publish_fn */
static int
name_it(void *arg, struct sync_manifest *m, struct err *e)
{
	struct naming *n = arg;
	size_t i;

	if (sync_ours(n->s, e) < 0)
		return -1;
	hex_encode(m->snapshot, n->snap->name, HASH_LEN);
	m->snapshot_size = (int64_t)n->snap->bytes;
	if (pack_put_name(n->s, m, e) < 0)
		return -1;
	for (i = 0; n->lost != NULL && i < n->snap->n_nodes; i++)
		if (strv_has(n->lost, n->snap->nodes[i].name))
			sync_manifest_add_cover(m, n->snap->nodes[i].name, -1,
			    n->snap->nodes[i].upto);
	for (i = 0; i < n->nholes; i++)
		sync_manifest_add_cover(m, n->hole[i].node, n->hole[i].from,
		    n->hole[i].to);
	return 1;
}

/* Its arguments: of snapshot_how there is one for both. */
struct putting {
	struct sync *s;
	struct snapshot_known known;
};

static bool
is_known(void *arg, const uint8_t name[HASH_LEN])
{
	struct putting *p = arg;

	return snapshot_known(&p->known, name);
}

static void
progress(void *arg, uint64_t done, uint64_t of)
{
	struct putting *p = arg;

	sync_tell(p->s, "bytes of a snapshot", (int64_t)done, (int64_t)of);
}

/* What was put long ago may be gone when the manifest is there (journal.h). */
static int
put(struct sync *s, struct snapshot *snap, struct err *e)
{
	struct putting p = { .s = s };
	struct snapshot_sums sums = { 0, 0 };
	const struct snapshot_how how = { .stop = s->watch.stop,
	    .progress = progress, .known = is_known, .arg = &p,
	    .sums = &sums, .sealing = s->sealing };
	int64_t began;
	int r;

	do {
		began = date_monotonic();
		snapshot_release(snap);
		if ((r = snapshot_known_load(&p.known, s, e)) == 0)
			r = snapshot_put(s->st, s->remote, s->prefix.p, &how,
			    snap, e);
		snapshot_known_release(&p.known);
	} while (r == 0 && date_monotonic() - began > JOURNAL_FRESH_MS);
	s->sent += (int64_t)sums.bytes;
	return r;
}

static int
put_and_name(struct naming *n, struct err *e)
{
	struct snapshot snap = SNAPSHOT_INIT;
	int64_t gone;
	int r;

	/* what is shown no more must not lie there either */
	if (forgetting_go_on(n->s->st, INT64_MAX, &gone, NULL, e) < 0)
		return -1;
	if ((r = push_snapshot_may(n->s, e)) == 0)
		r = err_set(e, ERR_ABSENT, "only the snapshot in '%s' has some "
		    "changes of others, and this copy has not, so none that "
		    "is made of it may take its place; pull into a new store, "
		    "and import there what mem-sync export writes here",
		    n->s->name);
	if (r == 1 && (r = put(n->s, &snap, e)) == 0) {
		n->snap = &snap;
		r = publish(n->s, name_it, n, e);
	}
	snapshot_release(&snap);
	return r < 0 ? -1 : 0;
}

int
push_snapshot(struct sync *s, const struct strv *lost, struct err *e)
{
	struct naming naming = { .s = s, .lost = lost };

	return put_and_name(&naming, e);
}

int
push_snapshot_holes(struct sync *s, const struct manifest_segment *hole,
    size_t n, struct err *e)
{
	struct naming naming = { .s = s, .hole = hole, .nholes = n };

	return put_and_name(&naming, e);
}
