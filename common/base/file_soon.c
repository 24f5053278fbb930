#define _GNU_SOURCE		/* sync_file_range */
#include "base/file.h"

#include <fcntl.h>

void
file_sync_soon(int fd)
{
#ifdef SYNC_FILE_RANGE_WRITE
	(void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
	(void)fd;
#endif
}
