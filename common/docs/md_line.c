#include "docs/md_line.h"

#include <string.h>
#include <strings.h>

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool
md_all_blank(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p == end;
}

size_t
md_indent(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && *q == ' ')
		q++;
	return (size_t)(q - p);
}

bool
md_is_break(const char *p, const char *end)
{
	size_t n = 0;
	char c;

	if (p == end || (*p != '-' && *p != '*' && *p != '_'))
		return false;
	for (c = *p; p < end; p++)
		if (*p == c)
			n++;
		else if (!is_blank(*p))
			return false;
	return n >= 3;
}

/* The level of an ATX heading. */
int
md_hashes(const char *p, const char *end)
{
	int n = 0;

	while (p + n < end && p[n] == '#')
		n++;
	return n >= 1 && n <= 6 && (p + n == end || is_blank(p[n])) ? n : 0;
}

size_t
md_fence(const char *p, const char *end)
{
	const char *q = p;

	if (p == end || (*p != '`' && *p != '~'))
		return 0;
	while (q < end && *q == *p)
		q++;
	if (q - p < 3 || (*p == '`' && memchr(q, '`', (size_t)(end - q))))
		return 0;
	return (size_t)(q - p);
}

int
md_underline(const char *p, const char *end)
{
	char c;

	if (p == end || (*p != '=' && *p != '-'))
		return 0;
	for (c = *p; p < end && *p == c; p++)
		;
	return !md_all_blank(p, end) ? 0 : c == '=' ? 1 : 2;
}

size_t
md_cells(const char *p, const char *end)
{
	size_t n = 1;

	while (end > p && is_blank(end[-1]))
		end--;
	p += md_indent(p, end);
	if (p < end && *p == '|')
		p++;
	if (end > p && end[-1] == '|')
		end--;
	for (; p < end; p++)
		n += *p == '|' && p[-1] != '\\';
	return n;
}

bool
md_is_delimiter(const char *p, const char *end)
{
	bool bar = false, dash = false;

	for (; p < end; p++) {
		if (*p == '|' || *p == ':')
			bar = true;
		else if (*p == '-')
			dash = true;
		else if (!is_blank(*p))
			return false;
	}
	return bar && dash;
}

bool
md_has(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	for (; (size_t)(end - p) >= n; p++)
		if (strncasecmp(p, what, n) == 0)
			return true;
	return false;
}

static bool
starts(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(end - p) >= n && strncasecmp(p, what, n) == 0;
}

/* Section 4.6, kind 6, and those that say nothing themselves. */
static bool
is_block_tag(const char *p, const char *end)
{
	static const char names[] = " address article aside base basefont "
	    "blockquote body caption center col colgroup dd details dialog dir "
	    "div dl dt fieldset figcaption figure footer form frame frameset "
	    "h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main "
	    "menu menuitem nav noframes ol optgroup option p param search "
	    "section summary table tbody td tfoot th thead title tr track ul ";
	char room[16];
	size_t n = 1;

	room[0] = ' ';
	for (p += *p == '/'; p < end && n < sizeof room - 2 &&
	    ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
	    is_digit(*p)); p++)
		room[n++] = (char)(is_digit(*p) ? *p : *p | 0x20);
	room[n] = ' ';
	room[n + 1] = '\0';
	return n > 1 && (p == end || is_blank(*p) || *p == '>' || *p == '/') &&
	    strstr(names, room) != NULL;
}

/* A tag that has the line for itself. */
static bool
is_lone_tag(const char *p, const char *end)
{
	while (end > p && is_blank(end[-1]))
		end--;
	if (end - p < 3 || end[-1] != '>')
		return false;
	p += p[1] == '/';
	if (!((p[1] >= 'a' && p[1] <= 'z') || (p[1] >= 'A' && p[1] <= 'Z')))
		return false;
	for (p++; p < end - 1; p++)
		if (*p == '<' || *p == '>' || *p == ':' || *p == '@')
			return false;
	return true;
}

/* Does an HTML block begin?  Says how it ends. */
bool
md_html_begins(const char *p, const char *end, bool in_paragraph,
    const char **until, bool *drop)
{
	static const struct {
		const char *start, *end;
		bool drop;
	} kinds[] = {
		{ "<script", "</script>", true },
		{ "<style", "</style>", true }, { "<pre", "</pre>", false },
		{ "<textarea", "</textarea>", false },
		{ "<!--", "-->", true }, { "<?", "?>", true },
		{ "<![CDATA[", "]]>", false }, { "<!", ">", true }
	};
	size_t i;

	if (p == end || *p != '<' || end - p < 2)
		return false;
	*until = NULL;
	*drop = false;
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (starts(p, end, kinds[i].start)) {
			*until = kinds[i].end;
			*drop = kinds[i].drop;
			return true;
		}
	return is_block_tag(p + 1, end) ||
	    (!in_paragraph && is_lone_tag(p, end));
}

/* The bytes of a marker; *mark is the number of an ordered one. */
size_t
md_marker(const char *p, const char *end, bool in_paragraph, char mark[16])
{
	size_t n = 0;

	mark[0] = '\0';
	if (p < end && (*p == '-' || *p == '+' || *p == '*'))
		n = 1;
	else {
		while (n < 9 && p + n < end && is_digit(p[n]))
			n++;
		if (n == 0 || p + n >= end || (p[n] != '.' && p[n] != ')') ||
		    (in_paragraph && (n != 1 || *p != '1')))
			return 0;
		memcpy(mark, p, ++n);
		mark[n] = ' ';
		mark[n + 1] = '\0';
	}
	if (p + n < end && !is_blank(p[n]))
		return 0;
	return in_paragraph && md_all_blank(p + n, end) ? 0 : n;
}
