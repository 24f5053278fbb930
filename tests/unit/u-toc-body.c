/* Bodies of contents: what is written comes back, and odd bytes do no harm. */
#include "tests/unit/tap.h"
#include "toc/toc_body.h"

#include "base/json.h"

#include <string.h>

static void
written(void)
{
	struct buf b = BUF_INIT;
	struct toc_bullet x = { .text = "two\nlines", .len = 9,
	    .grips = "grip:1:a,grip:2:b", .grips_len = 17, .weight = 0.5,
	    .cues = 3 };
	char *words[] = { "one", "two words" };
	struct toc_line l;
	size_t at = 0;

	toc_body_title(&b, "A title");
	toc_body_bullet(&b, &x);
	toc_body_keywords(&b, words, 2);
	is_str(b.p, "T A title\nB 500 3 grip:1:a,grip:2:b two lines\nK one\n"
	    "K two words\n", "lines, and none within a text");
	ok(toc_body_next(&b, &at, &l) == 1 && l.kind == 'T' &&
	    l.b.len == 7 && memcmp(l.b.text, "A title", 7) == 0, "a title");
	ok(toc_body_next(&b, &at, &l) == 1 && l.kind == 'B' &&
	    l.b.weight == 0.5 && l.b.cues == 3 && l.b.grips_len == 17 &&
	    l.b.len == 9 && memcmp(l.b.text, "two lines", 9) == 0,
	    "a bullet");
	ok(toc_body_next(&b, &at, &l) == 1 && l.kind == 'K' &&
	    toc_body_next(&b, &at, &l) == 1 && l.b.len == 9 &&
	    toc_body_next(&b, &at, &l) == 0, "keywords, and the end");
	buf_release(&b);
}

static void
grips(void)
{
	const char *ids = "a,bc,", *id;
	size_t len = strlen(ids), n;

	ok(toc_grip_next(&ids, &len, &id, &n) && n == 1 && *id == 'a',
	    "the first grip");
	ok(toc_grip_next(&ids, &len, &id, &n) && n == 2 && *id == 'b',
	    "the second");
	ok(!toc_grip_next(&ids, &len, &id, &n), "no third");
}

static void
as_json(void)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	json_t *o;

	buf_adds(&b, "T t\nB 1 0 grip:1:a,grip:2:b x\nK k\n");
	o = toc_body_json(&b);
	json_write(&out, o);
	is_str(out.p, "{\"title\":\"t\",\"bullets\":[{\"text\":\"x\","
	    "\"grip_ids\":[\"grip:1:a\",\"grip:2:b\"]}],"
	    "\"keywords\":[\"k\"]}", "as JSON");
	json_decref(o);
	buf_release(&b);
	buf_release(&out);
}

static void
odd(void)
{
	static const char *const texts[] = { "", "T", "T ", "T x", "B \n",
	    "B 1\n", "B 1 2\n", "B 1 2 g\n", "B -1 2 g x\n",
	    "B 1 99999999 g x\n", "B x y g t\n", "Q z\n", "\n\n\n",
	    "B 999999999999999999999999 1 g t\n" };
	struct toc_line l;
	struct buf b = BUF_INIT;
	size_t i, at, n;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_reset(&b);
		buf_adds(&b, texts[i]);
		for (at = 0, n = 0; toc_body_next(&b, &at, &l); n++)
			;
		ok(n <= 1 && at <= b.len, "odd line %zu", i);
		json_decref(toc_body_json(&b));
	}
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	written();
	grips();
	as_json();
	odd();
	return done();
}
