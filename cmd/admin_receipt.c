#include "cmd/admin_receipt.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "cmd/cmd.h"
#include "graph/build.h"
#include "store/change.h"
#include "store/compact.h"
#include "store/dict.h"
#include "store/known.h"
#include "store/store.h"

#include <string.h>

#define RECEIPT_MAX ((size_t)64 << 20)

/* --- one receipt ------------------------------------------------------- */

json_t *
receipt_new(struct store *st, const char *what, const char *by, bool dry_run,
    struct err *e)
{
	uint8_t rest[ULID_BYTES];
	char id[ULID_LEN + 1];
	json_t *o;

	if (random_bytes(rest, sizeof rest, e) < 0)
		return NULL;
	ulid_format(id, date_real(), rest);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s}",
	    "type", "receipt", "id", id, "what", what, "store_id", st->id,
	    "tenant", st->tenant, "user", st->user, "who", st->who, "state",
	    "begun",
	    "timestamp", (json_int_t)date_real(), "by", by);
	if (dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return o;
}

int
receipt_audit(json_t *o, struct store *st, const char *detail,
    struct err *e)
{
	uint8_t hash[HASH_LEN];
	char hex[HASH_HEX + 1];

	if (erase_audit(st, get_str(o, "what", NULL), get_str(o, "id", NULL),
	    detail, hash, e) < 0)
		return -1;
	hex_encode(hex, hash, sizeof hash);
	json_object_set_new(o, "audit", json_string(hex));
	return 0;
}

static int
every_index(struct store *st, struct err *e)
{
	struct strv users = STRV_INIT;
	size_t i;
	int r = known_names(st, KNOWN_USERS, INT64_MAX, &users, e);

	for (i = 0; r == 0 && i < users.n; i++)
		r = erase_indexes(st, users.v[i], e);
	strv_release(&users);
	return r;
}

int
receipt_graphs(struct store *st, const char *user, struct err *e)
{
	struct strv users = STRV_INIT;
	size_t i;
	int r = 0;

	if (user != NULL)
		return graph_drop(st, user, e);
	r = known_names(st, KNOWN_USERS, INT64_MAX, &users, e);
	if (r == 0)
		r = graph_drop(st, NULL, e);
	for (i = 0; r == 0 && i < users.n; i++)
		r = graph_drop(st, users.v[i], e);
	strv_release(&users);
	return r;
}

int
receipt_finish(struct store *st, const char *user, struct err *e)
{
	struct compact_config c = { .vacuum = true, .keep_log = true };
	struct compact_sums sums = { .left = BUF_INIT };
	int r;

	cmd_progress_end();
	if ((user != NULL ? erase_indexes(st, user, e) :
	    every_index(st, e)) < 0)
		return -1;
	r = compact(st, &c, &sums, e);
	if (r == 0 && sums.left.len > 0)
		cmd_warn("%s", sums.left.p);
	compact_sums_release(&sums);
	return r;
}

static void
add_left(json_t *all, const char *what, int64_t n, const char *how)
{
	json_t *o = json_pack("{s:s, s:s}", "what", what, "how", how);

	if (n > 0)
		json_object_set_new(o, "n", json_integer(n));
	json_array_append_new(all, o);
}

struct engines {
	const struct store *st;
	json_t *all;
};

/* A search engine that was told of changes before these. */
static int
add_engine(void *arg, const struct consumer *c)
{
	struct engines *x = arg;
	struct buf how = BUF_INIT;

	if (!str_starts(c->name, CONSUMER_ENGINE) || c->lag == 0 ||
	    consumer_is_idle(x->st, c->name))
		return 0;
	buf_addf(&how, "mem-index --to %s", c->name +
	    strlen(CONSUMER_ENGINE));
	add_left(x->all, "engine", 0, how.p);
	buf_release(&how);
	return 0;
}

int
receipt_left(json_t *o, struct store *st, const struct erase_rest *rest,
    bool finished, struct err *e)
{
	struct strv remotes = STRV_INIT;
	json_t *all = json_array();
	struct engines engines = { st, all };
	struct buf how = BUF_INIT;
	int64_t dict = 0;
	size_t i;
	int r;

	if (rest->events > 0)
		add_left(all, "events", rest->events,
		    "mem-admin forget --finish");
	if (rest->bytes > 0)
		add_left(all, "artifacts", rest->bytes,
		    "mem-artifact reconcile");
	if (!finished)
		add_left(all, "index", 0, "mem-index");
	if ((r = dict_stale(st, &dict, e)) == 0 && dict != 0)
		add_left(all, "dictionaries", 0, "mem-admin compact");
	if (r == 0)
		r = consumer_each(st, add_engine, &engines, e);
	if (r == 0)
		r = erase_remotes(st, &remotes, e);
	for (i = 0; r == 0 && i < remotes.n; i++) {
		buf_reset(&how);
		buf_addf(&how, "mem-sync forget --remote %s", remotes.v[i]);
		add_left(all, "remote", 0, how.p);
	}
	buf_release(&how);
	strv_release(&remotes);
	json_object_set_new(o, "left", all);
	return r;
}

/* --- what it tells ----------------------------------------------------- */

json_t *
receipt_counts(const struct erase_counts *c)
{
	json_t *o = json_object();
	const struct erase_member *m;
	int64_t n;

	for (m = erase_members; m->name != NULL; m++) {
		memcpy(&n, (const char *)c + m->at, sizeof n);
		if (n != 0)
			json_object_set_new(o, m->name, json_integer(n));
	}
	return o;
}

json_t *
receipt_targets(const struct erase_targets *t)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < t->n; i++)
		json_array_append_new(all, json_pack("{s:s, s:s, s:s*}",
		    "target", erase_kinds[t->v[i].kind], "id", t->v[i].id,
		    "user", t->v[i].user));
	return all;
}

/* --- files ------------------------------------------------------------- */

int
receipt_free(const char *path, struct err *e)
{
	return file_exists(path) ? err_set(e, ERR_EXISTS, "'%s' is there; a "
	    "receipt is not written over another file", path) : 0;
}

int
receipt_write(const char *path, const json_t *o, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	json_write(&b, o);
	buf_addc(&b, '\n');
	r = file_replace(path, b.p, b.len, e);
	buf_release(&b);
	return r;
}

json_t *
receipt_read(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;

	if (buf_read_file(&b, path, RECEIPT_MAX, e) == 0 &&
	    (o = json_read(b.p, b.len, e)) == NULL)
		err_add(e, "'%s': ", path);
	if (o != NULL && !str_eq(get_str(o, "type", NULL), "receipt")) {
		json_decref(o);
		o = NULL;
		err_set(e, ERR_INPUT, "'%s' is no receipt", path);
	}
	buf_release(&b);
	return o;
}

/* Whoever applies it again may be somebody else. */
static const char *
user_of(const json_t *receipt, const json_t *target, int kind)
{
	const char *user = get_str(target, "user", NULL);

	if (user != NULL || (kind != ERASE_EVENT && kind != ERASE_SESSION))
		return user;
	return get_str(receipt, "user", NULL);
}

int
receipt_read_targets(const json_t *o, struct erase_targets *t,
    struct err *e)
{
	const json_t *all = json_object_get(o, "targets"), *one;
	const char *kind, *id;
	size_t i;
	int k;

	for (i = 0; i < json_array_size(all); i++) {
		one = json_array_get(all, i);
		kind = get_str(one, "target", NULL);
		id = get_str(one, "id", NULL);
		for (k = 0; kind != NULL && erase_kinds[k] != NULL &&
		    strcmp(erase_kinds[k], kind) != 0; k++)
			;
		if (kind == NULL || id == NULL || erase_kinds[k] == NULL)
			return err_set(e, ERR_INPUT, "the receipt's targets "
			    "are damaged");
		erase_add_of(t, (enum erase_kind)k, id, user_of(o, one, k));
	}
	return 0;
}
