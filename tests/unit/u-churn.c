#include "history/churn.h"

#include "history/fix.h"
#include "tap.h"

#include <math.h>

#define DAY INT64_C(86400000)
#define T0 INT64_C(1600000000000)

static struct churn *c;
static struct commit now;

/* A commit of so many days later; what it touches is added before. */
static void
commit(int64_t day, int severity)
{
	now.time_ms = T0 + day * DAY;
	now.known = true;
	churn_add(c, &now, severity);
	now.nfiles = 0;
}

static void
touch(char did, const char *path, const char *was)
{
	struct commit_file *f = commit_add(&now);

	f->did = (enum commit_did)did;
	f->path = path;
	f->was = was;
}

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void
counts(void)
{
	struct risk r;
	size_t a, n;

	c = churn_new();
	touch('A', "src/a.c", NULL);
	touch('A', "src/b.c", NULL);
	commit(0, -1);
	touch('M', "src/a.c", NULL);
	commit(0, FIX_CRITICAL);
	touch('M', "src/a.c", NULL);
	touch('M', "src/b.c", NULL);
	touch('M', "doc/x", NULL);
	touch('M', "doc/y", NULL);
	commit(270, FIX_TRIVIAL);
	a = churn_find(c, "src/a.c");
	churn_risk(c, a, T0 + 270 * DAY, &r);
	ok(near(r.file, 0.5 + 0.5), "a fix of 270 days ago counts half, one "
	    "of four files half");
	ok(near(r.severity, 0.5), "severity is a mean by what they count");
	ok(near(r.component, 0.5 + 0.5), "a folder counts a fix once");
	ok(near(r.churn, 0.5 / sqrt(2) + 0.5 + 0.5), "all changes");
	churn_risk(c, a, T0 + 540 * DAY, &r);
	ok(near(r.file, 0.5), "and all of it decays");
	is_int(churn_touches(c, a), 3, "touches are counted whole");
	churn_fixes(c, a, &n);
	is_int((int64_t)n, 2, "and its fixes");
	is_int((int64_t)churn_find(c, "nothing"), (int64_t)CHURN_NONE,
	    "what was never there");
	churn_risk(c, churn_find(c, "doc/x"), T0, &r);
	ok(near(r.file, 0.5), "an earlier time counts as the last one told");
	churn_free(c);
}

static void
bugspots(void)
{
	size_t a;

	c = churn_new();
	touch('A', "a", NULL);
	commit(0, FIX_MINOR);
	touch('M', "a", NULL);
	commit(50, FIX_MINOR);
	touch('M', "a", NULL);
	commit(100, FIX_MINOR);
	a = churn_find(c, "a");
	ok(near(churn_bugspots(c, a, T0 + 100 * DAY), 1 / (1 + exp(12)) +
	    1 / (1 + exp(6)) + 0.5), "the published formula");
	churn_free(c);
}

static void
renames(void)
{
	size_t a, n;

	c = churn_new();
	touch('A', "old", NULL);
	commit(0, FIX_MINOR);
	a = churn_find(c, "old");
	touch('R', "new", "old");
	commit(1, -1);
	is_int((int64_t)churn_find(c, "new"), (int64_t)a, "a rename");
	is_str(churn_path(c, a), "new", "its name");
	touch('M', "old", NULL);
	commit(2, FIX_MINOR);
	churn_fixes(c, a, &n);
	is_int((int64_t)n, 2, "fixed on another branch, under its old name");
	touch('A', "old", NULL);
	commit(3, -1);
	ok(churn_find(c, "old") != a, "a new file of the old name");
	is_int((int64_t)churn_find(c, "new"), (int64_t)a, "beside it");
	touch('D', "new", NULL);
	commit(4, -1);
	ok(churn_gone(c, a), "deleted");
	touch('A', "new", NULL);
	commit(5, -1);
	ok(!churn_gone(c, a) && churn_find(c, "new") == a, "and back");
	/* a and b change names */
	touch('A', "b", NULL);
	commit(6, -1);
	n = churn_find(c, "b");
	touch('R', "b", "new");
	commit(7, -1);
	touch('M', "new", NULL);
	touch('M', "b", NULL);
	commit(8, -1);
	ok(churn_find(c, "b") == a && n != a, "onto another");
	churn_free(c);
}

static void
partners(void)
{
	struct churn_partner p[2];
	int i;

	c = churn_new();
	for (i = 0; i < 3; i++) {
		touch('M', "a", NULL);
		touch('M', "b", NULL);
		if (i == 0)
			touch('M', "c", NULL);
		commit(i, FIX_MINOR);
		touch('M', "a", NULL);
		touch('M', "c", NULL);
		commit(i, -1);
	}
	is_int((int64_t)churn_partners(c, churn_find(c, "a"), T0, p, 2), 2,
	    "partners");
	is_int((int64_t)p[0].file, (int64_t)churn_find(c, "b"),
	    "the most often one first");
	is_int(p[0].times, 3, "so often");
	is_int(p[1].times, 1, "what is no fix does not count");
	is_int((int64_t)churn_partners(c, churn_find(c, "a"), T0, p, 1), 1,
	    "no more than were asked for");
	touch('D', "b", NULL);
	commit(9, -1);
	churn_partners(c, churn_find(c, "a"), T0, p, 1);
	is_int((int64_t)p[0].file, (int64_t)churn_find(c, "c"),
	    "not one that is gone");
	churn_free(c);
}

static void
confidences(void)
{
	struct risk r = { .severity = 0.5 };

	ok(near(risk_confidence(0, 0.5), 0.40), "nothing known");
	r.file = 1;
	ok(near(risk_confidence(risk_evidence(&r), 0.5), 0.51), "n_eff 1");
	r.file = 3;
	ok(near(risk_confidence(risk_evidence(&r), 1), 0.67),
	    "n_eff 3, critical");
	r.file = 1e9;
	ok(near(risk_confidence(risk_evidence(&r), 0.5), RISK_CAP), "the cap");
	ok(near(risk_weight(4), 0.5) && near(risk_weight(0), 0), "weights");
}

int
main(void)
{
	counts();
	bugspots();
	renames();
	partners();
	confidences();
	commit_release(&now);
	return done();
}
