/*
 * The best of the contents in so many tokens, for a prompt.
 *
 * Without a query what is near in time counts: a node as old as it is long
 * counts half of one that lies in the present, so there is detail of today,
 * and of last year the outline.  With one, nodes count that have its words:
 * the rarer the word among them, the more.
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "index/token.h"
#include "store/store.h"
#include "toc/toc_body.h"
#include "toc/turn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 32
#define NEAR_MAX 2000		/* nodes looked at without a query */

struct cand {
	struct toc_node node;
	double score;
	double near;
	uint32_t has;		/* which words of the query */
	json_t *rec;		/* own, of one that is chosen */
};

struct budget_run {
	struct toc_run *run;
	int64_t now;
	struct tokens tokens;
	char *word[WORDS_MAX];	/* own; stems of the query */
	size_t words, nodes_with[WORDS_MAX];
	struct cand *cand;	/* own; in the order of the tree */
	size_t n, cap;
	struct map printed;	/* texts and grips of bullets that were taken */
};

/* --- the query --------------------------------------------------------- */

static int
find_word(const struct budget_run *b, const struct token *t)
{
	size_t i;

	for (i = 0; i < b->words; i++)
		if (strlen(b->word[i]) == t->stem_len &&
		    memcmp(b->word[i], t->stem, t->stem_len) == 0)
			return (int)i;
	return -1;
}

static void
read_query(struct budget_run *b, const char *query)
{
	struct token t;

	tokens_start(&b->tokens, query, strlen(query), 0);
	while (b->words < WORDS_MAX && token_next(&b->tokens, &t))
		if (!t.stop && find_word(b, &t) < 0)
			b->word[b->words++] = xstrndup(t.stem, t.stem_len);
}

static uint32_t
words_of(struct budget_run *b, const struct buf *text)
{
	struct toc_line l;
	struct token t;
	uint32_t has = 0;
	size_t at = 0;
	int i;

	while (toc_body_next(text, &at, &l)) {
		tokens_start(&b->tokens, l.b.text, l.b.len, 0);
		while (token_next(&b->tokens, &t))
			if ((i = find_word(b, &t)) >= 0)
				has |= UINT32_C(1) << i;
	}
	return has;
}

/* --- candidates -------------------------------------------------------- */

static double
nearness(const struct budget_run *b, const struct toc_node *n)
{
	double span = (double)(n->end_ms - n->start_ms) + 1;
	double age = b->now > n->end_ms ? (double)(b->now - n->end_ms) : 0;

	/* a segment counts as long as half a day: it is a part of one */
	if (n->level == TOC_SEGMENT && span < 43200000)
		span = 43200000;
	return 1 / (1 + age / span);
}

static int
add_cand(void *arg, const struct toc_node *n, struct err *e)
{
	struct budget_run *b = arg;
	const struct map *marks;
	struct toc_version v;
	struct cand *c;
	uint32_t has = 0;
	size_t i;
	int r;

	if ((r = toc_hidden(b->run, n, e)) != 0)
		return r < 0 ? -1 : 0;
	if (b->words > 0) {
		if ((r = toc_live(b->run->st, n, toc_o.as_of, &v, e)) != 1)
			return r;
		has = words_of(b, &v.text);
		toc_version_release(&v);
		for (i = 0; i < b->words; i++)
			b->nodes_with[i] += has >> i & 1;
	}
	b->cand = xgrow(b->cand, b->n, &b->cap, sizeof *b->cand);
	if ((marks = toc_marks_for(b->run, n, e)) == NULL)
		return -1;
	c = &b->cand[b->n++];
	memset(c, 0, sizeof *c);
	c->node = *n;
	c->has = has;
	c->near = nearness(b, n);
	if (toc_mark_of(marks, n->name) == TOC_PIN)
		c->near += 1;
	c->score = c->near;
	/* what lies far away has no part that is near */
	if (n->level == TOC_SEGMENT || (b->words == 0 &&
	    (c->score < 0.02 || b->n > NEAR_MAX)))
		return 0;
	return toc_see_each(b->run->st, n, toc_o.as_of, add_cand, b, e);
}

/* A node without any is of no use. */
static void
score_by_words(struct budget_run *b)
{
	struct cand *c;
	double sum;
	size_t i, k;

	for (i = 0; i < b->n; i++) {
		c = &b->cand[i];
		for (sum = 0, k = 0; k < b->words; k++)
			if (c->has >> k & 1)
				sum += log(1 + (double)b->n /
				    (double)b->nodes_with[k]);
		c->score = sum;
	}
}

/* --- what is taken ----------------------------------------------------- */

static int
by_score(const void *a, const void *b)
{
	const struct cand *x = *(struct cand *const *)a;
	const struct cand *y = *(struct cand *const *)b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	/* what is above has the words of what is below, and more text */
	if (x->node.level != y->node.level)
		return (x->node.level > y->node.level) == (x->has == 0) ? -1 :
		    1;
	if (x->near != y->near)
		return x->near > y->near ? -1 : 1;
	return strcmp(y->node.name, x->node.name);	/* the later one */
}

/* As many tokens as a line of output has. */
static int64_t
cost(struct budget_run *b, const json_t *rec)
{
	return ((int64_t)out_record_size(&b->run->out, rec) + 3) / 4;
}

/* Words of bullets that are printed need no keywords beside them; which
 * children there are says the tree. */
static json_t *
short_record(struct budget_run *b, const struct cand *c, struct err *e)
{
	static const char *const drop[] = { "keywords", "child_node_ids",
	    "made", "version", NULL };
	struct toc_version v;
	json_t *rec = NULL;
	int i;

	if (toc_live(b->run->st, &c->node, toc_o.as_of, &v, e) != 1)
		return NULL;
	rec = toc_record(b->run, &c->node, &v, e);
	toc_version_release(&v);
	for (i = 0; rec != NULL && drop[i] != NULL; i++)
		json_object_del(rec, drop[i]);
	return rec;
}

static const char *
text_of(const json_t *bullet)
{
	const char *s = get_str(bullet, "text", NULL);

	return s != NULL ? s : "";
}

static const char *
first_grip(const json_t *bullet)
{
	const char *id = json_string_value(json_array_get(json_object_get(
	    bullet, "grip_ids"), 0));

	return id != NULL ? id : "";
}

/* Bullets that were taken with another node go, and who says the same. */
static void
drop_printed(struct budget_run *b, json_t *bullets)
{
	const json_t *v;
	size_t i;

	for (i = json_array_size(bullets); i-- > 0; ) {
		v = json_array_get(bullets, i);
		if (map_get(&b->printed, first_grip(v)) != NULL ||
		    map_get(&b->printed, text_of(v)) != NULL)
			json_array_remove(bullets, i);
	}
}

static void
note_printed(struct budget_run *b, const json_t *bullets)
{
	json_t *v;
	size_t i;
	int made;

	json_array_foreach(bullets, i, v) {
		map_put(&b->printed, first_grip(v), &made);
		map_put(&b->printed, text_of(v), &made);
	}
}

/* With as many bullets as there is room for, one at least. */
static int
take(struct budget_run *b, struct cand *c, int64_t *left, struct err *e)
{
	json_t *rec = short_record(b, c, e), *bullets;
	int64_t tokens;

	if (rec == NULL)
		return -1;
	bullets = json_object_get(rec, "bullets");
	drop_printed(b, bullets);
	while ((tokens = cost(b, rec)) > *left &&
	    json_array_size(bullets) > 1)
		json_array_remove(bullets, json_array_size(bullets) - 1);
	if (tokens > *left || json_array_size(bullets) == 0) {
		json_decref(rec);
		return 0;
	}
	note_printed(b, bullets);
	c->rec = rec;
	*left -= tokens;
	return 0;
}

static int
take_best(struct budget_run *b, struct err *e)
{
	struct cand **best = xcalloc(b->n + 1, sizeof(struct cand *));
	int64_t left = toc_o.budget;
	size_t i;
	int r = 0;

	for (i = 0; i < b->n; i++)
		best[i] = &b->cand[i];
	qsort(best, b->n, sizeof *best, by_score);
	for (i = 0; i < b->n && r == 0 && left > 20 && best[i]->score > 0;
	    i++)
		r = take(b, best[i], &left, e);
	free(best);
	return r;
}

static int
print_taken(struct budget_run *b, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < b->n && r == 0; i++) {
		if (b->cand[i].rec == NULL)
			continue;
		r = out_record(&b->run->out, b->cand[i].rec, e);
		b->run->printed++;
	}
	return r;
}

static int
add_named(struct budget_run *b, const char *name, struct err *e)
{
	struct toc_node n;
	int r = toc_named(b->run, name, &n, e);

	b->run->absent += r == 0;
	return r == 1 ? add_cand(b, &n, e) : r;
}

static int
add_all(struct budget_run *b, int argc, char **argv, struct err *e)
{
	int i, r = 0;

	if (argc == 0)
		return toc_see_each(b->run->st, NULL, toc_o.as_of, add_cand, b,
		    e);
	for (i = 0; r == 0 && i < argc; i++)
		r = add_named(b, argv[i], e);
	return r;
}

int
toc_budget(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct budget_run b = { .run = run, .now = toc_o.as_of == TOC_NOW ?
	    date_now() : toc_o.as_of, .printed = MAP_INIT };
	size_t i;
	int r;

	/* a terminal shows what the prompt would get */
	run->out.dense = true;
	run->out.width = 0;
	run->out.colour = false;
	tokens_init(&b.tokens, NULL);
	if (toc_o.query != NULL)
		read_query(&b, toc_o.query);
	r = add_all(&b, argc, argv, e);
	if (b.words > 0)
		score_by_words(&b);
	run->out.top = 1;	/* no line is indented further */
	if (r == 0 && (r = take_best(&b, e)) == 0) {
		run->out.top = 0;
		r = print_taken(&b, e);
	}
	for (i = 0; i < b.n; i++)
		json_decref(b.cand[i].rec);
	for (i = 0; i < b.words; i++)
		free(b.word[i]);
	free(b.cand);
	map_release(&b.printed);
	tokens_release(&b.tokens);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}
