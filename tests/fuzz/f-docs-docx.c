/*
 * docx: whatever comes, reading it ends, and what is told is text.
 */
#include "fuzz-office.h"

#include "docs/docx.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader(docs_read_docx, p, n);
	return 0;
}
