#include "memory/tail.h"

#include "base/str.h"
#include "memory/doc.h"
#include "memory/event.h"
#include "memory/record.h"
#include "store/store.h"

struct scan {
	const struct tail *tail;
	const struct query *q;
	struct cands *c;
	struct tokens tokens;
	struct match_text text;
	struct doc doc;
	bool read;		/* has the query words to look for? */
};

static bool
filter(void *arg, int i)
{
	struct scan *s = arg;

	return field_holds(&s->q->field[i], &s->doc);
}

/* Look at s->doc: 1 it is a hit and one is enough. */
static int
look(struct scan *s)
{
	struct doc *d = &s->doc;
	size_t i;

	match_text_reset(&s->text);
	for (i = 0; s->read && i < d->pieces; i++)
		match_text_add(&s->text, &s->tokens, d->piece[i].text,
		    d->piece[i].len, d->piece[i].times);
	cands_count(s->c, d->source, &s->text);
	if (d->source == SOURCE_EVENT && s->tail->session != NULL &&
	    !str_eq(s->tail->session, d->session))
		return 0;
	if (!match_holds(&s->text, filter, s))
		return 0;
	cands_add(s->c, d, &s->text);
	return s->tail->first_only;
}

static int
scan_events(struct store *st, struct scan *s, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	int r;

	if (event_open_tail(&it, st, s->tail->event_after, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		doc_event(&s->doc, ev);
		if (look(s))
			break;
	}
	event_close(it);
	return r < 0 ? -1 : 0;
}

static int
scan_record(void *arg, const struct record *rec, struct err *e)
{
	struct scan *s = arg;

	(void)e;
	doc_record(&s->doc, rec);
	return look(s);
}

int
tail_scan(struct store *st, const struct tail *t, struct cands *c,
    struct err *e)
{
	struct scan s = { .tail = t, .q = c->q, .c = c };
	int r = 0;

	s.read = c->q->match.terms > 0 || c->q->match.phrases > 0;
	tokens_init(&s.tokens);
	match_text_init(&s.text, &c->q->match);
	if (t->sources >> SOURCE_EVENT & 1)
		r = scan_events(st, &s, e);
	if (r == 0 && (t->sources >> SOURCE_KB & 1) &&
	    !(t->first_only && c->n[SOURCE_EVENT] > 0))
		r = t->past ? record_each_at(st, t->as_of_ms, scan_record, &s,
		    e) : record_each(st, NULL, t->record_after, scan_record,
		    &s, e);
	doc_release(&s.doc);
	match_text_release(&s.text);
	tokens_release(&s.tokens);
	return r < 0 ? -1 : 0;
}
