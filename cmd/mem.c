/*
 * `mem x` runs mem-x: from the folder of this program, else from PATH, so
 * that other people's mem-* tools join in.  It reads no records and opens
 * no store, and so leaves out what the other tools share.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/own_folder.h"
#include "config.h"

#define EXIT_FAILED 2
#define EXIT_MISUSE 64

static const struct {
	const char *name, *about;
} ours[] = {
#include "mem-about.h"
	{ NULL, NULL }
};

static const struct opt opts[] = {
	OPT_HELP('h', "help", "print this help and the tools"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt_tool tool = { .name = "mem",
    .args = "tool [argument ...]", .about = "run a tool of memkit",
    .opts = opts };

/* Folders to look in, in order. */
static void
folders(struct strv *v, const char *argv0)
{
	const char *path = getenv("PATH");
	struct buf own = BUF_INIT;
	size_t n;

	own_folder(&own, argv0);
	if (own.len > 0)
		strv_add(v, own.p);
	buf_release(&own);
	for (; path != NULL; path = path[n] == ':' ? path + n + 1 : NULL) {
		n = strcspn(path, ":");
		if (n > 0)	/* an empty one would be the working folder */
			strv_add_n(v, path, n);
	}
}

/* The tools in these folders, each once, sorted: names without "mem-". */
static void
find_tools(const struct strv *dirs, struct strv *names)
{
	struct buf path = BUF_INIT;
	struct dirent *d;
	DIR *dir;
	size_t i;

	for (i = 0; i < dirs->n; i++) {
		if ((dir = opendir(dirs->v[i])) == NULL)
			continue;
		while ((d = readdir(dir)) != NULL) {
			if (!str_starts(d->d_name, "mem-") ||
			    strv_has(names, d->d_name + 4))
				continue;
			buf_reset(&path);
			buf_addf(&path, "%s/%s", dirs->v[i], d->d_name);
			if (access(path.p, X_OK) == 0)
				strv_add(names, d->d_name + 4);
		}
		closedir(dir);
	}
	strv_sort(names);
	buf_release(&path);
}

static const char *
about(const char *name)
{
	size_t i;

	for (i = 0; ours[i].name != NULL; i++)
		if (strcmp(ours[i].name + 4, name) == 0)
			return ours[i].about;
	return "";
}

/* A line for each: for people, or "name<tab>about". */
static void
list_tools(struct buf *b, const char *argv0, bool people)
{
	struct strv dirs = STRV_INIT, names = STRV_INIT;
	size_t i;

	folders(&dirs, argv0);
	find_tools(&dirs, &names);
	for (i = 0; i < names.n; i++)
		buf_addf(b, people ? "  %-16s%s\n" : "%s\t%s\n",
		    names.v[i], about(names.v[i]));
	strv_release(&names);
	strv_release(&dirs);
}

static int
complain(const char *msg, int status)
{
	struct buf b = BUF_INIT;

	term_puts(&b, msg, strlen(msg), false);
	fprintf(stderr, "mem: %s\n", b.p);
	buf_release(&b);
	return status;
}

/* Become mem-NAME, its arguments from argv[1] on; returns only when that
 * cannot be. */
static int
run_tool(const char *argv0, const char *name, char **argv)
{
	struct strv dirs = STRV_INIT;
	struct buf path = BUF_INIT;
	int status = EXIT_MISUSE;
	char msg[200];
	size_t i;

	snprintf(msg, sizeof msg, "no tool 'mem-%.80s'; mem -h lists them",
	    name);
	folders(&dirs, argv0);
	/* a name with a slash would lead out of the folders */
	for (i = 0; i < dirs.n && strchr(name, '/') == NULL; i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/mem-%s", dirs.v[i], name);
		if (access(path.p, X_OK) != 0)
			continue;
		argv[0] = path.p;
		execv(path.p, argv);
		snprintf(msg, sizeof msg, "cannot run '%.100s': %s", path.p,
		    strerror(errno));
		status = EXIT_FAILED;
		break;
	}
	strv_release(&dirs);
	buf_release(&path);
	return complain(msg, status);
}

/* The words of a command line: the tool's name, or what the tool knows. */
static void
complete(struct buf *b, int n, char **words, const char *argv0)
{
	struct buf all = BUF_INIT;
	enum opt_comp comp;
	const char *p, *word = n > 0 ? words[0] : "";
	size_t len;

	if (*word == '-') {
		opt_complete(&tool, n, words, b, &comp);
		return;
	}
	list_tools(&all, argv0, false);
	for (p = all.p; *p != '\0'; p += len) {
		len = strcspn(p, "\n") + 1;
		if (str_starts(p, word))
			buf_add(b, p, len);
	}
	buf_release(&all);
}

static int
answer(struct buf *b)
{
	char msg[200];
	bool failed;

	failed = fwrite(b->p, 1, b->len, stdout) < b->len ||
	    fflush(stdout) != 0;
	failed = fclose(stdout) != 0 || failed;
	buf_release(b);
	if (!failed)
		return 0;
	snprintf(msg, sizeof msg, "cannot write standard output: %s",
	    strerror(errno));
	return complain(msg, EXIT_FAILED);
}

int
main(int argc, char **argv)
{
	const char *argv0 = argc > 0 ? argv[0] : "", *name;
	const struct opt_verb *verb;
	struct buf b = BUF_INIT;
	struct err e;
	int ask = 'h';

	if (argc > 1 && argv[1][0] != '-')
		return run_tool(argv0, argv[1], argv + 1);
	if (argc > 3 && strcmp(argv[1], "--complete") == 0 &&
	    argv[2][0] != '-') {
		name = argv[2];
		argv[2] = argv[1];
		return run_tool(argv0, name, argv + 1);
	}
	if (argc > 1 && opt_parse(&tool, &argc, argv, &verb, &ask, &e) < 0)
		return complain(e.msg, EXIT_MISUSE);
	if (ask == 'c') {
		complete(&b, argc, argv, argv0);
	} else if (ask == 'v') {
		buf_addf(&b, "mem (memkit) %s\n", VERSION);
	} else {
		opt_help(&tool, NULL, &b);
		buf_adds(&b, "\nTools\n");
		list_tools(&b, argv0, true);
	}
	return answer(&b);
}
