#include "base/coprocess.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#ifndef LIBEXEC_DIR
#define LIBEXEC_DIR "/usr/local/libexec/memkit"
#endif

void
coprocess_path(const char *name, struct buf *path)
{
	char exe[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	if (n > 0) {
		exe[n] = '\0';
		if ((slash = strrchr(exe, '/')) != NULL)
			*slash = '\0';
		buf_addf(path, "%s/../libexec/memkit/%s", exe, name);
		if (access(path->p, X_OK) == 0)
			return;
	}
	buf_reset(path);
	buf_addf(path, "%s/%s", LIBEXEC_DIR, name);
}
