#include "toc/sentence.h"

#include "base/utf8.h"

#include <string.h>

#define WRAPPED 50		/* a line as long as this may go on */
#define CLAUSE 70		/* least bytes before a comma, to cut at it */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

void
sentences_start(struct sentences *s, const char *p, size_t len,
    enum sentence_mode mode)
{
	memset(s, 0, sizeof *s);
	s->p = p;
	s->len = len;
	s->mode = mode;
}

/* --- lines ------------------------------------------------------------- */

static size_t
line_end(const struct sentences *s, size_t at)
{
	const char *nl = memchr(s->p + at, '\n', s->len - at);

	return nl == NULL ? s->len : (size_t)(nl - s->p);
}

static bool
begins(const char *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && memcmp(p, word, k) == 0;
}

static bool
is_fence(const char *p, size_t n)
{
	return begins(p, n, "```") || begins(p, n, "~~~");
}

/* Bytes of the mark of an item, a quotation or a heading; 0: none. */
static size_t
mark(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && i < 6 && p[i] == '#')
		i++;
	if (i == 0)
		while (i < n && i < 4 && is_digit(p[i]))
			i++;
	if (i > 0 && p[0] != '#') {
		if (i == n || (p[i] != '.' && p[i] != ')'))
			return 0;
		i++;
	} else if (i == 0 && n > 0 && strchr("-*+>", p[0]) != NULL) {
		i = 1;
	} else if (i == 0 && begins(p, n, "\xe2\x80\xa2")) {
		i = 3;
	}
	if (i == 0 || i == n || !is_blank(p[i]))
		return 0;
	while (i < n && is_blank(p[i]))
		i++;
	/* "- [x] done" */
	if (n - i > 4 && p[i] == '[' && p[i + 2] == ']' && p[i + 3] == ' ')
		i += 4;
	return i;
}

/* A frame of a stack, a row of a table, a line of a listing or of signs. */
static bool
is_noise(const char *p, size_t n)
{
	size_t i, letters = 0, others = 0;

	if (begins(p, n, "at ") && memchr(p, '(', n) != NULL)
		return true;
	if (begins(p, n, "File \"") || *p == '|' || *p == '<')
		return true;
	for (i = 0; i < n && is_digit(p[i]); i++)
		;
	if (i > 0 && i < n && p[i] == '\t')
		return true;
	for (i = 0; i < n; i++)
		if (is_letter(p[i]))
			letters++;
		else if (p[i] != ' ')
			others++;
	return letters < 2 || letters < others;
}

/* Does this line of code tell what it is about? */
static bool
tells(const char *p, size_t n)
{
	static const char *const dull[] = { "#!", "#include", "import ",
	    "from ", "package ", "use ", "using ", "const ", "return",
	    "\"use strict\"", "---", "+++", "diff ", "@@" };
	size_t i;

	for (i = 0; i < sizeof dull / sizeof *dull; i++)
		if (begins(p, n, dull[i]))
			return false;
	return n >= 8 && !is_noise(p, n);
}

static void
trim(const struct sentences *s, size_t *from, size_t *to)
{
	while (*from < *to && is_blank(s->p[*from]))
		++*from;
	while (*to > *from && is_blank(s->p[*to - 1]))
		--*to;
}

/* Where the paragraph ends whose first line is [at, end). */
static size_t
paragraph_end(const struct sentences *s, size_t at, size_t end)
{
	size_t from, to;

	while (end - at >= WRAPPED && end < s->len && s->p[end - 1] != ':') {
		from = end + 1;
		to = line_end(s, from);
		at = from;
		trim(s, &from, &to);
		if (from == to || is_fence(s->p + from, to - from) ||
		    mark(s->p + from, to - from) > 0 ||
		    is_noise(s->p + from, to - from))
			break;
		end = line_end(s, at);
	}
	return end;
}

/* --- ends -------------------------------------------------------------- */

/* Bytes of the character at i if it ends a sentence; *wide: it does so with
 * no blank after it. */
static size_t
end_mark(const char *p, size_t n, bool *wide)
{
	static const char *const others[] = { "\xe3\x80\x82", "\xef\xbc\x81",
	    "\xef\xbc\x9f", "\xef\xbd\xa1", "\xe0\xa5\xa4", "\xd8\x9f",
	    "\xe2\x80\xa6" };
	size_t i;

	*wide = false;
	if (*p == '.' || *p == '!' || *p == '?')
		return 1;
	if ((unsigned char)*p < 0xd8)
		return 0;
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (begins(p, n, others[i])) {
			*wide = i < 4;
			return strlen(others[i]);
		}
	return 0;
}

static size_t
closer(const char *p, size_t n)
{
	static const char *const others[] = { "\xe2\x80\x9d", "\xe2\x80\x99",
	    "\xe3\x80\x8d", "\xe3\x80\x8f", "\xef\xbc\x89" };
	size_t i;

	if (*p != '\0' && strchr("\"')]*_`", *p) != NULL)
		return 1;
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (begins(p, n, others[i]))
			return strlen(others[i]);
	return 0;
}

/* Is the point at `at` one of an abbreviation, an initial or a number? */
static bool
is_short(const char *p, size_t from, size_t at)
{
	static const char *const words[] = { "e.g", "i.e", "mr", "mrs", "ms",
	    "dr", "vs", "cf", "approx", "no", "fig", "st", "prof", "resp" };
	size_t i, k = at;

	while (k > from && !is_blank(p[k - 1]) && p[k - 1] != '(')
		k--;
	if (at - k == 1 && p[k] >= 'A' && p[k] <= 'Z' && p[k] != 'I')
		return true;
	for (i = k; i < at && is_digit(p[i]); i++)
		;
	if (i == at && k == from && at - k < 4)
		return true;
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);

		if (n == at - k && ((p[k] | 0x20) == words[i][0]) &&
		    memcmp(p + k + 1, words[i] + 1, n - 1) == 0)
			return true;
	}
	return false;
}

/* Where the sentence ends that begins at `from`. */
static size_t
sentence_end(const char *p, size_t from, size_t stop)
{
	size_t i = from, n, end, at;
	bool wide, aside;

	while (i < stop) {
		n = end_mark(p + i, stop - i, &wide);
		if (n == 0) {
			i++;
			continue;
		}
		at = i;
		aside = p[i] == '.';
		for (end = i + n; end < stop; end += n) {
			bool w;

			if ((n = end_mark(p + end, stop - end, &w)) == 0) {
				n = closer(p + end, stop - end);
				aside |= n > 0;
			}
			if (n == 0)
				break;
			wide |= w;
		}
		if (end == stop || wide)
			return end;
		i = end;
		if (!is_blank(p[end]))
			continue;
		while (end < stop && is_blank(p[end]))
			end++;
		if (aside && end < stop && p[end] >= 'a' && p[end] <= 'z')
			continue;
		if (p[at] == '.' && is_short(p, from, at))
			continue;
		return i;
	}
	return stop;
}

/* Where to cut a sentence of more than TURN_SENTENCE bytes. */
static size_t
cut(const char *p, size_t len)
{
	size_t most = utf8_cut(p, len, TURN_SENTENCE), i;

	for (i = most; i > CLAUSE; i--)
		if (is_blank(p[i]) && strchr(",;:", p[i - 1]) != NULL)
			return i;
	for (i = most; i > CLAUSE; i--)
		if (is_blank(p[i]))
			return i;
	return most;
}

static bool
asks(const char *p, size_t n)
{
	while (n > 0 && strchr("\"')]*_` !", p[n - 1]) != NULL)
		n--;
	return n > 0 && (p[n - 1] == '?' ||
	    (n > 2 && memcmp(p + n - 3, "\xef\xbc\x9f", 3) == 0) ||
	    (n > 1 && memcmp(p + n - 2, "\xd8\x9f", 2) == 0));
}

static int
give(struct sentences *s, struct turn_sentence *out, size_t from, size_t to,
    enum turn_sentence_kind kind)
{
	trim(s, &from, &to);
	if (to - from > TURN_SENTENCE)
		to = from + cut(s->p + from, to - from);
	trim(s, &from, &to);
	out->at = (uint32_t)from;
	out->len = (uint32_t)(to - from);
	out->word = out->words = 0;
	out->kind = (uint16_t)kind;
	out->cues = asks(s->p + from, to - from) ? CUE_BIT(CUE_QUESTION) : 0;
	return to > from;
}

/* --- one after the other ----------------------------------------------- */

/* The next sentence of the paragraph. */
static int
prose(struct sentences *s, struct turn_sentence *out)
{
	enum turn_sentence_kind kind = s->go_on ? TURN_GO_ON : TURN_PROSE;
	size_t end, from = s->at, to;

	while (from < s->stop && is_blank(s->p[from]))
		from++;
	if (from == s->stop) {
		s->at = s->stop;
		s->stop = 0;
		s->go_on = false;
		return 0;
	}
	end = sentence_end(s->p, from, s->stop);
	to = end;
	if (end - from > TURN_SENTENCE)
		to = from + cut(s->p + from, end - from);
	else if (end == s->stop && s->p[end - 1] == ':' && !s->go_on)
		kind = TURN_HEAD;
	s->go_on = to < end;
	s->at = to;
	return give(s, out, from, to, kind);
}

/* A line, whole; 0: it is none, or begins a paragraph. */
static int
line(struct sentences *s, struct turn_sentence *out)
{
	size_t from = s->at, end = line_end(s, from), to = end, n;
	const char *p;

	s->at = end < s->len ? end + 1 : end;
	trim(s, &from, &to);
	p = s->p + from;
	n = to - from;
	if (n == 0)
		return 0;
	if (is_fence(p, n)) {
		s->code = !s->code;
		s->code_told = false;
		return 0;
	}
	if (s->code) {
		if (s->code_told || !tells(p, n))
			return 0;
		s->code_told = true;
		return give(s, out, from, to, TURN_CODE);
	}
	if (is_noise(p, n))
		return 0;
	if (s->mode == SENTENCE_PRINTED)
		return give(s, out, from, to, TURN_OUTPUT);
	if (*p == '#' && (n = mark(p, n)) > 0)
		return give(s, out, from + n, to, TURN_HEAD);
	s->at = from + mark(p, n);
	s->stop = paragraph_end(s, from, end);
	return 0;
}

/* What a call says of itself, else how it begins. */
static int
call(struct sentences *s, struct turn_sentence *out)
{
	static const char key[] = "\"description\":\"";
	size_t n = sizeof key - 1, at, end;

	s->at = s->len;
	for (at = 0; at + n < s->len; at++) {
		if (s->p[at] != '"' || memcmp(s->p + at, key, n) != 0)
			continue;
		at += n;
		for (end = at; end < s->len && s->p[end] != '"' &&
		    s->p[end] != '\\'; end++)
			;
		if (end < s->len && s->p[end] == '"' && end > at)
			return give(s, out, at, end, TURN_CALL);
		break;
	}
	return give(s, out, 0, line_end(s, 0), TURN_CALL);
}

int
sentence_next(struct sentences *s, struct turn_sentence *out)
{
	while (s->at < s->len) {
		if (s->mode == SENTENCE_CALLED)
			return call(s, out);
		if (s->stop > 0 ? prose(s, out) : line(s, out))
			return 1;
	}
	return 0;
}
