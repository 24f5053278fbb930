#include "net/s3_preset.h"

#include "base/str.h"

#include <stddef.h>

#define IF_NONE "if-none-match: *"

const struct s3_preset s3_presets[] = {
	{ "s3", "anything that speaks S3", NULL, S3_STYLE_PATH, IF_NONE, true,
	    NULL, "Amazon S3 API Reference" },
	{ "aws", "Amazon S3", "https://s3.%s.amazonaws.com", S3_STYLE_HOST,
	    IF_NONE, true,
	    "a bucket with a dot in its name is asked by path: no "
	    "certificate covers it",
	    "S3 User Guide: Virtual hosting of buckets; Add preconditions to "
	    "S3 operations with conditional requests" },
	{ "minio", "MinIO", NULL, S3_STYLE_PATH, IF_NONE, true,
	    "an object 'a' hides 'a/b' from listings; overload is 429 with "
	    "Retry-After: 60; encryption needs a KMS, or is refused with 501",
	    "tried" },
	{ "ceph", "Ceph RADOS Gateway", NULL, S3_STYLE_PATH, IF_NONE, true,
	    "If-None-Match is not looked at when an upload in parts is "
	    "completed, and its ETag is not told; a host named localhost is "
	    "taken for a bucket",
	    "tried (16.2); docs.ceph.com, RADOS Gateway, S3 API" },
	{ "oss", "Alibaba Cloud OSS", "https://s3.oss-%s.aliyuncs.com",
	    S3_STYLE_HOST, "x-oss-forbid-overwrite: true", true,
	    "by host only; If-None-Match on a PUT is answered with 501; its "
	    "own header has no effect in a bucket with versions",
	    "alibabacloud.com/help/en/oss/developer-reference/"
	    "compatibility-with-amazon-s3, .../use-aws-sdks-to-access-oss; "
	    "github.com/apache/arrow-rs-object-store/issues/416" },
	{ "cos", "Tencent Cloud COS", "https://cos.%s.myqcloud.com",
	    S3_STYLE_HOST, "x-cos-forbid-overwrite: true", true,
	    "the bucket's name ends in -APPID; by host only since 2024; "
	    "metadata up to 2 kB, without '_' in names",
	    "tencentcloud.com/document/product/436/57456, .../436/7749; "
	    "github.com/apache/opendal/pull/8043" },
	{ "gateway", "a gateway over a file system (versitygw; NFS)", NULL,
	    S3_STYLE_PATH, IF_NONE, false,
	    "headers that ask for encryption get a 200 and are ignored; 409 "
	    "for a key below an object",
	    "tried (versitygw 1.8)" },
	{ NULL, NULL, NULL, S3_STYLE_PATH, NULL, false, NULL, NULL }
};

const struct s3_preset *
s3_preset(const char *name)
{
	const struct s3_preset *p;

	for (p = s3_presets; p->name != NULL; p++)
		if (str_eq(p->name, name))
			return p;
	return NULL;
}
