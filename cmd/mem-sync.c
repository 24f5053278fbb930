/*
 * mem-sync: copies of a store that keep up with each other by way of a
 * remote, or a file.
 */
#include "base/date.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "cmd/work.h"
#include "sync/sync.h"
#include "store/credential.h"

#include <inttypes.h>

struct sync_options sync_o = { .every = 2, .wait = 20, .check = DATE_MIN,
    .hold = 300, .older = DATE_MIN };

static const struct opt push_opts[] = {
	OPT_GROUP("How it is pushed"),
	OPT_FLAG('f', "follow", &sync_o.follow,
	    "go on with what comes, and keep the sessions it is in"),
	OPT_INT(0, "every", &sync_o.every, "s",
	    "with --follow: look each <s> seconds (default 2)"),
	OPT_INT(0, "hold", &sync_o.hold, "s",
	    "with --follow: keep sessions for <s> seconds (default 300)"),
	OPT_FLAG(0, "steal", &sync_o.steal,
	    "take sessions that another node holds"),
	OPT_INT(0, "wait", &sync_o.wait, "s",
	    "or wait for them, at most <s> seconds (default 20)"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "print what would be pushed, and push nothing"),
	OPT_FLAG(0, "snapshot", &sync_o.snapshot,
	    "put a snapshot, too, though one is not due yet"),
	OPT_FLAG(0, "anew", &sync_o.anew,
	    "forget what is known of the remote, and look again"),
	OPT_INT(0, "nice", &sync_o.nice, "n",
	    "be so much nicer to other processes"),
	OPT_END
};

static const struct opt pull_opts[] = {
	OPT_GROUP("How it is pulled"),
	OPT_FLAG(0, "merge", &sync_o.merge,
	    "take another store's memory in, too"),
	OPT_STR(0, "as", &sync_o.as, "tenant",
	    "the memory of <tenant> there, into this one", OPT_C_NONE),
	OPT_FLAG(0, "rows-only", &sync_o.rows_only,
	    "leave the bytes of sessions' files where they are"),
	OPT_INT(0, "nice", &sync_o.nice, "n",
	    "be so much nicer to other processes"),
	OPT_END
};

static const struct opt status_opts[] = {
	OPT_GROUP("What is asked"),
	OPT_TIME(0, "check", &sync_o.check, "age",
	    "exit 1 if something older than <age> is on no remote"),
	OPT_FLAG(0, "dirty", &sync_o.dirty,
	    "which sessions and files have changes that are not there"),
	OPT_END
};

static const struct opt repair_opts[] = {
	OPT_GROUP("How it is repaired"),
	OPT_FLAG(0, "verify", &sync_o.verify,
	    "read every object whole, whatever the remote says of it"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt prune_opts[] = {
	OPT_GROUP("What is deleted"),
	OPT_TIME(0, "older", &sync_o.older, "age",
	    "what is older than <age> (default 7 days)"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be deleted"),
	OPT_END
};

static const struct opt export_opts[] = {
	OPT_GROUP("How it is written"),
	OPT_FLAG(0, "clear", &sync_o.clear,
	    "of a sealed tenant, too: an export is in clear"),
	OPT_END
};

static const struct opt forget_opts[] = {
	OPT_GROUP("How it is forgotten"),
	OPT_STR(0, "receipt", &sync_o.receipt, "file",
	    "and look there for what a receipt tells of; exit 1 if found",
	    OPT_C_FILE),
	OPT_FLAG(0, "now", &sync_o.now,
	    "delete at once: nobody else pushes meanwhile"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt import_opts[] = {
	OPT_GROUP("How it is imported"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "check all of it, and change nothing"),
	OPT_END
};

static const struct opt take_opts[] = {
	OPT_GROUP("How it is taken"),
	OPT_FLAG(0, "steal", &sync_o.steal,
	    "though another node holds it"),
	OPT_INT(0, "hold", &sync_o.hold, "s",
	    "keep it for <s> seconds (default 300)"),
	OPT_END
};

static const struct opt archive_opts[] = {
	OPT_GROUP("How it is archived"),
	OPT_FLAG(0, "verify", &sync_o.verify,
	    "read each copy whole before its file goes here"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt restore_opts[] = {
	OPT_GROUP("How it is restored"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt retain_opts[] = {
	OPT_GROUP("What becomes of files with time"),
	OPT_STR(0, "policy", &sync_o.policy, "rules",
	    "in place of retain.policy", OPT_C_NONE),
	OPT_FLAG(0, "verify", &sync_o.verify,
	    "read each copy whole before its file goes here"),
	OPT_FLAG(0, "dry-run", &sync_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_GROUP("Which remote"),
	OPT_STR(0, "remote", &sync_o.remote, "name",
	    "the remote (default: the only one, or 'main')", OPT_C_NONE),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "push", "", "send what came in here", push_opts, OPT_C_NONE },
	{ "pull", "", "take in what others pushed", pull_opts, OPT_C_NONE },
	{ "status", "", "how far each remote is behind, and since when",
	    status_opts, OPT_C_NONE },
	{ "verify", "", "restore the remote elsewhere, and compare", NULL,
	    OPT_C_NONE },
	{ "repair", "", "put again what is lost or damaged there",
	    repair_opts, OPT_C_NONE },
	{ "prune", "", "delete there what nothing names any more",
	    prune_opts, OPT_C_NONE },
	{ "forget", "", "what was forgotten here goes there, too",
	    forget_opts, OPT_C_NONE },
	{ "archive", "session", "its files stay on the remote alone",
	    archive_opts, OPT_C_SESSION },
	{ "restore", "session", "its files come back", restore_opts,
	    OPT_C_SESSION },
	{ "retain", "", "archive, cool and delete files by their age",
	    retain_opts, OPT_C_NONE },
	{ "lease show", "[session]", "who wrote a session last, and holds it",
	    NULL, OPT_C_SESSION },
	{ "lease take", "session", "hold a session", take_opts,
	    OPT_C_SESSION },
	{ "lease drop", "session", "hold it no more", NULL, OPT_C_SESSION },
	{ "renew", "", "make this copy of a store a node of its own", NULL,
	    OPT_C_NONE },
	{ "export", "file | - [session ...]", "write a tenant, a user or "
	    "sessions into a file", export_opts, OPT_C_FILE },
	{ "import", "file | -", "take an export in", import_opts, OPT_C_FILE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-sync",
	.args = "verb ...",
	.about = "send what came in to a remote, take in what others sent",
	.opts = opts,
	.verbs = verbs,
};

/* status and lease show look at what is here; pull may be what makes the
 * tenant. */
static const struct {
	const char *name;
	enum store_mode mode;
	int (*fn)(struct sync_tool *, int, char **, struct err *);
} table[] = {
	{ "push", STORE_WRITE, sync_verb_push },
	{ "pull", STORE_FOLDER, sync_verb_pull },
	{ "status", STORE_READ, sync_verb_status },
	{ "verify", STORE_WRITE, sync_verb_verify },
	{ "repair", STORE_WRITE, sync_verb_repair },
	{ "prune", STORE_WRITE, sync_verb_prune },
	{ "forget", STORE_WRITE, sync_verb_forget },
	{ "archive", STORE_WRITE, sync_verb_archive },
	{ "restore", STORE_WRITE, sync_verb_restore },
	{ "retain", STORE_WRITE, sync_verb_retain },
	{ "lease show", STORE_READ, sync_verb_lease_show },
	{ "lease take", STORE_WRITE, sync_verb_lease_take },
	{ "lease drop", STORE_WRITE, sync_verb_lease_drop },
	{ "renew", STORE_WRITE, sync_verb_renew },
	{ "export", STORE_READ, sync_verb_export },
	{ "import", STORE_WRITE, sync_verb_import },
};

static void
progress(void *arg, const char *what, int64_t done, int64_t all)
{
	(void)arg;
	if (all > 0)
		cmd_progress("%s: %" PRId64 " of %" PRId64, what, done, all);
	else
		cmd_progress("%s: %" PRId64, what, done);
}

int
sync_tool_open(struct sync_tool *t, struct sync **s, struct err *e)
{
	const struct sync_watch watch = { .stop = &work_stopped,
	    .progress = progress };

	work_begin(sync_o.nice);
	return sync_open_as(s, t->st, sync_o.remote, sync_o.as, &watch, e);
}

int
sync_print(struct sync_tool *t, json_t *own, struct err *e)
{
	int r;

	cmd_progress_end();
	r = out_record(&t->out, own, e);
	json_decref(own);
	return r;
}

/* Where nothing may change, nothing is made either: the store and the tenant
 * must be there. */
static int
open_store(struct sync_tool *t, const char *verb, enum store_mode mode,
    struct err *e)
{
	struct store_where where;

	cmd_asked(&where);
	where.need = RIGHT_SYNC;
	where.of_session = str_eq(verb, "archive") || str_eq(verb, "restore");
	if (str_eq(verb, "import") && sync_o.dry_run) {
		if (store_open(&t->st, &where, STORE_READ, e) < 0)
			return -1;
		store_close(t->st);
		t->st = NULL;
	}
	return store_open(&t->st, &where, mode, e);
}

int
main(int argc, char **argv)
{
	struct sync_tool t = { 0 };
	const struct opt_verb *verb;
	struct err e = { 0 };
	size_t i;
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&t.out);
	for (i = 0; !str_eq(table[i].name, verb->name); i++)
		;
	if ((r = open_store(&t, verb->name, table[i].mode, &e)) == 0)
		r = table[i].fn(&t, argc, argv, &e);
	cmd_progress_end();
	store_close(t.st);
	out_release(&t.out);
	return cmd_exit(r, &e);
}
