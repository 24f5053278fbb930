/*
 * A row is near a change when the change is in one of its files and half of
 * the words of its title, two at least, are in the lines.
 */
#include "review/review_book.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "review/review_near.h"
#include "review/review_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


struct place {
	size_t *v;		/* own */
	size_t n, cap;
};

struct review_book {
	json_t **record;	/* own */
	size_t n, cap;
	struct map tags;	/* of facts; p: struct place, own */
	struct map files;	/* of rows; the same */
	struct map ids;		/* of both, as verdicts name them */
	struct map judged;	/* verdicts, by what they are on */
	struct map judged_in;	/* and by their file */
};

static void
put(struct map *m, const char *key, size_t record)
{
	union map_value *v;
	struct place *at;
	int made;

	v = map_put(m, key, &made);
	if (made)
		v->p = xcalloc(1, sizeof *at);
	at = v->p;
	at->v = xgrow(at->v, at->n, &at->cap, sizeof *at->v);
	at->v[at->n++] = record;
}

static void
put_all(struct map *m, const json_t *keys, size_t record)
{
	size_t i;

	for (i = 0; i < json_array_size(keys); i++)
		if (json_is_string(json_array_get(keys, i)))
			put(m, json_string_value(json_array_get(keys, i)),
			    record);
}

static void
take_fact(struct review_book *b, const json_t *o)
{
	const char *key = get_str(o, "key", NULL), *file;
	const json_t *meta = json_object_get(o, "metadata");

	if (key != NULL && get_str(meta, "verdict", NULL) != NULL) {
		put(&b->judged, key, b->n);
		if ((file = get_str(meta, "file", NULL)) != NULL)
			put(&b->judged_in, file, b->n);
		return;
	}
	put_all(&b->tags, json_object_get(o, "tags"), b->n);
	if (get_str(o, "fact_id", NULL) != NULL)
		put(&b->ids, get_str(o, "fact_id", NULL), b->n);
}

static void
take_row(struct review_book *b, const json_t *o)
{
	const char *kb = get_str(o, "kb", NULL);
	const char *id = get_str(o, "record_id", NULL);
	struct buf name = BUF_INIT;

	put_all(&b->files, get_path(o, "fields.affected_files"), b->n);
	if (kb == NULL || id == NULL)
		return;
	buf_addf(&name, "%s/%s", kb, id);
	put(&b->ids, name.p, b->n);
	buf_release(&name);
}

static void
take(struct review_book *b, json_t *o)
{
	const char *type = get_str(o, "type", NULL);

	if (!str_eq(type, "fact") && !str_eq(type, "record"))
		return;
	b->record = xgrow(b->record, b->n, &b->cap, sizeof *b->record);
	b->record[b->n] = json_incref(o);
	if (str_eq(type, "fact"))
		take_fact(b, o);
	else
		take_row(b, o);
	b->n++;
}

static int
read_lines(struct review_book *b, struct jsonl *j, struct err *e)
{
	enum jsonl_got got;
	json_t *o;
	size_t n;
	char *p;

	while ((got = jsonl_next(j, -1, &p, &n, NULL, e)) == JSONL_LINE) {
		if ((o = json_read(p, n, e)) == NULL)
			return err_add(e, "'%s': line %lld", j->name,
			    (long long)j->line_no);
		take(b, o);
		json_decref(o);
	}
	return got == JSONL_LONG ? err_set(e, ERR_INPUT, "'%s': line %lld is "
	    "too long", j->name, (long long)j->line_no) :
	    got == JSONL_EOF ? 0 : -1;
}

int
review_book_read(struct review_book **out, const char *path, struct err *e)
{
	struct review_book *b;
	struct jsonl j;
	int fd, r;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT ? err_set(e, ERR_ABSENT,
		    "cannot open '%s': %s", path, strerror(errno)) :
		    err_sys(e, "cannot open '%s'", path);
	b = xcalloc(1, sizeof *b);
	jsonl_init(&j, fd, path);
	r = read_lines(b, &j, e);
	jsonl_release(&j);
	close(fd);
	if (r < 0)
		review_book_free(b);
	else
		*out = b;
	return r;
}

static void
places_release(struct map *m)
{
	struct place *at;
	size_t i;

	for (i = 0; i < m->n; i++) {
		at = m->e[i].v.p;
		free(at->v);
		free(at);
	}
	map_release(m);
}

void
review_book_free(struct review_book *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->n; i++)
		json_decref(b->record[i]);
	free(b->record);
	places_release(&b->tags);
	places_release(&b->files);
	places_release(&b->ids);
	places_release(&b->judged);
	places_release(&b->judged_in);
	free(b);
}

static bool
begins(const json_t *fact, const char *prefix)
{
	const json_t *tags = json_object_get(fact, "tags");
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(tags); i++)
		if ((s = json_string_value(json_array_get(tags, i))) != NULL &&
		    str_starts(s, prefix))
			return true;
	return false;
}

static int
facts(void *arg, const char *tag, int (*fn)(void *, const json_t *,
    struct err *), void *to, struct err *e)
{
	const struct review_book *b = arg;
	const union map_value *v;
	const struct place *at;
	size_t i;
	int r = 0;

	if ((v = map_get(&b->tags, tag)) == NULL)
		return 0;
	at = v->p;
	for (i = 0; i < at->n && r == 0; i++)
		r = fn(to, b->record[at->v[i]], e);
	return r;
}

static int
patterns(void *arg, int (*fn)(void *, const json_t *, struct err *), void *to,
    struct err *e)
{
	const struct review_book *b = arg;
	size_t i;
	int r = 0;

	for (i = 0; i < b->n && r == 0; i++)
		if (begins(b->record[i], "pattern:") ||
		    begins(b->record[i], "cause:"))
			r = fn(to, b->record[i], e);
	return r;
}

static double
share(const char *title, const struct map *words)
{
	struct strv of = STRV_INIT;
	double part;

	review_words_of(&of, title);
	part = review_near_share(&of, words);
	strv_release(&of);
	return part;
}

static int
rows(void *arg, const char *path, const struct map *words,
    int (*fn)(void *, const json_t *, double, struct err *), void *to,
    struct err *e)
{
	const struct review_book *b = arg;
	const union map_value *v = map_get(&b->files, path);
	const struct place *at;
	const char *title;
	const json_t *o;
	double s;
	size_t i;
	int r = 0;

	if (v == NULL)
		return 0;
	at = v->p;
	for (i = 0; i < at->n && r == 0; i++) {
		o = b->record[at->v[i]];
		title = get_str(o, "title", NULL);
		if (!str_eq(get_str(o, "status", NULL), "rejected") &&
		    title != NULL && (s = share(title, words)) > 0)
			r = fn(to, o, REVIEW_ROW_BASE +
			    REVIEW_ROW_SHARE * s, e);
	}
	return r;
}

/* --- verdicts ---------------------------------------------------------- */

struct judging {
	const struct review_book *b;
	const char *path, *was;
	verdict_fn *fn;
	int (*tell)(void *, const char *, const json_t *, struct err *);
	void *to;
};

static int
on_verdict(void *arg, const struct verdict *v, struct err *e)
{
	const struct judging *j = arg;

	return v->file == NULL || str_eq(v->file, j->path) ||
	    str_eq(v->file, j->was) ? j->fn(j->to, v, e) : 0;
}

static int
on_missed(void *arg, const struct verdict *v, struct err *e)
{
	const struct judging *j = arg;
	const union map_value *x = map_get(&j->b->ids, v->about);
	const struct place *at;

	if (x == NULL || strcmp(v->name, VERDICT_MISSED) != 0)
		return 0;
	at = x->p;
	return j->tell(j->to, v->about, j->b->record[at->v[at->n - 1]], e);
}

static int
each_verdict(struct judging *j, const struct map *m, const char *key,
    verdict_fn *fn, struct err *e)
{
	const union map_value *x = map_get(m, key);
	const struct place *at;
	size_t i;
	int r = 0;

	if (x == NULL)
		return 0;
	at = x->p;
	for (i = 0; r == 0 && i < at->n; i++)
		r = verdict_unpack(j->b->record[at->v[i]], fn, j, e);
	return r;
}

static int
verdicts(void *arg, const char *about, const char *path, const char *was,
    verdict_fn *fn, void *to, struct err *e)
{
	const struct review_book *b = arg;
	struct judging j = { b, path, was, fn, NULL, to };

	return each_verdict(&j, &b->judged, about, on_verdict, e);
}

static int
missed(void *arg, const char *path, int (*fn)(void *, const char *,
    const json_t *, struct err *), void *to, struct err *e)
{
	const struct review_book *b = arg;
	struct judging j = { b, path, NULL, NULL, fn, to };

	return each_verdict(&j, &b->judged_in, path, on_missed, e);
}

void
review_book_source(struct review_book *b, struct review_source *s)
{
	*s = (struct review_source){ NULL, facts, patterns, rows,
	    b->judged.n > 0 ? verdicts : NULL,
	    b->judged_in.n > 0 ? missed : NULL, b };
}
