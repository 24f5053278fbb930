/*
 * mem-search: queries line by line, and one that stands.
 */
#include "base/buf.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/search.h"
#include "search/watch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define WATCH_MS 200		/* between two looks for what is new */
#define HEADING 200		/* bytes shown of a query */

static int
batch_line(struct search_run *run, search_one *one, const char *text,
    size_t len, struct err *e)
{
	struct buf heading = BUF_INIT;
	int r;

	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		len--;
	if (strspn(text, " \t") >= len)
		return 0;
	buf_addf(&heading, "%" PRId64 ": ", run->query);
	buf_add(&heading, text, utf8_cut(text, len, HEADING));
	if (len > HEADING)
		buf_adds(&heading, "...");
	r = one(run, text, len, heading.p, e);
	buf_release(&heading);
	return r;
}

/* What was asked so far is answered before more is waited for. */
static enum jsonl_got
next_line(struct search_run *run, struct jsonl *lines, char **p, size_t *n,
    struct err *e)
{
	enum jsonl_got got = jsonl_next(lines, 0, p, n, NULL, e);

	if (got != JSONL_WAIT)
		return got;
	if (out_flush(&run->out, e) < 0)
		return JSONL_FAIL;
	return jsonl_next(lines, -1, p, n, NULL, e);
}

static int
batch_lines(struct search_run *run, int fd, const char *name,
    search_one *one, struct err *e)
{
	struct jsonl lines;
	enum jsonl_got got;
	size_t n;
	char *p;
	int r = 0;

	jsonl_init(&lines, fd, name);
	lines.max = SEARCH_QUERY_MAX;
	while (r == 0 && !(cmd.quiet && run->found > 0) &&
	    (got = next_line(run, &lines, &p, &n, e)) != JSONL_EOF) {
		run->query = lines.line_no;
		if (got == JSONL_FAIL) {
			r = -1;
		} else if (got == JSONL_LONG) {
			cmd_note("query %" PRId64 ": it is over %zu bytes, and "
			    "is left out", run->query, SEARCH_QUERY_MAX);
			run->refused++;
		} else
			r = batch_line(run, one, p, n, e);
	}
	jsonl_release(&lines);
	return r;
}

int
search_batch(struct search_run *run, const char *file, search_one *one,
    struct err *e)
{
	int fd, r;

	if (strcmp(file, "-") == 0)
		return batch_lines(run, 0, "standard input", one, e);
	if ((fd = open(file, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", file);
	r = batch_lines(run, fd, file, one, e);
	close(fd);
	return r;
}

/* --- standing ---------------------------------------------------------- */

struct stand {
	struct search_run *run;
	int (*print)(void *, json_t *, struct err *);
};

static int
print_new(void *arg, json_t *hit, struct err *e)
{
	struct stand *s = arg;
	struct search_run *run = s->run;

	if (cmd.quiet)
		run->printed++;
	else if (s->print(run, hit, e) < 0)
		return -1;
	return cmd.quiet || run->printed == run->s.limit;
}

int
search_watch(struct search_run *run, const struct query *q,
    int (*print)(void *, json_t *, struct err *), struct err *e)
{
	struct stand stand = { run, print };
	struct watch *w;
	int r;

	run->out.flush = true;
	if (watch_open(&w, run->st, q, &run->s, e) < 0)
		return -1;
	do
		if ((r = watch_look(w, print_new, &stand, e)) == 0)
			r = out_wait(&run->out, WATCH_MS, e);
	while (r == 0);
	watch_close(w);
	return r < 0 ? -1 : 0;
}
