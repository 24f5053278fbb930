#include "ltm/fact_settle.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "ltm/verdict.h"
#include "memory/decision.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

void
fact_says(const struct fact *f, char out[FACT_SAYS_LEN + 1])
{
	json_t *body = json_copy(f->body), *meta;
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];

	/* when it was read is no part of what is said */
	meta = json_copy(json_object_get(body, "metadata"));
	if (meta != NULL) {
		json_object_del(meta, "ltm_extracted_at");
		json_object_set_new(body, "metadata", meta);
	}
	buf_adds(&b, f->gone ? "gone " : "holds ");
	json_sorted(&b, body);
	hash_mem(b.p, b.len, sum);
	hex_encode(out, sum, FACT_SAYS_LEN / 2);
	buf_release(&b);
	json_decref(body);
}

/* --- versions ---------------------------------------------------------- */

/* Each with a body of its own, of which its session is a part; until is what
 * it says by itself. */
struct history {
	struct fact *v;		/* own */
	size_t n, cap;
	bool pin;		/* of the next, where there is none yet */
};

static void
history_release(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		json_decref(h->v[i].body);
	free(h->v);
	memset(h, 0, sizeof *h);
}

static struct fact *
last_of(const struct history *h)
{
	return h->n > 0 ? &h->v[h->n - 1] : NULL;
}

/* Takes the reference to its body. */
static void
push(struct history *h, const struct fact *f, int64_t from_ms)
{
	const struct fact *before = last_of(h);
	bool pin = before != NULL ? before->pin : h->pin;
	int64_t id = before != NULL ? before->id : f->id;
	struct fact *v;

	h->v = xgrow(h->v, h->n, &h->cap, sizeof *h->v);
	v = &h->v[h->n++];
	*v = *f;
	v->id = id;
	v->version = (int64_t)h->n;
	v->session = get_str(v->body, "session", NULL);
	v->valid_from_ms = from_ms;
	v->pin = pin;
}

static int
read_rows(struct store *st, int64_t user, int64_t id, struct history *h,
    struct err *e)
{
	struct db_query *q;
	struct fact *f;
	int r;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.id = :id AND "
	    "f.user = :user AND f.job <= 0 ORDER BY f.version")) == NULL)
		return -1;
	db_int(q, ":id", id);
	db_int(q, ":user", user);
	while ((r = db_row(q, e)) == 1) {
		h->v = xgrow(h->v, h->n, &h->cap, sizeof *h->v);
		f = &h->v[h->n];
		if ((r = fact_row(q, 0, f, e)) < 0)
			break;
		f->session = get_str(f->body, "session", NULL);
		h->n++;
	}
	db_end(q);
	return r;
}

/* --- what follows from a decision -------------------------------------- */

static bool
same_text(const struct fact *a, const struct fact *b)
{
	return a->gone == b->gone && a->confidence == b->confidence &&
	    a->valid_until_ms == b->valid_until_ms &&
	    json_equal(a->body, b->body);
}

static void
put(struct history *h, struct fact *f, const struct decided *d,
    int64_t from_ms)
{
	const char *scope = get_str(d->value, "scope", NULL);
	const struct fact *before = last_of(h);

	f->job = 0;
	f->scope = str_eq(scope, fact_scopes[FACT_SESSION]) ? FACT_SESSION :
	    d->user != 0 ? FACT_USER : FACT_TENANT;
	f->valid_until_ms = INT64_MAX;
	get_int(d->value, "until", &f->valid_until_ms);
	f->confidence = json_number_value(json_object_get(d->value,
	    "confidence"));
	f->body = json_deep_copy(json_object_get(d->value, "body"));
	if (before != NULL && same_text(before, f))
		json_decref(f->body);
	else
		push(h, f, from_ms);
}

static void
end(struct history *h, const struct decided *d, int64_t from_ms)
{
	struct fact f, *before = last_of(h);

	if (before == NULL || before->gone)
		return;
	f = *before;
	f.decision = d->seq;
	f.gone = true;
	f.valid_until_ms = INT64_MAX;
	f.body = json_deep_copy(before->body);
	json_object_set(f.body, "reason", json_object_get(d->value,
	    "reason"));
	push(h, &f, from_ms);
}

static void
back(struct history *h, const struct decided *d, int64_t from_ms)
{
	const char *wanted = get_str(d->value, "says", NULL);
	char says[FACT_SAYS_LEN + 1];
	struct fact f;
	size_t i;

	for (i = h->n; i-- > 0; ) {
		fact_says(&h->v[i], says);
		if (str_eq(says, wanted))
			break;
	}
	/* not here yet, or it is the one that counts */
	if (i >= h->n || i == h->n - 1)
		return;
	f = h->v[i];
	f.decision = d->seq;
	f.valid_until_ms = INT64_MAX;
	f.body = json_deep_copy(h->v[i].body);
	push(h, &f, from_ms);
}

static void
pin(struct history *h, const struct decided *d)
{
	bool on = json_is_true(json_object_get(d->value, "on"));

	if (h->n > 0)
		h->v[h->n - 1].pin = on;
	else
		h->pin = on;
}

static void
say(struct history *h, struct fact *f, const struct decided *d,
    int64_t from_ms)
{
	const struct fact *before = last_of(h);
	json_t *body = before != NULL ? before->body : NULL;

	f->job = FACT_VERDICT;
	f->scope = FACT_TENANT;
	f->valid_until_ms = INT64_MAX;
	f->confidence = 1;
	f->body = verdict_said(before != NULL && !before->gone ? body : NULL,
	    d->value, d->said_ms);
	if (f->body == NULL)
		return;
	f->gone = json_array_size(json_object_get(json_object_get(f->body,
	    "metadata"), "said")) == 0;
	push(h, f, from_ms);
}

static void
decide(struct history *h, int64_t id, const struct decided *d,
    int64_t from_ms)
{
	struct fact f = { .id = id, .user_id = d->user, .decision = d->seq };

	switch (d->what) {
	case DECISION_PUT:
		put(h, &f, d, from_ms);
		break;
	case DECISION_END:
		end(h, d, from_ms);
		break;
	case DECISION_BACK:
		back(h, d, from_ms);
		break;
	case DECISION_PIN:
		pin(h, d);
		break;
	case DECISION_SAY:
		say(h, &f, d, from_ms);
		break;
	case DECISION_MARK:
	case DECISION_MOVE:
		break;
	}
}

/* Told versions, each before the first decision that is not earlier. */
static void
replay(const struct history *old, const struct decisions *all, int64_t id,
    struct history *h)
{
	int64_t from = INT64_MIN;
	const struct fact *f;
	struct fact told;
	size_t i = 0, k;

	for (k = 0; k <= all->n; k++) {
		if (k < all->n && all->v[k].said_ms > from)
			from = all->v[k].said_ms;
		for (; i < old->n; i++) {
			f = &old->v[i];
			if (f->decision != 0 || f->job < 0)
				continue;
			if (k < all->n && f->valid_from_ms > from)
				break;
			told = *f;
			told.valid_until_ms = INT64_MAX;
			json_incref(told.body);
			push(h, &told, f->valid_from_ms);
		}
		if (k < all->n)
			decide(h, id, &all->v[k], from);
	}
}

/* --- into the table ---------------------------------------------------- */

static int
set_pin(struct store *st, int64_t seq, bool on, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE fact SET pin = :pin "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":pin", on);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

/* The row that is there is this version; the next may have ended it. */
static bool
is_there(const struct history *old, const struct history *h, size_t i)
{
	const struct fact *a = &old->v[i], *b = &h->v[i];
	int64_t until = b->valid_until_ms;

	if (i + 1 < old->n && old->v[i + 1].valid_from_ms < until)
		until = old->v[i + 1].valid_from_ms;
	return a->version == b->version && a->decision == b->decision &&
	    a->gone == b->gone && a->valid_from_ms == b->valid_from_ms &&
	    a->valid_until_ms == until && a->confidence == b->confidence &&
	    a->scope == b->scope && json_equal(a->body, b->body);
}

static int
rewrite(struct store *st, int64_t id, struct history *old, struct history *h,
    struct err *e)
{
	size_t i, kept = 0;
	bool on;

	while (kept < old->n && kept < h->n && is_there(old, h, kept))
		kept++;
	if (kept < old->n) {
		if (fact_forget(st, id, e) < 0)
			return -1;
		kept = 0;
	}
	for (i = 0; i < kept; i++)
		if (old->v[i].pin != h->v[i].pin &&
		    set_pin(st, old->v[i].seq, h->v[i].pin, e) < 0)
			return -1;
	for (; i < h->n; i++) {
		on = h->v[i].pin;
		if (fact_put_at(st, &h->v[i], h->v[i].valid_from_ms, e) < 0 ||
		    (h->v[i].pin != on &&
		    set_pin(st, h->v[i].seq, on, e) < 0))
			return -1;
	}
	return 0;
}

int
fact_settle(struct store *st, int64_t user, int64_t id, struct err *e)
{
	struct history old = { 0 }, h = { 0 };
	char about[FACT_ID_LEN + 1];
	struct decisions all;
	int r;

	fact_id_format(about, id);
	if ((r = decisions_read(st, user, about, &all, e)) <= 0)
		return r;
	if ((r = read_rows(st, user, id, &old, e)) == 0) {
		replay(&old, &all, id, &h);
		r = rewrite(st, id, &old, &h, e);
	}
	if (r == 0 && h.n > 0 && h.v[0].job == FACT_VERDICT)
		r = verdict_index(st, id, h.v[0].body, e);
	history_release(&old);
	history_release(&h);
	decisions_release(&all);
	return r;
}
