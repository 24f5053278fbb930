#include "artifact/artifact.h"

#include "base/json.h"
#include "base/str.h"
#include "memory/granted.h"
#include "store/db.h"
#include "store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const artifact_states[ARTIFACT_STATES + 1] = { "stored",
    "pending", "pending", "available", "unavailable", "deleting", "deleted",
    "delete_failed", "failed", NULL };
const char *const artifact_providers[ARTIFACT_PROVIDERS + 1] = { "",
    "local_fs", "s3", "filecoin", NULL };

int
artifact_provider(const char *name)
{
	int i;

	for (i = ARTIFACT_LOCAL; i < ARTIFACT_PROVIDERS; i++)
		if (str_eq(artifact_providers[i], name))
			return i;
	return -1;
}

void
artifact_release(struct artifact *a)
{
	free(a->object);
	free(a->codec);
	json_decref(a->said);
	json_decref(a->body);
	memset(a, 0, sizeof *a);
}

int
artifact_id_read(const char *s, uint8_t id[ULID_BYTES])
{
	return strlen(s) == ULID_LEN && ulid_parse(s, id);
}

/* --- errors ------------------------------------------------------------ */

static const char *const codes[] = { ARTIFACT_NOT_FOUND, ARTIFACT_NOT_MANAGED,
    ARTIFACT_SCHEME, ARTIFACT_METADATA, ARTIFACT_IN_USE,
    ARTIFACT_DELETE_IN_FLIGHT, ARTIFACT_NOT_READY, ARTIFACT_NOT_THERE,
    ARTIFACT_DISABLED, ARTIFACT_NO_BACKEND, ARTIFACT_POST_PERSIST,
    ARTIFACT_TOO_LARGE, NULL };

int
artifact_fail(struct err *e, const char *code, const char *fmt, ...)
{
	char text[sizeof e->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(e, str_eq(code, ARTIFACT_NOT_FOUND) ? ERR_ABSENT :
	    ERR_INPUT, "%s: %s", code, text);
}

const char *
artifact_code(const struct err *e, const char **rest)
{
	size_t i, n;

	for (i = 0; codes[i] != NULL; i++) {
		n = strlen(codes[i]);
		if (strncmp(e->msg, codes[i], n) == 0 && e->msg[n] == ':') {
			*rest = e->msg + n + 1 + (e->msg[n + 1] == ' ');
			return codes[i];
		}
	}
	return NULL;
}

/* --- the record -------------------------------------------------------- */

/* What of a provider's words is shown: nothing else gets out. */
static const struct {
	enum artifact_provider provider;
	const char *key;
} shown[] = {
	{ ARTIFACT_LOCAL, "etag" },
	{ ARTIFACT_S3, "etag" }, { ARTIFACT_S3, "version_id" },
	{ ARTIFACT_FILECOIN, "cid" }, { ARTIFACT_FILECOIN, "root_cid" },
	{ ARTIFACT_FILECOIN, "status" },
};

static json_t *
provider_metadata(const struct artifact *a)
{
	json_t *o = json_object(), *v;
	size_t i;

	for (i = 0; i < sizeof shown / sizeof *shown; i++) {
		v = json_object_get(a->said, shown[i].key);
		if (shown[i].provider == a->provider && json_is_string(v))
			json_object_set(o, shown[i].key, v);
	}
	if (json_object_size(o) > 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Where it is, as far as others may know: our own folder is not told. */
static json_t *
uri_of(const struct artifact *a)
{
	const char *name;

	switch (a->provider) {
	case ARTIFACT_LOCAL:
		return json_sprintf("local-fs://%s", a->object);
	case ARTIFACT_S3:
		name = get_str(a->said, "bucket", NULL);
		return name == NULL ? NULL : json_sprintf("s3://%s/%s", name,
		    a->object);
	case ARTIFACT_FILECOIN:
		name = get_str(a->said, "cid", NULL);
		return name == NULL ? NULL : json_sprintf("ipfs://%s", name);
	default:
		return json_incref(json_object_get(a->body, "uri"));
	}
}

const char *
artifact_status(const struct artifact *a)
{
	if (a->provider == ARTIFACT_LOCAL && !a->here &&
	    a->state == ARTIFACT_STORED)
		return artifact_states[ARTIFACT_UNAVAILABLE];
	return artifact_states[a->state];
}

static void
set(json_t *o, const char *key, json_t *v)
{
	if (v != NULL && !json_is_null(v))
		json_object_set_new(o, key, v);
}

static json_t *
of_body(const struct artifact *a, const char *key)
{
	return json_incref(json_object_get(a->body, key));
}

static int
session_name(struct store *st, int64_t session, json_t **out, struct err *e)
{
	struct db_query *q;
	int r;

	*out = NULL;
	if (session == 0)
		return 0;
	if ((q = db_sql(st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", session);
	if ((r = db_row(q, e)) == 1)
		*out = json_string(db_get_text(q, 0));
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
user_name(struct store *st, const struct artifact *a, json_t **out,
    struct err *e)
{
	struct buf name = BUF_INIT;
	int r = 0;

	if (a->graft[0] == '\0')
		buf_adds(&name, st->user);
	else
		r = store_user_name(st, a->user, &name, e);
	*out = r >= 0 ? json_string(name.p) : NULL;
	buf_release(&name);
	return r < 0 ? -1 : 0;
}

json_t *
artifact_json(struct store *st, const struct artifact *a, struct err *e)
{
	bool managed = a->provider != ARTIFACT_POINTER;
	char id[ULID_LEN + 1], hex[HASH_HEX + 1];
	json_t *o, *session, *user, *meta = of_body(a, "metadata");

	if (user_name(st, a, &user, e) < 0)
		return NULL;
	if (session_name(st, a->session, &session, e) < 0) {
		json_decref(user);
		return NULL;
	}
	ulid_from_bytes(id, a->id);
	o = json_pack("{s:s, s:s, s:s, s:s}", "type", "artifact",
	    "artifact_id", id, "mode", managed ? "managed_blob" :
	    "pointer_only", "status", artifact_status(a));
	if (managed)
		set(o, "provider", json_string(artifact_providers[
		    a->provider]));
	set(o, "uri", a->state == ARTIFACT_DELETED ? NULL : uri_of(a));
	set(o, "filename", of_body(a, "filename"));
	set(o, "content_type", of_body(a, "content_type"));
	if (a->size >= 0)
		set(o, "size_bytes", json_integer(a->size));
	set(o, "metadata", meta != NULL ? meta : json_object());
	if (a->has_hash) {
		hex_encode(hex, a->hash, HASH_LEN);
		set(o, "content_hash", json_sprintf("sha256:%s", hex));
	}
	set(o, "provider_metadata", provider_metadata(a));
	set(o, "session_id", session);
	set(o, "user", user);
	if (a->graft[0] != '\0')
		set(o, "graft", json_string(a->graft));
	set(o, "timestamp", json_integer(a->created_ms));
	set(o, "updated", json_integer(a->at_ms));
	return o;
}
