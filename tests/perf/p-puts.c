/*
 * p-puts DIR: the calls that a batch of puts to local_fs cannot do without,
 * for the files that standard input names: each is read, written under another
 * name, and renamed; 256 of them share a syncfs and an fsync of the folder.  No
 * hashes, no rows, nothing printed: what remains is the system's.
 */
#define _GNU_SOURCE		/* syncfs */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 256

static int
place(int tmp, int dir, int from, int to)
{
	char name[32];
	int i;

#ifdef __linux__
	if (syncfs(tmp) < 0)
		return -1;
#else
	sync();
#endif
	for (i = from; i < to; i++) {
		snprintf(name, sizeof name, "put%d", i);
		if (renameat(tmp, name, dir, name) < 0)
			return -1;
	}
	return fsync(dir);
}

static int
copy(const char *path, int tmp, int n)
{
	static char bytes[65536];
	char name[32];
	struct stat sb;
	int in = open(path, O_RDONLY | O_CLOEXEC), out;
	ssize_t len;

	if (in < 0 || fstat(in, &sb) < 0)
		return -1;
	len = read(in, bytes, sizeof bytes);
	if (len < 0 || read(in, bytes + len, 1) != 0)
		return -1;
	close(in);
	snprintf(name, sizeof name, "put%d", n);
	out = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return out < 0 || write(out, bytes, (size_t)len) != len ? -1 :
	    close(out);
}

int
main(int argc, char **argv)
{
	char line[4096];
	int dir, tmp, n = 0, done = 0;

	if (argc != 2 || mkdir(argv[1], 0700) < 0 ||
	    (dir = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0 ||
	    mkdirat(dir, "tmp", 0700) < 0 ||
	    (tmp = openat(dir, "tmp", O_RDONLY | O_DIRECTORY)) < 0)
		return 2;
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (copy(line, tmp, n++) < 0)
			return 2;
		if (n % BATCH == 0) {
			if (place(tmp, dir, done, n) < 0)
				return 2;
			done = n;
		}
	}
	return place(tmp, dir, done, n) < 0 ? 2 : 0;
}
