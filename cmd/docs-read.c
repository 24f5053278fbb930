/*
 * docs-read: reads documents for the tools.  A program that others run
 * (from/docs_ask.c), not a tool of its own: what libxml2, libarchive and our
 * readers make of foreign bytes happens in a process of its own, within limits
 * of memory and time, which may die of it.
 *
 * Questions are lines of JSON: first {"type":"options",...}, then for each
 * file {"type":"read","name":...,"path": in hex, or "fd":...}.  Answers are
 * chunk and document lines as memkit-json(5) has them, {"type":"unread",...}
 * for what could not be read, and {"type":"done"} at the end of each.  Around
 * each member of an archive stands {"type":"member","at":[3,1],"path":...},
 * behind it without a path; who asks anew with "after":[3,1], because we died
 * of it, is told of what comes after it.
 */
#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/docs_read.h"
#include "cmd/serve.h"
#include "docs/markup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 64		/* open at once */

#if defined(__SANITIZE_ADDRESS__)
#define SHADOWS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHADOWS 1
#endif
#endif
#ifndef SHADOWS
#define SHADOWS 0		/* maps terabytes, and uses hardly any */
#endif

static const struct opt opts[] = {
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt_tool tool = {
	.name = "docs-read",
	.args = "",
	.about = "reads documents, for memkit",
	.opts = opts,
};

/* --- options ----------------------------------------------------------- */

static void
set_limit(int what, int64_t n)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return;
	if (l.rlim_max == RLIM_INFINITY || (rlim_t)n < l.rlim_max)
		l.rlim_cur = (rlim_t)n;
	setrlimit(what, &l);
}

/* Seconds of the processor for what comes now. */
static void
set_cpu(int64_t s)
{
	struct rusage ru;

	if (s > 0 && getrusage(RUSAGE_SELF, &ru) == 0)
		set_limit(RLIMIT_CPU, (int64_t)ru.ru_utime.tv_sec +
		    (int64_t)ru.ru_stime.tv_sec + 1 + s);
}

static void
set_limits(const struct docs_read *d)
{
	/* a filter has others: the hard ones stay */
	if (d->memory > 0 && !SHADOWS)
		set_limit(RLIMIT_AS, d->memory);
	set_limit(RLIMIT_NOFILE, FILES);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_FSIZE, d->limits.bytes);
	signal(SIGXFSZ, SIG_IGN);
}

static void
number(const json_t *o, const char *key, int64_t *to)
{
	int64_t n;

	if (get_int(o, key, &n) == 1 && n >= 0)
		*to = n;
}

static void
options(struct docs_read *d, const json_t *o)
{
	const json_t *all = json_object_get(o, "filters"), *f;
	const char *key, *command, *encoding;
	size_t i;

	number(o, "max_bytes", &d->limits.bytes);
	number(o, "max_total", &d->limits.total);
	number(o, "max_ratio", &d->limits.ratio);
	number(o, "max_entries", &d->limits.entries);
	number(o, "max_depth", &d->limits.nest);
	number(o, "max_part", &d->limits.part);
	if (d->limits.ratio < 1)
		d->limits.ratio = 1;
	number(o, "words_min", &d->words_min);
	number(o, "words_max", &d->words_max);
	number(o, "memory", &d->memory);
	number(o, "cpu_s", &d->cpu_s);
	number(o, "filter_ms", &d->filters.time_ms);
	number(o, "filter_memory", &d->filters.memory);
	number(o, "filter_bytes", &d->filters.output);
	d->hidden = json_is_true(json_object_get(o, "hidden"));
	if ((encoding = get_str(o, "encoding", NULL)) != NULL) {
		free(d->encoding);
		d->encoding = xstrdup(encoding);
	}
	docs_filters_release(&d->filters);
	for (i = 0; i < json_array_size(all); i++) {
		f = json_array_get(all, i);
		key = get_str(f, "key", NULL);
		command = get_str(f, "command", NULL);
		if (key != NULL && command != NULL)
			docs_filters_add(&d->filters, key, command,
			    get_str(f, "as", NULL));
	}
	set_limits(d);
}

/* --- questions --------------------------------------------------------- */

/* The path is in hex: it need not be UTF-8. */
static int
open_file(const json_t *o, int *fd, struct err *e)
{
	const char *hex = get_str(o, "path", NULL);
	size_t n = hex != NULL ? strlen(hex) / 2 : 0;
	char *path = xcalloc(n + 1, 1);
	struct stat st;
	int r = 0;

	if (n == 0 || strlen(hex) % 2 != 0 ||
	    !hex_decode((uint8_t *)path, hex, n))
		r = err_set(e, ERR_INPUT, "its path is none");
	/* O_NONBLOCK: it may have become a FIFO since it was looked at */
	else if ((*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK)) < 0 || fstat(*fd, &st) < 0)
		r = err_sys(e, "cannot open");
	else if (!S_ISREG(st.st_mode))
		r = err_set(e, ERR_INPUT, "it is no regular file");
	free(path);
	return r;
}

static int
read_open(struct docs_read *d, int fd, const char *name, int64_t mtime_ms,
    struct err *e)
{
	char hex[HASH_HEX + 1] = "";
	uint8_t sum[HASH_LEN];
	struct err ignored;	/* was told, or the file has shrunk */
	struct docs_in in;
	struct hash hash;
	struct stat st;
	bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    lseek(fd, 0, SEEK_CUR) == 0;

	memset(&d->spent, 0, sizeof d->spent);
	d->at.n = 0;
	hash_init(&hash);
	docs_in_fd(&in, fd, name, INT64_MAX);
	in.hash = &hash;
	if (file)
		in.size = (int64_t)st.st_size;
	if (docs_read_in(d, &in, file ? fd : -1, name, mtime_ms, e) < 0)
		return -1;
	in.most = INT64_MAX;
	if (file && docs_in_drain(&in, &ignored) == 0) {
		hash_end(&hash, sum);
		hex_encode(hex, sum, sizeof sum);
	}
	buf_addf(&d->out, "{\"type\":\"done\",\"hash\":\"%s\"}\n", hex);
	return 0;
}

/* Whoever was here before came so far. */
static void
set_after(struct docs_read *d, const json_t *after)
{
	size_t n = json_array_size(after), i;

	d->after.n = n < DOCS_DEEP ? n : DOCS_DEEP;
	for (i = 0; i < d->after.n; i++)
		d->after.at[i] = json_integer_value(json_array_get(after, i));
}

static int
read_file(struct docs_read *d, const json_t *o, struct err *e)
{
	const char *name = get_str(o, "name", NULL);
	int64_t mtime_ms = INT64_MIN, given = -1;
	struct err bad = { 0 };
	int fd = -1, r;

	d->source = get_str(o, "source", NULL);
	if (name == NULL || d->source == NULL)
		return err_set(e, ERR_INPUT, "a question without a name or a "
		    "source");
	get_int(o, "mtime", &mtime_ms);
	set_after(d, json_object_get(o, "after"));
	set_cpu(d->cpu_s);
	if (get_int(o, "fd", &given) == 1)
		return read_open(d, (int)given, name, mtime_ms, e);
	if (open_file(o, &fd, &bad) == 0)
		r = read_open(d, fd, name, mtime_ms, e);
	else {
		r = docs_read_unread(d, name, "file that cannot be opened",
		    bad.msg, false, e);
		buf_adds(&d->out, "{\"type\":\"done\"}\n");
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int
answer(void *arg, struct jsonl *in, const char *line, size_t n, struct err *e)
{
	struct docs_read *d = arg;
	json_t *o = json_read(line, n, e);
	const char *type = get_str(o, "type", NULL);
	int r = 0;

	(void)in;
	if (o == NULL)
		return -1;
	if (str_eq(type, "options"))
		options(d, o);
	else if (str_eq(type, "read")) {
		r = read_file(d, o, e);
		if (r == 0)
			r = docs_read_flush(d, e);
	} else
		r = err_set(e, ERR_INPUT, "a question of an unknown type");
	json_decref(o);
	return r;
}

int
main(int argc, char **argv)
{
	struct docs_read d = { .limits = DOCS_LIMITS, .filters = DOCS_FILTERS,
	    .words_min = 200, .words_max = 400, .out = BUF_INIT };
	const struct opt_verb *verb = NULL;
	struct err e = { 0 }, ignored;
	struct buf said = BUF_INIT;
	int r;

	alloc_name = tool.name;
	signal(SIGPIPE, SIG_IGN);	/* a filter may not read all of it */
	json_setup();
	markup_setup();
	/* libarchive reads names in the characters of the locale */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		setlocale(LC_CTYPE, "");
	r = serve_start(&tool, &verb, &argc, argv, &e);
	if (r == 0)
		r = serve_questions(JSONL_MAX, NULL, answer, &d, &e);
	if (docs_read_flush(&d, r < 0 ? &ignored : &e) < 0)
		r = -1;
	if (r < 0) {
		buf_addf(&said, "%s: %s", tool.name, e.msg);
		serve_say(&said);
	}
	docs_filters_release(&d.filters);
	free(d.encoding);
	buf_release(&d.out);
	return r < 0 ? serve_status(e.code) : 0;
}
