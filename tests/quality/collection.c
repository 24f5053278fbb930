#include "collection.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/jsonl.h"

#define TURN_MS 20000		/* from one turn to the next */

_Noreturn void
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", alloc_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

void
each_line(const char *path, void (*fn)(void *, char *, size_t), void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum jsonl_got got;
	struct jsonl lines;
	struct err e;
	size_t n;
	char *p;

	if (fd < 0)
		die("cannot open '%s'", path);
	jsonl_init(&lines, fd, path);
	while ((got = jsonl_next(&lines, -1, &p, &n, NULL, &e)) == JSONL_LINE)
		fn(arg, p, n);
	if (got != JSONL_EOF)
		die("%s: %s", path, got == JSONL_FAIL ? e.msg :
		    "a line is too long");
	jsonl_release(&lines);
	close(fd);
}

json_t *
line_json(const char *path, const char *p, size_t len)
{
	struct err e;
	json_t *o = json_read(p, len, &e);

	if (o == NULL)
		die("%s: %s", path, e.msg);
	return o;
}

/* --- documents --------------------------------------------------------- */

struct reading {
	struct collection *c;
	const char *path;
	bool one;
	struct map turns;	/* session -> how many so far */
};

static const char *
need(const struct reading *r, const json_t *o, const char *key)
{
	const char *s = get_str(o, key, NULL);

	if (s == NULL)
		die("%s: a line without '%s'", r->path, key);
	return s;
}

/* "1:56 pm on 8 May, 2023", UTC. */
static int64_t
time_of(const struct reading *r, const char *s)
{
	static const char *const months[] = { "January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December" };
	struct date d = { 0 };
	char half[3], month[16];

	if (sscanf(s, "%d:%d %2s on %d %15[A-Za-z], %d", &d.hour, &d.min, half,
	    &d.day, month, &d.year) != 6)
		die("%s: '%s' is no time", r->path, s);
	d.hour = d.hour % 12 + (strcasecmp(half, "pm") == 0 ? 12 : 0);
	while (d.month < 12 && strcasecmp(months[d.month], month) != 0)
		d.month++;
	if (d.month++ == 12)
		die("%s: '%s' is no month", r->path, month);
	return date_join_utc(&d);
}

static size_t
tenant(struct reading *r, const char *conv)
{
	const char *name = conv == NULL ? "docs" : r->one ? "all" : conv;
	struct collection *c = r->c;
	int made;
	union map_value *v = map_put(&c->tenant, name, &made);

	if (made) {
		v->i = (int64_t)c->tenant.n - 1;
		c->asked = xgrow(c->asked, c->tenant.n - 1, &c->asked_cap,
		    sizeof *c->asked);
		c->asked[v->i] = 0;
	}
	return (size_t)v->i;
}

static void
add_passage(void *arg, char *line, size_t len)
{
	struct reading *r = arg;
	struct collection *c = r->c;
	struct passage *p;
	json_t *o = line_json(r->path, line, len);

	c->passage = xgrow(c->passage, c->passages, &c->passages_cap,
	    sizeof *c->passage);
	p = &c->passage[c->passages];
	memset(p, 0, sizeof *p);
	p->json = o;
	p->id = need(r, o, "id");
	p->text = need(r, o, "text");
	p->title = get_str(o, "title", NULL);
	if ((p->conv = get_str(o, "conv", NULL)) != NULL) {
		c->conversations = true;
		p->session = need(r, o, "session");
		p->speaker = need(r, o, "speaker");
		p->caption = get_str(o, "caption", NULL);
		p->time_ms = time_of(r, need(r, o, "timestamp")) + TURN_MS *
		    ++map_put(&r->turns, p->session, NULL)->i;
	}
	p->tenant = tenant(r, p->conv);
	map_put(&c->by_id, p->id, NULL)->i = (int64_t)c->passages++;
}

char *
passage_text(const struct passage *p)
{
	struct buf b = BUF_INIT;

	if (p->conv != NULL)
		buf_addf(&b, "%s: ", p->speaker);
	buf_adds(&b, p->text);
	if (p->caption != NULL && *p->caption != '\0')
		buf_addf(&b, " [%s]", p->caption);
	return buf_steal(&b);
}

/* --- questions --------------------------------------------------------- */

static void
add_question(void *arg, char *line, size_t len)
{
	struct reading *r = arg;
	struct collection *c = r->c;
	struct question *q;
	json_t *o = line_json(r->path, line, len);

	c->question = xgrow(c->question, c->questions, &c->questions_cap,
	    sizeof *c->question);
	q = &c->question[c->questions];
	memset(q, 0, sizeof *q);
	q->json = o;
	q->id = need(r, o, "id");
	q->text = need(r, o, "text");
	q->tenant = tenant(r, get_str(o, "conv", NULL));
	q->line = ++c->asked[q->tenant];
	map_put(&c->by_query, q->id, NULL)->i = (int64_t)c->questions++;
}

static void
add_gold(void *arg, char *line, size_t len)
{
	struct reading *r = arg;
	struct collection *c = r->c;
	char *doc = memchr(line, '\t', len), *grade;
	union map_value *v;
	struct question *q;
	struct gold *g;
	size_t i;

	if (doc == NULL || (grade = strchr(doc + 1, '\t')) == NULL)
		die("%s: a line that is not 'query TAB document TAB grade'",
		    r->path);
	*doc++ = *grade++ = '\0';
	if ((v = map_get(&c->by_query, line)) == NULL || atof(grade) <= 0)
		return;
	q = &c->question[v->i];
	for (i = 0; i < q->golds && strcmp(q->gold[i].id, doc) != 0; )
		i++;
	if (i == q->golds) {
		q->gold = xgrow(q->gold, i, &q->cap, sizeof *q->gold);
		g = &q->gold[q->golds++];
		v = map_get(&c->by_id, doc);
		strv_add(&c->ids, doc);
		g->id = c->ids.v[c->ids.n - 1];
		g->passage = v == NULL ? NULL : &c->passage[v->i];
	}
	q->gold[i].grade = atof(grade);
}

/* --- all of it --------------------------------------------------------- */

static void
read_file(struct reading *r, const char *dir, const char *name,
    void (*fn)(void *, char *, size_t))
{
	struct buf path = BUF_INIT;

	file_join(&path, dir, name);
	r->path = path.p;
	each_line(path.p, fn, r);
	buf_release(&path);
}

static bool
has(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	bool is;

	file_join(&path, dir, name);
	is = access(path.p, R_OK) == 0;
	buf_release(&path);
	return is;
}

void
collection_read(struct collection *c, const char *dir, bool one)
{
	struct reading r = { .c = c, .one = one, .turns = MAP_INIT };

	memset(c, 0, sizeof *c);
	read_file(&r, dir, "docs.jsonl", add_passage);
	read_file(&r, dir, has(dir, "queries.jsonl") ? "queries.jsonl" :
	    "queries.dev.jsonl", add_question);
	read_file(&r, dir, "qrels.tsv", add_gold);
	map_release(&r.turns);
}

void
collection_release(struct collection *c)
{
	size_t i;

	for (i = 0; i < c->passages; i++)
		json_decref(c->passage[i].json);
	for (i = 0; i < c->questions; i++) {
		json_decref(c->question[i].json);
		free(c->question[i].gold);
	}
	free(c->passage);
	free(c->question);
	free(c->asked);
	map_release(&c->tenant);
	map_release(&c->by_id);
	map_release(&c->by_query);
	strv_release(&c->ids);
}
