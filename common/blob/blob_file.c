#include "blob/blob_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int
blob_file_open(const struct blob *b, struct err *e)
{
	struct stat sb;
	int fd = open(b->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", b->path);
	if (fstat(fd, &sb) < 0)
		err_sys(e, "cannot look at '%s'", b->path);
	else if (!S_ISREG(sb.st_mode))
		err_set(e, ERR_INPUT, "'%s' is no file", b->path);
	else if ((uint64_t)sb.st_size != b->size)
		err_set(e, ERR_INPUT, "'%s' has not the size that it is to "
		    "have", b->path);
	else
		return fd;
	close(fd);
	return -1;
}
