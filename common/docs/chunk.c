/*
 * Blocks come as units, none larger than half a chunk, and are put one behind
 * the other; each place between two of them is remembered.  When there are
 * half as many words again as a chunk may have, a place is chosen, and what is
 * behind it is the beginning of the next chunk.  The choice is that of
 * content-defined chunking: the smallest hash of what follows, where the chunk
 * has its words.
 */
#include "docs/chunk.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "docs/chunk_id.h"
#include "docs/words.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 9		/* deeper headings are of this one */
#define HEADING_BYTES 300
#define FACT_BYTES 1000
#define TAGS_MAX 64
#define TINY 16		/* part of a chunk's least words: what has fewer does
			   not stand alone on its page */

struct place {
	size_t end;		/* of what is before it */
	size_t start;		/* of what is behind it */
	size_t halves;		/* before it */
	uint32_t hash;		/* of what is behind it */
	int64_t before, page;	/* on which what is before and behind it is */
	bool block;		/* between two blocks */
	bool prose;		/* what is before it has sentences */
	bool in_table;		/* of which the header is known */
};

/* A chunk that is being made. */
struct part {
	struct buf text;
	size_t halves;
	size_t fresh;		/* of them, that were not said before */
	struct strv path;
	int64_t page, page_end;	/* of what was not said before */
};

struct chunker {
	size_t min, max;	/* in halves of words */
	size_t whole;		/* what has no more is not cut */
	size_t bytes;
	chunk_fn *fn;
	void *arg;
	char *stem;		/* own */
	char *first;		/* own; heading */
	struct chunk_facts facts;	/* own */
	bool told;		/* a chunk was */
	char *level[LEVELS];	/* own; headings that are open */
	bool headed;		/* nothing has followed the last heading */
	char *section;		/* own */
	int64_t page, pages;
	int64_t heading_page;	/* of the last heading */
	struct part cur, held;	/* held: a small section, or nothing */
	struct strv held_last;	/* the headings of the last one in it */
	bool has_held;
	enum docs_kind last;	/* the kind of block before */
	struct buf header;	/* of the table we are in */
	size_t header_halves;
	struct place *place;	/* own */
	size_t places, places_cap;
	struct minhash minhash;
	struct chunk_ids ids;
};

/* ---- one that is made ---- */

static char *
stem_of(const char *name)
{
	const char *slash = strrchr(name, '/'), *dot;

	if (slash != NULL && slash[1] != '\0')
		name = slash + 1;
	dot = strrchr(name, '.');
	return dot != NULL && dot > name ? xstrndup(name, (size_t)(dot -
	    name)) : xstrdup(name);
}
/* What nobody told. */
static void
take_title(struct chunker *c)
{
	struct chunk_facts *f = &c->facts;

	if (f->title != NULL)
		return;
	f->by_name = c->first == NULL;
	f->title = xstrdup(f->by_name ? c->stem : c->first);
}

static int
emit(struct chunker *c, const struct strv *path, const char *text, size_t len,
    int64_t page, int64_t page_end, struct err *e)
{
	struct chunk k = { .heading = (const char *const *)path->v,
	    .headings = path->n, .page = page, .page_end = page_end,
	    .section = c->section, .facts = &c->facts };

	while (len > 0 && (*text == '\n' || *text == ' ')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	/* a heading that nothing stands under is a text itself */
	if (len == 0 && k.headings > 0) {
		text = path->v[--k.headings];
		len = strlen(text);
	}
	if (len == 0)
		return 0;
	if (!c->told)
		take_title(c);
	c->told = true;
	k.text = text;
	k.len = len;
	chunk_ids_add(&c->ids, &k);
	return c->fn(c->arg, &k, e);
}

static void
part_clear(struct part *p)
{
	buf_reset(&p->text);
	p->halves = p->fresh = 0;
	strv_release(&p->path);
	p->path = (struct strv)STRV_INIT;
}

static int
emit_part(struct chunker *c, struct part *p, struct err *e)
{
	int r = emit(c, &p->path, p->text.p, p->text.len, p->page,
	    p->page_end, e);

	part_clear(p);
	return r;
}

static int
emit_held(struct chunker *c, struct err *e)
{
	if (!c->has_held)
		return 0;
	c->has_held = false;
	return emit_part(c, &c->held, e);
}

/* ---- small sections together ---- */

static size_t
common(const struct strv *a, const struct strv *b)
{
	size_t n = 0;

	while (n < a->n && n < b->n && strcmp(a->v[n], b->v[n]) == 0)
		n++;
	return n;
}

static void
path_copy(struct strv *to, const struct strv *from)
{
	size_t i;

	strv_release(to);
	*to = (struct strv)STRV_INIT;
	for (i = 0; i < from->n; i++)
		strv_add(to, from->v[i]);
}

/* The headings from the n-th on, as a line in the text. */
static void
add_headings(struct buf *b, const struct strv *path, size_t n)
{
	size_t from = n;

	for (; n < path->n; n++) {
		buf_adds(b, n > from ? " > " : "");
		buf_adds(b, path->v[n]);
	}
	if (n > from)
		buf_addc(b, '\n');
}

static bool
may_join(const struct chunker *c)
{
	const struct part *h = &c->held, *s = &c->cur;
	size_t n = common(&c->held_last, &s->path);
	size_t less = c->held_last.n < s->path.n ? c->held_last.n : s->path.n;

	/* siblings and parents; a very small one with cousins, too */
	return (h->page == s->page || h->halves < c->min / TINY) &&
	    (n + 1 >= less ||
	    (n > 0 && h->halves < c->min / 2)) &&
	    (s->path.n == 0 || c->held_last.n > 0) &&
	    h->halves + s->halves + 40 <= c->max &&
	    h->text.len + s->text.len + LEVELS * HEADING_BYTES * 2 <=
	    c->bytes;
}

static void
join(struct chunker *c)
{
	struct part *h = &c->held, *s = &c->cur;
	size_t n = common(&h->path, &s->path), len;
	struct buf b = BUF_INIT;

	if (n < h->path.n) {
		add_headings(&b, &h->path, n);
		buf_add(&b, h->text.p, h->text.len);
		buf_reset(&h->text);
		buf_add(&h->text, b.p, b.len);
		buf_release(&b);
		while (h->path.n > n)
			free(h->path.v[--h->path.n]);
	}
	len = h->text.len;
	while (len > 0 && h->text.p[len - 1] == '\n')
		len--;
	buf_cut(&h->text, len);
	buf_adds(&h->text, "\n\n");
	len = h->text.len;
	add_headings(&h->text, &s->path, n);
	h->halves += words_count(h->text.p + len, h->text.len - len, NULL) +
	    s->halves;
	buf_add(&h->text, s->text.p, s->text.len);
	h->page_end = s->page_end;
	path_copy(&c->held_last, &s->path);
	part_clear(s);
}

/* A small section that is at its end: with the one before it, or alone. */
static int
hold(struct chunker *c, struct err *e)
{
	struct part was;

	if (c->has_held && may_join(c)) {
		join(c);
		return c->held.halves >= c->min ? emit_held(c, e) : 0;
	}
	if (emit_held(c, e) < 0)
		return -1;
	was = c->held;
	c->held = c->cur;
	c->cur = was;
	c->has_held = true;
	path_copy(&c->held_last, &c->held.path);
	return 0;
}

/* ---- sections ---- */

static void
begin_part(struct chunker *c)
{
	size_t i;

	part_clear(&c->cur);
	for (i = 0; i < LEVELS; i++)
		if (c->level[i] != NULL)
			strv_add(&c->cur.path, c->level[i]);
	c->cur.page = c->cur.page_end = c->page;
	c->places = 0;
}

/* deeper: what follows stands under the same heading. */
static int
end_section(struct chunker *c, bool deeper, struct err *e)
{
	buf_reset(&c->header);
	c->header_halves = 0;
	if (c->cur.fresh == 0) {
		if (!c->headed || deeper) {
			part_clear(&c->cur);
			return 0;
		}
		begin_part(c);
		c->cur.page = c->cur.page_end = c->heading_page;
	}
	c->headed = false;
	if (c->cur.halves < c->min)
		return hold(c, e);
	return emit_held(c, e) < 0 ? -1 : emit_part(c, &c->cur, e);
}

static char *
one_line(const char *p, size_t len, size_t most)
{
	char *s = xstrndup(p, utf8_cut(p, len, most)), *q;

	for (q = s; *q != '\0'; q++)
		if (*q == '\n' || *q == '\t')
			*q = ' ';
	return s;
}

static int
heading(struct chunker *c, const struct docs_block *b, struct err *e)
{
	size_t at = b->number < 1 ? 0 : b->number > LEVELS ? LEVELS - 1 :
	    (size_t)b->number - 1, i;
	bool deeper = true;

	for (i = at; i < LEVELS; i++)
		deeper = deeper && c->level[i] == NULL;
	if (c->first == NULL)
		c->first = one_line(b->text, b->len, HEADING_BYTES);
	if (end_section(c, deeper, e) < 0)
		return -1;
	for (i = at; i < LEVELS; i++) {
		free(c->level[i]);
		c->level[i] = NULL;
	}
	c->level[at] = one_line(b->text, b->len, HEADING_BYTES);
	words_count(b->text, b->len, &c->minhash);
	c->headed = true;
	c->heading_page = c->page;
	return 0;
}

static int
section(struct chunker *c, const struct docs_block *b, struct err *e)
{
	size_t i;

	if (end_section(c, false, e) < 0 || emit_held(c, e) < 0)
		return -1;
	for (i = 0; i < LEVELS; i++) {
		free(c->level[i]);
		c->level[i] = NULL;
	}
	free(c->section);
	c->section = b->len > 0 ? one_line(b->text, b->len, HEADING_BYTES) :
	    NULL;
	return 0;
}

static int
page(struct chunker *c, int64_t number, struct err *e)
{
	c->page = number;
	if (number > c->pages)
		c->pages = number;
	if (c->cur.fresh < c->min)
		return 0;
	return emit_held(c, e) < 0 ? -1 : emit_part(c, &c->cur, e);
}

/* ---- cutting ---- */

/* The last sentence of what ends here, if it is not long. */
static size_t
last_sentence(const char *p, size_t len)
{
	size_t at = len > 1200 ? len - 1200 : 0, n, good = len;

	while (at > 0 && at < len && (unsigned char)p[at] >> 6 == 2)
		at++;
	for (n = len; n > at + 1; n--)
		if (p[n - 1] == '\n')
			break;
	/* what is cut at the front is no sentence */
	if (n > at + 1)
		at = good = n;
	else if (at == 0)
		good = 0;
	while (at < len) {
		n = words_sentence(p + at, len - at);
		at += n;
		if (at < len)
			good = at;
	}
	return good;
}

/* There is one: that in front of what does not fit. */
static struct place
choose(const struct chunker *c)
{
	const struct place *best = NULL, *last = NULL, *p;
	size_t i;

	for (i = 0; i < c->places; i++) {
		p = &c->place[i];
		if (last == NULL || p->halves <= c->max)
			last = p;
		if (p->halves < c->min || p->halves > c->max)
			continue;
		if (best == NULL || (p->block && !best->block) ||
		    (p->block == best->block && p->hash < best->hash))
			best = p;
	}
	return best != NULL ? *best : *last;
}

static size_t
prefix(struct chunker *c, struct buf *b, const struct place *at)
{
	const char *p = c->cur.text.p;
	size_t end = at->end, from, n = 0;

	if (at->in_table && c->header.len > 0) {
		buf_add(b, c->header.p, c->header.len);
		buf_addc(b, '\n');
		return c->header_halves;
	}
	if (!at->prose)
		return 0;
	while (end > 0 && (p[end - 1] == ' ' || p[end - 1] == '\n'))
		end--;
	from = last_sentence(p, end);
	n = words_count(p + from, end - from, NULL);
	if (from == 0 || from == end || n > c->max / 8 || end - from >
	    c->bytes / 8)
		return 0;
	buf_add(b, p + from, end - from);
	buf_adds(b, at->block ? "\n\n" : " ");
	return n;
}

/* What is before the place is a chunk, what is behind it begins the next. */
static int
cut_at(struct chunker *c, struct place at, struct err *e)
{
	struct part *p = &c->cur;
	struct buf next = BUF_INIT;
	size_t i, n, front, said;

	said = prefix(c, &next, &at);
	front = next.len;
	buf_add(&next, p->text.p + at.start, p->text.len - at.start);
	if (emit_held(c, e) < 0 || emit(c, &p->path, p->text.p, at.end,
	    p->page, at.before, e) < 0) {
		buf_release(&next);
		return -1;
	}
	buf_release(&p->text);
	p->text = next;
	p->fresh = p->halves - at.halves;
	p->halves = p->fresh + said;
	p->page = at.page;
	for (i = n = 0; i < c->places; i++) {
		if (c->place[i].start <= at.start)
			continue;
		c->place[n] = c->place[i];
		c->place[n].end += front - at.start;
		c->place[n].start += front - at.start;
		c->place[n].halves += said - at.halves;
		n++;
	}
	c->places = n;
	return 0;
}

static bool
fits(const struct chunker *c, size_t halves, size_t len)
{
	return c->cur.halves + halves <= c->whole &&
	    c->cur.text.len + len + 2 <= c->bytes;
}

static bool
has_sentences(enum docs_kind kind)
{
	return kind == DOCS_PARAGRAPH || kind == DOCS_ITEM;
}

static uint32_t
hash_of(const char *p, size_t len)
{
	uint32_t h = 2166136261;
	size_t i;

	for (i = 0; i < len && i < 64; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619;
	return h ^ h >> 15;
}

/* A piece that is never cut; first: of its block. */
static int
add_unit(struct chunker *c, const struct docs_block *b, const char *p,
    size_t len, size_t halves, bool first, struct err *e)
{
	struct part *s = &c->cur;
	struct place at;
	const char *gap = !first ? "" : c->last == b->kind &&
	    (b->kind == DOCS_ITEM || b->kind == DOCS_ROW) ? "\n" : "\n\n";
	bool row;

	halves += halves == 0;		/* signs only: there is something */
	while (s->fresh > 0) {
		row = b->kind == DOCS_ROW && b->number == 0 &&
		    c->header.len > 0;
		at = (struct place){ s->text.len, s->text.len + strlen(gap),
		    s->halves, hash_of(p, len), s->page_end, c->page, first,
		    has_sentences(c->last), row };
		c->place = xgrow(c->place, c->places, &c->places_cap,
		    sizeof *c->place);
		if (fits(c, halves, len)) {
			c->place[c->places++] = at;
			buf_adds(&s->text, gap);
			break;
		}
		c->place[c->places++] = at;
		at = choose(c);
		if (at.start > s->text.len)
			buf_adds(&s->text, gap);
		if (cut_at(c, at, e) < 0)
			return -1;
		/* the place in front of this one is found again */
		if (c->places > 0)
			c->places--;
	}
	if (s->fresh == 0 && s->halves == 0)
		begin_part(c);
	/* a sentence that is said again may leave too little room */
	if (s->fresh == 0 && s->halves > 0 && !fits(c, halves, len)) {
		buf_reset(&s->text);
		s->halves = 0;
	}
	if (s->fresh == 0)
		s->page = c->page;
	s->page_end = c->page;
	buf_add(&s->text, p, len);
	s->halves += halves;
	s->fresh += halves;
	c->headed = false;
	return 0;
}

static size_t
unit_len(const struct chunker *c, enum docs_kind kind, const char *p,
    size_t len, size_t *halves)
{
	const char *end;
	size_t n, most = c->bytes / 2, half = c->max / 2;

	/* one that is too long is cut: how long it is need not be known, and
	 * would be looked for again behind each cut */
	if (has_sentences(kind))
		n = words_sentence(p, len <= most ? len : most + 1);
	else
		n = (end = memchr(p, '\n', len)) != NULL ?
		    (size_t)(end - p) + 1 : len;
	*halves = n <= most ? words_count(p, n, NULL) : half + 1;
	if (n <= most && *halves <= half)
		return n;
	n = words_cut(p, n, half, most);
	*halves = words_count(p, n, NULL);
	return n;
}

static int
content(struct chunker *c, const struct docs_block *b, struct err *e)
{
	size_t all = words_count(b->text, b->len, &c->minhash), n, halves, at;

	if (b->kind != DOCS_ROW || b->number == 1) {
		buf_reset(&c->header);
		c->header_halves = 0;
	}
	if (b->kind == DOCS_CODE && b->number == 1 && c->cur.fresh >= c->min) {
			if (emit_held(c, e) < 0 || emit_part(c, &c->cur, e) < 0)
			return -1;
		c->places = 0;
	}
	if (all <= c->max / 2 && b->len <= c->bytes / 2) {
		if (b->len > 0 && add_unit(c, b, b->text, b->len, all, true,
		    e) < 0)
			return -1;
	} else
		for (at = 0; at < b->len; at += n) {
			n = unit_len(c, b->kind, b->text + at, b->len - at,
			    &halves);
			if (add_unit(c, b, b->text + at, n, halves, at == 0,
			    e) < 0)
				return -1;
			c->last = b->kind;
		}
	c->last = b->kind;
	if (b->kind == DOCS_ROW && b->number == 1 && all <= c->max / 8 &&
	    b->len <= c->bytes / 8) {
		buf_add(&c->header, b->text, b->len);
		c->header_halves = all;
	}
	return 0;
}

static int
on_block(void *arg, const struct docs_block *b, struct err *e)
{
	struct chunker *c = arg;

	switch (b->kind) {
	case DOCS_HEADING:
		return heading(c, b, e);
	case DOCS_PAGE:
		return page(c, b->number, e);
	case DOCS_SECTION:
		return section(c, b, e);
	default:
		return content(c, b, e);
	}
}

/* ---- what is told of the document ---- */

static int
on_meta(void *arg, enum docs_meta what, const char *p, size_t len,
    struct err *e)
{
	struct chunker *c = arg;
	struct chunk_facts *f = &c->facts;
	char **to, *s = one_line(p, len, FACT_BYTES), *t = str_trim(s);

	(void)e;
	to = what == DOCS_TITLE ? &f->title : what == DOCS_AUTHOR ?
	    &f->author : what == DOCS_LANGUAGE ? &f->language : what ==
	    DOCS_CREATED ? &f->created : &f->modified;
	if (what == DOCS_TAG) {
		if (*t != '\0' && f->tags.n < TAGS_MAX &&
		    !strv_has(&f->tags, t))
			strv_add(&f->tags, t);
	} else if (*t != '\0' && *to == NULL)
		*to = xstrdup(t);
	free(s);
	return 0;
}

struct chunker *
chunker_new(const struct chunk_options *o, const char *name, chunk_fn *fn,
    void *arg)
{
	static const struct chunk_options usual = CHUNK_OPTIONS;
	struct chunker *c = xcalloc(1, sizeof *c);

	if (o == NULL)
		o = &usual;
	c->max = 2 * (size_t)(o->words_max < 16 ? 16 : o->words_max);
	c->min = 2 * (size_t)(o->words_min < 1 ? 1 : o->words_min);
	if (c->min > c->max / 2)
		c->min = c->max / 2;
	c->whole = c->max + c->max / 2;
	c->bytes = o->bytes < 256 ? 256 : o->bytes;
	c->fn = fn;
	c->arg = arg;
	c->stem = stem_of(name);
	buf_init(&c->cur.text);
	buf_init(&c->held.text);
	buf_init(&c->header);
	minhash_init(&c->minhash);
	chunk_ids_init(&c->ids);
	return c;
}

struct docs_sink
chunker_sink(struct chunker *c)
{
	return (struct docs_sink){ .block = on_block, .meta = on_meta,
	    .arg = c };
}

int
chunker_end(struct chunker *c, struct err *e)
{
	if (end_section(c, false, e) < 0 || emit_held(c, e) < 0)
		return -1;
	take_title(c);
	minhash_end(&c->minhash);
	return 0;
}

void
chunker_free(struct chunker *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < LEVELS; i++)
		free(c->level[i]);
	part_clear(&c->cur);
	part_clear(&c->held);
	buf_release(&c->cur.text);
	buf_release(&c->held.text);
	buf_release(&c->header);
	strv_release(&c->held_last);
	strv_release(&c->facts.tags);
	free(c->facts.title);
	free(c->facts.author);
	free(c->facts.language);
	free(c->facts.created);
	free(c->facts.modified);
	free(c->stem);
	free(c->first);
	free(c->section);
	free(c->place);
	chunk_ids_release(&c->ids);
	free(c);
}

size_t
chunker_count(const struct chunker *c)
{
	return c->ids.list.len / (CHUNK_ID + 1);
}

const char *
chunker_id(const struct chunker *c, size_t i)
{
	return c->ids.list.p + i * (CHUNK_ID + 1);
}

const struct chunk_facts *
chunker_facts(const struct chunker *c)
{
	return &c->facts;
}

const struct minhash *
chunker_minhash(const struct chunker *c)
{
	return &c->minhash;
}

int64_t
chunker_pages(const struct chunker *c)
{
	return c->pages;
}
