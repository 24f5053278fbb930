#include "cmd/own_folder.h"

#include "base/buf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
own_folder(struct buf *b, const char *argv0)
{
	char path[PATH_MAX];
	const char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n > 0)
		path[n] = '\0';
	else if (strchr(argv0, '/') == NULL || realpath(argv0, path) == NULL)
		return;
	if ((slash = strrchr(path, '/')) != NULL)
		buf_add(b, path, (size_t)(slash - path));
}
