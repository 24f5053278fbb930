#include "index/manifest.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/uri.h"
#include "index/blockfile.h"
#include "index/language.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "manifest"
#define HEAD "memkit-index"
#define VERSION 1
#define SIZE_MAX_READ ((size_t)64 << 20)
#define ENGLISH(m) (strcmp((m)->language, language_english.name) == 0)
#define AGAIN 20	/* times that a reader starts anew */

void
manifest_init(struct manifest *m)
{
	memset(m, 0, sizeof *m);
	m->words = MANIFEST_WORDS;
	snprintf(m->language, sizeof m->language, "%s",
	    language_english.name);
	m->next = 1;
}

void
manifest_release(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->segment[i].dead);
	free(m->segment);
	manifest_init(m);
}

char *
manifest_path(const char *dir, uint64_t number)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%" PRIu64 ".seg", dir, number);
	return buf_steal(&b);
}

char *
manifest_vectors_path(const char *dir, uint64_t number)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%" PRIu64 ".vec", dir, number);
	return buf_steal(&b);
}

char *
manifest_df_path(const char *dir, const struct manifest_segment *s)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%" PRIu64 ".%" PRIu32 ".df", dir, s->number,
	    s->ndead);
	return buf_steal(&b);
}

struct manifest_segment *
manifest_add(struct manifest *m, uint64_t number, uint32_t docs)
{
	struct manifest_segment *s;

	m->segment = xgrow(m->segment, m->n, &m->cap, sizeof *m->segment);
	s = &m->segment[m->n++];
	memset(s, 0, sizeof *s);
	s->number = number;
	s->docs = docs;
	if (number >= m->next)
		m->next = number + 1;
	return s;
}

void
manifest_drop(struct manifest *m, size_t i)
{
	free(m->segment[i].dead);
	memmove(m->segment + i, m->segment + i + 1,
	    (--m->n - i) * sizeof *m->segment);
}

int
manifest_kill(struct manifest_segment *s, uint32_t doc)
{
	uint64_t bit = UINT64_C(1) << (doc % 64);

	if (s->dead == NULL)
		s->dead = xcalloc(s->docs / 64 + 1, sizeof *s->dead);
	if (s->dead[doc / 64] & bit)
		return 0;
	s->dead[doc / 64] |= bit;
	s->ndead++;
	return 1;
}

uint64_t
manifest_stamp(const char *dir)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */
	struct err ignored;	/* who opens the index is told */
	size_t i;

	file_join(&path, dir, NAME);
	if (buf_read_file(&b, path.p, SIZE_MAX_READ, &ignored) < 0)
		h = 0;
	for (i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.p[i]) * UINT64_C(1099511628211);
	buf_release(&path);
	buf_release(&b);
	return h;
}

/* --- writing ----------------------------------------------------------- */

static bool
is_dead(const struct manifest_segment *s, uint32_t doc)
{
	return doc < s->docs && (s->dead[doc / 64] >> (doc % 64) & 1);
}

/* " 3 17-40", the dead in ranges. */
static void
add_dead(struct buf *b, const struct manifest_segment *s)
{
	uint32_t d, last;

	for (d = 0; d < s->docs; d++) {
		if (s->dead[d / 64] == 0) {
			d |= 63;
			continue;
		}
		if (!is_dead(s, d))
			continue;
		for (last = d; is_dead(s, last + 1); last++)
			;
		buf_addf(b, " %" PRIu32, d);
		if (last > d)
			buf_addf(b, "-%" PRIu32, last);
		d = last;
	}
}

/* "vectors DIMENSION PIECES SHA-256 NAME"; of the name, what would end a
 * line or a word is %XX. */
static void
add_model(struct buf *b, const struct vector_model *v)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(hex, v->hash, HASH_LEN);
	buf_addf(b, "vectors %" PRIu32 " %" PRIu32 " %s ", v->dim, v->pieces,
	    hex);
	uri_escape_only(b, v->name, strlen(v->name), " %" URI_CONTROLS);
	buf_addc(b, '\n');
}

int
manifest_write(const struct manifest *m, const char *dir,
    const struct blockfile_key *key, struct err *e)
{
	static const char *const vectors[] = { "", " vectors some",
	    " vectors all" };
	const struct manifest_segment *s;
	struct buf b = BUF_INIT, path = BUF_INIT;
	size_t i;
	int r;

	buf_addf(&b, HEAD " %d\nwords %u\nnext %" PRIu64 "\nevents %" PRId64
	    "\nrecords %" PRId64 "\ntombstones %" PRId64 "\n", VERSION,
	    m->words, m->next, m->events, m->records, m->tombstones);
	if (m->contents > 0)
		buf_addf(&b, "contents %" PRId64 "\n", m->contents);
	if (m->facts > 0)
		buf_addf(&b, "facts %" PRId64 "\n", m->facts);
	if (m->artifacts > 0)
		buf_addf(&b, "artifacts %" PRId64 "\n", m->artifacts);
	if (!ENGLISH(m))
		buf_addf(&b, "language %s\n", m->language);
	if (m->has_model)
		add_model(&b, &m->model);
	for (i = 0; i < m->n; i++) {
		s = &m->segment[i];
		buf_addf(&b, "segment %" PRIu64 " %" PRIu32 "%s dead %" PRIu32,
		    s->number, s->docs, vectors[s->vectors], s->ndead);
		if (s->ndead > 0)
			add_dead(&b, s);
		buf_addc(&b, '\n');
	}
	buf_addf(&b, "crc32c %08" PRIx32 "\n", crc32c(0, b.p, b.len));
	file_join(&path, dir, NAME);
	r = blockfile_replace(path.p, b.p, b.len, key, e);
	buf_release(&path);
	buf_release(&b);
	return r;
}

/* --- reading ----------------------------------------------------------- */

/* A word and a number from where *p stands; 1, 0. */
static int
take(char **p, const char *word, uint64_t max, uint64_t *out)
{
	size_t n = strlen(word);
	char *end;

	if (strncmp(*p, word, n) != 0 || (*p)[n] < '0' || (*p)[n] > '9')
		return 0;
	errno = 0;
	*out = strtoull(*p + n, &end, 10);
	if (errno != 0 || *out > max)
		return 0;
	*p = end;
	return 1;
}

static int
take_row(char **p, const char *word, int64_t *out)
{
	uint64_t v;

	if (!take(p, word, INT64_MAX, &v))
		return 0;
	*out = (int64_t)v;
	return 1;
}

static int
take_dead(char **p, struct manifest_segment *s, uint64_t want)
{
	uint64_t from, to;

	while (take(p, " ", s->docs, &from)) {
		to = from;
		if (**p == '-' && !take(p, "-", s->docs, &to))
			return 0;
		for (; from <= to && from < s->docs; from++)
			manifest_kill(s, (uint32_t)from);
	}
	return s->ndead == want;
}

static bool
skip(char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

static int
take_segment(char **p, struct manifest *m)
{
	enum manifest_vectors vectors = MANIFEST_NONE;
	struct manifest_segment *s;
	uint64_t number, docs, dead;

	if (m->n == MANIFEST_SEGMENTS ||
	    !take(p, "segment ", UINT64_MAX - 1, &number) ||
	    !take(p, " ", SEGMENT_DOCS, &docs))
		return 0;
	if (skip(p, " vectors all"))
		vectors = MANIFEST_ALL;
	else if (skip(p, " vectors some"))
		vectors = MANIFEST_SOME;
	if (!take(p, " dead ", docs, &dead) ||
	    (vectors != MANIFEST_NONE && !m->has_model))
		return 0;
	s = manifest_add(m, number, (uint32_t)docs);
	s->vectors = vectors;
	return take_dead(p, s, dead) && *(*p)++ == '\n';
}

static int
take_model(char **p, struct manifest *m)
{
	struct vector_model *v = &m->model;
	uint64_t dim, pieces;
	uint8_t byte;
	size_t i;

	if (!take(p, "vectors ", VECTOR_DIM, &dim) || dim == 0 ||
	    !take(p, " ", VECTOR_PIECES, &pieces) || !skip(p, " "))
		return 0;
	v->dim = (uint32_t)dim;
	v->pieces = (uint32_t)pieces;
	if (!hex_decode(v->hash, *p, HASH_LEN))
		return 0;
	*p += 2 * HASH_LEN;
	if (!skip(p, " "))
		return 0;
	for (i = 0; **p != '\n' && **p != '\0'; i++) {
		byte = (uint8_t)*(*p)++;
		if (i == VECTOR_NAME - 1)
			return 0;
		if (byte == '%') {
			if (!hex_decode(&byte, *p, 1) || byte == 0)
				return 0;
			*p += 2;
		}
		v->name[i] = (char)byte;
	}
	m->has_model = true;
	return *(*p)++ == '\n';
}

/* "language NAME", where it is not English. */
static int
take_language(char **p, struct manifest *m)
{
	size_t n;

	if (!skip(p, "language "))
		return 1;
	for (n = 0; (*p)[n] >= 'a' && (*p)[n] <= 'z'; n++)
		;
	if (n == 0 || n >= sizeof m->language || (*p)[n] != '\n')
		return 0;
	memcpy(m->language, *p, n);
	m->language[n] = '\0';
	*p += n + 1;
	return !ENGLISH(m);
}

static int
parse(struct manifest *m, char *p, size_t len)
{
	char *sum = len > 16 ? p + len - 16 : p, *end;
	uint64_t version, words;

	if (len <= 16 || strncmp(sum, "crc32c ", 7) != 0 ||
	    strtoul(sum + 7, &end, 16) != crc32c(0, p, (size_t)(sum - p)) ||
	    end != sum + 15)
		return 0;
	*sum = '\0';
	if (!take(&p, HEAD " ", UINT32_MAX, &version))
		return 0;
	if (version != VERSION)
		return -1;
	if (!take(&p, "\nwords ", UINT32_MAX, &words) ||
	    !take(&p, "\nnext ", UINT64_MAX - 1, &m->next) ||
	    !take_row(&p, "\nevents ", &m->events) ||
	    !take_row(&p, "\nrecords ", &m->records) ||
	    !take_row(&p, "\ntombstones ", &m->tombstones) || *p++ != '\n')
		return 0;
	m->words = (unsigned)words;
	if ((take_row(&p, "contents ", &m->contents) && *p++ != '\n') ||
	    (take_row(&p, "facts ", &m->facts) && *p++ != '\n') ||
	    (take_row(&p, "artifacts ", &m->artifacts) && *p++ != '\n'))
		return 0;
	if (!take_language(&p, m))
		return 0;
	if (strncmp(p, "vectors ", 8) == 0 && !take_model(&p, m))
		return 0;
	while (*p != '\0')
		if (!take_segment(&p, m))
			return 0;
	return 1;
}

int
manifest_read(struct manifest *m, const char *dir,
    const struct blockfile_key *key, struct err *e)
{
	struct buf b = BUF_INIT, path = BUF_INIT;
	int r;

	manifest_init(m);
	file_join(&path, dir, NAME);
	r = blockfile_get(&b, path.p, SIZE_MAX_READ, key, e);
	if (r < 0 && e->code == ERR_ABSENT) {
		r = 0;
	} else if (r == 0) {
		r = parse(m, b.p, b.len);
		if (r < 0)
			err_set(e, ERR_VERSION, "%s: made by a newer memkit",
			    path.p);
		else if (r == 0)
			r = err_set(e, ERR_INDEX, "%s is damaged; "
			    "mem-index --rebuild makes it again", path.p);
	}
	if (r < 1)
		manifest_release(m);
	buf_release(&path);
	buf_release(&b);
	return r;
}

bool
manifest_serves(const struct manifest *m, const struct language *l)
{
	return m->words == MANIFEST_WORDS && strcmp(m->language, l->name) == 0;
}

/* --- open -------------------------------------------------------------- */

void
index_close_vectors(struct index *x)
{
	size_t i;

	for (i = 0; x->v != NULL && i < x->m.n; i++)
		vector_close(x->v[i]);
	free(x->v);
	x->v = NULL;
}

/* A file of vectors and its frequencies, as the manifest has it. */
static int
open_vectors(struct index *x, size_t i, const char *dir, struct err *e)
{
	const struct manifest_segment *s = &x->m.segment[i];
	char *path = manifest_vectors_path(dir, s->number), *df;
	int r = vector_open(&x->v[i], path, x->key, e);

	if (r == 0 && (vector_rows(x->v[i]) != s->docs ||
	    !vector_model_same(vector_model(x->v[i]), &x->m.model)))
		r = err_set(e, ERR_ABSENT, "%s is not what the manifest says",
		    path);
	if (r == 0 && s->ndead > 0) {
		df = manifest_df_path(dir, s);
		r = vector_df_use(x->v[i], df, e);
		free(df);
	}
	free(path);
	return r;
}

int
index_open_vectors(struct index *x, const char *dir,
    const struct vector_model *model, struct err *e)
{
	size_t i;
	int r = 0;

	if (x->m.n > 0 && (!x->m.has_model ||
	    !vector_model_same(&x->m.model, model)))
		return 0;
	for (i = 0; i < x->m.n; i++)
		if (x->m.segment[i].vectors != MANIFEST_ALL)
			return 0;
	x->v = xcalloc(x->m.n + 1, sizeof *x->v);
	for (i = 0; i < x->m.n && r == 0; i++)
		r = open_vectors(x, i, dir, e);
	if (r == 0)
		return 1;
	index_close_vectors(x);
	return -1;
}

void
index_close_segments(struct index *x)
{
	size_t i;

	index_close_vectors(x);
	for (i = 0; x->s != NULL && i < x->m.n; i++)
		segment_close(x->s[i]);
	free(x->s);
	x->s = NULL;
}

void
index_close(struct index *x)
{
	index_close_segments(x);
	manifest_release(&x->m);
}

int
index_open_segments(struct index *x, const char *dir, struct err *e)
{
	char *path;
	size_t i;
	int r = 0;

	x->s = xcalloc(x->m.n + 1, sizeof *x->s);
	for (i = 0; i < x->m.n && r == 0; i++) {
		path = manifest_path(dir, x->m.segment[i].number);
		r = segment_open(&x->s[i], path, x->key, e);
		if (r == 0 && segment_docs(x->s[i]) != x->m.segment[i].docs)
			r = err_set(e, ERR_INDEX, "%s is not what the "
			    "manifest says", path);
		free(path);
	}
	if (r == 0)
		return 1;
	index_close_segments(x);
	return e->code == ERR_ABSENT ? 0 : -1;
}

int
index_open(struct index *x, const char *dir,
    const struct blockfile_key *key, struct err *e)
{
	int r, again;

	for (again = 0; again < AGAIN; again++) {
		x->s = NULL;
		x->v = NULL;
		x->key = key;
		if ((r = manifest_read(&x->m, dir, key, e)) != 1)
			return r;
		if (x->m.words != MANIFEST_WORDS) {
			manifest_release(&x->m);
			return err_set(e, ERR_VERSION, "it is that of another "
			    "memkit; mem-index makes it anew");
		}
		if ((r = index_open_segments(x, dir, e)) == 1)
			return 1;
		index_close(x);
		if (r < 0)
			return -1;
	}
	/* the error is that of the segment that is not there */
	e->code = ERR_INDEX;
	return err_add(e, "the index is incomplete; mem-index --rebuild makes "
	    "it again: ");
}
