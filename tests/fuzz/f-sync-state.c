/*
 * A state, with its last line made right if the first byte is odd: what is
 * read is written, and that is read and written as the same bytes.
 */
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/store.h"
#include "sync/journal.h"
#include "sync/journal_state.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct store *st;
static struct journal *j;
static char folder[] = "/tmp/memkit-fuzz.XXXXXX";

static void
finish(void)
{
	struct err e;

	journal_close(j);
	store_close(st);
	file_remove_tree(folder, &e);
}

static void
start(void)
{
	struct store_where w = { .dir = folder,
	    .tenant = "fuzz", .user = "fuzz" };
	struct err e;

	json_setup();
	if (mkdtemp(folder) == NULL ||
	    store_open(&st, &w, STORE_WRITE, &e) < 0 ||
	    journal_open(&j, st, "x", true, &e) < 0)
		exit(2);
	atexit(finish);
}

static void
put_end(struct buf *b)
{
	char hex[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	int64_t lines = -1;
	size_t i;

	for (i = 0; i < b->len; i++)
		lines += b->p[i] == '\n';
	hash_mem(b->p, b->len, sum);
	hex_encode(hex, sum, HASH_LEN);
	buf_addf(b, "{\"type\":\"state_end\",\"lines\":%" PRId64
	    ",\"sha256\":\"%s\"}\n", lines, hex);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf in = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
	struct err e;

	if (st == NULL)
		start();
	if (len == 0)
		return 0;
	buf_add(&in, data + 1, len - 1);
	if (data[0] & 1)
		put_end(&in);
	if (journal_forget(j, &e) < 0)
		abort();
	if (journal_state_read(j, "fuzz", in.p, in.len, &e) == 0) {
		if (journal_state_write(j, "fuzz", &once, &e) < 0 ||
		    journal_forget(j, &e) < 0 ||
		    journal_state_read(j, "fuzz", once.p, once.len, &e) < 0 ||
		    journal_state_write(j, "fuzz", &twice, &e) < 0 ||
		    once.len != twice.len ||
		    memcmp(once.p, twice.p, once.len) != 0)
			abort();
	}
	buf_release(&in);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
