/*
 * Which artifacts of an index count no more: those that turned since, whatever
 * they are now; who is found again is read from the store.
 */
#include "search/indexed.h"

#include "artifact/artifact_entry.h"
#include "base/buf.h"

struct turned {
	struct indexed *x;
	struct buf key;
};

static int
kill_turned(void *arg, const char *id, struct err *e)
{
	struct turned *t = arg;

	indexed_key(&t->key, SOURCE_ARTIFACT, NULL, id);
	return indexed_kill_key(t->x, &t->key, e);
}

int
indexed_view_artifacts(struct indexed *x, struct err *e)
{
	struct turned t = { x, BUF_INIT };
	struct artifact_reach newest;
	int r = artifact_newest(x->st, &newest, e);

	if (r == 0 && newest.turn > x->x.m.tombstones)
		r = artifact_turned(x->st, x->x.m.tombstones, kill_turned, &t,
		    e);
	if (r == 0)
		x->x.m.tombstones = newest.turn;
	buf_release(&t.key);
	return r;
}
