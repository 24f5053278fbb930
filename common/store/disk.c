/*
 * POSIX tells how much room there is, not what kind of file system it is.
 * Linux tells by a magic number (statfs(2)); file systems in user space
 * share one number, and only mountinfo has their names.  Elsewhere nothing
 * is called fleeting.
 */
#include "store/disk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#endif

#ifdef __linux__
#define FUSE_MAGIC 0x65735546

static const struct {
	uint32_t magic;
	const char *name;
} fleeting[] = {	/* linux/magic.h */
	{ 0x01021994, "tmpfs" },
	{ 0x858458f6, "ramfs" },
	{ 0x794c7630, "overlay" },
	{ 0x61756673, "aufs" },
};

/*
 * A line of mountinfo: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3
 * /dev/root rw,errors=continue" (proc(5)).
 */
static bool
mount_line(const char *line, dev_t dev, char kind[32])
{
	unsigned major_no, minor_no;
	const char *p;

	if (sscanf(line, "%*d %*d %u:%u", &major_no, &minor_no) != 2 ||
	    major_no != major(dev) || minor_no != minor(dev) ||
	    (p = strstr(line, " - ")) == NULL)
		return false;
	return sscanf(p + 3, "%31s", kind) == 1;
}

static void
look_fuse(const char *path, struct disk *d)
{
	char line[4096];
	struct stat sb;
	FILE *f;

	if (stat(path, &sb) < 0 ||
	    (f = fopen("/proc/self/mountinfo", "re")) == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL)
		if (mount_line(line, sb.st_dev, d->kind))
			break;
	fclose(f);
	d->fleeting = strcmp(d->kind, "fuse.fuse-overlayfs") == 0;
}

static void
look_kind(const char *path, struct disk *d)
{
	struct statfs fs;
	size_t i;

	if (statfs(path, &fs) < 0)
		return;
	if ((uint32_t)fs.f_type == FUSE_MAGIC) {
		look_fuse(path, d);
		return;
	}
	for (i = 0; i < sizeof fleeting / sizeof *fleeting; i++)
		if ((uint32_t)fs.f_type == fleeting[i].magic) {
			snprintf(d->kind, sizeof d->kind, "%s",
			    fleeting[i].name);
			d->fleeting = true;
		}
}
#else
static void
look_kind(const char *path, struct disk *d)
{
	(void)path;
	(void)d;
}
#endif

int
disk_look(const char *path, struct disk *out, struct err *e)
{
	struct disk d = { .kind = "" };
	struct statvfs v;
	uint64_t used, all;

	if (statvfs(path, &v) < 0)
		return err_sys(e, "cannot ask for the room at '%s'", path);
	d.total = (int64_t)v.f_blocks * (int64_t)v.f_frsize;
	d.free = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	used = v.f_blocks - v.f_bfree;
	/* what is kept for root is neither used nor free */
	all = used + v.f_bavail;
	d.used_percent = all == 0 ? 0 :
	    (int)((used * 100 + all - 1) / all);
	look_kind(path, &d);
	*out = d;
	return 0;
}
