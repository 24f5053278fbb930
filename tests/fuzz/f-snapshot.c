/*
 * Descriptions of snapshots: refused, or such that writing them again gives
 * the same bytes, and what they promise can be counted on.
 */
#include "fuzz.h"

#include "base/json.h"
#include "sync/snapshot.h"

#include <string.h>

static void
look(const struct snapshot *s)
{
	struct buf b = BUF_INIT;
	bool own = false;
	size_t i;

	must(s->tenant != NULL && s->schema > 0 && s->size > 0);
	must(s->piece >= SNAPSHOT_PIECE_MIN &&
	    s->piece <= SNAPSHOT_PIECE_MAX && s->n <= SNAPSHOT_PIECES);
	must(s->size <= (uint64_t)s->n * s->piece &&
	    s->size > (uint64_t)(s->n - 1) * s->piece);
	for (i = 0; i < s->n; i++)
		must(s->pieces[i].bytes > 0 &&
		    s->pieces[i].bytes <= s->piece + s->piece / 128);
	for (i = 0; i < s->n_nodes; i++) {
		must(s->nodes[i].upto >= 0);
		must(i == 0 || strcmp(s->nodes[i - 1].name,
		    s->nodes[i].name) < 0);
		own |= strcmp(s->nodes[i].name, s->node) == 0;
	}
	must(own);
	snapshot_key(&b, "", s->name);
	must(strlen(b.p) == b.len);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool set_up;
	struct snapshot s = SNAPSHOT_INIT;
	struct buf b = BUF_INIT;
	struct err e;

	if (!set_up)
		json_setup();
	set_up = true;
	if (snapshot_read(&s, data, len, &e) == 0) {
		look(&s);
		snapshot_write(&s, &b);
		must(b.len == len && memcmp(b.p, data, len) == 0);
	}
	snapshot_release(&s);
	buf_release(&b);
	return 0;
}
