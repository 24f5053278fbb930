/*
 * Runs bit by bit leave what one run over the rows that there are leaves,
 * whatever came, changed, was rejected or forgotten in between, and however
 * few facts a run might write.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "ingest/forget.h"
#include "ltm/ltm.h"
#include "ltm/verdict.h"
#include "memory/record.h"

#include <string.h>

static struct err e;
static uint64_t seed;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static unsigned
draw(unsigned below)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) % below);
}

#define ROWS 40		/* ids that rows have */

/* Few values, so that groups come and go; few words, so that sets do. */
static json_t *
make_row(unsigned id)
{
	static const char *const severities[] = { "critical", "major",
	    "minor", "trivial", "unheard" };
	static const char *const statuses[] = { "open", "resolved", "closed",
	    "rejected" };
	static const char *const words[] = { "null", "pointer", "missing",
	    "checks", "overflowing", "locks", "race", "parser", "offset",
	    "leaking", "handles", "timeouts" };
	struct buf cause = BUF_INIT;
	char name[16], module[16], file[2][32];
	unsigned i, n = draw(7), from = draw(3) * 4;
	json_t *o;

	snprintf(name, sizeof name, "B-%u", id);
	snprintf(module, sizeof module, "m%u", draw(4));
	for (i = 0; i < 2; i++)
		snprintf(file[i], sizeof file[i], "src/%c/f%u.c",
		    'a' + (int)draw(2), draw(6));
	for (i = 0; i < n; i++)
		buf_addf(&cause, "%s ", words[(from + draw(6)) % 12]);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s, s], s:{s:s, s:s, "
	    "s:[s, s], s:s, s:s}}", "type", "record", "record_id", name,
	    "record_type", draw(20) ? "bug_record" : "note", "title",
	    "a parser leaks", "status", statuses[draw(4)], "tags",
	    words[draw(5)], words[draw(12)], "fields", "severity",
	    severities[draw(5)], "module", module, "affected_files", file[0],
	    file[1], "root_cause", cause.p, "project",
	    draw(5) ? "p" : "other");
	if (draw(8))
		json_object_set_new(o, "timestamp",
		    json_integer(1600000000000 + (json_int_t)draw(900) *
		    86400000));
	buf_release(&cause);
	return o;
}

static void
put(struct store *st, json_t *o, const char *kb)
{
	int64_t version, seq;

	tx_begin(st->db, &e);
	/* one that was forgotten stays so */
	if (tx_end(st->db, record_add(st, o, kb, &version, &seq, &e), &e) < 0
	    && e.code != ERR_DENIED)
		printf("# %s\n", e.msg);
}

static void
forget(struct store *st, unsigned id)
{
	char name[16];
	json_t *o;

	snprintf(name, sizeof name, "k/B-%u", id);
	o = json_pack("{s:s, s:s, s:s}", "type", "tombstone", "target",
	    "record", "id", name);
	tx_begin(st->db, &e);
	if (tx_end(st->db, forget_add(st, o, &e), &e) < 0)
		printf("# %s\n", e.msg);
	json_decref(o);
}

static int64_t left;

static int
note_left(void *arg, const struct ltm_sums *s, struct err *err)
{
	(void)arg;
	(void)err;
	left += s->left;
	return 0;
}

static bool
run(struct store *st, const struct processor *p, int64_t max, bool rebuild)
{
	struct ltm_how how = { .max_facts = max, .done = note_left,
	    .rebuild = rebuild };

	left = 0;
	if (ltm_run(st, p, &how, &e) == 0)
		return true;
	printf("# run: %s\n", e.msg);
	return false;
}

/* --- what a store says ------------------------------------------------- */

static int
add_line(void *arg, const struct fact *f, struct err *err)
{
	struct strv *lines = arg;
	struct buf b = BUF_INIT;

	(void)err;
	if (f->job == 0)
		return 0;
	buf_addf(&b, "%016" PRIx64 " %.17g ", (uint64_t)f->id,
	    f->confidence);
	json_sorted(&b, f->body);
	strv_add(lines, b.p);
	buf_release(&b);
	return 0;
}

static void
facts(struct store *st, struct strv *lines)
{
	struct fact_query q = { .scope = -1, .as_of_ms = FACT_NOW };

	if (fact_each(st, &q, add_line, lines, &e) < 0)
		printf("# %s\n", e.msg);
	strv_sort(lines);
}

static bool
same(const char *what, struct store *a, struct store *b)
{
	struct strv x = STRV_INIT, y = STRV_INIT;
	bool r = true;
	size_t i, j;

	facts(a, &x);
	facts(b, &y);
	for (i = j = 0; i < x.n || j < y.n;) {
		int c = i == x.n ? 1 : j == y.n ? -1 : strcmp(x.v[i], y.v[j]);

		if (c < 0)
			printf("# %s: only bit by bit: %.300s\n", what,
			    x.v[i]);
		if (c > 0)
			printf("# %s: only at once: %.300s\n", what, y.v[j]);
		r = r && c == 0;
		i += c <= 0;
		j += c >= 0;
	}
	strv_release(&x);
	strv_release(&y);
	return r;
}

static int
copy_row(void *arg, const struct record *r, struct err *err)
{
	json_t *o = json_deep_copy(r->json);
	struct buf what = BUF_INIT;
	struct verdict_target t;
	struct store **st = arg;

	put(st[1], o, r->kb);
	buf_addf(&what, "%s/%s", r->kb, r->record_id);
	if (verdict_rejected(st[0], what.p, err) == 1 &&
	    verdict_reject(st[1], NULL, what.p, true, &t, err) == 1)
		verdict_target_release(&t);
	buf_release(&what);
	json_decref(o);
	return 0;
}

/* A store of its own from the rows that there are, and one run. */
static bool
at_once(struct store *st, const struct processor *p, const char *what)
{
	struct store *fresh = temp_open("fresh", "u", STORE_MAKE);
	struct store *both[2] = { st, fresh };
	bool r;

	if (record_each(st, RECORD_ROW, NULL, 0, copy_row, both, &e) < 0)
		printf("# %s\n", e.msg);
	r = run(fresh, p, 0, false) && same(what, st, fresh);
	store_close(fresh);
	file_remove_tree("fresh", &e);
	return r;
}

/* --- stories ----------------------------------------------------------- */

static void
change(struct store *st)
{
	unsigned id = draw(ROWS), n = 1 + draw(6);
	struct verdict_target t;
	char name[16];
	json_t *o;

	snprintf(name, sizeof name, "B-%u", id);
	switch (draw(10)) {
	case 0:
		forget(st, id);
		break;
	case 1:
	case 2:
		if (verdict_reject(st, "k", name, draw(2), &t, &e) == 1)
			verdict_target_release(&t);
		break;
	case 3:
		/* what reviews are told changes no run */
		snprintf(name, sizeof name, "k/B-%u", id);
		verdict_mark(st, &(struct verdict){ .name = VERDICT_FALSE,
		    .about = name }, draw(2), &e);
		break;
	default:
		while (n-- > 0) {
			o = make_row(draw(ROWS));
			put(st, o, draw(10) ? "k" : "k2");
			json_decref(o);
		}
		break;
	}
}

static bool
story(const struct processor *p, uint64_t number)
{
	struct store *st;
	bool r = true;
	int i;

	seed = number;
	st = temp_open("bit", "u", STORE_MAKE);
	for (i = 0; r && i < 60; i++) {
		change(st);
		if (draw(3) == 0)
			r = run(st, p, draw(2) ? 0 : 1 + (int64_t)draw(4),
			    draw(12) == 0);
		if (i % 15 != 14)
			continue;
		do
			r = r && run(st, p, draw(2) ? 0 : 7, false);
		while (r && left > 0);
		r = r && at_once(st, p, p->name);
	}
	store_close(st);
	file_remove_tree("bit", &e);
	return r;
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "bug-import", "bug-history" };
	struct processor *p;
	/* more on demand: u-ltm-same 500 */
	uint64_t i, stories = argc > 1 ? strtoull(argv[1], NULL, 10) : 5;
	size_t k;

	temp_begin();
	for (k = 0; k < 2; k++) {
		if (processor_find(&p, NULL, names[k], &e) < 0) {
			printf("Bail out! %s\n", e.msg);
			return 2;
		}
		for (i = 1; i <= stories; i++)
			ok(story(p, i * 7919), "%s, story %d: bit by bit is at "
			    "once", names[k], (int)i);
		processor_free(p);
	}
	return temp_end() != 0 ? 2 : done();
}
