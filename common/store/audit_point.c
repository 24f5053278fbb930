#include "store/audit_point.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "store/audit_chain.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define LABEL "memkit audit checkpoint 1"	/* with its NUL */
#define TYPE "audit_checkpoint"
#define SIGNATURE_TEXT 86	/* base64url of SIGN_LEN bytes */

void
audit_point_release(struct audit_point *p)
{
	free(p->tenant);
	memset(p, 0, sizeof *p);
}

/* --- what is signed ---------------------------------------------------- */

static void
add_number(struct buf *b, uint64_t n)
{
	int i;

	for (i = 0; i < 8; i++)
		buf_addc(b, (int)(n >> (56 - 8 * i) & 0xff));
}

static void
add_text(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	add_number(b, n);
	buf_add(b, s, n);
}

static void
signed_text(const struct audit_point *p, struct buf *b)
{
	buf_add(b, LABEL, sizeof LABEL);
	add_text(b, p->store_id);
	add_text(b, p->tenant);
	add_text(b, p->key_id);
	add_number(b, (uint64_t)p->seq);
	add_number(b, (uint64_t)p->at_ms);
	buf_add(b, p->hash, HASH_LEN);
}

int
audit_point_signed(const struct audit_point *p, const struct audit_public *k,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (strcmp(p->key_id, k->id) != 0)
		return 0;
	signed_text(p, &b);
	r = sign_check(k->key, b.p, b.len, p->signature, e);
	buf_release(&b);
	return r;
}

/* --- making one -------------------------------------------------------- */

static int
last_row(struct db *db, struct audit_point *p, struct err *e)
{
	struct db_query *q;
	const void *hash;
	size_t n;
	int r;

	if ((q = db_sql(db, e, "SELECT seq, hash FROM audit "
	    "ORDER BY seq DESC LIMIT 1")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		p->seq = db_get_int(q, 0);
		hash = db_get_blob(q, 1, &n);
		if (n == HASH_LEN)
			memcpy(p->hash, hash, n);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
audit_point_make(struct store *st, struct db *db, const char *tenant,
    struct audit_point *out, struct err *e)
{
	struct audit_point p = { .at_ms = date_real() };
	uint8_t secret[SIGN_KEY];
	struct buf b = BUF_INIT;
	struct audit_public k;
	int r;

	memcpy(p.store_id, st->id, sizeof p.store_id);
	p.tenant = xstrdup(tenant);
	/* the row of a new key is before it */
	if ((r = audit_key_need(st, secret, e)) == 0 &&
	    (r = audit_public_of(secret, &k, e)) == 0 &&
	    (r = last_row(db, &p, e)) == 0 &&
	    (r = db_sync(db, e)) == 0) {
		memcpy(p.key_id, k.id, sizeof p.key_id);
		signed_text(&p, &b);
		r = sign_text(secret, b.p, b.len, p.signature, e);
	}
	mem_wipe(secret, sizeof secret);
	buf_release(&b);
	if (r < 0)
		audit_point_release(&p);
	else
		*out = p;
	return r;
}

/* --- as a line --------------------------------------------------------- */

void
audit_point_write(const struct audit_point *p, struct buf *b)
{
	char hex[HASH_HEX + 1], text[SIGNATURE_TEXT + 1];

	hex_encode(hex, p->hash, HASH_LEN);
	base64url_encode(text, p->signature, SIGN_LEN);
	buf_adds(b, "{\"type\":\"" TYPE "\"");
	json_add_text(b, "store_id", p->store_id);
	json_add_text(b, "tenant", p->tenant);
	json_add_int(b, "seq", p->seq);
	json_add_text(b, "hash", hex);
	json_add_int(b, "timestamp", p->at_ms);
	json_add_text(b, "key_id", p->key_id);
	json_add_text(b, "signature", text);
	buf_addc(b, '}');
}

/* NULL: it is as it should be. */
static const char *
take(struct audit_point *p, const json_t *o)
{
	const char *s;
	uint8_t id[ULID_BYTES];
	struct err ignored;	/* it is not what it should be, that is all */

	if (!str_eq(get_str(o, "type", NULL), TYPE))
		return "type";
	if ((s = get_str(o, "store_id", NULL)) == NULL ||
	    strlen(s) != ULID_LEN || !ulid_parse(s, id))
		return "store_id";
	memcpy(p->store_id, s, sizeof p->store_id);
	if ((s = get_str(o, "tenant", NULL)) == NULL ||
	    (*s != '\0' && name_check("the tenant's name", s, &ignored) < 0))
		return "tenant";
	p->tenant = xstrdup(s);
	if (get_int(o, "seq", &p->seq) != 1 || p->seq < 0)
		return "seq";
	if ((s = get_str(o, "hash", NULL)) == NULL || !hex_is(s, HASH_HEX))
		return "hash";
	hex_decode(p->hash, s, HASH_LEN);
	if (get_int(o, "timestamp", &p->at_ms) != 1)
		return "timestamp";
	if ((s = get_str(o, "key_id", NULL)) == NULL ||
	    !hex_is(s, AUDIT_KEY_ID))
		return "key_id";
	memcpy(p->key_id, s, sizeof p->key_id);
	if ((s = get_str(o, "signature", NULL)) == NULL ||
	    !base64url_decode(p->signature, SIGN_LEN, s, strlen(s)))
		return "signature";
	return NULL;
}

int
audit_point_read(struct audit_point *out, const char *text, size_t len,
    struct err *e)
{
	struct audit_point p = { .tenant = NULL };
	const char *wrong;
	json_t *o;

	if (len > AUDIT_POINT_MAX)
		return err_set(e, ERR_INPUT, "it is too long for a checkpoint");
	if ((o = json_read(text, len, e)) == NULL)
		return -1;
	wrong = take(&p, o);
	json_decref(o);
	if (wrong == NULL) {
		*out = p;
		return 0;
	}
	audit_point_release(&p);
	return err_set(e, ERR_INPUT, "it is no checkpoint of an audit log: "
	    "its '%s' is not as it should be", wrong);
}
