#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf8.h"

#define WIDTH_DEFAULT	80

/* Bytes at p that may be shown as they are, without decoding. */
static size_t
plain_run(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

static void
add_control(struct buf *b, unsigned char c)
{
	static const char names[] = "\033e\nn\rr\tt";
	const char *n;

	for (n = names; *n != '\0'; n += 2)
		if ((unsigned char)*n == c) {
			buf_addc(b, '\\');
			buf_addc(b, n[1]);
			return;
		}
	buf_addf(b, "\\x%02x", c);
}

/* The character at p, made safe; its length. */
static size_t
add_char(struct buf *b, const char *p, size_t len, bool multi)
{
	unsigned char first = (unsigned char)*p;
	size_t n;
	uint32_t c = utf8_decode(p, len, &n);

	if (multi && (c == '\n' || c == '\t'))
		buf_addc(b, first);
	else if (multi && c == '\r' && len > 1 && p[1] == '\n')
		;		/* text from DOS: its newline follows */
	else if (n == 1 && (first < 0x20 || first >= 0x7f))
		add_control(b, first);	/* bytes that are not UTF-8, too */
	else if (utf8_unsafe(c))
		buf_addf(b, "\\u{%04x}", (unsigned)c);
	else
		buf_add(b, p, n);
	return n;
}

void
term_puts(struct buf *b, const char *p, size_t len, bool multi)
{
	size_t n;

	while (len > 0) {
		if ((n = plain_run(p, len)) > 0)
			buf_add(b, p, n);
		else
			n = add_char(b, p, len, multi);
		p += n;
		len -= n;
	}
}

int
term_width(int fd)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH_DEFAULT;
	return w.ws_col;
}

bool
term_colour(int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	/* https://no-color.org: set, and not empty */
	return isatty(fd) && (no == NULL || *no == '\0') &&
	    term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}
