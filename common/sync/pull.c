#include "sync/pull.h"

#include "base/alloc.h"
#include "store/change.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/push_files.h"
#include "sync/segmentfile.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 3			/* segments that are on their way */

struct fetch {
	struct manifest_segment seg;
	struct remote_get get;
	struct remote_room room;
	struct buf key, bytes;
	uint8_t sum[HASH_LEN];
	bool busy;
};

struct node {
	char name[ULID_LEN + 1];
	int64_t upto;		/* there */
};

struct run {
	struct sync *s;
	const struct pull_how *how;
	struct pulled *sums;
	char own[ULID_LEN + 1];
	struct node *node;	/* own */
	size_t n;
	struct fetch fetch[AHEAD];
	size_t next;		/* of them that is taken in */
	int64_t after;		/* of the node, that was asked for */
	int64_t all;		/* segments to come */
};

/* --- segments ---------------------------------------------------------- */

/* Ask for the next one: 1, 0 there is none. */
static int
start(struct run *run, const struct node *node, struct fetch *f,
    struct err *e)
{
	int r;

	if ((r = journal_segment(run->s->journal, node->name, run->after,
	    &f->seg, e)) != 1)
		return r;
	if (f->seg.name[0] == '\0')
		return err_set(e, ERR_ABSENT, "changes %" PRId64 " to %" PRId64
		    " of node %s are only in the snapshot, which goes into a "
		    "store that does not have the tenant yet; pull into a "
		    "new one", run->after + 1, f->seg.to, node->name);
	if (f->seg.size > (int64_t)SEGMENT_MAX)
		return err_set(e, ERR_CORRUPT, "a segment of %" PRId64
		    " bytes is none", f->seg.size);
	run->after = f->seg.to;
	sync_key(run->s, &f->key, "segment", f->seg.name);
	hex_decode(f->sum, f->seg.name, HASH_LEN);
	buf_reset(&f->bytes);
	f->room = (struct remote_room){ &f->bytes, (size_t)f->seg.size };
	f->get = (struct remote_get){ .key = f->key.p,
	    .sha256 = sync_sum(run->s, f->sum), .take = remote_into_buf,
	    .arg = &f->room };
	f->busy = true;
	remote_get(run->s->remote, &f->get);
	return 1;
}

static int
same_head(const struct segment_head *h, const struct manifest_segment *s,
    const char *tenant, struct err *e)
{
	if (strcmp(h->node, s->node) == 0 && h->from == s->from &&
	    h->to == s->to && strcmp(h->tenant, tenant) == 0)
		return 0;
	return err_set(e, ERR_CORRUPT, "it is not what the manifest says");
}

static void
add_up(struct applied *to, const struct applied *from)
{
	to->records += from->records;
	to->stored += from->stored;
	to->duplicate += from->duplicate;
	to->conflicts += from->conflicts;
	to->forgotten += from->forgotten;
	to->clashes += from->clashes;
}

static int
take_in(struct run *run, struct fetch *f, struct err *e)
{
	struct buf plain = BUF_INIT;
	struct segmentfile file;
	struct applied sums;
	int r;

	run->s->received += (int64_t)f->bytes.len;
	memset(&file, 0, sizeof file);
	if ((r = sealing_unpack(run->s->sealing, "segment", f->bytes.p,
	    f->bytes.len, f->sum, &plain, e)) >= 0 &&
	    (r = segmentfile_read(&file, plain.p, plain.len, e)) == 0 &&
	    (r = same_head(&file.head, &f->seg, run->s->tenant, e)) == 0 &&
	    (r = segment_apply(run->s->st, &file, &sums, run->how->told,
	    run->how->arg, e)) == 1)
		add_up(&run->sums->sums, &sums);
	segmentfile_release(&file);
	buf_release(&plain);
	if (r < 0)
		return err_add(e, "segment %s", f->seg.name);
	run->sums->segments++;
	return 0;
}

/* Who waits for one hears why it did not come. */
static int
arrived(struct run *run, struct fetch *f, struct err *e)
{
	f->busy = false;
	if (remote_wait(run->s->remote, &f->get.op, e) == 0)
		return 0;
	return err_add(e, "segment %s", f->seg.name);
}

static int
pull_segments(struct run *run, const struct node *node, struct err *e)
{
	struct fetch *f;
	int i, r;

	run->next = 0;
	for (i = 0; i < AHEAD; i++)
		if ((r = start(run, node, &run->fetch[i], e)) <= 0)
			break;
	while (r >= 0 && (f = &run->fetch[run->next])->busy) {
		if (sync_stopped(run->s, e) || arrived(run, f, e) < 0 ||
		    take_in(run, f, e) < 0)
			return -1;
		sync_tell(run->s, "segments", run->sums->segments, run->all);
		r = start(run, node, f, e);
		run->next = (run->next + 1) % AHEAD;
	}
	return r;
}

static void
drop_fetches(struct run *run)
{
	struct err ignored;
	int i;

	for (i = 0; i < AHEAD; i++) {
		if (run->fetch[i].busy)
			remote_wait(run->s->remote, &run->fetch[i].get.op,
			    &ignored);
		buf_release(&run->fetch[i].key);
		buf_release(&run->fetch[i].bytes);
	}
}

/* --- nodes ------------------------------------------------------------- */

static int
note_node(void *arg, const char *name, int64_t upto, struct err *e)
{
	struct run *run = arg;
	struct node *n;

	(void)e;
	run->node = xreallocarray(run->node, run->n + 1, sizeof *run->node);
	n = &run->node[run->n++];
	snprintf(n->name, sizeof n->name, "%s", name);
	n->upto = upto;
	return 0;
}

static int
pull_node(struct run *run, const struct node *node, struct err *e)
{
	int64_t here;

	if (node_upto(run->s->st, node->name, &here, e) < 0)
		return -1;
	if (here >= node->upto)
		return 0;
	if (strcmp(node->name, run->own) == 0)
		return err_set(e, ERR_EXISTS, "this store is an older copy of "
		    "node %s, of which '%s' has change %" PRId64 " (here: %"
		    PRId64 "); mem-sync renew makes it a node of its own",
		    run->own, run->s->name, node->upto, here);
	run->after = here;
	return pull_segments(run, node, e);
}

/* --- the whole of it --------------------------------------------------- */

/* May it be taken in? */
static int
is_welcome(struct run *run, struct err *e)
{
	struct journal_head h;
	int64_t last;

	if (journal_head(run->s->journal, &h, e) < 0)
		return -1;
	run->sums->number = h.number;
	if (h.number == 0)
		return err_set(e, ERR_ABSENT, "there is nothing in '%s' yet "
		    "for tenant '%s'", run->s->name, run->s->tenant);
	if (sealing_on(run->s->sealing) && !h.sealed)
		return err_set(e, ERR_DENIED, "what is in '%s' is in clear, "
		    "and remote.%s.seal is set, so it may be anybody's; a push "
		    "of a node that has it seals what follows, or set it to "
		    "false to take in what is there", run->s->name,
		    run->s->name);
	if (run->how->merge || sync_ours(run->s, e) == 0)
		return 0;
	if (e->code != ERR_EXISTS || change_last(run->s->st, &last, e) < 0)
		return -1;
	return last == 0 ? 0 : sync_ours(run->s, e);
}

static int
run_pull(struct run *run, struct err *e)
{
	size_t i;

	if (sync_look(run->s, e) < 0 || sync_sure(run->s, e) < 0 ||
	    is_welcome(run, e) < 0 ||
	    /* ours from now on, though we may not get to the end */
	    journal_merged(run->s->journal, 0, e) < 0 ||
	    /* what somebody wrote here is known before others' files come */
	    (!run->how->rows_only && push_files_scan(run->s, e) < 0) ||
	    node_name(run->s->st, run->own, e) < 0 ||
	    journal_each_node(run->s->journal, note_node, run, e) < 0)
		return -1;
	for (i = 0; i < run->n; i++)
		if (pull_node(run, &run->node[i], e) < 0)
			return -1;
	if (!run->how->rows_only && (pull_files(run->s, NULL,
	    &run->sums->files, run->how->no_file, run->how->arg, e) < 0 ||
	    pull_artifacts(run->s, &run->sums->artifacts,
	    run->how->no_artifact, run->how->arg, e) < 0))
		return -1;
	return journal_merged(run->s->journal, run->sums->number, e);
}

int
pull(struct sync *s, const struct pull_how *how, struct pulled *sums,
    struct err *e)
{
	struct run run = { .s = s, .how = how, .sums = sums };
	int i, r;

	memset(sums, 0, sizeof *sums);
	for (i = 0; i < AHEAD; i++) {
		buf_init(&run.fetch[i].key);
		buf_init(&run.fetch[i].bytes);
	}
	r = run_pull(&run, e);
	drop_fetches(&run);
	free(run.node);
	return r;
}
