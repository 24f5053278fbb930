/*
 * What searches found, against what they should have found:
 *
 *	q-score [-1c] [-b BYTES] COLLECTION FOUND NAME ROW
 *
 * FOUND/TENANT.hits is what mem-search --batch printed for
 * TENANT.queries, FOUND/TENANT.sessions (if it is there) the same of
 * sessions, FOUND/TENANT.budget (with -b) what --budget BYTES printed for
 * each query, after a line with a byte 1 and the query's number.  Prints one
 * line of JSON, and with -c one more for each "category" of questions.
 *
 * hit@k: is a right one among the first k?  R@k: the share of the right ones
 * that are.  nDCG@10 and MRR as in the literature.  S-: the same by session,
 * each counted once.  evidence: is there a right turn of which at least
 * eight words in a row are in the text?
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "collection.h"

#define QUOTED 8		/* words in a row */
#define CATEGORIES 10		/* 1 ... 9; 0: of none */

struct scores {
	double hit1, hit5, recall5, recall10, recall20, ndcg, mrr;
};

static struct collection c;
static const char *found_dir;

/* --- measures ---------------------------------------------------------- */

static double
grade_of(const struct gold *g, size_t n, const char *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(g[i].id, id) == 0)
			return g[i].grade;
	return 0;
}

static int
by_grade(const void *pa, const void *pb)
{
	const struct gold *a = pa, *b = pb;

	return (a->grade < b->grade) - (a->grade > b->grade);
}

/* Of the best ten that there could be; puts the golds in order. */
static double
ideal(struct gold *g, size_t n)
{
	double sum = 0;
	size_t i;

	qsort(g, n, sizeof *g, by_grade);
	for (i = 0; i < n && i < 10; i++)
		sum += g[i].grade / log2((double)i + 2);
	return sum;
}

static void
measure(struct scores *s, const struct strv *ids, struct gold *g, size_t n)
{
	double grade, dcg = 0, best = ideal(g, n), share = 1 / (double)n;
	bool first = true;
	size_t i;

	for (i = 0; i < ids->n; i++) {
		if ((grade = grade_of(g, n, ids->v[i])) <= 0)
			continue;
		if (first) {
			s->mrr += 1 / ((double)i + 1);
			s->hit1 += i < 1;
			s->hit5 += i < 5;
			first = false;
		}
		if (i < 10)
			dcg += grade / log2((double)i + 2);
		s->recall5 += i < 5 ? share : 0;
		s->recall10 += i < 10 ? share : 0;
		s->recall20 += i < 20 ? share : 0;
	}
	s->ndcg += dcg / best;
}

static void
print(const struct scores *s, const char *prefix, double n)
{
	const struct {
		const char *name;
		double sum;
	} all[] = { { "hit@1", s->hit1 }, { "hit@5", s->hit5 },
	    { "R@5", s->recall5 }, { "R@10", s->recall10 },
	    { "R@20", s->recall20 }, { "nDCG@10", s->ndcg },
	    { "MRR", s->mrr } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		printf(", \"%s%s\": %.4f", prefix, all[i].name, all[i].sum /
		    n);
}

/* --- what was found ---------------------------------------------------- */

struct found {
	const char *path;
	size_t lines;
	struct strv *ids;	/* own; of each query */
};

static const char *
hit_id(const json_t *hit)
{
	static const char *const paths[] = { "record.metadata.source_id",
	    "record.record_id", "id" };
	const char *s = get_str(get_path(hit, "record"), "document_id", NULL);
	size_t i;

	/* no name of a file is a number, which a question may have */
	if (s != NULL)
		return str_starts(s, "text") ? s + 4 : s;

	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		s = json_string_value(get_path(hit, paths[i]));
		if (s != NULL && *s != '\0')
			return s;
	}
	return NULL;
}

static void
add_hit(void *arg, char *line, size_t len)
{
	struct found *f = arg;
	json_t *o = line_json(f->path, line, len);
	const char *id = hit_id(o);
	int64_t n;

	if (get_int(o, "query", &n) != 1 || n < 1 || (size_t)n > f->lines)
		die("%s: a hit of no query", f->path);
	if (id != NULL && !strv_has(&f->ids[n - 1], id))
		strv_add(&f->ids[n - 1], id);
	json_decref(o);
}

/* false: there is no such file. */
static bool
path_of(struct buf *path, size_t tenant, const char *end)
{
	buf_reset(path);
	file_join(path, found_dir, c.tenant.e[tenant].key);
	buf_adds(path, end);
	return access(path->p, R_OK) == 0;
}

/* --- the best turns as text -------------------------------------------- */

static void
one_blanks(struct buf *b, const char *s)
{
	buf_reset(b);
	for (; *s != '\0'; s++)
		if (!isspace((unsigned char)*s))
			buf_addc(b, *s);
		else if (b->len > 0 && b->p[b->len - 1] != ' ')
			buf_addc(b, ' ');
	while (b->len > 0 && b->p[b->len - 1] == ' ')
		buf_cut(b, b->len - 1);
}

/* Are eight words in a row of a (or all of it) in b? */
static bool
quoted(const char *a, const char *b)
{
	struct buf part = BUF_INIT;
	const char *end;
	bool is = false;
	int n;

	for (; !is; a++) {
		for (n = 0, end = a; n < QUOTED && *end != '\0'; n++)
			end += strcspn(end + 1, " ") + 1;
		buf_reset(&part);
		buf_add(&part, a, (size_t)(end - a));
		is = strstr(b, part.p) != NULL;
		a += strcspn(a, " ");
		if (*end == '\0')
			break;
	}
	buf_release(&part);
	return is;
}

/* How many bytes n characters have. */
static size_t
characters(const char *s, size_t n)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

static bool
holds_evidence(const struct question *q, const char *text, size_t max)
{
	struct buf all = BUF_INIT, one = BUF_INIT;
	bool is = false;
	size_t i;

	one_blanks(&all, text);
	buf_cut(&all, characters(all.p, max));
	for (i = 0; i < q->golds && !is; i++) {
		if (q->gold[i].passage == NULL)
			continue;
		one_blanks(&one, q->gold[i].passage->text);
		is = quoted(one.p, all.p);
	}
	buf_release(&all);
	buf_release(&one);
	return is;
}

struct budget {
	const char *path;
	size_t lines, now;
	const struct question **of;	/* own; by line */
	struct buf *text;		/* own; of each query */
};

/* A byte 1 and a number begin what was found for that query. */
static void
add_text(void *arg, char *line, size_t len)
{
	struct budget *b = arg;

	if (*line == '\001') {
		b->now = strtoul(line + 1, NULL, 10);
		return;
	}
	if (b->now == 0 || b->now > b->lines)
		die("%s: text that belongs to no query", b->path);
	buf_add(&b->text[b->now - 1], line, len);
	buf_addc(&b->text[b->now - 1], '\n');
}

/* Questions with evidence in the text. */
static size_t
evidence(size_t tenant, const char *path, size_t bytes)
{
	struct budget b = { .path = path, .lines = c.asked[tenant] };
	size_t i, n = 0;

	b.of = xcalloc(b.lines + 1, sizeof *b.of);
	b.text = xcalloc(b.lines + 1, sizeof *b.text);
	for (i = 0; i < b.lines; i++)
		buf_init(&b.text[i]);
	for (i = 0; i < c.questions; i++)
		if (c.question[i].tenant == tenant)
			b.of[c.question[i].line - 1] = &c.question[i];
	each_line(path, add_text, &b);
	for (i = 0; i < b.lines; i++) {
		n += holds_evidence(b.of[i], b.text[i].p, bytes);
		buf_release(&b.text[i]);
	}
	free(b.of);
	free(b.text);
	return n;
}

/* --- all of it --------------------------------------------------------- */

struct sums {
	struct scores hits, sessions;
	size_t n, empty, evidence;
	bool by_session;
	struct {
		struct scores hits;
		size_t n;
	} of[CATEGORIES];
};

static void
read_found(struct found *f, size_t tenant, const char *path)
{
	f->path = path;
	f->lines = c.asked[tenant];
	f->ids = xcalloc(f->lines + 1, sizeof *f->ids);
	each_line(path, add_hit, f);
}

static void
free_found(struct found *f)
{
	size_t i;

	for (i = 0; i < f->lines; i++)
		strv_release(&f->ids[i]);
	free(f->ids);
}

/* Each session of a right turn once. */
static void
measure_sessions(struct scores *s, const struct strv *ids,
    const struct question *q)
{
	struct gold *g = xcalloc(q->golds + 1, sizeof *g);
	size_t i, n = 0;

	for (i = 0; i < q->golds; i++) {
		if (q->gold[i].passage == NULL || grade_of(g, n,
		    q->gold[i].passage->session) > 0)
			continue;
		g[n].id = q->gold[i].passage->session;
		g[n++].grade = 1;
	}
	if (n > 0)
		measure(s, ids, g, n);
	free(g);
}

static size_t
category(const struct question *q)
{
	int64_t n;

	return get_int(q->json, "category", &n) == 1 && n > 0 && n <
	    CATEGORIES ? (size_t)n : 0;
}

static void
score_tenant(struct sums *sum, size_t tenant, size_t budget)
{
	struct found hits = { 0 }, sessions = { 0 };
	struct buf path = BUF_INIT;
	struct question *q;
	size_t i, k;

	if (!path_of(&path, tenant, ".hits"))
		die("there is no '%s'", path.p);
	read_found(&hits, tenant, path.p);
	if (c.conversations && path_of(&path, tenant, ".sessions"))
		read_found(&sessions, tenant, path.p);
	sum->by_session |= sessions.lines > 0;
	for (i = 0; i < c.questions; i++) {
		q = &c.question[i];
		if (q->tenant != tenant || q->golds == 0)
			continue;
		sum->n++;
		sum->empty += hits.ids[q->line - 1].n == 0;
		measure(&sum->hits, &hits.ids[q->line - 1], q->gold,
		    q->golds);
		k = category(q);
		sum->of[k].n++;
		measure(&sum->of[k].hits, &hits.ids[q->line - 1], q->gold,
		    q->golds);
		if (sessions.lines > 0)
			measure_sessions(&sum->sessions,
			    &sessions.ids[q->line - 1], q);
	}
	if (budget > 0 && path_of(&path, tenant, ".budget"))
		sum->evidence += evidence(tenant, path.p, budget);
	free_found(&hits);
	free_found(&sessions);
	buf_release(&path);
}

static void
print_categories(const struct sums *sum, const char *name, const char *row)
{
	size_t i;

	for (i = 1; i < CATEGORIES; i++) {
		if (sum->of[i].n == 0)
			continue;
		printf("{\"collection\": \"%s\", \"part\": \"%s\", "
		    "\"category\": %zu, \"queries\": %zu", name, row, i,
		    sum->of[i].n);
		print(&sum->of[i].hits, "", (double)sum->of[i].n);
		printf("}\n");
	}
}

int
main(int argc, char **argv)
{
	struct sums sum = { 0 };
	size_t i, budget = 0;
	bool one = false, categories = false;
	int opt;

	alloc_name = "q-score";
	json_setup();
	while ((opt = getopt(argc, argv, "1b:c")) != -1)
		switch (opt) {
		case '1': one = true; break;
		case 'c': categories = true; break;
		case 'b': budget = strtoul(optarg, NULL, 10); break;
		default: argc = 0;
		}
	if (argc - optind != 4)
		die("usage: q-score [-1c] [-b BYTES] COLLECTION FOUND NAME "
		    "ROW");
	collection_read(&c, argv[optind], one);
	found_dir = argv[optind + 1];
	for (i = 0; i < c.tenant.n; i++)
		if (c.asked[i] > 0)
			score_tenant(&sum, i, budget);
	if (sum.n == 0)
		die("no query of '%s' has an answer", argv[optind]);
	printf("{\"collection\": \"%s\", \"row\": \"%s\", \"queries\": %zu, "
	    "\"empty\": %zu", argv[optind + 2], argv[optind + 3], sum.n,
	    sum.empty);
	print(&sum.hits, "", (double)sum.n);
	if (sum.by_session)
		print(&sum.sessions, "S-", (double)sum.n);
	if (budget > 0)
		printf(", \"evidence\": %.4f", (double)sum.evidence /
		    (double)sum.n);
	printf("}\n");
	if (categories)
		print_categories(&sum, argv[optind + 2], argv[optind + 3]);
	collection_release(&c);
	return 0;
}
