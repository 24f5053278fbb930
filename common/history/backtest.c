#include "history/backtest.h"

#include "base/alloc.h"
#include "history/churn.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER_MAX 30		/* files of a fix whose partners are asked */

const char *const backtest_methods[] = { "random", "churn", "bugspots",
    "decayed-fixes", "bug-history", NULL };
const double backtest_buckets[] = { 0, 0.5, 0.6, 0.7, 0.8, 0.9, 1 };

struct sample {
	size_t file;
	int64_t at_ms;
	int64_t commit;		/* its number */
	double score[BACKTEST_METHODS], confidence;
	bool hit;
};

/* A question for partners, and how it came out. */
struct asked {
	int64_t commit;
	bool hit;
};

struct run {
	const struct backtest_how *how;
	struct churn *churn;	/* own */
	struct sample *v;	/* own */
	size_t n, cap;
	struct asked *asked;	/* own */
	size_t nasked, asked_cap;
	int64_t end_ms;		/* of the last commit */
	bool scored;		/* on the day that was asked for */
	struct backtest *out;
};

/* Numbers that come again: splitmix64 (Steele, Lea and Flood 2014). */
static double
any_number(uint64_t i)
{
	i += UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	i = (i ^ i >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	i = (i ^ i >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((i ^ i >> 31) >> 11) / 9007199254740992.0;
}

static void
score(struct run *r, size_t file, int64_t at_ms)
{
	struct sample *s;
	struct risk risk;
	double evidence;

	r->v = xgrow(r->v, r->n, &r->cap, sizeof *r->v);
	s = &r->v[r->n];
	churn_risk(r->churn, file, at_ms, &risk);
	evidence = risk_evidence(&risk);
	*s = (struct sample){ .file = file, .at_ms = at_ms,
	    .commit = r->out->commits,
	    .confidence = risk_confidence(evidence, risk.severity) };
	s->score[BACKTEST_RANDOM] = any_number(r->n++);
	s->score[BACKTEST_CHURN] = (double)churn_touches(r->churn, file);
	s->score[BACKTEST_BUGSPOTS] = churn_bugspots(r->churn, file, at_ms);
	s->score[BACKTEST_DECAYED] = risk.file;
	s->score[BACKTEST_HISTORY] = evidence;
}

/* One that is new has no past to tell from. */
static void
score_touches(struct run *r, const struct commit *c)
{
	size_t i, file;

	for (i = 0; i < c->nfiles; i++) {
		if (c->files[i].did == COMMIT_DELETED)
			continue;
		file = churn_find(r->churn, c->files[i].was != NULL ?
		    c->files[i].was : c->files[i].path);
		if (file != CHURN_NONE)
			score(r, file, c->time_ms);
	}
}

static void
score_all(struct run *r)
{
	size_t i;

	for (i = 0; i < churn_files(r->churn); i++)
		if (!churn_gone(r->churn, i))
			score(r, i, r->how->until_ms);
	r->scored = true;
}

/* Of the files of a fix: are those that it goes with among its partners? */
static void
ask_partners(struct run *r, const struct commit *c)
{
	struct churn_partner p[BACKTEST_PARTNERS];
	size_t file[TOGETHER_MAX], i, k, j, n;
	bool hit;

	if (c->nfiles < 2 || c->nfiles > TOGETHER_MAX)
		return;
	for (i = 0; i < c->nfiles; i++)
		file[i] = churn_find(r->churn, c->files[i].was != NULL ?
		    c->files[i].was : c->files[i].path);
	for (i = 0; i < c->nfiles; i++) {
		n = file[i] == CHURN_NONE ? 0 : churn_partners(r->churn,
		    file[i], c->time_ms, p, BACKTEST_PARTNERS);
		if (n == 0)
			continue;
		for (hit = false, k = 0; k < n; k++)
			for (j = 0; j < c->nfiles; j++)
				hit |= file[j] == p[k].file;
		r->asked = xgrow(r->asked, r->nasked, &r->asked_cap,
		    sizeof *r->asked);
		r->asked[r->nasked++] = (struct asked){ r->out->commits, hit };
	}
}

static int
read_all(struct run *r, int (*next)(void *, struct commit *, struct err *),
    void *arg, const struct fix_rules *rules, struct err *e)
{
	const struct backtest_how *how = r->how;
	enum fix_severity severity;
	struct commit c = { 0 };
	bool fix, after;
	int n;

	while ((n = next(arg, &c, e)) == 1) {
		if (!c.known)
			continue;
		fix = fix_match(rules, c.subject, &severity);
		after = how->until_ms != 0 && c.time_ms >= how->until_ms;
		if (after && !r->scored)
			score_all(r);
		if (how->until_ms == 0)
			score_touches(r, &c);
		if (fix && (how->until_ms == 0 || (after &&
		    c.time_ms < how->until_ms + how->horizon_ms)))
			ask_partners(r, &c);
		churn_add(r->churn, &c, fix ? (int)severity : -1);
		r->out->commits++;
		r->out->fixes += fix;
		r->end_ms = c.time_ms;
	}
	commit_release(&c);
	return n;
}

/* --- what came after --------------------------------------------------- */

static bool
was_fixed(const struct churn *c, const struct sample *s, int64_t horizon_ms)
{
	size_t n, lo = 0, hi, mid;
	const int64_t *t = churn_fixes(c, s->file, &n);

	for (hi = n; lo < hi; ) {
		mid = lo + (hi - lo) / 2;
		if (t[mid] <= s->at_ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && t[lo] <= s->at_ms + horizon_ms;
}

/* Those of the last part of which half a year is known. */
static void
choose(struct run *r)
{
	int64_t first = (int64_t)((double)r->out->commits *
	    (1 - BACKTEST_PART));
	int64_t last_ms = r->end_ms - r->how->horizon_ms;
	bool once = r->how->until_ms != 0;
	size_t i, k = 0;

	for (i = 0; i < r->n; i++)
		if (once || (r->v[i].commit >= first &&
		    r->v[i].at_ms <= last_ms)) {
			r->v[k] = r->v[i];
			r->v[k].hit = was_fixed(r->churn, &r->v[k],
			    r->how->horizon_ms);
			r->out->hits += r->v[k++].hit;
		}
	r->n = k;
	r->out->samples = (int64_t)k;
	for (i = 0; i < r->nasked; i++)
		if (once || r->asked[i].commit >= first) {
			r->out->partners++;
			r->out->partner_hits += r->asked[i].hit;
		}
}

struct ranked {
	double score, any;
	bool hit;
};

static int
by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? -1 : 1;
	return (x->any > y->any) - (x->any < y->any);
}

/* By the sum of ranks (Mann and Whitney 1947), those that are equal in the
 * middle of their places. */
static double
auc(const struct ranked *v, size_t n, double hits)
{
	double sum = 0, here;
	size_t i, k, j;

	for (i = 0; i < n; i = k) {
		here = 0;
		/* order matters: v is sorted */
		for (k = i; k < n && !(v[k].score > v[i].score); k++)
			here += v[k].hit;
		j = i + k + 1;
		sum += here * (double)j / 2;
	}
	return (sum - hits * (hits + 1) / 2) / (hits * ((double)n - hits));
}

static void
judge_method(struct run *r, enum backtest_method m, struct ranked *v)
{
	size_t i, top = r->n / 5 > 0 ? r->n / 5 : 1, hits = 0;

	for (i = 0; i < r->n; i++)
		v[i] = (struct ranked){ r->v[i].score[m],
		    r->v[i].score[BACKTEST_RANDOM], r->v[i].hit };
	qsort(v, r->n, sizeof *v, by_score);
	for (i = r->n - top; i < r->n; i++)
		hits += v[i].hit;
	r->out->auc[m] = auc(v, r->n, (double)r->out->hits);
	r->out->top[m] = (double)hits / (double)top;
}

static void
judge_confidence(struct run *r)
{
	size_t i, b;

	for (i = 0; i < r->n; i++) {
		for (b = 0; b + 1 < BACKTEST_BUCKETS &&
		    r->v[i].confidence >= backtest_buckets[b + 1]; b++)
			;
		r->out->bucket[b]++;
		r->out->bucket_hits[b] += r->v[i].hit;
		if (r->v[i].confidence >= r->how->flag) {
			r->out->flags++;
			r->out->flag_hits += r->v[i].hit;
		}
	}
}

static int
judge(struct run *r, struct err *e)
{
	struct ranked *v;
	int m;

	if (r->how->until_ms != 0 && !r->scored)
		return err_set(e, ERR_INPUT, "the history ends before that "
		    "day");
	choose(r);
	if (r->out->hits == 0 || r->out->hits == r->out->samples)
		return err_set(e, ERR_INPUT, "the history is too short to "
		    "tell: of %lld touches %lld were followed by a fix",
		    (long long)r->out->samples, (long long)r->out->hits);
	v = xcalloc(r->n, sizeof *v);
	for (m = 0; m < BACKTEST_METHODS; m++)
		judge_method(r, (enum backtest_method)m, v);
	free(v);
	judge_confidence(r);
	return 0;
}

int
backtest_run(int (*next)(void *, struct commit *, struct err *), void *arg,
    const struct fix_rules *rules, const struct backtest_how *how,
    struct backtest *out, struct err *e)
{
	struct run r = { .how = how, .out = out, .churn = churn_new() };
	int n;

	memset(out, 0, sizeof *out);
	n = read_all(&r, next, arg, rules, e);
	if (n == 0)
		n = judge(&r, e);
	churn_free(r.churn);
	free(r.v);
	free(r.asked);
	return n;
}
