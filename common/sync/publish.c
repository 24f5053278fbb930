#include "sync/publish.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
#include "store/audit_note.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/sync.h"
#include "sync/sync_state.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTEMPTS 30
#define WAIT_MS 20		/* before the second, then twice as long ... */
#define WAIT_MOST_MS 1000

static int
name_push(char push[ULID_LEN + 1], struct err *e)
{
	uint8_t rest[10];

	if (random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	ulid_format(push, date_real(), rest);
	return 0;
}

/* Where people find this node. */
static char *
address(void)
{
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0')
		return NULL;
	return xstrdup(host);
}

static int
head_of(struct sync *s, struct sync_manifest *m, struct err *e)
{
	struct journal_head h;

	memset(m, 0, sizeof *m);
	if (journal_head(s->journal, &h, e) < 0 || sync_may_put(s, e) < 0 ||
	    node_name(s->st, m->node, e) < 0 || name_push(m->push, e) < 0)
		return -1;
	m->number = h.number + 1;
	m->sealed = sealing_on(s->sealing);
	m->at_ms = date_real();
	memcpy(m->previous, h.hash, sizeof m->previous);
	/* whose memory it is does not change with who adds to it */
	memcpy(m->store_id, h.number > 0 ? h.store_id : s->st->id,
	    sizeof m->store_id);
	m->tenant = xstrdup(s->tenant);
	m->address = address();
	return 0;
}

/* 1 it is there and ours, 0 another one is, or nobody knows. */
static int
put(struct sync *s, const struct sync_manifest *m, struct err *e)
{
	struct buf text = BUF_INIT, body = BUF_INIT, key = BUF_INIT;
	char hash[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	struct remote_put p = { .once = true };
	int r;

	sync_manifest_write(m, &text);
	r = sealing_pack(s->sealing, "manifest", text.p, text.len, NULL, &body,
	    e);
	buf_release(&text);
	buf_addf(&key, "%smanifest/", s->prefix.p);
	sync_manifest_name(&key, m->number);
	hash_mem(body.p, body.len, sum);
	hex_encode(hash, sum, HASH_LEN);
	p.key = key.p;
	p.body = (struct remote_body){ .mem = body.p, .len = body.len };
	p.sha256 = sum;
	if (r == 0 && body.len > MANIFEST_MAX)	/* nobody would read it */
		r = err_set(e, ERR_INPUT, "the manifest has %zu bytes; at "
		    "most %zu are read", body.len, MANIFEST_MAX);
	/* what it names was told of */
	if (r == 0 && (r = audit_flush(e)) == 0 &&
	    (r = journal_pushing(s->journal, m->push, e)) == 0) {
		remote_put(s->remote, &p);
		s->sent += (int64_t)body.len;
		r = remote_wait(s->remote, &p.op, e);
		if (p.made == REMOTE_MADE)
			r = journal_add(s->journal, m, hash, e) < 0 ? -1 : 1;
		else if (p.made == REMOTE_THERE)
			r = 0;
	}
	buf_release(&body);
	buf_release(&key);
	return r;
}

/* Two that push at once should not meet again and again. */
static void
rest(int attempt)
{
	unsigned char spread = 0;
	struct err ignored;
	int ms = attempt < 6 ? WAIT_MS << attempt : WAIT_MOST_MS;

	random_bytes(&spread, 1, &ignored);
	poll(NULL, 0, ms / 2 + ms * spread / 512);
}

enum { NOTHING, PUBLISHED, AGAIN };

/* Was it taken in, whatever we heard?  r and e: what we heard. */
static int
settle(struct sync *s, const struct sync_manifest *m, int r, struct err *e)
{
	struct err heard = *e;
	int64_t number;

	if (sync_look(s, e) < 0)
		return -1;
	if (journal_pushed(s->journal, m->push, &number, e) < 0)
		return -1;
	if (number == 0 && r < 0) {
		*e = heard;
		return -1;
	}
	return number > 0 ? PUBLISHED : AGAIN;
}

static int
attempt(struct sync *s, publish_fn *fill, void *arg, struct err *e)
{
	struct sync_manifest m;
	int r;

	if ((r = head_of(s, &m, e)) == 0 && (r = fill(arg, &m, e)) == 1 &&
	    (r = sync_sure(s, e)) == 0) {
		r = put(s, &m, e);
		if (r == 0 || (r < 0 && e->code == ERR_NET))
			r = settle(s, &m, r, e);
	}
	sync_manifest_release(&m);
	return r;
}

int
publish(struct sync *s, publish_fn *fill, void *arg, struct err *e)
{
	int i, r = AGAIN;

	if (sync_look(s, e) < 0)
		return -1;
	for (i = 0; i < ATTEMPTS && r == AGAIN; i++) {
		if (i > 0)
			rest(i);
		if (sync_stopped(s, e))
			return -1;
		r = attempt(s, fill, arg, e);
	}
	if (r == PUBLISHED)
		sync_state_due(s);
	if (r == AGAIN)
		return err_set(e, ERR_BUSY, "others push to '%s' all the time; "
		    "try again", s->name);
	return r;
}
