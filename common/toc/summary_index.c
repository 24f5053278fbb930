#include "toc/summary_work.h"

#include "base/alloc.h"
#include "text/rare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER 4		/* digits; a shorter one tells little: */
#define SMALL 0.4		/* so much of what a word does */

static void
make_slots(struct summariser *s)
{
	size_t words = 0, want = 256, i;

	for (i = 0; i < s->items; i++)
		words += s->item[i].words;
	while (want < 2 * words)
		want *= 2;
	if (want > s->slots) {
		free(s->slot);
		s->slot = xcalloc(want, sizeof *s->slot);
		s->slots = want;
	} else {
		memset(s->slot, 0, s->slots * sizeof *s->slot);
	}
}

static size_t
slot(const struct summariser *s, uint64_t stem)
{
	size_t i = (size_t)stem & (s->slots - 1);

	while (s->slot[i] != 0 && s->term[s->slot[i] - 1].stem != stem)
		i = (i + 1) & (s->slots - 1);
	return i;
}

static uint32_t
term(struct summariser *s, uint64_t stem)
{
	size_t i = slot(s, stem);
	struct summary_term *t;

	if (s->slot[i] == 0) {
		s->term = xgrow(s->term, s->terms, &s->terms_cap,
		    sizeof *s->term);
		t = &s->term[s->terms++];
		memset(t, 0, sizeof *t);
		t->stem = stem;
		s->slot[i] = (uint32_t)s->terms;
	}
	return s->slot[i] - 1;
}

int64_t
summary_find(const struct summariser *s, uint64_t stem)
{
	return (int64_t)s->slot[slot(s, stem)] - 1;
}

static void
add_place(struct summariser *s, struct summary_term *t, uint32_t item,
    uint32_t word)
{
	struct summary_place *p;

	s->place = xgrow(s->place, s->places, &s->place_cap, sizeof *s->place);
	p = &s->place[s->places++];
	p->item = item;
	p->word = word;
	p->before = t->place;
	t->place = (uint32_t)s->places;
}

/* A compound is a term for keywords only: its parts are compared. */
static void
add_entry(struct summariser *s, struct summary_item *x, uint32_t i,
    uint32_t id, const struct turn_word *w)
{
	struct summary_term *t = &s->term[id];
	size_t k = x->term;

	if (x->turn->text[w->at] >= '0' && x->turn->text[w->at] <= '9' &&
	    w->len < NUMBER)
		t->number = true;
	if (t->last == i + 1) {
		while (s->of[k].term != id)
			k++;
		s->of[k].weight++;
		return;
	}
	t->last = i + 1;
	t->items++;
	s->of = xgrow(s->of, s->ofs, &s->of_cap, sizeof *s->of);
	s->of[s->ofs].term = id;
	s->of[s->ofs++].weight = 1;
}

static void
add_terms(struct summariser *s, uint32_t i)
{
	struct summary_item *x = &s->item[i];
	const struct turn_word *w;
	bool said = x->kind < TURN_OUTPUT;
	uint32_t id, k;

	x->term = (uint32_t)s->ofs;
	for (k = x->word; k < x->word + x->words; k++) {
		w = &x->turn->word[k];
		id = term(s, w->stem);
		s->term[id].tf += said;
		if (said && w->kind != TURN_PART &&
		    (s->parent || !x->context)) {
			s->term[id].key = true;
			add_place(s, &s->term[id], i, k);
		}
		if (w->kind != TURN_WHOLE)
			add_entry(s, x, i, id, w);
	}
	x->terms = (uint32_t)s->ofs - x->term;
}

void
summary_index(struct summariser *s)
{
	struct summary_entry *o, *end;
	struct summary_item *x;
	struct summary_term *t;
	size_t i;
	double w;

	make_slots(s);
	s->terms = s->ofs = s->places = 0;
	for (i = 0; i < s->items; i++)
		add_terms(s, (uint32_t)i);
	for (i = 0; i < s->terms; i++) {
		t = &s->term[i];
		if (t->tf == 0)
			t->tf = 1;
		t->rare = rare_stem(t->stem);
		t->weight = t->rare * log(1 + (double)s->items /
		    (t->items > 0 ? t->items : t->tf));
		if (t->number)
			t->weight *= SMALL;
		t->tells = t->weight * sqrt(t->tf);
	}
	for (i = 0; i < s->items; i++) {
		x = &s->item[i];
		end = s->of + x->term + x->terms;
		for (o = s->of + x->term; o < end; o++) {
			w = (double)o->weight * s->term[o->term].weight;
			o->weight = (float)w;
			x->norm += w * w;
		}
		x->norm = sqrt(x->norm);
	}
}

void
summary_mark(struct summariser *s, const struct summary_item *x, bool on)
{
	const struct summary_entry *o = s->of + x->term, *end = o + x->terms;

	for (; o < end; o++)
		s->term[o->term].mark = on ? o->weight : 0;
}

double
summary_alike(const struct summariser *s, const struct summary_item *marked,
    const struct summary_item *x)
{
	const struct summary_entry *o = s->of + x->term, *end = o + x->terms;
	double sum = 0;

	for (; o < end; o++)
		sum += (double)o->weight * (double)s->term[o->term].mark;
	return sum > 0 ? sum / (marked->norm * x->norm) : 0;
}
