/*
 * How a bucket is reached, as a section of the configuration says it:
 * memkit.conf(5), remote.NAME.* and artifact.s3.*
 */
#ifndef NET_S3_CONF_H
#define NET_S3_CONF_H

#include "base/conf.h"
#include "net/s3.h"

struct s3_conf {
	struct s3_how how;	/* strings are those of the configuration */
	char *url;		/* own; as it is set, with the tenant in the
				   place of "{tenant}"; NULL: it is not */
	char *bucket, *prefix;	/* own; of s3://BUCKET[/PREFIX]: prefix is ""
				   or ends in '/'.  NULL: it is no such url */
	struct strv regions;	/* own */
	const char *class;	/* NULL: the usual */
	int64_t limit;		/* bytes a second each way; 0: none */
};

/* c is empty.  tenant: of the store; NULL: there is
 * none to put in.  ERR_USAGE names the setting; s3_conf_release in any case. */
int	s3_conf_read(struct s3_conf *c, const struct conf *,
	    const char *section, const char *tenant, struct err *);
void	s3_conf_release(struct s3_conf *);

#endif
