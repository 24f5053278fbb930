#include "graph/text.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "index/language.h"
#include "index/stem.h"
#include "index/word.h"
#include "text/cue.h"
#include "text/rare.h"

#include <stdlib.h>
#include <string.h>

#define TERM_MIN 4		/* bytes of a term */
#define RUN 4			/* words of a name */
#define SHORT 40		/* a line that is shorter ends a sentence */
#define SERVICE_RARE 0.4	/* "login service", but no "new service" */
#define NAME_RARE 0.5		/* one word with a capital */

enum { F_LOWER = 1, F_UPPER = 2, F_DIGIT = 4, F_OTHER = 8, F_WIDE = 16,
    F_CAPITAL = 32, F_CALL = 64 };
enum { C_BLANK = 1, C_CUT = 2, C_LOWER = 4, C_UPPER = 8, C_DIGIT = 16,
    C_WIDE = 32 };

static unsigned char class[256];

static void
load(void)
{
	const char *p;
	int c;

	for (c = 0; c < 256; c++)
		class[c] = c <= ' ' || c == 0x7f ? C_BLANK :
		    c >= 'a' && c <= 'z' ? C_LOWER :
		    c >= 'A' && c <= 'Z' ? C_UPPER :
		    c >= '0' && c <= '9' ? C_DIGIT : c >= 0x80 ? C_WIDE : 0;
	for (p = ",;()[]{}\"<>|`*=!?\\^"; *p != '\0'; p++)
		class[(unsigned char)*p] = C_CUT;
}

struct text *
text_new(const struct language *l)
{
	struct text *t = xcalloc(1, sizeof *t);

	load();
	t->language = l;
	t->words = words_new(l);
	return t;
}

void
text_free(struct text *t)
{
	if (t == NULL)
		return;
	words_free(t->words);
	free(t);
}

/* --- words ------------------------------------------------------------- */

/* How rare it is, 1: not among the common words; and is it a stop word? */
static double
rare(struct text *t, const struct unit *u, bool *stop)
{
	size_t i, n, at = (size_t)u->word % TEXT_WORDS;
	const char *stem;
	char low[64];

	*stop = false;
	if (u->len > sizeof low - 1)
		return 1;
	if (t->known[at].word != u->word) {
		for (i = 0; i < u->len; i++)
			low[i] = (char)(u->p[i] >= 'A' && u->p[i] <= 'Z' ?
			    u->p[i] - 'A' + 'a' : u->p[i]);
		t->known[at].word = u->word;
		t->known[at].stop = word_stem(t->words, low, u->len, &stem,
		    &n);
		t->known[at].rare = 1;
		if (t->language == NULL || t->language->stems ==
		    LANGUAGE_ENGLISH)
			t->known[at].rare = (float)rare_stem(cue_hash(low,
			    stem_en(low, u->len)));
	}
	*stop = t->known[at].stop;
	return (double)t->known[at].rare;
}

/* --- a sentence -------------------------------------------------------- */

static bool
in_dates(const struct unit *u)
{
	static const char *const names[] = { "monday", "tuesday", "wednesday",
	    "thursday", "friday", "saturday", "sunday", "january", "february",
	    "march", "april", "may", "june", "july", "august", "september",
	    "october", "november", "december", "today", "tomorrow",
	    "yesterday", "todo", "note", "yes", "no", "ok", NULL };
	static uint64_t word[32];
	int i;

	if (word[0] == 0)
		for (i = 0; names[i] != NULL; i++)
			word[i] = graph_word(names[i], strlen(names[i]));
	for (i = 0; word[i] != 0; i++)
		if (word[i] == u->word)
			return true;
	return false;
}

static void
set_name(struct unit *u, size_t n, int64_t name)
{
	size_t i;

	for (i = 0; i < n; i++)
		u[i].name = name;
	u[0].span = (uint32_t)n;
}

static size_t
length(const struct unit *u, size_t n)
{
	return (size_t)(u[n - 1].p + u[n - 1].len - u[0].p);
}

/* Words with a capital in a row from here on: how many. */
static size_t
run_of(const struct unit *u, size_t n)
{
	size_t i = 1;

	while (i < n && (u[i].form & F_CAPITAL) && u[i].name < 0 &&
	    u[i].p == u[i - 1].p + u[i - 1].len + 1 && u[i].p[-1] == ' ')
		i++;
	return i;
}

static bool
is_name(struct text *t, struct unit *u, size_t n, bool begins, bool *strong)
{
	double r = rare(t, u, &u->stop);

	*strong = !begins || n > 1;
	if (n > RUN)
		return false;		/* a title */
	if (n > 1)
		return true;
	if (u->stop || in_dates(u) || u->len < 2)
		return false;
	return begins ? r >= 1 && u->len > 2 : r > NAME_RARE;
}

static size_t
capitals(struct text *t, struct sum *s, struct unit *u, size_t at, size_t n)
{
	size_t run = run_of(u + at, n - at), from = at;
	bool strong;

	/* "The Redis Cluster" where a sentence begins; "I" anywhere */
	while (run > 0 && (rare(t, &u[from], &u[from].stop) < NAME_RARE ||
	    u[from].stop || in_dates(&u[from])) && (run > 1 || at == 0 ||
	    u[from].stop)) {
		from++;
		run--;
	}
	while (run > 1 && (rare(t, &u[from + run - 1], &u[from + run - 1].stop)
	    < 0 || u[from + run - 1].stop))
		run--;
	if (run > 0 && is_name(t, u + from, run, from == 0, &strong))
		set_name(u + from, run, sum_name(s, GRAPH_NAME, u[from].p,
		    length(u + from, run), strong));
	return from + run > at ? from + run : at + 1;
}

/* "the auth service" */
static bool
service(struct text *t, struct sum *s, struct unit *u)
{
	bool stop;

	if (u[1].cut || u[0].len < 3 || u[1].p != u[0].p + u[0].len + 1 ||
	    (u[0].form & (F_OTHER | F_DIGIT | F_WIDE)))
		return false;
	if (rare(t, u, &stop) < SERVICE_RARE || stop)
		return false;
	set_name(u, 2, sum_name(s, GRAPH_SERVICE, u->p, length(u, 2), true));
	return true;
}

static void
names(struct text *t, struct sum *s)
{
	static uint64_t word_service;
	struct unit *u = t->unit;
	size_t i, n = t->units;

	if (word_service == 0)
		word_service = graph_word("service", 7);
	for (i = 0; i < n; )
		if (u[i].name >= 0)
			i++;
		else if (i + 1 < n && u[i + 1].word == word_service &&
		    service(t, s, u + i))
			i += 2;
		else if (u[i].form & F_CAPITAL)
			i = capitals(t, s, u, i, n);
		else if (u[i].form == F_LOWER && u[i].len >= TERM_MIN &&
		    rare(t, &u[i], &u[i].stop) >= 1 && !u[i].stop) {
			set_name(u + i, 1, sum_name(s, GRAPH_TERM, u[i].p,
			    u[i].len, false));
			i++;
		} else
			i++;
}

/* Of many names the first of the best kinds are near each other. */
static size_t
pick(const struct sum *s, const struct unit *u, size_t n,
    int64_t near[TEXT_NEAR])
{
	size_t i, k, got = 0;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < n && got < TEXT_NEAR; i++) {
			if (u[i].name < 0 || (graph_kind_of(
			    s->entity[u[i].name].kinds) == GRAPH_TERM) !=
			    (pass == 1))
				continue;
			for (k = 0; k < got && near[k] != u[i].name; k++)
				;
			if (k == got)
				near[got++] = u[i].name;
		}
	return got;
}

static void
sentence(struct text *t, struct sum *s, int64_t about, uint32_t kind)
{
	int64_t near[TEXT_NEAR];
	size_t i, k, n;

	if (t->units == 0)
		return;
	names(t, s);
	n = pick(s, t->unit, t->units, near);
	for (i = 0; i < n; i++) {
		for (k = i + 1; k < n; k++)
			sum_pair(s, near[i], near[k], GRAPH_NEAR);
		if (about >= 0 && graph_kind_of(s->entity[near[i]].kinds) !=
		    GRAPH_TERM)
			sum_pair(s, about, near[i], kind);
	}
	if (n > 0)
		pattern_read(s, t->unit, t->units);
	t->units = 0;
}

/* --- a text ------------------------------------------------------------ */

/* Marks around a word; *full: a full stop was among them. */
static void
trim(const char **p, size_t *len, bool *full)
{
	const char *s = *p;
	size_t n = *len;

	*full = false;
	while (n > 0 && strchr("'.:-_/~#@&+%$", *s) != NULL && *s != '\0' &&
	    !(n > 1 && (*s == '#' || *s == '/' || *s == '~' || *s == '.' ||
	    *s == '_') && s[1] != *s && strchr(" '\"-", s[1]) == NULL)) {
		s++;
		n--;
	}
	while (n > 0 && (s[n - 1] == '.' || s[n - 1] == ':' ||
	    s[n - 1] == '\'' || s[n - 1] == '-' || s[n - 1] == '/' ||
	    s[n - 1] == '&')) {
		*full = *full || s[n - 1] == '.';
		n--;
	}
	if (n > 2 && s[n - 1] == 's' && s[n - 2] == '\'')
		n -= 2;
	/* the apostrophe of Unicode */
	if (n > 4 && memcmp(s + n - 4, "\xe2\x80\x99s", 4) == 0)
		n -= 4;
	*p = s;
	*len = n;
}

static void
add(struct text *t, struct sum *s, const char *p, size_t len, unsigned form,
    bool cut)
{
	struct unit *u = &t->unit[t->units];
	enum graph_kind kind;

	memset(u, 0, sizeof *u);
	u->p = p;
	u->len = len;
	u->name = -1;
	u->cut = cut;
	if (((form & (F_DIGIT | F_OTHER | F_CALL)) || ((form & F_UPPER) &&
	    (form & F_LOWER))) && graph_name_form(p, &len, form & F_CALL,
	    &kind)) {
		u->name = sum_name(s, kind, p, len, true);
		u->span = 1;
	}
	u->word = graph_word(p, u->len);
	if (u->name < 0 && !(form & (F_OTHER | F_DIGIT)) &&
	    (class[(unsigned char)p[0]] & C_UPPER))
		form |= F_CAPITAL;
	u->form = (unsigned char)(form & ~(unsigned)F_CALL);
	t->units++;
}

/* Does a new paragraph, item or heading begin behind this end of a line? */
static bool
is_break(const char *line, const char *nl, const char *end)
{
	const char *p = nl + 1;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p >= end || *p == '\n' || nl - line < SHORT ||
	    strchr("-*#>|+=", *p) != NULL || (*p >= '0' && *p <= '9');
}

/* A URL goes on up to a blank or a mark that closes. */
static const char *
url_end(const char *p, const char *end)
{
	while (p < end && !(class[(unsigned char)*p] & C_BLANK) &&
	    strchr("\"<>)]}`|\\^", *p) == NULL)
		p++;
	while (p[-1] == ',' || p[-1] == ';' || p[-1] == '!' || p[-1] == '?' ||
	    p[-1] == '*')
		p--;
	return p;
}

void
text_read(struct text *t, struct sum *s, const char *p, size_t len,
    int64_t about, uint32_t kind)
{
	const char *end, *line = p, *from, *w;
	bool cut = false, full;
	unsigned c, form;
	size_t n;

	if (len > TEXT_READ)
		len = utf8_cut(p, len, TEXT_READ);
	end = p + len;
	t->units = 0;
	while (p < end) {
		c = class[(unsigned char)*p];
		if (c & (C_BLANK | C_CUT)) {
			if (*p == '\n') {
				if (is_break(line, p, end))
					sentence(t, s, about, kind);
				line = p + 1;
			} else if (*p == '!' || *p == '?') {
				sentence(t, s, about, kind);
			}
			cut = cut || (c & C_CUT);
			p++;
			continue;
		}
		form = 0;
		for (from = p; p < end; p++) {
			c = class[(unsigned char)*p];
			if (c & (C_BLANK | C_CUT))
				break;
			form |= c & C_LOWER ? F_LOWER : c & C_UPPER ? F_UPPER :
			    c & C_DIGIT ? F_DIGIT : c & C_WIDE ? F_WIDE :
			    F_OTHER;
			if (*p == '/' && p > from + 1 && p[-1] == ':' &&
			    p + 1 < end && p[1] == '/') {
				p = url_end(p, end);
				break;
			}
		}
		w = from;
		n = (size_t)(p - from);
		full = false;
		if (form & F_OTHER) {
			trim(&w, &n, &full);
			form &= ~(unsigned)F_OTHER;
			for (c = 0; c < n && !(form & F_OTHER); c++)
				if (class[(unsigned char)w[c]] == 0)
					form |= F_OTHER;
		}
		if (p + 1 < end && *p == '(' && p == w + n)
			form |= F_CALL;
		if (n > 0) {
			if (t->units == TEXT_UNITS)
				sentence(t, s, about, kind);
			add(t, s, w, n, form, cut);
			/* "a - b", "a: b" are cut, too */
			cut = p > w + n && !full;
		} else {
			cut = true;
		}
		if (full && (p >= end || (class[(unsigned char)*p] &
		    (C_BLANK | C_CUT)))) {
			sentence(t, s, about, kind);
			cut = false;
		}
	}
	sentence(t, s, about, kind);
}
