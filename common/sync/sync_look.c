/*
 * Reading the manifests that are new.
 */
#include "sync/sync.h"

#include "base/alloc.h"
#include "store/change.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/sync_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 16		/* manifests on their way */

struct look {
	struct sync *s;
	int64_t last;		/* that we know */
	int64_t newest;		/* that is there, with all before it */
	int64_t gap;		/* not there, though a later one is; 0 none */
	bool known;		/* the last that we know is there */
	bool doubtful;		/* began with a state in clear */
	struct buf prefix;	/* of their keys */
};

static void
key_of(const struct look *l, struct buf *b, int64_t number)
{
	buf_reset(b);
	buf_adds(b, l->prefix.p);
	sync_manifest_name(b, number);
}

/* They are numbered without a gap: whoever makes one has seen the one before
 * it. */
static int
found(void *arg, const struct remote_entry *entry, struct err *e)
{
	struct look *l = arg;
	int64_t number;

	(void)e;
	if (entry->why != NULL || !sync_manifest_number(entry->key +
	    l->prefix.len, &number))
		return 0;	/* not of our making */
	if (number == l->last)
		l->known = true;
	if (number == l->newest + 1 && l->gap == 0)
		l->newest = number;
	else if (number > l->newest && l->gap == 0)
		l->gap = l->newest + 1;
	return 0;
}

/* From the last one that we know on, so that one request tells that it is
 * there and no other. */
static int
list_once(struct look *l, struct err *e)
{
	struct buf after = BUF_INIT;
	struct remote_list op = { .prefix = l->prefix.p, .found = found,
	    .arg = l };
	int r;

	if (l->last > 1) {
		key_of(l, &after, l->last - 1);
		op.after = after.p;
	}
	l->newest = l->last;
	l->gap = 0;
	remote_list(l->s->remote, &op);
	r = remote_wait(l->s->remote, &op.op, e);
	buf_release(&after);
	return r;
}

/* What is made while it is listed may be in the list without the one that was
 * made before it: that one is in the next list. */
static int
list(struct look *l, struct err *e)
{
	int64_t gap;
	int r = list_once(l, e);

	if (r == 0 && (gap = l->gap) > 0 && (r = list_once(l, e)) == 0 &&
	    l->gap == gap && (l->last == 0 || l->known))
		return err_set(e, ERR_CORRUPT, "manifest %" PRId64 " of '%s' "
		    "is missing, but later ones are there", gap, l->s->name);
	if (r == 0 && l->last > 0 && !l->known)
		r = err_set(e, ERR_CORRUPT, "manifest %" PRId64 ", which was "
		    "in '%s', is no more there: it was emptied, or is another "
		    "place now; if it should be filled again: "
		    "mem-sync push --anew", l->last, l->s->name);
	return r;
}

/* --- reading them ------------------------------------------------------ */

struct fetch {
	struct remote_get get;
	struct remote_room room;
	struct buf key, bytes;
};

static void
fetch_start(struct look *l, struct fetch *f, int64_t number)
{
	key_of(l, &f->key, number);
	buf_reset(&f->bytes);
	f->room = (struct remote_room){ &f->bytes, MANIFEST_MAX };
	f->get = (struct remote_get){ .key = f->key.p,
	    .take = remote_into_buf, .arg = &f->room };
	remote_get(l->s->remote, &f->get);
}

/* What is in it of ours is what the store itself knows to be there: 1, 0. */
static int
is_noted(struct look *l, const struct sync_manifest *m, struct err *e)
{
	struct buf name = BUF_INIT;
	struct consumer c = { 0 };
	size_t i;
	int r;

	sync_consumer(l->s, &name);
	r = consumer_get(l->s->st, name.p, &c, e);
	for (i = 0; r >= 0 && i < m->nsegments; i++)
		if (strcmp(m->segment[i].node, m->node) == 0 &&
		    m->segment[i].to > c.seq)
			break;
	consumer_release(&c);
	buf_release(&name);
	return r < 0 ? -1 : i == m->nsegments;
}

/*
 * Two copies under one name would each be taken for the other.  A journal that
 * is new, or was lost, knows no push: then the store has to know.
 */
static int
no_double(struct look *l, const struct sync_manifest *m, struct err *e)
{
	char own[ULID_LEN + 1];
	int64_t number;
	int r;

	if (l->s->st->db == NULL)
		return 0;	/* there is no tenant, and no node, yet */
	if (node_name(l->s->st, own, e) < 0)
		return -1;
	if (strcmp(own, m->node) != 0)
		return 0;
	if ((r = journal_pushed(l->s->journal, m->push, &number, e)) != 0)
		return r < 0 ? -1 : 0;
	if ((r = journal_has_pushed(l->s->journal, e)) < 0 ||
	    (r == 0 && (r = is_noted(l, m, e)) != 0))
		return r < 0 ? -1 : 0;
	return err_set(e, ERR_EXISTS, "another copy of this store is node %s, "
	    "too, and pushed (on '%s'); mem-sync renew makes this one a node "
	    "of its own", own, m->address != NULL ? m->address : "?");
}

static int
take(struct look *l, const struct buf *b, int64_t number, struct err *e)
{
	char hash[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	struct buf text = BUF_INIT;
	struct sync_manifest m;
	int r, sealed;

	l->s->received += (int64_t)b->len;
	memset(&m, 0, sizeof m);
	sealed = sealing_unpack(l->s->sealing, "manifest", b->p, b->len, NULL,
	    &text, e);
	if ((r = sealed < 0 ? -1 : sync_manifest_read(&m, text.p, text.len,
	    e)) == 0 && m.number != number)
		r = err_set(e, ERR_CORRUPT, "it says that it is %" PRId64,
		    m.number);
	if (r == 0 && strcmp(m.tenant, l->s->tenant) != 0)
		r = err_set(e, ERR_CORRUPT, "it is of another tenant");
	if (r < 0)
		err_add(e, "manifest %" PRId64 " of '%s'", number, l->s->name);
	else
		r = no_double(l, &m, e);
	m.sealed = sealed == 1;
	hash_mem(b->p, b->len, sum);
	hex_encode(hash, sum, HASH_LEN);
	if (r == 0)
		r = journal_add(l->s->journal, &m, hash, e);
	sync_manifest_release(&m);
	buf_release(&text);
	return r;
}

/* Some at once, and one after the other into the journal. */
static int
read_some(struct look *l, struct fetch *f, int64_t first, int n,
    struct err *e)
{
	struct err other;
	int i, r = 0;

	for (i = 0; i < n; i++)
		fetch_start(l, &f[i], first + i);
	for (i = 0; i < n; i++) {
		if (r < 0) {
			remote_wait(l->s->remote, &f[i].get.op, &other);
			continue;
		}
		if ((r = remote_wait(l->s->remote, &f[i].get.op, e)) < 0)
			continue;
		r = take(l, &f[i].bytes, first + i, e);
	}
	return r;
}

static int
read_new(struct look *l, struct err *e)
{
	struct fetch *f;
	int64_t at;
	int i, n, r = 0;

	if (l->newest == l->last)
		return 0;
	f = xcalloc(AHEAD, sizeof *f);
	for (i = 0; i < AHEAD; i++) {
		buf_init(&f[i].key);
		buf_init(&f[i].bytes);
	}
	for (at = l->last + 1; r == 0 && at <= l->newest; at += n) {
		n = l->newest - at < AHEAD ? (int)(l->newest - at) + 1 : AHEAD;
		sync_tell(l->s, "manifests", at, l->newest);
		r = sync_stopped(l->s, e) ? -1 : read_some(l, f, at, n, e);
	}
	for (i = 0; i < AHEAD; i++) {
		buf_release(&f[i].key);
		buf_release(&f[i].bytes);
	}
	free(f);
	return r;
}

/*
 * A journal that is empty need not read all there ever were.  What a state
 * says of this node is looked at as the manifests of it would be.
 */
static int
begin_with_state(struct look *l, struct err *e)
{
	struct sync_manifest own = { .number = 0 };
	struct manifest_segment seg;
	struct err why;
	bool sealed = false;
	int r;

	if (l->s->look_upto > 0 && l->newest > l->s->look_upto)
		l->newest = l->s->look_upto;
	if (l->last > 0 || l->s->no_state || l->newest < STATE_EVERY)
		return 0;
	/* one of the manifests may be of a push whose answer was lost */
	if ((r = journal_has_pushed(l->s->journal, e)) != 0)
		return r < 0 ? -1 : 0;
	if (sync_state_take(l->s, l->newest, &l->last, &sealed, e) < 0)
		return -1;
	l->doubtful = l->last > 0 && !sealed;
	if (l->last == 0 || l->s->st->db == NULL)
		return 0;
	if (node_name(l->s->st, own.node, e) < 0 ||
	    journal_upto(l->s->journal, own.node, &seg.to, e) < 0)
		return -1;
	memcpy(seg.node, own.node, sizeof seg.node);
	own.segment = &seg;
	own.nsegments = 1;
	if ((r = no_double(l, &own, e)) < 0) {
		why = *e;
		if (journal_forget(l->s->journal, e) == 0)
			*e = why;
	}
	return r;
}

int
sync_look(struct sync *s, struct err *e)
{
	struct look l = { .s = s };
	struct journal_head h;
	int64_t begun;
	int r;

	if (journal_head(s->journal, &h, e) < 0)
		return -1;
	l.last = begun = h.number;
	buf_init(&l.prefix);
	buf_addf(&l.prefix, "%smanifest/", s->prefix.p);
	if ((r = list(&l, e)) == 0 && (r = begin_with_state(&l, e)) == 0 &&
	    (r = read_new(&l, e)) == 0)
		r = journal_looked(s->journal, e);
	if (r == 0 && (r = journal_head(s->journal, &h, e)) == 0)
		s->sealed = h.sealed || sealing_on(s->sealing);
	if (r == 0 && l.newest > begun)
		s->sure = true;
	buf_release(&l.prefix);
	if (r < 0 || !l.doubtful || !h.sealed)
		return r;
	/* what is sealed names all before it, but not that state */
	s->no_state = true;
	return journal_forget(s->journal, e) < 0 ? -1 : sync_look(s, e);
}

int
sync_sure(struct sync *s, struct err *e)
{
	struct look l = { .s = s };
	struct buf key = BUF_INIT, b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	struct journal_head h;
	int r;

	if (s->sure)
		return 0;
	if (journal_head(s->journal, &h, e) < 0)
		return -1;
	if (h.number == 0)
		return 0;
	buf_init(&l.prefix);
	buf_addf(&l.prefix, "%smanifest/", s->prefix.p);
	key_of(&l, &key, h.number);
	hex_decode(sum, h.hash, HASH_LEN);
	if ((r = sync_get(s, key.p, sum, MANIFEST_MAX, &b, e)) < 0 &&
	    e->code == ERR_INPUT)
		err_set(e, ERR_CORRUPT, "manifest %" PRId64 " of '%s' is not "
		    "the one that was there: somebody put another memory in "
		    "its place; set remote.%s.url to where it is now, or "
		    "forget it: mem-sync push --anew", h.number, s->name,
		    s->name);
	s->sure = r == 0;
	buf_release(&l.prefix);
	buf_release(&key);
	buf_release(&b);
	return r;
}

int
sync_ours(struct sync *s, struct err *e)
{
	struct journal_head h;

	if (journal_head(s->journal, &h, e) < 0)
		return -1;
	if (h.number == 0 || h.joined || strcmp(h.store_id, s->st->id) == 0)
		return 0;
	return err_set(e, ERR_EXISTS, "'%s' has the memory of another store "
	    "(%s); mem-sync pull --merge takes it in here, or set "
	    "remote.%s.url to another place", s->name, h.store_id, s->name);
}

int
sync_may_put(struct sync *s, struct err *e)
{
	struct journal_head h;

	if (journal_head(s->journal, &h, e) < 0)
		return -1;
	if (!h.sealed || sealing_on(s->sealing))
		return 0;
	return err_set(e, ERR_USAGE, "what is in '%s' is sealed; nothing is "
	    "added to it in clear: mem-admin config set remote.%s.seal true",
	    s->name, s->name);
}
