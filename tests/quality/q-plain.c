/*
 * The slow, obvious search, to measure what words alone are worth and to
 * hold the index against: every text is scored by BM25.
 *
 *	q-plain [-1] words|stems|date COLLECTION OUT
 *
 * writes OUT/TENANT.hits and, of conversations, OUT/TENANT.sessions as
 * q-score reads them.  words: words as they stand, all of them; stems: stems
 * without stop words, as the index has them; date: of an event the day it
 * was said, too, as mem-search --mode text has it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "index/score.h"
#include "index/token.h"
#include "search/query.h"
#include "collection.h"

#define HITS 100
#define SESSIONS 20
#define SESSION_BEST 3
#define TITLE_TIMES 2

enum kind { WORDS, STEMS, DATE };

struct posting {
	size_t passage;
	uint32_t tf;
};

struct term {
	struct posting *p;	/* own; passages ascend */
	size_t n, cap;
};

static struct collection c;
static enum kind words;
static struct tokens tokens;
static struct map number;	/* of a term */
static struct term *term;	/* own */
static size_t terms_cap;
static uint8_t *length;		/* own; packed, of each passage */
static double *score;		/* own; the same */

/* --- texts ------------------------------------------------------------- */

static bool
is_leaf(const struct token *t)
{
	return t->kind != TOKEN_WHOLE && t->kind != TOKEN_LAST;
}

/* Has the index this term?  Its text, ended by a NUL. */
static bool
has_term(const struct token *t, char text[TOKEN_MAX + 1])
{
	bool stem = words != WORDS;
	size_t n = stem ? t->stem_len : t->len;

	if (stem ? t->kind == TOKEN_LAST : !is_leaf(t))
		return false;
	memcpy(text, stem ? t->stem : t->text, n);
	text[n] = '\0';
	return true;
}

static void
count(const char *text, size_t passage, uint32_t times)
{
	int made;
	union map_value *v = map_put(&number, text, &made);
	struct term *t;

	if (made) {
		v->i = (int64_t)number.n - 1;
		term = xgrow(term, number.n - 1, &terms_cap, sizeof *term);
		memset(&term[v->i], 0, sizeof *term);
	}
	t = &term[v->i];
	if (t->n == 0 || t->p[t->n - 1].passage != passage) {
		t->p = xgrow(t->p, t->n, &t->cap, sizeof *t->p);
		t->p[t->n++] = (struct posting){ passage, 0 };
	}
	t->p[t->n - 1].tf += times;
}

/* Returns its leaves. */
static uint32_t
add_text(size_t passage, const char *s, uint32_t times)
{
	char text[TOKEN_MAX + 1];
	struct token t;
	uint32_t leaves = 0;

	if (s == NULL)
		return 0;
	tokens_start(&tokens, s, strlen(s), 0);
	while (token_next(&tokens, &t)) {
		leaves += is_leaf(&t);
		if (has_term(&t, text))
			count(text, passage, times);
	}
	return leaves * times;
}

static void
add_passage(size_t i)
{
	static const char *const months[] = { "January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December" };
	const struct passage *p = &c.passage[i];
	char *text = passage_text(p), day[64];
	struct date d;
	uint32_t n = add_text(i, text, 1);

	if (p->conv == NULL) {
		n += add_text(i, p->title, TITLE_TIMES);
		n += add_text(i, p->id, 1);
	} else if (words == DATE) {
		date_split_utc(p->time_ms, &d);
		snprintf(day, sizeof day, "%d %s %d", d.day,
		    months[d.month - 1], d.year);
		n += add_text(i, day, 1);
	}
	length[i] = score_pack(n);
	free(text);
}

/* --- scores ------------------------------------------------------------ */

static void
add_term(const char *text, double weight, size_t tenant, int64_t texts,
    const struct score_table *table)
{
	union map_value *v = map_get(&number, text);
	const struct posting *p;
	struct term *t;
	int64_t df = 0;
	size_t i;

	if (v == NULL)
		return;
	t = &term[v->i];
	for (i = 0; i < t->n; i++)
		df += c.passage[t->p[i].passage].tenant == tenant;
	weight *= score_idf(texts, df);
	for (i = 0; i < t->n; i++) {
		p = &t->p[i];
		if (c.passage[p->passage].tenant == tenant)
			score[p->passage] += score_term(table, weight, p->tf,
			    length[p->passage]);
	}
}

/* Each word of the query once. */
static void
add_words(const char *query, size_t tenant, int64_t texts,
    const struct score_table *table)
{
	char text[TOKEN_MAX + 1];
	struct map seen = MAP_INIT;
	struct token t;
	int made;

	tokens_start(&tokens, query, strlen(query), 0);
	while (token_next(&tokens, &t)) {
		if (!has_term(&t, text))
			continue;
		map_put(&seen, text, &made);
		if (made)
			add_term(text, 1, tenant, texts, table);
	}
	map_release(&seen);
}

static void
score_all(const struct question *q)
{
	struct score_scope scope = { 0, 0 };
	struct score_table table;
	const struct match *m;
	struct query parsed;
	size_t i;

	for (i = 0; i < c.passages; i++) {
		score[i] = 0;
		if (c.passage[i].tenant != q->tenant)
			continue;
		scope.texts++;
		scope.length += score_length(length[i]);
	}
	score_table(&table, c.conversations ? &score_event : &score_record,
	    score_average(&scope));
	if (words == WORDS) {
		add_words(q->text, q->tenant, scope.texts, &table);
		return;
	}
	query_parse(&parsed, NULL, q->text, strlen(q->text), 0);
	m = &parsed.match;
	for (i = 0; i < m->terms; i++)
		if (m->term[i].kind == MATCH_STEM)
			add_term(m->term[i].text, m->term[i].weight, q->tenant,
			    scope.texts, &table);
	query_release(&parsed);
}

/* --- the best ---------------------------------------------------------- */

struct ranked {
	const char *id;
	double score, best[SESSION_BEST];
	size_t order;		/* among equals, where ids do not tell */
};

static int
by_score(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->id, b->id);
}

static void
write_best(FILE *f, struct ranked *r, size_t n, size_t most, size_t line)
{
	struct buf b = BUF_INIT;
	size_t i;

	qsort(r, n, sizeof *r, by_score);
	for (i = 0; i < n && i < most; i++) {
		buf_adds(&b, "{\"id\":");
		json_quote(&b, r[i].id, strlen(r[i].id));
		buf_addf(&b, ",\"score\":%.6f,\"query\":%zu}\n", r[i].score,
		    line);
	}
	fwrite(b.p, 1, b.len, f);
	buf_release(&b);
}

static void
write_hits(FILE *f, size_t line)
{
	struct ranked *r = xcalloc(c.passages + 1, sizeof *r);
	size_t i, n = 0;

	for (i = 0; i < c.passages; i++) {
		if (score[i] <= 0)
			continue;
		r[n].id = c.passage[i].id;
		r[n].order = c.conversations ? i : 0;
		r[n++].score = score[i];
	}
	write_best(f, r, n, HITS, line);
	free(r);
}

/* A session is worth its best three turns: 1, 1/2, 1/4. */
static void
write_sessions(FILE *f, size_t line)
{
	struct ranked *r = xcalloc(c.passages + 1, sizeof *r), *s;
	struct map by_name = MAP_INIT;
	union map_value *v;
	size_t i, k;
	double x, was;
	int made;

	for (i = 0; i < c.passages; i++) {
		if (score[i] <= 0)
			continue;
		v = map_put(&by_name, c.passage[i].session, &made);
		if (made)
			v->i = (int64_t)by_name.n - 1;
		s = &r[v->i];
		s->id = c.passage[i].session;
		for (k = 0, x = score[i]; k < SESSION_BEST; k++)
			if (x > s->best[k]) {
				was = s->best[k];
				s->best[k] = x;
				x = was;
			}
	}
	for (i = 0; i < by_name.n; i++)
		r[i].score = r[i].best[0] + r[i].best[1] / 2 +
		    r[i].best[2] / 4;
	write_best(f, r, by_name.n, SESSIONS, line);
	map_release(&by_name);
	free(r);
}

static FILE *
create(const char *dir, const char *name, const char *end)
{
	struct buf path = BUF_INIT;
	FILE *f;

	file_join(&path, dir, name);
	buf_adds(&path, end);
	if ((f = fopen(path.p, "w")) == NULL)
		die("cannot write '%s'", path.p);
	buf_release(&path);
	return f;
}

static void
answer(const char *dir, size_t tenant)
{
	const char *name = c.tenant.e[tenant].key;
	FILE *hits = create(dir, name, ".hits"), *sessions = NULL;
	size_t i;

	if (c.conversations)
		sessions = create(dir, name, ".sessions");
	for (i = 0; i < c.questions; i++) {
		if (c.question[i].tenant != tenant)
			continue;
		score_all(&c.question[i]);
		write_hits(hits, c.question[i].line);
		if (sessions != NULL)
			write_sessions(sessions, c.question[i].line);
	}
	if (fclose(hits) != 0 || (sessions != NULL && fclose(sessions) != 0))
		die("cannot write to '%s'", dir);
}

int
main(int argc, char **argv)
{
	static const char *const kinds[] = { "words", "stems", "date" };
	bool one = false;
	size_t i;
	int opt;

	alloc_name = "q-plain";
	json_setup();
	while ((opt = getopt(argc, argv, "1")) == '1')
		one = true;
	argv += optind;
	if (opt != -1 || argc - optind != 3)
		die("usage: q-plain [-1] words|stems|date COLLECTION OUT");
	for (words = WORDS; strcmp(kinds[words], argv[0]) != 0; words++)
		if (words == DATE)
			die("'%s' is none of words, stems, date", argv[0]);
	collection_read(&c, argv[1], one);
	tokens_init(&tokens, NULL);
	length = xcalloc(c.passages + 1, sizeof *length);
	score = xcalloc(c.passages + 1, sizeof *score);
	for (i = 0; i < c.passages; i++)
		add_passage(i);
	for (i = 0; i < c.tenant.n; i++)
		if (c.asked[i] > 0)
			answer(argv[2], i);
	for (i = 0; i < number.n; i++)
		free(term[i].p);
	free(term);
	free(length);
	free(score);
	map_release(&number);
	tokens_release(&tokens);
	collection_release(&c);
	return 0;
}
