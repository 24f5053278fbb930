#include "ltm/live_ask.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "toc/asker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 20		/* of a question, at most */
#define BYTES 16000		/* after which it is full */
#define SAID_MIN 12		/* bytes that may tell something */

struct live_ask {
	struct asker *asker;		/* own */
	struct turn_reader *reader;	/* own */
	const struct live_rules *rules;
	struct live_model_sums *sums;
	struct live_shown shown[TURNS];	/* own; not asked about yet */
	size_t n, bytes;
	int64_t user;			/* whose they are */
	struct live_proposals got;
	bool ended;
	int64_t first;
};

/* --- asking ------------------------------------------------------------ */

/* Kinds, each once. */
static void
add_kinds(struct buf *b, const struct live_rules *l)
{
	size_t i, k;

	buf_adds(b, "\"kinds\":[");
	for (i = 0; i < l->nrules; i++) {
		for (k = 0; k < i; k++)
			if (!l->rule[k].off && strcmp(l->rule[k].kind,
			    l->rule[i].kind) == 0)
				break;
		if (l->rule[i].off || k < i)
			continue;
		if (b->p[b->len - 1] != '[')
			buf_addc(b, ',');
		json_quote(b, l->rule[i].kind, strlen(l->rule[i].kind));
	}
	buf_addc(b, ']');
}

static void
question(const struct live_ask *a, struct buf *b)
{
	size_t i;

	add_kinds(b, a->rules);
	buf_adds(b, ",\"turns\":[");
	for (i = 0; i < a->n; i++) {
		buf_addf(b, "%s{\"n\":%zu,\"event_id\":\"%s\",\"role\":"
		    "\"user\",\"text\":", i > 0 ? "," : "", i + 1,
		    a->shown[i].id);
		json_quote(b, a->shown[i].text, a->shown[i].len);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
take_out(struct live_ask *a)
{
	while (a->n > 0)
		live_shown_release(&a->shown[--a->n]);
	a->bytes = 0;
}

/* It may be asked in vain for a while; only wrong answers are counted. */
static void
fail(struct live_ask *a, const struct err *e, int64_t *tries)
{
	a->ended = true;
	a->first = a->shown[0].seq;
	a->sums->trouble = *e;
	if (e->code == ERR_BUSY || asker_again(a->asker) ||
	    ++*tries < LIVE_TRIES)
		return;
	*tries = 0;
	a->sums->given_up += (int64_t)a->n;
	a->first = a->shown[a->n - 1].seq + 1;
}

static void
count(struct live_ask *a)
{
	int i;

	a->sums->proposed += a->got.came;
	a->got.came = 0;
	for (i = 0; i < LIVE_DROPS; i++) {
		a->sums->dropped[i] += a->got.dropped[i];
		a->got.dropped[i] = 0;
	}
}

/* Those of a question, by their events; of one, they stay as they are. */
static void
put_in_order(struct live_ask *a, size_t from)
{
	struct live_proposal *v = a->got.v, p;
	size_t i, k;

	for (i = from + 1; i < a->got.n; i++) {
		p = v[i];
		for (k = i; k > from && v[k - 1].seq > p.seq; k--)
			v[k] = v[k - 1];
		v[k] = p;
	}
}

void
live_ask(struct live_ask *a, int64_t *tries)
{
	struct live_model_sums *s = a->sums;
	const struct asker_spent *spent = asker_spent(a->asker);
	struct buf b = BUF_INIT;
	size_t had = a->got.n;
	json_t *o = NULL;
	struct err e;
	int r;

	if (a->n == 0 || a->ended)
		return;
	question(a, &b);
	if ((r = asker_ask(a->asker, &b, &o, &e)) == 0)
		r = asker_judged(a->asker, live_check(a->rules, a->reader, o,
		    a->shown, a->n, &a->got, &e), &e);
	buf_release(&b);
	json_decref(o);
	s->calls = spent->calls;
	s->failed = spent->failed;
	s->tokens = spent->tokens;
	if (r < 0)
		fail(a, &e, tries);
	else {
		*tries = 0;
		s->turns += (int64_t)a->n;
		s->taken += (int64_t)(a->got.n - had);
		count(a);
		put_in_order(a, had);
	}
	take_out(a);
}

/* --- turns ------------------------------------------------------------- */

/* Did the rules leave it, and may it tell something? */
static bool
is_open(const struct live_ask *a, const struct event *ev,
    struct live_sayings *says)
{
	struct live_finds finds = LIVE_FINDS_INIT;
	size_t i, bytes = 0;

	live_read(a->rules, ev->text, ev->text_len, &finds);
	if (finds.n == 0 && finds.vetoed == 0)
		live_listen(a->rules, ev->text, ev->text_len, says);
	live_finds_release(&finds);
	for (i = 0; i < says->n; i++)
		bytes += says->v[i].len;
	return bytes >= SAID_MIN;
}

bool
live_ask_full(const struct live_ask *a, int64_t user)
{
	return a->n == TURNS || a->bytes >= BYTES ||
	    (a->n > 0 && a->user != user);
}

void
live_ask_turn(struct live_ask *a, const struct event *ev, int64_t user)
{
	struct live_sayings says = LIVE_SAYINGS_INIT;
	struct live_shown *s;

	assert(!live_ask_full(a, user));
	if (a->ended || !is_open(a, ev, &says)) {
		live_sayings_release(&says);
		return;
	}
	s = &a->shown[a->n++];
	s->seq = ev->seq;
	memcpy(s->id, ev->id, sizeof s->id);
	s->len = live_bytes(ev->text, ev->text_len);
	s->text = xstrndup(ev->text, s->len);
	s->says = says;
	a->bytes += s->len;
	a->user = user;
}

bool
live_ask_ended(const struct live_ask *a, int64_t *first)
{
	if (a->ended)
		*first = a->first;
	return a->ended;
}

/* --- what came --------------------------------------------------------- */

static int
by_event(const void *va, const void *vb)
{
	const struct live_proposal *a = va, *b = vb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

size_t
live_ask_of(const struct live_ask *a, int64_t seq,
    const struct live_proposal **at)
{
	const struct live_proposal key = { .seq = seq }, *p;
	size_t n = 0;

	if (a->got.n == 0 || (p = bsearch(&key, a->got.v, a->got.n, sizeof
	    key, by_event)) == NULL)
		return 0;
	while (p > a->got.v && p[-1].seq == seq)
		p--;
	while (p + n < a->got.v + a->got.n && p[n].seq == seq)
		n++;
	*at = p;
	return n;
}

void
live_ask_forget(struct live_ask *a)
{
	live_proposals_release(&a->got);
}

/* --- opening ----------------------------------------------------------- */

int
live_ask_open(struct live_ask **out, const struct store *st,
    const struct live_rules *rules, struct live_model_sums *sums,
    struct err *e)
{
	static const struct asker_kind kind = { "live", "propose",
	    "proposals", "--facts" };
	struct asker *asker;
	struct live_ask *a;
	int r;

	if ((r = asker_open(&asker, &kind, st, e)) != 1)
		return r;
	a = xcalloc(1, sizeof *a);
	a->asker = asker;
	a->reader = turn_reader_new();
	a->rules = rules;
	a->sums = sums;
	*out = a;
	return 1;
}

void
live_ask_free(struct live_ask *a)
{
	if (a == NULL)
		return;
	take_out(a);
	live_proposals_release(&a->got);
	asker_free(a->asker);
	turn_reader_free(a->reader);
	free(a);
}

const char *
live_ask_model(const struct live_ask *a)
{
	return asker_model(a->asker);
}
