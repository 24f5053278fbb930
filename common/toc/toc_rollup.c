/*
 * Periods from what lies in them.  A node is made inside the transaction
 * that writes it, so nothing can come between; a transaction ends after a
 * while, and the next node that is dirty begins another.  Where a model is
 * asked, which takes its time, a node is made outside and written if nothing
 * was edited meanwhile.
 *
 * So that a day of a million events costs no more memory than one of ten,
 * bullets are chosen group by group, and then among those that were chosen.
 */
#include "toc/toc_work.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/toc_body.h"
#include "toc/toc_group.h"

#include <stdlib.h>
#include <string.h>

#define GROUP 64	/* children whose bullets are weighed together */
#define WRITE_MS 100	/* of one transaction */

struct rollup {
	struct toc_work *w;
	struct toc_group *level;	/* own; [0] is of children, [1] of
				   groups of them, and so on */
	size_t levels;
	struct hash made_of;
	size_t n;		/* of all children */
};

/* --- groups of groups -------------------------------------------------- */

static struct toc_bullet
bullet_of(const struct toc_part *p)
{
	return (struct toc_bullet){ .text = p->text, .len = strlen(p->text),
	    .grips = p->grips, .grips_len = strlen(p->grips),
	    .weight = p->weight, .cues = p->cues };
}

static void
keep(void *arg, const struct toc_part *p, const struct toc_choice *c,
    const struct summary_bullet *chosen)
{
	struct toc_bullet b = bullet_of(p);

	(void)c;
	(void)chosen;
	/* it counts as it did, against those of other groups */
	toc_group_part(arg, &b, p->weight, p->pinned);
}

/* What is chosen of a level becomes one child of the next. */
static void
reduce(struct rollup *r, size_t level)
{
	struct toc_group *up;
	struct toc_choice c;
	size_t i;

	if (level + 1 == r->levels) {
		r->level = xreallocarray(r->level, ++r->levels,
		    sizeof *r->level);
		memset(&r->level[level + 1], 0, sizeof *r->level);
	}
	up = &r->level[level + 1];
	toc_weigh(r->w, &r->level[level], false, &c);
	toc_choice_each(&c, keep, up);
	for (i = 0; i < c.sum.keywords; i++)
		toc_group_word(up, c.sum.keyword[i], strlen(c.sum.keyword[i]));
	toc_choice_release(&c);
	toc_group_clear(&r->level[level]);
	if (++up->children == GROUP)
		reduce(r, level + 1);
}

/* --- a child ----------------------------------------------------------- */

static int
hash_child(struct rollup *r, const struct toc_node *n, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t len;
	int got;

	if ((q = db_sql(r->w->st->db, e, "SELECT made_of FROM toc_node "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", n->id);
	if ((got = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &len);
		hash_add_field(&r->made_of, n->name);
		hash_add(&r->made_of, p, len);
	}
	db_end(q);
	return got < 0 ? -1 : 0;
}

static void
take_body(struct rollup *r, const struct toc_node *n, const struct buf *text)
{
	bool pin = toc_mark_of(&r->w->marks, n->name) == TOC_PIN;
	struct toc_group *g = &r->level[0];
	enum toc_kind kind;
	struct toc_line l;
	size_t at = 0;

	while (toc_body_next(text, &at, &l)) {
		if (l.kind == 'K')
			toc_group_word(g, l.b.text, l.b.len);
		if (l.kind != 'B')
			continue;
		kind = toc_bullet_mark(&r->w->marks, &l.b);
		/* the bullets of a pinned node count twice, one that is
		 * pinned itself is there in any case */
		if (kind != TOC_HIDE)
			toc_group_part(g, &l.b, (l.b.weight > 0 ? l.b.weight :
			    0.001) * (pin ? 2 : 1), kind == TOC_PIN);
	}
	if (++g->children == GROUP)
		reduce(r, 0);
}

static int
take_child(void *arg, const struct toc_node *n, struct err *e)
{
	struct rollup *r = arg;
	struct toc_version v;
	int got;

	r->n++;
	if (hash_child(r, n, e) < 0)
		return -1;
	if (toc_mark_of(&r->w->marks, n->name) == TOC_HIDE)
		return 0;
	if ((got = toc_version(r->w->st, n, 0, &v, e)) == 1)
		take_body(r, n, &v.text);
	if (got == 1)
		toc_version_release(&v);
	return got < 0 ? -1 : 0;
}

/* --- a node ------------------------------------------------------------ */

static bool
has_id(const struct buf *ids, const char *id, size_t id_len)
{
	const char *list = ids->p, *one;
	size_t len = ids->len, n;

	while (toc_grip_next(&list, &len, &one, &n))
		if (n == id_len && memcmp(one, id, n) == 0)
			return true;
	return false;
}

/* The grips of a part, each once. */
static void
add_grips(struct buf *ids, const struct toc_part *p)
{
	const char *list = p->grips, *id;
	size_t len = strlen(list), n;

	while (toc_grip_next(&list, &len, &id, &n)) {
		if (has_id(ids, id, n))
			continue;
		if (ids->len > 0)
			buf_addc(ids, ',');
		buf_add(ids, id, n);
	}
}

static void
put_bullet(void *arg, const struct toc_part *p, const struct toc_choice *c,
    const struct summary_bullet *chosen)
{
	struct toc_bullet b = bullet_of(p);
	struct buf ids = BUF_INIT;
	size_t i;

	if (chosen != NULL) {
		b.weight = chosen->weight;
		b.cues = chosen->cues;
	}
	/* a model says it in words of its own */
	if (chosen != NULL && c->made == TOC_PROGRAM) {
		b.text = chosen->text;
		b.len = strlen(chosen->text);
		add_grips(&ids, p);
		for (i = 0; i < chosen->mores; i++)
			add_grips(&ids, &c->of->part[c->from[
			    chosen->more[i].from]]);
		b.grips = ids.p;
		b.grips_len = ids.len;
	}
	toc_body_bullet(arg, &b);
	buf_release(&ids);
}

static enum toc_made
make_body(struct rollup *r, struct buf *body)
{
	enum toc_made made;
	struct toc_choice c;
	size_t i;

	/* what is left over of each level goes up to the last one */
	for (i = 0; i + 1 < r->levels; i++)
		if (r->level[i].children > 0)
			reduce(r, i);
	toc_weigh(r->w, &r->level[r->levels - 1], true, &c);
	toc_body_title(body, c.sum.title);
	toc_choice_each(&c, put_bullet, body);
	toc_body_keywords(body, c.sum.keyword, c.sum.keywords);
	made = c.made;
	toc_choice_release(&c);
	return made;
}

struct made {
	struct buf body;		/* own */
	uint8_t made_of[HASH_LEN];
	enum toc_made how;
	bool empty;
};

static int
make_node(struct toc_work *w, const struct toc_node *n, struct made *m,
    struct err *e)
{
	struct rollup r = { .w = w, .levels = 1 };
	size_t i;
	int got;

	r.level = xcalloc(1, sizeof *r.level);
	hash_init(&r.made_of);
	if ((got = toc_each(w->st, n, TOC_NOW, take_child, &r, e)) == 0) {
		hash_end(&r.made_of, m->made_of);
		m->empty = r.n == 0;
		m->how = m->empty ? TOC_BUILT_IN : make_body(&r, &m->body);
	}
	for (i = 0; i < r.levels; i++)
		toc_group_release(&r.level[i]);
	free(r.level);
	return got;
}

static int
write_node(struct toc_work *w, const struct toc_node *n, const struct made *m,
    struct err *e)
{
	int r = toc_put(w, n->id, m->made_of, m->empty ? NULL : &m->body,
	    m->how, e);

	if (r < 0 || toc_set_dirty(w->st, n->id, false, e) < 0)
		return -1;
	return r == 1 && n->parent != 0 ?
	    toc_set_dirty(w->st, n->parent, true, e) : 0;
}

static int
next_dirty(struct toc_work *w, struct toc_node *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(w->st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "INDEXED BY toc_node_dirty WHERE n.user = :user AND n.dirty = 1 "
	    "ORDER BY n.level, n.start_ms LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", w->st->user_id);
	if ((r = db_row(q, e)) == 1)
		toc_row(q, n);
	db_end(q);
	return r;
}

/* What is marked may have changed since; and how often something was. */
static int
look_again(struct toc_work *w, struct err *e)
{
	map_release(&w->marks);
	return toc_edits(w->st, &w->edits, e) < 0 ? -1 :
	    toc_marks(w->st, &w->marks, e);
}

/* In a transaction: nodes, for a while. */
static int
rollup_some(struct toc_work *w, struct err *e)
{
	int64_t begun = date_monotonic();
	struct toc_node n;
	struct made m;
	int r;

	if (look_again(w, e) < 0)
		return -1;
	while ((r = next_dirty(w, &n, e)) == 1) {
		buf_init(&m.body);
		if ((r = make_node(w, &n, &m, e)) == 0)
			r = write_node(w, &n, &m, e);
		buf_release(&m.body);
		if (r < 0 || date_monotonic() - begun >= WRITE_MS)
			break;
	}
	return r;
}

/* One node, by a model, and then a transaction for it. */
static int
rollup_slowly(struct toc_work *w, const struct toc_node *n, struct err *e)
{
	struct made m = { .body = BUF_INIT };
	int r;

	if ((r = look_again(w, e)) == 0 &&
	    (r = make_node(w, n, &m, e)) == 0 &&
	    (r = tx_begin(w->st->db, e)) == 0) {
		/* if not, the node is dirty still, and comes again */
		if ((r = toc_still_holds(w, e)) == 1)
			r = write_node(w, n, &m, e);
		r = tx_end(w->st->db, r, e);
	}
	buf_release(&m.body);
	return r;
}

int
toc_rollup(struct toc_work *w, struct err *e)
{
	struct toc_node n;
	int r;

	while ((r = next_dirty(w, &n, e)) == 1) {
		if (w->chat != NULL)
			r = rollup_slowly(w, &n, e);
		else if ((r = tx_begin(w->st->db, e)) == 0)
			r = tx_end(w->st->db, rollup_some(w, e), e);
		if (r < 0)
			return -1;
		if (w->how->progress != NULL &&
		    w->how->progress(w->how->arg, 0, 0, e) != 0)
			return -1;
	}
	return r;
}
