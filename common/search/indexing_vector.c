/*
 * The vectors beside the segments.  Those of the built-in model are made
 * with a segment; those that a program makes, and those that are missing
 * (no model was there, it is another one now, a file was damaged), after the
 * words are safe: from the store, segment by segment, each told to the
 * manifest before the next.  So words never wait for vectors.
 */
#include "search/indexing_work.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* --- what there is ----------------------------------------------------- */

static void
note(const struct update *u, const char *what)
{
	if (u->how->note != NULL)
		u->how->note(u->how->arg, what);
}

void
update_trouble(struct update *u, const struct err *e)
{
	u->report->trouble = *e;
	embedder_free(u->embedder);
	u->embedder = NULL;
	vector_maker_free(u->vectors);
	u->vectors = NULL;
}

void
update_vectors_drop(struct update *u, struct manifest_segment *s,
    const struct err *why)
{
	struct err e = *why;

	err_add(&e, "vectors are left out: ");
	note(u, e.msg);
	s->vectors = MANIFEST_NONE;
}

static bool
is_bad(const struct err *e)
{
	return e->code == ERR_ABSENT || e->code == ERR_INDEX ||
	    e->code == ERR_VERSION;
}

/* 1 open; 0 they are bad, and dropped; -1. */
static int
open_vectors(struct update *u, struct manifest_segment *s,
    struct vector **out, struct err *e)
{
	char *path = manifest_vectors_path(u->dir, s->number);
	int r = vector_open(out, path, &u->seal, e);

	if (r == 0 && (vector_rows(*out) != s->docs ||
	    !vector_model_same(vector_model(*out), &u->m.model))) {
		r = err_set(e, ERR_INDEX, "'%s' is not what the manifest "
		    "says", path);
		vector_close(*out);
	}
	free(path);
	if (r == 0)
		return 1;
	*out = NULL;
	if (!is_bad(e))
		return -1;
	update_vectors_drop(u, s, e);
	return 0;
}

void
update_vectors_begin(struct update *u)
{
	const struct vector_model *model;
	struct manifest_segment *s;
	struct vector *v;
	struct err e;
	size_t i;
	int r;

	if ((r = embedder_open(&u->embedder, u->st, &e)) != 1)
		u->embedder = NULL;
	if (r < 0)
		update_trouble(u, &e);
	model = r == 1 ? embedder_model(u->embedder) : NULL;
	for (i = 0; i < u->m.n; i++) {
		s = &u->m.segment[i];
		if (model != NULL && !vector_model_same(model, &u->m.model))
			s->vectors = MANIFEST_NONE;
		if (s->vectors == MANIFEST_NONE)
			continue;
		/* of what cannot be read now, whoever needs it will tell */
		if (open_vectors(u, s, &v, &e) == 1)
			vector_close(v);
	}
	if (model != NULL) {
		u->m.has_model = true;
		u->m.model = *model;
	}
}

int
update_vectors_verify(struct update *u, struct manifest_segment *s,
    struct err *e)
{
	struct vector *v;
	int r;

	if (s->vectors == MANIFEST_NONE || (r = open_vectors(u, s, &v, e)) == 0)
		return 0;
	if (r < 0)
		return -1;
	r = vector_verify(v, e);
	vector_close(v);
	if (r < 0 && is_bad(e)) {
		update_vectors_drop(u, s, e);
		r = 0;
	}
	return r;
}

int
update_vectors_report(struct update *u, const struct manifest_segment *s,
    struct err *e)
{
	char *path = manifest_vectors_path(u->dir, s->number);
	struct vector *v;
	int r = vector_open(&v, path, &u->seal, e);

	free(path);
	if (r < 0)
		return is_bad(e) ? 0 : -1;
	if (s->vectors == MANIFEST_ALL && s->ndead > 0) {
		path = manifest_df_path(u->dir, s);
		r = vector_df_use(v, path, e);
		free(path);
	}
	u->report->vectors += vector_held(v);
	u->report->vector_bytes += (int64_t)vector_bytes(v);
	vector_close(v);
	return r;
}

/* --- frequencies ------------------------------------------------------- */

/* Unless they are there. */
static int
write_df(struct update *u, struct manifest_segment *s, struct err *e)
{
	struct vector *v;
	char *path;
	int r;

	if ((r = open_vectors(u, s, &v, e)) != 1)
		return r;
	path = manifest_df_path(u->dir, s);
	r = vector_df_use(v, path, e);
	if (r < 0 && is_bad(e))
		r = vector_df_write(v, s->dead, path, e);
	if (r < 0 && is_bad(e)) {
		update_vectors_drop(u, s, e);
		r = 0;
	}
	vector_close(v);
	free(path);
	return r;
}

int
update_vectors_df(struct update *u, struct err *e)
{
	size_t i;

	for (i = 0; i < u->m.n; i++)
		if (u->m.segment[i].vectors == MANIFEST_ALL &&
		    u->m.segment[i].ndead > 0 &&
		    write_df(u, &u->m.segment[i], e) < 0)
			return -1;
	return 0;
}

/* --- merging ----------------------------------------------------------- */

struct merging {
	const struct manifest_segment *s;	/* borrowed, as the next */
	const uint32_t *from;
	uint32_t *of;			/* own; which file is the segment's */
	uint32_t *next;			/* own; its next row */
	uint32_t i, docs;
};

static bool
is_dead(const struct manifest_segment *s, uint32_t doc)
{
	return s->dead != NULL && (s->dead[doc / 64] >> (doc % 64) & 1);
}

static int
merged_row(void *arg, uint32_t *source, uint32_t *row, struct err *e)
{
	struct merging *x = arg;
	const struct manifest_segment *s;
	uint32_t k, *next;

	(void)e;
	if (x->i == x->docs)
		return 0;
	k = x->from[x->i++];
	s = &x->s[k];
	next = &x->next[k];
	while (*next < s->docs && is_dead(s, *next))
		++*next;
	*source = x->of[k];
	*row = (*next)++;
	return 1;
}

/* All of them are asked for; or some, or none. */
static enum manifest_vectors
merged_state(const struct manifest_segment *s, size_t n)
{
	size_t i, all = 0, none = 0;

	for (i = 0; i < n; i++) {
		all += s[i].vectors == MANIFEST_ALL;
		none += s[i].vectors == MANIFEST_NONE;
	}
	return all == n ? MANIFEST_ALL : none == n ? MANIFEST_NONE :
	    MANIFEST_SOME;
}

int
update_vectors_merge(struct update *u, struct manifest_segment *s, size_t n,
    const uint32_t *from, struct manifest_segment *now, struct err *e)
{
	struct merging x = { .s = s, .from = from, .docs = now->docs };
	struct vector **v = xcalloc(n + 1, sizeof *v);
	char *path = manifest_vectors_path(u->dir, now->number);
	uint32_t files = 0;
	size_t i;
	int r = 0;

	x.of = xcalloc(n + 1, sizeof *x.of);
	x.next = xcalloc(n + 1, sizeof *x.next);
	for (i = 0; i < n && r >= 0; i++) {
		x.of[i] = VECTOR_NOTHING;
		if (s[i].vectors != MANIFEST_NONE &&
		    (r = open_vectors(u, &s[i], &v[files], e)) == 1)
			x.of[i] = files++;
	}
	now->vectors = merged_state(s, n);
	if (r >= 0 && now->vectors != MANIFEST_NONE) {
		r = vector_merge(v, files, now->docs, merged_row, &x, path, e);
		if (r < 0 && is_bad(e)) {
			update_vectors_drop(u, now, e);
			r = 0;
		}
	}
	while (files > 0)
		vector_close(v[--files]);
	free(v);
	free(x.of);
	free(x.next);
	free(path);
	return r < 0 ? -1 : 0;
}
