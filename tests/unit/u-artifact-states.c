/*
 * The states of artifacts against a model: two processes, as far as locks and
 * the database tell, put, delete, verify, seal anew and reconcile over a
 * provider that is kept in memory.  It fails before or after it did what it
 * was asked, or in the middle of it, lies, takes its time, loses objects; the database fails at some
 * write; a process dies (nothing that it does counts any more); and while one
 * waits for the provider the other goes on.
 *
 * At any time: what is stored has its bytes, each object is known to a row that
 * needs it or to the journal, what was told of a put holds, and nothing leads
 * back from deleted.  After a reconcile that nobody disturbs: nothing is on its
 * way, the journal is empty, objects and rows are each other's, what was told
 * reads as it was put, and a second one does nothing.
 *
 * Over some seeds, or as many as ARTIFACT_SEEDS says; ARTIFACT_SEED is the
 * first.
 */
#include "tap.h"
#include "temp-store.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_put.h"
#include "artifact/artifact_read.h"
#include "artifact/artifact_reconcile.h"
#include "artifact/artifact_rekey.h"
#include "artifact/artifacts.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "store/keyring.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 600
#define OPS 12
#define CONTENTS 6
#define OBJECTS 512
#define KNOWN 512

static struct err e;
static uint64_t seed, state;
static bool broken;		/* this seed found something */

static uint64_t
rnd(uint64_t n)
{
	state += 0x9e3779b97f4a7c15u;	/* splitmix64 */
	uint64_t z = state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % n;
}

static void
wrong(const char *what, const char *of)
{
	if (!broken)
		printf("# seed %" PRIu64 ": %s: %s\n", seed, what, of);
	broken = true;
}

/* --- the provider ------------------------------------------------------ */

struct object {
	char key[160];
	uint8_t sum[HASH_LEN];
	struct buf bytes;
	enum blob_where where;
	int wait;			/* asked so often, it is decided */
	bool fails;			/* then */
	bool lost;
};

static struct object objects[OBJECTS];
static size_t n_objects;

struct proc {
	struct store *st;
	struct artifacts ar;
	int left;			/* until it dies; -1: it does not */
	bool dead;
};

static struct proc procs[2];
static int trouble;		/* one in so many goes wrong; 0: none */
static bool nested;
static int64_t deaths, nestings, done_ops, cuts, faults;

static void	any_op(struct proc *);

static struct object *
find(const char *key)
{
	size_t i;

	for (i = 0; i < n_objects; i++)
		if (strcmp(objects[i].key, key) == 0)
			return &objects[i];
	return NULL;
}

static void
drop_object(struct object *o)
{
	buf_release(&o->bytes);
	*o = objects[--n_objects];
}

static void
die(struct proc *p)
{
	struct err ignored;

	p->dead = true;
	deaths++;
	/* from now on it changes nothing */
	db_script(p->st->db, "PRAGMA query_only = 1", &ignored);
}

/* Between any two steps: it dies, or the other one does something. */
static void
moment(struct proc *p)
{
	if (p->dead)
		return;
	if (p->left > 0 && --p->left == 0) {
		die(p);
		return;
	}
	if (nested || trouble == 0 || tx_active(p->st->db) || rnd(4) > 0)
		return;
	nested = true;
	nestings++;
	any_op(&procs[p == procs]);
	nested = false;
}

static bool
goes_wrong(struct proc *p)
{
	bool wrong = p->dead || (trouble > 0 && rnd((uint64_t)trouble) == 0);

	faults += wrong && !p->dead;
	return wrong;
}

static int
refuse(struct blob *b)
{
	b->r = -1;
	return err_set(&b->err, ERR_NET, "the line broke");
}

static void
take(struct object *o, const struct blob *b)
{
	char piece[4096];
	size_t n;
	FILE *f;

	if (b->mem != NULL || b->size == 0) {
		buf_add(&o->bytes, b->mem, (size_t)b->size);
	} else if ((f = fopen(b->path, "rb")) != NULL) {
		while ((n = fread(piece, 1, sizeof piece, f)) > 0)
			buf_add(&o->bytes, piece, n);
		fclose(f);
	}
	hash_mem(o->bytes.p, o->bytes.len, o->sum);
	if (o->bytes.len != b->size || memcmp(o->sum, b->sha256, HASH_LEN) != 0)
		wrong("what is put is not what it is said to be", b->key);
}

static void
put_one(struct proc *p, struct blob *b)
{
	bool eventual = p->ar.conf.active == ARTIFACT_FILECOIN;
	struct object *o;

	b->r = 0;
	b->where = BLOB_ABSENT;
	if (goes_wrong(p)) {
		refuse(b);
		return;
	}
	if (!artifact_key_good(b->key) || n_objects == OBJECTS)
		wrong("a key that is none, or too many", b->key);
	if ((o = find(b->key)) != NULL && !o->lost) {
		if (memcmp(o->sum, b->sha256, HASH_LEN) != 0) {
			b->r = err_set(&b->err, ERR_EXISTS, "another one");
			return;
		}
		b->where = o->where;
		return;
	}
	if (o != NULL)
		drop_object(o);
	o = &objects[n_objects++];
	memset(o, 0, sizeof *o);
	buf_init(&o->bytes);
	snprintf(o->key, sizeof o->key, "%s", b->key);
	take(o, b);
	o->where = eventual ? BLOB_PENDING : BLOB_THERE;
	o->wait = (int)rnd(4);
	o->fails = rnd(3) == 0;
	if (goes_wrong(p)) {
		if (rnd(4) == 0)
			return;		/* says that it has nothing */
		refuse(b);
		/* not what the contract has; what has a CID cannot be so */
		if (rnd(3) > 0 || o->bytes.len == 0 || eventual)
			return;
		o->bytes.p[0] ^= 1;
		hash_mem(o->bytes.p, o->bytes.len, o->sum);
		return;
	}
	b->where = o->where;
}

static int
fake_put(void *arg, struct blob *v, size_t n, struct err *err)
{
	struct proc *p = arg;
	size_t i;

	moment(p);
	if (goes_wrong(p))
		return err_set(err, ERR_NET, "no connection");
	for (i = 0; i < n; i++) {
		put_one(p, &v[i]);
		moment(p);
	}
	return goes_wrong(p) ? err_set(err, ERR_NET, "it went away") : 0;
}

static int
fake_head(void *arg, struct blob *v, size_t n, struct err *err)
{
	struct proc *p = arg;
	struct object *o;
	size_t i;

	moment(p);
	if (goes_wrong(p))
		return err_set(err, ERR_NET, "no connection");
	for (i = 0; i < n; i++) {
		v[i].r = 0;
		v[i].where = BLOB_ABSENT;
		v[i].has_sum = false;
		if (goes_wrong(p))
			refuse(&v[i]);
		else if ((o = find(v[i].key)) != NULL && !o->lost) {
			if (o->where == BLOB_PENDING && o->wait-- <= 0)
				o->where = o->fails ? BLOB_FAILED : BLOB_THERE;
			v[i].where = o->where;
			v[i].size = o->bytes.len;
			if ((v[i].has_sum = rnd(2) == 0))
				memcpy(v[i].sha256, o->sum, HASH_LEN);
		}
	}
	moment(p);
	return 0;
}

static int
fake_drop(void *arg, struct blob *v, size_t n, struct err *err)
{
	struct proc *p = arg;
	struct object *o;
	size_t i;

	moment(p);
	if (goes_wrong(p))
		return err_set(err, ERR_NET, "no connection");
	for (i = 0; i < n; i++) {
		v[i].r = 0;
		v[i].where = BLOB_ABSENT;
		if (goes_wrong(p)) {
			refuse(&v[i]);
			continue;
		}
		if ((o = find(v[i].key)) != NULL)
			drop_object(o);
		if (goes_wrong(p))
			refuse(&v[i]);
	}
	moment(p);
	return 0;
}

static int
fake_get(void *arg, const struct blob *b, uint64_t from, uint64_t len,
    blob_sink *sink, void *to, struct err *err)
{
	struct proc *p = arg;
	struct object *o;

	moment(p);
	if (goes_wrong(p))
		return err_set(err, ERR_NET, "no connection");
	if ((o = find(b->key)) == NULL || o->lost || o->where != BLOB_THERE)
		return err_set(err, ERR_ABSENT, "no such object");
	if (from > o->bytes.len || len > o->bytes.len - from)
		return err_set(err, ERR_CORRUPT, "it ends too early");
	return sink(to, o->bytes.p + from, len > 0 ? (size_t)len :
	    o->bytes.len - (size_t)from, err);
}

static int
fake_list(void *arg, const char *prefix, blob_found *found, void *to,
    struct err *err)
{
	size_t i;
	int r = 0;

	(void)arg;
	for (i = 0; r == 0 && i < n_objects; i++)
		if (!objects[i].lost && strncmp(objects[i].key, prefix,
		    strlen(prefix)) == 0)
			r = found(to, objects[i].key, objects[i].bytes.len, 0,
			    err);
	return r;
}

static int
fake_check(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return 0;
}

static void
fake_close(void *arg)
{
	(void)arg;
}

static const struct blob_kind fake = { fake_check, fake_put, fake_head,
    fake_drop, fake_get, fake_list, fake_close };

/* --- the model --------------------------------------------------------- */

struct known {
	uint8_t id[ULID_BYTES];
	int64_t seq;
	int content;
	enum artifact_state told;	/* of its put */
	bool tried, deleted;		/* somebody began to; it was told */
	bool lost;			/* its bytes were, once */
	bool there;			/* it was available, once */
};

static struct known known[KNOWN];
static size_t n_known;
static struct buf contents[CONTENTS];

static struct known *
known_id(const uint8_t id[ULID_BYTES])
{
	size_t i;

	for (i = 0; i < n_known; i++)
		if (memcmp(known[i].id, id, ULID_BYTES) == 0)
			return &known[i];
	return NULL;
}

static bool
may_be(const struct known *k, const struct artifact *a)
{
	bool eventual = a->provider == ARTIFACT_FILECOIN;

	switch (a->state) {
	case ARTIFACT_STORED:
		return !eventual && !k->deleted;
	case ARTIFACT_AVAILABLE:
		return eventual && !k->deleted;
	case ARTIFACT_ACCEPTED:
	case ARTIFACT_FAILED:
		return eventual && !k->deleted && !k->there;
	case ARTIFACT_UNAVAILABLE:
		return k->lost && !k->deleted;
	case ARTIFACT_DELETING:
	case ARTIFACT_DELETE_FAILED:
		return k->tried && !k->deleted;
	case ARTIFACT_DELETED:
		return k->tried;
	default:
		return false;
	}
}

/* Of each row: its bytes, and what was told. */
static int
check_row(void *arg, struct artifact *a, struct err *err)
{
	struct known *k = known_id(a->id);
	const struct object *o;
	char id[ULID_LEN + 1];

	(void)err;
	++*(int64_t *)arg;
	ulid_from_bytes(id, a->id);
	if (k != NULL && !may_be(k, a))
		wrong(artifact_states[a->state], "was told otherwise");
	if (a->state != ARTIFACT_STORED && a->state != ARTIFACT_AVAILABLE)
		return 0;
	if (k != NULL && a->state == ARTIFACT_AVAILABLE)
		k->there = true;
	o = find(a->object);
	if (o == NULL)
		wrong("stored, and not there", id);
	else if (!o->lost && (o->where != BLOB_THERE ||
	    memcmp(o->sum, a->sum, HASH_LEN) != 0))
		wrong("stored, and other bytes", id);
	return 0;
}

static int64_t
number(struct db_query *q)
{
	int64_t n = -1;

	db_row(q, &e);
	n = db_get_int(q, 0);
	db_end(q);
	return n;
}

static void
check_always(void)
{
	struct store *st = procs[0].st;
	struct artifact a;
	struct db_query *q;
	int64_t rows = 0;
	size_t i;

	for (i = 0; i < n_objects && !broken; i++) {
		q = db_sql(st->db, &e, "SELECT EXISTS (SELECT 1 FROM artifact "
		    "WHERE object = :key AND state NOT IN (6, 8)) OR EXISTS "
		    "(SELECT 1 FROM artifact_byte WHERE object = :key)");
		db_text(q, ":key", objects[i].key);
		if (number(q) != 1)
			wrong("bytes that nobody knows of", objects[i].key);
	}
	artifact_each_open(st, true, 0, 4096, check_row, &rows, &e);
	for (i = 0; i < n_known && !broken; i++) {
		if (artifact_row_id(st, known[i].id, &a, &e) != 1) {
			wrong("a row that was told of", "is not there");
			return;
		}
		if (!may_be(&known[i], &a))
			wrong("it was told otherwise, and is",
			    artifact_states[a.state]);
		artifact_release(&a);
	}
}

static int
add_bytes(void *b, const void *p, size_t n, struct err *err)
{
	(void)err;
	buf_add(b, p, n);
	return 0;
}

static void
check_reads(const struct known *k)
{
	struct artifacts *ar = &procs[0].ar;
	const struct object *o;
	struct buf got = BUF_INIT;
	struct artifact a;

	if (artifact_row_id(ar->st, k->id, &a, &e) != 1)
		return;
	o = a.object != NULL ? find(a.object) : NULL;
	if ((a.state == ARTIFACT_STORED || a.state == ARTIFACT_AVAILABLE) &&
	    o != NULL && !o->lost && (artifact_read(ar, &a, 0, 0, add_bytes,
	    &got, &e) < 0 || got.len != contents[k->content].len ||
	    memcmp(got.p, contents[k->content].p, got.len) != 0))
		wrong("it reads otherwise", e.msg);
	buf_release(&got);
	artifact_release(&a);
}

/* --- operations -------------------------------------------------------- */

static int
put_told(void *arg, const char *given, const struct artifact *a,
    const struct err *why, struct err *err)
{
	struct proc *p = arg;
	struct known *k;

	(void)err;
	moment(p);
	if (why != NULL && trouble == 0)
		wrong("a put that nobody disturbs", why->msg);
	/* what one says who is dead nobody hears */
	if (p->dead || why != NULL || n_known == KNOWN)
		return 0;
	k = &known[n_known++];
	memset(k, 0, sizeof *k);
	memcpy(k->id, a->id, sizeof k->id);
	k->seq = a->seq;
	k->content = given[1] - '0';
	k->told = a->state;
	if (find(a->object) != NULL && find(a->object)->lost)
		wrong("told that it is stored", "its twin's bytes are lost");
	return 0;
}

static void
op_put(struct proc *p)
{
	struct artifact_input in = { .is_public = true };
	struct artifact_put *put = NULL;
	char path[4] = "c0";
	uint64_t n = 1 + rnd(4);
	int r = artifact_put_new(&put, &p->ar, false, put_told, p, &e);

	for (; r == 0 && n > 0; n--) {
		path[1] = (char)('0' + rnd(CONTENTS));
		in.path = path;
		r = artifact_put_add(put, &in, path, &e);
	}
	if (r == 0)
		artifact_put_end(put, &e);
	artifact_put_free(put);
}

static bool
one_known(struct proc *p, struct artifact *a, struct known **k)
{
	if (n_known == 0)
		return false;
	*k = &known[rnd(n_known)];
	return artifact_row_id(p->st, (*k)->id, a, &e) == 1;
}

static void
op_delete(struct proc *p)
{
	struct known *k;
	struct artifact a;

	if (!one_known(p, &a, &k))
		return;
	k->tried = true;
	if (artifact_drop(&p->ar, &a, &e) == 0 && !p->dead)
		k->deleted = true;
	artifact_release(&a);
}

static void
op_verify(struct proc *p)
{
	struct known *k;
	struct artifact a;
	struct err why;

	if (!one_known(p, &a, &k))
		return;
	if (artifact_verify(&p->ar, &a, &why, &e) == 0 && !p->dead && !k->lost)
		wrong("verified, and wrong", why.msg);
	artifact_release(&a);
}

static int
rekey_told(void *arg, const struct artifact *a, const char *key_id,
    const struct err *why, struct err *err)
{
	(void)a;
	(void)key_id;
	(void)why;
	(void)err;
	moment(arg);
	return 0;
}

static void
op_rekey(struct proc *p)
{
	struct rekey_how how = { .clear = rnd(2) == 0,
	    .limit = (int64_t)rnd(4), .told = rekey_told, .arg = p };
	struct rekey_sums sums;
	int i;

	/* one who waits for its provider is not there for a time */
	if (p->ar.conf.active != ARTIFACT_S3 || !p->ar.conf.codec)
		return;
	for (i = 0; i < 2 && rnd(2) == 0; i++) {
		free(procs[i].ar.conf.active_key);
		procs[i].ar.conf.active_key = xstrdup(rnd(2) == 0 ? "k1" :
		    "k2");
	}
	artifact_rekey(&p->ar, &how, &sums, &e);
}

static int
reconcile_told(void *arg, const struct reconciled *x, struct err *err)
{
	(void)err;
	if (x->what == RECONCILED_UNKNOWN && trouble == 0)
		wrong("unknown", x->object);
	if (x->what == RECONCILED_FOREIGN)
		wrong("foreign", x->object);
	moment(arg);
	return 0;
}

static void
op_reconcile(struct proc *p)
{
	struct reconcile_how how = { .dry_run = rnd(5) == 0,
	    .scan = rnd(3) == 0, .limit = (int64_t)rnd(8),
	    .told = reconcile_told, .arg = p };
	struct reconcile_sums sums;

	artifact_reconcile(&p->ar, &how, &sums, &e);
}

/* Somebody removed, or brought back, an object. */
static void
op_lose(void)
{
	struct db_query *q;
	struct object *o;
	struct artifact a;
	size_t i;

	if (n_objects == 0)
		return;
	o = &objects[rnd(n_objects)];
	o->lost = !o->lost;
	for (i = 0; o->lost && i < n_known; i++) {
		if (artifact_row_id(procs[0].st, known[i].id, &a, &e) != 1)
			continue;
		q = db_sql(procs[0].st->db, &e, "SELECT :one = :other OR "
		    "EXISTS (SELECT 1 FROM artifact_byte "
		    "WHERE object = :one AND artifact = :seq)");
		db_text(q, ":one", o->key);
		db_text(q, ":other", a.object);
		db_int(q, ":seq", a.seq);
		known[i].lost |= number(q) == 1;
		artifact_release(&a);
	}
}

static void
any_op(struct proc *p)
{
	done_ops++;
	switch (rnd(nested ? 9 : 10)) {
	case 0: case 1: case 2:
		op_put(p);
		break;
	case 3:
		op_delete(p);
		break;
	case 4:
		op_verify(p);
		break;
	case 5: case 6:
		op_rekey(p);
		break;
	case 7: case 8:
		op_reconcile(p);
		break;
	default:
		op_lose();
	}
}

/* Now and then the database fails from its n-th write on, until the end of the
 * operation. */
static void
cut_at(struct proc *p, int64_t n)
{
	struct db_query *q = db_sql(p->st->db, &e, "UPDATE temp.cut SET n = :n");

	db_int(q, ":n", n);
	db_run(q, &e);
}

static void
step(struct proc *p)
{
	bool cut = rnd(6) == 0;

	p->left = rnd(3) == 0 ? 1 + (int)rnd(12) : -1;
	if (cut) {
		cuts++;
		cut_at(p, 1 + (int64_t)rnd(12));
	}
	any_op(p);
	p->left = -1;
	if (p->dead) {
		p->dead = false;
		artifact_lock_close(&p->ar.lock);
		db_script(p->st->db, "PRAGMA query_only = 0", &e);
	}
	if (tx_active(p->st->db))
		wrong("a transaction", "is left open");
	if (cut)
		cut_at(p, INT64_MAX);
}

/* --- a sequence -------------------------------------------------------- */

static int64_t
reconcile_all(struct proc *p, struct reconcile_sums *s)
{
	struct reconcile_how how = { .scan = true, .told = reconcile_told,
	    .arg = p };

	if (artifact_reconcile(&p->ar, &how, s, &e) < 0)
		wrong("reconcile", e.msg);
	return s->settled + s->waits + s->busy + s->dropped + s->trouble;
}

static void
check_settled(struct proc *p)
{
	struct reconcile_sums s;
	size_t i;
	int tries;

	trouble = 0;
	op_put(p);
	for (tries = 0; tries < 8 && reconcile_all(p, &s) > 0; tries++)
		if (s.busy > 0 || s.trouble > 0)
			wrong("reconcile", "is in trouble, and nobody is there");
	if (tries == 8)
		wrong("reconcile", "comes to no end");
	if (temp_count(p->st, "SELECT count(*) FROM artifact "
	    "WHERE state IN (1, 2, 5, 7)") != 0)
		wrong("a row", "is on its way still");
	if (temp_count(p->st, "SELECT count(*) FROM artifact_byte") != 0)
		wrong("the journal", "is not empty");
	check_always();
	for (i = 0; i < n_known && !broken; i++)
		check_reads(&known[i]);
}

static void
begin(struct proc *p)
{
	int i;

	for (i = 0; i < ARTIFACT_PROVIDERS; i++)
		p->ar.conf.known[i] = i == ARTIFACT_LOCAL + (int)(seed % 3);
	p->ar.conf.active = (enum artifact_provider)(ARTIFACT_LOCAL +
	    seed % 3);
	p->ar.conf.codec = seed / 3 % 2 == 1;
	free(p->ar.conf.active_key);
	p->ar.conf.active_key = xstrdup("k1");
}

static void
sequence(void)
{
	int i;

	state = seed * 0x2545f4914f6cdd1du + 1;
	while (n_objects > 0)
		drop_object(&objects[0]);
	n_known = 0;
	if (tx_begin(procs[0].st->db, &e) < 0 || tx_end(procs[0].st->db,
	    db_script(procs[0].st->db, "DELETE FROM artifact; "
	    "DELETE FROM artifact_byte; DELETE FROM change; "
	    "DELETE FROM audit", &e), &e) < 0)
		wrong("cannot begin", e.msg);
	begin(&procs[0]);
	begin(&procs[1]);
	trouble = 4 + (int)rnd(30);
	for (i = 0; i < OPS && !broken; i++) {
		step(&procs[rnd(2)]);
		check_always();
	}
	check_settled(&procs[rnd(2)]);
}

static void
set_up(struct proc *p)
{
	int i;

	p->st = temp_open("s", "ann", STORE_WRITE);
	if (artifacts_open(&p->ar, p->st, &e) < 0 ||
	    db_script(p->st->db, "PRAGMA synchronous = OFF;"
	    "CREATE TEMP TABLE cut (n INTEGER);"
	    "INSERT INTO cut VALUES (9223372036854775807);"
	    "CREATE TEMP TRIGGER a BEFORE INSERT ON main.artifact BEGIN "
	    "UPDATE cut SET n = n - 1; "
	    "SELECT RAISE(ABORT, 'cut') FROM temp.cut WHERE n < 1; END;"
	    "CREATE TEMP TRIGGER b BEFORE UPDATE ON main.artifact BEGIN "
	    "UPDATE cut SET n = n - 1; "
	    "SELECT RAISE(ABORT, 'cut') FROM temp.cut WHERE n < 1; END;"
	    "CREATE TEMP TRIGGER c BEFORE INSERT ON main.artifact_byte BEGIN "
	    "UPDATE cut SET n = n - 1; "
	    "SELECT RAISE(ABORT, 'cut') FROM temp.cut WHERE n < 1; END;"
	    "CREATE TEMP TRIGGER d BEFORE DELETE ON main.artifact_byte BEGIN "
	    "UPDATE cut SET n = n - 1; "
	    "SELECT RAISE(ABORT, 'cut') FROM temp.cut WHERE n < 1; END;", &e)
	    < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	for (i = ARTIFACT_LOCAL; i < ARTIFACT_PROVIDERS; i++)
		p->ar.of[i] = (struct blob_provider){ &fake, p };
}

static void
write_file(const char *path, const char *mode, const void *p, size_t n)
{
	FILE *f = fopen(path, mode);

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		exit(2);
}

static void
prepare(void)
{
	static const char conf[] = "[artifact]\n\tmode = managed_blob\n"
	    "\tprovider = local_fs\n\tlegacy = s3,filecoin\n"
	    "[artifact \"s3\"]\n\turl = s3://b\n"
	    "[artifact \"ipfs\"]\n\tapi = http://127.0.0.1:1\n";
	struct store *st = temp_open("s", "ann", STORE_WRITE);
	char id[8] = "k1", name[4] = "c0";
	size_t i;

	keyring_new(st, id, &e);
	snprintf(id, sizeof id, "k2");
	keyring_new(st, id, &e);
	store_close(st);
	write_file("s/config", "ab", conf, sizeof conf - 1);
	for (i = 0; i < CONTENTS; i++) {
		name[1] = (char)('0' + i);
		buf_init(&contents[i]);
		buf_addf(&contents[i], "%.*s", (int)(i * 7),
		    "what is in it, and is not short, the other ones less so");
		write_file(name, "wb", contents[i].p, contents[i].len);
	}
	set_up(&procs[0]);
	set_up(&procs[1]);
}

static uint64_t
from_env(const char *name, uint64_t dflt)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? strtoull(s, NULL, 10) : dflt;
}

int
main(void)
{
	uint64_t seeds = from_env("ARTIFACT_SEEDS", SEEDS), bad = 0;
	uint64_t first = from_env("ARTIFACT_SEED", 1);
	size_t i;

	temp_begin();
	prepare();
	for (seed = first; seed < first + seeds && bad < 5; seed++) {
		broken = false;
		sequence();
		bad += broken;
	}
	is_int((int64_t)bad, 0, "each sequence of each seed is as the model "
	    "has it");
	printf("# %" PRIu64 " sequences from seed %" PRIu64 ": %" PRId64
	    " operations, %" PRId64 " within others, %" PRId64 " deaths, %"
	    PRId64 " faults, %" PRId64 " times the database\n", seed - first,
	    first, done_ops, nestings, deaths, faults, cuts);
	while (n_objects > 0)
		drop_object(&objects[0]);
	for (i = 0; i < CONTENTS; i++)
		buf_release(&contents[i]);
	for (i = 0; i < 2; i++) {
		artifacts_close(&procs[i].ar);
		store_close(procs[i].st);
	}
	return temp_end() | done();
}
