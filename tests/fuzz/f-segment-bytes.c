/*
 * Any bytes as a segment, as they are and with their check sums made right:
 * an error or an answer; what was verified always answers, and can be
 * merged into what is verified again and says the same.
 */
#include "fuzz.h"

#include "tests/unit/segment-all.h"

#include "index/segment_make.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char path[64], merged[80];

static void
clean(void)
{
	unlink(path);
	unlink(merged);
}

static void
put(const uint8_t *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	struct err e;

	must(fd >= 0 && file_write(fd, p, len, path, &e) == 0 &&
	    ftruncate(fd, (off_t)len) == 0);
	close(fd);
}

static void
try(void)
{
	struct segment *s, *m;
	const uint64_t *dead = NULL;
	uint64_t was = 0, is = 0;
	struct err e;
	bool whole;
	int r;

	if (segment_open(&s, path, NULL, &e) < 0)
		return;
	whole = segment_verify(s, &e) == 0;
	r = segment_all(s, &was, &e);
	must(r == 0 || !whole);
	r = segment_merge(&s, &dead, 1, merged, NULL, NULL, &e);
	must(r == 0 || !whole);
	if (whole) {
		must(segment_open(&m, merged, NULL, &e) == 0);
		must(segment_verify(m, &e) == 0);
		must(segment_all(m, &is, &e) == 0);
		segment_close(m);
	}
	segment_close(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *p;

	if (path[0] == '\0') {
		snprintf(path, sizeof path, "%s/memkit-f-bytes.%ld",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
		    (long)getpid());
		snprintf(merged, sizeof merged, "%s.merged", path);
		atexit(clean);
	}
	put(data, len);
	try();
	if (len == 0)
		return 0;
	p = xmemdup(data, len);
	segment_sum_again(p, len);
	put(p, len);
	try();
	free(p);
	return 0;
}
