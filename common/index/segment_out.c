#include "index/segment_out.h"

#include "base/alloc.h"
#include "base/crc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (64 * (size_t)SEG_PAGE)
#define STREAM_ROOM ((size_t)1 << 18)

/* --- the file ---------------------------------------------------------- */

int
seg_out_open(struct seg_out *o, const char *path,
    const struct blockfile_key *key, struct err *e)
{
	memset(o, 0, sizeof *o);
	if (file_new(&o->file, path, e) < 0)
		return -1;
	o->room = xmalloc(ROOM);
	memset(o->room, 0, SEG_HEADER);
	o->n = SEG_HEADER;
	return blockfile_begin(&o->out, o->file.fd, path, BLOCKFILE_BLOCK,
	    key, e);
}

void
seg_out_release(struct seg_out *o)
{
	if (o->room != NULL)		/* it was opened */
		file_new_drop(&o->file);
	blockfile_release(&o->out);
	free(o->room);
	free(o->check);
	memset(o, 0, sizeof *o);
}

uint64_t
seg_out_at(const struct seg_out *o)
{
	return o->at + o->n;
}

/* What is in the room, but the header. */
static int
put_room(struct seg_out *o, struct err *e)
{
	size_t skip = o->at == 0 ? SEG_HEADER : 0;

	if (blockfile_put(&o->out, o->at + skip, o->room + skip, o->n - skip,
	    e) < 0)
		return -1;
	o->at += o->n;
	o->n = 0;
	return 0;
}

/* Only the last call may leave a page that is not full. */
static int
flush(struct seg_out *o, struct err *e)
{
	size_t i, n;

	for (i = 0; i < o->n; i += SEG_PAGE) {
		n = o->n - i < SEG_PAGE ? o->n - i : SEG_PAGE;
		if (o->checks == 0)
			memcpy(o->first, o->room, n);
		o->check = xgrow(o->check, o->checks, &o->checks_cap,
		    sizeof *o->check);
		o->check[o->checks] = crc32c((uint32_t)o->checks,
		    o->room + i, n);
		o->checks++;
	}
	return put_room(o, e);
}

int
seg_out_add(struct seg_out *o, const void *data, size_t len, struct err *e)
{
	const uint8_t *p = data;
	size_t n;

	while (len > 0) {
		n = ROOM - o->n < len ? ROOM - o->n : len;
		memcpy(o->room + o->n, p, n);
		o->n += n;
		p += n;
		len -= n;
		if (o->n == ROOM && flush(o, e) < 0)
			return -1;
	}
	return 0;
}

/* The sum of page 0 was made without it. */
static int
put_header(struct seg_out *o, const uint8_t *header, size_t page,
    struct err *e)
{
	memcpy(o->first, header, SEG_HEADER);
	o->check[0] = crc32c(0, o->first, page);
	return blockfile_put(&o->out, 0, header, SEG_HEADER, e);
}

int
seg_out_done(struct seg_out *o, uint8_t header[SEG_HEADER], struct err *e)
{
	static const uint8_t pad[SEG_PAD];
	uint64_t end, pages;
	size_t i;

	if (seg_out_add(o, pad, sizeof pad, e) < 0)
		return -1;
	end = seg_out_at(o);
	pages = end / SEG_PAGE + (end % SEG_PAGE != 0);
	put64(header + SEG_AT_SIZE, end + 4 * pages);
	put32(header + SEG_AT_CHECK, 0);
	put32(header + SEG_AT_CHECK, crc32c(0, header, SEG_HEADER));
	if (flush(o, e) < 0 || put_header(o, header, end < SEG_PAGE ?
	    (size_t)end : SEG_PAGE, e) < 0)
		return -1;
	for (i = 0; i < o->checks; i++) {
		put32(o->room + o->n, o->check[i]);
		o->n += 4;
		if ((o->n == ROOM || i + 1 == o->checks) &&
		    put_room(o, e) < 0)
			return -1;
	}
	if (blockfile_end(&o->out, end + 4 * pages, e) < 0)
		return -1;
	return file_new_done(&o->file, e);
}

/* --- streams ----------------------------------------------------------- */

void
seg_stream_init(struct seg_stream *s, const char *path,
    const struct blockfile_key *key)
{
	memset(s, 0, sizeof *s);
	s->path = path;
	s->key = key;
	buf_init(&s->room);
	s->fd = -1;
}

void
seg_stream_release(struct seg_stream *s)
{
	buf_release(&s->room);
	blockfile_release(&s->out);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int
begin(struct seg_stream *s, struct err *e)
{
	if ((s->fd = file_scratch(s->path, e)) < 0)
		return -1;
	return blockfile_begin(&s->out, s->fd, s->path, BLOCKFILE_BLOCK,
	    s->key, e);
}

int
seg_stream_add(struct seg_stream *s, const void *p, size_t n, struct err *e)
{
	buf_add(&s->room, p, n);
	if (s->room.len < STREAM_ROOM)
		return 0;
	if (s->fd < 0 && begin(s, e) < 0)
		return -1;
	if (blockfile_put(&s->out, s->at, s->room.p, s->room.len, e) < 0)
		return -1;
	s->at += s->room.len;
	buf_reset(&s->room);
	return 0;
}

uint64_t
seg_stream_at(const struct seg_stream *s)
{
	return s->at + s->room.len;
}

/* What is in the file. */
static int
copy_file(struct seg_stream *s, struct seg_out *o, struct err *e)
{
	struct blockfile *f;
	uint8_t *p;
	uint64_t at;
	size_t n;
	int r;

	if (blockfile_end(&s->out, s->at, e) < 0 ||
	    blockfile_again(&f, &s->out, s->key, e) < 0)
		return -1;
	p = xmalloc(STREAM_ROOM);
	for (at = 0, r = 0; at < s->at && r == 0; at += n) {
		n = s->at - at < STREAM_ROOM ? (size_t)(s->at - at) :
		    STREAM_ROOM;
		if ((r = blockfile_read(f, at, p, n, e)) == 0)
			r = seg_out_add(o, p, n, e);
	}
	free(p);
	blockfile_close(f);
	return r;
}

int
seg_stream_copy(struct seg_stream *s, struct seg_out *o, struct err *e)
{
	int r = s->at > 0 ? copy_file(s, o, e) : 0;

	if (r == 0)
		r = seg_out_add(o, s->room.p, s->room.len, e);
	seg_stream_release(s);
	s->at = 0;
	return r;
}
