/*
 * The files of sessions, at a repair: all that count, but those that no push
 * has sent yet, and those whose place is not this remote (cold.h).
 *
 * They are looked at in groups; of a group with one that is lost each half is
 * looked at again, down to the file itself.
 */
#include "sync/repair.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "file/file_row.h"
#include "memory/stage.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/chosen.h"
#include "sync/journal_file.h"
#include "sync/pack_put.h"
#include "sync/prove.h"
#include "sync/publish.h"
#include "sync/push_files.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER 1024

struct run {
	struct repair_run *r;
	int64_t upto;			/* of our changes, that is there */
	struct map pending;		/* rows, that are not there yet */
	char *user, *session;		/* own; that was looked up last, */
	bool away;			/* and is elsewhere */
	struct chosen files;
	const struct proof *proof;	/* of the file at hand */
	bool moves;			/* something waits to be moved */
	struct pack_put *pack;		/* own; NULL: nothing was packed */
	struct packed packed;
};

/* --- which ------------------------------------------------------------- */

static int
note_pending(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;

	(void)e;
	map_put_n(&run->pending, (const char *)&f->row.seq, sizeof f->row.seq,
	    NULL);
	return 0;
}

static int
is_away(struct run *run, const struct file_each *f, struct err *e)
{
	struct stage g;
	int r;

	if (str_eq(f->session, run->session) && str_eq(f->user, run->user))
		return run->away;
	if ((r = stage_find(run->r->s->st, f->user, f->session, &g, e)) < 0)
		return -1;
	run->away = r == 1 && g.cold != NULL;
	stage_release(&g);
	free(run->user);
	free(run->session);
	run->user = xstrdup(f->user);
	run->session = xstrdup(f->session);
	return run->away;
}

static int
gather(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct chosen *c = &run->files;
	int r;

	if (f->row.removed || map_get_n(&run->pending,
	    (const char *)&f->row.seq, sizeof f->row.seq) != NULL)
		return 0;
	if ((r = is_away(run, f, e)) != 0)
		return r < 0 ? -1 : 0;
	c->v = xgrow(c->v, c->n, &c->cap, sizeof *c->v);
	c->v[c->n++] = (struct chosen_file){ f->row.seq, f->row.area, NULL };
	c->bytes += f->row.size;
	return 0;
}

/* --- one that is not there ---------------------------------------------- */

/* Into a pack, whatever became of that in which it was. */
static int
pack(struct run *run, const struct file_each *f, struct err *e)
{
	if (run->pack == NULL) {
		run->pack = pack_put_new(run->r->s, &run->packed);
		pack_put_again(run->pack);
	}
	return push_files_pack(run->r->s, f, run->pack, e);
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

/* 1 it is there again, 0 its bytes are not here. */
static int
put(struct run *run, const struct file_each *f, const char *key,
    struct err *e)
{
	struct journal_file row = { .what = JOURNAL_MOVE, .key = key,
	    .seq = f->row.seq, .last = run->upto };
	struct sync *s = run->r->s;
	char hex[HASH_HEX + 1];
	struct buf staged = BUF_INIT;
	int r = -1;

	if (pack_put_takes(s, (uint64_t)f->row.size))
		return pack(run, f, e);
	if (run->proof->absent && ((r = push_files_put_as(s, f, key, true,
	    e)) >= 0 || e->code != ERR_EXISTS))
		return r;
	hex_encode(hex, f->row.sha256, HASH_LEN);
	sync_key(s, &staged, "file", hex);
	if ((r = push_files_put_as(s, f, staged.p, false, e)) == 1) {
		memcpy(row.sha256, f->row.sha256, HASH_LEN);
		if (journal_file_add(s->journal, &row, e) < 0)
			r = -1;
		run->moves = true;
	}
	buf_release(&staged);
	return r;
}

/* For file_find. */
static int
mend(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct repaired d = { .what = REPAIR_FILE, .did = REPAIR_BROKEN };
	char node[ULID_LEN + 1], *address = NULL;
	struct buf key = BUF_INIT;
	int r = 0;

	push_files_key(run->r->s, f, &key);
	d.key = key.p;
	d.why = run->proof->absent ? "it is not there" :
	    "it is not what it must be";
	if (run->r->how->dry_run)
		r = push_files_is_here(run->r->s, f, e);
	else if (f->row.local == FILE_HERE)
		r = put(run, f, key.p, e);
	if (r == 1)
		d.did = REPAIR_PUT;
	if (r >= 0 && (r = journal_node(run->r->s->journal, f->row.s.node,
	    node, &address, e)) == 1) {
		d.node = node;
		d.address = address;
	}
	if (r >= 0)
		r = repair_tell(run->r, &d, e);
	free(address);
	buf_release(&key);
	return r < 0 ? -1 : 0;
}

static int
look(struct run *run, size_t from, size_t n, struct err *e)
{
	const struct chosen some = { .v = run->files.v + from, .n = n };
	struct proof proof;
	int r;

	if (prove_files(run->r->s, &some, run->r->how->get, &proof, e) < 0)
		return -1;
	if (proof.missing == 0)
		return 0;
	if (n > 1)
		return look(run, from, n / 2, e) < 0 ? -1 :
		    look(run, from + n / 2, n - n / 2, e);
	run->proof = &proof;
	r = file_find(run->r->s->st, some.v[0].seq, mend, run, e);
	return r < 0 ? -1 : 0;
}

/* --- all of them -------------------------------------------------------- */

static int
run_files(struct run *run, struct err *e)
{
	struct sync *s = run->r->s;
	char own[ULID_LEN + 1];
	size_t at, n;
	int64_t moved;

	if (node_name(s->st, own, e) < 0 ||
	    journal_upto(s->journal, own, &run->upto, e) < 0 ||
	    file_each(s->st, run->upto, note_pending, run, e) < 0 ||
	    file_each(s->st, -1, gather, run, e) < 0)
		return -1;
	run->r->sums->files = (int64_t)run->files.n;
	for (at = 0; at < run->files.n; at += n) {
		n = run->files.n - at < TOGETHER ? run->files.n - at :
		    TOGETHER;
		if (look(run, at, n, e) < 0)
			return -1;
	}
	if (run->pack != NULL && (pack_put_end(run->pack, e) < 0 ||
	    publish(s, name_packs, run, e) < 0))
		return -1;
	return run->moves ? push_files_settle(s, &moved, e) : 0;
}

int
repair_files(struct repair_run *r, struct err *e)
{
	struct run run = { .r = r, .pending = MAP_INIT, .files = CHOSEN_INIT };
	int ret = run_files(&run, e);

	pack_put_free(run.pack);
	map_release(&run.pending);
	free(run.user);
	free(run.session);
	chosen_release(&run.files);
	return ret;
}
