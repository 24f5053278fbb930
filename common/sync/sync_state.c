#include "sync/sync_state.h"

#include "base/file.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/journal_state.h"
#include "sync/sync.h"

#include <stdio.h>
#include <string.h>

#define TRIES 3			/* states that are looked at */

void
sync_state_key(const struct sync *s, int64_t number, struct buf *key)
{
	buf_reset(key);
	buf_addf(key, "%sstate/", s->prefix.p);
	sync_manifest_name(key, number);
}

int
sync_state_put(struct sync *s, int64_t number, const struct buf *body,
    struct err *e)
{
	struct buf key = BUF_INIT, object = BUF_INIT;
	struct remote_put put = { .key = NULL };
	int r;

	if ((r = sealing_pack(s->sealing, "state", body->p, body->len, NULL,
	    &object, e)) == 0) {
		sync_state_key(s, number, &key);
		put.key = key.p;
		put.body.mem = object.p;
		put.body.len = object.len;
		remote_put(s->remote, &put);
		r = remote_wait(s->remote, &put.op, e);
		s->sent += (int64_t)object.len;
	}
	buf_release(&key);
	buf_release(&object);
	return r;
}

/* 1 it was sealed, 0 in clear. */
static int
get(struct sync *s, int64_t number, struct buf *body, struct err *e)
{
	struct buf key = BUF_INIT, object = BUF_INIT;
	int r;

	sync_state_key(s, number, &key);
	buf_reset(body);
	if ((r = sync_get(s, key.p, NULL, STATE_MAX, &object, e)) == 0)
		r = sealing_unpack(s->sealing, "state", object.p, object.len,
		    NULL, body, e);
	buf_release(&key);
	buf_release(&object);
	return r;
}

void
sync_state_due(struct sync *s)
{
	struct buf body = BUF_INIT;
	struct journal_head h;
	struct err ignored;	/* the push is whole without it */

	if (journal_head(s->journal, &h, &ignored) == 0 && h.number > 0 &&
	    h.number % STATE_EVERY == 0 && journal_state_write(s->journal,
	    s->tenant, &body, &ignored) == 0 && body.len <= STATE_MAX)
		sync_state_put(s, h.number, &body, &ignored);
	buf_release(&body);
}

/* --- taking one in ----------------------------------------------------- */

struct listing {
	size_t front;			/* bytes before the number in a key */
	int64_t newest;			/* up to which they count */
	int64_t v[TRIES];		/* the last ones, newest first */
};

static int
found(void *arg, const struct remote_entry *x, struct err *e)
{
	struct listing *l = arg;
	int64_t number;

	(void)e;
	if (x->why == NULL && sync_manifest_number(x->key + l->front,
	    &number) && number <= l->newest) {
		memmove(l->v + 1, l->v, sizeof l->v - sizeof *l->v);
		l->v[0] = number;
	}
	return 0;
}

/* Is the manifest that it ends with the one that is there?  1, 0, -1. */
static int
same_manifest(struct sync *s, int64_t number, struct err *e)
{
	struct buf key = BUF_INIT, body = BUF_INIT;
	char hex[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	struct journal_head h;
	int r;

	buf_addf(&key, "%smanifest/", s->prefix.p);
	sync_manifest_name(&key, number);
	if ((r = journal_head(s->journal, &h, e)) == 0 &&
	    (r = sync_get(s, key.p, NULL, MANIFEST_MAX, &body, e)) == 0) {
		hash_mem(body.p, body.len, sum);
		hex_encode(hex, sum, HASH_LEN);
		r = h.number == number && strcmp(hex, h.hash) == 0;
	}
	buf_release(&key);
	buf_release(&body);
	return r;
}

/* What is wrong with what is there is no reason to give up: the manifests say
 * it all. */
static bool
is_damage(const struct err *e)
{
	return e->code == ERR_ABSENT || e->code == ERR_INPUT ||
	    e->code == ERR_CORRUPT || e->code == ERR_VERSION ||
	    e->code == ERR_EXISTS;
}

/* 1, 0 it is not whole, or not of these manifests. */
static int
take(struct sync *s, int64_t number, bool *sealed, struct err *e)
{
	struct buf body = BUF_INIT;
	int r;

	r = get(s, number, &body, e);
	*sealed = r == 1;
	/* whoever has no key could have made it */
	if (r == 0 && sealing_on(s->sealing))
		r = err_set(e, ERR_CORRUPT, "the state is in clear");
	if (r >= 0 && (r = journal_state_read(s->journal, s->tenant, body.p,
	    body.len, e)) == 0)
		r = same_manifest(s, number, e);
	buf_release(&body);
	if (r < 0 && is_damage(e))
		r = 0;
	if (r != 1 && journal_forget(s->journal, e) < 0)
		return -1;
	return r;
}

int
sync_state_take(struct sync *s, int64_t newest, int64_t *number,
    bool *sealed, struct err *e)
{
	struct listing l = { .newest = newest };
	int i, r = 0;

	*number = 0;
	if (sync_list(s, "state/", found, &l, &l.front, e) < 0)
		return -1;
	for (i = 0; i < TRIES && r == 0 && l.v[i] > 0; i++)
		if ((r = take(s, l.v[i], sealed, e)) == 1)
			*number = l.v[i];
	return r < 0 ? -1 : 0;
}

/* --- comparing --------------------------------------------------------- */

void
state_check_release(struct state_check *c)
{
	buf_release(&c->right);
}

static int
compare(struct sync *s, struct state_check *c, struct err *e)
{
	struct buf body = BUF_INIT;
	int r = get(s, c->number, &body, e);

	if (r < 0 && e->code == ERR_ABSENT) {
		c->absent = true;
		r = 0;
	} else if (r < 0 && e->code == ERR_INPUT) {
		c->why = "different";
		r = 0;
	} else if (r >= 0 && (body.len != c->right.len ||
	    memcmp(body.p, c->right.p, body.len) != 0 ||
	    (r == 0 && sealing_on(s->sealing))))
		c->why = "different";
	buf_release(&body);
	return r < 0 ? -1 : 0;
}

/* All of them, into a journal of its own. */
static int
read_manifests(struct sync *there, int64_t last, struct state_check *c,
    struct err *e)
{
	struct journal_head h;

	c->number = last / STATE_EVERY * STATE_EVERY;
	there->no_state = true;
	there->look_upto = c->number;
	if (c->number > 0 && (sync_look(there, e) < 0 ||
	    journal_head(there->journal, &h, e) < 0 ||
	    journal_state_write(there->journal, there->tenant, &c->right,
	    e) < 0))
		return -1;
	there->look_upto = last;
	return sync_look(there, e);
}

static int
check(struct sync *s, const char *dir, struct state_check *c, struct err *e)
{
	const struct store_where where = { .dir = dir,
	    .tenant = s->st->tenant, .user = s->st->user, .inside = true };
	struct journal_head h;
	struct store *folder;
	struct sync *there;
	int r;

	if (journal_head(s->journal, &h, e) < 0 ||
	    store_open(&folder, &where, STORE_FOLDER, e) < 0)
		return -1;
	if ((r = sync_attach(&there, s, folder, e)) == 0) {
		r = read_manifests(there, h.number, c, e);
		s->received += there->received;
		sync_close(there);
	}
	store_close(folder);
	if (r < 0 && is_damage(e)) {
		snprintf(c->manifests, sizeof c->manifests, "%s", e->msg);
		c->number = 0;
		return 0;
	}
	return r < 0 ? -1 : c->number > 0 ? compare(s, c, e) : 0;
}

int
sync_state_check(struct sync *s, struct state_check *c, struct err *e)
{
	struct scratch sc = SCRATCH_INIT;
	struct buf dir = BUF_INIT;
	int r;

	memset(c, 0, sizeof *c);
	buf_init(&c->right);
	if (scratch_open(&sc, s->st->dir, "state", e) < 0)
		return -1;
	file_join(&dir, sc.path, "store");
	r = check(s, dir.p, c, e);
	buf_release(&dir);
	scratch_close(&sc);
	return r;
}
