/*
 * mem-sync lease: who writes a session.
 */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/node.h"
#include "sync/journal.h"
#include "sync/lease.h"
#include "sync/sync.h"

#include <stdlib.h>

struct show {
	struct sync_tool *t;
	const char *session;	/* NULL: all */
	char own[ULID_LEN + 1];
	int n;
};

static int
print(void *arg, const struct journal_lease *l, struct err *e)
{
	struct show *show = arg;
	json_t *o;

	if (!str_eq(l->user, show->t->st->user) || (show->session != NULL &&
	    !str_eq(l->session, show->session)))
		return 0;
	show->n++;
	o = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:b, s:I, s:I, s:I}",
	    "type", "lease", "session_id", l->session, "user", l->user,
	    "node", l->node, "address", l->address, "own",
	    str_eq(l->node, show->own), "epoch", (json_int_t)l->epoch,
	    "since", (json_int_t)l->since_ms, "held_ms",
	    (json_int_t)l->left_ms);
	return sync_print(show->t, o, e);
}

/* By what was read of the remote last. */
int
sync_verb_lease_show(struct sync_tool *t, int argc, char **argv,
    struct err *e)
{
	struct show show = { .t = t };
	struct journal *j = NULL;
	char *name, *id = NULL;
	int r;

	if (argc > 1)
		return cmd_misuse(e, "lease show takes one session");
	if (argc == 1 && session_resolve(t->st, argv[0], &id, e) < 0)
		return -1;
	show.session = id != NULL ? id : argc == 1 ? argv[0] : NULL;
	if ((r = sync_remote_name(t->st, sync_o.remote, &name, e)) == 0) {
		r = journal_open(&j, t->st, name, false, e);
		free(name);
	}
	if (r == 0 && (r = node_name(t->st, show.own, e)) == 0)
		r = journal_each_lease(j, print, &show, e);
	else if (r < 0 && e->code == ERR_ABSENT)
		r = 0;		/* nobody pushed anything yet */
	journal_close(j);
	free(id);
	return r < 0 ? -1 : show.n > 0 ? EXIT_YES : EXIT_NO;
}

static int
change(struct sync_tool *t, int argc, char **argv, bool take, struct err *e)
{
	struct sync *s = NULL;
	char *id = NULL;
	int r;

	if (argc != 1)
		return cmd_misuse(e, "which session");
	if (sync_o.hold < 1 || sync_o.hold > 86400)
		return cmd_misuse(e, "--hold takes seconds, from 1 to 86400");
	if ((r = session_resolve(t->st, argv[0], &id, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_ABSENT, "no session '%s'", argv[0]);
	if ((r = sync_tool_open(t, &s, e)) == 0)
		r = take ? lease_take(s, t->st->user, id, sync_o.hold * 1000,
		    sync_o.steal, e) : lease_drop(s, t->st->user, id, e);
	sync_close(s);
	free(id);
	/* to give back what is not ours is a no */
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

int
sync_verb_lease_take(struct sync_tool *t, int argc, char **argv,
    struct err *e)
{
	return change(t, argc, argv, true, e);
}

int
sync_verb_lease_drop(struct sync_tool *t, int argc, char **argv,
    struct err *e)
{
	return change(t, argc, argv, false, e);
}
