#include "graph/name.h"

#include "base/str.h"
#include "index/fold.h"

#include <string.h>

const char *const graph_kinds[] = { "term", "name", "version", "identifier",
    "module", "file", "host", "url", "issue", "service", "email", "agent",
    "person", "document", "record", NULL };

enum graph_kind
graph_kind_find(const char *s)
{
	int i;

	for (i = 0; graph_kinds[i] != NULL; i++)
		if (str_eq(graph_kinds[i], s))
			break;
	return (enum graph_kind)i;
}

static bool
is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(int c)
{
	return is_upper(c) || is_lower(c);
}

static bool
is_alnum(int c)
{
	return is_alpha(c) || is_digit(c);
}

/* Is it one of the words of a list, between blanks? */
static bool
in_list(const char *list, const char *p, size_t len)
{
	const char *at = list;
	size_t i;

	while ((at = strchr(at, ' ')) != NULL) {
		at++;
		for (i = 0; i < len && at[i] == (is_upper(p[i]) ?
		    p[i] - 'A' + 'a' : p[i]); i++)
			;
		if (i == len && at[i] == ' ')
			return true;
	}
	return false;
}

static size_t
digits(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit((unsigned char)p[n]))
		n++;
	return n;
}

/* "#12", "GH-12", "ABC-123", "CVE-2024-12345"; not "UTF-8". */
static bool
is_issue(const char *p, size_t len)
{
	static const char others[] = " utf sha iso rfc aes gpt md crc ieee "
	    "http tls ssl covid mp base ascii x ip arm ec rsa ";
	size_t n;

	if (p[0] == '#')
		return len > 1 && len <= 9 && digits(p + 1, len - 1) ==
		    len - 1;
	for (n = 0; n < len && (is_upper(p[n]) || (n > 0 && (is_digit(p[n]) ||
	    p[n] == '_'))); n++)
		;
	if (n < 2 || n > 16 || n + 1 >= len || p[n] != '-' ||
	    in_list(others, p, n))
		return false;
	p += n + 1;
	len -= n + 1;
	n = digits(p, len);
	if (n == 4 && len > 5 && p[4] == '-')
		return digits(p + 5, len - 5) == len - 5;
	return n == len && len <= 9;
}

/* "v2", "v1.4", "1.4.2", "1.4.2-rc1"; not "1.4", which is a number. */
static bool
is_version(const char *p, size_t len)
{
	bool v = len > 1 && (p[0] == 'v' || p[0] == 'V');
	size_t at = v, n, dots = 0;

	for (;;) {
		n = digits(p + at, len - at);
		if (n == 0 || n > 8)
			return false;
		at += n;
		if (at >= len || p[at] != '.')
			break;
		at++;
		dots++;
	}
	if (at < len && p[at] != '-' && p[at] != '+')
		return false;
	for (; at < len; at++)
		if (!is_alnum((unsigned char)p[at]) && p[at] != '.' &&
		    p[at] != '-' && p[at] != '+')
			return false;
	return v || dots == 2 || (dots > 3);
}

/* Letters, digits and marks: words that a mark joins, the last of a list; also:
 * another mark, or 0. */
static bool
ends_in(const char *p, size_t len, char mark, char also, const char *list)
{
	size_t i, at = 0;

	for (i = 0; i < len; i++)
		if (p[i] == mark)
			at = i;
		else if (!is_alnum((unsigned char)p[i]) && (also == 0 ||
		    p[i] != also))
			return false;
	return at > 1 && is_alpha((unsigned char)p[0]) &&
	    in_list(list, p + at + 1, len - at - 1);
}

static bool
is_host(const char *p, size_t len)
{
	return ends_in(p, len, '.', '-', " com org net io dev edu gov de uk "
	    "eu fr local internal ai app co info ch at nl ");
}

static bool
is_email(const char *p, size_t len)
{
	const char *at = memchr(p, '@', len);
	size_t i;

	if (at == NULL || at == p || memchr(at, '.', (size_t)(p + len - at)) ==
	    NULL || p[len - 1] == '.')
		return false;
	for (i = 0; i < len; i++)
		if (!is_alnum((unsigned char)p[i]) && strchr("@._%+-", p[i]) ==
		    NULL)
			return false;
	return memchr(at + 1, '@', (size_t)(p + len - at) - 1) == NULL;
}

static bool
has_extension(const char *p, size_t len)
{
	static const char known[] = " c h cc hh cpp hpp py js mjs ts tsx jsx "
	    "go rs java kt swift rb php sh bash zsh sql html htm css scss "
	    "xml json jsonl yaml yml toml ini cfg conf md rst txt csv tsv "
	    "log lock proto pdf docx xlsx pptx odt epub lua pl pm vue gradle "
	    "service env mk cmake in so exe dll zip gz tar ipynb tf ";
	size_t i = len;

	while (i > 0 && p[i - 1] != '.' && p[i - 1] != '/')
		i--;
	return i > 1 && p[i - 1] == '.' && p[i - 2] != '/' && i < len &&
	    in_list(known, p + i, len - i);
}

/* A path: it is rooted, or its last part has an ending that is known, or it
 * has three parts and more.  *len loses ":12". */
static bool
is_file(const char *p, size_t *len)
{
	size_t i, n = *len, slashes = 0, end = n;

	while (end > 0 && (is_digit((unsigned char)p[end - 1]) ||
	    p[end - 1] == ':'))
		end--;
	if (end < n && p[end] == ':')
		n = end;
	if (n < 3)
		return false;
	for (i = 0; i < n; i++)
		if (p[i] == '/')
			slashes++;
		else if (!is_alnum((unsigned char)p[i]) &&
		    !(p[i] & 0x80) && strchr("._-+~@%$", p[i]) == NULL)
			return false;
	if (p[n - 1] == '/')
		slashes--;
	if (slashes == 0 ? !has_extension(p, n) || !is_alnum(
	    (unsigned char)p[0]) : !has_extension(p, n) && slashes < 2 &&
	    p[0] != '~' && p[0] != '.')
		return false;
	for (i = 0; i < n && !is_alpha((unsigned char)p[i]); i++)
		;
	if (i == n)
		return false;
	*len = n;
	return true;
}

/* What stands between separators: camelCase, snake_case. */
static bool
is_marked(const char *p, size_t len)
{
	size_t i, lower = 0, humps = 0, bars = 0;

	for (i = 0; i < len; i++) {
		if (is_lower(p[i]))
			lower++;
		if (i > 0 && is_upper(p[i]) && is_lower(p[i - 1]))
			humps++;
		if (p[i] == '_' && i > 0 && i + 1 < len && is_alnum(
		    (unsigned char)p[i - 1]) && is_alnum((unsigned char)
		    p[i + 1]))
			bars++;
	}
	return bars > 0 || (humps > 0 && lower > 1);
}

/* "a.b", "A::b", "a->b": names between separators; one of them is marked,
 * or a call follows, or there are two separators. */
static bool
is_ident(const char *p, size_t len, bool call)
{
	size_t i, from = 0, parts = 0, colons = 0;
	bool marked = false;

	if (!is_alpha((unsigned char)p[0]) && p[0] != '_')
		return false;
	for (i = 0; i <= len; i++) {
		if (i < len && (is_alnum((unsigned char)p[i]) || p[i] == '_'))
			continue;
		if (i == from || is_digit((unsigned char)p[from]))
			return false;
		parts++;
		marked = marked || is_marked(p + from, i - from);
		if (i == len)
			break;
		if (i + 2 < len && ((p[i] == ':' && p[i + 1] == ':') ||
		    (p[i] == '-' && p[i + 1] == '>'))) {
			colons++;
			i++;
		} else if (p[i] != '.') {
			return false;
		}
		from = i + 1;
	}
	if (parts > 1 && len < 6 && !marked && colons == 0)
		return false;		/* "e.g", "i.e" */
	return marked || colons > 0 || parts > 2 || (call && (parts > 1 ||
	    len > 3));
}

/* "token-service": a word of what it is at its end. */
static bool
is_service(const char *p, size_t len)
{
	return ends_in(p, len, '-', 0, " service services api server worker "
	    "gateway daemon proxy svc queue broker ");
}

bool
graph_name_form(const char *p, size_t *len, bool call, enum graph_kind *kind)
{
	size_t n = *len, i;

	if (n < 2 || n > GRAPH_NAME_MAX)
		return false;
	for (i = 1; i + 3 < n; i++)
		if (p[i] == ':' && p[i + 1] == '/' && p[i + 2] == '/') {
			*kind = GRAPH_URL;
			return is_alpha((unsigned char)p[0]);
		}
	if (is_issue(p, n))
		*kind = GRAPH_ISSUE;
	else if (is_email(p, n))
		*kind = GRAPH_EMAIL;
	else if (is_version(p, n))
		*kind = GRAPH_VERSION;
	else if (is_file(p, len))
		*kind = GRAPH_FILE;
	else if (is_host(p, n))
		*kind = GRAPH_HOST;
	else if (is_ident(p, n, call))
		*kind = GRAPH_IDENT;
	else if (is_service(p, n))
		*kind = GRAPH_SERVICE;
	else
		return false;
	return true;
}

/* --- keys -------------------------------------------------------------- */

static void
fold(struct buf *b, const char *p, size_t len)
{
	char out[4 * GRAPH_NAME_MAX];
	size_t i, n = 0;

	for (i = 0; i < len && !(p[i] & 0x80); i++)
		;
	if (i < len) {
		/* a word each: folding stops after some characters */
		while (n < len) {
			for (i = n; i < len && p[i] != ' '; i++)
				;
			buf_add(b, out, fold_text(out, sizeof out, p + n,
			    i - n, false));
			if (i < len)
				buf_addc(b, ' ');
			n = i + 1;
		}
		return;
	}
	buf_reserve(b, len);
	for (i = 0; i < len; i++)
		b->p[b->len + i] = (char)(is_upper(p[i]) ? p[i] - 'A' + 'a' :
		    p[i]);
	b->len += len;
	b->p[b->len] = '\0';
}

/* "tokens" is "token", "queries" "query", "boxes" "box"; "redis", "class" and
 * "status" stay. */
static void
singular(struct buf *b)
{
	const char *p = b->p;
	size_t n = b->len;

	if (n < 5 || p[n - 1] != 's' || !is_lower(p[n - 2]) ||
	    strchr("suiyo", p[n - 2]) != NULL)
		return;
	if (n > 5 && memcmp(p + n - 3, "ies", 3) == 0) {
		buf_cut(b, n - 3);
		buf_addc(b, 'y');
	} else if (p[n - 2] == 'e' && (p[n - 3] == 'x' || memcmp(
	    p + n - 4, "ch", 2) == 0 || memcmp(p + n - 4, "sh", 2) == 0 ||
	    memcmp(p + n - 4, "ss", 2) == 0)) {
		buf_cut(b, n - 2);
	} else {
		buf_cut(b, n - 1);
	}
}

/* "::" and "->" become ".", what joins words goes. */
static void
ident(struct buf *b, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (i + 1 < len && ((p[i] == ':' && p[i + 1] == ':') ||
		    (p[i] == '-' && p[i + 1] == '>'))) {
			buf_addc(b, '.');
			i++;
		} else if (p[i] != '_') {
			buf_addc(b, is_upper(p[i]) ? p[i] - 'A' + 'a' : p[i]);
		}
}

static void
service(struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->p[i] == ' ')
			b->p[i] = '-';
}

size_t
graph_name_line(char out[GRAPH_NAME_MAX], const char *p, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len && n < GRAPH_NAME_MAX; i++)
		if ((unsigned char)p[i] > ' ')
			out[n++] = p[i];
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	return n > 0 && out[n - 1] == ' ' ? n - 1 : n;
}

void
graph_name_key(struct buf *b, enum graph_kind kind, const char *p, size_t len)
{
	char line[GRAPH_NAME_MAX];

	buf_reset(b);
	if (len <= GRAPH_NAME_MAX) {
		len = graph_name_line(line, p, len);
		p = line;
	}
	if (kind == GRAPH_FILE)
		while (len > 2 && p[0] == '.' && p[1] == '/') {
			p += 2;
			len -= 2;
		}
	if (kind == GRAPH_FILE || kind == GRAPH_URL)
		while (len > 1 && p[len - 1] == '/')
			len--;
	if (kind == GRAPH_IDENT || kind == GRAPH_MODULE)
		ident(b, p, len);
	else
		fold(b, p, len);
	if (kind == GRAPH_NAME || kind == GRAPH_TERM || kind == GRAPH_SERVICE)
		singular(b);
	if (kind == GRAPH_SERVICE)
		service(b);
}

const char *
graph_name_tail(enum graph_kind kind, const char *key)
{
	const char *tail;

	if (kind != GRAPH_IDENT && kind != GRAPH_FILE && kind != GRAPH_MODULE)
		return NULL;
	tail = strrchr(key, kind == GRAPH_FILE ? '/' : '.');
	return tail != NULL && tail > key && tail[1] != '\0' ? tail + 1 : NULL;
}
