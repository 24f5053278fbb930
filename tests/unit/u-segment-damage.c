/*
 * A segment with a byte of it changed, or with its end cut off: it does not
 * open, or is found damaged, or nothing that is read is another thing.
 */
#include "base/buf.h"
#include "base/crc.h"
#include "segment-docs.h"
#include "tap.h"

#include <fcntl.h>

#define SMALL "small.seg"

static void
make_small(void)
{
	int i;

	make_docs();
	for (i = 0; i < DOCS; i++) {
		docs[i].dead = i % 7 != 0;	/* 143: more than a block */
		docs[i].title_times = 1 + (unsigned)i % 3;
		if (i % 35 != 0)
			strcpy(docs[i].text, "run running");
	}
	if (make_of(SMALL, -1) < 0)
		exit(2);
}

static void
read_list(struct segment *s, const struct segment_walk *w, struct buf *out)
{
	struct segment_list l;
	struct buf word = BUF_INIT;
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t b, i, n;
	bool whole;

	buf_addf(out, "%u %.*s %u:", w->term.field, (int)w->len, w->text,
	    (unsigned)w->term.docs);
	for (i = 0; i < w->term.forms; i++)
		if (segment_form(s, &w->term, w->text, w->len, i, &word,
		    &whole, &e) == 0)
			buf_addf(out, " (%s %d)", word.p, whole);
	segment_list(s, &w->term, &l);
	for (b = 0; b < l.blocks; b++) {
		if (segment_list_load(&l, b, &e) < 0 ||
		    segment_list_tf(&l, &e) < 0)
			break;
		for (i = 0; i < l.n; i++) {
			buf_addf(out, " %u/%u", (unsigned)l.doc[i],
			    (unsigned)l.tf[i]);
			if (w->term.field >= SEGMENT_FIELD ||
			    segment_positions(&l, i, &pos, &form, &n, &e) < 0)
				continue;
			buf_add(out, pos, n * sizeof *pos);
			buf_add(out, form, n);
		}
	}
	segment_list_release(&l);
	buf_release(&word);
}

static int
add_word(void *arg, const char *term, size_t len,
    const struct segment_term *t, struct err *err)
{
	(void)err;
	buf_addf(arg, " %.*s=%u", (int)len, term, (unsigned)t->number);
	return 0;
}

/* All that can be read, as one number. */
static uint32_t
read_all(struct segment *s)
{
	static const unsigned fields[] = { SEGMENT_TEXT, SEGMENT_LAST,
	    FIELD_COLOUR, FIELD_LONG };
	struct buf out = BUF_INIT, key = BUF_INIT;
	struct segment_walk w;
	const uint8_t *length;
	uint32_t i, k, sum;
	int64_t v;

	for (i = 0; i < segment_docs(s); i++) {
		if (segment_key(s, i, &key, &e) == 0)
			buf_add(&out, key.p, key.len);
		for (k = 0; k < COLUMNS; k++)
			if (segment_value(s, k, i, &v, &e) == 0)
				buf_addf(&out, " %" PRId64, v);
	}
	if (segment_lengths(s, &length, &e) == 0)
		buf_add(&out, length, segment_docs(s));
	buf_addf(&out, "%" PRIu64 " %" PRIu64, segment_length(s),
	    segment_terms(s));
	for (i = 0; i < 4; i++)
		if (segment_walk(s, fields[i], "", 0, &w, &e) == 0)
			while (segment_walk_next(&w, &e) == 1)
				read_list(s, &w, &out);
	segment_words(s, "", 0, add_word, &out, &e);
	sum = crc32c(0, out.p, out.len);
	buf_release(&out);
	buf_release(&key);
	return sum;
}

/* 1 it is as `want`, 0 it is found damaged, -1 neither. */
static int
look(uint32_t want)
{
	struct segment *s;
	int r = 0;

	if (segment_open(&s, SMALL, NULL, &e) < 0)
		return e.code == ERR_INDEX || e.code == ERR_VERSION ? 0 :
		    -1;
	if (segment_verify(s, &e) == 0)
		r = read_all(s) == want ? 1 : -1;
	else if (e.code != ERR_INDEX)
		r = -1;
	segment_close(s);
	return r;
}

static void
flip(int fd, off_t at, uint8_t bits)
{
	uint8_t byte;

	if (pread(fd, &byte, 1, at) != 1)
		exit(2);
	byte ^= bits;
	if (pwrite(fd, &byte, 1, at) != 1)
		exit(2);
}

int
main(void)
{
	struct segment *s;
	uint32_t want;
	off_t at, size, wrong = -1, unnoticed = 0;
	int fd, r;

	temp_begin();
	make_small();
	fd = open(SMALL, O_RDWR);
	if (fd < 0 || segment_open(&s, SMALL, NULL, &e) < 0)
		return 2;
	size = (off_t)segment_bytes(s);
	want = read_all(s);
	segment_close(s);
	is_int(look(want), 1, "it is sound");
	/* from 512 on the first page is empty: some of it will do */
	for (at = 0; at < size && wrong < 0;
	    at += at >= 512 && at < 4080 ? 16 : 1) {
		flip(fd, at, (uint8_t)(1u << at % 8));
		if ((r = look(want)) < 0)
			wrong = at;
		else if (r == 1)
			unnoticed++;
		flip(fd, at, (uint8_t)(1u << at % 8));
	}
	is_int(wrong, -1, "a bit of every byte of %d changed", (int)size);
	ok(unnoticed < 4096, "the rest of the first page alone is not read");
	is_int(look(want), 1, "it is sound again");
	if (pwrite(fd, "", 1, size) != 1)
		return 2;
	is_int(look(want), 0, "a byte too many");
	for (at = size - 1; at >= 0 && wrong < 0; at--)
		if (ftruncate(fd, at) < 0 || look(want) != 0)
			wrong = at;
	is_int(wrong, -1, "cut off anywhere");
	ok(segment_open(&s, "nosuch.seg", NULL, &e) < 0 && e.code == ERR_ABSENT,
	    "no such file");
	ok(symlink(SMALL, "link.seg") == 0 &&
	    segment_open(&s, "link.seg", NULL, &e) < 0,
	    "no symlink is followed");
	ok(segment_open(&s, ".", NULL, &e) < 0, "no folder is a segment");
	close(fd);
	return temp_end() | done();
}
