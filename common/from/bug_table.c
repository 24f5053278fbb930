/*
 * Tables of bug records: a row is an object by the names in the first one.
 */
#include "from/bug_work.h"

#include "base/charset.h"
#include "base/csv.h"
#include "base/json.h"

#include <string.h>
#include <unistd.h>

/* A cell: NULs are no text. */
static json_t *
cell_json(const struct csv *c, size_t i)
{
	const char *p = csv_cell(c, i);
	size_t n = c->cell[i].len, k;
	struct buf clean = BUF_INIT;
	json_t *v;

	if (memchr(p, '\0', n) == NULL)
		return json_stringn(p, n);
	for (k = 0; k < n; k++)
		if (p[k] != '\0')
			buf_addc(&clean, p[k]);
	v = json_stringn(clean.p, clean.len);
	buf_release(&clean);
	return v;
}

static json_t *
row_json(struct from *f, const struct csv *c, const struct strv *head)
{
	json_t *o = json_object(), *old, *list;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->cell[i].len == 0)
			continue;
		if (i >= head->n) {
			from_note(f, "cell without a column");
			continue;
		}
		if ((old = json_object_get(o, head->v[i])) == NULL) {
			json_object_set_new(o, head->v[i], cell_json(c, i));
			continue;
		}
		if (!json_is_array(old)) {
			list = json_array();
			json_array_append(list, old);
			json_object_set_new(o, head->v[i], list);
			old = list;
		}
		json_array_append_new(old, cell_json(c, i));
	}
	return o;
}

static int
table_row(struct from *f, const struct csv *c, enum csv_got got,
    struct strv *head, struct err *e)
{
	json_t *o;
	size_t i;
	int r;

	if (head->n == 0 && got == CSV_ROW) {
		for (i = 0; i < c->n; i++)
			strv_add(head, csv_cell(c, i));
		return 0;
	}
	if (bug_count_value(f, e) < 0)
		return -1;
	f->src.line_no = c->line_no;
	if (got == CSV_LONG) {
		from_skip(f, "row over 16 MiB or 4096 cells");
		return 0;
	}
	if (got == CSV_TORN) {
		from_skip(f, "row whose quote is never closed");
		from_say(f, false, "'%s' line %lld: a quote is opened and "
		    "never closed; what is behind it is not read",
		    f->src.path, (long long)c->line_no);
		return 0;
	}
	o = row_json(f, c, head);
	r = json_object_size(o) > 0 ? f->format->value(f, o, e) : 0;
	if (json_object_size(o) == 0)
		from_drop(f, "empty row");
	json_decref(o);
	return r;
}

static int
read_rows(struct from *f, int fd, char sep, struct err *e)
{
	struct strv head = STRV_INIT;
	enum csv_got got;
	struct err bad;
	struct csv c;
	int r = 0;

	csv_init(&c, fd, f->src.path);
	c.sep = sep;
	while (r == 0 && (got = csv_next(&c, &bad)) != CSV_END) {
		if (got == CSV_FAIL) {
			from_skip(f, "file that cannot be read");
			from_say(f, false, "%s", bad.msg);
			break;
		}
		r = table_row(f, &c, got, &head, e);
	}
	csv_release(&c);
	strv_release(&head);
	return r;
}

int
bug_read_table(struct from *f, int fd, off_t at, char sep, struct err *e)
{
	enum charset is;
	FILE *copy;
	int r;

	if (charset_guess(fd, f->src.path, &is, e) < 0)
		return -1;
	if (is == CHARSET_UTF8)
		return read_rows(f, fd, sep, e);
	from_note(f, is == CHARSET_LATIN1 ?
	    "neither UTF-8 nor GB18030, taken for Latin-1" :
	    "not UTF-8, taken for GB18030");
	from_say(f, is != CHARSET_LATIN1, "'%s' is not UTF-8: taken for %s",
	    f->src.path, charset_names[is]);
	if ((copy = tmpfile()) == NULL)
		return err_sys(e, "cannot make a temporary file");
	if (lseek(fd, at, SEEK_SET) < 0)
		r = err_sys(e, "cannot read '%s'", f->src.path);
	else
		r = charset_copy(fd, f->src.path, is, fileno(copy), e);
	if (r == 0 && lseek(fileno(copy), 0, SEEK_SET) < 0)
		r = err_sys(e, "cannot read a temporary file");
	if (r == 0)
		r = read_rows(f, fileno(copy), sep, e);
	fclose(copy);
	return r;
}
