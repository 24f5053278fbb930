/*
 * Lines of a stream: numbers, offsets, the cap, the deadline.
 */
#include "tap.h"

#include "base/jsonl.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG ((size_t)3 << 20)

/* A descriptor to read these bytes from; a child writes them in steps. */
static int
feed(const void *p, size_t len, size_t step)
{
	int fd[2];
	size_t at, n;

	if (pipe(fd) < 0)
		exit(2);
	if (fork() == 0) {
		close(fd[0]);
		for (at = 0; at < len; at += n) {
			n = len - at < step ? len - at : step;
			if (write(fd[1], (const char *)p + at, n) < (ssize_t)n)
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	return fd[0];
}

/* All lines as "NUMBER@OFFSET:TEXT|", ~ for one without an end, # if long */
static const char *
all(const char *text, size_t len, size_t max, size_t step)
{
	static struct buf out = BUF_INIT;
	struct jsonl r;
	struct err e = { 0 };
	enum jsonl_got got;
	bool ended;
	size_t n;
	char *p;
	int fd = feed(text, len, step);

	buf_reset(&out);
	jsonl_init(&r, fd, "test");
	r.max = max;
	while ((got = jsonl_next(&r, -1, &p, &n, &ended, &e)) > JSONL_EOF) {
		buf_addf(&out, "%d@%d:", (int)r.line_no, (int)r.offset);
		if (got == JSONL_LINE)
			buf_add(&out, p, n);
		buf_adds(&out, got == JSONL_LINE ? "" : "#");
		buf_adds(&out, ended ? "|" : "~|");
		if (got == JSONL_LINE && p[n] != '\0')
			buf_adds(&out, "(no NUL)");
	}
	buf_adds(&out, got == JSONL_EOF ? "." : "?");
	jsonl_release(&r);
	close(fd);
	wait(NULL);
	return out.p;
}

#define ALL(text, max, step) all(text, sizeof text - 1, max, step)

static void
lines(void)
{
	size_t step;

	for (step = 1; step <= 1000; step *= 1000) {
		is_str(ALL("", 9, step), ".", "nothing, by %zu", step);
		is_str(ALL("\n", 9, step), "1@1:|.", "an empty line");
		is_str(ALL("a\nbc\n", 9, step), "1@2:a|2@5:bc|.", "two");
		is_str(ALL("a\r\n\r\nb\r", 9, step), "1@3:a|2@5:|3@7:b\r~|.",
		    "CRLF");
		is_str(ALL("a\nb", 9, step), "1@2:a|2@3:b~|.", "torn");
		is_str(ALL("\xef\xbb\xbf""a\n\xef\xbb\xbf""b\n", 9, step),
		    "1@5:a|2@10:\xef\xbb\xbf""b|.", "byte order marks");
		is_str(ALL("\xef\xbb\xbf", 9, step), "1@3:~|.", "only one");
		is_str(ALL("1234\n12345\n1\n", 4, step),
		    "1@5:1234|2@11:#|3@13:1|.", "over the cap");
		is_str(ALL("1234\r\n12345\r\n", 4, step), "1@6:1234|2@13:#|.",
		    "the end does not count");
		is_str(ALL("123456789012345678\n1\n12345", 4, step),
		    "1@19:#|2@21:1|3@26:#~|.", "far over the cap");
	}
}

static void
nul(void)
{
	struct jsonl r;
	struct err e;
	size_t n;
	char *p;
	int fd = feed("a\0b\n", 4, 4);

	jsonl_init(&r, fd, "test");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 3 &&
	    memcmp(p, "a\0b", 3) == 0, "a NUL is handed on");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_EOF &&
	    jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_EOF, "the end stays");
	jsonl_release(&r);
	close(fd);
	wait(NULL);
}

/* Names that end with NUL: nothing else is taken off. */
static void
nul_ended(void)
{
	struct jsonl r;
	struct err e;
	size_t n;
	char *p;
	int fd = feed("\xef\xbb\xbf" "a\nb\r\0\0c", 10, 10);

	jsonl_init(&r, fd, "test");
	r.end = '\0';
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 7 &&
	    memcmp(p, "\xef\xbb\xbf" "a\nb\r", 7) == 0, "as it is, up to NUL");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 0,
	    "an empty one");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 1 &&
	    *p == 'c', "the last without its end");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_EOF, "the end");
	jsonl_release(&r);
	close(fd);
	wait(NULL);
}

/* Lines of all lengths around the size of a chunk; giant ones. */
static void
giant(void)
{
	struct buf in = BUF_INIT;
	struct jsonl r;
	struct err e;
	size_t n, i, wrong = 0;
	char *p;
	int fd;

	for (i = 0; i < 300; i++) {
		memset(buf_reserve(&in, i * 997), 'a' + (int)(i % 26), i * 997);
		in.len += i * 997;
		buf_addc(&in, '\n');
	}
	fd = feed(in.p, in.len, 70001);
	jsonl_init(&r, fd, "test");
	for (i = 0; jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE; i++)
		wrong += n != i * 997 || (n > 0 &&
		    (p[0] != 'a' + (int)(i % 26) || p[n - 1] != p[0]));
	ok(i == 300 && wrong == 0 && r.offset == (int64_t)in.len,
	    "lines longer than a chunk");
	jsonl_release(&r);
	close(fd);
	wait(NULL);

	buf_reset(&in);
	memset(buf_reserve(&in, BIG), 'x', BIG);
	in.len = BIG;
	buf_adds(&in, "\nshort\n");
	memset(buf_reserve(&in, BIG), 'y', BIG);
	in.len += BIG;
	buf_adds(&in, "\nlast\n");
	fd = feed(in.p, in.len, BIG);
	jsonl_init(&r, fd, "test");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == BIG,
	    "a giant line");
	r.max = 1000;
	jsonl_next(&r, -1, &p, &n, NULL, &e);
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LONG,
	    "a giant line over the cap");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE &&
	    strcmp(p, "last") == 0 && r.line_no == 4, "what follows it");
	ok(r.b.cap <= (size_t)1 << 20, "its memory was given back");
	jsonl_release(&r);
	close(fd);
	wait(NULL);
	buf_release(&in);
}

static void
deadline(void)
{
	struct jsonl r;
	struct err e = { 0 };
	int fd[2], w;
	size_t n;
	char *p;

	if (pipe(fd) < 0)
		exit(2);
	jsonl_init(&r, fd[0], "test");
	ok(jsonl_next(&r, 0, &p, &n, NULL, &e) == JSONL_WAIT, "nothing yet");
	w = (int)write(fd[1], "hal", 3);
	ok(jsonl_next(&r, 20, &p, &n, NULL, &e) == JSONL_WAIT, "half a line");
	w += (int)write(fd[1], "f\nno", 4);
	ok(jsonl_next(&r, 20, &p, &n, NULL, &e) == JSONL_LINE &&
	    strcmp(p, "half") == 0, "the other half");
	ok(jsonl_next(&r, 0, &p, &n, NULL, &e) == JSONL_WAIT, "half again");
	r.max = 3;
	w += (int)write(fd[1], "12345", 5);
	ok(jsonl_next(&r, 5, &p, &n, NULL, &e) == JSONL_WAIT,
	    "half of a long line");
	w += (int)write(fd[1], "\nx\n", 3);
	ok(w == 15 && jsonl_next(&r, 5, &p, &n, NULL, &e) == JSONL_LONG &&
	    r.line_no == 2 && r.offset == 13, "its end");
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 1,
	    "the next");
	ok(jsonl_next(&r, 5, &p, &n, NULL, &e) == JSONL_WAIT,
	    "a descriptor that does not block");
	close(fd[1]);
	ok(jsonl_next(&r, 5, &p, &n, NULL, &e) == JSONL_EOF, "the end");
	jsonl_release(&r);
	close(fd[0]);

	jsonl_init(&r, fd[0], "gone");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_FAIL &&
	    e.code == ERR_SYS && strstr(e.msg, "'gone'") != NULL,
	    "a closed descriptor is an error");
	jsonl_release(&r);
}

/* Bytes between lines. */
static void
bytes(void)
{
	struct buf b = BUF_INIT;
	struct jsonl r;
	struct err e;
	int fd[2];
	char *p;
	size_t n;

	if (pipe(fd) < 0 || write(fd[1], "3\na\nb7\nshort", 12) != 12)
		printf("# no pipe\n");
	close(fd[1]);
	jsonl_init(&r, fd[0], "it");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 1 &&
	    jsonl_bytes(&r, &b, 3, &e) == 0 && b.len == 3 &&
	    memcmp(b.p, "a\nb", 3) == 0, "bytes after a line");
	ok(jsonl_bytes(&r, &b, 0, &e) == 0 && b.len == 3, "none of them");
	ok(jsonl_next(&r, -1, &p, &n, NULL, &e) == JSONL_LINE && n == 1 &&
	    *p == '7' && r.offset == 7, "the next line");
	ok(jsonl_bytes(&r, &b, 7, &e) < 0 && e.code == ERR_INPUT &&
	    strstr(e.msg, "2 bytes too early") != NULL, "too few of them");
	buf_release(&b);
	jsonl_release(&r);
	close(fd[0]);
}

int
main(void)
{
	bytes();
	lines();
	nul();
	nul_ended();
	giant();
	deadline();
	return done();
}
