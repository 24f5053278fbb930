#include "store/credential.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "store/db.h"
#include "store/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECRET 32		/* bytes of a token that are random */
#define SECRET_TEXT 43		/* the same in base64url */
#define PREFIX "mkc_"
#define TOKEN_MAX 4096		/* bytes of a file that holds one */
#define COMMAND_MS 20000
#define BUSY_MS 10000
#define SCHEMA 1

extern const unsigned char data_sql_access_sql[];
extern const size_t data_sql_access_sql_len;

const char *const rights_names[] = { "read", "write", "tenant-write", "ltm",
    "sync", "audit", "admin", NULL };

void
credential_release(struct credential *c)
{
	free(c->name);
	free(c->tenant);
	free(c->user);
	free(c->session);
	free(c->by);
	memset(c, 0, sizeof *c);
}

/* --- rights ------------------------------------------------------------ */

int
rights_parse(const char *s, unsigned *rights, struct err *e)
{
	size_t n;
	int i;

	*rights = 0;
	for (; *s != '\0'; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		for (i = 0; rights_names[i] != NULL; i++)
			if (strlen(rights_names[i]) == n &&
			    memcmp(rights_names[i], s, n) == 0)
				break;
		if (rights_names[i] == NULL)
			return err_set(e, ERR_USAGE, "unknown right '%.*s'; "
			    "rights are read, write, tenant-write, ltm, sync, "
			    "audit, admin", n < 40 ? (int)n : 40, s);
		*rights |= 1U << i;
	}
	if (*rights == 0)
		return err_set(e, ERR_USAGE, "no right is named; rights are "
		    "read, write, tenant-write, ltm, sync, audit, admin");
	return 0;
}

void
rights_print(struct buf *b, unsigned rights)
{
	size_t before = b->len;
	int i;

	for (i = 0; rights_names[i] != NULL; i++)
		if (rights >> i & 1)
			buf_addf(b, "%s%s", b->len > before ? "," : "",
			    rights_names[i]);
}

/* --- the database ------------------------------------------------------ */

static int
make_schema(struct db *db, struct err *e)
{
	struct buf sql = BUF_INIT;
	int64_t version;
	int r;

	if (tx_begin(db, e) < 0)
		return -1;
	r = db_number(db, e, "PRAGMA user_version", 0, &version);
	if (r == 0 && version == 0) {
		buf_add(&sql, data_sql_access_sql, data_sql_access_sql_len);
		buf_addf(&sql, "PRAGMA user_version = %d;", SCHEMA);
		r = db_script(db, sql.p, e);
		buf_release(&sql);
	}
	return tx_end(db, r, e);
}

static int
check_schema(struct db *db, const char *path, struct err *e)
{
	int64_t version;

	if (db_number(db, e, "PRAGMA user_version", 0, &version) < 0)
		return -1;
	if (version > SCHEMA)
		return err_set(e, ERR_VERSION, "'%s' was made by a newer "
		    "memkit; upgrade memkit", path);
	if (version < SCHEMA)
		return err_set(e, ERR_CORRUPT, "'%s' holds no credentials; "
		    "restore it from a backup", path);
	return 0;
}

int
credential_verify(struct db *db, const char *name, struct err *e)
{
	struct buf what = BUF_INIT;
	int r;

	if ((r = verify_made(db, make_schema, &what, e)) == 0)
		err_set(e, ERR_CORRUPT, "'%s' is not as memkit makes it: %s",
		    name, what.p);
	buf_release(&what);
	return r == 1 ? verify_pages(db, name, e) : -1;
}

/* A writer that was killed leaves a journal, which only who may write can play
 * back. */
static bool
was_cut_off(const char *path)
{
	struct buf journal = BUF_INIT;
	bool r;

	buf_addf(&journal, "%s-journal", path);
	r = file_exists(journal.p);
	buf_release(&journal);
	return r;
}

static int
open_file(struct db **out, const char *path, enum credential_mode mode,
    struct err *e)
{
	enum db_mode how = DB_WRITE;
	mode_t mask;
	int r;

	if (mode == CREDENTIAL_READ && !was_cut_off(path)) {
		r = db_open(out, path, DB_READ, BUSY_MS, e);
	} else {
		if (mode == CREDENTIAL_MAKE)
			how = DB_CREATE_PLAIN;
		mask = umask(077);
		r = db_open(out, path, how, BUSY_MS, e);
		umask(mask);
	}
	if (r < 0 && mode != CREDENTIAL_MAKE && !file_exists(path))
		err_set(e, ERR_ABSENT, "'%s' is missing, and the store says "
		    "that it has credentials: restore it from a backup", path);
	return r;
}

int
credential_open(struct db **out, const char *store_dir,
    enum credential_mode mode, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, store_dir, CREDENTIAL_DB);
	if ((r = open_file(out, path.p, mode, e)) == 0) {
		r = mode == CREDENTIAL_MAKE ? make_schema(*out, e) : 0;
		/* one lock for all that is read; it ends with the close */
		if (r == 0 && mode == CREDENTIAL_READ)
			r = tx_read(*out, e);
		if (r == 0)
			r = check_schema(*out, path.p, e);
		if (r < 0) {
			db_close(*out);
			*out = NULL;
		}
	}
	buf_release(&path);
	return r;
}

static void
hash_secret(const uint8_t secret[SECRET], uint8_t out[HASH_LEN])
{
	static const char purpose[] = "memkit credential 1";
	struct hash h;

	hash_init(&h);
	hash_add(&h, purpose, sizeof purpose);
	hash_add(&h, secret, SECRET);
	hash_end(&h, out);
}

/* 1 one of this name counts; revoked: or did once. */
static int
is_there(struct db *db, const char *tenant, const char *name, bool revoked,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT 1 FROM credential WHERE name = :name "
	    "AND tenant IS :tenant AND (revoked IS NULL OR :revoked)"))
	    == NULL)
		return -1;
	db_text(q, ":name", name);
	db_text(q, ":tenant", tenant);
	db_int(q, ":revoked", revoked);
	r = db_row(q, e);
	db_end(q);
	return r;
}

static void
opt_int(struct db_query *q, const char *name, int64_t ms)
{
	if (ms == CREDENTIAL_NEVER)
		db_null(q, name);
	else
		db_int(q, name, ms);
}

int
credential_add(struct db *db, struct credential *c, struct buf *token,
    struct err *e)
{
	uint8_t secret[SECRET], hash[HASH_LEN];
	char text[SECRET_TEXT + 1];
	struct db_query *q;
	int r;

	if ((r = is_there(db, c->tenant, c->name, false, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_EXISTS, "there is a credential '%s'; "
		    "revoke it first, or take another name", c->name);
	if (random_bytes(secret, sizeof secret, e) < 0)
		return -1;
	hash_secret(secret, hash);
	base64url_encode(text, secret, sizeof secret);
	mem_wipe(secret, sizeof secret);
	c->created_ms = date_real();
	if ((q = db_sql(db, e, "INSERT INTO credential (name, tenant, user, "
	    "session, rights, hash, created, expires, revoked, by) VALUES "
	    "(:name, :tenant, :user, :session, :rights, :hash, :created, "
	    ":expires, NULL, :by)")) == NULL)
		return -1;
	db_text(q, ":name", c->name);
	db_text(q, ":tenant", c->tenant);
	db_text(q, ":user", c->user);
	db_text(q, ":session", c->session);
	db_int(q, ":rights", c->rights);
	db_blob(q, ":hash", hash, sizeof hash);
	db_int(q, ":created", c->created_ms);
	opt_int(q, ":expires", c->expires_ms);
	db_text(q, ":by", c->by);
	if (db_run(q, e) < 0)
		return -1;
	c->id = db_last_id(db);
	buf_addf(token, PREFIX "%" PRId64 "_", c->id);
	buf_add(token, text, SECRET_TEXT);
	mem_wipe(text, sizeof text);
	return 0;
}

int
credential_revoke(struct db *db, const char *tenant, const char *name,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "UPDATE credential SET revoked = :now "
	    "WHERE name = :name AND tenant IS :tenant AND revoked IS NULL"))
	    == NULL)
		return -1;
	db_int(q, ":now", date_real());
	db_text(q, ":name", name);
	db_text(q, ":tenant", tenant);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(db) > 0)
		return 1;
	if ((r = is_there(db, tenant, name, true, e)) != 0)
		return r < 0 ? -1 : 0;
	return err_set(e, ERR_ABSENT, "there is no credential '%s'; "
	    "mem-admin credential list names them", name);
}

#define COLUMNS "id, name, tenant, user, session, rights, created, " \
	"expires, revoked, by"

static void
row(struct db_query *q, struct credential *c)
{
	c->id = db_get_int(q, 0);
	c->name = db_dup(q, 1);
	c->tenant = db_dup(q, 2);
	c->user = db_dup(q, 3);
	c->session = db_dup(q, 4);
	c->rights = (unsigned)db_get_int(q, 5) & RIGHT_ALL;
	c->created_ms = db_get_int(q, 6);
	c->expires_ms = db_is_null(q, 7) ? CREDENTIAL_NEVER :
	    db_get_int(q, 7);
	c->revoked_ms = db_is_null(q, 8) ? CREDENTIAL_NEVER :
	    db_get_int(q, 8);
	c->by = db_dup(q, 9);
}

int
credential_each(struct db *db, const char *tenant,
    int (*fn)(void *, const struct credential *, struct err *), void *arg,
    struct err *e)
{
	struct credential c;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT " COLUMNS " FROM credential "
	    "WHERE :tenant IS NULL OR tenant = :tenant ORDER BY id")) == NULL)
		return -1;
	db_text(q, ":tenant", tenant);
	while ((r = db_row(q, e)) == 1) {
		row(q, &c);
		r = fn(arg, &c, e);
		credential_release(&c);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
credential_has_admin(struct db *db, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT 1 FROM credential WHERE tenant IS NULL "
	    "AND rights & 64 AND revoked IS NULL AND expires IS NULL LIMIT 1"))
	    == NULL)
		return -1;
	r = db_row(q, e);
	db_end(q);
	return r;
}

/* --- the caller -------------------------------------------------------- */

int
credential_token(struct buf *out, struct err *e)
{
	const char *file = getenv("MEM_CREDENTIAL_FILE");
	const char *command = getenv("MEM_CREDENTIAL_COMMAND");

	if (file != NULL && *file != '\0') {
		if (file_read_private(out, file, TOKEN_MAX, e) < 0)
			return err_add(e, "MEM_CREDENTIAL_FILE");
		return 0;
	}
	if (command != NULL && *command != '\0')
		return child_print_sh("MEM_CREDENTIAL_COMMAND", command,
		    COMMAND_MS, TOKEN_MAX, out, e);
	return err_set(e, ERR_DENIED, "this store needs a credential: set "
	    "MEM_CREDENTIAL_FILE to the file that 'mem-admin credential add' "
	    "wrote for you, or MEM_CREDENTIAL_COMMAND to what prints it");
}

static int
is_none(struct err *e)
{
	return err_set(e, ERR_DENIED, "the credential is none of this store; "
	    "ask its administrator for one");
}

/* "mkc_NUMBER_SECRET", an end of the line after it or none. */
static int
token_parse(const struct buf *token, int64_t *id, uint8_t secret[SECRET])
{
	const char *p = token->p, *end = token->p + token->len;
	const size_t lead = sizeof PREFIX - 1;

	while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	if ((size_t)(end - p) < lead || memcmp(p, PREFIX, lead) != 0)
		return 0;
	*id = 0;
	for (p += lead; p < end && *p >= '0' && *p <= '9' &&
	    *id < INT64_MAX / 100; p++)
		*id = *id * 10 + (*p - '0');
	if (*id == 0 || end - p != SECRET_TEXT + 1 || *p != '_')
		return 0;
	return base64url_decode(secret, SECRET, p + 1, SECRET_TEXT);
}

/* Does it count?  Only who holds the secret comes here. */
static int
is_over(const struct credential *c, struct err *e)
{
	int64_t now = date_real();

	if (c->revoked_ms <= now)
		return err_set(e, ERR_DENIED, "the credential was revoked; "
		    "ask the store's administrator for another");
	if (c->expires_ms <= now)
		return err_set(e, ERR_DENIED, "the credential expired; ask "
		    "the store's administrator for another");
	return 0;
}

int
credential_check(struct db *db, const struct buf *token,
    struct credential *c, struct err *e)
{
	uint8_t secret[SECRET] = { 0 }, hash[HASH_LEN], kept[HASH_LEN] = { 0 };
	const void *p;
	struct db_query *q;
	int64_t id = 0;
	size_t n;
	int r;

	memset(c, 0, sizeof *c);
	if (!token_parse(token, &id, secret))
		id = 0;		/* and go on: all take the same way */
	hash_secret(secret, hash);
	mem_wipe(secret, sizeof secret);
	if ((q = db_sql(db, e, "SELECT " COLUMNS ", hash FROM credential "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		row(q, c);
		p = db_get_blob(q, 10, &n);
		if (n == sizeof kept)
			memcpy(kept, p, n);
		else
			r = 0;
	}
	db_end(q);
	if (r >= 0 && (!hash_same(hash, kept, sizeof hash) || r == 0))
		r = is_none(e);
	else if (r == 1)
		r = is_over(c, e);
	if (r < 0)
		credential_release(c);
	return r < 0 ? -1 : 0;
}

int
credential_counts(struct db *db, int64_t id, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT 1 FROM credential WHERE id = :id "
	    "AND (expires IS NULL OR expires > :now) AND revoked IS NULL"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	db_int(q, ":now", date_real());
	r = db_row(q, e);
	db_end(q);
	return r;
}
