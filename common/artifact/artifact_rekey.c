#include "artifact/artifact_rekey.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_stage.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "blob/artifact_codec.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK 16
#define NAP_FIRST_NS 250000000	/* between two questions how far it is */
#define NAP_MOST_S 10

struct run {
	struct artifacts *ar;
	const struct rekey_how *how;
	struct rekey_sums *sums;
	const struct seal_key *key;
	int64_t after, seen, left;
};

/* The key of the next form, beside the one that is. */
static char *
next_object(const struct artifact *a)
{
	const char *slash = strrchr(a->object, '/');
	char id[ULID_LEN + 1];
	struct buf b = BUF_INIT;

	ulid_from_bytes(id, a->id);
	buf_add(&b, a->object, (size_t)(slash - a->object));
	buf_addf(&b, "/%s.%lld.bin", id,
	    (long long)artifact_key_form(a->object) + 1);
	return buf_steal(&b);
}

/* In one transaction: the new form counts, and the old one is to go. */
static int
move_over(struct run *run, struct artifact *a, struct artifact *fresh,
    int64_t noted, struct artifact_byte *old, struct err *e)
{
	struct store *st = run->ar->st;
	int r;

	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = artifact_settle(st, fresh, a->state, e)) == 0)
		r = err_set(e, ERR_BUSY, "somebody else settled it just now; "
		    "try again");
	if (r == 1 && artifact_reform(st, fresh, e) == 0 &&
	    artifact_tell(st, a->seq, e) == 0 &&
	    artifact_byte_remove(st, noted, e) == 0 &&
	    artifact_byte_add(st, old, &old->seq, e) == 0 &&
	    audit_add(st, "rekey", "artifact", run->key->id, e) == 0)
		r = 0;
	else
		r = -1;
	return tx_end(st->db, r, e);
}

/* Until it is there: what is only accepted may fail, and then nothing would be
 * left. */
static int
wait_for(struct run *run, struct blob_provider *b, struct blob *blob,
    struct err *e)
{
	int64_t until = date_monotonic() + run->how->wait_s * 1000;
	struct timespec nap = { .tv_nsec = NAP_FIRST_NS };

	while (blob->where == BLOB_PENDING && date_monotonic() < until) {
		nanosleep(&nap, NULL);
		if (nap.tv_sec < NAP_MOST_S && (nap.tv_nsec *= 2) >=
		    1000000000)
			nap = (struct timespec){ .tv_sec = nap.tv_sec + 1 };
		if (b->kind->head(b->p, blob, 1, e) < 0)
			return -1;
		if (blob->r < 0) {
			*e = blob->err;
			return -1;
		}
	}
	if (blob->where == BLOB_THERE)
		return 0;
	return blob->where == BLOB_PENDING ? err_set(e, ERR_NET, "its "
	    "provider had not got it within %lld s, and it stays as it was; "
	    "try again with a longer --wait", (long long)run->how->wait_s) :
	    err_set(e, ERR_INPUT, "its provider did not keep it, and it stays "
	    "as it was");
}

static int
put_form(struct run *run, const struct artifact_staged *s,
    struct artifact *fresh, struct err *e)
{
	struct blob_provider *b;
	struct blob blob = artifacts_blob(fresh);
	int r;

	blob.path = s->path;
	blob.moves = true;
	blob.cid = s->cid;
	if ((r = artifacts_provider(run->ar, fresh->provider, &b, e)) == 0)
		r = b->kind->put(b->p, &blob, 1, e);
	/* what somebody left who died at it; no row has this form yet */
	if (r == 0 && blob.r < 0 && blob.err.code == ERR_EXISTS &&
	    (r = b->kind->drop(b->p, &blob, 1, e)) == 0 && blob.r == 0)
		r = b->kind->put(b->p, &blob, 1, e);
	if (r == 0 && blob.r < 0) {
		*e = blob.err;
		r = -1;
	}
	if (r == 0)
		r = wait_for(run, b, &blob, e);
	json_decref(fresh->said);
	fresh->said = blob.said;
	return r;
}

/* The new form is noted before it is put, so that it goes if we do. */
static int
replace(struct run *run, struct artifact *a, struct artifact_staged *s,
    struct err *e)
{
	struct artifact fresh = *a;
	struct artifact_byte note = { .artifact = a->seq,
	    .provider = a->provider }, old = note;
	struct store *st = run->ar->st;
	struct err ignored;
	bool noted;
	int r;

	fresh.object = next_object(a);
	fresh.codec = s->a.codec;
	fresh.osize = s->a.osize;
	fresh.has_sum = true;
	fresh.said = json_incref(s->a.said);
	memcpy(fresh.sum, s->a.sum, HASH_LEN);
	note.object = fresh.object;
	note.said = s->a.said;
	old.object = a->object;
	old.said = a->said;
	if ((r = tx_begin(st->db, e)) == 0)
		r = tx_end(st->db, artifact_byte_add(st, &note, &note.seq, e),
		    e);
	noted = r == 0;
	if (noted && (r = put_form(run, s, &fresh, e)) == 0)
		r = move_over(run, a, &fresh, note.seq, &old, e);
	else if (noted)
		artifact_drop_noted(run->ar, &note, &ignored);
	if (r == 0)	/* what stays is in the journal */
		artifact_drop_noted(run->ar, &old, &ignored);
	json_decref(fresh.said);
	free(fresh.object);
	return r;
}

/* Is it sealed with another key, or not at all and to be?  1, 0. */
static int
is_to_move(const struct run *run, const struct artifact *a, struct err *e)
{
	struct artifact_codec codec;

	if (a->state != ARTIFACT_STORED && a->state != ARTIFACT_AVAILABLE)
		return 0;
	if (a->provider == ARTIFACT_LOCAL && !a->here)
		return 0;
	if (a->codec == NULL)
		return run->how->clear;
	if (artifact_codec_read(&codec, a->codec, strlen(a->codec),
	    (uint64_t)a->size, e) < 0)
		return -1;
	return strcmp(codec.key_id, run->key->id) != 0;
}

static int
move_one(struct run *run, struct artifact *a, struct err *e)
{
	struct artifact_staged s;
	int r;

	if (run->how->dry_run)
		return 0;
	if (artifact_stage_again(run->ar, a, &s, e) < 0)
		return -1;
	r = replace(run, a, &s, e);
	artifact_staged_release(&s);
	return r;
}

static int
one(void *arg, struct artifact *a, struct err *e)
{
	struct run *run = arg;
	struct err why;
	int r;

	run->after = a->seq;
	run->seen++;
	if (run->left == 0)
		return 0;
	if ((r = artifact_lock_try(&run->ar->lock, run->ar->st, a->seq, 1,
	    e)) != 1) {
		run->sums->busy += r == 0;
		return r;
	}
	/* as it is now that nobody else is at it */
	artifact_release(a);
	if ((r = artifact_row(run->ar->st, run->after, a, e)) == 1) {
		if ((r = is_to_move(run, a, &why)) == 1 &&
		    (r = move_one(run, a, &why)) == 0)
			r = 1;
		run->sums->same += r == 0;
		run->sums->moved += r == 1;
		run->sums->failed += r < 0;
		run->left -= r == 1;
		r = r == 0 ? 0 : run->how->told(run->how->arg, a, run->key->id,
		    r < 0 ? &why : NULL, e);
	}
	artifact_lock_drop(&run->ar->lock, run->after, 1);
	return r;
}

int
artifact_rekey(struct artifacts *ar, const struct rekey_how *how,
    struct rekey_sums *sums, struct err *e)
{
	struct run run = { .ar = ar, .how = how, .sums = sums,
	    .left = how->limit > 0 ? how->limit : INT64_MAX };
	int r;

	memset(sums, 0, sizeof *sums);
	if (artifact_active_key(&ar->conf, ar->st, &run.key, e) < 0)
		return -1;
	if (run.key == NULL)
		return err_set(e, ERR_USAGE, "nothing is sealed in this store: "
		    "artifact.codec is not aes_gcm");
	do {
		run.seen = 0;
		r = artifact_each_open(ar->st, true, run.after, CHUNK, one,
		    &run, e);
	} while (r == 0 && run.seen == CHUNK && run.left > 0);
	return r < 0 ? -1 : 0;
}
