/* Files that say they are of the format gemini: the first byte tells which
 * of its two forms. */
#include "fuzz-from.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct from_opts o = FROM_ALL(&from_gemini, NULL);

	if (len == 0)
		return 0;
	return fuzz_from(&o, *data & 1 ? FROM_LINES : FROM_VALUES, data + 1,
	    len - 1);
}
