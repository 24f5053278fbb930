/*
 * Markdown.
 */
#include "fuzz-docs.h"

#include "docs/markdown.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_read(docs_read_markdown, "a/b.md", data, len);
	return 0;
}
