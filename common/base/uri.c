#include "base/uri.h"

#include "base/hash.h"

#include <stdbool.h>
#include <string.h>

static bool
is_in(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

void
uri_escape_byte(struct buf *b, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char byte = (unsigned char)c;

	buf_addc(b, '%');
	buf_addc(b, hex[byte >> 4]);
	buf_addc(b, hex[byte & 15]);
}

void
uri_escape(struct buf *b, const char *s, size_t len, const char *plain)
{
	for (; len > 0; len--, s++)
		if (is_in(plain, *s))
			buf_addc(b, *s);
		else
			uri_escape_byte(b, *s);
}

void
uri_escape_only(struct buf *b, const char *s, size_t len, const char *odd)
{
	for (; len > 0; len--, s++)
		if (*s == '\0' || is_in(odd, *s))
			uri_escape_byte(b, *s);
		else
			buf_addc(b, *s);
}

int
uri_byte(const char *s, uint8_t *c)
{
	return s[0] == '%' && hex_decode(c, s + 1, 1);
}

int
uri_unescape(struct buf *b, const char *s)
{
	size_t start = b->len;
	uint8_t c;

	for (; *s != '\0'; s++) {
		if (*s != '%') {
			buf_addc(b, *s);
			continue;
		}
		if (!uri_byte(s, &c) || c == '\0') {
			buf_cut(b, start);
			return 0;
		}
		buf_addc(b, c);
		s += 2;
	}
	return 1;
}
