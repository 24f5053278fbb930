/*
 * A manifest, with its checksum made right if the first byte is odd; what is
 * read is written and read again.
 */
#include "base/buf.h"
#include "base/crc.h"
#include "index/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char dir[] = "/tmp/memkit-fuzz.XXXXXX";
static char path[64];

static void
again(const struct manifest *m)
{
	struct manifest n;
	struct err e;
	size_t i;

	if (manifest_write(m, dir, NULL, &e) < 0 ||
	    manifest_read(&n, dir, NULL, &e) != 1 || n.n != m->n ||
	    n.next < m->next || n.events != m->events ||
	    n.contents != m->contents)
		abort();
	for (i = 0; i < n.n; i++)
		if (n.segment[i].number != m->segment[i].number ||
		    n.segment[i].docs != m->segment[i].docs ||
		    n.segment[i].ndead != m->segment[i].ndead)
			abort();
	manifest_release(&n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct manifest m;
	struct index x;
	struct buf b = BUF_INIT;
	struct err e;
	FILE *f;

	if (len == 0)
		return 0;
	if (path[0] == '\0') {
		if (mkdtemp(dir) == NULL)
			abort();
		snprintf(path, sizeof path, "%s/manifest", dir);
	}
	if (mkdir(dir, 0700) < 0 && access(dir, W_OK) < 0)
		abort();
	buf_add(&b, data + 1, len - 1);
	if (data[0] & 1)
		buf_addf(&b, "crc32c %08" PRIx32 "\n", crc32c(0, b.p, b.len));
	if ((f = fopen(path, "wb")) == NULL ||
	    fwrite(b.p, 1, b.len, f) != b.len || fclose(f) != 0)
		abort();
	if (index_open(&x, dir, NULL, &e) == 1)
		index_close(&x);
	if (manifest_read(&m, dir, NULL, &e) == 1) {
		again(&m);
		manifest_release(&m);
	}
	unlink(path);
	rmdir(dir);
	buf_release(&b);
	return 0;
}
