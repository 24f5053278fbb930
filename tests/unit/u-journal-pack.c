/*
 * Packs in the journal: those that were put and those of manifests, what is in
 * them, and what is doubted.
 */
#include "tap.h"
#include "temp-store.h"

#include "sync/journal.h"
#include "sync/journal_pack.h"
#include "sync/packfile.h"

#include <string.h>

#define A "01HNAVQZC00000000000000000"

static struct err e;
static struct store *st;
static struct journal *j;

static const uint8_t *
sum(char c)
{
	static uint8_t s[HASH_LEN];

	hash_mem(&c, 1, s);
	return s;
}

/* A pack called by one digit, with these files. */
static struct journal_pack
pack(char name, const char *files, struct packfile *p)
{
	struct journal_pack row = { .m = { .size = 1000, .index = 50 } };

	memset(row.m.name, name, HASH_HEX);
	packfile_clear(p);
	for (; *files != '\0'; files++)
		packfile_add(p, sum(*files), 100);
	row.m.files = (int64_t)p->n;
	row.m.bytes = (int64_t)p->bytes;
	return row;
}

/* A manifest with one pack. */
static int
manifest(int64_t number, char name)
{
	static char hash[HASH_HEX + 1];
	struct packfile none = PACKFILE_INIT;
	struct journal_pack row = pack(name, "", &none);
	struct sync_manifest m = { .number = number, .push = A, .node = A,
	    .store_id = A, .tenant = strdup("t") };
	int r;

	row.m.files = 2;
	row.m.bytes = 200;
	memcpy(m.previous, hash, sizeof hash);
	memset(hash, '0' + (char)number, HASH_HEX);
	sync_manifest_add_pack(&m, &row.m);
	r = journal_add(j, &m, hash, &e);
	sync_manifest_release(&m);
	return r;
}

/* In which pack, behind this one, by its name; ' ' in none. */
static char
where(char file, int64_t after, uint64_t *offset)
{
	struct journal_pack row;
	struct journal_member m;

	if (journal_pack_find(j, sum(file), after, &m, &e) != 1 ||
	    journal_pack_get(j, m.pack, &row, &e) != 1)
		return ' ';
	*offset = m.offset;
	return row.m.name[0];
}

static void
putting(void)
{
	struct packfile p = PACKFILE_INIT;
	struct journal_pack row = pack('a', "xyz", &p), got;
	uint64_t at = 99;

	memcpy(row.head, "head", row.head_len = 4);
	memset(row.sum, 'b', HASH_HEX);
	is_int(journal_pack_named(j, row.m.name, &got, &e), 0, "none is there");
	is_int(journal_pack_add(j, &row, &p, &e), 0, "one is put");
	is_int(journal_pack_named(j, row.m.name, &got, &e), 1, "it is there");
	ok(got.number == 0 && got.known && got.m.size == 1000 &&
	    got.m.index == 50 && got.m.files == 3 && got.m.bytes == 300 &&
	    got.head_len == 4 && memcmp(got.head, "head", 4) == 0 &&
	    strcmp(got.sum, row.sum) == 0, "as it was put");
	ok(where('x', 0, &at) == 'a' && at == 0, "a file of it");
	ok(where('z', 0, &at) == 'a' && at == 200, "and another");
	ok(where('u', 0, &at) == ' ', "not one that is not in it");
	ok(journal_pack_ready(j, 0, &got, &e) == 1 &&
	    got.m.name[0] == 'a' &&
	    journal_pack_ready(j, got.id, &got, &e) == 0,
	    "it is in no manifest yet");
	row = pack('a', "u", &p);
	is_int(journal_pack_add(j, &row, &p, &e), 0, "put again");
	ok(where('u', 0, &at) == ' ' && where('x', 0, &at) == 'a',
	    "it is what it was");
	packfile_release(&p);
}

static void
publishing(void)
{
	struct packfile p = PACKFILE_INIT;
	struct journal_pack row, got;
	uint64_t at;

	is_int(manifest(1, 'a'), 0, "a manifest names it");
	is_int(journal_pack_ready(j, 0, &got, &e), 0, "it waits for none");
	row = pack('a', "", &p);
	ok(journal_pack_named(j, row.m.name, &got, &e) == 1 &&
	    got.number == 1 && got.m.files == 3, "and is as it was");
	is_int(manifest(2, 'b'), 0, "somebody else's");
	ok(journal_pack_unread(j, 0, &row, &e) == 1 &&
	    row.m.name[0] == 'b' && row.number == 2 && !row.known &&
	    journal_pack_unread(j, row.id, &got, &e) == 0,
	    "of which nothing is known");
	is_int(journal_pack_ready(j, 0, &got, &e), 0, "is not ours to name");
	pack('b', "xu", &p);
	row.m.size = 1234;
	is_int(journal_pack_note(j, &row, &p, &e), 0, "it is read");
	is_int(journal_pack_unread(j, 0, &got, &e), 0, "all is known");
	ok(journal_pack_get(j, row.id, &got, &e) == 1 &&
	    got.m.size == 1234 && got.number == 2, "with its size now");
	ok(where('u', 0, &at) == 'b' && at == 100, "a file of that");
	ok(where('x', 0, &at) == 'a' && where('x', row.id - 1, &at) == 'b' &&
	    where('x', row.id, &at) == ' ', "one is in both");
	is_int(manifest(3, 'b'), 0, "named twice");
	ok(journal_pack_get(j, row.id, &got, &e) == 1 && got.number == 2 &&
	    got.known, "it is the same");
	packfile_release(&p);
}

static void
doubting(void)
{
	struct journal_pack got;
	uint64_t at;

	is_int(journal_pack_doubt(j, 1, &e), 0, "the first is doubted");
	ok(where('x', 0, &at) == 'b' && where('y', 0, &at) == ' ',
	    "what is in it is not known any more");
	ok(journal_pack_unread(j, 0, &got, &e) == 1 && got.id == 1,
	    "it is to be read again");
	is_int(journal_forget(j, &e), 0, "all is forgotten");
	ok(where('x', 0, &at) == ' ' &&
	    journal_pack_unread(j, 0, &got, &e) == 0, "packs, too");
}

int
main(void)
{
	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	if (journal_open(&j, st, "main", true, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	putting();
	publishing();
	doubting();
	journal_close(j);
	store_close(st);
	return temp_end() + done();
}
