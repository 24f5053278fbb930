/*
 * Nodes: names, numbers, and whose the changes of a log are.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "store/change.h"
#include "store/node.h"

#include <stdlib.h>

static struct err e;
static struct buf seen = BUF_INIT;

#define OTHER "01HNAVQZC00000000000000000"
#define THIRD "01HNAVQZC0000000000000000Z"

static void
push(struct store *st, int n)
{
	tx_begin(st->db, &e);
	while (n-- > 0)
		change_push(st, CHANGE_EVENT, 1, &e);
	tx_end(st->db, 0, &e);
}

/* So many changes of a node, which is at this number then. */
static void
come(struct store *st, const char *name, int n, int64_t upto)
{
	int64_t last;

	change_last(st, &last, &e);
	push(st, n);
	tx_begin(st->db, &e);
	tx_end(st->db, node_came(st, name, upto, last + 1, last + n, &e), &e);
}

/* "1 4 5 6 ", the own ones among the first so many. */
static const char *
own(struct store *st, int64_t max)
{
	int64_t at = 0;

	buf_reset(&seen);
	while (node_own_after(st, at, &at, &e) == 0 && at <= max)
		buf_addf(&seen, "%d ", (int)at);
	return seen.p;
}

static const char *
former(struct store *st, const char *name)
{
	int64_t at = 0;

	buf_reset(&seen);
	while (node_former_after(st, name, at, &at, &e) == 1)
		buf_addf(&seen, "%d ", (int)at);
	return seen.p;
}

static int64_t
upto(struct store *st, const char *name)
{
	int64_t n = -1;

	node_upto(st, name, &n, &e);
	return n;
}

static int
count(void *arg, const char *name, int64_t n)
{
	int *sum = arg;

	*sum += strlen(name) == ULID_LEN && n > 0;
	return 0;
}

int
main(void)
{
	char name[ULID_LEN + 1], now[ULID_LEN + 1];
	struct store *st, *other;
	struct strv names = STRV_INIT;
	int64_t number, again;
	int n = 0;

	temp_begin();
	st = temp_open("a", "u", STORE_WRITE);
	other = temp_open("b", "u", STORE_WRITE);
	is_int(node_name(st, name, &e), 0, "a store has a name");
	node_name(other, now, &e);
	ok(strcmp(name, now) != 0, "of its own");
	node_number(st, &number, &e);
	is_int(number, node_number_of(name), "its number is of it");
	ok(number > 0, "and positive");
	is_int(node_number_of("00000000000000000000000002"), 1,
	    "the last eight bytes without the lowest bit");

	is_int(upto(st, name), 0, "nothing yet");
	is_int(upto(st, OTHER), 0, "of anybody");
	push(st, 2);
	come(st, OTHER, 3, 7);
	come(st, OTHER, 1, 9);
	push(st, 1);
	come(st, THIRD, 2, 2);
	is_str(own(st, 11), "1 2 7 10 11 ", "what is not others' is own");
	is_int(upto(st, name), 9, "the own name is at the newest change");
	is_int(upto(st, OTHER), 9, "another where it was told");
	is_int(temp_count(st, "SELECT count(*) FROM origin"), 2,
	    "what follows is one range");
	is_int(node_each(st, count, &n, &e), 0, "all of them");
	is_int(n, 3, "are three");

	is_int(node_renew(st, INT64_MAX, &e), 0, "another name");
	node_name(st, now, &e);
	ok(strcmp(name, now) != 0, "is another");
	node_number(st, &again, &e);
	is_int(again, node_number_of(now), "with its number");
	is_str(former(st, name), "1 2 7 ", "what was own is of the old one");
	is_str(own(st, 12), "11 12 ", "and no more own");
	is_int(upto(st, name), 9, "all of the old one is here");
	is_int(upto(st, OTHER), 9, "and what was of others");
	come(st, name, 1, 12);
	is_str(former(st, name), "1 2 7 ", "what comes of the old one is its");
	is_int(upto(st, name), 12, "and it goes on");
	push(st, 1);
	is_int(node_renew(st, INT64_MAX, &e), 0, "once more");
	is_str(former(st, name), "1 2 7 ", "the first is what it was");
	is_str(former(st, now), "12 ", "the second, too");
	node_formers(st, &names, &e);
	for (n = 0; (size_t)n < names.n; n++)
		if (strlen(names.v[n]) != ULID_LEN)
			break;
	ok((size_t)n == names.n, "names it had");
	is_int(n, 2, "two of them");
	strv_release(&names);
	store_close(st);
	store_close(other);
	buf_release(&seen);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
