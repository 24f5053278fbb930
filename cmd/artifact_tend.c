/*
 * mem-artifact capabilities, reconcile, rekey.
 */
#include "cmd/artifact.h"

#include "artifact/artifact_reconcile.h"
#include "artifact/artifact_rekey.h"
#include "artifact/original.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "store/store.h"

#include <inttypes.h>

#define O artifact_o
#define LIMIT 10000		/* rows of a run of reconcile */

/* --- capabilities ------------------------------------------------------ */

static const struct {
	const char *addressing, *consistency, *delete, *availability;
	bool range, drop, tombstone, proofs, replication, retrieval, cid;
} can[ARTIFACT_PROVIDERS] = {
	[ARTIFACT_LOCAL] = { "location", "strong", "delete", "immediate",
	    true, true, false, false, false, false, false },
	[ARTIFACT_S3] = { "location", "strong", "delete", "immediate",
	    true, true, false, false, false, false, false },
	[ARTIFACT_FILECOIN] = { "content", "eventual", "tombstone",
	    "eventual", true, false, true, false, true, true, true },
};

static json_t *
capabilities(const struct artifacts *ar)
{
	enum artifact_provider p = ar->conf.active;
	json_t *o = json_pack("{s:s, s:s}", "type", "capabilities", "mode",
	    ar->conf.managed ? "managed_blob" : "pointer_only"), *list;
	size_t i;

	list = json_array();
	for (i = 0; i < ar->conf.schemes.n; i++)
		json_array_append_new(list,
		    json_string(ar->conf.schemes.v[i]));
	json_object_set_new(o, "pointer_uri_schemes", list);
	if (!ar->conf.managed)
		return o;
	json_object_update_new(o, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, "
	    "s:s, s:{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}}",
	    "provider", artifact_providers[p], "addressing",
	    can[p].addressing, "consistency", can[p].consistency,
	    "max_upload_bytes", (json_int_t)ar->conf.max,
	    "delete_semantics", can[p].delete, "availability_model",
	    can[p].availability, "content_codec", ar->conf.codec ?
	    "aes_gcm" : "none", "supports", "direct_upload", 1, "range_read",
	    can[p].range, "delete", can[p].drop, "tombstone",
	    can[p].tombstone, "bundles", 0, "verification", 1,
	    "provider_proofs", can[p].proofs, "replication",
	    can[p].replication, "retrieval_status", can[p].retrieval,
	    "content_hash", 1, "content_addressed_uri", can[p].cid));
	return o;
}

int
artifact_verb_capabilities(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	json_t *o;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "capabilities takes no operand");
	o = capabilities(&run->ar);
	r = out_record(&run->out, o, e);
	json_decref(o);
	return r;
}

/* --- reconcile --------------------------------------------------------- */

static int
reconciled(void *arg, const struct reconciled *x, struct err *e)
{
	struct artifact_run *run = arg;
	json_t *o = json_pack("{s:s, s:s}", "type", "reconciled", "what",
	    reconciled_names[x->what]);
	char id[ULID_LEN + 1];
	int r;

	if (x->a != NULL) {
		ulid_from_bytes(id, x->a->id);
		json_object_set_new(o, "artifact_id", json_string(id));
		json_object_set_new(o, "from",
		    json_string(artifact_states[x->a->state]));
		json_object_set_new(o, "status",
		    json_string(artifact_states[x->to]));
	} else {
		json_object_set_new(o, "storage_key", out_text(x->object));
	}
	if (x->what == RECONCILED_UNKNOWN)
		json_object_set_new(o, "size_bytes",
		    json_integer((json_int_t)x->size));
	json_object_set_new(o, "provider",
	    json_string(artifact_providers[x->provider]));
	if (x->why != NULL)
		json_object_set_new(o, "reason", out_text(x->why));
	r = out_record(&run->out, o, e);
	json_decref(o);
	return r;
}

static int
reconcile_summary(struct artifact_run *run, const struct reconcile_sums *s,
    const struct originals_sums *originals, struct err *e)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:b}", "type", "reconcile", "settled", (json_int_t)s->settled,
	    "waits", (json_int_t)s->waits, "in_flight", (json_int_t)s->busy,
	    "foreign", (json_int_t)s->foreign, "lost", (json_int_t)s->lost,
	    "dropped", (json_int_t)s->dropped, "unknown",
	    (json_int_t)s->unknown, "trouble", (json_int_t)s->trouble,
	    "more", s->more);
	int r;

	if (originals->kept > 0 || originals->failed > 0) {
		json_object_set_new(o, "originals",
		    json_integer(originals->kept));
		json_object_set_new(o, "originals_failed",
		    json_integer(originals->failed));
	}
	if (O.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	r = out_record(&run->out, o, e);
	json_decref(o);
	return r;
}

int
artifact_verb_reconcile(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	struct reconcile_how how = { .dry_run = O.dry_run, .scan = O.scan,
	    .adopt = O.adopt, .limit = O.limit < 0 ? LIMIT : O.limit,
	    .told = reconciled, .arg = run };
	struct originals_sums originals = { 0 };
	struct reconcile_sums sums;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "reconcile takes no operand");
	/* of documents whose import was killed */
	r = O.dry_run ? 0 : originals_keep(&run->ar, 0, &originals, e);
	originals_sums_release(&originals);
	if (r < 0 || artifact_reconcile(&run->ar, &how, &sums, e) < 0 ||
	    reconcile_summary(run, &sums, &originals, e) < 0)
		return -1;
	return sums.lost > 0 || sums.trouble > 0 || originals.failed > 0 ?
	    EXIT_NO : EXIT_YES;
}

/* --- rekey ------------------------------------------------------------- */

static int
rekeyed(void *arg, const struct artifact *a, const char *key_id,
    const struct err *why, struct err *e)
{
	struct artifact_run *run = arg;
	char id[ULID_LEN + 1];
	json_t *o;
	int r;

	ulid_from_bytes(id, a->id);
	if (why != NULL)
		return artifact_tell_error(run, id, why, e);
	if (cmd.quiet)
		return 0;
	o = json_pack("{s:s, s:s, s:s}", "type", "rekeyed", "artifact_id",
	    id, "key_id", key_id);
	if (O.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	r = out_record(&run->out, o, e);
	json_decref(o);
	return r;
}

int
artifact_verb_rekey(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	struct rekey_how how = { .dry_run = O.dry_run, .clear = O.seal,
	    .limit = O.limit, .wait_s = O.wait, .told = rekeyed,
	    .arg = run };
	struct rekey_sums sums;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "rekey takes no operand");
	if (artifact_rekey(&run->ar, &how, &sums, e) < 0)
		return -1;
	cmd_note("%" PRId64 " sealed anew, %" PRId64 " were so, %" PRId64
	    " in use by others, %" PRId64 " failed", sums.moved, sums.same,
	    sums.busy, sums.failed);
	return sums.failed + sums.busy == 0 ? EXIT_YES : EXIT_PART;
}
