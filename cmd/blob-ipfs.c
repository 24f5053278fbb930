/*
 * blob-ipfs: keeps objects of artifacts on IPFS.  A program that the tools run
 * (blob/blob_net.h), so that none of them has libcurl in it.
 */
#include "cmd/blob_serve.h"
#include "cmd/serve.h"
#include "cmd/orphan.h"
#include "net/blob_ipfs.h"
#include "store/store.h"

static int
open_ipfs(void **out, const struct store *st, struct err *e)
{
	return blob_ipfs_open(out, st->conf, &orphan,
	    serve_again, e);
}

int
main(int argc, char **argv)
{
	static const struct blob_server server = { "blob-ipfs",
	    "keeps objects of artifacts on IPFS, for memkit",
	    "artifact.ipfs.api", open_ipfs, &blob_ipfs, blob_ipfs_hide };

	return blob_serve(&server, argc, argv);
}
