/*
 * A program that keeps objects of artifacts somewhere, for the tools
 * (blob/blob_net.h): what blob-s3 and blob-ipfs have in common.
 *
 *	NAME --store DIR			questions on standard input,
 *						answers on standard output
 *						(blob/blob_line.h)
 *	NAME --store DIR --get KEY ...		its bytes
 *	NAME --store DIR --list PREFIX		a line for each key
 *
 * The second and the third end with 0 when all of it was printed and right;
 * else the last line on standard error is "NAME: CODE: why".  The first ends
 * with its input.  It also stops between two steps when who started it dies:
 * nothing must come to be there that nobody waits for.
 */
#ifndef CMD_BLOB_SERVE_H
#define CMD_BLOB_SERVE_H

#include "base/conf.h"
#include "blob/blob.h"

struct store;

/*
 * What such a program is.  open reads the settings, which nobody else could
 * write: it is called at the first question, again after it failed, and asks
 * nothing elsewhere.  Each function of kind then gets what it opened; close
 * is called once.
 *
 * Of put, head and drop: r of each object is 0 when they are called, where is
 * BLOB_ABSENT.  Bytes in memory are those of sha256; of a file (blob_file.h)
 * that is to be found out.
 */
struct blob_server {
	const char *name, *about;
	const char *setting;	/* for store_obeys: "artifact.s3.url" */
	int (*open)(void **, const struct store *, struct err *);
	const struct blob_kind *kind;	/* check is not called */
	/* Stars for what a text has of its secrets; NULL: it has none. */
	void (*hide)(const void *, char *text);
};

/* The whole program; its exit status. */
int	blob_serve(const struct blob_server *, int argc, char **argv);

#endif
