/*
 * A segment whose bytes were altered by somebody who can compute checksums:
 * everything in it is read, and searched; it may be refused and may answer
 * nonsense, but nothing beyond it is read and everything ends.
 *
 * Input: four bytes each, where (little endian, from the start of the
 * sections or of the header) and what.
 */
#include "index/segment_make.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/file.h"
#include "index/rank.h"
#include "index/segment_format.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define DOCS 300

static char path[] = "/tmp/memkit-f-segment.XXXXXX";
static struct buf good = BUF_INIT;

static void
gone(void)
{
	unlink(path);
	buf_release(&good);
}

static void
make_good(void)
{
	static const char *const word[] = { "run", "running", "the",
	    "getUserName", "happy", "\xe6\x9d\xb1\xe4\xba\xac" };
	struct segment_maker *m = segment_maker_new(2);
	struct tokens ts;
	struct err e;
	int64_t column[2];
	char key[8], text[200];
	int i, k, fd = mkstemp(path);

	tokens_init(&ts);
	for (i = 0; i < DOCS; i++) {
		memcpy(key, &i, sizeof i);
		column[0] = i;
		column[1] = i % 9 ? i : INT64_MIN;
		if (segment_doc(m, key, sizeof i, column, &e) < 0)
			abort();
		for (k = 0, text[0] = '\0'; k < 1 + i % 9; k++) {
			strcat(text, word[(i + k * k) % 6]);
			strcat(text, " ");
		}
		segment_doc_text(m, &ts, text, strlen(text), 1);
		segment_doc_value(m, SEGMENT_FIELD, i % 2 ? "a" : "b", 1);
		segment_doc_end(m);
	}
	tokens_release(&ts);
	if (fd < 0 || segment_maker_write(m, path, &e) < 0 ||
	    buf_read_file(&good, path, SIZE_MAX / 2, &e) < 0)
		abort();
	close(fd);
	segment_maker_free(m);
	atexit(gone);
}

/* Checksums as they have to be. */
static void
seal(uint8_t *p, size_t n)
{
	uint64_t checks = get64(p + 64 + 16 * SEC_CHECKS), at, end;

	if (checks >= SEG_PAGE && checks <= n)
		for (at = SEG_PAGE; at < checks; at += SEG_PAGE) {
			if (checks + 4 * (at / SEG_PAGE) > n)
				break;
			end = checks - at < SEG_PAGE ? checks - at : SEG_PAGE;
			put32(p + checks + 4 * (at / SEG_PAGE - 1),
			    crc32c(0, p + at, end));
		}
	end = get64(p + 72 + 16 * SEC_CHECKS);
	if (checks <= n && end <= n - checks)
		put32(p + 24, crc32c(0, p + checks, end));
	put32(p + SEG_HEADER - 4, crc32c(0, p, SEG_HEADER - 4));
}

static void
read_all(struct segment *s)
{
	struct segment_list *l = calloc(1, sizeof *l);
	struct segment_walk w;
	struct buf b = BUF_INIT;
	const uint32_t *pos;
	const uint8_t *form;
	struct err e;
	uint32_t i, d, n;
	int64_t v;
	bool whole;
	unsigned f;

	for (d = 0; d < segment_docs(s) && d < 1000; d++) {
		segment_key(s, d, &b, &e);
		segment_value(s, 0, d, &v, &e);
		segment_value(s, 1, d, &v, &e);
	}
	segment_find_key(s, "abc", 3, &d, &e);
	for (f = 0; f <= SEGMENT_FIELD; f++) {
		if (segment_walk(s, f, "", 0, &w, &e) < 0)
			continue;
		while (segment_walk_next(&w, &e) == 1) {
			segment_list(s, &w.term, l);
			for (i = 0; i < w.term.forms; i++)
				segment_form(s, &w.term, w.text, w.len, i, &b,
				    &whole, &e);
			for (i = 0; i < l->blocks && segment_list_load(l, i,
			    &e) == 0; i++)
				for (d = 0; d < l->n && segment_positions(l, d,
				    &pos, &form, &n, &e) == 0; d++)
					;
			segment_list_release(l);
		}
	}
	buf_release(&b);
	free(l);
}

static void
search(struct segment *s)
{
	const struct rank_value value = { SEGMENT_FIELD, "a", 1, false };
	const struct rank_filter filter = { .kind = RANK_VALUES,
	    .value = &value, .values = 1 };
	const struct rank_part part = { s, NULL };
	struct score_scope scope = { 0, 0 };
	int64_t df[8] = { 0 }, n;
	struct rank_hit *hit;
	struct rank *r;
	struct match m;
	struct err e;
	size_t hits;
	int p;

	match_init(&m);
	match_group(&m);
	match_atom(&m, MATCH_TERM, match_term(&m, MATCH_STEM, "run", 3, 1,
	    false), false);
	match_atom(&m, MATCH_TERM, match_term(&m, MATCH_PREFIX, "h", 1, 1,
	    false), false);
	p = match_phrase(&m);
	match_phrase_add(&m, p, "running", 7, 0);
	match_phrase_add(&m, p, "the", 3, 1);
	match_atom(&m, MATCH_PHRASE, p, false);
	match_group(&m);
	match_atom(&m, MATCH_FILTER, 0, true);
	match_ready(&m);
	if (rank_open(&r, &m, &filter, 1, 0, &part, 1, NULL, NULL, &e) == 0) {
		if (rank_stats(r, &scope, df, &e) == 0 &&
		    rank_top(r, &score_event, &scope, df, 5, false, &hit,
		    &hits, &e) == 0)
			free(hit);
		rank_count(r, 0, &n, &e);
		rank_close(r);
	}
	match_release(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment *s;
	struct err e;
	uint8_t *p;
	size_t i, at;

	if (good.len == 0)
		make_good();
	p = malloc(good.len);
	memcpy(p, good.p, good.len);
	for (i = 0; i + 4 <= size && i < 256; i += 4) {
		at = (data[i] | (size_t)data[i + 1] << 8 |
		    (size_t)(data[i + 2] & 15) << 16) % good.len;
		if (data[i + 2] & 128)
			at %= SEG_HEADER;
		p[at] = data[i + 3];
	}
	seal(p, good.len);
	if (file_replace(path, p, good.len, &e) < 0)
		abort();
	free(p);
	if (segment_open(&s, path, &e) < 0)
		return 0;
	segment_verify(s, &e);
	read_all(s);
	search(s);
	segment_close(s);
	return 0;
}
