/*
 * mem-toc history, diff, rollback; pin and hide.
 */
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "store/access.h"
#include "toc/grip.h"
#include "toc/toc_body.h"
#include "toc/toc_edit.h"

#include <inttypes.h>
#include <string.h>

/* "v2" or "2": 1, or -1. */
static int
read_version(const char *s, int64_t *v, struct err *e)
{
	const char *digits = *s == 'v' ? s + 1 : s;

	return str_int(digits, 1, INT64_MAX, v) ? 1 :
	    cmd_misuse(e, "'%s' is no version; give it as in v2", s);
}

struct history {
	struct toc_run *run;
	const struct toc_node *node;
};

static int
print_version(void *arg, const struct toc_version *v, struct err *e)
{
	struct history *h = arg;
	struct buf id = BUF_INIT;
	json_t *rec;
	int r;

	buf_addf(&id, "toc:%s", h->node->name);
	rec = json_pack("{s:s, s:s, s:I, s:I, s:s, s:b}", "type",
	    "toc_version", "node_id", id.p, "version",
	    (json_int_t)v->version, "made_at", (json_int_t)v->at_ms, "made",
	    toc_made[v->made], "live", v->version == h->node->live);
	if (v->gone)
		json_object_set_new(rec, "gone", json_true());
	if (v->version == h->node->live && h->node->held)
		json_object_set_new(rec, "held", json_true());
	if (v->forgot > 0)
		json_object_set_new(rec, "forgotten",
		    json_integer(v->forgot));
	r = out_record(&h->run->out, rec, e);
	h->run->printed++;
	json_decref(rec);
	buf_release(&id);
	return r;
}

int
toc_verb_history(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct toc_node n;
	struct history h = { run, &n };
	int r;

	if (argc != 1)
		return cmd_misuse(e, "history takes one node");
	if ((r = toc_named(run, argv[0], &n, e)) == 1)
		r = toc_history(run->st, &n, print_version, &h, e);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

/* --- diff -------------------------------------------------------------- */

static int
print_change(struct toc_run *run, const struct toc_node *n, const char *what,
    const char *key, const json_t *value, struct err *e)
{
	struct buf id = BUF_INIT;
	json_t *rec;
	int r;

	buf_addf(&id, "toc:%s", n->name);
	rec = json_pack("{s:s, s:s, s:s, s:s, s:O}", "type", "toc_change",
	    "node_id", id.p, "change", what, "what", key, "value", value);
	r = out_record(&run->out, rec, e);
	run->printed++;
	json_decref(rec);
	buf_release(&id);
	return r;
}

/* What tells an entry of a list from others: a bullet's text. */
static const json_t *
entry(const json_t *v)
{
	const json_t *text = json_object_get(v, "text");

	return text != NULL ? text : v;
}

static bool
has(const json_t *list, const json_t *v)
{
	json_t *other;
	size_t i;

	json_array_foreach(list, i, other)
		if (json_equal(entry(other), entry(v)))
			return true;
	return false;
}

static int
diff_lists(struct toc_run *run, const struct toc_node *n, const json_t *a,
    const json_t *b, const char *key, const char *name, struct err *e)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
	json_t *v;
	size_t i;

	json_array_foreach(x, i, v)
		if (!has(y, v) && print_change(run, n, "removed", name,
		    entry(v), e) < 0)
			return -1;
	json_array_foreach(y, i, v)
		if (!has(x, v) && print_change(run, n, "added", name, entry(v),
		    e) < 0)
			return -1;
	return 0;
}

static int
diff(struct toc_run *run, const struct toc_node *n, const json_t *a,
    const json_t *b, struct err *e)
{
	const json_t *x = json_object_get(a, "title");
	const json_t *y = json_object_get(b, "title");

	if (!json_equal(x, y) && ((x != NULL && print_change(run, n,
	    "removed", "title", x, e) < 0) || (y != NULL && print_change(run,
	    n, "added", "title", y, e) < 0)))
		return -1;
	return diff_lists(run, n, a, b, "bullets", "bullet", e) < 0 ||
	    diff_lists(run, n, a, b, "keywords", "keyword", e) < 0 ? -1 : 0;
}

static int
need_version(struct toc_run *run, const struct toc_node *n, int64_t number,
    struct toc_version *v, struct err *e)
{
	int r = toc_version(run->st, n, number, v, e);

	return r != 0 ? r : err_set(e, ERR_ABSENT, "'%s' has no version %"
	    PRId64 "; mem-toc history shows which there are", n->name, number);
}

struct before {
	int64_t live, version;
};

static int
find_before(void *arg, const struct toc_version *v, struct err *e)
{
	struct before *b = arg;

	(void)e;
	if (v->version < b->live)
		b->version = v->version;
	return 0;
}

/* The version before the live one; the live one where there is none. */
static int
version_before(struct toc_run *run, const struct toc_node *n, int64_t *v,
    struct err *e)
{
	struct before b = { n->live, n->live };

	if (toc_history(run->st, n, find_before, &b, e) < 0)
		return -1;
	if (b.version == n->live)
		cmd_note("'%s' has no version before v%" PRId64, n->name,
		    n->live);
	*v = b.version;
	return 0;
}

/* As diff(1): 0 the same, 1 they differ. */
int
toc_verb_diff(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct toc_version a = { .text = BUF_INIT }, b = { .text = BUF_INIT };
	int64_t from = 0, to = 0;
	json_t *old, *new;
	struct toc_node n;
	int r;

	if (argc < 1 || argc > 3)
		return cmd_misuse(e, "diff takes a node, and up to two of "
		    "its versions");
	if ((argc > 1 && read_version(argv[1], &from, e) < 0) ||
	    (argc > 2 && read_version(argv[2], &to, e) < 0) ||
	    (r = toc_named(run, argv[0], &n, e)) < 0)
		return -1;
	if (r == 0)
		return EXIT_NO;
	if (argc == 1 && version_before(run, &n, &from, e) < 0)
		return -1;
	if ((r = need_version(run, &n, from, &a, e)) == 1 &&
	    (r = need_version(run, &n, to, &b, e)) == 1) {
		old = toc_body_json(&a.text);
		new = toc_body_json(&b.text);
		r = diff(run, &n, old, new, e);
		json_decref(old);
		json_decref(new);
	}
	toc_version_release(&a);
	toc_version_release(&b);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_NO : EXIT_YES;
}

/* --- what somebody decides --------------------------------------------- */

int
toc_verb_rollback(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct toc_node n;
	int64_t version;
	int r;

	if (argc != 2)
		return cmd_misuse(e, "rollback takes a node and a version");
	if (read_version(argv[1], &version, e) < 0 ||
	    (r = toc_named(run, argv[0], &n, e)) < 0)
		return -1;
	if (r == 0)
		return EXIT_NO;
	if (toc_may_change(run->st, &n, e) < 0 ||
	    toc_rollback(run->st, &n, version, e) < 0 ||
	    toc_see(run->st, n.name, &n, e) < 0)
		return -1;
	return toc_print(run, &n, e) < 0 ? -1 : EXIT_YES;
}

struct marking {
	struct toc_run *run;
	enum toc_kind kind;
};

/* A grip that may not be seen is as one that is not there: toc_mark tells. */
static int
may_mark(struct toc_run *run, const char *id, struct err *e)
{
	struct toc_node n;
	struct grip g;
	int r;

	if ((r = toc_see_grip(run->st, id, &g, e)) == 0) {
		access_missed(run->st);
		return err_set(e, ERR_ABSENT, "there is no '%s'", id);
	}
	if (r == 1 && (r = toc_get_any(run->st, g.node, &n, e)) == 1)
		r = toc_may_change(run->st, &n, e);
	return r < 0 ? -1 : 0;
}

static int
mark_one(void *arg, const char *name, struct err *e)
{
	struct marking *m = arg;
	struct toc_node n;
	int r = 1;

	if (!str_starts(name, "grip:")) {
		if ((r = toc_named(m->run, name, &n, e)) == 1)
			r = toc_may_change(m->run->st, &n, e) < 0 ||
			    toc_mark(m->run->st, n.name, m->kind, e) < 0 ?
			    -1 : 1;
	} else {
		r = may_mark(m->run, name, e) < 0 ||
		    toc_mark(m->run->st, name, m->kind, e) < 0 ? -1 : 1;
	}
	m->run->printed += r == 1;
	m->run->absent += r == 0;
	return r < 0 ? -1 : 0;
}

int
toc_verb_mark(struct toc_run *run, enum toc_kind kind, int argc, char **argv,
    struct err *e)
{
	struct marking m = { run, kind };
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "which node or grip");
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? toc_given(run,
		    "node or grip", mark_one, &m, e) :
		    mark_one(&m, argv[i], e);
	if (r < 0)
		return -1;
	return run->absent == 0 ? EXIT_YES : run->printed > 0 ? EXIT_PART :
	    EXIT_NO;
}
