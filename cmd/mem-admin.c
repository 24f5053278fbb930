/*
 * mem-admin: making, looking after, saving and restoring a store.
 */
#include "cmd/admin.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/credential.h"
#include "store/schema.h"
#include "store/sealed.h"

struct admin_opts admin = { .since = DATE_MIN, .until = DATE_MAX + 1,
    .sample = 20 };

static const char *const stats_formats[] = { "jsonl", "text", "prometheus",
    NULL };

#define ALL_TENANTS OPT_FLAG(0, "all-tenants", &admin.all_tenants, \
	"every tenant of the store")

static const struct opt init_opts[] = {
	OPT_FLAG(0, "sealed", &admin.sealed,
	    "a tenant whose rows are sealed with keys of the store"),
	OPT_END
};

static const struct opt stats_opts[] = {
	ALL_TENANTS,
	OPT_FLAG(0, "check", &admin.check, "exit 1 when a limit is crossed"),
	OPT_WORD(0, "format", &cmd.format, stats_formats, NULL,
	    "JSON Lines, text, or Prometheus' text format"),
	OPT_END
};

static const struct opt check_opts[] = {
	ALL_TENANTS,
	OPT_FLAG(0, "repair", &admin.repair,
	    "set right what follows from the rest"),
	OPT_END
};

static const struct opt compact_opts[] = {
	ALL_TENANTS,
	OPT_FLAG(0, "all", &admin.all, "what is compact already, too"),
	OPT_INT(0, "keep-versions", &admin.keep_versions, "n",
	    "of each node of contents only the newest <n> versions"),
	OPT_FLAG(0, "no-vacuum", &admin.no_vacuum,
	    "do not give room back to the disk"),
	OPT_FLAG(0, "dry-run", &admin.dry_run, "only tell what would be done"),
	OPT_END
};

static const struct opt backup_opts[] = {
	OPT_FLAG(0, "with-config", &admin.config, "the configuration, too"),
	OPT_FLAG(0, "with-keys", &admin.keys, "the keys, too"),
	OPT_FLAG(0, "no-artifacts", &admin.no_artifacts,
	    "no bytes of artifacts"),
	OPT_END
};

static const struct opt restore_opts[] = {
	OPT_FLAG(0, "with-config", &admin.config,
	    "the configuration, too, if it is in there"),
	OPT_FLAG(0, "with-keys", &admin.keys,
	    "the keys, too, if they are in there"),
	OPT_FLAG(0, "no-artifacts", &admin.no_artifacts,
	    "no bytes of artifacts"),
	OPT_FLAG(0, "dry-run", &admin.dry_run,
	    "only see whether it could be restored"),
	OPT_END
};

#define PASSPHRASE \
	OPT_STR(0, "pass-file", &admin.pass.file, "file", \
	    "the file that holds the passphrase", OPT_C_FILE), \
	OPT_STR(0, "pass-command", &admin.pass.command, "command", \
	    "what prints the passphrase; sh runs it", OPT_C_NONE)

static const struct opt key_export_opts[] = {
	PASSPHRASE,
	OPT_FLAG(0, "plain", &admin.plain, "in clear, without a passphrase"),
	OPT_END
};

static const struct opt key_import_opts[] = {
	PASSPHRASE,
	OPT_FLAG(0, "dry-run", &admin.dry_run, "only tell what would be done"),
	OPT_END
};

static const char *const outcomes[] = { AUDIT_DONE, AUDIT_DENIED, AUDIT_FAILED,
    NULL };

static const struct opt credential_opts[] = {
	OPT_STR(0, "rights", &admin.rights, "list",
	    "read, write, tenant-write, ltm, sync, audit, admin", OPT_C_NONE),
	OPT_STR(0, "session", &admin.session, "id",
	    "bound to this session of the user", OPT_C_NONE),
	OPT_TIME('u', "until", &admin.until, "time", "it ends at <time>"),
	OPT_STR(0, "out", &admin.out, "file",
	    "write it into a new file (default: print it)", OPT_C_FILE),
	OPT_END
};

#define ACCESS \
	OPT_FLAG(0, "access", &admin.access, \
	    "the log of the store: credentials, and who was not let in")

static const struct opt audit_opts[] = {
	ALL_TENANTS,
	ACCESS,
	OPT_TIME('s', "since", &admin.since, "time", "at or after <time>"),
	OPT_TIME('u', "until", &admin.until, "time", "before <time>"),
	OPT_STR(0, "who", &admin.who, "user", "by one user", OPT_C_USER),
	OPT_STR(0, "action", &admin.action, "word",
	    "of one kind: write, delete, restore, ...", OPT_C_NONE),
	OPT_STR(0, "tool", &admin.by, "name", "by one tool: mem-log",
	    OPT_C_NONE),
	OPT_WORD(0, "outcome", &admin.outcome, outcomes, NULL,
	    "done, denied or failed"),
	OPT_INT('n', "limit", &admin.limit, "n", "the last <n> only"),
	OPT_END
};

static const struct opt verify_opts[] = {
	ALL_TENANTS,
	ACCESS,
	OPT_STR(0, "against", &admin.against, "file",
	    "what these checkpoints say must be so", OPT_C_FILE),
	OPT_STR(0, "public-key", &admin.public_key, "file",
	    "signed with one of these keys, not the store's own", OPT_C_FILE),
	OPT_STR(0, "with", &admin.with, "file",
	    "rows that were rotated away, too", OPT_C_FILE),
	OPT_STR(0, "hash", &admin.hash, "hex",
	    "a row with this hash must be there", OPT_C_NONE),
	OPT_END
};

static const struct opt checkpoint_opts[] = {
	ALL_TENANTS,
	ACCESS,
	OPT_END
};

static const struct opt tenants_opts[] = {
	ALL_TENANTS,
	OPT_END
};

static const struct opt rotate_opts[] = {
	OPT_TIME(0, "before", &admin.before, "time", "rows from before <time>"),
	OPT_STR(0, "to", &admin.to, "file", "into this new file", OPT_C_FILE),
	OPT_FLAG(0, "dry-run", &admin.dry_run, "only tell what would be done"),
	OPT_END
};

static const struct opt isolation_opts[] = {
	OPT_INT(0, "sample", &admin.sample, "n",
	    "try at most <n> of a kind of each user, and <n> users "
	    "(default 20; 0: all)"),
	OPT_END
};

static const struct opt forget_opts[] = {
	OPT_STR(0, "session", &admin.session, "id", "a session, all of it",
	    OPT_C_SESSION),
	OPT_LIST(0, "id", &admin.ids, "ids",
	    "events, or rows of knowledge bases (KB/RECORD_ID)", OPT_C_NONE),
	OPT_STR(0, "query", &admin.query, "query",
	    "the events that a query finds", OPT_C_NONE),
	OPT_FLAG(0, "expired", &admin.expired,
	    "what is older than the settings retain.* let it become"),
	OPT_STR(0, "receipt", &admin.receipt, "file",
	    "write down what was forgotten, and how to tell it again",
	    OPT_C_FILE),
	OPT_STR(0, "remote", &admin.remote, "name",
	    "from a remote, too (mem-sync forget)", OPT_C_NONE),
	OPT_FLAG(0, "again", &admin.again,
	    "what the receipt tells of, once more"),
	OPT_FLAG(0, "finish", &admin.finish,
	    "with all that is left to be done here"),
	OPT_FLAG(0, "verify", &admin.verify,
	    "look whether anything of it is left; exit 1 if so"),
	OPT_FLAG(0, "dry-run", &admin.dry_run, "only tell what would go"),
	OPT_FLAG('y', "yes", &admin.yes,
	    "what a query finds, or all of a user, is meant"),
	OPT_END
};

static const struct opt redact_opts[] = {
	OPT_TIME('s', "since", &admin.since, "time",
	    "what is of <time>, or later"),
	OPT_TIME('u', "until", &admin.until, "time", "before <time>"),
	OPT_STR(0, "session", &admin.session, "id", "of one session only",
	    OPT_C_SESSION),
	OPT_STR(0, "receipt", &admin.receipt, "file",
	    "write down what was taken out", OPT_C_FILE),
	OPT_FLAG(0, "finish", &admin.finish,
	    "with all that is left to be done here"),
	OPT_FLAG(0, "dry-run", &admin.dry_run,
	    "only tell what would be taken out"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "init", "", "make a store, or a tenant in it", init_opts,
	    OPT_C_NONE },
	{ "config get", "key", "print a setting", NULL, OPT_C_CONFIG },
	{ "config set", "key value", "change a setting", NULL, OPT_C_CONFIG },
	{ "config unset", "key", "remove a setting", NULL, OPT_C_CONFIG },
	{ "config list", "", "print all settings", NULL, OPT_C_NONE },
	{ "stats", "", "counts, sizes, lags, and what is past its limit",
	    stats_opts, OPT_C_NONE },
	{ "check", "", "look for damage", check_opts, OPT_C_NONE },
	{ "compact", "", "pack old events together", compact_opts,
	    OPT_C_NONE },
	{ "backup", "file | -", "write all of it as one tar", backup_opts,
	    OPT_C_FILE },
	{ "restore", "file | -", "make a store of a backup", restore_opts,
	    OPT_C_FILE },
	{ "key new", "[id]", "make a key; it is active from now on", NULL,
	    OPT_C_NONE },
	{ "key list", "", "print the keys, never their bytes", NULL,
	    OPT_C_NONE },
	{ "key retire", "id", "seal with it no more; it still opens", NULL,
	    OPT_C_NONE },
	{ "key rewrap", "", "wrap the keys of a sealed tenant with the active "
	    "one", NULL, OPT_C_NONE },
	{ "key export", "[file | -]", "write the keys for somewhere else",
	    key_export_opts, OPT_C_FILE },
	{ "key import", "file | -", "add keys from somewhere else",
	    key_import_opts, OPT_C_FILE },
	{ "forget", "[-]", "take away for good what is named", forget_opts,
	    OPT_C_NONE },
	{ "redact", "", "take secrets out of what was stored before",
	    redact_opts, OPT_C_NONE },
	{ "tenant add", "name", "make a tenant", init_opts, OPT_C_NONE },
	{ "tenant list", "", "print the tenants", NULL, OPT_C_NONE },
	{ "credential add", "name", "let somebody call", credential_opts,
	    OPT_C_NONE },
	{ "credential list", "", "print who may call", NULL, OPT_C_NONE },
	{ "credential revoke", "name", "let somebody call no more", NULL,
	    OPT_C_NONE },
	{ "schema", "", "print the SQL of the database", NULL, OPT_C_NONE },
	{ "audit", "", "who did what", audit_opts, OPT_C_NONE },
	{ "audit verify", "", "is the audit log whole", verify_opts,
	    OPT_C_NONE },
	{ "audit checkpoint", "[file]", "its last row, signed",
	    checkpoint_opts, OPT_C_FILE },
	{ "audit key", "", "print the public key of checkpoints", NULL,
	    OPT_C_NONE },
	{ "audit reads", "", "how often each user's own was read", tenants_opts,
	    OPT_C_NONE },
	{ "audit rotate", "", "move old rows into a file", rotate_opts,
	    OPT_C_NONE },
	{ "audit isolation", "", "try to read what is somebody else's",
	    isolation_opts, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-admin",
	.args = "verb ...",
	.about = "make, check, compact, save and restore a store",
	.opts = opts,
	.verbs = verbs,
};

/* --- for all verbs ----------------------------------------------------- */

int
admin_print(struct admin_run *run, json_t *rec, struct err *e)
{
	int r = out_record(&run->out, rec, e);

	json_decref(rec);
	return r;
}

int
admin_of(struct admin_run *run, char **tenant, struct err *e)
{
	struct store *st = NULL;
	struct err why;
	int r = store_guarded(run->where.dir, &why);

	*tenant = xstrdup("");
	if (r < 0 && why.code != ERR_ABSENT) {
		*e = why;
		return -1;
	}
	if (r == 1 && store_open(&st, &run->asked, STORE_FOLDER, e) < 0)
		return -1;
	if (run->who == NULL)
		run->who = xstrdup(st != NULL ? st->who : run->where.user);
	if (st != NULL && st->access->by.tenant != NULL) {
		free(*tenant);
		*tenant = xstrdup(st->access->by.tenant);
	}
	store_close(st);
	return 0;
}

int
admin_whole(struct admin_run *run, struct err *e)
{
	char *tenant;
	int r;

	if ((r = admin_of(run, &tenant, e)) == 0 && *tenant != '\0')
		r = err_set(e, ERR_DENIED, "the credential is of tenant '%s', "
		    "and this is of the whole store; its administrator may",
		    tenant);
	free(tenant);
	return r;
}

int
admin_each_tenant(struct admin_run *run, int (*fn)(struct admin_run *,
    const struct store_where *, struct err *), struct err *e)
{
	struct store_where where = run->asked;
	struct strv names = STRV_INIT;
	int r = 0, worst = 0;
	char id[27], *tenant;
	size_t i;

	if (!admin.all_tenants)
		return fn(run, &where, e);
	if (store_id(run->where.dir, id, e) < 0)
		return -1;
	/* to who is of one, that one is all of them */
	if ((r = admin_of(run, &tenant, e)) == 0 && *tenant != '\0')
		strv_add(&names, tenant);
	else if (r == 0)
		r = store_tenants(run->where.dir, &names, e);
	free(tenant);
	for (i = 0; r >= 0 && i < names.n; i++) {
		where.tenant = names.v[i];
		r = fn(run, &where, e);
		worst = r > worst ? r : worst;
	}
	strv_release(&names);
	return r < 0 ? -1 : worst;
}

/* --- small verbs ------------------------------------------------------- */

int
admin_seal(struct store **st, const struct store_where *where, struct err *e)
{
	store_close(*st);
	*st = NULL;
	return store_open(st, where, STORE_WRITE, e) < 0 ? -1 :
	    store_seal_make(*st, e);
}

static int
verb_init(struct admin_run *run, struct err *e)
{
	struct store *st = NULL;
	bool made;
	json_t *o;
	int r = -1;

	if (store_open(&st, &run->asked, STORE_READ, e) == 0)
		made = false;
	else if (e->code != ERR_ABSENT ||
	    store_open(&st, &run->asked, STORE_MAKE, e) < 0)
		return -1;
	else
		made = true;
	if (admin.sealed && admin_seal(&st, &run->asked, e) < 0)
		r = -1;
	else if (!made || audit_add(st, "init", st->tenant, NULL, e) == 0) {
		o = json_pack("{s:s, s:s, s:o, s:s, s:i, s:i, s:b}",
		    "type", "store", "store_id", st->id, "dir",
		    out_text(st->dir), "tenant", st->tenant, "format",
		    st->format, "schema", SCHEMA_VERSION, "made", made);
		if (store_is_sealed(st, e) == 1)
			json_object_set_new(o, "sealed", json_true());
		r = admin_print(run, o, e);
	}
	store_close(st);
	return r;
}

static int
verb_schema(struct admin_run *run, struct err *e)
{
	schema_text(&run->out.b);
	return out_flush(&run->out, e);
}

static const struct {
	const char *name;
	int (*fn)(struct admin_run *, struct err *);
	int argc;		/* operands it takes; -1: it looks itself */
	unsigned need;		/* RIGHT_...; 0: RIGHT_ADMIN */
} run_verbs[] = {
	{ "init", verb_init, 0, 0 },
	{ "stats", admin_stats, 0, 0 },
	{ "check", admin_check, 0, 0 },
	{ "compact", admin_compact, 0, 0 },
	{ "backup", admin_backup, -1, 0 },
	{ "restore", admin_restore, -1, 0 },
	{ "schema", verb_schema, 0, 0 },
	{ "forget", admin_forget, -1, 0 },
	{ "redact", admin_redact, 0, 0 },
};

/* What deletes rows takes more than looking at them. */
static int
run_audit(struct admin_run *run, const char *verb, struct err *e)
{
	verb += *verb == ' ';
	if (!str_eq(verb, "rotate"))
		run->asked.need = RIGHT_AUDIT;
	return admin_audit(run, verb, e);
}

static int
run_verb(struct admin_run *run, const char *verb, struct err *e)
{
	size_t i;

	if (str_starts(verb, "config "))
		return admin_config(run, verb + 7, e);
	if (str_starts(verb, "tenant "))
		return admin_tenant(run, verb + 7, e);
	if (str_starts(verb, "credential "))
		return admin_credential(run, verb + 11, e);
	if (str_starts(verb, "audit"))
		return run_audit(run, verb + strlen("audit"), e);
	if (str_starts(verb, "key "))
		return admin_key(run, verb + 4, e);
	for (i = 0; strcmp(run_verbs[i].name, verb) != 0; i++)
		;
	if (run_verbs[i].argc == 0 && run->verb_argc > 0)
		return cmd_misuse(e, "%s takes no operand", verb);
	if (run_verbs[i].need != 0)
		run->asked.need = run_verbs[i].need;
	return run_verbs[i].fn(run, e);
}

static void
complete(enum opt_comp comp, struct buf *b)
{
	int i;

	if (comp == OPT_C_CONFIG)
		for (i = 0; admin_keys[i] != NULL; i++)
			buf_addf(b, "%s\n", admin_keys[i]);
	else
		cmd_names(comp, b);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct admin_run run = { 0 };
	const char *program = argv[0];
	struct err e = { 0 };
	int r;

	verb = cmd_start(&tool, &argc, &argv, complete);
	out_init(&run.out);
	cmd_asked(&run.asked);
	run.asked.need = RIGHT_ADMIN;
	run.verb_argc = argc;
	run.verb_argv = argv;
	if ((r = store_locate(&run.asked, &run.where, &e)) == 0)
		r = run_verb(&run, verb->name, &e);
	free(run.who);
	store_where_free(&run.where);
	out_release(&run.out);
	if ((r == EXIT_YES || r == EXIT_PART) && admin.remote != NULL &&
	    str_eq(verb->name, "forget") && !admin.dry_run)
		r = admin_forget_there(program, &e);
	return cmd_exit(r, &e);
}
