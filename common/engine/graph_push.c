#include "engine/graph_push.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "engine/ask.h"
#include "engine/neo4j.h"
#include "graph/export.h"
#include "graph/graph.h"
#include "store/name.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define PART 4000		/* entities, or relations, that are compared at
				   once */
#define ROWS 5000		/* of a statement, at most */
#define HASH_HEXED 32		/* of a hash that are kept */

#define CONSTRAINT "CREATE CONSTRAINT memkit_entity_key IF NOT EXISTS " \
	"FOR (e:MemkitEntity) REQUIRE e.key IS UNIQUE"
#define READ_ENTITIES "MATCH (e:MemkitEntity) WHERE e.key > $after AND " \
	"e.key <= $to RETURN e.key, e.hash ORDER BY e.key LIMIT $most"
#define PUT_ENTITIES "UNWIND $rows AS row MERGE (e:MemkitEntity " \
	"{key: row.key}) SET e += row"
/* with their relations, and how many of ours these were */
#define DELETE_ENTITIES "UNWIND $rows AS key MATCH (e:MemkitEntity " \
	"{key: key}) OPTIONAL MATCH (e)-[r:MEMKIT_RELATION]-" \
	"(:MemkitEntity) WITH collect(DISTINCT e) AS gone, " \
	"count(DISTINCT r) AS n FOREACH (e IN gone | DETACH DELETE e) " \
	"RETURN n"
#define READ_RELATIONS "MATCH (a:MemkitEntity)-[r:MEMKIT_RELATION]->" \
	"(b:MemkitEntity) WHERE a.key > $after AND a.key <= $to " \
	"RETURN a.key, b.key, r.kind, r.hash ORDER BY a.key, b.key, r.kind " \
	"LIMIT $most"
/* what stands behind the last one of a page */
#define READ_MORE "MATCH (a:MemkitEntity)-[r:MEMKIT_RELATION]->" \
	"(b:MemkitEntity) WHERE a.key >= $a AND a.key <= $to AND " \
	"(a.key > $a OR b.key > $b OR (b.key = $b AND r.kind > $kind)) " \
	"RETURN a.key, b.key, r.kind, r.hash ORDER BY a.key, b.key, r.kind " \
	"LIMIT $most"
#define PUT_RELATIONS "UNWIND $rows AS row MATCH (a:MemkitEntity " \
	"{key: row.a}) MATCH (b:MemkitEntity {key: row.b}) " \
	"MERGE (a)-[r:MEMKIT_RELATION {kind: row.kind}]->(b) SET r += row.set"
#define DELETE_RELATIONS "UNWIND $rows AS row MATCH (a:MemkitEntity " \
	"{key: row.a})-[r:MEMKIT_RELATION {kind: row.kind}]->" \
	"(b:MemkitEntity {key: row.b}) DELETE r"

enum what { PUT_E, DELETE_E, PUT_R, DELETE_R, WHATS };

struct batch {
	struct buf b;			/* rows, with commas between them */
	size_t rows;
};

struct push {
	struct graph *g;		/* borrowed, as x and how */
	struct engine *x;
	const struct graph_push_how *how;
	struct graph_pushed *out;
	struct buf scope;		/* what keys of this user begin with */
	struct graph_node **v;		/* own; by id */
	size_t n;
	struct batch batch[WHATS];
	struct map here;		/* of a part: keys that it has */
	struct map there;		/* of these, what the engine has */
	struct strv hash;		/* own; of these */
	struct buf row, key;
	int64_t done;
};

/* --- writing ----------------------------------------------------------- */

static int
delete_entities(struct push *p, const struct buf *params, struct err *e)
{
	json_t *rows;

	if (neo4j_run(p->x, DELETE_ENTITIES, params, &rows, e) < 0)
		return -1;
	p->out->relations.deleted += json_integer_value(json_array_get(
	    json_array_get(rows, 0), 0));
	json_decref(rows);
	return 0;
}

static int
run(struct push *p, enum what what, const struct buf *params, struct err *e)
{
	switch (what) {
	case PUT_E:
		return neo4j_run(p->x, PUT_ENTITIES, params, NULL, e);
	case DELETE_E:
		return delete_entities(p, params, e);
	case PUT_R:
		return neo4j_run(p->x, PUT_RELATIONS, params, NULL, e);
	case DELETE_R:
	case WHATS:
		break;
	}
	return neo4j_run(p->x, DELETE_RELATIONS, params, NULL, e);
}

static int
flush(struct push *p, enum what what, struct err *e)
{
	struct batch *t = &p->batch[what];
	struct buf params = BUF_INIT;
	int r;

	if (t->rows == 0)
		return 0;
	buf_adds(&params, "\"rows\":[");
	buf_add(&params, t->b.p, t->b.len);
	buf_addc(&params, ']');
	p->out->requests++;
	r = run(p, what, &params, e);
	buf_release(&params);
	buf_reset(&t->b);
	t->rows = 0;
	return r;
}

/* p->row goes into a batch. */
static int
add(struct push *p, enum what what, struct err *e)
{
	struct batch *t = &p->batch[what];
	struct graph_push_counts *c = what < PUT_R ? &p->out->entities :
	    &p->out->relations;

	if (what == PUT_E || what == PUT_R)
		c->put++;
	else
		c->deleted++;
	if (p->how->dry_run)
		return 0;
	if (t->rows > 0 && (t->rows == ROWS || (int64_t)(t->b.len +
	    p->row.len) > engine_conf(p->x)->batch) && flush(p, what, e) < 0)
		return -1;
	if (t->rows++ > 0)
		buf_addc(&t->b, ',');
	buf_add(&t->b, p->row.p, p->row.len);
	return 0;
}

/* --- what is there ----------------------------------------------------- */

static void
forget(struct push *p)
{
	map_release(&p->here);
	map_release(&p->there);
	strv_release(&p->hash);
	memset(&p->here, 0, sizeof p->here);
	memset(&p->there, 0, sizeof p->there);
	memset(&p->hash, 0, sizeof p->hash);
}

/* The parts of a key, with a character between them that none has. */
static bool
key_of(const json_t *row, size_t parts, struct buf *key)
{
	const char *s;
	size_t i;

	buf_reset(key);
	for (i = 0; i < parts; i++) {
		s = json_string_value(json_array_get(row, i));
		if (s == NULL)
			return false;
		if (i > 0)
			buf_addc(key, '\n');
		buf_adds(key, s);
	}
	return true;
}

static void
add_param(struct buf *b, const char *name, const char *s)
{
	buf_addf(b, "%s\"%s\":", b->len > 0 ? "," : "", name);
	json_quote(b, s, strlen(s));
}

/* What stands behind row, the last one that was read; NULL: from the first. */
static int
read_page(struct push *p, bool relations, const char *after, const char *to,
    const json_t *row, json_t **rows, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (relations && row != NULL) {
		add_param(&b, "a", json_string_value(json_array_get(row, 0)));
		add_param(&b, "b", json_string_value(json_array_get(row, 1)));
		add_param(&b, "kind", json_string_value(json_array_get(row,
		    2)));
	} else {
		add_param(&b, "after", row == NULL ? after :
		    json_string_value(json_array_get(row, 0)));
	}
	add_param(&b, "to", to);
	buf_addf(&b, ",\"most\":%d", ROWS);
	p->out->requests++;
	r = !relations ? neo4j_run(p->x, READ_ENTITIES, &b, rows, e) :
	    row == NULL ? neo4j_run(p->x, READ_RELATIONS, &b, rows, e) :
	    neo4j_run(p->x, READ_MORE, &b, rows, e);
	buf_release(&b);
	return r;
}

/* What p->key names is no more. */
static int
drop(struct push *p, bool relations, struct err *e)
{
	const char *key = p->key.p, *to, *kind;

	buf_reset(&p->row);
	if (!relations) {
		json_quote(&p->row, key, strlen(key));
		return add(p, DELETE_E, e);
	}
	to = strchr(key, '\n') + 1;
	kind = strchr(to, '\n') + 1;
	buf_adds(&p->row, "{\"a\":");
	json_quote(&p->row, key, (size_t)(to - key) - 1);
	buf_adds(&p->row, ",\"b\":");
	json_quote(&p->row, to, (size_t)(kind - to) - 1);
	buf_adds(&p->row, ",\"kind\":");
	json_quote(&p->row, kind, strlen(kind));
	buf_addc(&p->row, '}');
	return add(p, DELETE_R, e);
}

static int
take_page(struct push *p, bool relations, const json_t *rows, struct err *e)
{
	const size_t parts = relations ? 3 : 1;
	const char *hash;
	size_t i;
	int made, r = 0;

	for (i = 0; i < json_array_size(rows) && r == 0; i++) {
		if (!key_of(json_array_get(rows, i), parts, &p->key) ||
		    strncmp(p->key.p, p->scope.p, p->scope.len) != 0)
			return engine_wrong(p->x, "what memkit put there was "
			    "changed; delete the nodes :MemkitEntity", e);
		if (map_get(&p->here, p->key.p) == NULL) {
			r = drop(p, relations, e);
			continue;
		}
		hash = json_string_value(json_array_get(json_array_get(rows,
		    i), parts));
		strv_add(&p->hash, hash != NULL ? hash : "");
		map_put(&p->there, p->key.p, &made)->i = (int64_t)p->hash.n;
	}
	return r;
}

/* It goes on from each page, so a full one has to end further on. */
static int
check_page(struct push *p, bool relations, const json_t *row, size_t n,
    struct buf *last, struct err *e)
{
	if (n > ROWS || (n == ROWS && (!key_of(row, relations ? 3 : 1,
	    &p->key) || (last->len > 0 && strcmp(p->key.p, last->p) == 0))))
		return engine_wrong(p->x, "it has rows that were not asked "
		    "for", e);
	buf_reset(last);
	buf_add(last, p->key.p, p->key.len);
	return 0;
}

/* Page by page: of what p->here has the hashes, and all else goes. */
static int
read_part(struct push *p, bool relations, const char *after, const char *to,
    struct err *e)
{
	json_t *rows = NULL, *row = NULL;
	struct buf last = BUF_INIT;
	size_t n;
	int r;

	do {
		n = 0;
		r = read_page(p, relations, after, to, row, &rows, e);
		json_decref(row);
		row = NULL;
		if (r < 0)
			break;
		n = json_array_size(rows);
		if ((r = take_page(p, relations, rows, e)) == 0 && n > 0) {
			row = json_incref(json_array_get(rows, n - 1));
			r = check_page(p, relations, row, n, &last, e);
		}
		json_decref(rows);
		if (r == 0 && p->how->progress != NULL)
			r = p->how->progress(p->how->arg, p->done, e) != 0 ?
			    -1 : 0;
	} while (r == 0 && n == ROWS);
	json_decref(row);
	buf_release(&last);
	return r;
}

/* Is what p->key names there, and the same? */
static bool
is_there(const struct push *p, const char *hash)
{
	const union map_value *v = map_get(&p->there, p->key.p);

	return v != NULL && strcmp(p->hash.v[v->i - 1], hash) == 0;
}

/* --- rows -------------------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	const struct graph_node *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static void
add_key(const struct push *p, struct buf *b, const char *id)
{
	buf_add(b, p->scope.p, p->scope.len);
	buf_adds(b, id);
}

static void
entity_key(struct push *p, const struct graph_node *x)
{
	buf_reset(&p->key);
	add_key(p, &p->key, x->id);
}

static void
relation_key(struct push *p, const struct graph_node *from,
    const struct graph_link *l)
{
	entity_key(p, from);
	buf_addc(&p->key, '\n');
	add_key(p, &p->key, l->to->id);
	buf_addf(&p->key, "\n%s", l->kind);
}

static void
quote_key(const struct push *p, struct buf *b, const char *id)
{
	struct buf key = BUF_INIT;

	add_key(p, &key, id);
	json_quote(b, key.p, key.len);
	buf_release(&key);
}

/* The properties that may be absent are taken away there. */
static void
set_absent(json_t *o, const char *const keys[])
{
	for (; *keys != NULL; keys++)
		if (json_object_get(o, *keys) == NULL)
			json_object_set_new(o, *keys, json_null());
}

/* All of o, with the hash of that; into p->row. */
static void
hashed(struct push *p, json_t *o, char hex[HASH_HEX + 1])
{
	uint8_t hash[HASH_LEN];

	buf_reset(&p->row);
	json_write(&p->row, o);
	hash_mem(p->row.p, p->row.len, hash);
	hex_encode(hex, hash, HASH_HEXED / 2);
	buf_cut(&p->row, p->row.len - 1);
	buf_addf(&p->row, ",\"hash\":\"%s\"}", hex);
}

static int
entity(struct push *p, const struct graph_node *x, struct err *e)
{
	static const char *const absent[] = { "first", "last", "aliases",
	    NULL };
	json_t *o = graph_node_json(p->g, x, e);
	char hex[HASH_HEX + 1];

	if (o == NULL)
		return -1;
	entity_key(p, x);
	json_object_del(o, "type");
	json_object_set_new(o, "key", json_string(p->key.p));
	json_object_set_new(o, "tenant", json_string(p->g->st->tenant));
	json_object_set_new(o, "user", json_string(p->g->st->user));
	set_absent(o, absent);
	hashed(p, o, hex);
	json_decref(o);
	p->out->entities.there++;
	return is_there(p, hex) ? 0 : add(p, PUT_E, e);
}

static int
relation(struct push *p, const struct graph_node *from,
    const struct graph_link *l, struct err *e)
{
	static const char *const absent[] = { "first", "last", "proposed",
	    NULL };
	static const char *const ends[] = { "type", "source", "target",
	    "source_name", "target_name", NULL };
	json_t *o = graph_link_json(p->g, from, l, e);
	char hex[HASH_HEX + 1];
	struct buf set = BUF_INIT;
	int i;

	if (o == NULL)
		return -1;
	for (i = 0; ends[i] != NULL; i++)
		json_object_del(o, ends[i]);
	set_absent(o, absent);
	hashed(p, o, hex);
	json_decref(o);
	p->out->relations.there++;
	relation_key(p, from, l);
	if (is_there(p, hex))
		return 0;
	buf_add(&set, p->row.p, p->row.len);
	buf_reset(&p->row);
	buf_adds(&p->row, "{\"a\":");
	quote_key(p, &p->row, from->id);
	buf_adds(&p->row, ",\"b\":");
	quote_key(p, &p->row, l->to->id);
	buf_adds(&p->row, ",\"kind\":");
	json_quote(&p->row, l->kind, strlen(l->kind));
	buf_addf(&p->row, ",\"set\":%s}", set.p);
	buf_release(&set);
	return add(p, PUT_R, e);
}

/* --- parts ------------------------------------------------------------- */

/* A part of the keys of the user: it begins behind the last entity before it,
 * and ends with its own last one; the first and the last have all that is
 * before, and behind. */
static void
range(const struct push *p, size_t from, size_t to, struct buf *after,
    struct buf *last)
{
	add_key(p, after, from > 0 ? p->v[from - 1]->id : "");
	/* ids begin with "entity:" */
	add_key(p, last, to < p->n ? p->v[to - 1]->id : "f");
}

static int
tell(struct push *p, size_t n, struct err *e)
{
	p->done += (int64_t)n;
	return p->how->progress == NULL ? 0 : p->how->progress(p->how->arg,
	    p->done, e) != 0 ? -1 : 0;
}

static int
entities_of(struct push *p, size_t from, size_t to, struct err *e)
{
	struct buf after = BUF_INIT, last = BUF_INIT;
	size_t i;
	int r, made;

	forget(p);
	for (i = from; i < to; i++) {
		entity_key(p, p->v[i]);
		map_put(&p->here, p->key.p, &made);
	}
	range(p, from, to, &after, &last);
	r = read_part(p, false, after.p, last.p, e);
	for (i = from; i < to && r == 0; i++)
		r = entity(p, p->v[i], e);
	buf_release(&after);
	buf_release(&last);
	return r < 0 ? -1 : tell(p, to - from, e);
}

static int
entities(struct push *p, struct err *e)
{
	size_t from = 0, to;
	int r;

	do {
		to = p->n - from > PART ? from + PART : p->n;
		r = entities_of(p, from, to, e);
		from = to;
	} while (r == 0 && from < p->n);
	if (r == 0)
		r = flush(p, PUT_E, e);
	return r == 0 ? flush(p, DELETE_E, e) : r;
}

/* Those that go out of an entity; what is near goes out of the one whose key
 * is less. */
static int
links_of(struct push *p, struct graph_node *x, struct graph_links *all,
    struct err *e)
{
	size_t i, n = 0;

	if (graph_links(p->g, x, 0, all, e) < 0)
		return -1;
	for (i = 0; i < all->n; i++)
		if (!all->v[i].in && (!all->v[i].near || strcmp(x->key,
		    all->v[i].to->key) < 0))
			all->v[n++] = all->v[i];
		else
			free(all->v[i].where);
	all->n = n;
	return 0;
}

static int
relations_of(struct push *p, size_t from, size_t to,
    const struct graph_links *all, struct err *e)
{
	struct buf after = BUF_INIT, last = BUF_INIT;
	size_t i, k, n = 0;
	int r, made;

	forget(p);
	for (i = from; i < to; i++)
		for (k = 0; k < all[i - from].n; k++) {
			relation_key(p, p->v[i], &all[i - from].v[k]);
			map_put(&p->here, p->key.p, &made);
		}
	range(p, from, to, &after, &last);
	r = read_part(p, true, after.p, last.p, e);
	for (i = from; i < to && r == 0; i++)
		for (k = 0; k < all[i - from].n && r == 0; k++, n++)
			r = relation(p, p->v[i], &all[i - from].v[k], e);
	buf_release(&after);
	buf_release(&last);
	return r < 0 ? -1 : tell(p, n, e);
}

static int
relations(struct push *p, struct err *e)
{
	struct graph_links *all = xcalloc(PART, sizeof *all);
	size_t from = 0, to, sum, i;
	int r = 0;

	do {
		for (to = from, sum = 0; to < p->n && to - from < PART && sum <
		    PART && r == 0; to++) {
			r = links_of(p, p->v[to], &all[to - from], e);
			sum += all[to - from].n;
		}
		if (r == 0)
			r = relations_of(p, from, to, all, e);
		for (i = 0; i < PART; i++)
			graph_links_release(&all[i]);
		from = to;
	} while (r == 0 && from < p->n);
	free(all);
	if (r == 0)
		r = flush(p, DELETE_R, e);
	return r == 0 ? flush(p, PUT_R, e) : r;
}

int
graph_push(struct graph *g, struct engine *x, const struct graph_push_how *how,
    struct graph_pushed *out, struct err *e)
{
	struct push p = { .g = g, .x = x, .how = how, .out = out,
	    .scope = BUF_INIT, .row = BUF_INIT, .key = BUF_INIT };
	int i, r;

	for (i = 0; i < WHATS; i++)
		buf_init(&p.batch[i].b);
	memset(out, 0, sizeof *out);
	/* no tenant is of that name: its users have one */
	if (engine_conf(x)->index != NULL)
		buf_addf(&p.scope, "%s//", engine_conf(x)->index);
	name_encode(&p.scope, g->st->tenant);
	buf_addc(&p.scope, '/');
	name_encode(&p.scope, g->st->user);
	buf_addc(&p.scope, '/');
	r = neo4j_check(x, e);
	if (r == 0)
		r = graph_all(g, &p.v, &p.n, e);
	if (r == 0 && p.n > 0)
		qsort(p.v, p.n, sizeof *p.v, by_id);
	if (r == 0 && !how->dry_run) {
		out->requests++;
		r = neo4j_run(x, CONSTRAINT, NULL, NULL, e);
	}
	if (r == 0)
		r = entities(&p, e);
	if (r == 0)
		r = relations(&p, e);
	forget(&p);
	for (i = 0; i < WHATS; i++)
		buf_release(&p.batch[i].b);
	free(p.v);
	buf_release(&p.scope);
	buf_release(&p.row);
	buf_release(&p.key);
	return r;
}
