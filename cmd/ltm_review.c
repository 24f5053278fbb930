/*
 * mem-ltm review: what is known of what a change touches.
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/ltm_number.h"
#include "cmd/ltm_review.h"
#include "history/fix.h"
#include "history/history.h"
#include "review/review_book.h"
#include "review/review_store.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is older weighs less than a hundredth. */
#define WINDOW_MS (7 * RISK_HALF_MS)

static const char *const formats[] = { "jsonl", "text", "sarif", "github",
    NULL };
static const char *const levels[] = { "note", "warning", "error", "none",
    NULL };

static struct {
	const char *facts, *project, *least, *warning, *error;
	int fail_on;
	int64_t most;
} o = { .fail_on = REVIEW_LEVELS, .most = 100 };

const struct opt ltm_review_opts[] = {
	OPT_GROUP("What is known"),
	OPT_STR(0, "repo", &ltm_git.repo, "dir",
	    "what the history of this repository tells, too", OPT_C_DIR),
	OPT_STR(0, "rules", &ltm_git.rules, "file",
	    "words that tell a fix, see mem-from(1)", OPT_C_FILE),
	OPT_STR(0, "facts", &o.facts, "file",
	    "facts and records of a file, not of the store", OPT_C_FILE),
	OPT_STR(0, "project", &o.project, "name",
	    "only facts of this project (default: of all)", OPT_C_NONE),
	OPT_GROUP("What is told"),
	OPT_STR(0, "min-confidence", &o.least, "c",
	    "nothing below <c> (default 0.6)", OPT_C_NONE),
	OPT_STR(0, "warning-at", &o.warning, "c",
	    "warnings from <c> on (default 0.75)", OPT_C_NONE),
	OPT_STR(0, "error-at", &o.error, "c",
	    "errors from <c> on (default 0.9)", OPT_C_NONE),
	OPT_INT(0, "max-results", &o.most, "n",
	    "the worst <n>, 0 for all (default 100)"),
	OPT_ENUM(0, "fail-on", &o.fail_on, levels, "level",
	    "exit 1 when there is one of this level, or worse"),
	OPT_WORD(0, "format", &cmd.format, formats, NULL,
	    "JSON Lines, text, a SARIF log, or annotations for GitHub"),
	OPT_END
};

/* --- what is known ----------------------------------------------------- */

/* Where the change begins: what came after it is no past of it. */
static char *
base_of(const char *range)
{
	const char *dots = range != NULL ? strstr(range, "..") : NULL;

	if (range == NULL || dots == range)
		return NULL;
	return xstrndup(range, dots != NULL ? (size_t)(dots - range) :
	    strlen(range));
}

static int
read_history(struct churn *c, const char *range, int64_t now_ms,
    struct err *e)
{
	char *base = base_of(range);
	struct history_how how = { .rev = base, .oldest = true,
	    .since_ms = now_ms - WINDOW_MS };
	struct fix_rules *rules = NULL;
	struct history *h = NULL;
	enum fix_severity severity;
	struct commit x = { 0 };
	int r;

	r = fix_rules_read(&rules, ltm_git.rules, e);
	if (r == 0)
		r = history_open(&h, ltm_git.repo, &how, e);
	while (r == 0 && (r = history_next(h, &x, e)) == 1) {
		churn_add(c, &x, fix_match(rules, x.subject, &severity) ?
		    (int)severity : -1);
		r = 0;
	}
	commit_release(&x);
	history_close(h);
	fix_rules_free(rules);
	free(base);
	return r;
}

/* --- the change -------------------------------------------------------- */

static int
feed(void *patch, const char *p, size_t n, struct err *e)
{
	return patch_feed(patch, p, n, e);
}

static int
read_change(struct review *r, const char *range, struct err *e)
{
	struct patch_sink sink;
	struct patch *p;
	int n;

	review_sink(r, &sink);
	p = patch_new(&sink);
	if (range == NULL)
		n = patch_read_fd(p, STDIN_FILENO, "standard input", e);
	else if ((n = history_diff(ltm_git.repo, range, feed, p, e)) == 0)
		n = patch_end(p, e);
	if (n == 0 && patch_odd(p) > 0)
		cmd_warn("%lld files of the patch have paths that no "
		    "repository has; they were left out",
		    (long long)patch_odd(p));
	patch_free(p);
	return n < 0 ? -1 : review_end(r, e);
}

/* --- the findings ------------------------------------------------------ */

static void
put_text(struct buf *b, const struct review_finding *f)
{
	size_t i;

	term_puts(b, f->path, strlen(f->path), false);
	if (f->line > 0)
		buf_addf(b, ":%lld", (long long)f->line);
	buf_addf(b, ": %s: ", review_levels[f->level]);
	term_puts(b, f->message, strlen(f->message), false);
	buf_addf(b, " [%.2f", f->confidence);
	for (i = 0; f->steps != NULL && i < json_array_size(f->steps); i++)
		buf_addf(b, i == 0 ? " = %.2f" : " %+.2f", json_number_value(
		    json_object_get(json_array_get(f->steps, i), "add")));
	for (i = 0; i < f->facts.n; i++) {
		buf_addc(b, ' ');
		term_puts(b, f->facts.v[i], strlen(f->facts.v[i]), false);
	}
	buf_adds(b, "]");
}

static int
print_each(struct out *out, const struct review_finding *f, size_t n,
    struct err *e)
{
	struct buf line = BUF_INIT;
	json_t *rec;
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		if (out->text) {
			buf_reset(&line);
			put_text(&line, &f[i]);
			r = out_line(out, line.p, e);
		} else {
			rec = review_json(&f[i]);
			r = out_record(out, rec, e);
			json_decref(rec);
		}
	}
	buf_release(&line);
	return r;
}

static int
print(struct out *out, const struct review_finding *f, size_t n,
    struct err *e)
{
	struct buf b = BUF_INIT;
	size_t left;
	int r;

	if (str_eq(cmd.format, "sarif")) {
		ltm_sarif(&b, f, n);
		r = out_line(out, b.p, e);
	} else if (str_eq(cmd.format, "github")) {
		left = ltm_github(&b, f, n);
		if (left > 0)
			cmd_note("%zu more, which GitHub would not show",
			    left);
		buf_cut(&b, b.len > 0 ? b.len - 1 : 0);
		r = b.len > 0 ? out_line(out, b.p, e) : 0;
	} else
		r = print_each(out, f, n, e);
	buf_release(&b);
	return r;
}

/* The status of all findings, also of those that are not told. */
static int
finish(struct out *out, const struct review *r, struct err *e)
{
	const struct review_finding *f;
	int status = EXIT_YES;
	size_t n, i;

	f = review_findings(r, &n);
	for (i = 0; i < n; i++)
		if ((int)f[i].level >= o.fail_on)
			status = EXIT_NO;
	if (o.most > 0 && (int64_t)n > o.most) {
		cmd_note("%zu findings, the worst %lld are told", n,
		    (long long)o.most);
		n = (size_t)o.most;
	}
	return print(out, f, n, e) < 0 ? -1 : status;
}

/* What is known besides the history: of a file, else of the store, if there
 * is one. */
struct known {
	struct review_source source;
	struct review_book *book;
	struct review_store *store;
};

static int
know(struct known *k, struct ltm_tool *t, struct review_how *how,
    struct err *e)
{
	struct store_where where;
	struct err none;

	if (o.facts != NULL) {
		if (review_book_read(&k->book, o.facts, e) < 0)
			return -1;
		review_book_source(k->book, &k->source);
		return 1;
	}
	cmd_asked(&where);
	if (store_open(&t->st, &where, STORE_READ, &none) < 0) {
		if (none.code == ERR_ABSENT)
			return 0;
		*e = none;
		return -1;
	}
	if (review_store_new(&k->store, t->st, o.project, e) < 0)
		return -1;
	review_store_source(k->store, &k->source);
	how->language = review_store_language(k->store);
	return 1;
}

static int
review(struct ltm_tool *t, struct review_how *how, const char *range,
    struct err *e)
{
	struct known k = { .book = NULL };
	struct churn *churn = NULL;
	struct review *r = NULL;
	int known, n;

	known = n = know(&k, t, how, e);
	if (n >= 0 && ltm_git.repo != NULL) {
		churn = churn_new();
		n = read_history(churn, range, how->now_ms, e);
	}
	if (n >= 0) {
		r = review_new(how, known == 1 ? &k.source : NULL, churn);
		n = read_change(r, range, e);
	}
	if (n == 0)
		n = finish(&t->out, r, e);
	review_free(r);
	churn_free(churn);
	review_book_free(k.book);
	review_store_free(k.store);
	return n;
}

int
ltm_verb_review(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct review_how how = REVIEW_HOW;
	const char *range = argc > 0 && strcmp(argv[0], "-") != 0 ? argv[0] :
	    NULL;

	if (argc > 1)
		return cmd_misuse(e, "review takes one range of commits, or - "
		    "for a patch on standard input");
	if (ltm_number("--min-confidence", o.least, &how.least, e) < 0 ||
	    ltm_number("--warning-at", o.warning, &how.warning, e) < 0 ||
	    ltm_number("--error-at", o.error, &how.error, e) < 0)
		return -1;
	if (range != NULL && ltm_git.repo == NULL)
		ltm_git.repo = ".";
	how.now_ms = date_now();
	return review(t, &how, range, e);
}
