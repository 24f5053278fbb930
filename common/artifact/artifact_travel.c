/*
 * Artifacts as lines, and lines as artifacts.  What comes is bounded and
 * looked at before it is a row: keys of objects become paths, and names of
 * objects at providers.
 */
#include "artifact/artifact_merge.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "artifact/artifact_conf.h"
#include "blob/artifact_key.h"
#include "artifact/artifact_meta.h"
#include "memory/tombstone.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/name.h"
#include "store/node.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define JSON_BYTES ((size_t)64 << 10)	/* of a provider's words, ... */
#define NAME_BYTES 1024			/* of a file's name */

/* --- going ------------------------------------------------------------- */

/* How a state is told; NULL: it does not travel.  That bytes were not found is
 * known to who looked, and does not either. */
static const char *
state_told(const struct artifact *a)
{
	switch (a->state) {
	case ARTIFACT_PENDING:
	case ARTIFACT_DELETING:
	case ARTIFACT_DELETE_FAILED:
		return NULL;
	case ARTIFACT_UNAVAILABLE:
		return artifact_states[a->provider == ARTIFACT_FILECOIN ?
		    ARTIFACT_AVAILABLE : ARTIFACT_STORED];
	default:
		return artifact_states[a->state];
	}
}

static int
names_of(struct store *st, int64_t seq, json_t *o, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT u.name, s.name FROM artifact a "
	    "JOIN user u ON u.id = a.user LEFT JOIN session s "
	    "ON s.seq = a.session WHERE a.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		json_object_set_new(o, "user", json_string(db_get_text(q,
		    0)));
		if (!db_is_null(q, 1))
			json_object_set_new(o, "session_id",
			    json_string(db_get_text(q, 1)));
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static void
add_sum(json_t *o, const char *key, bool has, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	if (!has)
		return;
	hex_encode(hex, sum, HASH_LEN);
	json_object_set_new(o, key, json_string(hex));
}

/* Of one that is deleted only where it was. */
static void
add_object(json_t *o, const struct artifact *a)
{
	struct err ignored;	/* a codec that was damaged is none */
	json_t *codec;

	if (a->provider != ARTIFACT_POINTER) {
		json_object_set_new(o, "provider",
		    json_string(artifact_providers[a->provider]));
		json_object_set_new(o, "object", json_string(a->object));
	}
	if (a->state == ARTIFACT_DELETED)
		return;
	if (a->size >= 0)
		json_object_set_new(o, "size_bytes", json_integer(a->size));
	if (a->provider != ARTIFACT_POINTER)
		json_object_set_new(o, "object_bytes",
		    json_integer(a->osize));
	add_sum(o, "object_sha256", a->has_sum, a->sum);
	add_sum(o, "content_sha256", a->has_hash, a->hash);
	if (a->codec != NULL && (codec = json_read(a->codec,
	    strlen(a->codec), &ignored)) != NULL)
		json_object_set_new(o, "codec", codec);
	if (a->said != NULL)
		json_object_set(o, "said", a->said);
	if (json_object_size(a->body) > 0)
		json_object_set(o, "body", a->body);
}

static int
write_line(struct store *st, const struct artifact *a, int64_t own,
    struct buf *b, struct err *e)
{
	const char *state = state_told(a);
	char id[ULID_LEN + 1];
	json_t *o;
	int r;

	if (state == NULL)
		return 0;
	ulid_from_bytes(id, a->id);
	o = json_pack("{s:s, s:s, s:s, s:I, s:I}", "type", "artifact_row",
	    "artifact_id", id, "status", state, "timestamp",
	    (json_int_t)a->created_ms, "at", (json_int_t)a->at_ms);
	if (a->node != own)
		json_object_set_new(o, "node", json_integer(a->node));
	add_object(o, a);
	if ((r = names_of(st, a->seq, o, e)) == 0) {
		json_write(b, o);
		buf_addc(b, '\n');
	}
	json_decref(o);
	return r < 0 ? -1 : 1;
}

int
artifact_line(struct store *st, int64_t seq, int64_t own, struct buf *b,
    struct err *e)
{
	struct artifact a;
	int r = artifact_row(st, seq, &a, e);

	if (r != 1)
		return r;
	r = write_line(st, &a, own, b, e);
	artifact_release(&a);
	return r;
}

/* --- coming ------------------------------------------------------------ */

struct names {
	const char *user, *session;	/* borrowed; NULL: not said */
};

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "an artifact's %s is missing, or is "
	    "none", what);
}

static int
read_names(const json_t *o, struct names *n, struct err *e)
{
	const char *wrong = NULL;
	struct err why;

	n->user = get_str(o, "user", &wrong);
	n->session = get_str(o, "session_id", &wrong);
	if (wrong != NULL || (n->user != NULL && name_check("user", n->user,
	    &why) < 0))
		return bad(e, wrong != NULL ? wrong : "user");
	return n->session != NULL && name_check("session_id", n->session,
	    &why) < 0 ? bad(e, "session_id") : 0;
}

/* 0; -1: there, and no SHA-256. */
static int
read_sum(const json_t *o, const char *key, bool *has, uint8_t sum[HASH_LEN])
{
	const char *wrong = NULL, *hex = get_str(o, key, &wrong);

	*has = hex != NULL;
	return wrong != NULL || (hex != NULL && (strlen(hex) != HASH_HEX ||
	    !hex_decode(sum, hex, HASH_LEN))) ? -1 : 0;
}

/* An object of a moderate size: 1 *out, borrowed; 0 absent; -1. */
static int
read_part(const json_t *o, const char *key, json_t **out)
{
	json_t *v = json_object_get(o, key);
	struct buf text = BUF_INIT;
	size_t n;

	*out = NULL;
	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_object(v))
		return -1;
	json_write(&text, v);
	n = text.len;
	buf_release(&text);
	*out = v;
	return n <= JSON_BYTES ? 1 : -1;
}

static int
read_state(struct artifact *a, const json_t *o)
{
	static const enum artifact_state travel[] = { ARTIFACT_STORED,
	    ARTIFACT_ACCEPTED, ARTIFACT_AVAILABLE, ARTIFACT_DELETED,
	    ARTIFACT_FAILED };
	const char *name = get_str(o, "status", NULL);
	size_t i;

	for (i = 0; i < sizeof travel / sizeof *travel; i++)
		if (str_eq(artifact_states[travel[i]], name)) {
			a->state = travel[i];
			return 0;
		}
	return -1;
}

/* Which states there are depends on the provider. */
static bool
state_fits(const struct artifact *a)
{
	switch (a->state) {
	case ARTIFACT_STORED:
		return a->provider != ARTIFACT_FILECOIN;
	case ARTIFACT_ACCEPTED:
		return a->provider > ARTIFACT_LOCAL;
	case ARTIFACT_AVAILABLE:
		return a->provider == ARTIFACT_FILECOIN;
	case ARTIFACT_FAILED:
		return a->provider != ARTIFACT_POINTER;
	default:
		return true;
	}
}

static int
read_object(struct artifact *a, const json_t *o, struct err *e)
{
	const char *wrong = NULL, *by = get_str(o, "provider", &wrong),
	    *object = get_str(o, "object", &wrong);
	int n = ARTIFACT_POINTER;

	if (wrong != NULL || (by != NULL && (n = artifact_provider(by)) < 0))
		return bad(e, "provider");
	a->provider = (enum artifact_provider)n;
	if ((object != NULL) != (n != ARTIFACT_POINTER) || (object != NULL &&
	    !artifact_key_good(object)))
		return bad(e, "object");
	a->object = object != NULL ? xstrdup(object) : NULL;
	if (!state_fits(a))
		return bad(e, "status");
	return 0;
}

static int
read_bytes(struct artifact *a, const json_t *o, struct err *e)
{
	struct buf text = BUF_INIT;
	json_t *codec, *said;

	if (get_int(o, "size_bytes", &a->size) < 0 || a->size < -1 ||
	    get_int(o, "object_bytes", &a->osize) < 0 || a->osize < 0)
		return bad(e, "size");
	if (read_sum(o, "object_sha256", &a->has_sum, a->sum) < 0 ||
	    read_sum(o, "content_sha256", &a->has_hash, a->hash) < 0 ||
	    (a->provider == ARTIFACT_LOCAL && !a->has_sum &&
	    a->state != ARTIFACT_FAILED))
		return bad(e, "SHA-256");
	if (read_part(o, "codec", &codec) < 0 ||
	    read_part(o, "said", &said) < 0)
		return bad(e, "codec, or what its provider said,");
	if (codec != NULL) {
		json_write(&text, codec);
		a->codec = buf_steal(&text);
	}
	a->said = json_incref(said);
	return 0;
}

static int
text_of(const json_t *body, const char *key, size_t most, struct err *e)
{
	const char *wrong = NULL, *s = get_str(body, key, &wrong);

	return wrong != NULL || (s != NULL && strlen(s) > most) ?
	    bad(e, key) : 0;
}

/* What it is called elsewhere is believed, but for its size. */
static int
read_body(struct artifact *a, const json_t *o, struct err *e)
{
	json_t *body;
	int r = read_part(o, "body", &body);

	if (r < 0)
		return bad(e, "body");
	if (r == 1 && (text_of(body, "uri", ARTIFACT_URI_MAX, e) < 0 ||
	    text_of(body, "filename", NAME_BYTES, e) < 0 ||
	    text_of(body, "content_type", NAME_BYTES, e) < 0 ||
	    artifact_meta_check(json_object_get(body, "metadata"), e) < 0))
		return -1;
	a->body = r == 1 ? json_incref(body) : json_object();
	return 0;
}

static int
read_row(struct artifact *a, const json_t *o, int64_t node, struct err *e)
{
	const char *id = get_str(o, "artifact_id", NULL);

	a->size = -1;
	a->node = node;
	if (id == NULL || !artifact_id_read(id, a->id))
		return bad(e, "artifact_id");
	if (read_state(a, o) < 0)
		return bad(e, "status");
	if (get_time(o, "timestamp", &a->created_ms) != 1 ||
	    get_time(o, "at", &a->at_ms) != 1)
		return bad(e, "timestamp or at");
	if (get_int(o, "node", &a->node) < 0 || a->node < 0)
		return bad(e, "node");
	if (read_object(a, o, e) < 0)
		return -1;
	if (a->state == ARTIFACT_DELETED) {
		a->body = json_object();
		return 0;
	}
	return read_bytes(a, o, e) < 0 ? -1 : read_body(a, o, e);
}

/* Whose it is, and of which session.  One that is deleted makes none. */
static int
find_place(struct store *st, struct artifact *a, const struct names *n,
    struct err *e)
{
	int r;

	if (store_user(st, n->user != NULL ? n->user : st->user, true,
	    &a->user, e) < 0)
		return -1;
	if (n->session == NULL)
		return 0;
	if ((r = tombstone_has_session(st, a->user, n->session, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "the session was forgotten");
	return session_row_of(st, a->user, n->session, a->state !=
	    ARTIFACT_DELETED, &a->session, e);
}

int
artifact_row_add(struct store *st, const json_t *o, int64_t node,
    bool *clash, struct err *e)
{
	struct artifact a = { .seq = 0 };
	struct names n;
	int r;

	*clash = false;
	if ((r = read_names(o, &n, e)) == 0 &&
	    (r = read_row(&a, o, node, e)) == 0 &&
	    (r = find_place(st, &a, &n, e)) == 0 &&
	    (a.node != 0 || (r = node_number(st, &a.node, e)) == 0))
		r = artifact_merge(st, &a, clash, e);
	artifact_release(&a);
	return r;
}

/* --- pointers that somebody brings ------------------------------------- */

static json_t *
pointer_body(const json_t *o)
{
	static const char *const keys[] = { "content_type", "uri",
	    "filename" };
	json_t *body = json_object(), *v;
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if ((v = json_object_get(o, keys[i])) != NULL &&
		    !json_is_null(v))
			json_object_set(body, keys[i], v);
	v = json_object_get(o, "metadata");
	if (json_object_size(v) > 0)
		json_object_set(body, "metadata", v);
	return body;
}

static int
pointer_check(struct store *st, const json_t *o, struct err *e)
{
	const char *wrong = NULL, *uri, *type, *mode, *status;
	struct artifact_conf c = { .managed = false };
	json_t *meta = json_object_get(o, "metadata");
	int r;

	uri = get_str(o, "uri", &wrong);
	type = get_str(o, "content_type", &wrong);
	mode = get_str(o, "mode", &wrong);
	status = get_str(o, "status", &wrong);
	if (mode != NULL ? !str_eq(mode, "pointer_only") : uri == NULL)
		return err_set(e, ERR_INPUT, "a managed artifact comes with "
		    "mem-sync, or mem-artifact put");
	if (wrong != NULL || uri == NULL)
		return bad(e, wrong != NULL ? wrong : "uri");
	if (status != NULL && !str_eq(status, artifact_states[
	    ARTIFACT_STORED]))
		return err_set(e, ERR_INPUT, "an artifact that is deleted is "
		    "not stored");
	if (json_is_null(meta))
		meta = NULL;
	if (text_of(o, "filename", NAME_BYTES, e) < 0 || (type != NULL &&
	    artifact_type_check(type, e) < 0) ||
	    artifact_meta_check(meta, e) < 0)
		return -1;
	if ((r = artifact_schemes_read(&c, st, e)) == 0)
		r = artifact_uri_check(&c, uri, e);
	strv_release(&c.schemes);
	return r;
}

/* As ids of events are made: the same record has the same. */
static int
pointer_id(struct artifact *a, const json_t *o, const char *user,
    const char *session, struct err *e)
{
	const char *wrong = NULL, *id = get_str(o, "artifact_id", &wrong);
	char made[ULID_LEN + 1];
	struct buf body = BUF_INIT;
	uint8_t sum[HASH_LEN];
	struct hash h;

	if (wrong != NULL || (id != NULL && !artifact_id_read(id, a->id)))
		return bad(e, "artifact_id");
	if (get_time(o, "timestamp", &a->created_ms) != 1) {
		if (id == NULL || json_object_get(o, "timestamp") != NULL)
			return bad(e, "timestamp");
		a->created_ms = ulid_time(a->id);
	}
	if (id != NULL)
		return 0;
	if (a->created_ms < 0)
		return bad(e, "timestamp");
	json_sorted(&body, a->body);
	hash_init(&h);
	hash_add_field(&h, "memkit-artifact-1");
	hash_add_field(&h, user);
	hash_add_field(&h, session != NULL ? session : "");
	hash_add_field(&h, body.p);
	hash_end(&h, sum);
	buf_release(&body);
	ulid_format(made, a->created_ms, sum);
	ulid_parse(made, a->id);
	return 0;
}

/* 1 new, 0 the same is there. */
static int
pointer_put(struct store *st, struct artifact *a, struct err *e)
{
	struct artifact here;
	int r = artifact_row_id(st, a->id, &here, e);

	if (r < 0)
		return -1;
	if (r == 0)
		return artifact_insert(st, a, e) < 0 ||
		    artifact_tell(st, a->seq, e) < 0 ? -1 : 1;
	if (here.user != a->user)
		r = err_set(e, ERR_EXISTS, "the id is of another artifact");
	else if (here.state == ARTIFACT_DELETED)
		r = err_set(e, ERR_DENIED, "the artifact was deleted");
	else
		r = here.provider == ARTIFACT_POINTER &&
		    here.session == a->session &&
		    here.created_ms == a->created_ms &&
		    json_equal(here.body, a->body) ? 0 :
		    err_set(e, ERR_EXISTS, "the id is of another artifact");
	artifact_release(&here);
	return r;
}

int
artifact_pointer_add(struct store *st, const json_t *o,
    char id[ULID_LEN + 1], struct err *e)
{
	struct artifact a = { .size = -1, .body = pointer_body(o) };
	struct names n;
	int r;

	if ((r = read_names(o, &n, e)) == 0 &&
	    (r = pointer_check(st, o, e)) == 0 &&
	    (r = pointer_id(&a, o, n.user != NULL ? n.user : st->user,
	    n.session, e)) == 0) {
		ulid_from_bytes(id, a.id);
		if ((r = find_place(st, &a, &n, e)) == 0)
			r = pointer_put(st, &a, e);
	}
	artifact_release(&a);
	return r;
}
