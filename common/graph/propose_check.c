#include "graph/propose_check.h"

#include "base/json.h"
#include "graph/name.h"
#include "graph/pattern.h"
#include "graph/rows.h"
#include "text/quote.h"

#include <stdbool.h>
#include <string.h>

#define QUOTE 1000		/* bytes, at most */
#define QUOTE_MIN 4
#define MOST 400		/* of an answer that are looked at */
#define OF_A_TEXT 40		/* that are kept */
#define ENDS 12			/* ends of words that a name is tried with */

const char *const propose_drops[] = { "form", "long", "kind", "text", "quote",
    "name", "same", "again", "many" };

void
propose_entities(struct strv *all)
{
	int i;

	for (i = 0; graph_kinds[i] != NULL; i++)
		if (i != GRAPH_DOCUMENT && i != GRAPH_RECORD)
			strv_add(all, graph_kinds[i]);
}

void
propose_relations(struct strv *all)
{
	pattern_kinds(all);
	rows_kinds(all);
	strv_add(all, "related");
}

/* --- a name in a quote ------------------------------------------------- */

static bool
is_word(char c)
{
	return (c & 0x80) || (c >= '0' && c <= '9') || (c >= 'a' && c <=
	    'z') || (c >= 'A' && c <= 'Z');
}

/* What joins words to one, as text.c reads it. */
static bool
is_joint(char c)
{
	return c != '\0' && strchr("-._/:@#&+%$~'", c) != NULL;
}

/* A URL goes on up to one of these. */
static bool
is_url_end(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f || strchr("\"<>)]}`|\\^",
	    c) != NULL;
}

struct span {
	const char *p;		/* the text */
	size_t n;		/* all of it */
	size_t from, to;	/* in it */
	/* what was looked at last: up to what ends a URL, and within it */
	size_t stretch[2], url[2];
};

static void
look_at(struct span *q, size_t at)
{
	size_t i = at, end = at;

	while (i > 0 && !is_url_end(q->p[i - 1]))
		i--;
	while (end < q->n && !is_url_end(q->p[end]))
		end++;
	q->stretch[0] = i;
	q->stretch[1] = end;
	while (end > i && strchr(",;!?*.:-/'&", q->p[end - 1]) != NULL)
		end--;
	while (i + 3 < end && memcmp(q->p + i, "://", 3) != 0)
		i++;
	q->url[0] = i + 3;
	q->url[1] = end;
}

/* Are there "https://" and more of it before, and more of it behind? */
static bool
in_url(struct span *q, size_t at)
{
	if (at < q->stretch[0] || at > q->stretch[1] || q->stretch[1] == 0)
		look_at(q, at);
	return at >= q->url[0] && at < q->url[1];
}

/* Of what is joined at, may a name be what is before it?  ":12" of a file and
 * "'s" belong to none. */
static bool
is_tail(const char *p, size_t n, size_t at)
{
	if (at + 1 >= n)
		return false;
	return p[at] == ':' ? p[at + 1] >= '0' && p[at + 1] <= '9' :
	    p[at] == '\'' && p[at + 1] == 's' && (at + 2 == n || (!is_word(
	    p[at + 2]) && !is_joint(p[at + 2])));
}

/* Does a name begin, or end, between these two bytes of a text?  Not within a
 * word, nor within what text.c reads as one. */
static bool
is_edge(struct span *q, size_t at)
{
	const char *p = q->p;
	size_t from = at, to = at;

	while (from > 0 && is_joint(p[from - 1]))
		from--;
	while (to < q->n && is_joint(p[to]))
		to++;
	return !(from > 0 && is_word(p[from - 1]) && to < q->n &&
	    is_word(p[to])) && !in_url(q, at);
}

struct found {
	const char *p;		/* in the text */
	size_t len;
	enum graph_kind kind;
};

/* What begins there and has that key, if something does. */
static bool
match(struct span *q, size_t at, const struct buf *key, size_t len,
    struct buf *room, struct found *f)
{
	size_t end, tries = 0;

	for (end = at + 1; end <= q->to && end - at <= GRAPH_NAME_MAX &&
	    end - at <= 2 * len + 4 && tries < ENDS; end++) {
		if (end - at < len / 2 || (end < q->n && q->p[end - 1] ==
		    ' ') || !(is_edge(q, end) || is_tail(q->p, q->n,
		    end)))
			continue;
		tries++;
		graph_name_key(room, f->kind, q->p + at, end - at);
		if (room->len == key->len && memcmp(room->p, key->p,
		    key->len) == 0) {
			f->p = q->p + at;
			f->len = end - at;
			return true;
		}
	}
	return false;
}

/* Its kind is that of its form in the text, else the one that was told. */
static bool
find_name(struct span *q, const char *name, struct found *f)
{
	struct buf key = BUF_INIT, room = BUF_INIT;
	size_t at, len = strlen(name), form;
	enum graph_kind kind;
	bool found = false;

	form = len;
	if (graph_name_form(name, &form, false, &kind) && form == len)
		f->kind = kind;
	graph_name_key(&key, f->kind, name, len);
	for (at = q->from; at < q->to && !found && key.len > 0; at++)
		if ((unsigned char)q->p[at] > ' ' && is_edge(q, at))
			found = match(q, at, &key, len, &room, f);
	buf_release(&key);
	buf_release(&room);
	form = f->len;
	if (found && graph_name_form(f->p, &form, false, &kind) &&
	    form == f->len)
		f->kind = kind;
	return found;
}

/* --- one --------------------------------------------------------------- */

static struct propose_shown *
shown_of(const json_t *o, struct propose_shown *s, size_t n)
{
	int64_t i = 0;

	return get_int(o, "n", &i) == 1 && i >= 1 && (uint64_t)i <= n ?
	    &s[i - 1] : NULL;
}

static enum propose_drop
find_quote(const json_t *o, const struct propose_shown *s, struct span *out)
{
	const char *q = get_str(o, "quote", NULL);
	size_t k;

	if (q == NULL)
		return PROPOSE_DROP_FORM;
	k = strlen(q);
	quote_trim(&q, &k);
	if (k > QUOTE)
		return PROPOSE_DROP_LONG;
	if (k < QUOTE_MIN || !quote_find(s->text, s->len, q, k, &out->from,
	    &out->to))
		return PROPOSE_DROP_QUOTE;
	out->p = s->text;
	out->n = s->len;
	out->to += out->from;
	memset(out->stretch, 0, sizeof out->stretch);
	return PROPOSE_DROPS;
}

static enum propose_drop
find_one(const json_t *o, const char *name_key, const char *kind_key,
    struct span *q, struct found *f)
{
	const char *name = get_str(o, name_key, NULL);
	const char *kind = get_str(o, kind_key, NULL);
	size_t i;

	if (name == NULL || json_string_length(json_object_get(o, name_key)) <
	    2)
		return PROPOSE_DROP_FORM;
	if (strlen(name) > GRAPH_NAME_MAX)
		return PROPOSE_DROP_LONG;
	f->kind = kind == NULL ? GRAPH_NAME : graph_kind_find(kind);
	if (f->kind == GRAPH_KINDS || f->kind == GRAPH_DOCUMENT || f->kind ==
	    GRAPH_RECORD)
		return PROPOSE_DROP_KIND;
	if (!find_name(q, name, f))
		return PROPOSE_DROP_NAME;
	for (i = 0; i < f->len && !is_word(f->p[i]); i++)
		;
	return i < f->len ? PROPOSE_DROPS : PROPOSE_DROP_NAME;
}

static void
add_name(struct buf *b, const struct found *f)
{
	char line[GRAPH_NAME_MAX];

	buf_addf(b, "\t%s\t", graph_kinds[f->kind]);
	buf_add(b, line, graph_name_line(line, f->p, f->len));
}

/* Is the last line of the body there before? */
static bool
is_again(const struct buf *b, size_t line)
{
	size_t at, n = b->len - line;

	for (at = 0; at + n <= line; at += strcspn(b->p + at, "\n") + 1)
		if (memcmp(b->p + at, b->p + line, n) == 0)
			return true;
	return false;
}

static enum propose_drop
keep(struct propose_shown *s, size_t line)
{
	enum propose_drop bad = PROPOSE_DROPS;

	buf_addc(&s->body, '\n');
	if (is_again(&s->body, line))
		bad = PROPOSE_DROP_AGAIN;
	else if (s->kept == OF_A_TEXT)
		bad = PROPOSE_DROP_MANY;
	else
		s->kept++;
	if (bad != PROPOSE_DROPS)
		buf_cut(&s->body, line);
	return bad;
}

static enum propose_drop
take_entity(const json_t *o, struct propose_shown *s)
{
	enum propose_drop bad;
	struct found f;
	struct span q;
	size_t line = s->body.len;

	if (get_str(o, "kind", NULL) == NULL)
		return PROPOSE_DROP_FORM;
	if ((bad = find_quote(o, s, &q)) != PROPOSE_DROPS || (bad = find_one(
	    o, "name", "kind", &q, &f)) != PROPOSE_DROPS)
		return bad;
	buf_addc(&s->body, 'e');
	add_name(&s->body, &f);
	return keep(s, line);
}

static bool
are_one(const struct found *a, const struct found *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	graph_name_key(&x, a->kind, a->p, a->len);
	graph_name_key(&y, b->kind, b->p, b->len);
	same = x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

static enum propose_drop
take_relation(const json_t *o, const struct strv *kinds,
    struct propose_shown *s)
{
	const char *kind = get_str(o, "kind", NULL);
	enum propose_drop bad;
	struct found a, b;
	struct span q;
	size_t line = s->body.len;

	if (kind == NULL)
		return PROPOSE_DROP_FORM;
	if (!strv_has(kinds, kind))
		return PROPOSE_DROP_KIND;
	if ((bad = find_quote(o, s, &q)) != PROPOSE_DROPS || (bad = find_one(
	    o, "source", "source_kind", &q, &a)) != PROPOSE_DROPS ||
	    (bad = find_one(o, "target", "target_kind", &q, &b)) !=
	    PROPOSE_DROPS)
		return bad;
	if (are_one(&a, &b))
		return PROPOSE_DROP_SAME;
	buf_addf(&s->body, "r\t%s", kind);
	add_name(&s->body, &a);
	add_name(&s->body, &b);
	return keep(s, line);
}

/* --- all --------------------------------------------------------------- */

static int
read_list(const json_t *answer, const char *key, const json_t **list,
    struct err *e)
{
	*list = json_object_get(answer, key);
	if (*list != NULL && !json_is_array(*list))
		return err_set(e, ERR_INPUT, "it answered wrongly: '%s' is no "
		    "list", key);
	return 0;
}

int
propose_check(const json_t *answer, const struct strv *relations,
    struct propose_shown *shown, size_t n, struct propose_counts *c,
    struct err *e)
{
	const json_t *list[2], *o;
	struct propose_shown *s;
	enum propose_drop bad;
	size_t i, k, seen = 0;

	if (read_list(answer, "entities", &list[0], e) < 0 || read_list(
	    answer, "relations", &list[1], e) < 0)
		return -1;
	if (list[0] == NULL && list[1] == NULL)
		return err_set(e, ERR_INPUT, "it answered wrongly: it has "
		    "neither 'entities' nor 'relations'");
	for (k = 0; k < 2; k++)
		for (i = 0; i < json_array_size(list[k]); i++) {
			o = json_array_get(list[k], i);
			c->proposed++;
			if (seen++ >= MOST)
				bad = PROPOSE_DROP_MANY;
			else if (!json_is_object(o))
				bad = PROPOSE_DROP_FORM;
			else if ((s = shown_of(o, shown, n)) == NULL)
				bad = PROPOSE_DROP_TEXT;
			else
				bad = k == 0 ? take_entity(o, s) :
				    take_relation(o, relations, s);
			if (bad == PROPOSE_DROPS)
				c->kept++;
			else
				c->dropped[bad]++;
		}
	return 0;
}
