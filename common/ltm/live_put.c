#include "ltm/live_put.h"

#include "base/json.h"
#include "base/str.h"
#include "ltm/fact.h"
#include "ltm/live_fill.h"
#include "ltm/live_said.h"
#include "ltm/processor.h"
#include "store/store.h"

#include <string.h>

#define AGAIN (PROCESSOR_ONE / 20)	/* surer for each time */
#define AGAIN_MOST 3

/* What was said before, again: surer, up to a bound. */
static bool
say_again(struct fact *out, const struct live_said *s,
    const struct fact *before)
{
	int64_t said = 1;
	json_t *meta = json_object_get(out->body, "metadata");
	int sure;

	get_int(json_object_get(before->body, "metadata"), "said", &said);
	if (said > AGAIN_MOST)
		return false;
	json_object_set_new(meta, "said", json_integer(said + 1));
	json_array_append_new(json_object_get(out->body, "steps"),
	    json_pack("{s:s, s:f}", "why", "it was said before", "add",
	    LIVE_REAL(said * AGAIN)));
	sure = s->sure + (int)said * AGAIN;
	out->confidence = LIVE_REAL(sure < s->most ? sure : s->most);
	return true;
}

/* A model says it in other words, or is less sure: what a rule found is
 * better. */
static bool
is_known(const struct live_said *s, const struct fact *before)
{
	const json_t *meta = json_object_get(before->body, "metadata");

	return s->model != NULL && !before->gone &&
	    !str_eq(get_str(meta, "by", NULL), "model") &&
	    (str_eq(get_str(before->body, "content", NULL), s->content.p) ||
	    (s->value_key.len > 0 && str_eq(get_str(meta, "value_key", NULL),
	    s->value_key.p)));
}

static int
tell(struct live_put *w, const struct live_said *s, struct err *e)
{
	bool session = s->session;
	struct fact before, f = { .scope = session ? FACT_SESSION : FACT_USER,
	    .user_id = w->st->user_id, .session = session ? s->ev->session :
	    NULL, .valid_until_ms = INT64_MAX,
	    .confidence = LIVE_REAL(s->sure) };
	bool again = true;
	int r;

	f.id = fact_id_said(f.scope, w->st->user, session ? s->ev->session :
	    "", s->key.p, NULL);
	if ((r = live_newest(w->st, f.id, &before, e)) < 0)
		return -1;
	f.body = live_body(s);
	if (r == 1 && (live_knows(&before, s->ev) || is_known(s, &before)))
		again = false;
	else if (r == 1 && !before.gone && str_eq(get_str(before.body,
	    "content", NULL), s->content.p))
		again = say_again(&f, s, &before);
	if (again)
		r = live_write(w, r == 1 ? &before : NULL, &f, s->ev, e);
	else {
		w->sums->late++;
		r = 0;
	}
	json_decref(before.body);
	json_decref(f.body);
	return r;
}

static int
put_said(struct live_put *w, const struct live_said *s, struct err *e)
{
	int r;

	switch (s->does) {
	case LIVE_ENDS:
		return live_end(w, s, false, e);
	case LIVE_CORRECTS:
		r = live_correct(w, s, e);
		return r != 0 ? r : tell(w, s, e);
	case LIVE_TELLS:
		break;
	}
	/* what was the lesser one is preferred now */
	if (!s->session && s->value_key.len > 0 && live_end(w, s, true, e) < 0)
		return -1;
	return tell(w, s, e);
}

static void
said_release(struct live_said *s)
{
	buf_release(&s->value_key);
	buf_release(&s->other_key);
	buf_release(&s->key);
	buf_release(&s->content);
}

int
live_put(struct live_put *w, const struct event *ev,
    const struct live_find *f, struct err *e)
{
	const struct live_rule *rule = f->rule;
	const struct live_span *v = &f->m.hole[LIVE_VALUE];
	const struct live_span *o = &f->m.hole[LIVE_OTHER];
	struct live_said s = { .ev = ev, .at = f->at, .len = f->len,
	    .kind = rule->kind, .rule = rule->name, .does = rule->does,
	    .session = f->session, .sure = f->sure, .most = LIVE_SURE_MAX,
	    .part = f->part, .parts = f->parts, .value = *v,
	    .value_key = BUF_INIT, .other_key = BUF_INIT, .key = BUF_INIT,
	    .content = BUF_INIT };
	int r;

	live_fold(&s.value_key, ev->text + v->at, v->len);
	live_fold(&s.other_key, ev->text + o->at, o->len);
	if (rule->key != NULL)
		live_fill(&s.key, rule->key, ev->text, &f->m, true);
	if (rule->content != NULL)
		live_fill(&s.content, rule->content, ev->text, &f->m, false);
	r = put_said(w, &s, e) < 0 ? -1 : 0;
	said_release(&s);
	return r;
}

int
live_propose(struct live_put *w, const struct event *ev,
    const struct live_proposal *p, const char *model, struct err *e)
{
	struct buf why = BUF_INIT;
	struct live_part part = { NULL, p->sure };
	struct live_said s = { .ev = ev, .at = p->at, .len = p->len,
	    .kind = p->kind, .model = model, .does = LIVE_TELLS,
	    .session = p->session, .sure = p->sure, .most = LIVE_MODEL_MOST,
	    .part = &part, .parts = 1, .value = p->value,
	    .value_key = BUF_INIT, .other_key = BUF_INIT, .key = BUF_INIT,
	    .content = BUF_INIT };
	int r;

	live_fold(&s.value_key, ev->text + p->value.at, p->value.len);
	buf_adds(&s.key, p->key);
	buf_adds(&s.content, p->content);
	buf_addf(&why, "a model proposed it: %s", model);
	part.why = why.p;
	r = put_said(w, &s, e) < 0 ? -1 : 0;
	said_release(&s);
	buf_release(&why);
	return r;
}
