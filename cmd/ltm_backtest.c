/*
 * mem-ltm backtest: what the scores of a review would have been worth.
 */
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/ltm_review.h"
#include "history/backtest.h"
#include "history/history.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

struct ltm_git ltm_git;

static struct {
	int64_t until_ms, days;
} o = { .days = 180 };

const struct opt ltm_backtest_opts[] = {
	OPT_GROUP("What is tested"),
	OPT_STR(0, "repo", &ltm_git.repo, "dir",
	    "the repository (default: where one is)", OPT_C_DIR),
	OPT_TIME(0, "until", &o.until_ms, "time",
	    "score all files once, then (default: at each touch)"),
	OPT_INT(0, "days", &o.days, "n",
	    "within which another fix must follow (default 180)"),
	OPT_STR(0, "rules", &ltm_git.rules, "file",
	    "words that tell a fix, see mem-from(1)", OPT_C_FILE),
	OPT_END
};

static double
part(int64_t of, int64_t all)
{
	return all > 0 ? (double)of / (double)all : 0;
}

/* To four places: what is behind them says nothing. */
static json_t *
places(double x)
{
	return json_real(floor(x * 10000 + 0.5) / 10000);
}

static json_t *
methods_json(const struct backtest *b)
{
	json_t *all = json_array();
	int m;

	for (m = 0; m < BACKTEST_METHODS; m++)
		json_array_append_new(all, json_pack("{s:s, s:o, s:o}",
		    "name", backtest_methods[m], "auc", places(b->auc[m]),
		    "top_fifth", places(b->top[m])));
	return all;
}

static json_t *
buckets_json(const struct backtest *b)
{
	json_t *all = json_array();
	int i;

	for (i = 0; i < BACKTEST_BUCKETS; i++)
		if (b->bucket[i] > 0)
			json_array_append_new(all, json_pack(
			    "{s:f, s:f, s:I, s:o}", "from",
			    backtest_buckets[i], "to", backtest_buckets[i + 1],
			    "count", (json_int_t)b->bucket[i], "precision",
			    places(part(b->bucket_hits[i], b->bucket[i]))));
	return all;
}

static json_t *
backtest_json(const struct backtest *b, const char *name, double flag)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, "
	    "s:{s:f, s:I, s:o, s:o}, s:o, s:{s:I, s:o}}", "type", "backtest",
	    "repository", name, "commits", (json_int_t)b->commits, "fixes",
	    (json_int_t)b->fixes, "scored", (json_int_t)b->samples,
	    "base_rate", places(part(b->hits, b->samples)), "methods",
	    methods_json(b), "flags", "confidence", flag, "count",
	    (json_int_t)b->flags, "precision",
	    places(part(b->flag_hits, b->flags)), "recall",
	    places(part(b->flag_hits, b->hits)), "calibration",
	    buckets_json(b), "partners", "asked", (json_int_t)b->partners,
	    "hit_at_5", places(part(b->partner_hits, b->partners)));
}

static void
put_text(struct buf *t, const struct backtest *b, const char *name,
    double flag)
{
	double base = part(b->hits, b->samples);
	int i;

	buf_addf(t, "%s: %" PRId64 " commits, %" PRId64 " fixes; %" PRId64
	    " scored, another fix followed %.3f\n", name, b->commits,
	    b->fixes, b->samples, base);
	buf_addf(t, "%-14s %6s %10s\n", "", "AUC", "top fifth");
	for (i = 0; i < BACKTEST_METHODS; i++)
		buf_addf(t, "%-14s %6.3f %10.3f\n", backtest_methods[i],
		    b->auc[i], b->top[i]);
	buf_addf(t, "flagged from %.2f: %" PRId64 ", right %.3f (%+.3f), "
	    "of what followed %.3f\n", flag, b->flags,
	    part(b->flag_hits, b->flags), part(b->flag_hits, b->flags) - base,
	    part(b->flag_hits, b->hits));
	for (i = 0; i < BACKTEST_BUCKETS; i++)
		if (b->bucket[i] > 0)
			buf_addf(t, "confidence %.1f to %.1f: %7" PRId64
			    ", right %.3f\n", backtest_buckets[i],
			    backtest_buckets[i + 1], b->bucket[i],
			    part(b->bucket_hits[i], b->bucket[i]));
	buf_addf(t, "partners: %" PRId64 " asked, one of 5 was there %.3f",
	    b->partners, part(b->partner_hits, b->partners));
}

static int
print(struct out *out, const struct backtest *b, const char *name,
    double flag, struct err *e)
{
	struct buf t = BUF_INIT;
	json_t *rec;
	int r;

	if (out->text) {
		put_text(&t, b, name, flag);
		r = out_line(out, t.p, e);
	} else {
		rec = backtest_json(b, name, flag);
		r = out_record(out, rec, e);
		json_decref(rec);
	}
	buf_release(&t);
	return r;
}

static int
next(void *h, struct commit *c, struct err *e)
{
	return history_next(h, c, e);
}

int
ltm_verb_backtest(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct backtest_how how = { .until_ms = o.until_ms, .flag = RISK_FLAG,
	    .horizon_ms = o.days * DAY_MS };
	struct history_how walk = { .oldest = true };
	struct fix_rules *rules = NULL;
	struct history *h = NULL;
	struct backtest b;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "backtest takes no operands; name the "
		    "repository with --repo");
	if (o.days < 1 || o.days > 36500)
		return cmd_misuse(e, "--days is from 1 to 36500");
	r = fix_rules_read(&rules, ltm_git.rules, e);
	if (r == 0)
		r = history_open(&h, ltm_git.repo != NULL ? ltm_git.repo : ".",
		    &walk, e);
	if (r == 0)
		r = backtest_run(next, h, rules, &how, &b, e);
	if (r == 0)
		r = print(&t->out, &b, history_name(h), how.flag, e);
	history_close(h);
	fix_rules_free(rules);
	return r;
}
