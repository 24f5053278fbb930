/* Files that say they are of the format github. */
#include "fuzz-from.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct from_opts o = FROM_ALL(&from_github, NULL);

	return fuzz_from(&o, FROM_VALUES, data, len);
}
