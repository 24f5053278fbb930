/*
 * Groups on the disk: rows come and go, over chunks, in any order.
 */
#include "tap.h"
#include "temp-store.h"

#include "ltm/fact.h"
#include "ltm/group.h"
#include "ltm/processor.h"

#include <string.h>

static struct err e;

struct seen {
	int64_t n, sum, bytes;
};

static int
see(void *arg, int64_t row, const char *entry, size_t len)
{
	struct seen *s = arg;

	(void)entry;
	s->n++;
	s->sum += row;
	s->bytes += (int64_t)len;
	return 0;
}

static struct seen
look(struct groups *gs, const char *name)
{
	struct seen s = { 0, 0, 0 };
	struct group *g;

	if (groups_get(gs, 0, name, strlen(name), &g, &e) < 0 ||
	    group_each(gs, g, see, &s, &e) != 0)
		printf("# %s\n", e.msg);
	if (s.n != g->n)
		printf("# it says %d rows\n", (int)g->n);
	groups_forget(gs);
	return s;
}

static void
add(struct groups *gs, const char *name, int64_t from, int64_t to)
{
	char entry[100] = "";
	struct group *g;

	groups_get(gs, 0, name, strlen(name), &g, &e);
	for (; from <= to; from++)
		group_add(gs, g, from, entry, sizeof entry, &e);
}

static void
drop(struct groups *gs, const char *name, int64_t from, int64_t to, int step)
{
	struct group *g;

	groups_get(gs, 0, name, strlen(name), &g, &e);
	for (; from <= to; from += step)
		group_drop(g, from, true);
}

static int dirty;

static int
count_dirty(void *arg, struct group *g, struct err *err)
{
	(void)arg;
	(void)g;
	(void)err;
	dirty++;
	return 0;
}

#define A "p\x1f" "a"
#define B "p\x1f" "b"

int
main(void)
{
	static const char conf[] = "[processor]\nrows = r\n[dimension \"d\"]\n"
	    "by = k\nleast = 3\ncontent = c\n";
	struct processor *p;
	struct groups gs;
	struct store *st;
	struct group *g;
	struct seen s;

	temp_begin();
	st = temp_open("s", "u", STORE_MAKE);
	if (processor_parse(&p, "n", conf, strlen(conf), "f", &e) < 0)
		return 2;
	groups_init(&gs, st, p, "kb", 1, true);
	tx_begin(st->db, &e);
	add(&gs, A, 1, 500);
	add(&gs, B, 1, 2);
	groups_flush(&gs, &e);
	s = look(&gs, A);
	is_int(s.n, 500, "rows over many chunks");
	is_int(s.sum, 500 * 501 / 2, "each once");
	is_int(s.bytes, 50000, "with all of their bytes");
	ok(temp_count(st, "SELECT count(*) FROM ltm_member") >= 10,
	    "chunks are of a bounded size");
	groups_dirty(&gs, count_dirty, NULL, &e);
	is_int(dirty, 1, "the one that is too small needs no look");

	drop(&gs, A, 1, 500, 2);
	add(&gs, A, 501, 510);
	groups_flush(&gs, &e);
	s = look(&gs, A);
	is_int(s.n, 260, "every other row went, and some came");
	is_int(s.sum, 250 * 251 + 5055, "the right ones");

	drop(&gs, A, 2, 2, 1);
	add(&gs, A, 2, 2);
	groups_flush(&gs, &e);
	is_int(look(&gs, A).n, 260, "dropped and added again is there");
	drop(&gs, A, 2, 2, 1);
	add(&gs, A, 2, 2);
	drop(&gs, A, 2, 2, 1);
	groups_flush(&gs, &e);
	is_int(look(&gs, A).n, 259, "and dropped again is not");

	groups_get(&gs, 0, A, strlen(A), &g, &e);
	group_settle(&gs, g, false, &e);
	groups_forget(&gs);
	dirty = 0;
	groups_dirty(&gs, count_dirty, NULL, &e);
	is_int(dirty, 0, "settled");
	drop(&gs, B, 1, 2, 1);
	groups_flush(&gs, &e);
	is_int(temp_count(st, "SELECT count(*) FROM ltm_group"), 1,
	    "a group without rows and facts goes");
	tx_end(st->db, 0, &e);

	groups_get(&gs, 0, A, strlen(A), &g, &e);
	ok(g->id == fact_id_derived("n", "kb", "d", "p", "a", NULL),
	    "its id is that of its fact");
	groups_release(&gs);
	processor_free(p);
	store_close(st);
	return temp_end() != 0 ? 2 : done();
}
