/*
 * Matching, scoring and ranking against slow, obvious versions of the same,
 * on random texts of few words, so that everything happens often.
 */
#include "base/alloc.h"
#include "base/json.h"
#include "search/cands.h"
#include "search/query.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#define TEXTS 60
#define NOW INT64_C(1795176000000)

static uint32_t seed = 1;

static unsigned
dice(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *const vocabulary[] = { "red", "reds", "blue", "bluer",
    "getRed", "red_blue", "the", "of", "v1.2", "green", "greens", "c++",
    "\xe6\x95\xb0\xe6\x8d\xae", "\xe6\x8d\xae", "a/b/red", "x" };
#define WORDS (sizeof vocabulary / sizeof *vocabulary)

static const char *const queries[] = { "red", "blue green", "re*", "\"red\"",
    "\"red blue\"", "\"the red\" green", "red -blue", "-red", "red OR blue x",
    "getRed", "red_blue", "+red +green", "+red_blue", "-\"blue the\" red",
    "v1.2", "1.2", "c++", "+c++", "\xe6\x95\xb0\xe6\x8d\xae",
    "\xe6\x8d\xae", "the of", "the", "\"the of\"", "b/red", "\"get red\"",
    "\"v 1 2\"", "gre* OR \"x x\" blu", "role:user red", "-role:user blue",
    "red \"green x\" OR role:user", "\"red reds blue\"", "a/b/red x*" };

/* --- one text, slowly -------------------------------------------------- */

static struct token all[4000];
static char texts[4000][2][TOKEN_MAX + 1];
static size_t alln;

static void
read_all(struct tokens *ts, const char *p)
{
	struct token t;

	tokens_start(ts, p, strlen(p), 0);
	for (alln = 0; token_next(ts, &t); alln++) {
		all[alln] = t;
		memcpy(texts[alln][0], t.text, t.len);
		texts[alln][0][t.len] = '\0';
		memcpy(texts[alln][1], t.stem, t.stem_len);
		texts[alln][1][t.stem_len] = '\0';
	}
}

static uint32_t
slow_tf(const struct match_term *t)
{
	uint32_t n = 0, counted = UINT32_MAX;
	size_t i;

	for (i = 0; i < alln; i++) {
		if (t->kind == MATCH_STEM) {
			n += all[i].kind != TOKEN_LAST &&
			    strcmp(texts[i][1], t->text) == 0;
		} else if (strncmp(texts[i][0], t->text, t->len) == 0 &&
		    all[i].pos != counted) {
			n++;
			counted = all[i].pos;
		}
	}
	return n;
}

static bool
leaf_at(uint32_t pos, const char *text)
{
	size_t i;

	for (i = 0; i < alln; i++)
		if (all[i].pos == pos && all[i].kind != TOKEN_WHOLE &&
		    all[i].kind != TOKEN_LAST && strcmp(texts[i][0], text) == 0)
			return true;
	return false;
}

static bool
slow_phrase(const struct match *m, const struct match_phrase *p)
{
	uint32_t pos;
	unsigned k;

	for (pos = 0; alln > 0 && pos <= all[alln - 1].pos; pos++) {
		for (k = 0; k < p->n; k++)
			if (!leaf_at(pos + p->at[k].offset,
			    m->word[p->at[k].word].text))
				break;
		if (k == p->n)
			return true;
	}
	return false;
}

static bool
slow_holds(const struct match *m, bool role)
{
	bool any, one, h;
	size_t i;
	int g;

	for (g = 0; g < m->groups; g++) {
		for (i = 0, any = one = false; i < m->atoms; i++) {
			if (m->atom[i].group != g)
				continue;
			any = true;
			h = m->atom[i].what == MATCH_TERM ?
			    slow_tf(&m->term[m->atom[i].i]) > 0 :
			    m->atom[i].what == MATCH_PHRASE ?
			    slow_phrase(m, &m->phrase[m->atom[i].i]) : role;
			one |= h != m->atom[i].not;
		}
		if (any && !one)
			return false;
	}
	return true;
}

static uint32_t
slow_length(void)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < alln; i++)
		n += all[i].kind != TOKEN_WHOLE && all[i].kind != TOKEN_LAST;
	return n;
}

/* --- many texts -------------------------------------------------------- */

static char *text[TEXTS];
static char ids[TEXTS][ULID_LEN + 1];

static bool
is_user(void *arg, int i)
{
	(void)i;
	return *(size_t *)arg % 2 == 0;
}

/* BM25 as its formula has it, and nothing else. */
static double
slow_score(const struct query *q, size_t which, struct tokens *ts)
{
	double score = 0, length[TEXTS], total = 0, df, tf, idf;
	uint32_t n[TEXTS];
	size_t i, t;

	for (i = 0; i < TEXTS; i++) {
		read_all(ts, text[i]);
		/* texts of the test are shorter than 40 words but for a few:
		 * beyond that lengths are rounded down to 4 bits */
		length[i] = slow_length();
		if (length[i] >= 40)
			length[i] = 24 + (length[i] - 24 < 32 ?
			    floor((length[i] - 24) / 2) * 2 :
			    floor((length[i] - 24) / 4) * 4);
		total += length[i];
	}
	for (t = 0; t < q->match.terms; t++) {
		for (i = 0, df = 0; i < TEXTS; i++) {
			read_all(ts, text[i]);
			n[i] = slow_tf(&q->match.term[t]);
			df += n[i] > 0;
		}
		tf = n[which];
		idf = log(1 + (TEXTS - df + 0.5) / (df + 0.5));
		score += q->match.term[t].weight * idf * tf * 1.9 / (tf + 0.9 *
		    (0.6 + 0.4 * length[which] / (total / TEXTS)));
	}
	return score;
}

static void
make_texts(void)
{
	char b[2048];
	size_t i, k, n;

	for (i = 0; i < TEXTS; i++) {
		b[0] = '\0';
		n = i % 20 == 7 ? 45 : dice(12);
		for (k = 0; k < n; k++) {
			strcat(b, vocabulary[dice(WORDS)]);
			strcat(b, dice(8) ? " " : ", ");
		}
		free(text[i]);
		text[i] = xstrdup(b);
		snprintf(ids[i], sizeof ids[i], "01HNAVQZC0000000000000%04zu",
		    (i * 37) % TEXTS);
	}
}

static int
by_score(const struct cands *c, size_t a, size_t b)
{
	if (c->cand[a].score != c->cand[b].score)
		return c->cand[a].score > c->cand[b].score ? -1 : 1;
	return memcmp(c->cand[a].id, c->cand[b].id, ULID_BYTES);
}

static int
rank_bad(const struct cands *c)
{
	struct rank *r;
	size_t n, i, k, place, want;
	int bad = 0;

	for (want = 0; want < 12; want += 3) {
		n = cands_rank(c, 1u << SOURCE_EVENT, want, &r);
		bad += n != (want == 0 || want > c->cands ? c->cands : want);
		for (i = 0; i < n; i++) {
			for (k = 0, place = 0; k < c->cands; k++)
				place += by_score(c, k, r[i].i) < 0;
			bad += place != i;
		}
		free(r);
	}
	return bad;
}

static void
one_query(const char *line, struct tokens *ts)
{
	struct match_text x;
	struct query q;
	struct cands c;
	struct doc d = { .source = SOURCE_EVENT };
	int tf = 0, phrase = 0, holds = 0, length = 0, score = 0;
	size_t i, k, found = 0, at[TEXTS];

	query_parse(&q, NULL, line, strlen(line), NOW);
	query_ready(&q);
	match_text_init(&x, &q.match);
	cands_init(&c, &q, false, false);
	for (i = 0; i < TEXTS; i++) {
		match_text_reset(&x);
		match_text_add(&x, ts, text[i], strlen(text[i]), 1);
		read_all(ts, text[i]);
		for (k = 0; k < q.match.terms; k++)
			tf += x.tf[k] != slow_tf(&q.match.term[k]);
		for (k = 0; k < q.match.phrases; k++)
			phrase += x.phrase[k] != slow_phrase(&q.match,
			    &q.match.phrase[k]);
		length += x.length != slow_length();
		cands_count(&c, SOURCE_EVENT, &x);
		holds += match_holds(&x, is_user, &i) !=
		    slow_holds(&q.match, i % 2 == 0);
		if (!match_holds(&x, is_user, &i))
			continue;
		d.id = ids[i];
		d.seq = (int64_t)i;
		cands_add(&c, &d, &x);
		at[found++] = i;
	}
	cands_score(&c, 0);
	for (i = 0; i < found; i++)
		score += fabs(c.cand[i].score - slow_score(&q, at[i], ts)) >
		    1e-6;	/* each term is rounded to 2^-24 */
	ok(tf + phrase + holds + length + score == 0, "%s: %zu of %d texts, "
	    "%d %d %d %d %d", line, found, TEXTS, tf, phrase, holds, length,
	    score);
	ok(rank_bad(&c) == 0, "  the best of them in order");
	cands_release(&c);
	match_text_release(&x);
	query_release(&q);
}

/* --- sessions ---------------------------------------------------------- */

static void
sessions(struct tokens *ts)
{
	static const struct {
		const char *session, *text;
	} ev[] = { { "b", "red" }, { "a", "red red x x x x x" },
	    { "b", "red red" }, { "c", "x" }, { "b", "red" }, { "b", "red" },
	    { "d", "blue" } };
	struct match_text x;
	struct query q;
	struct cands c;
	struct doc d = { .source = SOURCE_EVENT };
	struct rank *r;
	double one, two;
	size_t i;

	query_parse(&q, NULL, "red", 3, NOW);
	query_ready(&q);
	match_text_init(&x, &q.match);
	cands_init(&c, &q, true, false);
	for (i = 0; i < sizeof ev / sizeof *ev; i++) {
		match_text_reset(&x);
		match_text_add(&x, ts, ev[i].text, strlen(ev[i].text), 1);
		cands_count(&c, SOURCE_EVENT, &x);
		d.session = ev[i].session;
		d.id = ids[i];
		if (match_holds(&x, NULL, NULL))
			cands_add(&c, &d, &x);
	}
	cands_score(&c, 0);
	cands_sessions(&c);
	one = c.cand[0].score;
	two = c.cand[2].score;
	ok(cands_rank(&c, 1u << SOURCE_SESSION, 0, &r) == 2 &&
	    r[0].source == SOURCE_SESSION, "two sessions are found");
	ok(fabs(r[0].score - (two + one / 2 + one / 4)) < 1e-12,
	    "one by its best three events: 1, 1/2, 1/4");
	ok(fabs(r[1].score - c.cand[1].score) < 1e-12, "one by its only one");
	free(r);
	cands_release(&c);
	match_text_release(&x);
	query_release(&q);
}

/* The table of lengths: the values of Lucene's SmallFloat. */
static void
lengths(void)
{
	uint32_t n, was = 0;
	int i, bad = 0;

	for (i = 0; i < 256; i++) {
		n = score_length((uint8_t)i);
		bad += score_pack(n) != i || (i > 0 && n <= was);
		was = n;
	}
	for (n = 0; n < 100000; n++)
		bad += score_length(score_pack(n)) > n || (n < 40 ?
		    score_length(score_pack(n)) != n :
		    n - score_length(score_pack(n)) > n / 8);
	ok(bad == 0, "lengths in one byte rise, and are exact below 40");
	is_int(score_length(255), 2013265944, "the greatest");
	is_int(score_length(score_pack(UINT32_MAX)), 2013265944,
	    "more is as much");
	is_int(score_length(score_pack(1000)), 984, "1000 is 984");
	ok(fabs(score_idf(10, 2) - log(1 + 8.5 / 2.5)) < 1e-15 &&
	    score_idf(10, 10) > 0, "idf is never negative");
}

int
main(void)
{
	struct tokens ts;
	size_t i;

	json_setup();
	tokens_init(&ts, NULL);
	lengths();
	for (i = 0; i < sizeof queries / sizeof *queries; i++) {
		make_texts();
		one_query(queries[i], &ts);
	}
	sessions(&ts);
	for (i = 0; i < TEXTS; i++)
		free(text[i]);
	tokens_release(&ts);
	return done();
}
