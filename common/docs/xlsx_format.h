/*
 * Formats of numbers in a sheet (ECMA-376 part 1, 18.8.30 and 18.8.31): what a
 * cell shows of its value, as far as it tells something.  Dates and times are
 * ISO 8601, percentages and decimals are as they are shown; colours, blanks
 * and separators of thousands are not.
 */
#ifndef DOCS_XLSX_FORMAT_H
#define DOCS_XLSX_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XLSX_SHOWN 64		/* bytes of a value that is shown, with NUL */

enum xlsx_kind { XLSX_GENERAL, XLSX_FIXED, XLSX_PERCENT, XLSX_DATE,
    XLSX_TIME, XLSX_DATE_TIME, XLSX_ELAPSED, XLSX_TEXT };

struct xlsx_format {
	enum xlsx_kind kind;
	int decimals;		/* of those that are fixed */
};

/* Of a code, and of a number that has one of its own by the standard. */
struct xlsx_format xlsx_format_of(const char *code);
struct xlsx_format xlsx_format_id(int64_t id);

/* What is shown of a value; what is no number stays as it is.  1904: days are
 * counted from there. */
void	xlsx_show(char out[XLSX_SHOWN], const struct xlsx_format *,
	    const char *value, bool from_1904);

#endif
