/*
 * Everything that a segment says against a list of all occurrences.
 */
#include "segment-model.h"

#include "index/match.h"
#include "index/word.h"

#include <unistd.h>

static char dir[] = "/tmp/memkit-u-segment.XXXXXX";
static char path[64];
static struct err e;

/* --- documents --------------------------------------------------------- */

static void
check_keys(struct segment *s, const struct model *m)
{
	struct buf key = BUF_INIT;
	unsigned char near[SEGMENT_KEY + 1];
	uint32_t i, doc;
	int wrong = 0, r, same;
	size_t n;

	for (i = 0; i < m->docs; i++) {
		const struct doc *d = m->doc[i];

		wrong += segment_key(s, i, &key, &e) < 0 ||
		    key.len != d->key_len ||
		    memcmp(key.p, d->key, key.len) != 0;
		r = segment_find_key(s, d->key, d->key_len, &doc, &e);
		wrong += r != 1 || doc != i;
		memcpy(near, d->key, d->key_len);
		near[d->key_len] = '\0';	/* what comes next after it */
		n = d->key_len + 1;
		same = i + 1 < m->docs && key_compare(m->doc[i + 1]->key,
		    m->doc[i + 1]->key_len, near, n) == 0;
		r = segment_find_key(s, near, n, &doc, &e);
		wrong += r != same || doc != i + 1;
	}
	r = segment_find_key(s, "", 0, &doc, &e);
	wrong += r != 0 || doc != 0;
	is_int(wrong, 0, "keys");
	buf_release(&key);
}

static void
check_columns(struct segment *s, const struct model *m)
{
	const uint8_t *lengths;
	uint8_t length;
	uint64_t sum = 0;
	uint32_t i;
	unsigned c;
	int64_t v;
	int wrong = 0;
	bool up;

	for (c = 0; c < COLUMNS; c++) {
		for (i = 0, up = true; i < m->docs; i++) {
			wrong += segment_value(s, c, i, &v, &e) < 0 ||
			    v != m->doc[i]->column[c];
			up = up && (i == 0 || m->doc[i]->column[c] >=
			    m->doc[i - 1]->column[c]);
		}
		wrong += segment_ascending(s, c) != up;
	}
	is_int(wrong, 0, "columns");
	if (segment_lengths(s, &lengths, &e) < 0)
		wrong++;
	for (i = 0; i < m->docs && wrong == 0; i++) {
		wrong += segment_length_of(s, i, &length, &e) < 0 ||
		    length != score_pack(m->length[i]) || length != lengths[i];
		sum += score_length(length);
	}
	is_int(wrong, 0, "lengths");
	ok(segment_docs(s) == m->docs && segment_columns(s) == COLUMNS &&
	    segment_terms(s) == m->terms && segment_length(s) == sum,
	    "counts: %u documents, %zu terms", (unsigned)m->docs, m->terms);
}

/* --- terms ------------------------------------------------------------- */

static bool
is_term(const struct occ *o, unsigned field, const char *text, size_t len)
{
	return o->field == field && o->len == len &&
	    memcmp(o->term, text, len) == 0;
}

static uint32_t
docs_of(const struct model *m, size_t term)
{
	uint32_t n = 0;
	size_t i;

	for (i = m->term[term]; i < m->term[term + 1]; i++)
		n += i == m->term[term] || m->occ[i].doc != m->occ[i - 1].doc;
	return n;
}

/* The terms of a field that begin so, by walking. */
static int
walk_wrong(struct segment *s, const struct model *m, unsigned field,
    const char *prefix, size_t len)
{
	struct segment_walk w;
	size_t t;
	int wrong = 0, r;

	if (segment_walk(s, field, prefix, len, &w, &e) < 0)
		return 1;
	for (t = 0; t < m->terms; t++) {
		const struct occ *o = &m->occ[m->term[t]];

		if (o->field != field || o->len < len ||
		    memcmp(o->term, prefix, len) != 0)
			continue;
		if (segment_walk_next(&w, &e) != 1)
			return 1;
		wrong += !is_term(o, field, w.text, w.len) ||
		    w.term.number != t || w.term.docs != docs_of(m, t);
	}
	r = segment_walk_next(&w, &e);
	wrong += r != 0 || segment_walk_next(&w, &e) != 0;
	return wrong;
}

static void
check_terms(struct segment *s, const struct model *m)
{
	static const unsigned fields[] = { SEGMENT_TEXT, SEGMENT_LAST,
	    FIELD_A, FIELD_B, 0, 3, SEGMENT_FIELD + 1, 255 };
	char text[SEGMENT_TERM + 1];
	struct segment_term t;
	size_t i, f, n;
	int wrong = 0, walks = 0;

	for (i = 0; i < m->terms; i++) {
		const struct occ *o = &m->occ[m->term[i]];

		wrong += segment_term(s, o->field, o->term, o->len, &t,
		    &e) != 1 || t.number != i || t.docs != docs_of(m, i);
		memcpy(text, o->term, o->len);
		text[o->len] = '\0';
		if (i + 1 == m->terms || !is_term(&m->occ[m->term[i + 1]],
		    o->field, text, o->len + 1))
			wrong += segment_term(s, o->field, text, o->len + 1,
			    &t, &e) != 0;
		wrong += segment_term(s, o->field + 100, o->term, o->len, &t,
		    &e) != 0;
		if (below(4) == 0) {
			n = below((unsigned)o->len + 1);
			walks += walk_wrong(s, m, o->field, o->term, n);
		}
	}
	for (f = 0; f < sizeof fields / sizeof *fields; f++) {
		walks += walk_wrong(s, m, fields[f], "", 0);
		walks += walk_wrong(s, m, fields[f], "\xff\xff", 2);
		wrong += segment_term(s, fields[f], "\xff", 1, &t, &e) != 0;
		wrong += segment_term(s, fields[f], "", 0, &t, &e) != 0;
	}
	memset(text, 'v', sizeof text);
	wrong += segment_term(s, FIELD_A, text, sizeof text, &t, &e) != 0;
	is_int(wrong, 0, "terms are found, others are not");
	is_int(walks, 0, "walks");
}

/* --- postings ---------------------------------------------------------- */

/* The occurrences of a document, from i on. */
static size_t
run_of(const struct model *m, size_t i, size_t end)
{
	size_t k;

	for (k = i; k < end && m->occ[k].doc == m->occ[i].doc; k++)
		;
	return k - i;
}

static int
bound_wrong(struct segment_list *l, uint32_t block, const uint32_t *doc,
    const uint32_t *tf, uint32_t n, const uint8_t *lengths)
{
	struct segment_pair p[SEGMENT_PAIRS];
	int pairs = segment_bound(l, block, p, &e), i, wrong = 0;
	bool under;
	uint32_t k;

	if (pairs < 1 || pairs > SEGMENT_PAIRS)
		return 1;
	for (k = 0; k < n; k++) {
		for (i = 0, under = false; i < pairs; i++)
			under |= tf[k] <= p[i].tf &&
			    lengths[doc[k]] >= p[i].length;
		wrong += !under;
	}
	return wrong;
}

/* Positions ascend, and those of each place are words that stand there, as
 * often as they do; n of them are in the model, from o on. */
static int
positions_wrong(struct segment_list *l, uint32_t i, const struct occ *o,
    size_t n)
{
	struct buf word[SEGMENT_FORMS];
	bool whole[SEGMENT_FORMS], *seen = xcalloc(n + 1, sizeof *seen);
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t k, got;
	size_t c, from;
	unsigned f;
	int wrong = 0;

	if (segment_positions(l, i, &pos, &form, &got, &e) < 0 ||
	    got != (n < SEGMENT_TF ? n : SEGMENT_TF)) {
		free(seen);
		return 1;
	}
	for (f = 0; f < l->t.forms; f++) {
		buf_init(&word[f]);
		wrong += segment_form(l->s, &l->t, o->term, o->len, f,
		    &word[f], &whole[f], &e) < 0;
	}
	for (k = 0, from = 0; k < got; k++) {
		wrong += form[k] >= l->t.forms || (k > 0 && pos[k] <
		    pos[k - 1]);
		while (from < n && o[from].pos < pos[k])
			from++;
		for (c = from; c < n && o[c].pos == pos[k]; c++)
			if (!seen[c] && whole[form[k]] == o[c].whole &&
			    word[form[k]].len == o[c].word_len &&
			    memcmp(word[form[k]].p, o[c].word,
			    o[c].word_len) == 0)
				break;
		if (c == n || o[c].pos != pos[k])
			wrong++;
		else
			seen[c] = true;
	}
	for (f = 0; f < l->t.forms; f++)
		buf_release(&word[f]);
	free(seen);
	return wrong;
}

static int
block_wrong(struct segment_list *l, uint32_t b, const struct model *m,
    size_t term, uint32_t at, const uint32_t *doc, const uint32_t *tf)
{
	size_t i, end = m->term[term + 1], n;
	uint32_t k, last;
	int wrong = 0;

	/* positions of any, in any order, before and after tf is asked */
	if (segment_list_last(l, b, &last, &e) < 0 ||
	    segment_list_load(l, b, &e) < 0)
		return 1;
	wrong += l->n == 0 || l->n > BITS_BLOCK || last != l->doc[l->n - 1] ||
	    memcmp(l->doc, doc + at, l->n * sizeof *doc) != 0;
	if (below(2))
		wrong += segment_list_tf(l, &e) < 0;
	for (i = m->term[term], k = 0; i < end && k < at; k++)
		i += run_of(m, i, end);
	for (k = 0; k < l->n && i < end; k++, i += n) {
		n = run_of(m, i, end);
		if (m->occ[i].field >= SEGMENT_FIELD || below(4) == 0)
			continue;
		wrong += positions_wrong(l, k, &m->occ[i], n);
	}
	wrong += segment_list_tf(l, &e) < 0 ||
	    memcmp(l->tf, tf + at, l->n * sizeof *tf) != 0;
	return wrong;
}

static int
seeks_wrong(struct segment_list *l, const uint32_t *doc, uint32_t df,
    uint32_t docs)
{
	uint32_t i, from, to, want, block;
	int wrong = 0;

	for (i = 0; i < 20; i++) {
		from = below(l->blocks + 1);
		to = below(docs + 2);
		for (want = from; want < l->blocks; want++)
			if (doc[(want + 1) * BITS_BLOCK < df ?
			    (want + 1) * BITS_BLOCK - 1 : df - 1] >= to)
				break;
		wrong += segment_list_seek(l, from, to, &block, &e) < 0 ||
		    block != want;
	}
	return wrong;
}

struct wrongs {
	int lists, bounds, seeks;
};

static void
check_list(struct segment *s, const struct model *m, size_t term,
    const uint8_t *lengths, struct wrongs *w)
{
	uint32_t *doc = xcalloc(m->docs, sizeof *doc), df = 0, b, at;
	uint32_t *tf = xcalloc(m->docs, sizeof *tf);
	struct segment_list *l = xmalloc(sizeof *l);
	const struct occ *o = &m->occ[m->term[term]];
	size_t i, end = m->term[term + 1], n;
	struct segment_term t;

	for (i = m->term[term]; i < end; i += n) {
		n = run_of(m, i, end);
		doc[df] = m->occ[i].doc;
		tf[df++] = n < SEGMENT_TF ? (uint32_t)n : SEGMENT_TF;
	}
	w->lists += segment_term(s, o->field, o->term, o->len, &t, &e) != 1;
	segment_list(s, &t, l);
	w->lists += l->blocks != (df + BITS_BLOCK - 1) / BITS_BLOCK ||
	    l->block != UINT32_MAX;
	if (below(2))
		w->bounds += bound_wrong(l, UINT32_MAX, doc, tf, df, lengths);
	for (b = 0; b < l->blocks; b++) {
		at = b * BITS_BLOCK;
		if (below(2))
			w->bounds += bound_wrong(l, b, doc + at, tf + at,
			    df - at < BITS_BLOCK ? df - at : BITS_BLOCK,
			    lengths);
		w->lists += block_wrong(l, b, m, term, at, doc, tf);
	}
	b = below(l->blocks);		/* and back */
	w->lists += block_wrong(l, b, m, term, b * BITS_BLOCK, doc, tf);
	w->seeks += seeks_wrong(l, doc, df, m->docs);
	segment_list_release(l);
	free(l);
	free(doc);
	free(tf);
}

static void
check_lists(struct segment *s, const struct model *m)
{
	struct wrongs w = { 0 };
	const uint8_t *lengths;
	size_t t;

	if (segment_lengths(s, &lengths, &e) < 0)
		w.lists++;
	for (t = 0; t < m->terms && w.lists == 0; t++)
		check_list(s, m, t, lengths, &w);
	is_int(w.lists, 0, "documents, frequencies, positions, forms");
	is_int(w.bounds, 0, "bounds hold");
	is_int(w.seeks, 0, "seeking");
}

/* --- forms and prefixes ------------------------------------------------ */

/* What segment_words must say: the terms it has to name at least once. */
struct named {
	const struct model *m;
	bool *term;
	int wrong;
};

static int
name(void *arg, const char *text, size_t len, const struct segment_term *t,
    struct err *ignored)
{
	struct named *x = arg;

	(void)ignored;
	if (t->number >= x->m->terms ||
	    !is_term(&x->m->occ[x->m->term[t->number]], SEGMENT_TEXT, text,
	    len))
		x->wrong++;
	else
		x->term[t->number] = true;
	return 0;
}

static bool
begins(const char *p, size_t n, const char *prefix, size_t len)
{
	return n >= len && memcmp(p, prefix, len) == 0;
}

static void
check_words(struct segment *s, const struct model *m)
{
	struct named x = { m, NULL, 0 };
	const struct occ *o;
	const char *prefix;
	size_t i, k, t, len;
	bool want;

	for (i = 0; i < 60 && m->n > 0; i++) {
		o = &m->occ[below((unsigned)m->n)];
		if (o->field != SEGMENT_TEXT)
			continue;
		prefix = o->word;
		len = 1 + below((unsigned)o->word_len);
		x.term = xcalloc(m->terms + 1, sizeof *x.term);
		if (segment_words(s, prefix, len, name, &x, &e) < 0)
			x.wrong++;
		for (t = 0; t < m->terms; t++) {
			for (k = m->term[t], want = false;
			    k < m->term[t + 1]; k++) {
				o = &m->occ[k];
				want |= o->field == SEGMENT_TEXT &&
				    begins(o->word, o->word_len, prefix,
				    len) && !begins(o->word, o->word_len,
				    o->term, o->len);
			}
			x.wrong += want && !x.term[t];
			x.wrong += !want && x.term[t];
		}
		free(x.term);
	}
	is_int(x.wrong, 0, "words that do not begin with their terms");
}

/* Every form is a word of the model, and is there once. */
static void
check_forms(struct segment *s, const struct model *m)
{
	struct buf word = BUF_INIT, seen = BUF_INIT;
	struct segment_term t;
	const struct occ *o;
	size_t i, k;
	unsigned f;
	int wrong = 0;
	bool whole, known;

	for (i = 0; i < m->terms; i++) {
		o = &m->occ[m->term[i]];
		if (segment_term(s, o->field, o->term, o->len, &t, &e) != 1)
			wrong++;
		buf_reset(&seen);
		for (f = 0; f < t.forms; f++) {
			wrong += segment_form(s, &t, o->term, o->len, f,
			    &word, &whole, &e) < 0;
			known = o->field >= SEGMENT_FIELD;
			for (k = m->term[i]; k < m->term[i + 1]; k++)
				known |= m->occ[k].whole == whole &&
				    m->occ[k].word_len == word.len &&
				    memcmp(m->occ[k].word, word.p,
				    word.len) == 0;
			wrong += !known;
			buf_addc(&word, whole ? 'w' : 'l');
			buf_addc(&word, '\n');
			wrong += strstr(seen.p, word.p) != NULL;
			buf_addc(&seen, '\n');
			buf_add(&seen, word.p, word.len);
		}
	}
	is_int(wrong, 0, "forms");
	buf_release(&word);
	buf_release(&seen);
}

/* --- many shapes ------------------------------------------------------- */

static void
check_all(struct doc **d, uint32_t n)
{
	struct model m;
	struct segment *s;

	make_segment(d, n, path);
	model_make(&m, d, n);
	s = open_segment(path);
	check_columns(s, &m);
	check_keys(s, &m);
	check_terms(s, &m);
	check_forms(s, &m);
	check_words(s, &m);
	check_lists(s, &m);
	if (!ok(segment_verify(s, &e) == 0, "verified"))
		printf("# %s\n", e.msg);
	segment_close(s);
	model_free(&m);
}

static void
check_random(uint32_t n, unsigned words)
{
	struct doc **d = random_docs(n, words);

	check_all(d, n);
	docs_free(d, n);
}

/* One word 70,000 times; a text of no words; positions beyond 2^16. */
static void
check_extremes(void)
{
	struct doc **d = random_docs(3, 5);
	size_t i;
	char *p;

	free(d[0]->text[0].p);
	p = d[0]->text[0].p = xmalloc(600001);
	for (i = 0; i < 70000; i++)
		memcpy(p + 2 * i, "a ", 2);
	for (p += 140000, i = 0; i < 30000; i++, p += 4)
		memcpy(p, i % 2 ? "b a " : "cs c ", 4);
	*p = '\0';
	d[0]->text[0].times = 1;
	free(d[1]->text[0].p);
	d[1]->text[0].p = xstrdup(" . ");
	check_all(d, 3);
	docs_free(d, 3);
}

/* More words of one stem than there are forms: frequencies and positions
 * are still right. */
static void
check_many_forms(void)
{
	static const char *const end[] = { "", "s", "'s", "ed", "ing", "ly",
	    "edly", "ingly", "er", "al", "ally", "alism", "alist", "ation",
	    "ational", "ize", "izer", "ization", "ful", "fully", "fulness",
	    "ness", "ive", "iveness", "ity", "ment", "able", "ably" };
	struct words *w = words_new(NULL);
	struct segment_maker *m = segment_maker_new(0);
	struct buf text = BUF_INIT;
	struct segment *s;
	struct segment_term t;
	struct segment_list l;
	struct tokens ts;
	const uint32_t *pos;
	const uint8_t *form;
	const char *stem;
	char word[64];
	size_t n, i, j, k, many = 0, N = sizeof end / sizeof *end;
	uint32_t got = 0;
	int wrong = 0;

	for (i = 0; i < N; i++)
		for (j = 0; j < N; j++)
			for (k = 0; k < N; k++) {
				snprintf(word, sizeof word, "grump%s%s%s",
				    end[i], end[j], end[k]);
				word_stem(w, word, strlen(word), &stem, &n);
				if (n != 5 || memcmp(stem, "grump", 5) != 0)
					continue;
				buf_adds(&text, word);
				buf_addc(&text, ' ');
				many++;
			}
	ok(many > 2 * SEGMENT_FORMS, "%zu words have one stem", many);
	tokens_init(&ts, NULL);
	if (segment_doc(m, "k", 1, NULL, &e) < 0)
		wrong++;
	segment_doc_text(m, &ts, text.p, text.len, 1);
	segment_doc_end(m);
	tokens_release(&ts);
	wrong += segment_maker_write(m, path, NULL, &e) < 0;
	segment_maker_free(m);
	s = open_segment(path);
	wrong += segment_term(s, SEGMENT_TEXT, "grump", 5, &t, &e) != 1 ||
	    t.forms != SEGMENT_FORMS;
	segment_list(s, &t, &l);
	wrong += segment_list_load(&l, 0, &e) < 0 ||
	    segment_positions(&l, 0, &pos, &form, &got, &e) < 0 ||
	    got < many;
	for (i = 0; i < got; i++)
		wrong += form[i] >= SEGMENT_FORMS;
	segment_list_release(&l);
	wrong += segment_verify(s, &e) < 0;
	segment_close(s);
	is_int(wrong, 0, "they are kept as the last");
	buf_release(&text);
	words_free(w);
}

static void
check_makers(void)
{
	struct segment_maker *m = segment_maker_new(0);
	struct segment *s = NULL;
	struct tokens ts;
	size_t memory;
	char other[80];

	tokens_init(&ts, NULL);
	memory = segment_maker_memory(m);
	ok(segment_doc(m, "k", 1, NULL, &e) == 0, "a document");
	segment_doc_text(m, &ts, "one two", 7, 1);
	segment_doc_end(m);
	ok(segment_doc(m, "k", 1, NULL, &e) == -1 && e.code == ERR_EXISTS,
	    "a key that is there is refused");
	segment_doc_text(m, &ts, "three", 5, 1);
	segment_doc_end(m);
	ok(segment_doc(m, "l", 1, NULL, &e) == 0, "another");
	segment_doc_end(m);
	is_int(segment_maker_docs(m), 2, "two documents");
	ok(segment_maker_memory(m) >= memory, "memory");
	snprintf(other, sizeof other, "%s/none/x", dir);
	ok(segment_maker_write(m, other, NULL, &e) == -1 && e.code == ERR_SYS,
	    "no folder: %s", e.msg);
	segment_maker_free(m);
	m = segment_maker_new(0);
	if (segment_doc(m, "k", 1, NULL, &e) == 0)
		segment_doc_end(m);
	ok(segment_maker_write(m, path, NULL, &e) == 0, "a segment of one");
	segment_maker_free(m);
	segment_maker_free(NULL);
	segment_close(NULL);
	tokens_release(&ts);
	ok(segment_open(&s, other, NULL, &e) == -1 && e.code == ERR_ABSENT,
	    "what is not there: %s", e.msg);
	ok(segment_open(&s, dir, NULL, &e) == -1, "a folder: %s", e.msg);
	ok(truncate(path, 0) == 0 && segment_open(&s, path, NULL, &e) == -1 &&
	    e.code == ERR_INDEX, "an empty file: %s", e.msg);
}

int
main(void)
{
	int i;

	if (mkdtemp(dir) == NULL)
		return 2;
	snprintf(path, sizeof path, "%s/s", dir);
	check_makers();
	check_random(0, 1);
	check_random(1, 10);
	for (i = 0; i < 3; i++)
		check_random(2 + below(40), 30);
	check_random(128, 3);
	check_random(700, 25);
	check_extremes();
	check_many_forms();
	unlink(path);
	rmdir(dir);
	return done();
}
