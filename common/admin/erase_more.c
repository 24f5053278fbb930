/*
 * What is to be forgotten, and what follows from it elsewhere.
 */
#include "admin/erase.h"

#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/ulid.h"
#include "search/indexed.h"
#include "search/indexing.h"
#include "search/query.h"
#include "search/search.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <string.h>

#define WAIT_MS 10000		/* for another that is at an index */

/* --- what -------------------------------------------------------------- */

static int
take_hit(void *arg, json_t *hit, struct err *e)
{
	const char *id = get_str(hit, "id", NULL);

	(void)e;
	if (id != NULL)
		erase_add(arg, ERASE_EVENT, id);
	return 0;
}

int
erase_query(struct store *st, const char *text, struct erase_targets *t,
    struct strv *notes, struct err *e)
{
	struct search s = { .mode = SEARCH_TEXT, .sources = 1u << SOURCE_EVENT,
	    .bare = true };
	struct query q = { .nothing = true };
	const struct language *language;
	int64_t found;
	size_t i;
	int r = 0;

	if (language_configured(st, &language, e) < 0)
		return -1;
	query_parse_all(&q, language, text, strlen(text), date_now());
	query_ready(&q);
	if (q.nothing)
		r = err_set(e, ERR_USAGE, "the query asks for nothing that "
		    "could be found");
	else
		r = search_run(st, &q, &s, take_hit, t, &found, e);
	for (i = 0; i < q.notes.n; i++)
		strv_add(notes, q.notes.v[i]);
	query_release(&q);
	return r < 0 ? -1 : 0;
}

int
erase_id(struct erase_targets *t, const char *id, struct err *e)
{
	uint8_t raw[ULID_BYTES];
	const char *ulid = id;

	if (str_starts(id, "evt:"))
		ulid = strrchr(id, ':') + 1;
	if (ulid_parse(ulid, raw))
		erase_add(t, ERASE_EVENT, ulid);
	else if (strchr(id, '/') != NULL && !str_starts(id, "toc:"))
		erase_add(t, ERASE_RECORD, id);
	else
		return err_set(e, ERR_USAGE, "'%s' is neither the id of an "
		    "event nor KB/RECORD_ID; a session is named by --session",
		    id);
	return 0;
}

/* --- what follows ------------------------------------------------------ */

static int
index_one(struct store *st, enum source s, struct err *e)
{
	struct indexing_how how = { .wait_ms = WAIT_MS };
	struct indexing x;

	if (!indexing_there(st, s))
		return 0;
	if (indexing_update(st, s, &how, &x, e) == 0)
		return 0;
	if (e->code != ERR_INDEX)
		return -1;
	how.rebuild = true;
	return indexing_update(st, s, &how, &x, e);
}

int
erase_indexes(struct store *st, const char *user, struct err *e)
{
	int64_t my_id = st->user_id;
	char *mine = st->user;
	enum source s;
	int r;

	/* whose indexes they are follows from who the store is open for */
	st->user = (char *)user;
	st->user_id = 0;
	r = store_user(st, user, false, &st->user_id, e);
	for (s = 0; r == 0 && s < SOURCE_SESSION; s++)
		if (st->user_id != 0 || source_is_shared(s))
			r = index_one(st, s, e);
	st->user = mine;
	st->user_id = my_id;
	return r;
}

static int
note_remote(void *arg, const struct consumer *c)
{
	if (str_starts(c->name, "sync:"))
		strv_add(arg, c->name + 5);
	return 0;
}

int
erase_remotes(struct store *st, struct strv *names, struct err *e)
{
	return consumer_each(st, note_remote, names, e) < 0 ? -1 : 0;
}

/* --- who did it -------------------------------------------------------- */

static int
audit_row(struct store *st, const char *action, const char *object,
    const char *detail, uint8_t hash[HASH_LEN], struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if (audit_add(st, action, object, detail, e) < 0 ||
	    (q = db_sql(st->db, e, "SELECT hash FROM audit ORDER BY seq DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		if (n == HASH_LEN)
			memcpy(hash, p, n);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
erase_audit(struct store *st, const char *action, const char *object,
    const char *detail, uint8_t hash[HASH_LEN], struct err *e)
{
	memset(hash, 0, HASH_LEN);
	return tx_begin(st->db, e) < 0 ? -1 : tx_end(st->db, audit_row(st,
	    action, object, detail, hash, e), e);
}
