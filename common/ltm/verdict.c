/*
 * The id of a verdict follows from its name, what it is about and its file,
 * so saying it again finds the one that is there.  They are of a job of their
 * own, FACT_VERDICT, so that nobody who looks for facts reads them.  A record
 * that is rejected is stored again: so whoever derives something from rows
 * looks at it again, and nothing else has to be told.
 */
#include "ltm/verdict.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "memory/decision.h"
#include "ltm/fact.h"
#include "ltm/fact_settle.h"
#include "memory/tombstone.h"
#include "history/patch.h"
#include "memory/record.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* --- saying ------------------------------------------------------------ */

/* What it says until now, own; NULL: nothing. */
static int
read_body(struct store *st, int64_t id, json_t **body, struct err *e)
{
	struct db_query *q;
	const char *s;
	int r;

	*body = NULL;
	if ((q = db_sql(st->db, e, "SELECT body FROM (SELECT gone, "
	    OPEN_FACT("") " AS body FROM fact WHERE id = :id "
	    "ORDER BY version DESC LIMIT 1) "
	    "WHERE gone = 0")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1 && (s = db_get_text(q, 0)) != NULL &&
	    (*body = json_read(s, strlen(s), e)) == NULL)
		r = -1;
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
decide(struct store *st, const struct verdict *v, bool on, int64_t id,
    json_t *value, struct err *e)
{
	char about[FACT_ID_LEN + 1];
	struct decided d = { .what = DECISION_SAY, .about = about };

	fact_id_format(about, id);
	if (decision_put(st, &d, value, e) < 0 ||
	    fact_settle(st, 0, id, e) < 0)
		return -1;
	return audit_add(st, on ? v->name : "undo", v->about, on ? v->file :
	    v->name, e);
}

/* v->by says it, or takes it back; NULL: everybody does.  1 something
 * changed, 0 it was so. */
static int
say(struct store *st, const struct verdict *v, bool on, struct err *e)
{
	int64_t id = verdict_id(v->name, v->about, v->file);
	json_t *before, *after, *value;

	value = json_pack("{s:s, s:s, s:s*, s:s*, s:b, s:s*}", "verdict",
	    v->name, "about", v->about, "file", v->file, "by", v->by, "on",
	    (int)on, "reason", v->reason);
	if (value == NULL)
		return err_set(e, ERR_USAGE, "what is judged is not UTF-8");
	if (read_body(st, id, &before, e) < 0) {
		json_decref(value);
		return -1;
	}
	after = verdict_said(before, value, date_now());
	json_decref(before);
	json_decref(after);
	if (after == NULL) {
		json_decref(value);
		return 0;
	}
	return decide(st, v, on, id, value, e) < 0 ? -1 : 1;
}

static bool
is_text(const char *s, size_t max)
{
	return strlen(s) <= max && utf8_check(s, strlen(s)) == strlen(s);
}

int
verdict_mark(struct store *st, const struct verdict *v, bool on,
    struct err *e)
{
	struct verdict mine = *v, other;
	int r = 0;

	if (v->file != NULL && (!patch_path_inside(v->file) ||
	    !is_text(v->file, PATCH_PATH_MAX)))
		return err_set(e, ERR_USAGE, "no repository has a file '%s'; "
		    "name it from the top of the repository", v->file);
	if (v->reason != NULL && !is_text(v->reason, VERDICT_REASON_MAX))
		return err_set(e, ERR_USAGE, "the reason is longer than %d "
		    "bytes, or not UTF-8", VERDICT_REASON_MAX);
	mine.by = st->user;
	other = mine;
	other.name = str_eq(v->name, VERDICT_FALSE) ? VERDICT_MISSED :
	    VERDICT_FALSE;
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = tombstone_has_record(st, v->about, e)) == 1)
		r = err_set(e, ERR_DENIED, "'%s' was forgotten", v->about);
	if (on && r == 0)
		r = say(st, &other, false, e);
	if (r >= 0)
		r = say(st, &mine, on, e);
	return tx_end(st->db, r < 0 ? -1 : 0, e);
}

int
verdict_forget(struct store *st, const char *about, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM decision WHERE user = 0 AND "
	    "about IN (SELECT format('fact:%016x', fact) FROM verdict "
	    "WHERE about = :about)")) == NULL)
		return -1;
	db_text(q, ":about", about);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM fact "
	    "WHERE id IN (SELECT fact FROM verdict WHERE about = :about)"))
	    == NULL)
		return -1;
	db_text(q, ":about", about);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM verdict "
	    "WHERE about = :about")) == NULL)
		return -1;
	db_text(q, ":about", about);
	return db_run(q, e);
}

/* --- reading ----------------------------------------------------------- */

int
verdict_any(struct store *st, struct err *e)
{
	int64_t n;

	return db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM fact "
	    "WHERE user = 0 AND job = -1 AND gone = 0)", 0, &n) < 0 ? -1 :
	    n != 0;
}

int
verdict_rejected(struct store *st, const char *about, struct err *e)
{
	struct db_query *q;
	int64_t gone;
	int r;

	if ((q = db_sql(st->db, e, "SELECT gone FROM fact WHERE id = :id "
	    "ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", verdict_id(VERDICT_REJECTED, about, NULL));
	r = db_first(q, &gone, e);
	return r == 1 ? !gone : r;
}

int
verdict_unpack(const json_t *fact, verdict_fn *fn, void *arg, struct err *e)
{
	const json_t *meta = json_object_get(fact, "metadata"), *one;
	const json_t *said = json_object_get(meta, "said");
	struct verdict v = { .about = get_str(fact, "key", NULL),
	    .name = get_str(meta, "verdict", NULL),
	    .file = get_str(meta, "file", NULL) };
	size_t i;
	int r = 0;

	if (v.about == NULL || v.name == NULL)
		return 0;
	for (i = 0; r == 0 && i < json_array_size(said); i++) {
		one = json_array_get(said, i);
		v.by = get_str(one, "by", NULL);
		v.reason = get_str(one, "reason", NULL);
		v.at_ms = 0;
		get_int(one, "at", &v.at_ms);
		if (v.by != NULL)
			r = fn(arg, &v, e);
	}
	return r;
}

static int
show_bodies(struct db_query *q, verdict_fn *fn, void *arg, struct err *e)
{
	const char *s;
	json_t *body;
	int r;

	while ((r = db_row(q, e)) == 1) {
		s = db_get_text(q, 0);
		if ((body = json_read(s, strlen(s), e)) == NULL) {
			r = -1;
			break;
		}
		r = verdict_unpack(body, fn, arg, e);
		json_decref(body);
		if (r != 0)
			break;
	}
	db_end(q);
	return r;
}

#define BODIES "SELECT " OPEN_FACT("f.") \
	" FROM verdict v JOIN fact f ON f.id = v.fact " \
	"AND f.valid_until IS NULL AND f.gone = 0 WHERE "

int
verdict_each(struct store *st, const char *about, const char *path,
    const char *was, verdict_fn *fn, void *arg, struct err *e)
{
	struct db_query *q;

	if (path == NULL)
		q = db_sql(st->db, e, BODIES "v.about = :about "
		    "ORDER BY f.seq");
	else
		q = db_sql(st->db, e, BODIES "v.about = :about AND "
		    "v.file IN ('', :path, :was) ORDER BY f.seq");
	if (q == NULL)
		return -1;
	db_text(q, ":about", about);
	if (path != NULL) {
		db_text(q, ":path", path);
		db_text(q, ":was", was);
	}
	return show_bodies(q, fn, arg, e);
}

int
verdict_each_in(struct store *st, const char *path, verdict_fn *fn, void *arg,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, BODIES "v.file = :path ORDER BY f.seq")) ==
	    NULL)
		return -1;
	db_text(q, ":path", path);
	return show_bodies(q, fn, arg, e);
}

/* --- on a record ------------------------------------------------------- */

void
verdict_target_release(struct verdict_target *t)
{
	free(t->kb);
	free(t->id);
	t->kb = t->id = NULL;
}

int
verdict_find(struct store *st, const char *kb, const char *name,
    struct verdict_target *t, struct err *e)
{
	struct db_query *q;
	int r;

	t->kb = t->id = NULL;
	if ((q = db_sql(st->db, e, "SELECT DISTINCT k.name, r.id FROM kb k "
	    "CROSS JOIN record r ON r.kb = k.id AND r.id IN (:name, "
	    "substr(:name, instr(:name, '/') + 1)) WHERE r.version >= 1 AND "
	    "((r.id = :name AND (:kb IS NULL OR k.name = :kb)) OR "
	    "(:kb IS NULL AND instr(:name, '/') > 1 AND "
	    "k.name = substr(:name, 1, instr(:name, '/') - 1) AND "
	    "r.id = substr(:name, instr(:name, '/') + 1))) LIMIT 2")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_text(q, ":kb", kb);
	if ((r = db_row(q, e)) == 1) {
		t->kb = db_dup(q, 0);
		t->id = db_dup(q, 1);
		if ((r = db_row(q, e)) == 1)
			r = err_set(e, ERR_USAGE, "'%s' is in '%s' and in "
			    "'%s'; name one with --kb", name, t->kb,
			    db_get_text(q, 0));
		else if (r == 0)
			r = 1;
	}
	db_end(q);
	if (r != 1)
		verdict_target_release(t);
	return r;
}

static int
reject(struct store *st, const struct verdict_target *t, bool on,
    struct err *e)
{
	struct buf about = BUF_INIT;
	struct verdict v = { .name = VERDICT_REJECTED };
	int r;

	buf_addf(&about, "%s/%s", t->kb, t->id);
	v.about = about.p;
	v.by = on ? st->user : NULL;
	if ((r = verdict_rejected(st, about.p, e)) >= 0)
		r = r == on ? 0 : say(st, &v, on, e) < 0 ||
		    record_repeat(st, t->kb, t->id, e) < 0 ? -1 : 0;
	buf_release(&about);
	return r;
}

int
verdict_reject(struct store *st, const char *kb, const char *name, bool on,
    struct verdict_target *t, struct err *e)
{
	int r;

	t->kb = t->id = NULL;
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = verdict_find(st, kb, name, t, e)) == 1)
		r = reject(st, t, on, e) < 0 ? -1 : 1;
	if ((r = tx_end(st->db, r, e)) != 1)
		verdict_target_release(t);
	return r;
}
