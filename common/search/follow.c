#include "search/follow.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"

/* Hits that were shown, and those that follow them. */
struct follow {
	int (*fn)(void *, json_t *, struct err *);
	void *arg;
	struct map seen;
	struct buf key;
	double last;		/* score; what follows is below it */
	int64_t left;		/* to be shown */
	bool after;
};

static int
follow(void *arg, json_t *hit, struct err *e)
{
	struct follow *f = arg;
	const char *kb = get_str(json_object_get(hit, "record"), "kb", NULL);
	double score = json_number_value(json_object_get(hit, "score"));
	int made;

	buf_reset(&f->key);
	buf_addf(&f->key, "%s/%s/%s", get_str(hit, "source", NULL),
	    kb == NULL ? "" : kb, get_str(hit, "id", NULL));
	map_put(&f->seen, f->key.p, &made);
	if (!made || f->left == 0)
		return 0;
	f->left--;
	if (f->after)
		json_object_set_new(hit, "score", json_real(score * f->last));
	else
		f->last = score;
	return f->fn(f->arg, hit, e);
}

static int
with_rest(struct query *q, const struct search *s, follow_fn *run,
    void *run_arg, int (*fn)(void *, json_t *, struct err *), void *arg,
    int64_t *found, struct err *e)
{
	struct follow f = { .fn = fn, .arg = arg, .left = s->limit };
	struct search more = *s;
	int64_t had;
	int r;

	buf_init(&f.key);
	r = run(run_arg, q, s, follow, &f, found, e);
	had = s->limit - f.left;
	if (r == 0 && f.left > 0 && query_relax(q, had)) {
		if (had == 0)
			f.last = 1;
		f.after = true;
		more.limit += had;
		r = run(run_arg, q, &more, follow, &f, found, e);
	}
	map_release(&f.seen);
	buf_release(&f.key);
	return r;
}

int
follow_run(struct query *q, const struct search *s, follow_fn *run,
    void *run_arg, int (*fn)(void *, json_t *, struct err *), void *arg,
    int64_t *found, struct err *e)
{
	bool all = !s->count && !s->first;
	int r;

	if (s->mode == SEARCH_HYBRID && s->limit > 0 && all)
		return with_rest(q, s, run, run_arg, fn, arg, found, e);
	r = run(run_arg, q, s, fn, arg, found, e);
	if (r == 0 && *found == 0 && all && query_relax(q, 0))
		r = run(run_arg, q, s, fn, arg, found, e);
	return r;
}
