/*
 * A row as a processor sees it: the values of its keys.
 */
#ifndef LTM_ROW_H
#define LTM_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "ltm/entry.h"
#include "ltm/processor.h"
#include "ltm/row_scan.h"

#define ROW_LIST 50		/* values of one key, at most */
#define ROW_VALUE_MAX 500	/* bytes; a longer one groups no rows */

struct row_list {
	const char *v[ROW_LIST];	/* borrowed from the row; each once */
	size_t n;
};

struct row {
	struct strv names;		/* own; what the processor reads */
	const struct processor *p;	/* borrowed */
	struct row_scan scan;
	/* where the values of a name begin in the scan, and how many there
	 * are: [0] of the record itself, [1] in fields */
	struct { size_t at, n; } *place[2];	/* own */
	struct row_list key[PROCESSOR_KEYS];
	struct buf room;		/* own; values that were made */
	struct entry_head head;
};

void	row_init(struct row *, const struct processor *);
void	row_release(struct row *);

/*
 * Take in the JSON of a record.  1; 0: it does not count (what the processor
 * says to skip).  The head lacks hash, time and id, which the JSON does not
 * tell.
 */
int	row_take(struct row *, const char *json, size_t len, struct err *);

/* What tells projects apart: "" for none. */
const char *row_project(const struct row *);

#endif
