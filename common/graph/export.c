#include "graph/export.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "memory/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- records ----------------------------------------------------------- */

static json_t *
list_of(const struct strv *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(a, json_string(v->v[i]));
	return a;
}

static void
set_times(json_t *o, int64_t first_ms, int64_t last_ms)
{
	if (first_ms != 0)
		json_object_set_new(o, "first", json_integer(first_ms));
	if (last_ms != 0)
		json_object_set_new(o, "last", json_integer(last_ms));
}

static void
set_aliases(json_t *o, const struct graph_node *x)
{
	struct strv v = STRV_INIT;
	size_t i, k;

	for (i = 0; i < x->members; i++)
		for (k = 0; k < x->member[i].row.forms.n; k++)
			if (strcmp(x->member[i].row.forms.v[k], x->name) !=
			    0 && !strv_has(&v, x->member[i].row.forms.v[k]))
				strv_add(&v, x->member[i].row.forms.v[k]);
	if (v.n > 0)
		json_object_set_new(o, "aliases", list_of(&v));
	strv_release(&v);
}

json_t *
graph_node_json(struct graph *g, const struct graph_node *x, struct err *e)
{
	struct strv ids = STRV_INIT;
	json_t *o;

	if (graph_node_evidence(g, x, &ids, e) < 0) {
		strv_release(&ids);
		return NULL;
	}
	o = json_pack("{s:s, s:s, s:s, s:s, s:I}", "type", "entity",
	    "entity_id", x->id, "name", x->name, "kind",
	    graph_kinds[x->kind], "count", (json_int_t)x->n);
	set_times(o, x->first_ms, x->last_ms);
	set_aliases(o, x);
	json_object_set_new(o, "evidence", list_of(&ids));
	strv_release(&ids);
	return o;
}

json_t *
graph_link_json(struct graph *g, const struct graph_node *from,
    const struct graph_link *l, struct err *e)
{
	const struct graph_node *a = l->in ? l->to : from;
	const struct graph_node *b = l->in ? from : l->to;
	struct strv ids = STRV_INIT, some = STRV_INIT;
	json_t *o;
	int r = 0;

	if (graph_link_evidence(g, l, &ids, e) < 0) {
		strv_release(&ids);
		return NULL;
	}
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:f}", "type",
	    "relation", "source", a->id, "target", b->id, "kind", l->kind,
	    "source_name", a->name, "target_name", b->name, "count",
	    (json_int_t)l->n, "weight", (double)(int64_t)(l->weight * 10000 +
	    0.5) / 10000);
	set_times(o, l->first_ms, l->last_ms);
	json_object_set_new(o, "evidence", list_of(&ids));
	strv_release(&ids);
	if (l->proposed > 0 && (r = graph_link_proposed(g, l, &some, e)) == 0)
		json_object_set_new(o, "proposed", list_of(&some));
	strv_release(&some);
	if (r < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* --- quoting ----------------------------------------------------------- */

/* XML 1.0 has no way to say most control characters. */
static void
quote_xml(struct buf *b, const char *p)
{
	size_t n, len = strlen(p);
	char out[4];
	uint32_t c;

	for (; len > 0; p += n, len -= n) {
		c = utf8_decode(p, len, &n);
		if (c == '&')
			buf_adds(b, "&amp;");
		else if (c == '<')
			buf_adds(b, "&lt;");
		else if (c == '>')
			buf_adds(b, "&gt;");
		else if (c == '"')
			buf_adds(b, "&quot;");
		else if (c < 0x20 || c == 0x7f || c == 0xfffe || c == 0xffff)
			buf_addc(b, ' ');
		else
			buf_add(b, out, utf8_put(out, c));
	}
}

/* In DOT a backslash before anything but a quote stays, and labels have
 * sequences of their own: it is doubled. */
static void
quote_back(struct buf *b, const char *p, char mark)
{
	buf_addc(b, mark);
	for (; *p != '\0'; p++)
		if (*p == mark || *p == '\\') {
			buf_addc(b, '\\');
			buf_addc(b, *p);
		} else {
			buf_addc(b, (unsigned char)*p < 0x20 || *p == 0x7f ?
			    ' ' : *p);
		}
	buf_addc(b, mark);
}

void
export_quote(struct buf *b, enum export_as as, const char *p)
{
	switch (as) {
	case EXPORT_DOT:
		quote_back(b, p, '"');
		return;
	case EXPORT_CYPHER:
		quote_back(b, p, '\'');
		return;
	case EXPORT_GRAPHML:
		quote_xml(b, p);
		return;
	case EXPORT_JSONL:
	case EXPORT_MEMORY:
		break;
	}
	json_quote(b, p, strlen(p));
}

/* A type of relations in Cypher: letters, digits and "_" in backticks. */
static void
cypher_type(struct buf *b, const char *p)
{
	buf_addc(b, '`');
	for (; *p != '\0'; p++)
		buf_addc(b, *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' :
		    *p == '`' || *p == '\\' || (unsigned char)*p < 0x20 ?
		    '_' : *p);
	buf_addc(b, '`');
}

/* 0: it has none. */
static void
cypher_time(struct buf *b, char of, const char *what, int64_t ms)
{
	if (ms != 0)
		buf_addf(b, ", %c.%s = %" PRId64, of, what, ms);
	else
		buf_addf(b, ", %c.%s = null", of, what);
}

static void
cypher_times(struct buf *b, char of, int64_t first_ms, int64_t last_ms)
{
	cypher_time(b, of, "first", first_ms);
	cypher_time(b, of, "last", last_ms);
	buf_addc(b, ';');
}

/* --- forms ------------------------------------------------------------- */

struct export {
	struct graph *g;
	enum export_as as;
	struct buf b;
	int (*put)(void *, struct buf *, struct err *);
	void *arg;
};

static int
put(struct export *x, struct err *e)
{
	int r = x->put(x->arg, &x->b, e);

	buf_reset(&x->b);
	return r;
}

static void
head(struct export *x)
{
	if (x->as == EXPORT_DOT)
		buf_adds(&x->b, "digraph memory {\n\tnode [shape=box];\n");
	if (x->as == EXPORT_GRAPHML)
		buf_adds(&x->b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
		    "\n"
		    "<key id=\"name\" for=\"node\" attr.name=\"name\" "
		    "attr.type=\"string\"/>\n"
		    "<key id=\"kind\" for=\"all\" attr.name=\"kind\" "
		    "attr.type=\"string\"/>\n"
		    "<key id=\"count\" for=\"all\" attr.name=\"count\" "
		    "attr.type=\"long\"/>\n"
		    "<key id=\"weight\" for=\"edge\" attr.name=\"weight\" "
		    "attr.type=\"double\"/>\n"
		    "<key id=\"proposed\" for=\"edge\" attr.name=\"proposed\" "
		    "attr.type=\"long\"/>\n"
		    "<graph id=\"memory\" edgedefault=\"directed\">\n");
	if (x->as == EXPORT_CYPHER)
		buf_adds(&x->b, "CREATE CONSTRAINT memkit_entity IF NOT "
		    "EXISTS FOR (e:Entity) REQUIRE e.entity_id IS UNIQUE;\n");
}

static void
foot(struct export *x)
{
	if (x->as == EXPORT_DOT)
		buf_adds(&x->b, "}\n");
	if (x->as == EXPORT_GRAPHML)
		buf_adds(&x->b, "</graph>\n</graphml>\n");
}

static void
text(struct export *x, const char *before, const char *p)
{
	buf_adds(&x->b, before);
	export_quote(&x->b, x->as, p);
}

/* What the memory server's file said of it, else how often it was said. */
static int
take_observations(void *arg, const struct record *rec, struct err *e)
{
	const json_t *v = get_path(rec->json, "fields.observations");

	(void)e;
	if (json_is_array(v) && !str_eq(rec->status, "withdrawn")) {
		json_decref(*(json_t **)arg);
		*(json_t **)arg = json_deep_copy(v);
	}
	return 0;
}

static int
observations(struct export *x, const struct graph_node *n, struct err *e)
{
	struct buf id = BUF_INIT;
	json_t *v = json_array();
	int r;

	/* as mem-from named it */
	buf_adds(&id, "entity/");
	record_id_part(&id, n->name);
	r = x->g->as_of_ms == INT64_MAX ? record_find(x->g->st, "memory",
	    id.p, 0, take_observations, &v, e) : record_find_at(x->g->st,
	    "memory", id.p, x->g->as_of_ms, take_observations, &v, e);
	buf_adds(&x->b, ",\"observations\":");
	json_write(&x->b, v);
	json_decref(v);
	buf_release(&id);
	return r < 0 ? -1 : 0;
}

static int
node(struct export *x, const struct graph_node *n, struct err *e)
{
	json_t *o;
	int r = 0;

	switch (x->as) {
	case EXPORT_JSONL:
		if ((o = graph_node_json(x->g, n, e)) == NULL)
			return -1;
		json_write(&x->b, o);
		json_decref(o);
		break;
	case EXPORT_DOT:
		text(x, "\t", n->id);
		text(x, " [label=", n->name);
		text(x, ", tooltip=", graph_kinds[n->kind]);
		buf_adds(&x->b, "];");
		break;
	case EXPORT_GRAPHML:
		text(x, "<node id=\"", n->id);
		text(x, "\"><data key=\"name\">", n->name);
		text(x, "</data><data key=\"kind\">", graph_kinds[n->kind]);
		buf_addf(&x->b, "</data><data key=\"count\">%" PRIu32
		    "</data></node>", n->n);
		break;
	case EXPORT_CYPHER:
		text(x, "MERGE (e:Entity {entity_id: ", n->id);
		text(x, "}) SET e.name = ", n->name);
		text(x, ", e.kind = ", graph_kinds[n->kind]);
		buf_addf(&x->b, ", e.count = %" PRIu32, n->n);
		cypher_times(&x->b, 'e', n->first_ms, n->last_ms);
		break;
	case EXPORT_MEMORY:
		text(x, "{\"type\":\"entity\",\"name\":", n->name);
		text(x, ",\"entityType\":", graph_kinds[n->kind]);
		r = observations(x, n, e);
		buf_addc(&x->b, '}');
		break;
	}
	buf_addc(&x->b, '\n');
	return r < 0 ? -1 : put(x, e);
}

static int
link(struct export *x, const struct graph_node *from,
    const struct graph_link *l, struct err *e)
{
	json_t *o;

	switch (x->as) {
	case EXPORT_JSONL:
		if ((o = graph_link_json(x->g, from, l, e)) == NULL)
			return -1;
		json_write(&x->b, o);
		json_decref(o);
		break;
	case EXPORT_DOT:
		text(x, "\t", from->id);
		text(x, " -> ", l->to->id);
		if (l->near)
			buf_adds(&x->b, " [dir=none, color=gray");
		else
			text(x, l->proposed == l->n ?
			    " [style=dashed, label=" : " [label=", l->kind);
		buf_addf(&x->b, ", weight=%d];", 1 + (int)(l->weight * 9));
		break;
	case EXPORT_GRAPHML:
		text(x, "<edge source=\"", from->id);
		text(x, "\" target=\"", l->to->id);
		text(x, "\"><data key=\"kind\">", l->kind);
		buf_addf(&x->b, "</data><data key=\"count\">%" PRIu32 "</data>"
		    "<data key=\"weight\">%.4f</data>", l->n, l->weight);
		if (l->proposed > 0)
			buf_addf(&x->b, "<data key=\"proposed\">%" PRIu32
			    "</data>", l->proposed);
		buf_adds(&x->b, "</edge>");
		break;
	case EXPORT_CYPHER:
		text(x, "MATCH (a:Entity {entity_id: ", from->id);
		text(x, "}), (b:Entity {entity_id: ", l->to->id);
		buf_adds(&x->b, "}) MERGE (a)-[r:");
		cypher_type(&x->b, l->kind);
		buf_addf(&x->b, "]->(b) SET r.count = %" PRIu32
		    ", r.weight = %.4f, r.proposed = %" PRIu32, l->n,
		    l->weight, l->proposed);
		cypher_times(&x->b, 'r', l->first_ms, l->last_ms);
		break;
	case EXPORT_MEMORY:
		text(x, "{\"type\":\"relation\",\"from\":", from->name);
		text(x, ",\"to\":", l->to->name);
		text(x, ",\"relationType\":", l->kind);
		buf_addc(&x->b, '}');
		break;
	}
	buf_addc(&x->b, '\n');
	return put(x, e);
}

static int
links(struct export *x, struct graph_node *from, struct err *e)
{
	struct graph_links all = { 0 };
	size_t i;
	int r = graph_links(x->g, from, 0, &all, e);

	for (i = 0; i < all.n && r == 0; i++)
		if (!all.v[i].in && (!all.v[i].near || strcmp(from->key,
		    all.v[i].to->key) < 0))
			r = link(x, from, &all.v[i], e);
	graph_links_release(&all);
	return r;
}

int
graph_export(struct graph *g, enum export_as as,
    int (*fn)(void *, struct buf *, struct err *), void *arg, struct err *e)
{
	struct export x = { .g = g, .as = as, .b = BUF_INIT, .put = fn,
	    .arg = arg };
	struct graph_node **v;
	size_t n, i;
	int r = graph_all(g, &v, &n, e);

	head(&x);
	for (i = 0; i < n && r == 0; i++)
		r = node(&x, v[i], e);
	for (i = 0; i < n && r == 0; i++)
		r = links(&x, v[i], e);
	foot(&x);
	if (r == 0)
		r = put(&x, e);
	free(v);
	buf_release(&x.b);
	return r;
}
