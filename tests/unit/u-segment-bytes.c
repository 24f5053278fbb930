/*
 * A segment with any one byte changed is found to be damaged, or says what
 * it said; cut anywhere it is not opened; and with its check sums made right
 * again it may say anything, but does not crash.
 */
#include "segment-all.h"
#include "segment-model.h"

#include <fcntl.h>
#include <unistd.h>

static char path[] = "/tmp/memkit-u-damage.XXXXXX";
static struct err e;

static void
put(const uint8_t *p, size_t len)
{
	int fd = open(path, O_WRONLY);

	/* cut last: some file systems sync what is cut to nothing first */
	if (fd < 0 || file_write(fd, p, len, path, &e) < 0 ||
	    ftruncate(fd, (off_t)len) < 0)
		abort();
	close(fd);
}

/* 0 damaged, 1 it says h (or just something), -1 something else. */
static int
look(uint64_t h, bool any)
{
	struct segment *s;
	uint64_t is = 0;
	int r = 0;

	if (segment_open(&s, path, NULL, &e) < 0)
		return e.code == ERR_INDEX ||
		    (any && e.code == ERR_VERSION) ? 0 : -1;
	if (any)
		segment_all(s, &is, &e);	/* before it is verified */
	if (segment_verify(s, &e) == 0)
		r = segment_all(s, &is, &e) == 0 && (any || is == h) ? 1 : -1;
	else if (e.code != ERR_INDEX)
		r = -1;
	segment_close(s);
	return r;
}

int
main(void)
{
	struct doc **d = random_docs(12, 12);
	struct buf was = BUF_INIT;
	struct segment *s;
	size_t i, k, wrong = 0, found = 0, cut = 0, whole = 0;
	uint64_t h;
	uint8_t *p;
	int fd = mkstemp(path), r;

	close(fd);
	make_segment(d, 12, path);
	s = open_segment(path);
	ok(segment_verify(s, &e) == 0 && segment_all(s, &h, &e) == 0,
	    "a segment");
	segment_close(s);
	if (buf_read_file(&was, path, 1 << 20, &e) < 0)
		abort();
	p = xmalloc(was.len + 9);
	for (i = 0; i < was.len; i++) {
		memcpy(p, was.p, was.len);
		p[i] ^= (uint8_t)(1u << below(8));
		put(p, was.len);
		r = look(h, false);
		wrong += r < 0;
		found += r == 0;
	}
	is_int(wrong, 0, "each of %zu bytes changed", was.len);
	is_int(found, was.len, "each change is found");
	memcpy(p, was.p, was.len);
	memset(p + was.len, 0, 9);
	for (i = 0; i < was.len + 9; i += i < 300 ? 1 : 37) {
		if (i == was.len)
			continue;
		put(p, i);
		cut += look(h, false) != 0;
	}
	is_int(cut, 0, "it has another length");
	for (i = 0; i < 4000; i++) {
		memcpy(p, was.p, was.len);
		for (k = 1 + below(4); k > 0; k--)
			p[below((unsigned)was.len)] ^= (uint8_t)below(256);
		segment_sum_again(p, was.len);
		put(p, was.len);
		r = look(h, true);
		wrong += r < 0;
		whole += r == 1;
	}
	is_int(wrong, 0, "changed with its check sums; %zu are sound", whole);
	free(p);
	buf_release(&was);
	docs_free(d, 12);
	unlink(path);
	return done();
}
