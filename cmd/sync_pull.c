/*
 * mem-sync pull, renew.
 */
#include "artifact/artifact.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "file/file_row.h"
#include "ingest/ingest.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/name.h"
#include "store/node.h"
#include "sync/pull_fresh.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdlib.h>

int
sync_told(void *arg, const struct ingest_result *res, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:O*}", "type",
	    "clash", "status", ingest_statuses[res->status], "id", res->id,
	    "reason", res->reason, "detail", res->detail, "record",
	    res->record);

	return sync_print(arg, o, e);
}

int
sync_no_file(void *arg, const struct file_each *f, const char *why,
    struct err *e)
{
	return sync_print(arg, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}",
	    "type", str_starts(why, "kept") ? "file_kept" : "file_missing",
	    "session_id", f->session, "area",
	    file_areas[f->row.area], "path", f->row.path, "why", why, "user",
	    f->user), e);
}

int
sync_no_artifact(void *arg, const char *user, const struct artifact *a,
    const char *why, struct err *e)
{
	char id[ULID_LEN + 1];

	ulid_from_bytes(id, a->id);
	return sync_print(arg, json_pack("{s:s, s:s, s:s, s:s}", "type",
	    "artifact_missing", "artifact_id", id, "why", why, "user", user),
	    e);
}

static int
print(struct sync_tool *t, const struct sync *s, const struct pulled *p,
    struct err *e)
{
	return sync_print(t, json_pack("{s:s, s:s, s:I, s:b, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "type", "pull",
	    "remote", s->name,
	    "number", (json_int_t)p->number, "snapshot", p->snapshot,
	    "segments", (json_int_t)p->segments, "records",
	    (json_int_t)p->sums.records, "stored",
	    (json_int_t)p->sums.stored, "duplicate",
	    (json_int_t)p->sums.duplicate, "conflicts",
	    (json_int_t)p->sums.conflicts, "clashes",
	    (json_int_t)p->sums.clashes, "forgotten",
	    (json_int_t)p->sums.forgotten, "files",
	    (json_int_t)p->files.n, "files_removed",
	    (json_int_t)p->files.removed, "files_missing",
	    (json_int_t)p->files.missing, "artifacts",
	    (json_int_t)p->artifacts.n, "artifacts_missing",
	    (json_int_t)p->artifacts.missing, "artifacts_left",
	    (json_int_t)p->artifacts.left, "received_bytes",
	    (json_int_t)s->received), e);
}

/* Another tenant's memory is for who may see both. */
static int
may_be_as(struct store *st, struct err *e)
{
	if (sync_o.as == NULL || str_eq(sync_o.as, st->tenant))
		return 0;
	if (name_check("the tenant's name", sync_o.as, e) < 0)
		return -1;
	if (st->access->owner || st->access->by.tenant == NULL)
		return 0;
	access_denied(st, "pull", sync_o.as, NULL);
	return err_set(e, ERR_DENIED, "the credential '%s' is of tenant '%s', "
	    "and --as names another one", st->who, st->tenant);
}

/* The store was opened as a folder: who has the tenant opens it whole. */
static int
run_pull(struct sync_tool *t, struct pulled *sums, struct err *e)
{
	const struct pull_how how = { .merge = sync_o.merge, .told = sync_told,
	    .no_file = sync_no_file, .no_artifact = sync_no_artifact,
	    .rows_only = sync_o.rows_only, .arg = t };
	bool fresh = pull_fresh_may(t->st);
	struct store_where where;
	struct sync *s;
	int r;

	if (!fresh) {
		store_close(t->st);
		t->st = NULL;
		cmd_asked(&where);
		where.need = RIGHT_SYNC;
		if (store_open(&t->st, &where, STORE_WRITE, e) < 0)
			return -1;
	}
	if (may_be_as(t->st, e) < 0 || sync_tool_open(t, &s, e) < 0)
		return -1;
	r = fresh ? pull_fresh(s, &how, sums, e) : pull(s, &how, sums, e);
	if (r == 0)
		r = print(t, s, sums, e);
	sync_close(s);
	return r;
}

int
sync_verb_pull(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct pulled sums;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "pull takes no operand");
	if (run_pull(t, &sums, e) < 0)
		return -1;
	if (sums.snapshot || sums.segments > 0)
		cmd_note("mem-index brings the index up to date");
	if (sums.files.kept > 0)
		cmd_note("files that are other here, and stay: %" PRId64,
		    sums.files.kept);
	if (sums.artifacts.left > 0)
		cmd_note("artifacts whose bytes stay on the remote: %" PRId64
		    "; with local_fs as artifact.provider (and artifact.mode "
		    "managed_blob), or in artifact.legacy, a pull brings them",
		    sums.artifacts.left);
	return sums.files.missing + sums.artifacts.missing > 0 ? EXIT_PART :
	    EXIT_YES;
}

/* --- renew ------------------------------------------------------------- */

/* What the remote knew of this node is its own, and not of the copy that
 * goes on under the same name. */
static int
known_upto(struct sync_tool *t, const char *own, int64_t *upto,
    struct err *e)
{
	struct journal *j = NULL;
	char *name;
	int r;

	*upto = INT64_MAX;
	if (sync_remote_name(t->st, sync_o.remote, &name, e) < 0)
		return sync_o.remote != NULL ? -1 : 0;
	r = journal_open(&j, t->st, name, false, e);
	free(name);
	if (r < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	r = journal_upto(j, own, upto, e);
	journal_close(j);
	return r;
}

int
sync_verb_renew(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	char before[ULID_LEN + 1], after[ULID_LEN + 1];
	int64_t upto;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "renew takes no operand");
	if (node_name(t->st, before, e) < 0 ||
	    known_upto(t, before, &upto, e) < 0 ||
	    node_renew(t->st, upto, e) < 0 ||
	    node_name(t->st, after, e) < 0 ||
	    audit_add(t->st, "renew", before, after, e) < 0)
		return -1;
	return sync_print(t, json_pack("{s:s, s:s, s:s}", "type", "node",
	    "node", after, "before", before), e);
}
