/*
 * The settings of a remote: memkit.conf(5), remote.NAME.*
 */
#include "sync/remote_kind.h"

#include "base/alloc.h"
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

/* A bucket that others may use, too, is not taken whole by mistake. */
static int
check_whole(const struct remote_conf *c, const struct conf *conf,
    struct err *e)
{
	struct buf key = BUF_INIT;
	bool whole = false;
	int r;

	buf_addf(&key, "remote.%s.wholeBucket", c->name);
	r = conf_get_bool(conf, key.p, &whole, e);
	buf_release(&key);
	if (r < 0 || whole || c->s3.prefix[0] != '\0')
		return r < 0 ? -1 : 0;
	return err_set(e, ERR_USAGE, "its url names a whole bucket: add a "
	    "prefix (s3://%s/PREFIX), or set remote.%s.wholeBucket = true if "
	    "nothing else is in there", c->s3.bucket, c->name);
}

int
remote_conf_read(struct remote_conf *c, const struct conf *conf,
    const char *name, const char *tenant, struct err *e)
{
	struct buf section = BUF_INIT;
	const char *url;
	int r;

	c->name = name;
	buf_addf(&section, "remote.%s", name);
	r = s3_conf_read(&c->s3, conf, section.p, tenant, e);
	buf_release(&section);
	if (r < 0)
		return -1;
	if ((url = c->s3.url) == NULL)
		return err_set(e, ERR_ABSENT, "there is no such remote: "
		    "remote.%s.url is not set", name);
	if (c->s3.bucket != NULL)
		return check_whole(c, conf, e);
	if (str_starts(url, "file://"))
		url += 7;
	if (*url != '/')
		return err_set(e, ERR_USAGE, "'%.200s' is none of "
		    "s3://BUCKET/PREFIX, file:///FOLDER and /FOLDER", url);
	c->path = xstrdup(url);
	c->s3.how.at_once = 1;
	return 0;
}

void
remote_conf_release(struct remote_conf *c)
{
	free(c->path);
	s3_conf_release(&c->s3);
}
