#include "ltm/live_values.h"

#include "base/buf.h"
#include "base/json.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>

#define LOOKS 16		/* so many are cheaper than reading all */

void
live_values_release(struct live_values *v)
{
	map_release(&v->known);
	map_release(&v->users);
}

static void
key_of(struct buf *b, int64_t user, bool other, const char *value)
{
	buf_reset(b);
	buf_addf(b, "%" PRId64 "%c%s", user, other ? 'o' : 'v', value);
}

static void
add(struct live_values *v, int64_t user, bool other, const char *value)
{
	struct buf b = BUF_INIT;
	int made;

	if (value != NULL) {
		key_of(&b, user, other, value);
		map_put(&v->known, b.p, &made);
	}
	buf_release(&b);
}

/* Of all versions, so that one that counts again is known, too. */
static int
load(struct live_values *v, struct store *st, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT json_extract(open, "
	    "'$.metadata.value_key'), json_extract(open, "
	    "'$.metadata.other_key') FROM (SELECT " OPEN_FACT("") " AS open "
	    "FROM fact WHERE user = :user AND job = 0)")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1) {
		add(v, st->user_id, false, db_get_text(q, 0));
		add(v, st->user_id, true, db_get_text(q, 1));
	}
	db_end(q);
	return r;
}

int
live_values_may(struct live_values *v, struct store *st, bool other,
    const char *value, struct err *e)
{
	struct buf b = BUF_INIT;
	int made = 0, r = 0;

	if (v->looks < LOOKS) {
		v->looks++;
		return 1;
	}
	buf_addf(&b, "%" PRId64, st->user_id);
	map_put(&v->users, b.p, &made);
	if (made)
		r = load(v, st, e);
	key_of(&b, st->user_id, other, value);
	if (r == 0)
		r = map_get(&v->known, b.p) != NULL;
	buf_release(&b);
	return r;
}

void
live_values_add(struct live_values *v, int64_t user, const json_t *body)
{
	const json_t *meta = json_object_get(body, "metadata");

	add(v, user, false, get_str(meta, "value_key", NULL));
	add(v, user, true, get_str(meta, "other_key", NULL));
}
