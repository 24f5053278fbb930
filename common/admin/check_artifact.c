/*
 * Artifacts: what their rows say of themselves, and the bytes on this disk.
 */
#include "admin/check.h"

#include "artifact/artifact.h"
#include "artifact/artifact_conf.h"
#include "base/json.h"
#include "base/ulid.h"
#include "blob/artifact_codec.h"
#include "blob/artifact_key.h"
#include "blob/blob_local.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BATCH 256	/* rows that are read at once */

/* What the CHECKs of the schema say (check_rows.c). */
#define WRONG \
	"SELECT seq, 'id' FROM artifact WHERE length(id) <> 16 UNION ALL " \
	"SELECT seq, 'state' FROM artifact WHERE " \
	"state NOT BETWEEN 0 AND 8 UNION ALL " \
	"SELECT seq, 'provider' FROM artifact WHERE " \
	"provider NOT BETWEEN 0 AND 3 UNION ALL " \
	"SELECT seq, 'object' FROM artifact WHERE " \
	"(provider = 0) <> (object IS NULL) UNION ALL " \
	"SELECT seq, 'size' FROM artifact WHERE size < -1 OR osize < 0 " \
	"UNION ALL " \
	"SELECT seq, 'sum' FROM artifact WHERE length(sum) <> 32 UNION ALL " \
	"SELECT seq, 'hash' FROM artifact WHERE length(hash) <> 32 UNION ALL " \
	"SELECT seq, 'here' FROM artifact WHERE here NOT IN (0, 1)"

/* Of the session of one that was forgotten nothing is left. */
#define HOMELESS "SELECT a.seq, s.seq FROM artifact a LEFT JOIN session s " \
	"ON s.seq = a.session WHERE a.session <> 0 AND a.state <= 4 AND " \
	"s.user IS NOT a.user"

static void
name_row(char *where, size_t size, int64_t seq)
{
	snprintf(where, size, "artifact row %" PRId64, seq);
}

static int
check_columns(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, WRONG)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		name_row(where, sizeof where, db_get_int(q, 0));
		if ((r = check_report(c, e, "value", CHECK_RESTORE, where,
		    "its column %s holds what cannot be",
		    db_get_text(q, 1))) < 0)
			break;
	}
	db_end(q);
	return r;
}

static int
check_sessions(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, HOMELESS)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		name_row(where, sizeof where, db_get_int(q, 0));
		r = db_is_null(q, 1) ? check_report(c, e, "reference",
		    CHECK_RESTORE, where, "it names a row of session that is "
		    "not there") : check_report(c, e, "artifact",
		    CHECK_RESTORE, where, "its session, row %" PRId64 ", is "
		    "another user's", db_get_int(q, 1));
		if (r < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- JSON, and keys ---------------------------------------------------- */

/* An object; own.  NULL: it is none. */
static json_t *
read_object(const char *text)
{
	struct err ignored;	/* that it is none is all there is to tell */
	json_t *o = text == NULL ? NULL : json_read(text, strlen(text),
	    &ignored);

	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

static bool
is_text_or_none(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v == NULL || json_is_string(v);
}

/* What is wrong with a body, or NULL; of one that was deleted nothing is
 * left, and a pointer points somewhere. */
static const char *
body_wrong(const char *text, bool deleted, bool pointer)
{
	json_t *o = read_object(text), *meta = json_object_get(o, "metadata");
	const char *why = NULL;

	if (o == NULL)
		why = "its body is not JSON";
	else if (deleted && json_object_size(o) > 0)
		why = "it was deleted, and has a body";
	else if (!is_text_or_none(o, "filename") ||
	    !is_text_or_none(o, "content_type") ||
	    !is_text_or_none(o, "uri") ||
	    (meta != NULL && !json_is_object(meta)))
		why = "its body has what cannot be there";
	else if (pointer && !deleted && json_object_get(o, "uri") == NULL)
		why = "it points nowhere";
	json_decref(o);
	return why;
}

static bool
codec_wrong(const char *text, int64_t size)
{
	struct artifact_codec codec;
	struct err ignored;

	return text != NULL && (size < 0 || artifact_codec_read(&codec, text,
	    strlen(text), (uint64_t)size, &ignored) < 0);
}

static bool
said_wrong(const char *text)
{
	json_t *o;

	if (text == NULL)
		return false;
	o = read_object(text);
	json_decref(o);
	return o == NULL;
}

/* The row at which q stands: what is wrong with it, or NULL. */
static const char *
row_wrong(struct db_query *q)
{
	bool deleted = db_get_int(q, 1) == ARTIFACT_DELETED;
	bool pointer = db_get_int(q, 2) == ARTIFACT_POINTER;
	const char *object = db_get_text(q, 4), *why;

	if ((why = body_wrong(db_get_text(q, 7), deleted, pointer)) != NULL)
		return why;
	if (object != NULL && !artifact_key_good(object))
		return "its object is no storage key";
	if (said_wrong(db_get_text(q, 6)))
		return "what its provider said is not JSON";
	if (codec_wrong(db_get_text(q, 5), db_get_int(q, 3)))
		return "how it is sealed cannot be read";
	return NULL;
}

int
check_artifacts(struct check *c, struct err *e)
{
	const char *why, *object;
	struct db_query *q;
	char where[80];
	int r;

	if (check_columns(c, e) < 0 || check_sessions(c, e) < 0 ||
	    (q = db_sql(c->st->db, e, "SELECT seq, state, provider, size, "
	    "object, codec, said, " OPEN_ARTIFACT("")
	    " FROM artifact")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		c->sums->artifacts++;
		if ((why = row_wrong(q)) == NULL)
			continue;
		name_row(where, sizeof where, db_get_int(q, 0));
		if ((r = check_report(c, e, "artifact", CHECK_RESTORE, where,
		    "%s", why)) < 0)
			break;
	}
	db_end(q);
	if (r < 0 || (q = db_sql(c->st->db, e, "SELECT seq, object, said "
	    "FROM artifact_byte")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		object = db_get_text(q, 1);
		if (object != NULL && artifact_key_good(object) &&
		    !said_wrong(db_get_text(q, 2)))
			continue;
		snprintf(where, sizeof where, "artifact_byte row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "artifact", CHECK_RESTORE, where,
		    "what it says of bytes that are to go is none of ours"))
		    < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- bytes on this disk ------------------------------------------------ */

struct bytes {
	struct check *c;
	struct blob_provider local;
	int64_t last;			/* row */
};

static bool
is_here(const struct artifact *a)
{
	return a->provider == ARTIFACT_LOCAL && a->here &&
	    a->state == ARTIFACT_STORED && a->object != NULL &&
	    artifact_key_good(a->object);
}

/* 1 they are as the row says, 0 they are not: why. */
static int
look(struct bytes *b, const struct artifact *a, struct err *why, struct err *e)
{
	struct blob blob = { .key = a->object };

	if (b->local.kind->head(b->local.p, &blob, 1, e) < 0)
		return -1;
	if (blob.r < 0)
		*why = blob.err;
	else if (blob.where != BLOB_THERE)
		err_set(why, ERR_ABSENT, "its bytes are not there");
	else if (blob.size != (uint64_t)a->osize)
		err_set(why, ERR_CORRUPT, "there are %" PRIu64 " bytes of it, "
		    "not %" PRId64, blob.size, a->osize);
	else
		return 1;
	return 0;
}

/*
 * A row says that bytes go before they do, and that they are there after
 * they are; so one whose bytes are not there says so again when it is asked
 * once more, or somebody was at it.
 */
static int
check_one(void *arg, struct artifact *a, struct err *e)
{
	struct bytes *b = arg;
	struct artifact now;
	struct err why;
	char where[80];
	int r;

	b->last = a->seq;
	if (!is_here(a) || (r = look(b, a, &why, e)) == 1)
		return 0;
	if (r < 0 || artifact_row(b->c->st, a->seq, &now, e) < 0)
		return -1;
	name_row(where, sizeof where, a->seq);
	if (is_here(&now) && strcmp(now.object, a->object) == 0)
		r = check_report(b->c, e, "artifact", "bring the file back "
		    "from a backup; mem-artifact verify marks the artifact "
		    "as unavailable, or as stored again", where, "object "
		    "'%s': %s", a->object, why.msg);
	artifact_release(&now);
	return r;
}

static int
any_here(struct check *c, struct err *e)
{
	int64_t any;

	return db_number(c->st->db, e, "SELECT EXISTS (SELECT 1 FROM artifact "
	    "WHERE provider = 1 AND here = 1)", 0, &any) < 0 ? -1 : any != 0;
}

int
check_bytes(struct check *c, struct err *e)
{
	struct bytes b = { .c = c };
	struct artifact_conf conf;
	struct err why;
	int64_t last;
	int r = any_here(c, e);

	if (r != 1)
		return r;
	if (artifact_conf_read(&conf, c->st, &why) < 0)
		return check_report(c, e, "artifact", "set it right, as "
		    "memkit.conf(5) tells", "settings", "%s", why.msg);
	blob_local_open(&b.local, conf.dir);
	do {
		last = b.last;
		r = artifact_each_open(c->st, true, last, BATCH, check_one,
		    &b, e);
	} while (r == 0 && b.last > last);
	b.local.kind->close(b.local.p);
	artifact_conf_release(&conf);
	return r;
}
