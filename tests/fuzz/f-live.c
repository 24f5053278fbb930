/*
 * The first byte chooses: a file of rules, which is read or refused with a
 * place; or a turn, whose finds lie within it and fill their templates.
 */
#include "fuzz.h"

#include "base/json.h"
#include "base/utf8.h"
#include "ltm/live_fill.h"
#include "ltm/live_read.h"
#include "ltm/processor.h"

#include <string.h>

static struct live_rules built_in = LIVE_RULES_INIT;

static void
turn(const struct live_rules *rules, const char *p, size_t len)
{
	struct live_finds f = LIVE_FINDS_INIT;
	struct buf b = BUF_INIT;
	size_t i;
	int h;

	live_read(rules, p, len, &f);
	for (i = 0; i < f.n; i++) {
		const struct live_find *x = &f.v[i];

		must(x->len > 0 && x->at + x->len <= len);
		must(x->sure >= 0 && x->sure <= PROCESSOR_ONE);
		must(x->parts > 0 && x->parts <= LIVE_PARTS);
		must(x->m.hole[LIVE_VALUE].len > 0);
		for (h = 0; h < LIVE_HOLES; h++) {
			const struct live_span *s = &x->m.hole[h];

			must(s->len <= LIVE_HOLE_MAX);
			must(s->len == 0 || (s->at >= x->at &&
			    s->at + s->len <= x->at + x->len));
			must(utf8_check(p + s->at, s->len) == s->len);
		}
		buf_reset(&b);
		if (x->rule->key != NULL)
			live_fill(&b, x->rule->key, p, &x->m, true);
		if (x->rule->content != NULL)
			live_fill(&b, x->rule->content, p, &x->m, false);
		must(utf8_check(b.p, b.len) == b.len);
	}
	live_finds_release(&f);
	buf_release(&b);
}

static void
file(const char *p, size_t len)
{
	static const char text[] = "I prefer tea over \"coffee\", x. "
	    "My a is b.";
	struct live_rules l = LIVE_RULES_INIT;
	struct err e = { 0 };

	if (live_rules_parse(&l, p, len, "f", &e) == 0)
		turn(&l, text, sizeof text - 1);
	else
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
	live_rules_release(&l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool ready;
	struct err e = { 0 };
	char *p;

	if (!ready) {
		json_setup();
		must(live_rules_built_in(&built_in, &e) == 0);
		ready = true;
	}
	if (len == 0)
		return 0;
	/* a copy of its own size: what is read beyond it is seen */
	if ((p = malloc(len)) == NULL)
		exit(71);
	memcpy(p, data + 1, len - 1);
	if (data[0] == 'f')
		file(p, len - 1);
	else if (utf8_check(p, len - 1) == len - 1)
		turn(&built_in, p, len - 1);
	free(p);
	return 0;
}
