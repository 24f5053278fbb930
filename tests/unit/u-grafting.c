/*
 * Grafts of other copies are taken in, in any order: all who saw the same
 * records have the same rows; what is no graft is refused.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "ingest/forget.h"
#include "memory/grafting.h"
#include "memory/session.h"
#include "store/change.h"

static struct err e;

static int
add(struct store *st, const char *text)
{
	json_t *o = temp_json(text);
	int r;

	tx_begin(st->db, &e);
	r = tx_end(st->db, graft_add(st, o, &e), &e);
	json_decref(o);
	return r;
}

#define ONE "{\"type\":\"graft\",\"id\":\"01M81H28DH2QTH61HED8CPS1FG\"," \
	"\"session_id\":\"s\",\"user\":\"bob\",\"to\":\"user:ann\"," \
	"\"rights\":[\"read\"],\"kinds\":[\"events\"],\"created\":1000," \
	"\"by\":\"bob\""

static int64_t
revoked(struct store *st)
{
	return temp_count(st, "SELECT revoked FROM graft ORDER BY seq LIMIT 1");
}

static void
one(struct store *st)
{
	is_int(add(st, ONE "}"), 1, "a new one");
	is_int(add(st, ONE "}"), 0, "is there");
	is_int(temp_count(st, "SELECT count(*) FROM session"), 1,
	    "its session, too");
	is_int(add(st, ONE ",\"revoked\":5000}"), 1, "it is revoked");
	is_int(revoked(st), 5000, "then");
	is_int(add(st, ONE ",\"revoked\":6000}"), 0, "later is nothing new");
	is_int(add(st, ONE ",\"revoked\":4000}"), 1, "earlier is");
	is_int(add(st, ONE "}"), 0, "nothing leads back");
	is_int(revoked(st), 4000, "from there");
	is_int(add(st, ONE ",\"expires\":9000}"), -1, "its id with another "
	    "expiry");
	is_int(e.code, ERR_EXISTS, "is a conflict");
	is_int(temp_count(st, "SELECT count(*) FROM change WHERE type = 10"), 3,
	    "a change for each");
}

static void
refused(struct store *st)
{
	static const char *const bad[] = {
		"{\"type\":\"graft\"}",
		ONE ",\"created\":\"never\"}",
		ONE ",\"since\":10,\"until\":10}",
		ONE ",\"kinds\":[\"files\"],\"since\":10}",
		ONE ",\"kinds\":[]}",
		ONE ",\"kinds\":[\"everything\"]}",
		ONE ",\"kinds\":[7]}",
		ONE ",\"revoked\":-1}",
		ONE ",\"to\":\"all\"}",
		ONE ",\"to\":\"user:\"}",
		ONE ",\"until\":9223372036854775807}",
		ONE ",\"id\":\"x\"}",
		ONE ",\"user\":7}",
		ONE ",\"session_id\":\"\"}",
	};
	size_t i, n = 0;

	/* the last of two keys counts to jansson, where it may */
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err why;
		json_t *o = json_loads(bad[i], 0, NULL);

		tx_begin(st->db, &e);
		if (o != NULL && tx_end(st->db, graft_add(st, o, &why),
		    &e) < 0 && why.code == ERR_INPUT)
			n++;
		else
			printf("# taken: %s\n", bad[i]);
		json_decref(o);
	}
	is_int((int64_t)n, (int64_t)(sizeof bad / sizeof *bad),
	    "what is none is refused");
}

/* --- in any order ------------------------------------------------------ */

#define IDS 8
#define RECORDS 40

static unsigned
random_below(unsigned n)
{
	static uint32_t x = 777;

	x = x * 1664525u + 1013904223u;
	return (x >> 8) % n;
}

static void
record(struct buf *b, int id)
{
	buf_reset(b);
	buf_addf(b, "{\"type\":\"graft\",\"id\":\"01M81H28DH2QTH61HED8CPS1F%d\","
	    "\"session_id\":\"s%d\",\"user\":\"u%d\",\"to\":\"tenant\","
	    "\"kinds\":[\"events\",\"files\"],\"created\":%d,\"by\":\"x\"", id,
	    id % 3, id % 2, 1000 + id);
	if (random_below(3) > 0)
		buf_addf(b, ",\"revoked\":%u", 2000 + random_below(100));
	buf_adds(b, "}");
}

static void
rows(struct store *st, struct buf *b)
{
	struct db_query *q;

	if ((q = db_sql(st->db, &e, "SELECT hex(g.id), s.name, u.name, "
	    "g.revoked FROM graft g JOIN session s ON s.seq = g.session "
	    "JOIN user u ON u.id = s.user ORDER BY g.id")) == NULL)
		return;
	while (db_row(q, &e) == 1)
		buf_addf(b, "%s %s %s %" PRId64 "\n", db_get_text(q, 0),
		    db_get_text(q, 1), db_get_text(q, 2), db_get_int(q, 3));
	db_end(q);
}

static void
any_order(void)
{
	struct buf r[RECORDS], first = BUF_INIT, now = BUF_INIT, t;
	int i, k, turn, good = 0;
	struct store *st;
	char dir[16];

	for (i = 0; i < RECORDS; i++) {
		buf_init(&r[i]);
		record(&r[i], i % IDS);
	}
	for (turn = 0; turn < 12; turn++) {
		snprintf(dir, sizeof dir, "order%d", turn);
		st = temp_open(dir, "me", STORE_WRITE);
		for (i = RECORDS - 1; i > 0; i--) {
			k = (int)random_below((unsigned)i + 1);
			t = r[i];
			r[i] = r[k];
			r[k] = t;
		}
		for (i = 0; i < RECORDS; i++)
			if (add(st, r[i].p) < 0)
				printf("# %s\n", e.msg);
		buf_reset(&now);
		rows(st, &now);
		if (turn == 0)
			buf_adds(&first, now.p);
		good += strcmp(first.p, now.p) == 0;
		store_close(st);
	}
	is_int(good, 12, "forty records in twelve orders: the same rows");
	ok(strchr(first.p, '\n') != NULL, "of which there are some");
	for (i = 0; i < RECORDS; i++)
		buf_release(&r[i]);
	buf_release(&first);
	buf_release(&now);
}

/* What is written is what is read. */
static void
line(struct store *from, struct store *to)
{
	struct graft_row g = { .session = "s", .kinds = GRAFT_TIMED,
	    .since_ms = -5, .until_ms = 77, .expires_ms = INT64_C(4102444800000) };
	struct buf a = BUF_INIT, b = BUF_INIT;
	int64_t seq;

	tx_begin(from->db, &e);
	session_row(from, "s", true, &seq, &e);
	tx_end(from->db, 0, &e);
	graft_to_parse("user:ann", &g, &e);
	is_int(graft_make(from, &g, &e), 0, "one is made");
	is_int(graft_line(from, g.seq, &a, &e), 1, "its line");
	is_int(strncmp(a.p, "{\"type\":\"graft\",", 16), 0, "begins with its "
	    "type");
	buf_cut(&a, a.len - 1);
	is_int(add(to, a.p), 1, "is taken in elsewhere");
	buf_addc(&a, '\n');
	is_int(graft_line(to, temp_count(to, "SELECT max(seq) FROM graft"),
	    &b, &e), 1, "and goes on");
	is_str(b.p, a.p, "as it came");
	is_int(graft_line(from, 999, &b, &e), 0, "of none there is none");
	buf_release(&a);
	buf_release(&b);
}

static void
forgotten(struct store *st)
{
	json_t *o = temp_json("{\"target\":\"session\",\"id\":\"s\","
	    "\"user\":\"bob\"}");

	tx_begin(st->db, &e);
	tx_end(st->db, forget_add(st, o, &e), &e);
	json_decref(o);
	is_int(add(st, ONE "}"), -1, "of a session that was forgotten");
	is_int(e.code, ERR_DENIED, "it stays away");
	is_int(temp_count(st, "SELECT count(*) FROM graft g WHERE revoked = 0 "
	    "AND session NOT IN (SELECT seq FROM session)"), 0, "and none "
	    "counts that was here");
}

int
main(void)
{
	struct store *st, *other;

	temp_begin();
	st = temp_open("st", "me", STORE_WRITE);
	other = temp_open("other", "bob", STORE_WRITE);
	one(st);
	refused(st);
	line(other, st);
	forgotten(st);
	any_order();
	store_close(st);
	store_close(other);
	return temp_end() + done();
}
