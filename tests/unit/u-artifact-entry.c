/*
 * Artifacts as search sees them: whose they are, which states are found, what
 * comes after a mark, what turned, and what text and properties they have.
 */
#include "artifact/artifact_entry.h"
#include "tests/unit/tap.h"

#include "base/buf.h"
#include "search/doc.h"
#include "temp-store.h"

#include <string.h>

static struct err e;
static int64_t count;

/* One of this name; its row. */
static int64_t
put(struct store *st, const char *name, int64_t session)
{
	struct artifact a = { .session = session, .size = -1,
	    .created_ms = 1000 + ++count };

	memset(a.id, (int)count, sizeof a.id);
	a.id[0] = 1;
	a.body = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "filename", name,
	    "uri", "https://example.org/a", "content_type", "text/plain",
	    "metadata", "topic", "wind", "tags", "x y");
	tx_begin(st->db, &e);
	if (store_user(st, st->user, true, &st->user_id, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	a.user = st->user_id;
	if (tx_end(st->db, artifact_insert(st, &a, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(a.body);
	return a.seq;
}

static void
turn(struct store *st, int64_t seq, enum artifact_state to)
{
	struct artifact a;

	tx_begin(st->db, &e);
	if (artifact_row(st, seq, &a, &e) != 1 ||
	    tx_end(st->db, artifact_mark(st, &a, to, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	artifact_release(&a);
}

static int
see(void *arg, const struct artifact *a, const char *session, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	buf_addf(b, "%s%s%s ", json_string_value(json_object_get(a->body,
	    "filename")), session != NULL ? "@" : "", session != NULL ?
	    session : "");
	return 0;
}

static const char *
seen(struct store *st, int64_t row, int64_t turned)
{
	struct artifact_reach after = { row, turned };
	static struct buf b;

	buf_release(&b);
	buf_adds(&b, "");
	if (artifact_entries(st, &after, see, &b, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	return b.p;
}

static int
add_id(void *arg, const char *id, struct err *err)
{
	(void)err;
	buf_addf(arg, "%s ", id);
	return 0;
}

static int64_t
many(struct store *st, int64_t row, int64_t turned, int64_t most)
{
	struct artifact_reach after = { row, turned };
	int64_t n;

	return artifact_count_after(st, &after, most, &n, &e) < 0 ? -1 : n;
}

static void
test_entries(struct store *ann, struct store *bob)
{
	struct artifact_reach now;
	char id[ULID_LEN + 1];
	struct buf b = BUF_INIT;
	struct artifact a;
	int64_t one, two;

	is_int(artifact_newest(ann, &now, &e), 0, "there is nothing");
	is_int(now.row + now.turn, 0, "and nothing turned");
	is_str(seen(ann, 0, 0), "", "nobody has any");
	one = put(ann, "one", 0);
	two = put(ann, "two", 0);
	put(bob, "bobs", 0);
	is_str(seen(ann, 0, 0), "one two ", "all of a user");
	is_str(seen(bob, 0, 0), "bobs ", "and of another");
	is_str(seen(ann, one, 0), "two ", "what came later");
	is_int(many(ann, 0, 0, 0), 2, "all are two");
	is_int(many(ann, 0, 0, 1), 1, "no further than that");
	is_int(many(ann, one, 0, 0), 1, "one is later");
	is_int(many(ann, 3, 0, 0), 0, "none is after the last");
	turn(ann, one, ARTIFACT_UNAVAILABLE);
	is_int(artifact_newest(ann, &now, &e), 0, "looked for in vain");
	is_int(now.turn, 0, "it is found nevertheless");
	is_str(seen(ann, 0, 0), "one two ", "so nothing turned");
	turn(ann, one, ARTIFACT_DELETING);
	is_str(seen(ann, 0, 0), "two ", "who is on the way out is not seen");
	turn(ann, one, ARTIFACT_DELETE_FAILED);
	is_int(artifact_newest(ann, &now, &e), 0, "it turned");
	is_int(now.turn, 1, "once");
	is_str(seen(ann, 3, 0), "", "and is not seen");
	is_int(many(ann, 3, 0, 0), 1, "but is to be looked at");
	is_int(many(ann, 3, 1, 0), 0, "by who has not seen that");
	turn(ann, one, ARTIFACT_STORED);
	is_str(seen(ann, 3, 1), "one ", "it came back after that");
	is_str(seen(ann, 3, 2), "", "not after that");
	is_str(seen(ann, 0, 0), "one two ", "not twice");
	is_str(seen(bob, 3, 0), "", "and it is no other's");
	artifact_row(ann, one, &a, &e);
	ulid_from_bytes(id, a.id);
	artifact_release(&a);
	is_int(artifact_turned(ann, 1, add_id, &b, &e), 0, "what turned");
	is_int((long long)b.len, ULID_LEN + 1, "one time after the first");
	ok(strncmp(b.p, id, ULID_LEN) == 0, "is it");
	buf_reset(&b);
	is_int(artifact_entry(ann, id, see, &b, &e), 1, "one by its id");
	is_str(b.p, "one ", "is the one");
	is_int(artifact_entry(bob, id, see, &b, &e), 0, "not another's");
	turn(ann, two, ARTIFACT_FAILED);
	artifact_row(ann, two, &a, &e);
	ulid_from_bytes(id, a.id);
	artifact_release(&a);
	is_int(artifact_entry(ann, id, see, &b, &e), 0, "nor what failed");
	is_int(artifact_entry(ann, "nonsense", see, &b, &e), 0, "nor nothing");
	buf_release(&b);
}

static int
add_value(void *arg, const char *s, size_t len)
{
	buf_addf(arg, "%.*s,", (int)len, s);
	return 0;
}

static const char *
value(struct doc *d, enum field_kind kind)
{
	static struct buf b;

	buf_reset(&b);
	buf_adds(&b, "");
	doc_values(d, kind, add_value, &b);
	return b.p;
}

static void
test_doc(void)
{
	struct artifact a = { .seq = 7, .created_ms = 99, .session = 4,
	    .provider = ARTIFACT_LOCAL };
	struct buf b = BUF_INIT;
	struct doc d = { 0 };
	size_t i;

	a.body = json_pack("{s:s, s:s, s:{s:s, s:s}}", "filename", "A.c",
	    "content_type", "text/x-c", "metadata", "topic", "wind", "tags",
	    "x y");
	doc_artifact(&d, &a, "s1", "ann");
	is_str(source_names[d.source], "artifact", "the source");
	is_str(d.id, "00000000000000000000000000", "its id");
	ok(d.has_time && d.ts_ms == 99 && d.seq == 7 && d.session_row == 4,
	    "its numbers");
	is_str(value(&d, FIELD_SESSION), "s1,", "session");
	is_str(value(&d, FIELD_USER), "ann,", "user");
	is_str(value(&d, FIELD_TYPE), "text/x-c,", "type");
	is_str(value(&d, FIELD_TAG), "x,y,", "tags");
	is_str(value(&d, FIELD_STATUS), "unavailable,", "bytes are elsewhere");
	is_str(value(&d, FIELD_SOURCE), "artifact,", "source");
	is_str(value(&d, FIELD_KB), "", "no knowledge base");
	for (i = 0; i < d.pieces; i++)
		buf_addf(&b, "%.*s%s%u ", (int)d.piece[i].len, d.piece[i].text,
		    d.piece[i].aside ? "-" : "+", d.piece[i].times);
	is_str(b.p, "A.c+2 wind+1 x y+1 text/x-c-1 topic-1 tags-1 ", "pieces");
	doc_vector_text(&d, &b);
	is_str(b.p, "A.c\nwind\nx y", "what a vector is made of");
	json_decref(a.body);
	a.body = NULL;
	doc_artifact(&d, &a, NULL, NULL);
	is_int((long long)d.pieces, 0, "of what is damaged there is no text");
	doc_release(&d);
	buf_release(&b);
}

static void
test_seen(void)
{
}

int
main(void)
{
	struct store *ann, *bob;

	temp_begin();
	ann = temp_open("store", "ann", STORE_WRITE);
	bob = temp_open("store", "bob", STORE_WRITE);
	test_entries(ann, bob);
	test_doc();
	test_seen();
	store_close(ann);
	store_close(bob);
	if (temp_end() != 0)
		return 2;
	return done();
}
