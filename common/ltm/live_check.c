#include "ltm/live_check.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ltm/live_fill.h"
#include "text/quote.h"
#include "toc/claim.h"

#include <stdlib.h>
#include <string.h>

#define CONTENT 300		/* bytes, at most */
#define KEY 80
#define QUOTE 400
#define QUOTE_MIN 4
#define MOST 200		/* proposals of an answer that are looked at */
#define OF_A_TURN 4		/* that are kept */

/* Of the weight of a content's words: its sentence may need as many of its
 * own ("the user prefers").  Chosen, not measured. */
#define ENOUGH 0.5
#define SURE_ENOUGH 0.5		/* as it tells itself */

const char *const live_drops[] = { "form", "long", "kind", "event", "quote",
    "unsaid", "support", "unsure", "again", "many" };

/* As it came. */
struct given {
	const char *kind, *key, *content, *quote, *event, *value;
	double sure;
};

void
live_shown_release(struct live_shown *s)
{
	free(s->text);
	live_sayings_release(&s->says);
	turn_release(&s->turn);
	memset(s, 0, sizeof *s);
}

void
live_proposals_release(struct live_proposals *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].content);
	}
	free(p->v);
	memset(p, 0, sizeof *p);
}

/* --- its form ---------------------------------------------------------- */

/* A text to be read: something, and no controls. */
static bool
is_plain(const char *s)
{
	size_t n, len;
	uint32_t c;

	if (s == NULL || *s == '\0')
		return false;
	for (len = strlen(s); len > 0; s += n, len -= n)
		if ((c = utf8_decode(s, len, &n)) < ' ' || utf8_unsafe(c))
			return false;
	return true;
}

static bool
read_given(const json_t *o, struct given *g)
{
	const json_t *sure = json_object_get(o, "sure");

	g->kind = get_str(o, "kind", NULL);
	g->key = get_str(o, "key", NULL);
	g->content = get_str(o, "content", NULL);
	g->quote = get_str(o, "quote", NULL);
	g->event = get_str(o, "event_id", NULL);
	g->value = get_str(o, "value", NULL);
	g->sure = json_is_number(sure) ? json_number_value(sure) : 1;
	return (sure == NULL || json_is_number(sure)) && g->sure >= 0 &&
	    g->sure <= 1 && is_plain(g->kind) && is_plain(g->key) &&
	    is_plain(g->content) && g->quote != NULL && g->event != NULL;
}

static const char *
kind_of(const struct live_rules *l, const char *kind)
{
	size_t i;

	for (i = 0; i < l->nrules; i++)
		if (!l->rule[i].off && strcmp(l->rule[i].kind, kind) == 0)
			return l->rule[i].kind;
	return NULL;
}

static struct live_shown *
shown_of(struct live_shown *s, size_t n, const char *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(s[i].id, id) == 0)
			return &s[i];
	return NULL;
}

/* --- the quote --------------------------------------------------------- */

static bool
find(const char *text, size_t from, size_t to, const char *q, size_t k,
    struct live_span *out)
{
	size_t at;

	if (!quote_find(text + from, to - from, q, k, &at, &out->len))
		return false;
	out->at = from + at;
	return true;
}

/* Where it stands, among what is said; a reason to drop it, or LIVE_DROPS. */
static enum live_drop
find_quote(const struct live_shown *s, const char *q, struct live_span *out,
    bool *session)
{
	const struct live_saying *x;
	size_t k = strlen(q), i;

	quote_trim(&q, &k);
	if (k > QUOTE)
		return LIVE_DROP_LONG;
	if (k < QUOTE_MIN)
		return LIVE_DROP_QUOTE;
	for (i = 0; i < s->says.n; i++) {
		x = &s->says.v[i];
		*session = x->session;
		if (find(s->text, x->at, x->at + x->len, q, k, out))
			return LIVE_DROPS;
	}
	return find(s->text, 0, s->len, q, k, out) ? LIVE_DROP_UNSAID :
	    LIVE_DROP_QUOTE;
}

/* --- its words --------------------------------------------------------- */

static bool
has_support(struct turn_reader *r, struct live_shown *s, const char *content)
{
	struct claim c;
	double sum;
	bool good;

	if (s->turn.text == NULL) {
		s->turn.text = s->text;
		s->turn.len = s->len;
		s->turn.role = ROLE_USER;
		s->turn.type = EVENT_USER_MESSAGE;
		turn_read(r, &s->turn);
	}
	claim_init(&c, r, content);
	sum = claim_found(&c, s->turn.word, s->turn.words, true);
	good = c.all > 0 && sum >= ENOUGH * c.all && claim_numbers(&c);
	claim_release(&c);
	return good;
}

/* "KIND:what it is about", as the keys of rules. */
static char *
key_of(const char *kind, const char *key)
{
	struct buf b = BUF_INIT;
	size_t n = strlen(kind);

	if (strncmp(key, kind, n) == 0 && key[n] == ':')
		key += n + 1;
	buf_addf(&b, "%s:", kind);
	live_fold(&b, key, strlen(key));
	return buf_steal(&b);
}

/* May there be another one of this turn, with this key? */
static enum live_drop
room_for(const struct live_proposals *out, const struct live_proposal *p)
{
	size_t i, n = 0;

	for (i = out->n; i > 0; i--) {
		if (out->v[i - 1].seq != p->seq)
			continue;
		if (str_eq(out->v[i - 1].key, p->key))
			return LIVE_DROP_AGAIN;
		n++;
	}
	return n < OF_A_TURN ? LIVE_DROPS : LIVE_DROP_MANY;
}

/* --- one, and all ------------------------------------------------------ */

/* A reason to drop it; LIVE_DROPS: it is filled, but for own members. */
static enum live_drop
judge(const struct live_rules *l, struct turn_reader *r,
    const struct given *g, struct live_shown *shown, size_t n,
    struct live_proposal *p)
{
	struct live_span at;
	struct live_shown *s;
	enum live_drop bad;

	if (strlen(g->content) > CONTENT || strlen(g->key) > KEY)
		return LIVE_DROP_LONG;
	if ((p->kind = kind_of(l, g->kind)) == NULL)
		return LIVE_DROP_KIND;
	if ((s = shown_of(shown, n, g->event)) == NULL)
		return LIVE_DROP_EVENT;
	if ((bad = find_quote(s, g->quote, &at, &p->session)) != LIVE_DROPS)
		return bad;
	if (!has_support(r, s, g->content))
		return LIVE_DROP_SUPPORT;
	if (g->sure < SURE_ENOUGH)
		return LIVE_DROP_UNSURE;
	p->seq = s->seq;
	p->at = at.at;
	p->len = at.len;
	p->sure = (int)(g->sure * LIVE_MODEL_SURE);
	/* one that stands elsewhere is not believed, the rest is */
	if (!is_plain(g->value) || strlen(g->value) > LIVE_HOLE_MAX ||
	    quote_blank(*g->value) || !find(s->text, at.at, at.at + at.len,
	    g->value, strlen(g->value), &p->value))
		p->value.len = 0;
	return LIVE_DROPS;
}

static enum live_drop
take(const struct live_rules *l, struct turn_reader *r, const json_t *o,
    struct live_shown *shown, size_t n, struct live_proposals *out)
{
	struct live_proposal p = { .seq = 0 };
	struct given g;
	enum live_drop bad;

	if (!read_given(o, &g))
		return LIVE_DROP_FORM;
	if ((bad = judge(l, r, &g, shown, n, &p)) != LIVE_DROPS)
		return bad;
	p.key = key_of(p.kind, g.key);
	if ((bad = room_for(out, &p)) != LIVE_DROPS) {
		free(p.key);
		return bad;
	}
	p.content = xstrdup(g.content);
	out->v = xgrow(out->v, out->n, &out->cap, sizeof p);
	out->v[out->n++] = p;
	return LIVE_DROPS;
}

int
live_check(const struct live_rules *l, struct turn_reader *r,
    const json_t *answer, struct live_shown *shown, size_t n,
    struct live_proposals *out, struct err *e)
{
	const json_t *all = json_object_get(answer, "proposals");
	size_t i, came = json_array_size(all);
	enum live_drop bad;

	if (!json_is_array(all))
		return err_set(e, ERR_INPUT, "it answered wrongly: "
		    "'proposals' is no list");
	out->came += (int64_t)came;
	for (i = 0; i < came && i < MOST; i++)
		if ((bad = take(l, r, json_array_get(all, i), shown, n,
		    out)) != LIVE_DROPS)
			out->dropped[bad]++;
	out->dropped[LIVE_DROP_MANY] += (int64_t)(came - i);
	return 0;
}
