#include "store/netfs.h"

#include "base/conf.h"
#include "base/file.h"
#include "base/str.h"
#include "store/disk.h"

#include <string.h>
#include <unistd.h>

int
netfs_allowed(const char *dir, const char *kind, const char *host,
    const char *me, struct err *e)
{
	if (host == NULL || *host == '\0')
		return err_set(e, ERR_DENIED, "store '%.160s' is on a network "
		    "file system (%s), where two machines at once would "
		    "destroy it; move it to a local disk, or if only this "
		    "machine uses it: mem-admin config set core.host '%.64s'",
		    dir, kind, me);
	if (str_eq(host, "*") || str_same(host, me))
		return 0;
	return err_set(e, ERR_DENIED, "store '%.160s' is on a network file "
	    "system (%s), and only '%.64s' may use it; this machine is "
	    "'%.64s': change core.host when the other is done with it", dir,
	    kind, host, me);
}

int
netfs_check(const char *dir, struct err *e)
{
	struct buf path = BUF_INIT;
	struct conf *conf = NULL;
	char me[256] = "";
	struct disk d;
	int r;

	disk_look_kind(dir, &d);
	if (!d.network)
		return 0;
	if (gethostname(me, sizeof me - 1) < 0)
		me[0] = '\0';
	file_join(&path, dir, "config");
	if ((r = conf_read(&conf, path.p, e)) == 0)
		r = netfs_allowed(dir, d.kind, conf_get(conf, "core.host",
		    NULL), me, e);
	conf_free(conf);
	buf_release(&path);
	return r;
}
