#include "store/audit_key.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/str.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

#define HEAD "memkit audit key 1\n"
#define FILE_MAX 128
#define WAIT_MS 10000

/* --- the public half --------------------------------------------------- */

static void
name_it(struct audit_public *p)
{
	uint8_t sum[HASH_LEN];

	hash_mem(p->key, SIGN_KEY, sum);
	hex_encode(p->id, sum, AUDIT_KEY_ID / 2);
}

int
audit_public_of(const uint8_t secret[SIGN_KEY], struct audit_public *p,
    struct err *e)
{
	if (sign_public(secret, p->key, e) < 0)
		return -1;
	name_it(p);
	return 0;
}

/* The member of a record; own, or NULL. */
static char *
member(const char *line, size_t len, struct err *e)
{
	json_t *o = json_read(line, len, e);
	const char *s;
	char *copy;

	if (o == NULL)
		return NULL;
	s = get_str(o, "public_key", NULL);
	copy = s != NULL ? xstrdup(s) : NULL;
	json_decref(o);
	if (copy == NULL)
		err_set(e, ERR_INPUT, "it is a record without a public_key");
	return copy;
}

int
audit_public_read(struct audit_public *p, const char *line, size_t len,
    struct err *e)
{
	char *text = NULL;
	int r = 0;

	if (len > 0 && *line == '{') {
		if ((text = member(line, len, e)) == NULL)
			return -1;
		line = text;
		len = strlen(text);
	}
	if (len != AUDIT_KEY_TEXT || !base64url_decode(p->key, SIGN_KEY, line,
	    len))
		r = err_set(e, ERR_INPUT, "it is no public key, %d characters "
		    "of base64url", AUDIT_KEY_TEXT);
	else
		name_it(p);
	free(text);
	return r;
}

/* --- the secret one ---------------------------------------------------- */

static void
key_path(const struct store *st, struct buf *dir, struct buf *path)
{
	file_join(dir, st->dir, "keys");
	file_join(path, dir->p, "audit");
}

int
audit_key_read(const struct store *st, uint8_t secret[SIGN_KEY],
    struct err *e)
{
	struct buf dir = BUF_INIT, path = BUF_INIT, text = BUF_INIT;
	size_t head = sizeof HEAD - 1;
	int r;

	key_path(st, &dir, &path);
	buf_reserve(&text, FILE_MAX + 1);	/* growing leaves copies */
	if ((r = file_private_dir(dir.p, e)) == 0)
		r = file_read_private(&text, path.p, FILE_MAX, e);
	if (r == 0 && (text.len != head + AUDIT_KEY_TEXT + 1 ||
	    memcmp(text.p, HEAD, head) != 0 || text.p[text.len - 1] != '\n' ||
	    !base64url_decode(secret, SIGN_KEY, text.p + head,
	    AUDIT_KEY_TEXT)))
		r = err_set(e, ERR_CORRUPT, "'%s' is no key; move it away, and "
		    "a new one is made", path.p);
	buf_wipe(&text);
	buf_release(&path);
	buf_release(&dir);
	return r;
}

static int
key_write(const char *path, const uint8_t secret[SIGN_KEY], struct err *e)
{
	char text[sizeof HEAD + AUDIT_KEY_TEXT + 1] = HEAD;
	char *key = text + sizeof HEAD - 1;
	int r;

	base64url_encode(key, secret, SIGN_KEY);
	key[AUDIT_KEY_TEXT] = '\n';
	r = file_replace(path, text, sizeof text - 1, e);
	mem_wipe(text, sizeof text);
	return r;
}

/* The row before the file: what is there was told of. */
static int
key_make(struct store *st, const char *path, uint8_t secret[SIGN_KEY],
    struct err *e)
{
	struct audit_public p;
	int r;

	if (random_bytes(secret, SIGN_KEY, e) < 0 ||
	    audit_public_of(secret, &p, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	if ((r = audit_add(st, "key_new", p.id, "of the audit log", e)) == 0)
		r = key_write(path, secret, e);
	return tx_end(st->db, r, e);
}

int
audit_key_need(struct store *st, uint8_t secret[SIGN_KEY], struct err *e)
{
	struct buf dir = BUF_INIT, path = BUF_INIT, lock_path = BUF_INIT;
	struct lock lock = LOCK_INIT;
	int r;

	key_path(st, &dir, &path);
	file_join(&lock_path, dir.p, ".lock");
	if ((r = audit_key_read(st, secret, e)) < 0 &&
	    e->code == ERR_ABSENT && (r = file_mkdirs(dir.p, 0700, e)) == 0 &&
	    (r = lock_take(&lock, lock_path.p, WAIT_MS, e)) == 0 &&
	    /* somebody else may have made it just now */
	    (r = audit_key_read(st, secret, e)) < 0 && e->code == ERR_ABSENT)
		r = key_make(st, path.p, secret, e);
	lock_drop(&lock);
	buf_release(&lock_path);
	buf_release(&path);
	buf_release(&dir);
	return r;
}
