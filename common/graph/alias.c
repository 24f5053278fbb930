#include "graph/alias.h"

#include "base/hash.h"
#include "base/json.h"
#include "memory/decision.h"
#include "store/access.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

/* Of a key: a decision is about one, and names no more of it than it must. */
static void
about(const char *key, char out[24])
{
	uint8_t hash[HASH_LEN];

	hash_mem(key, strlen(key), hash);
	memcpy(out, "graph:", 6);
	hex_encode(out + 6, hash, 8);
}

/* What leads to a name ends. */
static void
cut(struct aliases *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->to.n; i++)
		if (a->to.e[i].v.i > 0 && strcmp(a->keys.v[a->to.e[i].v.i -
		    1], name) == 0)
			a->to.e[i].v.i = 0;
}

/* The way that leads from one to a name ends before it. */
static void
cut_way(struct aliases *a, const char *from, const char *name)
{
	union map_value *v;

	while ((v = map_get(&a->to, from)) != NULL && v->i > 0) {
		from = a->keys.v[v->i - 1];
		if (strcmp(from, name) == 0)
			v->i = 0;
	}
}

static void
take(struct aliases *a, const json_t *value)
{
	const char *mark = get_str(value, "mark", NULL);
	const char *name = get_str(value, "name", NULL);
	const char *into = get_str(value, "into", NULL);
	int made;

	if (name == NULL)
		return;
	map_put(&a->split, name, &made)->i = str_eq(mark, "split");
	map_put(&a->to, name, &made)->i = 0;
	if (str_eq(mark, "split"))
		cut(a, name);
	if (!str_eq(mark, "merge") || into == NULL || str_eq(name, into))
		return;
	cut_way(a, into, name);		/* no circle: the later one counts */
	strv_add(&a->keys, into);
	map_put(&a->to, name, &made)->i = (int64_t)a->keys.n;
}

/* The last one about a key counts. */
int
aliases_read(struct aliases *a, struct store *st, struct err *e)
{
	struct db_query *q;
	const char *text;
	json_t *value;
	int r;

	memset(a, 0, sizeof *a);
	/* they are of all sessions, and name what they hold */
	if (access_bound(st))
		return 0;
	if ((q = db_sql(st->db, e, "SELECT " OPEN_DECISION("") " FROM "
	    "decision WHERE user = :user AND about >= 'graph:' AND about < "
	    "'graph;' ORDER BY at, node")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1) {
		if ((text = db_get_text(q, 0)) == NULL)
			continue;
		if ((value = json_read(text, strlen(text), e)) == NULL) {
			r = -1;
			break;
		}
		take(a, value);
		json_decref(value);
	}
	db_end(q);
	return r;
}

void
aliases_release(struct aliases *a)
{
	map_release(&a->to);
	map_release(&a->split);
	strv_release(&a->keys);
}

const char *
aliases_to(const struct aliases *a, const char *key)
{
	const union map_value *v;

	while ((v = map_get(&a->to, key)) != NULL && v->i > 0)
		key = a->keys.v[v->i - 1];
	return key;
}

bool
aliases_is_split(const struct aliases *a, const char *key)
{
	const union map_value *v = map_get(&a->split, key);

	return v != NULL && v->i;
}

void
aliases_of(const struct aliases *a, const char *to, struct strv *keys)
{
	size_t i;

	strv_add(keys, to);
	for (i = 0; i < a->to.n; i++)
		if (strcmp(a->to.e[i].key, to) != 0 &&
		    strcmp(aliases_to(a, a->to.e[i].key), to) == 0)
			strv_add(keys, a->to.e[i].key);
}

int
alias_decide(struct store *st, const char *key, const char *into,
    struct err *e)
{
	struct decided d = { .what = DECISION_MARK };
	char what[24];
	json_t *value;
	int r;

	about(key, what);
	d.about = what;
	if (tx_begin(st->db, e) < 0)
		return -1;
	r = store_user(st, st->user, true, &st->user_id, e);
	d.user = st->user_id;
	value = into == NULL ? json_pack("{s:s, s:s}", "mark", "split", "name",
	    key) : json_pack("{s:s, s:s, s:s}", "mark", "merge", "name", key,
	    "into", into);
	if (r == 0)
		r = decision_put(st, &d, value, e);
	else
		json_decref(value);
	return tx_end(st->db, r, e);
}
