#include "sync/remake.h"

#include "base/alloc.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/publish.h"
#include "sync/push_segments.h"
#include "sync/segmentfile.h"
#include "sync/sync.h"

#include <string.h>

void
segments_add(struct segments *to, const struct manifest_segment *s)
{
	to->v = xgrow(to->v, to->n, &to->cap, sizeof *to->v);
	to->v[to->n++] = *s;
}

int
remake_open(struct remake *m, struct sync *s, struct err *e)
{
	memset(m, 0, sizeof *m);
	m->s = s;
	return node_name(s->st, m->own, e) < 0 ? -1 :
	    node_formers(s->st, &m->former, e);
}

void
remake_close(struct remake *m)
{
	strv_release(&m->former);
}

int
remake_segment(const struct remake *m, const struct manifest_segment *old,
    struct manifest_segment *seg, struct buf *body, struct err *e)
{
	struct segment_head head = { .tenant = NULL };
	struct buf text = BUF_INIT;
	uint8_t sum[HASH_LEN];
	int r;

	if (strcmp(old->node, m->own) != 0 && !strv_has(&m->former, old->node))
		return 0;
	r = segmentfile_make(m->s->st, old->node, old->from, old->to, &text,
	    &head, e);
	if (r < 0)
		r = e->code == ERR_ABSENT || e->code == ERR_USAGE ? 0 : -1;
	else if ((r = r == 1 && head.to == old->to) == 1) {
		*seg = *old;
		r = push_segment_pack(m->s, &text, seg, body, sum, e) < 0 ?
		    -1 : 1;
	}
	segment_head_release(&head);
	buf_release(&text);
	return r;
}

int
remake_put(struct sync *s, const struct manifest_segment *seg,
    const struct buf *body, struct err *e)
{
	struct buf key = BUF_INIT;
	struct remote_put put = { .body = { .mem = body->p,
	    .len = body->len } };
	int r;

	sync_key(s, &key, "segment", seg->name);
	put.key = key.p;
	remote_put(s->remote, &put);
	if ((r = remote_wait(s->remote, &put.op, e)) == 0)
		s->sent += (int64_t)body->len;
	buf_release(&key);
	return r;
}

struct naming {
	struct sync *s;
	const struct segments *anew;
};

/* publish_fn */
static int
name_anew(void *arg, struct sync_manifest *m, struct err *e)
{
	const struct naming *n = arg;
	size_t i;

	if (sync_ours(n->s, e) < 0)
		return -1;
	for (i = 0; i < n->anew->n; i++)
		sync_manifest_add_segment(m, &n->anew->v[i]);
	return 1;
}

int
remake_name(struct sync *s, const struct segments *anew, struct err *e)
{
	struct naming n = { s, anew };

	return anew->n == 0 ? 0 : publish(s, name_anew, &n, e) < 0 ? -1 : 0;
}
