#include "review/review.h"
#include "review/review_book.h"
#include "review/review_work.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "history/fix.h"
#include "tap.h"
#include "temp-dir.h"

#include <stdlib.h>

#define DAY INT64_C(86400000)
#define NOW INT64_C(1700000000000)

static struct buf told = BUF_INIT;

/* What is said of a patch, a line each. */
static const char *
review(const char *book, const struct churn *churn, const char *patch,
    double least)
{
	struct review_how how = { least, 0.75, 0.9, NOW, NULL };
	struct review_source source;
	struct review_book *b = NULL;
	const struct review_finding *f;
	struct patch_sink sink;
	struct review *r;
	struct patch *p;
	struct err e = { 0 };
	size_t i, n;

	buf_reset(&told);
	if (book != NULL && (file_replace("book", book, strlen(book), &e) < 0 ||
	    review_book_read(&b, "book", &e) < 0))
		return e.msg[0] != '\0' ? (buf_adds(&told, e.msg), told.p) :
		    "?";
	if (b != NULL)
		review_book_source(b, &source);
	r = review_new(&how, b != NULL ? &source : NULL, churn);
	review_sink(r, &sink);
	p = patch_new(&sink);
	if (patch_feed(p, patch, strlen(patch), &e) < 0 ||
	    patch_end(p, &e) < 0 || review_end(r, &e) < 0)
		buf_addf(&told, "%s\n", e.msg);
	f = review_findings(r, &n);
	for (i = 0; i < n; i++)
		buf_addf(&told, "%s %s %s:%lld-%lld %.2f %s %s/%s\n",
		    review_levels[f[i].level], review_rules[f[i].rule],
		    f[i].path, (long long)f[i].line, (long long)f[i].end_line,
		    f[i].confidence, f[i].message,
		    f[i].facts.n > 0 ? f[i].facts.v[0] : "",
		    f[i].sources.n > 0 ? f[i].sources.v[0] : "");
	patch_free(p);
	review_free(r);
	review_book_free(b);
	return told.p;
}

#define CHANGE(path, lines) "diff --git a/" path " b/" path "\n--- a/" path \
    "\n+++ b/" path "\n@@ -3,1 +3,2 @@\n-old\n+" lines "\n+more\n"
#define FACT(id, tags, more) "{\"type\":\"fact\",\"fact_id\":\"" id "\"," \
    "\"content\":\"about " id "\",\"tags\":[" tags "]," more "}\n"
#define C(x) "\"confidence\":" x

static void
facts(void)
{
	is_str(review(FACT("f1", "\"bug_pattern\",\"file:src/a.c\"", C("0.8")
	    ",\"metadata\":{\"source_bug_ids\":[\"BUG-1\",\"BUG-2\"]}")
	    FACT("f2", "\"file:src/b.c\"", C("0.95")), NULL,
	    CHANGE("src/a.c", "x"), 0.6),
	    "warning file-history src/a.c:3-4 0.80 about f1 f1/BUG-1\n",
	    "of a file that changed, and no other");
	is_str(review(FACT("m", "\"module:src/net\"", C("0.9")) FACT("n",
	    "\"module:net\"", C("0.7")), NULL, CHANGE("src/net/x.c", "x")
	    CHANGE("src/net/y.c", "y"), 0.6),
	    "error module-history src/net/x.c:3-4 0.90 about m m/\n"
	    "note module-history src/net/x.c:3-4 0.70 about n n/\n",
	    "of a folder, by its path or its name, said once");
	is_str(review(FACT("m", "\"module:net\"", C("0.9")), NULL,
	    CHANGE("network/net.c", "x"), 0.6), "", "a name within a name");
	is_str(review(FACT("p", "\"pattern:null_check\"", C("0.65")), NULL,
	    CHANGE("a.c", "if (ptr == NULL) uncheckedAll();")
	    CHANGE("b.c", "check"), 0.6), "", "half of a pattern's words");
	is_str(review(FACT("p", "\"pattern:null_check\"", C("0.65")), NULL,
	    CHANGE("a.c", "check_for(NULL);") CHANGE("b.c", "null"), 0.6),
	    "note bug-pattern a.c:3-4 0.65 about p p/\n", "all of them");
	is_str(review(FACT("g", "\"file:a.c\",\"file:b.c\"", C("0.7")), NULL,
	    CHANGE("a.c", "x"), 0.6), "note missing-partner a.c:3-4 0.70 "
	    "usually fixed together with b.c, which is not in this change: "
	    "about g g/\n", "of two files");
	is_str(review(FACT("g", "\"file:a.c\",\"file:b.c\"", C("0.7")), NULL,
	    CHANGE("a.c", "x") CHANGE("b.c", "x"), 0.6), "",
	    "that both changed");
	is_str(review(FACT("f", "\"file:a.c\"", C("0.59")), NULL,
	    CHANGE("a.c", "x"), 0.6), "", "below what is told");
	is_str(review(FACT("f", "\"file:old.c\"", C("0.9")), NULL,
	    "diff --git a/old.c b/new.c\nsimilarity index 100%\n"
	    "rename from old.c\nrename to new.c\n", 0.6),
	    "error file-history new.c:0-0 0.90 about f f/\n",
	    "by the name before");
	is_str(review(FACT("f", "\"file:a.c\"", C("0.9")), NULL,
	    "diff --git a/a.c b/a.c\ndeleted file mode 100644\n", 0.6), "",
	    "a file that went needs no fix");
	/* n_eff 7 at NOW - 270 days is 3.5 now: 0.40 + 0.11 log2(4.5) */
	is_str(review(FACT("n", "\"file:a.c\"", C("0.1")
	    ",\"metadata\":{\"decay\":{\"n_eff\":7,\"as_of\":1676672000000}}"), NULL,
	    CHANGE("a.c", "x"), 0.6),
	    "note file-history a.c:3-4 0.64 about n n/\n",
	    "one that decays until now");
	is_str(review("{\"type\":\"fact\"\n", NULL, "", 0.6),
	    "'book': line 1: byte 14: the end comes too early",
	    "no record");
}

static void
rows(void)
{
	static const char book[] = "{\"type\":\"record\",\"record_id\":"
	    "\"BUG-7\",\"record_type\":\"bug_record\",\"title\":\"heartbeat "
	    "timeout lost\",\"status\":\"open\",\"fields\":{\"affected_files"
	    "\":[\"a.c\"]}}\n{\"type\":\"record\",\"record_id\":\"BUG-8\","
	    "\"record_type\":\"bug_record\",\"title\":\"heartbeat timeout\","
	    "\"status\":\"rejected\",\"fields\":{\"affected_files\":"
	    "[\"a.c\"]}}\n";

	is_str(review(book, NULL, CHANGE("a.c", "setHeartbeat(TIMEOUT);"),
	    0.6), "note similar-bug a.c:3-4 0.63 BUG-7: heartbeat timeout "
	    "lost /BUG-7\n", "a bug near the lines");
	is_str(review(book, NULL, CHANGE("a.c", "heartbeat"), 0.6), "",
	    "one word of it");
	is_str(review(book, NULL, CHANGE("b.c", "heartbeat timeout"), 0.6),
	    "", "another file");
}

static void
touch(struct churn *c, int64_t at_ms, const char *a, const char *b)
{
	struct commit x = { .time_ms = at_ms, .known = true };
	struct commit_file *f;

	f = commit_add(&x);
	*f = (struct commit_file){ COMMIT_CHANGED, a, NULL };
	if (b != NULL) {
		f = commit_add(&x);
		*f = (struct commit_file){ COMMIT_CHANGED, b, NULL };
	}
	churn_add(c, &x, FIX_MINOR);
	commit_release(&x);
}

static void
history(void)
{
	struct churn *c = churn_new();
	int i;

	for (i = 0; i < 6; i++)
		touch(c, NOW - i * DAY, "a.c", "b.c");
	touch(c, NOW, "lone.c", NULL);
	is_str(review(NULL, c, CHANGE("a.c", "x") CHANGE("lone.c", "x")
	    CHANGE("new.c", "x"), 0.6),
	    "warning file-history a.c:3-4 0.75 6 changes since 2023-11, 6 of "
	    "them fixes, the last on 2023-11-09 /\n"
	    "note missing-partner a.c:3-4 0.66 usually fixed together with "
	    "b.c (6 times), which is not in this change /\n",
	    "what its history says");
	is_str(review(FACT("f", "\"file:a.c\"", C("0.92")), c,
	    CHANGE("a.c", "x") CHANGE("b.c", "x"), 0.8),
	    "error file-history a.c:3-4 0.92 about f; 6 changes since "
	    "2023-11, 6 of them fixes, the last on 2023-11-09 f/\n",
	    "with a fact, in one");
	churn_free(c);
}

static void
words(void)
{
	struct strv v = STRV_INIT;
	struct buf b = BUF_INIT;
	size_t i;

	review_words_of(&v, "parseHTTPServerName null_check x2y the-END "
	    "sha256Init "
	    "\xc3\xa4" "aa");
	for (i = 0; i < v.n; i++)
		buf_addf(&b, "%s ", v.v[i]);
	is_str(b.p, "parse http server name null check the end "
	    "sha256 init ",
	    "parts of identifiers");
	strv_release(&v);
	buf_release(&b);
}

#define VERDICT(name, about, file, by) "{\"type\":\"fact\"," \
    "\"fact_id\":\"v\",\"tags\":[\"verdict\"],\"key\":\"" about "\"," \
    "\"metadata\":{\"verdict\":\"" name "\"" file ",\"said\":[" by "]}}\n"
#define IN(file) ",\"file\":\"" file "\""
#define BY(who) "{\"by\":\"" who "\",\"at\":1}"
#define WRONG(about, file, by) VERDICT("false_positive", about, file, by)
#define MISSED(about, file, by) VERDICT("missed_issue", about, file, by)
#define ROW "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"R\"," \
    "\"title\":\"lost window\",\"fields\":{\"affected_files\":[\"a.c\"]}}\n"

static void
verdicts(void)
{
	static const char f[] = FACT("f", "\"file:a.c\"", C("0.95"));
	static const char g[] = FACT("g", "\"file:a.c\"", C("0.8"));
	char book[2000];

#define SAID(...) (snprintf(book, sizeof book, __VA_ARGS__), book)
	is_str(review(SAID("%s%s", f, WRONG("f", IN("a.c"), BY("u"))), NULL,
	    CHANGE("a.c", "x"), 0.6),
	    "note file-history a.c:3-4 0.70 about f f/\n",
	    "one that is wrong falls from error to note");
	is_str(review(SAID("%s%s", f, WRONG("f", IN("b.c"), BY("u"))), NULL,
	    CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about f f/\n",
	    "in another file: not here");
	is_str(review(SAID("%s%s", f, WRONG("f", "", BY("u") "," BY("w"))),
	    NULL, CHANGE("a.c", "x"), 0.6), "", "two persons: it is none");
	is_str(review(SAID("%s%s%s", f, WRONG("f", "", BY("u")), WRONG("f",
	    IN("a.c"), BY("u"))), NULL, CHANGE("a.c", "x"), 0.6), "",
	    "one person, everywhere and here");
	is_str(review(SAID("%s%s%s%s", f, g, WRONG("f", "", BY("u")),
	    WRONG("g", "", BY("u"))), NULL, CHANGE("a.c", "x"), 0.6),
	    "note file-history a.c:3-4 0.70 about f f/\n",
	    "one person counts once, of however many facts");
	is_str(review(SAID("%s%s%s", g, WRONG("g", "", BY("u")), MISSED("g",
	    "", BY("w"))), NULL, CHANGE("a.c", "x"), 0.6),
	    "note file-history a.c:3-4 0.70 about g g/\n",
	    "the other way, another");
	is_str(review(SAID("%s%s", g, MISSED("g", "", BY("u") "," BY("w"))),
	    NULL, CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about g g/\n",
	    "more than 0.95 it is not");
	is_str(review(SAID("%s%s", FACT("h", "\"file:a.c\"", C("0.5")),
	    MISSED("h", "", BY("u"))), NULL, CHANGE("a.c", "x"), 0.6),
	    "note file-history a.c:3-4 0.65 about h h/\n",
	    "it lifts one over what is told");
	is_str(review(SAID("%s%s", f, WRONG("f", IN("old.c"), BY("u"))),
	    NULL, "diff --git a/old.c b/a.c\nsimilarity index 100%\n"
	    "rename from old.c\nrename to a.c\n", 0.6),
	    "note file-history a.c:0-0 0.70 about f f/\n",
	    "by the name before");
	is_str(review(SAID("%s%s", g, MISSED("g", IN("z.c"), BY("u"))), NULL,
	    CHANGE("z.c", "x"), 0.6),
	    "error bug-pattern z.c:3-4 0.95 about g g/\n",
	    "what was missed is a finding");
	is_str(review(SAID("%s%s", g, MISSED("g", IN("a.c"), BY("u"))), NULL,
	    CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about g g/\n",
	    "but not twice");
	is_str(review(SAID("%s%s%s", g, MISSED("g", IN("z.c"), BY("u")),
	    WRONG("g", IN("z.c"), BY("w"))), NULL, CHANGE("z.c", "x"), 0.6),
	    "note bug-pattern z.c:3-4 0.70 about g g/\n",
	    "somebody else does not think so");
	is_str(review(SAID("%s%s", ROW, MISSED("k/R", IN("z.c"), BY("u"))),
	    NULL, CHANGE("z.c", "x"), 0.6),
	    "warning similar-bug z.c:3-4 0.75 R: lost window /R\n",
	    "a row that was missed");
	is_str(review(SAID("%s%s", ROW, WRONG("k/R", "", BY("u"))), NULL,
	    CHANGE("a.c", "lost window"), 0.6), "", "one that is not near");
	is_str(review(SAID("%s%s", f, MISSED("nobody", IN("a.c"), BY("u"))),
	    NULL, CHANGE("b.c", "x") CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about f f/\n",
	    "of what is not there");
	/* a folder's finding goes where it is surest */
	is_str(review(SAID("%s%s", FACT("m", "\"module:src\"", C("0.9")),
	    WRONG("m", IN("src/a.c"), BY("u"))), NULL, CHANGE("src/a.c", "x")
	    CHANGE("src/b.c", "x"), 0.6),
	    "error module-history src/b.c:3-4 0.90 about m m/\n",
	    "of a folder, another file of it");
	is_str(review(SAID("%s%s", FACT("m", "\"module:src\"", C("0.9")),
	    WRONG("m", IN("src/a.c"), BY("u"))), NULL, CHANGE("src/a.c", "x"),
	    0.6), "note module-history src/a.c:3-4 0.65 about m m/\n",
	    "and where there is no other");
	is_str(review(SAID("%s%s", f, VERDICT("rejected", "f", "", BY("u"))),
	    NULL, CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about f f/\n",
	    "what is meant for runs");
	is_str(review(SAID("%s{\"type\":\"fact\",\"key\":\"f\",\"metadata\":"
	    "{\"verdict\":\"false_positive\",\"said\":[1,{},{\"by\":2}]}}\n",
	    f), NULL, CHANGE("a.c", "x"), 0.6),
	    "error file-history a.c:3-4 0.95 about f f/\n",
	    "said by nobody");
}

static void
prints(void)
{
	struct review_finding f = { .rule = REVIEW_FILE, .path = "a.c",
	    .line = 3, .what = "", .message = "m" }, g = f;
	char one[HASH_HEX + 1], two[HASH_HEX + 1];

	g.line = 99;
	g.message = "other";
	g.confidence = 0.9;
	review_fingerprint(&f, one);
	review_fingerprint(&g, two);
	is_str(one, two, "a fingerprint stays when lines move");
	g.path = "b.c";
	review_fingerprint(&g, two);
	ok(strcmp(one, two) != 0, "another file, another one");
}

int
main(void)
{
	json_setup();
	temp_begin();
	facts();
	rows();
	history();
	words();
	verdicts();
	prints();
	buf_release(&told);
	return temp_end() | done();
}
