#include "text/quote.h"

bool
quote_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
quote_trim(const char **q, size_t *k)
{
	for (; *k > 0 && quote_blank(**q); ++*q)
		--*k;
	while (*k > 0 && quote_blank((*q)[*k - 1]))
		--*k;
}

/* How many bytes at p are the quote; 0: it is another text. */
static size_t
same(const char *p, size_t n, const char *q, size_t k)
{
	size_t at = 0, i = 0;

	while (i < k) {
		if (at == n || quote_blank(p[at]) != quote_blank(q[i]) ||
		    (!quote_blank(p[at]) && p[at] != q[i]))
			return 0;
		if (!quote_blank(p[at])) {
			at++;
			i++;
			continue;
		}
		while (at < n && quote_blank(p[at]))
			at++;
		while (i < k && quote_blank(q[i]))
			i++;
	}
	return at;
}

bool
quote_find(const char *text, size_t n, const char *q, size_t k, size_t *at,
    size_t *len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((*len = same(text + i, n - i, q, k)) > 0) {
			*at = i;
			return true;
		}
	return false;
}
