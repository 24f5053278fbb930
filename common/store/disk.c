/*
 * POSIX tells how much room there is, not what kind of file system it is.
 * Linux tells by a magic number (statfs(2)); file systems in user space
 * share one number, and only mountinfo has their names.  The BSDs have names,
 * and a flag for what is local.
 *
 * What a virtual machine has of its host by 9p or virtiofs is not called a
 * network: small sandboxes have their root on it, and no other machine.
 */
#include "store/disk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__)
#define HAVE_FSTYPENAME
#include <sys/param.h>
#include <sys/mount.h>
#endif

static const char *const fleeting[] = { "tmpfs", "ramfs", "overlay", "aufs",
    "fuse.fuse-overlayfs" };

/* Also those of clusters: SQLite's log is in memory that is shared by the
 * processes of one machine. */
static const char *const network[] = { "nfs", "nfs4", "cifs", "smb", "smb2",
    "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "ceph", "coda", "ncpfs",
    "gfs2", "ocfs2", "lustre", "gpfs", "beegfs", "panfs", "ibrix", "acfs",
    "snfs", "orangefs", "vboxsf", "vmhgfs", "prl_fs",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.goofys", "fuse.gcsfuse",
    "fuse.mountpoint-s3", "fuse.blobfuse", "fuse.blobfuse2", "fuse.glusterfs",
    "fuse.ceph-fuse", "fuse.ceph", "fuse.juicefs", "fuse.mfs",
    "fuse.moosefs", "fuse.lizardfs", "fuse.seaweedfs", "fuse.davfs",
    "fuse.davfs2", "fuse.curlftpfs", "fuse.smbnetfs", "fuse.gvfsd-fuse",
    "fuse.vmhgfs-fuse", "fuse.afpfs", "fuse.google-drive-ocamlfuse",
    "fuse.fuse_dfs", "fuse.kio-fuse" };

static bool
is_one(const char *kind, const char *const *names, size_t n)
{
	while (n-- > 0)
		if (strcmp(kind, names[n]) == 0)
			return true;
	return false;
}

void
disk_set_kind(struct disk *d, const char *kind)
{
	snprintf(d->kind, sizeof d->kind, "%s", kind);
	d->fleeting = is_one(d->kind, fleeting,
	    sizeof fleeting / sizeof *fleeting);
	d->network = is_one(d->kind, network,
	    sizeof network / sizeof *network);
}

#ifdef __linux__
#define FUSE_MAGIC 0x65735546

static const struct {
	uint32_t magic;
	const char *name;
} magics[] = {	/* linux/magic.h, and GNU coreutils' stat.c */
	{ 0x01021994, "tmpfs" },
	{ 0x858458f6, "ramfs" },
	{ 0x794c7630, "overlay" },
	{ 0x61756673, "aufs" },
	{ 0x00006969, "nfs" },
	{ 0xff534d42, "cifs" },
	{ 0xfe534d42, "smb2" },
	{ 0x0000517b, "smb" },
	{ 0x5346414f, "afs" },		/* OpenAFS */
	{ 0x6b414653, "afs" },		/* the kernel's */
	{ 0x00c36400, "ceph" },
	{ 0x73757245, "coda" },
	{ 0x0000564c, "ncpfs" },
	{ 0x01161970, "gfs2" },
	{ 0x7461636f, "ocfs2" },
	{ 0x0bd00bd0, "lustre" },
	{ 0x47504653, "gpfs" },
	{ 0x19830326, "beegfs" },
	{ 0xaad7aaea, "panfs" },
	{ 0x013111a8, "ibrix" },
	{ 0x61636673, "acfs" },
	{ 0xbeefdead, "snfs" },
	{ 0x20030528, "orangefs" },
	{ 0x786f4256, "vboxsf" },
	{ 0xbacbacbc, "vmhgfs" },
	{ 0x7c7c6673, "prl_fs" },
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
	char line[4096], kind[32] = "";
	struct stat sb;
	FILE *f;

	if (stat(path, &sb) < 0 ||
	    (f = fopen("/proc/self/mountinfo", "re")) == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL)
		if (mount_line(line, sb.st_dev, kind))
			break;
	fclose(f);
	disk_set_kind(d, kind);
}

void
disk_look_kind(const char *path, struct disk *d)
{
	struct statfs fs;
	size_t i;

	disk_set_kind(d, "");
	if (statfs(path, &fs) < 0)
		return;
	if ((uint32_t)fs.f_type == FUSE_MAGIC)
		look_fuse(path, d);
	for (i = 0; i < sizeof magics / sizeof *magics; i++)
		if ((uint32_t)fs.f_type == magics[i].magic)
			disk_set_kind(d, magics[i].name);
}
#elif defined(HAVE_FSTYPENAME)
void
disk_look_kind(const char *path, struct disk *d)
{
	struct statfs fs;

	disk_set_kind(d, "");
	if (statfs(path, &fs) < 0)
		return;
	disk_set_kind(d, fs.f_fstypename);
	d->fleeting = false;
	/* what is in user space may be local and not say so */
	if (!(fs.f_flags & MNT_LOCAL) && strstr(d->kind, "fuse") == NULL)
		d->network = true;
}
#elif defined(__NetBSD__)
void
disk_look_kind(const char *path, struct disk *d)
{
	struct statvfs v;

	disk_set_kind(d, "");
	if (statvfs(path, &v) < 0)
		return;
	disk_set_kind(d, v.f_fstypename);
	d->fleeting = false;
}
#else
void
disk_look_kind(const char *path, struct disk *d)
{
	(void)path;
	disk_set_kind(d, "");
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
	disk_look_kind(path, &d);
	*out = d;
	return 0;
}
