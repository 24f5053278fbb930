/*
 * What cursors keep of files, and what follows from it: what is unchanged,
 * nearly the same, or gone.
 */
#include "from/docs_work.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/uri.h"
#include "docs/document_id.h"
#include "docs/minhash.h"
#include "history/commit.h"
#include "store/cursor.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX 1000		/* signatures kept for one file */

static int64_t
mtime_ms(const struct stat *s)
{
	return (int64_t)s->st_mtim.tv_sec * 1000 +
	    s->st_mtim.tv_nsec / 1000000;
}

static bool
is_there(const char *source)
{
	struct buf raw = BUF_INIT;
	struct stat s;
	bool r;

	path_raw(&raw, source);
	r = lstat(raw.p, &s) == 0 || (errno != ENOENT && errno != ENOTDIR);
	buf_release(&raw);
	return r;
}

/* --- loading ----------------------------------------------------------- */

void
docs_put_name(struct buf *b, const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";

	uri_escape(b, name, strlen(name), plain);
}

/* The path in a cursor's source, if it is of our knowledge base; else NULL. */
static const char *
path_in(const struct from_docs *d, const char *source)
{
	if (!str_starts(source, d->key.p != NULL ? d->key.p : ""))
		return NULL;
	source += d->key.len;
	return *source == '/' ? source : NULL;
}

static void
known_free(struct docs_known *k)
{
	if (k != NULL) {
		strv_release(&k->ids);
		free(k->name);
	}
	free(k);
}

static void
put_ids(struct from_docs *d, struct docs_known *k, const char *source,
    const json_t *state)
{
	const json_t *ids = json_object_get(state, "ids");
	const json_t *marks = json_object_get(state, "min");
	const char *id;
	size_t i;
	int made;

	for (i = 0; i < json_array_size(ids); i++) {
		if ((id = json_string_value(json_array_get(ids, i))) == NULL)
			continue;
		strv_add(&k->ids, id);
		map_put(&d->ids, id, &made)->i++;
		docs_near_add(d->near, json_string_value(json_array_get(marks,
		    i)), id, source);
	}
}

/* Of two the one that is there, if one is not. */
static void
put_name(struct from_docs *d, struct docs_known *k, const char *name)
{
	union map_value *v;
	int made;

	if (name == NULL)
		return;
	k->name = xstrdup(name);
	v = map_put(&d->owned, name, &made);
	if (made || !is_there(d->known.e[v->i].key))
		v->i = (int64_t)d->known.n - 1;
}

/* Those that were printed as they were have no document: none was taken. */
static bool
is_plain(const char *name)
{
	struct buf b = BUF_INIT;
	bool r = true;

	if (name != NULL && *name != '\0') {
		docs_put_plain(&b, name, strlen(name));
		r = strcmp(b.p, name) == 0;
	}
	buf_release(&b);
	return r;
}

static int
load_one(void *arg, const char *source, const struct cursor *c)
{
	struct from_docs *d = arg;
	struct docs_known *k;
	struct err ignored;	/* a state that is no JSON is none */
	json_t *state = NULL;
	const char *how;
	int made;

	if ((source = path_in(d, source)) == NULL)
		return 0;
	if (c->state != NULL)
		state = json_read(c->state, strlen(c->state), &ignored);
	if (str_eq(get_str(state, "f", NULL), d->f->format->name) &&
	    !json_is_true(json_object_get(state, "gone")) &&
	    is_plain(get_str(state, "n", NULL))) {
		k = xcalloc(1, sizeof *k);
		k->size = c->size;
		k->inode = c->inode;
		memcpy(k->hash, c->prefix_hash, sizeof k->hash);
		get_int(state, "m", &k->mtime_ms);
		k->part = json_is_true(json_object_get(state, "part"));
		if ((how = get_str(state, "o", NULL)) != NULL &&
		    strlen(how) < sizeof k->how)
			memcpy(k->how, how, strlen(how) + 1);
		put_ids(d, k, source, state);
		map_put(&d->known, source, &made)->p = k;
		put_name(d, k, get_str(state, "n", NULL));
	}
	json_decref(state);
	return 0;
}

int
docs_known_load(struct from_docs *d, struct err *e)
{
	return d->f->o.store == NULL ? 0 :
	    cursor_each(d->f->o.store, load_one, d, e);
}

void
docs_known_free(struct from_docs *d)
{
	size_t i;

	for (i = 0; i < d->known.n; i++)
		known_free(d->known.e[i].v.p);
	map_release(&d->known);
}

struct docs_known *
docs_known_get(const struct from_docs *d, const char *source)
{
	const union map_value *v = map_get(&d->known, source);

	return v != NULL ? v->p : NULL;
}

const char *
docs_named(const struct from_docs *d, const char *name)
{
	const union map_value *v = map_get(&d->names, name);
	const char *other = NULL;

	if (v != NULL)
		return strcmp(v->p, d->source) != 0 ? v->p : NULL;
	if ((v = map_get(&d->owned, name)) != NULL)
		other = d->known.e[v->i].key;
	return other != NULL && strcmp(other, d->source) != 0 &&
	    is_there(other) ? other : NULL;
}

bool
docs_untouched(const struct from_docs *d, const struct docs_known *k,
    const struct stat *s)
{
	return !k->part && k->size == (int64_t)s->st_size &&
	    k->mtime_ms == mtime_ms(s) && k->inode == (int64_t)s->st_ino &&
	    strcmp(k->how, d->how) == 0;
}

/* --- cursors ----------------------------------------------------------- */

static int
put_cursor(struct from_docs *d, const char *source, const struct stat *s,
    const char *hash, json_t *state, struct err *e)
{
	struct buf text = BUF_INIT, key = BUF_INIT;
	json_t *o;
	int r;

	buf_add(&key, d->key.p, d->key.len);
	buf_adds(&key, source);
	json_object_set_new(state, "f", json_string(d->f->format->name));
	json_write(&text, state);
	o = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:b, s:s}", "type",
	    "cursor",
	    "source", key.p, "offset",
	    (json_int_t)(s != NULL ? s->st_size : 0), "prefix_hash", hash,
	    "inode", (json_int_t)(s != NULL ? s->st_ino : 0), "size",
	    (json_int_t)(s != NULL ? s->st_size : 0), "whole", 1, "state",
	    text.p);
	r = d->f->sink.emit(d->f->sink.arg, o, e);
	json_decref(o);
	buf_release(&text);
	buf_release(&key);
	return r;
}

static json_t *
state_of(const struct from_docs *d, const struct stat *s)
{
	return json_pack("{s:I, s:s, s:s}", "m", (json_int_t)mtime_ms(s), "o",
	    d->how, "n", d->name);
}

static void
add_mark(json_t *marks, const char *hex)
{
	size_t n = MINHASH_HEX;

	while (n > 0 && hex[n - 1] == ' ')
		n--;
	json_array_append_new(marks, json_stringn(hex, n));
}

int
docs_cursor(struct from_docs *d, const struct stat *s, const char *hash,
    struct err *e)
{
	const struct docs_known *k = docs_known_get(d, d->source);
	json_t *state = state_of(d, s), *ids, *marks;
	struct map now = MAP_INIT;
	size_t i;
	int r, made;

	ids = json_array();
	marks = json_array();
	for (i = 0; i < d->now.n; i++) {
		map_put(&now, d->now.v[i], &made);
		json_array_append_new(ids, json_string(d->now.v[i]));
		if (i < MARKS_MAX)
			add_mark(marks, d->marks.p + i * MINHASH_HEX);
	}
	/* what was there before may be in what could not be read now */
	for (i = 0; d->part && k != NULL && i < k->ids.n; i++)
		if (map_get(&now, k->ids.v[i]) == NULL)
			json_array_append_new(ids, json_string(k->ids.v[i]));
	for (i = 0; i < d->held.n; i++)
		json_array_append_new(ids, json_string(d->held.v[i]));
	json_object_set_new(state, "ids", ids);
	json_object_set_new(state, "min", marks);
	if (d->part)
		json_object_set_new(state, "part", json_true());
	r = put_cursor(d, d->source, s, hash, state, e);
	json_decref(state);
	map_release(&now);
	return r;
}

/* Its documents are those that it had; so is its state, but for the time. */
int
docs_cursor_again(struct from_docs *d, const struct stat *s,
    const struct docs_known *k, struct err *e)
{
	struct cursor c = { 0 };
	struct buf key = BUF_INIT;
	struct err ignored;
	json_t *state = NULL;
	int r;

	buf_add(&key, d->key.p, d->key.len);
	buf_adds(&key, d->source);
	r = cursor_get(d->f->o.store, key.p, &c, e);
	buf_release(&key);
	if (r != 1)
		return r;
	if (c.state != NULL)
		state = json_read(c.state, strlen(c.state), &ignored);
	if (state != NULL) {
		json_object_set_new(state, "m", json_integer(mtime_ms(s)));
		r = put_cursor(d, d->source, s, k->hash, state, e);
	}
	json_decref(state);
	cursor_release(&c);
	return r < 0 ? -1 : 0;
}

/* --- what is gone ------------------------------------------------------ */

/* Another file that is there and had a document of that name, too. */
static const struct map_entry *
holder(const struct from_docs *d, const char *id, const char *source)
{
	const struct docs_known *k;
	size_t i;

	for (i = 0; i < d->known.n; i++) {
		k = d->known.e[i].v.p;
		if (strcmp(d->known.e[i].key, source) != 0 &&
		    strv_has(&k->ids, id) &&
		    (k->seen || is_there(d->known.e[i].key)))
			return &d->known.e[i];
	}
	return NULL;
}

/* What a file has that is not of this run may be of another knowledge base,
 * so that this document stays in its own; or in the same one, so that it would
 * go with this one. */
static void
hold(struct from_docs *d, const char *id, const char *source,
    const char *other)
{
	strv_add(&d->held, id);
	from_note(d->f, "document kept, as another file has its name");
	from_say(d->f, false, "%s: its document '%s' is kept: '%s' has one of "
	    "that name; read both in one run if they are of one knowledge "
	    "base", source, id, other);
}

/* Unless another file has a document of that name, too. */
static int
withdraw(struct from_docs *d, const char *id, const char *source,
    struct err *e)
{
	union map_value *v = map_get(&d->ids, id);
	struct buf url = BUF_INIT, path = BUF_INIT;
	const struct map_entry *other = NULL;
	json_t *o;
	int r;

	if (map_get(&d->told, id) != NULL)
		return 0;
	if (v != NULL && --v->i > 0)
		other = holder(d, id, source);
	if (other != NULL) {
		/* of a base that is named both are, and the other one has
		 * it */
		if (d->o->kb == NULL &&
		    !((const struct docs_known *)other->v.p)->seen)
			hold(d, id, source, other->key);
		return 0;
	}
	path_raw(&path, source);
	docs_put_url(&url, path.p);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[]}", "type", "document",
	    "document_id", id, "source", url.p, "path", id, "status",
	    "withdrawn", "chunks");
	if (d->o->kb != NULL)
		json_object_set_new(o, "kb", json_string(d->o->kb));
	r = d->f->sink.emit(d->f->sink.arg, o, e);
	json_decref(o);
	buf_release(&url);
	buf_release(&path);
	d->f->counts.total++;
	d->f->counts.valid++;
	from_note(d->f, "document withdrawn");
	from_say(d->f, true, "%s: document withdrawn: %s", source, id);
	return r;
}

int
docs_withdraw_old(struct from_docs *d, const struct docs_known *k,
    struct err *e)
{
	struct map now = MAP_INIT;
	size_t i;
	int r = 0, made;

	for (i = 0; i < d->now.n; i++)
		map_put(&now, d->now.v[i], &made);
	for (i = 0; i < k->ids.n && r == 0; i++)
		if (map_get(&now, k->ids.v[i]) == NULL)
			r = withdraw(d, k->ids.v[i], d->source, e);
	map_release(&now);
	return r;
}

static bool
is_below(const char *source, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(source, dir, n) == 0 && (source[n] == '/' ||
	    source[n] == '\0' || strcmp(dir, "/") == 0);
}

static int
file_gone(struct from_docs *d, const char *source, struct docs_known *k,
    struct err *e)
{
	json_t *state, *ids;
	size_t i;
	int r = 0;

	strv_release(&d->held);
	for (i = 0; i < k->ids.n && r == 0; i++)
		r = withdraw(d, k->ids.v[i], source, e);
	if (r < 0)
		return -1;
	k->seen = true;
	if (d->held.n > 0 && d->held.n == k->ids.n)
		return 0;
	if (d->held.n == 0)
		state = json_pack("{s:b}", "gone", 1);
	else {
		ids = json_array();
		for (i = 0; i < d->held.n; i++)
			json_array_append_new(ids,
			    json_string(d->held.v[i]));
		state = json_pack("{s:o}", "ids", ids);
	}
	r = put_cursor(d, source, NULL, "", state, e);
	json_decref(state);
	return r;
}

int
docs_withdraw_gone(struct from_docs *d, const char *below, bool folder,
    struct err *e)
{
	struct docs_known *k;
	const char *source;
	int64_t kept = 0;
	size_t i;
	int r = 0;

	for (i = 0; i < d->known.n && r == 0; i++) {
		source = d->known.e[i].key;
		k = d->known.e[i].v.p;
		if (k->seen || !is_below(source, below) || is_there(source))
			continue;
		if (d->o->keep_gone || (folder && d->walked == 0)) {
			kept++;
			from_note(d->f, "source gone, kept");
			from_say(d->f, true, "%s: source gone, kept", source);
		} else
			r = file_gone(d, source, k, e);
	}
	if (kept > 0 && !d->o->keep_gone)
		from_say(d->f, false, "no file is left in '%s', as if it were "
		    "not there: the documents of it are kept", below);
	return r;
}

/* --- what is nearly the same ------------------------------------------- */

static int
source_is(void *arg, const char *source)
{
	const struct from_docs *d = arg;
	const struct docs_known *k = docs_known_get(d, source);

	return strcmp(source, "-") == 0 || (k != NULL && k->seen) ||
	    is_there(source);
}

const char *
docs_met(struct from_docs *d, const char *id, const char *hex)
{
	const char *near;
	size_t n = hex != NULL ? strlen(hex) : 0;
	int made;

	strv_add(&d->now, id);
	map_put(&d->told, id, &made);
	memset(buf_reserve(&d->marks, MINHASH_HEX), ' ', MINHASH_HEX);
	if (n <= MINHASH_HEX && n > 0)
		memcpy(d->marks.p + d->marks.len, hex, n);
	d->marks.len += MINHASH_HEX;
	if (n > MINHASH_HEX || n == 0)
		return NULL;
	near = docs_near_find(d->near, hex, id, source_is, d);
	docs_near_add(d->near, hex, id, d->source);
	return near;
}
