#include "toc/chat_check.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "toc/claim.h"

#include <stdlib.h>
#include <string.h>

#define TITLE 80		/* bytes, of what is shown */
#define BULLET 400		/* longer ones are none */
#define KEYWORD 64
#define MOST 50			/* bullets, or keywords, of an answer */
#define TURNS (1 + SUMMARY_MORE)	/* that may support a bullet together */

/* Of the words' weight, for there to be support: a model may say two parts in
 * five in words of its own.  Chosen, not measured. */
#define ENOUGH 0.6

struct check {
	const struct turn *turn;
	size_t n, context;
};

/* The turn that supports it best, and how much it does; n: none. */
static size_t
best_turn(const struct check *x, struct claim *c, double *most)
{
	size_t i, at = x->n;
	double sum;

	for (*most = 0, i = x->context; i < x->n; i++) {
		sum = claim_found(c, x->turn[i].word, x->turn[i].words, false);
		if (sum > *most) {
			*most = sum;
			at = i;
		}
	}
	return at;
}

/* Where in the turn that is: its best sentence, else how it begins. */
static struct summary_source
best_sentence(const struct check *x, size_t at, struct claim *c)
{
	const struct turn *t = &x->turn[at];
	struct summary_source b = { at, 0, utf8_cut(t->text, t->len,
	    TURN_SENTENCE) };
	const struct turn_sentence *s;
	double most = 0, sum;
	size_t i;

	for (i = 0; i < t->sentences; i++) {
		s = &t->sentence[i];
		sum = claim_found(c, t->word + s->word, s->words, false);
		if (sum > most) {
			most = sum;
			b.at = s->at;
			b.len = s->len;
		}
	}
	return b;
}

/* How much of its weight has support, 0 to 1; b gets where. */
static double
support(const struct check *x, struct claim *c, struct summary_bullet *b)
{
	double sum = 0, most;
	size_t i, at;

	for (i = 0; i < TURNS; i++) {
		if ((at = best_turn(x, c, &most)) == x->n)
			break;
		if (b != NULL && i == 0)
			b->source = best_sentence(x, at, c);
		else if (b != NULL)
			b->more[b->mores++] = best_sentence(x, at, c);
		sum += claim_found(c, x->turn[at].word, x->turn[at].words,
		    true);
	}
	return c->all > 0 && claim_numbers(c) ? sum / c->all : 0;
}

/* --- the answer -------------------------------------------------------- */

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "it answered wrongly: %s", what);
}

/* A list of texts that are not empty, of at most MOST. */
static int
check_list(const json_t *list, const char *what, struct err *e)
{
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > MOST)
		return wrong(what, e);
	for (i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return wrong(what, e);
	return 0;
}

static bool
told(const struct summary *s, const char *text)
{
	size_t i;

	for (i = 0; i < s->bullets; i++)
		if (strcmp(s->bullet[i].text, text) == 0)
			return true;
	return false;
}

static bool
add_bullet(struct turn_reader *r, const struct check *x, const char *text,
    struct summary *out)
{
	struct summary_bullet b = { 0 };
	struct claim c;
	bool good = false;

	if (strlen(text) > BULLET)
		return false;
	claim_init(&c, r, text);
	b.weight = support(x, &c, &b);
	if (b.weight >= ENOUGH && b.source.len > 0 && !told(out, c.turn.text)) {
		good = true;
		b.text = xstrdup(c.turn.text);
		b.cues = c.turn.cues;
		out->bullet[out->bullets++] = b;
	}
	claim_release(&c);
	return good;
}

static void
add_keyword(struct turn_reader *r, const struct check *x, const char *text,
    struct summary *out)
{
	struct claim c;
	size_t i;
	bool again = false;

	claim_init(&c, r, text);
	for (i = 0; i < out->keywords; i++)
		again |= str_same(out->keyword[i], c.turn.text);
	/* all of it must have been said */
	if (!again && c.turn.len > 0 && c.turn.len <= KEYWORD &&
	    support(x, &c, NULL) > 0.99)
		out->keyword[out->keywords++] = xstrdup(c.turn.text);
	claim_release(&c);
}

/* One that was made up is replaced by the beginning of the first bullet. */
static void
set_title(struct turn_reader *r, const struct check *x, const char *text,
    struct summary *out)
{
	struct claim c;
	size_t n;

	claim_init(&c, r, text);
	if (support(x, &c, NULL) >= ENOUGH) {
		n = utf8_cut(c.turn.text, c.turn.len, TITLE);
		out->title = xstrndup(c.turn.text, n);
	} else {
		text = out->bullets > 0 ? out->bullet[0].text : "";
		n = utf8_cut(text, strlen(text), TITLE);
		while (text[n] != '\0' && n > TITLE / 2 && text[n] != ' ')
			n--;
		out->title = xstrndup(text, utf8_cut(text, strlen(text), n));
	}
	claim_release(&c);
}

static int
by_place(const void *va, const void *vb)
{
	const struct summary_bullet *a = va, *b = vb;

	if (a->source.from != b->source.from)
		return a->source.from < b->source.from ? -1 : 1;
	if (a->source.at != b->source.at)
		return a->source.at < b->source.at ? -1 : 1;
	return strcmp(a->text, b->text);
}

int
chat_check(struct turn_reader *r, const json_t *answer, const struct turn *t,
    size_t n, size_t context, struct summary *out, int *came, struct err *e)
{
	const struct check x = { t, n, context };
	const json_t *bullets = json_object_get(answer, "bullets");
	const json_t *words = json_object_get(answer, "keywords");
	const char *title = get_str(answer, "title", NULL);
	size_t i;
	int dropped = 0;

	if (title == NULL)
		return wrong("no 'title'", e);
	if (check_list(bullets, "'bullets' is no list of texts", e) < 0 ||
	    check_list(words, "'keywords' is no list of texts", e) < 0)
		return -1;
	memset(out, 0, sizeof *out);
	*came = (int)json_array_size(bullets);
	for (i = 0; i < json_array_size(bullets); i++)
		if (out->bullets < SUMMARY_BULLETS)
			dropped += !add_bullet(r, &x, json_string_value(
			    json_array_get(bullets, i)), out);
	for (i = 0; i < json_array_size(words); i++)
		if (out->keywords < SUMMARY_KEYWORDS)
			add_keyword(r, &x, json_string_value(
			    json_array_get(words, i)), out);
	if (out->bullets > 1)
		qsort(out->bullet, out->bullets, sizeof *out->bullet,
		    by_place);
	set_title(r, &x, title, out);
	return dropped;
}
