/*
 * HTML as it is found.
 */
#include "fuzz-docs.h"

#include "docs/html.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_read(docs_read_html, "a/b.html", data, len);
	return 0;
}
