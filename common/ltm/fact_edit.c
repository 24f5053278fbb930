/*
 * Facts that somebody puts down, and what he decides about those there are.
 */
#include "ltm/fact.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/utf8.h"
#include "memory/decision.h"
#include "ltm/fact_settle.h"
#include "memory/tombstone.h"
#include "ltm/ltm_hold.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

#define KEY_MAX 500		/* bytes */
#define TAGS_MAX 50

/* A fact with a body of its own, to make the next version of. */
static int
copy(void *arg, const struct fact *f, struct err *e)
{
	struct fact *out = arg;

	(void)e;
	*out = *f;
	out->body = json_deep_copy(f->body);
	/* borrowed strings end with the call; of a session he is bound to or
	 * looks at, the body has it too */
	out->session = get_str(out->body, "session", NULL);
	return 0;
}

/* Of the tenant it is everybody's. */
static int
may_write(struct store *st, enum fact_scope scope, struct err *e)
{
	return scope != FACT_TENANT ? 0 : access_needs(st,
	    RIGHT_TENANT_WRITE, "to change facts of the tenant", e);
}

static int
may_change(void *arg, const struct fact *f, struct err *e)
{
	char name[FACT_ID_LEN + 1];
	struct store *st = arg;

	if (f->graft[0] == '\0')
		return may_write(st, f->scope, e);
	fact_id_format(name, f->id);
	access_denied(st, "write", name, NULL);
	return err_set(e, ERR_DENIED, "'%s' is seen by graft %s, and is only "
	    "read", name, f->graft);
}

int
fact_may_change(struct store *st, int64_t id, struct err *e)
{
	return fact_find(st, id, 0, may_change, st, e);
}

/* Before the transaction, that what is denied is noted down.  What is absent
 * is told in there. */
static int
begin(struct store *st, const int64_t *ids, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fact_may_change(st, ids[i], e) < 0)
			return -1;
	return tx_begin(st->db, e);
}

/* 1; ERR_ABSENT where there is none that he may see. */
static int
need(struct store *st, int64_t id, int64_t version, struct fact *f,
    struct err *e)
{
	char name[FACT_ID_LEN + 1];
	int r = fact_find(st, id, version, copy, f, e);

	if (r != 0)
		return r;
	fact_id_format(name, id);
	if (version == 0)
		return err_set(e, ERR_ABSENT, "there is no fact '%s'", name);
	return err_set(e, ERR_ABSENT, "'%s' has no version %" PRId64
	    "; mem-ltm history shows which there are", name, version);
}

static int
note(struct store *st, const char *action, int64_t id, struct err *e)
{
	char name[FACT_ID_LEN + 1];

	fact_id_format(name, id);
	return audit_add(st, action, name, NULL, e);
}

/* --- adding ------------------------------------------------------------ */

static int
check_text(const char *what, const char *s, int64_t max, struct err *e)
{
	size_t len = strlen(s), at, n;
	int64_t chars = 0;

	if (len == 0)
		return err_set(e, ERR_USAGE, "%s is empty", what);
	if (utf8_check(s, len) < len)
		return err_set(e, ERR_USAGE, "%s is not UTF-8", what);
	for (at = 0; at < len; at += n, chars++)
		utf8_decode(s + at, len - at, &n);
	if (chars > max)
		return err_set(e, ERR_USAGE, "%s has %" PRId64 " characters, "
		    "at most %" PRId64 " are kept", what, chars, max);
	return 0;
}

static int
check_new(struct store *st, const struct fact_new *w, struct err *e)
{
	size_t i, n = w->tags != NULL ? w->tags->n : 0;

	if (check_text("the fact", w->content, FACT_CONTENT_MAX, e) < 0 ||
	    (w->key != NULL && check_text("the key", w->key, KEY_MAX, e) < 0))
		return -1;
	if (n > TAGS_MAX)
		return err_set(e, ERR_USAGE, "more than %d tags", TAGS_MAX);
	for (i = 0; i < n; i++)
		if (check_text("a tag", w->tags->v[i], KEY_MAX, e) < 0)
			return -1;
	if (!(w->confidence >= 0 && w->confidence <= 1))
		return err_set(e, ERR_USAGE, "a confidence is from 0 to 1");
	if (w->scope == FACT_SESSION && st->session == NULL)
		return err_set(e, ERR_USAGE, "a fact of a session needs one; "
		    "name it with --session");
	return 0;
}

static json_t *
new_body(struct store *st, const struct fact_new *w)
{
	json_t *o, *tags = json_array();
	size_t i;

	for (i = 0; w->tags != NULL && i < w->tags->n; i++)
		json_array_append_new(tags, json_string(w->tags->v[i]));
	o = json_pack("{s:s, s:o}", "content", w->content, "tags", tags);
	if (w->key != NULL)
		json_object_set_new(o, "key", json_string(w->key));
	if (w->scope == FACT_SESSION)
		json_object_set_new(o, "session", json_string(st->session));
	if (w->metadata != NULL)
		json_object_set(o, "metadata", w->metadata);
	return o;
}

static int64_t
new_id(struct store *st, const struct fact_new *w)
{
	return fact_id_said(w->scope, w->scope == FACT_TENANT ? "" : st->user,
	    w->scope == FACT_SESSION ? st->session : "", w->key, w->content);
}

/* What is put down of this fact from now on. */
static int
put(struct store *st, const struct fact *f, struct err *e)
{
	char about[FACT_ID_LEN + 1];
	struct decided d = { .what = DECISION_PUT, .user = f->user_id,
	    .about = about, .session = (char *)f->session };
	json_t *value = json_pack("{s:O, s:f, s:s}", "body", f->body,
	    "confidence", f->confidence, "scope", fact_scopes[f->scope]);

	fact_id_format(about, f->id);
	if (value != NULL && f->valid_until_ms != INT64_MAX)
		json_object_set_new(value, "until",
		    json_integer(f->valid_until_ms));
	return decision_put(st, &d, value, e) < 0 ? -1 :
	    fact_settle(st, f->user_id, f->id, e);
}

static int
add(struct store *st, const struct fact_new *w, int64_t id, struct err *e)
{
	struct fact f = { .id = id, .scope = w->scope,
	    .valid_until_ms = w->until_ms != 0 ? w->until_ms : INT64_MAX,
	    .confidence = w->confidence }, old;
	int r;

	if (store_user(st, st->user, true, &st->user_id, e) < 0)
		return -1;
	if (w->scope == FACT_SESSION && (r = tombstone_has_session(st,
	    st->user_id, st->session, e)) != 0)
		return r < 0 ? -1 : err_set(e, ERR_DENIED, "the session '%s' "
		    "was forgotten", st->session);
	f.user_id = w->scope == FACT_TENANT ? 0 : st->user_id;
	f.session = w->scope == FACT_SESSION ? st->session : NULL;
	f.body = new_body(st, w);
	if ((r = fact_find(st, id, 0, copy, &old, e)) == 1) {
		r = !old.gone && old.confidence == f.confidence &&
		    old.valid_until_ms == f.valid_until_ms &&
		    json_equal(old.body, f.body) ? 2 : 0;
		json_decref(old.body);
	}
	if (r == 0 && (r = put(st, &f, e)) == 0)
		r = note(st, "fact", id, e) < 0 ? -1 : 1;
	json_decref(f.body);
	return r == 2 ? 0 : r;
}

int
fact_add(struct store *st, const struct fact_new *w, int64_t *id,
    struct err *e)
{
	if (check_new(st, w, e) < 0 || may_write(st, w->scope, e) < 0)
		return -1;
	*id = new_id(st, w);
	if (tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, add(st, w, *id, e), e);
}

/* --- deciding ---------------------------------------------------------- */

/* Takes the reference to value.  What follows from rows rests on those that
 * it has now; a pin, on none. */
static int
decide(struct store *st, enum decision_what what, const struct fact *f,
    json_t *value, struct err *e)
{
	char about[FACT_ID_LEN + 1], rest[17] = "";
	struct decided d = { .what = what, .user = f->user_id, .about = about,
	    .session = (char *)f->session };

	fact_id_format(about, f->id);
	if (f->job > 0)
		d.rest = rest;
	if (f->job > 0 && what != DECISION_PIN)
		ltm_rest(f, rest);
	if (decision_put(st, &d, value, e) < 0)
		return -1;
	return f->job > 0 ? ltm_hold(st, f->id, e) :
	    fact_settle(st, f->user_id, f->id, e);
}

static int
pin(struct store *st, int64_t id, bool on, struct err *e)
{
	struct fact f;
	int r;

	if (need(st, id, 0, &f, e) < 0)
		return -1;
	r = f.pin == on ? 0 : decide(st, DECISION_PIN, &f, json_pack("{s:b}",
	    "on", (int)on), e);
	json_decref(f.body);
	return r < 0 ? -1 : note(st, on ? "pin" : "unpin", id, e);
}

int
fact_pin(struct store *st, int64_t id, bool on, struct err *e)
{
	if (begin(st, &id, 1, e) < 0)
		return -1;
	return tx_end(st->db, pin(st, id, on, e), e);
}

static int
end_it(struct store *st, int64_t id, const char *reason, struct err *e)
{
	struct fact f;
	int r = 0;

	if (need(st, id, 0, &f, e) < 0)
		return -1;
	if (!f.gone && (decide(st, DECISION_END, &f, json_pack("{s:s}",
	    "reason", reason), e) < 0 || note(st, "expire", id, e) < 0))
		r = -1;
	json_decref(f.body);
	return r;
}

int
fact_expire(struct store *st, int64_t id, const char *reason, struct err *e)
{
	if (utf8_check(reason, strlen(reason)) < strlen(reason))
		return err_set(e, ERR_USAGE, "the reason is not UTF-8");
	if (begin(st, &id, 1, e) < 0)
		return -1;
	return tx_end(st->db, end_it(st, id, reason, e), e);
}

static int
roll_back(struct store *st, int64_t id, int64_t version, struct err *e)
{
	char says[FACT_SAYS_LEN + 1];
	struct fact now, f;
	int r;

	if (need(st, id, 0, &now, e) < 0)
		return -1;
	if (now.version == version)
		r = 0;
	else if ((r = need(st, id, version, &f, e)) == 1) {
		fact_says(&f, says);
		json_decref(f.body);
		r = decide(st, DECISION_BACK, &now, json_pack("{s:s}", "says",
		    says), e) < 0 || note(st, "rollback", id, e) < 0 ? -1 : 0;
	}
	json_decref(now.body);
	return r;
}

int
fact_rollback(struct store *st, int64_t id, int64_t version, struct err *e)
{
	if (begin(st, &id, 1, e) < 0)
		return -1;
	return tx_end(st->db, roll_back(st, id, version, e), e);
}

/* --- merging ----------------------------------------------------------- */

/* What the list lacks of another. */
static void
add_missing(json_t *list, const json_t *other)
{
	json_t *v, *have;
	size_t i, j;

	json_array_foreach(other, i, v) {
		json_array_foreach(list, j, have)
			if (json_equal(have, v))
				break;
		if (j == json_array_size(list))
			json_array_append(list, v);
	}
}

static json_t *
list_of(json_t *o, const char *key)
{
	json_t *l = json_object_get(o, key);

	if (!json_is_array(l)) {
		l = json_array();
		json_object_set_new(o, key, l);
	}
	return l;
}

static int
mergeable(const struct fact *f, struct err *e)
{
	char name[FACT_ID_LEN + 1];

	fact_id_format(name, f->id);
	if (f->job != 0)
		return err_set(e, ERR_USAGE, "'%s' follows from rows; only "
		    "facts that were put down by hand are merged", name);
	if (f->gone)
		return err_set(e, ERR_USAGE, "'%s' holds no more", name);
	return 0;
}

static int
merge_one(struct store *st, struct fact *into, int64_t id, struct err *e)
{
	char name[FACT_ID_LEN + 1], reason[64] = "merged into ";
	struct fact f;
	int r = -1;

	if (id == into->id)
		return 0;
	if (need(st, id, 0, &f, e) < 0)
		return -1;
	fact_id_format(name, id);
	if (mergeable(&f, e) == 0 && f.scope != into->scope)
		err_set(e, ERR_USAGE, "'%s' is of another scope", name);
	else if (!f.gone && f.job == 0) {
		add_missing(list_of(into->body, "tags"),
		    json_object_get(f.body, "tags"));
		json_array_append_new(list_of(into->body, "merged"),
		    json_string(name));
		fact_id_format(reason + strlen(reason), into->id);
		into->confidence = f.confidence > into->confidence ?
		    f.confidence : into->confidence;
		r = end_it(st, id, reason, e);
	}
	json_decref(f.body);
	return r;
}

static int
merge(struct store *st, const int64_t *ids, size_t n, struct err *e)
{
	struct fact into;
	size_t i;
	int r;

	if (need(st, ids[0], 0, &into, e) < 0)
		return -1;
	r = mergeable(&into, e);
	for (i = 1; r == 0 && i < n; i++)
		r = merge_one(st, &into, ids[i], e);
	if (r == 0 && (r = put(st, &into, e)) == 0)
		r = note(st, "merge", ids[0], e);
	json_decref(into.body);
	return r;
}

int
fact_merge(struct store *st, const int64_t *ids, size_t n, struct err *e)
{
	if (begin(st, ids, n, e) < 0)
		return -1;
	return tx_end(st->db, merge(st, ids, n, e), e);
}
