/*
 * Answers of any model that proposes entities and relations: what is kept of
 * one names only what the texts have, and goes into a sum; and the same bytes
 * as what was kept.
 */
#include "fuzz.h"

#include "base/json.h"
#include "base/utf8.h"
#include "graph/propose.h"
#include "graph/propose_check.h"

#include <string.h>

static const char *const said[] = {
	"The Auth Service asks token_store, and src/a.c:12 calls Redis.",
	"\xe4\xbb\xa3\xe7\xa0\x81 dark  mode \n\n> \xc3\x9cnal uses #12 of v1.4.2",
	"a, b; c. e.g. ((( http://x.example/y?z=1 ",
};

#define TEXTS (sizeof said / sizeof *said)

/* Does each line of what was kept end in a name that the text has? */
static void
check(const struct propose_shown *s)
{
	const char *p = s->body.p, *end, *tab;
	char name[256];
	size_t n;

	must(s->kept <= 40);
	must(utf8_check(s->body.p, s->body.len) == s->body.len);
	for (; p < s->body.p + s->body.len; p = end + 1) {
		end = strchr(p, '\n');
		must(end != NULL && (*p == 'e' || *p == 'r'));
		for (tab = end; tab[-1] != '\t'; tab--)
			;
		n = (size_t)(end - tab);
		must(n > 0 && n <= 160);
		memcpy(name, tab, n);
		name[n] = '\0';
		/* a run of blanks is one in a name */
		must(strchr(name, ' ') != NULL || strstr(s->text, name) !=
		    NULL);
	}
}

static void
put(const char *body)
{
	struct sum s;
	size_t i;

	sum_init(&s);
	sum_text(&s, 1, 1);
	proposed_add(&s, body);
	for (i = 0; i < s.pairs; i++)
		must(s.pair[i].a < s.entities && s.pair[i].b < s.entities &&
		    s.pair[i].a != s.pair[i].b && s.pair[i].in.n == 1);
	for (i = 0; i < s.entities; i++)
		must(s.entity[i].in.n == 1 && s.entity[i].strong == 1);
	sum_release(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct strv kinds = STRV_INIT;
	struct propose_shown shown[TEXTS];
	struct propose_counts c = { 0 };
	struct buf b = BUF_INIT;
	int64_t all = 0;
	struct err e;
	size_t i;
	json_t *o;

	if (kinds.n == 0) {
		json_setup();
		propose_relations(&kinds);
	}
	buf_add(&b, data, len);
	if (utf8_check(b.p != NULL ? b.p : "", b.len) == b.len && b.len > 0 &&
	    memchr(b.p, 0, b.len) == NULL)
		put(b.p);
	buf_release(&b);
	if ((o = json_read((const char *)data, len, &e)) == NULL)
		return 0;
	for (i = 0; i < TEXTS; i++)
		shown[i] = (struct propose_shown){ said[i], strlen(said[i]),
		    BUF_INIT, 0 };
	if (propose_check(o, &kinds, shown, TEXTS, &c, &e) == 0) {
		for (i = 0; i < PROPOSE_DROPS; i++)
			all += c.dropped[i];
		must(all + c.kept == c.proposed);
	} else {
		must(c.kept == 0 && e.code == ERR_INPUT);
	}
	for (i = 0; i < TEXTS; i++) {
		if (shown[i].body.len > 0) {
			check(&shown[i]);
			put(shown[i].body.p);
		}
		buf_release(&shown[i].body);
	}
	json_decref(o);
	return 0;
}
