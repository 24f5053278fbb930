/*
 * mem-admin: making, looking after, saving and restoring a store.
 */
#include "cmd/admin.h"

#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/audit.h"
#include "store/schema.h"

struct admin_opts admin = { .since = DATE_MIN, .until = DATE_MAX + 1 };

static const char *const stats_formats[] = { "jsonl", "text", "prometheus",
    NULL };

#define ALL_TENANTS OPT_FLAG(0, "all-tenants", &admin.all_tenants, \
	"every tenant of the store")

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

static const struct opt audit_opts[] = {
	ALL_TENANTS,
	OPT_TIME('s', "since", &admin.since, "time", "at or after <time>"),
	OPT_TIME('u', "until", &admin.until, "time", "before <time>"),
	OPT_STR(0, "who", &admin.who, "user", "by one user", OPT_C_USER),
	OPT_STR(0, "action", &admin.action, "word",
	    "of one kind: write, delete, restore, ...", OPT_C_NONE),
	OPT_INT('n', "limit", &admin.limit, "n", "the last <n> only"),
	OPT_STR(0, "hash", &admin.hash, "hex",
	    "verify: a row with this hash must be there", OPT_C_NONE),
	OPT_END
};

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "init", "", "make a store, or a tenant in it", NULL, OPT_C_NONE },
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
	{ "key export", "[file | -]", "write the keys for somewhere else",
	    key_export_opts, OPT_C_FILE },
	{ "key import", "file | -", "add keys from somewhere else",
	    key_import_opts, OPT_C_FILE },
	{ "schema", "", "print the SQL of the database", NULL, OPT_C_NONE },
	{ "audit", "[verify]", "who did what; is the log whole", audit_opts,
	    OPT_C_NONE },
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
admin_open(struct store **out, const struct store_where *where, bool write,
    struct err *e)
{
	if (store_open(out, where, STORE_READ, e) < 0)
		return -1;
	if (!write)
		return 0;
	/* only now, so that a name mistyped does not make a store */
	store_close(*out);
	*out = NULL;
	return store_open(out, where, STORE_WRITE, e);
}

int
admin_each_tenant(struct admin_run *run, int (*fn)(struct admin_run *,
    const struct store_where *, struct err *), struct err *e)
{
	struct store_where where = run->asked;
	struct strv names = STRV_INIT;
	int r = 0, worst = 0;
	char id[27];
	size_t i;

	if (!admin.all_tenants)
		return fn(run, &where, e);
	if (store_id(run->where.dir, id, e) < 0 ||
	    store_tenants(run->where.dir, &names, e) < 0)
		return -1;
	for (i = 0; r >= 0 && i < names.n; i++) {
		where.tenant = names.v[i];
		r = fn(run, &where, e);
		worst = r > worst ? r : worst;
	}
	strv_release(&names);
	return r < 0 ? -1 : worst;
}

/* --- small verbs ------------------------------------------------------- */

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
	if (!made || audit_add(st, "init", st->tenant, NULL, e) == 0) {
		o = json_pack("{s:s, s:s, s:o, s:s, s:i, s:i, s:b}",
		    "type", "store", "store_id", st->id, "dir",
		    out_text(st->dir), "tenant", st->tenant, "format",
		    STORE_FORMAT, "schema", SCHEMA_VERSION, "made", made);
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
} run_verbs[] = {
	{ "init", verb_init, 0 },
	{ "stats", admin_stats, 0 },
	{ "check", admin_check, 0 },
	{ "compact", admin_compact, 0 },
	{ "backup", admin_backup, -1 },
	{ "restore", admin_restore, -1 },
	{ "schema", verb_schema, 0 },
	{ "audit", admin_audit, -1 },
};

static int
run_verb(struct admin_run *run, const char *verb, struct err *e)
{
	size_t i;

	if (str_starts(verb, "config "))
		return admin_config(run, verb + 7, e);
	if (str_starts(verb, "key "))
		return admin_key(run, verb + 4, e);
	for (i = 0; strcmp(run_verbs[i].name, verb) != 0; i++)
		;
	if (run_verbs[i].argc == 0 && run->verb_argc > 0)
		return cmd_misuse(e, "%s takes no operand", verb);
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
	struct err e = { 0 };
	int r;

	verb = cmd_start(&tool, &argc, &argv, complete);
	out_init(&run.out);
	cmd_asked(&run.asked);
	run.verb_argc = argc;
	run.verb_argv = argv;
	if ((r = store_locate(&run.asked, &run.where, &e)) == 0)
		r = run_verb(&run, verb->name, &e);
	store_where_free(&run.where);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
