#include "cmd/part.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_part(struct part *p, struct err *e)
{
	struct stat sb;

	if (lock_take(&p->lock, p->path.p, 0, e) < 0)
		return -1;
	if (fstat(p->lock.fd, &sb) < 0 || !S_ISREG(sb.st_mode))
		return err_set(e, ERR_EXISTS, "'%s' is not a file", p->path.p);
	if (ftruncate(p->lock.fd, 0) < 0 || lseek(p->lock.fd, 0, SEEK_SET) < 0)
		return err_sys(e, "cannot write '%s'", p->path.p);
	return 0;
}

int
part_begin(struct part *p, const char *path, struct err *e)
{
	struct stat sb;

	*p = (struct part){ .lock = LOCK_INIT, .path = BUF_INIT,
	    .name = path };
	if (lstat(path, &sb) == 0 && !S_ISREG(sb.st_mode))
		return err_set(e, ERR_EXISTS, "'%s' is not a file; give '-' "
		    "to write elsewhere", path);
	buf_addf(&p->path, "%s.part", path);
	if (open_part(p, e) == 0)
		return 0;
	lock_drop(&p->lock);
	buf_release(&p->path);
	return -1;
}

static int
finish(struct part *p, struct err *e)
{
	char *dir = strdup(p->name), *slash;
	int r = 0;

	if (fsync(p->lock.fd) < 0)
		r = err_sys(e, "cannot sync '%s'", p->path.p);
	else if (rename(p->path.p, p->name) < 0)
		r = err_sys(e, "cannot name '%s' '%s'", p->path.p, p->name);
	/* not lock_drop: it empties what is now the file */
	if (close(p->lock.fd) < 0 && r == 0)
		r = err_sys(e, "cannot write '%s'", p->name);
	p->lock.fd = -1;
	if (r == 0 && dir != NULL) {
		slash = strrchr(dir, '/');
		if (slash != NULL)
			slash[slash == dir] = '\0';
		r = file_sync_dir(slash != NULL ? dir : ".", e);
	}
	free(dir);
	return r;
}

int
part_end(struct part *p, int r, struct err *e)
{
	if (r == 0)
		r = finish(p, e);
	if (r < 0)
		unlink(p->path.p);
	lock_drop(&p->lock);
	buf_release(&p->path);
	return r;
}
