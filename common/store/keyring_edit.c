/*
 * Changes of a ring.  Under the lock the ring is read again, changed, and
 * replaced as a whole; the row of the audit log is committed after that, so
 * that the log can lack what a crash or a full disk cut short, but tells of
 * nothing that was not done.
 */
#include "store/keyring.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/ulid.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/keyring_own.h"
#include "store/store.h"

#include <string.h>

#define WAIT_MS 10000

_Static_assert(ULID_LEN <= SEAL_ID_MAX, "no room for an id");

struct edit {
	const struct store *st;		/* borrowed */
	struct keyring *kr;		/* own */
	struct lock lock;
	struct buf path;		/* of the ring */
};

static int
edit_begin(struct edit *d, const struct store *st, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	*d = (struct edit){ .st = st, .lock = LOCK_INIT, .path = BUF_INIT };
	d->kr = xcalloc(1, sizeof *d->kr);
	file_join(&path, st->dir, "keys");
	file_join(&d->path, path.p, "ring");
	if ((r = file_mkdirs(path.p, 0700, e)) == 0)
		r = file_private_dir(path.p, e);
	buf_adds(&path, "/.lock");
	if (r == 0)
		r = lock_take(&d->lock, path.p, WAIT_MS, e);
	buf_release(&path);
	return r < 0 ? -1 : keyring_read_own(d->kr, st, e);
}

static void
edit_end(struct edit *d)
{
	lock_drop(&d->lock);
	keyring_free(d->kr);
	buf_release(&d->path);
}

static int
edit_write(struct edit *d, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	keyring_print(d->kr, &text);
	if (text.len > KEYRING_BYTES)
		r = err_set(e, ERR_INPUT, "'%s' would be larger than %zu "
		    "bytes", d->path.p, KEYRING_BYTES);
	else
		r = file_replace(d->path.p, text.p, text.len, e);
	buf_wipe(&text);
	return r;
}

/* The same with a row of the audit log; a tenant that is not there yet has
 * none. */
static int
edit_commit(struct edit *d, struct store *st, const char *action,
    const char *id, const char *detail, struct err *e)
{
	int r;

	if (st->db == NULL)
		return edit_write(d, e);
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = audit_add(st, action, id, detail, e)) == 0)
		r = edit_write(d, e);
	return tx_end(st->db, r, e);
}

static int
make_secret(struct keyring *kr, struct err *e)
{
	if (kr->has_secret)
		return 0;
	if (random_bytes(kr->secret, SEAL_KEY, e) < 0)
		return -1;
	kr->has_secret = true;
	return 0;
}

int
keyring_secret(const struct store *st, const char *purpose,
    uint8_t out[SEAL_KEY], struct err *e)
{
	struct keyring *kr = xcalloc(1, sizeof *kr);
	struct edit d;
	int r;

	r = keyring_read_own(kr, st, e);
	if (r == 0 && !keyring_find_secret(kr, purpose, out)) {
		/* somebody else may make it just now */
		if ((r = edit_begin(&d, st, e)) == 0 && !d.kr->has_secret &&
		    (r = make_secret(d.kr, e)) == 0)
			r = edit_write(&d, e);
		if (r == 0)
			keyring_find_secret(d.kr, purpose, out);
		edit_end(&d);
	}
	keyring_free(kr);
	return r;
}

/* --- new, retire ------------------------------------------------------- */

static int
kept_elsewhere(const struct store *st, struct err *e)
{
	const char *setting = keyring_elsewhere(st);

	return setting == NULL ? 0 : err_set(e, ERR_USAGE, "the keys of this "
	    "store are where %s says; make and retire them there", setting);
}

static int
make_id(char *id, struct err *e)
{
	uint8_t rest[10];

	if (*id != '\0')
		return seal_id_check(id, e);
	if (random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	ulid_format(id, date_real(), rest);
	return 0;
}

static int
add_new(struct keyring *kr, const char *id, struct err *e)
{
	struct keyring_key k = { .created_ms = date_real(), .active = true };
	struct keyring_key *old = keyring_own_active(kr);
	int r = -1;

	if (keyring_get(kr, id) != NULL)
		return err_set(e, ERR_EXISTS, "there is a key '%s'; choose "
		    "another id", id);
	memcpy(k.key.id, id, strlen(id) + 1);
	if (random_bytes(k.key.key, SEAL_KEY, e) == 0 &&
	    keyring_put(kr, &k, e) == 1) {
		if (old != NULL)
			old->active = false;
		r = make_secret(kr, e);
	}
	mem_wipe(&k, sizeof k);
	return r;
}

int
keyring_new(struct store *st, char *id, struct err *e)
{
	struct edit d;
	int r;

	if (make_id(id, e) < 0 || kept_elsewhere(st, e) < 0)
		return -1;
	if ((r = edit_begin(&d, st, e)) == 0 &&
	    (r = add_new(d.kr, id, e)) == 0)
		r = edit_commit(&d, st, "key_new", id, NULL, e);
	edit_end(&d);
	return r;
}

static int
retire(struct edit *d, struct store *st, const char *id, struct err *e)
{
	struct keyring_key *k = keyring_get(d->kr, id);

	if (k == NULL)
		return err_set(e, ERR_ABSENT, "there is no key '%s'", id);
	if (!k->active)
		return 0;
	k->active = false;
	return edit_commit(d, st, "key_retire", id, NULL, e) < 0 ? -1 : 1;
}

int
keyring_retire(struct store *st, const char *id, struct err *e)
{
	struct edit d;
	int r;

	if (kept_elsewhere(st, e) < 0)
		return -1;
	if ((r = edit_begin(&d, st, e)) == 0)
		r = retire(&d, st, id, e);
	edit_end(&d);
	return r;
}

/* --- merge ------------------------------------------------------------- */

static int
merge_keys(struct keyring *kr, const struct keyring *from,
    struct keyring_merged *told, struct err *e)
{
	bool has_active = kr->active != NULL;
	struct keyring_key *k;
	size_t i;
	int r;

	for (i = 0; i < from->n; i++) {
		if ((r = keyring_put(kr, from->v[i], e)) < 0)
			return -1;
		told->added += r == 1;
		told->same += r == 0;
		if (r == 1) {
			k = keyring_get(kr, from->v[i]->key.id);
			k->source = KEYRING_STORE;
			k->active = from->v[i]->active && !has_active;
		}
	}
	return 0;
}

static void
merge_secret(struct keyring *kr, const struct keyring *from,
    struct keyring_merged *told)
{
	if (!from->has_secret)
		told->secret = KEYRING_NO_SECRET;
	else if (!kr->has_secret) {
		memcpy(kr->secret, from->secret, SEAL_KEY);
		kr->has_secret = true;
		told->secret = KEYRING_SECRET_ADDED;
	} else
		told->secret = hash_same(kr->secret, from->secret, SEAL_KEY) ?
		    KEYRING_SECRET_SAME : KEYRING_SECRET_KEPT;
}

/* Ids of what was added, for the log. */
static void
list_added(const struct keyring *kr, size_t from, struct buf *b)
{
	for (; from < kr->n; from++)
		buf_addf(b, "%s%s", b->len > 0 ? " " : "",
		    kr->v[from]->key.id);
}

int
keyring_merge(struct store *st, const struct keyring *from, bool dry,
    struct keyring_merged *told, struct err *e)
{
	struct keyring_merged m = { 0, 0, KEYRING_NO_SECRET };
	struct buf ids = BUF_INIT;
	struct edit d;
	size_t before;
	int r;

	/* with those elsewhere, so that no id comes to mean two keys */
	if ((r = edit_begin(&d, st, e)) == 0 &&
	    (r = keyring_add_elsewhere(d.kr, st, e)) == 0) {
		before = d.kr->n;
		if ((r = merge_keys(d.kr, from, &m, e)) == 0) {
			merge_secret(d.kr, from, &m);
			list_added(d.kr, before, &ids);
		}
	}
	if (r == 0 && !dry && (m.added > 0 ||
	    m.secret == KEYRING_SECRET_ADDED))
		r = edit_commit(&d, st, "key_import", ids.p,
		    m.secret == KEYRING_SECRET_ADDED ? "and the secret" :
		    NULL, e);
	if (r == 0)
		*told = m;
	edit_end(&d);
	buf_release(&ids);
	return r;
}
