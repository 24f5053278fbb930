/*
 * SpreadsheetML in a zip (ECMA-376 part 1, 18): .xlsx, .xlsm, .xltx.  A sheet
 * is a section, in the order of the workbook; " (hidden)" is said behind the
 * name of one that is.  A row of cells is one of a table, each in its column;
 * the first of a sheet that has text in two cells or more, and nothing else,
 * names the columns.  Values are as they are shown (docs/xlsx_format.h).
 */
#ifndef DOCS_XLSX_H
#define DOCS_XLSX_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_xlsx(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
