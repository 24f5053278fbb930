/*
 * Trees are compared as they lie in the database (gitlog_tree.c).  A tree is
 * read for the commit that made it and again for the one that changed it, so
 * that libgit2 is told to keep trees of any size, and not to hash what it
 * reads.
 */
#include "history/gitlog.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/map.h"
#include "base/utf8.h"
#include "history/gitlog_tree.h"
#include "history/gitlog_walk.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_BYTES ((ptrdiff_t)16 << 20)
#define TREE_BYTES ((size_t)1 << 20)	/* biggest that is kept */
#define TREE_MAX ((size_t)64 << 20)	/* bytes; a bigger one is damage */
#define SUBJECT_MAX 2048

struct gitlog {
	git_repository *repo;	/* own */
	git_odb *odb;		/* own */
	struct gitlog_how how;
	char head[COMMIT_HEX + 1];
	struct gitlog_walk walk;
	struct gitlog_changes changes;
	struct buf subject;
	struct buf paths;
};

/* --- opening ----------------------------------------------------------- */

static int
find_start(struct gitlog *g, git_oid *id, struct err *e)
{
	git_object *o = NULL, *c = NULL;
	int r;

	if (g->how.rev == NULL) {
		r = git_reference_name_to_id(id, g->repo, "HEAD");
		if (r == GIT_ENOTFOUND)
			return 0;
		return r < 0 ? gitlog_failed(e, ERR_CORRUPT, "read HEAD of",
		    gitlog_path(g)) : 1;
	}
	if ((r = git_revparse_single(&o, g->repo, g->how.rev)) == 0)
		r = git_object_peel(&c, o, GIT_OBJECT_COMMIT);
	if (r == 0)
		git_oid_cpy(id, git_object_id(c));
	git_object_free(c);
	git_object_free(o);
	return r < 0 ? gitlog_failed(e, ERR_ABSENT, "find the commit",
	    g->how.rev) : 1;
}

static int
start(struct gitlog *g, struct err *e)
{
	git_oid id;
	int r;

	if ((r = find_start(g, &id, e)) <= 0)
		return r;
	git_oid_tostr(g->head, sizeof g->head, &id);
	if ((r = gitlog_walk_meet(&g->walk, &id, false, e)) == 0)
		return gitlog_damaged(g->repo, &id, e);
	if (r > 0 && g->how.not != NULL &&
	    git_oid_fromstr(&id, g->how.not) == 0)
		r = gitlog_walk_meet(&g->walk, &id, true, e);
	return r < 0 ? -1 : 0;
}

int
gitlog_setup(struct err *e)
{
	/* they change nothing for who reads objects; partial clones and
	 * sparse checkouts have them */
	static const char *const known[] = { "partialclone",
	    "worktreeconfig", "preciousobjects" };

	if (git_libgit2_init() < 0)
		return gitlog_failed(e, ERR_SYS, "start", "libgit2");
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, known,
	    sizeof known / sizeof *known);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, CACHE_BYTES);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE,
	    TREE_BYTES);
	/* whose it is matters to who obeys its configuration; we only read */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	return 0;
}

int
gitlog_open(struct gitlog **out, const char *path,
    const struct gitlog_how *how, struct err *e)
{
	struct gitlog *g;

	if (gitlog_setup(e) < 0)
		return -1;
	g = xcalloc(1, sizeof *g);
	g->how = *how;
	buf_init(&g->subject);
	buf_init(&g->paths);
	if (git_repository_open_ext(&g->repo, path, 0, NULL) < 0)
		gitlog_failed(e, ERR_ABSENT, "open the repository", path);
	else if (git_repository_odb(&g->odb, g->repo) < 0)
		gitlog_failed(e, ERR_CORRUPT, "open the objects of", path);
	else {
		gitlog_walk_init(&g->walk, g->repo, how->since_ms);
		if (start(g, e) == 0) {
			*out = g;
			return 0;
		}
	}
	gitlog_close(g);
	return -1;
}

void
gitlog_close(struct gitlog *g)
{
	if (g == NULL)
		return;
	gitlog_walk_release(&g->walk);
	gitlog_changes_release(&g->changes);
	buf_release(&g->subject);
	buf_release(&g->paths);
	git_odb_free(g->odb);
	git_repository_free(g->repo);
	free(g);
	git_libgit2_shutdown();
}

const char *
gitlog_path(const struct gitlog *g)
{
	return git_repository_path(g->repo);
}

/* The last part of a path or URL, without ".git". */
static void
last_part(struct buf *b, const char *s)
{
	size_t end = strlen(s), i;

	while (end > 0 && s[end - 1] == '/')
		end--;
	if (end >= 5 && memcmp(s + end - 4, ".git", 4) == 0)
		end -= s[end - 5] == '/' ? 5 : 4;
	for (i = end; i > 0 && s[i - 1] != '/' && s[i - 1] != ':'; i--)
		;
	path_text(b, s + i, end - i);
}

/* Not by git_remote_lookup: that leaks, and obeys url.insteadOf. */
void
gitlog_name(const struct gitlog *g, struct buf *b)
{
	const char *url = NULL;
	git_config *c = NULL;

	if (git_repository_config_snapshot(&c, g->repo) < 0 ||
	    git_config_get_string(&url, c, "remote.origin.url") < 0 ||
	    *url == '\0')
		url = gitlog_path(g);
	last_part(b, url);
	git_config_free(c);
}

const char *
gitlog_head(const struct gitlog *g)
{
	return g->head;
}

bool
gitlog_shallow(const struct gitlog *g)
{
	return g->walk.shallow;
}

/* --- what a commit touched --------------------------------------------- */

static int
open_object(void *arg, const unsigned char *id, size_t max,
    struct gitlog_object *o, struct err *e)
{
	struct gitlog *g = arg;
	git_object_t type = GIT_OBJECT_TREE;
	git_odb_object *x;
	git_oid oid;
	size_t len;
	int r;

	(void)e;	/* damage is as good as absence: who asks says so */
	git_oid_fromraw(&oid, id);
	/* a pack can name any size: what is huge is not even unpacked */
	if (git_odb_read_header(&len, &type, g->odb, &oid) < 0 ||
	    type != (max > 0 ? GIT_OBJECT_BLOB : GIT_OBJECT_TREE) ||
	    len > (max > 0 ? max : TREE_MAX))
		return 0;
	if ((r = git_odb_read(&x, g->odb, &oid)) < 0)
		return 0;
	if (git_odb_object_type(x) != type) {
		git_odb_object_free(x);
		return 0;
	}
	o->p = git_odb_object_data(x);
	o->len = git_odb_object_size(x);
	o->handle = x;
	return 1;
}

static void
close_object(void *arg, struct gitlog_object *o)
{
	(void)arg;
	git_odb_object_free(o->handle);
}

/* Paths as text, one after the other in one buffer; pointers are set when it
 * grows no more. */
static void
set_files(struct gitlog *g, struct commit *c)
{
	const struct gitlog_change *x;
	const char *p;
	size_t i;

	buf_reset(&g->paths);
	for (i = 0; i < g->changes.n; i++) {
		x = &g->changes.v[i];
		path_text(&g->paths, x->path, strlen(x->path));
		buf_addc(&g->paths, '\0');
		if (x->was != NULL) {
			path_text(&g->paths, x->was, strlen(x->was));
			buf_addc(&g->paths, '\0');
		}
	}
	p = g->paths.p;
	for (i = 0; i < g->changes.n; i++) {
		struct commit_file *f = commit_add(c);

		f->did = g->changes.v[i].did;
		f->path = p;
		p += strlen(p) + 1;
		if (g->changes.v[i].was != NULL) {
			f->was = p;
			p += strlen(p) + 1;
		}
	}
}

static int
touched(struct gitlog *g, git_commit *x, struct commit *c, struct err *e)
{
	const struct gitlog_reader r = { open_object, close_object, g };
	git_commit *parent = NULL;
	int n;

	if (c->parents > 1)
		return 0;
	if (c->parents == 1) {
		n = git_commit_parent(&parent, x, 0);
		if (n == GIT_ENOTFOUND && g->walk.shallow)
			return 0;
		if (n < 0)
			return gitlog_damaged(g->repo,
			    git_commit_parent_id(x, 0), e);
	}
	gitlog_changes_release(&g->changes);
	n = gitlog_tree_diff(&r, parent != NULL ?
	    git_commit_tree_id(parent)->id : NULL, git_commit_tree_id(x)->id,
	    &g->changes, e);
	if (n == 0)
		n = gitlog_renames(&r, &g->changes, e);
	git_commit_free(parent);
	if (n < 0)
		return err_add(e, "commit %s of '%s'", c->id, gitlog_path(g));
	c->known = true;
	set_files(g, c);
	return 0;
}

/* What it says, without its end. */
static void
set_subject(struct gitlog *g, git_commit *x)
{
	const char *s = git_commit_summary(x);

	buf_reset(&g->subject);
	if (s != NULL)
		buf_add(&g->subject, s, utf8_cut(s, strlen(s), SUBJECT_MAX));
}

static int
tell(struct gitlog *g, git_commit *x, struct commit *c, struct err *e)
{
	git_oid_tostr(c->id, sizeof c->id, git_commit_id(x));
	c->time_ms = gitlog_ms(git_commit_time(x));
	c->authored_ms = gitlog_ms(git_commit_author(x)->when.time);
	c->parents = (int)git_commit_parentcount(x);
	c->known = false;
	c->nfiles = 0;
	set_subject(g, x);
	c->subject = g->subject.p;
	return touched(g, x, c, e) < 0 ? -1 : 1;
}

int
gitlog_next(struct gitlog *g, struct commit *c, struct err *e)
{
	git_commit *x;
	int r;

	r = g->how.oldest ? gitlog_walk_oldest(&g->walk, &x, e) :
	    gitlog_walk_newest(&g->walk, &x, e);
	if (r <= 0)
		return r;
	r = tell(g, x, c, e);
	git_commit_free(x);
	return r;
}
