/*
 * Network file systems.  None is needed: what the system would say is said
 * here.
 */
#include "tap.h"

#include "store/disk.h"
#include "store/netfs.h"

#include <stdlib.h>

static struct err e;

static void
kinds(void)
{
	static const char *const yes[] = { "nfs", "nfs4", "cifs", "smb2",
	    "smbfs", "afs", "ceph", "lustre", "fuse.sshfs", "fuse.rclone",
	    "fuse.glusterfs", "vboxsf" };
	static const char *const no[] = { "", "ext4", "xfs", "apfs", "zfs",
	    "tmpfs", "overlay", "9p", "virtiofs", "fuseblk", "fuse.gocryptfs",
	    "fuse.fuse-overlayfs", "nfsd", "fuse" };
	struct disk d;
	size_t i;

	for (i = 0; i < sizeof yes / sizeof *yes; i++) {
		disk_set_kind(&d, yes[i]);
		ok(d.network && !d.fleeting, "%s is a network's", yes[i]);
		is_str(d.kind, yes[i], "and told so");
	}
	for (i = 0; i < sizeof no / sizeof *no; i++) {
		disk_set_kind(&d, no[i]);
		ok(!d.network, "'%s' is not", no[i]);
	}
	disk_set_kind(&d, "tmpfs");
	ok(d.fleeting, "tmpfs is fleeting");
	disk_set_kind(&d, "fuse.fuse-overlayfs");
	ok(d.fleeting, "so is a container's overlay in user space");
	disk_set_kind(&d, "a name that is longer than there is room for it");
	ok(strlen(d.kind) == sizeof d.kind - 1, "a long name is cut");
}

static void
denied(const char *host, const char *me, const char *says)
{
	int r = netfs_allowed("/home/x/store", "nfs", host, me, &e);

	is_int(r, -1, "core.host '%s', this is '%s': refused",
	    host != NULL ? host : "", me);
	is_int(e.code, ERR_DENIED, "%s", e.msg);
	ok(strstr(e.msg, says) != NULL, "says '%s'", says);
}

static void
hosts(void)
{
	char dir[600];

	denied(NULL, "ada", "config set core.host 'ada'");
	denied("", "ada", "config set core.host 'ada'");
	denied("bob", "ada", "only 'bob' may use it");
	denied("ada.example.org", "ada", "only 'ada.example.org'");
	is_int(netfs_allowed("/x", "nfs", "ada", "ada", &e), 0, "the one");
	is_int(netfs_allowed("/x", "nfs", "Ada", "ada", &e), 0,
	    "names of machines have no case");
	is_int(netfs_allowed("/x", "nfs", "*", "ada", &e), 0, "whichever");
	memset(dir, 'd', sizeof dir);
	dir[sizeof dir - 1] = '\0';
	netfs_allowed(dir, "nfs", NULL, "ada", &e);
	ok(strstr(e.msg, "core.host 'ada'") != NULL,
	    "a long name leaves room for the remedy");
}

int
main(void)
{
	const char *dir = getenv("TMPDIR");
	struct disk d, all;

	kinds();
	hosts();
	disk_look_kind(dir != NULL ? dir : "/tmp", &d);
	is_int(disk_look(dir != NULL ? dir : "/tmp", &all, &e), 0, "a disk");
	is_str(d.kind, all.kind, "both ways tell the same kind");
	disk_look_kind("/nowhere/at/all", &d);
	is_str(d.kind, "", "of what is not there nothing is told");
	if (!all.network)
		is_int(netfs_check(dir != NULL ? dir : "/tmp", &e), 0,
		    "this one may be used");
	return done();
}
