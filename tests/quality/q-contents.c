/*
 * How far contents lead to what was asked for:
 *
 *	q-contents [-sv] [-b TOKENS] COLLECTION
 *
 * Each conversation's sessions are cut and summed up, the segments of a day,
 * the days of a week, of a month, of a year as well.  Then each question is
 * looked for, the best first: whoever opens a node reads its title, keywords
 * and bullets, until TOKENS (2,000) have been read.  From there it goes to its
 * children, and to the segments that its bullets are of.  Which of those seen
 * is opened next is by the words of the question that the node's text has; a
 * word counts by how few of them have it.  A node with one child only is
 * passed by.
 *
 * -s (strict): to choose, only titles and keywords count, and those are read,
 * too, of all that is seen.
 *
 * Prints, as JSON, the share of the questions for which a segment of a
 * session with evidence was opened ("any"), the share of such sessions
 * ("recall"), and how often the segment that looks best, of those opened, is
 * of such a session ("best").  -v: the contents as text.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "collection.h"
#include "toc/cut.h"
#include "toc/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENT, DAY, WEEK, MONTH, YEAR, LEVELS };

static const char *const level_names[] = { "segment", "day", "week", "month",
    "year" };

struct node {
	int level;
	char name[24];
	const char *session;	/* of a segment */
	struct summary sum;
	struct turn line, body;	/* title and keywords; bullets; read */
	size_t first, n;	/* children: nodes in a row, of the level
				   below */
	size_t origin[SUMMARY_BULLETS];	/* segment that each bullet is of */
};

struct level {
	struct node *node;	/* own */
	size_t n, cap;
};

struct contents {
	struct level level[LEVELS];
	struct summariser *summariser;
	struct turn_reader *reader;
};

static bool verbose;
static uint32_t budget = 2000;
static bool strict;

/* --- making them ------------------------------------------------------- */

static struct node *
add_node(struct contents *c, int level, const char *name)
{
	struct level *l = &c->level[level];
	struct node *x;

	l->node = xgrow(l->node, l->n, &l->cap, sizeof *l->node);
	x = &l->node[l->n++];
	memset(x, 0, sizeof *x);
	x->level = level;
	snprintf(x->name, sizeof x->name, "%s", name);
	return x;
}

static void
read_buf(struct contents *c, struct turn *t, struct buf *b)
{
	memset(t, 0, sizeof *t);
	t->len = b->len;
	t->text = buf_steal(b);
	turn_read(c->reader, t);
}

static void
read_node(struct contents *c, struct node *x)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_adds(&b, x->sum.title);
	for (i = 0; i < x->sum.keywords; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "\n", x->sum.keyword[i]);
	read_buf(c, &x->line, &b);
	for (i = 0; i < x->sum.bullets; i++)
		buf_addf(&b, "- %s\n", x->sum.bullet[i].text);
	read_buf(c, &x->body, &b);
}

static void
add_segments(struct contents *c, struct turn *t, size_t n, const char *session)
{
	struct cut rules = CUT_INIT;
	size_t at, k, seen, back;
	struct node *x;
	struct date d;
	char name[24];

	for (at = 0; at < n; at += k) {
		k = cut_next(&rules, t + at, n - at, &seen);
		back = cut_back(&rules, t, at, t[at].time_ms);
		date_split_utc(t[at].time_ms, &d);
		snprintf(name, sizeof name, "%04d-%02d-%02d", d.year, d.month,
		    d.day);
		x = add_node(c, SEGMENT, name);
		x->session = session;
		summary_turns(c->summariser, t + at - back, k + back, back,
		    &x->sum);
		for (back = 0; back < x->sum.bullets; back++)
			x->origin[back] = c->level[SEGMENT].n - 1;
		read_node(c, x);
	}
}

/* The name of the parent of what has this name. */
static void
parent_name(int level, const char *name, char *out, size_t size)
{
	int y = 0, m = 0, d = 0, wy, w;
	struct date t;

	if (level == DAY) {
		snprintf(out, size, "%s", name);
	} else if (level == WEEK) {
		sscanf(name, "%d-%d-%d", &y, &m, &d);
		date_iso_week(y, m, d, &wy, &w);
		snprintf(out, size, "%04d-W%02d", wy, w);
	} else if (level == MONTH) {
		sscanf(name, "%d-W%d", &y, &w);
		date_split_utc(date_week_start(y, w) + 3 * 86400000, &t);
		snprintf(out, size, "%04d-%02d", t.year, t.month);
	} else {
		snprintf(out, size, "%.4s", name);
	}
}

static void
sum_up(struct contents *c, struct node *x)
{
	struct summary_part *part = NULL;
	struct summary_word *word = NULL;
	size_t parts = 0, words = 0, part_cap = 0, word_cap = 0, i, k;
	size_t *origin = NULL, origin_cap = 0;
	const struct node *child;

	for (i = 0; i < x->n; i++) {
		child = &c->level[x->level - 1].node[x->first + i];
		for (k = 0; k < child->sum.bullets; k++) {
			part = xgrow(part, parts, &part_cap, sizeof *part);
			origin = xgrow(origin, parts, &origin_cap,
			    sizeof *origin);
			origin[parts] = child->origin[k];
			part[parts++] = (struct summary_part){
			    child->sum.bullet[k].text,
			    strlen(child->sum.bullet[k].text), i,
			    child->sum.bullet[k].weight,
			    child->sum.bullet[k].cues };
		}
		for (k = 0; k < child->sum.keywords; k++) {
			word = xgrow(word, words, &word_cap, sizeof *word);
			word[words++] = (struct summary_word){
			    child->sum.keyword[k], i };
		}
	}
	summary_parent(c->summariser, part, parts, word, words, &x->sum);
	for (i = 0; i < x->sum.bullets; i++)
		x->origin[i] = origin[x->sum.bullet[i].source.from];
	free(origin);
	read_node(c, x);
	free(part);
	free(word);
}

static void
roll_up(struct contents *c, int level)
{
	const struct level *below = &c->level[level - 1];
	struct node *x = NULL;
	char name[24];
	size_t i;

	for (i = 0; i < below->n; i++) {
		parent_name(level, below->node[i].name, name, sizeof name);
		if (x == NULL || strcmp(x->name, name) != 0) {
			x = add_node(c, level, name);
			x->first = i;
		}
		x->n++;
	}
	for (i = 0; i < c->level[level].n; i++)
		sum_up(c, &c->level[level].node[i]);
}

static void
make(struct contents *c, const struct collection *col, size_t tenant)
{
	static const struct turn none;
	struct turn *t = NULL;
	size_t i, n = 0, cap = 0;
	const struct passage *p;
	const char *session = "";
	int level;

	for (i = 0; i <= col->passages; i++) {
		p = &col->passage[i];
		if (i < col->passages && p->tenant != tenant)
			continue;
		if (n > 0 && (i == col->passages ||
		    strcmp(p->session, session) != 0)) {
			add_segments(c, t, n, session);
			for (; n > 0; n--) {
				free((char *)t[n - 1].text);
				turn_release(&t[n - 1]);
			}
		}
		if (i == col->passages)
			break;
		session = p->session;
		t = xgrow(t, n, &cap, sizeof *t);
		t[n] = none;
		t[n].text = passage_text(p);
		t[n].len = strlen(t[n].text);
		t[n].time_ms = p->time_ms;
		t[n].type = EVENT_USER_MESSAGE;
		turn_read(c->reader, &t[n++]);
	}
	free(t);
	for (level = DAY; level < LEVELS; level++)
		roll_up(c, level);
}

static void
release(struct contents *c)
{
	struct node *x;
	int level;
	size_t i;

	for (level = 0; level < LEVELS; level++) {
		for (i = 0; i < c->level[level].n; i++) {
			x = &c->level[level].node[i];
			summary_release(&x->sum);
			free((char *)x->line.text);
			free((char *)x->body.text);
			turn_release(&x->line);
			turn_release(&x->body);
		}
		free(c->level[level].node);
		memset(&c->level[level], 0, sizeof c->level[level]);
	}
}

static void
print(const struct contents *c, const struct node *x)
{
	size_t i;

	printf("\n%*s%s %s: %s\n", 2 * (YEAR - x->level), "",
	    level_names[x->level], x->name, x->sum.title);
	for (i = 0; i < x->sum.bullets; i++)
		printf("%*s- %s\n", 2 * (YEAR - x->level) + 2, "",
		    x->sum.bullet[i].text);
	printf("%*s[", 2 * (YEAR - x->level) + 2, "");
	for (i = 0; i < x->sum.keywords; i++)
		printf("%s%s", i > 0 ? ", " : "", x->sum.keyword[i]);
	printf("]\n");
	for (i = 0; i < x->n; i++)
		print(c, &c->level[x->level - 1].node[x->first + i]);
}

/* --- looking for something --------------------------------------------- */

struct walk {
	const struct contents *c;
	struct turn question;
	struct { const struct node *node; bool open; } *seen;	/* own */
	size_t n, cap;
	uint32_t read;		/* tokens */
};

static void
see(struct walk *w, const struct node *x)
{
	size_t i;

	while (x->n == 1)
		x = &w->c->level[x->level - 1].node[x->first];
	for (i = 0; i < w->n; i++)
		if (w->seen[i].node == x)
			return;
	w->seen = xgrow(w->seen, w->n, &w->cap, sizeof *w->seen);
	w->seen[w->n].node = x;
	w->seen[w->n++].open = false;
	if (strict)
		w->read += x->line.tokens;
}

static bool
has(const struct turn *t, uint64_t stem)
{
	size_t i;

	for (i = 0; i < t->words; i++)
		if (t->word[i].stem == stem)
			return true;
	return false;
}

/* What a node's line, and with it its bullets once they were read, have of
 * the question: words that few of the lines seen have count more. */
static double
looks(const struct walk *w, const struct node *x, bool body)
{
	double sum = 0;
	size_t i, k, with;
	uint64_t stem;

	for (i = 0; i < w->question.words; i++) {
		stem = w->question.word[i].stem;
		if (!has(&x->line, stem) && !((body || !strict) &&
		    has(&x->body, stem)))
			continue;
		for (with = 0, k = 0; k < w->n; k++)
			with += has(&w->seen[k].node->line, stem) ||
			    (!strict && has(&w->seen[k].node->body, stem));
		sum += log(1 + (double)w->n / (1 + (double)with));
	}
	return sum;
}

/* The best that is not open yet, or the best open segment. */
static int64_t
best(const struct walk *w, bool open)
{
	double most = -1, s;
	int64_t at = -1;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->seen[i].open != open ||
		    (open && w->seen[i].node->level != SEGMENT))
			continue;
		s = looks(w, w->seen[i].node, open);
		if (s > most) {
			most = s;
			at = (int64_t)i;
		}
	}
	return at;
}

static void
look_for(struct walk *w, const struct contents *c)
{
	const struct node *x;
	uint32_t cost;
	int64_t at;
	size_t i;

	for (i = 0; i < c->level[YEAR].n; i++)
		see(w, &c->level[YEAR].node[i]);
	while ((at = best(w, false)) >= 0) {
		x = w->seen[at].node;
		cost = x->body.tokens + (strict ? 0 : x->line.tokens);
		if (w->read + cost > budget)
			break;
		w->seen[at].open = true;
		w->read += cost;
		for (i = 0; i < x->n && w->read < budget; i++)
			see(w, &c->level[x->level - 1].node[x->first + i]);
		for (i = 0; x->n > 0 && i < x->sum.bullets; i++)
			see(w, &c->level[SEGMENT].node[x->origin[i]]);
	}
}

struct result {
	double any, recall, best, asked, read, opened;
};

static bool
opened(const struct walk *w, const char *session)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->seen[i].open && w->seen[i].node->level == SEGMENT &&
		    strcmp(w->seen[i].node->session, session) == 0)
			return true;
	return false;
}

static void
ask(const struct contents *c, const struct question *q, struct result *r)
{
	struct walk w = { .c = c };
	size_t i, golds = 0, found = 0;
	int64_t at;
	bool is_best = false;

	w.question.text = q->text;
	w.question.len = strlen(q->text);
	turn_read(c->reader, &w.question);
	look_for(&w, c);
	at = best(&w, true);
	for (i = 0; i < q->golds; i++) {
		if (q->gold[i].passage == NULL)
			continue;
		golds++;
		found += opened(&w, q->gold[i].passage->session);
		is_best |= at >= 0 && strcmp(w.seen[at].node->session,
		    q->gold[i].passage->session) == 0;
	}
	if (golds > 0) {
		r->asked++;
		r->any += found > 0;
		r->recall += (double)found / (double)golds;
		r->best += is_best;
		r->read += w.read;
		for (i = 0; i < w.n; i++)
			r->opened += w.seen[i].open &&
			    w.seen[i].node->level == SEGMENT;
	}
	turn_release(&w.question);
	free(w.seen);
}

int
main(int argc, char **argv)
{
	struct contents c = { 0 };
	struct collection col;
	struct result r = { 0 };
	size_t t, i, segments = 0;
	int opt;

	alloc_name = "q-contents";
	json_setup();
	while ((opt = getopt(argc, argv, "vb:s")) != -1)
		if (opt == 'v')
			verbose = true;
		else if (opt == 's')
			strict = true;
		else if (opt == 'b')
			budget = (uint32_t)strtoul(optarg, NULL, 10);
		else
			break;
	if (opt != -1 || argc - optind != 1)
		die("usage: q-contents [-sv] [-b TOKENS] COLLECTION");
	collection_read(&col, argv[optind], false);
	c.summariser = summariser_new();
	c.reader = turn_reader_new();
	for (t = 0; t < col.tenant.n; t++) {
		make(&c, &col, t);
		segments += c.level[SEGMENT].n;
		for (i = 0; verbose && i < c.level[YEAR].n; i++)
			print(&c, &c.level[YEAR].node[i]);
		for (i = 0; i < col.questions; i++)
			if (col.question[i].tenant == t)
				ask(&c, &col.question[i], &r);
		release(&c);
	}
	if (!verbose)
		printf("{\"type\":\"contents\",\"strict\":%s,"
		    "\"questions\":%.0f,\"segments\":%zu,\"any\":%.3f,\"recall\":%.3f,"
		    "\"best\":%.3f,\"tokens\":%.0f,"
		    "\"opened\":%.1f}\n", strict ? "true" : "false", r.asked,
		    segments,
		    r.any / r.asked, r.recall / r.asked, r.best / r.asked,
		    r.read / r.asked, r.opened / r.asked);
	summariser_free(c.summariser);
	turn_reader_free(c.reader);
	collection_release(&col);
	return 0;
}
