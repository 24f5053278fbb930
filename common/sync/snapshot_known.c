#include "sync/snapshot_known.h"

#include "sync/remote_clock.h"
#include "sync/snapshot_own.h"
#include "sync/sync.h"

#include <string.h>

#define MOST ((size_t)100000)	/* names that are kept; others go again */

struct load {
	struct map *there;	/* by name: bytes */
	struct map *names;
	size_t front;		/* bytes before HH in a key */
	int64_t since_ms;	/* young from here on, by the remote's clock */
};

static int
note(void *arg, const struct remote_entry *x, struct err *e)
{
	struct load *l = arg;
	const char *at = x->key + l->front;

	(void)e;
	if (x->why != NULL || l->there->n >= MOST ||
	    strlen(at) != 3 + HASH_HEX || memcmp(at, at + 3, 2) != 0)
		return 0;
	map_put_n(l->there, at + 3, HASH_HEX, NULL)->i = (int64_t)x->size;
	if (x->modified_ms >= l->since_ms)
		map_put_n(l->names, at + 3, HASH_HEX, NULL);
	return 0;
}

/* Its description may be damaged, or of a newer memkit: then nothing is known
 * of it. */
static int
add_newest(struct sync *s, const struct load *l, struct err *e)
{
	struct snapshot snap = SNAPSHOT_INIT;
	char hex[HASH_HEX + 1];
	const union map_value *v;
	uint8_t name[HASH_LEN];
	struct err ignored;
	int64_t size;
	size_t i;
	int r;

	if ((r = journal_snapshot(s->journal, hex, &size, e)) != 1)
		return r;
	hex_decode(name, hex, HASH_LEN);
	if (snapshot_describe(s->remote, s->prefix.p, sync_opening(s), name,
	    (uint64_t)size, &snap, &ignored) == 0)
		for (i = 0; i < snap.n; i++) {
			hex_encode(hex, snap.pieces[i].name, HASH_LEN);
			v = map_get_n(l->there, hex, HASH_HEX);
			if (v != NULL && v->i == (int64_t)snap.pieces[i].bytes)
				map_put_n(l->names, hex, HASH_HEX, NULL);
		}
	snapshot_release(&snap);
	return 0;
}

int
snapshot_known_load(struct snapshot_known *k, struct sync *s, struct err *e)
{
	struct map there = MAP_INIT;
	struct load l = { .there = &there, .names = &k->names };
	int r;

	k->names = (struct map)MAP_INIT;
	if (remote_clock(s->remote, s->prefix.p, &l.since_ms, e) < 0)
		return -1;
	l.since_ms -= JOURNAL_FRESH_MS;
	if ((r = sync_list(s, "piece/", note, &l, &l.front, e)) == 0)
		r = add_newest(s, &l, e);
	map_release(&there);
	return r;
}

void
snapshot_known_release(struct snapshot_known *k)
{
	map_release(&k->names);
}

bool
snapshot_known(void *arg, const uint8_t name[HASH_LEN])
{
	const struct snapshot_known *k = arg;
	char hex[HASH_HEX + 1];

	hex_encode(hex, name, HASH_LEN);
	return map_get_n(&k->names, hex, HASH_HEX) != NULL;
}
