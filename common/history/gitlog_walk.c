/*
 * The walk is our own: libgit2's loads all of a history before the first
 * commit, and fails in a shallow repository.  What waits is in a heap, the
 * newest on top; who is hidden hides its parents, and the walk is over when
 * nobody else waits.  With clocks that went back a commit may be told that
 * should have been hidden: that costs a repeat.
 */
#include "history/gitlog_walk.h"

#include "base/alloc.h"
#include "base/date.h"
#include "history/commit.h"

#include <stdlib.h>

enum { SEEN = 1, HIDDEN = 2, WAITS = 4 };

/* --- errors, times ----------------------------------------------------- */

int
gitlog_failed(struct err *e, enum err_code code, const char *what,
    const char *of)
{
	const git_error *why = git_error_last();

	return err_set(e, code, "cannot %s '%s': %s", what, of,
	    why != NULL && why->message != NULL ? why->message : "no reason");
}

int
gitlog_damaged(git_repository *repo, const git_oid *id, struct err *e)
{
	char hex[COMMIT_HEX + 1];

	git_oid_tostr(hex, sizeof hex, id);
	return gitlog_failed(e, ERR_CORRUPT, "read a commit of",
	    git_repository_path(repo)) < 0 ? err_add(e, "commit %s", hex) : -1;
}

int64_t
gitlog_ms(git_time_t s)
{
	return s < DATE_MIN / 1000 ? DATE_MIN : s > DATE_MAX / 1000 ?
	    DATE_MAX : (int64_t)s * 1000;
}

/* --- what waits -------------------------------------------------------- */

static bool
newer(const git_commit *a, const git_commit *b)
{
	git_time_t x = git_commit_time(a), y = git_commit_time(b);

	return x != y ? x > y :
	    git_oid_cmp(git_commit_id(a), git_commit_id(b)) < 0;
}

static void
heap_put(struct gitlog_walk *w, git_commit *c)
{
	size_t i, up;

	w->heap = xgrow(w->heap, w->n, &w->cap, sizeof *w->heap);
	for (i = w->n++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!newer(c, w->heap[up]))
			break;
		w->heap[i] = w->heap[up];
	}
	w->heap[i] = c;
}

static git_commit *
heap_take(struct gitlog_walk *w)
{
	git_commit *top = w->heap[0], *last = w->heap[--w->n];
	size_t i, k;

	for (i = 0; (k = 2 * i + 1) < w->n; i = k) {
		k += k + 1 < w->n && newer(w->heap[k + 1], w->heap[k]);
		if (!newer(w->heap[k], last))
			break;
		w->heap[i] = w->heap[k];
	}
	if (w->n > 0)
		w->heap[i] = last;
	return top;
}

int
gitlog_walk_meet(struct gitlog_walk *w, const git_oid *id, bool hide,
    struct err *e)
{
	char hex[COMMIT_HEX + 1];
	union map_value *v;
	git_commit *c;
	int made, r;

	git_oid_tostr(hex, sizeof hex, id);
	v = map_put(&w->flags, hex, &made);
	if (!made) {
		if (hide && !(v->i & HIDDEN)) {
			w->wanted -= (v->i & WAITS) != 0;
			v->i |= HIDDEN;
		}
		return (v->i & SEEN) != 0;
	}
	if ((r = git_commit_lookup(&c, w->repo, id)) == GIT_ENOTFOUND)
		return 0;
	if (r < 0)
		return gitlog_damaged(w->repo, id, e);
	v->i = SEEN | WAITS | (hide ? HIDDEN : 0);
	w->wanted += !hide;
	heap_put(w, c);
	return 1;
}

int
gitlog_walk_newest(struct gitlog_walk *w, git_commit **out, struct err *e)
{
	char hex[COMMIT_HEX + 1];
	union map_value *v;
	unsigned i, parents;
	git_commit *c;
	bool hidden;
	int r = 0;

	while (w->wanted > 0) {
		c = heap_take(w);
		git_oid_tostr(hex, sizeof hex, git_commit_id(c));
		v = map_get(&w->flags, hex);
		v->i &= ~WAITS;
		hidden = (v->i & HIDDEN) != 0;
		w->wanted -= !hidden;
		if (gitlog_ms(git_commit_time(c)) < w->since_ms) {
			git_commit_free(c);
			continue;
		}
		parents = git_commit_parentcount(c);
		for (i = 0; i < parents && r >= 0; i++) {
			r = gitlog_walk_meet(w, git_commit_parent_id(c, i),
			    hidden, e);
			if (r == 0 && !w->shallow)
				r = gitlog_damaged(w->repo,
				    git_commit_parent_id(c, i), e);
		}
		if (r >= 0 && !hidden) {
			*out = c;
			return 1;
		}
		git_commit_free(c);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int
put_in_order(struct gitlog_walk *w, struct err *e)
{
	git_commit *x;
	int r;

	while ((r = gitlog_walk_newest(w, &x, e)) == 1) {
		w->order = xgrow(w->order, w->norder, &w->order_cap,
		    sizeof *w->order);
		git_oid_cpy(&w->order[w->norder++], git_commit_id(x));
		git_commit_free(x);
	}
	w->ordered = true;
	return r;
}

int
gitlog_walk_oldest(struct gitlog_walk *w, git_commit **out, struct err *e)
{
	if (!w->ordered && put_in_order(w, e) < 0)
		return -1;
	if (w->norder == 0)
		return 0;
	w->norder--;
	if (git_commit_lookup(out, w->repo, &w->order[w->norder]) < 0)
		return gitlog_damaged(w->repo, &w->order[w->norder], e);
	return 1;
}

void
gitlog_walk_init(struct gitlog_walk *w, git_repository *repo,
    int64_t since_ms)
{
	*w = (struct gitlog_walk){ .repo = repo, .since_ms = since_ms,
	    .shallow = git_repository_is_shallow(repo) > 0 };
}

void
gitlog_walk_release(struct gitlog_walk *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		git_commit_free(w->heap[i]);
	free(w->heap);
	free(w->order);
	map_release(&w->flags);
}
