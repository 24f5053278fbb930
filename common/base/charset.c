/*
 * Steps of 64 kB.  A character that a step cuts in two is carried over to
 * the next one.
 */
#include "base/charset.h"

#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)
#define CHAR_MAX_BYTES 8	/* no character of these takes more */

const char *const charset_names[] = { "UTF-8", "GB18030", "ISO-8859-1",
    NULL };

/* What is done with a step: takes some of the bytes, *used.  last: nothing
 * follows.  1 go on, 0 enough. */
typedef int	eat(void *, const char *, size_t, bool last, size_t *used,
		    struct err *);

static int
each_step(int fd, const char *name, eat *fn, void *arg, struct err *e)
{
	char step[STEP];
	size_t have = 0, used;
	ssize_t n = 1;
	int r = 1;

	while (r == 1 && n > 0) {
		while ((n = read(fd, step + have, sizeof step - have)) < 0)
			if (errno != EINTR)
				return err_sys(e, "cannot read '%s'", name);
		have += (size_t)n;
		used = have;
		r = fn(arg, step, have, n == 0, &used, e);
		memmove(step, step + used, have - used);
		have -= used;
	}
	return r;
}

static int
eat_utf8(void *unused, const char *p, size_t len, bool last, size_t *used,
    struct err *e)
{
	(void)unused;
	(void)e;
	*used = utf8_check(p, len);
	return *used == len || (!last && len - *used < CHAR_MAX_BYTES / 2);
}

struct convert {
	iconv_t cd;
	int out;		/* -1: it is only tried */
	const char *name;
};

static int
eat_iconv(void *arg, const char *p, size_t len, bool last, size_t *used,
    struct err *e)
{
	struct convert *c = arg;
	char room[16384], *in = (char *)p, *out;
	size_t left = len, space;
	size_t n;

	do {
		out = room;
		space = sizeof room;
		errno = 0;
		n = iconv(c->cd, &in, &left, &out, &space);
		if (c->out >= 0 && file_write(c->out, room,
		    sizeof room - space, c->name, e) < 0)
			return -1;
	} while (n == (size_t)-1 && errno == E2BIG);
	*used = len - left;
	return left == 0 || (errno == EINVAL && !last &&
	    left < CHAR_MAX_BYTES);
}

static int
convert(int fd, const char *name, enum charset from, int out, struct err *e)
{
	struct convert c = { .out = out, .name = name };
	int r;

	c.cd = iconv_open("UTF-8", charset_names[from]);
	if (c.cd == (iconv_t)-1)
		return err_set(e, ERR_ABSENT, "'%s' is not UTF-8, and this "
		    "system's iconv knows no %s; convert it elsewhere", name,
		    charset_names[from]);
	r = each_step(fd, name, eat_iconv, &c, e);
	iconv_close(c.cd);
	return r;
}

int
charset_guess(int fd, const char *name, enum charset *out, struct err *e)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	enum charset is = CHARSET_UTF8;
	int r;

	if (at < 0)
		return err_sys(e, "cannot read '%s'", name);
	r = each_step(fd, name, eat_utf8, NULL, e);
	if (r == 0) {
		is = CHARSET_GB18030;
		if (lseek(fd, at, SEEK_SET) < 0)
			return err_sys(e, "cannot read '%s'", name);
		r = convert(fd, name, is, -1, e);
		if (r == 0)
			is = CHARSET_LATIN1;
	}
	if (r < 0)
		return -1;
	if (lseek(fd, at, SEEK_SET) < 0)
		return err_sys(e, "cannot read '%s'", name);
	*out = is;
	return 0;
}

int
charset_copy(int in, const char *name, enum charset from, int out,
    struct err *e)
{
	int r = convert(in, name, from, out, e);

	if (r == 0)
		return err_set(e, ERR_INPUT, "'%s' is not %s", name,
		    charset_names[from]);
	return r < 0 ? -1 : 0;
}
