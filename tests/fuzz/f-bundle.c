/*
 * A bundle from anywhere.  Whatever it is, reading it ends, and what is
 * handed out is what a manifest said.
 */
#include "store/bundle.h"

#include "base/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
read_all(int fd)
{
	const struct bundle_file *f;
	struct bundle_reader *r;
	int64_t bytes = 0;
	struct err e;
	size_t n = 0;
	int rc;

	if (bundle_open(&r, fd, "input", &e) < 0)
		return;
	while ((rc = bundle_next(r, &f, &e)) == 1) {
		if (!bundle_path_ok(f->path))
			abort();
		/* every second one is passed over unread */
		if (n++ % 2 == 0 && bundle_read(r, -1, "", &e) < 0)
			break;
		bytes += f->size;
	}
	if (rc == 0 && (n != bundle_contents(r)->n ||
	    bytes != bundle_contents(r)->bytes))
		abort();
	bundle_close(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static FILE *f;
	int fd;

	json_setup();
	if (f == NULL && (f = tmpfile()) == NULL)
		return 0;
	fd = fileno(f);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, p, n, 0) != (ssize_t)n ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return 0;
	read_all(fd);
	return 0;
}
