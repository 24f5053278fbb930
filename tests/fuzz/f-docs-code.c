/*
 * Source code: the first byte says of which language.
 */
#include "fuzz-docs.h"

#include "docs/code.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { "a.c", "a.py", "a.js", "a.rs",
	    "a.sh", "a.java", "a.lua", "a.lisp", "a.css", "a" };

	if (len > 0)
		fuzz_read(docs_read_code, names[data[0] % 10], data + 1,
		    len - 1);
	return 0;
}
