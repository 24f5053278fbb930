#include "artifact/artifacts.h"

#include "base/conf.h"
#include "base/json.h"
#include "blob/blob_local.h"
#include "blob/blob_net.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* Without which setting nothing can be done at all. */
static const char *const needed[ARTIFACT_PROVIDERS] = { NULL, NULL,
    "artifact.s3.url", "artifact.ipfs.api" };

static int
check_settings(struct artifacts *ar, struct err *e)
{
	const struct seal_key *key;
	int p;

	/* whoever may write it could have bytes go anywhere */
	if (conf_get(ar->st->conf, "artifact.localFs.dir", NULL) != NULL &&
	    store_obeys(ar->st, "artifact.localFs.dir", e) < 0)
		return -1;
	/* programs that we run need not have keys of the environment */
	if (artifact_keys_given() && artifact_ring(&ar->conf, ar->st, e) < 0)
		return -1;
	for (p = 0; p < ARTIFACT_PROVIDERS; p++)
		if (ar->conf.known[p] && needed[p] != NULL &&
		    conf_get(ar->st->conf, needed[p], NULL) == NULL)
			return err_set(e, ERR_INPUT, "%s is %s, and %s is not "
			    "set", (int)ar->conf.active == p ?
			    "artifact.provider" : "artifact.legacy",
			    artifact_providers[p], needed[p]);
	return ar->conf.managed && ar->conf.codec ?
	    artifact_active_key(&ar->conf, ar->st, &key, e) : 0;
}

static int
open_conf(struct artifacts *ar, struct store *st, struct err *e)
{
	memset(ar, 0, sizeof *ar);
	ar->st = st;
	ar->lock = (struct artifact_lock)ARTIFACT_LOCK_INIT;
	ar->tmp = (struct scratch)SCRATCH_INIT;
	return artifact_conf_read(&ar->conf, st, e);
}

int
artifacts_open_local(struct artifacts *ar, struct store *st, struct err *e)
{
	bool known;

	if (open_conf(ar, st, e) < 0)
		return -1;
	known = ar->conf.known[ARTIFACT_LOCAL];
	ar->conf.known[ARTIFACT_LOCAL] = true;
	return known;
}

int
artifacts_open(struct artifacts *ar, struct store *st, struct err *e)
{
	if (open_conf(ar, st, e) < 0)
		return -1;
	if (check_settings(ar, e) == 0)
		return 0;
	artifacts_close(ar);
	return -1;
}

void
artifacts_close(struct artifacts *ar)
{
	int p;

	for (p = 0; p < ARTIFACT_PROVIDERS; p++)
		if (ar->of[p].kind != NULL)
			ar->of[p].kind->close(ar->of[p].p);
	artifact_lock_close(&ar->lock);
	scratch_close(&ar->tmp);
	artifact_conf_release(&ar->conf);
	memset(ar->of, 0, sizeof ar->of);
}

int
artifacts_provider(struct artifacts *ar, enum artifact_provider p,
    struct blob_provider **out, struct err *e)
{
	struct blob_provider *b = &ar->of[p];

	if (p == ARTIFACT_POINTER || !ar->conf.known[p])
		return artifact_fail(e, ARTIFACT_NO_BACKEND, "provider %s is "
		    "neither artifact.provider (with artifact.mode "
		    "managed_blob) nor in artifact.legacy",
		    artifact_providers[p]);
	if (b->kind == NULL && p == ARTIFACT_LOCAL)
		blob_local_open(b, ar->conf.dir);
	else if (b->kind == NULL && blob_net_open(b, p == ARTIFACT_S3 ?
	    "blob-s3" : "blob-ipfs", ar->st, &ar->lock, e) < 0)
		return -1;
	*out = b;
	return 0;
}

struct blob
artifacts_blob(const struct artifact *a)
{
	struct blob b = { .key = a->object, .said = json_incref(a->said),
	    .size = (uint64_t)a->osize, .has_sum = a->has_sum };

	memcpy(b.sha256, a->sum, HASH_LEN);
	b.cid = get_str(a->said, "cid", NULL);
	return b;
}

static int
hash_more(void *h, const void *p, size_t n, struct err *e)
{
	(void)e;
	hash_add(h, p, n);
	return 0;
}

int
artifacts_compare(const struct blob_provider *b, const struct blob *blob,
    const uint8_t sum[HASH_LEN], struct err *e)
{
	uint8_t got[HASH_LEN];
	struct hash h;

	hash_init(&h);
	if (blob->size > 0 && b->kind->get(b->p, blob, 0, blob->size,
	    hash_more, &h, e) < 0)
		return -1;
	hash_end(&h, got);
	return memcmp(got, sum, HASH_LEN) == 0;
}

int
artifacts_readable(const struct artifact *a, struct err *e)
{
	const char *uri = get_str(a->body, "uri", NULL);
	char id[ULID_LEN + 1];

	ulid_from_bytes(id, a->id);
	if (a->state == ARTIFACT_DELETED)
		return artifact_fail(e, ARTIFACT_NOT_FOUND, "artifact '%s' "
		    "was deleted", id);
	if (a->provider == ARTIFACT_POINTER)
		return artifact_fail(e, ARTIFACT_NOT_MANAGED, "its content is "
		    "at %.300s", uri != NULL ? uri : "its URI");
	switch (a->state) {
	case ARTIFACT_STORED:
	case ARTIFACT_AVAILABLE:
		if (a->provider != ARTIFACT_LOCAL || a->here)
			return 0;
		return artifact_fail(e, ARTIFACT_NOT_THERE, "the bytes of "
		    "'%s' are on another copy of the store: mem-sync pull "
		    "fetches them", id);
	case ARTIFACT_PENDING:
	case ARTIFACT_ACCEPTED:
		return artifact_fail(e, ARTIFACT_NOT_READY, "the bytes of "
		    "'%s' are on their way; mem-artifact reconcile asks how "
		    "far they are", id);
	case ARTIFACT_UNAVAILABLE:
		return artifact_fail(e, ARTIFACT_NOT_THERE, "the bytes of "
		    "'%s' were not found when they were looked for; "
		    "mem-artifact verify looks again", id);
	case ARTIFACT_DELETING:
		return artifact_fail(e, ARTIFACT_DELETE_IN_FLIGHT, "'%s' is "
		    "being deleted", id);
	default:
		return artifact_fail(e, ARTIFACT_NOT_THERE, "'%s' is %s", id,
		    artifact_states[a->state]);
	}
}
