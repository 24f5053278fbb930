/*
 * mem-artifact: files that the memory speaks of, kept or pointed to.
 */
#include "base/date.h"
#include "base/json.h"
#include "cmd/artifact.h"
#include "cmd/cmd.h"
#include "store/credential.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

struct artifact_options artifact_o = { .since = DATE_MIN,
    .until = DATE_MAX + 1, .limit = -1, .wait = 600, .redact = true };
#define O artifact_o
#define IDS_MAX 500	/* more do not help a person who types */

static const char *const providers[] = { "local_fs", "s3", "filecoin", NULL };
static const char *const statuses[] = { "stored", "pending", "available",
    "unavailable", "deleting", "deleted", "delete_failed", "failed", NULL };

static const struct opt put_opts[] = {
	OPT_GROUP("What is put"),
	OPT_STR(0, "uri", &O.uri, "uri",
	    "point to it there: nothing is fetched", OPT_C_NONE),
	OPT_FLAG(0, "batch", &O.batch,
	    "read names of files, or records, from standard input"),
	OPT_FLAG(0, "nul", &O.nul, "names end with NUL, not newline"),
	OPT_STR(0, "session", &cmd.session, "id", "the session it belongs to",
	    OPT_C_SESSION),
	OPT_STR(0, "content-type", &O.type, "type",
	    "what it is (default: application/octet-stream)", OPT_C_NONE),
	OPT_STR(0, "name", &O.name, "name",
	    "its file name (default: that of the file)", OPT_C_NONE),
	OPT_LIST(0, "meta", &O.meta, "key=value",
	    "say this of it; again for more", OPT_C_NONE),
	OPT_STR(0, "metadata", &O.metadata, "json",
	    "the same as an object of texts", OPT_C_NONE),
	OPT_FLAG(0, "disclose-hash", &O.disclose,
	    "show its SHA-256 in the record"),
	OPT_FLAG(0, "public", &O.is_public,
	    "anybody may read it (filecoin without a codec)"),
	OPT_FLAG(0, "redact", &O.redact,
	    "replace secrets in what is said of it (default)"),
	OPT_END
};

static const struct opt content_opts[] = {
	OPT_GROUP("Which bytes"),
	OPT_STR(0, "range", &O.range, "a-b",
	    "from byte a to byte b; a- to the end, -n the last n",
	    OPT_C_NONE),
	OPT_END
};

static const struct opt list_opts[] = {
	OPT_GROUP("Which artifacts"),
	OPT_TIME('s', "since", &O.since, "time", "put at or after <time>"),
	OPT_TIME('u', "until", &O.until, "time", "put before <time>"),
	OPT_STR(0, "session", &cmd.session, "id", "of one session",
	    OPT_C_SESSION),
	OPT_WORD(0, "provider", &O.provider, providers, NULL,
	    "that are at one provider"),
	OPT_WORD(0, "status", &O.status, statuses, "state", "in one state"),
	OPT_FLAG(0, "all", &O.all, "deleted and failed ones, too"),
	OPT_FLAG(0, "reverse", &O.reverse, "the newest first"),
	OPT_INT('n', "limit", &O.limit, "n", "stop after <n>"),
	OPT_END
};

static const struct opt delete_opts[] = {
	OPT_GROUP("What is deleted"),
	OPT_FLAG(0, "dry-run", &O.dry_run,
	    "only print what would be deleted"),
	OPT_END
};

static const struct opt reconcile_opts[] = {
	OPT_GROUP("What is settled"),
	OPT_FLAG(0, "dry-run", &O.dry_run, "only print what would be done"),
	OPT_FLAG(0, "scan", &O.scan,
	    "look for the bytes of each, and list what no row names"),
	OPT_FLAG(0, "adopt", &O.adopt,
	    "settle what other copies of the store began, too"),
	OPT_INT('n', "limit", &O.limit, "n",
	    "look at <n> rows at most (default 10000; 0: all)"),
	OPT_END
};

static const struct opt rekey_opts[] = {
	OPT_GROUP("What is sealed anew"),
	OPT_FLAG(0, "dry-run", &O.dry_run, "only print what would be done"),
	OPT_FLAG(0, "seal", &O.seal, "seal what lies in clear, too"),
	OPT_INT(0, "wait", &O.wait, "seconds",
	    "for a provider that takes its time (default 600)"),
	OPT_INT('n', "limit", &O.limit, "n", "stop after <n>"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "put", "[file ... | -]", "keep a file, or point to one", put_opts,
	    OPT_C_FILE },
	{ "get", "id ... | -", "the record", NULL, OPT_C_ARTIFACT },
	{ "head", "id ... | -", "the record, and what its provider says",
	    NULL, OPT_C_ARTIFACT },
	{ "content", "id", "its bytes", content_opts, OPT_C_ARTIFACT },
	{ "verify", "id ... | -", "read it, and compare", NULL,
	    OPT_C_ARTIFACT },
	{ "delete", "id ... | -", "its bytes go, a tombstone stays",
	    delete_opts, OPT_C_ARTIFACT },
	{ "list", "", "records by the time they were put", list_opts,
	    OPT_C_NONE },
	{ "capabilities", "", "what the provider can do", NULL, OPT_C_NONE },
	{ "reconcile", "", "settle what was left half done", reconcile_opts,
	    OPT_C_NONE },
	{ "rekey", "", "seal with the active key", rekey_opts, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-artifact",
	.args = "verb ...",
	.about = "keep files that a memory speaks of, or point to them",
	.opts = opts,
	.verbs = verbs,
};

static const struct {
	const char *verb;
	bool write;
	int (*fn)(struct artifact_run *, int, char **, struct err *);
	unsigned need;		/* 0: that to read, or to write */
} runs[] = {
	{ "put", true, artifact_verb_put, 0 },
	{ "get", false, artifact_verb_get, 0 },
	{ "head", false, artifact_verb_head, 0 },
	{ "content", false, artifact_verb_content, 0 },
	{ "verify", true, artifact_verb_verify, 0 },
	{ "delete", true, artifact_verb_delete, 0 },
	{ "list", false, artifact_verb_list, 0 },
	{ "capabilities", false, artifact_verb_capabilities, 0 },
	/* whoever's they are */
	{ "reconcile", true, artifact_verb_reconcile, RIGHT_ADMIN },
	{ "rekey", true, artifact_verb_rekey, RIGHT_ADMIN },
};

int
artifact_print(struct artifact_run *run, const struct artifact *a,
    struct err *e)
{
	json_t *rec = artifact_json(run->st, a, e);
	int r;

	if (rec == NULL)
		return -1;
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	return r;
}

/* Was it asked for JSON by name?  Then errors are records, too. */
static bool
json_asked(void)
{
	return cmd.json || (cmd.format != NULL && strcmp(cmd.format,
	    "jsonl") == 0);
}

static int
error_record(struct artifact_run *run, const char *given,
    const struct err *why, struct err *e)
{
	const char *rest = why->msg, *code = artifact_code(why, &rest);
	json_t *o = json_pack("{s:s, s:s, s:o}", "type", "error", "error",
	    code != NULL ? code : "failed", "message", out_text(rest));
	struct strv *allowed = &run->ar.conf.schemes;
	char provider[16];
	json_t *list;
	size_t i;
	int r;

	if (given != NULL)
		json_object_set_new(o, "given", out_text(given));
	if (code != NULL && strcmp(code, ARTIFACT_SCHEME) == 0) {
		list = json_array();
		for (i = 0; i < allowed->n; i++)
			json_array_append_new(list, json_string(
			    allowed->v[i]));
		json_object_set_new(o, "allowed", list);
	}
	if (code != NULL && strcmp(code, ARTIFACT_NO_BACKEND) == 0 &&
	    sscanf(rest, "provider %15[a-z0-9_]", provider) == 1)
		json_object_set_new(o, "provider", json_string(provider));
	if (code != NULL && strcmp(code, ARTIFACT_NOT_MANAGED) == 0 &&
	    run->uri != NULL)
		json_object_set(o, "uri", run->uri);
	r = out_record(&run->out, o, e);
	json_decref(o);
	return r;
}

int
artifact_tell_error(struct artifact_run *run, const char *given,
    const struct err *why, struct err *e)
{
	if (given != NULL)
		cmd_warn("%s: %s", given, why->msg);
	else
		cmd_warn("%s", why->msg);
	return json_asked() ? error_record(run, given, why, e) : 0;
}

static int
add_id(void *arg, const struct artifact *a, struct err *e)
{
	char id[ULID_LEN + 1];

	(void)e;
	ulid_from_bytes(id, a->id);
	buf_addf(arg, "%s\n", id);
	return 0;
}

/* For the shells: ids, the newest ones. */
static void
complete(enum opt_comp comp, struct buf *b)
{
	struct artifact_query q = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1, .reverse = true, .limit = IDS_MAX };
	struct store_where where;
	struct store *st = NULL;
	struct err ignored;

	if (comp != OPT_C_ARTIFACT) {
		cmd_names(comp, b);
		return;
	}
	cmd_asked(&where);
	if (store_open(&st, &where, STORE_READ, &ignored) == 0)
		artifact_each(st, &q, add_id, b, &ignored);
	store_close(st);
}

int
main(int argc, char **argv)
{
	struct artifact_run run = { .ar = { .lock = ARTIFACT_LOCK_INIT } };
	const struct opt_verb *verb;
	struct store_where where;
	struct err e = { 0 }, ignored;
	size_t i = 0;
	int r;

	verb = cmd_start(&tool, &argc, &argv, complete);
	out_init(&run.out);
	cmd_asked(&where);
	while (strcmp(runs[i].verb, verb->name) != 0)
		i++;
	where.need = runs[i].need;
	r = store_open(&run.st, &where, runs[i].write ? STORE_WRITE :
	    STORE_READ, &e);
	if (r == 0 && (r = artifacts_open(&run.ar, run.st, &e)) == 0)
		r = runs[i].fn(&run, argc, argv, &e);
	if (r < 0 && e.code != ERR_USAGE && json_asked())
		error_record(&run, NULL, &e, &ignored);
	artifacts_close(&run.ar);
	json_decref(run.uri);
	strv_release(&O.meta);
	store_close(run.st);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
