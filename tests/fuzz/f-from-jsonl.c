/* A mapping, a NUL, and lines to read by it. */
#include "fuzz-from.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = len > 0 ? memchr(data, 0, len) : NULL;
	struct from_opts o = FROM_ALL(&from_jsonl, NULL);
	struct from_map *map = NULL;
	struct err e;
	size_t n;

	if (end == NULL)
		return 0;
	n = (size_t)(end - data);
	if (from_map_parse(&map, (const char *)data, n, "map", &e) == 0) {
		o.map = map;
		fuzz_from(&o, FROM_LINES, end + 1, len - n - 1);
	} else
		must(e.code == ERR_INPUT);
	from_map_free(map);
	return 0;
}
