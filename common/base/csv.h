/*
 * Tables as text (RFC 4180), a row at a time: cells between separators,
 * quotes around what holds separators, ends of lines or quotes (doubled).
 * Wider than the RFC where programs are: lines end with CRLF, LF or CR, a
 * quote within a bare cell is a quote, and what follows a closing quote
 * belongs to the cell.  Memory is bounded by the longest row.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CSV_ROW_MAX ((size_t)16 << 20)	/* longest row, bytes */
#define CSV_CELLS_MAX 4096		/* most cells of a row */

struct csv_cell {
	size_t at, len;			/* in row */
};

struct csv {
	int fd;			/* borrowed */
	const char *name;	/* borrowed; for messages */
	char sep;		/* ',' */
	size_t max;		/* longest row */
	size_t chunk;		/* bytes asked of read(2) */
	/* the row at hand */
	struct buf row;		/* own; each cell ends with a NUL */
	struct csv_cell *cell;	/* own */
	size_t n, cap;		/* cells */
	int64_t line_no;	/* where it begins, from 1 */
	/* ours */
	struct buf in;		/* own; bytes read, from at on not taken */
	size_t at;
	int64_t line;		/* of in[at], from 1 */
	bool begun, eof;
};

/* sep, max and chunk may be set after it, before the first call. */
void	csv_init(struct csv *, int fd, const char *name);
void	csv_release(struct csv *);

/*
 * The next row; rows without a byte are passed over, and so is a byte order
 * mark at the start.  CSV_LONG: a row over the bounds was passed over, its
 * cells are not there.  CSV_TORN: a quote was never closed; the row is what
 * stood up to the end of the input.
 */
enum csv_got { CSV_FAIL = -1, CSV_END, CSV_ROW, CSV_LONG, CSV_TORN };
enum csv_got csv_next(struct csv *, struct err *);

/* A cell of the row at hand, borrowed until the next call; it may hold
 * NULs.  "" for one that the row does not have. */
const char *csv_cell(const struct csv *, size_t i);

/*
 * What separates the cells of a first line: the one of , ; tab and | that
 * stands in it most often outside of quotes.  len: as far as it was read.
 */
char	csv_guess(const char *, size_t len);

#endif
