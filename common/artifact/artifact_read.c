#include "artifact/artifact_read.h"

#include "blob/artifact_codec.h"
#include "store/audit_note.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

#define TRIES 5		/* to read one that others seal anew meanwhile */

/* --- what is not sealed ------------------------------------------------ */

struct plain {
	blob_sink *sink;
	void *arg;
	struct hash hash;
	uint64_t left;
};

static int
take_plain(void *arg, const void *p, size_t n, struct err *e)
{
	struct plain *x = arg;

	if (n > x->left)
		return err_set(e, ERR_CORRUPT, "there are more bytes than "
		    "were put");
	x->left -= n;
	hash_add(&x->hash, p, n);
	return x->sink(x->arg, p, n, e);
}

static int
read_plain(struct blob_provider *b, const struct artifact *a,
    const struct blob *blob, uint64_t from, uint64_t len, blob_sink *sink,
    void *arg, struct err *e)
{
	struct plain x = { .sink = sink, .arg = arg, .left = len };
	uint8_t sum[HASH_LEN];

	hash_init(&x.hash);
	if (len > 0 && b->kind->get(b->p, blob, from, len, take_plain, &x,
	    e) < 0)
		return -1;
	hash_end(&x.hash, sum);
	if (x.left > 0)
		return err_set(e, ERR_CORRUPT, "%" PRIu64 " bytes are missing",
		    x.left);
	if (len == (uint64_t)a->size && a->has_sum && !hash_same(sum, a->sum,
	    HASH_LEN))
		return err_set(e, ERR_CORRUPT, "the bytes are not those that "
		    "were put: their SHA-256 is another");
	return 0;
}

/* --- what is ----------------------------------------------------------- */

static int
read_sealed(struct artifacts *ar, struct blob_provider *b,
    const struct artifact *a, const struct blob *blob, uint64_t from,
    uint64_t len, blob_sink *sink, void *arg, struct err *e)
{
	uint64_t size = (uint64_t)a->size, at, n;
	struct seal_sink out = { sink, arg }, sealed;
	struct artifact_codec codec;
	const struct seal_key *key;
	struct seal_about about;
	uint8_t ad[ARTIFACT_AD];
	struct seal *seal = NULL;
	int r;

	if (artifact_codec_read(&codec, a->codec, strlen(a->codec), size, e) <
	    0 || artifact_key_of(&ar->conf, ar->st, codec.key_id, &key, e) < 0)
		return -1;
	audit_key_use(ar->st, key->id);
	artifact_codec_about(&codec, a->id, size, ad, &about);
	if (seal_span(&about, from, len, &at, &n, e) < 0 ||
	    unseal_begin(&seal, key, &about, from, len, &out, e) < 0)
		return -1;
	sealed = seal_to_seal(seal);
	if ((r = b->kind->get(b->p, blob, at, n, sealed.put, sealed.arg,
	    e)) == 0)
		r = seal_end(seal, e);
	seal_free(seal);
	return r;
}

int
artifact_read(struct artifacts *ar, const struct artifact *a, uint64_t from,
    uint64_t len, blob_sink *sink, void *arg, struct err *e)
{
	uint64_t size = (uint64_t)a->size;
	struct blob_provider *b;
	struct blob blob;
	int r;

	if (from > size || len > size - from)
		return err_set(e, ERR_USAGE, "the range is beyond its end: it "
		    "has %" PRIu64 " bytes", size);
	if (len == 0)
		len = size - from;
	if (artifacts_provider(ar, a->provider, &b, e) < 0)
		return -1;
	blob = artifacts_blob(a);
	r = a->codec != NULL ? read_sealed(ar, b, a, &blob, from, len, sink,
	    arg, e) : read_plain(b, a, &blob, from, len, sink, arg, e);
	json_decref(blob.said);
	return r;
}

/* --- is it right? ------------------------------------------------------ */

static int
drop_bytes(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)p;
	(void)n;
	(void)e;
	return 0;
}

/* What a state is when its bytes are there, or not; -1: that is not the
 * question. */
static int
state_found(const struct artifact *a, bool there)
{
	switch (a->state) {
	case ARTIFACT_STORED:
	case ARTIFACT_AVAILABLE:
	case ARTIFACT_UNAVAILABLE:
		if (!there)
			return ARTIFACT_UNAVAILABLE;
		return a->provider == ARTIFACT_FILECOIN ? ARTIFACT_AVAILABLE :
		    ARTIFACT_STORED;
	default:
		return -1;
	}
}

int
artifact_found(struct artifacts *ar, struct artifact *a, bool there,
    struct err *e)
{
	int to = state_found(a, there), r;

	if (to < 0 || to == (int)a->state)
		return 0;
	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	r = artifact_mark(ar->st, a, (enum artifact_state)to, e);
	if ((r = tx_end(ar->st->db, r, e)) == 1)
		a->state = (enum artifact_state)to;
	return r;
}

int
artifact_moved(struct artifacts *ar, struct artifact *a, struct err *e)
{
	struct artifact now;
	int r = artifact_row(ar->st, a->seq, &now, e);

	if (r != 1)
		return r;
	r = now.at_ms != a->at_ms || now.state != a->state;
	artifact_release(r == 1 ? a : &now);
	if (r == 1)
		*a = now;
	return r;
}

/* Is the key here that opens it?  Without it nobody knows. */
static int
check_key(struct artifacts *ar, const struct artifact *a, struct err *e)
{
	const struct seal_key *key;
	struct artifact_codec codec;
	struct err ignored;		/* reading it tells that, too */

	if (a->codec == NULL || artifact_codec_read(&codec, a->codec,
	    strlen(a->codec), (uint64_t)a->size, &ignored) < 0)
		return 0;
	return artifact_key_of(&ar->conf, ar->st, codec.key_id, &key, e);
}

int
artifact_verify(struct artifacts *ar, struct artifact *a, struct err *why,
    struct err *e)
{
	int r, moved = 1, tries;

	/* bytes that are not there may be of a form that was (rekey) */
	for (tries = 0, r = -1; r < 0 && moved == 1 && tries < TRIES; tries++) {
		if (a->state != ARTIFACT_UNAVAILABLE &&
		    artifacts_readable(a, e) < 0)
			return -1;
		if (check_key(ar, a, e) < 0)
			return -1;
		r = artifact_read(ar, a, 0, 0, drop_bytes, NULL, why);
		if (r < 0 && why->code != ERR_CORRUPT &&
		    why->code != ERR_ABSENT) {
			*e = *why;
			return -1;
		}
		if (artifact_found(ar, a, r == 0, e) < 0 || (r < 0 &&
		    (moved = artifact_moved(ar, a, e)) < 0))
			return -1;
	}
	return r == 0;
}
