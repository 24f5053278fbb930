/*
 * Every rule of share/redact.rules by its own examples, and what holds of
 * all of them.
 */
#include "text/redact.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/json.h"
#include "tap.h"
#include "text/redact_rule.h"

extern const unsigned char data_redact_rules[];
extern const size_t data_redact_rules_len;

static struct redact *r;

/* An example as text: \n \r \t \\ are what they are, \& is nothing, and
 * for `want` what stands between \< and \> is the mark. */
static void
unescape(struct buf *b, const char *p, size_t n, struct slice kind,
    bool want)
{
	const char *end = p + n;
	bool hide = false;

	for (; p < end; p++) {
		if (*p != '\\' || p + 1 == end) {
			if (!hide)
				buf_addc(b, *p);
			continue;
		}
		switch (*++p) {
		case '<':
			if (want)
				buf_addf(b, "[redacted:%.*s]", (int)kind.n,
				    kind.p);
			hide = want;
			break;
		case '>':
			hide = false;
			break;
		case '&':
			break;
		default:
			if (!hide)
				buf_addc(b, *p == 'n' ? '\n' : *p == 't' ?
				    '\t' : *p == 'r' ? '\r' : *p);
		}
	}
}

/* What redact_text makes of a text; the text itself if it is clean. */
static int
redacted(struct buf *out, const char *p, size_t n)
{
	int found = redact_text(r, out, p, n);

	if (found == 0)
		buf_add(out, p, n);
	return found;
}

static void
example(bool match, const char *p, size_t n, struct slice kind, int line)
{
	struct buf text = BUF_INIT, want = BUF_INIT, got = BUF_INIT,
	    again = BUF_INIT;
	int found;

	unescape(&text, p, n, kind, false);
	unescape(&want, p, n, kind, match);
	found = redacted(&got, text.p, text.len);
	is_str(got.p, want.p, "line %d: %.*s: %s", line, (int)kind.n, kind.p,
	    match ? "found" : "clean");
	if (match && found > 0)
		ok(redacted(&again, got.p, got.len) == 0,
		    "line %d: and once is enough", line);
	buf_release(&text);
	buf_release(&want);
	buf_release(&got);
	buf_release(&again);
}

/* All examples; each rule must have one of both. */
static void
test_examples(void)
{
	const char *p = (const char *)data_redact_rules;
	const char *end = p + data_redact_rules_len, *nl;
	int line = 0, match = 1, clean = 1;
	struct slice kind = { "", 0 };

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		line++;
		if (strncmp(p, "rule ", 5) == 0) {
			if (match == 0 || clean == 0)
				ok(false, "before line %d: no example", line);
			kind = (struct slice){ p + 5, (size_t)(nl - p) - 5 };
			match = clean = 0;
		} else if (strncmp(p, "match\t", 6) == 0) {
			match++;
			example(true, p + 6, (size_t)(nl - p) - 6, kind, line);
		} else if (strncmp(p, "clean\t", 6) == 0) {
			clean++;
			example(false, p + 6, (size_t)(nl - p) - 6, kind,
			    line);
		}
	}
	ok(match > 0 && clean > 0, "every rule has examples of both kinds");
}

int
main(void)
{
	struct err e = { 0 };
	struct rules rs = { 0 };

	json_setup();
	ok(rules_parse(&rs, (const char *)data_redact_rules,
	    data_redact_rules_len, "redact.rules", &e) == 0, "they are read");
	if (!ok(rules_check(&rs, &e) == 0, "and compiled"))
		printf("# %s\n", e.msg), fflush(stdout);
	rules_release(&rs);
	if (redact_new(&r, NULL, &e) < 0)
		return 1;
	test_examples();
	redact_free(r);
	return done();
}
