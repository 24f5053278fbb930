/*
 * git-read: reads git repositories for the tools.  A program that others run
 * (history/history.h), not a tool of its own: libgit2 and what it links cost
 * every start 3 to 7 ms, and this way what it makes of foreign bytes happens
 * in a process of its own.
 *
 *	git-read log [option ...] folder	records: a "repository", then
 *						a "commit" each
 *	git-read diff folder range		a patch without context
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/opt.h"
#include "cmd/serve.h"
#include "history/diff.h"
#include "history/gitlog.h"

#include <string.h>
#include <unistd.h>

#define FLUSH ((size_t)64 << 10)

static struct gitlog_how how = { .since_ms = DATE_MIN };

static const struct opt log_opts[] = {
	OPT_FLAG(0, "oldest", &how.oldest, "the oldest commit first"),
	OPT_STR(0, "rev", &how.rev, "rev", "begin there (default HEAD)",
	    OPT_C_NONE),
	OPT_STR(0, "not", &how.not, "id", "nothing that <id> follows, nor it",
	    OPT_C_NONE),
	OPT_TIME(0, "since", &how.since_ms, "time", "nothing older"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "log", "folder", "the commits of a repository", log_opts,
	    OPT_C_DIR },
	{ "diff", "folder range", "what changed, as a patch", NULL,
	    OPT_C_DIR },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "git-read",
	.args = "command [argument ...]",
	.about = "reads git repositories, for memkit",
	.opts = opts,
	.verbs = verbs,
};

static int
flush(struct buf *b, struct err *e)
{
	int r = file_write(STDOUT_FILENO, b->p, b->len, "standard output", e);

	buf_reset(b);
	return r;
}

static int
put(void *arg, const char *p, size_t n, struct err *e)
{
	struct buf *b = arg;

	buf_add(b, p, n);
	return b->len < FLUSH ? 0 : flush(b, e);
}

static void
put_repository(struct buf *b, const struct gitlog *g)
{
	struct buf name = BUF_INIT;

	gitlog_name(g, &name);
	buf_adds(b, "{\"type\":\"repository\",\"name\":");
	json_quote(b, name.p, name.len);
	buf_adds(b, ",\"path\":");
	json_quote(b, gitlog_path(g), strlen(gitlog_path(g)));
	buf_addf(b, ",\"head\":\"%s\",\"shallow\":%s}\n", gitlog_head(g),
	    gitlog_shallow(g) ? "true" : "false");
	buf_release(&name);
}

static int
run_log(const char *folder, struct buf *b, struct err *e)
{
	struct commit c = { 0 };
	struct gitlog *g;
	int r;

	if (gitlog_open(&g, folder, &how, e) < 0)
		return -1;
	put_repository(b, g);
	while ((r = gitlog_next(g, &c, e)) == 1) {
		commit_write(b, &c);
		if (b->len >= FLUSH && (r = flush(b, e)) < 0)
			break;
	}
	commit_release(&c);
	gitlog_close(g);
	return r;
}

static int
run(const struct opt_verb *verb, int argc, char **argv, struct buf *b,
    struct err *e)
{
	if (strcmp(verb->name, "log") == 0)
		return argc == 1 ? run_log(argv[0], b, e) :
		    err_set(e, ERR_USAGE, "log takes one folder");
	return argc == 2 ? diff_print(argv[0], argv[1], put, b, e) :
	    err_set(e, ERR_USAGE, "diff takes a folder and a range of "
	    "commits");
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb = NULL;
	struct buf b = BUF_INIT;
	struct err e = { 0 }, ignored;
	int r;

	alloc_name = tool.name;
	r = serve_start(&tool, &verb, &argc, argv, &e);
	if (r == 0)
		r = run(verb, argc, argv, &b, &e);
	/* what was read before it failed holds */
	if (flush(&b, r < 0 ? &ignored : &e) < 0)
		r = -1;
	if (r < 0) {
		buf_addf(&b, "%s: %s", tool.name, e.msg);
		serve_say(&b);
	}
	buf_release(&b);
	return r < 0 ? serve_status(e.code) : 0;
}
