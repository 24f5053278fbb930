/*
 * mem-sync status: by what is here, without asking a remote.
 */
#include "artifact/artifact_merge.h"
#include "base/conf.h"
#include "base/date.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "file/file_row.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/journal.h"
#include "sync/push.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

/* Changes of other nodes that are there, and were not pulled. */
struct ahead {
	struct store *st;
	char own[ULID_LEN + 1];
	int64_t n;
};

static int
add_ahead(void *arg, const char *node, int64_t upto, struct err *e)
{
	struct ahead *a = arg;
	int64_t here;

	if (strcmp(node, a->own) == 0)
		return 0;
	if (node_upto(a->st, node, &here, e) < 0)
		return -1;
	a->n += upto > here ? upto - here : 0;
	return 0;
}

/* 1 something is too old, 0, -1. */
static int
print(struct sync_tool *t, const char *name, const struct journal_head *h,
    const struct behind *b, const struct ahead *a, struct err *e)
{
	struct buf key = BUF_INIT;
	json_t *o;
	bool late = b->changes > 0 && sync_o.check != DATE_MIN &&
	    b->since_ms < sync_o.check;

	buf_addf(&key, "remote.%s.url", name);
	o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "type", "remote",
	    "remote", name, "url", conf_get(t->st->conf, key.p, ""), "number",
	    (json_int_t)h->number, "behind", (json_int_t)b->changes, "ahead",
	    (json_int_t)a->n);
	buf_release(&key);
	if (h->number > 0)
		json_object_set_new(o, "pushed", json_integer(h->at_ms));
	if (b->changes > 0)
		json_object_set_new(o, "since", json_integer(b->since_ms));
	if (h->looked_ms > 0)
		json_object_set_new(o, "looked", json_integer(h->looked_ms));
	if (sync_o.check != DATE_MIN)
		json_object_set_new(o, "late", json_boolean(late));
	return sync_print(t, o, e) < 0 ? -1 : late;
}

/* --- what is not there ------------------------------------------------- */

struct dirty {
	struct sync_tool *t;
	const char *remote;
};

static json_t *
dirty_record(const struct dirty *d, const char *user, const char *session)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "type", "dirty", "remote",
	    d->remote, "session_id", session, "user", user);
}

static int
dirty_session(void *arg, const char *user, const char *session,
    struct err *e)
{
	const struct dirty *d = arg;

	return sync_print(d->t, dirty_record(d, user, session), e);
}

static int
dirty_file(void *arg, const struct file_each *f, struct err *e)
{
	const struct dirty *d = arg;
	json_t *o = dirty_record(d, f->user, f->session);

	json_object_set_new(o, "area", json_string(file_areas[f->row.area]));
	json_object_set_new(o, "path", json_string(f->row.path));
	if (f->row.removed)
		json_object_set_new(o, "removed", json_true());
	return sync_print(d->t, o, e);
}

static int
dirty_artifact(void *arg, int64_t seq, struct err *e)
{
	const struct dirty *d = arg;
	struct buf user = BUF_INIT;
	char id[ULID_LEN + 1];
	struct artifact a;
	int r = artifact_row(d->t->st, seq, &a, e);

	if (r != 1)
		return r;
	ulid_from_bytes(id, a.id);
	if ((r = store_user_name(d->t->st, a.user, &user, e)) == 1)
		r = sync_print(d->t, json_pack("{s:s, s:s, s:s, s:s}", "type",
		    "dirty", "remote", d->remote, "artifact_id", id, "user",
		    user.p), e);
	buf_release(&user);
	artifact_release(&a);
	return r;
}

/* What came in behind what the remote has of this node. */
static int
show_dirty(struct sync_tool *t, const char *name, struct journal *j,
    struct err *e)
{
	struct dirty d = { t, name };
	char own[ULID_LEN + 1];
	int64_t after = 0;

	if (node_name(t->st, own, e) < 0 ||
	    (j != NULL && journal_upto(j, own, &after, e) < 0))
		return -1;
	if (push_sessions(t->st, after, dirty_session, &d, e) < 0 ||
	    file_each(t->st, after, dirty_file, &d, e) < 0)
		return -1;
	return artifact_each_own(t->st, after, dirty_artifact, &d, e);
}

/* --- all of it --------------------------------------------------------- */

static int
show(struct sync_tool *t, const char *name, struct err *e)
{
	struct journal_head h = { 0 };
	struct ahead a = { .st = t->st };
	struct journal *j = NULL;
	struct behind b;
	int r;

	if ((r = journal_open(&j, t->st, name, false, e)) < 0 &&
	    e->code != ERR_ABSENT)
		return -1;
	r = push_behind(t->st, j, &b, e);
	if (r == 0 && j != NULL && (r = journal_head(j, &h, e)) == 0 &&
	    (r = node_name(t->st, a.own, e)) == 0)
		r = journal_each_node(j, add_ahead, &a, e);
	if (r >= 0)
		r = print(t, name, &h, &b, &a, e);
	if (r >= 0 && sync_o.dirty && b.changes > 0 &&
	    show_dirty(t, name, j, e) < 0)
		r = -1;
	journal_close(j);
	return r;
}

int
sync_verb_status(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct strv names = STRV_INIT;
	char *name = NULL;
	int r = 0, late = 0;
	size_t i;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "status takes no operand");
	if (sync_o.remote == NULL)
		sync_remotes(t->st, &names);
	if (names.n == 0) {
		if (sync_remote_name(t->st, sync_o.remote, &name, e) < 0)
			return -1;
		strv_add(&names, name);
		free(name);
	}
	for (i = 0; r >= 0 && i < names.n; i++)
		if ((r = show(t, names.v[i], e)) == 1)
			late = 1;
	strv_release(&names);
	return r < 0 ? -1 : late ? EXIT_NO : EXIT_YES;
}
