/*
 * Plain text.
 */
#include "fuzz-docs.h"

#include "docs/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_read(docs_read_text, "a/b.txt", data, len);
	return 0;
}
