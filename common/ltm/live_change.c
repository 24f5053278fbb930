/*
 * Facts that a statement touches by their value, whatever their key.
 */
#include "ltm/live_said.h"

#include "base/alloc.h"
#include "base/json.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum member { BY_VALUE, BY_OTHER };

/* Ids of facts of the user (in a session, also of that) with this value. */
static int
find_valued(struct live_put *w, const struct live_said *s, enum member by,
    const char *value, int64_t **ids, size_t *n, struct err *e)
{
	struct db_query *q;
	size_t cap = 0;
	int r;

	*ids = NULL;
	*n = 0;
	if ((q = db_sql(w->st->db, e, "SELECT id FROM (SELECT id, "
	    OPEN_FACT("") " AS open FROM fact WHERE user = :user "
	    "AND job = 0 AND valid_until IS NULL AND gone = 0 AND "
	    "(scope = 1 OR session = :session)) WHERE "
	    /* most are not parsed */
	    "instr(open, CASE :by WHEN 0 THEN '\"value_key\":' ELSE "
	    "'\"other_key\":' END || json_quote(:value)) > 0 AND "
	    "json_extract(open, '$.metadata.processor') = 'live' AND "
	    "json_extract(open, CASE :by WHEN 0 THEN '$.metadata.value_key' "
	    "ELSE '$.metadata.other_key' END) = :value AND (:by = 0 OR "
	    "json_extract(open, '$.metadata.extraction_type') = :kind) "
	    "ORDER BY id")) == NULL)
		return -1;
	db_text(q, ":kind", s->kind);
	db_int(q, ":user", w->st->user_id);
	db_text(q, ":session", s->ev->session);
	db_int(q, ":by", by);
	db_text(q, ":value", value);
	while ((r = db_row(q, e)) == 1) {
		*ids = xgrow(*ids, *n, &cap, sizeof **ids);
		(*ids)[(*n)++] = db_get_int(q, 0);
	}
	db_end(q);
	return r;
}

/* The old value in the sentence becomes the new one. */
static void
replace_value(struct fact *f, const struct live_said *s)
{
	json_t *meta = json_object_get(f->body, "metadata");
	const char *old = get_str(meta, "value", NULL), *at;
	const char *content = get_str(f->body, "content", NULL);
	struct buf b = BUF_INIT;

	if (old != NULL && content != NULL &&
	    (at = strstr(content, old)) != NULL) {
		buf_add(&b, content, (size_t)(at - content));
		buf_add(&b, s->ev->text + s->value.at, s->value.len);
		buf_adds(&b, at + strlen(old));
		json_object_set_new(f->body, "content", json_string(b.p));
	}
	buf_release(&b);
	json_object_set_new(meta, "value", live_value(s));
	json_object_set_new(meta, "value_key", json_string(s->value_key.p));
}

/* Ends a fact, or gives it the new value: 1 done, 0 it knows better. */
static int
change_one(struct live_put *w, const struct live_said *s, int64_t id,
    bool correct, struct err *e)
{
	struct fact before, f;
	int r;

	if ((r = live_newest(w->st, id, &before, e)) <= 0)
		return r;
	r = 0;
	if (!live_knows(&before, s->ev)) {
		f = before;
		f.body = json_deep_copy(before.body);
		f.session = get_str(f.body, "session", NULL);
		live_rest_on(json_object_get(f.body, "metadata"), s);
		if (correct)
			replace_value(&f, s);
		else {
			f.gone = true;
			json_object_set_new(f.body, "reason", json_string(
			    "the user said that it holds no more"));
		}
		r = live_write(w, &before, &f, s->ev, e) < 0 ? -1 : 1;
		json_decref(f.body);
	}
	json_decref(before.body);
	return r;
}

/* All of this value but the one of the key: how many were changed; -1. */
static int
change_valued(struct live_put *w, const struct live_said *s, enum member by,
    const char *value, bool correct, struct err *e)
{
	int64_t *ids, but = fact_id_said(FACT_USER, w->st->user, "", s->key.p,
	    NULL);
	size_t n, i;
	int r, done = 0;

	r = live_values_may(&w->values, w->st, by == BY_OTHER, value, e);
	if (r <= 0)
		return r;
	r = find_valued(w, s, by, value, &ids, &n, e);
	for (i = 0; r >= 0 && i < n; i++)
		if (ids[i] != but || s->does == LIVE_ENDS) {
			r = change_one(w, s, ids[i], correct, e);
			done += r == 1;
		}
	free(ids);
	return r < 0 ? -1 : done;
}

int
live_end(struct live_put *w, const struct live_said *s, bool other,
    struct err *e)
{
	return change_valued(w, s, other ? BY_OTHER : BY_VALUE,
	    s->value_key.p, false, e);
}

int
live_correct(struct live_put *w, const struct live_said *s, struct err *e)
{
	return change_valued(w, s, BY_VALUE, s->other_key.p, true, e);
}
