/*
 * Rows of artifacts that come from other copies: in any order they come to the
 * same, deleted stays deleted, bytes that a row lost are noted, and what is no
 * row of an artifact is refused.
 */
#include "tap.h"
#include "temp-store.h"

#include "artifact/artifact_merge.h"
#include "base/buf.h"
#include "base/ulid.h"
#include "ingest/forget.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "store/node.h"

#define IDS 3
#define ROWS 9
#define ORDERS 300

static struct err e;

/* 1 it counts, 0 not, 2 a clash, too; -1. */
static int
come(struct store *st, const char *line)
{
	json_t *o = temp_json(line);
	bool clash;
	int r;

	tx_begin(st->db, &e);
	r = artifact_row_add(st, o, 7, &clash, &e);
	r = tx_end(st->db, r == 1 && clash ? 2 : r, &e);
	json_decref(o);
	return r;
}

static const char *
id_of(int i)
{
	static char id[ULID_LEN + 1];

	ulid_format(id, 1790000000000 + i, (const uint8_t[10]){ 1 });
	return id;
}

/* Of artifact i, at a time and of a node: what becomes of it. */
static const char *
line(int i, const char *status, int at, int node, int form, int sum)
{
	static char text[1200];
	char object[200], bytes[400] = "";

	snprintf(object, sizeof object, form > 1 ? "memkit/s/%032d/%s.%d.bin" :
	    "memkit/s/%032d/%s.bin", 5, id_of(i), form);
	if (strcmp(status, "deleted") != 0)
		snprintf(bytes, sizeof bytes, ",\"size_bytes\":3,"
		    "\"object_bytes\":3,\"object_sha256\":\"%064d\","
		    "\"body\":{\"filename\":\"f\"}", sum);
	snprintf(text, sizeof text, "{\"type\":\"artifact_row\","
	    "\"artifact_id\":\"%s\",\"status\":\"%s\",\"timestamp\":"
	    "1790000000000,\"at\":%d,\"node\":%d,\"provider\":\"local_fs\","
	    "\"object\":\"%s\"%s,\"session_id\":\"s\",\"user\":\"ann\"}",
	    id_of(i), status, at, node, object, bytes);
	return text;
}

/* All that does not depend on the disk, nor on numbers of rows. */
static char *
all(struct store *st)
{
	struct buf b = BUF_INIT;
	struct db_query *q;

	if ((q = db_sql(st->db, &e, "SELECT hex(id) || state || ' ' || at || "
	    "' ' || node || ' ' || object || ifnull(hex(sum), '-') || size || "
	    "body FROM artifact ORDER BY id")) == NULL)
		return NULL;
	while (db_row(q, &e) == 1)
		buf_addf(&b, "%s\n", db_get_text(q, 0));
	db_end(q);
	return buf_steal(&b);
}

static void
empty(struct store *st)
{
	db_script(st->db, "DELETE FROM artifact; DELETE FROM artifact_byte; "
	    "DELETE FROM change", &e);
}

/* --- any order --------------------------------------------------------- */

static uint64_t seed = 42;

static uint64_t
dice(uint64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % n;
}

static void
any_order(struct store *st)
{
	static const char *const status[] = { "stored", "stored", "stored",
	    "stored", "deleted" };
	char *rows[ROWS * 2], *first = NULL, *got, *t;
	int i, k, j, n, bad = 0, deleted = 0;

	for (k = 0; k < ORDERS / 10; k++) {
		for (i = 0; i < ROWS; i++)
			/* one node writes once at a time */
			rows[i] = strdup(line((int)dice(IDS), status[dice(5)],
			    10 + (int)dice(6), 100 + i, 1 + (int)dice(3),
			    (int)dice(3)));
		for (j = 0; j < 10; j++) {
			empty(st);
			for (n = ROWS; n > 1; n--) {
				i = (int)dice((uint64_t)n);
				t = rows[i];
				rows[i] = rows[n - 1];
				rows[n - 1] = t;
			}
			for (i = 0; i < ROWS; i++)
				bad += come(st, rows[i]) < 0;
			/* and once more, some of them */
			for (i = 0; i < ROWS; i++)
				bad += dice(2) && come(st, rows[i]) != 0;
			got = all(st);
			if (j == 0) {
				free(first);
				first = got;
				deleted += (int)temp_count(st, "SELECT "
				    "count(*) FROM artifact WHERE state = 6");
				continue;
			}
			if (strcmp(first, got) != 0 && bad++ == 0)
				printf("# one: %s# other: %s", first, got);
			free(got);
		}
		for (i = 0; i < ROWS; i++)
			free(rows[i]);
	}
	free(first);
	is_int(bad, 0, "%d orders come to the same, and again is nothing new",
	    ORDERS);
	ok(deleted > 10, "some were deleted");
}

/* --- bytes that are here ----------------------------------------------- */

static void
here(struct store *st)
{
	db_script(st->db, "UPDATE artifact SET here = 1", &e);
}

#define NOTED(st) temp_count(st, "SELECT count(*) FROM artifact_byte")

static void
bytes(struct store *st)
{
	empty(st);
	is_int(come(st, line(0, "stored", 10, 8, 1, 1)), 1, "one comes");
	is_int(temp_count(st, "SELECT here FROM artifact"), 0,
	    "its bytes do not");
	is_int(come(st, line(0, "stored", 10, 8, 1, 1)), 0, "it is there");
	here(st);
	is_int(come(st, line(0, "stored", 20, 8, 1, 1)), 1, "a later row");
	is_int(temp_count(st, "SELECT here FROM artifact"), 1,
	    "of the same bytes");
	is_int(NOTED(st), 0, "nothing goes");
	db_script(st->db, "UPDATE artifact SET state = 4", &e);
	is_int(come(st, line(0, "stored", 25, 8, 1, 1)), 1, "and one more");
	is_int(temp_count(st, "SELECT state FROM artifact"), 4,
	    "that bytes were not found here is known here alone");
	db_script(st->db, "UPDATE artifact SET state = 0", &e);
	is_int(come(st, line(0, "stored", 24, 9, 2, 2)), 0,
	    "an older one changes nothing");
	is_int(come(st, line(0, "stored", 30, 8, 2, 2)), 1, "sealed anew");
	is_int(NOTED(st), 1, "the old bytes go");
	is_int(temp_count(st, "SELECT here FROM artifact"), 0,
	    "the new ones are elsewhere");
	here(st);
	is_int(come(st, line(0, "stored", 40, 9, 2, 3)), 2,
	    "two did that: a clash");
	is_int(NOTED(st), 1, "what is under its key is replaced, not taken "
	    "away");
	here(st);
	is_int(come(st, line(0, "deleted", 35, 8, 2, 0)), 2,
	    "deleted before that: it is, and it is a clash");
	is_int(NOTED(st), 2, "and its bytes go");
	is_int(come(st, line(0, "stored", 99, 8, 3, 3)), 0,
	    "it never comes back");
	is_int(temp_count(st, "SELECT count(*) FROM artifact WHERE state = 6 "
	    "AND body = '{}' AND sum IS NULL AND here = 0"), 1,
	    "nothing is left of it");
}

static void
twins(struct store *st)
{
	empty(st);
	come(st, line(1, "stored", 10, 8, 1, 1));
	come(st, line(2, "stored", 10, 8, 1, 1));
	db_script(st->db, "UPDATE artifact SET here = 1, object = "
	    "(SELECT min(object) FROM artifact)", &e);
	come(st, line(1, "deleted", 20, 8, 1, 0));
	is_int(NOTED(st), 0, "bytes that another one has stay");
	come(st, line(2, "deleted", 20, 8, 1, 0));
	is_int(NOTED(st), 1, "until it is the last");
}

/* --- sessions ---------------------------------------------------------- */

static int
forget(struct store *st, bool elsewhere)
{
	json_t *o = temp_json("{\"type\":\"tombstone\",\"target\":\"session\","
	    "\"id\":\"s\"}");
	int r;

	tx_begin(st->db, &e);
	r = tx_end(st->db, forget_add_of(st, o, elsewhere, &e), &e);
	json_decref(o);
	return r;
}

static void
sessions(struct store *st)
{
	empty(st);
	come(st, line(0, "stored", 10, 8, 1, 1));
	here(st);
	is_int(hold_set(st, "s", "court", &e), 1, "the session is on hold");
	is_int(come(st, line(0, "deleted", 20, 8, 1, 0)), 1,
	    "a deletion that comes");
	is_int(temp_count(st, "SELECT count(*) FROM artifact WHERE state = 5 "
	    "AND here = 1 AND body <> '{}'"), 1, "waits");
	is_int(NOTED(st), 0, "and takes no bytes");
	is_int(come(st, line(0, "deleted", 20, 8, 1, 0)), 0, "again");
	is_int(come(st, line(0, "stored", 99, 8, 2, 2)), 0,
	    "nothing leads back");
	is_int(hold_release(st, "s", &e), 1, "the hold ends");
	is_int(come(st, line(0, "deleted", 20, 8, 1, 0)), 1, "it goes");

	empty(st);
	come(st, line(0, "stored", 10, 8, 1, 1));
	come(st, line(1, "stored", 10, 8, 1, 2));
	db_script(st->db, "UPDATE artifact SET here = 1 WHERE at = 10 AND "
	    "id = (SELECT min(id) FROM artifact)", &e);
	is_int(forget(st, true), 1, "the session is forgotten");
	is_int(temp_count(st, "SELECT count(*) FROM artifact WHERE state = 6 "
	    "AND session = 0 AND object IS NULL AND body = '{}'"), 2,
	    "its artifacts are deleted");
	is_int(NOTED(st), 1, "and the bytes that are here go");
	is_int(come(st, line(2, "stored", 99, 8, 1, 1)), -1,
	    "what comes of it later");
	is_int(e.code, ERR_DENIED, "is refused");
	is_int(come(st, line(0, "stored", 99, 8, 1, 1)), -1, "all of it");
}

/* --- what is no row ---------------------------------------------------- */

static const struct {
	const char *what, *change, *by;
} wrong[] = {
	{ "a key that leads out", "memkit/s/", "../../s/" },
	{ "one that begins with a slash", "memkit/s/", "/memkit/s/" },
	{ "one with another end", ".bin\"", ".exe\"" },
	{ "an unknown provider", "local_fs", "ftp" },
	{ "a pointer with an object", "\"provider\":\"local_fs\",", "" },
	{ "a state that never travels", "\"stored\"", "\"deleting\"" },
	{ "one that nobody has", "\"stored\"", "\"lost\"" },
	{ "one that is another provider's", "\"stored\"", "\"available\"" },
	{ "no hash", "\"object_sha256\"", "\"x\"" },
	{ "half a hash", "\"object_sha256\":\"00", "\"object_sha256\":\"" },
	{ "a negative size", "\"size_bytes\":3", "\"size_bytes\":-2" },
	{ "an object of no size", "\"object_bytes\":3",
	    "\"object_bytes\":-3" },
	{ "a negative node", "\"node\":8", "\"node\":-8" },
	{ "no time", "\"at\":10", "\"at\":\"never\"" },
	{ "an id that is none", "\"artifact_id\":\"0",
	    "\"artifact_id\":\"../" },
	{ "a body that is none", "{\"filename\":\"f\"}", "[1]" },
	{ "a name that is none", "\"filename\":\"f\"", "\"filename\":3" },
	{ "metadata that is none", "\"filename\":\"f\"",
	    "\"metadata\":{\"a\":{}}" },
	{ "a session that is none", "\"session_id\":\"s\"",
	    "\"session_id\":\"\"" },
};

static void
refused(struct store *st)
{
	const char *good, *at;
	struct buf b = BUF_INIT;
	size_t i;

	empty(st);
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		good = line(0, "stored", 10, 8, 1, 1);
		at = strstr(good, wrong[i].change);
		buf_reset(&b);
		buf_add(&b, good, (size_t)(at - good));
		buf_addf(&b, "%s%s", wrong[i].by,
		    at + strlen(wrong[i].change));
		if (come(st, b.p) >= 0 || e.code != ERR_INPUT)
			ok(0, "%s is refused: %s", wrong[i].what, b.p);
		else
			ok(1, "%s is refused", wrong[i].what);
	}
	is_int(temp_count(st, "SELECT count(*) FROM artifact"), 0,
	    "and nothing of them is there");
	buf_release(&b);
}

static void
others(struct store *st)
{
	const char *row;
	struct buf b = BUF_INIT;

	empty(st);
	come(st, line(0, "stored", 10, 8, 1, 1));
	row = line(0, "deleted", 99, 8, 1, 1);
	buf_add(&b, row, strlen(row) - strlen("\"ann\"}"));
	buf_adds(&b, "\"bob\"}");
	is_int(come(st, b.p), -1, "an id of somebody else");
	is_int(e.code, ERR_EXISTS, "is a conflict");
	is_int(temp_count(st, "SELECT count(*) FROM artifact WHERE state = 0"),
	    1, "and changes nothing");
	buf_release(&b);
}

/* --- there and back ---------------------------------------------------- */

static void
back(struct store *st)
{
	struct buf b = BUF_INIT;
	char *was, *is;

	empty(st);
	come(st, line(0, "stored", 10, 8, 1, 1));
	db_script(st->db, "UPDATE artifact SET codec = '{\"name\":\"x\"}', "
	    "said = '{\"etag\":\"y\"}', hash = sum, here = 1", &e);
	was = all(st);
	is_int(artifact_line(st, temp_count(st, "SELECT seq FROM artifact"), 1,
	    &b, &e), 1, "a row travels");
	empty(st);
	b.p[b.len - 1] = '\0';
	is_int(come(st, b.p), 1, "and comes");
	is = all(st);
	is_str(is, was, "as it was");
	is_int(temp_count(st, "SELECT count(*) FROM artifact WHERE "
	    "codec = '{\"name\":\"x\"}' AND said = '{\"etag\":\"y\"}' AND "
	    "hash = sum AND here = 0 AND session > 0"), 1, "all of it, but "
	    "where its bytes are");
	db_script(st->db, "UPDATE artifact SET state = 1", &e);
	is_int(artifact_line(st, temp_count(st, "SELECT seq FROM artifact"), 1,
	    &b, &e), 0, "one on its way does not travel");
	free(was);
	free(is);
	buf_release(&b);
}

int
main(void)
{
	struct store *st;

	temp_begin();
	st = temp_open("a", "ann", STORE_WRITE);
	any_order(st);
	bytes(st);
	twins(st);
	refused(st);
	others(st);
	back(st);
	sessions(st);
	store_close(st);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
