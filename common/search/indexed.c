#include "search/indexed.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/event.h"
#include "memory/record.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/name.h"
#include "store/newest.h"
#include "store/sealed.h"
#include "store/store.h"
#include "text/language_conf.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 160	/* bytes of a value that stand in the index */
#define LABEL "memkit index folder 1"	/* with its NUL */

/* --- what is where ----------------------------------------------------- */

/* Below the tenant's folder. */
static void
folder(struct buf *b, const struct store *st, enum source source)
{
	if (source_is_shared(source)) {
		buf_addf(b, "index/%s", source_names[source]);
		return;
	}
	buf_addf(b, "index/%s/", source == SOURCE_EVENT ? "user" :
	    source == SOURCE_OWN ? "own-fact" : source_names[source]);
	name_encode(b, st->user);
}

char *
indexed_dir(const struct store *st, enum source source)
{
	struct buf b = BUF_INIT;
	char *path;

	folder(&b, st, source);
	path = store_path(st, b.p);
	buf_release(&b);
	return path;
}

int
indexed_seal_of(struct store *st, const char *below,
    struct blockfile_key *out, struct err *e)
{
	struct buf info = BUF_INIT;
	uint8_t key[BLOCKFILE_KEY];
	struct hkdf h = { .key = key, .keylen = sizeof key };
	int r = store_index_key(st, key, e);

	memset(out, 0, sizeof *out);
	if (r != 1)
		return r;
	buf_add(&info, LABEL, sizeof LABEL);
	buf_adds(&info, below);
	h.info = info.p;
	h.infolen = info.len;
	hkdf_make(&h, out->key, sizeof out->key);
	out->sealed = true;
	mem_wipe(key, sizeof key);
	buf_release(&info);
	return 1;
}

int
indexed_seal(struct store *st, enum source source, struct blockfile_key *out,
    struct err *e)
{
	struct buf below = BUF_INIT;
	int r;

	folder(&below, st, source);
	r = indexed_seal_of(st, below.p, out, e);
	buf_release(&below);
	return r;
}

void
indexed_key(struct buf *b, enum source source, const char *within,
    const char *id)
{
	uint8_t ulid[ULID_BYTES];

	buf_reset(b);
	if (source == SOURCE_EVENT) {
		ulid_parse(id, ulid);
		buf_add(b, ulid, sizeof ulid);
		return;
	}
	buf_add(b, id, strlen(id) + 1);
	buf_adds(b, within != NULL ? within : "");
}

void
indexed_row(char key[8], int64_t row)
{
	int i;

	for (i = 0; i < 8; i++)
		key[i] = (char)((uint64_t)row >> (56 - 8 * i));
}

int64_t *
indexed_mark(struct manifest *m, enum source source)
{
	return source == SOURCE_EVENT ? &m->events : source_is_rows(source) ?
	    &m->records : source_is_fact(source) ? &m->facts :
	    source == SOURCE_ARTIFACT ? &m->artifacts : &m->contents;
}

bool
indexed_has(enum source source, enum field_kind kind)
{
	switch (kind) {
	case FIELD_SESSION: case FIELD_ROLE: case FIELD_TYPE:
	case FIELD_AGENT: case FIELD_TAG: case FIELD_AUTHOR: case FIELD_KB:
	case FIELD_LEVEL:
		return true;
	case FIELD_MEDIA: case FIELD_PATH:
		return source == SOURCE_DOCUMENT;
	case FIELD_STATUS:
		return source != SOURCE_ARTIFACT;
	default:
		return false;
	}
}

void
indexed_value(struct buf *b, const char *s, size_t len, bool *whole)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */
	size_t at = b->len, i, n = len < VALUE_MAX ? len : VALUE_MAX;

	*whole = len <= VALUE_MAX;
	buf_add(b, s, len);
	str_lower(b->p + at);
	for (i = 0; i < len && !*whole; i++)
		h = (h ^ (unsigned char)b->p[at + i]) *
		    UINT64_C(1099511628211);
	buf_cut(b, at + n);
	if (!*whole)
		buf_addf(b, "~%016" PRIx64, h);
}

/* --- open -------------------------------------------------------------- */

static void
init(struct indexed *x, struct store *st, enum source source)
{
	memset(x, 0, sizeof *x);
	x->st = st;
	x->source = source;
}

void
indexed_set_parts(struct indexed *x)
{
	size_t i;

	x->after = *indexed_mark(&x->x.m, x->source);
	x->turned = x->x.m.tombstones;
	x->part = xcalloc(x->x.m.n + 1, sizeof *x->part);
	for (i = 0; i < x->x.m.n; i++)
		x->part[i].s = x->x.s[i];
}

int
indexed_open(struct indexed *x, struct store *st, enum source source,
    struct err *e)
{
	char *dir;
	int r;

	init(x, st, source);
	if (language_configured(st, &x->language, e) < 0 ||
	    indexed_seal(st, source, &x->key, e) < 0)
		return -1;
	dir = indexed_dir(st, source);
	r = index_open(&x->x, dir, &x->key, e);
	free(dir);
	if (r != 1)
		return r;
	if (!manifest_serves(&x->x.m, x->language)) {
		err_set(e, ERR_VERSION, "it is for texts in %s, and "
		    "index.language is %s now; mem-index makes it anew",
		    x->x.m.language, x->language->name);
		indexed_close(x);
		return -1;
	}
	indexed_set_parts(x);
	return 1;
}

int
indexed_open_as(struct indexed *x, struct store *st, enum source source,
    struct manifest *m, struct err *e)
{
	char *dir = indexed_dir(st, source);
	int r;

	init(x, st, source);
	x->x.m = *m;
	x->x.key = &x->key;
	r = indexed_seal(st, source, &x->key, e);
	if (r >= 0)
		r = index_open_segments(&x->x, dir, e);
	free(dir);
	if (r == 1)
		indexed_set_parts(x);
	else if (r == 0)	/* nobody else takes segments away now */
		e->code = ERR_INDEX;
	return r == 1 ? 0 : -1;
}

void
indexed_close(struct indexed *x)
{
	indexed_open_again(x);
	indexed_drop_vectors(x);
	free(x->part);
	index_close(&x->x);
	mem_wipe(x, sizeof *x);
}

int64_t
indexed_live(const struct indexed *x)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < x->x.m.n; i++)
		n += x->x.m.segment[i].docs - x->x.m.segment[i].ndead;
	return n;
}

void
indexed_kill(struct indexed *x, size_t part, uint32_t doc)
{
	struct manifest_segment *s = &x->x.m.segment[part];

	if (!manifest_kill(s, doc) || x->fresh == NULL)
		return;
	if (x->fresh[part] == NULL)
		x->fresh[part] = xcalloc(s->docs / 64 + 1, sizeof(uint64_t));
	x->fresh[part][doc / 64] |= UINT64_C(1) << (doc % 64);
}

/* A key is dead in whichever segment has it. */
int
indexed_kill_key(struct indexed *x, const struct buf *key, struct err *e)
{
	uint32_t doc;
	size_t i;
	int r;

	for (i = 0; i < x->x.m.n; i++) {
		r = segment_find_key(x->x.s[i], key->p, key->len, &doc, e);
		if (r < 0)
			return -1;
		if (r == 1)
			indexed_kill(x, i, doc);
	}
	return 0;
}

static int
kill_session(struct indexed *x, int64_t session, struct err *e)
{
	int64_t v;
	uint32_t d;
	size_t i;

	for (i = 0; i < x->x.m.n; i++)
		for (d = 0; d < x->x.m.segment[i].docs; d++) {
			if (segment_value(x->x.s[i], INDEXED_SESSION, d, &v,
			    e) < 0)
				return -1;
			if (v == session)
				indexed_kill(x, i, d);
		}
	return 0;
}

int
indexed_each_of(struct indexed *x, const char *value, size_t len,
    int (*fn)(struct indexed *, size_t, uint32_t, struct err *),
    struct err *e)
{
	struct segment_term t;
	struct segment_list l;
	uint32_t block, k;
	size_t i;
	int r = 0;

	for (i = 0; i < x->x.m.n && r >= 0; i++) {
		r = segment_term(x->x.s[i], INDEXED_OF, value, len, &t, e);
		if (r != 1)
			continue;
		segment_list(x->x.s[i], &t, &l);
		for (block = 0; block < l.blocks && r >= 0; block++) {
			r = segment_list_load(&l, block, e);
			for (k = 0; r == 0 && k < l.n; k++)
				r = fn(x, i, l.doc[k], e);
		}
		segment_list_release(&l);
	}
	return r < 0 ? -1 : 0;
}

static int
kill_one(struct indexed *x, size_t part, uint32_t doc, struct err *e)
{
	(void)e;
	indexed_kill(x, part, doc);
	return 0;
}

/* What was indexed of a node. */
static int
kill_of(struct indexed *x, int64_t row, struct err *e)
{
	char key[8];

	indexed_row(key, row);
	return indexed_each_of(x, key, sizeof key, kill_one, e);
}

/* A row of the tombstones: its target and id. */
static int
kill_forgotten(struct indexed *x, int64_t target, const char *id,
    int64_t ref, struct err *e)
{
	struct buf key = BUF_INIT, kb = BUF_INIT;
	uint8_t ulid[ULID_BYTES];
	char event[ULID_LEN + 1];
	const char *slash;
	int r = 0;

	if (source_is_contents(x->source))	/* nodes were touched */
		return 0;
	if (target == 2)
		return kill_session(x, ref, e);
	/* of one that lost a secret a number may follow */
	if (target == 6 && x->source == SOURCE_EVENT && strlen(id) >=
	    ULID_LEN) {
		memcpy(event, id, ULID_LEN);
		event[ULID_LEN] = '\0';
		id = event;
	}
	if ((target == 1 || target == 6) && ulid_parse(id, ulid)) {
		indexed_key(&key, SOURCE_EVENT, NULL, id);
		r = indexed_kill_key(x, &key, e);
	} else if ((target == 3 || target == 6) && (slash = strchr(id, '/')) !=
	    NULL) {
		buf_add(&kb, id, (size_t)(slash - id));
		indexed_key(&key, x->source, kb.p, slash + 1);
		r = indexed_kill_key(x, &key, e);
		if (r == 0 && x->source == SOURCE_DOCUMENT)
			r = kill_of(x, doc_document(kb.p, slash + 1,
			    strlen(slash + 1)), e);
	}
	buf_release(&key);
	buf_release(&kb);
	return r;
}

static int
view_forgotten(struct indexed *x, struct err *e)
{
	struct newest newest;
	struct db_query *q;
	int r;

	if (newest_rows(x->st, &newest, e) < 0)
		return -1;
	if (newest.tombstone <= x->x.m.tombstones)
		return 0;
	q = db_sql(x->st->db, e, "SELECT target, id, ref, seq FROM tombstone "
	    "WHERE seq > :after AND user = :user ORDER BY seq");
	if (q == NULL)
		return -1;
	db_int(q, ":after", x->x.m.tombstones);
	db_int(q, ":user", source_is_rows(x->source) ? 0 : x->st->user_id);
	while ((r = db_row(q, e)) == 1) {
		x->x.m.tombstones = db_get_int(q, 3);
		if (kill_forgotten(x, db_get_int(q, 0), db_get_text(q, 1),
		    db_get_int(q, 2), e) < 0) {
			r = -1;
			break;
		}
	}
	db_end(q);
	return r;
}

/* Records of which there is a newer version. */
static int
view_replaced(struct indexed *x, struct err *e)
{
	struct buf key = BUF_INIT;
	struct newest newest;
	struct db_query *q;
	int r;

	if (newest_rows(x->st, &newest, e) < 0)
		return -1;
	if (newest.record <= x->after)
		return 0;
	q = db_sql(x->st->db, e, "SELECT k.name, r.id FROM record r JOIN kb k "
	    "ON k.id = r.kb WHERE r.seq > :after AND r.version > 1");
	if (q == NULL)
		return -1;
	db_int(q, ":after", x->after);
	while ((r = db_row(q, e)) == 1) {
		indexed_key(&key, SOURCE_KB, db_get_text(q, 0),
		    db_get_text(q, 1));
		if (indexed_kill_key(x, &key, e) < 0) {
			r = -1;
			break;
		}
	}
	db_end(q);
	buf_release(&key);
	return r;
}

/* Nodes that say or show something else now, or nothing. */
static int
view_touched(struct indexed *x, struct err *e)
{
	struct db_query *q;
	int64_t newest;
	int r;

	if (toc_touched(x->st, &newest, e) < 0)
		return -1;
	if (newest <= x->after)
		return 0;
	q = db_sql(x->st->db, e, "SELECT id FROM toc_node WHERE user = :user "
	    "AND touched > :after");
	if (q == NULL)
		return -1;
	db_int(q, ":user", x->st->user_id);
	db_int(q, ":after", x->after);
	while ((r = db_row(q, e)) == 1)
		if ((r = kill_of(x, db_get_int(q, 0), e)) < 0)
			break;
	db_end(q);
	return r;
}

int
indexed_view(struct indexed *x, struct err *e)
{
	size_t i;
	int r;

	if (source_is_fact(x->source))
		r = indexed_view_facts(x, e);
	else if (x->source == SOURCE_ARTIFACT)
		r = indexed_view_artifacts(x, e);
	else if ((r = view_forgotten(x, e)) == 0 &&
	    source_is_rows(x->source))
		r = view_replaced(x, e);
	else if (r == 0 && source_is_contents(x->source))
		r = view_touched(x, e);
	if (r < 0)
		return -1;
	indexed_open_again(x);
	for (i = 0; i < x->x.m.n; i++) {
		x->part[i].dead = x->x.m.segment[i].dead;
		if (x->vector != NULL)
			x->vector[i].dead = x->x.m.segment[i].dead;
	}
	return 0;
}
