#include "toc/toc_body.h"

#include "store/payload.h"

#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 1000000	/* thousandths; the best one has 1000 */

/* --- writing ----------------------------------------------------------- */

static void
put_text(struct buf *b, const char *s, size_t len)
{
	size_t at = b->len, i;

	buf_add(b, s, len);
	for (i = at; i < b->len; i++)
		if (b->p[i] == '\n' || b->p[i] == '\0')
			b->p[i] = ' ';
	buf_addc(b, '\n');
}

void
toc_body_title(struct buf *b, const char *s)
{
	buf_adds(b, "T ");
	put_text(b, s, strlen(s));
}

void
toc_body_bullet(struct buf *b, const struct toc_bullet *x)
{
	buf_adds(b, "B ");
	/* a thousandth is enough, and the same on every machine */
	buf_add_int(b, (int64_t)(x->weight * 1000 + 0.5));
	buf_addc(b, ' ');
	buf_add_int(b, x->cues);
	buf_addc(b, ' ');
	buf_add(b, x->grips, x->grips_len);
	buf_addc(b, ' ');
	put_text(b, x->text, x->len);
}

void
toc_body_keywords(struct buf *b, char *const *word, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_adds(b, "K ");
		put_text(b, word[i], strlen(word[i]));
	}
}

/* --- reading ----------------------------------------------------------- */

/* A number and the blank after it; the line ends in a NUL or a newline. */
static long
number(const char **p)
{
	char *end;
	long v = strtol(*p, &end, 10);

	*p = *end == ' ' ? end + 1 : end;
	return v;
}

static int
read_bullet(struct toc_line *l, const char *p, const char *end)
{
	const char *blank;
	long weight, cues;

	weight = number(&p);
	cues = number(&p);
	if (weight < 0 || weight > WEIGHT_MAX || cues < 0 ||
	    cues > UINT16_MAX || p >= end ||
	    (blank = memchr(p, ' ', (size_t)(end - p))) == NULL)
		return 0;
	l->b.weight = (double)weight / 1000;
	l->b.cues = (unsigned)cues;
	l->b.grips = p;
	l->b.grips_len = (size_t)(blank - p);
	l->b.text = blank + 1;
	l->b.len = (size_t)(end - blank - 1);
	return 1;
}

int
toc_body_next(const struct buf *b, size_t *at, struct toc_line *l)
{
	const char *p, *end;

	while (*at < b->len) {
		p = b->p + *at;
		end = memchr(p, '\n', b->len - *at);
		if (end == NULL)
			return 0;
		memset(l, 0, sizeof *l);
		l->all = p;
		l->all_len = (size_t)(end + 1 - p);
		*at += l->all_len;
		if (end - p < 2 || p[1] != ' ')
			continue;
		l->kind = p[0];
		l->b.text = p + 2;
		l->b.len = (size_t)(end - p - 2);
		if (l->kind == 'T' || l->kind == 'K' ||
		    (l->kind == 'B' && read_bullet(l, p + 2, end)))
			return 1;
	}
	return 0;
}

int
toc_grip_next(const char **ids, size_t *len, const char **id, size_t *id_len)
{
	const char *comma;

	if (*len == 0)
		return 0;
	comma = memchr(*ids, ',', *len);
	*id = *ids;
	*id_len = comma != NULL ? (size_t)(comma - *ids) : *len;
	*ids += *id_len + (comma != NULL);
	*len -= *id_len + (comma != NULL);
	return 1;
}

int
toc_body_read(struct store *st, const void *p, size_t len, int64_t dict,
    struct buf *out, struct err *e)
{
	return store_unpack(st, out, p, len, dict, TOC_BODY_MAX, e) < 0 ?
	    err_add(e, "damaged contents (run mem-admin check): ") : 0;
}

json_t *
toc_bullet_json(const struct toc_bullet *b)
{
	const char *ids = b->grips, *id;
	size_t len = b->grips_len, n;
	json_t *list = json_array();

	while (toc_grip_next(&ids, &len, &id, &n))
		json_array_append_new(list, json_stringn(id, n));
	return json_pack("{s:o*, s:o}", "text", json_stringn(b->text, b->len),
	    "grip_ids", list);
}

json_t *
toc_body_json(const struct buf *text)
{
	json_t *bullets = json_array(), *words = json_array();
	json_t *o = json_pack("{s:s, s:o, s:o}", "title", "", "bullets",
	    bullets, "keywords", words);
	struct toc_line l;
	size_t at = 0;

	while (toc_body_next(text, &at, &l))
		if (l.kind == 'B')
			json_array_append_new(bullets, toc_bullet_json(&l.b));
		else if (l.kind == 'K')
			json_array_append_new(words, json_stringn(l.b.text,
			    l.b.len));
		else
			json_object_set_new(o, "title", json_stringn(l.b.text,
			    l.b.len));
	return o;
}
