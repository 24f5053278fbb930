/*
 * Nodes: what is read is written again as it was (but a CID of version 0), and
 * a file that they make up is read within its bounds.
 */
#include "fuzz.h"

#include "base/unixfs_read.h"

#include <string.h>

static const uint8_t *input;
static size_t input_len, asked;

/* Every node is the input, every leaf 4 bytes. */
static int
get(void *arg, const struct cid *c, struct buf *b, struct err *e)
{
	(void)arg;
	if (++asked > 10000)
		return err_set(e, ERR_BUSY, "enough");
	if (c->codec == CID_RAW)
		buf_add(b, "leaf", 4);
	else
		buf_add(b, input, input_len);
	return 0;
}

static int
take(void *arg, const void *p, size_t n, struct err *e)
{
	uint64_t *left = arg;

	(void)p;
	(void)e;
	must(n <= *left);
	*left -= n;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dagpb d = { .links = NULL };
	struct unixfs_data u = { .sizes = NULL };
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	uint64_t left = 1000;
	struct unixfs_read r = { get, take, &left };
	struct cid c = { .codec = CID_DAG_PB };
	size_t i;
	bool old = false;

	if (dagpb_read(&d, data, len, &e) == 0) {
		for (i = 0; i < d.n; i++)
			dagpb_add_link(&b, &d.links[i]);
		if (d.data != NULL)
			dagpb_add_data(&b, d.data, d.ndata);
		old = b.len != len;	/* each has two bytes fewer */
		must(old ? b.len > len : memcmp(b.p, data, len) == 0);
		must(!old || d.n > 0);
		if (unixfs_data_read(&u, d.data, d.ndata, &e) == 0) {
			buf_reset(&b);
			unixfs_data_add(&b, &u);
			must(b.len == d.ndata &&
			    memcmp(b.p, d.data, b.len) == 0);
			unixfs_data_release(&u);
		}
		dagpb_release(&d);
	} else {
		must(e.code == ERR_INPUT);
	}
	buf_release(&b);
	input = data;
	input_len = len;
	asked = 0;
	unixfs_read(&r, &c, 0, 1000, NULL, &e);
	return 0;
}
