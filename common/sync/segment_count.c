#include "sync/segment_count.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* In the order of the line; "other" is what a later version may add.  Those
 * before it were added so, and are counted there still: who does not know them
 * can read the line, and says which memkit is needed. */
static const char *const types[SEGMENT_TYPES] = { "event", "session",
    "variable", "file", "version", "decision", "tombstone", "artifact_row",
    "graft", "other" };
#define ADDED (SEGMENT_TYPES - 3)	/* the first of them */
#define OTHER (SEGMENT_TYPES - 1)

static int
type_of(const char *p, size_t n)
{
	static const char begin[] = "{\"type\":\"";
	const char *end;
	size_t len, i;

	if (n < sizeof begin || memcmp(p, begin, sizeof begin - 1) != 0)
		return -1;
	p += sizeof begin - 1;
	n -= sizeof begin - 1;
	if ((end = memchr(p, '"', n)) == NULL)
		return -1;
	len = (size_t)(end - p);
	if (len >= 7 && memcmp(p, "segment", 7) == 0)
		return -1;
	for (i = 0; i < SEGMENT_TYPES - 1; i++)
		if (strlen(types[i]) == len && memcmp(types[i], p, len) == 0)
			break;
	return (int)i;
}

int
segment_count(struct segment_counts *c, const char *p, size_t n)
{
	const char *end = p + n, *nl;
	int type;

	memset(c, 0, sizeof *c);
	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL ||
		    (type = type_of(p, (size_t)(nl - p))) < 0)
			return -1;
		c->n[type]++;
		c->records++;
	}
	return 0;
}

void
segment_end_put(const struct segment_counts *c, const uint8_t sum[HASH_LEN],
    struct buf *b)
{
	char hex[HASH_HEX + 1];
	int64_t other = 0;
	int i;

	for (i = ADDED; i <= OTHER; i++)
		other += c->n[i];
	buf_addf(b, "{\"type\":\"segment_end\",\"records\":%" PRId64
	    ",\"counts\":{", c->records);
	for (i = 0; i < ADDED; i++)
		buf_addf(b, "%s\"%s\":%" PRId64, i > 0 ? "," : "", types[i],
		    c->n[i]);
	buf_addf(b, ",\"%s\":%" PRId64, types[OTHER], other);
	hex_encode(hex, sum, HASH_LEN);
	buf_addf(b, "},\"sha256\":\"%s\"}\n", hex);
}
