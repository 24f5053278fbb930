/*
 * Bytes of artifacts, at a repair: all that rows want, but those that no push
 * has sent yet.
 */
#include "sync/repair.h"

#include "artifact/artifact_merge.h"
#include "artifact/artifacts.h"
#include "base/alloc.h"
#include "base/map.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/artifact_bytes.h"
#include "sync/pack_put.h"
#include "sync/publish.h"
#include "sync/push_artifacts.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER 256

struct run {
	struct repair_run *r;
	struct artifacts ar;
	struct map pending;		/* rows, that are not there yet */
	int64_t *seq;			/* own; rows to look at */
	size_t all, cap, at;
	struct artifact v[TOGETHER];
	struct artifact_bytes bytes[TOGETHER];
	size_t n;
	struct pack_bad bad;
	struct pack_put *pack;		/* own; NULL: nothing was packed */
	struct packed packed;
};

/* --- which ------------------------------------------------------------- */

static int
note_pending(void *arg, int64_t seq, struct err *e)
{
	struct run *run = arg;

	(void)e;
	map_put_n(&run->pending, (const char *)&seq, sizeof seq, NULL);
	return 0;
}

static int
gather(void *arg, int64_t seq, struct err *e)
{
	struct run *run = arg;

	(void)e;
	if (map_get_n(&run->pending, (const char *)&seq, sizeof seq) != NULL)
		return 0;
	run->seq = xgrow(run->seq, run->all, &run->cap, sizeof *run->seq);
	run->seq[run->all++] = seq;
	return 0;
}

/* --- one that is not there ---------------------------------------------- */

static int
put(struct run *run, const struct artifact *a, struct err *e)
{
	struct sync *s = run->r->s;

	if (run->r->how->dry_run)
		return push_artifacts_is_here(&run->ar, a, e);
	if (run->pack == NULL && pack_put_takes(s, (uint64_t)a->osize)) {
		run->pack = pack_put_new(s, &run->packed);
		pack_put_again(run->pack);
	}
	return push_artifacts_again(s, &run->ar, a, run->pack, e);
}

static int
mend(struct run *run, const struct artifact *a, bool absent, struct err *e)
{
	struct repaired d = { .what = REPAIR_BLOB, .did = REPAIR_BROKEN };
	char node[ULID_LEN + 1], hex[HASH_HEX + 1], *address = NULL;
	struct buf key = BUF_INIT;
	int r;

	hex_encode(hex, a->sum, HASH_LEN);
	sync_key(run->r->s, &key, ARTIFACT_BYTES, hex);
	d.key = key.p;
	d.why = absent ? "it is not there" : "it is not what it must be";
	if ((r = put(run, a, e)) == 1)
		d.did = REPAIR_PUT;
	if (r >= 0 && (r = journal_node(run->r->s->journal, a->node, node,
	    &address, e)) == 1) {
		d.node = node;
		d.address = address;
	}
	if (r >= 0)
		r = repair_tell(run->r, &d, e);
	free(address);
	buf_release(&key);
	return r < 0 ? -1 : 0;
}

/* --- all of them -------------------------------------------------------- */

static int
look(struct run *run, struct err *e)
{
	size_t i;
	int r = artifact_bytes_get(run->r->s, run->bytes, run->n,
	    run->r->how->get, &run->bad, e);

	for (i = 0; r == 0 && i < run->n; i++)
		if (!run->bytes[i].got)
			r = mend(run, &run->v[i], run->bytes[i].absent, e);
	for (i = 0; i < run->n; i++)
		artifact_release(&run->v[i]);
	run->n = 0;
	return r;
}

static int
add(struct run *run, int64_t seq, struct err *e)
{
	struct artifact *a = &run->v[run->n];
	int r = artifact_row(run->r->s->st, seq, a, e);

	if (r != 1)
		return r;
	run->bytes[run->n] = (struct artifact_bytes){ .fd = -1,
	    .size = (uint64_t)a->osize };
	memcpy(run->bytes[run->n].sum, a->sum, HASH_LEN);
	run->n++;
	return 0;
}

/* publish_fn */
static int
name_packs(void *arg, struct sync_manifest *m, struct err *e)
{
	struct run *run = arg;

	if (sync_ours(run->r->s, e) < 0 ||
	    pack_put_name(run->r->s, m, e) < 0)
		return -1;
	return m->npacks > 0;
}

static int
run_artifacts(struct run *run, struct err *e)
{
	struct sync *s = run->r->s;
	char own[ULID_LEN + 1];
	int64_t upto;

	if (node_name(s->st, own, e) < 0 ||
	    journal_upto(s->journal, own, &upto, e) < 0 ||
	    artifact_each_own(s->st, upto, note_pending, run, e) < 0 ||
	    artifact_each_local(s->st, gather, run, e) < 0)
		return -1;
	if (run->all == 0)
		return 0;
	run->r->sums->artifacts = (int64_t)run->all;
	if (artifacts_open_local(&run->ar, s->st, e) < 0)
		return -1;
	while (run->at < run->all) {
		if (sync_stopped(s, e) || add(run, run->seq[run->at++], e) < 0)
			return -1;
		if ((run->n == TOGETHER || run->at == run->all) &&
		    look(run, e) < 0)
			return -1;
	}
	return run->pack != NULL && (pack_put_end(run->pack, e) < 0 ||
	    publish(s, name_packs, run, e) < 0) ? -1 : 0;
}

int
repair_artifacts(struct repair_run *r, struct err *e)
{
	struct run *run = xcalloc(1, sizeof *run);
	size_t i;
	int ret;

	run->r = r;
	ret = run_artifacts(run, e);
	for (i = 0; i < run->n; i++)
		artifact_release(&run->v[i]);
	if (run->ar.st != NULL)
		artifacts_close(&run->ar);
	pack_put_free(run->pack);
	map_release(&run->pending);
	free(run->seq);
	free(run);
	return ret;
}
