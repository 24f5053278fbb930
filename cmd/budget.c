/*
 * Who reads this wants evidence, and does not know which of the hits has it:
 * the heart of many turns serves better than the whole of few (measured on
 * conversations: cuts of 80 to 100 bytes in 2,000 hold an evidence turn for
 * 4 questions of 100 more than whole turns do; below 70 it falls steeply).
 * So each turn, the best first, gets a share at most, the first ones a
 * greater one, as long as there is room; what is left then goes to those
 * that were cut.
 */
#include "cmd/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "index/match.h"
#include "index/score.h"
#include "search/snippet.h"

#define SHARE_MIN ((size_t)100)	/* bytes of text that are worth a line, */
#define SHARES 40		/* and the part of all that they may be */
#define LINE_MIN 40		/* bytes of a line with next to no text */
#define TRIES 4			/* cuts to make a line fit */

struct turn {
	json_t *hit;		/* own */
	struct buf text;	/* what it says */
	struct buf cut;		/* what is shown of that */
	size_t size;		/* of its line; 0: is not shown */
	bool whole;
};

struct pack {
	struct budget *b;
	struct out *out;
	const struct match *m;
	double *worth;		/* own; of each term */
	struct tokens tokens;
	int64_t number;
	size_t left;		/* bytes */
};

int64_t
budget_hits(int64_t bytes)
{
	return bytes / LINE_MIN < BUDGET_HITS ? bytes / LINE_MIN + 1 :
	    BUDGET_HITS;
}

static const char *
str(const json_t *o, const char *path)
{
	const char *s = json_string_value(get_path(o, path));

	return s != NULL ? s : "";
}

/* What a hit says: the title (of an artifact its name) and the text, excerpt
 * or content of its record;
 * where it has none, the stretch that matched, without its marks. */
static void
add_text(struct buf *b, const json_t *hit)
{
	const char *title = str(hit, "record.title");
	const char *text = str(hit, "record.text");
	const char *part = str(hit, "snippet"), *p;
	size_t at;

	if (strcmp(str(hit, "source"), "artifact") == 0)
		title = str(hit, "record.filename");
	if (*text == '\0')
		text = str(hit, "record.excerpt");
	if (*text == '\0')
		text = str(hit, "record.content");
	buf_adds(b, title);
	if (*title != '\0' && (*text != '\0' || *part != '\0'))
		buf_adds(b, ": ");
	buf_adds(b, text);
	if (*text != '\0')
		return;
	at = b->len;
	for (; (p = strstr(part, "**")) != NULL; part = p + 2)
		buf_add(b, part, (size_t)(p - part));
	buf_adds(b, part);
	if (*title != '\0' && strcmp(b->p + at, title) == 0)
		buf_cut(b, strlen(title));	/* it is what matched */
}

void
budget_add(struct budget *b, const json_t *hit)
{
	struct turn *t;

	b->turn = xgrow(b->turn, b->n, &b->cap, sizeof *b->turn);
	t = &b->turn[b->n++];
	memset(t, 0, sizeof *t);
	buf_init(&t->text);
	buf_init(&t->cut);
	/* a cast: it only gets one more owner */
	t->hit = json_incref((json_t *)hit);
	add_text(&t->text, hit);
}

void
budget_release(struct budget *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		buf_release(&b->turn[i].text);
		buf_release(&b->turn[i].cut);
		json_decref(b->turn[i].hit);
	}
	free(b->turn);
	*b = (struct budget)BUDGET_INIT;
}

/* --- lines ------------------------------------------------------------- */

/* "ID 2026-11-20 user: TEXT" */
static void
add_line(struct buf *b, const struct turn *t)
{
	const char *kb = str(t->hit, "record.kb");
	const char *role = str(t->hit, "record.role");
	const json_t *rec = json_object_get(t->hit, "record");
	char when[32];
	int64_t ms;

	buf_reset(b);
	buf_addf(b, "%s%s%s", kb, *kb != '\0' ? "/" : "", str(t->hit, "id"));
	if (get_time(rec, "timestamp", &ms) == 1 ||
	    get_time(rec, "start", &ms) == 1 ||
	    get_time(rec, "valid_from", &ms) == 1) {
		date_format_local(when, ms);
		buf_addf(b, " %.10s", when);	/* the day */
	}
	if (*role != '\0')
		buf_addf(b, " %s", role);
	buf_addf(b, ": %s", t->cut.p);
}

/* The hit with the text that is shown in place of the record. */
static json_t *
turn_json(const struct pack *p, const struct turn *t)
{
	static const char *const keys[] = { "kb", "session_id", "timestamp",
	    "role", "start", "end", "valid_from", "confidence" };
	const json_t *rec = json_object_get(t->hit, "record");
	json_t *o, *v;
	size_t i;

	o = json_pack("{s:s, s:O*, s:O*, s:O*, s:O*}", "type", "hit",
	    "id", json_object_get(t->hit, "id"),
	    "source", json_object_get(t->hit, "source"),
	    "score", json_object_get(t->hit, "score"),
	    "graft", json_object_get(t->hit, "graft"));
	if (p->number > 0)
		json_object_set_new(o, "query", json_integer(p->number));
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if ((v = json_object_get(rec, keys[i])) != NULL)
			json_object_set(o, keys[i], v);
	json_object_set_new(o, "text", json_string(t->cut.p));
	return o;
}

/* Print the line of a turn, or (size not NULL) only say how long it is. */
static int
line(const struct pack *p, const struct turn *t, size_t *size, struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	int r = 0;

	if (p->out->text)
		add_line(&b, t);
	else
		o = turn_json(p, t);
	if (size != NULL)
		*size = o != NULL ? out_record_size(p->out, o) :
		    out_line_size(p->out, b.p);
	else
		r = o != NULL ? out_record(p->out, o, e) :
		    out_line(p->out, b.p, e);
	json_decref(o);
	buf_release(&b);
	return r;
}

/* --- choosing ---------------------------------------------------------- */

/* Rare among the hits is worth more: what all of them have tells none. */
static void
weigh(struct pack *p)
{
	struct match_text x;
	int64_t *df = xcalloc(p->m->terms + 1, sizeof *df);
	size_t i, k;

	match_text_init(&x, p->m);
	for (i = 0; i < p->b->n; i++) {
		match_text_reset(&x);
		match_text_add(&x, &p->tokens, p->b->turn[i].text.p,
		    p->b->turn[i].text.len, 1);
		for (k = 0; k < p->m->terms; k++)
			df[k] += x.tf[k] > 0;
	}
	match_text_release(&x);
	for (k = 0; k < p->m->terms; k++)
		p->worth[k] = p->m->term[k].weight *
		    score_idf((int64_t)p->b->n, df[k]);
	free(df);
}

static void
cut(struct pack *p, struct turn *t, size_t bytes)
{
	buf_reset(&t->cut);
	t->whole = snippet_cut(&t->cut, t->text.p, t->text.len, bytes, p->m,
	    p->worth, &p->tokens);
	line(p, t, &t->size, NULL);
}

/*
 * Give a turn so many bytes of text, or as many as there is room for, if that
 * is worth while.  What characters become in JSON, or on a terminal, is seen
 * only afterwards.  True if it fits; else it is as it was before.
 */
static bool
fit(struct pack *p, struct turn *t, size_t bytes)
{
	struct turn was = *t;
	size_t room = p->left + was.size;
	int i;

	buf_init(&t->cut);
	for (i = 0; i < TRIES; i++) {
		cut(p, t, bytes);
		if (t->size <= room && t->cut.len > 0) {
			buf_release(&was.cut);
			p->left = room - t->size;
			return true;
		}
		if (t->size <= room ||
		    t->cut.len < t->size - room + SHARE_MIN)
			break;
		bytes = t->cut.len - (t->size - room);
	}
	buf_release(&t->cut);
	*t = was;
	return false;
}

static void
choose(struct pack *p, size_t bytes)
{
	size_t share = bytes / SHARES, i;
	struct turn *t;

	if (share < SHARE_MIN)
		share = SHARE_MIN;
	for (i = 0; i < p->b->n && p->left >= LINE_MIN; i++)
		fit(p, &p->b->turn[i], share + share / (i + 1));
	for (i = 0; i < p->b->n; i++) {
		t = &p->b->turn[i];
		if (t->size > 0 && !t->whole && p->left > 0)
			fit(p, t, t->cut.len + p->left);
	}
}

int
budget_print(struct budget *b, struct out *out, const struct query *q,
    int64_t number, size_t bytes, struct err *e)
{
	struct pack p = { .b = b, .out = out, .m = &q->match,
	    .number = number, .left = bytes };
	size_t i;
	int n = 0, r = 0;

	p.worth = xcalloc(p.m->terms + 1, sizeof *p.worth);
	tokens_init(&p.tokens, q->match.language);
	weigh(&p);
	choose(&p, bytes);
	for (i = 0; i < b->n && r == 0; i++)
		if (b->turn[i].size > 0) {
			r = line(&p, &b->turn[i], NULL, e);
			n++;
		}
	tokens_release(&p.tokens);
	free(p.worth);
	return r < 0 ? -1 : n;
}
