/*
 * Answers of any language model: what is kept of one lies in the turns.
 */
#include "fuzz.h"

#include "base/json.h"
#include "toc/chat_check.h"

#include <stdlib.h>
#include <string.h>

static const char *const said[] = {
	"Deploy of 0.8.3 failed on fra1 with a lock timeout.",
	"pg_dump held the table for 47 minutes. So the migration gave up.",
	"Do it, and write a post-mortem. \xe4\xbb\x8a\xe6\x97\xa5\xe3\x80\x82",
};

#define TURNS (sizeof said / sizeof *said)

static struct turn t[TURNS];

/* One is context, and supports nothing. */
static void
check_source(const struct summary_source *s)
{
	must(s->from >= 1 && s->from < TURNS && s->len > 0);
	must(s->at + s->len <= t[s->from].len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct turn_reader *r;
	const struct summary_bullet *b;
	struct summary s;
	struct err e;
	size_t i, k;
	json_t *o;
	int came, dropped;

	if (r == NULL) {
		json_setup();
		r = turn_reader_new();
		for (i = 0; i < TURNS; i++) {
			t[i].text = said[i];
			t[i].len = strlen(said[i]);
			t[i].type = EVENT_USER_MESSAGE;
			turn_read(r, &t[i]);
		}
	}
	if ((o = json_read((const char *)data, len, &e)) == NULL)
		return 0;
	dropped = chat_check(r, o, t, TURNS, 1, &s, &came, &e);
	if (dropped >= 0) {
		must(dropped + (int)s.bullets <= came);
		must(s.title != NULL && s.keywords <= SUMMARY_KEYWORDS);
		for (i = 0; i < s.bullets; i++) {
			b = &s.bullet[i];
			check_source(&b->source);
			must(b->mores <= SUMMARY_MORE);
			for (k = 0; k < b->mores; k++)
				check_source(&b->more[k]);
			must(b->weight > 0 && b->weight <= 1.0000001);
		}
		summary_release(&s);
	}
	json_decref(o);
	return 0;
}
