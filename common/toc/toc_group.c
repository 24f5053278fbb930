#include "toc/toc_group.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* --- groups ------------------------------------------------------------ */

void
toc_group_clear(struct toc_group *g)
{
	size_t i;

	for (i = 0; i < g->parts; i++) {
		free(g->part[i].text);
		free(g->part[i].grips);
	}
	for (i = 0; i < g->words; i++)
		free(g->word[i].text);
	g->parts = g->words = g->children = 0;
}

void
toc_group_release(struct toc_group *g)
{
	toc_group_clear(g);
	free(g->part);
	free(g->word);
}

void
toc_group_part(struct toc_group *g, const struct toc_bullet *b, double weight,
    bool pinned)
{
	struct toc_part *p;

	g->part = xgrow(g->part, g->parts, &g->part_cap, sizeof *g->part);
	p = &g->part[g->parts++];
	p->text = xstrndup(b->text, b->len);
	p->grips = xstrndup(b->grips, b->grips_len);
	p->child = g->children;
	p->weight = weight;
	p->cues = b->cues;
	p->pinned = pinned;
}

void
toc_group_word(struct toc_group *g, const char *text, size_t len)
{
	g->word = xgrow(g->word, g->words, &g->word_cap, sizeof *g->word);
	g->word[g->words].text = xstrndup(text, len);
	g->word[g->words++].child = g->children;
}

/* --- what is chosen ---------------------------------------------------- */

/* The best of those that are not pinned, as many as there is room for. */
static void
choose(struct toc_choice *c)
{
	size_t room = c->pinned < SUMMARY_BULLETS ?
	    SUMMARY_BULLETS - c->pinned : 0, i, best;

	for (; room > 0; room--) {
		best = SUMMARY_BULLETS;
		for (i = 0; i < c->sum.bullets; i++)
			if (!c->take[i] && (best == SUMMARY_BULLETS ||
			    c->sum.bullet[i].weight >
			    c->sum.bullet[best].weight))
				best = i;
		if (best == SUMMARY_BULLETS)
			break;
		c->take[best] = true;
	}
}

void
toc_weigh(struct toc_work *w, const struct toc_group *g, bool ask,
    struct toc_choice *c)
{
	struct chat *chat = ask ? w->chat : NULL;
	struct summary_part *part = xcalloc(g->parts + 1, sizeof *part);
	struct summary_word *word = xcalloc(g->words + 1, sizeof *word);
	const struct toc_part *p;
	struct err why;
	size_t i, n = 0;

	memset(c, 0, sizeof *c);
	c->of = g;
	c->from = xcalloc(g->parts + 1, sizeof *c->from);
	for (i = 0; i < g->parts; i++) {
		p = &g->part[i];
		if (p->pinned) {
			c->pinned++;
			continue;
		}
		part[n] = (struct summary_part){ .text = p->text,
		    .len = strlen(p->text), .child = p->child,
		    .weight = p->weight, .cues = (uint16_t)p->cues };
		c->from[n++] = i;
	}
	for (i = 0; i < g->words; i++)
		word[i] = (struct summary_word){ g->word[i].text,
		    g->word[i].child };
	if (chat != NULL && n > 0 &&
	    chat_parent(chat, part, n, &c->sum, &why) == 0) {
		c->made = TOC_PROGRAM;
	} else {
		if (chat != NULL && n > 0) {
			toc_trouble(w, &why);
			c->made = TOC_FALLBACK;
		}
		summary_parent(w->summariser, part, n, word, g->words,
		    &c->sum);
	}
	choose(c);
	free(part);
	free(word);
}

void
toc_choice_each(const struct toc_choice *c, void (*fn)(void *,
    const struct toc_part *, const struct toc_choice *,
    const struct summary_bullet *b), void *arg)
{
	const struct toc_group *g = c->of;
	const struct summary_bullet *b;
	size_t i, k;

	for (i = 0; i < g->parts; i++) {
		if (g->part[i].pinned) {
			fn(arg, &g->part[i], c, NULL);
			continue;
		}
		for (k = 0; k < c->sum.bullets; k++) {
			b = &c->sum.bullet[k];
			if (c->take[k] && c->from[b->source.from] == i)
				fn(arg, &g->part[i], c, b);
		}
	}
}

void
toc_choice_release(struct toc_choice *c)
{
	summary_release(&c->sum);
	free(c->from);
}

