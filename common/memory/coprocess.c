#include "memory/coprocess.h"

#include "base/file.h"
#include "store/store.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LIBEXEC_DIR
#define LIBEXEC_DIR "/usr/local/libexec/memkit"
#endif

/*
 * Who can write the configuration can have a program run, and texts sent
 * away: that must be nobody but us or root.
 */
int
coprocess_allowed(const struct store *st, const char *key, struct err *e)
{
	struct buf path = BUF_INIT;
	struct stat sb;
	int r = 0;

	file_join(&path, st->dir, "config");
	if (stat(path.p, &sb) < 0)
		r = err_sys(e, "cannot look at '%s'", path.p);
	else if (sb.st_uid != geteuid() && sb.st_uid != 0)
		r = err_set(e, ERR_DENIED, "%s is not obeyed: '%s' belongs to "
		    "another user", key, path.p);
	else if (sb.st_mode & (S_IWGRP | S_IWOTH))
		r = err_set(e, ERR_DENIED, "%s is not obeyed: others may write "
		    "to '%s'; chmod go-w it", key, path.p);
	buf_release(&path);
	return r;
}

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
