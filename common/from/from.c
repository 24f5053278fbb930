/*
 * A run: start, sources, end.
 */
#include "from/bug_import.h"
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct from_format *const formats[] = { &from_claude_code,
    &from_codex, &from_gemini, &from_copilot, &from_chatgpt,
    &from_claude_export, &from_openai, &from_sharegpt, &from_slack,
    &from_memory_json, &from_jsonl, &from_bugs, &from_bugs_csv, &from_jira,
    &from_jira_csv, &from_github, &from_gitlab, &from_bugzilla,
    &from_redmine, &from_sarif, &from_junit, &from_osv, &from_defects4j,
    &from_git_fixes, &from_docs, NULL };

const struct from_format *
from_format(const char *name)
{
	size_t i;

	for (i = 0; formats[i] != NULL; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *
from_format_name(size_t i)
{
	size_t n = sizeof formats / sizeof *formats;

	return i < n && formats[i] != NULL ? formats[i]->name : NULL;
}

bool
from_is_bugs(const struct from_format *format)
{
	return format->bugs != NULL;
}

bool
from_wants_words(const struct from_format *format)
{
	return format->bugs != NULL || format == &from_git_fixes;
}

bool
from_is_docs(const struct from_format *format)
{
	return format == &from_docs;
}

bool
from_is_table(const struct from_format *format)
{
	return format->bugs != NULL && format->bugs->table;
}

struct from *
from_new(const struct from_opts *o, const struct from_sink *sink)
{
	struct from *f = xcalloc(1, sizeof *f);

	f->format = o->format;
	f->o = *o;
	if (sink != NULL)
		f->sink = *sink;
	f->now_ms = date_now();
	f->hold = -1;
	buf_init(&f->text);
	buf_init(&f->mend);
	return f;
}

void
from_free(struct from *f)
{
	if (f == NULL)
		return;
	from_seen_release(&f->seen);
	from_known_free(f);
	from_bugs_free(f);
	from_docs_free(f);
	map_release(&f->counts.skips);
	map_release(&f->counts.drops);
	map_release(&f->counts.notes);
	buf_release(&f->text);
	buf_release(&f->mend);
	free(f);
}

const struct from_counts *
from_counts(const struct from *f)
{
	return &f->counts;
}

int
from_start(const struct from_format *format, char **operands, size_t n,
    const struct from_sink *sink, struct err *e)
{
	struct buf source = BUF_INIT;
	json_t *o = json_object();
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&source, ' ');
		buf_adds(&source, operands[i]);
	}
	if (n == 0)
		buf_addc(&source, '-');
	json_object_set_new(o, "type", json_string("start"));
	json_object_set_new(o, "format", json_string(format->name));
	/* a path need not be UTF-8; then it is left out */
	json_object_set_new(o, "source", json_string(source.p));
	r = sink->emit(sink->arg, o, e);
	json_decref(o);
	buf_release(&source);
	return r;
}

static void
put_reasons(json_t *o, const char *key, const struct map *m)
{
	json_t *v = json_object();
	size_t i;

	for (i = 0; i < m->n; i++)
		json_object_set_new(v, m->e[i].key,
		    json_integer(m->e[i].v.i));
	json_object_set_new(o, key, v);
}

static int
emit_end(struct from *f, struct err *e)
{
	json_t *o = json_object();
	int r;

	json_object_set_new(o, "type", json_string("end"));
	json_object_set_new(o, "format", json_string(f->format->name));
	json_object_set_new(o, "total", json_integer(f->counts.total));
	json_object_set_new(o, "valid", json_integer(f->counts.valid));
	json_object_set_new(o, "skipped", json_integer(f->counts.skipped));
	put_reasons(o, "skipped_reasons", &f->counts.skips);
	json_object_set_new(o, "dropped", json_integer(f->counts.dropped));
	put_reasons(o, "dropped_reasons", &f->counts.drops);
	if (f->format->bugs != NULL)
		from_bugs_counts(f, o);
	if (f->counts.notes.n > 0)
		put_reasons(o, "notes", &f->counts.notes);
	r = f->sink.emit(f->sink.arg, o, e);
	json_decref(o);
	return r;
}

/* An operand that is not there: was it read before, or what lay below? */
static bool
was_known(const struct from *f, const char *path)
{
	size_t i, n = strlen(path);

	for (i = 0; i < f->nknown; i++)
		if (strncmp(f->known[i].source, path, n) == 0 &&
		    (f->known[i].source[n] == '/' ||
		    f->known[i].source[n] == '\0'))
			return true;
	return false;
}

/* The path of what is not there, as realpath would have said it while it
 * was: at least from the root, without "." and double or final slashes. */
static void
lost_path(struct buf *b, const char *operand)
{
	char dir[PATH_MAX];
	size_t n;

	if (*operand != '/' && getcwd(dir, sizeof dir) != NULL)
		buf_adds(b, dir);
	while (*operand != '\0') {
		operand += strspn(operand, "/");
		n = strcspn(operand, "/");
		if (n > 0 && !(n == 1 && *operand == '.')) {
			buf_addc(b, '/');
			buf_add(b, operand, n);
		}
		operand += n;
	}
}

/* 1 read it, 0 it is gone and was read before, -1 it is not there. */
static int
check_operand(struct from *f, const char *operand, bool say, struct err *e)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int r = 1;

	if (*operand == '\0')
		return err_set(e, ERR_ABSENT, "an operand is empty, as if a "
		    "variable were not set; name a file or folder");
	if (strcmp(operand, "-") == 0 || stat(operand, &st) == 0)
		return 1;
	if (errno != ENOENT && errno != ENOTDIR)
		return err_sys(e, "cannot open '%s'", operand);
	lost_path(&path, operand);
	if (f->o.store == NULL || !was_known(f, path.p))
		r = err_set(e, ERR_ABSENT, "cannot open '%s': %s", operand,
		    strerror(errno));
	else {
		r = 0;
		if (say) {
			from_say(f, false, "source gone, kept: %s", operand);
			from_known_gone(f, path.p);
		}
	}
	buf_release(&path);
	return r;
}

int
from_run(struct from *f, char **operands, size_t n, struct err *e)
{
	char self[] = "-", *one[] = { self };
	size_t i;
	int r;

	if (f->o.store != NULL && from_known_load(f, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (check_operand(f, operands[i], false, e) < 0)
			return -1;
	if (n == 0) {
		operands = one;
		n = 1;
	}
	for (i = 0; i < n && !f->stop; i++) {
		if ((r = check_operand(f, operands[i], true, e)) == 1)
			r = from_operand(f, operands[i], e);
		if (r < 0)
			return -1;
	}
	if (from_bugs_tell(f, e) < 0 || emit_end(f, e) < 0)
		return -1;
	return f->counts.skipped > 0;
}
