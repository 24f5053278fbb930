/*
 * Documents against a model: whatever versions come, in whatever order, the
 * chunks that count are those that the newest one names, as they were at each
 * time; and of two copies each has what the other has.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/str.h"
#include "memory/document.h"
#include "memory/document_place.h"
#include "memory/record_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POOL 12
#define STEPS 60

static struct err e;
static uint32_t seed;

static unsigned
rnd(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 10) % n;
}

static int
put(struct store *st, const char *text)
{
	json_t *o = temp_json(text);
	int64_t version, seq;
	int r;

	tx_begin(st->db, &e);
	r = tx_end(st->db, record_add(st, o, "k", &version, &seq, &e), &e);
	json_decref(o);
	return r;
}

static int
put_chunk(struct store *st, const char *doc, unsigned i, int64_t ts)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"chunk\",\"document_id\":\"%s\""
	    ",\"chunk_id\":\"%016x\",\"text\":\"text %u\",\"timestamp\":%lld}",
	    doc, i, i, (long long)ts);
	return put(st, line);
}

static int
put_document(struct store *st, const char *doc, unsigned set, const char *more)
{
	struct buf b = BUF_INIT;
	unsigned i;
	int r, n = 0;

	buf_addf(&b, "{\"type\":\"document\",\"document_id\":\"%s\"%s,"
	    "\"chunks\":[", doc, more);
	for (i = 0; i < POOL; i++)
		if (set >> i & 1)
			buf_addf(&b, "%s\"%016x\"", n++ > 0 ? "," : "", i);
	buf_adds(&b, "]}");
	r = put(st, b.p);
	buf_release(&b);
	return r;
}

struct found {
	const char *doc;
	unsigned set;
};

static int
see(void *arg, const struct record *rec, struct err *err)
{
	struct found *f = arg;
	size_t n = document_id_len(rec->kind, rec->record_id);

	(void)err;
	if (strlen(f->doc) == n && strncmp(f->doc, rec->record_id, n) == 0)
		f->set |= 1u << strtoul(rec->record_id + n + 1, NULL, 16);
	return 0;
}

/* The chunks of a document that count; at_ms 0: now. */
static unsigned
chunks(struct store *st, const char *doc, int64_t at_ms)
{
	struct found f = { doc, 0 };
	int r = at_ms != 0 ? record_each_at(st, RECORD_CHUNK, at_ms, see, &f,
	    &e) : record_each(st, RECORD_CHUNK, "k", 0, see, &f, &e);

	return r < 0 ? ~0u : f.set;
}

/* Two documents, of which the id of one begins the other's. */
static void
random_versions(struct store *st)
{
	static const char *const docs[] = { "a.md", "a.md#b" };
	unsigned want[2] = { 0, 0 }, was[STEPS][2], i, k, d;
	int64_t at[STEPS];
	bool now = true, then = true;

	for (i = 0; i < STEPS; i++) {
		d = rnd(2);
		want[d] = rnd(5) == 0 ? 0 : rnd(1u << POOL);
		for (k = 0; k < POOL; k++)
			if (want[d] >> k & 1 && put_chunk(st, docs[d], k,
			    rnd(3)) < 0)
				break;
		if (k < POOL || put_document(st, docs[d], want[d], want[d] == 0
		    && rnd(2) ? ",\"status\":\"withdrawn\"" : "") < 0)
			printf("# %s\n", e.msg);
		for (k = 0; k < 2; k++) {
			was[i][k] = want[k];
			now = now && chunks(st, docs[k], 0) == want[k];
		}
		at[i] = date_real();
		while (date_real() == at[i])
			;
	}
	ok(now, "what a document names, and nothing else, counts");
	for (i = 0; i < STEPS; i++)
		for (k = 0; k < 2; k++)
			then = then && chunks(st, docs[k], at[i]) == was[i][k];
	ok(then, "and so it did at each time");
}

static void
the_same(struct store *st)
{
	is_int(put_chunk(st, "s", 1, 5), 1, "a chunk");
	is_int(put_chunk(st, "s", 1, 6), 0, "at another time is the same");
	is_int(put_document(st, "s", 2, ",\"raw_status\":\"pending\""), 1,
	    "a document whose original waits");
	is_int(put_document(st, "s", 2, ""), 0, "is the same without that");
	is_int(put_document(st, "s", 2, ",\"raw_status\":\"available\","
	    "\"artifact_id\":\"01M8RQKQG02QQWGS132WV3PEGF\""), 1,
	    "with an artifact it is another");
	is_int(put_document(st, "s", 2, ",\"raw_status\":\"pending\""), 0,
	    "which does not wait again");
	is_int(put_document(st, "s", 6, ",\"raw_status\":\"pending\""), 1,
	    "until it says something else");
}

struct placing {
	struct document_places *places;
	struct buf around;
};

static int
note(void *arg, const struct record *rec, struct err *err)
{
	struct placing *p = arg;

	(void)err;
	buf_addf(&p->around, " %s", rec->record_id);
	return 0;
}

static int
around(void *arg, const struct record *rec, struct err *err)
{
	struct placing *p = arg;
	int64_t at;

	buf_reset(&p->around);
	if (document_around(p->places, rec, 1, &at, note, p, err) < 0)
		at = -9;
	buf_addf(&p->around, " at %d", (int)at);
	return 0;
}

static const char *
place(struct store *st, struct placing *p, const char *id)
{
	record_find(st, "k", id, 0, around, p, &e);
	return p->around.p;
}

static void
places(struct store *st)
{
	struct placing p = { document_places_new(st, INT64_MAX), BUF_INIT };

	put_document(st, "p", 1u << 2 | 1u << 4, "");
	/* as if two copies had not known of each other */
	put_chunk(st, "p", 2, 0);
	put_chunk(st, "p", 4, 0);
	put_chunk(st, "p", 5, 0);
	put_chunk(st, "none", 1, 0);
	is_str(place(st, &p, "p#0000000000000004"), " p#0000000000000002 at 1",
	    "a chunk, and the one beside it");
	is_str(place(st, &p, "p#0000000000000002"), " p#0000000000000004 at 0",
	    "the other");
	is_str(place(st, &p, "p#0000000000000005"), " at -1",
	    "one that its document does not name");
	is_str(place(st, &p, "none#0000000000000001"), " at -2",
	    "one without a document");
	put_document(st, "p", 1u << 5, "");
	is_str(place(st, &p, "p#0000000000000005"), " at -1",
	    "a document is read once");
	document_places_free(p.places);
	p.places = document_places_new(st, INT64_MAX);
	is_str(place(st, &p, "p#0000000000000005"), " at 0",
	    "who asks anew sees what came");
	document_places_free(p.places);
	buf_release(&p.around);
}

int
main(void)
{
	const char *s = getenv("MEM_SEED");
	struct store *st;

	seed = s != NULL ? (uint32_t)strtoul(s, NULL, 10) :
	    (uint32_t)time(NULL);
	printf("# MEM_SEED=%u\n", seed);
	temp_begin();
	st = temp_open("s", "u", STORE_WRITE);
	random_versions(st);
	the_same(st);
	places(st);
	store_close(st);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
