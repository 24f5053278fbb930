/*
 * epub: whatever comes, reading it ends, and what is told is text.
 */
#include "fuzz-office.h"

#include "docs/epub.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader(docs_read_epub, p, n);
	return 0;
}
