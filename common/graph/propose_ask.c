#include "graph/propose_ask.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/json.h"
#include "graph/rows.h"
#include "memory/event.h"
#include "memory/record.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/asker.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS 10		/* of a question, at most */
#define BYTES ((size_t)12000)	/* after which it is full */
#define LEAST 20		/* bytes that may tell something */
#define TRIES 3			/* wrong answers, until it is given up */
#define IN_A_ROW 3		/* failures, until the run is */
#define BUDGET 1000		/* texts of a run, by default */
#define BUDGET_MAX 20000

extern const unsigned char data_prompt_graph_txt[];
extern const size_t data_prompt_graph_txt_len;

struct propose_ask {
	struct asker *asker;		/* own */
	struct strv entities, relations;
	int64_t version;
	int64_t budget;
};

/* A text that is to be asked about. */
struct todo {
	int64_t row, failed;
	const char *role;
	char *id, *text;		/* own */
	size_t len;
	bool done;
};
struct todos {
	struct todo *v;			/* own */
	size_t n, cap;
};

struct work {
	struct propose_ask *a;
	struct proposals *p;
	const struct propose_run *run;
	struct propose_sums *sums;
	struct todos fresh, again;
	int64_t least;		/* row of one that is not asked about; 0 */
	int64_t newest;
	struct buf text;
	int failures;		/* in a row */
	bool ended;
};

/* --- what is to be asked about ----------------------------------------- */

static void
leave(struct work *w, int64_t row)
{
	w->sums->left++;
	if (w->least == 0 || row < w->least)
		w->least = row;
}

static void
put_todo(struct work *w, struct todos *all, const struct todo *t)
{
	struct todo *x;

	if ((int64_t)all->n >= w->a->budget) {
		leave(w, t->row);
		return;
	}
	all->v = xgrow(all->v, all->n, &all->cap, sizeof *all->v);
	x = &all->v[all->n++];
	*x = *t;
	x->id = xstrdup(t->id);
	x->text = xstrndup(t->text, t->len);
}

/* text is all of it, and in the form that proposed.db knows it by. */
static int
look(struct work *w, struct todo *t, const char *text, size_t len,
    struct err *e)
{
	struct proposed had;
	int r;

	if (t->row > w->newest)
		w->newest = t->row;
	if (len < LEAST)
		return 0;
	if ((r = proposals_get(w->p, t->row, text, len, &had, e)) < 0)
		return -1;
	t->failed = had.failed;
	t->text = (char *)text;
	t->len = propose_len(text, len);
	if (r == 0 || had.version != w->a->version)
		put_todo(w, t->failed > 0 ? &w->again : &w->fresh, t);
	proposed_release(&had);
	return 0;
}

static int
look_record(void *arg, const struct record *rec, struct err *e)
{
	struct work *w = arg;
	struct todo t = { .row = rec->seq, .role = "record", .id =
	    (char *)rec->record_id };

	buf_reset(&w->text);
	rows_text(&w->text, rec);
	return look(w, &t, w->text.p != NULL ? w->text.p : "", w->text.len,
	    e);
}

static int
look_events(struct work *w, struct store *st, int64_t after, struct err *e)
{
	struct event_iter *it;
	const struct event *ev;
	int r;

	if (st->user_id == 0)
		return 0;
	if (event_open_rows(&it, st, st->user_id, after, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		struct todo t = { .row = ev->seq, .role =
		    event_roles[ev->role], .id = (char *)ev->id };

		if ((ev->type == EVENT_USER_MESSAGE || ev->type ==
		    EVENT_ASSISTANT_MESSAGE) && look(w, &t, ev->text,
		    ev->text_len, e) < 0) {
			r = -1;
			break;
		}
		if (ev->seq > w->newest)
			w->newest = ev->seq;
	}
	event_close(it);
	return r;
}

/* In one view of the store, which is not held while somebody is asked. */
static int
look_all(struct work *w, struct store *st, struct err *e)
{
	static const enum record_kind kinds[] = { RECORD_ROW, RECORD_DOCUMENT,
	    RECORD_CHUNK };
	int64_t after = w->p->done_of == w->a->version ? w->p->done : 0;
	size_t i;
	int r = 0;

	w->newest = after;
	if (tx_read(st->db, e) < 0)
		return -1;
	if (!w->run->records)
		r = look_events(w, st, after, e);
	for (i = 0; w->run->records && i < 3 && r >= 0; i++)
		r = record_each(st, kinds[i], NULL, after, look_record, w, e);
	return tx_end(st->db, r < 0 ? -1 : 0, e);
}

/* --- a question -------------------------------------------------------- */

static void
add_list(struct buf *b, const char *key, const struct strv *v)
{
	size_t i;

	buf_addf(b, "\"%s\":[", key);
	for (i = 0; i < v->n; i++)
		buf_addf(b, "%s\"%s\"", i > 0 ? "," : "", v->v[i]);
	buf_addc(b, ']');
}

static void
question(const struct propose_ask *a, const struct todo *t, size_t n,
    struct buf *b)
{
	size_t i;

	buf_adds(b, "\"kinds\":{");
	add_list(b, "entities", &a->entities);
	buf_addc(b, ',');
	add_list(b, "relations", &a->relations);
	buf_adds(b, "},\"turns\":[");
	for (i = 0; i < n; i++) {
		buf_addf(b, "%s{\"n\":%zu,\"id\":", i > 0 ? "," : "", i + 1);
		json_quote(b, t[i].id, strlen(t[i].id));
		buf_addf(b, ",\"role\":\"%s\",\"text\":", t[i].role);
		json_quote(b, t[i].text, t[i].len);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

/* How many go into one question from here on. */
static size_t
fill(const struct todo *t, size_t n)
{
	size_t i, bytes = 0;

	if (t[0].failed > 0)
		return 1;
	for (i = 0; i < n && i < TEXTS && (i == 0 || bytes + t[i].len <=
	    BYTES); i++)
		bytes += t[i].len;
	return i;
}

static int
put_answers(struct work *w, struct todo *t, const struct propose_shown *s,
    size_t n, struct err *e)
{
	size_t i;
	int r;

	if ((r = proposals_begin(w->p, e)) < 0)
		return -1;
	for (i = 0; i < n && r == 0; i++) {
		r = proposals_put(w->p, t[i].row, t[i].text, t[i].len,
		    w->a->version, s[i].body.p != NULL ? s[i].body.p : "",
		    e);
		t[i].done = true;
	}
	return proposals_end(w->p, r, e);
}

/* A wrong answer, or none, counts; that it cost too much, or was stopped, or
 * may come by itself, is nobody's fault. */
static int
put_failure(struct work *w, struct todo *t, size_t n, const struct err *why,
    struct err *e)
{
	size_t i;
	int r;

	w->sums->trouble = *why;
	w->ended = w->ended || why->code == ERR_BUSY || ++w->failures ==
	    IN_A_ROW;
	if (w->ended && why->code != ERR_INPUT && why->code != ERR_NET)
		return 0;
	if (asker_again(w->a->asker) || (why->code != ERR_INPUT &&
	    why->code != ERR_NET))
		return 0;
	if ((r = proposals_begin(w->p, e)) < 0)
		return -1;
	for (i = 0; i < n && r == 0; i++) {
		t[i].done = n == 1 && why->code == ERR_INPUT && t[i].failed +
		    1 >= TRIES;
		if (t[i].done)
			w->sums->given_up++;
		r = t[i].done ? proposals_put(w->p, t[i].row, t[i].text,
		    t[i].len, w->a->version, "", e) : proposals_fail(w->p,
		    t[i].row, t[i].text, t[i].len, e);
	}
	return proposals_end(w->p, r, e);
}

static int
ask(struct work *w, struct todo *t, size_t n, struct err *e)
{
	const struct asker_spent *spent = asker_spent(w->a->asker);
	struct propose_counts had = w->sums->counts;
	struct propose_shown s[TEXTS];
	int64_t calls = spent->calls;
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	struct err why;
	size_t i;
	int r;

	for (i = 0; i < n; i++)
		s[i] = (struct propose_shown){ t[i].text, t[i].len, BUF_INIT,
		    0 };
	question(w->a, t, n, &b);
	if ((r = asker_ask(w->a->asker, &b, &o, &why)) == 0)
		r = asker_judged(w->a->asker, propose_check(o,
		    &w->a->relations, s, n, &w->sums->counts, &why), &why);
	if (r == 0) {
		w->failures = 0;
		w->sums->texts += (int64_t)n;
		r = put_answers(w, t, s, n, e);
	} else if (spent->calls == calls) {
		w->ended = true;	/* it is asked no more */
		if (w->sums->trouble.code == ERR_NONE)
			w->sums->trouble = why;
		r = 0;
	} else {
		w->sums->counts = had;
		r = put_failure(w, t, n, &why, e);
	}
	for (i = 0; i < n; i++)
		buf_release(&s[i].body);
	buf_release(&b);
	json_decref(o);
	return r;
}

static int
ask_all(struct work *w, struct todos *all, struct err *e)
{
	size_t i, n;
	int r = 0;

	for (i = 0; i < all->n && r == 0 && !w->ended; i += n) {
		n = fill(all->v + i, all->n - i);
		if (w->sums->texts + (int64_t)n > w->a->budget)
			break;
		r = ask(w, all->v + i, n, e);
		if (r == 0 && w->run->progress != NULL &&
		    w->run->progress(w->run->arg, w->sums->texts, e) != 0)
			r = -1;
	}
	for (i = 0; i < all->n; i++)
		if (!all->v[i].done)
			leave(w, all->v[i].row);
	return r;
}

/* --- a run ------------------------------------------------------------- */

static void
release(struct todos *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		free(all->v[i].id);
		free(all->v[i].text);
	}
	free(all->v);
}

static int
set_done(struct work *w, struct err *e)
{
	int64_t done = w->least > 0 ? w->least - 1 : w->newest;

	if (done == w->p->done && w->p->done_of == w->a->version)
		return 0;
	if (proposals_begin(w->p, e) < 0)
		return -1;
	return proposals_end(w->p, proposals_done(w->p, done, w->a->version,
	    e), e);
}

int
propose_ask_run(struct propose_ask *a, struct store *st,
    const struct propose_run *run, struct proposals *p,
    struct propose_sums *sums, struct err *e)
{
	const struct asker_spent *spent = asker_spent(a->asker);
	struct asker_spent had = *spent;
	struct work w = { .a = a, .p = p, .run = run, .sums = sums, .text =
	    BUF_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	r = look_all(&w, st, e);
	if (r == 0)
		r = ask_all(&w, &w.fresh, e);
	if (r == 0)
		r = ask_all(&w, &w.again, e);
	if (r == 0)
		r = set_done(&w, e);
	sums->calls = spent->calls - had.calls;
	sums->failed = spent->failed - had.failed;
	sums->tokens = spent->tokens - had.tokens;
	release(&w.fresh);
	release(&w.again);
	buf_release(&w.text);
	return r;
}

/* --- opening ----------------------------------------------------------- */

/* Who is asked, and what for. */
static int64_t
version_of(const struct store *st)
{
	static const char *const keys[] = { "graph.chatCommand",
	    "graph.endpoint", "graph.endpointModel" };
	uint8_t out[HASH_LEN];
	uint64_t v = 0;
	struct hash h;
	size_t i;

	hash_init(&h);
	hash_add_field(&h, "memkit relate 1");
	hash_add(&h, data_prompt_graph_txt, data_prompt_graph_txt_len);
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		hash_add_field(&h, conf_get(st->conf, keys[i], ""));
	hash_end(&h, out);
	for (i = 0; i < 8; i++)
		v = v << 8 | out[i];
	return (int64_t)(v & INT64_MAX) | 1;
}

int
propose_ask_open(struct propose_ask **out, const struct store *st,
    struct err *e)
{
	static const struct asker_kind kind = { "graph", "relate",
	    "relations", "--graph" };
	int64_t budget = BUDGET;
	struct propose_ask *a;
	struct asker *asker;
	int r;

	if ((r = asker_open(&asker, &kind, st, e)) != 1)
		return r;
	if (conf_get_int(st->conf, "graph.maxTexts", 0, BUDGET_MAX, &budget,
	    e) < 0) {
		asker_free(asker);
		return -1;
	}
	a = xcalloc(1, sizeof *a);
	a->asker = asker;
	a->budget = budget;
	a->version = version_of(st);
	propose_entities(&a->entities);
	propose_relations(&a->relations);
	*out = a;
	return 1;
}

void
propose_ask_free(struct propose_ask *a)
{
	if (a == NULL)
		return;
	asker_free(a->asker);
	strv_release(&a->entities);
	strv_release(&a->relations);
	free(a);
}
