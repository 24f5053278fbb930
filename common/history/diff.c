#include "history/diff.h"

#include "history/gitlog.h"
#include "history/gitlog_walk.h"

#include <stdlib.h>

#define FILE_MAX ((git_off_t)16 << 20)	/* bytes; a bigger one has no lines */

struct printing {
	int (*put)(void *, const char *, size_t, struct err *);
	void *arg;
	struct err *e;
};

static git_tree *
tree_of(git_object *o)
{
	git_object *t = NULL;

	return git_object_peel(&t, o, GIT_OBJECT_TREE) == 0 ?
	    (git_tree *)t : NULL;
}

/* Where the two ends of "A...B" parted. */
static int
part(git_repository *repo, git_revspec *s)
{
	git_object *o = NULL;
	git_oid base;
	int r;

	r = git_merge_base(&base, repo, git_object_id(s->from),
	    git_object_id(s->to));
	if (r == 0)
		r = git_object_lookup(&o, repo, &base, GIT_OBJECT_COMMIT);
	if (r < 0)
		return r;
	git_object_free(s->from);
	s->from = o;
	return 0;
}

static int
trees(git_repository *repo, const char *range, git_tree *of[2],
    struct err *e)
{
	git_revspec s = { 0 };
	int r;

	r = git_revparse(&s, repo, range);
	if (r == 0 && (s.flags & GIT_REVSPEC_SINGLE))
		r = git_revparse_single(&s.to, repo, "HEAD");
	if (r == 0 && (s.flags & GIT_REVSPEC_MERGE_BASE))
		r = part(repo, &s);
	if (r == 0) {
		of[0] = tree_of(s.from);
		of[1] = tree_of(s.to);
	}
	git_object_free(s.from);
	git_object_free(s.to);
	return of[0] != NULL && of[1] != NULL ? 0 :
	    gitlog_failed(e, ERR_ABSENT, "find the commits of", range);
}

static int
print(const git_diff_delta *delta, const git_diff_hunk *hunk,
    const git_diff_line *line, void *arg)
{
	struct printing *p = arg;

	(void)delta;
	(void)hunk;
	if ((line->origin == GIT_DIFF_LINE_CONTEXT ||
	    line->origin == GIT_DIFF_LINE_ADDITION ||
	    line->origin == GIT_DIFF_LINE_DELETION) &&
	    p->put(p->arg, &line->origin, 1, p->e) < 0)
		return -1;
	return p->put(p->arg, line->content, line->content_len, p->e);
}

static int
compare(git_repository *repo, const char *range, struct printing *p,
    struct err *e)
{
	git_diff_options how;
	git_diff_find_options find;
	git_tree *of[2] = { NULL, NULL };
	git_diff *d = NULL;
	int r = -1;

	git_diff_options_init(&how, GIT_DIFF_OPTIONS_VERSION);
	git_diff_find_options_init(&find, GIT_DIFF_FIND_OPTIONS_VERSION);
	how.context_lines = 0;
	how.max_size = FILE_MAX;
	how.flags = GIT_DIFF_IGNORE_SUBMODULES;
	find.flags = GIT_DIFF_FIND_RENAMES;
	e->code = ERR_NONE;
	if (trees(repo, range, of, e) < 0)
		;
	else if (git_diff_tree_to_tree(&d, repo, of[0], of[1], &how) < 0 ||
	    git_diff_find_similar(d, &find) < 0 ||
	    git_diff_print(d, GIT_DIFF_FORMAT_PATCH, print, p) < 0) {
		if (e->code == ERR_NONE)	/* it is not put that failed */
			gitlog_failed(e, ERR_CORRUPT, "compare the commits of",
			    range);
	} else
		r = 0;
	git_diff_free(d);
	git_tree_free(of[0]);
	git_tree_free(of[1]);
	return r;
}

int
diff_print(const char *path, const char *range,
    int (*put)(void *, const char *, size_t, struct err *), void *arg,
    struct err *e)
{
	struct printing p = { put, arg, e };
	git_repository *repo = NULL;
	int r = -1;

	if (gitlog_setup(e) < 0)
		return -1;
	if (git_repository_open_ext(&repo, path, 0, NULL) < 0)
		gitlog_failed(e, ERR_ABSENT, "open the repository", path);
	else
		r = compare(repo, range, &p, e);
	git_repository_free(repo);
	git_libgit2_shutdown();
	return r;
}
