#include "review/review_near.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "ltm/verdict.h"
#include "memory/record.h"
#include "review/review_work.h"
#include "search/query.h"
#include "search/search.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_OF_FACT 20
#define FOUND 50		/* rows of a search */
#define WORDS 48		/* that it looks for */
#define WORD_LEAST 4		/* letters */

struct near_row {
	json_t *o;		/* own */
	struct strv title;	/* words */
	bool found;		/* by the search */
};

struct review_near {
	struct store *st;	/* borrowed */
	const struct language *language;
	struct near_row *row;	/* own */
	size_t n, cap;
	struct map ids;		/* KB/RECORD_ID: i, of row */
};

struct review_near *
review_near_new(struct store *st, const struct language *language)
{
	struct review_near *s = xcalloc(1, sizeof *s);

	s->st = st;
	s->language = language;
	return s;
}

void
review_near_free(struct review_near *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++) {
		json_decref(s->row[i].o);
		strv_release(&s->row[i].title);
	}
	free(s->row);
	map_release(&s->ids);
	free(s);
}

/* --- reading ----------------------------------------------------------- */

static int
keep(void *arg, const struct record *rec, struct err *e)
{
	struct review_near *s = arg;
	const char *title = get_str(rec->json, "title", NULL);
	struct near_row *w;

	(void)e;
	if (str_eq(rec->status, "rejected"))
		return 0;
	s->row = xgrow(s->row, s->n, &s->cap, sizeof *s->row);
	w = &s->row[s->n++];
	*w = (struct near_row){ .o = json_incref(rec->json) };
	if (title != NULL)
		review_words_of(&w->title, title);
	return 0;
}

/* -1 failed, 0 there is none or it does not count, 1; *at is its place. */
static int
read_row(struct review_near *s, const char *kb, const char *id, size_t *at,
    struct err *e)
{
	struct buf key = BUF_INIT;
	union map_value *v;
	size_t before = s->n;
	int made, r = 0;

	buf_addf(&key, "%s/%s", kb, id);
	v = map_put(&s->ids, key.p, &made);
	if (made) {
		v->i = -1;
		if ((r = verdict_rejected(s->st, key.p, e)) == 0)
			r = record_find(s->st, kb, id, 0, keep, s, e);
		if (r == 1 && s->n > before)
			v->i = (int64_t)before;
	}
	buf_release(&key);
	if (r < 0 || v->i < 0)
		return r < 0 ? -1 : 0;
	*at = (size_t)v->i;
	return 1;
}

int
review_near_take(struct review_near *s, const char *kb, const json_t *ids,
    struct err *e)
{
	const char *id;
	size_t i, at;

	for (i = 0; i < json_array_size(ids) && i < ROWS_OF_FACT; i++)
		if ((id = json_string_value(json_array_get(ids, i))) != NULL &&
		    read_row(s, kb, id, &at, e) < 0)
			return -1;
	return 0;
}

/* --- searching --------------------------------------------------------- */

static int
longest_first(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t n = strlen(x), m = strlen(y);

	return n != m ? n > m ? -1 : 1 : strcmp(x, y);
}

/* What is looked for; nothing without two words. */
static void
put_query(struct buf *text, const struct map *words)
{
	const char **v = xcalloc(words->n + 1, sizeof *v);
	size_t i, n = 0;

	for (i = 0; i < words->n; i++)
		if (strlen(words->e[i].key) >= WORD_LEAST)
			v[n++] = words->e[i].key;
	qsort(v, n, sizeof *v, longest_first);
	for (i = 0; i < n && i < WORDS && n > 1; i++)
		buf_addf(text, "%s ", v[i]);
	free(v);
}

static int
on_hit(void *arg, json_t *hit, struct err *e)
{
	const json_t *row = json_object_get(hit, "record");
	const char *kb = get_str(row, "kb", NULL);
	const char *id = get_str(row, "record_id", NULL);
	struct strv *ids = arg;

	(void)e;
	if (kb != NULL && id != NULL) {
		strv_add(ids, kb);
		strv_add(ids, id);
	}
	return 0;
}

int
review_near_search(struct review_near *s, const struct map *words,
    struct err *e)
{
	struct search how = { .mode = SEARCH_TEXT, .limit = FOUND,
	    .sources = 1u << SOURCE_KB };
	struct strv ids = STRV_INIT;
	struct buf text = BUF_INIT;
	struct query q;
	int64_t found;
	size_t i, at;
	int r = 0;

	put_query(&text, words);
	if (text.len > 0) {
		query_parse(&q, s->language, text.p, text.len, date_now());
		query_ready(&q);
		r = search_run(s->st, &q, &how, on_hit, &ids, &found, e);
		query_release(&q);
	}
	for (i = 0; r >= 0 && i < ids.n; i += 2)
		if ((r = read_row(s, ids.v[i], ids.v[i + 1], &at, e)) == 1)
			s->row[at].found = true;
	strv_release(&ids);
	buf_release(&text);
	return r < 0 ? -1 : 0;
}

/* --- what they tell ---------------------------------------------------- */

static const json_t *
list_of(const json_t *row, const char *name)
{
	const json_t *v = json_object_get(row, name);

	return v != NULL ? v : json_object_get(json_object_get(row, "fields"),
	    name);
}

static bool
holds(const json_t *list, const char *s)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (str_eq(json_string_value(json_array_get(list, i)), s))
			return true;
	return false;
}

void
review_near_together(const struct review_near *s, const char *path,
    const struct strv *names, struct map *out)
{
	const json_t *list;
	const char *other;
	size_t i, k, f;
	int made;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < names->n; k++) {
			list = list_of(s->row[i].o, names->v[k]);
			if (!holds(list, path))
				continue;
			for (f = 0; f < json_array_size(list); f++) {
				other = json_string_value(json_array_get(list,
				    f));
				if (other != NULL && strcmp(other, path) != 0)
					map_put(out, other, &made)->i++;
			}
		}
}

static void
put_value(const json_t *v, size_t most, struct map *out)
{
	const char *s = json_string_value(v);
	int made;

	if (s != NULL && out->n < most)
		map_put(out, s, &made);
}

void
review_near_values(const struct review_near *s, const struct strv *names,
    size_t most, struct map *out)
{
	const json_t *v;
	size_t i, k, f;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < names->n; k++) {
			v = list_of(s->row[i].o, names->v[k]);
			put_value(v, most, out);
			for (f = 0; f < json_array_size(v); f++)
				put_value(json_array_get(v, f), most, out);
		}
}

static void
put_kinds(const json_t *list, struct map *out, size_t most)
{
	struct buf tag = BUF_INIT;
	const char *name;
	size_t i;
	int made;

	for (i = 0; i < json_array_size(list) && out->n < most; i++)
		if ((name = json_string_value(json_array_get(list, i))) !=
		    NULL) {
			buf_reset(&tag);
			buf_addf(&tag, "pattern:%s", name);
			map_put(out, tag.p, &made);
		}
	buf_release(&tag);
}

void
review_near_kinds(const struct review_near *s, struct map *out, size_t most)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		put_kinds(list_of(s->row[i].o, "pattern_tags"), out, most);
		put_kinds(list_of(s->row[i].o, "tags"), out, most);
	}
}

double
review_near_share(const struct strv *title, const struct map *words)
{
	size_t i, n = 0;

	for (i = 0; i < title->n; i++)
		n += map_get(words, title->v[i]) != NULL;
	return n < 2 || 2 * n < title->n ? 0 : (double)n / (double)title->n;
}

int
review_near_each(const struct review_near *s, const char *path,
    const struct map *words, int (*fn)(void *, const json_t *, double,
    struct err *), void *to, struct err *e)
{
	const struct near_row *w;
	double share;
	bool here;
	size_t i;
	int r = 0;

	for (i = 0; i < s->n && r == 0; i++) {
		w = &s->row[i];
		here = holds(list_of(w->o, "affected_files"), path);
		if ((!here && !w->found) ||
		    (share = review_near_share(&w->title, words)) == 0)
			continue;
		if (here || (share == 1 && w->title.n > 2))
			r = fn(to, w->o, here ? REVIEW_ROW_BASE +
			    REVIEW_ROW_SHARE * share : REVIEW_ROW_ELSEWHERE,
			    e);
	}
	return r;
}
