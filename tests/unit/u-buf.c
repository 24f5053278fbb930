/*
 * struct buf against what the standard library prints, and reads that come
 * in pieces.
 */
#include "tap.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
building(void)
{
	struct buf b = BUF_INIT, lent = { "lent", 4, 0 };
	char want[3000], *p;
	size_t i;

	is_str(b.p, "", "an empty one is a string");
	buf_add(&b, NULL, 0);
	ok(b.cap == 0, "nothing added takes no memory");
	buf_adds(&b, "ab");
	buf_addc(&b, 'c');
	buf_addf(&b, "-%d-%s", 7, "x");
	is_str(b.p, "abc-7-x", "pieces follow each other");
	is_int(b.len, 7, "and are counted");
	buf_add(&b, "\0y", 3);
	ok(b.len == 10 && b.p[8] == 'y' && b.p[10] == '\0', "NULs are bytes");
	buf_cut(&b, 3);
	is_str(b.p, "abc", "cut");
	memset(want, 'z', sizeof want - 1);
	want[sizeof want - 1] = '\0';
	buf_reset(&b);
	buf_addf(&b, "%s", want);
	is_str(b.p, want, "a format longer than the room");
	buf_reset(&b);
	for (i = 0; i < 100000; i++)
		buf_addc(&b, 'a' + (int)(i % 26));
	ok(b.len == 100000 && b.p[99999] == 'a' + 99999 % 26 &&
	    b.p[b.len] == '\0', "a hundred thousand single bytes");
	p = buf_steal(&b);
	ok(p[25] == 'z' && b.len == 0 && b.p == buf_empty, "stolen");
	free(p);
	p = buf_steal(&b);
	is_str(p, "", "an empty one can be stolen too");
	free(p);
	buf_addc(&lent, '!');
	is_str(lent.p, "lent!", "borrowed bytes are copied to grow");
	buf_wipe(&lent);
	ok(lent.p == buf_empty, "wiped is empty");
	lent = (struct buf){ "lent", 4, 0 };
	buf_cut(&lent, 2);
	is_str(lent.p, "le", "and to be cut");
	buf_release(&lent);
	buf_release(&lent);
	p = buf_reserve(&b, 10);
	memcpy(p, "0123456789", 10);
	b.len += 10;
	ok(b.cap > 10, "what was reserved is there");
	buf_release(&b);
}

static void
numbers(void)
{
	static const int64_t v[] = { 0, 1, -1, 9, 10, -10, 1706540400000,
	    INT64_MAX, INT64_MIN };
	struct buf b = BUF_INIT;
	char want[24];
	size_t i;

	for (i = 0; i < sizeof v / sizeof *v; i++) {
		snprintf(want, sizeof want, "%" PRId64, v[i]);
		buf_reset(&b);
		buf_add_int(&b, v[i]);
		is_str(b.p, want, "number %s", want);
	}
	buf_release(&b);
}

static void
files(const char *self)
{
	struct buf b = BUF_INIT;
	struct err e;
	char name[] = "/tmp/u-buf.XXXXXX", bytes[70000];
	int fd = mkstemp(name);
	size_t i;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	ok(fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes,
	    "a file of 70000 bytes");
	close(fd);
	buf_adds(&b, "head");
	is_int(buf_read_file(&b, name, sizeof bytes, &e), 0, "is read");
	ok(b.len == 4 + sizeof bytes && memcmp(b.p, "head", 4) == 0 &&
	    memcmp(b.p + 4, bytes, sizeof bytes) == 0, "behind what was there");
	buf_cut(&b, 4);
	is_int(buf_read_file(&b, name, sizeof bytes - 1, &e), -1,
	    "one byte over the cap is refused");
	is_int(e.code, ERR_INPUT, "as bad input");
	is_str(b.p, "head", "and leaves nothing behind");
	is_int(buf_read_file(&b, name, 0, &e), -1, "so is a cap of nothing");
	unlink(name);
	is_int(buf_read_file(&b, name, 10, &e), -1, "no such file");
	is_int(e.code, ERR_ABSENT, "is absent");
	ok(strstr(e.msg, name) != NULL, "and named");
	is_int(buf_read_file(&b, "/", 10, &e), -1, "a folder is no file");
	is_int(e.code, ERR_SYS, "the system says so");
	is_str(b.p, "head", "still nothing behind");
	is_int(buf_read_file(&b, "/dev/null", 0, &e), 0, "nothing of nothing");
	is_int(buf_read_file(&b, self, 1 << 30, &e), 0, "this program");
	buf_release(&b);
}

/* A pipe gives what it has, so reads are short. */
static void
pieces(void)
{
	struct buf b = BUF_INIT;
	struct err e;
	int p[2], i, good = 1;
	pid_t pid;

	if (pipe(p) < 0 || (pid = fork()) < 0)
		return;
	if (pid == 0) {
		for (i = 0; i < 30000; i++)
			if (write(p[1], "xyz", 3) != 3)
				_exit(1);
		_exit(0);
	}
	close(p[1]);
	is_int(buf_read_fd(&b, p[0], "a pipe", 90000, &e), 0, "a pipe is read");
	close(p[0]);
	waitpid(pid, NULL, 0);
	for (i = 0; (size_t)i < b.len; i++)
		good &= b.p[i] == "xyz"[i % 3];
	ok(b.len == 90000 && good, "to its end, in order");
	is_int(buf_read_fd(&b, -1, "nowhere", 10, &e), -1, "no descriptor");
	is_int(b.len, 90000, "what was there stays");
	buf_release(&b);
}

/* Too much is the end of the process, with exit 71 and a word on stderr. */
static void
memory(void)
{
	struct buf b = BUF_INIT;
	struct err e;
	int p[2], status = 0;
	pid_t pid;

	if (pipe(p) < 0 || (pid = fork()) < 0)
		return;
	if (pid == 0) {
		alloc_name = "u-buf";
		dup2(p[1], STDERR_FILENO);
		xreallocarray(NULL, SIZE_MAX / 2, 3);
		_exit(0);
	}
	close(p[1]);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 71,
	    "a product that overflows exits 71");
	is_int(buf_read_fd(&b, p[0], "a pipe", 100, &e), 0, "having said");
	is_str(b.p, "u-buf: out of memory\n", "why");
	close(p[0]);
	buf_release(&b);
}

static void
errors(void)
{
	struct err e = { 0 };
	char longer[1000];

	is_int(err_set(&e, ERR_BUSY, "held by %d", 7), -1, "err_set is -1");
	is_int(err_add(&e, "line %d", 3), -1, "err_add too");
	is_str(e.msg, "line 3: held by 7", "context goes in front");
	err_add(&e, "file: ");
	is_str(e.msg, "file: line 3: held by 7", "with one colon");
	is_int(e.code, ERR_BUSY, "the code stays");
	err_set(&e, ERR_INPUT, "%s, twice", e.msg);
	is_str(e.msg, "file: line 3: held by 7, twice", "of its own text");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	memcpy(longer + sizeof e.msg - 2, "\xC3\xA4", 2);
	err_set(&e, ERR_INPUT, "%s", longer);
	is_int(strlen(e.msg), sizeof e.msg - 1 - 1, "no character is cut");
	err_add(&e, "front");
	ok(strncmp(e.msg, "front: xxx", 10) == 0 &&
	    strlen(e.msg) == sizeof e.msg - 1, "the end gives way");
}

int
main(int argc, char **argv)
{
	(void)argc;
	building();
	numbers();
	files(argv[0]);
	pieces();
	memory();
	errors();
	return done();
}
