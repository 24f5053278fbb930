#include "sync/segmentfile.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/zip.h"
#include "store/db.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/outgoing.h"
#include "sync/segment_count.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 6			/* of zstd; QUALITY.md */

void
segment_head_release(struct segment_head *h)
{
	free(h->tenant);
	h->tenant = NULL;
}

/* Own changes lie between the ranges of origin, those of a name that this
 * copy had in some of them. */
#define CHANGES "SELECT seq, type, ref FROM change c WHERE seq > :from AND " \
	"seq <= :to AND "
#define RANGE "FROM origin WHERE last >= c.seq ORDER BY last LIMIT 1"

static struct db_query *
changes_of(struct store *st, const char *former, struct err *e)
{
	struct db_query *q;

	if (former == NULL)
		return db_sql(st->db, e, CHANGES "NOT ifnull((SELECT first <= "
		    "c.seq " RANGE "), 0) ORDER BY seq");
	if ((q = db_sql(st->db, e, CHANGES "(SELECT first <= c.seq AND "
	    "node = :node AND own = 1 " RANGE ") ORDER BY seq")) != NULL)
		db_text(q, ":node", former);
	return q;
}

/* 1; 0 there are none. */
static int
collect(struct store *st, const char *former, struct segment_head *h,
    struct buf *b, struct err *e)
{
	struct outgoing out;
	struct change c;
	struct db_query *q;
	int64_t n = 0, node = node_number_of(h->node);
	int r;

	if ((q = changes_of(st, former, e)) == NULL)
		return -1;
	db_int(q, ":from", h->from);
	db_int(q, ":to", h->to);
	outgoing_init(&out, st, node, node);
	while ((r = db_row(q, e)) == 1) {
		c.seq = db_get_int(q, 0);
		c.type = (enum change_type)db_get_int(q, 1);
		c.ref = db_get_int(q, 2);
		if ((r = outgoing_line(&out, &c, b, e)) < 0)
			break;
		if (++n == SEGMENT_CHANGES || b->len >= SEGMENT_JSON) {
			h->to = c.seq;
			break;
		}
	}
	db_end(q);
	outgoing_release(&out);
	return r < 0 ? -1 : n > 0;
}

/* Where the first and the last of them is. */
static int
find_ends(struct store *st, const char *former, int64_t from, int64_t *first,
    int64_t *last, struct err *e)
{
	struct db_query *q;

	*last = *first = 0;
	if (former == NULL)
		return change_last(st, last, e) < 0 ||
		    node_own_after(st, from, first, e) < 0 ? -1 : 0;
	if (node_former_after(st, former, from, first, e) < 0 || (q = db_sql(
	    st->db, e, "SELECT max(last) FROM origin WHERE node = :node "
	    "AND own = 1")) == NULL)
		return -1;
	db_text(q, ":node", former);
	return db_first(q, last, e) < 0 ? -1 : 0;
}

int
segmentfile_lost(struct store *st, const char *node, int64_t from,
    struct err *e)
{
	int64_t first, last, oldest;

	if (find_ends(st, node, from, &first, &last, e) < 0 ||
	    db_number(st->db, e, "SELECT min(seq) FROM change", 0, &oldest) <
	    0)
		return -1;
	return first != 0 && first < oldest && first <= last;
}

/* Is the log there from the first of them on? */
static int
check_log(struct store *st, const char *former, struct segment_head *h,
    struct err *e)
{
	int64_t first, last, oldest;

	if (find_ends(st, former, h->from, &first, &last, e) < 0 ||
	    db_number(st->db, e, "SELECT min(seq) FROM change", 0, &oldest) <
	    0)
		return -1;
	if (h->to > last)
		return err_set(e, ERR_USAGE, "the newest change is %" PRId64
		    ", not %" PRId64, last, h->to);
	if (h->to == 0)
		h->to = last;
	if (first != 0 && first < oldest && first <= h->to)
		return err_set(e, ERR_ABSENT, "changes %" PRId64 " to %" PRId64
		    " are no more in the change log; a snapshot is needed",
		    first, oldest - 1);
	return 0;
}

static void
put_head(const struct segment_head *h, struct buf *b)
{
	buf_addf(b, "{\"type\":\"segment\",\"format\":%d,\"node\":\"%s\","
	    "\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"store_id\":\"%s\","
	    "\"tenant\":", SEGMENT_FORMAT, h->node, h->from, h->to,
	    h->store_id);
	json_quote(b, h->tenant, strlen(h->tenant));
	buf_adds(b, h->sealed ? ",\"sealed\":true}\n" : "}\n");
}

/* Head, records and end, packed. */
static void
put_file(const struct segment_head *h, const struct buf *records,
    struct buf *out)
{
	struct segment_counts counts;
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];

	put_head(h, &b);
	buf_add(&b, records->p, records->len);
	segment_count(&counts, records->p, records->len);
	hash_mem(b.p, b.len, sum);
	segment_end_put(&counts, sum, &b);
	zip_pack(zip, out, b.p, b.len, LEVEL);
	zip_free(zip);
	buf_release(&b);
}

static int
make(struct store *st, const char *node, struct segment_head *h,
    struct buf *records, struct err *e)
{
	const char *former = NULL;

	if (node_name(st, h->node, e) < 0)
		return -1;
	if (node != NULL && strcmp(node, h->node) != 0) {
		former = node;
		snprintf(h->node, sizeof h->node, "%s", node);
	}
	if (check_log(st, former, h, e) < 0)
		return -1;
	return collect(st, former, h, records, e);
}

int
segmentfile_make(struct store *st, const char *node, int64_t from, int64_t to,
    struct buf *out, struct segment_head *head, struct err *e)
{
	struct segment_head h = { .from = from, .to = to,
	    .tenant = st->tenant, .sealed = sealed_known(st) };
	struct buf records = BUF_INIT;
	int r;

	memcpy(h.store_id, st->id, sizeof h.store_id);
	if (tx_read(st->db, e) < 0)
		return -1;
	r = tx_end(st->db, make(st, node, &h, &records, e), e);
	if (r == 1) {
		put_file(&h, &records, out);
		*head = h;
		head->tenant = xstrdup(st->tenant);
	}
	buf_release(&records);
	return r;
}

/* --- reading ----------------------------------------------------------- */

static int
bad(struct err *e, const char *why)
{
	return err_set(e, ERR_CORRUPT, "no whole change segment: %s", why);
}

static int
read_name(const json_t *o, const char *key, char name[ULID_LEN + 1])
{
	const char *s = get_str(o, key, NULL);
	uint8_t id[ULID_BYTES];

	if (s == NULL || !ulid_parse(s, id))
		return 0;
	ulid_from_bytes(name, id);
	return strcmp(name, s) == 0;
}

static int
head_read(struct segment_head *h, const char *p, size_t n, struct err *e)
{
	const char *tenant;
	int64_t format = 0;
	struct err why;
	int r = -1;
	json_t *o;

	if ((o = json_read(p, n, &why)) == NULL)
		return bad(e, "its head is no JSON");
	tenant = get_str(o, "tenant", NULL);
	if (get_int(o, "format", &format) != 1 || format < 1)
		bad(e, "its head has no format");
	else if (format > SEGMENT_FORMAT)
		err_set(e, ERR_VERSION, "a change segment of format %" PRId64
		    " (this is %d); upgrade memkit", format, SEGMENT_FORMAT);
	else if (!read_name(o, "node", h->node) ||
	    !read_name(o, "store_id", h->store_id) || tenant == NULL ||
	    get_int(o, "from", &h->from) != 1 ||
	    get_int(o, "to", &h->to) != 1 || h->from < 0 || h->to <= h->from)
		bad(e, "its head is not complete");
	else {
		h->tenant = xstrdup(tenant);
		h->sealed = json_is_true(json_object_get(o, "sealed"));
		r = 0;
	}
	json_decref(o);
	return r;
}

/* The last line: counts and the hash of what is before it. */
static int
end_check(struct segmentfile *s, struct err *e)
{
	struct segment_counts counts;
	struct buf end = BUF_INIT;
	uint8_t sum[HASH_LEN];
	bool same;

	hash_mem(s->text.p, s->end, sum);
	if (segment_count(&counts, s->text.p + s->begin, s->end - s->begin) <
	    0)
		return bad(e, "a line of it is no record");
	segment_end_put(&counts, sum, &end);
	s->records = counts.records;
	same = end.len == s->text.len - s->end &&
	    memcmp(end.p, s->text.p + s->end, end.len) == 0;
	buf_release(&end);
	return same ? 0 : bad(e, "its hash or its counts are not right");
}

static int
parts_find(struct segmentfile *s, struct err *e)
{
	static const char first[] = "{\"type\":\"segment\",";
	const char *p = s->text.p, *nl;
	size_t n = s->text.len;

	if (n < sizeof first || memcmp(p, first, sizeof first - 1) != 0 ||
	    p[n - 1] != '\n')
		return bad(e, "it has no head or no end");
	nl = memchr(p, '\n', n);
	s->begin = (size_t)(nl - p) + 1;
	for (s->end = n - 1; s->end > s->begin && p[s->end - 1] != '\n'; )
		s->end--;
	if (s->end < s->begin)
		return bad(e, "it has no end");
	return head_read(&s->head, p, s->begin - 1, e);
}

int
segmentfile_read(struct segmentfile *s, const void *p, size_t n,
    struct err *e)
{
	struct zip *zip = zip_new(NULL, 0);
	int r;

	memset(s, 0, sizeof *s);
	buf_init(&s->text);
	r = zip_unpack(zip, &s->text, p, n, SEGMENT_MAX, e);
	zip_free(zip);
	if (r < 0)
		return err_add(e, "no whole change segment: ");
	if (parts_find(s, e) < 0)
		return -1;
	return end_check(s, e);
}

void
segmentfile_release(struct segmentfile *s)
{
	segment_head_release(&s->head);
	buf_release(&s->text);
}

int
segmentfile_next(const struct segmentfile *s, size_t *at, const char **line,
    size_t *len)
{
	const char *p = s->text.p + *at, *nl;

	if (*at >= s->end)
		return 0;
	nl = memchr(p, '\n', s->end - *at);
	*line = p;
	*len = (size_t)(nl - p);
	*at += *len + 1;
	return 1;
}
