/*
 * Sources of bug records: JSON, XML or a table, told by how they begin.  What
 * is not a file is made one first, because some things are known only at
 * its end: how large it is, which characters it has, what SARIF's rules say.
 */
#include "from/bug_work.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/xml.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)

int64_t
from_bugs_outer(const struct from *f)
{
	return f->bugs->outer;
}

/* --- limits ------------------------------------------------------------ */

static int
too_many(struct from *f, struct err *e)
{
	bool json = !f->format->bugs->table &&
	    f->format->bugs->elements == NULL;

	return err_set(e, ERR_INPUT, "'%s': more than %" PRId64 " records in "
	    "one import; import it in parts%s, or raise --max-records",
	    f->src.path, f->o.max_records, json ?
	    " (jq -c '.[]' FILE | split -l 5000)" :
	    ", exported by project or by year");
}

static int
add_bytes(struct from *f, int64_t n, struct err *e)
{
	f->bugs->bytes += n;
	if (f->o.max_bytes <= 0 || f->bugs->bytes <= f->o.max_bytes)
		return 0;
	return err_set(e, ERR_INPUT, "'%s': more than %" PRId64 " bytes in "
	    "one import; import it in parts, of a project or a year each, or "
	    "raise --max-bytes", f->src.path, f->o.max_bytes);
}

int
bug_count_value(struct from *f, struct err *e)
{
	f->bugs->values++;
	f->src.line_no++;
	return f->o.max_records > 0 && f->bugs->values > f->o.max_records ?
	    too_many(f, e) : 0;
}

/* --- JSON -------------------------------------------------------------- */

static int
give_shell(struct from *f, int level, const char *p, size_t len,
    struct err *e)
{
	int (*fn)(struct from *, int, int64_t, const json_t *, struct err *) =
	    f->format->bugs->shell;
	json_t *v;
	int r = 0;

	if (fn != NULL && (v = from_parse(f, p, len)) != NULL) {
		r = fn(f, level, level > 0 ? f->bugs->outer : 0, v, e);
		json_decref(v);
	}
	return r;
}

static int
json_value(struct from *f, enum split_got got, const char *p, size_t len,
    struct err *e)
{
	json_t *v;
	int r = 0;

	if (bug_count_value(f, e) < 0)
		return -1;
	v = got == SPLIT_VALUE ? from_parse(f, p, len) : NULL;
	if (json_is_object(v))
		r = f->format->value(f, v, e);
	else if (v != NULL)
		from_skip(f, "element that is no object");
	else if (got == SPLIT_LONG)
		from_skip(f, "element over 64 MiB");
	else
		from_skip(f, "element that is not JSON");
	json_decref(v);
	return r;
}

/* One pass.  shells: only those; else only values, and shells too where
 * there was no such pass. */
static int
json_pass(struct from *f, int fd, bool shells, struct err *e)
{
	const struct from_bug_format *b = f->format->bugs;
	struct json_split s;
	enum split_got got;
	struct err bad;
	const char *p;
	size_t len;
	int r = 0;

	json_split_init(&s, fd, f->src.path);
	s.max = FROM_VALUE_MAX;
	memcpy(s.inner, b->inner, sizeof s.inner);
	f->bugs->outer = 0;
	while (r == 0 && (got = json_split_next(&s, &p, &len, &bad)) !=
	    SPLIT_END) {
		if (got == SPLIT_FAIL) {
			from_skip(f, "file that cannot be read");
			from_say(f, false, "%s", bad.msg);
			break;
		}
		if (shells && s.level == 1 && b->inner[1] != NULL &&
		    (got == SPLIT_LONG || got == SPLIT_BAD))
			from_note(f, "what is around the results cannot be "
			    "read");
		else if (got == SPLIT_SHELL || (shells && s.level == 1 &&
		    b->inner[1] != NULL && got == SPLIT_VALUE)) {
			if (shells || !b->ahead)
				r = give_shell(f, s.level, p, len, e);
		} else if (!shells && (s.level != 1 || b->inner[1] == NULL))
			r = json_value(f, got, p, len, e);
		if (s.level == 1)
			f->bugs->outer++;
	}
	if (r == 0 && s.torn && !shells)
		from_note(f, "file that ends too early");
	json_split_release(&s);
	return r;
}

static int
read_json(struct from *f, int fd, off_t at, struct err *e)
{
	if (f->format->bugs->ahead && (json_pass(f, fd, true, e) < 0 ||
	    lseek(fd, at, SEEK_SET) < 0))
		return -1;
	return json_pass(f, fd, false, e);
}

/* --- XML --------------------------------------------------------------- */

struct xml_run {
	struct from *f;
	struct err *e;		/* of what is no fault of the text */
};

/* 1: it failed otherwise than by the text. */
static int
xml_value(void *arg, const json_t *v, int64_t line, struct err *unused)
{
	struct xml_run *x = arg;
	struct from *f = x->f;

	(void)unused;
	if (bug_count_value(f, x->e) < 0)
		return 1;
	f->src.line_no = line;
	if (v == NULL)
		from_skip(f, "element over 16 MiB");
	else
		return f->format->value(f, v, x->e) < 0;
	return 0;
}

static int
read_xml(struct from *f, int fd, struct err *e)
{
	struct xml_run x = { f, e };
	struct err bad;
	int r;

	r = xml_each(fd, f->src.path, f->format->bugs->elements, xml_value,
	    &x, &bad);
	if (r == -1) {
		from_skip(f, "file that is no XML we take");
		from_say(f, false, "%s", bad.msg);
	}
	return r == 1 ? -1 : 0;
}

/* --- any of them ------------------------------------------------------- */

/* The first byte that means something. */
static char
first_of(const char *p, size_t len)
{
	size_t i = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (i < len && strchr(" \t\r\n", p[i]) != NULL)
		i++;
	return i < len ? p[i] : '\0';
}

static int
read_file(struct from *f, int fd, struct err *e)
{
	const struct from_bug_format *b = f->format->bugs;
	off_t at = lseek(fd, 0, SEEK_CUR);
	char head[4096];
	const char *why;
	bool wide;		/* XML tells its encoding, tables do not */
	ssize_t n;

	if (at < 0 || (n = pread(fd, head, sizeof head, at)) < 0) {
		from_skip(f, "file that cannot be read");
		return 0;
	}
	wide = b->elements != NULL && utf8_is_utf16(head, (size_t)n);
	if ((why = from_strange(head, (size_t)n)) != NULL && !wide) {
		from_skip(f, why);
		return 0;
	}
	if (b->elements != NULL && (b->inner[0] == NULL || wide ||
	    first_of(head, (size_t)n) == '<'))
		return read_xml(f, fd, e);
	if (b->table)
		return bug_read_table(f, fd, at, csv_guess(head, (size_t)n),
		    e);
	return read_json(f, fd, at, e);
}

/* A stream as a file. */
static int
copy_stream(struct from *f, int fd, FILE *to, struct err *e)
{
	char step[STEP];
	ssize_t n;

	while ((n = read(fd, step, sizeof step)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", f->src.path);
		if (add_bytes(f, n, e) < 0 || file_write(fileno(to), step,
		    (size_t)n, "a temporary file", e) < 0)
			return -1;
	}
	if (lseek(fileno(to), 0, SEEK_SET) < 0)
		return err_sys(e, "cannot read a temporary file");
	return 0;
}

int
from_bugs_read(struct from *f, int fd, const struct stat *st, struct err *e)
{
	FILE *copy;
	off_t at;
	int r;

	from_bugs_ready(f);
	if (f->src.regular) {
		at = lseek(fd, 0, SEEK_CUR);
		if (add_bytes(f, (int64_t)st->st_size - (at > 0 ? at : 0),
		    e) < 0)
			return -1;
		return read_file(f, fd, e);
	}
	if ((copy = tmpfile()) == NULL)
		return err_sys(e, "cannot make a temporary file");
	if ((r = copy_stream(f, fd, copy, e)) == 0)
		r = read_file(f, fileno(copy), e);
	fclose(copy);
	return r;
}
