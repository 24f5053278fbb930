/*
 * blob-s3: keeps objects of artifacts in a bucket.  A program that the tools
 * run (blob/blob_net.h), so that none of them has libcurl in it.
 */
#include "cmd/blob_serve.h"
#include "cmd/serve.h"
#include "cmd/orphan.h"
#include "net/blob_s3.h"
#include "store/store.h"

static int
open_s3(void **out, const struct store *st, struct err *e)
{
	return blob_s3_open(out, st->conf, &orphan, serve_again,
	    e);
}

int
main(int argc, char **argv)
{
	static const struct blob_server server = { "blob-s3",
	    "keeps objects of artifacts in a bucket, for memkit",
	    "artifact.s3.url", open_s3, &blob_s3, blob_s3_hide };

	return blob_serve(&server, argc, argv);
}
