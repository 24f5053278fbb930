#include "engine/doc.h"

#include "base/hash.h"
#include "base/json.h"
#include "search/indexed.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The longest alias that is not hashed: names of indexes have 255 bytes. */
#define ALIAS_MAX 200

/* --- names ------------------------------------------------------------- */

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void
add_hash(struct buf *b, const char *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t sum[HASH_LEN];
	size_t i;

	hash_mem(p, len, sum);
	for (i = 0; i < sizeof sum; i++) {
		buf_addc(b, hex[sum[i] >> 4]);
		buf_addc(b, hex[sum[i] & 15]);
	}
}

/* All but a few bytes as two digits behind a mark, so that two names stay
 * two. */
static void
add_escaped(struct buf *b, const char *s, char mark)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c;

	for (; (c = (unsigned char)*s) != '\0'; s++) {
		if (is_plain((char)c) || (mark == '%' && ((c >= 'A' &&
		    c <= 'Z') || strchr("._:#-", c) != NULL))) {
			buf_addc(b, c);
			continue;
		}
		buf_addc(b, mark);
		buf_addc(b, hex[c >> 4]);
		buf_addc(b, hex[c & 15]);
	}
}

void
engine_alias(struct buf *b, const char *prefix, const char *tenant)
{
	size_t at;

	buf_adds(b, prefix);
	buf_addc(b, '-');
	at = b->len;
	add_escaped(b, tenant, '_');
	if (b->len <= ALIAS_MAX)
		return;
	buf_cut(b, at);
	buf_adds(b, "__");	/* which no escaped name begins with */
	add_hash(b, tenant, strlen(tenant));
}

void
engine_doc_id(struct buf *b, enum source source, const char *user,
    const char *within, const char *id)
{
	struct buf hashed = BUF_INIT;

	buf_reset(b);
	buf_adds(b, source_names[source]);
	buf_addc(b, '/');
	if (user != NULL && !source_is_shared(source))
		add_escaped(b, user, '%');
	buf_addc(b, '/');
	if (within != NULL)
		add_escaped(b, within, '%');
	buf_addc(b, '/');
	add_escaped(b, id, '%');
	if (b->len <= ENGINE_ID_MAX)
		return;
	add_hash(&hashed, b->p, b->len);
	buf_reset(b);
	buf_add(b, hashed.p, hashed.len);
	buf_release(&hashed);
}

const char *
engine_stems_field(enum source s)
{
	static const char *const names[SOURCE_SESSION] = { "s_event", "s_kb",
	    "s_toc", "s_grip", "s_fact", "s_fact", "s_artifact",
	    "s_document" };

	assert(s < SOURCE_SESSION);
	return names[s];
}

const char *
engine_words_field(enum source s)
{
	static const char *const names[SOURCE_SESSION] = { "w_event", "w_kb",
	    "w_toc", "w_grip", "w_fact", "w_fact", "w_artifact",
	    "w_document" };

	assert(s < SOURCE_SESSION);
	return names[s];
}

const char *
engine_value_field(enum field_kind kind)
{
	static const char *const names[FIELD_N] = { NULL, NULL, NULL,
	    "f.session", "f.role", "f.type", "f.agent", "f.user", "f.tag",
	    "f.author", "f.kb", "f.status", "source", "f.id", "f.source_id",
	    "f.level", "f.scope", "f.media", "f.path" };

	return names[kind];
}

int
engine_has_field(enum field_kind kind)
{
	return kind >= FIELD_SESSION && kind < FIELD_N &&
	    kind != FIELD_SOURCE;
}

/* --- writing ----------------------------------------------------------- */

void
engine_doc_init(struct engine_doc *w, const struct language *language,
    const char *by)
{
	w->by = by;
	tokens_init(&w->tokens, language);
	buf_init(&w->stems);
	buf_init(&w->words);
	buf_init(&w->rest);
	buf_init(&w->value);
}

void
engine_doc_release(struct engine_doc *w)
{
	tokens_release(&w->tokens);
	buf_release(&w->stems);
	buf_release(&w->words);
	buf_release(&w->rest);
	buf_release(&w->value);
}

/* Tells the names that both kinds of documents have. */
static void
add_head(const struct engine_doc *w, struct buf *to, enum source source,
    const char *id, const struct engine_more *more)
{
	buf_adds(to, "{\"source\":\"");
	buf_adds(to, source_names[source]);
	buf_adds(to, "\",\"id\":");
	json_quote(to, id, strlen(id));
	json_add_text(to, "user", more->user);
	json_add_text(to, "within", more->within);
	json_add_text(to, "by", w->by);
	json_add_int(to, "at", more->at);
}

void
engine_doc_gone(const struct engine_doc *w, struct buf *to,
    enum source source, const char *id, const struct engine_more *more)
{
	add_head(w, to, source, id, more);
	buf_adds(to, ",\"gone\":true}");
}

static void
add_word(struct buf *b, const char *p, size_t len)
{
	char *at = b->cap - b->len > len + 1 ? b->p + b->len :
	    buf_reserve(b, len + 1);

	/* a call of memcpy costs more than most words; what overlaps is the
	 * same twice */
	if (len > 16) {
		memcpy(at, p, len);
	} else if (len >= 8) {
		memcpy(at, p, 8);
		memcpy(at + len - 8, p + len - 8, 8);
	} else if (len >= 4) {
		memcpy(at, p, 4);
		memcpy(at + len - 4, p + len - 4, 4);
	} else if (len > 0) {
		at[0] = p[0];
		at[len / 2] = p[len / 2];
		at[len - 1] = p[len - 1];
	}
	at[len] = ' ';
	b->len += len + 1;
}

/* In the list that is being written, without the last blank. */
static void
add_element(struct buf *list, const char *p, size_t len)
{
	if (list->len > 0)
		buf_addc(list, ',');
	json_quote(list, p, len);
}

/* ->stems: what words are found by; ->rest: the list of w_SOURCE, ->value the
 * part of it that is for the end. */
static void
add_piece(struct engine_doc *w, const struct doc_piece *p, struct buf *whole)
{
	size_t from = w->stems.len, n;
	struct token t;
	unsigned i;

	buf_reset(&w->words);
	tokens_start(&w->tokens, p->text, p->len, 0);
	while (token_next(&w->tokens, &t)) {
		if (t.kind == TOKEN_WHOLE || t.kind == TOKEN_LAST)
			add_element(whole, t.text, t.len);
		else
			add_word(&w->words, t.text, t.len);
		if (t.kind == TOKEN_WHOLE)
			add_word(&w->stems, t.text, t.len);
		else if (t.kind != TOKEN_LAST && !t.stop)
			add_word(&w->stems, t.stem, t.stem_len);
	}
	if (w->words.len > 0)
		add_element(&w->rest, w->words.p, w->words.len - 1);
	n = w->stems.len - from;
	for (i = 1; i < p->times && n > 0; i++) {
		buf_reserve(&w->stems, n);
		buf_add(&w->stems, w->stems.p + from, n);
	}
}

static void
add_texts(struct engine_doc *w, struct buf *to, const struct doc *d)
{
	struct buf *whole = &w->value;
	size_t i;

	buf_reset(&w->stems);
	buf_reset(&w->rest);
	buf_reset(whole);
	for (i = 0; i < d->pieces; i++)
		add_piece(w, &d->piece[i], whole);
	if (w->stems.len > 0) {
		buf_adds(to, ",\"");
		buf_adds(to, engine_stems_field(d->source));
		buf_adds(to, "\":");
		json_quote(to, w->stems.p, w->stems.len - 1);
	}
	if (w->rest.len > 0 || whole->len > 0) {
		buf_adds(to, ",\"");
		buf_adds(to, engine_words_field(d->source));
		buf_adds(to, "\":[");
		buf_add(to, w->rest.p, w->rest.len);
		if (w->rest.len > 0 && whole->len > 0)
			buf_addc(to, ',');
		buf_add(to, whole->p, whole->len);
		buf_addc(to, ']');
	}
}

struct values {
	struct buf *to, *value;
	const char *name;
	int n;
};

static int
add_value(void *arg, const char *s, size_t len)
{
	struct values *v = arg;
	bool whole;

	buf_reset(v->value);
	indexed_value(v->value, s, len, &whole);
	if (v->n++ == 0) {
		if (v->to->p[v->to->len - 1] != '{')
			buf_addc(v->to, ',');
		buf_addc(v->to, '"');
		buf_adds(v->to, v->name);
		buf_adds(v->to, "\":[");
	} else {
		buf_addc(v->to, ',');
	}
	json_quote(v->to, v->value->p, v->value->len);
	return 0;
}

/* KB/ID, and of a piece what its document is called so, too. */
static void
add_called(struct values *v, struct buf *b, const struct doc *d)
{
	const char *mark;

	if (d->kb == NULL || (d->source != SOURCE_KB && d->source !=
	    SOURCE_DOCUMENT))
		return;
	buf_reset(b);
	buf_addf(b, "%s/%s", d->kb, d->id);
	add_value(v, b->p, b->len);
	if (d->source == SOURCE_DOCUMENT && (mark = strrchr(b->p, '#')) != NULL)
		add_value(v, b->p, (size_t)(mark - b->p));
}

static void
add_values(struct engine_doc *w, struct buf *to, struct doc *d)
{
	struct values v = { .to = to, .value = &w->value };
	int kind;

	buf_adds(to, ",\"f\":{");
	for (kind = 0; kind < FIELD_N; kind++) {
		if (!engine_has_field((enum field_kind)kind))
			continue;
		v.name = field_names[kind];
		v.n = 0;
		if (kind == FIELD_ID) {
			add_value(&v, d->id, strlen(d->id));
			add_called(&v, &w->rest, d);
		} else
			doc_values(d, (enum field_kind)kind, add_value, &v);
		if (v.n > 0)
			buf_addc(to, ']');
	}
	buf_addc(to, '}');
}

/* KB/DOCUMENT_ID */
static void
add_document(struct engine_doc *w, struct buf *to, const struct doc *d)
{
	const char *mark = strrchr(d->id, '#');

	buf_reset(&w->value);
	buf_adds(&w->value, d->kb);
	buf_addc(&w->value, '/');
	buf_add(&w->value, d->id, mark != NULL ? (size_t)(mark - d->id) :
	    strlen(d->id));
	json_add_text(to, "document", w->value.p);
}

void
engine_doc_add(struct engine_doc *w, struct buf *to, struct doc *d,
    const struct engine_more *more)
{
	add_head(w, to, d->source, d->id, more);
	json_add_text(to, "session", d->session);
	if (d->has_time)
		json_add_int(to, "ts", d->ts_ms);
	if (d->end_ms != 0)
		json_add_int(to, "end", d->end_ms);
	if (d->until_ms != 0)
		json_add_int(to, "until", d->until_ms);
	json_add_text(to, "node", more->node);
	if (d->source == SOURCE_DOCUMENT)
		add_document(w, to, d);
	if (d->unsaid)
		buf_adds(to, ",\"unsaid\":true");
	if (more->place >= 0)
		json_add_int(to, "place", more->place);
	if (more->row != 0)
		buf_addf(to, ",\"row\":\"%s/%" PRId64 "\"", w->by, more->row);
	add_values(w, to, d);
	add_texts(w, to, d);
	if (more->record != NULL) {
		buf_adds(to, ",\"record\":");
		json_write(to, more->record);
	}
}

void
engine_doc_vector(struct buf *to, const int8_t *v, size_t dim)
{
	char *p = buf_reserve(to, dim * 5 + 8), *from = p;
	unsigned n;
	size_t i;

	memcpy(p, ",\"v\":[", 6);
	p += 6;
	for (i = 0; i < dim; i++) {
		if (i > 0)
			*p++ = ',';
		n = v[i] < 0 ? (unsigned)-v[i] : (unsigned)v[i];
		if (v[i] < 0)
			*p++ = '-';
		if (n >= 100)
			*p++ = '1';
		if (n >= 10)
			*p++ = (char)('0' + n / 10 % 10);
		*p++ = (char)('0' + n % 10);
	}
	*p++ = ']';
	to->len += (size_t)(p - from);
	*p = '\0';
}
