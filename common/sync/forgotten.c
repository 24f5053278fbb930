#include "sync/forgotten.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "memory/event.h"
#include "memory/tombstone.h"
#include "ingest/redacted.h"
#include "store/audit.h"
#include "store/compact.h"
#include "store/db.h"
#include "store/dict.h"
#include "store/forgetting.h"
#include "store/name.h"
#include "store/store.h"
#include "sync/push_snapshot.h"
#include "sync/remake.h"
#include "sync/segmentfile.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
	struct sync *s;
	const struct forgotten_how *how;
	struct forgotten_sums *sums;
	struct remake remake;
	struct segments all, anew, holes;
};

/* --- a line ------------------------------------------------------------ */

/* Of one that lost a secret: does it stand there as it was? */
static int
is_older(struct store *st, int64_t user, const json_t *o, const char *id,
    struct err *e)
{
	const char *text = get_str(o, "text", NULL);
	struct event_iter *it = NULL;
	const struct event *ev;
	int r = redacted_has(st, user, id, e);

	if (r != 1 || text == NULL)
		return r < 0 ? -1 : 0;
	if ((r = event_find_of(&it, st, user, id, &ev, e)) == 1)
		r = strlen(text) != ev->text_len || memcmp(text, ev->text,
		    ev->text_len) != 0;
	event_close(it);
	return r;
}

/* All before this time of a user was forgotten: 1, 0. */
static int
user_is_gone(struct store *st, int64_t user, int64_t ts, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND target = 5 AND at >= :ts")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":ts", ts);
	r = db_row(q, e);
	db_end(q);
	return r;
}

static int
line_of_user(struct store *st, const json_t *o, const char *type,
    struct err *e)
{
	const char *name = get_str(o, "user", NULL), *event, *session;
	int64_t user, ts = INT64_MIN;
	int r;

	if (store_user(st, name != NULL ? name : st->user, false, &user, e) <
	    0)
		return -1;
	if (user == 0)
		return 0;
	event = get_str(o, "event_id", NULL);
	session = get_str(o, "session_id", NULL);
	if (session != NULL && (r = tombstone_has_session(st, user, session,
	    e)) != 0)
		return r;
	if (!str_eq(type, "event") || event == NULL)
		return 0;
	if ((r = tombstone_has_event(st, user, event, e)) != 0 ||
	    (get_time(o, "timestamp", &ts) == 1 && (r = user_is_gone(st, user,
	    ts, e)) != 0))
		return r;
	return is_older(st, user, o, event, e);
}

static int
line_of_record(struct store *st, const json_t *o, struct err *e)
{
	const json_t *rec = json_object_get(o, "record");
	const char *kb = get_str(rec != NULL ? rec : o, "kb", NULL), *id;
	struct buf name = BUF_INIT;
	int r = 0;

	id = get_str(rec != NULL ? rec : o, "record_id", NULL);
	if (kb != NULL && id != NULL) {
		buf_addf(&name, "%s/%s", kb, id);
		r = tombstone_has_record(st, name.p, e);
	}
	buf_release(&name);
	return r;
}

int
forgotten_line(struct sync *s, const char *line, size_t len, struct err *e)
{
	json_t *o = json_read(line, len, e);
	const char *type;
	int r;

	if (o == NULL)
		return -1;
	type = get_str(o, "type", NULL);
	if (str_eq(type, "tombstone"))
		r = 0;
	else if (str_eq(type, "version") || str_eq(type, "record"))
		r = line_of_record(s->st, o, e);
	else
		r = line_of_user(s->st, o, type, e);
	json_decref(o);
	return r;
}

/* --- segments ---------------------------------------------------------- */

static int
note(void *arg, const struct manifest_segment *seg, struct err *e)
{
	struct run *run = arg;

	(void)e;
	if (seg->name[0] != '\0')
		segments_add(&run->all, seg);
	return 0;
}

/* Is something in it that was forgotten?  1, 0. */
static int
has_forgotten(struct run *run, const struct manifest_segment *seg,
    struct err *e)
{
	struct buf key = BUF_INIT, body = BUF_INIT, plain = BUF_INIT;
	struct sync *s = run->s;
	uint8_t name[HASH_LEN];
	struct segmentfile f;
	const char *line;
	size_t at, n;
	int r;

	memset(&f, 0, sizeof f);
	hex_decode(name, seg->name, HASH_LEN);
	sync_key(s, &key, "segment", seg->name);
	if ((r = sync_get(s, key.p, sync_sum(s, name), (size_t)seg->size,
	    &body, e)) == 0 && (r = sealing_unpack(s->sealing, "segment",
	    body.p, body.len, name, &plain, e)) >= 0 &&
	    (r = segmentfile_read(&f, plain.p, plain.len, e)) == 0)
		for (at = f.begin; r == 0 && segmentfile_next(&f, &at, &line,
		    &n); )
			r = forgotten_line(s, line, n, e);
	segmentfile_release(&f);
	buf_release(&key);
	buf_release(&body);
	buf_wipe(&plain);
	return r;
}

static int
one_segment(struct run *run, const struct manifest_segment *old,
    struct err *e)
{
	struct manifest_segment seg;
	struct buf body = BUF_INIT;
	int r = remake_segment(&run->remake, old, &seg, &body, e);

	if (r == 1 && strcmp(seg.name, old->name) != 0) {
		segments_add(&run->anew, &seg);
		run->sums->replaced++;
		r = run->how->dry_run ? 0 : remake_put(run->s, &seg, &body, e);
	} else if (r == 0 && (r = has_forgotten(run, old, e)) == 1) {
		segments_add(&run->holes, old);
		run->sums->covered++;
	}
	buf_release(&body);
	return r < 0 ? -1 : 0;
}

static int
segments(struct run *run, struct err *e)
{
	size_t i;
	int r;

	r = journal_each_segment(run->s->journal, note, run, e);
	for (i = 0; r == 0 && i < run->all.n; i++) {
		if (sync_stopped(run->s, e))
			return -1;
		sync_tell(run->s, "segments", (int64_t)i, (int64_t)run->all.n);
		r = one_segment(run, &run->all.v[i], e);
	}
	run->sums->segments = (int64_t)run->all.n;
	return r;
}

/* --- files ------------------------------------------------------------- */

/* Folders of sessions that were forgotten: USER/SESSION as keys have them. */
struct folders {
	struct run *run;
	struct map named;		/* own */
	struct strv keys;		/* own; what lies in them */
	size_t front;			/* bytes before USER in a key */
};

int
forgotten_list(struct sync *s, int (*found)(void *,
    const struct remote_entry *, struct err *), void *arg, struct err *e)
{
	const char *memkit = strrchr(s->prefix.p, '.');
	struct remote_list op = { .found = found, .arg = arg };
	struct buf prefix = BUF_INIT;
	int r;

	buf_add(&prefix, s->prefix.p, (size_t)(memkit - s->prefix.p));
	op.prefix = prefix.p;
	remote_list(s->remote, &op);
	r = remote_wait(s->remote, &op.op, e);
	buf_release(&prefix);
	return r;
}

static int
name_folders(struct folders *f, struct err *e)
{
	struct buf name = BUF_INIT;
	struct db_query *q;
	int r, made;

	if ((q = db_sql(f->run->s->st->db, e, "SELECT u.name, t.id FROM "
	    "tombstone t JOIN user u ON u.id = t.user WHERE t.target = 2")) ==
	    NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		buf_reset(&name);
		name_encode(&name, db_get_text(q, 0));
		buf_addc(&name, '/');
		name_encode(&name, db_get_text(q, 1));
		map_put(&f->named, name.p, &made);
	}
	db_end(q);
	buf_release(&name);
	return r;
}

static int
note_file(void *arg, const struct remote_entry *x, struct err *e)
{
	struct folders *f = arg;
	const char *at = x->key + f->front, *end;

	(void)e;
	if (x->why != NULL || (end = strchr(at, '/')) == NULL ||
	    (end = strchr(end + 1, '/')) == NULL)
		return 0;
	if (map_get_n(&f->named, at, (size_t)(end - at)) != NULL)
		strv_add(&f->keys, x->key);
	return 0;
}

static int
drop_files(struct run *run, struct err *e)
{
	struct folders f = { .run = run, .named = MAP_INIT };
	struct remote_delete op = { .keys = &f.keys };
	struct sync *s = run->s;
	int r;

	f.front = (size_t)(strrchr(s->prefix.p, '.') - s->prefix.p);
	if ((r = name_folders(&f, e)) == 0 && f.named.n > 0)
		r = forgotten_list(s, note_file, &f, e);
	run->sums->files = (int64_t)f.keys.n;
	if (r == 0 && f.keys.n > 0 && !run->how->dry_run) {
		remote_delete(s->remote, &op);
		r = remote_wait(s->remote, &op.op, e);
	}
	map_release(&f.named);
	strv_release(&f.keys);
	return r;
}

/* --- all of it --------------------------------------------------------- */

/* What goes into a snapshot must be without it, the dictionaries, too. */
static int
clean(struct run *run, struct err *e)
{
	const struct compact_config c = { .keep_log = true };
	struct compact_sums sums = { .left = BUF_INIT };
	struct store *st = run->s->st;
	int64_t gone, stale;
	int r;

	if (forgetting_go_on(st, INT64_MAX, &gone, NULL, e) < 0 ||
	    dict_stale(st, &stale, e) < 0)
		return -1;
	r = stale != 0 ? compact(st, &c, &sums, e) : 0;
	compact_sums_release(&sums);
	return r;
}

static int
snapshot(struct run *run, struct err *e)
{
	char hex[HASH_HEX + 1];
	int64_t size;
	int r;

	if ((r = journal_snapshot(run->s->journal, hex, &size, e)) < 0)
		return -1;
	run->sums->snapshot = r == 1 || run->holes.n > 0;
	if (!run->sums->snapshot || run->how->dry_run)
		return 0;
	return push_snapshot_holes(run->s, run->holes.v, run->holes.n, e);
}

static int
write_audit(struct run *run, struct err *e)
{
	const struct forgotten_sums *s = run->sums;
	char detail[160];

	snprintf(detail, sizeof detail, "%" PRId64 " segments replaced, %"
	    PRId64 " covered, %" PRId64 " objects deleted, %" PRId64
	    " too young", s->replaced, s->covered, s->pruned.deleted,
	    s->pruned.young);
	return audit_add(run->s->st, "remote_forget", run->s->name, detail, e);
}

static int
run_all(struct run *run, struct err *e)
{
	const struct prune_how how = { .age_ms = run->how->now ? 0 :
	    PRUNE_LEAST_MS, .dry_run = run->how->dry_run,
	    .told = run->how->told, .arg = run->how->arg };
	struct sync *s = run->s;

	if (sync_look(s, e) < 0 || sync_sure(s, e) < 0 ||
	    sync_ours(s, e) < 0 || sync_may_put(s, e) < 0 ||
	    (!run->how->dry_run && clean(run, e) < 0) ||
	    remake_open(&run->remake, s, e) < 0 || segments(run, e) < 0 ||
	    (!run->how->dry_run && remake_name(s, &run->anew, e) < 0) ||
	    snapshot(run, e) < 0 || drop_files(run, e) < 0 ||
	    prune(s, &how, &run->sums->pruned, e) < 0)
		return -1;
	run->sums->number = run->sums->pruned.number;
	return run->how->dry_run ? 0 : write_audit(run, e);
}

int
forgotten(struct sync *s, const struct forgotten_how *how,
    struct forgotten_sums *sums, struct err *e)
{
	struct run run = { .s = s, .how = how, .sums = sums };
	int r;

	memset(sums, 0, sizeof *sums);
	r = run_all(&run, e);
	remake_close(&run.remake);
	free(run.all.v);
	free(run.anew.v);
	free(run.holes.v);
	return r;
}
