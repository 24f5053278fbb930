#include "sync/push_snapshot.h"

#include "store/store.h"
#include "sync/pack_put.h"
#include "sync/publish.h"
#include "sync/snapshot.h"
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
	return n >= LEAST && n >= all / PART;
}

static void
progress(void *arg, uint64_t done, uint64_t of)
{
	sync_tell(arg, "bytes of a snapshot", (int64_t)done, (int64_t)of);
}

struct naming {
	struct sync *s;
	const struct snapshot *snap;
	const struct strv *lost;
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
			sync_manifest_add_cover(m, n->snap->nodes[i].name,
			    n->snap->nodes[i].upto);
	return 1;
}

int
push_snapshot(struct sync *s, const struct strv *lost, struct err *e)
{
	struct snapshot_sums sums = { 0, 0 };
	const struct snapshot_how how = { .stop = s->watch.stop,
	    .progress = progress, .arg = s, .sums = &sums,
	    .sealing = s->sealing };
	struct snapshot snap = SNAPSHOT_INIT;
	struct naming naming = { s, &snap, lost };
	int r;

	r = snapshot_put(s->st, s->remote, s->prefix.p, &how, &snap, e);
	s->sent += (int64_t)sums.bytes;
	if (r == 0)
		r = publish(s, name_it, &naming, e);
	snapshot_release(&snap);
	return r < 0 ? -1 : 0;
}
