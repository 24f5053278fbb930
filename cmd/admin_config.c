/*
 * mem-admin config: the settings of a store.  The store itself is not
 * opened, so that a setting that keeps it from opening can be mended here.
 */
#include "cmd/admin.h"

#include <stdlib.h>
#include <string.h>

#include "admin/expired.h"
#include "artifact/artifact_conf.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "engine/conf.h"
#include "from/docs.h"
#include "index/language.h"
#include "store/audit.h"
#include "store/audit_at.h"
#include "store/name.h"
#include "sync/policy.h"

const char *const admin_keys[] = { "artifact.activeKey", "artifact.codec",
    "artifact.ipfs.api", "artifact.ipfs.caFile", "artifact.ipfs.insecure",
    "artifact.ipfs.timeout", "artifact.legacy", "artifact.localFs.dir",
    "artifact.maxBytes", "artifact.mode", "artifact.pin.caFile",
    "artifact.pin.tokenFile", "artifact.pin.url", "artifact.prefix",
    "artifact.provider", "artifact.schemes", "audit.reads", "audit.sync",
    "core.activeKey", "core.host", "core.keyCommand", "core.keyFile",
    "core.timezone", "docs.encoding", "docs.filterBytes",
    "docs.filterMemory", "docs.filterTime", "docs.maxBytes", "docs.maxDepth",
    "docs.maxEntries", "docs.maxMemory", "docs.maxPart", "docs.maxRatio",
    "docs.maxTime", "docs.maxTotal", "graph.chatCommand", "graph.endpoint",
    "graph.endpointCaFile", "graph.endpointKeyEnv", "graph.endpointKeyFile",
    "graph.endpointModel", "graph.maxCalls", "graph.maxTexts",
    "graph.maxTokens", "graph.timeout", "index.language", "live.chatCommand",
    "live.endpoint", "live.endpointCaFile", "live.endpointKeyEnv",
    "live.endpointKeyFile", "live.endpointModel", "live.maxCalls",
    "live.maxTokens", "live.timeout",
    "redact.rules", "retain.kb", "retain.policy", "retain.session",
    "retain.tenant", "retain.user", "search.embedCommand", "search.endpoint",
    "search.endpointBatch", "search.endpointCaFile",
    "search.endpointDimension", "search.endpointDocumentPrefix",
    "search.endpointKeyEnv", "search.endpointKeyFile",
    "search.endpointModel", "search.endpointQueryPrefix", "search.model",
    "search.spelling", "search.timeout", "search.without",
    "stats.maxCompaction", "stats.maxDiskPercent", "stats.maxOutstanding",
    "toc.chatCommand", "toc.endpoint", "toc.endpointCaFile",
    "toc.endpointKeyEnv", "toc.endpointKeyFile", "toc.endpointModel",
    "toc.maxCalls", "toc.maxTokens", "toc.timeout", "toc.zone",
    NULL };

/* Those that are numbers. */
static const struct {
	const char *key;
	int64_t min, max;
} numbers[] = {
	{ "artifact.ipfs.timeout", 1, 3600 },
	{ "artifact.maxBytes", 1, INT64_MAX },
	{ "docs.filterBytes", 1, INT64_MAX / 2 },
	{ "docs.filterMemory", INT64_C(16) << 20, INT64_MAX / 2 },
	{ "docs.filterTime", 1, 86400 },
	{ "docs.maxBytes", 1, INT64_MAX / 2 },
	{ "docs.maxDepth", 0, 64 },
	{ "docs.maxEntries", 1, INT64_C(1) << 30 },
	{ "docs.maxMemory", INT64_C(64) << 20, INT64_MAX / 2 },
	{ "docs.maxPart", 1, INT64_MAX / 2 },
	{ "docs.maxRatio", 1, INT64_C(1) << 30 },
	{ "docs.maxTime", 1, 86400 },
	{ "docs.maxTotal", 1, INT64_MAX / 2 },
	{ "graph.maxCalls", 0, INT32_MAX },
	{ "graph.maxTexts", 0, 20000 },
	{ "graph.maxTokens", 0, INT64_MAX / 2 },
	{ "graph.timeout", 1, 3600 },
	{ "live.maxCalls", 0, INT32_MAX },
	{ "live.maxTokens", 0, INT64_MAX / 2 },
	{ "live.timeout", 1, 3600 },
	{ "retain.kb", 1, EXPIRED_DAYS_MAX },
	{ "retain.session", 1, EXPIRED_DAYS_MAX },
	{ "retain.tenant", 1, EXPIRED_DAYS_MAX },
	{ "retain.user", 1, EXPIRED_DAYS_MAX },
	{ "search.endpointBatch", 1, 1024 },
	{ "search.endpointDimension", 1, 4096 },
	{ "search.timeout", 1, 3600 },
	{ "stats.maxCompaction", 0, INT64_MAX },
	{ "stats.maxDiskPercent", 0, 100 },
	{ "stats.maxOutstanding", 0, INT64_MAX },
	{ "toc.maxCalls", 0, INT32_MAX },
	{ "toc.maxTokens", 0, INT64_MAX / 2 },
	{ "toc.timeout", 1, 3600 },
};

static char *
config_path(const struct admin_run *run)
{
	struct buf path = BUF_INIT;

	file_join(&path, run->where.dir, "config");
	return buf_steal(&path);
}

static int
config_read(struct admin_run *run, struct conf **out, struct err *e)
{
	char id[27], *path = config_path(run);
	int r = -1;

	if (store_id(run->where.dir, id, e) == 0)
		r = conf_read(out, path, e);
	free(path);
	return r;
}

static int
config_get(struct admin_run *run, const char *key, struct err *e)
{
	struct conf *conf = NULL;
	const char *value;
	int r;

	if (conf_key_check(key, e) < 0 || config_read(run, &conf, e) < 0)
		return -1;
	r = EXIT_NO;
	if ((value = conf_get(conf, key, NULL)) != NULL)
		r = out_line(&run->out, value, e);
	conf_free(conf);
	return r;
}

struct list {
	struct admin_run *run;
	struct err *e;
	int r;
};

static int
print_setting(void *arg, const char *key, const char *value)
{
	struct list *l = arg;
	json_t *o;

	o = json_pack("{s:s, s:o, s:o}", "type", "setting", "key",
	    out_text(key), "value", out_text(value));
	l->r = admin_print(l->run, o, l->e);
	return l->r;
}

static int
config_list(struct admin_run *run, struct err *e)
{
	struct list l = { run, e, 0 };
	struct conf *conf = NULL;

	if (config_read(run, &conf, e) < 0)
		return -1;
	conf_each(conf, print_setting, &l);
	conf_free(conf);
	return l.r;
}

/* What is wrong with a value must be known before it keeps every tool from
 * working. */
static int
check_value(const char *key, const char *value, struct err *e)
{
	const struct language *language;
	struct policy policy;
	int64_t n;
	size_t i;
	bool on;
	int r;

	if ((r = artifact_conf_check(key, value, e)) != 0 ||
	    (r = engine_conf_check(key, value, e)) != 0 ||
	    (r = from_docs_filter_check(key, value, e)) != 0)
		return r < 0 ? -1 : 0;
	if (str_same(key, "core.timezone") || str_same(key, "toc.zone") ||
	    (str_starts(key, "toc.") && str_ends(key, ".zone")))
		return date_zone(value, e) < 0 ? err_add(e, "%s: ", key) : 0;
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (str_same(key, numbers[i].key))
			return str_size(value, numbers[i].max, &n) &&
			    n >= numbers[i].min ? 0 : err_set(e, ERR_USAGE,
			    "%s wants a number from %lld to %lld, not '%s'",
			    key, (long long)numbers[i].min,
			    (long long)numbers[i].max, value);
	if (str_same(key, "index.language"))
		return language_find(value, &language, e) < 0 ?
		    err_add(e, "%s: ", key) : 0;
	if (str_same(key, "core.activeKey"))
		return seal_id_check(value, e) < 0 ? err_add(e, "%s: ", key) :
		    0;
	if (str_same(key, "search.spelling") ||
	    str_same(key, "artifact.ipfs.insecure"))
		return conf_bool(value, &on) ? 0 : err_set(e, ERR_USAGE,
		    "%s wants true or false, not '%s'", key, value);
	if (str_same(key, "audit.reads"))
		return str_eq(value, "count") || str_eq(value, "all") ? 0 :
		    err_set(e, ERR_USAGE, "%s wants count or all, not '%s'",
		    key, value);
	if (str_same(key, "audit.sync"))
		return str_eq(value, "writes") || str_eq(value, "all") ? 0 :
		    err_set(e, ERR_USAGE, "%s wants writes or all, not '%s'",
		    key, value);
	if (str_same(key, "retain.policy"))
		return policy_parse(&policy, value, e) < 0 ?
		    err_add(e, "%s: ", key) : 0;
	for (i = 0; admin_keys[i] != NULL; i++)
		if (str_same(admin_keys[i], key))
			return 0;
	if (str_starts(key, "remote.") || str_starts(key, "filter.") ||
	    str_starts(key, "artifact.s3."))
		return 0;
	cmd_note("this memkit knows no setting '%s'; it is kept", key);
	return 0;
}

/* Is the value of this setting a file? */
static bool
names_file(const char *key, const char *value)
{
	return str_same(key, "core.keyFile") ||
	    str_same(key, "redact.rules") ||
	    str_same(key, "search.endpointKeyFile") ||
	    str_same(key, "search.endpointCaFile") ||
	    (str_same(key, "search.model") && strcmp(value, "none") != 0);
}

/* A file is named once and for all, wherever the tools are run from. */
static char *
whole_path(const char *key, const char *value)
{
	struct buf b = BUF_INIT;
	char *path = NULL;

	if (!names_file(key, value) || *value == '/' || *value == '\0')
		return xstrdup(value);
	if ((path = realpath(value, NULL)) != NULL)
		return path;
	/* one that is still to be made */
	if ((path = realpath(".", NULL)) == NULL)
		return xstrdup(value);
	file_join(&b, path, value);
	free(path);
	return buf_steal(&b);
}

struct edit {
	char *path;		/* own */
	const char *key, *value;
};

/* For audit_add_at. */
static int
edit_now(void *arg, struct err *e)
{
	const struct edit *d = arg;

	return conf_edit(d->path, d->key, d->value, e);
}

/* With a row of the audit log, which never has a value. */
static int
edit(struct admin_run *run, const char *key, const char *value,
    struct err *e)
{
	struct edit d = { config_path(run), key, value };
	struct audit a = { .who = run->who, .object = key,
	    .action = value != NULL ? "config_set" : "config_unset" };
	struct buf db = BUF_INIT;
	int r;

	file_join(&db, run->where.dir, "tenants/");
	name_encode(&db, run->where.tenant);
	buf_adds(&db, "/memory.db");
	r = audit_add_at(db.p, &a, edit_now, &d, e);
	buf_release(&db);
	free(d.path);
	return r;
}

static int
config_set(struct admin_run *run, const char *key, const char *value,
    struct err *e)
{
	char id[27], *whole;
	struct store *st = NULL;
	int r;

	if (conf_key_check(key, e) < 0 || check_value(key, value, e) < 0)
		return -1;
	if (names_file(key, value) && !file_exists(value))
		cmd_note("there is no file '%s' yet", value);
	if (store_id(run->where.dir, id, e) < 0) {
		if (e->code != ERR_ABSENT || store_open(&st, &run->asked,
		    str_same(key, "core.host") ? STORE_MAKE_HERE :
		    STORE_FOLDER, e) < 0)
			return -1;
		store_close(st);
	}
	whole = whole_path(key, value);
	r = edit(run, key, whole, e);
	free(whole);
	return r < 0 ? -1 : EXIT_YES;
}

static int
config_unset(struct admin_run *run, const char *key, struct err *e)
{
	char id[27];
	int r;

	if (conf_key_check(key, e) < 0 || store_id(run->where.dir, id, e) < 0)
		return -1;
	r = edit(run, key, NULL, e);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

int
admin_config(struct admin_run *run, const char *what, struct err *e)
{
	static const struct {
		const char *what;
		int argc;
		const char *takes;
	} known[] = {
		{ "list", 0, "no operand" },
		{ "get", 1, "a key" },
		{ "unset", 1, "a key" },
		{ "set", 2, "a key and a value" },
	};
	char **argv = run->verb_argv;
	size_t i;

	for (i = 0; strcmp(known[i].what, what) != 0; i++)
		;
	if (run->verb_argc != known[i].argc)
		return cmd_misuse(e, "config %s takes %s", what,
		    known[i].takes);
	if (admin_whole(run, e) < 0)
		return -1;
	if (str_eq(what, "list"))
		return config_list(run, e);
	if (str_eq(what, "get"))
		return config_get(run, argv[0], e);
	if (str_eq(what, "unset"))
		return config_unset(run, argv[0], e);
	return config_set(run, argv[0], argv[1], e);
}
