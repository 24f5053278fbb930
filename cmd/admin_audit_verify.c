/*
 * mem-admin audit verify: the chain of the audit log, rows that were rotated
 * away in front of it, and what checkpoints say that were kept elsewhere.
 */
#include "cmd/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/audit_chain.h"
#include "store/audit_key.h"
#include "store/audit_point.h"
#include "store/audit_rotate.h"
#include "store/db.h"

struct held {
	struct audit_point p;	/* own */
	int64_t line;
	enum { RIGHT, WRONG, NO_KEY } signature;
};

struct verify {
	struct admin_run *run;
	struct admin_log log;
	struct audit_public *keys;	/* own */
	size_t nkeys, keys_cap;
	struct held *v;			/* own; by seq */
	size_t n, cap;
	struct audit_mark *marks;	/* own; one for each of v */
	struct audit_chain chain;
	uint8_t want[HASH_LEN];		/* of --hash */
	bool seen;
};

/* --- files ------------------------------------------------------------- */

/* Each line of a file that is not empty. */
static int
each_line(const char *path, int (*fn)(struct verify *, const char *, size_t,
    int64_t, struct err *), struct verify *v, struct err *e)
{
	enum jsonl_got got = JSONL_EOF;
	struct jsonl in;
	size_t n;
	char *p;
	int fd, r = 0;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", path);
	jsonl_init(&in, fd, path);
	in.max = AUDIT_POINT_MAX;
	while (r == 0 && (got = jsonl_next(&in, -1, &p, &n, NULL, e)) !=
	    JSONL_EOF) {
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			r = err_set(e, ERR_INPUT, "it is too long");
		else if (n > 0)
			r = fn(v, p, n, in.line_no, e);
	}
	if (r < 0 && got != JSONL_FAIL)
		err_add(e, "'%s' line %" PRId64, path, in.line_no);
	jsonl_release(&in);
	close(fd);
	return r;
}

static int
add_key(struct verify *v, const char *p, size_t n, int64_t line,
    struct err *e)
{
	(void)line;
	v->keys = xgrow(v->keys, v->nkeys, &v->keys_cap, sizeof *v->keys);
	if (audit_public_read(&v->keys[v->nkeys], p, n, e) < 0)
		return -1;
	v->nkeys++;
	return 0;
}

/* Those of other logs may be in the same file. */
static int
add_point(struct verify *v, const char *p, size_t n, int64_t line,
    struct err *e)
{
	struct held *h;

	v->v = xgrow(v->v, v->n, &v->cap, sizeof *v->v);
	h = &v->v[v->n];
	if (audit_point_read(&h->p, p, n, e) < 0)
		return -1;
	h->line = line;
	if (strcmp(h->p.store_id, v->log.st->id) == 0 &&
	    strcmp(h->p.tenant, v->log.tenant) == 0)
		v->n++;
	else
		audit_point_release(&h->p);
	return 0;
}

/* --- checkpoints ------------------------------------------------------- */

/* The store's own, if none was given. */
static int
own_key(struct verify *v, struct err *e)
{
	uint8_t secret[SIGN_KEY];
	int r;

	v->keys = xgrow(v->keys, 0, &v->keys_cap, sizeof *v->keys);
	if ((r = audit_key_read(v->log.st, secret, e)) == 0 &&
	    (r = audit_public_of(secret, v->keys, e)) == 0)
		v->nkeys = 1;
	mem_wipe(secret, sizeof secret);
	return r < 0 && e->code != ERR_ABSENT ? -1 : 0;
}

static int
check_signature(const struct verify *v, struct held *h, struct err *e)
{
	size_t i;
	int r;

	h->signature = NO_KEY;
	for (i = 0; i < v->nkeys; i++) {
		if (strcmp(v->keys[i].id, h->p.key_id) != 0)
			continue;
		if ((r = audit_point_signed(&h->p, &v->keys[i], e)) < 0)
			return -1;
		h->signature = r == 1 ? RIGHT : WRONG;
	}
	return 0;
}

static int
by_seq(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return x->p.seq < y->p.seq ? -1 : x->p.seq > y->p.seq;
}

static int
read_points(struct verify *v, struct err *e)
{
	size_t i;

	if ((admin.public_key != NULL ? each_line(admin.public_key, add_key,
	    v, e) : own_key(v, e)) < 0 ||
	    each_line(admin.against, add_point, v, e) < 0)
		return -1;
	if (v->n > 0)
		qsort(v->v, v->n, sizeof *v->v, by_seq);
	v->marks = xcalloc(v->n + 1, sizeof *v->marks);
	for (i = 0; i < v->n; i++) {
		if (check_signature(v, &v->v[i], e) < 0)
			return -1;
		v->marks[i].seq = v->v[i].p.seq;
		memcpy(v->marks[i].hash, v->v[i].p.hash, HASH_LEN);
	}
	v->chain.marks = v->marks;
	v->chain.nmarks = v->n;
	return 0;
}

static bool
holds(const struct verify *v, size_t i)
{
	return v->v[i].signature == RIGHT && v->marks[i].found == AUDIT_THERE;
}

/* Rows in front of the first that was walked are in a file somewhere. */
static const char *
row_of(const struct verify *v, size_t i)
{
	static const char *const found[] = { "not looked at", "there",
	    "another one", "cut off" };

	if (v->marks[i].found == AUDIT_UNSEEN && v->marks[i].seq <
	    v->chain.first)
		return "rotated away";
	return found[v->marks[i].found];
}

static int
print_point(struct verify *v, size_t i, struct err *e)
{
	static const char *const signatures[] = { "right", "wrong",
	    "by another key" };
	const struct held *h = &v->v[i];

	return admin_print(v->run, json_pack("{s:s, s:o, s:I, s:I, s:I, s:s, "
	    "s:s, s:s, s:b}", "type", "audit_held", "tenant",
	    out_text(h->p.tenant), "line", (json_int_t)h->line, "seq",
	    (json_int_t)h->p.seq, "timestamp", (json_int_t)h->p.at_ms,
	    "key_id", h->p.key_id, "row", row_of(v, i), "signature",
	    signatures[h->signature], "holds", holds(v, i)), e);
}

/* --- the walk ---------------------------------------------------------- */

static int
walk_file(struct verify *v, struct err *e)
{
	int fd, r;

	if (admin.with == NULL)
		return 1;
	if ((fd = open(admin.with, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", admin.with);
	r = audit_rotated_walk(&v->chain, fd, admin.with, e);
	close(fd);
	return r;
}

static int
look_for(struct verify *v, struct err *e)
{
	int r = admin.hash == NULL ? 0 : audit_has(v->log.db, v->want, e);

	v->seen = r == 1;
	return r < 0 ? -1 : 0;
}

/* Why it is not: the first of all reasons. */
static void
add_reason(struct verify *v, bool chain, size_t held, json_t *o)
{
	char text[160];

	if (!chain) {
		audit_chain_say(&v->chain, text, sizeof text);
		json_object_set_new(o, "fault",
		    json_string(audit_faults[v->chain.fault]));
		json_object_set_new(o, "broken_at",
		    json_integer(v->chain.at));
		json_object_set_new(o, "detail", json_string(text));
	} else if (admin.hash != NULL && !v->seen)
		json_object_set_new(o, "detail", json_string("no row has the "
		    "hash that was given: the end of the log was cut off, or "
		    "it is another log"));
	else if (admin.against != NULL && v->n == 0)
		json_object_set_new(o, "detail", json_string("no checkpoint "
		    "is of this store and tenant"));
	else if (held < v->n)
		json_object_set_new(o, "detail", json_string("a checkpoint "
		    "does not hold: rows were cut off, written anew, or "
		    "rotated away (name their file with --with), or it is of "
		    "another key (name that with --public-key)"));
}

static int
report(struct verify *v, bool chain, struct err *e)
{
	char hex[HASH_HEX + 1];
	size_t i, held = 0;
	bool whole;
	json_t *o;

	for (i = 0; i < v->n; i++) {
		held += holds(v, i);
		if (print_point(v, i, e) < 0)
			return -1;
	}
	whole = chain && (admin.hash == NULL || v->seen) && held == v->n &&
	    (admin.against == NULL || v->n > 0);
	o = json_pack("{s:s, s:o, s:I, s:b}", "type", "audit_verify",
	    "tenant", out_text(v->log.tenant), "rows",
	    (json_int_t)v->chain.rows, "whole", whole);
	if (v->chain.rows > 0) {
		hex_encode(hex, v->chain.hash, HASH_LEN);
		json_object_set_new(o, "first", json_integer(v->chain.first));
		json_object_set_new(o, "last_hash", json_string(hex));
	}
	if (admin.against != NULL) {
		json_object_set_new(o, "checkpoints",
		    json_integer((json_int_t)v->n));
		json_object_set_new(o, "held", json_integer((json_int_t)held));
	}
	add_reason(v, chain, held, o);
	return admin_print(v->run, o, e) < 0 ? -1 : whole ? EXIT_YES : EXIT_NO;
}

static int
verify(struct verify *v, struct err *e)
{
	int r;

	if ((admin.against != NULL && read_points(v, e) < 0) ||
	    (r = walk_file(v, e)) < 0 ||
	    (r == 1 && (r = audit_chain_walk(&v->chain, v->log.db, e)) < 0) ||
	    /* its newest hash may be kept elsewhere */
	    db_sync(v->log.db, e) < 0 ||
	    look_for(v, e) < 0)
		return -1;
	return report(v, r == 1, e);
}

static int
verify_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct verify v = { .run = run };
	size_t i;
	int r;

	if (admin.hash != NULL && (strlen(admin.hash) != HASH_HEX ||
	    !hex_decode(v.want, admin.hash, HASH_LEN)))
		return cmd_misuse(e, "--hash wants 64 hex digits");
	audit_chain_init(&v.chain);
	/* one view: rows are written, and rotated, meanwhile */
	if ((r = admin_log_open(&v.log, where, false, e)) == 0 &&
	    (tx_active(v.log.db) || (r = tx_read(v.log.db, e)) == 0))
		r = tx_end(v.log.db, verify(&v, e), e);
	admin_log_close(&v.log);
	audit_chain_release(&v.chain);
	for (i = 0; i < v.n; i++)
		audit_point_release(&v.v[i].p);
	free(v.v);
	free(v.marks);
	free(v.keys);
	return r;
}

int
admin_audit_verify(struct admin_run *run, struct err *e)
{
	if (admin.public_key != NULL && admin.against == NULL)
		return cmd_misuse(e, "--public-key goes with --against");
	if (admin.with != NULL && admin.all_tenants)
		return cmd_misuse(e, "--with is of one tenant");
	return admin_each_tenant(run, verify_one, e);
}
