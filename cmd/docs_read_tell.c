#include "cmd/docs_read.h"

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "docs/chunk.h"
#include "docs/document_id.h"
#include "docs/readers.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define FLUSH ((size_t)64 << 10)

int
docs_read_flush(struct docs_read *d, struct err *e)
{
	int r = file_write(STDOUT_FILENO, d->out.p, d->out.len,
	    "standard output", e);

	buf_reset(&d->out);
	if (r < 0)
		d->lost = true;
	return r;
}

int
docs_read_write(struct docs_read *d, struct err *e)
{
	return d->out.len < FLUSH ? 0 : docs_read_flush(d, e);
}

int
docs_read_unread(struct docs_read *d, const char *path, const char *kind,
    const char *why, bool left_out, struct err *e)
{
	buf_adds(&d->out, "{\"type\":\"unread\"");
	json_add_text(&d->out, "path", path);
	json_add_text(&d->out, "reason", why);
	json_add_text(&d->out, "kind", kind);
	buf_adds(&d->out, left_out ? ",\"left_out\":true}\n" : "}\n");
	return docs_read_write(d, e);
}

int
docs_read_member(struct docs_read *d, const char *path, struct err *e)
{
	size_t i;

	buf_adds(&d->out, "{\"type\":\"member\",\"at\":[");
	for (i = 0; i < d->at.n; i++)
		buf_addf(&d->out, "%s%" PRId64, i > 0 ? "," : "",
		    d->at.at[i]);
	buf_addc(&d->out, ']');
	json_add_text(&d->out, "path", path);
	buf_adds(&d->out, "}\n");
	return docs_read_flush(d, e);
}

/* --- what a document and its chunks share ------------------------------ */

struct telling {
	struct docs_read *d;
	const struct docs_about *about;
	char id[DOCS_ID_MAX + 1];
	int64_t ms;		/* INT64_MIN: not known */
	bool begun;		/* a chunk was told, and ms with it */
	struct buf path;	/* ,"media_type":... to the path, as JSON */
};

static void
put_texts(struct buf *b, const char *key, const char *const *v, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	buf_addf(b, ",\"%s\":[", key);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		json_quote(b, v[i], strlen(v[i]));
	}
	buf_addc(b, ']');
}

/* "created" of an office's file is when somebody began it, or the one that it
 * is a copy of. */
static bool
is_office(const char *media_type)
{
	return str_starts(media_type, "application/vnd.");
}

/* Its own date goes before that of its last change.  Its chunks come at the
 * time that was known when the first one did. */
static void
set_time(struct telling *t, const struct chunk_facts *f)
{
	const char *first = f->created, *second = f->modified;
	int64_t ms;

	if (t->begun)
		return;
	t->begun = true;
	t->ms = t->about->mtime_ms;
	if (is_office(t->about->media_type)) {
		first = f->modified;
		second = f->created;
	}
	if ((first != NULL && date_machine(first, &ms)) ||
	    (second != NULL && date_machine(second, &ms)))
		t->ms = ms;
}

static void
put_facts(struct telling *t, const struct chunk_facts *f)
{
	struct buf *b = &t->d->out;

	json_add_text(b, "author", f->author);
	put_texts(b, "tags", (const char *const *)f->tags.v, f->tags.n);
	buf_add(b, t->path.p, t->path.len);
	json_add_text(b, "language", f->language);
	if (t->ms != INT64_MIN)
		json_add_int(b, "timestamp", t->ms);
}

/* --- lines ------------------------------------------------------------- */

static int
tell_chunk(void *arg, const struct chunk *c, struct err *e)
{
	struct telling *t = arg;
	struct buf *b = &t->d->out;

	set_time(t, c->facts);
	buf_adds(b, "{\"type\":\"chunk\"");
	json_add_text(b, "document_id", t->id);
	json_add_text(b, "chunk_id", c->id);
	/* a file's name is in its path */
	if (!c->facts->by_name)
		json_add_text(b, "title", c->facts->title);
	put_texts(b, "heading", c->heading, c->headings);
	buf_adds(b, ",\"text\":");
	json_quote(b, c->text, c->len);
	if (c->page > 0)
		json_add_int(b, "page", c->page);
	if (c->page_end > c->page)
		json_add_int(b, "page_end", c->page_end);
	json_add_text(b, "section", c->section);
	put_facts(t, c->facts);
	buf_adds(b, "}\n");
	return docs_read_write(t->d, e);
}

static int
tell_document(struct telling *t, const struct chunker *c,
    struct docs_in *original, struct err *e)
{
	const struct chunk_facts *f = chunker_facts(c);
	struct buf *b = &t->d->out;
	char hex[MINHASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	struct hash copy;
	size_t i;

	set_time(t, f);
	buf_adds(b, "{\"type\":\"document\"");
	json_add_text(b, "document_id", t->id);
	json_add_text(b, "title", f->title);
	put_facts(t, f);
	json_add_int(b, "size_bytes", original->taken);
	copy = *original->hash;
	hash_end(&copy, sum);
	hex_encode(hex, sum, sizeof sum);
	json_add_text(b, "hash", hex);
	minhash_format(chunker_minhash(c), hex);
	if (*hex != '\0')
		json_add_text(b, "minhash", hex);
	if (chunker_pages(c) > 0)
		json_add_int(b, "pages", chunker_pages(c));
	buf_adds(b, ",\"chunks\":[");
	for (i = 0; i < chunker_count(c); i++)
		buf_addf(b, "%s\"%s\"", i > 0 ? "," : "", chunker_id(c, i));
	buf_adds(b, "]}\n");
	return docs_read_write(t->d, e);
}

static void
telling_init(struct telling *t, struct docs_read *d,
    const struct docs_about *about)
{
	*t = (struct telling){ .d = d, .about = about, .path = BUF_INIT };
	docs_id_of(t->id, about->path);
	json_add_text(&t->path, "media_type", about->media_type);
	json_add_text(&t->path, "source", d->source);
	json_add_text(&t->path, "path", about->path);
}

int
docs_read_tell(struct docs_read *d, const struct docs_about *about,
    struct docs_in *in, const char *as, struct docs_in *original,
    struct err *e)
{
	struct chunk_options how = CHUNK_OPTIONS;
	struct docs_sink sink;
	struct telling t;
	struct chunker *c;
	int r;

	telling_init(&t, d, about);
	how.words_min = (int)d->words_min;
	how.words_max = (int)d->words_max;
	c = chunker_new(&how, about->path, tell_chunk, &t);
	sink = chunker_sink(c);
	r = docs_reader_of(as)(in, &sink, &d->limits, e);
	if (r == 0)
		r = chunker_end(c, e);
	/* the hash is of all of it */
	if (r == 0)
		r = docs_in_drain(original, e);
	if (r == 0)
		r = tell_document(&t, c, original, e);
	chunker_free(c);
	buf_release(&t.path);
	return r;
}
