/*
 * A folder of a test's own, where it runs; it goes with the test.
 */
#ifndef TESTS_TEMP_DIR_H
#define TESTS_TEMP_DIR_H

#include "base/file.h"

#include <stdlib.h>
#include <unistd.h>

static char temp_top[] = "/tmp/memkit-unit.XXXXXX";

static inline void
temp_begin(void)
{
	if (mkdtemp(temp_top) == NULL || chdir(temp_top) < 0)
		exit(2);
}

static inline int
temp_end(void)
{
	struct err e;

	return chdir("/") < 0 || file_remove_tree(temp_top, &e) < 0 ? 2 : 0;
}

#endif
