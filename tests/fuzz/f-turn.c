/*
 * Texts of anybody, cut into turns at NULs: sentences and words lie within
 * them, segments take them all, bullets are what was said.
 */
#include "fuzz.h"

#include "toc/cut.h"
#include "toc/summary.h"

#include <stdlib.h>
#include <string.h>

#define TURNS 64

static void
check_turn(const struct turn *t)
{
	const struct turn_sentence *s;
	size_t i;

	for (i = 0; i < t->sentences; i++) {
		s = &t->sentence[i];
		must(s->len > 0 && s->len <= TURN_SENTENCE);
		must(s->at + s->len <= t->read);
		must(s->word + s->words <= t->words);
	}
	for (i = 0; i < t->words; i++)
		must(t->word[i].at + t->word[i].len <= t->read);
}

static void
check_summary(const struct summary *s, const struct turn *t, size_t n)
{
	const struct summary_bullet *b;
	size_t i;

	must(s->title != NULL && s->bullets <= SUMMARY_BULLETS);
	for (i = 0; i < s->bullets; i++) {
		b = &s->bullet[i];
		must(b->source.from < n && b->source.len > 0);
		must(b->source.at + b->source.len <= t[b->source.from].len);
		must(b->weight > 0 && b->weight <= 1);
	}
}

static size_t
make_turns(struct turn_reader *r, struct turn *t, const char *p, size_t len)
{
	size_t n = 0, k;

	memset(t, 0, TURNS * sizeof *t);
	for (; len > 0 && n < TURNS; n++) {
		t[n].role = (enum event_role)((unsigned char)*p % ROLE_NROLES);
		t[n].type = (enum event_type)((unsigned char)*p %
		    EVENT_NTYPES);
		t[n].time_ms = (int64_t)n * (unsigned char)*p * 10000;
		for (k = 0; k < len && p[k] != '\0'; k++)
			;
		t[n].text = p;
		t[n].len = k;
		turn_read(r, &t[n]);
		check_turn(&t[n]);
		k += k < len;
		p += k;
		len -= k;
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct turn_reader *r;
	static struct summariser *s;
	static struct turn t[TURNS];
	struct cut rules = CUT_INIT;
	struct summary out;
	size_t n, at, k, seen;
	char *p;

	if (r == NULL) {
		r = turn_reader_new();
		s = summariser_new();
	}
	/* a copy of its own size: what is read beyond it is seen */
	if ((p = malloc(len + 1)) == NULL)
		exit(71);
	memcpy(p, data, len);
	n = make_turns(r, t, p, len);
	for (at = 0; at < n; at += k) {
		k = cut_next(&rules, t + at, n - at, &seen);
		must(k >= 1 && k <= n - at && seen >= k);
		summary_turns(s, t + at, k, 0, &out);
		check_summary(&out, t + at, k);
		summary_release(&out);
	}
	for (k = 0; k < n; k++)
		turn_release(&t[k]);
	free(p);
	return 0;
}
