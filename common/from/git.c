/*
 * A git repository: a commit whose subject tells of a fix is a bug record
 * (fix.h, bug.h).  Its files bear the names that they have today, so that
 * what is said of a file holds after it was renamed.
 *
 * To know these names the walk goes from the newest commit to the oldest and
 * keeps, for each older name, what became of it.  A rename among the commits
 * that are new since the last run changes older records; then all of them
 * are told again, and the store knows which differ.  So what several runs
 * give is what one gives.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"
#include "from/bug.h"
#include "history/commit.h"
#include "history/fix.h"
#include "history/history.h"
#include "store/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct git_run {
	struct from *f;
	struct history *h;	/* own */
	struct fix_rules *rules;	/* own */
	struct map names;	/* of older commits: p, the name today, own */
	struct strv today;	/* of the files of the commit at hand */
	struct bug bug;		/* room for one */
	struct buf text;	/* the same */
	int64_t commits;
};

/* --- names ------------------------------------------------------------- */

static const char *
name_today(const struct git_run *g, const char *path)
{
	const union map_value *v = map_get(&g->names, path);

	return v != NULL ? v->p : path;
}

static void
set_name(struct git_run *g, const char *path, const char *today)
{
	union map_value *v;
	int made;

	if (map_get(&g->names, path) == NULL && strcmp(path, today) == 0)
		return;
	v = map_put(&g->names, path, &made);
	free(v->p);
	v->p = xstrdup(today);
}

/* Before a commit that made a file there was another one of that name, or
 * none; one that it renamed was called so. */
static void
go_back(struct git_run *g, const struct commit *c)
{
	size_t i;

	for (i = 0; i < c->nfiles; i++)
		if (c->files[i].did == COMMIT_ADDED ||
		    c->files[i].did == COMMIT_RENAMED)
			set_name(g, c->files[i].path, c->files[i].path);
	for (i = 0; i < c->nfiles; i++)
		if (c->files[i].did == COMMIT_RENAMED)
			set_name(g, c->files[i].was, g->today.v[i]);
}

static void
names_release(struct git_run *g)
{
	size_t i;

	for (i = 0; i < g->names.n; i++)
		free(g->names.e[i].v.p);
	map_release(&g->names);
}

/* --- records ----------------------------------------------------------- */

static size_t
first_folder(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : 0;
}

/* The folder at the top in which most of the files lie, the first of those;
 * files are sorted.  0: they lie in none. */
static size_t
module_of(const struct strv *files, const char **module)
{
	size_t i, k, n, best = 0, len = 0;

	for (i = 0; i < files->n; i = k) {
		n = first_folder(files->v[i]);
		for (k = i + 1; k < files->n &&
		    first_folder(files->v[k]) == n &&
		    strncmp(files->v[i], files->v[k], n) == 0; k++)
			;
		if (n > 0 && k - i > best) {
			best = k - i;
			*module = files->v[i];
			len = n;
		}
	}
	return len;
}

static void
put_time(struct bug *b, enum bug_field field, int64_t ms)
{
	char s[DATE_LEN + 1];

	date_format(s, ms);
	bug_put(b, field, s);
}

static void
fill(struct git_run *g, const struct commit *c, enum fix_severity severity)
{
	struct bug *b = &g->bug;
	struct buf module = BUF_INIT;
	const char *name = NULL;
	size_t i, n;

	bug_reset(b);
	b->exact = true;
	bug_put(b, BUG_ID, c->id);
	bug_put(b, BUG_TITLE, c->subject);
	bug_put(b, BUG_STATUS, "resolved");
	bug_put(b, BUG_SEVERITY, fix_severities[severity]);
	bug_put(b, BUG_PROJECT, history_name(g->h));
	/* not bug_put: blanks at the ends of a path are its own */
	for (i = 0; i < g->today.n; i++)
		strv_add(&b->list[BUG_FILES - BUG_TEXTS], g->today.v[i]);
	if ((n = module_of(&g->today, &name)) > 0) {
		buf_add(&module, name, n);
		bug_put(b, BUG_MODULE, module.p);
		buf_release(&module);
	}
	put_time(b, BUG_CREATED, c->authored_ms);
	put_time(b, BUG_RESOLVED, c->time_ms);
}

static int
tell(struct git_run *g, const struct commit *c, enum fix_severity severity,
    struct err *e)
{
	struct from *f = g->f;
	enum bug_reason why;
	unsigned notes;
	int i, r;

	strv_sort(&g->today);
	fill(g, c, severity);
	buf_reset(&g->text);
	if (!bug_record(&g->bug, f->o.words, &g->text, &why, &notes)) {
		from_skip(f, bug_reasons[why]);
		return 0;
	}
	for (i = 0; i < BUG_NOTES; i++)
		if (notes >> i & 1)
			from_note(f, bug_notes[i]);
	f->counts.total++;
	f->counts.valid++;
	r = from_emit_text(f, g->text.p, g->text.len, e);
	f->events++;
	f->stop = f->o.limit > 0 && f->events >= f->o.limit;
	return r;
}

static int
look_at(struct git_run *g, const struct commit *c, struct err *e)
{
	enum fix_severity severity;
	struct from *f = g->f;

	if (c->parents > 1)
		from_drop(f, "merge");
	else if (!fix_match(g->rules, c->subject, &severity))
		from_drop(f, "commit that fixes nothing");
	else if (!c->known)
		from_drop(f, "fix whose files are not in a shallow clone");
	else if (c->nfiles == 0)
		from_drop(f, "fix of no file");
	else if (c->authored_ms < f->o.since_ms ||
	    c->authored_ms >= f->o.until_ms)
		from_drop(f, "outside the time asked for");
	else
		return tell(g, c, severity, e);
	return 0;
}

static int
read_commits(struct git_run *g, struct err *e)
{
	struct commit c = { 0 };
	size_t i;
	int r = 0;

	while (!g->f->stop && (r = history_next(g->h, &c, e)) == 1) {
		g->commits++;
		strv_release(&g->today);
		for (i = 0; i < c.nfiles; i++)
			strv_add(&g->today, name_today(g, c.files[i].path));
		go_back(g, &c);
		if ((r = look_at(g, &c, e)) < 0)
			break;
	}
	strv_release(&g->today);
	commit_release(&c);
	return r < 0 ? -1 : 0;
}

/* --- on from the last run ---------------------------------------------- */

/* Did one of the commits since then rename something?  1, 0, -1. */
static int
renamed_since(const char *dir, const char *tip, struct err *e)
{
	struct history_how how = { .not = tip };
	struct history *h = NULL;
	struct commit c = { 0 };
	int r, found = 0;
	size_t i;

	if (history_open(&h, dir, &how, e) < 0)
		return -1;
	while (!found && (r = history_next(h, &c, e)) == 1)
		for (i = 0; i < c.nfiles; i++)
			found |= c.files[i].did == COMMIT_RENAMED;
	commit_release(&c);
	history_close(h);
	return found ? 1 : r;
}

/* Where the last run began, if it is known; how many commits it knew. */
static int
last_tip(struct git_run *g, const char *source, char tip[COMMIT_HEX + 1],
    struct err *e)
{
	struct from *f = g->f;
	struct cursor c = { 0 };
	struct err ignored;	/* a state that is no JSON is none */
	const char *s;
	json_t *state = NULL;
	int r = 0;

	if (f->o.store == NULL || !f->o.follow)
		return 0;
	if (cursor_get(f->o.store, source, &c, e) < 0)
		return -1;
	if (c.state != NULL)
		state = json_read(c.state, strlen(c.state), &ignored);
	s = get_str(state, "tip", NULL);
	if (str_eq(get_str(state, "f", NULL), f->format->name) && s != NULL &&
	    strlen(s) == COMMIT_HEX) {
		memcpy(tip, s, COMMIT_HEX + 1);
		g->commits = c.offset;
		r = 1;
	}
	json_decref(state);
	cursor_release(&c);
	return r;
}

static int
put_cursor(struct git_run *g, const char *source, const char *tip,
    struct err *e)
{
	struct buf text = BUF_INIT;
	json_t *o;
	int r;

	if (!g->f->o.follow || strcmp(history_head(g->h), tip) == 0)
		return 0;
	buf_addf(&text, "{\"f\":\"%s\",\"tip\":\"%s\"}", g->f->format->name,
	    history_head(g->h));
	o = json_pack("{s:s, s:s, s:I, s:s}", "type", "cursor", "source",
	    source, "offset", (json_int_t)g->commits, "state", text.p);
	r = g->f->sink.emit(g->f->sink.arg, o, e);
	json_decref(o);
	buf_release(&text);
	return r;
}

static int
read_repository(struct git_run *g, const char *dir, const char *source,
    struct err *e)
{
	char tip[COMMIT_HEX + 1] = "";
	struct history_how how = { .not = tip };
	int r;

	if ((r = last_tip(g, source, tip, e)) == 1) {
		if ((r = renamed_since(dir, tip, e)) == 1) {
			from_note(g->f, "files were renamed, all is told "
			    "again");
			how.not = NULL;
			g->commits = 0;
		}
	} else
		how.not = NULL;
	if (r < 0 || history_open(&g->h, dir, &how, e) < 0 ||
	    read_commits(g, e) < 0)
		return -1;
	if (history_shallow(g->h))
		from_note(g->f, "shallow clone: older fixes are not there");
	return put_cursor(g, source, tip, e);
}

/* A folder that is no repository does not keep others from being read. */
static int
operand(struct from *f, const char *dir, struct err *e)
{
	struct git_run g = { .f = f, .text = BUF_INIT };
	struct buf source = BUF_INIT;
	char *real = realpath(dir, NULL);
	struct err bad = { 0 };
	int r;

	path_text(&source, real != NULL ? real : dir,
	    strlen(real != NULL ? real : dir));
	free(f->src.path);
	f->src.path = xstrdup(source.p);
	f->src.line_no = 0;
	bug_init(&g.bug);
	if ((r = fix_rules_read(&g.rules, f->o.rules, e)) == 0 &&
	    (r = read_repository(&g, dir, source.p, &bad)) < 0) {
		if (bad.code == ERR_INPUT || bad.code == ERR_ABSENT) {
			from_say(f, false, "%s", bad.msg);
			from_skip(f, "repository that cannot be read");
			r = 0;
		} else
			*e = bad;
	}
	history_close(g.h);
	fix_rules_free(g.rules);
	names_release(&g);
	bug_release(&g.bug);
	buf_release(&g.text);
	free(real);
	free(f->src.path);
	f->src.path = NULL;
	buf_release(&source);
	return r;
}

const struct from_format from_git_fixes = {
	.name = "git-fixes",
	.names = "repositories",
	.operand = operand,
};
