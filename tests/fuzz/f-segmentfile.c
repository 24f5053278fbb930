/*
 * Change segments of anybody's bytes: refused, or whole.  The first byte says
 * whether the rest is the file, or its lines, of which one is made: with the
 * right end, so that what is behind the hash is tried, too, and a store takes
 * it in or is as it was.
 */
#include "fuzz-store.h"

#include "base/zip.h"
#include "sync/segment_apply.h"
#include "sync/segment_count.h"
#include "sync/segmentfile.h"

#include <string.h>

static void
look(const void *p, size_t n, bool taken)
{
	size_t at, len;
	int64_t lines = 0;
	struct segmentfile s;
	struct applied sums;
	const char *line;
	struct err e;
	int r;

	if ((r = segmentfile_read(&s, p, n, &e)) == 0) {
		must(s.head.from >= 0 && s.head.to > s.head.from &&
		    s.head.tenant != NULL);
		for (at = s.begin; segmentfile_next(&s, &at, &line, &len); )
			lines += line[len] == '\n';
		must(at == s.end && lines == s.records);
		r = segment_apply(st, &s, &sums, NULL, NULL, &e);
		must(r < 0 || sums.records <= s.records);
		must(!tx_active(st->db));
		taken = taken && r == 1;
	}
	segmentfile_release(&s);
	/* and again is nothing */
	if (taken)
		look(p, n, false);
}

/* A head, the lines, and the end that belongs to them. */
static void
wrap(const char *p, size_t n)
{
	static const char head[] = "{\"type\":\"segment\",\"format\":1,"
	    "\"node\":\"01HNAVQZC00000000000000000\",\"from\":0,\"to\":9,"
	    "\"store_id\":\"01HNAVQZC00000000000000000\",\"tenant\":\"t\"}\n";
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT, file = BUF_INIT;
	struct segment_counts counts;
	uint8_t sum[HASH_LEN];

	buf_adds(&b, head);
	buf_add(&b, p, n);
	if (n > 0 && p[n - 1] != '\n')
		buf_addc(&b, '\n');
	segment_count(&counts, b.p + sizeof head - 1,
	    b.len - sizeof head + 1);
	hash_mem(b.p, b.len, sum);
	segment_end_put(&counts, sum, &b);
	zip_pack(zip, &file, b.p, b.len, 1);
	look(file.p, file.len, true);
	zip_free(zip);
	buf_release(&b);
	buf_release(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e;

	if (st == NULL)
		start();
	if (len == 0)
		return 0;
	if (data[0] & 1)
		look(data + 1, len - 1, true);
	else
		wrap((const char *)data + 1, len - 1);
	/* each input by itself */
	must(db_script(st->db, "DELETE FROM origin; DELETE FROM tombstone",
	    &e) == 0);
	return 0;
}
