/*
 * Likeness as git measures it (diffcore-delta.c): a file is a bag of
 * lines, each with its length; two files share the bytes of the lines that
 * are in both.  A line longer than 64 bytes counts as several.
 */
#include "history/gitlog_tree.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 50		/* per cent, as git diff -M */
#define PIECE 64		/* bytes */

struct piece {
	uint64_t hash;
	uint32_t bytes;
};

/* The lines of one file. */
struct bag {
	struct piece *v;	/* own; by hash, each once */
	size_t n, bytes;
	bool read;
};

struct pair {
	size_t from, to;	/* of the changes */
	int like;		/* per cent; one more where names agree */
};

static int
by_hash(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static void
fill(struct bag *bag, const unsigned char *p, size_t len)
{
	size_t i, k, n, cap = 0;
	uint64_t h;

	bag->bytes = len;
	for (i = 0; i < len; i += n) {
		h = UINT64_C(14695981039346656037);
		for (n = 0; i + n < len && n < PIECE; ) {
			h = (h ^ p[i + n]) * UINT64_C(1099511628211);
			if (p[i + n++] == '\n')
				break;
		}
		bag->v = xgrow(bag->v, bag->n, &cap, sizeof *bag->v);
		bag->v[bag->n].hash = h;
		bag->v[bag->n++].bytes = (uint32_t)n;
	}
	if (bag->n == 0)
		return;
	qsort(bag->v, bag->n, sizeof *bag->v, by_hash);
	for (k = 0, i = 1; i < bag->n; i++)
		if (bag->v[i].hash == bag->v[k].hash)
			bag->v[k].bytes += bag->v[i].bytes;
		else
			bag->v[++k] = bag->v[i];
	bag->n = k + 1;
}

static int
bag_read(const struct gitlog_reader *r, struct bag *bag,
    const unsigned char *id, struct err *e)
{
	struct gitlog_object o;
	int n;

	if (bag->read)
		return 0;
	bag->read = true;
	if ((n = r->open(r->arg, id, GITLOG_LIKE_MAX, &o, e)) <= 0)
		return n;
	fill(bag, o.p, o.len);
	r->close(r->arg, &o);
	return 0;
}

/* Per cent of the bigger one that is in both. */
static int
likeness(const struct bag *a, const struct bag *b)
{
	size_t most = a->bytes > b->bytes ? a->bytes : b->bytes;
	size_t least = a->bytes + b->bytes - most, i = 0, k = 0, both = 0;

	if (a->n == 0 || b->n == 0 || least * 100 < most * LEAST)
		return 0;
	while (i < a->n && k < b->n) {
		if (a->v[i].hash < b->v[k].hash)
			i++;
		else if (a->v[i].hash > b->v[k].hash)
			k++;
		else {
			both += a->v[i].bytes < b->v[k].bytes ?
			    a->v[i].bytes : b->v[k].bytes;
			i++;
			k++;
		}
	}
	return (int)(both * 100 / most);
}

static bool
same_name(const struct gitlog_change *a, const struct gitlog_change *b)
{
	const char *x = strrchr(a->path, '/'), *y = strrchr(b->path, '/');

	return strcmp(x != NULL ? x + 1 : a->path,
	    y != NULL ? y + 1 : b->path) == 0;
}

static void
join(struct gitlog_change *from, struct gitlog_change *to)
{
	to->did = COMMIT_RENAMED;
	to->was = from->path;
	from->path = NULL;
	memcpy(to->old, from->old, GITLOG_ID);
}

/* Of the empty file: it is like every other one, and tells nothing. */
static bool
is_empty(const struct gitlog_change *c)
{
	static const unsigned char id[GITLOG_ID] = { 0xe6, 0x9d, 0xe2, 0x9b,
	    0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8,
	    0xc2, 0xe4, 0x8c, 0x53, 0x91 };

	return memcmp(c->did == COMMIT_ADDED ? c->new : c->old, id,
	    GITLOG_ID) == 0;
}

/* The places of what was deleted, or added, or NULL. */
static size_t *
find(const struct gitlog_changes *c, enum commit_did did, size_t *n)
{
	size_t i, *v = NULL, cap = 0;

	*n = 0;
	for (i = 0; i < c->n; i++)
		if (c->v[i].path != NULL && c->v[i].did == did &&
		    !is_empty(&c->v[i])) {
			v = xgrow(v, *n, &cap, sizeof *v);
			v[(*n)++] = i;
		}
	return v;
}

struct by_id {
	const unsigned char *id;
	size_t at;
};

static int
compare_id(const void *a, const void *b)
{
	const struct by_id *x = a, *y = b;
	int r = memcmp(x->id, y->id, GITLOG_ID);

	return r != 0 ? r : (x->at > y->at) - (x->at < y->at);
}

/* The same content: one with the same name, else the first. */
static void
moved(struct gitlog_changes *c, size_t *dead, size_t ndead, size_t *born,
    size_t nborn)
{
	struct by_id *v = xcalloc(ndead, sizeof *v), key, *x;
	struct gitlog_change *to, *best, *from;
	size_t i, lo, hi, mid;

	for (i = 0; i < ndead; i++)
		v[i] = (struct by_id){ c->v[dead[i]].old, dead[i] };
	qsort(v, ndead, sizeof *v, compare_id);
	for (i = 0; i < nborn; i++) {
		to = &c->v[born[i]];
		key = (struct by_id){ to->new, 0 };
		for (lo = 0, hi = ndead; lo < hi; ) {
			mid = lo + (hi - lo) / 2;
			if (compare_id(&v[mid], &key) < 0)
				lo = mid + 1;
			else
				hi = mid;
		}
		best = NULL;
		for (x = v + lo; x < v + ndead && memcmp(x->id, to->new,
		    GITLOG_ID) == 0 && (size_t)(x - v) < lo + PIECE; x++) {
			from = &c->v[x->at];
			if (from->path != NULL && (best == NULL ||
			    (same_name(from, to) && !same_name(best, to))))
				best = from;
		}
		if (best != NULL)
			join(best, to);
	}
	free(v);
}

static int
by_likeness(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->like != y->like)
		return y->like - x->like;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static int
alike(const struct gitlog_reader *r, struct gitlog_changes *c, size_t *dead,
    size_t ndead, size_t *born, size_t nborn, struct err *e)
{
	struct bag *bag = xcalloc(c->n, sizeof *bag);
	struct pair *v = NULL;
	size_t i, k, n = 0, cap = 0;
	struct gitlog_change *from, *to;
	int like, ret = -1;

	for (i = 0; i < ndead; i++)
		for (k = 0; k < nborn; k++) {
			from = &c->v[dead[i]];
			to = &c->v[born[k]];
			if (bag_read(r, &bag[dead[i]], from->old, e) < 0 ||
			    bag_read(r, &bag[born[k]], to->new, e) < 0)
				goto out;
			like = likeness(&bag[dead[i]], &bag[born[k]]);
			if (like < LEAST)
				continue;
			v = xgrow(v, n, &cap, sizeof *v);
			v[n++] = (struct pair){ dead[i], born[k],
			    like + same_name(from, to) };
		}
	if (n > 0)
		qsort(v, n, sizeof *v, by_likeness);
	for (i = 0; i < n; i++)
		if (c->v[v[i].from].path != NULL &&
		    c->v[v[i].to].did == COMMIT_ADDED)
			join(&c->v[v[i].from], &c->v[v[i].to]);
	ret = 0;
out:
	for (i = 0; i < c->n; i++)
		free(bag[i].v);
	free(bag);
	free(v);
	return ret;
}

/* What became the first half of a rename has no path any more. */
static void
close_gaps(struct gitlog_changes *c)
{
	size_t i, k = 0;

	for (i = 0; i < c->n; i++)
		if (c->v[i].path != NULL)
			c->v[k++] = c->v[i];
	c->n = k;
}

int
gitlog_renames(const struct gitlog_reader *r, struct gitlog_changes *c,
    struct err *e)
{
	size_t ndead, nborn, *dead = find(c, COMMIT_DELETED, &ndead);
	size_t *born = find(c, COMMIT_ADDED, &nborn);
	int n = 0;

	if (ndead > 0 && nborn > 0) {
		moved(c, dead, ndead, born, nborn);
		free(dead);
		free(born);
		dead = find(c, COMMIT_DELETED, &ndead);
		born = find(c, COMMIT_ADDED, &nborn);
		if (ndead > 0 && nborn > 0 && nborn <= GITLOG_PAIRS / ndead)
			n = alike(r, c, dead, ndead, born, nborn, e);
		close_gaps(c);
	}
	free(dead);
	free(born);
	return n;
}
