#include "sync/drill.h"

#include "artifact/artifact.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "file/file_row.h"
#include "store/node.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/pull_artifacts.h"
#include "sync/pull_fresh.h"
#include "sync/push.h"
#include "sync/sync.h"
#include "sync/sync_state.h"

#include <string.h>

struct no_file {
	drill_fn *fn;
	void *arg;
};

static int
no_file(void *arg, const struct file_each *f, const char *why,
    struct err *e)
{
	const struct no_file *no = arg;
	struct buf id = BUF_INIT;
	int r;

	buf_addf(&id, "%s/%s/%s", f->session, file_areas[f->row.area],
	    f->row.path);
	r = no->fn(no->arg, "file", f->user, id.p, why, e);
	buf_release(&id);
	return r;
}

static int
restore(struct sync *s, const struct store_where *where, drill_fn *fn,
    void *arg, struct drilled *sums, struct err *e)
{
	struct no_file no = { fn, arg };
	const struct pull_how how = { .merge = true, .no_file = no_file,
	    .archived = true, .no_artifacts = true, .arg = &no };
	struct pulled pulled;
	struct store *folder;
	struct sync *other;
	int r;

	if (store_open(&folder, where, STORE_FOLDER, e) < 0)
		return -1;
	folder->ring_of = s->st;
	if ((r = sync_attach(&other, s, folder, e)) == 0) {
		if ((r = pull_fresh(other, &how, &pulled, e)) == 0) {
			sums->number = pulled.number;
			sums->received = other->received;
			sums->files = pulled.files.n;
			sums->missing += pulled.files.missing;
		}
		sync_close(other);
	}
	store_close(folder);
	return r;
}

static int
no_artifact(void *arg, const char *user, const struct artifact *a,
    const char *why, struct err *e)
{
	const struct no_file *no = arg;
	char id[ULID_LEN + 1];

	ulid_from_bytes(id, a->id);
	return no->fn(no->arg, "artifact", user, id, why, e);
}

/* Bytes of artifacts that are wanted there: read, and not kept. */
static int
artifacts(struct sync *s, struct store *there, drill_fn *fn, void *arg,
    struct drilled *sums, struct err *e)
{
	struct no_file no = { fn, arg };
	struct pulled_artifacts bytes;
	struct sync *other;
	int r;

	if (sync_attach(&other, s, there, e) < 0)
		return -1;
	if ((r = sync_look(other, e)) == 0)
		r = prove_artifacts(other, &bytes, no_artifact, &no, e);
	if (r == 0) {
		sums->missing += bytes.missing;
		sums->received += other->received;
	}
	sync_close(other);
	return r;
}

/* What was published when the drill began. */
static int
published(struct sync *s, int64_t *after, struct drilled *sums,
    struct err *e)
{
	char own[ULID_LEN + 1];
	struct behind b;

	if (node_name(s->st, own, e) < 0 ||
	    journal_upto(s->journal, own, after, e) < 0 ||
	    push_behind(s->st, s->journal, &b, e) < 0)
		return -1;
	sums->behind = b.changes;
	sums->rpo_ms = b.changes > 0 ? date_real() - b.since_ms : 0;
	return 0;
}

/* Is it what the manifests say? */
static int
look_at_state(struct sync *s, drill_fn *fn, void *arg, struct drilled *sums,
    struct err *e)
{
	struct state_check c;
	struct buf id = BUF_INIT;
	int r = sync_state_check(s, &c, e);

	if (r == 0 && c.manifests[0] != '\0')
		r = err_set(e, ERR_CORRUPT, "%s", c.manifests);
	if (r == 0 && c.why != NULL) {
		sync_manifest_name(&id, c.number);
		sums->different++;
		r = fn(arg, "state", s->st->user, id.p, c.why, e);
	}
	state_check_release(&c);
	buf_release(&id);
	return r;
}

static int
run(struct sync *s, const char *dir, drill_fn *fn, void *arg,
    struct drilled *sums, struct err *e)
{
	const struct store_where where = { .dir = dir,
	    .tenant = s->st->tenant, .user = s->st->user, .inside = true };
	int64_t began = date_monotonic(), after;
	struct store *there;
	int r;

	if (sync_look(s, e) < 0 || sync_ours(s, e) < 0 ||
	    published(s, &after, sums, e) < 0 ||
	    restore(s, &where, fn, arg, sums, e) < 0)
		return -1;
	sums->rto_ms = date_monotonic() - began;
	if (store_open(&there, &where, STORE_MAKE_HERE, e) < 0)
		return -1;
	there->ring_of = s->st;
	if ((r = artifacts(s, there, fn, arg, sums, e)) == 0)
		r = drill_compare(s->st, there, after, fn, arg, sums, e);
	store_close(there);
	return r < 0 ? -1 : look_at_state(s, fn, arg, sums, e);
}

int
drill(struct sync *s, drill_fn *fn, void *arg, struct drilled *sums,
    struct err *e)
{
	struct scratch sc = SCRATCH_INIT;
	struct buf dir = BUF_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	if (scratch_open(&sc, s->st->dir, "drill", e) < 0)
		return -1;
	file_join(&dir, sc.path, "store");
	r = run(s, dir.p, fn, arg, sums, e);
	buf_release(&dir);
	scratch_close(&sc);
	return r;
}
