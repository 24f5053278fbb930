#include "sync/segment_apply.h"

#include "base/str.h"
#include "file/file_area.h"
#include "ingest/ingest.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/segmentfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct run {
	struct applied *sums;
	applied_fn *fn;
	void *arg;
	bool forgot;
	int64_t forgot_after;
};

static int
told(void *arg, const struct ingest_result *res, struct err *e)
{
	struct run *run = arg;
	bool tell = res->clash;

	if (res->status == INGEST_REJECTED) {
		if (str_eq(res->reason, "conflict")) {
			run->sums->conflicts++;
			tell = true;
		} else if (str_eq(res->reason, "forgotten"))
			run->sums->forgotten++;
		else
			/* to go on would leave it out for ever */
			return err_set(e, ERR_VERSION, "record %" PRId64 " of "
			    "the segment: %s; upgrade memkit", res->line,
			    res->detail);
	}
	return tell && run->fn != NULL ? run->fn(run->arg, res, e) : 0;
}

/* 1 to be taken in, 0 known. */
static int
is_next(struct store *st, const struct segment_head *h, struct err *e)
{
	char own[ULID_LEN + 1];
	int64_t upto;

	if (node_name(st, own, e) < 0 || node_upto(st, h->node, &upto, e) < 0)
		return -1;
	if (h->to <= upto)
		return 0;
	if (strcmp(own, h->node) == 0)
		return err_set(e, ERR_EXISTS, "this store is an older copy of "
		    "node %s, which went on to change %" PRId64 " (here: %"
		    PRId64 "); it has to become a node of its own", own, h->to,
		    upto);
	if (h->from > upto)
		return err_set(e, ERR_ABSENT, "changes %" PRId64 " to %" PRId64
		    " of node %s are missing", upto + 1, h->from, h->node);
	return 1;
}

static int
take_in(struct store *st, const struct segmentfile *s, struct run *run,
    struct err *e)
{
	struct ingest_config c = { .within = true, .batch = INGEST_BATCH,
	    .node = node_number_of(s->head.node), .told = told, .arg = run };
	const struct ingest_sums *sums;
	size_t at = s->begin, n;
	struct ingest *in;
	const char *line;
	int64_t no = 0;
	int r = 0;

	if (ingest_new(&in, st, &c, e) < 0)
		return -1;
	while (r == 0 && segmentfile_next(s, &at, &line, &n))
		r = ingest_line(in, ++no, line, n, e);
	if (r == 0 && (r = ingest_end(in, e)) == 0) {
		sums = ingest_sums(in);
		run->sums->records = sums->in;
		run->sums->stored = sums->stored;
		run->sums->duplicate = sums->duplicate;
		run->sums->clashes = sums->clashes;
		run->forgot = sums->forgot;
		run->forgot_after = sums->forgot_after;
	}
	ingest_free(in);
	return r;
}

static int
note(struct store *st, const struct segment_head *h, int64_t before,
    struct err *e)
{
	char detail[64];
	int64_t last;

	if (change_push(st, CHANGE_SEGMENT, 0, e) < 0 ||
	    change_last(st, &last, e) < 0 ||
	    node_came(st, h->node, h->to, before + 1, last, e) < 0)
		return -1;
	snprintf(detail, sizeof detail, "changes %" PRId64 " to %" PRId64,
	    h->from + 1, h->to);
	return audit_add(st, "apply", h->node, detail, e);
}

static int
apply(struct store *st, const struct segmentfile *s, struct run *run,
    struct err *e)
{
	int64_t before;
	int r = is_next(st, &s->head, e);

	if (r != 1)
		return r;
	if (change_last(st, &before, e) < 0 || take_in(st, s, run, e) < 0 ||
	    note(st, &s->head, before, e) < 0)
		return -1;
	return 1;
}

int
segment_apply(struct store *st, const struct segmentfile *s,
    struct applied *sums, applied_fn *fn, void *arg, struct err *e)
{
	struct run run = { .sums = sums, .fn = fn, .arg = arg };
	int64_t gone;
	struct err ignored;	/* whoever needs the number asks again */
	int r;

	memset(sums, 0, sizeof *sums);
	if (s->head.sealed && store_seal_make(st, e) < 0)
		return err_add(e, "these are changes of a sealed tenant: ");
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = tx_end(st->db, apply(st, s, &run, e), e)) < 0) {
		/* Our user may have been new in it. */
		st->user_id = 0;
		store_user(st, st->user, false, &st->user_id, &ignored);
	}
	/* what a tombstone took is in the log of the database until now */
	if (r == 1 && run.forgot) {
		if (forgetting_go_on(st, INT64_MAX, &gone, NULL, e) < 0)
			return -1;
		db_settle(st->db);
		if (file_forget(st, run.forgot_after, e) < 0)
			return -1;
	}
	return r;
}
