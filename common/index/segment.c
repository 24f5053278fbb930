/*
 * Opening a segment, and its pages.  The file is mapped: a cold search
 * touches few pages of it, and copies none.  Nothing ever writes to a
 * segment that has its name, so what was checked once stays so; a medium
 * that fails underneath ends the process (SIGBUS).
 *
 * A sealed one has memory of its plain size in place of that, all zeros;
 * where a page of a file would be compared with its checksum the block that
 * it lies in is opened into it.  So what reads segments knows of one kind,
 * and a cold search opens what it reads.
 */
#include "index/segment_format.h"

#include "base/alloc.h"
#include "base/crc.h"
#include "index/blockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define BLOCK_PAGES (BLOCKFILE_BLOCK / SEG_PAGE)

int
seg_damaged(const struct segment *s, const char *what, struct err *e)
{
	return err_set(e, ERR_INDEX, "the index file '%s' is damaged (%s); "
	    "mem-index --rebuild makes it again", s->path, what);
}

/* --- header ------------------------------------------------------------ */

/* Is it ours, whole, and of this version? */
static int
check_header(struct segment *s, struct err *e)
{
	static const uint8_t zeros[4];
	const uint8_t *p = s->map;
	uint32_t size, check;

	if (s->size < SEG_AT_DOCS || memcmp(p, SEG_MAGIC, 8) != 0)
		return seg_damaged(s, "it is no segment", e);
	size = get32(p + SEG_AT_HEADER);
	if (size < SEG_AT_DOCS || size > s->size || size > SEG_PAGE)
		return seg_damaged(s, "header", e);
	check = crc32c(0, p, SEG_AT_CHECK);
	check = crc32c(check, zeros, sizeof zeros);
	check = crc32c(check, p + SEG_AT_HEADER, size - SEG_AT_HEADER);
	if (check != get32(p + SEG_AT_CHECK))
		return seg_damaged(s, "header", e);
	if (get32(p + SEG_AT_VERSION) > SEG_VERSION)
		return err_set(e, ERR_VERSION, "the index file '%s' was made "
		    "by a newer memkit (format %" PRIu32 ", this is %d); "
		    "upgrade memkit", s->path, get32(p + SEG_AT_VERSION),
		    SEG_VERSION);
	if (get32(p + SEG_AT_VERSION) != SEG_VERSION || size != SEG_HEADER)
		return seg_damaged(s, "header", e);
	return 0;
}

static void
read_header(struct segment *s)
{
	const uint8_t *p = s->map;
	int i;

	s->docs = get32(p + SEG_AT_DOCS);
	s->columns = get32(p + SEG_AT_COLUMNS);
	s->ascending = get32(p + SEG_AT_ASCENDING);
	s->terms = get64(p + SEG_AT_TERMS);
	s->words = get64(p + SEG_AT_WORDS);
	s->length = get64(p + SEG_AT_LENGTH);
	s->start[0] = SEG_HEADER;
	for (i = 0; i < SEG_SECTIONS; i++)
		s->start[i + 1] = get64(p + SEG_AT_ENDS + 8 * i);
	s->end = s->start[SEG_SECTIONS] + SEG_PAD;
}

static uint64_t
section_size(const struct segment *s, enum section k)
{
	return s->start[k + 1] - s->start[k];
}

/* Do the sections fill the file, and have they the sizes they must have? */
static int
check_sections(struct segment *s, struct err *e)
{
	uint64_t pages, blocks;
	int i;

	if (get64(s->map + SEG_AT_SIZE) != s->size)
		return seg_damaged(s, "it is cut short", e);
	for (i = 0; i < SEG_SECTIONS; i++)
		if (s->start[i + 1] < s->start[i] ||
		    s->start[i + 1] > s->size - SEG_PAD)
			return seg_damaged(s, "header", e);
	pages = s->end / SEG_PAGE + (s->end % SEG_PAGE != 0);
	blocks = (uint64_t)s->columns * seg_blocks(s->docs);
	if (s->size - s->end != 4 * pages || s->docs > SEGMENT_DOCS ||
	    s->columns > SEGMENT_COLUMNS || s->terms > UINT32_MAX ||
	    s->words > s->size ||
	    section_size(s, SEG_BLOCKS) % SEG_BLOCK != 0 ||
	    section_size(s, SEG_TERM_INDEX) !=
	    SEG_ENTRY * seg_groups(s->terms) ||
	    section_size(s, SEG_WORD_INDEX) !=
	    SEG_ENTRY * seg_groups(s->words) ||
	    section_size(s, SEG_KEY_INDEX) != 8 * seg_groups(s->docs) ||
	    section_size(s, SEG_LENGTHS) != s->docs ||
	    section_size(s, SEG_COLUMN_INDEX) != SEG_COLUMN * blocks)
		return seg_damaged(s, "header", e);
	s->checked = xcalloc(pages / 64 + 1, sizeof *s->checked);
	return 0;
}

/* --- sealed ones ------------------------------------------------------- */

/* The block that a page lies in, which was not opened before. */
static int
open_block(struct segment *s, uint64_t page, struct err *e)
{
	uint64_t at = page / BLOCK_PAGES * BLOCKFILE_BLOCK;
	uint64_t left = s->size - at;

	return blockfile_read(s->file, at, (uint8_t *)(uintptr_t)s->map + at,
	    left < BLOCKFILE_BLOCK ? (size_t)left : BLOCKFILE_BLOCK, e);
}

/* Its pages are as they were written: the tag is of every byte. */
static void
set_checked(struct segment *s, uint64_t page)
{
	uint64_t i = page / BLOCK_PAGES * BLOCK_PAGES, to = i + BLOCK_PAGES;

	for (; i < to && i * SEG_PAGE < s->end; i++)
		s->checked[i / 64] |= UINT64_C(1) << (i % 64);
}

static int
map_sealed(struct segment *s, const struct blockfile_key *key, struct err *e)
{
	void *p;

	if (blockfile_open(&s->file, s->path, key, e) < 0)
		return -1;
	s->size = blockfile_size(s->file);
	if (s->size < SEG_HEADER + SEG_PAD + 4)
		return seg_damaged(s, "it is no segment", e);
	if (s->size > SIZE_MAX)
		return err_set(e, ERR_SYS, "the index file '%s' is too large "
		    "for this machine", s->path);
	p = mmap(NULL, (size_t)s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "cannot get memory for '%s'", s->path);
	s->map = p;
	return open_block(s, 0, e);	/* has the header */
}

/* --- open and close ---------------------------------------------------- */

static int
map_fd(struct segment *s, int fd, struct err *e)
{
	struct stat sb;
	void *p;

	if (fstat(fd, &sb) < 0)
		return err_sys(e, "cannot look at '%s'", s->path);
	if (!S_ISREG(sb.st_mode) || sb.st_size < SEG_HEADER + SEG_PAD + 4)
		return seg_damaged(s, "it is no segment", e);
	if ((uint64_t)sb.st_size > SIZE_MAX)
		return err_set(e, ERR_SYS, "the index file '%s' is too large "
		    "for this machine", s->path);
	p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "cannot map '%s'", s->path);
	s->map = p;
	s->size = (uint64_t)sb.st_size;
	return 0;
}

static int
map_file(struct segment *s, struct err *e)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "there is no '%s'", s->path);
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", s->path);
	r = map_fd(s, fd, e);
	close(fd);
	return r;
}

int
segment_open(struct segment **out, const char *path,
    const struct blockfile_key *key, struct err *e)
{
	struct segment *s = xcalloc(1, sizeof *s);
	int r;

	s->path = xstrdup(path);
	r = key != NULL && key->sealed ? map_sealed(s, key, e) :
	    map_file(s, e);
	if (r == 0 && (r = check_header(s, e)) == 0) {
		read_header(s);
		r = check_sections(s, e);
	}
	if (r == 0 && s->file != NULL)
		set_checked(s, 0);
	if (r < 0)
		segment_close(s);
	else
		*out = s;
	return r;
}

void
segment_close(struct segment *s)
{
	if (s == NULL)
		return;
	if (s->map != NULL)
		munmap((void *)(uintptr_t)s->map, (size_t)s->size);
	blockfile_close(s->file);
	free(s->checked);
	free(s->path);
	free(s);
}

uint32_t
segment_docs(const struct segment *s)
{
	return s->docs;
}

uint32_t
segment_columns(const struct segment *s)
{
	return s->columns;
}

uint64_t
segment_terms(const struct segment *s)
{
	return s->terms;
}

uint64_t
segment_length(const struct segment *s)
{
	return s->length;
}

uint64_t
segment_bytes(const struct segment *s)
{
	return s->file != NULL ? blockfile_bytes(s->file) : s->size;
}

/* --- pages ------------------------------------------------------------- */

int
seg_check(struct segment *s, uint64_t at, uint64_t n, struct err *e)
{
	uint64_t page, last, from, size;
	char what[48];

	if (n == 0)
		return 0;
	if (at > s->end || n > s->end - at)
		return seg_damaged(s, "an offset", e);
	last = (at + n - 1) / SEG_PAGE;
	for (page = at / SEG_PAGE; page <= last; page++) {
		if (s->checked[page / 64] >> (page % 64) & 1)
			continue;
		if (s->file != NULL) {
			if (open_block(s, page, e) < 0)
				return -1;
			set_checked(s, page);
			continue;
		}
		from = page * SEG_PAGE;
		size = s->end - from < SEG_PAGE ? s->end - from : SEG_PAGE;
		if (crc32c((uint32_t)page, s->map + from, (size_t)size) !=
		    get32(s->map + s->end + 4 * page)) {
			snprintf(what, sizeof what, "page %" PRIu64, page);
			return seg_damaged(s, what, e);
		}
		s->checked[page / 64] |= UINT64_C(1) << (page % 64);
	}
	return 0;
}

const uint8_t *
seg_group(struct segment *s, enum section k, unsigned size, uint64_t groups,
    uint64_t group, const uint8_t **end, struct err *e)
{
	uint64_t from, to = s->start[k + 1] - s->start[k];
	bool last = group + 1 >= groups;
	const uint8_t *p;

	p = seg_part(s, k + 1, group * size, last ? size : 2 * size, e);
	if (p == NULL)
		return NULL;
	from = get64(p + size - 8);
	if (!last)
		to = get64(p + 2 * size - 8);
	if (from >= to) {
		seg_damaged(s, "an offset", e);
		return NULL;
	}
	if ((p = seg_part(s, k, from, to - from, e)) != NULL)
		*end = p + (to - from);
	return p;
}
